//! The workbooks of a partition as reports that ask to be counted.
//!
//! In: what the archive holds of a month. Out: a candidate for each report of each receipt, with what
//! its workbook says about it, and what nobody could read. The same bytes received several times are
//! parsed once. A workbook whose bytes are no longer those received is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::iter;
use std::sync::Arc;

use rayon::prelude::*;

use super::intake;
use super::plan::Work;
use super::{RunError, Site};
use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files;
use crate::project::seeds::roster::Roster;
use crate::stages::archive::{self, Entry};
use crate::stages::normalize::Unreadable;
use crate::stages::parse::{self, Book, Report};
use crate::stages::validate::Candidate;

/// What a report's workbook says about it.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Whether it also holds the form of the same month of the next year.
    pub is_enclosed: bool,
}

/// A workbook with its receipts, in the order they came.
pub(super) struct Parsed<'a> {
    entries: Vec<&'a Entry>,
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
    let mut receipts: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &work.entries {
        receipts.entry(&entry.sha256).or_default().push(entry);
    }
    let mut take = |sha256: &str| {
        let is_last = |book: &Book| intake::partitions(book).iter().all(|it| *it <= work.partition);
        if books.get(sha256).is_some_and(is_last) {
            return books.remove(sha256);
        }
        books.get(sha256).cloned()
    };
    let known: Vec<_> =
        receipts.into_iter().map(|(sha256, entries)| (sha256, entries, take(sha256))).collect();
    let read = known.into_par_iter().map(|(sha256, entries, book)| {
        if let Some(book) = book {
            return Ok(Parsed { entries, book });
        }
        let limits = &project.settings.limits;
        let first = entries.first().expect("a hash is listed with its first receipt");
        let path = first.path(&archive, work.partition);
        let mut start = files::read_start(&path, limits.file_bytes)?;
        if start.digest(&path)?.0 != sha256 {
            return Err(RunError::Altered { path });
        }
        Ok(Parsed { entries, book: parse::read(&start.bytes, &project.forms, limits) })
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
    let mut elsewhere: BTreeMap<Partition, Vec<&Entry>> = BTreeMap::new();
    for Parsed { entries, book } in books.iter().filter(|it| !it.book.reports.is_empty()) {
        for other in intake::partitions(book).into_iter().filter(|other| *other != partition) {
            elsewhere.entry(other).or_default().extend(entries);
        }
    }
    let mut shared = 0;
    for (other, entries) in elsewhere {
        shared += archive::share(&site.output.archive(), (partition, other), &entries)?;
    }
    Ok(shared)
}

/// One receipt of a workbook.
struct Copy<'a> {
    entry: &'a Entry,
    /// How many times the same bytes have come with it, from 1.
    number: usize,
    book: Book,
    /// The forms, firms and months that the workbook holds for comparison.
    compared: Arc<Compared>,
    /// Whether it holds one report only.
    is_alone_in_file: bool,
}

type Compared = BTreeSet<(String, Option<String>, Period)>;

/// The reports of the month as candidates with their origin, and what nobody could read.
pub(super) fn sort_out(
    period: Option<Period>,
    books: Vec<Parsed<'_>>,
    roster: &Roster,
) -> (Vec<(Origin, Candidate)>, Vec<Unreadable>) {
    let mut candidates = Vec::new();
    let mut unreadable = Vec::new();
    for mut copy in books.into_iter().flat_map(|parsed| copies(parsed, roster)) {
        if copy.book.reports.is_empty() {
            unreadable.push(Unreadable {
                submission_id: copy.submission_id(1),
                sha256: copy.entry.sha256.clone(),
                file_name: copy.entry.file_name().to_owned(),
                received_at: copy.entry.received_at,
                findings: copy.book.findings,
            });
            continue;
        }
        // What concerns the workbook as a whole is said once, with its first report.
        let said = std::mem::take(&mut copy.book.findings);
        if let Some(first) = copy.book.reports.first_mut() {
            first.findings.splice(0..0, said);
        }
        let reports = std::mem::take(&mut copy.book.reports);
        let numbered = (1..).zip(reports).filter(|(_, report)| month_of(report) == period);
        candidates.extend(numbered.map(|(number, report)| copy.candidate(number, report)));
    }
    (candidates, unreadable)
}

fn copies<'a>(
    Parsed { entries, book }: Parsed<'a>,
    roster: &Roster,
) -> impl Iterator<Item = Copy<'a>> {
    let compared = Arc::new(compared(&book.reports, roster));
    let is_alone_in_file = book.reports.len() == 1;
    let books = iter::repeat_n(book, entries.len());
    (1..).zip(entries).zip(books).map(move |((number, entry), book)| Copy {
        entry,
        number,
        book,
        compared: Arc::clone(&compared),
        is_alone_in_file,
    })
}

/// What a workbook holds beside the same month of the next year: of the firm, and of those that it
/// goes on from.
fn compared(reports: &[Report], roster: &Roster) -> Compared {
    let before = |report: &Report| {
        let (form, code) = family(report);
        let month = month_of(report)?;
        let last_year = month.months_before(12)?;
        let filers = match code.as_deref() {
            Some(code) => roster.filers(code, last_year, month).into_iter().map(Some).collect(),
            None => vec![None],
        };
        let filers = filers.into_iter().map(|code| code.map(str::to_owned));
        Some(filers.map(|code| (form.clone(), code, last_year)).collect::<Vec<_>>())
    };
    reports.iter().filter_map(before).flatten().collect()
}

impl Copy<'_> {
    fn candidate(&self, number: usize, report: Report) -> (Origin, Candidate) {
        let (form, code) = family(&report);
        let is_enclosed =
            month_of(&report).is_some_and(|month| self.compared.contains(&(form, code, month)));
        let candidate = Candidate {
            submission_id: self.submission_id(number),
            file_name: self.entry.file_name().to_owned(),
            is_alone_in_file: self.is_alone_in_file,
            received_at: self.entry.received_at,
            report,
        };
        (Origin { sha256: self.entry.sha256.clone(), is_enclosed }, candidate)
    }

    /// The bytes, which report of theirs, and from the second receipt on which.
    fn submission_id(&self, report: usize) -> String {
        let prefix = self.entry.sha256.get(..16).unwrap_or(&self.entry.sha256);
        match self.number {
            1 => format!("{prefix}-{report}"),
            again => format!("{prefix}-{report}.{again}"),
        }
    }
}

fn family(report: &Report) -> (String, Option<String>) {
    let code = report.credit_code.as_ref().map(|found| found.value.clone());
    (report.form.clone(), code)
}

fn month_of(report: &Report) -> Option<Period> {
    report.period.as_ref().map(|found| found.value)
}
