//! Why a command could not be carried out, and the exit code that says who can mend it.

use std::fmt::Write;
use std::process::ExitCode;

use super::output;
use crate::orders::OrderError;
use crate::pipeline::RunError;
use crate::project::fault::Fault;
use crate::stages::marts::MartError;
use crate::texts::{self, Locale};

/// Exit code: the call or the settings are wrong.
pub(super) const SETTINGS: u8 = 2;
/// Exit code: the machine failed, try again.
pub(super) const MACHINE: u8 = 3;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum CliError {
    /// The project's files are faulty.
    Faults(Vec<Fault>),
    /// The call asks for something that is not there.
    Call(String),
    /// The machine or the settings failed while running.
    Run(anyhow::Error),
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for CliError {
    fn from(error: E) -> Self {
        Self::Run(error.into())
    }
}

impl CliError {
    /// Prints the failure and returns its exit code.
    pub(super) fn print(self) -> ExitCode {
        let (text, code) = match self {
            Self::Faults(faults) => (faults_text(&faults, Locale::En), SETTINGS),
            Self::Call(message) => (format!("error: {message}"), SETTINGS),
            Self::Run(error) => {
                let mut text = format!("error: {error}");
                for cause in error.chain().skip(1) {
                    let _ = write!(text, "\n  because: {cause}");
                }
                (text, if is_settings(&error) { SETTINGS } else { MACHINE })
            }
        };
        output::error(&text);
        ExitCode::from(code)
    }
}

/// Whether the project or the call has to be put right, not the machine.
fn is_settings(error: &anyhow::Error) -> bool {
    match (error.downcast_ref(), error.downcast_ref()) {
        (_, Some(OrderError::Call(_))) => true,
        (Some(run), _) | (_, Some(OrderError::Step(run))) => matches!(
            run,
            RunError::Validate(_) | RunError::Mart(MartError::Sql(_)) | RunError::Brief(_)
        ),
        _ => false,
    }
}

/// All faults as a list, with their number.
pub(super) fn faults_text(faults: &[Fault], locale: Locale) -> String {
    let mut text = String::new();
    for fault in faults {
        let _ = writeln!(text, "error: {fault}");
    }
    let key = if faults.len() == 1 { "faults.one" } else { "faults.many" };
    text + &texts::text(key).say(locale, &[("count", &faults.len())])
}
