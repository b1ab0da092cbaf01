//! Months side by side: output as bars above, growth of the year to date as a line below.
//!
//! Each calendar month has its slot, so a month without a report is a gap. February's bar fills
//! January's slot too. The line breaks between years, where the year to date begins anew.

use rust_decimal::Decimal;

use super::Bar;
use super::canvas::{At, Canvas, LETTER, text_width};
use super::scale::Scale;
use crate::domain::period::Period;
use crate::stages::publish::brief::figures;

const WIDTH: i64 = 720;
const LEFT: i64 = 44;
const RIGHT: i64 = 710;
const BARS_TOP: i64 = 34;
const BARS_HEIGHT: i64 = 150;
const LINE_TOP: i64 = 270;
const LINE_HEIGHT: i64 = 90;

/// One month of a chart.
pub(super) struct Month {
    pub(super) period: Period,
    /// How many months the level covers: two in February, whose report is January's too.
    pub(super) span: u32,
    /// Its year's name on the axis.
    pub(super) year: String,
    /// Its name on the axis, its level per month, and its growth of the year to date.
    pub(super) bar: Bar,
}

/// Draws both panels over one row of month names.
pub(super) fn draw([level_heading, growth_heading]: [&str; 2], months: &[Month]) -> Canvas {
    let mut canvas =
        Canvas { width: WIDTH, height: LINE_TOP + LINE_HEIGHT + 10, ..Canvas::default() };
    let Some(slots) = Slots::over(months) else { return canvas };
    let levels = Scale::around(months.iter().filter_map(|month| month.bar.level), 4);
    let growths = Scale::around(months.iter().filter_map(|month| month.bar.growth), 3);
    canvas.text("heading", At::new(0, LETTER), level_heading);
    canvas.text("heading", At::new(0, LINE_TOP - 16), growth_heading);
    grid(&mut canvas, levels, BARS_TOP, BARS_HEIGHT);
    grid(&mut canvas, growths, LINE_TOP, LINE_HEIGHT);
    bars(&mut canvas, months, slots, levels);
    names(&mut canvas, months, slots);
    line(&mut canvas, months, slots, growths);
    canvas
}

/// The calendar months of a chart, each with its place.
#[derive(Clone, Copy)]
struct Slots {
    first: i64,
    width: Decimal,
}

impl Slots {
    fn over(months: &[Month]) -> Option<Self> {
        let (first, last) = (months.first()?, months.last()?);
        let first = ordinal(first.period) - i64::from(first.span) + 1;
        let count = ordinal(last.period) - first + 1;
        let width = Decimal::from(RIGHT - LEFT).checked_div(Decimal::from(count))?;
        Some(Self { first, width })
    }

    /// The right end of a month's slot.
    fn end(self, period: Period) -> Decimal {
        Decimal::from(LEFT) + self.width * Decimal::from(ordinal(period) - self.first + 1)
    }

    /// The middle of the months a report covers.
    fn middle(self, month: &Month) -> Decimal {
        self.end(month.period) - self.width * Decimal::from(month.span) / Decimal::TWO
    }
}

fn ordinal(period: Period) -> i64 {
    i64::from(period.year()) * 12 + i64::from(period.month())
}

fn grid(canvas: &mut Canvas, scale: Scale, top: i64, height: i64) {
    for tick in scale.ticks() {
        let y = Decimal::from(top + height) - scale.place(tick, height);
        let class = if tick.is_zero() { "zero" } else { "grid" };
        canvas.line(class, At::new(LEFT, y), At::new(RIGHT, y));
        let text = figures::fixed(tick, scale.places());
        canvas.text("tick end", At::new(Decimal::from(LEFT - 6), y + Decimal::from(4)), &text);
    }
}

fn bars(canvas: &mut Canvas, months: &[Month], slots: Slots, scale: Scale) {
    let bottom = Decimal::from(BARS_TOP + BARS_HEIGHT);
    let zero = bottom - scale.place(Decimal::ZERO, BARS_HEIGHT);
    let gap = slots.width / Decimal::from(6);
    for (place, month) in months.iter().enumerate() {
        let Some(level) = month.bar.level else { continue };
        let end = slots.end(month.period);
        let start = end - slots.width * Decimal::from(month.span);
        let y = bottom - scale.place(level, BARS_HEIGHT);
        let is_last = place + 1 == months.len();
        let class = match (is_last, 1 < month.span) {
            (true, _) => "bar",
            (false, true) => "bar past two",
            (false, false) => "bar past",
        };
        let hint = format!("{} {}: {}", month.year, month.bar.label, month.bar.level_text);
        canvas.bar(class, (At::new(start + gap, zero), At::new(end - gap, y)), &hint);
        if is_last {
            let half = Decimal::from(text_width(&month.bar.level_text) / 2);
            let x = slots.middle(month).min(Decimal::from(RIGHT) - half);
            canvas.text("value middle", At::new(x, y - Decimal::from(6)), &month.bar.level_text);
        }
    }
}

/// Names of months, thinned out until they do not touch; the year under its first month.
fn names(canvas: &mut Canvas, months: &[Month], slots: Slots) {
    let y = Decimal::from(BARS_TOP + BARS_HEIGHT + LETTER + 6);
    let mut free_from = Decimal::ZERO;
    let mut year = "";
    for month in months {
        let middle = slots.middle(month);
        let half = Decimal::from(text_width(&month.bar.label) / 2);
        if free_from <= middle - half {
            canvas.text("tick middle", At::new(middle, y), &month.bar.label);
            free_from = middle + half + Decimal::from(4);
        }
        if year != month.year {
            year = &month.year;
            let start = slots.end(month.period) - slots.width * Decimal::from(month.span);
            canvas.line(
                "year",
                At::new(start, y - Decimal::from(12)),
                At::new(start, y + Decimal::from(20)),
            );
            let at = At::new(start + Decimal::from(5), y + Decimal::from(LETTER + 5));
            canvas.text("tick", at, year);
        }
    }
}

fn line(canvas: &mut Canvas, months: &[Month], slots: Slots, scale: Scale) {
    let bottom = Decimal::from(LINE_TOP + LINE_HEIGHT);
    let place = |month: &Month| {
        let y = bottom - scale.place(month.bar.growth?, LINE_HEIGHT);
        Some(At::new(slots.middle(month), y))
    };
    for year in months.chunk_by(|a, b| a.year == b.year) {
        for stretch in year.split(|month| month.bar.growth.is_none()) {
            canvas.path("growth", &stretch.iter().filter_map(place).collect::<Vec<_>>());
        }
    }
    for (index, month) in months.iter().enumerate() {
        let Some(at) = place(month) else { continue };
        let hint = format!("{} {}: {}", month.year, month.bar.label, month.bar.growth_text);
        canvas.dot("growth", at, &hint);
        if index + 1 == months.len() {
            let half = Decimal::from(text_width(&month.bar.growth_text) / 2);
            let x = at.x.min(Decimal::from(RIGHT) - half);
            canvas.text(
                "value middle",
                At::new(x, at.y - Decimal::from(8)),
                &month.bar.growth_text,
            );
        }
    }
}
