//! Compiled rules over a batch: which rows break which rule, and what to say to each.
//!
//! In: the rules of a form, a batch and the reports it was made of. Out: findings, a list a row, in
//! the order of the rules. What texts print is computed for broken rows only; figures are printed in
//! the unit they were typed in, so that people find them again on their form.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use arrow::compute::filter_record_batch;
use arrow::datatypes::{DataType, Date32Type, Decimal128Type, Float64Type, Int32Type, Int64Type};
use datafusion::error::DataFusionError;
use datafusion::physical_expr::PhysicalExpr;
use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::compile::{CompiledRule, FormRules};
use super::fields::Base;
use super::{Candidate, ValidateError, ledger};
use crate::domain::cell::Cell;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::domain::unit::{MONEY_SCALE, Unit};
use crate::findings::{Finding, Severity, format};
use crate::project::forms::Form;
use crate::project::rules::TermKind;
use crate::stages::parse::{Layout, LedgerRecord, Report};
use crate::texts::{self, Text};

/// What a row of a batch is about: a report, and of a ledger one of its rows.
pub(super) type RuleRow<'a> = (&'a Candidate, Option<&'a LedgerRecord>);

/// What the rules say of each row of a batch.
pub(super) fn run(
    rules: &FormRules,
    batch: &RecordBatch,
    candidates: &[RuleRow<'_>],
    form: &Form,
) -> Result<Vec<Vec<Finding>>, ValidateError> {
    let mut said = vec![Vec::new(); candidates.len()];
    for rule in &rules.rules {
        let fail = |source| {
            let (form, id) = (form.form.clone(), rule.rule.id.text.clone());
            ValidateError { form, id, source }
        };
        let in_force = candidates.iter().map(|(it, _)| is_in_force(rule, form, it.report.month()));
        let broken = broken(rule, batch, in_force).map_err(fail)?;
        if broken.true_count() == 0 {
            continue;
        }
        let offending = filter_record_batch(batch, &broken).map_err(|error| fail(error.into()))?;
        let printed = rule.printed.iter().map(|it| column(&it.expression, &offending));
        let printed = printed.collect::<Result<Vec<_>, _>>().map_err(fail)?;
        let rows = candidates.iter().zip(&mut said).zip(&broken);
        let rows = rows.filter(|(_, is_broken)| *is_broken == Some(true));
        for (at, (((candidate, record), findings), _)) in rows.enumerate() {
            findings.push(finding((rule, form), &candidate.report, *record, (&printed, at)));
        }
    }
    Ok(said)
}

/// Whether a rule judges a month, and the form bears the fields it names then: what has ended is asked
/// for no more.
fn is_in_force(rule: &CompiledRule, form: &Form, month: Option<Period>) -> bool {
    let (from, to) = (rule.rule.from, rule.rule.to);
    let Some(month) = month else { return from.is_none() && to.is_none() };
    let bears = |field: &str| {
        let items = form.item.iter().filter(|it| it.item == field).map(|it| (it.from, it.to));
        let sums = form.rows.iter().filter(|it| it.sum.as_deref() == Some(field));
        items.chain(sums.map(|it| (it.from, it.to))).any(|(from, to)| month.is_within(from, to))
    };
    month.is_within(from, to) && rule.own.iter().all(|(base, _)| bears(&base.name))
}

/// The rows of a batch that break a rule.
fn broken(
    rule: &CompiledRule,
    batch: &RecordBatch,
    in_force: impl Iterator<Item = bool>,
) -> Result<BooleanArray, DataFusionError> {
    let holds = column(&rule.condition, batch)?;
    let holds = holds.as_boolean().iter().zip(in_force);
    Ok(holds.map(|(holds, in_force)| Some(in_force && holds == Some(false))).collect())
}

fn column(
    expression: &Arc<dyn PhysicalExpr>,
    batch: &RecordBatch,
) -> Result<ArrayRef, DataFusionError> {
    expression.evaluate(batch)?.into_array(batch.num_rows())
}

fn finding(
    (rule, form): (&CompiledRule, &Form),
    report: &Report,
    record: Option<&LedgerRecord>,
    (values, at): (&[ArrayRef], usize),
) -> Finding {
    let unit = unit(report, form, rule.item.as_deref());
    let none = Text::same(format::NONE);
    let printed = rule.printed.iter().zip(values);
    let printed: Vec<(&str, Option<Text>)> =
        printed.map(|(it, column)| (it.name.as_str(), print(column, at, it.kind, &unit))).collect();
    let shown = |name| {
        let text = printed.iter().find(|(known, _)| *known == name)?.1.as_ref()?;
        Some(text.zh.clone())
    };
    let mut cells: Vec<Cell> = Vec::new();
    let own = rule.own.iter().filter_map(|(base, measure)| cell(report, base, *measure));
    let of_row = record.into_iter().flat_map(|record| {
        rule.columns.iter().filter_map(|column| ledger::cell(report, record, column))
    });
    for cell in own.chain(of_row) {
        if !cells.contains(&cell) {
            cells.push(cell);
        }
    }
    let names: Vec<String> = cells.iter().map(ToString::to_string).collect();
    let names = Text { zh: names.join("、"), en: names.join(", ") };
    let measured = rule.measure.map(measure).unwrap_or_default();
    let key = Text::same(record.map(|record| record.key.as_str()).unwrap_or_default());
    let mut arguments =
        vec![("measure", &measured), ("name", &rule.name), ("cells", &names), ("key", &key)];
    arguments.extend(printed.iter().map(|(name, text)| (*name, text.as_ref().unwrap_or(&none))));
    arguments.extend([("value", &none), ("expected", &none)]);
    Finding {
        code: rule.rule.id.text.clone(),
        severity: rule.rule.severity,
        is_explainable: rule.rule.severity == Severity::Query,
        item: rule.item.clone().or_else(|| record.map(|record| record.key.clone())),
        measure: rule.measure,
        sheet: Some(report.sheet.clone()),
        cell: cells.first().copied(),
        value: shown("value"),
        expected: shown("expected"),
        message: rule.rule.message.fill(&arguments),
        hint: rule.rule.hint.fill(&arguments),
    }
}

/// The value in a row of a column as people read it; `None` for null and for types rules do not speak
/// of.
fn print(column: &ArrayRef, row: usize, kind: TermKind, unit: &Unit) -> Option<Text> {
    if column.is_null(row) {
        return None;
    }
    let number = match column.data_type() {
        DataType::Decimal128(_, scale) => {
            let mantissa = column.as_primitive::<Decimal128Type>().value(row);
            Decimal::try_from_i128_with_scale(mantissa, u32::try_from(*scale).ok()?).ok()?
        }
        DataType::Float64 => Decimal::from_f64(column.as_primitive::<Float64Type>().value(row))?,
        DataType::Int32 => column.as_primitive::<Int32Type>().value(row).into(),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).into(),
        DataType::Date32 => {
            let day = column.as_primitive::<Date32Type>().value_as_date(row)?;
            return Some(Text::same(day.to_string()));
        }
        DataType::Utf8 => return Some(word(column.as_string::<i32>().value(row), kind)),
        DataType::Utf8View => return Some(word(column.as_string_view().value(row), kind)),
        DataType::Boolean => return Some(Text::same(column.as_boolean().value(row).to_string())),
        _ => return None,
    };
    Some(match kind {
        TermKind::Money => {
            // Bounds such as 0.7 of a figure have more decimals than money has.
            let fen =
                number.round_dp_with_strategy(MONEY_SCALE, RoundingStrategy::MidpointAwayFromZero);
            format::figure(fen, unit)
        }
        TermKind::Percent => Text::same(format::percent(number)),
        TermKind::Plain | TermKind::Unit => Text::same(format::grouped(number)),
    })
}

fn word(word: &str, kind: TermKind) -> Text {
    let unit = Unit::read(word).filter(|_| kind == TermKind::Unit);
    unit.map_or_else(|| Text::same(word), |unit| format::unit(&unit))
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
    let figures = report.figures.iter();
    let typed = figures.filter(|it| item.is_none_or(|item| is_of(&it.item, item)));
    let typed = typed.map(|figure| &figure.unit).find(|unit| unit.is_money()).cloned();
    let printed = || match (&report.layout, &form.table) {
        (Layout::Table, Some(table)) => Unit::read(&table.unit),
        (Layout::Table | Layout::Sheet | Layout::Ledger, _) => Unit::read(&form.sheet.unit),
    };
    typed.or_else(printed).unwrap_or(Unit::ThousandYuan)
}

/// Whether a figure's item is the one meant, or a row of the group meant.
fn is_of(item: &str, meant: &str) -> bool {
    item.strip_prefix(meant).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
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
