//! `run`: one job now; without a job: take in the inbox, rebuild what became stale, publish.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde::Serialize;

use super::progress::Progress;
use super::session::{self, Session};
use super::{DATA_IS_WRONG, Failure, arguments, output};
use crate::domain::period::Period;
use crate::pipeline::edition::{self, Publication};
use crate::pipeline::month::{Rejected, Tally};
use crate::pipeline::plan::Scope;
use crate::pipeline::{self, Site, Workshop};
use crate::project::schedules::Step;
use crate::stages::marts::Failure as FailedTest;
use crate::stages::publish::editions;
use crate::texts::{self, Locale};

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A job of jobs/schedules; all steps when none is named. 作业名
    job: Option<String>,
    /// Only this month, e.g. 2025-07; the inbox is taken in whole. 仅此月份
    #[arg(long, value_parser = arguments::period)]
    period: Option<Period>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

/// Rejected reports shown after a run.
const REJECTED_SHOWN: usize = 20;

/// What a run did, as `--json` prints it.
#[derive(Debug, Default, Serialize)]
pub(super) struct Report {
    pub(super) received: usize,
    pub(super) new: usize,
    pub(super) months: BTreeMap<String, Tally>,
    pub(super) rejected: Vec<Rejected>,
    pub(super) edition: Option<u32>,
    pub(super) is_new_edition: bool,
    pub(super) failed_tests: Vec<String>,
}

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    let workshop = session.sound_workshop()?;
    let steps = arguments::steps(&workshop.project, command.job.as_deref())?;
    let _lock = session.lock("run")?;
    let scope = Scope { from: command.period, to: command.period, is_forced: false };
    let report = carry_out(session, &workshop, &steps, scope)?;
    if command.json {
        output::json(&report);
    } else {
        output::print(&report.text(workshop.project.settings.locale()));
    }
    Ok(report.exit_code())
}

/// Carries out the steps over a scope.
pub(super) fn carry_out(
    session: &Session,
    workshop: &Workshop,
    steps: &[Step],
    scope: Scope,
) -> Result<Report, Failure> {
    let progress = Progress::new();
    let report = |event| progress.report(event);
    let site = Site { workshop, output: &session.output, now: session::now(), report: &report };
    let mut done = Report::default();
    for step in steps {
        match step {
            Step::Intake => {
                let taken = pipeline::take_in(&site, scope)?;
                done.received += taken.received.files;
                done.new += taken.received.new;
                for (shelf, outcome) in taken.months {
                    done.months.insert(shelf.to_string(), outcome.tally);
                    done.rejected.extend(outcome.rejected);
                }
            }
            Step::Publish => match edition::publish(&site, scope.is_forced)? {
                Publication::Unchanged(edition) => done.edition = Some(edition),
                Publication::Published(edition) => {
                    done.edition = Some(edition);
                    done.is_new_edition = true;
                }
                Publication::HeldBack(failures) => {
                    done.edition = editions::current(session.output.root());
                    done.failed_tests = failures.iter().map(text_of).collect();
                }
            },
        }
    }
    Ok(done)
}

fn text_of(failed: &FailedTest) -> String {
    let FailedTest { mart, test, count, rows } = failed;
    let said = format!("mart `{mart}`: test `{test}` fails on {count} rows");
    std::iter::once(&said).chain(rows).map(String::as_str).collect::<Vec<_>>().join("\n  ")
}

impl Report {
    /// 1 when a failing test held the edition back.
    pub(super) fn exit_code(&self) -> ExitCode {
        if self.failed_tests.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DATA_IS_WRONG) }
    }

    /// What was done, for people.
    pub(super) fn text(&self, locale: Locale) -> String {
        let mut lines = Vec::new();
        if self.received > 0 {
            let noun = if self.received == 1 { "file" } else { "files" };
            let known = match self.received - self.new {
                0 => String::new(),
                known => format!(", {known} of them known already: dropped"),
            };
            lines.push(format!("{} {noun} taken from the inbox{known}", self.received));
        }
        if self.months.is_empty() {
            lines.push("every month is up to date".to_owned());
        } else {
            lines.push(self.months_table());
            lines.extend(self.rejected_table(locale));
        }
        lines.push(self.edition_line());
        lines.extend(self.failed_tests.iter().cloned());
        lines.retain(|line| !line.is_empty());
        lines.join("\n")
    }

    fn edition_line(&self) -> String {
        match self.edition {
            _ if !self.failed_tests.is_empty() => {
                let kept = self.edition.map_or_else(String::new, |edition| {
                    format!("; readers keep edition {edition}")
                });
                format!("no edition was published, tests of marts fail{kept}:")
            }
            Some(edition) if self.is_new_edition => {
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
        let rows: Vec<_> = self.rejected.iter().take(REJECTED_SHOWN).map(row).collect();
        let header = ["state", "file", "finding"]
            .map(|name| texts::text(&format!("status.column.{name}")).get(locale));
        let table = output::table(&header, &rows);
        let more = match self.rejected.len().saturating_sub(REJECTED_SHOWN) {
            0 => String::new(),
            more => format!("\nand {more} more: see output/lake/findings"),
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
        output::table(&header, &self.months.iter().map(row).collect::<Vec<_>>())
    }
}
