//! A cron as people write it: read field by field, so that an error names the field, what was found
//! and what is valid.
//!
//! Five fields (minute hour day month weekday) or six (second in front). One meaning only: a day of
//! the month and a day of the week are never both named, since crons disagree on whether that means
//! "or" or "and". What passes here is read by croner, which knows `L`, `W` and `#`.

use std::fmt;
use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate};
use croner::parser::{CronParser, Seconds};

use crate::project::read::nearest;

/// One field of a cron.
struct Field {
    name: &'static str,
    range: RangeInclusive<u32>,
    /// Names of its values from the least on.
    names: &'static [&'static str],
}

const SECOND: Field = Field { name: "second", range: 0..=59, names: &[] };
const MINUTE: Field = Field { name: "minute", range: 0..=59, names: &[] };
const HOUR: Field = Field { name: "hour", range: 0..=23, names: &[] };
const DAY: Field = Field { name: "day", range: 1..=31, names: &[] };
const MONTH: Field = Field {
    name: "month",
    range: 1..=12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
const WEEKDAY: Field = Field {
    name: "weekday",
    range: 0..=7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};
const FIELDS: [Field; 6] = [SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY];

/// Nicknames of other crons, and what they mean.
const NICKNAMES: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * SUN"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// A cron that names no day in so many years names none ever: 29 February falls on each day of the
/// week within 40 years, also across 2100.
pub const YEARS_MAX: i32 = 45;

/// A cron that can be kept to.
#[derive(Clone, Debug, PartialEq)]
pub struct Cron {
    text: String,
    parsed: Box<croner::Cron>,
}

impl Cron {
    /// Reads a cron of five or six fields; the error says what is wrong with it, and the nearest that
    /// is right.
    pub fn parse(cron: &str) -> Result<Self, String> {
        let fields: Vec<&str> = cron.split_whitespace().collect();
        if cron.trim_start().starts_with('@') {
            return Err(nickname(cron.trim()));
        }
        let known = match fields.len() {
            5 => FIELDS.get(1..),
            6 => FIELDS.get(..),
            count => return Err(wrong_count(cron, count, &fields)),
        };
        for (text, field) in fields.iter().zip(known.unwrap_or_default()) {
            field.check(text).map_err(|wrong| format!("`{cron}` has {wrong}"))?;
        }
        if let [.., day, _, weekday] = fields.as_slice()
            && !is_any(day)
            && !is_any(weekday)
        {
            return Err(format!(
                "`{cron}` names both a day of the month and a day of the week: use one, the other is `*`"
            ));
        }
        let parser = CronParser::builder().seconds(Seconds::Optional).dom_and_dow(true).build();
        let parsed = parser.parse(cron).map_err(|error| format!("`{cron}` is no cron: {error}"))?;
        let parsed = Self { text: cron.to_owned(), parsed: Box::new(parsed) };
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).expect("2000 begins with a day");
        let mut days = first.iter_days().take_while(|day| day.year() < 2000 + YEARS_MAX);
        if days.any(|day| parsed.names_day(day)) {
            return Ok(parsed);
        }
        Err(format!("`{cron}` never comes: no month has that day; for the last one write `L`"))
    }

    /// What it names.
    pub fn parsed(&self) -> &croner::Cron {
        &self.parsed
    }

    /// Whether it names a day of the calendar.
    pub fn names_day(&self, day: NaiveDate) -> bool {
        let (year, month) = (day.year(), day.month());
        let pattern = &self.parsed.pattern;
        pattern.month_match(month).unwrap_or(false)
            && pattern.day_match(year, month, day.day()).unwrap_or(false)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn is_any(field: &str) -> bool {
    matches!(field, "*" | "?")
}

fn nickname(cron: &str) -> String {
    let meaning = |wanted: &str| NICKNAMES.iter().find(|(name, _)| *name == wanted).map(|it| it.1);
    let lower = cron.to_ascii_lowercase();
    if let Some(meaning) = meaning(&lower) {
        return format!("`{cron}` is a nickname: write `{meaning}`");
    }
    let hint = nearest(&lower, NICKNAMES.iter().map(|(name, _)| *name));
    match hint.split('`').nth(1).and_then(meaning) {
        Some(meaning) => format!("`{cron}` is no cron; did you mean `{meaning}`?"),
        None => format!("`{cron}` is no cron: write its fields, e.g. `0 12 * * *`"),
    }
}

fn wrong_count(cron: &str, count: usize, fields: &[&str]) -> String {
    let noun = if count == 1 { "field" } else { "fields" };
    let said = format!(
        "`{cron}` has {count} {noun}: cron is `minute hour day month weekday`, with seconds in front if need be"
    );
    let stars = std::iter::repeat_n("*", 5_usize.saturating_sub(count));
    let meant: Vec<&str> = fields.iter().copied().take(6).chain(stars).collect();
    let meant = meant.join(" ");
    // Only what would pass is worth proposing.
    match count {
        1..=4 if Cron::parse(&meant).is_ok() => format!("{said}; did you mean `{meant}`?"),
        7 if Cron::parse(&meant).is_ok() => {
            format!("{said}, and a year cannot be named; did you mean `{meant}`?")
        }
        _ => said,
    }
}

impl Field {
    /// What is wrong with a field, e.g. `minute 75: 0 to 59`.
    fn check(&self, text: &str) -> Result<(), String> {
        if is_any(text) && (text == "*" || self.is_day()) {
            return Ok(());
        }
        text.split(',').try_for_each(|part| self.check_part(part))
    }

    fn is_day(&self) -> bool {
        matches!(self.name, "day" | "weekday")
    }

    fn check_part(&self, part: &str) -> Result<(), String> {
        let (values, step) = match part.split_once('/') {
            Some((values, step)) => (values, Some(step)),
            None => (part, None),
        };
        if let Some(step) = step {
            let is_right =
                step.parse().is_ok_and(|step: u32| 0 < step && step <= *self.range.end());
            if !is_right {
                let max = self.range.end();
                return Err(format!("a step of `{step}` in {} `{part}`: 1 to {max}", self.name));
            }
        }
        if values == "*" || (step.is_none() && self.is_special(values)?) {
            return Ok(());
        }
        let Some((first, last)) = values.split_once('-') else {
            return self.value(values).map(|_| ());
        };
        let (least, most) = (self.value(first)?, self.value(last)?);
        // Sunday ends a week as well as it begins one.
        let ends_week = self.name == "weekday" && last.eq_ignore_ascii_case("SUN");
        let most = if ends_week { 7 } else { most };
        if most < least {
            return Err(format!(
                "the {} range `{values}`, which runs backwards: write `{first}-{},{}-{last}`",
                self.name,
                if self.name == "weekday" { &6 } else { self.range.end() },
                self.range.start()
            ));
        }
        Ok(())
    }

    /// Whether a part is one of the forms only days know: `L`, `15W`, `FRI#2`, `FRIL`.
    fn is_special(&self, part: &str) -> Result<bool, String> {
        let part = part.to_ascii_uppercase();
        match (self.name, part.as_str()) {
            ("day", "L") => Ok(true),
            ("day", near) if near.ends_with('W') => {
                self.value(near.trim_end_matches('W')).map(|_| true)
            }
            ("weekday", nth) if nth.contains('#') => {
                let (day, place) = nth.split_once('#').unwrap_or((nth, ""));
                self.value(day)?;
                if matches!(place, "1" | "2" | "3" | "4" | "5" | "L") {
                    return Ok(true);
                }
                Err(format!("weekday `{nth}`: after `#` 1 to 5, or L for the last"))
            }
            ("weekday", last) if last.len() > 1 && last.ends_with('L') => {
                self.value(last.trim_end_matches('L')).map(|_| true)
            }
            _ => Ok(false),
        }
    }

    /// The value of a number or a name.
    fn value(&self, text: &str) -> Result<u32, String> {
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let value = text.parse().ok().filter(|value| self.range.contains(value));
            return value.ok_or_else(|| format!("{} {text}: {}", self.name, self.valid()));
        }
        let upper = text.to_ascii_uppercase();
        let place = self.names.iter().position(|name| *name == upper);
        if let Some(value) = place.and_then(|place| u32::try_from(place).ok()) {
            return Ok(value + self.range.start());
        }
        let hint = nearest(&upper, self.names.iter().copied());
        Err(format!("{} `{text}`: {}{hint}", self.name, self.valid()))
    }

    /// Its valid values in words.
    fn valid(&self) -> String {
        let numbers = format!("{} to {}", self.range.start(), self.range.end());
        match (self.names.first(), self.names.last()) {
            (Some(one), Some(other)) => format!("{numbers} or {one} to {other}"),
            _ => numbers,
        }
    }
}
