//! `status`: who owes what for a month, what came, what counts and what is open, as the lake has it now;
//! target progress as the edition in force has it.
//!
//! In: the project, the lake, the edition. Out: a text in one language or one JSON document. Without an
//! edition all but the targets is told.

use std::collections::BTreeSet;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use super::findings::SentReport;
use super::session::{self, CliSession};
use super::{CliError, arguments, output};
use crate::domain::period::Period;
use crate::findings::{Finding, Severity};
use crate::lake::cells::{self, TableRow};
use crate::lake::filing::{self, FormMonth, OwingFirm};
use crate::lake::matters::{self, Matter, MatterKind, UnknownDocument};
use crate::lake::rows::{self, SubmissionRow};
use crate::lake::share;
use crate::project::Project;
use crate::project::forms::Form;
use crate::stages::publish::editions;

mod shown;

#[derive(Debug, clap::Args)]
pub(super) struct StatusArguments {
    /// The month, also one that nobody has reported for yet; the newest received when not named. 月份
    #[arg(long, value_parser = arguments::period)]
    period: Option<Period>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

/// How a month stands.
#[derive(Debug, Serialize)]
struct Status {
    period: Period,
    /// When the lake was read.
    as_of: DateTime<Utc>,
    #[serde(flatten)]
    published: Published,
    due: usize,
    /// Firms of which any report came.
    received: usize,
    /// Firms whose report counts.
    counted: usize,
    /// Firms whose report counts though nothing could be held against it.
    unheld: usize,
    /// Errors and queries that stand against what does not count.
    errors: usize,
    queries: usize,
    forms: Vec<FormStatus>,
    /// Reports owed of which no revision counts.
    to_chase: Vec<Chased>,
    /// Newer revisions that do not count, where an older one does.
    corrections: Vec<Chased>,
    /// What nobody owes, nobody could be assigned or nobody could read.
    others: Vec<Chased>,
    unknown_documents: Vec<UnknownDocument>,
}

/// One form in the month.
#[derive(Debug, Serialize)]
struct FormStatus {
    form: String,
    deadline: Option<DateTime<Utc>>,
    due: usize,
    received: usize,
    counted: usize,
    /// Last year's value of the firms that count, over that of all due.
    reported_value_share: Option<Decimal>,
    /// Whether that is the share of firms, since nobody has a value of last year.
    is_share_of_firms: bool,
    is_complete: bool,
}

/// A report that somebody has to see to.
#[derive(Debug, Serialize)]
struct Chased {
    #[serde(flatten)]
    sent: SentReport,
    /// `missing`, or what became of what came.
    state: &'static str,
    months_late_in_row: usize,
    /// Why it does not count, gravest first.
    problems: Vec<Finding>,
}

pub(super) fn run(session: &CliSession, command: &StatusArguments) -> Result<ExitCode, CliError> {
    let project = session.project()?;
    let lake = session.output.lake();
    let sent = rows::all(&lake)?;
    let matters = matters::of(project, &lake, &sent)?;
    let newest = newest(project, &sent);
    let Some(period) = command.period.or(newest) else {
        return Err(CliError::Call(
            "nothing was received yet: put workbooks into the inbox and say `yuebao run`"
                .to_owned(),
        ));
    };
    session.warn_of_deadlines(project)?;
    let published = Published::read(session, period, &sent)?;
    let month = StatusMonth { session, project, period, is_newest: newest <= Some(period) };
    let status = month.status(&sent, &matters, published)?;
    output::answer(command.json, &status, || shown::text(&status, session));
    Ok(ExitCode::SUCCESS)
}

/// The newest month that anything was received for; one that had not begun then is a slip of the keyboard.
fn newest(project: &Project, sent: &[SubmissionRow]) -> Option<Period> {
    let zone = project.settings.time_zone;
    let has_begun = |sent: &&SubmissionRow| {
        let day = sent.received_at.with_timezone(&zone).date_naive();
        sent.period.is_some_and(|period| period.first_day() <= day)
    };
    sent.iter().filter(has_begun).filter_map(|sent| sent.period).max()
}

/// A month that is looked at.
struct StatusMonth<'a> {
    session: &'a CliSession,
    project: &'a Project,
    period: Period,
    /// What came without a month and later than this one belongs to it as well.
    is_newest: bool,
}

