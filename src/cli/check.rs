//! `check`: workbooks against the rules, nothing written.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::session::{self, CliSession};
use super::{CliError, DATA_IS_WRONG, failure, output};
use crate::files::{self, FileError};
use crate::findings::render;
use crate::pipeline::check::{self, CheckedFile};
use crate::pipeline::context::Context;
use crate::stages::validate::State;

#[derive(Debug, clap::Args)]
pub(super) struct CheckArguments {
    /// Workbooks: xlsx, xlsm, xlsb, xls or ods, whatever their extension. 工作簿
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(session: &CliSession, command: &CheckArguments) -> Result<ExitCode, CliError> {
    let workshop = session.workshop_without_pages()?;
    let mut context = Context::new(session.output.lake());
    let mut checked = Vec::new();
    let mut has_wrong_name = false;
    for path in &command.files {
        match files::read_start(path, workshop.project.settings.limits.file_bytes) {
            Ok(start) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                checked.push(check::check(&workshop, &mut context, name, &start, session::now())?);
            }
            // The others are checked all the same.
            Err(error) => {
                output::error(&format!("error: {}", unreadable(path, &error)));
                has_wrong_name = true;
            }
        }
    }
    if command.json {
        output::json(&checked);
    } else {
        for file in &checked {
            output::print(&text(session, file));
        }
        if checked.len() > 1 {
            output::print(&super::findings::summary(session, checked.iter().flat_map(states)));
        }
    }
    let is_fine = |file: &CheckedFile| {
        !file.reports.is_empty() && file.reports.iter().all(|it| it.state != State::Refused)
    };
    Ok(ExitCode::from(match (has_wrong_name, checked.iter().all(is_fine)) {
        (true, _) => failure::SETTINGS,
        (false, false) => DATA_IS_WRONG,
        (false, true) => 0,
    }))
}

/// Why a path could not be read, and what to name instead.
fn unreadable(path: &Path, error: &FileError) -> String {
    let shown = path.display();
    if path.is_dir() {
        format!(
            "`{shown}` is a folder, not a file: name the workbooks in it, e.g. `{shown}`/*.xlsx"
        )
    } else if path.exists() {
        format!("{error}: name a workbook that is there and readable ({})", error.cause())
    } else {
        format!("there is no file `{shown}`: name a workbook that is there")
    }
}

/// What becomes of the reports of a file, or of the file where it has none.
fn states(file: &CheckedFile) -> Vec<&'static str> {
    let states = file.reports.iter().map(|report| report.state.name());
    let none = file.reports.is_empty().then_some("unreadable");
    states.chain(none).collect()
}

fn text(session: &CliSession, CheckedFile { file, reports, findings }: &CheckedFile) -> String {
    let locale = session.locale();
    let found =
        |findings: &[_]| (!findings.is_empty()).then(|| render::terminal(file, findings, locale));
    let mut parts = Vec::from_iter(found(findings));
    for report in reports {
        parts.extend(found(&report.findings));
        let period = report.period.map_or_else(|| "?".to_owned(), |period| period.to_string());
        let state = session.said(&format!("state.{}", report.state.name()));
        let code = report.credit_code.as_deref().unwrap_or("?");
        parts.push(format!("{file}: {} {code} {period}: {state}", report.form));
    }
    if reports.is_empty() {
        parts.push(format!("{file}: {}", session.said("state.unreadable")));
    }
    parts.join("\n")
}
