//! Months, days and instants as people write them on forms and programs for tables save them:
//! `2024 年 7 月`, `２０２４年０７月`, `2024年1-7月`, `2024-07`, `二〇二四年七月`, `2024/7/1`, `202407`, `Jul-24`.
//!
//! In: text. Out: the month, day or instant, or nothing. A range of months is its last one.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeZone};

use super::period::Period;
use super::text;

/// Months as Excel shows them where it is English.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A number and what was around it, while reading from left to right.
struct Scanner<'a> {
    rest: &'a str,
}

impl Scanner<'_> {
    /// The next run of digits, if the text goes on with one.
    fn number(&mut self) -> Option<(u32, usize)> {
        let end =
            self.rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        Some((digits.parse().ok()?, digits.len()))
    }

    fn eat(&mut self, marks: &[char]) -> Option<char> {
        let mark = self.rest.chars().next().filter(|letter| marks.contains(letter))?;
        self.rest = self.rest.get(mark.len_utf8()..)?;
        Some(mark)
    }
}

/// The month that a text is, whole: nothing stands before or behind it.
pub fn whole_month(typed: &str) -> Option<Period> {
    let plain = plain(typed);
    let mut scanner = Scanner { rest: &plain };
    let period = month_at(&mut scanner)?;
    scanner.rest.is_empty().then_some(period)
}

/// The month somebody typed into a table or a command: as on a form, `202407`, or `Jul-24`, which Excel
/// makes of it. Not `2024.7`: a number of Excel's, July or the rest of October.
pub fn typed_month(typed: &str) -> Option<Period> {
    let squeezed = text::squeeze(typed);
    if squeezed.contains('.') {
        return None;
    }
    let is_number = |text: &str| text.bytes().all(|letter| letter.is_ascii_digit());
    if squeezed.len() == 6 && is_number(&squeezed) {
        let (year, month) = squeezed.split_at_checked(4)?;
        return Period::new(year.parse().ok()?, month.parse().ok()?);
    }
    let Some((name, year)) = squeezed.split_once('-').filter(|(name, _)| name.len() == 3) else {
        return whole_month(typed);
    };
    let month = (1..).zip(MONTHS).find(|(_, known)| name.eq_ignore_ascii_case(known))?.0;
    let year = Some(year).filter(|year| year.len() == 2 && is_number(year))?;
    Period::new(2000 + year.parse::<i32>().ok()?, month)
}

/// The day somebody typed into a table; midnight may follow, as programs write it.
pub fn typed_day(typed: &str) -> Option<NaiveDate> {
    let plain = plain(typed);
    let mut scanner = Scanner { rest: &plain };
    let day = day_at(&mut scanner)?;
    scanner.eat(&['日']);
    scanner.rest.trim_matches(['T', '0', ':']).is_empty().then_some(day)
}

/// The instant somebody typed into a table: a day, a time, and the offset of its zone; without one
/// the time is that of `zone`, where there is such a time and only one.
pub fn typed_instant(typed: &str, zone: &impl TimeZone) -> Option<DateTime<FixedOffset>> {
    let tidy = text::tidy(typed);
    let (day, rest) = tidy.split_once(['T', ' '])?;
    let (time, offset) = rest.split_at_checked(rest.find(['+', '-', 'Z']).unwrap_or(rest.len()))?;
    let time = ["%H:%M", "%H:%M:%S%.f"]
        .into_iter()
        .find_map(|form| NaiveTime::parse_from_str(time.trim(), form).ok())?;
    let local = typed_day(day)?.and_time(time);
    match offset {
        "" => zone.from_local_datetime(&local).single().map(|instant| instant.fixed_offset()),
        "Z" => Some(local.and_utc().fixed_offset()),
        offset => local.and_local_timezone(offset.parse::<FixedOffset>().ok()?).single(),
    }
}

