//! Coverage: jobs that are due once enough of a month has come in.
//!
//! In: the lake, after each run that may have changed it. Out: an order for each month that reached its
//! share and has none yet; for the metrics, how the newest month stands. How late the reports were taken
//! in does not matter: the job is due now.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, SubsecRound, TimeDelta, Utc};

use super::World;
use super::agenda::{Agenda, Decided, order};
use super::board::Board;
use super::standing::{self, Standing};
use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::ledger::LedgerError;
use crate::orders;
use crate::pipeline::coverage as lake;
use crate::project::Project;
use crate::project::schedules::Schedule;
use crate::schedule::coverage;
use crate::schedule::misfire::Decision;

/// Months are looked at until so long after their deadline.
const LOOKED_AT: TimeDelta = TimeDelta::days(92);

/// When the lake was last looked at.
#[derive(Debug, Default)]
pub(super) struct CoverageWatch {
    /// The day, unless a run may have changed the lake since.
    looked_on: Option<NaiveDate>,
}

impl CoverageWatch {
    /// The lake may have changed.
    pub(super) fn forget(&mut self) {
        self.looked_on = None;
    }

    /// Looks at the lake if it may have changed, or the day is another; whether a job is due for it.
    pub(super) async fn look(
        &mut self,
        world: &World<'_>,
        agenda: &Agenda,
        board: &Board,
    ) -> Result<bool, LedgerError> {
        let (ledger, now) = (world.ledger, world.now);
        if self.looked_on == Some(now.date_naive()) {
            return Ok(false);
        }
        let mut waiting = Vec::new();
        for (schedule, since) in agenda.waiting_for_coverage() {
            let known = ledger.covered_months(&schedule.job).await?;
            waiting.push(Waits { schedule, since, known });
        }
        let (current, folder) = (Arc::clone(world.current), world.setup.output.lake());
        let look = move || look(&current.project, &folder, &waiting, now);
        let mut is_new = false;
        match tokio::task::spawn_blocking(look).await {
            Ok(Ok((found, standings))) => {
                for (asked, state, _) in found {
                    is_new |= ledger.add_order(&asked, state, now).await?.is_some();
                }
                board.write(|facts| facts.standings = standings);
            }
            Ok(Err(error)) => {
                tracing::warn!(error = %orders::chain(&error), "could not look at the lake");
            }
            Err(error) => tracing::error!(%error, "looking at the lake panicked"),
        }
        self.looked_on = Some(now.date_naive());
        Ok(is_new)
    }
}

/// A job that waits for coverage.
struct Waits {
    schedule: Schedule,
    /// What had come in by then is not owed.
    since: DateTime<Utc>,
    /// The months it was due for already.
    known: BTreeSet<Period>,
}

/// What a look at the lake finds.
type Crossings = (Vec<Decided>, Vec<Standing>);

fn look(
    project: &Project,
    folder: &Path,
    waiting: &[Waits],
    now: DateTime<Utc>,
) -> Result<Crossings, TableError> {
    Ok((due(project, folder, waiting, now)?, standing::standings(project, folder, now)?))
}

/// The orders of the months that reached the share of a job, but for those it knows already.
fn due(
    project: &Project,
    folder: &Path,
    waiting: &[Waits],
    now: DateTime<Utc>,
) -> Result<Vec<Decided>, TableError> {
    let mut found = Vec::new();
    for Waits { schedule, since, known } in waiting {
        let Some(rule) = schedule.coverage() else { continue };
        let mut reached = Vec::new();
        let months = months(project, &rule.form, now).into_iter();
        for period in months.filter(|period| !known.contains(period)) {
            let progress = lake::progress(project, folder, rule, period)?;
            let at = coverage::reached(rule, &progress.due, &progress.receipts);
            // What had come in before the job's file did is not owed. A report may bear a time to
            // come, from a sender's wrong clock: the job is due now all the same.
            let at = at.filter(|at| since < at);
            reached.extend(at.map(|at| (period, at.min(now.trunc_subsecs(0)))));
        }
        let occasions = coverage::occasions(reached);
        found.extend(occasions.iter().map(|it| order(schedule, it, Decision::Due)));
    }
    Ok(found)
}

/// The months of a form that may be coming in.
fn months(project: &Project, form: &str, now: DateTime<Utc>) -> Vec<Period> {
    let deadlines = project.seeds.calendar.deadlines.iter();
    let is_open = |period: &Period, deadline: DateTime<Utc>| {
        now - LOOKED_AT < deadline && period.first_day() <= now.date_naive()
    };
    deadlines
        .filter(|((of, period), deadline)| of == form && is_open(period, deadline.to_utc()))
        .map(|((_, period), _)| *period)
        .collect()
}
