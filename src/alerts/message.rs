//! A message: one alert in one language, as all kinds of channels tell it.
//!
//! In: what is due, the district it is about. Out: the lines for people, cut to a length by whole
//! lines where a bot takes no more.

use super::content::Alert;
use crate::ledger::deliveries::Due;
use crate::ledger::stamp;
use crate::project::Project;
use crate::project::alerts::{Channel, Kind};
use crate::project::settings::Settings;
use crate::texts::{Locale, Text, text};

/// One alert in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What kind of thing.
    pub kind: Kind,
    /// What it is about.
    pub subject: String,
    /// What there is to say, lines apart.
    pub text: String,
    /// The district's name.
    pub district: String,
    /// Whether the district's data is made up.
    pub is_synthetic: bool,
    /// Whether it says that the alert ceased to hold.
    pub is_settled: bool,
    /// When it came up or ceased to hold: RFC 3339, UTC.
    pub at: String,
    /// The language.
    pub locale: Locale,
}

impl Message {
    /// The message about an alert, as a channel is to be told it.
    pub fn of(alert: &Alert, due: &Due, channel: &Channel, project: &Project) -> Self {
        let Settings { district, .. } = &project.settings;
        let locale = channel.locale.unwrap_or_else(|| project.settings.locale());
        let said = if due.is_recovery { alert.settled() } else { alert.text(&project.settings) };
        Self {
            kind: alert.kind(),
            subject: alert.subject().to_string(),
            text: said.get(locale).to_owned(),
            district: district.name.get(locale).to_owned(),
            is_synthetic: district.is_synthetic,
            is_settled: due.is_recovery,
            at: stamp(due.at),
            locale,
        }
    }

    /// The lines for a chat: who says it, what, whether the data is made up; at most so many bytes
    /// of UTF-8.
    pub fn lines(&self, bytes_max: usize) -> String {
        let district = Text::same(&self.district);
        let sender = text("alert.sender").fill(&[("district", &district)]);
        let mut last = String::new();
        if self.is_synthetic {
            last = format!("\n{}", text("alert.synthetic").get(self.locale));
        }
        let said = format!("{}{}", sender.get(self.locale), self.text);
        format!("{}{last}", cut(&said, bytes_max.saturating_sub(last.len())))
    }
}

/// A text of at most so many bytes: whole lines of it, then `…`.
fn cut(text: &str, bytes_max: usize) -> String {
    if text.len() <= bytes_max {
        return text.to_owned();
    }
    let room = bytes_max.saturating_sub("\n…".len());
    let ends = text.match_indices('\n').map(|(at, _)| at).take_while(|at| *at <= room);
    if let Some(kept) = ends.last().and_then(|at| text.get(..at)) {
        return format!("{kept}\n…");
    }
    let kept = (0..=room).rev().find_map(|at| text.get(..at)).unwrap_or_default();
    format!("{kept}…")
}
