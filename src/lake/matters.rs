//! What was sent and does not count: each report or workbook with what stands against it, who sent it,
//! and whether something later has settled it.
//!
//! In: roster, settings and the lake. Out: one [`Matter`] each, gravest first. A report that does not
//! count is a matter also where an older revision of it goes on counting meanwhile.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::rows::{self, SubmissionRow, SubmissionState};
use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::domain::text;
use crate::domain::words::words;
use crate::files::parquet::TableError;
use crate::findings::{Finding, Severity};
use crate::project::Project;
use crate::project::seeds::roster::Firm;
use crate::texts::{self, Text};

words! {
    /// What kind of thing is open.
    MatterKind {
        /// The report has to be corrected.
        Refused = "refused",
        /// Nobody knows whose report it is, or for which month.
        Unassigned = "unassigned",
        /// Nothing in the workbook could be read.
        Unreadable = "unreadable",
        /// Another report of the firm for the month says otherwise.
        Conflict = "conflict",
        /// The report waits for an explanation, or for the bureau.
        Queried = "queried",
    }
}

/// A report or a workbook that does not count.
#[derive(Clone, Debug)]
pub struct Matter {
    /// What it is.
    pub kind: MatterKind,
    /// The report or workbook.
    pub submission: SubmissionRow,
    /// The firm of the roster it is of, as far as code, name or file name tell.
    pub credit_code: Option<String>,
    /// Its month; where it bears none, the month that firms reported for when it was received.
    pub month: Option<Period>,
    /// Whether another revision of the report counts meanwhile.
    pub is_correction: bool,
    /// Whether something later took its place.
    pub is_settled: bool,
    /// What stands against it, gravest first: no notes, no query that an explanation lifts.
    pub findings: Vec<Finding>,
}

impl Matter {
    /// The firm of the roster it is of.
    pub fn firm<'a>(&self, project: &'a Project) -> Option<&'a Firm> {
        let code = self.credit_code.as_ref()?;
        let roster = &project.seeds.roster;
        self.month.and_then(|month| roster.at(code, month)).or_else(|| roster.newest(code))
    }

    /// The number (文号) of the form that jobs/forms lacks, where that is what holds it.
    pub fn unknown_document(&self) -> Option<&str> {
        let is_of_edition = |it: &&Finding| it.code == EDITION && it.severity == Severity::Query;
        self.findings.iter().find(is_of_edition)?.value.as_deref()
    }
}

/// The code whose queries say that a document number is unknown.
const EDITION: &str = "H2";

/// The code of reports that conflict with another.
const CONFLICT: &str = "R1";

/// All that does not count of what was sent, gravest and newest first.
pub fn of(
    project: &Project,
    lake: &Path,
    sent: &[SubmissionRow],
) -> Result<Vec<Matter>, TableError> {
    let reading = Reading::new(project, sent);
    let mut findings: BTreeMap<String, Vec<rows::FindingRow>> = BTreeMap::new();
    let mut matters = Vec::new();
    for it in sent.iter().filter(|it| it.state != SubmissionState::Accepted) {
        let of_month = match findings.entry(Partition::of(it.period).to_string()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let read = rows::findings(lake, new.key())?;
                new.insert(read)
            }
        };
        let its = of_month.iter().filter(|of| of.submission_id == it.submission_id);
        matters.push(reading.matter(it, its.map(|of| of.finding.clone()).collect()));
    }
    matters.sort_by_cached_key(|it| {
        (it.kind, Reverse(it.month), it.credit_code.clone(), it.submission.received_at)
    });
    Ok(matters)
}

/// A document number (文号) that jobs/forms lacks: the bureau's to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnknownDocument {
    /// The form.
    pub form: String,
    /// The number as printed.
    pub document: String,
    /// Open reports that bear it.
    pub reports: usize,
    /// The first year they are about: what the edition is to be called.
    pub edition: i32,
}

impl UnknownDocument {
    /// What is so, and the lines to add.
    pub fn text(&self) -> Text {
        let Self { form, document, reports, edition } = self;
        texts::text("alert.unknown_document").fill(&[
            ("form", &Text::same(form)),
            ("document", &Text::same(document)),
            ("reports", &Text::same(reports.to_string())),
            ("edition", &Text::same(edition.to_string())),
        ])
    }
}

