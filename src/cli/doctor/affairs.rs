//! What is under way and what waits for somebody: the daemon, backfills, alerts.
//!
//! In: the ledger, opened for reading, and the locks. Out: facts, each with the command that goes on
//! from there.

use serde::Serialize;

use crate::backfill;
use crate::cli::session::{self, Session};
use crate::domain::period::Period;
use crate::ledger::backfills::{Backfill, BackfillState, MonthState};
use crate::ledger::{Ledger, LedgerError, stamp};

/// What is under way and what waits.
#[derive(Debug, Default, Serialize)]
pub(super) struct Affairs {
    /// The newest daemon; `None` before the first.
    daemon: Option<LastDaemon>,
    /// Backfills that have not come to an end.
    backfills: Vec<Open>,
    /// Alerts that hold.
    alerts: Vec<Holding>,
}

/// The newest daemon.
#[derive(Debug, Serialize)]
struct LastDaemon {
    seen_at: String,
    /// Whether it ended in order.
    has_ended: bool,
}

/// A backfill that has not come to an end.
#[derive(Debug, Serialize)]
struct Open {
    backfill_id: i64,
    job: String,
    from: Period,
    to: Period,
    state: Standing,
    months_waiting: usize,
}

/// How such a backfill stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Standing {
    AtWork,
    /// Its process ended before it did.
    Interrupted,
    Paused,
}

/// An alert that holds.
#[derive(Debug, Serialize)]
struct Holding {
    alert_id: i64,
    kind: String,
    subject: String,
    first_at: String,
}

impl Affairs {
    /// Reads them from the ledger.
    pub(super) async fn read(session: &Session, ledger: &Ledger) -> Result<Self, LedgerError> {
        let last = ledger.last_session().await?;
        let daemon =
            last.map(|last| LastDaemon { seen_at: stamp(last.seen_at), has_ended: last.has_ended });
        let mut backfills = Vec::new();
        for Backfill { backfill_id, asked, state, .. } in ledger.backfills().await? {
            let state = match state {
                BackfillState::Paused => Standing::Paused,
                BackfillState::Running if backfill::is_at_work(&session.output, backfill_id) => {
                    Standing::AtWork
                }
                BackfillState::Running => Standing::Interrupted,
                _ => continue,
            };
            let months = ledger.months(backfill_id).await?;
            let waiting = months.iter().filter(|month| month.state == MonthState::Waiting);
            let months_waiting = waiting.count();
            let (job, from, to) = (asked.job, asked.from, asked.to);
            backfills.push(Open { backfill_id, job, from, to, state, months_waiting });
        }
        let alerts = ledger.alerts_since(session::now()).await?.into_iter();
        let alerts = alerts.filter(|alert| alert.settled_at.is_none()).map(|alert| Holding {
            alert_id: alert.alert_id,
            kind: alert.kind,
            subject: alert.subject,
            first_at: alert.first_at,
        });
        Ok(Self { daemon, backfills, alerts: alerts.collect() })
    }

    /// What is so, for people, one a line.
    pub(super) fn notes(&self, is_daemon_at_work: bool) -> Vec<String> {
        let mut notes = Vec::new();
        if !is_daemon_at_work {
            notes.push(match &self.daemon {
                None => "no daemon has watched over this output folder yet".to_owned(),
                Some(LastDaemon { seen_at, has_ended: true }) => {
                    format!("no daemon is at work: the last one ended in order at {seen_at}")
                }
                Some(LastDaemon { seen_at, has_ended: false }) => format!(
                    "no daemon is at work: the last one was killed, its last sign of life is of {seen_at}"
                ),
            });
        }
        notes.extend(self.backfills.iter().map(|open| open.note(is_daemon_at_work)));
        notes.extend(self.alerts.iter().map(Holding::note));
        notes
    }
}

impl Open {
    fn note(&self, is_daemon_at_work: bool) -> String {
        let Self { backfill_id: id, job, from, to, state, months_waiting } = self;
        let what =
            format!("backfill {id} ({job}, {from} … {to}, months that wait: {months_waiting})");
        match state {
            Standing::AtWork => format!("{what} is at work"),
            Standing::Paused => format!(
                "{what} is paused: `yuebao backfill resume {id}` carries it on, `yuebao backfill cancel {id}` gives it up"
            ),
            Standing::Interrupted if is_daemon_at_work => format!(
                "{what} was interrupted: the daemon carries it on, unless it failed three times; then `yuebao backfill resume {id}` says why"
            ),
            Standing::Interrupted => format!(
                "{what} was interrupted: `yuebao backfill resume {id}` carries it on, and so does a daemon"
            ),
        }
    }
}

impl Holding {
    fn note(&self) -> String {
        let Self { alert_id, kind, subject, first_at } = self;
        format!(
            "alert {alert_id} holds since {first_at}: {kind}, {subject}; `yuebao alerts` has its text"
        )
    }
}
