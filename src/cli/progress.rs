//! Progress bars on a terminal for what takes over a second; nothing when piped.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::pipeline::{Event, Step};

/// Shows the events of a run.
pub(super) struct Progress {
    bar: Mutex<Option<(ProgressBar, Instant)>>,
}

impl Progress {
    /// A bar on standard error if that is a terminal.
    pub(super) fn new() -> Self {
        Self { bar: Mutex::new(None) }
    }

    /// Takes note of an event.
    pub(super) fn report(&self, event: Event) {
        let Ok(mut bar) = self.bar.lock() else { return };
        match event {
            Event::Began { step, pieces } => *bar = Some((begin(step, pieces), Instant::now())),
            Event::Advanced => {
                if let Some((bar, since)) = bar.as_ref() {
                    bar.inc(1);
                    let is_long = since.elapsed() > Duration::from_secs(1);
                    if is_long && bar.is_hidden() && io::stderr().is_terminal() {
                        bar.set_draw_target(ProgressDrawTarget::stderr());
                    }
                }
            }
            Event::Ended => {
                if let Some((bar, _)) = bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

fn begin(step: Step, pieces: usize) -> ProgressBar {
    let words = match step {
        Step::Writing => "writing sample workbooks",
        Step::Reading => "reading workbooks",
        Step::Checking => "checking months",
        Step::Publishing => "building marts and briefs",
    };
    let length = u64::try_from(pieces).unwrap_or_default();
    let style = ProgressStyle::with_template("{msg:>26} {bar:30} {pos}/{len} {eta}");
    ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(words)
}
