//! The flow: the one place that names the stages in order and knows the output folder.
//!
//! - [`receive`]: inbox, parse, archive;
//! - [`bring_up_to_date`]: parse, validate, normalize, store, month by month;
//! - [`edition::publish_for`]: marts, publish.
//!
//! In: a project and an output folder. Out: the lake brought up to date, and an edition when
//! anything changed. Every step may be killed and repeated: work is skipped by the fingerprint of
//! its inputs, and the same inputs give the same bytes. Findings never end a run; an `Err` is about
//! the machine or the settings.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use crate::files::FileError;
use crate::files::parquet::TableError;
use crate::project::fault::Fault;
use crate::project::inputs::Inputs;
use crate::project::{self, Project};
use crate::stages::marts::{self, MartError, Planned, Tables};
use crate::stages::publish::{brief, workbook};
use crate::stages::validate::{self, Rules, ValidateError};

pub mod check;

pub mod context;
pub mod coverage;
pub mod edition;
pub mod intake;
pub mod month;
pub mod output;
mod parsed;
pub mod plan;
pub mod reason;
pub mod revision;
pub mod sources;
mod steps;
pub mod stop;
pub mod tables;
pub mod workbooks;

pub use self::intake::receive;
pub use self::month::bring_up_to_date;
use self::output::Output;
use self::stop::Stop;

/// Why a run could not go on: the machine or the settings, never a workbook.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A Parquet file could not be read or written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A workbook of the archive is not what was sent.
    #[error(
        "`{}` is not what was received: its bytes do not give the hash in its name; restore it from a backup", path.display()
    )]
    Altered {
        /// The workbook.
        path: PathBuf,
    },
    /// A partition is damaged, and there is nothing to make it from.
    #[error(
        "the archive holds nothing of {partition}, so its damaged part of the lake cannot be made anew: restore both from a backup"
    )]
    Lost {
        /// The partition.
        partition: String,
        /// What is damaged.
        source: TableError,
    },
    /// A rule failed on figures.
    #[error(transparent)]
    Validate(#[from] ValidateError),
    /// Two tables could not be compared.
    #[error("could not compare mart `{mart}` with the edition")]
    Compare {
        /// The mart.
        mart: String,
        /// Why not.
        source: arrow::error::ArrowError,
    },
    /// A template of the pages cannot be used.
    #[error(transparent)]
    Brief(#[from] Fault),
    /// The marts could not be built.
    #[error(transparent)]
    Mart(#[from] MartError),
    /// The engine's threads could not be started.
    #[error("could not start the threads of the query engine")]
    Threads(#[source] std::io::Error),
    /// Somebody asked it to stop.
    #[error("stopped as asked: the next run does what is left")]
    Stopped,
}

/// A project that passed every check, its rules compiled: what every run needs.
#[derive(Debug)]
pub struct Workshop {
    /// The project.
    pub project: Project,
    /// Its compiled rules.
    pub rules: Rules,
    /// Fingerprints of all it brings along.
    pub inputs: Inputs,
    /// Its marts, planned when they are first needed; projects with the same marts may share them.
    pub plans: Plans,
}

/// The marts of a project with their queries planned, or what is wrong with their SQL.
pub type Plans = Arc<OnceLock<Result<Vec<Planned>, Vec<Fault>>>>;

/// Loads a project, compiles its rules and checks what its pages are made by; on failure every fault.
pub fn open(root: &Path) -> Result<Workshop, Vec<Fault>> {
    let workshop = open_without_pages(root)?;
    let mut faults = brief::faults(&workshop.project);
    faults.extend(workbook::faults(&workshop.project));
    if faults.is_empty() { Ok(workshop) } else { Err(faults) }
}

/// The same for who makes no page.
pub fn open_without_pages(root: &Path) -> Result<Workshop, Vec<Fault>> {
    let project = project::load(root)?;
    let rules = validate::compile(&project.rules, &project.forms)?;
    let inputs = Inputs::of(&project);
    Ok(Workshop { project, rules, inputs, plans: Arc::default() })
}

impl Workshop {
    /// The marts with their queries planned, on the first call; on failure every fault of their SQL.
    pub fn plans(&self) -> Result<&[Planned], &[Fault]> {
        let fault = |error: &dyn std::fmt::Display| Fault::new("jobs/marts", error.to_string());
        let plan = || match tables::block_on(marts::plan(&self.project.marts, &Tables::empty())) {
            Ok(Ok(plans)) => Ok(plans),
            Ok(Err(MartError::Sql(faults))) => Err(faults),
            Ok(Err(error)) => Err(vec![fault(&error)]),
            Err(error) => Err(vec![fault(&error)]),
        };
        self.plans.get_or_init(plan).as_deref().map_err(Vec::as_slice)
    }
}

/// What is wrong with the SQL of the marts, found by planning every query without data.
pub fn faults_of_marts(workshop: &Workshop) -> Vec<Fault> {
    workshop.plans().err().unwrap_or_default().to_vec()
}

/// What happens during a run, for whoever shows progress: text and counts, no figures of firms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A step with so many pieces began.
    Began {
        /// The step.
        step: Step,
        /// How many pieces it has.
        pieces: usize,
    },
    /// One piece is done.
    Advanced,
    /// The step ended.
    Ended,
}

/// The steps of a run that may take long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Writing sample workbooks.
    Writing,
    /// Reading the workbooks of the inbox.
    Reading,
    /// Bringing months up to date.
    Checking,
    /// Building the marts: one piece, some seconds.
    Building,
    /// Writing tables and briefs of an edition.
    Publishing,
}

/// Where a run takes place.
pub struct Site<'a> {
    /// The project.
    pub workshop: &'a Workshop,
    /// The output folder.
    pub output: &'a Output,
    /// The only clock of a run: stands in the manifest of an edition, nowhere else.
    pub now: DateTime<Utc>,
    /// Called as work goes on, from one thread.
    pub report: &'a (dyn Fn(Event) + Sync),
    /// Raised when the run is to end at the next place where it may.
    pub stop: &'a Stop,
}
