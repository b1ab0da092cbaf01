//! The texts of structural findings: complete, bilingual, none too many.

use std::collections::BTreeSet;

use yuebao::domain::measure::Measure;
use yuebao::findings::Code;
use yuebao::stages::parse::{Bound, Foreign};
use yuebao::texts;

/// Every key the program uses for findings.
fn used() -> BTreeSet<String> {
    let of_codes = Code::ALL
        .iter()
        .flat_map(|code| ["message", "hint"].map(|part| format!("finding.{}.{part}", code.key())));
    let foreign = Foreign::ALL.iter().map(|kind| kind.name().to_owned());
    let bounds = Bound::ALL.iter().map(|what| what.name().to_owned());
    let columns =
        Measure::ALL.iter().map(|measure| format!("finding.H3.column.{}", measure.name()));
    let kinds =
        ["industry", "product", "credit_code"].map(|kind| format!("finding.H6.code.{kind}"));
    let more = ["H3.number.optional", "L2.date", "L2.text", "R1.cell", "R1.more"]
        .map(|key| format!("finding.{key}"));
    of_codes.chain(foreign).chain(bounds).chain(columns).chain(kinds).chain(more).collect()
}

#[test]
fn every_finding_speaks_both_languages() {
    let known: BTreeSet<&str> = texts::keys().collect();
    for key in used() {
        assert!(known.contains(key.as_str()), "no text {key}");
        let text = texts::text(&key);
        assert!(!text.zh.trim().is_empty() && !text.en.trim().is_empty(), "{key}");
        assert_ne!(text.zh, text.en, "{key} is not translated");
    }
}

#[test]
fn no_text_of_findings_is_unused() {
    let used = used();
    let known = texts::keys().filter(|key| key.starts_with("finding."));
    let unused: Vec<&str> = known.filter(|key| !used.contains(*key)).collect();
    assert_eq!(unused, Vec::<&str>::new());
}

#[test]
fn both_languages_have_the_same_placeholders() {
    let names = |text: &str| -> BTreeSet<String> {
        let parts = text.split('{').skip(1);
        parts.filter_map(|part| Some(part.split_once('}')?.0.to_owned())).collect()
    };
    for key in used() {
        let text = texts::text(&key);
        assert_eq!(names(&text.zh), names(&text.en), "{key}");
    }
}
