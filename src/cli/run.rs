//! `run`: one job now; without a job: take in the inbox, rebuild what became stale, publish.

use std::process::ExitCode;

use super::progress::Progress;
use super::session::{self, Session};
use super::{DATA_IS_WRONG, Failure, activated, arguments, interrupt, output};
use crate::alerts::{self, Courier};
use crate::domain::period::Period;
use crate::lake::rows;
use crate::ledger::runs::{AskedBy, NewRun};
use crate::ledger::{self, Ledger};
use crate::pipeline::month::{Rejected, Tally};
use crate::pipeline::plan::Scope;
use crate::pipeline::stop::Stop;
use crate::pipeline::{Site, Workshop};
use crate::project::schedules::Step;
use crate::runs::report::Report;
use crate::runs::{self, Order};
use crate::texts::{self, Locale};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A job of jobs/schedules; intake and publish when none is named. 作业名
    job: Option<String>,
    /// Only this month, e.g. 2025-07; the inbox is taken in whole. 仅此月份
    #[arg(long, value_parser = arguments::period)]
    period: Option<Period>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
    /// The activation of the ledger this run carries out: how the daemon starts it.
    #[arg(long, hide = true, requires = "job", conflicts_with_all = ["period", "json"])]
    activation: Option<i64>,
}

/// Said where no month had to be brought up to date.
const UP_TO_DATE: &str = "every month is up to date";

/// Rejected reports shown after a run.
const REJECTED_SHOWN: usize = 20;

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    if let (Some(id), Some(job)) = (command.activation, &command.job) {
        return activated::run(session, job, id);
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
    let scope = Scope { from: command.period, to: command.period, is_forced: false };
    let order = order(command.job.as_deref(), steps, scope);
    interrupt::says("what was done stays, the next run goes on");
    let report = carry_out(session, &workshop, &order)?;
    if command.json {
        output::json(&report);
    } else {
        let idle = idle(session, command.period)?;
        output::print(&Shown(&report).text_or(&idle, session.locale()));
    }
    Ok(exit_code(&report))
}

/// What to say where no month had to be brought up to date: that of a month for which nothing ever
/// came is no good news.
fn idle(session: &Session, asked: Option<Period>) -> Result<String, Failure> {
    let known = rows::partitions(&session.output.lake())?;
    Ok(match asked.map(|period| period.to_string()) {
        _ if known.is_empty() => format!(
            "nothing has been received yet: put workbooks into `{}`",
            session.output.inbox().display()
        ),
        Some(asked) if !known.contains(&asked) => {
            format!("nothing has been received for {asked}")
        }
        Some(asked) => format!("{asked} is up to date"),
        None => UP_TO_DATE.to_owned(),
    })
}

/// Carries out the steps over a scope, as a command of the terminal.
pub(super) fn carry_out(
    session: &Session,
    workshop: &Workshop,
    order: &Order,
) -> Result<Report, Failure> {
    let lock = session.lock("run")?;
    let progress = Progress::new();
    let report = |event| progress.report(event);
    let stop = Stop::new();
    let site = Site {
        workshop,
        output: &session.output,
        now: session::now(),
        report: &report,
        stop: &stop,
    };
    session::block_on(async {
        let ledger = session.ledger().await?;
        let outcome = runs::carry_out(&ledger, &lock, &site, order).await;
        // Whoever waits for the output need not wait for webhooks.
        drop(lock);
        tell(&ledger, workshop).await;
        ledger.close().await;
        Ok(outcome?)
    })
}

/// Sends what people are to be told; a channel that fails fails no command.
pub(super) async fn tell(ledger: &Ledger, workshop: &Workshop) {
    let courier = Courier::default();
    let told = alerts::deliver(ledger, &courier, &workshop.project, session::now()).await;
    if let Err(error) = told {
        tracing::warn!("alerts wait for the next run: {error}");
    }
}

/// An order of the terminal.
pub(super) fn order(job: Option<&str>, steps: Vec<Step>, scope: Scope) -> Order {
    let run = NewRun {
        activation_id: None,
        backfill_id: None,
        job: job.unwrap_or_default().to_owned(),
        asked_by: AskedBy::Command,
        who: ledger::runs::who(),
        why: None,
        from: scope.from,
        to: scope.to,
    };
    Order { run, steps, scope }
}

/// 1 when a failing test held the edition back.
pub(super) fn exit_code(report: &Report) -> ExitCode {
    if report.failed_tests.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DATA_IS_WRONG) }
}

/// A report as people read it.
pub(super) struct Shown<'a>(pub(super) &'a Report);

impl Shown<'_> {
    /// What was done, for people.
    pub(super) fn text(&self, locale: Locale) -> String {
        self.text_or(UP_TO_DATE, locale)
    }

    /// What was done, for people; `idle` where no month had to be.
    pub(super) fn text_or(&self, idle: &str, locale: Locale) -> String {
        let mut lines = Vec::new();
        if self.0.received > 0 {
            let noun = if self.0.received == 1 { "file" } else { "files" };
            let known = match self.0.received - self.0.new {
                0 => String::new(),
                known => format!(", {known} of them known already: dropped"),
            };
            lines.push(format!("{} {noun} taken from the inbox{known}", self.0.received));
        }
        if self.0.left_in_inbox > 0 {
            let count = self.0.left_in_inbox;
            lines.push(format!("{count} left in the inbox: cannot be read, see the warnings"));
        }
        if self.0.months.is_empty() {
            lines.push(idle.to_owned());
        } else {
            lines.push(self.months_table());
            lines.extend(self.rejected_table(locale));
        }
        lines.push(self.edition_line());
        lines.extend(self.0.failed_tests.iter().cloned());
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    fn edition_line(&self) -> String {
        match self.0.edition {
            _ if !self.0.failed_tests.is_empty() => {
                let kept = self.0.edition.map_or_else(String::new, |edition| {
                    format!("; readers keep edition {edition}")
                });
                format!("no edition was published, tests of marts fail{kept}:")
            }
            Some(edition) if self.0.is_new_edition => {
                format!("edition {edition} published: output/marts points at it")
            }
            Some(edition) => format!("edition {edition} is still the newest"),
            None => String::new(),
        }
    }

    /// What does not count, with the gravest finding; the whole list is in the lake.
    fn rejected_table(&self, locale: Locale) -> Option<String> {
        let row = |rejected: &Rejected| {
            let state = texts::text(&format!("state.{}", rejected.state)).get(locale).to_owned();
            vec![state, rejected.file_name.clone(), rejected.message.get(locale).to_owned()]
        };
        let rows: Vec<_> = self.0.rejected.iter().take(REJECTED_SHOWN).map(row).collect();
        let header = ["state", "file", "finding"]
            .map(|name| texts::text(&format!("status.column.{name}")).get(locale));
        let table = output::table(&header, &rows);
        let more = match self.0.rejected.len().saturating_sub(REJECTED_SHOWN) {
            0 => String::new(),
            more => format!(
                "\nand {more} more: `yuebao status --period …` has those of a month, `yuebao run --json` all when it takes them in"
            ),
        };
        (!rows.is_empty()).then(|| format!("{table}{more}"))
    }

    fn months_table(&self) -> String {
        let header =
            ["period", "workbooks", "reports", "accepted", "queried", "refused", "unreadable"];
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
            std::iter::once(period.clone()).chain(counts).collect()
        };
        output::table(&header, &self.0.months.iter().map(row).collect::<Vec<_>>())
    }
}
