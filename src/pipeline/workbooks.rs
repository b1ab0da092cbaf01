//! The workbooks of a partition as reports that ask to be counted.
//!
//! In: what the archive holds of a month. Out: a candidate for each report of each receipt, with what
//! its workbook says about it, and what nobody could read. The same bytes received several times are
//! parsed once. A workbook whose bytes are no longer those received is an error.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::intake;
use super::plan::Work;
use super::{RunError, Site};
use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files;
use crate::project::seeds::roster::Roster;
use crate::stages::archive::{self, Receipt};
use crate::stages::normalize::Unreadable;
use crate::stages::parse::{self, Book, Report};
use crate::stages::validate::{Candidate, Submission};

/// A workbook with its receipts, in the order they came.
pub(super) struct Parsed<'a> {
    receipts: Vec<&'a Receipt>,
    book: Book,
}

/// The workbooks of a partition; those just taken in are not opened again. Each is let go with the last partition
/// it belongs on: partitions are done in their order.
pub(super) fn read<'a>(
    site: &Site<'_>,
    work: &'a Work,
    books: &mut BTreeMap<String, Book>,
) -> Result<Vec<Parsed<'a>>, RunError> {
    let project = &site.workshop.project;
    let archive = site.output.archive();
    let mut receipts: BTreeMap<&str, Vec<&Receipt>> = BTreeMap::new();
    for receipt in &work.entries {
        receipts.entry(&receipt.sha256).or_default().push(receipt);
    }
    let mut take = |sha256: &str| {
        let is_last = |book: &Book| intake::partitions(book).iter().all(|it| *it <= work.partition);
        if books.get(sha256).is_some_and(is_last) {
            return books.remove(sha256);
        }
        books.get(sha256).cloned()
    };
    let known: Vec<_> =
        receipts.into_iter().map(|(sha256, its)| (sha256, its, take(sha256))).collect();
    let read = known.into_par_iter().map(|(sha256, receipts, book)| {
        if let Some(book) = book {
            return Ok(Parsed { receipts, book });
        }
        let limits = &project.settings.limits;
        let first = receipts.first().expect("a hash is listed with its first receipt");
        let path = first.path(&archive, work.partition);
        let mut start = files::read_start(&path, limits.file_bytes)?;
        if start.digest(&path)?.0 != sha256 {
            return Err(RunError::Altered { path });
        }
        Ok(Parsed { receipts, book: parse::read(&start.bytes, &project.forms, limits) })
    });
    read.collect()
}

/// Puts workbooks on every partition they belong on by now: a form that was added, or a program that reads
/// more, finds months in them that nobody saw when they came. Says how many receipts were put anywhere.
pub(super) fn share(
    site: &Site<'_>,
    partition: Partition,
    books: &[Parsed<'_>],
) -> Result<usize, RunError> {
    let mut elsewhere: BTreeMap<Partition, Vec<&Receipt>> = BTreeMap::new();
    for Parsed { receipts, book } in books.iter().filter(|it| !it.book.reports.is_empty()) {
        for other in intake::partitions(book).into_iter().filter(|other| *other != partition) {
            elsewhere.entry(other).or_default().extend(receipts);
        }
    }
    let mut shared = 0;
    for (other, receipts) in elsewhere {
        shared += archive::share(&site.output.archive(), (partition, other), &receipts)?;
    }
    Ok(shared)
}

/// The reports of the month as candidates, and what nobody could read.
pub(super) fn sort_out(
    period: Option<Period>,
    books: &[Parsed<'_>],
    roster: &Roster,
) -> (Vec<Candidate>, Vec<Unreadable>) {
    let (mut candidates, mut unreadable) = (Vec::new(), Vec::new());
    for Parsed { receipts, book } in books {
        let compared = compared(&book.reports, roster);
        for (copy, receipt) in (1..).zip(receipts) {
            if book.reports.is_empty() {
                let findings = book.findings.clone();
                unreadable.push(Unreadable { submission: submission(receipt, copy, 1), findings });
            }
            let numbered = (1..).zip(&book.reports);
            for (number, report) in numbered.filter(|(_, report)| report.month() == period) {
                let mut report = report.clone();
                if number == 1 {
                    // What concerns the workbook as a whole is said once, with its first report.
                    report.findings.splice(0..0, book.findings.iter().cloned());
                }
                candidates.push(Candidate {
                    submission: submission(receipt, copy, number),
                    is_alone_in_file: book.reports.len() == 1,
                    is_enclosed: key(&report).is_some_and(|key| compared.contains(&key)),
                    report,
                });
            }
        }
    }
    (candidates, unreadable)
}

/// A report of a receipt: the bytes, which report of theirs, and from the second receipt on which.
fn submission(receipt: &Receipt, copy: usize, report: usize) -> Submission {
    let prefix = receipt.sha256.get(..16).unwrap_or(&receipt.sha256);
    Submission {
        id: match copy {
            1 => format!("{prefix}-{report}"),
            again => format!("{prefix}-{report}.{again}"),
        },
        sha256: receipt.sha256.clone(),
        file_name: receipt.file_name().to_owned(),
        received_at: receipt.received_at,
    }
}

/// A form, firm and month.
type Key<'a> = (&'a str, Option<&'a str>, Period);

fn key(report: &Report) -> Option<Key<'_>> {
    Some((&report.form, report.code(), report.month()?))
}

/// What a workbook holds beside the same month of the next year: of the firm, and of those that it
/// goes on from.
fn compared<'a>(reports: &'a [Report], roster: &'a Roster) -> BTreeSet<Key<'a>> {
    let mut compared = BTreeSet::new();
    for (form, code, month) in reports.iter().filter_map(key) {
        let Some(last_year) = month.months_before(12) else { continue };
        let filers = code.map(|code| roster.filers(code, last_year, month));
        let filers = filers.map_or(vec![None], |it| it.into_iter().map(Some).collect());
        compared.extend(filers.into_iter().map(|filer| (form, filer, last_year)));
    }
    compared
}
