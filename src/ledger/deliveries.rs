//! Deliveries: which message of an alert is to go to which channel, and what became of it.
//!
//! In: outcomes. Out: what is due. A delivery is claimed before it is tried, so that of two processes
//! one sends it, and a process that dies while sending has used up a try.

use chrono::{DateTime, TimeDelta, Utc};

use super::row::LedgerRow;
use super::{Ledger, LedgerError, query, stamp};

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
    /// The values of its text, as JSON.
    pub content: String,
    /// When it last came up, or ceased to hold.
    pub at: DateTime<Utc>,
}

/// A delivery as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub delivered_at: Option<DateTime<Utc>>,
    /// Why it last did not, as JSON.
    pub error: Option<String>,
}

impl Ledger {
    /// The messages that are to be sent now, oldest alert first.
    pub async fn deliveries_due(&self, now: DateTime<Utc>) -> Result<Vec<Due>, LedgerError> {
        // No wait is longer than `WAIT_MAX`: what lies further off was written by a clock set back.
        let due = query(
            "SELECT d.alert_id, d.channel, d.message, d.attempts, a.content, \
             CASE WHEN d.message = 'recovery' THEN a.settled_at ELSE a.last_at END AS at \
             FROM deliveries d JOIN alerts a ON a.alert_id = d.alert_id \
             WHERE d.state = 'waiting' AND (d.not_before <= $1 OR d.not_before > $2) \
             ORDER BY d.alert_id, d.channel",
        );
        let read = |row: LedgerRow<'_>| {
            Ok(Due {
                alert_id: row.at("alert_id")?,
                channel: row.at("channel")?,
                is_recovery: row.at::<String>("message")? == "recovery",
                attempts: row.at("attempts")?,
                content: row.at("content")?,
                at: row.time("at")?,
            })
        };
        self.rows(due.bind(stamp(now)).bind(stamp(now + WAIT_MAX)), read).await
    }

    /// Takes a message to be sent; `false` when another process did. Counts the try and sets when
    /// the next one may be.
    pub async fn claim_delivery(&self, due: &Due, now: DateTime<Utc>) -> Result<bool, LedgerError> {
        let claim = query(
            "UPDATE deliveries SET attempts = attempts + 1, not_before = $4 \
             WHERE alert_id = $1 AND channel = $2 AND state = 'waiting' AND attempts = $3",
        );
        let claim = claim.bind(due.alert_id).bind(due.channel.clone()).bind(due.attempts);
        Ok(self.write(claim.bind(stamp(now + wait_after(due.attempts + 1)))).await? == 1)
    }

    /// Notes that a message arrived.
    pub async fn delivered(&self, due: &Due, now: DateTime<Utc>) -> Result<(), LedgerError> {
        let arrived = query(
            "UPDATE deliveries SET state = 'delivered', told = told + 1, delivered_at = $3, \
             error = NULL WHERE alert_id = $1 AND channel = $2",
        );
        let arrived = arrived.bind(due.alert_id).bind(due.channel.clone()).bind(stamp(now));
        self.write(arrived).await.map(|_| ())
    }

    /// Notes why a message did not arrive, as JSON, and whether that was the last try.
    pub async fn not_delivered(
        &self,
        due: &Due,
        error: String,
        is_given_up: bool,
    ) -> Result<(), LedgerError> {
        let noted = query(
            "UPDATE deliveries SET state = $3, error = $4 \
             WHERE alert_id = $1 AND channel = $2 AND state = 'waiting'",
        );
        let noted = noted.bind(due.alert_id).bind(due.channel.clone());
        let noted = noted.bind(if is_given_up { "given_up" } else { "waiting" }).bind(error);
        self.write(noted).await.map(|_| ())
    }

    /// Every delivery of alerts from a number on.
    pub async fn deliveries_from(&self, alert_id: i64) -> Result<Vec<Delivery>, LedgerError> {
        let all = query("SELECT * FROM deliveries WHERE alert_id >= $1 ORDER BY alert_id, channel");
        let read = |row: LedgerRow<'_>| {
            Ok(Delivery {
                alert_id: row.at("alert_id")?,
                channel: row.at("channel")?,
                message: row.at("message")?,
                state: row.at("state")?,
                attempts: row.at("attempts")?,
                delivered_at: row.time_if("delivered_at")?,
                error: row.at("error")?,
            })
        };
        self.rows(all.bind(alert_id), read).await
    }
}
