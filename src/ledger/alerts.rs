//! Alerts: raised, settled, listed. The same thing is one alert, however often it comes up.
//!
//! In: what people are to be told, and the channels that want it. Out: whether it is new, what is
//! open. An alert that holds on is told again after a quiet time only; one that merely happened is
//! told once for ever.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row, Transaction};

use super::deliveries::AT_ONCE;
use super::{Ledger, LedgerError, instant, stamp};
use crate::project::alerts::Kind;

/// An alert that came up again is told again after so long.
pub const QUIET: TimeDelta = TimeDelta::hours(24);

/// What people are to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlert {
    /// What kind of thing.
    pub kind: Kind,
    /// What it is about: open alerts of one kind and subject are one.
    pub subject: String,
    /// The text in Chinese, lines apart.
    pub text_zh: String,
    /// The text in English, lines apart.
    pub text_en: String,
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
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Alert {
    /// Its number.
    pub alert_id: i64,
    /// What kind of thing.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// The text in Chinese.
    pub text_zh: String,
    /// The text in English.
    pub text_en: String,
    /// When it first came up.
    pub first_at: String,
    /// When it last came up.
    pub last_at: String,
    /// How often it came up.
    pub times: i64,
    /// When it ceased to hold; at once for what merely happened.
    pub settled_at: Option<String>,
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
        let known = came_up_again(&mut work, alert, now).await.map_err(failed())?;
        let raised = if let Some((alert_id, told_at)) = known {
            let is_told = !alert.kind.is_event() && is_quiet_over(&told_at, now);
            Raised { alert_id, is_new: false, is_told }
        } else {
            let alert_id = insert(&mut work, alert, now).await.map_err(failed())?;
            Raised { alert_id, is_new: true, is_told: true }
        };
        if raised.is_told {
            tell(&mut work, raised.alert_id, channels, now).await.map_err(failed())?;
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
        let failed = || self.failed("write");
        let mut work = self.pool.begin().await.map_err(failed())?;
        let settled: Option<i64> = sqlx::query_scalar(
            "UPDATE alerts SET settled_at = $3 \
             WHERE kind = $1 AND subject = $2 AND settled_at IS NULL RETURNING alert_id",
        )
        .bind(kind.name())
        .bind(subject)
        .bind(stamp(now))
        .fetch_optional(&mut *work)
        .await
        .map_err(failed())?;
        if let Some(alert_id) = settled {
            for statement in [
                "UPDATE deliveries SET message = 'recovery', state = 'waiting', attempts = 0, \
                 not_before = $2, delivered_at = NULL, error = NULL WHERE alert_id = $1 AND told > 0",
                "UPDATE deliveries SET state = 'given_up', not_before = $2, \
                 error = 'it ceased to hold before it could be told' \
                 WHERE alert_id = $1 AND told = 0 AND state = 'waiting'",
            ] {
                sqlx::query(statement)
                    .bind(alert_id)
                    .bind(stamp(AT_ONCE))
                    .execute(&mut *work)
                    .await
                    .map_err(failed())?;
            }
        }
        work.commit().await.map_err(failed())?;
        Ok(settled)
    }

    /// The alerts that hold, and those that came up or were settled since, newest first.
    pub async fn alerts_since(&self, since: DateTime<Utc>) -> Result<Vec<Alert>, LedgerError> {
        let rows = sqlx::query(
            "SELECT alert_id, kind, subject, text_zh, text_en, first_at, last_at, times, settled_at \
             FROM alerts WHERE settled_at IS NULL OR settled_at >= $1 OR last_at >= $1 \
             ORDER BY last_at DESC, alert_id DESC",
        )
        .bind(stamp(since))
        .fetch_all(&self.pool)
        .await
        .map_err(self.failed("read"))?;
        rows.iter().map(alert).collect::<Result<_, _>>().map_err(self.failed("read"))
    }
}

fn alert(row: &sqlx::any::AnyRow) -> Result<Alert, sqlx::Error> {
    Ok(Alert {
        alert_id: row.try_get(0)?,
        kind: row.try_get(1)?,
        subject: row.try_get(2)?,
        text_zh: row.try_get(3)?,
        text_en: row.try_get(4)?,
        first_at: row.try_get(5)?,
        last_at: row.try_get(6)?,
        times: row.try_get(7)?,
        settled_at: row.try_get(8)?,
    })
}

/// Counts up the alert that holds, or the event of the same subject: its number, when it was told.
async fn came_up_again(
    work: &mut Transaction<'_, Any>,
    alert: &NewAlert,
    now: DateTime<Utc>,
) -> Result<Option<(i64, String)>, sqlx::Error> {
    // A write comes first in the transaction, so that nobody else can raise the same in between.
    let statement = if alert.kind.is_event() {
        "UPDATE alerts SET times = times + 1, last_at = $3, text_zh = $4, text_en = $5 \
         WHERE kind = $1 AND subject = $2 RETURNING alert_id, told_at"
    } else {
        "UPDATE alerts SET times = times + 1, last_at = $3, text_zh = $4, text_en = $5 \
         WHERE kind = $1 AND subject = $2 AND settled_at IS NULL RETURNING alert_id, told_at"
    };
    let row = sqlx::query(statement)
        .bind(alert.kind.name())
        .bind(&alert.subject)
        .bind(stamp(now))
        .bind(&alert.text_zh)
        .bind(&alert.text_en)
        .fetch_optional(&mut **work)
        .await?;
    row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
}

async fn insert(
    work: &mut Transaction<'_, Any>,
    alert: &NewAlert,
    now: DateTime<Utc>,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO alerts (alert_id, kind, subject, text_zh, text_en, first_at, last_at, times, \
         told_at, settled_at) \
         SELECT COALESCE(MAX(alert_id), 0) + 1, $1, $2, $3, $4, $5, $5, 1, $5, $6 \
         FROM alerts RETURNING alert_id",
    )
    .bind(alert.kind.name())
    .bind(&alert.subject)
    .bind(&alert.text_zh)
    .bind(&alert.text_en)
    .bind(stamp(now))
    .bind(alert.kind.is_event().then(|| stamp(now)))
    .fetch_one(&mut **work)
    .await
}

/// Notes that an alert is to be sent to channels now.
async fn tell(
    work: &mut Transaction<'_, Any>,
    alert_id: i64,
    channels: &[&str],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE alerts SET told_at = $2 WHERE alert_id = $1")
        .bind(alert_id)
        .bind(stamp(now))
        .execute(&mut **work)
        .await?;
    for channel in channels {
        sqlx::query(
            "INSERT INTO deliveries (alert_id, channel, message, state, told, attempts, not_before) \
             VALUES ($1, $2, 'alert', 'waiting', 0, 0, $3) \
             ON CONFLICT (alert_id, channel) DO UPDATE SET message = 'alert', state = 'waiting', \
             attempts = 0, not_before = $3, delivered_at = NULL, error = NULL",
        )
        .bind(alert_id)
        .bind(*channel)
        .bind(stamp(AT_ONCE))
        .execute(&mut **work)
        .await?;
    }
    Ok(())
}

/// Whether the quiet time since is over; a clock that was set back must not make it longer.
fn is_quiet_over(told_at: &str, now: DateTime<Utc>) -> bool {
    instant(told_at).is_none_or(|told_at| (now - told_at).abs() >= QUIET)
}
