//! The tables of the lake, each row as the list of its cells.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::{Checked, Unreadable};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::lake::batch::{Datum, batch};
use crate::project::lake::Table;
use crate::stages::parse::Layout;
use crate::stages::validate::Submission;

pub(super) fn submissions(
    period: Option<Period>,
    reports: &[&Checked],
    unread: &[&Unreadable],
) -> RecordBatch {
    let read = reports.iter().map(|it| (&it.candidate.submission, Some(*it), it.verdict.errors));
    let unread = unread.iter().map(|it| (&it.submission, None, it.findings.len()));
    batch(Table::Submissions.schema(), read.chain(unread).map(|row| submission(period, row)))
}

fn submission<'a>(
    period: Option<Period>,
    (submission, checked, errors): (&'a Submission, Option<&'a Checked>, usize),
) -> [Datum<'a>; 18] {
    let verdict = checked.map(|it| &it.verdict);
    let report = checked.map(|it| &it.candidate.report);
    let revision = checked.map(|it| it.revision);
    let firm_name = report.and_then(|it| it.firm_name.as_ref());
    let reported_on = report.and_then(|it| it.reported_on.as_ref());
    [
        (&submission.id).into(),
        (&submission.sha256).into(),
        (&submission.file_name).into(),
        report.map(|it| &it.form).into(),
        verdict.and_then(|it| it.edition.as_ref()).into(),
        verdict.and_then(|it| it.credit_code.as_ref()).into(),
        firm_name.map(|found| &found.value).into(),
        period.into(),
        submission.received_at.into(),
        revision.map_or(1, |it| it.number).into(),
        report.map(|it| it.layout.name()).into(),
        verdict.map_or("unreadable", |it| it.state.name()).into(),
        count(errors),
        count(verdict.map_or(0, |it| it.queries)),
        verdict.and_then(|it| it.explanation.as_ref()).into(),
        reported_on.map(|found| found.value).into(),
        revision.is_some_and(|it| it.is_current).into(),
        revision.is_some_and(|it| it.has_counted).into(),
    ]
}

fn count(number: usize) -> Datum<'static> {
    i32::try_from(number).unwrap_or(i32::MAX).into()
}

/// The figures of all revisions, by form; reports without a month or a firm have none.
pub(super) fn observations(
    period: Option<Period>,
    reports: &[&Checked],
) -> BTreeMap<String, RecordBatch> {
    let of_form = |reports: Vec<(&Checked, &str)>| {
        let rows = reports.iter().flat_map(|(checked, code)| {
            let (submission, report) = (&checked.candidate.submission, &checked.candidate.report);
            report.figures.iter().map(move |figure| {
                [
                    period.into(),
                    (&report.form).into(),
                    (*code).into(),
                    (&figure.item).into(),
                    figure.measure.name().into(),
                    figure.canonical().into(),
                    if figure.unit.is_money() { "元" } else { figure.unit.name() }.into(),
                    (&submission.id).into(),
                    (&report.sheet).into(),
                    figure.cell.to_string().into(),
                    submission.received_at.into(),
                ]
            })
        });
        batch(Table::Observations.schema(), rows)
    };
    let by_form = by_form(period, reports, |layout| layout != Layout::Ledger).into_iter();
    by_form.map(|(form, reports)| (form.to_owned(), of_form(reports))).collect()
}

/// The cells of all revisions of ledgers, by form.
pub(super) fn records(
    period: Option<Period>,
    reports: &[&Checked],
) -> BTreeMap<String, RecordBatch> {
    let of_form = |reports: Vec<(&Checked, &str)>| {
        let rows = reports.iter().flat_map(|(checked, code)| {
            let (submission, report) = (&checked.candidate.submission, &checked.candidate.report);
            let records = report.records.iter();
            let cells = records.flat_map(|it| it.entries.iter().map(move |entry| (it, entry)));
            cells.map(move |(record, (column, found))| {
                [
                    period.into(),
                    (&report.form).into(),
                    (*code).into(),
                    (&record.key).into(),
                    i32::try_from(record.row + 1).unwrap_or(i32::MAX).into(),
                    column.into(),
                    found.value.text().into(),
                    found.value.day().into(),
                    found.value.money().into(),
                    (&submission.id).into(),
                    (&report.sheet).into(),
                    found.cell.to_string().into(),
                    submission.received_at.into(),
                ]
            })
        });
        batch(Table::Records.schema(), rows)
    };
    let by_form = by_form(period, reports, |layout| layout == Layout::Ledger).into_iter();
    by_form.map(|(form, reports)| (form.to_owned(), of_form(reports))).collect()
}

/// The reports of a month that bear a code, with it, by form.
fn by_form<'a>(
    period: Option<Period>,
    reports: &[&'a Checked],
    is_of: impl Fn(Layout) -> bool,
) -> BTreeMap<&'a str, Vec<(&'a Checked, &'a str)>> {
    let mut by_form: BTreeMap<&str, Vec<(&Checked, &str)>> = BTreeMap::new();
    for checked in reports.iter().filter(|it| is_of(it.candidate.report.layout)) {
        let code = checked.verdict.credit_code.as_deref().filter(|_| period.is_some());
        let Some(code) = code else { continue };
        by_form.entry(&checked.candidate.report.form).or_default().push((checked, code));
    }
    by_form
}

pub(super) fn findings(
    period: Option<Period>,
    reports: &[&Checked],
    unread: &[&Unreadable],
) -> RecordBatch {
    let said = reports.iter().flat_map(|it| {
        it.verdict
            .findings
            .iter()
            .map(move |finding| (&it.candidate.submission, Some(*it), finding))
    });
    let unread = unread
        .iter()
        .flat_map(|it| it.findings.iter().map(move |finding| (&it.submission, None, finding)));
    let rows = said.chain(unread).map(|(submission, checked, finding)| {
        [
            (&submission.id).into(),
            (&finding.code).into(),
            finding.severity.name().into(),
            checked.map(|it| &it.candidate.report.form).into(),
            checked.and_then(|it| it.verdict.credit_code.as_ref()).into(),
            period.into(),
            finding.item.as_ref().into(),
            finding.measure.map(Measure::name).into(),
            finding.sheet.as_ref().into(),
            finding.cell.map(|cell| cell.to_string()).into(),
            finding.value.as_ref().into(),
            finding.expected.as_ref().into(),
            (&finding.message.zh).into(),
            (&finding.message.en).into(),
            (&finding.hint.zh).into(),
            (&finding.hint.en).into(),
        ]
    });
    batch(Table::Findings.schema(), rows)
}
