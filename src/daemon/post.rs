//! What people are to be told: from the loop to alerts in the ledger to messages on their way.
//!
//! In: notices, the time. Out: alerts raised and settled at the next turn, before anything else is
//! decided; their messages, and those that runs raised, sent by one task beside the loop. A webhook
//! that never answers holds up that task and nothing else. While nothing is due the ledger is asked
//! twice a minute.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::task::JoinHandle;

use super::current::Current;
use super::now;
use crate::alerts::{self, Alert, Notice, Sender, Subject, sender};
use crate::ledger::orders::State;
use crate::ledger::{Ledger, LedgerError};
use crate::orders;
use crate::project::alerts::Kind;

/// What came due and nobody of the loop knows of is found within this time.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The end of the daemon waits so long for a message that is on its way: broken off, it might arrive
/// and be sent once more.
const LAST_WAIT: Duration = sender::TIME_OUT.saturating_add(Duration::from_secs(2));

/// What the loop has to tell and what is on its way.
#[derive(Debug, Default)]
pub(super) struct Post {
    /// What the ledger does not know yet.
    queue: VecDeque<(Notice, DateTime<Utc>)>,
    /// Jobs and backfills of which people were told that they failed or are late.
    alarmed: BTreeSet<Subject>,
    /// Whether something may have come due since the last look.
    is_due: bool,
    looked: Option<Instant>,
    delivery: Option<JoinHandle<()>>,
    sender: Sender,
}

impl Post {
    /// One that knows what people were told and still holds, so that they are told of its end; a
    /// project that was just read is sound.
    pub(super) async fn start(ledger: &Ledger, now: DateTime<Utc>) -> Result<Self, LedgerError> {
        let mut post = Self { is_due: true, ..Self::default() };
        for alert in ledger.alerts_since(now).await? {
            let subject = Alert::read(&alert.content).map(|alert| alert.subject());
            let Some(subject) = subject.filter(|_| alert.settled_at.is_none()) else { continue };
            if subject == Subject::Reload {
                post.settle(Kind::DaemonTrouble, subject);
            } else if matches!(subject, Subject::Job(_) | Subject::Backfill(_)) {
                post.alarmed.insert(subject);
            }
        }
        Ok(post)
    }

    /// Says at the next turn that something is so.
    pub(super) fn raise(&mut self, alert: Alert) {
        let subject = alert.subject();
        if matches!(subject, Subject::Job(_) | Subject::Backfill(_)) {
            self.alarmed.insert(subject);
        }
        self.keep(Notice::Raise(alert));
    }

    /// Says at the next turn that something is so no longer.
    pub(super) fn settle(&mut self, kind: Kind, subject: Subject) {
        self.keep(Notice::Settle(kind, subject));
    }

    /// A job or backfill did what it was to do: whoever was told that it did not is told so.
    pub(super) fn recovered(&mut self, subject: &Subject) {
        if self.alarmed.remove(subject) {
            tracing::info!(%subject, "recovered");
            for kind in [Kind::RunFailed, Kind::JobOverdue, Kind::DaemonTrouble] {
                self.settle(kind, subject.clone());
            }
        }
    }

    /// Keeps a notice; what was to be said of the same before is out of date.
    fn keep(&mut self, notice: Notice) {
        let about = |notice: &Notice| match notice {
            Notice::Raise(alert) => (alert.kind(), Some(alert.subject())),
            Notice::Settle(kind, subject) => (*kind, Some(subject.clone())),
            Notice::Hold(kind, _) => (*kind, None),
        };
        let subject = about(&notice);
        self.queue.retain(|(other, _)| about(other) != subject);
        self.queue.push_back((notice, now()));
    }

    /// Runs may have raised alerts of their own.
    pub(super) fn look_soon(&mut self) {
        self.is_due = true;
    }

    /// Whether backfills that failed came to their end after all, by somebody at a terminal.
    pub(super) async fn look_after(&mut self, ledger: &Ledger) -> Result<(), LedgerError> {
        for subject in self.alarmed.clone() {
            let Subject::Backfill(id) = subject else { continue };
            let order = ledger.order(id).await?;
            if order.is_none_or(|it| matches!(it.state, State::Done | State::Cancelled)) {
                self.recovered(&subject);
            }
        }
        Ok(())
    }

    /// Writes to the ledger what people are to be told.
    pub(super) async fn pass_on(
        &mut self,
        ledger: &Ledger,
        current: &Current,
    ) -> Result<(), LedgerError> {
        while let Some((notice, at)) = self.queue.front() {
            alerts::tell(ledger, &current.project, notice, *at).await?;
            self.queue.pop_front();
            self.is_due = true;
        }
        Ok(())
    }

    /// Sends what is due, beside the loop; at most one such task at a time.
    pub(super) fn deliver(&mut self, ledger: &Ledger, current: &Arc<Current>, instant: Instant) {
        if self.delivery.as_ref().is_some_and(|task| !task.is_finished()) {
            return;
        }
        let is_time = self.looked.is_none_or(|it| LOOK_EVERY <= instant.duration_since(it));
        if !self.is_due && !is_time {
            return;
        }
        (self.is_due, self.looked) = (false, Some(instant));
        let (ledger, sender, current) = (ledger.clone(), self.sender.clone(), Arc::clone(current));
        self.delivery = Some(tokio::spawn(async move {
            if let Err(error) = alerts::deliver(&ledger, &sender, &current.project, now()).await {
                tracing::warn!(error = %orders::chain(&error), "alerts wait: the ledger cannot be used");
            }
        }));
    }

    /// Waits for the message that is on its way, for a bounded time.
    pub(super) async fn end(&mut self) {
        let Some(mut task) = self.delivery.take() else { return };
        if tokio::time::timeout(LAST_WAIT, &mut task).await.is_err() {
            task.abort();
        }
    }
}
