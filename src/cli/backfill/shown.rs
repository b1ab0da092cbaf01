//! Backfills as people and scripts read them.

use std::collections::BTreeMap;
use std::process::ExitCode;

use super::super::failure::MACHINE;
use super::super::{DATA_IS_WRONG, output, run, sheet};
use crate::ledger::orders::State;
use crate::ledger::reason::Reason;
use crate::orders::backfill::{Backfill, Follow};
use crate::orders::plan::PlannedMonth;
use crate::orders::rehearsal::Rehearsal;
use crate::orders::report::OrderReport;
use crate::texts::{self, Locale};

/// What a backfill did, as `--json` prints it.
#[derive(serde::Serialize)]
struct Ended<'a> {
    backfill: i64,
    state: State,
    #[serde(flatten)]
    report: &'a OrderReport,
    /// Months that were up to date already.
    unchanged: Vec<String>,
    /// Months that failed, with the chain of causes.
    failed: BTreeMap<String, String>,
    /// Months that were added because they look back at a changed one.
    follow: &'a [Follow],
    /// Months that still wait.
    waiting: Vec<String>,
}

/// Prints what a backfill did; its exit code.
pub(super) fn ended(
    backfill: &Backfill,
    report: &OrderReport,
    locale: Locale,
    is_json: bool,
) -> ExitCode {
    let months = |state| {
        let mut months: Vec<String> =
            backfill.in_state(state).map(|month| month.period.to_string()).collect();
        months.sort_unstable();
        months
    };
    let error = |reasons: &[Reason]| Reason::texts(reasons).get(locale).to_owned();
    let failed = backfill.in_state(State::Failed);
    let ended = Ended {
        backfill: backfill.order.order_id,
        state: backfill.order.state,
        report,
        unchanged: months(State::Unchanged),
        failed: failed.map(|it| (it.period.to_string(), error(&it.piece.reasons))).collect(),
        follow: &backfill.follow,
        waiting: months(State::Waiting),
    };
    if is_json {
        output::json(&ended);
    } else {
        output::print(&text(&ended, backfill.order.state, locale));
    }
    if backfill.order.state != State::Failed {
        return ExitCode::SUCCESS;
    }
    ExitCode::from(code(!ended.failed.is_empty(), report.is_held_back().then_some(DATA_IS_WRONG)))
}

/// That later months follow from a changed one.
pub(super) fn follow(it: &Follow, locale: Locale) -> String {
    let months = match it.months.as_slice() {
        [first, .., last] if first.to(*last).count() == it.months.len() => {
            format!("{first} … {last}")
        }
        months => months.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    let values = [("months", months), ("changed", it.changed.to_string())];
    output::filled("backfill.follow", &values, locale)
}

/// The exit code of a backfill: a month fails, or else its edition is held back.
fn code(has_failed: bool, held_back: Option<u8>) -> u8 {
    if has_failed { MACHINE } else { held_back.unwrap_or_default() }
}

/// A rehearsal as `--json` prints it.
#[derive(serde::Serialize)]
struct Announced<'a> {
    /// What the backfill itself would end with, and the rehearsal does.
    exit_code: u8,
    #[serde(flatten)]
    rehearsal: &'a Rehearsal,
}

/// Prints what a backfill would do; the exit code it would have.
pub(super) fn rehearsed(rehearsal: &Rehearsal, locale: Locale, is_json: bool) -> ExitCode {
    let is_unsound = rehearsal.publishes && !rehearsal.failed_tests.is_empty();
    let is_held_back = is_unsound || !rehearsal.awaits_reason.is_empty();
    let exit_code = code(rehearsal.has_failed, is_held_back.then_some(DATA_IS_WRONG));
    if is_json {
        output::json(&Announced { exit_code, rehearsal });
    } else {
        let mut text = rehearsal_text(rehearsal, locale);
        if exit_code != 0 {
            let codes = [("code", exit_code.to_string())];
            text = format!("{text}\n{}", output::filled("sheet.exit_code", &codes, locale));
        }
        output::print(&text);
    }
    ExitCode::from(exit_code)
}

fn text(ended: &Ended<'_>, state: State, locale: Locale) -> String {
    let report = ended.report;
    let mut lines = Vec::new();
    if state == State::Done || !report.months.is_empty() {
        let idle = output::said("backfill.idle", locale);
        lines.push(run::Shown { report, locale }.text(&idle));
    }
    lines.extend(ended.follow.iter().map(|it| follow(it, locale)));
    for (period, error) in &ended.failed {
        lines.push(format!("{period} failed: {error}"));
    }
    let key = match state {
        State::Failed if report.awaits_reason.is_some() => Some("backfill.awaits"),
        State::Failed => Some("backfill.failed"),
        State::Cancelled => Some("backfill.cancelled"),
        State::Paused => Some("backfill.paused"),
        State::Waiting | State::Running => Some("backfill.stopped"),
        _ => None,
    };
    let waiting = ended.waiting.len().to_string();
    let numbers = [("id", ended.backfill.to_string()), ("waiting", waiting)];
    lines.extend(key.map(|key| output::filled(key, &numbers, locale)));
    lines.join("\n")
}

/// What a backfill would do, for people.
fn rehearsal_text(rehearsal: &Rehearsal, locale: Locale) -> String {
    if rehearsal.plan.is_empty() {
        return output::said("backfill.nothing", locale);
    }
    let row =
        |it: &PlannedMonth| vec![it.period.to_string(), it.action.text().get(locale).to_owned()];
    let rows: Vec<Vec<String>> = rehearsal.plan.iter().map(row).collect();
    let header = ["run.column.period", "backfill.column.action"];
    let header = header.map(|key| texts::text(key).get(locale));
    let mut lines = vec![output::table(&header, &rows)];
    lines.extend(rehearsal.follow.iter().map(|it| follow(it, locale)));
    if rehearsal.has_failed {
        lines.push(output::said("sheet.month_fails", locale));
    }
    if !rehearsal.publishes {
        lines.push(output::said("sheet.not_published", locale));
    }
    if !rehearsal.failed_tests.is_empty() {
        lines.push(output::said("sheet.held_back", locale));
        lines.extend(rehearsal.failed_tests.iter().cloned());
    }
    if !rehearsal.awaits_reason.is_empty() {
        lines.push(output::said("sheet.would_await", locale));
        lines.push(sheet::causes(&rehearsal.awaits_reason, locale));
    }
    lines.push(match rehearsal.before {
        Some(edition) => {
            let title = output::filled("sheet.from", &[("edition", edition.to_string())], locale);
            sheet::text(&title, &rehearsal.revision, locale)
        }
        None => output::said("sheet.first", locale),
    });
    lines.join("\n")
}
