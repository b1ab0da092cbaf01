//! What becomes of an order whose run ended: done, tried again, failed, or back to waiting.
//!
//! In: exit code or signal, why it was asked to stop, the schedule. Out: a fate, and the reasons. Pure.

use chrono::{DateTime, Utc};

use super::child::{Ended, Why};
use crate::ledger::orders::State;
use crate::ledger::reason::Reason;
use crate::project::schedules::Schedule;
use crate::schedule::retry;

/// What becomes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It did what it was to do.
    Done,
    /// The lake is up to date; failing tests of marts, or a reason that nobody gave, held the edition back.
    HeldBack,
    /// It is tried again.
    Retry {
        /// Not before this instant.
        not_before: DateTime<Utc>,
    },
    /// It failed for good.
    Failed,
    /// The daemon ended before it did: it begins anew, and this attempt does not count.
    Interrupted,
}

impl Fate {
    /// Its name in metrics and logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::HeldBack => "held_back",
            Self::Retry { .. } => "retried",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// The name that the end of an attempt has in metrics, from its state in the ledger; `None` while
    /// it goes on.
    pub fn name_of(state: State, is_tried_again: bool) -> Option<&'static str> {
        match state {
            State::Done => Some("done"),
            State::HeldBack => Some("held_back"),
            State::Interrupted => Some("interrupted"),
            State::Failed | State::TimedOut if is_tried_again => Some("retried"),
            State::Failed | State::TimedOut => Some("failed"),
            _ => None,
        }
    }
}

/// Decides on the fate of an order; its `tries` count the one that ended. The schedule is `None` when the
/// job's file is gone: then nothing is tried again.
pub fn fate(ended: &Ended, schedule: Option<&Schedule>, now: DateTime<Utc>) -> Fate {
    match (ended.code, ended.given_up) {
        (Some(0), _) => Fate::Done,
        (Some(1), _) => Fate::HeldBack,
        (_, Some(Why::Drain)) => Fate::Interrupted,
        (code, None) if !retry::may_pass(code) => Fate::Failed,
        _ => {
            let order = &ended.order;
            let wait =
                schedule.and_then(|schedule| retry::wait(schedule, order.order_id, order.tries));
            wait.map_or(Fate::Failed, |wait| Fate::Retry { not_before: now + wait })
        }
    }
}

/// How the run's process ended, for the ledger.
pub fn reasons(ended: &Ended) -> Vec<Reason> {
    let how = match (ended.given_up, ended.code, ended.signal) {
        (Some(Why::TimeOut), ..) => Reason::TimeOut,
        (Some(Why::Drain), ..) => Reason::Interrupted,
        (None, Some(0), _) => return Vec::new(),
        (None, Some(1), _) => return vec![Reason::HeldBack],
        (None, Some(code), _) => Reason::ExitCode { code },
        (None, None, Some(signal)) => Reason::Signal { signal },
        (None, None, None) if ended.process == 0 => Reason::NotStarted,
        (None, None, None) => Reason::Unobserved,
    };
    let words = ended.last_words.clone();
    let words = (!words.is_empty()).then_some(Reason::Words { words });
    std::iter::once(how).chain(words).collect()
}

/// How the ledger is to call an attempt that the process left open.
pub fn attempt_state(ended: &Ended) -> State {
    match ended.given_up {
        Some(Why::TimeOut) => State::TimedOut,
        Some(Why::Drain) => State::Interrupted,
        None => State::Failed,
    }
}
