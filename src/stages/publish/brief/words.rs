//! How things are said: sentences from clauses, months, growth, in one language.
//!
//! In: keys of the catalogue and figures. Out: text. A clause that is `None`, for want of a figure,
//! is left out; a sentence without its first clause is left out whole.

use rust_decimal::Decimal;

use super::figures::{self, Figures};
use crate::domain::period::Period;
use crate::project::settings::District;
use crate::texts::{Locale, Text, text};

/// Speaks one language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// The language.
    pub(crate) locale: Locale,
    /// Its figures.
    pub(crate) figures: Figures,
    /// The last character of the district's name, if it is a kind of district (区, 县, 市).
    kind: Option<char>,
}

impl Words {
    /// Words about a district for readers of a language.
    pub(crate) fn new(locale: Locale, district: &District) -> Self {
        let kinds = text("brief.whole.kinds").get(locale);
        let last = district.name.get(locale).chars().last();
        let kind = last.filter(|kind| kinds.contains(*kind)).or_else(|| kinds.chars().next());
        Self { locale, figures: Figures::new(locale), kind }
    }

    /// The text of a key with its placeholders filled.
    pub(crate) fn say(self, key: &str, arguments: &[(&str, &str)]) -> String {
        let kind = Text::same(self.kind.map(String::from).unwrap_or_default());
        let whole = text("brief.whole").fill(&[("kind", &kind)]);
        let texts: Vec<(&str, Text)> =
            arguments.iter().map(|(name, value)| (*name, Text::same(*value))).collect();
        let borrowed = texts.iter().map(|(name, text)| (*name, text));
        let all: Vec<(&str, &Text)> = borrowed.chain([("whole", &whole)]).collect();
        text(key).fill(&all).get(self.locale).to_owned()
    }

    /// The text of a key without placeholders.
    pub(crate) fn word(self, key: &str) -> String {
        self.say(key, &[])
    }

    /// One sentence of the clauses there are; none without the first.
    pub(crate) fn sentence(self, clauses: &[Option<String>]) -> Option<String> {
        clauses.first()?.as_ref()?;
        let known: Vec<&str> = clauses.iter().flatten().map(String::as_str).collect();
        let clauses = known.join(text("brief.join.clauses").get(self.locale));
        Some(self.say("brief.join.sentence", &[("clauses", &clauses)]))
    }

    /// One paragraph of the sentences there are; none without any.
    pub(crate) fn paragraph(self, sentences: &[Option<String>]) -> Option<String> {
        let known: Vec<&str> = sentences.iter().flatten().map(String::as_str).collect();
        let between = text("brief.join.sentences").get(self.locale);
        (!known.is_empty()).then(|| known.join(between))
    }

    /// A number of things in a sentence: two is 两, from eleven on digits.
    pub(crate) fn count(self, count: usize) -> String {
        let words = text("brief.count").get(self.locale);
        words.split(' ').nth(count).map_or_else(|| count.to_string(), str::to_owned)
    }

    /// The month itself: `7月`, `July`.
    pub(crate) fn month(self, period: Period) -> String {
        nth(text("brief.month.names").get(self.locale), period)
    }

    /// The month on an axis: `7月`, `Jul`.
    pub(crate) fn short_month(self, period: Period) -> String {
        nth(text("brief.month.short").get(self.locale), period)
    }

    /// The months of the year so far: `1-7月`, `January–July`.
    pub(crate) fn span(self, period: Period) -> String {
        if period.month() == 1 {
            return self.month(period);
        }
        self.say("brief.span", &[("month", &self.month(period))])
    }

    /// The months of the year so far with their year: `2024年1-7月`, `January–July 2024`.
    pub(crate) fn dated_span(self, period: Period) -> String {
        let year = period.year().to_string();
        self.say("brief.dated_span", &[("year", &year), ("span", &self.span(period))])
    }

    /// The month with its year: `2024年7月`, `July 2024`.
    pub(crate) fn dated_month(self, period: Period) -> String {
        let year = period.year().to_string();
        self.say("brief.dated_span", &[("year", &year), ("span", &self.month(period))])
    }

    /// The year: `2024年`, `2024`.
    pub(crate) fn year(self, year: i32) -> String {
        self.say("brief.year", &[("year", &year.to_string())])
    }

    /// Growth against the year before: 同比增长7.6%, 同比下降1.2%, 同比持平.
    pub(crate) fn growth(self, fraction: Decimal) -> String {
        let rounded = figures::round(fraction, 3);
        let key = if rounded.is_zero() {
            return self.word("brief.growth.flat");
        } else if rounded.is_sign_negative() {
            "brief.growth.down"
        } else {
            "brief.growth.up"
        };
        self.say(key, &[("value", &figures::rate(fraction.abs()))])
    }

    /// What a part adds to the growth of the district, in points; none when that rounds to nothing.
    pub(crate) fn contribution(self, points: Decimal) -> Option<String> {
        let rounded = figures::round(points, 2);
        let key = if rounded.is_sign_negative() { "brief.points.down" } else { "brief.points.up" };
        let size = figures::points(points.abs());
        (!rounded.is_zero()).then(|| self.say(key, &[("points", &size)]))
    }

    /// The share of the district: 占全区84.69%.
    pub(crate) fn share_of_district(self, fraction: Decimal) -> String {
        self.say("brief.share_of_district", &[("share", &figures::share(fraction))])
    }
}

/// The name of a month among thirteen words, of which the first is none.
fn nth(names: &str, period: Period) -> String {
    let place = usize::try_from(period.month()).unwrap_or_default();
    names.split(' ').nth(place).unwrap_or_default().to_owned()
}
