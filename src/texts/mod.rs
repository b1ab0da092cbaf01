//! The one catalogue of text for firms and leaders, Chinese and English side by side.
//!
//! A key and its arguments come in, both languages go out. Placeholders are `{name}`. A key that
//! the catalogue lacks is a bug: a test walks every key the program uses.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A language the program speaks to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// Chinese, simplified.
    Zh,
    /// English.
    En,
}

impl Locale {
    /// Its ISO 639 code.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// One sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The same text in both languages: a name, a number, a code.
    pub fn same(text: impl Into<String>) -> Self {
        let zh = text.into();
        Self { en: zh.clone(), zh }
    }

    /// The text in one language.
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::Zh => &self.zh,
            Locale::En => &self.en,
        }
    }

    /// Replaces each `{name}` by its argument, in both languages; unknown names stay as they are.
    #[must_use]
    pub fn fill(&self, arguments: &[(&str, &Text)]) -> Self {
        let fill = |locale| {
            let known = |name: &str| arguments.iter().find(|(key, _)| *key == name);
            fill(self.get(locale), |name| Some(known(name)?.1.get(locale).to_owned()))
        };
        Self { zh: fill(Locale::Zh), en: fill(Locale::En) }
    }

    /// The text in one language, each `{name}` replaced by its argument.
    pub fn say(&self, locale: Locale, arguments: &[(&str, &dyn Display)]) -> String {
        let known = |name: &str| arguments.iter().find(|(key, _)| *key == name);
        fill(self.get(locale), |name| Some(known(name)?.1.to_string()))
    }
}

/// The parts of the catalogue, one file an audience; keys are unique over all of them.
const PARTS: [&str; 7] = [
    include_str!("catalogue/findings.toml"),
    include_str!("catalogue/checks.toml"),
    include_str!("catalogue/brief.toml"),
    include_str!("catalogue/terminal.toml"),
    include_str!("catalogue/jobs.toml"),
    include_str!("catalogue/alerts.toml"),
    include_str!("catalogue/backfill.toml"),
];

static CATALOGUE: LazyLock<BTreeMap<String, Text>> = LazyLock::new(|| {
    let part = |text: &str| -> BTreeMap<String, Text> {
        toml::from_str(text).expect("the catalogue is TOML")
    };
    PARTS.into_iter().flat_map(part).collect()
});

/// The text of a key.
///
/// # Panics
/// When the catalogue lacks the key: a bug that the catalogue test finds first.
pub fn text(key: &str) -> &'static Text {
    CATALOGUE.get(key).unwrap_or_else(|| unreachable!("the catalogue has no text `{key}`"))
}

/// All keys, in order: for the tests that compare them with the program.
pub fn keys() -> impl Iterator<Item = &'static str> {
    CATALOGUE.keys().map(String::as_str)
}

fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, tail)| Some((value(name)?, tail)));
        let (replacement, tail) = known.unwrap_or_else(|| ("{".to_owned(), after));
        filled.push_str(&replacement);
        rest = tail;
    }
    filled.push_str(rest);
    filled
}
