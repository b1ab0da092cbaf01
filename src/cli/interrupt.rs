//! Ctrl-C: one line says what stands, then the command ends at once.
//!
//! In: what to say, from whoever knows. Out: exit code 130. Nothing has to be put away: a command may
//! be killed anywhere, and the next one goes on.

use std::io::{self, IsTerminal};
use std::process;
use std::sync::Mutex;
use std::thread;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::output;

/// The exit code of a command that Ctrl-C ended, as shells have it: 128 and the signal's number.
const INTERRUPTED: i32 = 130;

/// What is said now; empty before anybody said anything.
static STANDS: Mutex<String> = Mutex::new(String::new());

/// From now on Ctrl-C says this, in place of what was to be said before.
pub(super) fn says(stands: impl Into<String>) {
    let Ok(mut known) = STANDS.lock() else { return };
    let is_first = known.is_empty();
    *known = stands.into();
    drop(known);
    if is_first && let Err(error) = listen() {
        tracing::debug!(%error, "Ctrl-C will end this without a word");
    }
}

/// Waits for the signal beside everything else.
fn listen() -> io::Result<()> {
    let waiting = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signal = {
        let _inside = waiting.enter();
        signal(SignalKind::interrupt())?
    };
    thread::Builder::new().name("interrupt".to_owned()).spawn(move || end(&waiting, signal))?;
    Ok(())
}

#[expect(clippy::exit, reason = "the command is at work on another thread and is to end now")]
fn end(waiting: &tokio::runtime::Runtime, mut signal: Signal) {
    if waiting.block_on(signal.recv()).is_none() {
        return;
    }
    let stands = STANDS.lock().map(|known| known.clone()).unwrap_or_default();
    // Over a progress bar, and over the `^C` that the terminal shows.
    let clear = if io::stderr().is_terminal() { "\r\x1b[2K" } else { "" };
    output::error(&format!("{clear}interrupted: {stands}"));
    process::exit(INTERRUPTED);
}
