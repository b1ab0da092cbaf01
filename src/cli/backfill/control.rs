//! Backfills listed, shown, paused and cancelled: nothing here works at a month.

use std::process::ExitCode;

use chrono_tz::Tz;

use super::super::session::{self, Session};
use super::super::{Failure, output};
use crate::backfill::{self, Follow};
use crate::ledger::Ledger;
use crate::ledger::backfills::{Backfill, BackfillState, Cause, Month, MonthState};
use crate::texts::Locale;

/// Characters of a reason shown in the list.
const WHY_CHARS: usize = 40;

/// A backfill as `--json` prints it.
#[derive(serde::Serialize)]
struct Whole {
    #[serde(flatten)]
    backfill: Backfill,
    /// Whether its process was killed: it stands as running and nobody works at it.
    is_interrupted: bool,
    follow: Vec<Follow>,
    months: Vec<Month>,
}

/// Lists all backfills.
pub(super) fn list(session: &Session, is_json: bool) -> Result<ExitCode, Failure> {
    let all = read(session, async |ledger| {
        let mut all = Vec::new();
        for backfill in ledger.backfills().await? {
            all.push(whole(session, ledger, backfill).await?);
        }
        Ok(all)
    })?
    .unwrap_or_default();
    if is_json {
        output::json(&all);
        return Ok(ExitCode::SUCCESS);
    }
    if all.is_empty() {
        output::print("no backfill yet: `yuebao backfill JOB --from … --to …` begins one");
        return Ok(ExitCode::SUCCESS);
    }
    let zone = session.zone();
    let rows: Vec<Vec<String>> = all.iter().map(|whole| row(whole, zone)).collect();
    let header = ["id", "job", "months", "begun", "state", "done", "edition", "why"];
    output::print(&output::table(&header, &rows));
    Ok(ExitCode::SUCCESS)
}

/// Shows one backfill and its months.
pub(super) fn show(session: &Session, id: i64, is_json: bool) -> Result<ExitCode, Failure> {
    let shown = read(session, async |ledger| {
        let Some(backfill) = ledger.backfill(id).await? else { return Ok(None) };
        whole(session, ledger, backfill).await.map(Some)
    })?
    .flatten();
    let Some(whole) = shown else { return Err(unknown(session, id)?) };
    if is_json {
        output::json(&whole);
    } else {
        output::print(&text(&whole, session.zone(), session.locale()));
    }
    Ok(ExitCode::SUCCESS)
}

/// Lets a backfill stop after the month it is at.
pub(super) fn pause(session: &Session, id: i64) -> Result<ExitCode, Failure> {
    check_known(session, id)?;
    change(session, async |ledger| Ok(backfill::pause(ledger, id, session::now()).await?))?;
    output::print(&format!(
        "backfill {id} stops after the month it is at: go on with `yuebao backfill resume {id}`"
    ));
    Ok(ExitCode::SUCCESS)
}

/// Gives a backfill up.
pub(super) fn cancel(session: &Session, id: i64) -> Result<ExitCode, Failure> {
    check_known(session, id)?;
    change(session, async |ledger| Ok(backfill::cancel(ledger, id, session::now()).await?))?;
    output::print(&format!(
        "backfill {id} is cancelled: what was done stays, and the next edition includes it"
    ));
    Ok(ExitCode::SUCCESS)
}

/// Reads the ledger, also where it may not be written; `None` where there is none yet.
fn read<T>(
    session: &Session,
    look: impl AsyncFnOnce(&Ledger) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    session::block_on(async {
        let Some(ledger) = Ledger::look(&session.output.ledger()).await? else { return Ok(None) };
        let outcome = look(&ledger).await;
        ledger.close().await;
        outcome.map(Some)
    })
}

/// Writes to the ledger.
fn change<T>(
    session: &Session,
    work: impl AsyncFnOnce(&Ledger) -> Result<T, Failure>,
) -> Result<T, Failure> {
    session::block_on(async {
        let ledger = session.ledger().await?;
        let outcome = work(&ledger).await;
        ledger.close().await;
        outcome
    })
}

