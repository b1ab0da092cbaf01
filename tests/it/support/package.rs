//! Workbooks written by hand, part by part and record by record, where no library would write them.
#![expect(clippy::cast_possible_truncation, reason = "test workbooks are small")]

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const CONTENT_TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"#;
const WORKBOOK_RELS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

/// A zip archive of these parts.
pub(crate) fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, content) in parts {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The parts of an xlsx with one sheet `S`.
pub(crate) fn xlsx_parts(sheet: &str) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("[Content_Types].xml", CONTENT_TYPES.into()),
        ("_rels/.rels", RELS.into()),
        ("xl/workbook.xml", WORKBOOK.into()),
        ("xl/_rels/workbook.xml.rels", WORKBOOK_RELS.into()),
        ("xl/worksheets/sheet1.xml", sheet.into()),
    ]
}

/// An xlsx of one sheet `S` with more parts.
pub(crate) fn xlsx(sheet: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let parts = xlsx_parts(sheet);
    let mut all: Vec<(&str, &[u8])> =
        parts.iter().map(|(name, part)| (*name, part.as_slice())).collect();
    all.extend(more);
    archive(&all)
}

/// A sheet of described cells: `[("A1", "text")]`; what starts with `<` is the whole cell content.
pub(crate) fn sheet_xml(cells: &[(&str, &str)]) -> String {
    let cell = |(reference, text): &(&str, &str)| {
        if text.starts_with('<') {
            format!(r#"<row><c r="{reference}">{text}</c></row>"#)
        } else {
            format!(r#"<row><c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c></row>"#)
        }
    };
    let rows: String = cells.iter().map(cell).collect();
    format!(
        r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

/// An xlsb of one sheet `S` with texts and numbers, by MS-XLSB.
pub(crate) fn xlsb(rows: &str) -> Vec<u8> {
    let mut workbook = Vec::new();
    record(&mut workbook, 0x83, &[]);
    let mut bundle = [0_u32, 1].map(u32::to_le_bytes).concat();
    bundle.extend(wide("r1"));
    bundle.extend(wide("S"));
    record(&mut workbook, 0x9C, &bundle);
    record(&mut workbook, 0x90, &[]);
    record(&mut workbook, 0x84, &[]);
    let mut sheet = Vec::new();
    record(&mut sheet, 0x81, &[]);
    record(&mut sheet, 0x94, &[0; 16]);
    record(&mut sheet, 0x91, &[]);
    for (row, line) in rows.trim_matches('\n').lines().enumerate() {
        let mut header = (row as u32).to_le_bytes().to_vec();
        header.extend([0; 13]);
        record(&mut sheet, 0x00, &header);
        for (column, cell) in line.split('|').enumerate().filter(|(_, cell)| !cell.is_empty()) {
            let mut body = [column as u32, 0].map(u32::to_le_bytes).concat();
            if let Ok(number) = cell.parse::<f64>() {
                body.extend(number.to_le_bytes());
                record(&mut sheet, 0x05, &body);
            } else {
                body.extend(wide(cell.trim_start_matches('\'')));
                record(&mut sheet, 0x06, &body);
            }
        }
    }
    record(&mut sheet, 0x92, &[]);
    record(&mut sheet, 0x82, &[]);
    let rels = WORKBOOK_RELS.replace("sheet1.xml", "sheet1.bin");
    archive(&[
        ("[Content_Types].xml", CONTENT_TYPES.replace("workbook.xml", "workbook.bin").as_bytes()),
        ("_rels/.rels", RELS.replace("workbook.xml", "workbook.bin").as_bytes()),
        ("xl/workbook.bin", &workbook),
        ("xl/_rels/workbook.bin.rels", rels.as_bytes()),
        ("xl/worksheets/sheet1.bin", &sheet),
    ])
}

/// An ods of one sheet `S` with texts and numbers.
pub(crate) fn ods(rows: &str) -> Vec<u8> {
    let cell = |cell: &str| match cell.parse::<f64>() {
        _ if cell.is_empty() => "<table:table-cell/>".to_owned(),
        Ok(number) => format!(
            r#"<table:table-cell office:value-type="float" office:value="{number}"><text:p>{number}</text:p></table:table-cell>"#
        ),
        Err(_) => format!(
            r#"<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>"#,
            cell.trim_start_matches('\'')
        ),
    };
    let row = |line: &str| {
        let cells: String = line.split('|').map(cell).collect();
        format!("<table:table-row>{cells}</table:table-row>")
    };
    let rows: String = rows.trim_matches('\n').lines().map(row).collect();
    let content = format!(
        r#"<?xml version="1.0"?><office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">{rows}</table:table></office:spreadsheet></office:body></office:document-content>"#
    );
    archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", br#"<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>"#),
        ("content.xml", content.as_bytes()),
    ])
}

fn record(stream: &mut Vec<u8>, kind: u16, body: &[u8]) {
    let low = (kind & 0x7F) as u8;
    if kind < 0x80 {
        stream.push(low);
    } else {
        stream.extend([low | 0x80, (kind >> 7) as u8]);
    }
    let mut length = body.len();
    while length > 0x7F {
        stream.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    stream.push(length as u8);
    stream.extend(body);
}

fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
    bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
    bytes
}

/// A compound file of empty streams, by MS-CFB; `next` is where its directory's chain goes on
/// (`0xFFFF_FFFE` ends it).
pub(crate) fn compound(streams: &[&str], next: u32) -> Vec<u8> {
    let mut file = vec![0_u8; 512 * 4];
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]);
    for (at, word) in [(24, 0x3E_u16), (26, 3), (28, 0xFFFE), (30, 9), (32, 6)] {
        put(at, &word.to_le_bytes());
    }
    for (at, long) in [(44, 1_u32), (48, 1), (56, 4096), (60, 0xFFFF_FFFE), (68, 0xFFFF_FFFE)] {
        put(at, &long.to_le_bytes());
    }
    put(76, &[0xFF; 436]);
    put(76, &0_u32.to_le_bytes());
    put(512, &[0xFF; 512]);
    put(512, &0xFFFF_FFFD_u32.to_le_bytes());
    put(516, &next.to_le_bytes());
    for (index, name) in std::iter::once(&"Root Entry").chain(streams).enumerate() {
        let at = 1024 + index * 128;
        let units: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        put(at, &units);
        put(at + 64, &((units.len() + 2) as u16).to_le_bytes());
        put(at + 66, &[if index == 0 { 5 } else { 2 }]);
        put(at + 116, &0xFFFF_FFFE_u32.to_le_bytes());
    }
    file
}
