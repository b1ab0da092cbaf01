//! Values of arguments that several commands share.

use std::io::{self, BufRead, IsTerminal, Write};
use std::str::FromStr;

use super::{CliError, output};
use crate::domain::dates;
use crate::domain::period::{NotAPeriod, Period};
use crate::project::Project;
use crate::project::read::among;
use crate::project::schedules::Step;

/// Characters of a reason: it stands in one line of the manifest and of lists.
const WHY_CHARS_MAX: usize = 1000;

/// Reads a month for clap.
pub(super) fn period(text: &str) -> Result<Period, String> {
    let exact: Result<Period, NotAPeriod> = text.parse();
    exact.or_else(|error| dates::typed_month(text).ok_or(error.to_string()))
}

/// Reads the number of something that is listed elsewhere, for clap.
pub(super) fn number<T: FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("`{text}` is no number that `list` shows"))
}

/// The reason given on the command line, as one line that tells no terminal anything; blanks are none.
pub(super) fn reason(why: Option<&str>) -> Result<Option<String>, CliError> {
    let Some(why) = why else { return Ok(None) };
    let plain: String = why.chars().map(|it| if output::is_plain(it) { it } else { ' ' }).collect();
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.chars().count() {
        0 => Ok(None),
        1..=WHY_CHARS_MAX => Ok(Some(line)),
        more => Err(CliError::Call(format!(
            "the reason has {more} characters: give one of {WHY_CHARS_MAX} at most"
        ))),
    }
}

/// The steps of a job, or of everything when none is named.
pub(super) fn steps(project: &Project, job: Option<&str>) -> Result<Vec<Step>, CliError> {
    let Some(job) = job else { return Ok(vec![Step::Intake, Step::Publish]) };
    let schedule = project.schedules.get(job).ok_or_else(|| no_job(project, job))?;
    Ok(schedule.steps.clone())
}

/// There is no such job: which there are, and the nearest.
pub(super) fn no_job(project: &Project, job: &str) -> CliError {
    let known = among(job, project.schedules.keys().map(String::as_str));
    CliError::Call(format!("there is no job `{job}` in jobs/schedules: {known}"))
}

/// Asks for a reason on a terminal, saying where it is kept; elsewhere says that none is kept.
pub(super) fn ask_why(kept: &str) -> Result<Option<String>, CliError> {
    let mut why = String::new();
    if io::stdin().is_terminal() {
        let _ = write!(io::stderr().lock(), "Why? ({kept}) ");
        let _ = io::stdin().lock().read_line(&mut why);
    }
    let why = reason(Some(&why))?;
    if why.is_none() {
        output::error("warning: no reason kept; give one with --why");
    }
    Ok(why)
}
