//! How months, growth and parts of the whole are said in one language, with the catalogue's words.

use chrono_tz::Tz;
use rust_decimal::Decimal;

use super::figures;
use crate::domain::period::Period;
use crate::project::settings::District;
use crate::texts::{Locale, Text, text};

/// Speaks one language about one district.
#[derive(Clone, Debug)]
pub(super) struct Words {
    /// The language.
    pub(super) locale: Locale,
    /// The zone in which a time of day is said.
    pub(super) zone: Tz,
    /// The district as a whole: 全区, 全县, "the district".
    pub(super) whole: String,
}

impl Words {
    /// Words about a district; the last character of its name says of which kind it is.
    pub(super) fn new(locale: Locale, district: &District, zone: Tz) -> Self {
        let kinds = text("brief.whole.kinds").get(locale);
        let last = district.name.get(locale).chars().last();
        let kind = last.filter(|kind| kinds.contains(*kind)).or_else(|| kinds.chars().next());
        let kind = Text::same(kind.map(String::from).unwrap_or_default());
        let whole = text("brief.whole").fill(&[("kind", &kind)]).get(locale).to_owned();
        Self { locale, zone, whole }
    }

    /// The text of a key with its placeholders filled.
    fn say(&self, key: &str, arguments: &[(&str, &str)]) -> String {
        filled(text(key).get(self.locale), arguments)
    }

    /// A number of things in a sentence: two is 两, from eleven on digits.
    pub(super) fn count(&self, count: usize) -> String {
        let words = text("brief.count").get(self.locale);
        words.split(' ').nth(count).map_or_else(|| count.to_string(), str::to_owned)
    }

    /// The month itself: `7月`, `July`.
    pub(super) fn month(&self, period: Period) -> String {
        nth(text("brief.month.names").get(self.locale), period)
    }

    /// The month on an axis: `7月`, `Jul`.
    pub(super) fn short_month(&self, period: Period) -> String {
        nth(text("brief.month.short").get(self.locale), period)
    }

    /// The months of the year so far: `1-7月`, `January–July`.
    pub(super) fn span(&self, period: Period) -> String {
        let month = self.month(period);
        if period.month() == 1 { month } else { self.say("brief.span", &[("month", &month)]) }
    }

    /// Months with their year: `2024年1-7月`, `January–July 2024`.
    pub(super) fn dated(&self, months: &str, period: Period) -> String {
        let year = period.year().to_string();
        self.say("brief.dated_span", &[("year", &year), ("span", months)])
    }

    /// The year: `2024年`, `2024`.
    pub(super) fn year(&self, period: Period) -> String {
        self.say("brief.year", &[("year", &period.year().to_string())])
    }

    /// Growth against the year before: 同比增长7.6%, 同比下降1.2%, 同比持平.
    pub(super) fn growth(&self, fraction: Decimal) -> String {
        let rounded = figures::round(fraction, 3);
        let key = match (rounded.is_zero(), rounded.is_sign_negative()) {
            (true, _) => "brief.growth.flat",
            (false, true) => "brief.growth.down",
            (false, false) => "brief.growth.up",
        };
        self.say(key, &[("value", &figures::percent(fraction.abs(), 1))])
    }

    /// What a part adds to the growth of the district, in points; none when that rounds to nothing.
    pub(super) fn pull(&self, points: Decimal) -> Option<String> {
        let rounded = figures::round(points, 2);
        let key = if rounded.is_sign_negative() { "brief.points.down" } else { "brief.points.up" };
        let size = figures::points(points.abs());
        (!rounded.is_zero()).then(|| self.say(key, &[("whole", &self.whole), ("points", &size)]))
    }
}

/// A text with its placeholders filled.
pub(super) fn filled(template: &str, arguments: &[(&str, &str)]) -> String {
    let texts: Vec<(&str, Text)> =
        arguments.iter().map(|(name, value)| (*name, Text::same(*value))).collect();
    let borrowed: Vec<(&str, &Text)> = texts.iter().map(|(name, text)| (*name, text)).collect();
    Text::same(template).fill(&borrowed).zh
}

/// The name of a month among thirteen words, of which the first is none.
fn nth(names: &str, period: Period) -> String {
    let place = usize::try_from(period.month()).unwrap_or_default();
    names.split(' ').nth(place).unwrap_or_default().to_owned()
}
