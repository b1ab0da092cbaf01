//! The sample district: three years of workbooks, made up, the same bytes on every run.
//!
//! In: the shipped roster and calendar. Out: filled workbooks in an inbox, each with the time it
//! pretends to have arrived as its modification time. `plan` tells what will be written without
//! writing it. Fails when the calendar lacks a deadline or the disk refuses. Only totals that a
//! published review of the district names are matched (see `sample.toml`); all else is made up.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use chrono::{DateTime, FixedOffset};
use rayon::prelude::*;

use self::plan::PlannedFile;
use crate::domain::period::Period;
use crate::files::FileError;
use crate::project::seeds::roster::{Calendar, Roster};

pub mod figures;
pub mod ledgers;
pub mod mess;
pub mod plan;
pub mod sample;
mod sheets;

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
    #[error(transparent)]
    Write(#[from] FileError),
}

/// Plans the sample and writes it into an inbox, one folder a month; files there are replaced. Tells how
/// many there are.
pub fn write(inbox: &Path, roster: &Roster, calendar: &Calendar) -> Result<usize, DemoError> {
    let plan = plan::plan(roster, calendar)?;
    write_plan(inbox, &plan)?;
    let ledgers = ledgers::plan(roster, calendar)?;
    ledgers.par_iter().try_for_each(|file| {
        let path = inbox.join(file.period.to_string()).join(&file.file_name);
        let bytes = sheets::ledger(file).map_err(io::Error::other);
        let written = bytes.and_then(|bytes| write_file(&path, &bytes, file.received_at));
        written.map_err(|source| FileError::new("write", path, source))
    })?;
    Ok(plan.len() + ledgers.len())
}

/// Writes planned files, in parallel.
pub fn write_plan(inbox: &Path, plan: &[PlannedFile]) -> Result<(), DemoError> {
    plan.par_iter().try_for_each(|file| {
        let path = inbox.join(file.folder.to_string()).join(&file.file_name);
        let bytes = sheets::bytes(file).map_err(io::Error::other);
        let written = bytes.and_then(|bytes| write_file(&path, &bytes, file.received_at));
        Ok(written.map_err(|source| FileError::new("write", path, source))?)
    })
}

fn write_file(path: &Path, bytes: &[u8], received_at: DateTime<FixedOffset>) -> io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut written = File::create(path)?;
    written.write_all(bytes)?;
    written.set_modified(received_at.to_utc().into())
}
