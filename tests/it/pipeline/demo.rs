//! The sample district from nothing to a published edition, twice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Date32Type, Decimal128Type};
use arrow::record_batch::RecordBatch;
use rust_decimal::Decimal;
use yuebao::demo::figures::OUTPUT;
use yuebao::demo::plan::{self, PlannedFile};
use yuebao::domain::measure::Measure;
use yuebao::domain::period::Period;
use yuebao::files::parquet;
use yuebao::lake::rows::{self, SubmissionState};
use yuebao::pipeline::edition::Publication;
use yuebao::pipeline::output::Output;
use yuebao::pipeline::plan::Scope;
use yuebao::pipeline::stop::Stop;
use yuebao::pipeline::{self, Event, Site};
use yuebao::project::seeds::roster::{BaseRule, Firm};

use crate::demo::counted;
use crate::support::kept;
use crate::support::scene::{assert_same, snapshot};

struct Demo {
    folder: PathBuf,
}

/// The demo, made once for all tests.
static DEMO: LazyLock<Demo> = LazyLock::new(|| Demo {
    folder: kept::once("demo", |folder| make(folder, Period::new(2025, 12).unwrap())),
});

/// Publishes what the sample district sent for the months up to one.
fn make(folder: &Path, last: Period) {
    let workshop = pipeline::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let output = Output::new(folder);
    output.prepare().unwrap();
    let seeds = &workshop.project.seeds;
    let mut plan = plan::plan(&seeds.roster, &seeds.calendar).unwrap();
    plan.retain(|file| file.folder <= last);
    yuebao::demo::write_plan(&output.inbox(), &plan).unwrap();
    let now = "2026-01-15T00:00:00Z".parse().unwrap();
    let site = Site {
        workshop: &workshop,
        output: &output,
        now,
        report: &|_: Event| {},
        stop: &Stop::new(),
    };
    crate::support::scene::take_in(&site, Scope::default()).unwrap();
    assert_eq!(crate::support::scene::publish(&site).unwrap(), Publication::Published(1));
}

impl Demo {
    fn mart(&self, name: &str) -> RecordBatch {
        parquet::read(&self.folder.join(format!("marts/{name}.parquet"))).unwrap()
    }

    fn brief(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join("marts/briefs").join(name)).unwrap()
    }
}

#[test]
fn the_brief_of_july_2024_bears_the_published_figures() {
    let brief = DEMO.brief("brief-2024-07.md");
    for figure in [
        "277.40亿元，同比增长7.6%",
        "117.10亿元，同比增长10.3%",
        "81.70亿元，同比增长7.1%",
        "435.30亿元",
        "84.7%",
    ] {
        assert!(brief.contains(figure), "`{figure}` is missing in\n{brief}");
    }
    assert!(brief.contains("合成"), "the sample must say that it is synthetic");
}

#[test]
fn five_months_of_the_demo_twice_gives_identical_bytes() {
    let files = || {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path(), Period::new(2023, 6).unwrap());
        let mut files = snapshot(folder.path());
        // Rows of steps stand in no order: nobody reads their files but the next build.
        files.retain(|name, _| {
            Path::new(name).extension().is_none_or(|it| it != "lock") && !name.starts_with("steps/")
        });
        files
    };
    assert_same(&files(), &files());
}

