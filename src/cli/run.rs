//! `run`: one job now; without a job: take in the inbox, rebuild what became stale, publish.

use std::process::ExitCode;

use super::progress::TerminalProgress;
use super::session::{self, CliSession};
use super::{CliError, DATA_IS_WRONG, arguments, interrupt, ordered, output, sheet};
use crate::alerts::{self, Sender};
use crate::domain::period::Period;
use crate::lake::rows;
use crate::ledger::Ledger;
use crate::ledger::orders::{Asked, AskedBy, OrderStep};
use crate::orders;
use crate::orders::report::OrderReport;
use crate::pipeline::month::Tally;
use crate::pipeline::reason::Awaited;
use crate::pipeline::stop::Stop;
use crate::pipeline::{Site, Workshop};
use crate::project::schedules::Step;

#[derive(Debug, clap::Args)]
pub(super) struct RunArguments {
    /// A job of jobs/schedules; intake and publish when none is named. 作业名
    job: Option<String>,
    /// Only this month, e.g. 2025-07; the inbox is taken in whole. 仅此月份
    #[arg(long, value_parser = arguments::period)]
    period: Option<Period>,
    /// Why figures that are published may change: kept with the edition. 原因
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
    /// The order of the ledger this run carries out: how the daemon starts it.
    #[arg(long, hide = true, requires = "job", conflicts_with_all = ["period", "json", "why"])]
    order: Option<i64>,
}

/// Rejected reports shown after a run.
const REJECTED_SHOWN: usize = 20;

pub(super) fn run(session: &CliSession, command: &RunArguments) -> Result<ExitCode, CliError> {
    if let (Some(id), Some(job)) = (command.order, &command.job) {
        return ordered::run(session, job, id);
    }
    let workshop = session.sound_workshop()?;
    let steps = arguments::steps(&workshop.project, command.job.as_deref())?;
    if command.period.is_none()
        && let Some(step) = steps.iter().find(|step| step.needs_period())
    {
        return Err(CliError::Call(format!(
            "step `{}` is about one month: say which, e.g. --period 2025-07",
            step.name()
        )));
    }
    let mut asked = asked(command.job.as_deref(), &steps);
    asked.months = command.period.map(|period| (period, period));
    asked.why = arguments::reason(command.why.as_deref())?;
    interrupt::says("what was done stays, the next run goes on");
    let report = carry_out(session, &workshop, &asked)?;
    session.warn_of_deadlines(&workshop.project)?;
    let idle = idle(session, command.period)?;
    output::answer(command.json, &report, || report_text(session, &report, &idle));
    Ok(exit_code(&report))
}

/// What to say where no month had to be brought up to date: that of a month for which nothing ever
/// came is no good news.
fn idle(session: &CliSession, asked: Option<Period>) -> Result<String, CliError> {
    let known = rows::partitions(&session.output.lake())?;
    Ok(match asked.map(|period| period.to_string()) {
        _ if known.is_empty() => {
            session.fill("run.nothing", &[("inbox", &session.output.inbox().display())])
        }
        Some(asked) if !known.contains(&asked) => {
            session.fill("run.nothing_for", &[("period", &asked)])
        }
        Some(asked) => session.fill("run.month_up_to_date", &[("period", &asked)]),
        None => session.said("run.up_to_date").to_owned(),
    })
}

/// Carries out an order of the terminal.
pub(super) fn carry_out(
    session: &CliSession,
    workshop: &Workshop,
    asked: &Asked,
) -> Result<OrderReport, CliError> {
    let lock = session.lock("run")?;
    let progress = TerminalProgress::new(session.locale());
    let report = |event| progress.report(event);
    let stop = Stop::new();
    let site = Site {
        workshop,
        output: &session.output,
        now: session::now(),
        report: &report,
        stop: &stop,
    };
    session.write(async |ledger| {
        let outcome = orders::command(ledger, &lock, &site, asked).await;
        // Whoever waits for the output need not wait for webhooks.
        drop(lock);
        tell(ledger, workshop).await;
        Ok(outcome?)
    })
}

/// Sends what people are to be told; a channel that fails fails no command.
pub(super) async fn tell(ledger: &Ledger, workshop: &Workshop) {
    let sender = Sender::default();
    let told = alerts::deliver(ledger, &sender, &workshop.project, session::now()).await;
    if let Err(error) = told {
        tracing::warn!("alerts wait for the next run: {error}");
    }
}

