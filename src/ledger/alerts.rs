//! Alerts: raised, settled, listed. The same thing is one alert, however often it comes up.
//!
//! In: what people are to be told, and the channels that want it; subject and content as JSON that only
//! [`crate::alerts`] understands. Out: whether it is new, what is open. An alert that holds on is told
//! again after a quiet time only; one that merely happened is told once for ever.

use chrono::{DateTime, TimeDelta, Utc};

use super::deliveries::AT_ONCE;
use super::row::LedgerRow;
use super::{Ledger, LedgerError, Statement, instant, query, stamp};
use crate::project::alerts::Kind;

/// An alert that came up again is told again after so long.
pub const QUIET: TimeDelta = TimeDelta::hours(24);

/// What people are to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlert {
    /// What kind of thing.
    pub kind: Kind,
    /// What it is about, as JSON: open alerts of one kind and subject are one.
    pub subject: String,
    /// The values of its text, as JSON.
    pub content: String,
}

/// What became of an alert that was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised {
    /// Its number.
    pub alert_id: i64,
    /// Whether it did not hold before.
    pub is_new: bool,
    /// Whether people are told, for the first time or again.
    pub is_told: bool,
}

/// An alert as the ledger keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptAlert {
    /// Its number.
    pub alert_id: i64,
    /// What kind of thing.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// The values of its text.
    pub content: String,
    /// When it first came up.
    pub first_at: DateTime<Utc>,
    /// When it last came up.
    pub last_at: DateTime<Utc>,
    /// How often it came up.
    pub times: i64,
    /// When it ceased to hold; at once for what merely happened.
    pub settled_at: Option<DateTime<Utc>>,
}

fn kept(row: LedgerRow<'_>) -> Result<KeptAlert, sqlx::Error> {
    Ok(KeptAlert {
        alert_id: row.at("alert_id")?,
        kind: row.at("kind")?,
        subject: row.at("subject")?,
        content: row.at("content")?,
        first_at: row.time("first_at")?,
        last_at: row.time("last_at")?,
        times: row.at("times")?,
        settled_at: row.time_if("settled_at")?,
    })
}

impl Ledger {
    /// Raises an alert and notes that it is to be sent to the channels, unless it was lately.
    pub async fn raise_alert(
        &self,
        alert: &NewAlert,
        channels: &[&str],
        now: DateTime<Utc>,
    ) -> Result<Raised, LedgerError> {
        let failed = || self.failed("write");
        let mut work = self.pool.begin().await.map_err(failed())?;
        // A write comes first in the transaction, so that nobody else can raise the same in between.
        let known = again(alert, now).fetch_optional(&mut *work).await.map_err(failed())?;
        let raised = if let Some(row) = known {
            let told_at: String = LedgerRow(&row).at("told_at").map_err(failed())?;
            let is_told = !alert.kind.is_event() && is_quiet_over(&told_at, now);
            let alert_id = LedgerRow(&row).at("alert_id").map_err(failed())?;
            Raised { alert_id, is_new: false, is_told }
        } else {
            let row = insert(alert, now).fetch_one(&mut *work).await.map_err(failed())?;
            let alert_id = LedgerRow(&row).at("alert_id").map_err(failed())?;
            Raised { alert_id, is_new: true, is_told: true }
        };
        if raised.is_told {
            for statement in tell(raised.alert_id, channels, now) {
                statement.execute(&mut *work).await.map_err(failed())?;
            }
        }
        work.commit().await.map_err(failed())?;
        Ok(raised)
    }

