//! What a file is, by its bytes.

use proptest::prelude::*;

use super::{B204, book_findings, findings, fixture, lines, read, report, values};
use crate::support::package::{archive, compound, xlsb};
use crate::support::workbook::Book;
use yuebao::stages::parse::Format;

/// The end of a chain of sectors.
const END: u32 = 0xFFFF_FFFE;

fn refused(bytes: &[u8], code: &str, says: &str) {
    let book = read(bytes);
    assert_eq!(book_findings(&book), [code], "{says}");
    assert_eq!(book.reports, []);
    let message = &book.findings[0].message.en;
    assert!(message.contains(says), "{message}");
}

#[test]
fn what_is_sent_under_the_name_of_a_workbook_is_told_apart() {
    let utf16 = |text: &str| -> Vec<u8> {
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    refused(b"", "F01", "an empty file");
    refused(&[0; 4096], "F01", "an empty file");
    refused("\u{FEFF}<html><body><table><tr><td>1".as_bytes(), "F01", "a web page (HTML)");
    refused(
        &utf16("<HTML xmlns:x=\"urn:schemas-microsoft-com:office:excel\">"),
        "F01",
        "a web page (HTML)",
    );
    refused(b"  <table border=1><tr>", "F01", "a web page (HTML)");
    refused(b"MIME-Version: 1.0\r\nContent-Type: multipart/related;", "F01", "MHTML");
    refused(
        b"<?xml version=\"1.0\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
        "F01",
        "XML spreadsheet",
    );
    refused("单位,代码\n甲,1\n".as_bytes(), "F01", "plain text");
    refused(&[0xB5, 0xA5, 0xCE, 0xBB, b',', b'1', b'\r', b'\n'], "F01", "plain text");
    refused(&[0, 5, 0x16, 7, 0, 2, 0, 0, b'M', b'a', b'c'], "F01", "macOS");
    refused(b"%PDF-1.7", "F01", "PDF");
    refused(b"\x89PNG\r\n\x1a\n", "F01", "a picture");
    refused(b"\x09\x04\x06\x00\x00\x00\x10\x00", "F01", "Excel 4");
    refused(b"Rar!\x1a\x07", "F01", "an archive");
    refused(&archive(&[("表.txt", b"1")]), "F01", "an archive");
    refused(
        &archive(&[("[Content_Types].xml", b"wordprocessingml"), ("word/document.xml", b"")]),
        "F01",
        "office",
    );
    refused(&archive(&[("mimetype", b"application/vnd.oasis.opendocument.text")]), "F01", "office");
    refused(&compound(&["WordDocument"], END), "F01", "office");
    refused(&[1, 2, 3, 0, 255], "F01", "unknown kind");
}

#[test]
fn a_password_is_said_to_be_one() {
    refused(&compound(&["EncryptionInfo", "EncryptedPackage"], END), "F02", "password");
    let mut xls = fixture("libreoffice/B204-1.xls");
    // The record of the code page made one that says the stream is encrypted.
    replace(&mut xls, &[0x42, 0, 2, 0, 0xB0, 4], &[0x2F, 0, 2, 0, 1, 0]);
    refused(&xls, "F02", "password");
}

#[test]
fn chains_of_sectors_that_run_in_a_circle_are_damaged() {
    refused(&compound(&["Workbook"], 1), "F03", "damaged");
    let whole = fixture("libreoffice/B204-1.xls");
    for length in [0, 100, 512, 700, 2048] {
        let book = read(&whole[..length]);
        assert_eq!(book.reports, []);
        assert_eq!(book.findings.len(), 1, "{length}");
    }
}

#[test]
fn a_sheet_of_xls_that_declares_too_many_rows_is_damaged() {
    let mut xls = fixture("libreoffice/B204-1.xls");
    // DIMENSIONS: 14 bytes, first row 0, then the number of rows.
    let at = xls.windows(8).position(|window| window == [0, 2, 14, 0, 0, 0, 0, 0]).unwrap();
    xls[at + 8..at + 12].copy_from_slice(&u32::MAX.to_le_bytes());
    refused(&xls, "F03", "damaged");
}

#[test]
fn a_wrong_code_page_does_not_garble_biff8() {
    let right = lines(&report(&fixture("libreoffice/B204-1.xls")));
    for code_page in [936_u16, 1252] {
        let mut xls = fixture("libreoffice/B204-1.xls");
        let [low, high] = code_page.to_le_bytes();
        replace(&mut xls, &[0x42, 0, 2, 0, 0xB0, 4], &[0x42, 0, 2, 0, low, high]);
        let found = report(&xls);
        assert_eq!(lines(&found), right, "{code_page}");
        assert_eq!(found.firm_name.unwrap().value, "示例轨道配件有限公司");
    }
}

fn replace(bytes: &mut [u8], from: &[u8], to: &[u8]) {
    let at = bytes.windows(from.len()).position(|window| window == from).unwrap();
    bytes[at..at + to.len()].copy_from_slice(to);
}

#[test]
fn binary_workbooks_are_read_as_others() {
    let book = read(&xlsb(B204));
    assert_eq!(book.format, Some(Format::Xlsb));
    let [report] = book.reports.as_slice() else { panic!("{book:#?}") };
    assert_eq!(findings(report), Vec::<String>::new());
    assert_eq!(lines(report), lines(&super::report(&Book::of(B204))));
    assert_eq!(report.period.as_ref().unwrap().value.to_string(), "2024-07");
}

#[test]
fn hidden_sheets_are_noted_and_left_unread() {
    let other = B204.replace("12034", "99999");
    let bytes = Book::new()
        .shaped("旧", &other, |sheet| {
            sheet.set_hidden(true);
        })
        .shaped("更旧", &other, |sheet| {
            sheet.set_very_hidden(true);
        })
        .shaped("表", B204, |sheet| {
            sheet.set_active(true);
        })
        .bytes();
    let book = read(&bytes);
    assert_eq!(book_findings(&book), ["F07", "F07"]);
    assert_eq!(book.findings[1].sheet.as_deref(), Some("更旧"));
    assert_eq!(book.reports.len(), 1);
    assert_eq!(values(&book.reports[0], "output"), "12034000 80312000 11050000 74021000");
}

#[test]
fn a_form_only_on_a_hidden_sheet_is_no_form() {
    let bytes = Book::new().sheet("空", "x").shaped("表", B204, |sheet| {
        sheet.set_hidden(true);
    });
    assert_eq!(book_findings(&read(&bytes.bytes())), ["F07", "F06", "F04"]);
}

#[test]
fn empty_sheets_are_not_worth_a_note() {
    let bytes =
        Book::new().sheet("Sheet1", B204).sheet("Sheet2", "").sheet("Sheet3", "'　").bytes();
    let book = read(&bytes);
    assert_eq!((book.findings.len(), book.reports.len()), (0, 1));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_bytes_give_a_book(bytes in proptest::collection::vec(any::<u8>(), 0..2000), magic in 0..4_usize) {
        let start: [&[u8]; 4] = [b"", b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"PK\x05\x06"];
        let bytes = [start[magic], &bytes].concat();
        let book = read(&bytes);
        prop_assert!(book.reports.is_empty());
        prop_assert_eq!(book.findings.len(), 1);
    }

    #[test]
    fn a_workbook_with_a_changed_byte_gives_a_book(which in 0..3_usize, at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let name = ["forms/B204-1.xlsx", "libreoffice/B204-1.xls", "libreoffice/LY-01.ods"][which];
        let mut bytes = fixture(name);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let book = read(&bytes);
        prop_assert!(!book.reports.is_empty() || !book.findings.is_empty());
    }

    #[test]
    fn any_texts_in_the_cells_give_a_book(cells in proptest::collection::vec("[0-9一二年月本上合计千元:;%—()（）.,-]{0,8}", 60)) {
        let rows: Vec<String> = cells.chunks(6).map(|row| row.join("|'")).collect();
        let book = read(&Book::of(&format!("工业产销总值及主要产品产量\n指标名称|代码|计量单位|本年本月|本年累计|上年本月|上年累计\n{}", rows.join("\n"))));
        prop_assert_eq!(book.reports.len(), 1);
    }
}
