//! Reasons: why an order waits, was late, skipped or in vain. Values in the ledger, worded when somebody
//! reads them.
//!
//! In: what happened. Out: JSON `{"reason":"exit_code","code":3}`, and the text in both languages from the
//! catalogue, `reason.exit_code`, each value in the place that bears its name.

use std::error::Error;
use std::io;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::words::OrderStep;
use crate::files::lock::Holder;
use crate::texts::{Text, text};

/// Why an order stands as it does; several may hold, the first happened first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Reason {
    /// Missed, and `catch_up = "none"`.
    NotCaughtUp,
    /// Missed, and a later one stands for it.
    LaterStands,
    /// Missed by more than `grace_secs`.
    BeyondGrace,
    /// Missed with others, from `first` on and before `before`, that are not kept one by one.
    #[expect(missing_docs, reason = "said above")]
    Gap { count: u64, first: DateTime<Utc>, before: DateTime<Utc> },
    /// Missed and made up for.
    MadeUp,
    /// The one before had not ended, and `overlap = "skip"`.
    Overlap,
    /// It waits for the one before: `overlap = "queue"`.
    Queued,
    /// So many of its job wait already.
    #[expect(missing_docs, reason = "said above")]
    Crowded { most: usize },
    /// It waits for the output, which somebody else holds.
    #[expect(missing_docs, reason = "said above")]
    Output { holder: Holder },
    /// The job's file was taken away.
    JobIsGone,
    /// It publishes, and waits for the end of a backfill.
    Backfill,
    /// The daemon ended while it was at work.
    Interrupted,
    /// The daemon before ended without a word.
    Requeued,
    /// It had its time.
    TimeOut,
    /// The edition was held back.
    HeldBack,
    /// Its process ended with this exit code.
    #[expect(missing_docs, reason = "said above")]
    ExitCode { code: i32 },
    /// This signal killed its process.
    #[expect(missing_docs, reason = "said above")]
    Signal { signal: i32 },
    /// Nobody saw how its process ended.
    Unobserved,
    /// Its process could not be started.
    NotStarted,
    /// What its process said last besides its log, line by line.
    #[expect(missing_docs, reason = "said above")]
    Words { words: Vec<String> },
    /// A step panicked.
    #[expect(missing_docs, reason = "said above")]
    Panicked { step: OrderStep, said: String },
    /// An error and its causes, and what of it the operating system said.
    #[expect(missing_docs, reason = "said above")]
    Error { chain: Vec<String>, system: Vec<String> },
}

impl Reason {
    /// An error.
    pub fn error(error: &(dyn Error + 'static)) -> Self {
        let (mut chain, mut system) = (Vec::new(), Vec::new());
        let mut next = Some(error);
        while let Some(cause) = next {
            chain.push(cause.to_string());
            let of_system = cause.downcast_ref::<io::Error>();
            let of_system = of_system.filter(|cause| cause.raw_os_error().is_some());
            system.extend(of_system.map(ToString::to_string));
            next = cause.source();
        }
        chain.dedup();
        Self::Error { chain, system }
    }

    /// Its text.
    pub fn text(&self) -> Text {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(self) else {
            return Text::default();
        };
        let name = fields.remove("reason").unwrap_or_default();
        let values: Vec<(&str, Text)> =
            fields.iter().map(|(name, value)| (name.as_str(), Text::same(told(value)))).collect();
        let arguments: Vec<(&str, &Text)> =
            values.iter().map(|(name, value)| (*name, value)).collect();
        text(&format!("reason.{}", name.as_str().unwrap_or_default())).fill(&arguments)
    }

    /// Several in one text.
    pub fn texts(reasons: &[Self]) -> Text {
        let mut all = Text::default();
        for reason in reasons {
            let said = reason.text();
            let (zh, en) = match (all.zh.is_empty(), reason) {
                (true, _) => ("", ""),
                (false, Self::Words { .. }) => ("：", ": "),
                (false, _) => ("；", "; "),
            };
            all.zh.extend([zh, &said.zh]);
            all.en.extend([en, &said.en]);
        }
        all
    }
}

/// A value of a reason as people read it.
fn told(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().map(told).collect::<Vec<_>>().join(": "),
        Value::Object(_) => serde_json::from_value::<Holder>(value.clone())
            .map_or_else(|_| value.to_string(), |holder| holder.to_string()),
        other => other.to_string(),
    }
}
