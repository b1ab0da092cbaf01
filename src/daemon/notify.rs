//! What the service manager is told: ready, reloading, stopping, and that the loop still turns.
//!
//! Says nothing where nobody asked (`NOTIFY_SOCKET` unset). The watchdog's beat comes from the loop's
//! own turns, never from a timer beside it: a loop that hangs is not reported alive.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

/// The line to the service manager.
#[derive(Debug)]
pub struct Manager {
    /// Half of `WATCHDOG_USEC`: how often it wants to hear from us.
    beat: Option<Duration>,
    last_beat: Option<Instant>,
    status: String,
}

impl Manager {
    /// The line, as the environment describes it.
    pub fn new() -> Self {
        let beat = sd_notify::watchdog_enabled().map(|limit| limit / 2);
        Self { beat, last_beat: None, status: String::new() }
    }

    /// The daemon does its work.
    pub fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    /// The project is being read again.
    pub fn reloading(&self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => tell(&[NotifyState::Reloading, now]),
            Err(error) => tracing::warn!(%error, "no monotonic clock"),
        }
    }

    /// The daemon is about to end.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }

    /// One sentence for `systemctl status`; sent when it is another than before.
    pub fn status(&mut self, status: &str) {
        if self.status != status {
            tell(&[NotifyState::Status(status)]);
            status.clone_into(&mut self.status);
        }
    }

    /// The loop turned: tells the watchdog if half of its time is over.
    pub fn turned(&mut self, now: Instant) {
        let Some(beat) = self.beat else { return };
        if self.last_beat.is_none_or(|last| beat <= now.duration_since(last)) {
            tell(&[NotifyState::Watchdog]);
            self.last_beat = Some(now);
        }
    }
}

impl Default for Manager {
    fn default() -> Self {
        Self::new()
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "could not notify the service manager");
    }
}
