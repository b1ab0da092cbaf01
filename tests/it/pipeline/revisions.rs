//! Which of several reports of one form, firm and month counts, and what is said of the others.
//!
//! A line is a receipt: seconds, what it is (`form`, `export`, `enclosed`), its state before the
//! others were looked at (`ok`, `unexplained`, `refused`), its figures in 千元.

use std::path::Path;
use std::sync::LazyLock;

use chrono::{DateTime, TimeDelta};
use rust_decimal::Decimal;
use yuebao::domain::{measure::Measure, unit::Unit};
use yuebao::project::{self, Project};
use yuebao::stages::normalize::{self, Checked, RevisionState};
use yuebao::stages::parse::{Figure, Layout};
use yuebao::stages::validate::{Candidate, State, Submission, Verdict};

use crate::support::report;

fn checked(number: usize, line: &str) -> Checked {
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut it = report::report("B204-1", "2024-07");
    it.layout = if words[1] == "export" { Layout::Table } else { Layout::Sheet };
    it.figures = words[3..].iter().zip(8..).map(|(word, row)| figure(word, row)).collect();
    let (state, queries) = match words[2] {
        "ok" => (State::Accepted, 0),
        "unexplained" => (State::Queried, 1),
        "refused" => (State::Refused, 0),
        other => panic!("no such state: {other}"),
    };
    Checked {
        candidate: Candidate {
            submission: Submission {
                id: format!("{number}"),
                sha256: format!("{number:064}"),
                file_name: format!("{number}.xlsx"),
                received_at: DateTime::UNIX_EPOCH + TimeDelta::seconds(words[0].parse().unwrap()),
            },
            is_alone_in_file: true,
            is_enclosed: words[1] == "enclosed",
            report: it,
        },
        verdict: Verdict {
            state,
            edition: None,
            credit_code: Some(report::FIRM.to_owned()),
            findings: Vec::new(),
            errors: usize::from(state == State::Refused),
            queries,
            explanation: None,
        },
        revision: RevisionState::default(),
    }
}

/// `output=100` is output to date in 千元, `product:1=5吨` a quantity.
fn figure(word: &str, row: u32) -> Figure {
    let (item, value) = word.split_once('=').unwrap();
    let digits = value.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let unit = match &value[digits.len()..] {
        "" => Unit::ThousandYuan,
        "万" => Unit::TenThousandYuan,
        other => Unit::Quantity(other.to_owned()),
    };
    let number: Decimal = digits.parse().unwrap();
    let cell = yuebao::domain::cell::Cell::new(row, 4);
    Figure { item: item.to_owned(), measure: Measure::Ytd, number, unit, cell }
}