impl StatusMonth<'_> {
    fn status(
        &self,
        sent: &[SubmissionRow],
        matters: &[Matter],
        published: Published,
    ) -> Result<Status, CliError> {
        let lake = self.session.output.lake();
        let months = filing::of(self.project, &lake, self.period)?;
        if months.is_empty() {
            return Err(self.nobody());
        }
        let now = session::now();
        let (mut forms, mut to_chase) = (Vec::new(), Vec::new());
        for month in &months {
            let late = filing::months_late(self.project, &lake, month, now)?;
            forms.push(self.form(month)?);
            let absent = month.firms.iter().filter(|owing| owing.counting().is_none());
            to_chase.extend(absent.map(|owing| {
                let late = late.get(&owing.firm.credit_code).copied().unwrap_or_default();
                chased(&month.form, owing, matters, late)
            }));
        }
        let (corrections, others) = self.open(&months, matters);
        // The bureau owes its ledgers and is no firm.
        let is_ledger = |form: &str| self.project.forms.get(form).is_some_and(Form::is_ledger);
        let sum = |count: fn(&FormStatus) -> usize| {
            forms.iter().filter(|it| !is_ledger(&it.form)).map(count).sum()
        };
        let standing = |severity| {
            let chased = to_chase.iter().chain(&corrections);
            chased.flat_map(|it| &it.problems).filter(|it| it.severity == severity).count()
        };
        Ok(Status {
            period: self.period,
            as_of: now,
            published,
            due: sum(|it| it.due),
            received: sum(|it| it.received),
            counted: sum(|it| it.counted),
            unheld: self.unheld(sent)?,
            errors: standing(Severity::Error),
            queries: standing(Severity::Query),
            forms,
            to_chase,
            corrections,
            others,
            unknown_documents: matters::unknown_documents(matters),
        })
    }

    fn form(&self, month: &FormMonth) -> Result<FormStatus, CliError> {
        let counted = |has: fn(&OwingFirm) -> bool| month.firms.iter().filter(|it| has(it)).count();
        let share = share::of(self.project, &self.session.output.lake(), month)?;
        let enough = self.project.settings.thresholds.complete_share_min;
        Ok(FormStatus {
            form: month.form.clone(),
            deadline: month.deadline,
            due: month.firms.len(),
            received: counted(|it| !it.sent.is_empty()),
            counted: counted(|it| it.counting().is_some()),
            is_complete: share.is_none_or(|it| enough <= it.share),
            reported_value_share: share.map(|it| it.share.round_dp(6)),
            is_share_of_firms: share.is_some_and(|it| it.is_of_firms),
        })
    }

    /// Open matters of the month beside the chase: corrections that do not count, and all the rest.
    fn open(&self, months: &[FormMonth], matters: &[Matter]) -> (Vec<Chased>, Vec<Chased>) {
        let is_later = |matter: &Matter| self.is_newest && Some(self.period) <= matter.month;
        let is_here = |matter: &&Matter| {
            !matter.is_settled && (matter.month == Some(self.period) || is_later(matter))
        };
        let is_owed = |matter: &&Matter| {
            let of_form = |month: &&FormMonth| Some(&month.form) == matter.submission.form.as_ref();
            let firms = months.iter().filter(of_form).flat_map(|month| &month.firms);
            let code = matter.submission.credit_code.as_ref();
            matter.submission.period == Some(self.period)
                && firms.into_iter().any(|owing| Some(&owing.firm.credit_code) == code)
        };
        let open: Vec<&Matter> = matters.iter().filter(is_here).collect();
        let (owed, others): (Vec<&Matter>, Vec<&Matter>) = open.into_iter().partition(is_owed);
        let corrections = owed.into_iter().filter(|matter| matter.is_correction);
        let list = |matter: &Matter| self.listed(matter);
        (corrections.map(list).collect(), others.into_iter().map(list).collect())
    }

    fn listed(&self, matter: &Matter) -> Chased {
        let is_assigned = !matches!(matter.kind, MatterKind::Unassigned | MatterKind::Unreadable);
        let named = matter.firm(self.project).filter(|_| is_assigned);
        Chased {
            sent: SentReport::of(matter, self.project, named),
            state: matter.kind.name(),
            months_late_in_row: 0,
            problems: matter.findings.clone(),
        }
    }

    /// Firms whose report counts with a note that nothing could be held against it.
    fn unheld(&self, sent: &[SubmissionRow]) -> Result<usize, CliError> {
        let findings = rows::findings(&self.session.output.lake(), &self.period.to_string())?;
        let noted = findings.iter().filter(|it| it.finding.code == UNHELD);
        let noted: BTreeSet<&str> = noted.map(|it| it.submission_id.as_str()).collect();
        let counting = sent.iter().filter(|it| it.is_current && it.period == Some(self.period));
        let unheld = counting.filter(|it| noted.contains(it.submission_id.as_str()));
        Ok(unheld.filter_map(|it| it.credit_code.as_ref()).collect::<BTreeSet<_>>().len())
    }

    /// Why there is nothing to show.
    fn nobody(&self) -> CliError {
        let months = self.project.seeds.calendar.deadlines.keys().map(|(_, month)| *month);
        let months: BTreeSet<Period> = months.collect();
        let period = self.period;
        CliError::Call(match months.first().zip(months.last()) {
            Some((first, last)) => format!(
                "nobody is due for {period}: seeds/calendar.csv has deadlines from {first} to {last}"
            ),
            None => format!("nobody is due for {period}: seeds/calendar.csv has no deadline"),
        })
    }
}

