//! Every folder of `tests/cases`: a workbook described in text, and what must be made of it.
//!
//! `book.txt` begins with the story in a `#` line; `== NAME` begins a sheet, then a row a line, cells
//! parted by `|` (see `support::workbook`). `expect.txt` is the golden result: what was read, and
//! every finding in both languages. `YUEBAO_ACCEPT=1 cargo test cases` writes it anew for review.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use yuebao::findings::render;
use yuebao::pipeline::Workshop;
use yuebao::stages::parse::{self, Report};
use yuebao::stages::validate::{self, Candidate, History, References, Submission};
use yuebao::texts::Locale;

use crate::support::scene::Scene;
use crate::support::workbook::Book;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.is_dir());
    cases.sort();
    cases
}

/// The workbook a description stands for.
fn book(description: &str) -> Vec<u8> {
    let mut book = Book::new();
    let sheets = description.split("\n== ").skip(1);
    for sheet in sheets {
        let (name, rows) = sheet.split_once('\n').unwrap();
        book = book.sheet(name, rows);
    }
    book.bytes()
}

/// What is made of a workbook, as text.
fn result(workshop: &Workshop, bytes: &[u8]) -> String {
    let project = &workshop.project;
    let history = History::default();
    // Without a history a report is held against the firm's revenue: one that fits most cases.
    let mut roster = project.seeds.roster.clone();
    for spell in roster.firms.get_mut("91220106MA0000429W").into_iter().flatten() {
        spell.annual_revenue_cny = Some(330_000_000.into());
    }
    let against = References { roster: &roster, ..References::of(project, &history) };
    let read = parse::read(bytes, &project.forms, &project.settings.limits);
    let mut text = both(&read.findings);
    for report in read.reports {
        text += &figures(&report);
        let candidate = Candidate {
            submission: Submission {
                id: "case-1".to_owned(),
                sha256: String::new(),
                file_name: "book.xlsx".to_owned(),
                received_at: "2024-12-31T00:00:00Z".parse().unwrap(),
            },
            is_alone_in_file: false,
            is_enclosed: false,
            report,
        };
        let verdict = validate::check(&[candidate], &workshop.rules, &against).unwrap().remove(0);
        text += &both(&verdict.findings);
        writeln!(text, "=> {}\n", verdict.state.name()).unwrap();
    }
    text
}

fn figures(report: &Report) -> String {
    let value = |found: Option<String>| found.unwrap_or_else(|| "-".to_owned());
    let code = value(report.credit_code.as_ref().map(|found| found.value.clone()));
    let period = value(report.period.as_ref().map(|found| found.value.to_string()));
    let mut text = format!("{} {code} {period} ({})\n", report.form, report.sheet);
    for figure in &report.figures {
        let measure = figure.measure.name();
        let (item, number, unit) = (&figure.item, figure.number, figure.unit.name());
        writeln!(text, "  {:4} {item} {measure} = {number} {unit}", figure.cell.to_string())
            .unwrap();
    }
    text
}

fn both(findings: &[yuebao::findings::Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let said = |locale| render::terminal("book.xlsx", findings, locale);
    format!("{}\n{}\n", said(Locale::Zh).trim_end(), said(Locale::En).trim_end())
}

#[test]
fn every_case_gives_its_golden_result() {
    let scene = Scene::of_all_forms();
    let firms = fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replace("keep,B204-1,", "keep,B204-1;LY-01;LY-02,"));
    let workshop = scene.open().unwrap();
    let is_accepting = std::env::var_os("YUEBAO_ACCEPT").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let description = fs::read_to_string(case.join("book.txt")).unwrap();
        let found = result(&workshop, &book(&description));
        let golden = case.join("expect.txt");
        if is_accepting {
            fs::write(&golden, &found).unwrap();
        } else if fs::read_to_string(&golden).unwrap_or_default() != found {
            wrong.push(format!("## {}\n{found}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "these differ from their expect.txt:\n{}", wrong.join("\n"));
    assert!(cases().len() >= 20, "cases are missing");
}

#[test]
fn every_case_tells_its_story() {
    for case in cases() {
        let description = fs::read_to_string(case.join("book.txt")).unwrap();
        assert!(description.starts_with("# "), "{} does not begin with its story", case.display());
    }
}
