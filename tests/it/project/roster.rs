//! Spells, restructurings, and whose reports are whose history.

use yuebao::domain::period::Period;
use yuebao::project::seeds::roster::{
    Ancestor, Calendar, Firm, LastYear, Restructuring, RestructuringKind, Roster,
};

use RestructuringKind::{Base, CodeChange, Merger, Split};

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

fn spell(code: &str, from: &str, to: &str) -> Firm {
    Firm {
        credit_code: code.to_owned(),
        name: format!("{code} of {from}"),
        roster_from: month(from),
        roster_to: Some(to).filter(|to| !to.is_empty()).map(month),
        ..crate::support::report::firm(code)
    }
}

fn change(code: &str, period: &str, kind: RestructuringKind, predecessor: &str) -> Restructuring {
    Restructuring {
        credit_code: code.to_owned(),
        period: month(period),
        kind,
        predecessor: Some(predecessor).filter(|code| !code.is_empty()).map(str::to_owned),
    }
}

/// A became B in 2024-04, C took in B and D in 2025-03; S came out of D in 2024-06.
fn roster() -> Roster {
    let spells = [
        spell("C", "2023-02", ""),
        spell("A", "2023-02", "2024-03"),
        spell("B", "2024-04", "2025-02"),
        spell("D", "2023-02", "2025-02"),
        spell("S", "2024-06", ""),
        spell("N", "2024-05", "2024-08"),
        spell("N", "2024-10", ""),
    ];
    let changes = vec![
        change("C", "2025-03", Merger, "B"),
        change("C", "2025-03", Merger, "D"),
        change("S", "2024-06", Split, "D"),
        change("B", "2024-04", CodeChange, "A"),
        change("D", "2024-02", Base, ""),
    ];
    Roster::new(spells, changes)
}

#[test]
fn a_month_is_what_the_spell_of_the_month_says() {
    let roster = roster();
    let name = |period: &str| roster.at("N", month(period)).map(|spell| spell.name.as_str());
    assert_eq!(name("2024-04"), None);
    assert_eq!(name("2024-08"), Some("N of 2024-05"));
    assert_eq!(name("2024-09"), None, "between two spells it is off the roster");
    assert_eq!(name("2031-01"), Some("N of 2024-10"));
    assert_eq!(roster.entered("N"), Some(month("2024-05")));
    assert_eq!(roster.newest("A").unwrap().roster_to, Some(month("2024-03")));
    let due = |form: &str, period: &str| {
        let firms = roster.due(form, month(period));
        firms.map(|firm| firm.credit_code.as_str()).collect::<String>()
    };
    assert_eq!((due("B204-1", "2024-09"), due("LY-77", "2024-09")), ("BCDS".into(), String::new()));
}

#[test]
fn history_is_filed_by_predecessors_before_the_change_and_by_the_firm_after_it() {
    let roster = roster();
    let filers = |code, period| roster.filers(code, month(period), month("2025-03")).concat();
    assert_eq!(filers("C", "2024-03"), "CBDA", "B was A until then");
    assert_eq!(filers("C", "2024-04"), "CBD");
    assert_eq!(filers("C", "2025-02"), "CBD");
    assert_eq!(filers("C", "2025-03"), "C");
    assert_eq!(filers("S", "2024-01"), "S", "a split goes on from nobody");
    let lineage: Vec<String> = roster
        .lineage("C")
        .into_iter()
        .map(|Ancestor { filer, since, until }| {
            let [since, until] =
                [since, until].map(|it| it.map_or("-".into(), |it| it.to_string()));
            format!("{filer} {since} {until}")
        })
        .collect();
    assert_eq!(lineage, ["C - -", "B 2025-03 2025-03", "D 2025-03 2025-03", "A 2025-03 2024-04"]);
}

#[test]
fn before_a_merger_each_firm_looks_back_at_its_own_reports() {
    let roster = roster();
    let filers = |code, period, as_of| roster.filers(code, month(period), month(as_of)).concat();
    // A became B in April 2024, C took in B and D in March 2025
    assert_eq!(filers("C", "2024-02", "2025-02"), "C");
    assert_eq!(filers("C", "2024-03", "2025-03"), "CBDA");
    assert_eq!(filers("B", "2023-12", "2024-03"), "B");
    assert_eq!(filers("B", "2023-12", "2024-12"), "BA");
}

#[test]
fn a_base_is_stated_for_twelve_months_after_a_split_and_by_who_is_new() {
    let roster = roster();
    let is_stated = |code, period| roster.base(code, month(period)) == LastYear::Stated;
    assert_eq!(
        ["2024-01", "2024-02", "2025-01", "2025-02"].map(|p| is_stated("D", p)),
        [false, true, true, false]
    );
    assert_eq!(["2024-06", "2025-05", "2025-06"].map(|p| is_stated("S", p)), [true, true, false]);
    assert!(!is_stated("B", "2024-04") && !is_stated("C", "2025-03"));
    assert_eq!(["2024-05", "2024-12", "2025-02"].map(|p| is_stated("N", p)), [true, true, false]);
    let is_new = |code, period| roster.is_new(code, month(period));
    assert!(is_new("N", "2024-11"), "its second spell makes it no other firm");
    assert!(!is_new("B", "2024-11") && !is_new("S", "2024-11"), "they have predecessors");
    assert!(!is_new("A", "2023-05"), "who was there from the beginning came before");
}

#[test]
fn a_firm_is_known_by_the_names_of_its_spells_and_predecessors() {
    let names = |code| roster().other_names(code).into_iter().collect::<Vec<_>>().join(", ");
    assert_eq!(names("N"), "N of 2024-05, N of 2024-10");
    assert_eq!(names("C"), "A of 2023-02, B of 2024-04, C of 2023-02, D of 2023-02");
    assert_eq!(names("S"), "D of 2023-02, S of 2024-06");
}

#[test]
fn predecessors_in_a_circle_end_somewhere() {
    let spells = [spell("A", "2023-02", ""), spell("B", "2023-02", "")];
    let changes = vec![change("A", "2024-03", Merger, "B"), change("B", "2024-04", Merger, "A")];
    assert_eq!(
        Roster::new(spells, changes).filers("A", month("2023-05"), month("2024-05")),
        ["A", "B"]
    );
}

#[test]
fn the_last_deadline_is_the_newest_that_has_passed() {
    let at = |text: &str| chrono::DateTime::parse_from_rfc3339(text).unwrap();
    let deadlines = [("2024-07", "2024-08-07"), ("2024-08", "2024-09-10")].map(|(month, day)| {
        (("B204-1".to_owned(), self::month(month)), at(&format!("{day}T12:00:00+08:00")))
    });
    let calendar = Calendar { deadlines: deadlines.into() };
    let last = |now: &str| calendar.last_deadline(at(now).to_utc());
    assert_eq!(last("2024-08-07T11:59:59+08:00"), None);
    assert_eq!(last("2024-08-07T12:00:00+08:00"), Some(at("2024-08-07T12:00:00+08:00").to_utc()));
    assert_eq!(last("2031-01-01T00:00:00Z"), Some(at("2024-09-10T12:00:00+08:00").to_utc()));
}
