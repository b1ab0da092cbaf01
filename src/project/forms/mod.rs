//! Forms as data: `jobs/forms/<form>.toml`, how a form is recognised and read.
//!
//! Comes in as TOML, goes out as checked values. Labels are written as they stand on the form and
//! kept squeezed (`domain::text::squeeze`), which is how they are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

mod check;
mod column;

pub use self::check::months_reversed;
pub use self::column::{EntryKind, LedgerColumn};
use super::fault::Fault;
use super::files::Texts;
use super::read::{Source, nearest};
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::domain::text;
use crate::texts::Text;

/// One form: how to know it, where its header fields stand, what its rows and columns are.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// The form's number (`B204-1`); the file bears the same name.
    pub form: String,
    /// The form's title.
    pub name: Text,
    /// Titles and form numbers by which a sheet is known.
    pub recognise: Recognise,
    /// Months nobody files (January).
    #[serde(default)]
    pub exempt_months: Vec<u32>,
    /// Months whose month columns may stay empty, their year to date covering more (February).
    #[serde(default)]
    pub cumulative_months: Vec<u32>,
    /// Known editions, newest last.
    pub edition: Vec<Edition>,
    /// The single-firm layout.
    pub sheet: SheetLayout,
    /// The bureau-side export, where there is one.
    pub table: Option<TableLayout>,
    /// The rows with a fixed code.
    #[serde(default)]
    pub item: Vec<Item>,
    /// The open groups of rows, one row a code.
    #[serde(default)]
    pub rows: Vec<OpenRows>,
    /// The columns of a ledger; a form that has any has no rows by code.
    #[serde(default)]
    pub column: Vec<LedgerColumn>,
    /// Words that tell what is no row of the table.
    pub words: Words,
}

/// Words that tell what is no row of a table, and which codes are industries.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// What a row behind the table begins with.
    pub footers: Vec<Label>,
    /// The letters of the columns, a row of their own below the headings.
    pub column_letters: String,
    /// What stands in the place of a firm in rows of an export that are totals.
    pub totals: Vec<Label>,
    /// Fields whose dates are not the month reported.
    pub other_dates: Vec<Label>,
    /// Sections of GB/T 4754, each with its first and last division.
    pub sections: BTreeMap<String, (u32, u32)>,
}

impl Words {
    /// Whether a squeezed text begins a line behind the table, or is such a word without its colon.
    pub fn is_footer(&self, label: &str) -> bool {
        let mut footers = self.footers.iter().map(Label::squeezed);
        footers.any(|it| label.starts_with(it) || it.strip_suffix(':') == Some(label))
    }

    /// Whether a squeezed text speaks of totals.
    pub fn is_total(&self, label: &str) -> bool {
        self.totals.iter().any(|total| label.contains(total.squeezed()))
    }
}

/// How a sheet is recognised.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recognise {
    /// Form numbers (`B204-1`) as they stand after 表号.
    pub numbers: Vec<Label>,
    /// Titles of the form.
    pub titles: Vec<Label>,
}

/// One edition of a form, known by its document number (文号).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edition {
    /// The edition's name, kept with each submission (`2024`).
    pub edition: String,
    /// The document number as printed (`国统字〔2023〕88号`).
    pub document: Label,
}

/// Where a single-firm sheet bears what.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetLayout {
    /// Labels of the header and footer fields.
    pub fields: FieldLabels,
    /// Headings of the columns that say what a row is.
    pub columns: ColumnLabels,
    /// Headings of the measures it bears; the year to date is one of them.
    pub measures: BTreeMap<Measure, MeasureLabels>,
    /// The unit of figures whose row bears none.
    pub unit: String,
}

/// Labels of the fields outside the table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldLabels {
    /// 统一社会信用代码
    pub credit_code: Vec<Label>,
    /// 单位详细名称
    pub firm_name: Vec<Label>,
    /// 文号
    pub document: Vec<Label>,
    /// 核实说明
    pub explanation: Vec<Label>,
    /// 报出日期
    pub reported_on: Vec<Label>,
}

