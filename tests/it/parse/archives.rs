//! Hostile and odd archives: read without running out of memory, or refused with a reason.

use super::{b204, book_findings, fixture, read, values};
use crate::support::package::{archive, sheet_xml, xlsx, xlsx_parts};
use crate::support::workbook::Book;

fn refused(bytes: &[u8], code: &str) -> String {
    let book = read(bytes);
    assert_eq!(book_findings(&book), [code], "{book:#?}");
    assert_eq!(book.reports, []);
    book.findings[0].value.clone().unwrap_or_default()
}

#[test]
fn two_far_corners_are_two_cells() {
    let cells = [("A1", "工业产销总值及主要产品产量"), ("XFD1048576", "<v>1</v>")];
    let book = read(&xlsx(&sheet_xml(&cells), &[]));
    assert_eq!(book.reports.len(), 1, "{book:#?}");
}

#[test]
fn a_dimension_that_lies_is_not_believed() {
    let xml = sheet_xml(&[("A1", "工业产销总值及主要产品产量")])
        .replace("<sheetData>", r#"<dimension ref="A1:XFD1048576"/><sheetData>"#);
    assert_eq!(read(&xlsx(&xml, &[])).reports.len(), 1);
}

#[test]
fn a_count_of_shared_strings_that_lies_is_refused() {
    let strings = |count: &str| {
        format!(
            r#"<?xml version="1.0"?><sst xmlns="x" uniqueCount="{count}"><si><t>甲</t></si></sst>"#
        )
    };
    let xml = sheet_xml(&[("A1", "x")]);
    for count in ["4294967295", "99999999999999999999999"] {
        let bytes = xlsx(&xml, &[("xl/sharedStrings.xml", strings(count).as_bytes())]);
        assert!(refused(&bytes, "F03").contains("shared strings"));
        let wide: Vec<u8> = strings(count).encode_utf16().flat_map(u16::to_le_bytes).collect();
        refused(&xlsx(&xml, &[("xl/SHAREDSTRINGS.xml", &wide)]), "F03");
    }
    let honest = xlsx(&xml, &[("xl/sharedStrings.xml", strings("1").as_bytes())]);
    assert_eq!(book_findings(&read(&honest)), ["F06", "F04"]);
}

#[test]
fn what_inflates_without_end_is_refused() {
    let blanks = vec![b' '; 33_000_000];
    let bytes = xlsx(&sheet_xml(&[("A1", "x")]), &[("xl/media/image1.png", &blanks)]);
    assert!(bytes.len() < 100_000);
    refused(&bytes, "F05");
}

#[test]
fn two_parts_of_one_name_are_refused() {
    let sheet = sheet_xml(&[("A1", "x")]);
    let mut bytes = xlsx(&sheet, &[("xl/worksheets/sheet2.xml", sheet.as_bytes())]);
    let (from, to) = (b"xl/worksheets/sheet2.xml", b"xl/worksheets/sheet1.xml");
    while let Some(at) = bytes.windows(from.len()).position(|window| window == from) {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    assert!(refused(&bytes, "F03").contains("two parts"));
    let by_case = xlsx(&sheet, &[("XL/worksheets\\Sheet1.xml", sheet.as_bytes())]);
    assert!(refused(&by_case, "F03").contains("two parts"));
}

#[test]
fn part_names_in_odd_case_and_with_backslashes_are_read() {
    let sheet = sheet_xml(&[("A1", "工业产销总值及主要产品产量")]);
    let parts = xlsx_parts(&sheet);
    let renamed: Vec<(String, &[u8])> =
        parts.iter().map(|(name, part)| (name.replace("xl/w", "xl\\W"), part.as_slice())).collect();
    let renamed: Vec<(&str, &[u8])> =
        renamed.iter().map(|(name, part)| (name.as_str(), *part)).collect();
    assert_eq!(read(&archive(&renamed)).reports.len(), 1);
}

#[test]
fn a_truncated_workbook_is_damaged() {
    let whole = fixture("forms/B204-1.xlsx");
    for length in [30, 1000, whole.len() / 2, whole.len() - 30] {
        refused(&whole[..length], "F03");
    }
}

#[test]
fn a_workbook_whose_bytes_have_rotted_is_damaged() {
    let mut bytes = fixture("forms/B204-1.xlsx");
    let middle = bytes.len() / 3;
    bytes[middle..middle + 40].fill(0x55);
    refused(&bytes, "F03");
}

#[test]
fn a_cell_that_is_there_twice_is_refused() {
    let bytes = xlsx(&sheet_xml(&[("A1", "<v>1</v>"), ("A1", "<v>2</v>")]), &[]);
    assert!(refused(&bytes, "F03").contains("A1"));
}

#[test]
fn entities_are_not_expanded() {
    let xml = sheet_xml(&[("A1", "&b;")]).replace(
        "<worksheet",
        r#"<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet"#,
    );
    refused(&xlsx(&xml, &[]), "F03");
}

#[test]
fn a_sheet_in_utf_16_is_not_silently_empty() {
    let mut parts = xlsx_parts("");
    let xml =
        sheet_xml(&[("A1", "工业产销总值及主要产品产量")]).replace("?>", r#" encoding="UTF-16"?>"#);
    parts[4].1 =
        [0xFEFF].into_iter().chain(xml.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let parts: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, part)| (*name, part.as_slice())).collect();
    let book = read(&archive(&parts));
    assert!(!book.reports.is_empty() || book_findings(&book) == ["F03"], "{book:#?}");
}

#[test]
fn limits_are_findings_and_name_the_limit() {
    let mut many = Book::new();
    for number in 0..9 {
        many = many.sheet(&format!("表{number}"), "x");
    }
    refused(&many.bytes(), "F05");
    let tall = Book::new().shaped("S", "x", |sheet| {
        for row in 1..20_001 {
            sheet.write_number(row, 0, 1).unwrap();
        }
    });
    let book = read(&tall.bytes());
    assert_eq!(book_findings(&book), ["F05"]);
    assert!(book.findings[0].message.en.contains("more than 20000 cells"), "{book:#?}");
    refused(&Book::of(&"长".repeat(2001)), "F05");
    assert_eq!(book_findings(&read(&Book::of(&"长".repeat(2000)))), ["F06", "F04"]);
    refused(&vec![b'P'; 4_000_001], "F05");
}

#[test]
fn numbers_that_are_no_numbers_are_findings() {
    let lines = [
        ("A1", "工业产销总值及主要产品产量"),
        ("A2", "指标名称"),
        ("B2", "代码"),
        ("C2", "本年本月"),
        ("D2", "本年累计"),
        ("E2", "上年本月"),
        ("F2", "上年累计"),
        ("B3", "01"),
        ("B4", "03"),
    ];
    for number in ["NaN", "inf", "-inf"] {
        let value = format!("<v>{number}</v>");
        let mut cells = lines.to_vec();
        cells.push(("C3", &value));
        cells.push(("C4", "<v>5</v>"));
        let book = read(&xlsx(&sheet_xml(&cells), &[]));
        let report = &book.reports[0];
        assert_eq!(super::findings(report), ["H3@C3"], "{number}");
        assert_eq!(values(report, "sales"), "5000 . . .");
    }
}

#[test]
fn reading_twice_gives_the_same() {
    let bytes = b204(&[("12034", "x")]);
    assert_eq!(read(&bytes), read(&bytes));
}
