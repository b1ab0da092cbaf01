//! The sample district: three years of workbooks, made up, the same bytes on every run.
//!
//! In: the shipped roster and calendar. Out: filled workbooks in an inbox, each with the time it
//! pretends to have arrived as its modification time. `plan` tells what will be written without
//! writing it. Fails when the calendar lacks a deadline or the disk refuses. Only totals that a
//! published review of the district names are matched (see `calibrate`); all else is made up.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use rust_xlsxwriter::XlsxError;

use crate::domain::period::Period;
use crate::project::seeds::roster::{Calendar, Roster};

mod calibrate;
mod deliveries;
mod dice;
mod export;
pub mod figures;
mod layout;
pub mod lines;
pub mod mess;
pub mod plan;
pub mod story;
mod workbook;

use plan::{Delivery, Fate, Plan};

/// What was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Firms that filed at least once.
    pub firms: usize,
    /// Months filed.
    pub periods: usize,
    /// Files.
    pub files: usize,
    /// Reports in them.
    pub reports: usize,
    /// Reports that count in the end.
    pub counted: usize,
    /// Reports that must be refused.
    pub refused: usize,
    /// Reports that stay queried.
    pub queried: usize,
    /// Files that are untidy.
    pub messy: usize,
}

/// Why the sample could not be written.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The calendar lacks a deadline.
    #[error("`seeds/calendar.csv` has no deadline of {form} for {period}: add it")]
    NoDeadline {
        /// The form.
        form: String,
        /// The month.
        period: Period,
    },
    /// A folder or file could not be written.
    #[error("could not write `{path}`")]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A workbook could not be made.
    #[error("could not make the workbook `{path}`")]
    Workbook {
        /// The file.
        path: PathBuf,
        /// Why.
        source: XlsxError,
    },
}

/// Plans the sample and writes it into an inbox, one folder a month; files there are replaced.
pub fn write(inbox: &Path, roster: &Roster, calendar: &Calendar) -> Result<Summary, DemoError> {
    let plan = plan::plan(roster, calendar)?;
    write_plan(inbox, &plan)
}

/// Writes planned deliveries, in parallel.
pub fn write_plan(inbox: &Path, plan: &Plan) -> Result<Summary, DemoError> {
    let mut folders: Vec<Period> = plan.deliveries.iter().map(|delivery| delivery.folder).collect();
    folders.dedup();
    for folder in folders {
        let path = inbox.join(folder.to_string());
        std::fs::create_dir_all(&path).map_err(|source| DemoError::Write { path, source })?;
    }
    plan.deliveries.par_iter().try_for_each(|delivery| write_delivery(inbox, delivery))?;
    Ok(summarise(plan))
}

fn write_delivery(inbox: &Path, delivery: &Delivery) -> Result<(), DemoError> {
    let path = inbox.join(delivery.folder.to_string()).join(&delivery.file_name);
    let bytes = match workbook::bytes(delivery) {
        Ok(bytes) => bytes,
        Err(source) => return Err(DemoError::Workbook { path, source }),
    };
    let received_at = delivery.received_at.to_utc().into();
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&bytes)?;
        file.set_modified(received_at)
    });
    written.map_err(|source| DemoError::Write { path, source })
}

/// Counts what a plan holds.
pub fn summarise(plan: &Plan) -> Summary {
    let reports = || plan.deliveries.iter().flat_map(|delivery| &delivery.reports);
    let with = |fate| reports().filter(|report| report.fate == fate).count();
    let count = |mut keys: Vec<String>| {
        keys.sort_unstable();
        keys.dedup();
        keys.len()
    };
    let counted = || reports().filter(|report| report.fate == Fate::Counts);
    Summary {
        firms: count(counted().map(|report| report.credit_code.clone()).collect()),
        periods: count(counted().map(|report| report.period.to_string()).collect()),
        files: plan.deliveries.len(),
        reports: reports().count(),
        counted: with(Fate::Counts),
        refused: with(Fate::Refused),
        queried: with(Fate::Queried),
        messy: plan.deliveries.iter().filter(|delivery| !mess::messes(delivery).is_empty()).count(),
    }
}
