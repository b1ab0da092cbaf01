//! What an order does, step by step: each a call of the pipeline, with what it did added to the report.
//!
//! In: a step and the months it is about. Out: notices, which the order's carrying out raises; steps know
//! no ledger and not who asked.

use std::collections::{BTreeMap, BTreeSet};

use super::report::{OrderReport, Rejected, failed_test};
use crate::alerts::{Absent, Alert, FailedTest, Filing, Notice, Subject};
use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files::parquet::TableError;
use crate::lake::filing::{self, FormMonth, OwingFirm};
use crate::lake::matters::{self, Matter};
use crate::lake::rows;
use crate::ledger::orders::{Details, Order, OrderStep};
use crate::pipeline::edition::{self, Occasion, Publication};
use crate::pipeline::plan::Scope;
use crate::pipeline::{self, RunError, Site};
use crate::project::alerts::Kind;
use crate::stages::marts::Failure;
use crate::stages::parse::Book;
use crate::stages::publish::{editions, pages};

/// What one step of an order leaves to the next.
#[derive(Default)]
pub(super) struct StepProgress {
    /// What was done so far.
    pub(super) report: OrderReport,
    /// Workbooks just received, by hash: nobody has to open them again.
    books: BTreeMap<String, Book>,
}

/// Carries out one step; what people are to know of it comes back.
pub(super) fn carry_out(
    step: OrderStep,
    site: &Site<'_>,
    order: &Order,
    progress: &mut StepProgress,
) -> Result<Vec<Notice>, RunError> {
    let report = &mut progress.report;
    match step {
        OrderStep::Receive => {
            let (received, books) = pipeline::receive(site)?;
            report.received += received.files;
            report.new += received.new;
            report.left_in_inbox += received.left;
            progress.books = books;
            Ok(Vec::new())
        }
        OrderStep::Rebuild => rebuild(site, order, progress),
        OrderStep::Publish => publish(site, order, report),
        OrderStep::Remind => remind(site, scope(order), report),
        OrderStep::Close => close(site, scope(order), report),
        OrderStep::Announce => announce(site, scope(order)),
        OrderStep::Rollback => {
            if let Details::Rollback { to } = order.asked.details {
                edition::show(site, to)?;
                report.edition = Some(to);
            }
            Ok(Vec::new())
        }
    }
}

/// The months an order is about.
fn scope(order: &Order) -> Scope {
    let (from, to) = order.asked.months.unzip();
    let is_forced = matches!(
        order.asked.details,
        Details::Month { is_forced: true, .. } | Details::Ending { is_forced: true }
    );
    Scope { from, to, is_forced }
}

fn rebuild(
    site: &Site<'_>,
    order: &Order,
    progress: &mut StepProgress,
) -> Result<Vec<Notice>, RunError> {
    let books = std::mem::take(&mut progress.books);
    let arrived = books.keys().cloned().collect();
    let report = &mut progress.report;
    let mut notices = Vec::new();
    for (partition, outcome) in pipeline::bring_up_to_date(site, scope(order), books)? {
        report.months.insert(partition.to_string(), outcome.tally);
        if let Partition::Month(period) = partition {
            notices.extend(completed(site, period)?);
        }
    }
    match look_through(site, order, &arrived, report) {
        Ok(notice) => notices.extend(notice),
        // It is made anew before anything looks back at it or is published from it.
        Err(damage @ TableError::Damaged { .. }) => {
            tracing::warn!(error = %super::chain(&damage), "what is open cannot be told");
        }
        Err(error) => return Err(error.into()),
    }
    Ok(notices)
}

/// What does not count: of the months that were done, and of what came in. A backfill, which does month
/// after month, looks at its month alone.
fn look_through(
    site: &Site<'_>,
    order: &Order,
    arrived: &BTreeSet<String>,
    report: &mut OrderReport,
) -> Result<Option<Notice>, TableError> {
    let (project, lake) = (&site.workshop.project, site.output.lake());
    let is_whole = order.asked.parent_id.is_none();
    let mut sent = Vec::new();
    for partition in rows::partitions(&lake)? {
        if is_whole || report.months.contains_key(&partition) {
            sent.extend(rows::submissions(&lake, &partition)?);
        }
    }
    let mut matters = matters::of(project, &lake, &sent)?;
    matters.retain(|matter| !matter.is_settled);
    let is_new = |matter: &&Matter| match matter.submission.period {
        Some(period) => report.months.contains_key(&period.to_string()),
        None => arrived.contains(&matter.submission.sha256),
    };
    let rejected = matters.iter().filter(is_new).map(Rejected::from).collect();
    report.rejected = rejected;
    if !is_whole {
        return Ok(None);
    }
    report.open = Some(matters.len());
    report.unknown_documents = matters::unknown_documents(&matters);
    let alerts = report.unknown_documents.iter().cloned().map(Alert::UnknownDocument).collect();
    Ok(Some(Notice::Hold(Kind::UnknownDocument, alerts)))
}

/// A late report may be the last that was missing.
fn completed(site: &Site<'_>, period: Period) -> Result<Vec<Notice>, RunError> {
    let filings = filings(site, period)?.into_iter();
    let complete = filings.filter(|filing| filing.due > 0 && filing.missing.is_empty());
    Ok(complete.map(|filing| Notice::Settle(Kind::FirmsMissing, filing.subject())).collect())
}