static PROJECT: LazyLock<Project> =
    LazyLock::new(|| project::load(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap());

fn settle(lines: &str) -> Vec<Checked> {
    let lines = lines.trim().lines();
    let mut reports: Vec<Checked> =
        (1..).zip(lines).map(|(number, line)| checked(number, line)).collect();
    normalize::settle(&mut reports, &PROJECT);
    reports
}

/// What became of a report: whether it counts or counted, or its state; and what is said of it.
fn fate(report: &Checked) -> String {
    let RevisionState { is_current, has_counted, .. } = report.revision;
    let stands = match (is_current, has_counted) {
        (true, _) => "counts",
        (false, true) => "counted",
        (false, false) => report.verdict.state.name(),
    };
    let said = report.verdict.findings.iter().map(|finding| {
        let message = finding.message.en.as_str();
        let known = [
            ("Replaced", "replaced"),
            ("The figures are those", "repeats"),
            ("The export agrees", "agrees"),
            ("Last year's form", "enclosed"),
        ];
        let known = known.iter().find(|(begins, _)| message.starts_with(begins));
        known.map_or("conflict", |(_, name)| name)
    });
    [stands].into_iter().chain(said).collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn assert_fates(lines: &str, expected: &[&str]) {
    assert_eq!(settle(lines).iter().map(fate).collect::<Vec<_>>(), expected, "{lines}");
    let mut reports: Vec<Checked> =
        (1..).zip(lines.trim().lines()).map(|(number, line)| checked(number, line)).collect();
    reports.reverse();
    normalize::settle(&mut reports, &PROJECT);
    let mut fates: Vec<String> = reports.iter().map(fate).collect();
    fates.reverse();
    assert_eq!(fates, expected, "reversed: {lines}");
}

#[test]
fn the_newest_accepted_one_counts() {
    assert_fates("0 form ok output=100", &["counts"]);
    assert_fates(
        "0 form ok output=100
         100 form ok output=110
         200 form refused output=120
         300 form unexplained output=130",
        &["counted replaced", "counts", "refused", "queried"],
    );
}

#[test]
fn what_repeats_the_one_that_counts_changes_nothing() {
    assert_fates(
        "0 form ok output=100 sales=90
         500 form ok sales=90 output=100
         900 form ok output=10万 sales=90",
        &["counts", "accepted repeats", "accepted repeats"],
    );
}

#[test]
fn the_first_sent_again_after_a_second_counts_again() {
    assert_fates(
        "0 form ok output=100
         500 form ok output=110
         900 form ok output=100",
        &["counted replaced", "counted replaced", "counts"],
    );
}

#[test]
fn a_missing_figure_is_another_than_zero_and_a_quantity_another_in_another_unit() {
    assert_fates(
        "0 form ok output=100 exports=0
         500 form ok output=100",
        &["counted replaced", "counts"],
    );
    assert_fates(
        "0 form ok output=100 product:1=5吨
         500 form ok output=100 product:1=5台",
        &["counted replaced", "counts"],
    );
}

#[test]
fn two_that_came_at_the_same_time_and_differ_do_not_count() {
    // One minute is the same time, a second more is not.
    assert_fates(
        "0 form ok output=100
         60 form ok output=110",
        &["queried conflict", "queried conflict"],
    );
    assert_fates(
        "0 form ok output=100
         61 form ok output=110",
        &["counted replaced", "counts"],
    );
    // What counts already stays; a later one settles it.
    assert_fates(
        "0 form ok output=90
         500 form ok output=100
         510 form ok output=110",
        &["counts", "queried conflict", "queried conflict"],
    );
    assert_fates(
        "0 form ok output=90
         500 form ok output=100
         510 form ok output=110
         600 form ok output=110",
        &["counted replaced", "queried conflict", "queried conflict", "counts"],
    );
    assert_fates(
        "0 form ok output=90
         500 form ok output=100
         510 form ok output=110
         600 form ok output=90",
        &["counts", "queried conflict", "queried conflict", "accepted repeats"],
    );
}

#[test]
fn three_at_the_same_time_all_stand_equal() {
    assert_fates(
        "0 form ok output=100
         0 form ok output=110
         0 form ok output=120",
        &["queried conflict"; 3],
    );
    // The last came at the same time as the second, not as the first: it settles nothing.
    assert_fates(
        "0 form ok output=100
         50 form ok output=110
         100 form ok output=100",
        &["queried conflict"; 3],
    );
}

#[test]
fn a_refused_one_takes_no_part_in_a_conflict_an_unexplained_one_does() {
    assert_fates(
        "0 form ok output=100
         10 form refused output=110",
        &["counts", "refused"],
    );
    assert_fates(
        "0 form ok output=100
         10 form unexplained output=110",
        &["queried conflict", "queried conflict"],
    );
    // Asked why, the firm explains at once: the same figures are no conflict.
    assert_fates(
        "0 form unexplained output=100
         10 form ok output=100",
        &["queried", "counts"],
    );
}

#[test]
fn the_same_figures_at_the_same_time_are_no_conflict() {
    assert_fates(
        "0 form ok output=100
         0 form ok output=100
         30 form ok output=100",
        &["counts", "accepted repeats", "accepted repeats"],
    );
}

#[test]
fn an_enclosed_form_counts_only_where_nothing_was_filed() {
    assert_fates("0 enclosed ok output=100", &["counts"]);
    assert_fates(
        "0 form ok output=90
         500 enclosed ok output=100",
        &["counts", "accepted enclosed"],
    );
    assert_fates(
        "0 enclosed ok output=100
         500 form ok output=90
         900 enclosed ok output=100",
        &["counted replaced", "counts", "accepted enclosed"],
    );
    assert_fates(
        "0 form unexplained output=90
         500 enclosed ok output=100",
        &["queried", "accepted enclosed"],
    );
    assert_fates(
        "0 form refused output=90
         500 enclosed ok output=100",
        &["refused", "counts"],
    );
    assert_fates(
        "0 enclosed ok output=100
         500 enclosed ok output=110",
        &["counted replaced", "counts"],
    );
}

#[test]
fn an_enclosed_form_is_in_conflict_only_with_another_and_where_nothing_was_filed() {
    assert_fates(
        "0 form ok output=90
         0 enclosed ok output=100",
        &["counts", "accepted enclosed"],
    );
    assert_fates(
        "0 enclosed ok output=100
         30 form ok output=90",
        &["counted replaced", "counts"],
    );
    assert_fates(
        "0 enclosed ok output=100
         0 enclosed ok output=110",
        &["queried conflict", "queried conflict"],
    );
    assert_fates(
        "0 form ok output=90
         500 enclosed ok output=100
         500 enclosed ok output=110",
        &["counts", "accepted enclosed", "accepted enclosed"],
    );
    assert_fates(
        "0 form ok output=90
         0 form ok output=100
         500 enclosed ok output=100",
        &["queried conflict", "queried conflict", "accepted enclosed"],
    );
}

const FORM: &str = "ok output=100 sales=90 industry:3714=60 industry:3670=40";
const EXPORT: &str = "ok output=100 sales=90 industry:3714=100";

#[test]
fn an_export_that_agrees_displaces_nothing_and_is_displaced() {
    for seconds in [0, 30, 500] {
        assert_fates(
            &format!("0 form {FORM}\n{seconds} export {EXPORT}"),
            &["counts", "accepted agrees"],
        );
    }
    assert_fates(&format!("0 export {EXPORT}\n0 form {FORM}"), &["accepted agrees", "counts"]);
    assert_fates(&format!("0 export {EXPORT}\n30 form {FORM}"), &["counted replaced", "counts"]);
    // The same figures, whose form it is then: the next export does not take its place.
    let single = "ok output=100 sales=90 industry:3714=100";
    assert_fates(
        &format!("0 export {EXPORT}\n500 form {single}\n900 export {FORM}"),
        &["counted replaced", "counts", "accepted agrees"],
    );
}

#[test]
fn an_export_that_differs_is_a_revision_like_any_other() {
    let other = "ok output=101 sales=90 industry:3714=101";
    assert_fates(&format!("0 form {FORM}\n500 export {other}"), &["counted replaced", "counts"]);
    assert_fates(
        &format!("0 form {FORM}\n30 export {other}"),
        &["queried conflict", "queried conflict"],
    );
    // It agrees with what has been replaced: it says that the first figures hold after all.
    assert_fates(
        &format!("0 form {FORM}\n500 form {other}\n900 export {EXPORT}"),
        &["counted replaced", "counted replaced", "counts"],
    );
    // A figure that the form lacks is not agreed upon, unless it is 0 and the row blank.
    assert_fates(
        "0 form ok output=100 sales=90
         500 export ok output=100 sales=90 exports=5",
        &["counted replaced", "counts"],
    );
}

#[test]
fn two_exports_are_held_against_each_other_figure_by_figure() {
    let moved = "ok output=100 sales=90 industry:3670=100";
    assert_fates(
        &format!("0 export {EXPORT}\n500 export {moved}"),
        &["counted replaced", "counts"],
    );
    assert_fates(
        &format!("0 export {EXPORT}\n0 export {moved}"),
        &["queried conflict", "queried conflict"],
    );
}

#[test]
fn an_export_does_not_decide_between_two_forms_it_agrees_with() {
    let other = "ok output=100 sales=90 industry:3714=50 industry:3670=50";
    assert_fates(
        &format!("0 form {FORM}\n0 form {other}\n0 export {EXPORT}"),
        &["queried conflict"; 3],
    );
    assert_fates(
        &format!("0 form {FORM}\n0 form {other}\n500 export {EXPORT}"),
        &["queried conflict", "queried conflict", "counts"],
    );
}

#[test]
fn an_explanation_does_not_lift_a_conflict_and_the_cells_are_named() {
    let reports = settle(
        "0 form ok output=1000 sales=90 exports=1 industry:3714=7 product:1=5吨
         0 form ok output=100万 sales=91 exports=2 industry:3670=8 product:1=6吨",
    );
    assert!(reports.iter().all(|it| it.verdict.state == State::Queried));
    let finding = &reports[0].verdict.findings[0];
    assert_eq!((finding.code.as_str(), finding.is_explainable), ("R1", false));
    // Output is the same in another unit; sales are in E10, then exports, the industry, the product.
    assert_eq!(
        finding.message.en,
        "1 more came at the same time for this firm, form and month with other figures: nobody can \
         tell which is right, so none counts; different from sheet \"B204-1\" of \"2.xlsx\": E10 90, \
         there 91, E11 1, there 2, E12 7, there —, 2 more"
    );
    assert_eq!(finding.cell.map(|cell| cell.to_string()).as_deref(), Some("E10"));
    assert_eq!(reports[0].verdict.queries, 1);
}

#[test]
fn thousands_of_receipts_of_one_month_are_settled_at_once() {
    let many: Vec<_> = (0..20_000).map(|at| format!("{} form ok output=100", at / 400)).collect();
    assert_eq!(settle(&many.join("\n")).iter().filter(|it| it.revision.is_current).count(), 1);
    let many: Vec<_> = (0..2_000).map(|at| format!("{} form ok output={at}", at / 400)).collect();
    assert!(settle(&many.join("\n")).iter().all(|it| it.verdict.state == State::Queried));
}
