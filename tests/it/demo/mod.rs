//! Tests of the sample district: its seeds, its figures, its stories, its files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use chrono::DateTime;
use yuebao::demo::plan::{Expected, PlannedFile, PlannedReport, plan};
use yuebao::domain::period::Period;
use yuebao::project::seeds::roster::{
    BaseRule, Calendar, Firm, Restructuring, RestructuringKind, Roster,
};

mod figures;
mod files;
mod reading;
mod rules;
mod seeds;
mod stories;

/// The shipped seeds, read without the project so that a fault there does not hide one here.
static ROSTER: LazyLock<Roster> = LazyLock::new(roster);
static CALENDAR: LazyLock<Calendar> = LazyLock::new(calendar);
static PLAN: LazyLock<Vec<PlannedFile>> = LazyLock::new(|| plan(&ROSTER, &CALENDAR).unwrap());

/// The reports that count in the end, of one form and month.
pub(crate) fn counted<'a>(
    plan: &'a [PlannedFile],
    form: &'a str,
    period: Period,
) -> impl Iterator<Item = &'a PlannedReport> {
    let reports = plan.iter().flat_map(|file| &file.reports);
    reports.filter(move |report| {
        report.form == form && report.period == period && report.expected == Expected::Counts
    })
}

fn seeds_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds")
}

/// The firms, each as its newest spell has it.
fn firms() -> impl Iterator<Item = &'static Firm> {
    ROSTER.firms.values().map(|spells| spells.last().unwrap())
}

/// The rows of a seed, by column name.
fn table(name: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(seeds_dir().join(format!("{name}.csv"))).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

/// The months the sample covers: 2023-02 to 2025-12 without Januaries, which nobody files.
fn periods() -> impl Iterator<Item = Period> {
    month("2023-02").to(month("2025-12")).filter(|period| period.month() != 1)
}

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

fn roster() -> Roster {
    let firm = |row: BTreeMap<String, String>| Firm {
        credit_code: row["credit_code"].clone(),
        name: row["name"].clone(),
        zone: row["zone"].clone(),
        chain: row["chain"].clone(),
        industry_code: row["industry_code"].clone(),
        size_class: row["size_class"].parse().unwrap(),
        is_leading: row["is_leading"].parse().unwrap(),
        roster_from: month(&row["roster_from"]),
        roster_to: Some(&row["roster_to"]).filter(|text| !text.is_empty()).map(|text| month(text)),
        base_rule: if row["base_rule"] == "drop" { BaseRule::Drop } else { BaseRule::Keep },
        forms: row["forms"].split(';').map(str::to_owned).collect(),
        contact: row["contact"].clone(),
        annual_revenue_cny: None,
        may_be_named: false,
    };
    let change = |row: BTreeMap<String, String>| Restructuring {
        credit_code: row["credit_code"].clone(),
        period: month(&row["period"]),
        kind: RestructuringKind::Base,
        predecessor: None,
    };
    let changes = table("restructurings").into_iter().map(change).collect();
    Roster::new(table("firms").into_iter().map(firm), changes)
}

fn calendar() -> Calendar {
    let rows = table("calendar").into_iter().map(|row| {
        let deadline = DateTime::parse_from_rfc3339(&row["deadline"]).unwrap();
        ((row["form"].clone(), month(&row["period"])), deadline)
    });
    Calendar { deadlines: rows.collect() }
}
