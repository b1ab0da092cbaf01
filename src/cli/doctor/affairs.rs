//! What is under way and what waits for somebody: the daemon, backfills, alerts.
//!
//! In: the ledger, opened for reading, and the locks. Out: facts, each with the command that goes on
//! from there.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::alerts::Subject;
use crate::cli::backfill::control::is_interrupted;
use crate::cli::session::{self, Session};
use crate::domain::period::Period;
use crate::ledger::orders::State;
use crate::ledger::sessions::Session as Watch;
use crate::ledger::{Ledger, LedgerError, stamp};

/// What is under way and what waits.
#[derive(Debug, Default, Serialize)]
pub(super) struct Affairs {
    /// The newest daemon; `None` before the first.
    daemon: Option<Watch>,
    /// Backfills that have not come to an end.
    backfills: Vec<OpenBackfill>,
    /// Alerts that hold.
    alerts: Vec<Holding>,
}

/// A backfill that has not come to an end.
#[derive(Debug, Serialize)]
struct OpenBackfill {
    backfill: i64,
    job: String,
    months: Option<(Period, Period)>,
    state: State,
    is_interrupted: bool,
    months_waiting: usize,
}

/// An alert that holds.
#[derive(Debug, Serialize)]
struct Holding {
    alert_id: i64,
    kind: String,
    subject: String,
    first_at: DateTime<Utc>,
}

impl Affairs {
    /// Reads them from the ledger.
    pub(super) async fn read(session: &Session, ledger: &Ledger) -> Result<Self, LedgerError> {
        let daemon = ledger.last_session().await?;
        let mut backfills = Vec::new();
        for order in ledger.backfills().await? {
            if order.state.is_final() {
                continue;
            }
            let pieces = ledger.pieces(order.order_id).await?;
            let waiting = pieces.iter().filter(|piece| piece.state == State::Waiting);
            backfills.push(OpenBackfill {
                backfill: order.order_id,
                months_waiting: waiting.count(),
                is_interrupted: is_interrupted(session, order.state),
                job: order.asked.job,
                months: order.asked.months,
                state: order.state,
            });
        }
        let alerts = ledger.alerts_since(session::now()).await?.into_iter();
        let alerts = alerts.filter(|alert| alert.settled_at.is_none()).map(|alert| Holding {
            alert_id: alert.alert_id,
            kind: alert.kind,
            subject: Subject::shown(&alert.subject),
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
                Some(Watch { seen_at, has_ended: true, .. }) => {
                    let seen_at = stamp(*seen_at);
                    format!("no daemon is at work: the last one ended in order at {seen_at}")
                }
                Some(Watch { seen_at, .. }) => format!(
                    "no daemon is at work: the last one was killed, its last sign of life is of {}",
                    stamp(*seen_at)
                ),
            });
        }
        notes.extend(self.backfills.iter().map(|open| open.note(is_daemon_at_work)));
        notes.extend(self.alerts.iter().map(Holding::note));
        notes
    }
}

impl OpenBackfill {
    fn note(&self, is_daemon_at_work: bool) -> String {
        let Self { backfill: id, job, months, state, is_interrupted, months_waiting } = self;
        let range = months.map(|(from, to)| format!("{from} … {to}")).unwrap_or_default();
        let what = format!("backfill {id} ({job}, {range}, months that wait: {months_waiting})");
        match state {
            State::Paused => format!(
                "{what} is paused: `yuebao backfill resume {id}` carries it on, `yuebao backfill cancel {id}` gives it up"
            ),
            _ if *is_interrupted => format!(
                "{what} was interrupted: `yuebao backfill resume {id}` carries it on, and so does a daemon"
            ),
            _ if is_daemon_at_work => {
                format!("{what} is at work, or the daemon carries it on")
            }
            _ => format!("{what} is at work"),
        }
    }
}

impl Holding {
    fn note(&self) -> String {
        let Self { alert_id, kind, subject, first_at } = self;
        let first_at = stamp(*first_at);
        format!(
            "alert {alert_id} holds since {first_at}: {kind}, {subject}; `yuebao alerts` has its text"
        )
    }
}