    /// Settles an alert that ceased to hold; whoever was told of it is told of that too. Returns its
    /// number, or `None` when it did not hold.
    pub async fn settle_alert(
        &self,
        kind: Kind,
        subject: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>, LedgerError> {
        let open = query(
            "SELECT alert_id FROM alerts WHERE kind = $1 AND subject = $2 AND settled_at IS NULL",
        );
        let open = open.bind(kind.name()).bind(subject.to_owned());
        let Some(alert_id) = self.row(open, |row| row.at::<i64>("alert_id")).await? else {
            return Ok(None);
        };
        let settle = [
            "UPDATE alerts SET settled_at = $2 WHERE alert_id = $1",
            "UPDATE deliveries SET message = 'recovery', state = 'waiting', attempts = 0, \
             not_before = $2, delivered_at = NULL, error = NULL WHERE alert_id = $1 AND told > 0",
            "UPDATE deliveries SET state = 'given_up', not_before = $2, error = NULL \
             WHERE alert_id = $1 AND told = 0 AND state = 'waiting'",
        ];
        let at = [now, AT_ONCE, AT_ONCE];
        let bound = settle.into_iter().zip(at);
        let bound = bound.map(|(sql, at)| query(sql).bind(alert_id).bind(stamp(at)));
        self.write_all(bound.collect()).await?;
        Ok(Some(alert_id))
    }

    /// The alerts that hold, and those that came up or were settled since, newest first.
    pub async fn alerts_since(&self, since: DateTime<Utc>) -> Result<Vec<KeptAlert>, LedgerError> {
        let recent = query(
            "SELECT * FROM alerts WHERE settled_at IS NULL OR settled_at >= $1 OR last_at >= $1 \
             ORDER BY last_at DESC, alert_id DESC",
        );
        self.rows(recent.bind(stamp(since)), kept).await
    }
}

/// The statement that counts up the alert that holds, or the event of the same subject.
fn again(alert: &NewAlert, now: DateTime<Utc>) -> Statement {
    let open = if alert.kind.is_event() { "" } else { "AND settled_at IS NULL" };
    query(format!(
        "UPDATE alerts SET times = times + 1, last_at = $3, content = $4 \
         WHERE kind = $1 AND subject = $2 {open} RETURNING alert_id, told_at"
    ))
    .bind(alert.kind.name())
    .bind(alert.subject.clone())
    .bind(stamp(now))
    .bind(alert.content.clone())
}

fn insert(alert: &NewAlert, now: DateTime<Utc>) -> Statement {
    query(
        "INSERT INTO alerts (alert_id, kind, subject, content, first_at, last_at, times, told_at, \
         settled_at) SELECT COALESCE(MAX(alert_id), 0) + 1, $1, $2, $3, $4, $4, 1, $4, $5 \
         FROM alerts RETURNING alert_id",
    )
    .bind(alert.kind.name())
    .bind(alert.subject.clone())
    .bind(alert.content.clone())
    .bind(stamp(now))
    .bind(alert.kind.is_event().then(|| stamp(now)))
}

/// The statements that note that an alert is to be sent to channels now.
fn tell(alert_id: i64, channels: &[&str], now: DateTime<Utc>) -> Vec<Statement> {
    let mark = query("UPDATE alerts SET told_at = $2 WHERE alert_id = $1");
    let send = |channel: &&str| {
        query(
            "INSERT INTO deliveries (alert_id, channel, message, state, told, attempts, not_before) \
             VALUES ($1, $2, 'alert', 'waiting', 0, 0, $3) \
             ON CONFLICT (alert_id, channel) DO UPDATE SET message = 'alert', state = 'waiting', \
             attempts = 0, not_before = $3, delivered_at = NULL, error = NULL",
        )
        .bind(alert_id)
        .bind((*channel).to_owned())
        .bind(stamp(AT_ONCE))
    };
    std::iter::once(mark.bind(alert_id).bind(stamp(now))).chain(channels.iter().map(send)).collect()
}

/// Whether the quiet time since is over; a clock that was set back must not make it longer.
fn is_quiet_over(told_at: &str, now: DateTime<Utc>) -> bool {
    instant(told_at).is_none_or(|told_at| (now - told_at).abs() >= QUIET)
}
