//! Plain workbooks are scanned, others go to the reading library: both read the same.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use super::{fixture, read};
use crate::support::package::archive;

/// The parts of a workbook, each changed by its name.
fn changed(bytes: &[u8], change: impl Fn(&str, String) -> String) -> Vec<u8> {
    let mut whole = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut parts = Vec::new();
    for at in 0..whole.len() {
        let mut part = whole.by_index(at).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        parts.push((name.clone(), change(&name, text).into_bytes()));
    }
    let parts: Vec<_> = parts.iter().map(|(name, part)| (name.as_str(), part.as_slice())).collect();
    archive(&parts)
}

/// The same workbook with a comment in each sheet, which only the library knows.
fn commented(bytes: &[u8]) -> Vec<u8> {
    changed(bytes, |_, text| text.replace("</worksheet>", "<!-- --></worksheet>"))
}

/// The workbook with another cell in place of a figure.
fn with_cell(cell: &str) -> Vec<u8> {
    changed(&fixture("forms/B204-1.xlsx"), |_, text| {
        text.replace(r#"<c r="D9" s="2"><v>12034</v></c>"#, cell)
    })
}

#[test]
fn the_specimens_are_read_alike() {
    for form in ["B204-1", "B204-1-export", "LY-01", "LY-02", "LY-03", "LY-04", "LY-05"] {
        let bytes = fixture(&format!("forms/{form}.xlsx"));
        assert_eq!(read(&bytes), read(&commented(&bytes)), "{form}");
    }
}

#[test]
fn every_kind_of_cell_is_read_alike() {
    let cells = [
        r#"<c r="D9"><v>73557.53999999999</v></c>"#,
        r#"<c r="D9" t="n"><v>-1.5E3</v></c>"#,
        r#"<c r="D9" t="n"><v>many</v></c>"#,
        r#"<c r="D9"><v> 12 </v></c>"#,
        r#"<c r="D9"/>"#,
        r#"<c r="D9"><v/></c>"#,
        r#"<c r="D9" t="s"><v>0</v></c>"#,
        r#"<c r="D9" t="s"><v>4000</v></c>"#,
        r#"<c r="D9" t="b"><v>1</v></c>"#,
        r#"<c r="D9" t="e"><v>#REF!</v></c>"#,
        r#"<c r="D9" t="e"><v>#ODD!</v></c>"#,
        r#"<c r="D9" t="d"><v>2024-07-01</v></c>"#,
        r#"<c r="D9" t="str"><f>A1&amp;"x"</f><v>1 &lt; &#50; &#x5143;</v></c>"#,
        r#"<c r="D9" t="str"><v>a_x000D_b</v></c>"#,
        r#"<c r="D9"><f t="shared" si="0"/><v>7</v></c>"#,
        r#"<c r="D9"><f>SUM(D10:D11)</f></c>"#,
        r#"<c r="D9" t="inlineStr"><is><t>  9 </t></is></c>"#,
        r#"<c r="D9" t="inlineStr"><is><r><t>1</t></r><r><t xml:space="preserve"> 2</t></r></is></c>"#,
        r#"<c r="D9" t="inlineStr"><is><rPh sb="0" eb="1"><t>x</t></rPh><t>5</t></is></c>"#,
        r#"<c r="D9" t="inlineStr"><is><t>5</t></is><v>6</v></c>"#,
        r#"<c r="D9"><v>1</v></c><c r="D9"><v>2</v></c>"#,
        r#"<c r="XFD1048576"><v>1</v></c>"#,
        "<c><v>1</v></c>",
        r#"<c r="D0"><v>1</v></c>"#,
        r#"<c r="d9"><v>1</v></c>"#,
        r#"<c r="D9"><v>1</v><extLst/></c>"#,
        r#"<x:c r="D9"><v>1</v></x:c>"#,
    ];
    for cell in cells {
        let bytes = with_cell(cell);
        assert_eq!(read(&bytes), read(&commented(&bytes)), "{cell}");
    }
}

#[test]
fn dates_are_told_alike_by_their_formats() {
    let formats = [
        "yyyy\\-mm",
        "yyyy&quot;年&quot;m&quot;月&quot;",
        "[h]:mm",
        "[$-804]e\\.m",
        "#,##0.00_);-#,##0.00",
        "[Red]0.0;-0",
        "h:mm AM/PM",
        "General",
        "0\\d",
        "*-0",
        "&quot;d&quot;0",
        "[mm]",
        "0;yyyy",
        "a/p",
    ];
    let codes = formats.into_iter().map(|code| (164, code));
    for (id, code) in codes.chain((0..60).map(|id| (id, "0"))) {
        let bytes = with_cell(r#"<c r="D9" s="2"><v>45474</v></c>"#);
        let bytes = changed(&bytes, |name, text| match name {
            "xl/styles.xml" => {
                let all = format!(
                    r#"<numFmts count="1"><numFmt numFmtId="164" formatCode="{code}"/></numFmts><fonts"#
                );
                text.replacen("<fonts", &all, 1)
                    .replace(r#"numFmtId="0""#, &format!(r#"numFmtId="{id}""#))
            }
            _ => text,
        });
        assert_eq!(read(&bytes), read(&commented(&bytes)), "{id} {code}");
    }
}

#[test]
fn a_plain_workbook_needs_no_fonts() {
    // The library refuses these styles, so what reads them is the scan: nearly all files take it.
    let cut = |name: &str, text: String| match name {
        "xl/styles.xml" => text.replace("</fonts>", ""),
        _ => text,
    };
    for form in ["B204-1", "LY-01", "LY-02"] {
        let bytes = fixture(&format!("forms/{form}.xlsx"));
        assert_eq!(read(&changed(&bytes, cut)), read(&bytes), "{form}");
    }
}
