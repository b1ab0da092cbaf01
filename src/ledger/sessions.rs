//! Sessions: from when to when a daemon watched over the schedules.

use chrono::{DateTime, Utc};

use super::{Ledger, LedgerError, host, query, stamp};

/// A time in which a daemon watched.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Session {
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// Its last sign of life.
    pub seen_at: DateTime<Utc>,
    /// Whether it ended in order; otherwise it goes on, was killed, or the machine went down.
    pub has_ended: bool,
}

impl Ledger {
    /// Begins the session of this process; returns its number.
    pub async fn begin_session(&self, now: DateTime<Utc>) -> Result<i64, LedgerError> {
        let begin = query(
            "INSERT INTO sessions (session_id, host, process, program, started_at, seen_at) \
             SELECT COALESCE(MAX(session_id), 0) + 1, $1, $2, $3, $4, $4 \
             FROM sessions RETURNING session_id",
        );
        let begin = begin.bind(host()).bind(i64::from(std::process::id()));
        self.insert(begin.bind(env!("CARGO_PKG_VERSION")).bind(stamp(now))).await
    }

    /// A sign of life.
    pub async fn see_session(&self, id: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let see = query("UPDATE sessions SET seen_at = $2 WHERE session_id = $1");
        self.write(see.bind(id).bind(stamp(now))).await.map(|_| ())
    }

    /// Ends a session in order.
    pub async fn end_session(&self, id: i64, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let end = query("UPDATE sessions SET seen_at = $2, ended_at = $2 WHERE session_id = $1");
        self.write(end.bind(id).bind(stamp(now))).await.map(|_| ())
    }

    /// The newest session; `None` before the first.
    pub async fn last_session(&self) -> Result<Option<Session>, LedgerError> {
        let newest = query("SELECT * FROM sessions ORDER BY session_id DESC LIMIT 1");
        let read = |row: super::LedgerRow<'_>| {
            Ok(Session {
                started_at: row.time("started_at")?,
                seen_at: row.time("seen_at")?,
                has_ended: row.time_if("ended_at")?.is_some(),
            })
        };
        self.row(newest, read).await
    }
}
