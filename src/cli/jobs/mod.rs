//! `jobs`: when each job runs next, what became of it last and why; and the certificate of a month.
//!
//! Nothing is written. It works beside a running daemon, and without daemon and ledger: then there is
//! no history. While `jobs/` or `seeds/` is faulty it is about the last sound set.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::session::{self, CliSession};
use super::{CliError, arguments, output};
use crate::domain::period::Period;
use crate::ledger::Ledger;
use crate::project::Project;
use crate::schedule::LocalCalendar;
use crate::schedule::certificate::{self, Certificate, PromiseTerm, Record};

mod overview;
mod words;

#[derive(Debug, clap::Args)]
pub(super) struct JobsArguments {
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

pub(super) fn run(session: &CliSession, command: &JobsArguments) -> Result<ExitCode, CliError> {
    let project = session.project()?;
    let now = session::now();
    session::block_on(async {
        let ledger = Ledger::look(&session.output.ledger()).await?;
        let query = JobsQuery { project, ledger: ledger.as_ref(), now };
        match (command.job.as_deref(), command.month) {
            (Some(job), Some(month)) => {
                let listed = query.listing(job, month).await?;
                output::answer(command.json, &listed.json(), || words::listing(session, &listed));
            }
            (job, _) => {
                let jobs = overview::jobs(&query, job).await?;
                output::answer(command.json, &jobs, || overview::text(session, &jobs));
            }
        }
        if let Some(ledger) = ledger {
            ledger.close().await;
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// What an answer is made from.
struct JobsQuery<'a> {
    project: &'a Project,
    ledger: Option<&'a Ledger>,
    now: DateTime<Utc>,
}

impl JobsQuery<'_> {
    fn almanac(&self) -> LocalCalendar<'_> {
        LocalCalendar {
            zone: self.project.settings.time_zone,
            calendar: &self.project.seeds.calendar,
        }
    }

    /// The instants of a job in a month. A job that has no file any more may still have a history.
    async fn listing(&self, job: &str, month: Period) -> Result<JobListing, CliError> {
        let terms = self.terms(job).await?;
        let file = self.project.schedules.get(job);
        if file.is_none() && terms.is_empty() {
            return Err(arguments::no_job(self.project, job));
        }
        let almanac = self.almanac();
        // The month of the zone the job had then: of the last promise that began before it was over.
        let began_by_then =
            |term: &&PromiseTerm| term.since < certificate::month(month, term.zone()).1;
        let term = terms.iter().rev().find(began_by_then).or(terms.first());
        let zone = match (term, file) {
            (Some(term), _) => term.zone(),
            (None, Some(file)) => almanac.zone_of(file),
            (None, None) => almanac.zone,
        };
        let (from, until) = certificate::month(month, zone);
        let mut record = Record { terms, ..Record::default() };
        if let Some(ledger) = self.ledger {
            record.orders = ledger.past_orders(job, from, until).await?;
            record.attempts = ledger.past_attempts(job, from, until).await?;
        }
        let file = file.map(|file| (file, &almanac));
        let certificate = certificate::certificate(record, file, (from, until), self.now);
        Ok(JobListing { job: job.to_owned(), month, zone, certificate })
    }

    /// What the job's file promised, oldest first. A schedule that this program cannot read any more is
    /// an error: a listing without it would be incomplete.
    async fn terms(&self, job: &str) -> Result<Vec<PromiseTerm>, CliError> {
        let Some(ledger) = self.ledger else { return Ok(Vec::new()) };
        let mut terms = Vec::new();
        for promise in ledger.past_promises(job).await? {
            terms.push(PromiseTerm::read(&promise).map_err(|error| {
                let since = promise.since.format("%Y-%m-%d %H:%M:%SZ");
                let what = format!("what job `{job}` promised since {since} cannot be read");
                CliError::Run(anyhow::Error::new(error).context(what))
            })?);
        }
        Ok(terms)
    }
}

/// What became of a job in a month.
struct JobListing {
    job: String,
    month: Period,
    zone: Tz,
    certificate: Certificate,
}

impl JobListing {
    fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "job": self.job,
            "month": self.month,
            "time_zone": self.zone.name(),
            "certificate": self.certificate,
        })
    }
}