fn publish(
    site: &Site<'_>,
    order: &Order,
    report: &mut OrderReport,
) -> Result<Vec<Notice>, RunError> {
    let root = site.output.root();
    let settled = |kind| Notice::Settle(kind, Subject::Edition);
    let mut notices = vec![settled(Kind::EditionHeldBack), settled(Kind::EditionAwaitsReason)];
    match edition::publish_for(site, scope(order).is_forced, &occasion(order))? {
        Publication::Unchanged(edition) => report.edition = Some(edition),
        Publication::Published(edition) => {
            report.edition = Some(edition);
            report.is_new_edition = true;
        }
        Publication::HeldBack(failures) => {
            report.edition = editions::current(root);
            report.failed_tests = failures.iter().map(failed_test).collect();
            let tests = failures.iter().map(without_rows).collect();
            notices = vec![Notice::Raise(Alert::EditionHeldBack { tests })];
        }
        Publication::AwaitsReason(awaited) => {
            report.edition = editions::current(root);
            notices.pop();
            let causes = awaited.causes.clone();
            notices.push(Notice::Raise(Alert::EditionAwaitsReason { causes }));
            report.awaits_reason = Some(awaited);
        }
        Publication::NothingReported => {
            report.edition = editions::current(root);
            report.is_nothing_reported = true;
            notices.clear();
        }
    }
    Ok(notices)
}

/// Why the order was given; without a reason or a backfill there is nothing to keep.
fn occasion(order: &Order) -> Occasion {
    let asked = &order.asked;
    let is_kept = asked.why.is_some() || asked.parent_id.is_some();
    let who = is_kept.then(|| asked.who.clone());
    Occasion { who, why: asked.why.clone(), backfill: asked.parent_id }
}

fn without_rows(failed: &Failure) -> FailedTest {
    let rows = failed.cause.is_none().then_some(failed.count);
    FailedTest { mart: failed.mart.clone(), test: failed.test.clone(), rows }
}

/// Before the deadline: who has not reported yet.
fn remind(
    site: &Site<'_>,
    scope: Scope,
    report: &mut OrderReport,
) -> Result<Vec<Notice>, RunError> {
    let zone = site.workshop.project.settings.time_zone;
    let day = site.now.with_timezone(&zone).date_naive();
    let mut notices = Vec::new();
    for period in months(scope) {
        let filings = filings(site, period)?.into_iter();
        let ahead = filings.filter(|filing| filing.deadline > site.now);
        for filing in ahead {
            report.firms_due += filing.due;
            report.firms_missing += filing.missing.len();
            if !filing.missing.is_empty() {
                notices.push(Notice::Raise(Alert::Reminder { filing, day }));
            }
        }
    }
    Ok(notices)
}

/// After the deadline: who did not report.
fn close(site: &Site<'_>, scope: Scope, report: &mut OrderReport) -> Result<Vec<Notice>, RunError> {
    let mut notices = Vec::new();
    for period in months(scope) {
        let filings = filings(site, period)?.into_iter();
        let past = filings.filter(|filing| filing.deadline <= site.now);
        for filing in past {
            report.firms_due += filing.due;
            report.firms_missing += filing.missing.len();
            notices.push(if filing.missing.is_empty() {
                Notice::Settle(Kind::FirmsMissing, filing.subject())
            } else {
                Notice::Raise(Alert::FirmsMissing(filing))
            });
        }
    }
    Ok(notices)
}

/// The filings of a month with a deadline, by form: who is due, and whose report does not count.
fn filings(site: &Site<'_>, period: Period) -> Result<Vec<Filing>, TableError> {
    let months = filing::of(&site.workshop.project, &site.output.lake(), period)?.into_iter();
    let absent = |owing: &OwingFirm| {
        let state = owing.shown().map(|shown| shown.state.name().to_owned());
        let is_absent = owing.counting().is_none();
        is_absent.then(|| Absent { state, name: owing.firm.name.clone() })
    };
    let filing = |month: FormMonth| {
        let mut missing: Vec<Absent> = month.firms.iter().filter_map(absent).collect();
        missing.sort();
        let (deadline, due) = (month.deadline?, month.firms.len());
        Some(Filing { form: month.form, period, deadline, due, missing })
    };
    Ok(months.filter_map(filing).collect())
}

/// The brief of a month is out, with the edition that last changed the month.
fn announce(site: &Site<'_>, scope: Scope) -> Result<Vec<Notice>, RunError> {
    let root = site.output.root();
    let Some(current) = editions::current(root) else { return Ok(Vec::new()) };
    let newest = editions::manifest(root, current)?;
    let mut notices = Vec::new();
    for period in months(scope) {
        let page = format!("{}/brief-{period}.html", pages::FOLDER);
        let Some(brief) = newest.files.iter().find(|file| file.name == page) else {
            continue;
        };
        let mut changed_in = current;
        let partition = format!("lake/{period}");
        for edition in editions::numbers(root)?.into_iter().rev().filter(|it| *it < current) {
            if editions::manifest(root, edition)?.made_from.get(&partition)
                != newest.made_from.get(&partition)
            {
                break;
            }
            changed_in = edition;
        }
        // Where somebody who is told can open it, as the page rather than its text.
        let page = editions::folder(root, changed_in).join(&brief.name).display().to_string();
        notices.push(Notice::Raise(Alert::BriefPublished { period, edition: changed_in, page }));
    }
    Ok(notices)
}

/// The months of a scope that says both ends: a step about one month never runs over all.
fn months(scope: Scope) -> BTreeSet<Period> {
    match (scope.from, scope.to) {
        (Some(from), Some(to)) => from.to(to).collect(),
        _ => BTreeSet::new(),
    }
}