/// The note of a report that nothing could be held against.
const UNHELD: &str = "U3";

/// A report owed of which no revision counts, and how many months in a row the firm has been late.
fn chased(form: &str, owing: &OwingFirm, matters: &[Matter], late: usize) -> Chased {
    let shown = owing.shown();
    let matter = matters.iter().find(|matter| Some(&matter.submission) == shown);
    let state = shown.map_or("missing", |shown| shown.state.name());
    Chased {
        sent: SentReport {
            form: Some(form.to_owned()),
            credit_code: Some(owing.firm.credit_code.clone()),
            firm_name: Some(owing.firm.name.clone()),
            contact: owing.firm.contact.clone(),
            file_name: shown.map(|shown| shown.file_name.clone()),
            received_at: shown.map(|shown| shown.received_at),
            submission_id: shown.map(|shown| shown.submission_id.clone()),
        },
        state: matter.map_or(state, |matter| matter.kind.name()),
        months_late_in_row: late,
        problems: matter.map(|matter| matter.findings.clone()).unwrap_or_default(),
    }
}

/// The edition that readers see.
#[derive(Debug, Default, Serialize)]
struct Published {
    edition: Option<u32>,
    edition_created_at: Option<DateTime<Utc>>,
    /// Reports that count and that edition does not have, of all months.
    newer_than_edition: usize,
    /// Reports that edition has and none of whose revisions counts any more, of all months.
    dropped_since_edition: usize,
    /// The newest edition, where readers see an older one.
    rolled_back_edition: Option<u32>,
    targets: Vec<TargetStatus>,
}

/// A target in the month; shares in per cent.
#[derive(Debug, Serialize)]
struct TargetStatus {
    target_id: String,
    name: String,
    attained_share: Option<String>,
    time_progress: Option<String>,
    seasonal_progress: Option<String>,
    status: Option<String>,
}

impl Published {
    /// Reads what it has of a month.
    fn read(
        session: &CliSession,
        period: Period,
        sent: &[SubmissionRow],
    ) -> Result<Self, CliError> {
        let root = session.output.root();
        let Some(edition) = editions::current(root) else { return Ok(Self::default()) };
        let table = |name: &str| editions::table(&editions::folder(root, edition).join(name));
        let known = table("submission_status.parquet")?;
        let accepted =
            cells::rows(&known).filter(|row| row.text("state").as_deref() == Some("accepted"));
        let known: BTreeSet<String> =
            accepted.filter_map(|row| row.text("submission_id")).collect();
        let family = |it: &SubmissionRow| (it.form.clone(), it.credit_code.clone(), it.period);
        let counting: BTreeSet<_> = sent.iter().filter(|it| it.is_current).map(family).collect();
        let dropped = sent
            .iter()
            .filter(|it| known.contains(&it.submission_id) && !counting.contains(&family(it)));
        let newest = editions::numbers(root)?.last().copied();
        let newer = sent.iter().filter(|it| it.is_current && !known.contains(&it.submission_id));
        let targets = table("target_progress.parquet")?;
        let of_month = cells::rows(&targets).filter(|row| row.period("period") == Some(period));
        Ok(Self {
            edition: Some(edition),
            edition_created_at: Some(editions::manifest(root, edition)?.created_at),
            newer_than_edition: newer.count(),
            dropped_since_edition: dropped.count(),
            rolled_back_edition: newest.filter(|newest| edition < *newest),
            targets: of_month.map(target).collect(),
        })
    }
}

fn target(row: TableRow<'_>) -> TargetStatus {
    let percent = |name| row.decimal(name).map(output::percent);
    TargetStatus {
        target_id: row.text("target_id").unwrap_or_default(),
        name: row.text("name").unwrap_or_default(),
        attained_share: percent("attained_share"),
        time_progress: percent("time_progress"),
        seasonal_progress: percent("seasonal_progress"),
        status: row.text("status"),
    }
}
