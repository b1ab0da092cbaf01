//! `jobs`: when each job runs next, what became of it last and why; and the certificate of a month.
//!
//! Nothing is written. It works beside a running daemon, and without daemon and ledger: then there is
//! no history. While `jobs/` or `seeds/` is faulty it is about the last sound set.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::session::{self, Session};
use super::{Failure, arguments, output};
use crate::domain::period::Period;
use crate::ledger::Ledger;
use crate::project::Project;
use crate::project::schedules::Schedule;
use crate::schedule::LocalCalendar;
use crate::schedule::certificate::{self, Certificate, PromiseTerm, Record};
use crate::texts::Locale;

mod overview;

mod shown;

mod words;

/// Arguments of `jobs`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// A job of jobs/schedules; all of them when none is named. 作业名
    job: Option<String>,
    /// Every instant at which the job was due in this calendar month, e.g. 2025-03, and what became
    /// of it. Unlike `--period` elsewhere it is the month of the clock, not the month reported on.
    /// 该日历月的执行证明
    #[arg(long, requires = "job", value_parser = arguments::period)]
    month: Option<Period>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    let project = session.project()?;
    let now = session::now();
    session::block_on(async {
        let ledger = Ledger::look(&session.output.ledger()).await?;
        let locale = session.locale();
        let asked = Asked { project, locale, ledger: ledger.as_ref(), now };
        match (&command.job, command.month) {
            (Some(job), Some(month)) => asked.certificate(job, month, command.json).await?,
            (job, _) => asked.overview(job.as_deref(), command.json).await?,
        }
        if let Some(ledger) = ledger {
            ledger.close().await;
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// What an answer is made from.
struct Asked<'a> {
    project: &'a Project,
    locale: Locale,
    ledger: Option<&'a Ledger>,
    now: DateTime<Utc>,
}

impl Asked<'_> {
    fn local_calendar(&self) -> LocalCalendar<'_> {
        LocalCalendar {
            zone: self.project.settings.time_zone,
            calendar: &self.project.seeds.calendar,
        }
    }

    /// The file of a job; a job that has none any more may still have a history.
    async fn file(&self, job: &str) -> Result<Option<&Schedule>, Failure> {
        if let Some(schedule) = self.project.schedules.get(job) {
            return Ok(Some(schedule));
        }
        let has_history = match self.ledger {
            Some(ledger) => !ledger.past_promises(job).await?.is_empty(),
            None => false,
        };
        if has_history {
            return Ok(None);
        }
        Err(arguments::no_job(self.project, job))
    }

    async fn overview(&self, job: Option<&str>, as_json: bool) -> Result<(), Failure> {
        if let Some(job) = job {
            let file = self.file(job).await?;
            file.ok_or_else(|| {
                Failure::Call(format!(
                    "job `{job}` has no file any more: ask for a month of it with `--month`"
                ))
            })?;
        }
        let jobs = overview::jobs(self, job).await?;
        if as_json {
            output::json(&jobs);
        } else {
            output::print(&overview::text(&jobs, self.locale));
        }
        Ok(())
    }

    async fn certificate(&self, job: &str, month: Period, as_json: bool) -> Result<(), Failure> {
        let file = self.file(job).await?;
        let local = self.local_calendar();
        let stretch = |zone| certificate::month(month, zone);
        let mut record = Record { terms: self.terms(job).await?, ..Record::default() };
        // The month of the zone the job had then: of the last promise that began before it was over.
        let began_by_then = |term: &&PromiseTerm| term.since < stretch(term.zone()).1;
        let term = record.terms.iter().rev().find(began_by_then).or(record.terms.first());
        let zone = match (term, file) {
            (Some(term), _) => term.zone(),
            (None, Some(file)) => local.zone_of(file),
            (None, None) => local.zone,
        };
        let (from, until) = stretch(zone);
        if let Some(ledger) = self.ledger {
            record.orders = ledger.past_orders(job, from, until).await?;
            record.attempts = ledger.past_attempts(job, from, until).await?;
        }
        let file = file.map(|file| (file, &local));
        let certificate = certificate::certificate(record, file, (from, until), self.now);
        self.print(&Certified { job, month, zone, certificate: &certificate }, as_json);
        Ok(())
    }

    /// What the job's file promised, oldest first. A schedule that this program cannot read any more is
    /// an error: a certificate without it would be incomplete.
    async fn terms(&self, job: &str) -> Result<Vec<PromiseTerm>, Failure> {
        let Some(ledger) = self.ledger else { return Ok(Vec::new()) };
        let mut terms = Vec::new();
        for promise in ledger.past_promises(job).await? {
            terms.push(PromiseTerm::read(&promise).map_err(|error| {
                let since = promise.since.format("%Y-%m-%d %H:%M:%SZ");
                let what = format!("what job `{job}` promised since {since} cannot be read");
                Failure::machine(anyhow::Error::new(error).context(what))
            })?);
        }
        Ok(terms)
    }

    fn print(&self, certified: &Certified<'_>, as_json: bool) {
        if as_json {
            output::json(&serde_json::json!({
                "job": certified.job,
                "month": certified.month,
                "time_zone": certified.zone.name(),
                "certificate": certified.certificate,
            }));
        } else {
            output::print(&shown::text(certified, self.locale));
        }
    }
}

/// A certificate and what it is of.
struct Certified<'a> {
    job: &'a str,
    month: Period,
    zone: Tz,
    certificate: &'a Certificate,
}
