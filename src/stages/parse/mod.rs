//! Parse: from the bytes of a workbook to the reports found in it.
//!
//! In: bytes, the forms of the project, limits. Out: a plain value that could cross a process
//! boundary. Never fails: what cannot be read becomes a finding. Nothing is looked up, nothing is
//! judged by content; a figure is the number as typed and its unit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::domain::cell::Cell;
use crate::domain::entry::Entry;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::domain::unit::Unit;
use crate::domain::words::words;
use crate::findings::{Code, Finding, Severity};
use crate::lake::counted::Figures;
use crate::project::forms::Form;
use crate::project::settings::Limits;
use crate::texts::Text;

mod archive;
mod blocks;
mod columns;
mod compound;
mod figures;
mod format;
mod grid;
mod header;
mod labels;
mod ledger;
mod number_format;
mod plain;
mod recognise;
mod rows;
mod sheet;
mod stack;
mod table;
mod tags;
mod trouble;
mod workbook;

use recognise::RecognisedSheet;
pub use trouble::{Bound, Foreign};

/// What a workbook held.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Book {
    /// The kind of file by its bytes (`xlsx`, `xlsb`, `xls`, `ods`); `None` when it is no workbook.
    pub format: Option<Format>,
    /// One report per form, firm and month found, in the order of sheets and rows.
    pub reports: Vec<Report>,
    /// Findings about the workbook as a whole: ignored and hidden sheets, or why nothing was read.
    pub findings: Vec<Finding>,
}

/// The kinds of workbook that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Office Open XML, with or without macros.
    Xlsx,
    /// Office Open XML, binary.
    Xlsb,
    /// BIFF5 or BIFF8 in a compound file.
    Xls,
    /// `OpenDocument`.
    Ods,
}

words! {
    /// How the figures stood in the sheet.
    #[derive(Deserialize)]
    Layout {
        /// One firm, one month.
        Sheet = "sheet",
        /// The bureau-side export: many firms, one a row.
        Table = "table",
        /// A running list of the bureau's: free rows.
        Ledger = "ledger",
    }
}

/// One firm's form for one month, as found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The form's number.
    pub form: String,
    /// How the figures stood.
    pub layout: Layout,
    /// The sheet they stood in.
    pub sheet: String,
    /// The document number as typed (文号), squeezed; names the edition.
    pub document: Option<Found<String>>,
    /// The credit code as typed, squeezed.
    pub credit_code: Option<Found<String>>,
    /// The firm's name as typed, tidied.
    pub firm_name: Option<Found<String>>,
    /// The month reported.
    pub period: Option<Found<Period>>,
    /// The firm's explanation (核实说明), tidied; `None` when empty.
    pub explanation: Option<Found<String>>,
    /// The day the firm says it reported.
    pub reported_on: Option<Found<NaiveDate>>,
    /// Every figure, in the order of the sheet.
    pub figures: Vec<Figure>,
    /// The rows of a ledger, in the order of the sheet, each key once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<LedgerRecord>,
    /// Where the columns of a ledger stand, zero-based, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, u32>,
    /// What rows with a firm's code are called on the form, squeezed, by item.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub row_names: BTreeMap<String, String>,
    /// What could not be read of it.
    pub findings: Vec<Finding>,
    /// Whether the sheet's name speaks of it: every report of the sheet is of one month.
    pub is_named_by_sheet: bool,
}

impl Report {
    /// The month reported.
    pub fn month(&self) -> Option<Period> {
        self.period.as_ref().map(|found| found.value)
    }

    /// The credit code as typed.
    pub fn code(&self) -> Option<&str> {
        self.credit_code.as_ref().map(|found| found.value.as_str())
    }

    /// The canonical figures; of two that bear the same item and measure the first stands.
    pub fn canonical(&self) -> Figures {
        let is_export = self.layout == Layout::Table;
        let mut figures = Figures { is_export, ..Figures::default() };
        for figure in self.figures.iter().rev() {
            figures.insert(&figure.item, figure.measure, figure.canonical());
        }
        figures
    }

    /// Whether nothing stands where figures of this year belong, not even what is no number: last year's
    /// are filled in for the firm beforehand. A ledger is blank without a row.
    fn is_blank(&self) -> bool {
        if self.layout == Layout::Ledger {
            let is_error = |finding: &Finding| finding.severity == Severity::Error;
            return self.records.is_empty() && !self.findings.iter().any(is_error);
        }
        // A row that is not known bears figures all the same; without its column a figure may stand
        // anywhere.
        let unknown = [Code::RowIgnored, Code::RowCode].map(Code::id);
        let is_of_figures = |finding: &Finding| {
            let is_unknown = finding.cell.is_some() && unknown.contains(&finding.code.as_str());
            finding.measure.is_some() || is_unknown
        };
        !self.figures.iter().any(|it| it.measure.is_current())
            && !self.findings.iter().any(is_of_figures)
    }
}

