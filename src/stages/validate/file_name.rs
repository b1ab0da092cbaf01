//! The months a file's name speaks of: `2024-07`, `202407`, `2024年7月`, `2024年1-7月`.
//!
//! In: a file name. Out: the months found, none twice. Days (`20240806`, `2024-08-06`) are no months.

use crate::domain::period::Period;
use crate::domain::text;

/// The months in a name, in their order.
pub(super) fn months(file_name: &str) -> Vec<Period> {
    let name = text::squeeze(file_name);
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

/// The month that a run of digits begins, and what follows it.
fn read<'a>(run: &str, tail: &'a str) -> (Option<Period>, &'a str) {
    match run.len() {
        6 => {
            let (year, month) = run.split_at(4);
            (period(year, month), tail)
        }
        4 => {
            let Some(separator) = tail.chars().next().filter(|letter| "-_.年".contains(*letter))
            else {
                return (None, tail);
            };
            let after = tail.get(separator.len_utf8()..).unwrap_or_default();
            if separator == '年' { chinese(run, after) } else { separated(run, separator, after) }
        }
        _ => (None, tail),
    }
}

/// `7月` or `1-7月` behind `2024年`.
fn chinese<'a>(year: &str, after: &'a str) -> (Option<Period>, &'a str) {
    let (first, tail) = digits(after);
    if let Some(rest) = tail.strip_prefix('月') {
        return (period(year, first), rest);
    }
    let (last, rest) = digits(tail.strip_prefix('-').unwrap_or_default());
    rest.strip_prefix('月').map_or((None, tail), |rest| (period(year, last), rest))
}

/// `07` behind `2024-`, unless a day follows.
fn separated<'a>(year: &str, separator: char, after: &'a str) -> (Option<Period>, &'a str) {
    let (month, tail) = digits(after);
    let (day, rest) = digits(tail.strip_prefix(separator).unwrap_or_default());
    if !day.is_empty() && day.len() <= 2 {
        return (None, rest);
    }
    (period(year, month), tail)
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.split_at(end)
}

fn period(year: &str, month: &str) -> Option<Period> {
    if month.is_empty() || month.len() > 2 {
        return None;
    }
    Period::new(year.parse().ok()?, month.parse().ok()?)
}
