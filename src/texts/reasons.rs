//! Reasons: why an activation was skipped, waits or failed. The ledger keeps them as English
//! sentences, people read them in their own language.
//!
//! In: the name of a reason and its values, or a sentence as it was kept. Out: the sentence to keep, or
//! the text in both languages. What no reason of the catalogue says (what a system or another version
//! said) stays as it is.

use super::{CATALOGUE, Text, text};

/// The reasons of the catalogue.
const REASONS: &str = "reason.";

/// Between several reasons.
const AND: &str = "; ";

/// Between a reason and what was said besides.
const SAID: &str = ": ";

/// A reason as the ledger keeps it.
pub fn kept(name: &str, values: &[(&str, &str)]) -> String {
    let texts: Vec<(&str, Text)> =
        values.iter().map(|(name, value)| (*name, Text::same(*value))).collect();
    let arguments: Vec<(&str, &Text)> = texts.iter().map(|(name, text)| (*name, text)).collect();
    text(&format!("{REASONS}{name}")).fill(&arguments).en
}

/// A reason that was kept, or several, in both languages.
pub fn told(kept: &str) -> Text {
    if let Some((before, last)) = kept.rsplit_once(AND)
        && let Some(last) = known(last)
    {
        return joined(&told(before), "；", AND, &last);
    }
    known(kept)
        .or_else(|| with_more(kept))
        .or_else(|| with_words(kept))
        .unwrap_or_else(|| Text::same(kept))
}

/// A known reason with others after it, of which the last is not known.
fn with_more(kept: &str) -> Option<Text> {
    let (first, others) = kept.split_once(AND)?;
    Some(joined(&known(first)?, "；", AND, &told(others)))
}

/// A known reason with what a process said besides.
fn with_words(kept: &str) -> Option<Text> {
    kept.match_indices(SAID).find_map(|(at, _)| {
        let (reason, words) = kept.split_at_checked(at)?;
        let words = words.strip_prefix(SAID)?;
        Some(joined(&known(reason)?, "：", SAID, &Text::same(words)))
    })
}

fn joined(one: &Text, zh: &str, en: &str, other: &Text) -> Text {
    Text { zh: format!("{}{zh}{}", one.zh, other.zh), en: format!("{}{en}{}", one.en, other.en) }
}

/// The reason of the catalogue that says exactly this.
fn known(said: &str) -> Option<Text> {
    let texts = CATALOGUE.iter().filter(|(key, _)| key.starts_with(REASONS));
    texts.map(|(_, text)| text).find_map(|text| {
        let values = values(&text.en, said)?;
        let values: Vec<(&str, Text)> =
            values.into_iter().map(|(name, value)| (name, Text::same(value))).collect();
        let arguments: Vec<_> = values.iter().map(|(name, value)| (*name, value)).collect();
        Some(text.fill(&arguments))
    })
}

/// What stands in a sentence for the placeholders of its template; `None` when it is of another.
fn values<'a>(template: &'a str, said: &'a str) -> Option<Vec<(&'a str, &'a str)>> {
    let mut parts = template.split('{');
    let mut rest = said.strip_prefix(parts.next()?)?;
    let mut values = Vec::new();
    for part in parts {
        let (name, literal) = part.split_once('}')?;
        let (value, after) = match literal {
            "" => (rest, ""),
            literal => rest.split_once(literal)?,
        };
        values.push((name, value));
        rest = after;
    }
    rest.is_empty().then_some(values)
}
