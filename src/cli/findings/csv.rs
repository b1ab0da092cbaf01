//! Findings as CSV, one row a finding, as spreadsheets open it: with a BOM, and no cell a formula.

use super::Listed;
use crate::cli::output::{harmless, said};
use crate::cli::session::Session;
use crate::findings::Finding;

/// The columns; their headings stand in the catalogue.
const COLUMNS: [&str; 16] = [
    "state", "form", "period", "code", "firm", "contact", "file", "received", "sheet", "cell",
    "severity", "check", "value", "expected", "finding", "hint",
];

/// The table.
pub(super) fn text(listed: &[Listed], session: &Session) -> String {
    let locale = session.locale();
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    let mut write = |row: Vec<String>| {
        writer.write_record(row.iter().map(|cell| harmless(cell))).expect("memory takes it");
    };
    write(COLUMNS.map(|name| said(&format!("status.column.{name}"), locale)).to_vec());
    for it in listed {
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        let at = it.received_at.with_timezone(&session.zone()).format("%Y-%m-%d %H:%M:%S");
        let report = [
            said(&format!("state.{}", it.state.name()), locale),
            known(&it.form),
            it.period.map(|period| period.to_string()).unwrap_or_default(),
            known(&it.credit_code),
            known(&it.firm_name),
            it.contact.clone(),
            it.file_name.clone(),
            at.to_string(),
        ];
        let finding = |finding: &Finding| {
            [
                known(&finding.sheet),
                finding.cell.map(|cell| cell.to_string()).unwrap_or_default(),
                said(&format!("finding_severity.{}", finding.severity.name()), locale),
                finding.code.clone(),
                known(&finding.value),
                known(&finding.expected),
                finding.message.get(locale).to_owned(),
                finding.hint.get(locale).to_owned(),
            ]
        };
        it.findings.iter().for_each(|it| write([report.clone(), finding(it)].concat()));
        if it.findings.is_empty() {
            write([report, [""; 8].map(str::to_owned)].concat());
        }
    }
    let bytes = writer.into_inner().expect("memory takes it");
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes))
}
