//! `doctor --rebuild`: a ledger that can be trusted.
//!
//! In: whatever lies in the ledger's place. Out: a sound ledger. One that is sound is kept with its
//! history; one that is damaged is moved aside, never deleted, and a new one made. Nobody else may
//! be at work meanwhile: all locks are taken.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;

use crate::cli::session::{self, CliSession};
use crate::cli::{CliError, output};
use crate::files::lock::Lock;
use crate::files::{self, FileError};
use crate::ledger::{Ledger, LedgerError};

/// What was done, as `--json` prints it.
#[derive(Debug, Serialize)]
struct RebuiltLedger {
    ledger: String,
    /// Why a new one was made; absent: the old one is sound.
    fault: Option<String>,
    /// Where the one before lies now.
    kept_as: Option<String>,
    /// Whether the history of runs, backfills and alerts is that of before.
    has_history: bool,
}

/// Makes the ledger anew.
pub(super) fn run(session: &CliSession, json: bool) -> Result<ExitCode, CliError> {
    let root = session.output.root();
    if !root.is_dir() {
        // A mistyped folder must not be answered with an empty ledger in a new one.
        return Err(CliError::Call(format!(
            "there is no output folder `{}`: name the right one with --project or --output",
            root.display()
        )));
    }
    let who = session.holder("doctor --rebuild");
    let _daemon = Lock::take(&session.output.daemon_lock(), &who)?;
    let _writer = session.lock("doctor --rebuild")?;
    let rebuilt = session::block_on(rebuild(session))?;
    output::answer(json, &rebuilt, || rebuilt.text());
    Ok(ExitCode::SUCCESS)
}

async fn rebuild(session: &CliSession) -> Result<RebuiltLedger, CliError> {
    let path = session.output.ledger();
    // An error is said when it is opened for writing.
    let had_history = match Ledger::look(&path).await {
        Ok(None) => false,
        Ok(Some(ledger)) => {
            ledger.close().await;
            true
        }
        Err(_) => true,
    };
    let (ledger, fault, kept_as) = match sound(&path).await {
        Ok(ledger) => (ledger, None, None),
        Err(error) if error.trouble().is_for_rebuild() => {
            let kept_as = move_aside(&path)?;
            (Ledger::open(&path).await?, Some(error.to_string()), Some(kept_as))
        }
        Err(error) => return Err(error.into()),
    };
    ledger.close().await;
    Ok(RebuiltLedger {
        ledger: path.display().to_string(),
        has_history: had_history && kept_as.is_none(),
        fault,
        kept_as: kept_as.map(|path| path.display().to_string()),
    })
}

/// The ledger, made where there is none, or why it cannot be trusted.
async fn sound(path: &Path) -> Result<Ledger, LedgerError> {
    let ledger = Ledger::open(path).await?;
    match ledger.check().await {
        Ok(()) => Ok(ledger),
        Err(error) => {
            ledger.close().await;
            Err(error)
        }
    }
}

/// Moves a ledger aside with what belongs to it, to a name nothing bears yet; returns that.
fn move_aside(path: &Path) -> Result<PathBuf, FileError> {
    let stamp = session::now().format("%Y%m%dT%H%M%SZ");
    let names = (1..).map(|number| match number {
        1 => suffixed(path, &format!(".{stamp}.old")),
        _ => suffixed(path, &format!(".{stamp}-{number}.old")),
    });
    let mut free = names.filter(|name: &PathBuf| !name.exists());
    let aside = free.next().expect("not every name is taken");
    // The database last: what belongs to it must not be left behind for the new one.
    for part in ["-wal", "-shm", ""] {
        let from = suffixed(path, part);
        if from.exists() {
            files::put_in_place(&from, &suffixed(&aside, part))?;
        }
    }
    Ok(aside)
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

impl RebuiltLedger {
    fn text(&self) -> String {
        let ledger = &self.ledger;
        let lost = "the history of runs, backfills and alerts begins anew";
        match (&self.fault, &self.kept_as) {
            (Some(fault), Some(kept_as)) => format!(
                "{fault}\nit was kept as `{kept_as}`\na new ledger `{ledger}` was made\n{lost}: no file but the kept one has it"
            ),
            _ if self.has_history => {
                format!("the ledger `{ledger}` is sound and keeps its history")
            }
            _ => format!("there was no ledger: `{ledger}` was made\n{lost}"),
        }
    }
}
