//! Alerts: what people are told when something needs them, once and on the channels they read.
//!
//! In: notices of what happened, the channels of `jobs/alerts.toml`. Out: lines in the log, alerts in
//! the ledger, messages to webhooks. A message that does not arrive is tried again and never fails
//! what it is about. No alert bears a firm's figures: texts are made here, from names and counts.

use chrono::{DateTime, Utc};

use crate::ledger::alerts::{NewAlert, Raised};
use crate::ledger::{Ledger, LedgerError};
use crate::project::alerts::{Channel, Kind};

pub mod bodies;

pub mod courier;

pub mod delivery;

pub mod message;

pub mod notices;

pub mod signature;

pub use self::courier::Courier;
pub use self::delivery::deliver;
pub use self::notices::{
    Absent, FailedTest, Filing, brief_published, daemon_trouble, edition_awaits_reason,
    edition_held_back, firms_missing, job_overdue, reminder, run_failed, unknown_document,
};

/// Something people are to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It holds, or happened.
    Raise(NewAlert),
    /// These of their kind hold, and no other does any more.
    Hold {
        /// What kind of thing.
        kind: Kind,
        /// All of them.
        alerts: Vec<NewAlert>,
    },
    /// It ceased to hold, if it did.
    Settle {
        /// What kind of thing.
        kind: Kind,
        /// What it is about.
        subject: String,
    },
}

/// Raises or settles, whichever a notice says.
pub async fn tell(
    ledger: &Ledger,
    channels: &[Channel],
    notice: &Notice,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    match notice {
        Notice::Raise(alert) => raise(ledger, channels, alert, now).await.map(|_| ()),
        Notice::Hold { kind, alerts } => {
            for open in ledger.alerts_since(now).await? {
                let holds = alerts.iter().any(|alert| alert.subject == open.subject);
                if open.kind == kind.name() && open.settled_at.is_none() && !holds {
                    settle(ledger, *kind, &open.subject, now).await?;
                }
            }
            for alert in alerts {
                raise(ledger, channels, alert, now).await?;
            }
            Ok(())
        }
        Notice::Settle { kind, subject } => settle(ledger, *kind, subject, now).await.map(|_| ()),
    }
}

/// Raises an alert: to the log, to the ledger, and noted for the channels that want its kind.
pub async fn raise(
    ledger: &Ledger,
    channels: &[Channel],
    alert: &NewAlert,
    now: DateTime<Utc>,
) -> Result<Raised, LedgerError> {
    let wanting = channels.iter().filter(|channel| channel.wants(alert.kind));
    let names: Vec<&str> = wanting.map(|channel| channel.name.as_str()).collect();
    let raised = ledger.raise_alert(alert, &names, now).await?;
    let (kind, subject) = (alert.kind.name(), alert.subject.as_str());
    let text = alert.text_en.as_str();
    if alert.kind.is_event() {
        tracing::info!(alert = raised.alert_id, kind, subject, "{text}");
    } else {
        tracing::warn!(alert = raised.alert_id, kind, subject, "{text}");
    }
    Ok(raised)
}

/// Settles an alert; `None` when it did not hold.
pub async fn settle(
    ledger: &Ledger,
    kind: Kind,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<Option<i64>, LedgerError> {
    let settled = ledger.settle_alert(kind, subject, now).await?;
    if let Some(alert) = settled {
        let text = notices::settled(kind, subject).en;
        tracing::info!(alert, kind = kind.name(), subject, "{text}");
    }
    Ok(settled)
}
