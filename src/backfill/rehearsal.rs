//! A backfill played through without consequences: what it would do, and every figure it would change.
//!
//! In: what is asked for. Out: the plan, what follows from it, and the revision sheet. It happens for
//! real, in a scratch folder inside the output folder that is removed afterwards: archive, lake and
//! inbox are linked into it, the same work is done there, the marts are built and compared with the
//! edition readers see. The lock of the output is held only while linking.

use serde::Serialize;

use super::plan::{Planned, UNKNOWN, UP_TO_DATE};
use super::{BackfillError, Bench, Follow, Report, work};
use crate::files::lock::Lock;
use crate::files::{self, FileError};
use crate::ledger::Ledger;
use crate::ledger::backfills::{Cause, Month, MonthState, NewBackfill};
use crate::pipeline::RunError;
use crate::pipeline::edition;
use crate::pipeline::output::Output;
use crate::pipeline::reason::Causes;
use crate::pipeline::revision::{self, Marts, Revision};
use crate::pipeline::sources::Sources;
use crate::project::schedules::Step;
use crate::runs::report::failed_test;
use crate::texts::{Text, text};

/// What a backfill would do.
#[derive(Debug, Default, Serialize)]
pub struct Rehearsal {
    /// The months of the range, and those that follow.
    pub plan: Vec<Planned>,
    /// Which months follow from which.
    pub follow: Vec<Follow>,
    /// Whether a month would fail.
    pub has_failed: bool,
    /// Tests of marts that would hold the edition back.
    pub failed_tests: Vec<String>,
    /// What would move published figures without a reason, and so hold the edition back.
    pub awaits_reason: Causes,
    /// Whether the job publishes at all: where it does not, the next edition has these figures.
    pub publishes: bool,
    /// The edition readers see now; `None` before the first.
    pub before: Option<u32>,
    /// Every published figure that would change.
    #[serde(flatten)]
    pub revision: Revision,
}

/// Plays a backfill through; nothing outside a scratch folder changes.
pub async fn rehearse(bench: &Bench<'_>, asked: &NewBackfill) -> Result<Rehearsal, BackfillError> {
    if !bench.output.root().exists() {
        return Ok(Rehearsal::default());
    }
    let root = bench.output.root();
    let scratch = tokio::task::block_in_place(|| Scratch::new(bench))?;
    let ledger = Ledger::open(&scratch.output.ledger()).await?;
    let stage = Bench { output: &scratch.output, ..*bench };
    let played = play(&stage, &ledger, asked).await;
    ledger.close().await;
    let (mut rehearsal, after, sources) = played?;
    // What is said is about the output people know, not about the scratch folder.
    let [ours, theirs] = [&scratch.output, bench.output].map(|it| it.root().display().to_string());
    for month in &mut rehearsal.plan {
        for text in [&mut month.action.zh, &mut month.action.en] {
            *text = text.replace(&ours, &theirs);
        }
    }
    let compared = edition::compare(root, &after, &sources.inputs)?;
    rehearsal.before = compared.as_ref().map(|(awaited, _)| awaited.edition);
    match compared {
        // A mart cannot be computed: there is nothing to compare.
        _ if after.is_empty() => {}
        Some((awaited, _)) => {
            rehearsal.revision = awaited.revision;
            if asked.why.is_none() && rehearsal.publishes {
                rehearsal.awaits_reason = awaited.causes;
            }
        }
        None => rehearsal.revision = revision::compare(&Marts::new(), &after)?,
    }
    scratch.remove()?;
    Ok(rehearsal)
}

async fn play(
    stage: &Bench<'_>,
    ledger: &Ledger,
    asked: &NewBackfill,
) -> Result<(Rehearsal, Marts, Sources), BackfillError> {
    let backfill_id = ledger.begin_backfill(asked, (stage.now)()).await?;
    let backfill = super::control::known(ledger, backfill_id).await?;
    let mut report = Report::new(backfill_id);
    let planned = work::begin(stage, ledger, &backfill, &mut report).await?;
    work::work_through(stage, ledger, &backfill, &mut report).await?;
    let months = ledger.months(backfill_id).await?;
    let (built, sources) = tokio::task::block_in_place(|| {
        edition::mend(&stage.site())?;
        Ok::<_, RunError>((edition::build(&stage.site())?, Sources::of(&stage.site())?))
    })?;
    let steps = super::steps(&stage.workshop.project, &asked.job).map_err(BackfillError::Call)?;
    let rehearsal = Rehearsal {
        plan: with_outcome(planned, &months),
        follow: report.follow,
        has_failed: !report.failed.is_empty(),
        failed_tests: built.failures.iter().map(failed_test).collect(),
        publishes: steps.contains(&Step::Publish),
        ..Rehearsal::default()
    };
    Ok((rehearsal, edition::public(built), sources))
}

/// The plan with what became of it: months that follow, months that fail.
fn with_outcome(mut planned: Vec<Planned>, months: &[Month]) -> Vec<Planned> {
    for month in months {
        let action = match (month.state, month.cause, month.because) {
            (MonthState::Failed, _, _) => {
                let error = month.error.as_deref().unwrap_or_default();
                let error = Text::same(error.replace('\n', ": "));
                text("plan.fails").fill(&[("error", &error)])
            }
            (MonthState::Done, Cause::Cascade, Some(changed)) => {
                let changed = Text::same(changed.to_string());
                text("plan.follows").fill(&[("changed", &changed)])
            }
            (MonthState::Unchanged, _, _) if is_unknown(&planned, month) => {
                text(UP_TO_DATE).clone()
            }
            _ => continue,
        };
        let is_done = month.state != MonthState::Unchanged;
        planned.retain(|other| other.period != month.period);
        planned.push(Planned { period: month.period, action, is_done, cause: month.cause });
    }
    planned.sort_by_key(|month| month.period);
    planned
}

/// Whether it was not known before whether a month is up to date.
fn is_unknown(planned: &[Planned], month: &Month) -> bool {
    planned.iter().any(|it| it.period == month.period && it.action == *text(UNKNOWN))
}

/// The folder of a rehearsal; gone when dropped. A killed one is removed by the next run.
struct Scratch {
    output: Output,
    _lock: Lock,
}

impl Scratch {
    fn new(bench: &Bench<'_>) -> Result<Self, BackfillError> {
        let output = bench.output.rehearsal();
        files::remove_folder(output.root())?;
        let at_work = Lock::take(&output.backfill_lock(), bench.holder)?;
        let scratch = Self { output, _lock: at_work };
        let _writer = work::writer(bench)?;
        for (from, to) in [
            (bench.output.archive(), scratch.output.archive()),
            (bench.output.lake(), scratch.output.lake()),
            (bench.output.inbox(), scratch.output.inbox()),
        ] {
            files::link_folder(&from, &to)?;
        }
        Ok(scratch)
    }

    fn remove(self) -> Result<(), FileError> {
        files::remove_folder(self.output.root())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = files::remove_folder(self.output.root()) {
            tracing::warn!(%error, "the next run removes what is left of the rehearsal");
        }
    }
}
