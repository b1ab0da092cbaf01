//! Backfills: a range of past months done again, as an object that survives its process.
//!
//! In: a job, a range, which of its months and in which order. Out: the lake brought up to date month
//! by month, each a run of its own that holds the lock of the output only while it lasts; then one
//! edition. A month whose figures changed brings in the later months that look back at it, also beyond
//! the range. A month that fails leaves the others alone, but no edition is published before it has
//! been put right. Killed anywhere, it goes on where it stood: what was done is known by fingerprint.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::domain::period::Period;
use crate::files::FileError;
use crate::files::lock::LockError;
use crate::files::parquet::TableError;
use crate::ledger::LedgerError;
use crate::ledger::backfills::{BackfillState, Cause, Month, MonthState};
use crate::pipeline::output::Output;
use crate::pipeline::stop::Stop;
use crate::pipeline::{Event, RunError, Site, Workshop};
use crate::project::Project;
use crate::project::schedules::Step;
use crate::runs::{self, OrderError};
use crate::texts::{Text, text};

mod control;

mod plan;

mod rehearsal;

mod work;

pub use self::control::{cancel, is_at_work, pause, resume, sign, unknown};
pub use self::plan::{Planned, askable};
pub use self::rehearsal::{Rehearsal, rehearse};
pub use self::work::carry_on;

/// What a backfill works with beside its ledger.
#[derive(Clone, Copy)]
pub struct Bench<'a> {
    /// The project.
    pub workshop: &'a Workshop,
    /// The output folder.
    pub output: &'a Output,
    /// The months whose last run failed, for `--reprocess failed`.
    pub failed: &'a BTreeSet<Period>,
    /// Who this process is, for others that want the lock of the output.
    pub holder: &'a str,
    /// The clock.
    pub now: &'a (dyn Fn() -> DateTime<Utc> + Sync),
    /// Called as work goes on.
    pub report: &'a (dyn Fn(Event) + Sync),
    /// Called with who holds the lock of the output when it is not free at once.
    pub waiting: &'a (dyn Fn(&str) + Sync),
    /// Raised when it is to end at the next place where it may; `resume` goes on there.
    pub stop: &'a Stop,
}

impl Bench<'_> {
    fn site(&self) -> Site<'_> {
        Site {
            workshop: self.workshop,
            output: self.output,
            now: (self.now)(),
            report: self.report,
            stop: self.stop,
        }
    }
}

/// Why a backfill could not go on.
#[derive(Debug, thiserror::Error)]
pub enum BackfillError {
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Emptying the inbox or publishing failed.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The machine or the settings failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// Somebody else writes to the output.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A table of the lake could not be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The call asks for what is not there or cannot be.
    #[error("{0}")]
    Call(String),
}

/// What a backfill did in this process.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Its number.
    pub backfill: i64,
    /// How it stands now.
    pub state: BackfillState,
    /// What its runs did, taken together.
    #[serde(flatten)]
    pub work: runs::report::Report,
    /// Months that were up to date already.
    pub unchanged: Vec<Period>,
    /// Months that failed, with the chain of causes.
    pub failed: BTreeMap<String, String>,
    /// Months that were added because they look back at a changed one.
    pub follow: Vec<Follow>,
    /// Months that still wait.
    pub waiting: Vec<Period>,
}

/// Later months that were added because of a changed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Follow {
    /// The month that changed.
    pub changed: Period,
    /// Those that look back at it, oldest first.
    pub months: Vec<Period>,
}

impl Follow {
    /// The cascades among the months of a backfill, by the month that changed.
    pub fn of(months: &[Month]) -> Vec<Self> {
        let mut by_cause: BTreeMap<Period, Vec<Period>> = BTreeMap::new();
        for month in months.iter().filter(|month| month.cause == Cause::Cascade) {
            if let Some(changed) = month.because {
                by_cause.entry(changed).or_default().push(month.period);
            }
        }
        let follow = |(changed, mut months): (Period, Vec<Period>)| {
            months.sort_unstable();
            Self { changed, months }
        };
        by_cause.into_iter().map(follow).collect()
    }
}

impl Follow {
    /// That they follow, for people.
    pub fn text(&self) -> Text {
        let months = match self.months.as_slice() {
            [first, .., last] if first.to(*last).count() == self.months.len() => {
                format!("{first} … {last}")
            }
            months => months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        };
        let changed = Text::same(self.changed.to_string());
        text("backfill.follow").fill(&[("months", &Text::same(months)), ("changed", &changed)])
    }
}

impl Report {
    fn new(backfill: i64) -> Self {
        Self {
            backfill,
            state: BackfillState::Running,
            work: runs::report::Report::default(),
            unchanged: Vec::new(),
            failed: BTreeMap::new(),
            follow: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// Adds what a run did.
    fn add(&mut self, run: runs::report::Report) {
        self.work.run_id = run.run_id;
        self.work.received += run.received;
        self.work.new += run.new;
        self.work.left_in_inbox += run.left_in_inbox;
        self.work.months.extend(run.months);
        self.work.rejected.extend(run.rejected);
        self.work.edition = run.edition.or(self.work.edition);
        self.work.is_new_edition |= run.is_new_edition;
        self.work.failed_tests.extend(run.failed_tests);
        self.work.awaits_reason = run.awaits_reason;
        self.work.is_nothing_reported = run.is_nothing_reported;
    }

    /// Says how the months stand.
    fn sum_up(&mut self, months: &[Month]) {
        let in_state = |state| months.iter().filter(move |month| month.state == state);
        self.unchanged = in_state(MonthState::Unchanged).map(|month| month.period).collect();
        self.waiting = in_state(MonthState::Waiting).map(|month| month.period).collect();
        self.unchanged.sort_unstable();
        self.waiting.sort_unstable();
        let failed = in_state(MonthState::Failed);
        self.failed = failed
            .map(|month| (month.period.to_string(), month.error.clone().unwrap_or_default()))
            .collect();
        self.follow = Follow::of(months);
    }
}

/// The steps of a job, if a backfill can do anything with them.
pub fn steps<'a>(project: &'a Project, job: &str) -> Result<&'a [Step], String> {
    let has_any = |steps: &[Step]| steps.iter().any(|step| !step.needs_period());
    match project.schedules.get(job) {
        Some(schedule) if has_any(&schedule.steps) => Ok(&schedule.steps),
        Some(_) => {
            let able = project.schedules.iter().filter(|(_, other)| has_any(&other.steps));
            let names: Vec<&str> = able.map(|(name, _)| name.as_str()).collect();
            Err(format!(
                "job `{job}` neither takes in nor publishes, so there is nothing to do again: use one of {}",
                names.join(", ")
            ))
        }
        None => Err(format!("there is no job `{job}` in jobs/schedules any more")),
    }
}