/// The document numbers that jobs/forms lacks, by form and number.
pub fn unknown_documents(matters: &[Matter]) -> Vec<UnknownDocument> {
    let mut bearing: BTreeMap<(&str, &str), Vec<i32>> = BTreeMap::new();
    for matter in matters.iter().filter(|matter| !matter.is_settled) {
        let key = matter.submission.form.as_deref().zip(matter.unknown_document());
        let year = matter.month.map_or(0, Period::year);
        if let Some(key) = key {
            bearing.entry(key).or_default().push(year);
        }
    }
    let unknown = |((form, document), years): ((&str, &str), Vec<i32>)| UnknownDocument {
        form: form.to_owned(),
        document: document.to_owned(),
        reports: years.len(),
        edition: years.into_iter().min().unwrap_or_default(),
    };
    bearing.into_iter().map(unknown).collect()
}

/// A report's form, firm and month.
type Family<'a> = (&'a str, &'a str, Period);

/// Everything that was sent, as one looks things up in it.
struct Reading<'a> {
    project: &'a Project,
    sent: &'a [SubmissionRow],
    families: BTreeMap<Family<'a>, Vec<&'a SubmissionRow>>,
}

impl<'a> Reading<'a> {
    fn new(project: &'a Project, sent: &'a [SubmissionRow]) -> Self {
        let mut families: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (family, it) in sent.iter().filter_map(|it| Some((family(it)?, it))) {
            families.entry(family).or_default().push(it);
        }
        Self { project, sent, families }
    }

    fn matter(&self, of: &SubmissionRow, mut findings: Vec<Finding>) -> Matter {
        let firms = &self.project.seeds.roster.firms;
        let is_known = of.credit_code.as_ref().is_some_and(|code| firms.contains_key(code));
        self.weigh(of, &mut findings);
        let kind = match of.state {
            SubmissionState::Unreadable => MatterKind::Unreadable,
            _ if !is_known || of.period.is_none() => MatterKind::Unassigned,
            SubmissionState::Queried if findings.iter().any(|it| it.code == CONFLICT) => {
                MatterKind::Conflict
            }
            SubmissionState::Queried => MatterKind::Queried,
            SubmissionState::Refused | SubmissionState::Accepted => MatterKind::Refused,
        };
        let family = family(of).and_then(|family| self.families.get(&family));
        let family = family.map(Vec::as_slice).unwrap_or_default();
        let mut matter = Matter {
            kind,
            submission: of.clone(),
            credit_code: if is_known { of.credit_code.clone() } else { self.firm_by_name(of) },
            month: of.period.or_else(|| self.open_month(of.received_at)),
            is_correction: family.iter().any(|it| it.is_current),
            is_settled: false,
            findings,
        };
        matter.is_settled = self.is_settled(&matter, family);
        matter
    }

    /// Leaves of the findings what stands against a report: what no explanation lifts goes first.
    fn weigh(&self, of: &SubmissionRow, findings: &mut Vec<Finding>) {
        findings.retain(|it| it.severity != Severity::Note);
        let explanation = of.explanation.as_deref().unwrap_or_default();
        let chars = explanation.chars().filter(|letter| !letter.is_whitespace()).count();
        let is_explained = self.project.settings.checks.explanation_chars_min <= chars;
        if is_explained && !findings.iter().any(Finding::is_held) {
            findings.retain(|it| it.severity == Severity::Error);
        }
        findings.sort_by_key(|it| (it.severity, it.is_explainable));
    }

    /// The last month that had ended when something was received.
    fn open_month(&self, received_at: DateTime<Utc>) -> Option<Period> {
        let zone = self.project.settings.time_zone;
        Period::of(received_at.with_timezone(&zone).date_naive())?.months_before(1)
    }

