//! One TOML file to a typed value, or faults with the line.

use std::path::Path;

use serde::de::DeserializeOwned;

use super::fault::Fault;

/// Parses TOML; the fault names the line and, for an unknown key, those that are known.
pub fn toml<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, Fault> {
    ::toml::from_str(text).map_err(|error| {
        let message = error.message().replace('\n', " ");
        match error.span() {
            Some(span) => Fault::at(file, line_of(text, span.start), message),
            None => Fault::new(file, message),
        }
    })
}

/// The line of a byte offset, counted from 1.
pub fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

/// The nearest of some known names, ready to be appended to a message; empty when none is near.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    // Capitals are the commonest slip: they do not make a name another one.
    let name = name.to_lowercase();
    let near = known
        .into_iter()
        .map(|other| (strsim::jaro_winkler(&name, &other.to_lowercase()), other))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    near.map(|(_, other)| format!("; did you mean `{other}`?")).unwrap_or_default()
}