/// Headings of the columns that say what a row is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ColumnLabels {
    /// 指标名称
    pub label: Vec<Label>,
    /// 计量单位
    pub unit: Vec<Label>,
    /// 代码
    pub code: Vec<Label>,
}

/// Headings of one measure: the upper storey and the lower.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasureLabels {
    /// Upper headings (本年).
    pub group: Vec<Label>,
    /// Lower headings (1-本月); `#` stands for any month number.
    pub heading: Vec<Label>,
    /// The first month the form bears it.
    pub from: Option<Period>,
    /// The last month the form bears it.
    pub to: Option<Period>,
}

/// The bureau-side export: many firms, one a row, headings joined with `;`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableLayout {
    /// Headings of the credit code.
    pub credit_code: Vec<Label>,
    /// Headings of the firm's name.
    pub firm_name: Vec<Label>,
    /// Headings of the firm's industry code.
    pub industry_code: Vec<Label>,
    /// Headings whose columns are derived and left unread (增速).
    pub derived: Vec<Label>,
    /// The unit of all figures.
    pub unit: String,
    /// The measures it bears; those of the sheet when none is named.
    #[serde(default)]
    pub measures: Vec<Measure>,
    /// The first month it is read for.
    pub from: Option<Period>,
    /// The last month it is read for.
    pub to: Option<Period>,
    /// The open group that gets the row of the firm's one industry, and the item it equals.
    pub industry: TableIndustry,
}

/// How an export's industry column becomes a row of an open group.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableIndustry {
    /// The open group (`industry`).
    pub rows: String,
    /// The item whose figures the row gets (`output`).
    pub item: String,
}

/// A row with a fixed code.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The item's name in the lake (`output`).
    pub item: String,
    /// What people call it.
    pub name: Text,
    /// Its row codes (`01`); a number 1 in the cell is the same.
    pub codes: Vec<Label>,
    /// Its labels, for rows without a code and for the export's headings.
    pub labels: Vec<Label>,
    /// Whether the row must be there; which of its figures must, the rules say.
    pub required: bool,
    /// The first month the form has the row.
    pub from: Option<Period>,
    /// The last month the form has the row.
    pub to: Option<Period>,
}

/// An open group of rows, one row a code: industries, products, firms supplied.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenRows {
    /// The prefix of its items in the lake (`industry` in `industry:3714`).
    pub rows: String,
    /// What people call it.
    pub name: Text,
    /// Labels of the row that opens the group; empty when the whole table is the group.
    #[serde(default)]
    pub section: Vec<Label>,
    /// What its codes are.
    pub code: CodeKind,
    /// What its figures count.
    pub counts: Counts,
    /// Name of the field that sums the group (`industry`), where rules and marts use it.
    pub sum: Option<String>,
    /// Labels of rows that are totals and left unread (合计).
    #[serde(default)]
    pub totals: Vec<Label>,
    /// The first month the form has the group.
    pub from: Option<Period>,
    /// The last month the form has the group.
    pub to: Option<Period>,
}

/// What the codes of an open group are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeKind {
    /// A four-digit code of GB/T 4754, sections B to D, with or without its letter.
    Industry,
    /// A code of the product catalogue: digits.
    Product,
    /// A unified social credit code.
    CreditCode,
}

/// What figures count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// Money: yuan in the lake.
    Money,
    /// A physical quantity in the row's unit.
    Quantity,
}

/// A label as printed, kept squeezed for comparison.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(from = "String")]
pub struct Label(String);

impl Label {
    /// The squeezed text.
    pub fn squeezed(&self) -> &str {
        &self.0
    }
}

impl From<String> for Label {
    fn from(printed: String) -> Self {
        Self(text::squeeze(&printed))
    }
}

/// What forms have in common, in the folder of the forms.
pub const DEFAULTS: &str = "jobs/forms/defaults.toml";

/// The shipped ones, for a project that has none.
const SHIPPED: &str = include_str!("../../../jobs/forms/defaults.toml");