    /// The firm whose name stands on the form, or whose name or code in the file's name.
    fn firm_by_name(&self, of: &SubmissionRow) -> Option<String> {
        let firms = &self.project.seeds.roster.firms;
        let spells = || firms.values().flatten();
        let named = spells().find(|firm| of.firm_name.as_ref() == Some(&firm.name));
        let is_in_name = |firm: &&Firm| {
            of.file_name.contains(&firm.name) || of.file_name.contains(&firm.credit_code)
        };
        // The longest: a name may contain another.
        let in_name = || spells().filter(is_in_name).max_by_key(|firm| firm.name.len());
        named.or_else(in_name).map(|firm| firm.credit_code.clone())
    }

    /// Whether something later took its place.
    fn is_settled(&self, matter: &Matter, family: &[&SubmissionRow]) -> bool {
        let received_at = matter.submission.received_at;
        if !matches!(matter.kind, MatterKind::Unassigned | MatterKind::Unreadable) {
            let mut later = family.iter().filter(|it| received_at < it.received_at);
            return later.any(|it| self.replaces(it, received_at));
        }
        let is_named = |it: &SubmissionRow| {
            it.file_name == matter.submission.file_name && self.is_its_name(matter, it)
        };
        let is_its = |it: &&SubmissionRow| {
            let is_of_firm = it.credit_code.is_some() && it.credit_code == matter.credit_code;
            let form = matter.submission.form.as_ref();
            let is_of_form = form.is_none() || it.form.as_ref() == form;
            let month = it.period.or_else(|| self.open_month(it.received_at));
            received_at < it.received_at
                && month == matter.month
                && (is_named(it) || is_of_firm && is_of_form)
        };
        self.sent.iter().filter(is_its).any(|it| {
            it.state == SubmissionState::Accepted || is_named(it) && self.replaces(it, received_at)
        })
    }

    /// Whether a name that both bear says that they are of one firm. Where nobody knows the firm of the
    /// first, it does unless it says no more than form and month (`B204-1.xlsx`), as any firm's may.
    fn is_its_name(&self, matter: &Matter, later: &SubmissionRow) -> bool {
        let firms = &self.project.seeds.roster.firms;
        let known = later.credit_code.as_ref().filter(|code| firms.contains_key(*code));
        if let Some(own) = &matter.credit_code {
            return known.is_none_or(|other| own == other);
        }
        let stem = Path::new(&later.file_name).file_stem().unwrap_or_default();
        let forms = self.project.forms.values();
        let printed = forms.flat_map(|it| it.recognise.numbers.iter().chain(&it.recognise.titles));
        let name = printed.fold(bare(&stem.to_string_lossy()), |name, printed| {
            name.replace(&bare(printed.squeezed()), "")
        });
        name.contains(|letter: char| letter.is_alphabetic() && !"年月日报表".contains(letter))
    }

    /// Whether a later report takes the place of one that does not count. What the bureau exported and
    /// what was only enclosed settle nothing, unless they count; what came at the same time stands beside.
    fn replaces(&self, later: &SubmissionRow, received_at: DateTime<Utc>) -> bool {
        let same_time = self.project.settings.checks.same_time_seconds;
        match later.state {
            SubmissionState::Accepted => {
                let is_exported = later.layout.as_deref() == Some("table");
                later.has_counted || !is_exported && !self.is_enclosed(later)
            }
            _ => received_at + TimeDelta::seconds(same_time.into()) < later.received_at,
        }
    }

    /// Whether a report is last year's beside this year's in one workbook.
    fn is_enclosed(&self, report: &SubmissionRow) -> bool {
        let Some((form, firm, month)) = family(report) else { return false };
        let Some(next) = Period::new(month.year() + 1, month.month()) else { return false };
        let beside = self.families.get(&(form, firm, next)).into_iter().flatten();
        beside.into_iter().any(|other| other.sha256 == report.sha256)
    }
}

/// Letters and digits alone, as capitals.
fn bare(name: &str) -> String {
    let mut bare = text::squeeze(name).to_uppercase();
    bare.retain(char::is_alphanumeric);
    bare
}

fn family(sent: &SubmissionRow) -> Option<Family<'_>> {
    Some((sent.form.as_deref()?, sent.credit_code.as_deref()?, sent.period?))
}
