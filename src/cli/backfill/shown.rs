//! Backfills as people and scripts read them.

use std::collections::BTreeMap;
use std::process::ExitCode;

use crate::cli::failure::MACHINE;
use crate::cli::session::CliSession;
use crate::cli::{DATA_IS_WRONG, output, run, sheet};
use crate::domain::period::Period;
use crate::ledger::orders::State;
use crate::ledger::reason::Reason;
use crate::orders::backfill::{Backfill, Follow};
use crate::orders::plan::PlannedMonth;
use crate::orders::rehearsal::Rehearsal;
use crate::orders::report::OrderReport;

/// What a backfill did, as `--json` prints it.
#[derive(serde::Serialize)]
struct EndedBackfill<'a> {
    backfill: i64,
    state: State,
    #[serde(flatten)]
    report: &'a OrderReport,
    /// Months that were up to date already.
    unchanged: Vec<Period>,
    /// Months that failed, with the chain of causes.
    failed: BTreeMap<String, String>,
    /// Months that were added because they look back at a changed one.
    follow: &'a [Follow],
    /// Months that still wait.
    waiting: Vec<Period>,
}

/// Prints what a backfill did; its exit code.
pub(super) fn ended(
    session: &CliSession,
    backfill: &Backfill,
    report: &OrderReport,
    is_json: bool,
) -> ExitCode {
    let months = |state| {
        let mut months: Vec<Period> = backfill.in_state(state).map(|it| it.period).collect();
        months.sort_unstable();
        months
    };
    let error = |reasons: &[Reason]| session.get(&Reason::texts(reasons)).to_owned();
    let failed = backfill.in_state(State::Failed);
    let ended = EndedBackfill {
        backfill: backfill.order.order_id,
        state: backfill.order.state,
        report,
        unchanged: months(State::Unchanged),
        failed: failed.map(|it| (it.period.to_string(), error(&it.piece.reasons))).collect(),
        follow: &backfill.follow,
        waiting: months(State::Waiting),
    };
    output::answer(is_json, &ended, || text(session, &ended));
    if ended.state != State::Failed {
        return ExitCode::SUCCESS;
    }
    ExitCode::from(code(!ended.failed.is_empty(), report.is_held_back().then_some(DATA_IS_WRONG)))
}

/// That later months follow from a changed one.
pub(super) fn follow(session: &CliSession, it: &Follow) -> String {
    let months = match it.months.as_slice() {
        [first, .., last] if first.to(*last).count() == it.months.len() => {
            format!("{first} … {last}")
        }
        months => months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    session.fill("backfill.follow", &[("months", &months), ("changed", &it.changed)])
}

/// The exit code of a backfill: a month fails, or else its edition is held back.
fn code(has_failed: bool, held_back: Option<u8>) -> u8 {
    if has_failed { MACHINE } else { held_back.unwrap_or_default() }
}

/// A rehearsal as `--json` prints it.
#[derive(serde::Serialize)]
struct AnnouncedBackfill<'a> {
    /// What the backfill itself would end with, and the rehearsal does.
    exit_code: u8,
    #[serde(flatten)]
    rehearsal: &'a Rehearsal,
}

/// Prints what a backfill would do; the exit code it would have.
pub(super) fn rehearsed(session: &CliSession, rehearsal: &Rehearsal, is_json: bool) -> ExitCode {
    let is_unsound = rehearsal.publishes && !rehearsal.failed_tests.is_empty();
    let is_held_back = is_unsound || !rehearsal.awaits_reason.is_empty();
    let exit_code = code(rehearsal.has_failed, is_held_back.then_some(DATA_IS_WRONG));
    output::answer(is_json, &AnnouncedBackfill { exit_code, rehearsal }, || {
        let mut lines = rehearsal_lines(session, rehearsal);
        if exit_code != 0 {
            lines.push(session.fill("sheet.exit_code", &[("code", &exit_code)]));
        }
        lines.join("\n")
    });
    ExitCode::from(exit_code)
}

fn text(session: &CliSession, ended: &EndedBackfill<'_>) -> String {
    let EndedBackfill { state, report, .. } = *ended;
    let mut lines = Vec::new();
    if state == State::Done || !report.months.is_empty() {
        lines.push(run::report_text(session, report, session.said("backfill.idle")));
    }
    lines.extend(ended.follow.iter().map(|it| follow(session, it)));
    lines.extend(ended.failed.iter().map(|(period, error)| format!("{period} failed: {error}")));
    let key = match state {
        State::Failed if report.awaits_reason.is_some() => Some("backfill.awaits"),
        State::Failed => Some("backfill.failed"),
        State::Cancelled => Some("backfill.cancelled"),
        State::Paused => Some("backfill.paused"),
        State::Waiting | State::Running => Some("backfill.stopped"),
        _ => None,
    };
    let (id, waiting) = (ended.backfill, ended.waiting.len());
    lines.extend(key.map(|key| session.fill(key, &[("id", &id), ("waiting", &waiting)])));
    lines.join("\n")
}

/// What a backfill would do, for people.
fn rehearsal_lines(session: &CliSession, rehearsal: &Rehearsal) -> Vec<String> {
    let said = |key| session.said(key).to_owned();
    if rehearsal.plan.is_empty() {
        return vec![said("backfill.nothing")];
    }
    let row =
        |it: &PlannedMonth| vec![it.period.to_string(), session.get(&it.action.text()).to_owned()];
    let header = ["run.column.period", "backfill.column.action"].map(|key| session.said(key));
    let mut lines = vec![output::table(&header, rehearsal.plan.iter().map(row))];
    lines.extend(rehearsal.follow.iter().map(|it| follow(session, it)));
    if rehearsal.has_failed {
        lines.push(said("sheet.month_fails"));
    }
    if !rehearsal.publishes {
        lines.push(said("sheet.not_published"));
    }
    if !rehearsal.failed_tests.is_empty() {
        lines.push(said("sheet.held_back"));
        lines.extend(rehearsal.failed_tests.iter().cloned());
    }
    if !rehearsal.awaits_reason.is_empty() {
        lines.push(said("sheet.would_await"));
        lines.push(sheet::causes(session, &rehearsal.awaits_reason));
    }
    lines.push(match rehearsal.before {
        Some(edition) => {
            let title = session.fill("sheet.from", &[("edition", &edition)]);
            sheet::text(session, &title, &rehearsal.revision)
        }
        None => said("sheet.first"),
    });
    lines
}
