//! A cron as people write it: read field by field, so that an error names the field, what was found
//! and what is valid.
//!
//! Five fields (minute hour day month weekday) or six (second in front). One meaning only: a day of
//! the month and a day of the week are never both named, since crons disagree on whether that means
//! "or" or "and". What passes here is read by croner, which knows `L`, `W` and `#`.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use croner::parser::{CronParser, Seconds};
use serde::Serialize;

use crate::project::read::{near, nearest};

/// One field of a cron.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    /// Names of its values from the least on.
    names: &'static [&'static str],
}

const fn field(name: &'static str, least: u32, most: u32, names: &'static [&'static str]) -> Field {
    Field { name, least, most, names }
}

const MONTHS: &[&str] =
    &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: [Field; 6] = [
    field("second", 0, 59, &[]),
    field("minute", 0, 59, &[]),
    field("hour", 0, 23, &[]),
    field("day", 1, 31, &[]),
    field("month", 1, 12, MONTHS),
    field("weekday", 0, 7, WEEKDAYS),
];

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

/// Years after which a cron that has named no day never will: 29 February falls on each day of the week
/// within 40 years, also across 2100.
pub const YEARS_MAX: i32 = 45;

/// A cron that can be kept to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Cron {
    text: String,
    #[serde(skip)]
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
    match near(&lower, NICKNAMES.iter().map(|(name, _)| *name)).and_then(meaning) {
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
    let meant = fields.iter().copied().take(6).chain(stars).collect::<Vec<_>>().join(" ");
    let year = match count {
        1..=4 => "",
        7 => ", and a year cannot be named",
        _ => return said,
    };
    // Only what would pass is worth proposing.
    if Cron::parse(&meant).is_err() {
        return said;
    }
    format!("{said}{year}; did you mean `{meant}`?")
}

impl Field {
    /// What is wrong with a field, e.g. `minute 75: 0 to 59`.
    fn check(&self, text: &str) -> Result<(), String> {
        let is_day = matches!(self.name, "day" | "weekday");
        if text == "*" || text == "?" && is_day {
            return Ok(());
        }
        text.split(',').try_for_each(|part| match part.split_once('/') {
            None => self.check_day(part, &part.to_ascii_uppercase()),
            Some((values, step))
                if step.parse().is_ok_and(|step| (1..=self.most).contains(&step)) =>
            {
                self.check_range(values)
            }
            Some((_, step)) => {
                Err(format!("a step of `{step}` in {} `{part}`: 1 to {}", self.name, self.most))
            }
        })
    }

    /// The forms only days know: `L`, `15W`, `FRI#2`, `FRIL`; else values.
    fn check_day(&self, part: &str, upper: &str) -> Result<(), String> {
        match (self.name, upper.split_once('#')) {
            ("day", _) if upper == "L" => Ok(()),
            ("day", _) if upper.ends_with('W') => self.value(upper.trim_end_matches('W')).map(drop),
            ("weekday", Some((day, place))) => match (self.value(day)?, place) {
                (_, "1" | "2" | "3" | "4" | "5" | "L") => Ok(()),
                _ => Err(format!("weekday `{upper}`: after `#` 1 to 5, or L for the last")),
            },
            ("weekday", None) if upper.len() > 1 && upper.ends_with('L') => {
                self.value(upper.trim_end_matches('L')).map(drop)
            }
            _ => self.check_range(part),
        }
    }

    fn check_range(&self, values: &str) -> Result<(), String> {
        let Some((first, last)) = values.split_once('-') else {
            return if values == "*" { Ok(()) } else { self.value(values).map(drop) };
        };
        let (least, most) = (self.value(first)?, self.value(last)?);
        // Sunday ends a week as well as it begins one.
        let is_week = self.name == "weekday";
        let most = if is_week && last.eq_ignore_ascii_case("SUN") { 7 } else { most };
        if least <= most {
            return Ok(());
        }
        let (name, begin, end) = (self.name, self.least, if is_week { 6 } else { self.most });
        Err(format!(
            "the {name} range `{values}`, which runs backwards: write `{first}-{end},{begin}-{last}`"
        ))
    }

    /// The value of a number or a name.
    fn value(&self, text: &str) -> Result<u32, String> {
        let Self { name, least, most, names } = *self;
        let valid = match names {
            [one, .., other] => format!("{least} to {most} or {one} to {other}"),
            _ => format!("{least} to {most}"),
        };
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let value = text.parse().ok().filter(|value| (least..=most).contains(value));
            return value.ok_or_else(|| format!("{name} {text}: {valid}"));
        }
        let upper = text.to_ascii_uppercase();
        let named = (least..).zip(names).find(|(_, known)| **known == upper);
        let hint = || nearest(&upper, names.iter().copied());
        named.map(|it| it.0).ok_or_else(|| format!("{name} `{text}`: {valid}{}", hint()))
    }
}
