//! Why a command could not be carried out, and the exit code that says who can mend it.

use std::fmt::Write;
use std::process::ExitCode;

use super::output;
use crate::daemon::DaemonError;
use crate::files::FileError;
use crate::files::lock::LockError;
use crate::files::parquet::TableError;
use crate::ledger::LedgerError;
use crate::orders::OrderError;
use crate::pipeline::RunError;
use crate::project::fault::Fault;
use crate::stages::marts::MartError;
use crate::stages::validate::ValidateError;
use crate::texts::Locale;

/// Exit code: the call or the settings are wrong.
pub(super) const SETTINGS: u8 = 2;
/// Exit code: the machine failed, try again.
pub(super) const MACHINE: u8 = 3;

/// Why a command failed.
#[derive(Debug)]
pub(super) enum Failure {
    /// The project's files are faulty.
    Faults(Vec<Fault>),
    /// The call asks for something that is not there.
    Call(String),
    /// The machine or the settings failed while running.
    Run(anyhow::Error, u8),
}

impl Failure {
    /// The machine failed.
    pub(super) fn machine(error: impl Into<anyhow::Error>) -> Self {
        Self::Run(error.into(), MACHINE)
    }

    /// Prints the failure and returns its exit code.
    pub(super) fn print(self) -> ExitCode {
        match self {
            Self::Faults(faults) => {
                output::error(&faults_text(&faults, Locale::En));
                ExitCode::from(SETTINGS)
            }
            Self::Call(message) => {
                output::error(&format!("error: {message}"));
                ExitCode::from(SETTINGS)
            }
            Self::Run(error, code) => {
                let mut text = format!("error: {error}");
                for cause in error.chain().skip(1) {
                    let _ = write!(text, "\n  because: {cause}");
                }
                output::error(&text);
                ExitCode::from(code)
            }
        }
    }
}

/// All faults as a list, with their number.
pub(super) fn faults_text(faults: &[Fault], locale: Locale) -> String {
    let mut text = String::new();
    for fault in faults {
        let _ = writeln!(text, "error: {fault}");
    }
    let key = if faults.len() == 1 { "faults.one" } else { "faults.many" };
    let count = [("count", faults.len().to_string())];
    text + &output::filled(key, &count, locale)
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::machine(error)
    }
}

impl From<OrderError> for Failure {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Step(error) => error.into(),
            OrderError::Call(message) => Self::Call(message),
            other => Self::machine(other),
        }
    }
}

impl From<DaemonError> for Failure {
    fn from(error: DaemonError) -> Self {
        match error {
            DaemonError::Faults(faults) => Self::Faults(faults),
            other => Self::machine(other),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        let is_settings = matches!(
            &error,
            RunError::Validate(ValidateError::Rule { .. })
                | RunError::Mart(MartError::Sql(_))
                | RunError::Brief(_)
        );
        Self::Run(error.into(), if is_settings { SETTINGS } else { MACHINE })
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::Run(error.into(), MACHINE)
    }
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Self {
        Self::Run(error.into(), MACHINE)
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        Self::Run(error.into(), MACHINE)
    }
}
