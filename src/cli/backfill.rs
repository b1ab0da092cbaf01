//! `backfill`: a range of past months brought up to date again, what is up to date skipped.

use std::process::ExitCode;

use super::session::Session;
use super::{Failure, arguments, output, run};
use crate::domain::period::Period;
use crate::pipeline::plan::{self, Reason, Scope};
use crate::stages::inbox::archive::Shelf;

/// Arguments of `backfill`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A job of jobs/schedules, e.g. publish; its intake takes in the whole inbox. 作业名
    job: String,
    /// First month, e.g. 2024-02. 起始月份
    #[arg(long, value_parser = arguments::period)]
    from: Period,
    /// Last month, included. 截止月份
    #[arg(long, value_parser = arguments::period)]
    to: Period,
    /// Only show what would be done. 仅显示计划
    #[arg(long)]
    dry_run: bool,
    /// Do again also what is up to date. 强制重算
    #[arg(long)]
    force: bool,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    if command.to < command.from {
        return Err(Failure::Call(format!(
            "the range is reversed: --from {} lies after --to {}",
            command.from, command.to
        )));
    }
    let workshop = session.sound_workshop()?;
    let steps = arguments::steps(&workshop.project, Some(&command.job))?;
    let scope = Scope { from: Some(command.from), to: Some(command.to), is_forced: command.force };
    if command.dry_run {
        let plan = plan::preview(&workshop, &session.output, scope)?;
        let month = |(shelf, reason): &(Shelf, Option<Reason>)| Planned {
            period: shelf.to_string(),
            action: action(*reason),
        };
        let planned: Vec<Planned> = plan.iter().map(month).collect();
        print_plan(&planned, command.json);
        return Ok(ExitCode::SUCCESS);
    }
    let _lock = session.lock("backfill")?;
    let report = run::carry_out(session, &workshop, &steps, scope)?;
    if command.json {
        output::json(&report);
    } else {
        output::print(&report.text(workshop.project.settings.locale()));
    }
    Ok(report.exit_code())
}

/// One month of the plan.
#[derive(Debug, serde::Serialize)]
struct Planned {
    period: String,
    action: &'static str,
}

fn action(reason: Option<Reason>) -> &'static str {
    match reason {
        None => "skip: up to date",
        Some(Reason::New) => "do: never done",
        Some(Reason::Changed) => "do: workbooks, rules, forms or roster changed",
        Some(Reason::Follows) => "do if an earlier month's figures change",
        Some(Reason::Forced) => "do: forced",
    }
}

fn print_plan(planned: &[Planned], is_json: bool) {
    if is_json {
        output::json(&planned);
        return;
    }
    if planned.is_empty() {
        output::print("nothing was ever received for these months");
        return;
    }
    let rows = planned.iter().map(|month| vec![month.period.clone(), month.action.to_owned()]);
    output::print(&output::table(&["period", "action"], &rows.collect::<Vec<_>>()));
}
