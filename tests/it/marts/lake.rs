//! A small lake and its seeds in memory, said in a few words per firm and report.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int32Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, SchemaRef};
use chrono::{DateTime, NaiveDate};
use yuebao::domain::period::Period;
use yuebao::project::lake::{Given, Table};
use yuebao::project::seeds::schema::SEEDS;
use yuebao::stages::marts::{self, Built, Planned, Tables};

use crate::support::batches::by_grain;

use super::given::{COLUMN, form_months};
use super::shipped::{PLANNED, block_on};

/// One cell of a table under construction; text, numbers and dates as people write them.
pub(super) type Row = Vec<Option<String>>;

/// The rows of every table, as text.
#[derive(Clone, Default)]
pub(super) struct Lake {
    pub(super) firms: Vec<Row>,
    targets: Vec<Row>,
    qualifications: Vec<Row>,
    feedback: Vec<Row>,
    pub(super) restructurings: Vec<Row>,
    pub(super) calendar: Vec<Row>,
    pub(super) since: Option<String>,
    pub(super) now: Option<String>,
    pub(super) submissions: Vec<Row>,
    observations: Vec<Row>,
    findings: Vec<Row>,
}

/// A firm of the roster; change what a test is about.
#[derive(Clone, Copy)]
pub(super) struct Firm<'a> {
    pub code: &'a str,
    pub zone: Option<&'a str>,
    pub chain: Option<&'a str>,
    pub industry: &'a str,
    pub size: i32,
    pub is_leading: bool,
    pub from: &'a str,
    pub to: Option<&'a str>,
    pub base_rule: &'a str,
    pub forms: &'a str,
}

impl Default for Firm<'_> {
    fn default() -> Self {
        Self {
            code: "A",
            zone: None,
            chain: None,
            industry: "3714",
            size: 3,
            is_leading: false,
            from: "2020-01",
            to: None,
            base_rule: "keep",
            forms: "B204-1",
        }
    }
}

/// A report as it arrived.
pub(super) struct Report<'a> {
    pub form: &'a str,
    pub firm: &'a str,
    pub period: &'a str,
    pub received_at: &'a str,
    pub revision: i32,
    pub state: &'a str,
    pub is_current: bool,
    pub queries: i32,
}

impl Default for Report<'_> {
    fn default() -> Self {
        Self {
            form: "B204-1",
            firm: "A",
            period: "2024-07",
            received_at: "2024-08-05T02:00:00Z",
            revision: 1,
            state: "accepted",
            is_current: true,
            queries: 0,
        }
    }
}

pub(super) fn texts(values: &[&str]) -> Row {
    values.iter().map(|value| (!value.is_empty()).then(|| (*value).to_owned())).collect()
}

impl Lake {
    pub(super) fn firm(mut self, firm: Firm<'_>) -> Self {
        let [size, is_leading] = [firm.size.to_string(), firm.is_leading.to_string()];
        let [zone, chain, to] = [firm.zone, firm.chain, firm.to].map(Option::unwrap_or_default);
        let name = format!("示例{}", firm.code);
        self.firms.push(texts(&[
            firm.code,
            firm.from,
            to,
            &name,
            zone,
            chain,
            firm.industry,
            &size,
            &is_leading,
            firm.base_rule,
            firm.forms,
            "",
            "",
            "",
        ]));
        self
    }

    /// A plain firm of this code.
    pub(super) fn plain(self, code: &str) -> Self {
        self.firm(Firm { code, ..Firm::default() })
    }

    /// A target: id, year, `kind:id` of the scope, form, item, kind, level, growth, baseline year,
    /// baseline; empty for none.
    pub(super) fn target(mut self, values: [&str; 10]) -> Self {
        let [id, year, scope, form, item, kind, level, growth, base_year, base] = values;
        let (scope_kind, scope_id) = scope.split_once(':').unwrap();
        let name = format!("目标{id}");
        self.targets.push(texts(&[
            id, &name, id, year, scope_kind, scope_id, form, item, kind, level, growth, base_year,
            base, "",
        ]));
        self
    }

    /// Firm, kind, first day, last day, the name it has there.
    pub(super) fn qualification(mut self, values: [&str; 5]) -> Self {
        self.qualifications.push(texts(&values));
        self
    }

    pub(super) fn feedback(mut self, values: [&str; 6]) -> Self {
        self.feedback.push(texts(&values));
        self
    }

    pub(super) fn deadline(mut self, form: &str, period: &str, instant: &str) -> Self {
        self.calendar.push(texts(&[form, period, instant]));
        self
    }

