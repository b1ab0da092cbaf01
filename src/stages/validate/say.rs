//! What a rule says of a report: its texts with the report's figures put in.
//!
//! In: a rule's texts and the values of one row. Out: message and hint in both languages. Figures
//! are printed in the unit they were typed in, so that people find them again on their form.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray};
use arrow::datatypes::{DataType, Decimal128Type, Float64Type, Int32Type, Int64Type};
use datafusion::physical_expr::PhysicalExpr;
use rust_decimal::prelude::FromPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use super::expand::{Instance, placeholders};
use crate::domain::unit::{MONEY_SCALE, Unit};
use crate::findings::format;
use crate::project::rules::TermKind;
use crate::texts::Text;

/// The texts of a check and what its placeholders stand for.
#[derive(Clone, Debug)]
pub(super) struct Saying {
    /// The item it is about, as named in the lake.
    pub(super) item: Option<String>,
    /// What people call the item.
    pub(super) name: Text,
    /// What is so.
    pub(super) message: Text,
    /// What to do.
    pub(super) hint: Text,
    /// Placeholders that are fields, with their columns.
    pub(super) fields: Vec<(String, usize)>,
    /// Placeholders that are expressions of `[rule.let]`.
    pub(super) terms: Vec<TermAt>,
}

/// An expression that texts print.
#[derive(Clone, Debug)]
pub(super) struct TermAt {
    /// Its name.
    pub(super) name: String,
    /// How it is printed.
    pub(super) kind: TermKind,
    /// The expression.
    pub(super) expression: Arc<dyn PhysicalExpr>,
}

impl Saying {
    /// Placeholders every rule may use.
    pub(super) const WORDS: [&'static str; 5] = ["value", "expected", "measure", "name", "cells"];

    /// The texts of an instance, nothing put in yet.
    pub(super) fn new(instance: &Instance<'_>, item: Option<String>, name: Option<Text>) -> Self {
        Self {
            item,
            name: name.unwrap_or_default(),
            message: instance.text(&instance.rule.message),
            hint: instance.text(&instance.rule.hint),
            fields: Vec::new(),
            terms: Vec::new(),
        }
    }

    /// Whether a text bears a placeholder.
    pub(super) fn mentions(&self, name: &str) -> bool {
        self.placeholders().contains(name)
    }

    /// Every placeholder of the texts.
    pub(super) fn placeholders(&self) -> BTreeSet<String> {
        let texts = [&self.message.zh, &self.message.en, &self.hint.zh, &self.hint.en];
        texts.into_iter().flat_map(|text| placeholders(text)).collect()
    }
}

/// A value of a batch: what a rule's SQL can come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A number.
    Number(Decimal),
    /// A text.
    Word(String),
}

/// The value in a row of a column; `None` for null and for types rules do not speak of.
pub(super) fn value(column: &ArrayRef, row: usize) -> Option<Value> {
    if column.is_null(row) {
        return None;
    }
    let number = match column.data_type() {
        DataType::Decimal128(_, scale) => {
            let mantissa = column.as_primitive::<Decimal128Type>().value(row);
            Decimal::try_from_i128_with_scale(mantissa, u32::try_from(*scale).ok()?).ok()
        }
        DataType::Float64 => Decimal::from_f64(column.as_primitive::<Float64Type>().value(row)),
        DataType::Int32 => Some(column.as_primitive::<Int32Type>().value(row).into()),
        DataType::Int64 => Some(column.as_primitive::<Int64Type>().value(row).into()),
        DataType::Utf8 => {
            return Some(Value::Word(column.as_string::<i32>().value(row).to_owned()));
        }
        DataType::Utf8View => {
            return Some(Value::Word(column.as_string_view().value(row).to_owned()));
        }
        DataType::Boolean => return Some(Value::Word(column.as_boolean().value(row).to_string())),
        _ => None,
    };
    number.map(Value::Number)
}

/// A value as people read it; a dash where there is none.
pub(super) fn print(value: Option<&Value>, kind: TermKind, unit: &Unit) -> Text {
    match (value, kind) {
        (None, _) => Text::same(format::NONE),
        (Some(Value::Number(number)), TermKind::Money) => {
            // Bounds such as 0.7 of a figure have more decimals than money has.
            let fen =
                number.round_dp_with_strategy(MONEY_SCALE, RoundingStrategy::MidpointAwayFromZero);
            format::figure(fen, unit)
        }
        (Some(Value::Number(number)), TermKind::Percent) => Text::same(format::percent(*number)),
        (Some(Value::Number(number)), TermKind::Plain | TermKind::Unit) => {
            Text::same(format::grouped(*number))
        }
        (Some(Value::Word(word)), TermKind::Unit) => {
            Unit::read(word).map_or_else(|| Text::same(word), |unit| format::unit(&unit))
        }
        (Some(Value::Word(word)), TermKind::Money | TermKind::Percent | TermKind::Plain) => {
            Text::same(word)
        }
    }
}