/// A value and the cell it stood in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Where it stood.
    pub cell: Cell,
}

/// One number of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The item: `output`, or `industry:3714` for a row of an open group.
    pub item: String,
    /// The column.
    pub measure: Measure,
    /// The number as typed, in `unit`.
    pub number: Decimal,
    /// The unit it was typed in.
    pub unit: Unit,
    /// Where it stood.
    pub cell: Cell,
}

impl Figure {
    /// The value in yuan to the fen, or the quantity to six decimals; `parse` lets no figure pass
    /// that the lake cannot hold.
    pub fn canonical(&self) -> Decimal {
        self.unit.canonical(self.number).unwrap_or_default()
    }
}

/// A row of a ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRecord {
    /// Its zero-based row in the sheet.
    pub row: u32,
    /// What it is known by: what stands in the columns of the key.
    pub key: String,
    /// What stands in it, by column; a column left blank is not there.
    pub entries: BTreeMap<String, Found<Entry>>,
}

impl LedgerRecord {
    /// What stands in a column.
    pub fn get(&self, column: &str) -> Option<&Entry> {
        self.entries.get(column).map(|found| &found.value)
    }
}

/// Reads a workbook: every sheet that is a known form, and notes on the others.
///
/// Bytes that are no workbook, are encrypted, damaged or larger than the limits give a book without
/// reports and one finding of severity error that says so.
pub fn read(bytes: &[u8], forms: &BTreeMap<String, Form>, limits: &Limits) -> Book {
    let refused = |format, trouble: &trouble::Trouble| Book {
        format,
        reports: Vec::new(),
        findings: vec![trouble.finding()],
    };
    let (format, codepage, parts) = match format::sniff(bytes, limits) {
        Ok(known) => known,
        Err(trouble) => return refused(None, &trouble),
    };
    let plain = plain::read(&parts, limits);
    let load = || workbook::load(bytes, (format, codepage), limits);
    match plain.map_or_else(load, Ok) {
        Ok(workbook) => reports(format, workbook, forms),
        Err(trouble) => refused(Some(format), &trouble),
    }
}

fn reports(format: Format, workbook: workbook::Workbook, forms: &BTreeMap<String, Form>) -> Book {
    let mut book = Book { format: Some(format), reports: Vec::new(), findings: workbook.findings };
    let mut blank = Vec::new();
    for sheet in workbook.sheets {
        let mut found = reports_of(sheet, forms, &mut book.findings);
        blank.extend(found.extract_if(.., |report| report.is_blank()));
        let months: BTreeSet<Option<Period>> = found.iter().map(Report::month).collect();
        for report in &mut found {
            report.is_named_by_sheet = months.len() == 1;
        }
        book.reports.extend(found);
    }
    let is_nothing_else = book.reports.is_empty();
    book.findings.extend(blank.iter().map(|report| empty(report, is_nothing_else)));
    if is_nothing_else && blank.is_empty() {
        let known: Vec<&str> = forms.keys().map(String::as_str).collect();
        let known = Text { zh: known.join("、"), en: known.join(", ") };
        book.findings.push(Finding::new(Code::NoKnownForm, &[("forms", &known)]));
    }
    book
}

/// The reports of a sheet, from top to bottom; a note on what is no known form.
fn reports_of(
    sheet: grid::Sheet,
    forms: &BTreeMap<String, Form>,
    findings: &mut Vec<Finding>,
) -> Vec<Report> {
    let name = sheet.name.clone();
    let mut reports: Vec<Report> = Vec::new();
    for part in stack::split(sheet, forms) {
        let above = reports.last();
        let found = match recognise::recognise(&part, forms) {
            Some(RecognisedSheet::Sheet(form)) if form.is_ledger() => {
                vec![ledger::read(&part, form)]
            }
            Some(RecognisedSheet::Sheet(form)) => sheet::read(part, form, above),
            Some(RecognisedSheet::Table(form, layout, headings)) => {
                table::read(&part, form, layout, headings)
            }
            // Below a form, headings with a month or a code are another one of it.
            None => match above.and_then(|above| forms.get(&above.form)) {
                Some(form) => sheet::read(part, form, above),
                None => Vec::new(),
            },
        };
        if found.is_empty() {
            let note = Finding::new(Code::SheetIgnored, &[("sheet", &Text::same(&name))]);
            findings.push(note.at(&name, None));
        }
        reports.extend(found);
    }
    reports
}

/// That a form bears no figure: a note, an error where it is all the workbook holds.
fn empty(report: &Report, is_nothing_else: bool) -> Finding {
    let arguments = [("sheet", &Text::same(&report.sheet)), ("form", &Text::same(&report.form))];
    let mut finding = Finding::new(Code::EmptyForm, &arguments);
    if is_nothing_else {
        finding.severity = Severity::Error;
    }
    let period = report.period.as_ref().map(|found| found.cell);
    let cell = period.or(report.credit_code.as_ref().map(|found| found.cell));
    finding.at(&report.sheet, cell)
}
