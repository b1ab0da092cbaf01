//! `doctor --alive`: whether a daemon is at work on this output folder and its loop turns, for probes
//! that cannot ask over HTTP: a container without a shell, a cron job.
//!
//! In: the daemon's lock and its last sign of life in the ledger. Out: one sentence, and exit code 0
//! or 3. Reads neither `jobs/` nor `seeds/`, so that it can be asked every minute.

use std::process::ExitCode;

use chrono::TimeDelta;

use crate::cli::session::{self, Session};
use crate::cli::{Failure, failure, output};
use crate::files::lock::Lock;
use crate::ledger::stamp;

/// A loop that turns gives a sign of life each minute; one that was silent for longer than this
/// hangs, or cannot write to its ledger.
const SILENCE_MAX: TimeDelta = TimeDelta::minutes(3);

/// Runs the command.
pub(super) fn run(session: &Session) -> Result<ExitCode, Failure> {
    let Some(holder) = Lock::holder(&session.output.daemon_lock()) else {
        let output = session.output.root().display();
        output::error(&format!("error: no daemon is at work on `{output}`: start `yuebao daemon`"));
        return Ok(ExitCode::from(failure::MACHINE));
    };
    let last = session.read(async |ledger| Ok(ledger.last_session().await?))?.flatten();
    // Before its first sign of life a daemon is starting.
    let seen_at = last.map(|last| last.seen_at);
    match seen_at.filter(|seen_at| SILENCE_MAX < session::now() - *seen_at) {
        None => {
            output::print(&format!("at work: {holder}"));
            Ok(ExitCode::SUCCESS)
        }
        Some(seen_at) => {
            output::error(&format!(
                "error: {holder}, has given no sign of life since {}: it hangs, or cannot write to its ledger; its log says more",
                stamp(seen_at)
            ));
            Ok(ExitCode::from(failure::MACHINE))
        }
    }
}
