//! Findings: what is wrong with somebody's workbook, as data.
//!
//! A finding never stops the program. It carries a code, a severity, the place (sheet and cell), the
//! value found, what was expected, a message and a hint in both languages. Structural findings come
//! from the catalogue of codes; those of rules bear the rule's id and its own texts.

use serde::{Deserialize, Serialize};

use crate::domain::cell::Cell;
use crate::domain::measure::Measure;
use crate::domain::words::words;
use crate::texts::{self, Text};

pub mod catalogue;
pub mod format;
pub mod render;

pub use catalogue::Code;

words! {
    /// How much a finding weighs.
    #[derive(Hash, Deserialize)]
    Severity {
        /// 强制性: the submission is refused; no explanation lifts it.
        Error = "error",
        /// 核实性: accepted once the firm explains it in writing.
        Query = "query",
        /// Worth knowing; changes nothing.
        Note = "note",
    }
}

/// One thing that is wrong with a submission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The catalogue's code (`S03`) or the rule's id (`H4`).
    pub code: String,
    /// How much it weighs.
    pub severity: Severity,
    /// Whether it is a query that an explanation lifts.
    #[serde(default = "explainable")]
    pub is_explainable: bool,
    /// The item concerned (`output`, `industry:3714`), where there is one.
    pub item: Option<String>,
    /// The column concerned, where there is one.
    pub measure: Option<Measure>,
    /// The sheet it stands in, where there is one.
    pub sheet: Option<String>,
    /// The cell it stands in, where there is one.
    pub cell: Option<Cell>,
    /// The value as found, as a person would write it.
    pub value: Option<String>,
    /// What was expected instead, where that can be said.
    pub expected: Option<String>,
    /// What is so.
    pub message: Text,
    /// What to do.
    pub hint: Text,
}

impl Finding {
    /// A finding of the catalogue, its placeholders filled.
    pub fn new(code: Code, arguments: &[(&str, &Text)]) -> Self {
        Self {
            code: code.id().to_owned(),
            severity: code.severity(),
            is_explainable: code.is_explainable(),
            item: None,
            measure: None,
            sheet: None,
            cell: None,
            value: None,
            expected: None,
            message: texts::text(&format!("finding.{}.message", code.key())).fill(arguments),
            hint: texts::text(&format!("finding.{}.hint", code.key())).fill(arguments),
        }
    }

    /// Whether it is a query that no explanation lifts.
    pub fn is_held(&self) -> bool {
        self.severity == Severity::Query && !self.is_explainable
    }

    /// The same finding at a cell of a sheet.
    #[must_use]
    pub fn at(mut self, sheet: &str, cell: Option<Cell>) -> Self {
        self.sheet = Some(sheet.to_owned());
        self.cell = cell;
        self
    }

    /// The same finding about a column of an item.
    #[must_use]
    pub fn about(mut self, item: &str, measure: Option<Measure>) -> Self {
        self.item = Some(item.to_owned());
        self.measure = measure;
        self
    }

    /// The same finding with the value found and the one expected.
    #[must_use]
    pub fn found(mut self, value: impl Into<String>, expected: Option<String>) -> Self {
        self.value = Some(value.into());
        self.expected = expected;
        self
    }
}

fn explainable() -> bool {
    true
}
