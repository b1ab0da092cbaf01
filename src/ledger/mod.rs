//! The ledger: every activation, run, attempt and step, backfills and alerts, in one database.
//!
//! In: what happened. Out: what is open, what ran, why something did not. SQLite beside the output
//! today; the statements keep to what PostgreSQL takes as well. Nothing of a figure depends on it:
//! archive and lake are enough to make everything again but for the history of runs. A database that
//! is locked, read-only, full, damaged or made by a newer program is an error that says what to do,
//! never a panic.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::AnyPool;

mod admission;

mod error;

mod open;

pub mod activations;

pub mod alerts;

pub mod backfills;

pub mod deliveries;

pub mod health;

pub mod history;

pub mod retention;

pub mod runs;

pub mod sessions;

pub use self::error::{LedgerError, Trouble};

/// Waits so long for another process that writes, before the ledger counts as locked.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open ledger.
#[derive(Clone, Debug)]
pub struct Ledger {
    pool: AnyPool,
    path: PathBuf,
}

impl Ledger {
    /// Opens the ledger at a path, `output/ledger.sqlite`; makes it when there is none. What a
    /// killed process had not finished writing is undone.
    pub async fn open(path: &Path) -> Result<Self, LedgerError> {
        open::writable(path).await
    }

    /// Opens the ledger at a path for reading, if there is one; an empty file is none. Leaves no trace
    /// on the disk.
    pub async fn look(path: &Path) -> Result<Option<Self>, LedgerError> {
        if !path.exists() {
            return Ok(None);
        }
        open::readable(path).await
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Waits until everything is written and closes it.
    pub async fn close(self) {
        self.pool.close().await;
    }

    /// An error of this ledger.
    fn failed(&self, what: &'static str) -> impl FnOnce(sqlx::Error) -> LedgerError {
        let path = self.path.clone();
        move |source| LedgerError::new(what, &path, source)
    }
}

/// An instant as the ledger writes it: UTC with milliseconds, sorting as text.
pub fn stamp(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An instant as the ledger wrote it.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.with_timezone(&Utc))
}
