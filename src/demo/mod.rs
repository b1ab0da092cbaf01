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

use crate::domain::period::Period;
use crate::project::seeds::roster::{Calendar, Roster};

mod deliveries;
pub mod figures;
mod layout;
pub mod lines;
pub mod mess;
pub mod plan;
pub mod sample;
mod workbook;

use plan::{Delivery, Plan};

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
}

/// Plans the sample and writes it into an inbox, one folder a month; files there are replaced. Tells how
/// many there are.
pub fn write(inbox: &Path, roster: &Roster, calendar: &Calendar) -> Result<usize, DemoError> {
    let plan = plan::plan(roster, calendar)?;
    write_plan(inbox, &plan)?;
    Ok(plan.deliveries.len())
}

/// Writes planned deliveries, in parallel.
pub fn write_plan(inbox: &Path, plan: &Plan) -> Result<(), DemoError> {
    plan.deliveries.par_iter().try_for_each(|delivery| {
        let path = inbox.join(delivery.folder.to_string()).join(&delivery.file_name);
        write_delivery(&path, delivery).map_err(|source| DemoError::Write { path, source })
    })
}

fn write_delivery(path: &Path, delivery: &Delivery) -> io::Result<()> {
    let bytes = workbook::bytes(delivery).map_err(io::Error::other)?;
    std::fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut file = File::create(path)?;
    file.write_all(&bytes)?;
    file.set_modified(delivery.received_at.to_utc().into())
}
