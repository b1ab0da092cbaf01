//! The ledger: orders and their attempts, promises, sessions and alerts, in one database.
//!
//! In: what is to be done and what happened. Out: what is open, what ran, why something did not. SQLite
//! beside the output today; the statements keep to what PostgreSQL takes as well. Nothing of a figure
//! depends on it: archive and lake are enough to make everything again but for the history. A database
//! that is locked, read-only, full, damaged or made by a newer program is an error that says what to do,
//! never a panic.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use sqlx::any::AnyArguments;
use sqlx::query::Query;
use sqlx::{Any, AnyPool};

mod error;

mod open;

mod row;

pub mod alerts;

pub mod attempts;

pub mod deliveries;

pub mod orders;

pub mod promises;

pub mod reason;

pub mod retention;

pub mod sessions;

pub mod words;

pub use self::error::{LedgerError, LedgerTrouble};
use self::row::LedgerRow;

/// Waits so long for another process that writes, before the ledger counts as locked.
const PATIENCE: Duration = Duration::from_secs(5);

/// A statement with its values.
type Statement = Query<'static, Any, AnyArguments>;

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

    /// Has the database look through itself; what it finds is an error.
    pub async fn check(&self) -> Result<(), LedgerError> {
        let said = self.rows(query(open::CHECK), |row| row.at::<String>(0)).await?;
        if said.iter().all(|line| line == "ok") {
            return Ok(());
        }
        Err(LedgerError::damaged(&self.path, said.join("; ")))
    }

    /// Carries out a statement; returns how many rows it touched.
    async fn write(&self, statement: Statement) -> Result<u64, LedgerError> {
        let done = statement.execute(&self.pool).await.map_err(self.failed("write"))?;
        Ok(done.rows_affected())
    }

    /// Carries out statements in one transaction; returns how many rows the last one touched.
    async fn write_all(&self, statements: Vec<Statement>) -> Result<u64, LedgerError> {
        let written = async {
            let mut all = self.pool.begin().await?;
            let mut touched = 0;
            for statement in statements {
                touched = statement.execute(&mut *all).await?.rows_affected();
            }
            all.commit().await.map(|()| touched)
        };
        written.await.map_err(self.failed("write"))
    }

    /// The rows of a query, or of a statement that returns what it wrote.
    async fn rows<T>(
        &self,
        query: Statement,
        read: impl Fn(LedgerRow<'_>) -> Result<T, sqlx::Error>,
    ) -> Result<Vec<T>, LedgerError> {
        let rows = query.fetch_all(&self.pool).await.map_err(self.failed("read"))?;
        rows.iter()
            .map(|row| read(LedgerRow(row)))
            .collect::<Result<_, _>>()
            .map_err(self.failed("read"))
    }

    /// The first row of a query, if any.
    async fn row<T>(
        &self,
        query: Statement,
        read: impl Fn(LedgerRow<'_>) -> Result<T, sqlx::Error>,
    ) -> Result<Option<T>, LedgerError> {
        Ok(self.rows(query, read).await?.into_iter().next())
    }

    /// Writes one new row that gets the next number; returns that.
    async fn insert(&self, statement: Statement) -> Result<i64, LedgerError> {
        let row = statement.fetch_one(&self.pool).await.map_err(self.failed("write"))?;
        LedgerRow(&row).at(0).map_err(self.failed("write"))
    }

    /// An error of this ledger.
    fn failed(&self, what: &'static str) -> impl FnOnce(sqlx::Error) -> LedgerError {
        let path = self.path.clone();
        move |source| LedgerError::new(what, &path, source)
    }
}

/// A statement of the program's own text: no value of anybody stands in it.
fn query(sql: impl Into<String>) -> Statement {
    sqlx::query(sqlx::AssertSqlSafe(sql.into()))
}

/// A value as JSON, as columns keep it.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("what the ledger keeps is JSON")
}

/// An instant as the ledger writes it: UTC with milliseconds, sorting as text.
pub fn stamp(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// An instant as the ledger wrote it.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.with_timezone(&Utc))
}

/// The name of this machine.
pub fn host() -> String {
    whoami::hostname().unwrap_or_else(|_| "unknown".to_owned())
}

/// The account and the machine, `user@host`.
pub fn who() -> String {
    format!("{}@{}", whoami::username().unwrap_or_else(|_| "unknown".to_owned()), host())
}
