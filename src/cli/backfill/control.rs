//! Backfills listed, shown, paused and cancelled: nothing here works at a month.

use std::process::ExitCode;

use super::shown;
use crate::cli::session::{self, CliSession};
use crate::cli::{CliError, output};
use crate::files::lock::Lock;
use crate::ledger::Ledger;
use crate::ledger::orders::{Cause, Details, State};
use crate::ledger::reason::Reason;
use crate::orders::backfill::{self, Backfill, BackfillMonth};

/// Characters of a reason shown in the list.
const WHY_CHARS: usize = 40;

/// A backfill as `--json` prints it.
#[derive(serde::Serialize)]
struct ListedBackfill {
    #[serde(flatten)]
    backfill: Backfill,
    /// Whether nobody is at it: its process was killed, and no daemon goes on with it.
    is_interrupted: bool,
}

/// Lists all backfills.
pub(super) fn list(session: &CliSession, is_json: bool) -> Result<ExitCode, CliError> {
    let all = session.read(async |ledger| {
        let mut all = Vec::new();
        for order in ledger.backfills().await? {
            all.extend(read(session, ledger, order.order_id).await?);
        }
        Ok(all)
    })?;
    let all = all.unwrap_or_default();
    output::answer(is_json, &all, || {
        if all.is_empty() {
            return "no backfill yet: `yuebao backfill JOB --from … --to …` begins one".to_owned();
        }
        let header = ["id", "job", "months", "begun", "state", "done", "edition", "why"];
        output::table(&header, all.iter().map(|it| it.row(session)))
    });
    Ok(ExitCode::SUCCESS)
}

/// Shows one backfill and its months.
pub(super) fn show(session: &CliSession, id: i64, is_json: bool) -> Result<ExitCode, CliError> {
    let backfill = known(session, id)?;
    output::answer(is_json, &backfill, || backfill.text(session));
    Ok(ExitCode::SUCCESS)
}

/// Lets a backfill stop after the month it is at, or gives it up.
pub(super) fn halt(session: &CliSession, id: i64, to: State) -> Result<ExitCode, CliError> {
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

/// A backfill must be there; looking writes nothing.
pub(super) fn check_known(session: &CliSession, id: i64) -> Result<(), CliError> {
    known(session, id).map(drop)
}

fn known(session: &CliSession, id: i64) -> Result<ListedBackfill, CliError> {
    let newest = session.read(async |ledger| {
        let newest = ledger.backfills().await?.iter().map(|known| known.order_id).max();
        Ok((read(session, ledger, id).await?, newest))
    })?;
    let (known, newest) = newest.unwrap_or_default();
    known.ok_or_else(|| {
        CliError::Call(match newest {
            Some(newest) => format!(
                "there is no backfill {id}: the newest is {newest}, `yuebao backfill list` has them all"
            ),
            None => format!("there is no backfill {id}: none was begun yet"),
        })
    })
}

async fn read(
    session: &CliSession,
    ledger: &Ledger,
    id: i64,
) -> Result<Option<ListedBackfill>, CliError> {
    let Some(backfill) = Backfill::read(ledger, id).await? else { return Ok(None) };
    let is_interrupted = is_interrupted(session, backfill.order.state);
    Ok(Some(ListedBackfill { backfill, is_interrupted }))
}

/// Whether nobody is at a backfill that has not ended: nobody writes, and no daemon watches.
pub(in crate::cli) fn is_interrupted(session: &CliSession, state: State) -> bool {
    let output = &session.output;
    matches!(state, State::Waiting | State::Running)
        && [output.lock(), output.daemon_lock()].iter().all(|it| Lock::holder(it).is_none())
}

impl ListedBackfill {
    fn row(&self, session: &CliSession) -> Vec<String> {
        let Backfill { order, months, .. } = &self.backfill;
        let asked = &order.asked;
        let is_over =
            |it: &&BackfillMonth| matches!(it.piece.state, State::Done | State::Unchanged);
        let done = months.iter().filter(is_over).count();
        vec![
            order.order_id.to_string(),
            asked.job.clone(),
            asked.months.map(|(from, to)| format!("{from} … {to}")).unwrap_or_default(),
            session.local(order.decided_at),
            self.state(),
            format!("{done}/{}", months.len()),
            order.edition.map(|edition| edition.to_string()).unwrap_or_default(),
            asked.why.as_deref().unwrap_or_default().chars().take(WHY_CHARS).collect(),
        ]
    }

    /// How it stands, and what to do about it.
    fn state(&self) -> String {
        let order = &self.backfill.order;
        if self.is_interrupted {
            format!("interrupted; resume with `yuebao backfill resume {}`", order.order_id)
        } else {
            order.state.name().to_owned()
        }
    }

    fn text(&self, session: &CliSession) -> String {
        let Backfill { order, months, follow } = &self.backfill;
        let (id, asked) = (order.order_id, &order.asked);
        let mut lines = Vec::new();
        if let (Details::Backfill { reprocess, order, .. }, Some((from, to))) =
            (&asked.details, asked.months)
        {
            let (which, first) = (reprocess.name(), order.name());
            let job = &asked.job;
            lines.push(format!("backfill {id}: {job} {from} … {to}, {which}, {first} first"));
        }
        lines.push(format!("state: {}", self.state()));
        let begun = session.local(order.decided_at);
        lines.push(format!("begun {begun} by {}, program {}", asked.who, order.program));
        lines.extend(asked.why.as_ref().map(|why| format!("why: {why}")));
        lines.extend(order.ended_at.map(|at| format!("ended {}", session.local(at))));
        lines.extend(order.edition.map(|edition| format!("edition {edition}")));
        lines.extend(follow.iter().map(|it| shown::follow(session, it)));
        let row = |BackfillMonth { period, cause, because, piece }: &BackfillMonth| {
            let cause = match (cause, because) {
                (Cause::Cascade, Some(changed)) => format!("looks back at {changed}"),
                _ => cause.name().to_owned(),
            };
            let error = session.get(&Reason::texts(&piece.reasons)).to_owned();
            let (order, state) = (piece.order_id.to_string(), piece.state.name().to_owned());
            vec![period.to_string(), state, cause, order, error]
        };
        let mut months: Vec<&BackfillMonth> = months.iter().collect();
        months.sort_by_key(|month| month.period);
        if !months.is_empty() {
            let header = ["period", "state", "cause", "order", "error"];
            lines.push(output::table(&header, months.into_iter().map(row)));
        }
        lines.join("\n")
    }
}
