//! Findings as CSV, one row a finding, as spreadsheets open it: with a BOM, and no cell a formula.

use super::ListedMatter;
use crate::cli::output::harmless;
use crate::cli::session::CliSession;
use crate::findings::Finding;

/// The columns; their headings stand in the catalogue.
const COLUMNS: [&str; 16] = [
    "state", "form", "period", "code", "firm", "contact", "file", "received", "sheet", "cell",
    "severity", "check", "value", "expected", "finding", "hint",
];

/// The table.
pub(super) fn text(listed: &[ListedMatter], session: &CliSession) -> String {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    let mut write = |row: Vec<String>| {
        writer.write_record(row.iter().map(|cell| harmless(cell))).expect("memory takes it");
    };
    let known = |text: &Option<String>| text.clone().unwrap_or_default();
    write(COLUMNS.map(|name| session.said(&format!("status.column.{name}")).to_owned()).to_vec());
    for ListedMatter { state, period, sent, findings, .. } in listed {
        let at = sent.received_at.map(|at| at.with_timezone(&session.zone()));
        let report = [
            session.said(&format!("state.{}", state.name())).to_owned(),
            known(&sent.form),
            period.map(|period| period.to_string()).unwrap_or_default(),
            known(&sent.credit_code),
            known(&sent.firm_name),
            sent.contact.clone(),
            known(&sent.file_name),
            at.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default(),
        ];
        let finding = |it: &Finding| {
            [
                known(&it.sheet),
                it.cell.map(|cell| cell.to_string()).unwrap_or_default(),
                session.said(&format!("finding_severity.{}", it.severity.name())).to_owned(),
                it.code.clone(),
                known(&it.value),
                known(&it.expected),
                session.get(&it.message).to_owned(),
                session.get(&it.hint).to_owned(),
            ]
        };
        for it in findings {
            write([report.clone(), finding(it)].concat());
        }
        if findings.is_empty() {
            write([report, [""; 8].map(str::to_owned)].concat());
        }
    }
    let bytes = writer.into_inner().expect("memory takes it");
    format!("\u{feff}{}", String::from_utf8_lossy(&bytes).trim_end())
}
