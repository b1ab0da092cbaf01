//! Waiting for another process: by condition, with a generous limit.

use std::thread;
use std::time::{Duration, Instant};

/// What takes longer than this counts as never happening.
const LIMIT: Duration = Duration::from_mins(3);

/// What some work comes to; panics when it waits for what never comes.
#[track_caller]
pub(crate) fn promptly<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, done) = std::sync::mpsc::channel();
    thread::spawn(move || sender.send(work()));
    done.recv_timeout(LIMIT).expect("it ends by itself")
}

/// Looks until there is something; panics with `what` and what `tell` says when the limit is over.
#[track_caller]
pub(crate) fn until<T>(
    what: &str,
    mut look: impl FnMut() -> Option<T>,
    tell: impl Fn() -> String,
) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(began.elapsed() < LIMIT, "waited in vain for {what}:\n{}", tell());
        thread::sleep(Duration::from_millis(50));
    }
}