/// The first month a text contains.
pub fn month_within(typed: &str) -> Option<Period> {
    let plain = plain(typed);
    starts_of_numbers(&plain).find_map(|rest| month_at(&mut Scanner { rest }))
}

/// The first day a text contains.
pub fn day_within(typed: &str) -> Option<NaiveDate> {
    let plain = plain(typed);
    starts_of_numbers(&plain).find_map(|rest| day_at(&mut Scanner { rest }))
}

/// The rests of a text that begin with a run of digits.
fn starts_of_numbers(plain: &str) -> impl Iterator<Item = &str> {
    let mut before = ' ';
    plain.char_indices().filter_map(move |(at, letter)| {
        let is_start = letter.is_ascii_digit() && !before.is_ascii_digit();
        before = letter;
        is_start.then(|| plain.get(at..)).flatten()
    })
}

/// `2024年7月`, `2024年1-7月`, `2024-07`, `2024.7`; not a day.
fn month_at(scanner: &mut Scanner<'_>) -> Option<Period> {
    let (year, separator) = year_at(scanner)?;
    let (mut month, _) = scanner.number()?;
    let is_named = separator == '年';
    if is_named && scanner.eat(&['月']).is_some() {
        // 2024年1月-7月
        if scanner.eat(&['-', '至', '到']).is_some() {
            (month, _) = scanner.number()?;
            scanner.eat(&['月'])?;
        }
    } else if is_named {
        scanner.eat(&['-', '至', '到'])?;
        (month, _) = scanner.number()?;
        scanner.eat(&['月'])?;
    } else if scanner.eat(&[separator]).is_some() {
        // The first of the month, as dates are stored when a month is meant.
        let (day, _) = scanner.number()?;
        let midnight = scanner.rest.trim_matches(['T', '0', ':', '.']).is_empty();
        if day != 1 || !midnight {
            return None;
        }
        scanner.rest = "";
    }
    // A day follows: this is a date, not a month.
    if scanner.rest.starts_with(|letter: char| letter.is_ascii_digit()) {
        return None;
    }
    Period::new(year, month)
}

fn day_at(scanner: &mut Scanner<'_>) -> Option<NaiveDate> {
    let (year, separator) = year_at(scanner)?;
    let (month, _) = scanner.number()?;
    scanner.eat(if separator == '年' { &['月'] } else { std::slice::from_ref(&separator) })?;
    let (day, _) = scanner.number()?;
    let first = Period::new(year, month)?.first_day();
    NaiveDate::from_ymd_opt(year, chrono::Datelike::month(&first), day)
}

fn year_at(scanner: &mut Scanner<'_>) -> Option<(i32, char)> {
    let (year, length) = scanner.number()?;
    let separator = scanner.eat(&['年', '-', '.', '/'])?;
    // 2024年/7月
    if separator == '年' {
        scanner.eat(&['/', '-', ',', ';']);
    }
    (length == 4).then(|| Some((i32::try_from(year).ok()?, separator))).flatten()
}

/// Squeezed, Chinese digits as digits: 二〇二四年十二月 is 2024年12月.
fn plain(typed: &str) -> String {
    const DIGITS: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let squeezed = text::squeeze(typed).replace(['○', '零', 'Ο', '◯'], "〇");
    let mut plain = String::with_capacity(squeezed.len());
    let letters: Vec<char> = squeezed.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let value = |letter: &char| DIGITS.iter().position(|digit| digit == letter);
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(at + 1);
        match (letter, value(letter)) {
            (_, Some(digit)) => plain.push_str(&digit.to_string()),
            ('十', None) => {
                // 十 is a ten of its own (10), before a digit (12) or behind one (20).
                let has_tens = before.is_some_and(|letter| value(letter).is_some());
                let has_ones = after.is_some_and(|letter| value(letter).is_some());
                plain.push_str(if has_tens { "" } else { "1" });
                plain.push_str(if has_ones { "" } else { "0" });
            }
            (letter, None) => plain.push(*letter),
        }
    }
    plain
}