    /// An approved change: firm, month, kind, predecessor (empty for none).
    pub(super) fn restructuring(mut self, values: [&str; 4]) -> Self {
        let [code, period, kind, predecessor] = values;
        self.restructurings.push(texts(&[code, period, kind, predecessor, "批复"]));
        self
    }

    /// The first month anybody is expected to report here.
    pub(super) fn since(mut self, month: &str) -> Self {
        self.since = Some(month.to_owned());
        self
    }

    /// The moment marts are built; without one every deadline has passed.
    pub(super) fn now(mut self, instant: &str) -> Self {
        self.now = Some(instant.to_owned());
        self
    }

    /// A report with figures `item month ytd prior_month prior_ytd` in yuan; `-` for a blank.
    pub(super) fn report(mut self, report: &Report<'_>, figures: &[&str]) -> Self {
        let id = format!("{}-{}-{}-{}", report.form, report.firm, report.period, report.revision);
        let [revision, queries] = [report.revision, report.queries].map(|it| it.to_string());
        let counted = (report.state == "accepted").to_string();
        self.submissions.push(texts(&[
            &id,
            "00",
            "file.xlsx",
            report.form,
            "2024",
            report.firm,
            "",
            report.period,
            report.received_at,
            &revision,
            "sheet",
            report.state,
            "0",
            &queries,
            "",
            "",
            &report.is_current.to_string(),
            &counted,
        ]));
        for line in figures {
            let parts: Vec<&str> = line.split_whitespace().collect();
            for (value, measure) in
                parts[1..].iter().zip(["month", "ytd", "prior_month", "prior_ytd"])
            {
                if *value != "-" {
                    self.observations.push(texts(&[
                        report.period,
                        report.form,
                        report.firm,
                        parts[0],
                        measure,
                        value,
                        "元",
                        &id,
                        "表",
                        "D9",
                        report.received_at,
                    ]));
                }
            }
        }
        self
    }

    /// A finding about the report added last: check, severity.
    pub(super) fn finding(mut self, code: &str, severity: &str) -> Self {
        let report = self.submissions.last().unwrap();
        let mut row = vec![report[0].clone(), Some(code.to_owned()), Some(severity.to_owned())];
        row.extend([report[3].clone(), report[5].clone(), report[7].clone()]);
        row.extend(texts(&["output", "ytd", "表", "D9", "1", "2", "说明", "said", "做", "do"]));
        self.findings.push(row);
        self
    }

    /// A report of B204-1 that counts.
    pub(super) fn filed(self, firm: &str, period: &str, figures: &[&str]) -> Self {
        self.report(&Report { firm, period, ..Report::default() }, figures)
    }

    /// The tables marts read.
    pub(super) fn tables(&self) -> Tables {
        let mut tables = Tables::empty();
        let seeds: [(&str, Vec<Row>); 7] = [
            ("firms", self.firms.clone()),
            (
                "zones",
                vec![texts(&["z1", "一区", "Zone 1"]), texts(&["z2", "二区", "Zone 2", "1"])],
            ),
            (
                "chains",
                vec![texts(&["rail", "轨道交通", "Rail"]), texts(&["beef", "肉牛", "Beef"])],
            ),
            (
                "industries",
                vec![
                    texts(&["37", "铁路等运输设备制造业", "Rail and more", "C"]),
                    texts(&["C", "制造业", "Manufacturing", "C"]),
                    texts(&["3714", "高铁配件", "", "C"]),
                ],
            ),
            ("calendar", self.calendar.clone()),
            ("targets", self.targets.clone()),
            ("qualifications", self.qualifications.clone()),
        ];
        let more =
            [("feedback", self.feedback.clone()), ("restructurings", self.restructurings.clone())];
        for (name, rows) in seeds.into_iter().chain(more) {
            let seed = SEEDS.iter().find(|seed| seed.name == name).unwrap();
            let batch = batch(&seed.arrow_schema(), &rows);
            tables.add_batch(name, &batch);
        }
        for (table, rows) in [
            (Table::Submissions, &self.submissions),
            (Table::Observations, &self.observations),
            (Table::Findings, &self.findings),
        ] {
            tables.add_batch(table.name(), &batch(&table.schema(), rows));
        }
        for (table, rows) in [
            (Given::District, vec![self.district()]),
            (Given::Thresholds, vec![texts(&["0.95", "0.01", "0.9", "0.02", "0.005", "0.001"])]),
            (Given::FormMonths, form_months()),
            (Given::Forms, vec![texts(&["B204-1", "工业产销总值", "Output"])]),
            (Given::MartColumns, vec![texts(&COLUMN)]),
            (Given::Owed, self.owed()),
            (Given::Lineage, self.lineage()),
        ] {
            tables.add_batch(table.name(), &batch(&table.schema(), &rows));
        }
        tables
    }

