//! One row a scope: a bar for the level on the left, one for the growth on the right.

use rust_decimal::Decimal;

use super::Bar;
use super::canvas::{At, Canvas, LETTER, text_width};
use super::scale::Scale;

const WIDTH: i64 = 720;
const LABEL_WIDTH: i64 = 206;
const LEVEL_LEFT: i64 = 216;
const LEVEL_WIDTH: i64 = 220;
const GROWTH_LEFT: i64 = 530;
const GROWTH_WIDTH: i64 = 140;
const TOP: i64 = 26;
const ROW: i64 = 36;
const BAR: i64 = 16;

/// Draws the rows.
pub(super) fn draw([level_heading, growth_heading]: [&str; 2], bars: &[Bar]) -> Canvas {
    let rows = i64::try_from(bars.len()).unwrap_or_default();
    let bottom = TOP + rows * ROW;
    let mut canvas = Canvas { width: WIDTH, height: bottom + 6, ..Canvas::default() };
    let levels = Scale::around(bars.iter().filter_map(|row| row.level), 4);
    let growths = Scale::around(bars.iter().filter_map(|row| row.growth), 4);
    canvas.text("heading", At::new(LEVEL_LEFT, LETTER), level_heading);
    let zero = Decimal::from(GROWTH_LEFT) + growths.place(Decimal::ZERO, GROWTH_WIDTH);
    let fitting = Decimal::from(WIDTH - text_width(growth_heading));
    canvas.text("heading", At::new(zero.min(fitting), LETTER), growth_heading);
    for (row, place) in bars.iter().zip(0_i64..) {
        let middle = TOP + place * ROW + ROW / 2;
        canvas.label(At::new(0, middle), LABEL_WIDTH, &row.label);
        level(&mut canvas, row, levels, middle);
        growth(&mut canvas, row, growths, middle);
    }
    for (left, scale, width) in
        [(LEVEL_LEFT, levels, LEVEL_WIDTH), (GROWTH_LEFT, growths, GROWTH_WIDTH)]
    {
        let zero = Decimal::from(left) + scale.place(Decimal::ZERO, width);
        canvas.line("zero", At::new(zero, TOP), At::new(zero, bottom));
    }
    canvas
}

fn level(canvas: &mut Canvas, row: &Bar, scale: Scale, middle: i64) {
    let left = Decimal::from(LEVEL_LEFT);
    let zero = left + scale.place(Decimal::ZERO, LEVEL_WIDTH);
    let end = left + scale.place(row.level.unwrap_or_default(), LEVEL_WIDTH);
    let corners = (At::new(zero, middle - BAR / 2), At::new(end, middle + BAR / 2));
    canvas.bar("bar", corners, &row.level_text);
    let beside = zero.max(end) + Decimal::from(6);
    canvas.text("value", At::new(beside, middle + LETTER / 3), &row.level_text);
}

/// The figure stands outside the end of its bar, on the side the bar points to.
fn growth(canvas: &mut Canvas, row: &Bar, scale: Scale, middle: i64) {
    let left = Decimal::from(GROWTH_LEFT);
    let zero = left + scale.place(Decimal::ZERO, GROWTH_WIDTH);
    let Some(growth) = row.growth else {
        let at = At::new(zero + Decimal::from(6), middle + LETTER / 3);
        canvas.text("value", at, &row.growth_text);
        return;
    };
    let end = left + scale.place(growth, GROWTH_WIDTH);
    let corners = (At::new(zero, middle - BAR / 2), At::new(end, middle + BAR / 2));
    let is_down = growth < Decimal::ZERO;
    canvas.bar(if is_down { "bar down" } else { "bar growth" }, corners, &row.growth_text);
    let width = Decimal::from(text_width(&row.growth_text) + 6);
    let beside = if is_down { end - width } else { end + Decimal::from(6) };
    canvas.text("value", At::new(beside, middle + LETTER / 3), &row.growth_text);
}
