//! H7 row by row: a base keeps its rows, whoever stands behind them by now.

use yuebao::findings::Severity;
use yuebao::project::seeds::roster::{Restructuring, RestructuringKind, Roster};
use yuebao::stages::parse::Layout;

use crate::support::report::{FIRM, OTHER, Scene, counted, firm};

const BUYER: &str = "91220106MA0000431P";
/// Two more firms, and two that nobody on the roster knows.
const THIRD: &str = "91220106MA0000437P";
const STRANGERS: [&str; 2] = ["91110000101623741K", "91350100M000100Y43"];

/// What is said of rows that differ, by item and column.
fn found(scene: &Scene) -> Vec<String> {
    let findings = scene.verdict().findings.into_iter().filter(|it| it.code == "H7");
    findings
        .map(|it| {
            assert_eq!(it.severity, Severity::Error);
            let item = it.item.unwrap_or_default();
            let (value, expected) = (it.value.unwrap_or_default(), it.expected.unwrap_or_default());
            format!("{item} {} {value} {expected}", it.measure.unwrap().name())
        })
        .collect()
}

/// July of 2025, of whose base 55,021 stand in 3714 and 19,000 in 3670.
fn industries(last_year: [i64; 2]) -> Scene {
    let [one, other] = last_year;
    let filed = format!(
        "last_year.output_ytd=74021 last_year.industry:3714_ytd={one} last_year.industry:3670_ytd={other}"
    );
    Scene::new("B204-1", "2025-07").with(&filed)
}

#[test]
fn a_base_moved_from_one_industry_to_another_is_an_error_of_both_rows() {
    assert_eq!(found(&industries([55_021, 19_000])), [""; 0]);
    let moved = industries([74_021, 0]);
    assert_eq!(
        found(&moved),
        [
            "industry:3714 prior_ytd 55,021 千元 74,021 千元",
            "industry:3670 prior_ytd 19,000 千元 0 千元"
        ]
    );
    assert_eq!(found(&moved.clone().with("restructured")), [""; 0]);
    // Half a thousand yuan is what rounding may cost.
    assert_eq!(
        found(&industries([55_021, 19_000]).with("last_year.industry:3670_ytd=19000.4")),
        [""; 0]
    );
}

#[test]
fn the_rows_of_an_export_say_nothing_of_a_base() {
    let moved = industries([74_021, 0]);
    let mut export = moved.clone();
    export.candidate.report.layout = Layout::Table;
    assert_eq!(found(&export), [""; 0]);
    let mut last_year = moved;
    let period = "2024-07".parse().unwrap();
    counted(&mut last_year.history, "B204-1", period, FIRM).is_export = true;
    assert_eq!(found(&last_year), [""; 0]);
}

#[test]
fn in_february_the_month_says_nothing_of_a_base() {
    let scene = Scene::new("B204-1", "2025-02");
    let filed = "last_year.industry:3714_month=11050 last_year.industry:3670_month=0";
    assert_eq!(found(&scene.with(filed)), [""; 0]);
}

/// July of 2025: 25,021 to one firm and 600 to another, last year, by the codes they had then.
fn supplies([(one, a), (other, b)]: [(&str, i64); 2]) -> Scene {
    let filed = format!("last_year.supply:{one}_ytd={a} last_year.supply:{other}_ytd={b}");
    Scene::new("LY-01", "2025-07").with(&filed)
}

#[test]
fn bases_of_two_buyers_that_change_places_are_an_error() {
    assert_eq!(found(&supplies([(OTHER, 25_021), (BUYER, 600)])), [""; 0]);
    assert_eq!(found(&supplies([(OTHER, 600), (BUYER, 25_021)])).len(), 2);
    // A stranger in the place of a firm of the district.
    let mut scene = supplies([(OTHER, 600), (STRANGERS[0], 25_021)]);
    for figure in &mut scene.candidate.report.figures {
        figure.item = figure.item.replace(BUYER, STRANGERS[0]);
    }
    assert_eq!(found(&scene).len(), 2);
}

/// Nobody knows what becomes of firms outside: which of them it was moves no figure.
#[test]
fn firms_outside_are_held_together() {
    let mut scene = supplies([(OTHER, 25_021), (STRANGERS[1], 600)]);
    for figure in &mut scene.candidate.report.figures {
        figure.item = figure.item.replace(BUYER, STRANGERS[0]);
    }
    assert_eq!(found(&scene), [""; 0]);
}

fn changed(kind: RestructuringKind) -> Roster {
    let change = Restructuring {
        credit_code: BUYER.to_owned(),
        period: "2025-04".parse().unwrap(),
        kind,
        predecessor: Some(THIRD.to_owned()),
    };
    Roster::new([FIRM, OTHER, BUYER].map(firm), vec![change])
}

#[test]
fn a_buyer_is_held_against_what_was_supplied_to_those_it_goes_on_from() {
    for kind in [RestructuringKind::CodeChange, RestructuringKind::Merger] {
        let mut scene = supplies([(OTHER, 25_021), (THIRD, 600)]);
        assert_eq!(found(&scene).len(), 2, "nobody knows the third");
        scene.roster = changed(kind);
        assert_eq!(found(&scene), [""; 0], "{kind:?}");
    }
}

#[test]
fn a_buyer_that_was_split_up_is_held_together_with_what_came_out_of_it() {
    let mut scene = supplies([(OTHER, 25_021), (THIRD, 600)]);
    scene.roster = changed(RestructuringKind::Split);
    scene.roster.firms.insert(THIRD.to_owned(), vec![firm(THIRD)]);
    assert_eq!(found(&scene), [""; 0]);
}
