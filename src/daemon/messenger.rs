//! The messenger: from notices of the loop to alerts in the ledger to messages on their way.
//!
//! In: notices, the time. Out: alerts raised and settled at the next turn, before anything else is
//! decided; their messages, and those that runs raised, sent by one task beside the loop. A webhook
//! that never answers holds up that task and nothing else. While nothing is due the ledger is asked
//! twice a minute.

use std::collections::{BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;

use super::notices::{self, Notice};
use super::now;
use super::supervisor::Daemon;
use crate::alerts::{self, Courier, courier};
use crate::ledger::{Ledger, LedgerError};
use crate::project::alerts::Kind;
use crate::runs;

/// What came due without a word from the loop is found so soon.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The end of the daemon waits so long for a message that is on its way: broken off, it might arrive
/// and be sent once more.
const LAST_WAIT: Duration = courier::TIME_OUT.saturating_add(Duration::from_secs(2));

/// What the loop has to tell and what is on its way.
#[derive(Debug, Default)]
pub(super) struct Messenger {
    /// Alerts that the ledger does not know yet.
    queue: VecDeque<(alerts::Notice, DateTime<Utc>)>,
    /// Jobs of which people were told that they failed or are late.
    pub(super) alarmed: BTreeSet<String>,
    /// Backfills of which people were told that they are stuck.
    pub(super) stuck: BTreeSet<i64>,
    /// Whether something may have come due since the last look.
    pub(super) is_due: bool,
    looked: Option<Instant>,
    delivery: Option<JoinHandle<()>>,
    courier: Courier,
}

impl Messenger {
    /// One that knows what people were told and still holds, so that they are told of its end; a
    /// project that was just read is sound.
    pub(super) async fn start(ledger: &Ledger, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        let mut messenger = Self { is_due: true, ..Self::default() };
        for alert in ledger.alerts_since(now).await? {
            let subject = alert.subject;
            match Kind::named(&alert.kind) {
                _ if alert.settled_at.is_some() => {}
                Some(Kind::RunFailed | Kind::JobOverdue) => {
                    messenger.alarmed.insert(subject);
                }
                Some(Kind::DaemonTrouble) if subject == notices::RELOAD => {
                    let kind = Kind::DaemonTrouble;
                    messenger.queue(alerts::Notice::Settle { kind, subject }, now);
                }
                Some(Kind::DaemonTrouble) => {
                    messenger.stuck.extend(notices::backfill_of(&subject));
                }
                _ => {}
            }
        }
        Ok(messenger)
    }

    /// Keeps an alert for the ledger; what was to be said of the same before is out of date.
    fn queue(&mut self, alert: alerts::Notice, now: DateTime<Utc>) {
        self.queue.retain(|(other, _)| about(other) != about(&alert));
        self.queue.push_back((alert, now));
    }
}

/// What an alert is about.
fn about(notice: &alerts::Notice) -> (Kind, &str) {
    match notice {
        alerts::Notice::Raise(alert) => (alert.kind, &alert.subject),
        alerts::Notice::Settle { kind, subject } => (*kind, subject),
        alerts::Notice::Hold { kind, .. } => (*kind, ""),
    }
}

impl Daemon {
    /// Says it in the log, and keeps what people are alerted to for this turn.
    pub(super) fn tell(&mut self, notice: &Notice) {
        notice.log();
        self.alert(notice);
    }

    /// Keeps what people are alerted to.
    pub(super) fn alert(&mut self, notice: &Notice) {
        for alert in notice.alerts(&self.current.project.settings) {
            self.messenger.queue(alert, now());
        }
    }

    /// Writes to the ledger what people are to be told.
    pub(super) async fn pass_on(&mut self) -> Result<(), LedgerError> {
        while let Some((notice, at)) = self.messenger.queue.front() {
            alerts::tell(&self.ledger, &self.current.project.channels, notice, *at).await?;
            self.messenger.queue.pop_front();
            self.messenger.is_due = true;
        }
        Ok(())
    }

    /// Sends what is due, beside the loop; at most one such task at a time.
    pub(super) fn deliver(&mut self, now: DateTime<Utc>, instant: Instant) {
        let messenger = &mut self.messenger;
        if messenger.delivery.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let looked = messenger.looked;
        let is_time = looked.is_none_or(|looked| LOOK_EVERY <= instant.duration_since(looked));
        if !messenger.is_due && !is_time {
            return;
        }
        (messenger.is_due, messenger.looked) = (false, Some(instant));
        let (ledger, courier) = (self.ledger.clone(), messenger.courier.clone());
        let current = std::sync::Arc::clone(&self.current);
        messenger.delivery = Some(tokio::spawn(async move {
            if let Err(error) = alerts::deliver(&ledger, &courier, &current.project, now).await {
                tracing::warn!(error = %runs::chain(&error), "alerts wait: the ledger cannot be used");
            }
        }));
    }

    /// Waits for the message that is on its way, for a bounded time.
    pub(super) async fn end_delivery(&mut self) {
        let Some(mut task) = self.messenger.delivery.take() else { return };
        if tokio::time::timeout(LAST_WAIT, &mut task).await.is_err() {
            task.abort();
        }
    }
}
