//! How one language says figures, months and counts: rounding, units, signs, the catalogue's words.
//!
//! In: exact decimals (yuan, fractions, percentage points), months. Out: text. Rounding happens once,
//! here, half away from zero. Chinese counts money in 亿 and 万, English in billions and millions, each
//! to the same exactness: 277.40亿 is 27.740 billion, 1万 is 0.01 million.

use chrono_tz::Tz;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::domain::period::Period;
use crate::findings::format::separated;
use crate::project::settings::Settings;
use crate::texts::{Locale, Text, text};

/// Speaks one language about one district.
#[derive(Clone, Debug)]
pub(super) struct Phrases {
    /// The language.
    pub(super) locale: Locale,
    /// The zone in which a time of day is said.
    pub(super) zone: Tz,
    /// The district as a whole: 全区, 全县, "the district".
    pub(super) whole: String,
}

impl Phrases {
    /// The phrases about a district; the last character of its name says of which kind it is.
    pub(super) fn new(locale: Locale, settings: &Settings) -> Self {
        let kinds = text("brief.whole.kinds").get(locale);
        let last = settings.district.name.get(locale).chars().last();
        let kind = last.filter(|kind| kinds.contains(*kind)).or_else(|| kinds.chars().next());
        let kind = Text::same(kind.map(String::from).unwrap_or_default());
        let whole = text("brief.whole").fill(&[("kind", &kind)]).get(locale).to_owned();
        Self { locale, zone: settings.time_zone, whole }
    }

    /// The text of a key with its placeholders filled.
    pub(super) fn say(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        let filled = |said: String, (name, value): &(&str, &str)| {
            said.replace(&format!("{{{name}}}"), value)
        };
        arguments.iter().fold(text(key).get(self.locale).to_owned(), filled)
    }

    /// What stands at a place among the words of a key.
    pub(super) fn nth(&self, key: &str, place: usize) -> Option<String> {
        text(key).get(self.locale).split(' ').nth(place).map(str::to_owned)
    }

    /// The month itself among the names of a key: `7月`, `July`, `Jul`.
    pub(super) fn month(&self, period: Period, names: &str) -> String {
        let place = usize::try_from(period.month()).unwrap_or_default();
        self.nth(names, place).unwrap_or_default()
    }

    /// The months of the year so far: `1—7月`, `January–July`.
    pub(super) fn span(&self, period: Period) -> String {
        let month = self.month(period, "brief.month.names");
        if period.month() == 1 { month } else { self.say("brief.span", &[("month", &month)]) }
    }

    /// Months with their year: `2024年1—7月`, `January–July 2024`.
    pub(super) fn dated(&self, months: &str, period: Period) -> String {
        let year = period.year().to_string();
        self.say("brief.dated_span", &[("year", &year), ("span", months)])
    }

    /// Growth against the year before: 同比增长7.6%, 同比下降1.2%, 同比持平.
    pub(super) fn growth(&self, fraction: Decimal) -> String {
        self.say("brief.growth", &[("change", &self.change(fraction))])
    }

    /// Growth against whatever the sentence names: 增长7.6%, 下降1.2%, 持平.
    pub(super) fn change(&self, fraction: Decimal) -> String {
        let rounded = round(fraction, 3);
        let key = match (rounded.is_zero(), rounded.is_sign_negative()) {
            (true, _) => "brief.change.flat",
            (false, true) => "brief.change.down",
            (false, false) => "brief.change.up",
        };
        self.say(key, &[("value", &percent(fraction.abs()))])
    }

    /// A firm that is not named: 某企业, or with its chain, 某轨道交通企业.
    pub(super) fn unnamed(&self, chain: Option<&str>) -> String {
        match chain {
            Some(chain) => self.say("brief.unnamed.chain", &[("chain", chain)]),
            None => self.say("brief.unnamed", &[]),
        }
    }

    /// What a part adds to the growth of the district, in points; none when that rounds to nothing.
    pub(super) fn pull(&self, added: Decimal) -> Option<String> {
        let rounded = round(added, 2);
        let key = if rounded.is_sign_negative() { "brief.points.down" } else { "brief.points.up" };
        let size = points(added.abs());
        (!rounded.is_zero()).then(|| self.say(key, &[("whole", &self.whole), ("points", &size)]))
    }

    /// Yuan in a sentence, with the unit: `277.40亿元`, `CNY 27.740 billion`; below 0.1 亿 or one
    /// billion, where two decimals would hide too much, in 万 or millions.
    pub(super) fn money(&self, yuan: Decimal) -> String {
        let large_from = match self.locale {
            Locale::Zh => self.large_unit() / Decimal::TEN,
            Locale::En => self.large_unit(),
        };
        let (key, value) = if yuan.is_zero() || large_from <= yuan.abs() {
            ("brief.unit.level", self.large(yuan))
        } else {
            ("brief.unit.small_level", self.amount(yuan))
        };
        self.say(key, &[("value", &value)])
    }

    /// Yuan in a table of large figures: 亿 to two decimals, billions to three.
    pub(super) fn large(&self, yuan: Decimal) -> String {
        let places = if self.locale == Locale::Zh { 2 } else { 3 };
        separated(&fixed(yuan / self.large_unit(), places))
    }

    /// Yuan in an ordinary table: 万 without decimals, millions to two.
    pub(super) fn amount(&self, yuan: Decimal) -> String {
        let (unit, places) = if self.locale == Locale::Zh { (10_000, 0) } else { (1_000_000, 2) };
        separated(&fixed(yuan / Decimal::from(unit), places))
    }

    /// The unit of large figures, in yuan: 亿, billions.
    pub(super) fn large_unit(&self) -> Decimal {
        Decimal::from(if self.locale == Locale::Zh { 100_000_000 } else { 1_000_000_000 })
    }
}

/// A fraction in per cent to one decimal: 0.076 is `7.6%`.
pub(super) fn percent(fraction: Decimal) -> String {
    format!("{}%", fixed(fraction * Decimal::ONE_HUNDRED, 1))
}

/// Percentage points to one decimal, to two below a tenth: `4.3`, `0.04`.
pub(super) fn points(points: Decimal) -> String {
    let is_small = !points.is_zero() && points.abs() < Decimal::new(1, 1);
    fixed(points, if is_small { 2 } else { 1 })
}

/// Rounds half away from zero; never gives a negative zero.
pub(super) fn round(value: Decimal, places: u32) -> Decimal {
    let rounded = value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero);
    if rounded.is_zero() { Decimal::ZERO } else { rounded }
}

/// Rounds and prints with exactly so many decimals.
pub(super) fn fixed(value: Decimal, places: u32) -> String {
    let width = usize::try_from(places).unwrap_or_default();
    format!("{:.width$}", round(value, places))
}
