//! What counts in the lake, read back: the figures that later months are held against.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use arrow::array::{Array, AsArray, Decimal128Array, StringArray, TimestampMicrosecondArray};

use super::cells::{self, TableRow};
use super::rows;
use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::files;
use crate::files::parquet::{self, TableError};
use crate::project::forms::Form;
use crate::project::lake::Table;
use arrow::record_batch::RecordBatch;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

/// The figures of one report, canonical: yuan, or quantities in their unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// By item, sorted: a value a measure.
    pub(crate) items: Vec<(Box<str>, [Option<Decimal>; 4])>,
    /// Whether they are an export's, which has one row for what a form has in many.
    pub is_export: bool,
}

impl Figures {
    /// Sets one figure.
    pub fn insert(&mut self, item: &str, measure: Measure, value: Decimal) {
        *measure.of_mut(self.row(item)) = Some(value);
    }

    /// The values of an item, which is there afterwards.
    fn row(&mut self, item: &str) -> &mut [Option<Decimal>; 4] {
        // They mostly come sorted.
        let place = match self.items.last() {
            Some((last, _)) if item < &**last => {
                self.items.binary_search_by(|(known, _)| (**known).cmp(item))
            }
            Some((last, _)) if item == &**last => Ok(self.items.len() - 1),
            _ => Err(self.items.len()),
        };
        let place = place.unwrap_or_else(|place| {
            self.items.insert(place, (item.into(), [None; 4]));
            place
        });
        &mut self.items.get_mut(place).expect("it was found or put there").1
    }

    /// The figure of an item and measure.
    pub fn get(&self, item: &str, measure: Measure) -> Option<Decimal> {
        let place = self.items.binary_search_by(|(known, _)| (**known).cmp(item)).ok()?;
        measure.of(&self.items.get(place)?.1)
    }

    /// The sum over the rows `<group>:<code>` that bear a measure; `None` when none does.
    pub fn sum(&self, group: &str, measure: Measure) -> Option<Decimal> {
        self.rows(group, measure).map(|(_, value)| value).reduce(Decimal::saturating_add)
    }

    /// The rows `<group>:<code>` that bear a measure, by code.
    pub fn rows(&self, group: &str, measure: Measure) -> impl Iterator<Item = (&str, Decimal)> {
        let first = self.items.partition_point(|(item, _)| &**item < group);
        let rows = self.items.get(first..).unwrap_or_default().iter();
        let rows = rows.map_while(move |(item, values)| Some((item.strip_prefix(group)?, values)));
        rows.filter_map(move |(rest, values)| Some((rest.strip_prefix(':')?, measure.of(values)?)))
    }

    /// How many rows bear figures.
    pub fn row_count(&self) -> usize {
        self.items.len()
    }

    /// The figures of one measure, by item.
    pub fn measure(&self, measure: Measure) -> impl Iterator<Item = (&str, Decimal)> {
        self.items.iter().filter_map(move |(item, values)| Some((&**item, measure.of(values)?)))
    }

    /// Adds the figures of another report, item by item.
    pub fn add(&mut self, other: &Self) {
        self.is_export |= other.is_export;
        for (item, values) in &other.items {
            for (sum, value) in self.row(item).iter_mut().zip(values) {
                *sum = match (*sum, *value) {
                    (Some(sum), Some(value)) => Some(sum.saturating_add(value)),
                    (sum, value) => sum.or(value),
                };
            }
        }
    }
}

/// An accepted revision of a firm's report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The form.
    pub form: String,
    /// The firm.
    pub credit_code: String,
    /// Its submission, which orders revisions received at the same instant.
    pub submission_id: String,
    /// When it was received: reports received later are held against it.
    pub received_at: DateTime<Utc>,
    /// Its figures.
    pub figures: Figures,
}

/// All revisions of a month's reports that count or have counted; empty for a month the lake lacks.
pub fn counted(lake: &Path, period: Period) -> Result<Vec<Counted>, TableError> {
    flagged(lake, period, "has_counted")
}

/// What the reports of a form and month that count now bear of an item, by credit code: yuan or
/// quantity; that of the sum of open rows, e.g. `supply`, is the sum of `supply:<code>`. 0 where a
/// report bears none of it.
pub fn values(
    lake: &Path,
    (form, period): (&Form, Period),
    item: Option<&str>,
    measure: Measure,
) -> Result<BTreeMap<String, Decimal>, TableError> {
    let sums = form.rows.iter().filter(|rows| item.is_some() && rows.sum.as_deref() == item);
    let value = |figures: &Figures| {
        let own = item.and_then(|item| figures.get(item, measure)).unwrap_or_default();
        own + sums.clone().filter_map(|rows| figures.sum(&rows.rows, measure)).sum::<Decimal>()
    };
    let reports =
        flagged(lake, period, "is_current")?.into_iter().filter(|it| it.form == form.form);
    Ok(reports.map(|report| (report.credit_code, value(&report.figures))).collect())
}

