//! The ledger, and what it says is under way or waits for somebody: attempts, the daemon, backfills,
//! alerts; each with the command that goes on from there.

use serde::Serialize;
use serde_json::{Value, json};

use super::Health;
use crate::alerts::Subject;
use crate::cli::CliError;
use crate::cli::backfill::control::is_interrupted;
use crate::cli::session::{self, CliSession};
use crate::files::lock::Lock;
use crate::lake::rows;
use crate::ledger::alerts::KeptAlert;
use crate::ledger::attempts::Attempt;
use crate::ledger::orders::{Order, State};
use crate::ledger::sessions::Session;
use crate::ledger::{Ledger, LedgerError, stamp};

/// What a sound ledger says of the present.
#[derive(Default)]
struct Present {
    attempts: Vec<OpenAttempt>,
    /// The newest daemon; `None` before the first.
    daemon: Option<Session>,
    /// Backfills that have not come to an end, each with how many months wait.
    backfills: Vec<(Order, usize)>,
    /// Alerts that hold.
    alerts: Vec<KeptAlert>,
}

/// An attempt that has not ended.
#[derive(Serialize)]
struct OpenAttempt {
    job: String,
    #[serde(flatten)]
    attempt: Attempt,
}

/// Looks at the ledger, and at who holds which lock.
pub(super) fn look(session: &CliSession, health: &mut Health) -> Result<(), CliError> {
    let present = session::block_on(async { Ok(read(session).await) })?;
    let state = match &present {
        Ok(Some(_)) => "sound",
        Ok(None) if session.output.ledger().exists() => "empty",
        Ok(None) => "absent",
        Err(_) => "faulty",
    };
    let mut has_lake = false;
    if matches!(present, Ok(None)) {
        let partitions = health.none_or(rows::partitions(&session.output.lake()));
        has_lake = partitions.is_some_and(|it| !it.is_empty());
    }
    let path = session.output.ledger().display().to_string();
    health.notes.extend(note(&path, state, has_lake));
    let present = health.none_or(present).flatten().unwrap_or_default();
    let ledger = json!({
        "path": path, "state": state, "open_attempts": present.attempts, "has_lake": has_lake,
    });
    let output = Lock::holder(&session.output.lock());
    let daemon = Lock::holder(&session.output.daemon_lock());
    health.facts.extend([
        ("ledger", ledger),
        ("locks", json!({ "output": output, "daemon": daemon })),
        ("daemon", json!(present.daemon)),
    ]);
    present.attempts.iter().for_each(|it| health.note(it.note(output.is_some())));
    let held = [("output folder", &output), ("daemon's place", &daemon)];
    for (what, holder) in held.into_iter().filter_map(|(what, it)| Some((what, it.as_ref()?))) {
        health.note(format!("the {what} is held by {holder}"));
    }
    if state == "sound" && daemon.is_none() {
        health.note(absent(present.daemon.as_ref()));
    }
    look_at_affairs(session, &present, daemon.is_some(), health);
    Ok(())
}

/// Backfills that have not come to an end, and alerts that hold.
fn look_at_affairs(
    session: &CliSession,
    present: &Present,
    is_daemon_at_work: bool,
    health: &mut Health,
) {
    let backfills = present.backfills.iter().map(|(order, waiting)| {
        health.note(unfinished(session, order, *waiting, is_daemon_at_work));
        json!({
            "backfill": order.order_id,
            "job": order.asked.job,
            "months": order.asked.months,
            "state": order.state,
            "is_interrupted": is_interrupted(session, order.state),
            "months_waiting": waiting,
        })
    });
    let backfills: Value = backfills.collect();
    let alerts =
        present.alerts.iter().map(|KeptAlert { alert_id, kind, subject, first_at, .. }| {
            let (subject, since) = (Subject::shown(subject), stamp(*first_at));
            health.note(format!(
            "alert {alert_id} holds since {since}: {kind}, {subject}; `yuebao alerts` has its text"
        ));
            json!({ "alert_id": alert_id, "kind": kind, "subject": subject, "first_at": first_at })
        });
    let alerts: Value = alerts.collect();
    health.facts.extend([("backfills", backfills), ("alerts", alerts)]);
}