    /// Builds the shipped marts that one of them needs; whatever they promise must hold.
    pub(super) fn build(&self, mart: &str) -> Built {
        let built = self.build_as_it_is(mart);
        assert_eq!(built.failures, []);
        built
    }

    /// Builds every shipped mart, promises held or not.
    pub(super) fn build_all(&self) -> Built {
        block_on(marts::build(&*PLANNED, &self.tables(), None)).unwrap()
    }

    /// Builds what one mart needs, promises held or not.
    pub(super) fn build_as_it_is(&self, mart: &str) -> Built {
        let tables = self.tables();
        block_on(marts::build(needed(mart), &tables, None)).unwrap()
    }
}

/// A mart and, all the way down, those it reads; a name that is also a table's means the table.
fn needed(name: &str) -> impl Iterator<Item = &'static Planned> {
    let tables = Tables::empty();
    let tables = tables.names();
    let mut names = BTreeSet::from([name.to_owned()]);
    for Planned { mart, .. } in PLANNED.iter().rev() {
        if names.contains(&mart.name) {
            let reads = mart.reads.iter().filter(|read| !tables.contains(read.as_str()));
            names.extend(reads.cloned());
        }
    }
    PLANNED.iter().filter(move |planned| names.contains(&planned.mart.name))
}

/// Rows of text as a batch of a schema.
pub(super) fn batch(schema: &SchemaRef, rows: &[Row]) -> RecordBatch {
    let columns = schema.fields().iter().enumerate().map(|(index, field)| {
        let values: Vec<Option<&str>> = rows.iter().map(|row| row.get(index)?.as_deref()).collect();
        column(field.data_type(), &values)
    });
    RecordBatch::try_new(Arc::clone(schema), columns.collect()).unwrap()
}

fn column(data_type: &DataType, values: &[Option<&str>]) -> ArrayRef {
    let values = values.iter().copied();
    match data_type {
        DataType::Utf8 => Arc::new(values.collect::<StringArray>()),
        DataType::Int32 => {
            Arc::new(values.map(|value| Some(value?.parse().unwrap())).collect::<Int32Array>())
        }
        DataType::Boolean => {
            Arc::new(values.map(|value| Some(value? == "true")).collect::<BooleanArray>())
        }
        DataType::Date32 => {
            Arc::new(values.map(|value| Some(days(value?))).collect::<Date32Array>())
        }
        DataType::Timestamp(_, _) => {
            let micros = |text| instant(text).timestamp_micros();
            let array: TimestampMicrosecondArray = values.map(|value| value.map(micros)).collect();
            Arc::new(array.with_timezone("UTC"))
        }
        DataType::Decimal128(precision, scale) => {
            let scaled = |text: &str| {
                let decimal: rust_decimal::Decimal = text.parse().unwrap();
                let factor =
                    rust_decimal::Decimal::from(10_i64.pow(u32::try_from(*scale).unwrap()));
                i128::try_from(decimal * factor).unwrap()
            };
            let array: Decimal128Array = values.map(|value| value.map(scaled)).collect();
            Arc::new(array.with_precision_and_scale(*precision, *scale).unwrap())
        }
        other => panic!("no table has {other}"),
    }
}

pub(super) fn instant(text: &str) -> DateTime<chrono::FixedOffset> {
    DateTime::parse_from_rfc3339(text).unwrap()
}

fn days(text: &str) -> i32 {
    let date = text
        .parse::<Period>()
        .map_or_else(|_| text.parse::<NaiveDate>().unwrap(), Period::first_day);
    i32::try_from((date - NaiveDate::from_ymd_opt(1970, 1, 1).unwrap()).num_days()).unwrap()
}

/// The rows of a mart that a condition keeps, the named columns joined by blanks; null is `-`.
pub(super) fn rows(built: &Built, mart: &str, keep: &str, columns: &str) -> Vec<String> {
    let batch = &built.marts.iter().find(|built| built.name == mart).unwrap().batch;
    crate::support::batches::cells(&by_grain(batch), keep, columns)
}

/// Rows that begin with their scope, without sections and classes: what divisions say again.
pub(super) fn without_levels(rows: Vec<String>) -> Vec<String> {
    rows.into_iter().filter(|row| !row.starts_with("industry_")).collect()
}
