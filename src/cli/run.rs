//! `run`: one job now; without a job: take in the inbox, rebuild what became stale, publish.

use std::fmt::Write;
use std::process::ExitCode;

use super::output::{filled, said};
use super::progress::Progress;
use super::session::{self, Session};
use super::{DATA_IS_WRONG, Failure, arguments, interrupt, ordered, output, sheet};
use crate::alerts::{self, Sender};
use crate::domain::period::Period;
use crate::lake::rows;
use crate::ledger::Ledger;
use crate::ledger::orders::{Asked, AskedBy, OrderStep};
use crate::orders;
use crate::orders::report::{OrderReport, Rejected};
use crate::pipeline::month::Tally;
use crate::pipeline::reason::Awaited;
use crate::pipeline::stop::Stop;
use crate::pipeline::{Site, Workshop};
use crate::project::schedules::Step;
use crate::texts::{self, Locale};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
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

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    if let (Some(id), Some(job)) = (command.order, &command.job) {
        return ordered::run(session, job, id);
    }
    let workshop = session.sound_workshop()?;
    let steps = arguments::steps(&workshop.project, command.job.as_deref())?;
    if command.period.is_none()
        && let Some(step) = steps.iter().find(|step| step.needs_period())
    {
        return Err(Failure::Call(format!(
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
    if command.json {
        output::json(&report);
    } else {
        let idle = idle(session, command.period)?;
        output::print(&Shown { report: &report, locale: session.locale() }.text(&idle));
    }
    Ok(exit_code(&report))
}

/// What to say where no month had to be brought up to date: that of a month for which nothing ever
/// came is no good news.
fn idle(session: &Session, asked: Option<Period>) -> Result<String, Failure> {
    let known = rows::partitions(&session.output.lake())?;
    let locale = session.locale();
    Ok(match asked.map(|period| period.to_string()) {
        _ if known.is_empty() => {
            let inbox = session.output.inbox().display().to_string();
            filled("run.nothing", &[("inbox", inbox)], locale)
        }
        Some(asked) if !known.contains(&asked) => {
            filled("run.nothing_for", &[("period", asked)], locale)
        }
        Some(asked) => filled("run.month_up_to_date", &[("period", asked)], locale),
        None => said("run.up_to_date", locale),
    })
}

/// Carries out an order of the terminal.
pub(super) fn carry_out(
    session: &Session,
    workshop: &Workshop,
    asked: &Asked,
) -> Result<OrderReport, Failure> {
    let lock = session.lock("run")?;
    let progress = Progress::new(session.locale());
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
fn awaited_text(awaited: &Awaited, locale: Locale) -> String {
    let Awaited { edition, causes, revision } = awaited;
    let number = [("edition", edition.to_string())];
    let title = filled("sheet.from", &number, locale);
    [
        filled("sheet.awaits", &number, locale),
        sheet::causes(causes, locale),
        said("sheet.release", locale),
        sheet::text(&title, revision, locale),
    ]
    .join("\n")
}

/// A report as people read it.
pub(super) struct Shown<'a> {
    pub(super) report: &'a OrderReport,
    pub(super) locale: Locale,
}

impl Shown<'_> {
    fn say(&self, key: &str, arguments: &[(&str, String)]) -> String {
        filled(key, arguments, self.locale)
    }

    /// What was done, for people; `idle` where no month had to be.
    pub(super) fn text(&self, idle: &str) -> String {
        let report = self.report;
        let mut lines = Vec::new();
        if report.received > 0 {
            let known = report.received - report.new;
            let key = if known == 0 { "run.received" } else { "run.received_known" };
            let counts = [("files", report.received.to_string()), ("known", known.to_string())];
            lines.push(self.say(key, &counts));
        }
        if report.left_in_inbox > 0 {
            let counts = [("files", report.left_in_inbox.to_string())];
            lines.push(self.say("run.left", &counts));
        }
        if report.months.is_empty() {
            lines.push(idle.to_owned());
        } else {
            lines.push(self.months_table());
            lines.extend(self.rejected_table());
        }
        if let Some(open) = report.open.filter(|open| *open > 0) {
            lines.push(self.say("run.open", &[("open", open.to_string())]));
        }
        let unknown = report.unknown_documents.iter();
        lines.extend(unknown.map(|it| it.text().get(self.locale).to_owned()));
        lines.extend(self.edition_line());
        lines.extend(report.failed_tests.iter().cloned());
        lines.extend(report.awaits_reason.iter().map(|it| awaited_text(it, self.locale)));
        lines.join("\n")
    }

    fn edition_line(&self) -> Option<String> {
        let edition = self.report.edition.map(|edition| edition.to_string());
        let key = match &edition {
            _ if self.report.is_nothing_reported => "run.nothing_reported",
            _ if self.report.awaits_reason.is_some() => return None,
            Some(_) if !self.report.failed_tests.is_empty() => "run.held_back",
            None if !self.report.failed_tests.is_empty() => "run.held_back_first",
            Some(_) if self.report.is_new_edition => "run.published",
            Some(_) => "run.unchanged",
            None => return None,
        };
        Some(self.say(key, &[("edition", edition.unwrap_or_default())]))
    }

    /// What does not count, with the gravest finding; `findings` has all of it.
    fn rejected_table(&self) -> Option<String> {
        let rejected = &self.report.rejected;
        let row = |rejected: &Rejected| {
            let state = said(&format!("state.{}", rejected.state.name()), self.locale);
            vec![state, rejected.file_name.clone(), rejected.message.get(self.locale).to_owned()]
        };
        let rows: Vec<_> = rejected.iter().take(REJECTED_SHOWN).map(row).collect();
        let header = ["state", "file", "finding"]
            .map(|name| texts::text(&format!("status.column.{name}")).get(self.locale));
        let mut table = output::table(&header, &rows);
        let more = rejected.len().saturating_sub(REJECTED_SHOWN);
        if more > 0 {
            let _ = write!(table, "\n{}", self.say("run.more", &[("more", more.to_string())]));
        }
        (!rows.is_empty()).then_some(table)
    }

    fn months_table(&self) -> String {
        let header =
            ["period", "workbooks", "reports", "accepted", "queried", "refused", "unreadable"]
                .map(|name| texts::text(&format!("run.column.{name}")).get(self.locale));
        let row = |(period, tally): (&String, &Tally)| {
            let counts = [
                tally.workbooks,
                tally.reports,
                tally.accepted,
                tally.queried,
                tally.refused,
                tally.unreadable,
            ];
            let counts = counts.iter().map(ToString::to_string);
            let is_month = period != rows::UNREADABLE;
            let period = if is_month { period.clone() } else { said("run.no_month", self.locale) };
            std::iter::once(period).chain(counts).collect()
        };
        output::table(&header, &self.report.months.iter().map(row).collect::<Vec<_>>())
    }
}