/// What the ledger says; `None` where there is none or nothing in it.
async fn read(session: &CliSession) -> Result<Option<Present>, LedgerError> {
    let Some(ledger) = Ledger::look(&session.output.ledger()).await? else { return Ok(None) };
    let present = examine(&ledger).await;
    ledger.close().await;
    present.map(Some)
}

async fn examine(ledger: &Ledger) -> Result<Present, LedgerError> {
    ledger.check().await?;
    let attempts = ledger.open_attempts().await?.into_iter();
    let mut backfills = Vec::new();
    for order in ledger.backfills().await?.into_iter().filter(|order| !order.state.is_final()) {
        let pieces = ledger.pieces(order.order_id).await?;
        let waiting = pieces.iter().filter(|piece| piece.state == State::Waiting);
        backfills.push((order, waiting.count()));
    }
    let mut alerts = ledger.alerts_since(session::now()).await?;
    alerts.retain(|alert| alert.settled_at.is_none());
    let attempts = attempts.map(|(attempt, job)| OpenAttempt { job, attempt }).collect();
    Ok(Present { attempts, daemon: ledger.last_session().await?, backfills, alerts })
}

/// How the ledger stands; a fault says more.
fn note(path: &str, state: &str, has_lake: bool) -> Option<String> {
    let lost =
        "though the lake has months: the next run makes it, and so does `yuebao doctor --rebuild`";
    Some(match (state, has_lake) {
        ("sound", _) => format!("the ledger `{path}` is sound"),
        ("absent", false) => format!("there is no ledger `{path}` yet: the first run makes it"),
        ("absent", true) => format!("there is no ledger `{path}`, {lost}"),
        ("empty", false) => format!("the ledger `{path}` is empty: the next run makes it"),
        ("empty", true) => format!(
            "the ledger `{path}` is empty, {lost}; the history of runs is lost unless a copy is put back"
        ),
        _ => return None,
    })
}

impl OpenAttempt {
    fn note(&self, is_output_held: bool) -> String {
        let Attempt { order_id, attempt, host, process, started_at, .. } = &self.attempt;
        let since = stamp(*started_at);
        let job = match self.job.as_str() {
            "" => String::new(),
            job => format!(" of job `{job}`"),
        };
        let end =
            if is_output_held { "has not ended" } else { "was killed: the next run closes it" };
        format!(
            "attempt {attempt} of order {order_id}{job}, begun {since} by process {process} on {host}, {end}"
        )
    }
}

/// That no daemon is at work, and what became of the last.
fn absent(last: Option<&Session>) -> String {
    match last.map(|last| (last.has_ended, stamp(last.seen_at))) {
        None => "no daemon has watched over this output folder yet".to_owned(),
        Some((true, at)) => format!("no daemon is at work: the last one ended in order at {at}"),
        Some((false, at)) => format!(
            "no daemon is at work: the last one was killed, its last sign of life is of {at}"
        ),
    }
}

/// How a backfill stands that has not come to an end.
fn unfinished(
    session: &CliSession,
    order: &Order,
    waiting: usize,
    is_daemon_at_work: bool,
) -> String {
    let (id, job) = (order.order_id, &order.asked.job);
    let range = order.asked.months.map(|(from, to)| format!("{from} … {to}")).unwrap_or_default();
    let what = format!("backfill {id} ({job}, {range}, months that wait: {waiting})");
    match order.state {
        State::Paused => format!(
            "{what} is paused: `yuebao backfill resume {id}` carries it on, `yuebao backfill cancel {id}` gives it up"
        ),
        state if is_interrupted(session, state) => format!(
            "{what} was interrupted: `yuebao backfill resume {id}` carries it on, and so does a daemon"
        ),
        _ if is_daemon_at_work => format!("{what} is at work, or the daemon carries it on"),
        _ => format!("{what} is at work"),
    }
}
