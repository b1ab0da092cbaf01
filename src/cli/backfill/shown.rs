//! Backfills as people and scripts read them.

use std::process::ExitCode;

use super::super::failure::MACHINE;
use super::super::{DATA_IS_WRONG, output, run, sheet};
use crate::backfill::{Planned, Rehearsal, Report};
use crate::ledger::backfills::BackfillState;
use crate::texts::{self, Locale};

/// Prints what a backfill did; its exit code.
pub(super) fn ended(report: &Report, locale: Locale, is_json: bool) -> ExitCode {
    if is_json {
        output::json(report);
    } else {
        output::print(&text(report, locale));
    }
    match report.state {
        BackfillState::Failed => {
            let held_back = report.work.held_back().map(|_| DATA_IS_WRONG);
            ExitCode::from(code(!report.failed.is_empty(), held_back))
        }
        _ => ExitCode::SUCCESS,
    }
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

fn text(report: &Report, locale: Locale) -> String {
    let id = report.backfill;
    let mut lines = Vec::new();
    if report.state == BackfillState::Done || !report.work.months.is_empty() {
        let idle = output::said("backfill.idle", locale);
        lines.push(run::Shown { report: &report.work, locale }.text(&idle));
    }
    lines.extend(report.follow.iter().map(|it| it.text().get(locale).to_owned()));
    for (period, error) in &report.failed {
        lines.push(format!("{period} failed: {}", error.replace('\n', "\n  because: ")));
    }
    let key = match report.state {
        BackfillState::Done => None,
        BackfillState::Failed if report.work.awaits_reason.is_some() => Some("backfill.awaits"),
        BackfillState::Failed => Some("backfill.failed"),
        BackfillState::Cancelled => Some("backfill.cancelled"),
        BackfillState::Paused => Some("backfill.paused"),
        BackfillState::Running => Some("backfill.stopped"),
    };
    let numbers = [("id", id.to_string()), ("waiting", report.waiting.len().to_string())];
    lines.extend(key.map(|key| output::filled(key, &numbers, locale)));
    lines.join("\n")
}

/// What a backfill would do, for people.
fn rehearsal_text(rehearsal: &Rehearsal, locale: Locale) -> String {
    if rehearsal.plan.is_empty() {
        return output::said("backfill.nothing", locale);
    }
    let row = |it: &Planned| vec![it.period.to_string(), it.action.get(locale).to_owned()];
    let rows: Vec<Vec<String>> = rehearsal.plan.iter().map(row).collect();
    let header = ["run.column.period", "backfill.column.action"];
    let header = header.map(|key| texts::text(key).get(locale));
    let mut lines = vec![output::table(&header, &rows)];
    lines.extend(rehearsal.follow.iter().map(|it| it.text().get(locale).to_owned()));
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
