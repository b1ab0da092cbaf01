//! Merged cells: what they hide does not count, what they head is found.

use rust_xlsxwriter::{Format, Worksheet};

use super::{B204, findings, report, values};
use crate::support::package::{sheet_xml, xlsx};
use crate::support::workbook::{Book, write};

fn merge(sheet: &mut Worksheet, (top, left): (u32, u16), (bottom, right): (u32, u16), text: &str) {
    sheet.merge_range(top, left, bottom, right, "", &Format::new()).unwrap();
    write(sheet, top, left, text);
}

#[test]
fn a_value_under_a_merge_is_noted_and_does_not_count() {
    let bytes = Book::new().shaped("S", B204, |sheet| {
        merge(sheet, (12, 3), (13, 3), "9034");
        sheet.write_number(13, 3, 3000).unwrap();
    });
    let report = report(&bytes.bytes());
    assert_eq!(findings(&report), ["S02@D14"]);
    assert_eq!(report.findings[0].value.as_deref(), Some("3000"));
    assert_eq!(values(&report, "industry:3714"), "9034000 60312000 8050000 55021000");
    assert_eq!(values(&report, "industry:3670"), ". 20000000 3000000 19000000");
}

#[test]
fn blanks_under_a_merge_are_nothing() {
    let bytes = Book::new().shaped("S", B204, |sheet| {
        merge(sheet, (0, 0), (0, 6), "工业产销总值及主要产品产量");
        merge(sheet, (5, 3), (5, 4), "本年");
        merge(sheet, (5, 5), (5, 6), "上年同期");
        merge(sheet, (5, 0), (6, 0), "指标名称");
        sheet.write_string(0, 3, "　").unwrap();
    });
    let report = report(&bytes.bytes());
    assert_eq!(findings(&report), Vec::<String>::new());
    assert_eq!(report.figures.len(), 24);
}

#[test]
fn a_merge_of_the_whole_sheet_is_walked_by_its_cells_only() {
    let cells = [("A1", "工业产销总值及主要产品产量"), ("XFD1048576", "x")];
    let merges = r#"</sheetData><mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>"#;
    let report = report(&xlsx(&sheet_xml(&cells).replace("</sheetData>", merges), &[]));
    assert!(findings(&report).contains(&"S02@XFD1048576".to_owned()));
}

#[test]
fn merges_of_xls_are_known_too() {
    let report = report(&super::fixture("libreoffice/LY-01.xls"));
    assert_eq!(values(&report, "supply:91220106MA0000015Q"), "5034000 32312000 4050000 25021000");
    assert_eq!(findings(&report), Vec::<String>::new());
}