fn flagged(lake: &Path, period: Period, flag: &str) -> Result<Vec<Counted>, TableError> {
    let partition = period.to_string();
    let Some(submissions) = rows::table(lake, Table::Submissions, &partition)? else {
        return Ok(Vec::new());
    };
    let counting = layouts(&submissions, flag);
    let mut reports: Vec<Counted> = Vec::new();
    for folder in files::list(&lake.join("observations"))? {
        let path = folder.join(format!("period={partition}")).join("part.parquet");
        if !path.exists() {
            continue;
        }
        let batch = parquet::read(&path)?;
        let Some(columns) = ObservationColumns::of(&batch) else { continue };
        reports
            .extend(columns.reports(&counting).map(|(layout, rows)| columns.counted(layout, rows)));
    }
    Ok(reports)
}

/// One fingerprint of the figures of a month that count or have counted: what later months depend on,
/// and nothing else.
pub fn fingerprint<'a>(
    submissions: &RecordBatch,
    batches: impl Iterator<Item = &'a RecordBatch>,
) -> String {
    let counting = layouts(submissions, "has_counted");
    let mut text = String::new();
    for columns in batches.filter_map(ObservationColumns::of) {
        for (_, rows) in columns.reports(&counting) {
            let received_at = columns.received_at.value(rows.start).to_string();
            for key in [columns.form, columns.credit_code, columns.submission_id] {
                text.extend([key.value(rows.start), "\t"]);
            }
            text.extend([received_at.as_str(), "\n"]);
            for row in rows {
                let value = columns.value(row).to_string();
                let [item, measure] = [columns.item, columns.measure].map(|it| it.value(row));
                text.extend([item, "\t", measure, "\t", &value, "\n"]);
            }
        }
    }
    files::digest(text.as_bytes())
}

/// The layouts of the submissions that bear a flag, by id.
fn layouts(submissions: &RecordBatch, flag: &str) -> BTreeMap<String, String> {
    let rows = cells::rows(submissions).filter(|row| row.is(flag));
    let layout = |row: TableRow<'_>| row.text("layout").unwrap_or_default();
    rows.filter_map(|row| Some((row.text("submission_id")?, layout(row)))).collect()
}

/// The columns of `observations`.
struct ObservationColumns<'a> {
    form: &'a StringArray,
    credit_code: &'a StringArray,
    item: &'a StringArray,
    measure: &'a StringArray,
    value: &'a Decimal128Array,
    submission_id: &'a StringArray,
    received_at: &'a TimestampMicrosecondArray,
}

impl<'a> ObservationColumns<'a> {
    /// Those of a batch; `None` where it is no such table.
    fn of(batch: &'a RecordBatch) -> Option<Self> {
        let column = |name| batch.column_by_name(name);
        let text = |name| column(name)?.as_string_opt();
        Some(Self {
            form: text("form")?,
            credit_code: text("credit_code")?,
            item: text("item")?,
            measure: text("measure")?,
            value: column("value")?.as_primitive_opt()?,
            submission_id: text("submission_id")?,
            received_at: column("received_at")?.as_primitive_opt()?,
        })
    }

    /// The rows of each report that is among `counting`, with its layout: those of a report stand together.
    fn reports<'b>(
        &'b self,
        counting: &'b BTreeMap<String, String>,
    ) -> impl Iterator<Item = (&'b str, Range<usize>)> {
        let mut first = 0;
        std::iter::from_fn(move || {
            let id = (first < self.submission_id.len()).then(|| self.submission_id.value(first))?;
            let of_report = (first..self.submission_id.len())
                .take_while(|row| self.submission_id.value(*row) == id);
            let rows = first..first + of_report.count();
            first = rows.end;
            Some((id, rows))
        })
        .filter_map(|(id, rows)| Some((counting.get(id)?.as_str(), rows)))
    }

    fn value(&self, row: usize) -> Decimal {
        let scale = u32::try_from(self.value.scale()).unwrap_or_default();
        let value = Decimal::try_from_i128_with_scale(self.value.value(row), scale);
        value.unwrap_or_default().normalize()
    }

    fn counted(&self, layout: &str, rows: Range<usize>) -> Counted {
        let text = |column: &StringArray| column.value(rows.start).to_owned();
        let at = self.received_at.value(rows.start);
        let mut figures = Figures { is_export: layout == "table", ..Figures::default() };
        for row in rows.clone() {
            if let Ok(measure) = self.measure.value(row).parse() {
                figures.insert(self.item.value(row), measure, self.value(row));
            }
        }
        Counted {
            form: text(self.form),
            credit_code: text(self.credit_code),
            submission_id: text(self.submission_id),
            received_at: DateTime::from_timestamp_micros(at).unwrap_or_default(),
            figures,
        }
    }
}
