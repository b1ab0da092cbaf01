//! Values of arguments that several commands share.

use super::Failure;
use crate::domain::period::Period;
use crate::project::Project;
use crate::project::read::nearest;
use crate::project::schedules::Step;

/// Reads a month for clap.
pub(super) fn period(text: &str) -> Result<Period, String> {
    text.parse().map_err(|error: crate::domain::period::NotAPeriod| error.to_string())
}

/// The steps of a job, or of everything when none is named.
pub(super) fn steps(project: &Project, job: Option<&str>) -> Result<Vec<Step>, Failure> {
    let Some(job) = job else { return Ok(vec![Step::Intake, Step::Publish]) };
    let known = || project.schedules.keys().map(String::as_str);
    match project.schedules.get(job) {
        Some(schedule) => Ok(schedule.steps.clone()),
        None => Err(Failure::Call(format!(
            "there is no job `{job}` in jobs/schedules: {}{}",
            known().collect::<Vec<_>>().join(", "),
            nearest(job, known())
        ))),
    }
}
