//! Backfills listed, shown, paused and cancelled: nothing here works at a month.

use std::process::ExitCode;

use chrono_tz::Tz;

use super::super::session::{self, Session};
use super::super::{Failure, output};
use super::shown;
use crate::files::lock::Lock;
use crate::ledger::Ledger;
use crate::ledger::orders::{Cause, Details, State};
use crate::ledger::reason::Reason;
use crate::orders::backfill::{self, Backfill, BackfillMonth};
use crate::texts::Locale;

/// Characters of a reason shown in the list.
const WHY_CHARS: usize = 40;

/// A backfill as `--json` prints it.
#[derive(serde::Serialize)]
struct Whole {
    #[serde(flatten)]
    backfill: Backfill,
    /// Whether nobody is at it: its process was killed, and no daemon goes on with it.
    is_interrupted: bool,
}

/// Lists all backfills.
pub(super) fn list(session: &Session, is_json: bool) -> Result<ExitCode, Failure> {
    let all = session.read(async |ledger| {
        let mut all = Vec::new();
        for order in ledger.backfills().await? {
            all.extend(whole(session, ledger, order.order_id).await?);
        }
        Ok(all)
    })?;
    let all = all.unwrap_or_default();
    if is_json {
        output::json(&all);
    } else if all.is_empty() {
        output::print("no backfill yet: `yuebao backfill JOB --from … --to …` begins one");
    } else {
        let rows: Vec<Vec<String>> = all.iter().map(|it| row(it, session.zone())).collect();
        let header = ["id", "job", "months", "begun", "state", "done", "edition", "why"];
        output::print(&output::table(&header, &rows));
    }
    Ok(ExitCode::SUCCESS)
}

/// Shows one backfill and its months.
pub(super) fn show(session: &Session, id: i64, is_json: bool) -> Result<ExitCode, Failure> {
    let shown = session.read(async |ledger| whole(session, ledger, id).await)?.flatten();
    let Some(whole) = shown else { return Err(unknown(session, id)?) };
    if is_json {
        output::json(&whole);
    } else {
        output::print(&text(&whole, session.zone(), session.locale()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets a backfill stop after the month it is at, or gives it up.
pub(super) fn halt(session: &Session, id: i64, to: State) -> Result<ExitCode, Failure> {
    check_known(session, id)?;
    session.write(async |ledger| Ok(backfill::halt(ledger, id, to, session::now()).await?))?;
    output::print(&match to {
        State::Paused => format!(
            "backfill {id} stops after the month it is at: go on with `yuebao backfill resume {id}`"
        ),
        _ => format!(
            "backfill {id} is cancelled: what was done stays, and the next edition includes it"
        ),
    });
    Ok(ExitCode::SUCCESS)
}

/// A backfill that must be there; looking writes nothing.
pub(super) fn check_known(session: &Session, id: i64) -> Result<(), Failure> {
    match session.read(async |ledger| whole(session, ledger, id).await)?.flatten() {
        Some(_) => Ok(()),
        None => Err(unknown(session, id)?),
    }
}

/// The failure of a number that no backfill has.
fn unknown(session: &Session, id: i64) -> Result<Failure, Failure> {
    let newest = session.read(async |ledger| {
        Ok(ledger.backfills().await?.iter().map(|known| known.order_id).max())
    })?;
    Ok(Failure::Call(match newest.flatten() {
        Some(newest) => format!(
            "there is no backfill {id}: the newest is {newest}, `yuebao backfill list` has them all"
        ),
        None => format!("there is no backfill {id}: none was begun yet"),
    }))
}

async fn whole(session: &Session, ledger: &Ledger, id: i64) -> Result<Option<Whole>, Failure> {
    let Some(backfill) = Backfill::read(ledger, id).await? else { return Ok(None) };
    let is_interrupted = is_interrupted(session, backfill.order.state);
    Ok(Some(Whole { backfill, is_interrupted }))
}

/// Whether nobody is at a backfill that has not ended: nobody writes, and no daemon watches.
pub(in crate::cli) fn is_interrupted(session: &Session, state: State) -> bool {
    let output = &session.output;
    matches!(state, State::Waiting | State::Running)
        && [output.lock(), output.daemon_lock()].iter().all(|it| Lock::holder(it).is_none())
}

fn row(Whole { backfill, is_interrupted }: &Whole, zone: Tz) -> Vec<String> {
    let Backfill { order, months, .. } = backfill;
    let asked = &order.asked;
    let is_over = |it: &&BackfillMonth| matches!(it.piece.state, State::Done | State::Unchanged);
    let done = months.iter().filter(is_over).count();
    let range = asked.months.map(|(from, to)| format!("{from} … {to}"));
    vec![
        order.order_id.to_string(),
        asked.job.clone(),
        range.unwrap_or_default(),
        session::local(order.decided_at, zone),
        state(backfill, *is_interrupted),
        format!("{done}/{}", months.len()),
        order.edition.map(|edition| edition.to_string()).unwrap_or_default(),
        asked.why.as_deref().unwrap_or_default().chars().take(WHY_CHARS).collect(),
    ]
}

/// How it stands, and what to do about it.
fn state(backfill: &Backfill, is_interrupted: bool) -> String {
    let order = &backfill.order;
    if is_interrupted {
        format!("interrupted; resume with `yuebao backfill resume {}`", order.order_id)
    } else {
        order.state.name().to_owned()
    }
}

fn text(Whole { backfill, is_interrupted }: &Whole, zone: Tz, locale: Locale) -> String {
    let Backfill { order, months, follow } = backfill;
    let (id, asked) = (order.order_id, &order.asked);
    let mut lines = Vec::new();
    if let (Details::Backfill { reprocess, order, .. }, Some((from, to))) =
        (&asked.details, asked.months)
    {
        let (which, first) = (reprocess.name(), order.name());
        lines.push(format!("backfill {id}: {} {from} … {to}, {which}, {first} first", asked.job));
    }
    lines.push(format!("state: {}", state(backfill, *is_interrupted)));
    let begun = session::local(order.decided_at, zone);
    lines.push(format!("begun {begun} by {}, program {}", asked.who, order.program));
    lines.extend(asked.why.as_ref().map(|why| format!("why: {why}")));
    lines.extend(order.ended_at.map(|at| format!("ended {}", session::local(at, zone))));
    lines.extend(order.edition.map(|edition| format!("edition {edition}")));
    lines.extend(follow.iter().map(|it| shown::follow(it, locale)));
    let row = |month: &&BackfillMonth| {
        let cause = match (month.cause, month.because) {
            (Cause::Cascade, Some(changed)) => format!("looks back at {changed}"),
            _ => month.cause.name().to_owned(),
        };
        let piece = &month.piece;
        let error = Reason::texts(&piece.reasons).get(locale).to_owned();
        let (order, state) = (piece.order_id.to_string(), piece.state.name().to_owned());
        vec![month.period.to_string(), state, cause, order, error]
    };
    let mut months: Vec<&BackfillMonth> = months.iter().collect();
    months.sort_by_key(|month| month.period);
    let rows: Vec<Vec<String>> = months.iter().map(row).collect();
    if !rows.is_empty() {
        lines.push(output::table(&["period", "state", "cause", "order", "error"], &rows));
    }
    lines.join("\n")
}
