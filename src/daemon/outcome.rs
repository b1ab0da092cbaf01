//! What becomes of an activation whose run ended: done, tried again, failed, or back to waiting.
//!
//! In: exit code or signal, why it was asked to stop, the schedule. Out: a fate and a sentence that
//! says why. Pure.

use chrono::{DateTime, Utc};

use super::child::{Ended, Why};
use crate::ledger::runs::State;
use crate::project::schedules::Schedule;
use crate::schedule::retry;
use crate::texts::reasons;

/// What becomes of an activation.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub fn name(&self) -> &'static str {
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
            State::Running => None,
        }
    }
}

/// Decides on the fate of an activation; `attempts` counts the one that ended. The schedule is `None`
/// when the job's file is gone: then nothing is tried again.
pub fn fate(ended: &Ended, schedule: Option<&Schedule>, now: DateTime<Utc>) -> Fate {
    match (ended.code, ended.given_up) {
        (Some(0), _) => Fate::Done,
        (Some(1), _) => Fate::HeldBack,
        (_, Some(Why::Drain)) => Fate::Interrupted,
        (code, None) if !retry::may_pass(code) => Fate::Failed,
        _ => {
            let activation = &ended.activation;
            let wait = schedule.and_then(|schedule| {
                retry::wait(schedule, activation.activation_id, activation.attempts)
            });
            wait.map_or(Fate::Failed, |wait| Fate::Retry { not_before: now + wait })
        }
    }
}

/// How the run's process ended, in a sentence for the ledger; alerts keep numbers only between
/// backticks.
pub fn sentence(ended: &Ended) -> String {
    let how = match (ended.given_up, ended.code, ended.signal) {
        (Some(Why::TimeOut), ..) => reasons::kept("time_out", &[]),
        (Some(Why::Drain), ..) => reasons::kept("interrupted", &[]),
        (None, Some(0), _) => return "done".to_owned(),
        (None, Some(1), _) => return reasons::kept("held_back", &[]),
        (None, Some(code), _) => reasons::kept("exit_code", &[("code", &code.to_string())]),
        (None, None, Some(signal)) => reasons::kept("signal", &[("signal", &signal.to_string())]),
        (None, None, None) if ended.process == 0 => reasons::kept("not_started", &[]),
        (None, None, None) => reasons::kept("unobserved", &[]),
    };
    match ended.last_words.as_str() {
        "" => how,
        words => format!("{how}: {words}"),
    }
}

/// How the ledger is to call an attempt that the process left open.
pub fn attempt_state(ended: &Ended) -> State {
    match ended.given_up {
        Some(Why::TimeOut) => State::TimedOut,
        Some(Why::Drain) => State::Interrupted,
        None => State::Failed,
    }
}
