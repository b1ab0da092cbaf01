//! A backfill played through without consequences: what it would do, and every figure it would change.
//!
//! In: what is asked for. Out: the plan, what follows from it, and the revision sheet. It happens for
//! real, in a scratch folder inside the output folder that is removed afterwards: archive, lake and
//! inbox are linked into it, the same work is done there, the marts are built and compared with the
//! edition readers see. The lock of the output is held only while linking.

use serde::Serialize;

use super::backfill::{self, Backfill, Follow};
use super::plan::{self, Action, PlannedMonth};
use super::report::failed_test;
use super::{Means, OrderError};
use crate::files::lock::Lock;
use crate::files::{self, FileError};
use crate::ledger::Ledger;
use crate::ledger::orders::{Asked, Cause, OrderStep, State};
use crate::ledger::reason::Reason;
use crate::pipeline::RunError;
use crate::pipeline::edition::{self, PublicMarts};
use crate::pipeline::output::Output;
use crate::pipeline::reason::Causes;
use crate::pipeline::revision::{self, Marts, Revision};
use crate::pipeline::sources::Sources;

/// What a backfill would do.
#[derive(Debug, Default, Serialize)]
pub struct Rehearsal {
    /// The months of the range, and those that follow.
    pub plan: Vec<PlannedMonth>,
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
pub async fn rehearse(means: &Means<'_>, asked: &Asked) -> Result<Rehearsal, OrderError> {
    if !means.output.root().exists() {
        return Ok(Rehearsal::default());
    }
    let root = means.output.root();
    let scratch = tokio::task::block_in_place(|| Scratch::new(means))?;
    let ledger = Ledger::open(&scratch.output.ledger()).await?;
    let stage = Means { output: &scratch.output, ..*means };
    let played = play(&stage, &ledger, asked).await;
    ledger.close().await;
    let (mut rehearsal, after, sources) = played?;
    let compared = edition::compare(root, &after, &sources.inputs)?;
    rehearsal.before = compared.as_ref().map(|(awaited, _)| awaited.edition);
    match compared {
        // A mart cannot be computed: there is nothing to compare.
        _ if after.rows.is_empty() => {}
        Some((awaited, _)) => {
            rehearsal.revision = awaited.revision;
            if asked.why.is_none() && rehearsal.publishes {
                rehearsal.awaits_reason = awaited.causes;
            }
        }
        None => rehearsal.revision = revision::compare(&Marts::new(), &after.rows)?,
    }
    scratch.remove()?;
    Ok(rehearsal)
}

/// All of it but the publication, which only builds.
async fn play(
    stage: &Means<'_>,
    ledger: &Ledger,
    asked: &Asked,
) -> Result<(Rehearsal, PublicMarts, Sources), OrderError> {
    let publishes = asked.steps.contains(&OrderStep::Publish);
    let mut asked = asked.clone();
    asked.steps.retain(|step| *step != OrderStep::Publish);
    let order_id = ledger.add_order(&asked, State::Waiting, (stage.now)()).await?;
    let order_id = order_id.unwrap_or_default();
    if asked.steps.contains(&OrderStep::Receive) {
        let lock = stage.lock()?;
        backfill::one_turn(stage, ledger, &lock, order_id).await?;
    }
    let planned = plan::plan(&stage.site(), &asked)?;
    backfill::drain(stage, ledger, order_id).await?;
    let Some(played) = Backfill::read(ledger, order_id).await? else {
        return Err(OrderError::Call(format!("the ledger has no order {order_id}")));
    };
    let (built, sources) = tokio::task::block_in_place(|| {
        edition::mend(&stage.site())?;
        let sources = Sources::of(&stage.site())?;
        Ok::<_, RunError>((edition::build(&stage.site(), &sources, false)?, sources))
    })?;
    let rehearsal = Rehearsal {
        has_failed: played.in_state(State::Failed).next().is_some(),
        plan: with_outcome(planned, &played, stage.output),
        follow: played.follow.clone(),
        failed_tests: built.failures.iter().map(failed_test).collect(),
        publishes,
        ..Rehearsal::default()
    };
    Ok((rehearsal, edition::public(built), sources))
}

/// The plan with what became of it: months that follow, months that fail.
fn with_outcome(
    mut planned: Vec<PlannedMonth>,
    played: &Backfill,
    scratch: &Output,
) -> Vec<PlannedMonth> {
    for month in &played.months {
        let known = planned.iter().find(|it| it.period == month.period).map(|it| &it.action);
        let action = match (month.piece.state, month.cause, month.because) {
            (State::Failed, _, _) => Action::Fails(as_known(&month.piece.reasons, scratch)),
            (State::Done, Cause::Cascade, Some(changed)) => Action::Follows(changed),
            (State::Unchanged, _, _) if known == Some(&Action::Unknown) => Action::UpToDate,
            _ => continue,
        };
        planned.retain(|other| other.period != month.period);
        planned.push(PlannedMonth::new(month.period, action));
    }
    planned.sort_by_key(|month| month.period);
    planned
}

/// What is said is about the output people know, not about the scratch folder in it.
fn as_known(reasons: &[Reason], scratch: &Output) -> Vec<Reason> {
    let ours = scratch.root().display().to_string();
    let theirs = scratch.root().parent().map(|it| it.display().to_string()).unwrap_or_default();
    let known = |reason: &Reason| match reason {
        Reason::Error { chain, system } => Reason::Error {
            chain: chain.iter().map(|line| line.replace(&ours, &theirs)).collect(),
            system: system.clone(),
        },
        other => other.clone(),
    };
    reasons.iter().map(known).collect()
}

/// The folder of a rehearsal; gone when dropped. A killed one is removed by the next run.
struct Scratch {
    output: Output,
    /// Its daemon's place: whoever tidies up leaves a folder alone that somebody is at.
    _lock: Lock,
}

impl Scratch {
    fn new(means: &Means<'_>) -> Result<Self, OrderError> {
        let output = means.output.rehearsal();
        files::remove_folder(output.root())?;
        let at_work = Lock::take(&output.daemon_lock(), means.holder)?;
        let scratch = Self { output, _lock: at_work };
        let _writer = means.lock()?;
        for (from, to) in [
            (means.output.archive(), scratch.output.archive()),
            (means.output.parsed(), scratch.output.parsed()),
            (means.output.steps(), scratch.output.steps()),
            (means.output.lake(), scratch.output.lake()),
            (means.output.inbox(), scratch.output.inbox()),
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
