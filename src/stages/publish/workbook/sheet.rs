//! A sheet: rows of one mart under a heading each, and the sheet that explains the columns.
//!
//! In: the plan of a sheet, marts, the month. Out: a worksheet. What is unknown is an empty cell.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use arrow::record_batch::RecordBatch;
use rust_decimal::Decimal;
use rust_xlsxwriter::{
    ColNum, ExcelDateTime, Format, FormatAlign, FormatBorder, RowNum, Worksheet, XlsxError,
};

use super::plan::{ChartPlan, Plan, SheetPlan, column_in, mart};
use crate::domain::period::Period;
use crate::lake::cells::{self, TableRow};
use crate::project::marts::{Column, Mart, Unit};
use crate::stages::publish::brief::{Issue, is_wide};
use crate::texts::Locale;

/// Names of codes: by column and code.
pub(super) type CodeNames = BTreeMap<(String, String), String>;

/// How wide a column may be, in characters.
const WIDTHS: (usize, usize) = (9, 46);

/// The words of a heading go on in the next line from this width on.
const HEADING_WIDTH: usize = 14;

/// The height of the heading, two lines, in points.
const HEAD_HEIGHT: u32 = 34;

/// What stands in a cell.
enum SheetCell {
    Empty,
    Text(String),
    Number(Decimal),
    Time(ExcelDateTime),
}

/// A sheet before it is written.
pub(super) struct FilledSheet<'a> {
    plan: &'a SheetPlan,
    mart: &'a Mart,
    /// Its name in the reader's language.
    pub(super) name: String,
    columns: Vec<&'a Column>,
    cells: Vec<Vec<SheetCell>>,
}

impl<'a> FilledSheet<'a> {
    /// The sheet of a month; none where an edition lacks the mart.
    pub(super) fn of(
        plan: &'a SheetPlan,
        marts: &BTreeMap<String, RecordBatch>,
        issue: &Issue<'a>,
        names: &CodeNames,
    ) -> Option<Self> {
        let (locale, batch) = (issue.project.settings.locale(), marts.get(&plan.mart)?);
        let mart = mart(issue.project, &plan.mart)?;
        let columns = plan.columns.iter().filter_map(|name| column_in(mart, name, locale));
        let columns: Vec<&Column> = columns.collect();
        let months = months(batch, issue.period, plan.months);
        let is_of = |row: &TableRow<'_>| {
            let is_month = row.period("period").is_none_or(|period| months.contains(&period));
            is_month && plan.wanted.iter().all(|(name, text)| said(*row, name) == *text)
        };
        let mut rows: Vec<TableRow<'_>> = cells::rows(batch).filter(is_of).collect();
        rows.sort_by(|one, other| {
            plan.order
                .iter()
                .fold(Ordering::Equal, |so_far, key| so_far.then(by(*one, *other, key)))
        });
        let cell =
            |row: TableRow<'_>| columns.iter().map(|it| content(row, it, names, issue)).collect();
        let cells = rows.into_iter().map(cell).collect();
        Some(Self { plan, mart, name: plan.name.get(locale).to_owned(), columns, cells })
    }

    /// Rows it takes, its heading among them.
    pub(super) fn rows(&self) -> RowNum {
        RowNum::try_from(self.cells.len() + 1).unwrap_or(RowNum::MAX)
    }

    /// Where a column of the plan stands.
    pub(super) fn place(&self, name: &str) -> Option<ColNum> {
        let place = self.plan.columns.iter().position(|column| column == name)?;
        ColNum::try_from(place).ok()
    }

    /// How Excel shows what stands in a column of the plan.
    pub(super) fn shown<'p>(&self, name: &str, plan: &'p Plan) -> &'p str {
        let place = self.place(name).map(usize::from);
        let column = place.and_then(|place| self.columns.get(place));
        let format = column.and_then(|column| plan.formats.get(column.unit.name()));
        format.map_or("General", String::as_str)
    }

    /// Whether it has what a chart shows, and any row.
    pub(super) fn can_draw(&self, chart: &ChartPlan) -> bool {
        self.plan.name.zh == chart.sheet && !self.cells.is_empty()
    }

    /// Its worksheet: head frozen, filters on, as wide as what stands in it, printed with its head on
    /// every page.
    pub(super) fn write(&self, plan: &Plan, issue: &Issue<'_>) -> Result<Worksheet, XlsxError> {
        let locale = issue.project.settings.locale();
        let mut sheet = framed(&self.name, plan, issue)?;
        for (place, column) in (0..).zip(&self.columns) {
            let heading = heading(column, plan, locale);
            sheet.write_string_with_format(0, place, &heading, &head(plan, locale))?;
            let format = format(column.unit, plan, locale);
            let divide_by = if column.unit == Unit::Cny { plan.money.divide_by } else { 1 };
            let cells = || self.cells.iter().filter_map(|row| row.get(usize::from(place)));
            for (row, cell) in (1..).zip(cells()) {
                write(&mut sheet, (row, place), cell, divide_by, &format)?;
            }
            let widest = cells().map(|cell| wide(cell, column.unit)).max().unwrap_or_default();
            let width = widest.max(width(&heading).min(HEADING_WIDTH)).clamp(WIDTHS.0, WIDTHS.1);
            sheet.set_column_width(place, u16::try_from(width + 2).unwrap_or_default())?;
        }
        let last = ColNum::try_from(self.columns.len().saturating_sub(1)).unwrap_or_default();
        sheet.set_row_height(0, HEAD_HEIGHT)?;
        sheet.autofilter(0, 0, self.rows().saturating_sub(1).max(1), last)?;
        Ok(sheet)
    }
}

