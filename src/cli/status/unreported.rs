//! Who is due for a form that nobody has filed for a month yet: the edition knows nothing of it.
//!
//! In: roster and calendar, the lake, what the edition has. Out: each firm due whose report has not
//! counted, as missing; nothing where the edition knows the form's month or the calendar lacks it.

use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::{Chased, Status, integer, month, string};
use crate::cli::Failure;
use crate::cli::session::{self, Session};
use crate::domain::period::Period;
use crate::pipeline::coverage;
use crate::project::Project;
use crate::project::schedules::Coverage;

/// Adds them to a status.
pub(super) fn add(
    status: &mut Status,
    submissions: &RecordBatch,
    session: &Session,
) -> Result<(), Failure> {
    // Faults without a sound set: told already, and what the edition has is shown all the same.
    let Ok(project) = session.project() else { return Ok(()) };
    let period = status.period;
    let due = project.seeds.calendar.deadlines.iter().filter(|((_, month), _)| *month == period);
    for ((form, _), deadline) in due {
        let newest = newest(submissions, form);
        if newest.is_some_and(|newest| period <= newest) {
            continue;
        }
        let everybody = Coverage {
            form: form.clone(),
            firms_percent: Some(100),
            value_percent: None,
            item: None,
        };
        let progress = coverage::progress(project, &session.output.lake(), &everybody, period)?;
        for firm in progress.due.into_keys() {
            status.due += 1;
            if progress.receipts.contains_key(&firm) {
                status.counted += 1;
                continue;
            }
            let zone = session.zone();
            status.to_chase.push(Chased {
                form: form.clone(),
                firm_name: project
                    .seeds
                    .roster
                    .at(&firm, period)
                    .map_or_else(String::new, |it| it.name.clone()),
                state: "missing".to_owned(),
                deadline: shown(deadline.to_utc(), zone),
                months_late_in_row: late_in_row(
                    project,
                    submissions,
                    (form, &firm),
                    (newest, period),
                ),
                submission_id: String::new(),
                problems: Vec::new(),
                credit_code: firm,
            });
        }
    }
    Ok(())
}

/// A deadline as the list has it.
pub(super) fn shown(deadline: DateTime<Utc>, zone: Tz) -> String {
    deadline.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string()
}

/// The newest month the edition has of a form.
fn newest(submissions: &RecordBatch, form: &str) -> Option<Period> {
    let rows = (0..submissions.num_rows()).filter(|row| string(submissions, "form", *row) == form);
    rows.filter_map(|row| month(submissions, row)).max()
}

/// How many filed months in a row a firm is late: those of the edition, and each since then whose
/// deadline is over, up to the month asked for.
fn late_in_row(
    project: &Project,
    submissions: &RecordBatch,
    (form, firm): (&str, &str),
    (newest, period): (Option<Period>, Period),
) -> i32 {
    let is_its_newest = |row: &usize| {
        month(submissions, *row) == newest
            && string(submissions, "form", *row) == form
            && string(submissions, "credit_code", *row) == firm
    };
    let before = (0..submissions.num_rows()).find(is_its_newest);
    let before = before.map_or(0, |row| integer(submissions, "months_late_in_row", row));
    let deadlines = project.seeds.calendar.deadlines.iter();
    let since = deadlines.filter(|((of, month), deadline)| {
        of == form
            && newest.is_some_and(|newest| newest < *month)
            && *month <= period
            && deadline.to_utc() <= session::now()
    });
    before.saturating_add(i32::try_from(since.count()).unwrap_or(i32::MAX))
}
