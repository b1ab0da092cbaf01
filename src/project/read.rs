//! One TOML file to a typed value, or faults with the line.
//!
//! In: a file's name and text. Out: its value, and the line of any key, so that what is found wrong
//! with a value after it was read has a line as well.

use std::path::Path;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::fault::Fault;

/// So many known names are listed although the nearest is named.
const SHORT: usize = 6;

/// A TOML file as it was read.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file, relative to the project.
    pub file: &'a Path,
    /// What stands in it.
    pub text: &'a str,
}

impl Source<'_> {
    /// Its value; the fault names the line and, for an unknown key or word, the nearest that is known.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        self.parse_over("")
    }

    /// The same of a file whose gaps another text fills, which is sound: what it says wins. Of
    /// `measures` only those it names are filled, once it names one.
    pub fn parse_over<T: DeserializeOwned>(&self, defaults: &str) -> Result<T, Fault> {
        let filled = || {
            let mut own = DeTable::parse(self.text)?;
            fill(own.get_mut(), DeTable::parse(defaults)?.into_inner(), false);
            T::deserialize(toml::Deserializer::from(own))
        };
        filled().map_err(|error: toml::de::Error| {
            let offset = error.span().map_or(0, |span| span.start);
            self.fault_at(offset, said(&error.message().replace('\n', " ")))
        })
    }

    /// A fault of the value at a key, e.g. `deadline.at` or `steps.1`, places counted from 0. Where
    /// the key is not written, the line is that of what it should stand in.
    pub fn fault(&self, key: &str, message: impl Into<String>) -> Fault {
        self.fault_at(self.offset_of(key), message)
    }

    /// A fault at a byte of the text.
    pub fn fault_at(&self, offset: usize, message: impl Into<String>) -> Fault {
        Fault::at(self.file, line_of(self.text, offset), message)
    }

    fn offset_of(&self, key: &str) -> usize {
        let (document, _) = DeTable::parse_recoverable(self.text);
        let document = DeValue::Table(document.into_inner());
        let (mut value, mut offset) = (&document, 0);
        for part in key.split('.') {
            let found = match value {
                DeValue::Table(table) => {
                    table.get_key_value(part).map(|(key, value)| (key.span(), value))
                }
                DeValue::Array(array) => part
                    .parse::<usize>()
                    .ok()
                    .and_then(|place| array.get(place))
                    .map(|value| (value.span(), value)),
                _ => None,
            };
            let Some((span, inner)) = found else { break };
            (value, offset) = (inner.get_ref(), span.start);
        }
        offset
    }
}

fn fill<'a>(own: &mut DeTable<'a>, defaults: DeTable<'a>, is_closed: bool) {
    for (key, value) in defaults {
        match own.get_mut(key.get_ref().as_ref()).map(Spanned::get_mut) {
            Some(DeValue::Table(own)) => {
                if let DeValue::Table(more) = value.into_inner() {
                    fill(own, more, key.get_ref() == "measures");
                }
            }
            None if !is_closed => {
                own.insert(key, value);
            }
            _ => {}
        }
    }
}

/// What the parser says, and of an unknown key or word the nearest that is known; where there is one,
/// a long list of all others is left out.
fn said(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let kind = [("unknown field", "key"), ("unknown variant", "word")]
        .into_iter()
        .find(|(said, _)| message.starts_with(said));
    let (Some((_, kind)), Some((unknown, known @ [_, ..]))) = (kind, quoted.split_first()) else {
        return message.to_owned();
    };
    let hint = nearest(unknown, known.iter().copied());
    let list = if hint.is_empty() || known.len() <= SHORT {
        format!(", none of {}", known.join(", "))
    } else {
        String::new()
    };
    format!("unknown {kind} `{unknown}`{list}{hint}")
}

/// The line of a byte offset, counted from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The nearest of some known names, ready to be appended to a message; empty when none is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    near(name, known).map(|other| format!("; did you mean `{other}`?")).unwrap_or_default()
}

/// All known names, and the nearest: `a, b, c; did you mean `b`?`.
pub fn among<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let hint = nearest(name, known.iter().copied());
    known.join(", ") + &hint
}

/// The one of some known names that was probably meant.
pub fn near<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Capitals are the commonest slip: they do not make a name another one.
    let name = name.to_lowercase();
    known
        .into_iter()
        .map(|other| (strsim::jaro_winkler(&name, &other.to_lowercase()), other))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, other)| other)
}
