//! The three tables of the lake, each as the list of its columns.

use std::collections::BTreeMap;

use arrow::array::ArrayRef;
use arrow::record_batch::RecordBatch;
use chrono::NaiveDate;

use super::{Checked, Unreadable, builders};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::findings::Finding;
use crate::project::lake::Table;
use crate::stages::parse::Figure;

/// One row of `submissions`, whatever it came from.
struct Submission<'a> {
    id: &'a str,
    sha256: &'a str,
    file_name: &'a str,
    received_at: chrono::DateTime<chrono::Utc>,
    report: Option<&'a Checked>,
    errors: usize,
}

impl Submission<'_> {
    fn state(&self) -> &'static str {
        self.report.map_or("unreadable", |checked| checked.verdict.state.name())
    }
}

pub(super) fn submissions(
    period: Option<Period>,
    reports: &[&Checked],
    unread: &[&Unreadable],
) -> RecordBatch {
    let rows: Vec<Submission<'_>> = reports
        .iter()
        .map(|checked| of_report(checked))
        .chain(unread.iter().map(|book| of_unreadable(book)))
        .collect();
    let day = period.map(Period::first_day);
    let all = || rows.iter();
    let texts = |get: fn(&Checked) -> Option<&str>| {
        builders::texts(rows.iter().map(move |row| row.report.and_then(get)))
    };
    let columns = vec![
        builders::text(all().map(|row| row.id)),
        builders::text(all().map(|row| row.sha256)),
        builders::text(all().map(|row| row.file_name)),
        texts(|it| Some(&it.candidate.report.form)),
        texts(|it| it.verdict.edition.as_deref()),
        texts(|it| it.verdict.credit_code.as_deref()),
        texts(|it| it.candidate.report.firm_name.as_ref().map(|found| found.value.as_str())),
        builders::dates(all().map(|_| day)),
        builders::instants(all().map(|row| row.received_at)),
        builders::integers(all().map(|row| row.report.map_or(1, |it| it.revision.number))),
        texts(|it| Some(it.candidate.report.layout.name())),
        builders::text(all().map(Submission::state)),
        builders::integers(all().map(|row| count(row.errors))),
        builders::integers(all().map(|row| count(row.report.map_or(0, |it| it.verdict.queries)))),
        texts(|it| it.verdict.explanation.as_deref()),
        builders::dates(all().map(|row| row.report.and_then(reported_on))),
        builders::booleans(all().map(|row| row.report.is_some_and(|it| it.revision.is_current))),
        builders::booleans(all().map(|row| row.report.is_some_and(|it| it.revision.has_counted))),
    ];
    batch(Table::Submissions, columns)
}

fn of_report(checked: &Checked) -> Submission<'_> {
    Submission {
        id: &checked.candidate.submission_id,
        sha256: &checked.sha256,
        file_name: &checked.candidate.file_name,
        received_at: checked.candidate.received_at,
        report: Some(checked),
        errors: checked.verdict.errors,
    }
}

fn of_unreadable(book: &Unreadable) -> Submission<'_> {
    Submission {
        id: &book.submission_id,
        sha256: &book.sha256,
        file_name: &book.file_name,
        received_at: book.received_at,
        report: None,
        errors: book.findings.len(),
    }
}

fn reported_on(checked: &Checked) -> Option<NaiveDate> {
    checked.candidate.report.reported_on.as_ref().map(|found| found.value)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The figures of all revisions, by form; reports without a month or a firm have none.
pub(super) fn observations(
    period: Option<Period>,
    reports: &[&Checked],
) -> BTreeMap<String, RecordBatch> {
    let mut by_form: BTreeMap<String, Vec<(&Checked, &str, &Figure)>> = BTreeMap::new();
    let Some(period) = period else { return BTreeMap::new() };
    for checked in reports {
        let Some(code) = checked.verdict.credit_code.as_deref() else { continue };
        let rows = by_form.entry(checked.candidate.report.form.clone()).or_default();
        rows.extend(checked.candidate.report.figures.iter().map(|figure| (*checked, code, figure)));
    }
    by_form.into_iter().map(|(form, rows)| (form, observation_batch(period, &rows))).collect()
}

fn observation_batch(period: Period, rows: &[(&Checked, &str, &Figure)]) -> RecordBatch {
    let all = || rows.iter().copied();
    let day = period.first_day();
    batch(
        Table::Observations,
        vec![
            builders::dates(all().map(|_| Some(day))),
            builders::text(all().map(|(checked, _, _)| checked.candidate.report.form.as_str())),
            builders::text(all().map(|(_, code, _)| code)),
            builders::text(all().map(|(_, _, figure)| figure.item.as_str())),
            builders::text(all().map(|(_, _, figure)| figure.measure.name())),
            builders::values(all().map(|(_, _, figure)| figure.canonical())),
            builders::text(all().map(|(_, _, figure)| {
                if figure.unit.is_money() { "元" } else { figure.unit.name() }
            })),
            builders::text(all().map(|(checked, _, _)| checked.candidate.submission_id.as_str())),
            builders::text(all().map(|(checked, _, _)| checked.candidate.report.sheet.as_str())),
            builders::made(all().map(|(_, _, figure)| Some(figure.cell.to_string()))),
            builders::instants(all().map(|(checked, _, _)| checked.candidate.received_at)),
        ],
    )
}

/// One row of `findings`: the submission's keys and the finding.
struct Row<'a> {
    id: &'a str,
    report: Option<&'a Checked>,
    finding: &'a Finding,
}

pub(super) fn findings(
    period: Option<Period>,
    reports: &[&Checked],
    unread: &[&Unreadable],
) -> RecordBatch {
    let mut rows = Vec::new();
    for checked in reports {
        let id = checked.candidate.submission_id.as_str();
        let each = checked.verdict.findings.iter();
        rows.extend(each.map(|finding| Row { id, report: Some(checked), finding }));
    }
    for book in unread {
        let each = book.findings.iter();
        rows.extend(each.map(|finding| Row { id: &book.submission_id, report: None, finding }));
    }
    let day = period.map(Period::first_day);
    let all = || rows.iter();
    let of = || rows.iter().map(|row| row.finding);
    batch(
        Table::Findings,
        vec![
            builders::text(all().map(|row| row.id)),
            builders::text(of().map(|it| it.code.as_str())),
            builders::text(of().map(|it| it.severity.name())),
            builders::made(all().map(|row| row.report.map(|it| it.candidate.report.form.clone()))),
            builders::made(
                all().map(|row| row.report.and_then(|it| it.verdict.credit_code.clone())),
            ),
            builders::dates(all().map(|_| day)),
            builders::texts(of().map(|it| it.item.as_deref())),
            builders::texts(of().map(|it| it.measure.map(Measure::name))),
            builders::texts(of().map(|it| it.sheet.as_deref())),
            builders::made(of().map(|it| it.cell.map(|cell| cell.to_string()))),
            builders::texts(of().map(|it| it.value.as_deref())),
            builders::texts(of().map(|it| it.expected.as_deref())),
            builders::text(of().map(|it| it.message.zh.as_str())),
            builders::text(of().map(|it| it.message.en.as_str())),
            builders::text(of().map(|it| it.hint.zh.as_str())),
            builders::text(of().map(|it| it.hint.en.as_str())),
        ],
    )
}

fn batch(table: Table, columns: Vec<ArrayRef>) -> RecordBatch {
    RecordBatch::try_new(table.schema(), columns)
        .expect("the columns are listed in the schema's order")
}
