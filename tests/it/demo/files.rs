//! What is written can be read back, and is the same on every run.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::SystemTime;

use calamine::{Data, DataType, Reader, SheetVisible, Xlsx, open_workbook};
use tempfile::TempDir;
use yuebao::demo::figures::OUTPUT;
use yuebao::demo::mess::messes;
use yuebao::demo::plan::{Packing, PlannedFile};
use yuebao::demo::write_plan;
use yuebao::domain::measure::Measure;

use super::{PLAN, month};

/// Writes only the deliveries wanted.
fn write(wanted: impl Fn(&PlannedFile) -> bool) -> (TempDir, Vec<PlannedFile>) {
    let deliveries = PLAN.iter().filter(|delivery| wanted(delivery)).cloned();
    let plan = deliveries.collect::<Vec<_>>();
    assert!(!plan.is_empty());
    let folder = tempfile::tempdir().unwrap();
    write_plan(folder.path(), &plan).unwrap();
    (folder, plan)
}

/// Bytes and modification time of every file below a folder.
fn tree(folder: &Path) -> BTreeMap<String, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for month in std::fs::read_dir(folder).unwrap() {
        for file in std::fs::read_dir(month.unwrap().path()).unwrap() {
            let file = file.unwrap();
            let modified = file.metadata().unwrap().modified().unwrap();
            let name = file.file_name().into_string().unwrap();
            files.insert(name, (std::fs::read(file.path()).unwrap(), modified));
        }
    }
    files
}

fn cells(folder: &TempDir, delivery: &PlannedFile, sheet: &str) -> Vec<Vec<Data>> {
    let path = folder.path().join(delivery.folder.to_string()).join(&delivery.file_name);
    let mut book: Xlsx<_> = open_workbook(path).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    let end = range.end().unwrap();
    // From A1, so that positions are those of the sheet.
    let full = range.range((0, 0), end);
    full.rows().map(<[Data]>::to_vec).collect()
}

fn thousands(value: Option<i64>) -> f64 {
    i32::try_from(value.unwrap()).unwrap().into()
}

#[test]
fn two_months_written_twice_are_the_same_bytes() {
    let of_two_months =
        |delivery: &PlannedFile| [month("2023-09"), month("2024-07")].contains(&delivery.folder);
    let (first, plan) = write(of_two_months);
    let (second, _) = write(of_two_months);
    let (first, second) = (tree(first.path()), tree(second.path()));
    assert_eq!(first.len(), plan.len(), "file names are unique within a month");
    assert!(first == second);
}

#[test]
fn modification_time_is_the_receipt() {
    let (folder, plan) = write(|delivery| delivery.folder == month("2025-12"));
    let tree = tree(folder.path());
    for delivery in &plan {
        let (_, modified) = &tree[&delivery.file_name];
        assert_eq!(*modified, SystemTime::from(delivery.received_at.to_utc()));
    }
}

#[test]
fn a_clean_form_bears_its_labels_and_figures_where_the_specimen_has_them() {
    let is_clean = |delivery: &PlannedFile| {
        delivery.folder == month("2024-07")
            && delivery.reports[0].form == OUTPUT
            && messes(delivery).is_empty()
            && delivery.revision == 1
            && delivery.packing == Packing::Workbook
    };
    let (folder, plan) = write(is_clean);
    let delivery = &plan[0];
    let report = &delivery.reports[0];
    let cells = cells(&folder, delivery, "B204-1");
    let text = |row: usize, column: usize| cells[row][column].to_string();
    assert_eq!(text(0, 0), "工业产销总值及主要产品产量");
    assert_eq!(text(3, 0), format!("统一社会信用代码：{}", report.credit_code));
    assert_eq!(text(3, 5), "文    号：国统字〔2023〕88号");
    assert_eq!(text(4, 3), "2024 年 7 月");
    assert_eq!((text(8, 2), text(9, 2), text(10, 2)), ("01".into(), "03".into(), "04".into()));
    for (measure, column) in Measure::ALL.into_iter().zip(3..) {
        let written = cells[8][column].as_f64().unwrap();
        assert_eq!(written, thousands(report.value("output", measure)));
    }
}

#[test]
fn every_sheet_ends_saying_that_it_is_synthetic() {
    let (folder, plan) = write(|delivery| {
        delivery.folder == month("2024-07") && delivery.packing == Packing::Workbook
    });
    for delivery in &plan {
        for report in &delivery.reports {
            let sheet = if report.period == delivery.folder {
                report.form.to_owned()
            } else {
                format!("{}年{}月", report.period.year(), report.period.month())
            };
            let cells = cells(&folder, delivery, &sheet);
            let last = cells.last().unwrap();
            let is_marked =
                last.iter().any(|cell| cell.to_string().starts_with("示例数据（合成）"));
            assert!(is_marked, "{}", delivery.file_name);
        }
    }
}

/// The figures of every sheet with a mess, as text.
fn typed(mess: &str) -> Vec<String> {
    let (folder, plan) = write(|delivery| {
        delivery.folder.year() == 2024
            && delivery.folder.month() > 2
            && messes(delivery) == [mess]
            && delivery.reports[0].form == OUTPUT
    });
    let delivery = &plan[0];
    let cells = cells(&folder, delivery, "B204-1");
    let row = cells.iter().find(|row| row.iter().any(|cell| *cell == "01"));
    row.unwrap().iter().skip(3).map(|cell| format!("{cell:?}")).collect()
}

