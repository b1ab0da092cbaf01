//! Deliveries: which message of an alert is to go to which channel, and what became of it.
//!
//! In: outcomes. Out: what is due. A delivery is claimed before it is tried, so that of two processes
//! one sends it, and a process that dies while sending has used up a try.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::Row;

use super::{Ledger, LedgerError, stamp};
use crate::project::alerts::Kind;

/// A message that was not tried yet waits for no instant, whatever clock raised it.
pub(super) const AT_ONCE: DateTime<Utc> = DateTime::UNIX_EPOCH;

/// A message is tried so often, then given up.
pub const TRIES: i64 = 24;

/// The longest wait between two tries.
pub const WAIT_MAX: TimeDelta = TimeDelta::hours(1);

/// The wait after a try that failed: a minute, doubled each time, up to an hour. `tries` from 1.
pub fn wait_after(tries: i64) -> TimeDelta {
    TimeDelta::minutes(1 << (tries - 1).clamp(0, 6)).min(WAIT_MAX)
}

/// A message that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The alert.
    pub alert_id: i64,
    /// The channel.
    pub channel: String,
    /// Whether it says that the alert ceased to hold.
    pub is_recovery: bool,
    /// How often it was tried.
    pub attempts: i64,
    /// What kind of thing.
    pub kind: Kind,
    /// What it is about.
    pub subject: String,
    /// The alert in Chinese.
    pub text_zh: String,
    /// The alert in English.
    pub text_en: String,
    /// When it last came up, or ceased to hold.
    pub at: String,
}

/// A delivery as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Delivery {
    /// The alert.
    pub alert_id: i64,
    /// The channel.
    pub channel: String,
    /// `alert` or `recovery`.
    pub message: String,
    /// `waiting`, `delivered` or `given_up`.
    pub state: String,
    /// How often this message was tried.
    pub attempts: i64,
    /// When it arrived.
    pub delivered_at: Option<String>,
    /// Why it last did not.
    pub error: Option<String>,
}

impl Ledger {
    /// The messages that are to be sent now, oldest alert first.
    pub async fn deliveries_due(&self, now: DateTime<Utc>) -> Result<Vec<Due>, LedgerError> {
        // No wait is longer than `WAIT_MAX`: what lies further off was written by a clock set back.
        let rows = sqlx::query(
            "SELECT d.alert_id, d.channel, d.message, d.attempts, a.kind, a.subject, a.text_zh, \
             a.text_en, CASE WHEN d.message = 'recovery' THEN a.settled_at ELSE a.last_at END \
             FROM deliveries d JOIN alerts a ON a.alert_id = d.alert_id \
             WHERE d.state = 'waiting' AND (d.not_before <= $1 OR d.not_before > $2) \
             ORDER BY d.alert_id, d.channel",
        )
        .bind(stamp(now))
        .bind(stamp(now + WAIT_MAX))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        let due = rows.iter().map(due).collect::<Result<Vec<_>, _>>();
        Ok(due.map_err(self.failed("read"))?.into_iter().flatten().collect())
    }

    /// Takes a message to be sent; `false` when another process did. Counts the try and sets when
    /// the next one may be.
    pub async fn claim_delivery(&self, due: &Due, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        let claimed = sqlx::query(
            "UPDATE deliveries SET attempts = attempts + 1, not_before = $4 \
             WHERE alert_id = $1 AND channel = $2 AND state = 'waiting' AND attempts = $3",
        )
        .bind(due.alert_id)
        .bind(&due.channel)
        .bind(due.attempts)
        .bind(stamp(now + wait_after(due.attempts + 1)))
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(claimed.rows_affected() == 1)
    }

    /// Notes that a message arrived.
    pub async fn delivered(&self, due: &Due, now: DateTime<Utc>) -> Result<(), LedgerError> {
        sqlx::query(
            "UPDATE deliveries SET state = 'delivered', told = told + 1, delivered_at = $3, \
             error = NULL WHERE alert_id = $1 AND channel = $2",
        )
        .bind(due.alert_id)
        .bind(&due.channel)
        .bind(stamp(now))
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Notes why a message did not arrive, and whether that was the last try.
    pub async fn not_delivered(
        &self,
        due: &Due,
        error: &str,
        is_given_up: bool,
    ) -> Result<(), LedgerError> {
        sqlx::query(
            "UPDATE deliveries SET state = $3, error = $4 \
             WHERE alert_id = $1 AND channel = $2 AND state = 'waiting'",
        )
        .bind(due.alert_id)
        .bind(&due.channel)
        .bind(if is_given_up { "given_up" } else { "waiting" })
        .bind(error)
        .execute(&self.pool)
        .await
        .map_err(self.failed("write"))?;
        Ok(())
    }

    /// Every delivery of alerts from a number on.
    pub async fn deliveries_from(&self, alert_id: i64) -> Result<Vec<Delivery>, LedgerError> {
        let rows = sqlx::query(
            "SELECT alert_id, channel, message, state, attempts, delivered_at, error \
             FROM deliveries WHERE alert_id >= $1 ORDER BY alert_id, channel",
        )
        .bind(alert_id)
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        let delivery = |row: &sqlx::any::AnyRow| {
            Ok(Delivery {
                alert_id: row.try_get(0)?,
                channel: row.try_get(1)?,
                message: row.try_get(2)?,
                state: row.try_get(3)?,
                attempts: row.try_get(4)?,
                delivered_at: row.try_get(5)?,
                error: row.try_get(6)?,
            })
        };
        rows.iter().map(delivery).collect::<Result<_, _>>().map_err(self.failed("read"))
    }
}

/// A row as a message; `None` for a kind that a later program wrote.
fn due(row: &sqlx::any::AnyRow) -> Result<Option<Due>, sqlx::Error> {
    let kind: String = row.try_get(4)?;
    let Some(kind) = Kind::named(&kind) else { return Ok(None) };
    let message: String = row.try_get(2)?;
    Ok(Some(Due {
        alert_id: row.try_get(0)?,
        channel: row.try_get(1)?,
        is_recovery: message == "recovery",
        attempts: row.try_get(3)?,
        kind,
        subject: row.try_get(5)?,
        text_zh: row.try_get(6)?,
        text_en: row.try_get(7)?,
        at: row.try_get(8)?,
    }))
}