/// An order of the terminal.
pub(super) fn asked(job: Option<&str>, steps: &[Step]) -> Asked {
    let steps = OrderStep::of(steps);
    Asked { steps, ..Asked::new(job.unwrap_or_default(), AskedBy::Command, session::now()) }
}

/// 1 when the edition was held back: a test of a mart fails, or it awaits a reason.
pub(super) fn exit_code(report: &OrderReport) -> ExitCode {
    ExitCode::from(if report.is_held_back() { DATA_IS_WRONG } else { 0 })
}

/// What holds an edition back before somebody gives a reason: what moves which month, and the sheet.
fn awaited_text(session: &CliSession, awaited: &Awaited) -> String {
    let Awaited { edition, causes, revision } = awaited;
    let title = session.fill("sheet.from", &[("edition", edition)]);
    [
        session.fill("sheet.awaits", &[("edition", edition)]),
        sheet::causes(session, causes),
        session.said("sheet.release").to_owned(),
        sheet::text(session, &title, revision),
    ]
    .join("\n")
}

/// What was done, for people; `idle` where no month had to be.
pub(super) fn report_text(session: &CliSession, report: &OrderReport, idle: &str) -> String {
    let mut lines = Vec::new();
    if report.received > 0 {
        let known = report.received - report.new;
        let key = if known == 0 { "run.received" } else { "run.received_known" };
        lines.push(session.fill(key, &[("files", &report.received), ("known", &known)]));
    }
    if report.left_in_inbox > 0 {
        lines.push(session.fill("run.left", &[("files", &report.left_in_inbox)]));
    }
    if report.months.is_empty() {
        lines.push(idle.to_owned());
    } else {
        lines.push(months_table(session, report));
        lines.extend(rejected_table(session, report));
    }
    if let Some(open) = report.open.filter(|open| *open > 0) {
        lines.push(session.fill("run.open", &[("open", &open)]));
    }
    let unknown = report.unknown_documents.iter();
    lines.extend(unknown.map(|it| session.get(&it.text()).to_owned()));
    lines.extend(edition_line(session, report));
    lines.extend(report.failed_tests.iter().cloned());
    lines.extend(report.awaits_reason.iter().map(|it| awaited_text(session, it)));
    lines.join("\n")
}

fn edition_line(session: &CliSession, report: &OrderReport) -> Option<String> {
    let key = match report.edition {
        _ if report.is_nothing_reported => "run.nothing_reported",
        _ if report.awaits_reason.is_some() => return None,
        Some(_) if !report.failed_tests.is_empty() => "run.held_back",
        None if !report.failed_tests.is_empty() => "run.held_back_first",
        Some(_) if report.is_new_edition => "run.published",
        Some(_) => "run.unchanged",
        None => return None,
    };
    Some(session.fill(key, &[("edition", &report.edition.unwrap_or_default())]))
}

/// What does not count, with the gravest finding; `findings` has all of it.
fn rejected_table(session: &CliSession, report: &OrderReport) -> Option<String> {
    let rejected = &report.rejected;
    if rejected.is_empty() {
        return None;
    }
    let rows = rejected.iter().take(REJECTED_SHOWN).map(|it| {
        let state = session.said(&format!("state.{}", it.state.name()));
        vec![state.to_owned(), it.file_name.clone(), session.get(&it.message).to_owned()]
    });
    let table = session.table("status.column", &["state", "file", "finding"], rows);
    let more = rejected.len().saturating_sub(REJECTED_SHOWN);
    let more = (more > 0).then(|| session.fill("run.more", &[("more", &more)]));
    Some(std::iter::once(table).chain(more).collect::<Vec<_>>().join("\n"))
}

fn months_table(session: &CliSession, report: &OrderReport) -> String {
    let names = ["period", "workbooks", "reports", "accepted", "queried", "refused", "unreadable"];
    let row = |(period, tally): (&String, &Tally)| {
        let Tally { workbooks, reports, accepted, queried, refused, unreadable } = *tally;
        let is_month = period != rows::UNREADABLE;
        let period = if is_month { period } else { session.said("run.no_month") };
        let counts = [workbooks, reports, accepted, queried, refused, unreadable];
        std::iter::once(period.to_owned()).chain(counts.map(|it| it.to_string())).collect()
    };
    session.table("run.column", &names, report.months.iter().map(row))
}
