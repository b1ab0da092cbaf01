//! One row a target: how much is attained, and where the calendar and last year would have it.

use rust_decimal::Decimal;

use super::canvas::{At, Canvas, LETTER, text_width};
use super::scale::Scale;

const WIDTH: i64 = 720;
const LABEL_WIDTH: i64 = 230;
const LEFT: i64 = 240;
const TRACK: i64 = 410;
const TOP: i64 = 24;
const ROW: i64 = 38;
const BAR: i64 = 14;
const MARK: i64 = 24;

/// A bar longer than this is cut: its figure still tells how far it goes.
const SHARE_MAX: Decimal = Decimal::from_parts(15, 0, 0, false, 1);

/// One target.
pub(super) struct Bullet {
    pub(super) label: String,
    /// Share attained, 1 is the whole.
    pub(super) attained: Decimal,
    pub(super) attained_text: String,
    /// Share of the year gone by, where it can be compared.
    pub(super) time: Option<Decimal>,
    /// Share of last year reached at the same month, where it can be compared.
    pub(super) seasonal: Option<Decimal>,
    /// How it stands, as the mart has it.
    pub(super) status: String,
}

/// Draws the rows and a legend above them.
pub(super) fn draw(marks: [&str; 2], bullets: &[Bullet]) -> Canvas {
    let rows = i64::try_from(bullets.len()).unwrap_or_default();
    let mut canvas = Canvas { width: WIDTH, height: TOP + rows * ROW + 22, ..Canvas::default() };
    let shown = bullets.iter().map(|row| row.attained.min(SHARE_MAX));
    let scale = Scale::around(shown.chain([Decimal::ONE]), 4);
    legend(&mut canvas, marks);
    axis(&mut canvas, scale, TOP + rows * ROW);
    for (row, place) in bullets.iter().zip(0_i64..) {
        let middle = TOP + place * ROW + ROW / 2;
        canvas.label(At::new(0, middle), LABEL_WIDTH, &row.label);
        bullet(&mut canvas, row, scale, middle);
    }
    canvas
}

fn legend(canvas: &mut Canvas, marks: [&str; 2]) {
    let mut x = LEFT;
    for (class, text) in ["mark", "mark seasonal"].into_iter().zip(marks) {
        canvas.line(class, At::new(x, 2), At::new(x, LETTER + 4));
        canvas.text("heading", At::new(x + 7, LETTER), text);
        x += text_width(text) + 30;
    }
}

fn axis(canvas: &mut Canvas, scale: Scale, bottom: i64) {
    for tick in scale.ticks() {
        let x = Decimal::from(LEFT) + scale.place(tick, TRACK);
        let class = if tick == Decimal::ONE { "goal" } else { "grid" };
        canvas.line(class, At::new(x, TOP), At::new(x, bottom));
        let percent = (tick * Decimal::ONE_HUNDRED).normalize();
        canvas.text("tick middle", At::new(x, bottom + LETTER + 4), &format!("{percent}%"));
    }
}

fn bullet(canvas: &mut Canvas, row: &Bullet, scale: Scale, middle: i64) {
    let left = Decimal::from(LEFT);
    let zero = left + scale.place(Decimal::ZERO, TRACK);
    let full = left + scale.place(Decimal::ONE, TRACK);
    let end = left + scale.place(row.attained.min(SHARE_MAX), TRACK);
    let (above, below) = (middle - BAR / 2, middle + BAR / 2);
    canvas.bar("track", (At::new(zero, above), At::new(full, below)), "");
    let class = match row.status.as_str() {
        "met" | "ahead" => "bar good",
        "behind" | "incomplete" => "bar watch",
        "missed" => "bar bad",
        _ => "bar",
    };
    canvas.bar(class, (At::new(zero, above), At::new(end, below)), &row.attained_text);
    for (class, share) in [("mark", row.time), ("mark seasonal", row.seasonal)] {
        if let Some(share) = share {
            let x = left + scale.place(share.clamp(Decimal::ZERO, SHARE_MAX), TRACK);
            canvas.line(class, At::new(x, middle - MARK / 2), At::new(x, middle + MARK / 2));
        }
    }
    let at = At::new(WIDTH, middle + LETTER / 3);
    canvas.text("value end", at, &row.attained_text);
}
