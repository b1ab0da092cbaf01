//! The work: months one by one, then one edition. Every step is kept before the next begins.

use std::time::Duration;

use super::control::known;
use super::plan::{self, Planned};
use super::{BackfillError, Bench, Report, steps};
use crate::domain::period::Period;
use crate::files::lock::Lock;
use crate::ledger::Ledger;
use crate::ledger::backfills::{
    Backfill, BackfillState, Cause, Month, MonthEnd, MonthState, Reprocess, WorkOrder,
};
use crate::ledger::runs::{AskedBy, NewRun};
use crate::pipeline::RunError;
use crate::pipeline::context::Context;
use crate::pipeline::plan::{Scope, Work, followers};
use crate::project::schedules::Step;
use crate::runs::{self, Order, OrderError};
use crate::stages::inbox::archive::Shelf;
use crate::stages::store::{self, Depth};

/// A backfill waits so long for others that write to the output: it has time.
const PATIENCE: Duration = Duration::from_hours(1);

/// Carries a backfill on from where it stands to its end, a pause, or a failure. The caller holds
/// the lock of backfills.
pub async fn carry_on(
    bench: &Bench<'_>,
    ledger: &Ledger,
    backfill_id: i64,
) -> Result<Report, BackfillError> {
    let backfill = known(ledger, backfill_id).await?;
    let mut report = Report::new(backfill_id);
    if ledger.months(backfill_id).await?.is_empty() {
        begin(bench, ledger, &backfill, &mut report).await?;
    } else {
        look_again(bench, ledger, backfill_id).await?;
    }
    work_through(bench, ledger, &backfill, &mut report).await?;
    let may_end = report.state == BackfillState::Running && report.waiting.is_empty();
    if may_end && !bench.stop.is_asked() {
        end(bench, ledger, &backfill, &mut report).await?;
    }
    Ok(report)
}

/// Empties the inbox if the job does so, then plans and queues the months.
pub(super) async fn begin(
    bench: &Bench<'_>,
    ledger: &Ledger,
    backfill: &Backfill,
    report: &mut Report,
) -> Result<Vec<Planned>, BackfillError> {
    let asked = &backfill.asked;
    let steps = steps(&bench.workshop.project, &asked.job).map_err(BackfillError::Call)?;
    let lock = lock(bench)?;
    if steps.contains(&Step::Intake) {
        let order = order(backfill, None, vec![Step::Intake], false);
        report.add(runs::carry_out(ledger, &lock, &bench.site(), &order).await?);
    }
    let planned = plan::plan(bench, asked)?;
    let chosen = planned.iter().filter(|month| month.is_done);
    let mut chosen: Vec<(Period, Cause)> =
        chosen.map(|month| (month.period, month.cause)).collect();
    if asked.order == WorkOrder::Newest {
        chosen.reverse();
    }
    ledger.queue_months(backfill.backfill_id, &chosen).await?;
    Ok(planned)
}

/// After an interruption: what was done and is stale now (by new workbooks, rules, or another version
/// of the program) waits once more.
async fn look_again(
    bench: &Bench<'_>,
    ledger: &Ledger,
    backfill_id: i64,
) -> Result<(), BackfillError> {
    let mut context = Context::new(bench.output.lake());
    let mut stale = Vec::new();
    for month in ledger.months(backfill_id).await? {
        if matches!(month.state, MonthState::Done | MonthState::Unchanged) {
            let shelf = Shelf::Month(month.period);
            // One that cannot be looked at fails when its own turn comes.
            let work = Work::look(bench.workshop, bench.output, shelf, &mut context);
            if !work.is_ok_and(|work| work.is_up_to_date()) {
                stale.push((month.period, Cause::Asked));
            }
        }
    }
    Ok(ledger.queue_months(backfill_id, &stale).await?)
}

/// Works through the months that wait, until none does or somebody wants it to stop.
pub(super) async fn work_through(
    bench: &Bench<'_>,
    ledger: &Ledger,
    backfill: &Backfill,
    report: &mut Report,
) -> Result<(), BackfillError> {
    let backfill_id = backfill.backfill_id;
    loop {
        report.state = known(ledger, backfill_id).await?.state;
        if report.state == BackfillState::Cancelled {
            // Those that followed from the month at work were queued after it was cancelled.
            ledger.cancel_months(backfill_id).await?;
        }
        let months = ledger.months(backfill_id).await?;
        report.sum_up(&months);
        let next = next(&months, backfill.asked.order);
        let (Some(next), BackfillState::Running) = (next, report.state) else { return Ok(()) };
        if bench.stop.is_asked() {
            return Ok(());
        }
        match one_month(bench, ledger, backfill, next, report).await {
            Err(BackfillError::Order(OrderError::Step(RunError::Stopped))) => return Ok(()),
            outcome => outcome?,
        }
    }
}

/// The month whose turn it is. Damaged ones come first: others look back at them. Newest first is for
/// those asked for; what follows from them is done last and oldest first, so that each is done as
/// seldom as can be.
fn next(months: &[Month], order: WorkOrder) -> Option<&Month> {
    let waiting = || months.iter().filter(|month| month.state == MonthState::Waiting);
    let with = |cause| waiting().filter(move |month| month.cause == cause);
    let damaged = with(Cause::Damaged).min_by_key(|month| month.period);
    let newest = match order {
        WorkOrder::Oldest => None,
        WorkOrder::Newest => with(Cause::Asked).max_by_key(|month| month.period),
    };
    damaged.or(newest).or_else(|| waiting().min_by_key(|month| month.period))
}