/// The district's totals by a second path: summed from what the generator planned to be counted,
/// not from what was parsed, checked and queried by SQL.
#[test]
fn totals_agree_with_the_plan_of_the_workbooks() {
    let totals = DEMO.mart("monthly_totals");
    let district = totals_of(&totals, "district", "output");
    let workshop = pipeline::open(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
    let seeds = &workshop.project.seeds;
    let plan = plan::plan(&seeds.roster, &seeds.calendar).unwrap();
    assert_eq!(district.len(), 33, "three years without their Januaries");
    for (period, ytd) in district {
        let filed: i64 = counted(&plan, OUTPUT, period)
            .map(|report| report.value("output", Measure::Ytd).unwrap())
            .sum();
        let kept: i64 =
            seeds.roster.firms.values().flatten().map(|firm| kept_ytd(&plan, firm, period)).sum();
        assert_eq!(ytd, Decimal::from((filed + kept) * 1000), "{period}");
    }
}

/// What a firm that left earlier in the year filed last, where its base is kept; else nothing.
fn kept_ytd(plan: &[PlannedFile], firm: &Firm, period: Period) -> i64 {
    let Some(last) = firm.roster_to.filter(|last| *last < period && last.year() == period.year())
    else {
        return 0;
    };
    if firm.base_rule == BaseRule::Drop {
        return 0;
    }
    let mut reports = counted(plan, OUTPUT, last);
    let report = reports.find(|report| report.credit_code == firm.credit_code);
    report.and_then(|report| report.value("output", Measure::Ytd)).unwrap_or_default()
}

fn totals_of(totals: &RecordBatch, kind: &str, item: &str) -> BTreeMap<Period, Decimal> {
    let text = |name: &str| totals.column_by_name(name).unwrap().as_string::<i32>();
    let (kinds, items) = (text("scope_kind"), text("item"));
    let periods = totals.column_by_name("period").unwrap().as_primitive::<Date32Type>();
    let ytd = totals.column_by_name("ytd_cny").unwrap().as_primitive::<Decimal128Type>();
    let rows =
        (0..totals.num_rows()).filter(|row| kinds.value(*row) == kind && items.value(*row) == item);
    rows.map(|row| {
        let period = Period::of(periods.value_as_date(row).unwrap()).unwrap();
        (period, Decimal::from_i128_with_scale(ytd.value(row), 2))
    })
    .collect()
}

#[test]
fn every_state_of_a_submission_occurs_in_the_demo() {
    let status = DEMO.mart("submission_status");
    let found = status.column_by_name("state").unwrap().as_string::<i32>();
    for state in ["accepted", "missing", "queried", "refused"] {
        assert!(found.iter().flatten().any(|it| it == state), "no report is {state}");
    }
    assert_said_why_it_does_not_count();
}

/// What is accepted counts, or a note says why it does not; no two reports of the demo contradict.
fn assert_said_why_it_does_not_count() {
    let lake = DEMO.folder.join("lake");
    for partition in rows::partitions(&lake).unwrap() {
        let findings = rows::findings(&lake, &partition).unwrap();
        for row in rows::submissions(&lake, &partition).unwrap() {
            let own = findings.iter().filter(|it| it.submission_id == row.submission_id);
            let codes = own.map(|it| it.finding.code.as_str()).collect::<Vec<_>>();
            let notes = codes.iter().filter(|code| **code == "R2").count();
            let is_idle = row.state == SubmissionState::Accepted && !row.is_current;
            assert_eq!(notes, usize::from(is_idle), "{row:?}");
            assert!(!codes.contains(&"R1"), "{row:?}");
        }
    }
}

#[test]
fn marts_are_flat_and_described_for_bi_tools() {
    for name in
        ["monthly_totals", "target_progress", "submission_status", "firm_months", "headline"]
    {
        let mart = DEMO.mart(name);
        for field in mart.schema().fields() {
            assert!(!field.data_type().is_nested(), "{name}.{}", field.name());
            assert!(field.metadata().contains_key("description"), "{name}.{}", field.name());
        }
        let provenance =
            parquet::provenance(&DEMO.folder.join(format!("marts/{name}.parquet"))).unwrap();
        assert_eq!(provenance["yuebao.is_synthetic"], "true");
    }
}

#[test]
fn february_has_no_month_figures() {
    let totals = DEMO.mart("monthly_totals");
    let periods = totals.column_by_name("period").unwrap().as_primitive::<Date32Type>();
    let month = totals.column_by_name("month_cny").unwrap();
    let mut februaries = 0;
    for row in 0..totals.num_rows() {
        let period = Period::of(periods.value_as_date(row).unwrap()).unwrap();
        assert_ne!(period.month(), 1, "nobody files January");
        if period.month() == 2 {
            februaries += 1;
            assert!(month.is_null(row), "{period}");
        }
    }
    assert!(februaries > 0);
}