/// A form with nothing of what all have in common.
const BARE: &str = "form = ''\nname = { zh = '', en = '' }\nedition = []\nsheet.unit = ''
recognise = { numbers = [], titles = [] }\nsheet.columns = { label = [], unit = [], code = [] }";

/// What is wrong with the number of a form that has no file.
pub fn unknown(form: &str, forms: &BTreeMap<String, Form>) -> Option<String> {
    let hint = || nearest(form, forms.keys().map(String::as_str));
    (!forms.contains_key(form))
        .then(|| format!("form `{form}` has no file in jobs/forms{}", hint()))
}

impl Form {
    /// The forms of a project by number, and the faults of their files.
    pub fn read_all(texts: &Texts, faults: &mut Vec<Fault>) -> BTreeMap<String, Self> {
        let mut forms = BTreeMap::new();
        let mut defaults = texts.get(DEFAULTS).unwrap_or(SHIPPED);
        let source = Source { file: Path::new(DEFAULTS), text: defaults };
        if let Err(fault) = source.parse_over::<Self>(BARE) {
            faults.push(fault);
            defaults = SHIPPED;
        }
        let files =
            texts.matching("jobs/forms", ".toml").filter(|(file, _)| !file.ends_with(DEFAULTS));
        for (file, text) in files {
            let source = Source { file: &file, text };
            match source.parse_over::<Self>(defaults) {
                Ok(form) => {
                    faults.extend(form.faults(&source));
                    forms.insert(form.form.clone(), form);
                }
                Err(fault) => faults.push(fault),
            }
        }
        if forms.is_empty() {
            faults.push(Fault::new("jobs/forms", "holds no form: without one nothing can be read"));
        }
        forms
    }

    /// The form as it was in a month; without a month, as it was in any.
    #[must_use]
    pub fn at(&self, period: Option<Period>) -> Self {
        let Some(period) = period else { return self.clone() };
        let mut form = self.clone();
        form.item.retain(|it| period.is_within(it.from, it.to));
        form.rows.retain(|it| period.is_within(it.from, it.to));
        form.sheet.measures.retain(|_, it| period.is_within(it.from, it.to));
        form
    }

    /// The measures that a layout of the form bears in a month.
    pub fn measures(&self, is_table: bool, period: Option<Period>) -> BTreeSet<Measure> {
        let named = self.table.as_ref().filter(|_| is_table).map(|table| &table.measures);
        let is_named = |measure: &Measure| {
            named.is_none_or(|named| named.is_empty() || named.contains(measure))
        };
        let is_in_force = |labels: &MeasureLabels| {
            period.is_none_or(|period| period.is_within(labels.from, labels.to))
        };
        let borne = self.sheet.measures.iter();
        let borne = borne.filter(|(measure, labels)| is_named(measure) && is_in_force(labels));
        borne.map(|(measure, _)| *measure).collect()
    }

    /// The base names of the fields rules and marts may use: items, then sums of open groups.
    pub fn fields(&self) -> impl Iterator<Item = &str> {
        let items = self.item.iter().map(|item| item.item.as_str());
        let mut known = BTreeSet::new();
        let named = items.chain(self.rows.iter().filter_map(|rows| rows.sum.as_deref()));
        named.filter(move |name| known.insert(*name))
    }

    /// What people call an item of the lake, with its code for rows of open groups.
    pub fn item_name(&self, item: &str) -> Text {
        let (head, code) = item.split_once(':').unwrap_or((item, ""));
        let fixed = self.item.iter().find(|known| known.item == head).map(|known| &known.name);
        let open = || self.rows.iter().find(|rows| rows.rows == head).map(|rows| &rows.name);
        let column = || self.column.iter().find(|known| known.column == head).map(|it| &it.name);
        match fixed.or_else(open).or_else(column) {
            Some(name) if code.is_empty() => name.clone(),
            Some(name) => {
                Text { zh: format!("{} {code}", name.zh), en: format!("{} {code}", name.en) }
            }
            None => Text::same(item),
        }
    }
}
