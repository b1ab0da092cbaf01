//! The workbooks of a partition as reports that ask to be counted.
//!
//! In: what the archive holds of a month. Out: a candidate for each report of each receipt, with what
//! its workbook says about it, and what nobody could read. The same bytes received several times are
//! parsed once, and not again where what was read is kept. A workbook that is opened and whose bytes are no
//! longer those received is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rayon::prelude::*;

use super::intake;
use super::parsed::Shelf;
use super::plan::Work;
use super::{RunError, Site};
use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files::{self, FileError, Start};
use crate::project::seeds::roster::Roster;
use crate::stages::archive::{self, Receipt, Register};
use crate::stages::normalize::Unreadable;
use crate::stages::parse::{self, Book, Report};
use crate::stages::validate::{Candidate, Submission};

/// A workbook with its receipts, in the order they came.
pub(super) struct Parsed<'a> {
    sha256: &'a str,
    receipts: Vec<&'a Receipt>,
    book: Book,
    is_kept: bool,
}

/// The workbooks of a partition; those just taken in are not opened again, nor, unless all is done anew,
/// those of which is kept what was read. Each is let go with the last partition it belongs on:
/// partitions are done in their order.
pub(super) fn read<'a>(
    site: &Site<'_>,
    work: &'a Work,
    books: &mut BTreeMap<String, Book>,
    is_anew: bool,
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
    let shelf = Shelf::of(site, work.partition);
    let is_looked_up = !is_anew && known.iter().any(|(_, _, book)| book.is_none());
    let mut kept = if is_looked_up { shelf.books()? } else { BTreeMap::new() };
    let known = known.into_iter().map(|(sha256, receipts, book)| {
        let kept = kept.remove(sha256);
        (sha256, receipts, kept.is_some(), kept.or(book))
    });
    let known: Vec<_> = known.collect();
    let read = known.into_par_iter().map(|(sha256, receipts, is_kept, book)| {
        if let Some(book) = book {
            return Ok(Parsed { sha256, receipts, book, is_kept });
        }
        let limits = &project.settings.limits;
        let first = receipts.first().expect("a hash is listed with its first receipt");
        let start = open(&archive, work.partition, first, limits.file_bytes)?;
        let book = parse::read(&start.bytes, &project.forms, limits);
        Ok(Parsed { sha256, receipts, book, is_kept })
    });
    let read: Vec<Parsed<'_>> = read.collect::<Result<_, RunError>>()?;
    let new: BTreeSet<&str> = read.iter().filter(|it| !it.is_kept).map(|it| it.sha256).collect();
    if !new.is_empty() {
        let books: Vec<(&str, &Book)> = read.iter().map(|it| (it.sha256, &it.book)).collect();
        shelf.keep(&books, &new)?;
    }
    Ok(read)
}

/// The beginning of an archived workbook, all of whose bytes give its hash.
fn open(
    archive: &Path,
    partition: Partition,
    receipt: &Receipt,
    bytes_max: u64,
) -> Result<Start, RunError> {
    let path = receipt.path(archive, partition);
    let mut start = files::read_start(&path, bytes_max)?;
    if start.digest(&path)?.0 == receipt.sha256 {
        Ok(start)
    } else {
        Err(RunError::Altered { path })
    }
}

/// Reads every byte of the archive; what of it is no longer what was received, or cannot be read.
pub fn damage(archive: &Path) -> Result<Vec<RunError>, FileError> {
    let mut damage = Vec::new();
    for partition in archive::partitions(archive)? {
        let looked: Vec<_> = match archive::entries(archive, partition) {
            Ok(entries) => {
                entries.par_iter().filter_map(|it| open(archive, partition, it, 0).err()).collect()
            }
            Err(error) => vec![error.into()],
        };
        damage.extend(looked);
    }
    Ok(damage)
}

/// Puts workbooks on every partition they belong on by now: a form that was added, or a program that reads
/// more, finds months in them that nobody saw when they came. Says how many receipts were put anywhere.
pub(super) fn share(
    site: &Site<'_>,
    partition: Partition,
    books: &[Parsed<'_>],
) -> Result<usize, RunError> {
    let mut elsewhere: BTreeMap<Partition, Vec<&Receipt>> = BTreeMap::new();
    for Parsed { receipts, book, .. } in books.iter().filter(|it| !it.book.reports.is_empty()) {
        for other in intake::partitions(book).into_iter().filter(|other| *other != partition) {
            elsewhere.entry(other).or_default().extend(receipts);
        }
    }
    let (mut shared, mut register) = (0, Register::new(site.output.archive()));
    for (other, receipts) in elsewhere {
        shared += register.share((partition, other), &receipts)?;
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
    for Parsed { receipts, book, .. } in books {
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
