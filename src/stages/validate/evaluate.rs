//! Compiled rules over a batch: which rows break which rule, and what to say to each.
//!
//! In: the rules of a form, a batch and the reports it was made of. Out: findings, a list a row, in
//! the order of the rules. Expressions for texts are computed for broken rows only.

use std::sync::Arc;

use arrow::array::{ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use datafusion::error::DataFusionError;
use datafusion::physical_expr::PhysicalExpr;

use super::compile::{Check, FormRules};
use super::fields::{Base, Fields, Source};
use super::say::{self, Value};
use super::{Candidate, ValidateError};
use crate::domain::cell::Cell;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::domain::unit::Unit;
use crate::findings::{Finding, Severity};
use crate::project::forms::Form;
use crate::project::rules::TermKind;
use crate::stages::parse::{Figure, Layout, Report};
use crate::texts::{self, Text};

/// What the rules say of each row of a batch.
pub(super) fn run(
    rules: &FormRules,
    batch: &RecordBatch,
    candidates: &[&Candidate],
    form: &Form,
) -> Result<Vec<Vec<Finding>>, ValidateError> {
    let mut said = vec![Vec::new(); candidates.len()];
    for check in &rules.checks {
        let fail =
            |source| ValidateError::Rule { form: form.form.clone(), id: check.id.clone(), source };
        let is_in_force = |candidate: &&Candidate| {
            let month = candidate.report.month();
            let is_always = check.from.is_none() && check.to.is_none();
            let is_borne = |base: &Base| month.is_none_or(|month| bears(form, &base.name, month));
            (is_always || month.is_some_and(|month| month.is_within(check.from, check.to)))
                && bases(check, &rules.fields).all(|(base, _)| is_borne(base))
        };
        let in_force: Vec<bool> = candidates.iter().map(is_in_force).collect();
        let broken = Broken::find(check, batch, &in_force).map_err(fail)?;
        let Some(broken) = broken else { continue };
        for (at, row) in broken.rows.iter().enumerate() {
            if let (Some(candidate), Some(findings)) = (candidates.get(*row), said.get_mut(*row)) {
                findings.push(broken.finding(check, &rules.fields, form, (at, &candidate.report)));
            }
        }
    }
    Ok(said)
}

/// Whether a form has the row, or the group, of a field in a month: what has ended is asked for no more.
fn bears(form: &Form, field: &str, month: Period) -> bool {
    let items = form.item.iter().filter(|it| it.item == field).map(|it| (it.from, it.to));
    let sums = form.rows.iter().filter(|it| it.sum.as_deref() == Some(field));
    items.chain(sums.map(|it| (it.from, it.to))).any(|(from, to)| month.is_within(from, to))
}

/// The rows of a batch that break a check, and the values its texts speak of.
struct Broken {
    /// Places in the batch.
    rows: Vec<usize>,
    /// The broken rows alone.
    batch: RecordBatch,
    expected: Option<ArrayRef>,
    terms: Vec<ArrayRef>,
}

impl Broken {
    fn find(
        check: &Check,
        batch: &RecordBatch,
        in_force: &[bool],
    ) -> Result<Option<Self>, DataFusionError> {
        let holds = column(&check.condition, batch)?;
        let holds = holds.as_boolean().iter().zip(in_force);
        let mask: BooleanArray =
            holds.map(|(holds, in_force)| Some(*in_force && holds == Some(false))).collect();
        if mask.true_count() == 0 {
            return Ok(None);
        }
        let rows = mask.iter().enumerate().filter(|(_, is_broken)| *is_broken == Some(true));
        let rows = rows.map(|(row, _)| row).collect();
        let batch = filter_record_batch(batch, &mask)?;
        let expected = check.expected.as_ref().map(|expected| column(expected, &batch));
        let terms = check.saying.terms.iter().map(|term| column(&term.expression, &batch));
        let terms = terms.collect::<Result<_, _>>()?;
        Ok(Some(Self { rows, expected: expected.transpose()?, terms, batch }))
    }

    fn finding(
        &self,
        check: &Check,
        fields: &Fields,
        form: &Form,
        (at, report): (usize, &Report),
    ) -> Finding {
        let saying = &check.saying;
        let unit = unit(report, form, saying.item.as_deref());
        let field =
            |column: usize| self.batch.columns().get(column).and_then(|c| say::value(c, at));
        let value = check.columns.first().and_then(|first| field(*first));
        let expected = self.expected.as_ref().and_then(|column| say::value(column, at));
        let money = |value: &Option<Value>| say::print(value.as_ref(), TermKind::Money, &unit);
        let cells = cells(check, fields, report);
        let mut arguments = vec![
            ("value", money(&value)),
            ("expected", money(&expected)),
            ("measure", check.measure.map(measure).unwrap_or_default()),
            ("name", saying.name.clone()),
            ("cells", list(&cells)),
        ];
        for (name, column) in &saying.fields {
            let is_money = fields.columns.get(*column).is_some_and(is_money);
            let kind = if is_money { TermKind::Money } else { TermKind::Plain };
            arguments.push((name, say::print(field(*column).as_ref(), kind, &unit)));
        }
        for (term, values) in saying.terms.iter().zip(&self.terms) {
            let value = say::value(values, at);
            arguments.push((&term.name, say::print(value.as_ref(), term.kind, &unit)));
        }
        let arguments: Vec<(&str, &Text)> =
            arguments.iter().map(|(name, text)| (*name, text)).collect();
        Finding {
            code: check.id.clone(),
            severity: check.severity,
            is_explainable: check.severity == Severity::Query,
            item: saying.item.clone(),
            measure: check.measure,
            sheet: Some(report.sheet.clone()),
            cell: cells.first().copied(),
            value: value.as_ref().map(|_| money(&value).zh),
            expected: expected.as_ref().map(|_| money(&expected).zh),
            message: saying.message.fill(&arguments),
            hint: saying.hint.fill(&arguments),
        }
    }
}

fn column(
    expression: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
) -> Result<ArrayRef, DataFusionError> {
    expression.evaluate(batch)?.into_array(batch.num_rows())
}

fn is_money(column: &super::fields::Column) -> bool {
    column.source.data_type() == super::fields::MONEY
}

/// What a column is called.
pub(super) fn measure(measure: Measure) -> Text {
    texts::text(match measure {
        Measure::Month => "measure.month",
        Measure::Ytd => "measure.ytd",
        Measure::PriorMonth => "measure.prior_month",
        Measure::PriorYtd => "measure.prior_ytd",
    })
    .clone()
}

/// The unit the item was typed in, else the one printed on the form.
fn unit(report: &Report, form: &Form, item: Option<&str>) -> Unit {
    let is_meant = |figure: &&Figure| item.is_none_or(|item| is_of(&figure.item, item));
    let typed = report.figures.iter().filter(is_meant).map(|figure| &figure.unit);
    let typed = typed.into_iter().find(|unit| unit.is_money()).cloned();
    let printed = || match (&report.layout, &form.table) {
        (Layout::Table, Some(table)) => Unit::read(&table.unit),
        (Layout::Table | Layout::Sheet, _) => Unit::read(&form.sheet.unit),
    };
    typed.or_else(printed).unwrap_or(Unit::ThousandYuan)
}

/// Whether a figure's item is the one meant, or a row of the group meant.
fn is_of(item: &str, meant: &str) -> bool {
    item.strip_prefix(meant).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}

fn list(cells: &[Cell]) -> Text {
    let cells: Vec<String> = cells.iter().map(ToString::to_string).collect();
    Text { zh: cells.join("、"), en: cells.join(", ") }
}

/// The cells of the fields a check names, in their order; fields of other reports have none.
fn cells(check: &Check, fields: &Fields, report: &Report) -> Vec<Cell> {
    let mut cells: Vec<Cell> = Vec::new();
    for cell in bases(check, fields).filter_map(|(base, measure)| cell(report, base, measure)) {
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    cells
}

/// What of the report itself a check names, in its order.
fn bases<'a>(check: &'a Check, fields: &'a Fields) -> impl Iterator<Item = (&'a Base, Measure)> {
    let sources = check.columns.iter().filter_map(|column| fields.columns.get(*column));
    sources.filter_map(|column| match column.source {
        Source::Report(base, measure) => fields.bases.get(base).zip(Some(measure)),
        Source::Previous(..)
        | Source::LastYear(..)
        | Source::Median(_)
        | Source::Beside(..)
        | Source::District(_)
        | Source::ClassMedian(_)
        | Source::DistrictMonth(_)
        | Source::AnnualRevenue
        | Source::Has(_)
        | Source::Fact(_) => None,
    })
}

/// The cell of a figure; for one that is missing from a sheet, where its row and column cross.
fn cell(report: &Report, base: &Base, measure: Measure) -> Option<Cell> {
    let mut rows = report.figures.iter().filter(|figure| is_of(&figure.item, &base.item));
    if let Some(figure) = rows.clone().find(|figure| figure.measure == measure) {
        return Some(figure.cell);
    }
    let row = rows.next().filter(|_| report.layout == Layout::Sheet)?.cell.row;
    let column = report.figures.iter().find(|figure| figure.measure == measure)?.cell.column;
    Some(Cell::new(row, column))
}