/// Brings one month up to date, in a run of its own; whatever is wrong with it is kept with it.
async fn one_month(
    bench: &Bench<'_>,
    ledger: &Ledger,
    backfill: &Backfill,
    month: &Month,
    report: &mut Report,
) -> Result<(), BackfillError> {
    let (backfill_id, period) = (backfill.backfill_id, month.period);
    let lock = lock(bench)?;
    let before = match &month.content {
        Some(before) => before.clone(),
        None => content(bench, period)?,
    };
    ledger.begin_month(backfill_id, period, &before).await?;
    let is_forced = match month.cause {
        Cause::Asked => backfill.asked.reprocess == Reprocess::All,
        Cause::Damaged => true,
        Cause::Cascade => false,
    };
    let order = order(backfill, Some((period, period)), vec![Step::Intake], is_forced);
    let outcome = runs::carry_out(ledger, &lock, &bench.site(), &order).await;
    let (state, error) = match outcome {
        Ok(run) => {
            // Others may have been made anew with it, because it looks back at them.
            let is_anew = run.months.contains_key(&period.to_string());
            report.add(run);
            (if is_anew { MonthState::Done } else { MonthState::Unchanged }, None)
        }
        Err(error @ (OrderError::Ledger(_) | OrderError::Step(RunError::Stopped))) => {
            return Err(error.into());
        }
        Err(error) => (MonthState::Failed, Some(runs::chain(&error))),
    };
    let has_changed = state != MonthState::Failed && content(bench, period)? != before;
    let follow =
        if has_changed { follow(bench, ledger, backfill_id, period).await? } else { Vec::new() };
    let run_id = ledger.run_of_month(backfill_id, period).await?;
    let end = MonthEnd { state, run_id, error: error.as_deref(), follow: &follow };
    ledger.end_month(backfill_id, period, &end).await?;
    tracing::info!(backfill = backfill_id, period = %period, state = state.name(), "month of a backfill");
    Ok(())
}

/// The later months that a changed one makes stale, but for those that wait already.
async fn follow(
    bench: &Bench<'_>,
    ledger: &Ledger,
    backfill_id: i64,
    changed: Period,
) -> Result<Vec<Period>, BackfillError> {
    let months = ledger.months(backfill_id).await?;
    let is_left = |period: &Period| {
        months.iter().any(|month| {
            let stays = matches!(month.state, MonthState::Waiting | MonthState::Failed);
            month.period == *period && stays
        })
    };
    let mut follow = followers(bench.workshop, bench.output, changed)?;
    follow.retain(|period| !is_left(period));
    Ok(follow)
}

/// What the lake holds for a month: fingerprint of the figures that count, empty for none and where
/// the damage is such that nobody can tell.
fn content(bench: &Bench<'_>, period: Period) -> Result<String, BackfillError> {
    let found = store::condition(&bench.output.lake(), &period.to_string(), Depth::Sizes)?;
    Ok(found.marks.map(|marks| marks.content).unwrap_or_default())
}

/// Publishes if the job does and no month failed, and ends the backfill.
async fn end(
    bench: &Bench<'_>,
    ledger: &Ledger,
    backfill: &Backfill,
    report: &mut Report,
) -> Result<(), BackfillError> {
    let backfill_id = backfill.backfill_id;
    let steps = steps(&bench.workshop.project, &backfill.asked.job).map_err(BackfillError::Call)?;
    if report.failed.is_empty() && steps.contains(&Step::Publish) {
        let lock = lock(bench)?;
        let is_forced = backfill.asked.reprocess == Reprocess::All;
        let asked = &backfill.asked;
        let range = Some((asked.from, asked.to));
        let order = order(backfill, range, vec![Step::Publish], is_forced);
        match runs::carry_out(ledger, &lock, &bench.site(), &order).await {
            Ok(run) => report.add(run),
            Err(OrderError::Step(RunError::Stopped)) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        if let (Some(edition), None) = (report.work.edition, report.work.held_back()) {
            ledger.keep_backfill_edition(backfill_id, edition).await?;
        }
    }
    let is_sound = report.failed.is_empty() && report.work.held_back().is_none();
    let state = if is_sound { BackfillState::Done } else { BackfillState::Failed };
    let from = [BackfillState::Running];
    ledger.turn_backfill(backfill_id, &from, state, (bench.now)()).await?;
    // Somebody may have cancelled it while it published.
    report.state = known(ledger, backfill_id).await?.state;
    Ok(())
}

/// The lock of the output, and what a killed run left removed.
fn lock(bench: &Bench<'_>) -> Result<Lock, BackfillError> {
    let lock = tokio::task::block_in_place(|| writer(bench))?;
    bench.output.prepare()?;
    Ok(lock)
}

/// The lock of the output, as soon as it is free.
pub(super) fn writer(bench: &Bench<'_>) -> Result<Lock, BackfillError> {
    let path = bench.output.lock();
    Ok(Lock::wait(&path, bench.holder, PATIENCE, |holder| (bench.waiting)(holder))?)
}

fn order(
    backfill: &Backfill,
    months: Option<(Period, Period)>,
    steps: Vec<Step>,
    is_forced: bool,
) -> Order {
    let (from, to) = months.unzip();
    let run = NewRun {
        activation_id: None,
        backfill_id: Some(backfill.backfill_id),
        job: backfill.asked.job.clone(),
        asked_by: AskedBy::Backfill,
        who: backfill.asked.who.clone(),
        why: backfill.asked.why.clone(),
        from,
        to,
    };
    Order { run, steps, scope: Scope { from, to, is_forced } }
}
