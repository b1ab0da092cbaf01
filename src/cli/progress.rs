//! Progress bars on a terminal for what takes over a second; nothing when piped.

use std::io::{self, IsTerminal};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::pipeline::{Event, Step};
use crate::texts::{self, Locale};

/// Shows the events of a run.
pub(super) struct TerminalProgress {
    since: Instant,
    locale: Locale,
    bar: Mutex<Option<ProgressBar>>,
}

/// What is over sooner needs no bar.
const SHORT: Duration = Duration::from_secs(1);

impl TerminalProgress {
    /// A bar on standard error if that is a terminal.
    pub(super) fn new(locale: Locale) -> Self {
        Self { since: Instant::now(), locale, bar: Mutex::new(None) }
    }

    fn is_long(&self) -> bool {
        SHORT < self.since.elapsed()
    }

    /// Takes note of an event.
    pub(super) fn report(&self, event: Event) {
        let Ok(mut bar) = self.bar.lock() else { return };
        match event {
            Event::Began { step, pieces } => {
                let begun = begin(step, pieces, self.locale);
                // A backfill is many short steps, and the marts are one long piece: neither would
                // ever be seen if each had to come to its second piece in sight of the clock.
                if self.is_long() || step == Step::Building {
                    show(&begun);
                }
                *bar = Some(begun);
            }
            Event::Advanced => {
                if let Some(bar) = bar.as_ref() {
                    bar.inc(1);
                    if self.is_long() {
                        show(bar);
                    }
                }
            }
            Event::Ended => {
                if let Some(bar) = bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }
}

/// Draws a bar from now on, and at once.
fn show(bar: &ProgressBar) {
    if bar.is_hidden() && io::stderr().is_terminal() {
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.tick();
    }
}

fn begin(step: Step, pieces: usize, locale: Locale) -> ProgressBar {
    let key = match step {
        Step::Writing => "progress.writing",
        Step::Reading => "progress.reading",
        Step::Checking => "progress.checking",
        Step::Building => "progress.building",
        Step::Publishing => "progress.publishing",
    };
    let length = u64::try_from(pieces).unwrap_or_default();
    // No guess at the time left: pieces differ too much, and the first are the slowest.
    let style = ProgressStyle::with_template("{msg:>26} {bar:30} {pos}/{len}");
    ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::hidden())
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(texts::text(key).get(locale))
}
