//! The months a file's or a sheet's name speaks of: `2024-07`, `202407`, `2024年7月`, `2024年1-7月`, `7月`.
//!
//! In: a name. Out: the months found, none twice, some without a year. Days (`20240806`, `2024-08-06`,
//! `8月6日`) are no months. Blanks part numbers: `B204-1 202407` is not `B204-1202407`.

use crate::domain::period::Period;
use crate::domain::text;

/// A month of a year, or of any.
pub(super) type Named = (Option<i32>, u32);

/// What may stand between a year and its month: `(2024年)7月`, `2024年度7月`.
const BEHIND_YEAR: [char; 4] = [')', '度', '份', ' '];

/// The months in a name, in their order.
pub(super) fn months(name: &str) -> Vec<Named> {
    let name = text::tidy(name).replace(['—', '–', '−', '~'], "-");
    let mut months = Vec::new();
    let mut rest = name.as_str();
    while let Some(start) = rest.find(|letter: char| letter.is_ascii_digit()) {
        let (digits, tail) = digits(rest.get(start..).unwrap_or_default());
        let (month, tail) = read(digits, tail);
        months.extend(month.filter(|month| !months.contains(month)));
        rest = tail;
    }
    months
}

/// `2024-07`, or `7月` of any year.
pub(super) fn shown((year, month): &Named) -> String {
    year.map_or_else(|| format!("{month}月"), |year| format!("{year}-{month:02}"))
}

/// The month that a run of digits begins, and what follows it.
fn read<'a>(run: &str, tail: &'a str) -> (Option<Named>, &'a str) {
    let behind = tail.trim_start();
    if let Some(after) = behind.strip_prefix('年') {
        // A number may stand before the year without a blank: `B204-12024年7月`.
        let year = run.get(run.len().saturating_sub(4)..).unwrap_or(run);
        let after = after.trim_start_matches(BEHIND_YEAR);
        let (first, rest) = digits(after);
        return if first.is_empty() { (None, after) } else { chinese(Some(year), first, rest) };
    }
    match run.len() {
        6 => {
            let (year, month) = run.split_at(4);
            (named(Some(year), month), tail)
        }
        4 => match tail.chars().next().filter(|letter| "-_.".contains(*letter)) {
            Some(separator) => separated(run, separator, tail.get(1..).unwrap_or_default()),
            None => (None, tail),
        },
        _ => chinese(None, run, tail),
    }
}

/// `7月` or `1-7月`, unless a day follows.
fn chinese<'a>(year: Option<&str>, first: &str, after: &'a str) -> (Option<Named>, &'a str) {
    let (last, rest) =
        digits(after.trim_start().strip_prefix('-').unwrap_or_default().trim_start());
    let (month, rest) = if last.is_empty() { (first, after) } else { (last, rest) };
    let Some(behind) = rest.trim_start().strip_prefix('月') else { return (None, after) };
    let (day, end) = digits(behind.trim_start());
    if !day.is_empty() && end.trim_start().starts_with(['日', '号']) {
        return (None, end);
    }
    (named(year, month), behind)
}

/// `07` behind `2024-`, unless a day follows.
fn separated<'a>(year: &str, separator: char, after: &'a str) -> (Option<Named>, &'a str) {
    let (month, tail) = digits(after);
    let (day, rest) = digits(tail.strip_prefix(separator).unwrap_or_default());
    if !day.is_empty() && day.len() <= 2 {
        return (None, rest);
    }
    (named(Some(year), month), tail)
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn named(year: Option<&str>, month: &str) -> Option<Named> {
    let year = year.map(|year| year.parse().ok()).map_or(Some(None), |year| year.map(Some))?;
    let number = month.parse().ok().filter(|_| month.len() <= 2)?;
    Period::new(year.unwrap_or(2000), number).map(|period| (year, period.month()))
}
