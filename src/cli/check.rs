//! `check`: workbooks against the rules, nothing written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::session::{self, Session};
use super::{DATA_IS_WRONG, Failure, failure, output};
use crate::domain::period::Period;
use crate::files::{self, FileError};
use crate::findings::{self, Finding};
use crate::pipeline::Workshop;
use crate::pipeline::context::Context;
use crate::pipeline::month::{self, Origin};
use crate::stages::normalize;
use crate::stages::parse::{self, Report};
use crate::stages::validate::{self, Candidate, State};
use crate::texts::{self, Locale};

/// Arguments of `check`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// Workbooks: xlsx, xlsm, xlsb, xls or ods, whatever their extension. 工作簿
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

/// What became of one file.
#[derive(Debug, Serialize)]
struct Checked {
    file: String,
    reports: Vec<Judged>,
    findings: Vec<Finding>,
}

/// What became of one report.
#[derive(Debug, Serialize)]
struct Judged {
    form: String,
    credit_code: Option<String>,
    period: Option<Period>,
    state: State,
    findings: Vec<Finding>,
}

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    let workshop = session.workshop()?;
    let mut context = Context::new(session.output.lake());
    let mut checked = Vec::new();
    let mut has_wrong_name = false;
    for file in &command.files {
        match check(&workshop, &mut context, file) {
            Ok(file) => checked.push(file),
            // The others are checked all the same.
            Err(Failure::Call(wrong)) => {
                output::error(&format!("error: {wrong}"));
                has_wrong_name = true;
            }
            Err(failure) => return Err(failure),
        }
    }
    if command.json {
        output::json(&checked);
    } else {
        let locale = session.locale();
        for file in &checked {
            output::print(&text(file, locale));
        }
        if checked.len() > 1 {
            let states = checked.iter().flat_map(Checked::states);
            output::print(&super::findings::summary(states, locale));
        }
    }
    if has_wrong_name {
        return Ok(ExitCode::from(failure::SETTINGS));
    }
    let is_fine = checked.iter().all(Checked::is_fine);
    Ok(if is_fine { ExitCode::SUCCESS } else { ExitCode::from(DATA_IS_WRONG) })
}

fn check(workshop: &Workshop, context: &mut Context, path: &Path) -> Result<Checked, Failure> {
    let project = &workshop.project;
    let limits = &project.settings.limits;
    let start =
        files::read_start(path, limits.file_bytes).map_err(|error| unreadable(path, &error))?;
    let book = parse::read(&start.bytes, &project.forms, limits);
    // As a run judges it, which takes a time that lies ahead for now.
    let now = session::now();
    let modified = start.known.modified().ok().map(DateTime::<Utc>::from);
    let received_at = modified.filter(|modified| *modified < now).unwrap_or(now);
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut months: BTreeMap<Option<Period>, Vec<(Origin, Candidate)>> = BTreeMap::new();
    let is_alone_in_file = book.reports.len() == 1;
    for (number, report) in (1..).zip(book.reports) {
        let candidate = Candidate {
            submission_id: format!("{number:06}"),
            file_name: file.clone(),
            is_alone_in_file,
            received_at,
            report,
        };
        let period = candidate.report.period.as_ref().map(|found| found.value);
        months.entry(period).or_default().push((Origin::default(), candidate));
    }
    let mut judged = Vec::new();
    for (period, reports) in months {
        // What the lake has of the month itself is for rules that look at another form.
        if let Some(next) = period.and_then(Period::next) {
            context.history(next)?;
        }
        judged.extend(month::judge(workshop, context, period, reports)?);
    }
    judged.sort_by(|a, b| a.candidate.submission_id.cmp(&b.candidate.submission_id));
    let reports = judged.into_iter().map(Judged::from).collect();
    Ok(Checked { file, reports, findings: book.findings })
}

/// Why a path could not be read, and what to name instead.
fn unreadable(path: &Path, error: &FileError) -> Failure {
    let shown = path.display();
    Failure::Call(if path.is_dir() {
        format!(
            "`{shown}` is a folder, not a file: name the workbooks in it, e.g. `{shown}`/*.xlsx"
        )
    } else if path.exists() {
        let cause = error.cause();
        format!("{error}: name a workbook that is there and readable ({cause})")
    } else {
        format!("there is no file `{shown}`: name a workbook that is there")
    })
}

impl From<normalize::Checked> for Judged {
    fn from(checked: normalize::Checked) -> Self {
        let validate::Verdict { state, credit_code, findings, .. } = checked.verdict;
        let Report { form, period, .. } = checked.candidate.report;
        let period = period.map(|found| found.value);
        Self { form, credit_code, period, state, findings }
    }
}

impl Checked {
    /// What becomes of its reports, or of the file where it has none.
    fn states(&self) -> Vec<&'static str> {
        let states = self.reports.iter().map(|report| report.state.name());
        let none = self.reports.is_empty().then_some("unreadable");
        states.chain(none).collect()
    }

    fn is_fine(&self) -> bool {
        !self.reports.is_empty() && self.reports.iter().all(|report| report.state != State::Refused)
    }
}

fn text(file: &Checked, locale: Locale) -> String {
    let mut parts = Vec::new();
    if !file.findings.is_empty() {
        parts.push(findings::render::terminal(&file.file, &file.findings, locale));
    }
    for report in &file.reports {
        if !report.findings.is_empty() {
            parts.push(findings::render::terminal(&file.file, &report.findings, locale));
        }
        let period = report.period.map_or_else(|| "?".to_owned(), |period| period.to_string());
        let state = texts::text(&format!("state.{}", report.state.name())).get(locale);
        let code = report.credit_code.as_deref().unwrap_or("?");
        parts.push(format!("{}: {} {code} {period}: {state}", file.file, report.form));
    }
    if file.reports.is_empty() {
        let state = texts::text("state.unreadable").get(locale);
        parts.push(format!("{}: {state}", file.file));
    }
    parts.join("\n")
}