/// A backfill that must be there; looking writes nothing.
pub(super) fn check_known(session: &Session, id: i64) -> Result<(), Failure> {
    match read(session, async |ledger| Ok(ledger.backfill(id).await?))?.flatten() {
        Some(_) => Ok(()),
        None => Err(unknown(session, id)?),
    }
}

/// The failure of a number nobody knows.
fn unknown(session: &Session, id: i64) -> Result<Failure, Failure> {
    let newest = read(session, async |ledger| {
        let all = ledger.backfills().await?;
        Ok(all.iter().map(|known| known.backfill_id).max())
    })?
    .flatten();
    Ok(Failure::Call(backfill::unknown(id, newest)))
}

async fn whole(session: &Session, ledger: &Ledger, backfill: Backfill) -> Result<Whole, Failure> {
    let months = ledger.months(backfill.backfill_id).await?;
    let is_at_work = backfill::is_at_work(&session.output, backfill.backfill_id);
    let is_interrupted = backfill.state == BackfillState::Running && !is_at_work;
    Ok(Whole { follow: Follow::of(&months), backfill, is_interrupted, months })
}

fn row(whole: &Whole, zone: Tz) -> Vec<String> {
    let Backfill { backfill_id, asked, created_at, edition, .. } = &whole.backfill;
    let is_over = |month: &&Month| matches!(month.state, MonthState::Done | MonthState::Unchanged);
    let done = whole.months.iter().filter(is_over).count();
    let why = asked.why.as_deref().unwrap_or_default();
    vec![
        backfill_id.to_string(),
        asked.job.clone(),
        format!("{} … {}", asked.from, asked.to),
        session::local(*created_at, zone),
        state(whole),
        format!("{done}/{}", whole.months.len()),
        edition.map(|edition| edition.to_string()).unwrap_or_default(),
        why.chars().take(WHY_CHARS).collect(),
    ]
}

/// How it stands, and what to do about it.
fn state(whole: &Whole) -> String {
    let Backfill { backfill_id, state, .. } = &whole.backfill;
    match state {
        BackfillState::Running if whole.is_interrupted => {
            format!("interrupted; resume with `yuebao backfill resume {backfill_id}`")
        }
        other => other.name().to_owned(),
    }
}

fn text(whole: &Whole, zone: Tz, locale: Locale) -> String {
    let Backfill { backfill_id, asked, program, created_at, ended_at, edition, .. } =
        &whole.backfill;
    let mut lines = vec![
        format!(
            "backfill {backfill_id}: {} {} … {}, {}, {} first",
            asked.job,
            asked.from,
            asked.to,
            asked.reprocess.name(),
            asked.order.name()
        ),
        format!("state: {}", state(whole)),
        format!("begun {} by {}, program {program}", session::local(*created_at, zone), asked.who),
    ];
    lines.extend(asked.why.as_ref().map(|why| format!("why: {why}")));
    lines.extend(ended_at.map(|at| format!("ended {}", session::local(at, zone))));
    lines.extend(edition.map(|edition| format!("edition {edition}")));
    lines.extend(whole.follow.iter().map(|it| it.text().get(locale).to_owned()));
    let row = |month: &Month| {
        let cause = match (month.cause, month.because) {
            (Cause::Cascade, Some(changed)) => format!("looks back at {changed}"),
            _ => month.cause.name().to_owned(),
        };
        let run = month.run_id.map(|run| run.to_string()).unwrap_or_default();
        let error = month.error.as_deref().unwrap_or_default().replace('\n', ": ");
        vec![month.period.to_string(), month.state.name().to_owned(), cause, run, error]
    };
    let mut months: Vec<&Month> = whole.months.iter().collect();
    months.sort_by_key(|month| month.period);
    let rows: Vec<Vec<String>> = months.into_iter().map(row).collect();
    if !rows.is_empty() {
        lines.push(output::table(&["period", "state", "cause", "run", "error"], &rows));
    }
    lines.join("\n")
}
