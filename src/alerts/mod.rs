//! Alerts: what people are told when something needs them, once and on the channels they read.
//!
//! In: notices of what happened, the channels of `jobs/alerts.toml`. Out: lines in the log, alerts in
//! the ledger, messages to webhooks. A message that does not arrive is tried again and never fails
//! what it is about. No text of an alert bears a firm's figures: it is made here, from names and counts.

use chrono::{DateTime, Utc};

use crate::ledger::alerts::{NewAlert, Raised};
use crate::ledger::{Ledger, LedgerError};
use crate::project::Project;
use crate::project::alerts::Kind;

pub mod bodies;

pub mod content;

pub mod delivery;

pub mod message;

pub mod sender;

pub mod signature;

mod texts;

pub use self::content::{Absent, Alert, DaemonTrouble, FailedTest, Filing, Subject};
pub use self::delivery::deliver;
pub use self::sender::Sender;
pub use self::texts::{harmless, inputs};

/// Something people are to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It holds, or happened.
    Raise(Alert),
    /// These of their kind hold, and no other does any more.
    Hold(Kind, Vec<Alert>),
    /// It ceased to hold, if it did.
    Settle(Kind, Subject),
}

/// Raises or settles, whichever a notice says.
pub async fn tell(
    ledger: &Ledger,
    project: &Project,
    notice: &Notice,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    match notice {
        Notice::Raise(alert) => {
            raise(ledger, project, alert, now).await?;
        }
        Notice::Hold(kind, alerts) => {
            let held: Vec<String> = alerts.iter().map(|alert| alert.subject().key()).collect();
            for open in ledger.alerts_since(now).await? {
                let holds = held.contains(&open.subject);
                if open.kind == kind.name() && open.settled_at.is_none() && !holds {
                    settle(ledger, *kind, &open.subject, now).await?;
                }
            }
            for alert in alerts {
                raise(ledger, project, alert, now).await?;
            }
        }
        Notice::Settle(kind, subject) => settle(ledger, *kind, &subject.key(), now).await?,
    }
    Ok(())
}

/// Raises an alert: to the log, to the ledger, and noted for the channels that want its kind.
pub async fn raise(
    ledger: &Ledger,
    project: &Project,
    alert: &Alert,
    now: DateTime<Utc>,
) -> Result<Raised, LedgerError> {
    let kind = alert.kind();
    let wanting = project.channels.iter().filter(|channel| channel.wants(kind));
    let names: Vec<&str> = wanting.map(|channel| channel.name.as_str()).collect();
    let new = NewAlert { kind, subject: alert.subject().key(), content: alert.json() };
    let raised = ledger.raise_alert(&new, &names, now).await?;
    let (id, name, text) = (raised.alert_id, kind.name(), alert.text(&project.settings).en);
    if kind.is_event() {
        tracing::info!(alert = id, kind = name, subject = %alert.subject(), "{text}");
    } else {
        tracing::warn!(alert = id, kind = name, subject = %alert.subject(), "{text}");
    }
    Ok(raised)
}

async fn settle(
    ledger: &Ledger,
    kind: Kind,
    subject: &str,
    now: DateTime<Utc>,
) -> Result<(), LedgerError> {
    if let Some(alert) = ledger.settle_alert(kind, subject, now).await? {
        tracing::info!(
            alert,
            kind = kind.name(),
            subject = Subject::shown(subject),
            "alert settled"
        );
    }
    Ok(())
}