/// The last sheet: what each column of the others is.
pub(super) fn columns_sheet(
    plan: &Plan,
    sheets: &[FilledSheet<'_>],
    issue: &Issue<'_>,
) -> Result<Worksheet, XlsxError> {
    let (locale, about) = (issue.project.settings.locale(), &plan.columns_sheet);
    let mut sheet = framed(about.name.get(locale), plan, issue)?;
    let format = format(Unit::Text, plan, locale).set_text_wrap();
    for ((place, name), width) in (0..).zip(&about.headings).zip([16, 30, 12, 60, 40_u16]) {
        sheet.write_string_with_format(0, place, name.get(locale), &head(plan, locale))?;
        sheet.set_column_width(place, width)?;
    }
    let mut row = 1;
    for of in sheets {
        for column in &of.columns {
            let source = format!("{}.{}", of.mart.name, column.name);
            let (heading, unit) = (heading(column, plan, locale), unit(column.unit, plan, locale));
            let texts = [of.name.as_str(), &heading, &unit, &column.description.en, &source];
            for (place, text) in (0..).zip(texts) {
                sheet.write_string_with_format(row, place, text, &format)?;
            }
            row += 1;
        }
    }
    sheet.autofilter(0, 0, row.saturating_sub(1).max(1), 4)?;
    if issue.project.settings.district.is_synthetic {
        sheet.write_string_with_format(
            row + 1,
            0,
            about.synthetic.get(locale),
            &head(plan, locale).set_text_wrap(),
        )?;
    }
    Ok(sheet)
}

/// An empty sheet with its name, its head frozen, A4 on its side, page numbers and, where it is so, the
/// mark of synthetic data on every page.
fn framed(name: &str, plan: &Plan, issue: &Issue<'_>) -> Result<Worksheet, XlsxError> {
    let district = &issue.project.settings.district;
    let locale = issue.project.settings.locale();
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?.set_freeze_panes(1, 1)?.set_repeat_rows(0, 0)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    let mark = if district.is_synthetic { plan.columns_sheet.synthetic.get(locale) } else { "" };
    let title =
        format!("&L{} {}&R{mark}", district.name.get(locale).replace('&', "&&"), issue.period);
    sheet.set_header(title).set_footer("&C&P / &N");
    Ok(sheet)
}

/// The months a sheet shows: so many that the mart has, up to one.
fn months(batch: &RecordBatch, last: Period, count: usize) -> BTreeSet<Period> {
    let known: BTreeSet<Period> =
        cells::rows(batch).filter_map(|row| row.period("period")).collect();
    if count == 1 {
        BTreeSet::from([last])
    } else {
        known.range(..=last).rev().take(count).copied().collect()
    }
}

/// What names the codes of a column: the dimension of it, else the words of the plan.
pub(super) fn names(
    marts: &BTreeMap<String, RecordBatch>,
    plan: &Plan,
    locale: Locale,
) -> CodeNames {
    let mut names = CodeNames::new();
    for (word, text) in &plan.words {
        names.insert((String::new(), word.clone()), text.get(locale).to_owned());
    }
    for (_, batch) in marts.iter().filter(|(name, _)| name.starts_with("dim_")) {
        let Some(key) = batch.schema_ref().fields().first().map(|field| field.name().clone())
        else {
            continue;
        };
        for row in cells::rows(batch) {
            if let Some(name) = row.name("name", locale) {
                names.insert((key.clone(), said(row, &key)), name);
            }
        }
    }
    names
}

/// A cell of a row that is no figure, as text.
fn said(row: TableRow<'_>, column: &str) -> String {
    let number = || row.integer(column).map(|it| it.to_string());
    let flag = || row.flag(column).map(|it| it.to_string());
    row.text(column).or_else(number).or_else(flag).unwrap_or_default()
}

/// How two rows stand by a column; unknown is the smallest.
fn by(one: TableRow<'_>, other: TableRow<'_>, key: &str) -> Ordering {
    let column = key.trim_start_matches('-');
    let figure = |row: TableRow<'_>| (row.decimal(column), row.date(column), row.text(column));
    let order = figure(one).cmp(&figure(other));
    if key.starts_with('-') { order.reverse() } else { order }
}

/// What a row has in a column.
fn content(row: TableRow<'_>, column: &Column, names: &CodeNames, issue: &Issue<'_>) -> SheetCell {
    let name = column.name.as_str();
    let named = |code: String| {
        let of = |column: &str| names.get(&(column.to_owned(), code.clone())).cloned();
        of(name).or_else(|| of("")).unwrap_or(code)
    };
    let time = |at: chrono::NaiveDateTime| ExcelDateTime::parse_from_str(&at.to_string()).ok();
    let zone = issue.project.settings.time_zone;
    let cell = match column.unit {
        Unit::Month | Unit::Date => {
            row.date(name).and_then(|day| time(day.into())).map(SheetCell::Time)
        }
        Unit::Time => {
            let at = row.instant(name).map(|at| at.with_timezone(&zone).naive_local());
            at.and_then(time).map(SheetCell::Time)
        }
        Unit::Text => row.text(name).map(SheetCell::Text),
        Unit::Code | Unit::Flag => {
            Some(said(row, name)).filter(|it| !it.is_empty()).map(named).map(SheetCell::Text)
        }
        Unit::Number if names.keys().any(|(of, _)| of == name) => {
            Some(SheetCell::Text(named(said(row, name))))
        }
        _ => row.decimal(name).map(SheetCell::Number),
    };
    cell.unwrap_or(SheetCell::Empty)
}

fn write(
    sheet: &mut Worksheet,
    (row, place): (RowNum, ColNum),
    cell: &SheetCell,
    divide_by: u32,
    format: &Format,
) -> Result<(), XlsxError> {
    match cell {
        SheetCell::Empty => sheet.write_blank(row, place, format)?,
        // Always a string: no text of a firm becomes a formula or a link.
        SheetCell::Text(text) => sheet.write_string_with_format(row, place, text, format)?,
        SheetCell::Time(at) => sheet.write_datetime_with_format(row, place, at, format)?,
        SheetCell::Number(number) => {
            let shown = number.checked_div(divide_by.into()).unwrap_or(*number);
            // By its digits: the nearest number there is.
            let number: f64 = shown.to_string().parse().unwrap_or_default();
            sheet.write_number_with_format(row, place, number, format)?
        }
    };
    Ok(())
}

/// The heading of a column, with its unit where the figures do not show it.
fn heading(column: &Column, plan: &Plan, locale: Locale) -> String {
    let name = column.description.get(locale);
    let (before, after) = if locale == Locale::Zh { ("（", "）") } else { (" (", ")") };
    match column.unit {
        Unit::Cny => format!("{name}{before}{}{after}", plan.money.name.get(locale)),
        _ => name.to_owned(),
    }
}

/// A unit in words.
fn unit(unit: Unit, plan: &Plan, locale: Locale) -> String {
    let name = if unit == Unit::Cny { Some(&plan.money.name) } else { plan.words.get(unit.name()) };
    name.map_or_else(|| unit.name().to_owned(), |name| name.get(locale).to_owned())
}

fn head(plan: &Plan, locale: Locale) -> Format {
    let format = Format::new().set_font_name(plan.font.get(locale)).set_bold().set_text_wrap();
    let format = format.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter);
    format.set_background_color("#DCE6F1").set_border_bottom(FormatBorder::Thin)
}

fn format(unit: Unit, plan: &Plan, locale: Locale) -> Format {
    let format =
        Format::new().set_font_name(plan.font.get(locale)).set_align(FormatAlign::VerticalCenter);
    let format = if unit == Unit::Flag { format.set_align(FormatAlign::Center) } else { format };
    match plan.formats.get(unit.name()) {
        Some(shown) => format.set_num_format(shown),
        None => format,
    }
}

/// How wide a cell is shown, in characters.
fn wide(cell: &SheetCell, unit: Unit) -> usize {
    match (cell, unit) {
        (SheetCell::Empty, _) => 0,
        (SheetCell::Text(text), _) => width(text),
        (SheetCell::Time(_), Unit::Time) => 16,
        (SheetCell::Time(_), _) => 10,
        (SheetCell::Number(_), Unit::Cny) => 12,
        (SheetCell::Number(_), _) => 8,
    }
}

/// Columns of a terminal that a text takes: what is Chinese takes two.
fn width(text: &str) -> usize {
    text.chars().map(|letter| 1 + usize::from(is_wide(letter))).sum()
}