#[test]
fn numbers_are_stored_as_text_in_several_fashions() {
    assert!(typed("text_numbers").iter().all(|cell| cell.starts_with("String(\"")));
    assert!(typed("thousands").iter().all(|cell| cell.contains(',')));
    assert!(typed("full_width").iter().all(|cell| !cell.contains(|c: char| c.is_ascii_digit())));
    assert!(typed("unit_behind").iter().all(|cell| cell.contains("千元")));
}

#[test]
fn a_formula_keeps_its_result() {
    let cells = typed("formulas");
    assert!(cells.iter().all(|cell| cell.starts_with("Float(")), "{cells:?}");
}

#[test]
fn another_unit_is_worth_the_same() {
    for (mess, unit, factor) in [("yuan", "元", 1_000.0), ("ten_thousand_yuan", "万元", 0.1)] {
        let (folder, plan) =
            write(|delivery| delivery.folder.year() == 2024 && messes(delivery) == [mess]);
        for delivery in plan.iter().take(20) {
            let report = &delivery.reports[0];
            let cells = cells(&folder, delivery, report.form);
            let units = cells.iter().flatten().filter(|cell| **cell == unit).count();
            let money = report.lines.iter().filter(|line| line.is_money()).count();
            assert_eq!(units, money, "{}", delivery.file_name);
            let wanted = thousands(report.lines[0].figures.get(&Measure::Ytd).copied()) * factor;
            let is_there = cells.iter().flatten().filter_map(DataType::as_f64);
            assert!(is_there.into_iter().any(|value| (value - wanted).abs() < 0.001));
        }
    }
}

#[test]
fn a_code_in_boxes_spells_the_code() {
    let (folder, plan) = write(|delivery| messes(delivery) == ["code_boxes"]);
    for delivery in plan.iter().take(20) {
        let report = &delivery.reports[0];
        let cells = cells(&folder, delivery, report.form);
        let row = cells.iter().find(|row| row[0] == "统一社会信用代码").unwrap();
        let spelled: String = row[1..=18].iter().map(ToString::to_string).collect();
        assert_eq!(spelled, report.credit_code);
    }
}

#[test]
fn hidden_notes_stand_in_front() {
    let (folder, plan) = write(|delivery| messes(delivery) == ["hidden_notes"]);
    let delivery = &plan[0];
    let path = folder.path().join(delivery.folder.to_string()).join(&delivery.file_name);
    let book: Xlsx<_> = open_workbook(path).unwrap();
    let first = &book.sheets_metadata()[0];
    assert_eq!(first.visible, SheetVisible::Hidden);
}

#[test]
fn missing_marks_stand_only_for_nothing() {
    let (folder, plan) = write(|delivery| messes(delivery) == ["missing_marks"]);
    let mut marked = 0;
    for delivery in plan.iter().filter(|d| d.reports[0].form == OUTPUT) {
        let cells = cells(&folder, delivery, "B204-1");
        let row = |code: &str| cells.iter().find(|row| row[2] == code).unwrap()[3..7].to_vec();
        assert!(row("01")[1].as_f64().is_some() && row("03")[1].as_f64().is_some());
        marked += row("04").iter().filter(|cell| cell.as_f64().is_none()).count();
    }
    assert!(marked > 0);
}

#[test]
fn unreadable_files_are_unreadable() {
    let (folder, plan) =
        write(|delivery| matches!(delivery.packing, Packing::Html | Packing::Truncated));
    assert!(plan.len() >= 4);
    for delivery in &plan {
        let path = folder.path().join(delivery.folder.to_string()).join(&delivery.file_name);
        assert!(open_workbook::<Xlsx<_>, _>(path).is_err(), "{}", delivery.file_name);
    }
}

#[test]
fn the_export_has_a_row_a_firm_and_a_total() {
    let (folder, plan) = write(|delivery| delivery.packing == Packing::Export);
    let delivery = &plan[0];
    let cells = cells(&folder, delivery, "2023年9月");
    let number = |row: usize, column: usize| cells[row][column].to_string().parse::<i64>().unwrap();
    assert_eq!(cells[0][7].to_string(), "工业总产值(当年价格);本年-1—本月");
    let firms = delivery.reports.len();
    assert_eq!(cells[firms + 1][2].to_string(), "合计");
    let sum: i64 = (1..=firms).map(|row| number(row, 7)).sum();
    assert_eq!(number(firms + 1, 7), sum);
    for (report, row) in delivery.reports.iter().zip(1..) {
        assert_eq!(Some(number(row, 7)), report.value("output", Measure::Ytd));
        assert_eq!(Some(number(row, 6)), report.value("output", Measure::PriorMonth));
        let industry = cells[row][3].to_string();
        let section = if report.firm.industry_code.as_str() < "44" { "C" } else { "D" };
        let with_letter = format!("{section}{}", report.firm.industry_code);
        assert!(industry == report.firm.industry_code || industry == with_letter, "{industry}");
    }
}
