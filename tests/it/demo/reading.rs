//! What is written is what `parse` reads: no mess changes what a figure is worth.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use yuebao::demo::figures::OUTPUT;
use yuebao::demo::plan::{Packing, PlannedFile, PlannedReport};
use yuebao::demo::write_plan;
use yuebao::domain::measure::Measure;
use yuebao::project::{Project, load};
use yuebao::stages::parse::{self, Book};

use super::{PLAN, month};

type Figures = BTreeMap<(String, Measure), Decimal>;

/// The figures of a report in yuan, as planned.
fn planned(report: &PlannedReport) -> Figures {
    let mut figures = Figures::new();
    for line in &report.lines {
        for measure in Measure::ALL {
            if let Some(value) = line.figures.get(&measure).copied() {
                let canonical = if line.is_money() {
                    Decimal::from(value * 1_000)
                } else {
                    Decimal::new(value, 1)
                };
                figures.insert((line.item.clone(), measure), canonical);
            }
        }
    }
    figures
}

fn read_figures(report: &parse::Report) -> Figures {
    let figures = report.figures.iter();
    figures.map(|figure| ((figure.item.clone(), figure.measure), figure.canonical())).collect()
}

/// A dash for a zero is as good as a zero, and the export bears neither products nor sidelines.
fn comparable(figures: Figures, packing: Packing) -> Figures {
    let is_told = |item: &str| packing != Packing::Export || !item.contains(':');
    let kept = figures.into_iter().filter(|((item, _), value)| is_told(item) && !value.is_zero());
    kept.collect()
}

#[track_caller]
fn compare(delivery: &PlannedFile, book: &Book) {
    let name = &delivery.file_name;
    assert_eq!(book.reports.len(), delivery.reports.len(), "{name}: {:?}", book.findings);
    for (planned_report, read) in delivery.reports.iter().zip(&book.reports) {
        assert_eq!(read.form, planned_report.form, "{name}");
        let code = read.credit_code.as_ref().map(|found| found.value.as_str());
        assert_eq!(code, Some(planned_report.credit_code.as_str()), "{name}");
        let period = read.period.as_ref().map(|found| found.value);
        assert_eq!(period, Some(planned_report.period), "{name}");
        let why = read.explanation.as_ref().map_or("", |found| found.value.as_str());
        assert_eq!(why.chars().count(), planned_report.explanation.chars().count(), "{name}");
        let wanted = comparable(planned(planned_report), delivery.packing);
        assert_eq!(comparable(read_figures(read), delivery.packing), wanted, "{name}");
    }
}

fn project() -> Project {
    load(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Writes a month, reads every file, and compares.
#[track_caller]
fn read_back(wanted: impl Fn(&PlannedFile) -> bool) {
    let deliveries = PLAN.iter().filter(|delivery| wanted(delivery)).cloned();
    let plan = deliveries.collect::<Vec<_>>();
    assert!(!plan.is_empty());
    let (folder, project) = (tempfile::tempdir().unwrap(), project());
    write_plan(folder.path(), &plan).unwrap();
    for delivery in &plan {
        let path = folder.path().join(delivery.folder.to_string()).join(&delivery.file_name);
        let book =
            parse::read(&std::fs::read(path).unwrap(), &project.forms, &project.settings.limits);
        match delivery.packing {
            Packing::Workbook | Packing::Export => compare(delivery, &book),
            Packing::Html | Packing::Truncated => {
                assert!(book.reports.is_empty(), "{}", delivery.file_name);
                assert!(!book.findings.is_empty(), "{}", delivery.file_name);
            }
        }
    }
}

#[test]
fn the_published_month_reads_as_planned() {
    read_back(|delivery| delivery.folder == month("2024-07"));
}

#[test]
fn a_february_reads_as_planned() {
    read_back(|delivery| delivery.folder == month("2025-02"));
}

#[test]
fn the_month_of_the_export_reads_as_planned() {
    read_back(|delivery| delivery.folder == month("2023-09"));
}

#[test]
fn a_month_with_unreadable_files_reads_as_planned() {
    read_back(|delivery| [month("2024-06"), month("2024-11")].contains(&delivery.folder));
}

#[test]
fn workbooks_with_three_messes_read_as_planned() {
    read_back(|delivery| {
        delivery.folder.year() == 2025
            && delivery.reports[0].form == OUTPUT
            && yuebao::demo::mess::messes(delivery).len() == 3
    });
}
