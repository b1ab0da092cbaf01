//! Figures larger than a firm can be, and firms supplied that are none of the district's.

use yuebao::findings::{Finding, Severity};
use yuebao::project::seeds::roster::{Restructuring, RestructuringKind};
use yuebao::stages::validate::State;

use crate::support::report::{FIRM, OTHER, Scene, firm};

/// A code that nobody on the roster has.
const OLD: &str = "91110000101623741K";

fn beyond(scene: &Scene) -> Vec<(Severity, String)> {
    let is_bound = |finding: &Finding| finding.message.en.contains("more than one firm can reach");
    let findings = scene.verdict().findings.into_iter().filter(is_bound);
    findings.map(|it| (it.severity, it.cell.unwrap().to_string())).collect()
}

#[test]
fn a_figure_larger_than_a_firm_can_be_is_an_error_that_names_its_cell() {
    for (form, field, cell) in [
        ("B204-1", "output_month", "D9"),
        ("B204-1", "exports_prior_ytd", "G11"),
        ("B204-1", "industry:3670_ytd", "E13"),
        ("LY-01", "supply:91220106MA0000015Q_prior_month", "F9"),
        ("LY-02", "local_purchases_ytd", "E10"),
    ] {
        let found =
            |number: &str| beyond(&Scene::new(form, "2025-07").with(&format!("{field}={number}")));
        // Ten trillion yuan are 10,000,000,000 thousand.
        assert_eq!(found("10000000000"), [], "{field}");
        assert_eq!(found("-10000000000"), [], "{field}");
        let error = [(Severity::Error, cell.to_owned())];
        assert_eq!(found("10000000000.01"), error, "{field}");
        assert_eq!(found("-10000000000.01"), error, "{field}");
    }
    let tonnes = Scene::new("B204-1", "2025-07").with("product:37150_ytd=99999999999");
    assert_eq!(beyond(&tonnes), [], "tonnes are no money");
}

#[test]
fn every_figure_too_large_stops_nothing() {
    for form in ["B204-1", "LY-01", "LY-02"] {
        let mut scene = Scene::new(form, "2025-07").explained("数字确实如此，请予认可谢谢");
        for figure in &mut scene.candidate.report.figures {
            figure.number = 999_999_999_999_999_i64.into();
        }
        assert_eq!(scene.verdict().state, State::Refused, "{form}");
        let money = scene.candidate.report.figures.iter().filter(|it| it.unit.is_money());
        assert_eq!(beyond(&scene).len(), money.count(), "{form}");
    }
}

fn change(code: &str, kind: RestructuringKind, predecessor: &str) -> Restructuring {
    let (credit_code, predecessor) = (code.to_owned(), Some(predecessor.to_owned()));
    Restructuring { credit_code, period: "2025-04".parse().unwrap(), kind, predecessor }
}

#[test]
fn a_firm_does_not_supply_the_code_it_had_before() {
    let mut scene = supply(OLD);
    assert_eq!(only(&scene).severity, Severity::Note, "a stranger");
    scene.roster.restructurings = vec![change(FIRM, RestructuringKind::CodeChange, OLD)];
    let error = only(&scene);
    assert_eq!((error.code.as_str(), error.severity), ("H6", Severity::Error));
}

/// As the marts have it: who goes on with a firm keeps it inside.
#[test]
fn a_buyer_that_changed_its_code_or_was_taken_in_is_inside() {
    for kind in [RestructuringKind::CodeChange, RestructuringKind::Merger] {
        let mut scene = supply(OLD);
        scene.roster.restructurings = vec![change(OTHER, kind, OLD)];
        assert_eq!(scene.verdict().findings, [], "{kind:?}");
    }
}

#[test]
fn a_buyer_whose_name_is_not_its_codes_is_queried_and_an_old_or_short_one_is_not() {
    let named = |code: &str, name: &str| {
        let mut scene = supply(code);
        scene.candidate.report.row_names.insert(format!("supply:{code}"), name.to_owned());
        scene
    };
    let queries = |scene: &Scene| {
        let found = scene.verdict().findings.into_iter();
        let found = found.filter(|it| it.severity == Severity::Query);
        found.map(|it| format!("{} {}", it.code, it.expected.unwrap())).collect::<Vec<_>>()
    };
    // Names as of the scene: 示例客车有限公司 is OTHER, 示例机车有限公司 the buyer.
    let buyer = "91220106MA0000431P";
    for name in ["示例机车有限公司", "示例机车", "示 例 机 车"] {
        assert_eq!(queries(&named(buyer, &name.replace(' ', ""))), [""; 0], "{name}");
    }
    assert_eq!(queries(&named(buyer, "示例客车有限公司")), ["H6 示例机车有限公司"]);
    assert_eq!(queries(&named(buyer, "外地动车有限公司")), ["H6 示例机车有限公司"]);
    // A stranger's code beside the name of a firm of the district.
    assert_eq!(queries(&named("91110000101623741K", "示例机车有限公司")), [format!("H6 {buyer}")]);
    assert_eq!(queries(&named("91110000101623741K", "外地动车有限公司")), [""; 0]);
    // A name it bore, under this code or the one before.
    let mut renamed = named(buyer, "老机车厂");
    let mut before = firm(buyer);
    "老机车厂".clone_into(&mut before.name);
    before.roster_to = Some("2023-12".parse().unwrap());
    renamed.roster.firms.get_mut(buyer).unwrap().insert(0, before);
    assert_eq!(queries(&renamed), [""; 0]);
}

/// A report of supply to a firm.
fn supply(buyer: &str) -> Scene {
    let mut scene = Scene::new("LY-01", "2025-07");
    let figures = scene.candidate.report.figures.iter_mut();
    for figure in figures.filter(|figure| figure.item == "supply:91220106MA0000431P") {
        figure.item = format!("supply:{buyer}");
    }
    scene
}

fn only(scene: &Scene) -> Finding {
    let mut findings = scene.verdict().findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
    findings.remove(0)
}

#[test]
fn supply_to_a_firm_outside_is_noted_and_to_itself_refused() {
    let note = only(&supply("91110000101623741K"));
    assert_eq!((note.code.as_str(), note.severity), ("H6", Severity::Note));
    assert_eq!(note.item.as_deref(), Some("supply:91110000101623741K"));
    assert_eq!(note.cell.unwrap().to_string(), "D10");
    let error = only(&supply(FIRM));
    assert_eq!((error.code.as_str(), error.severity), ("H6", Severity::Error));
}

#[test]
fn a_wrong_last_character_of_a_firm_supplied_is_an_error_unless_the_roster_has_the_code() {
    const ODD: &str = "91350211M0000XUF46";
    assert_eq!(only(&supply(ODD)).severity, Severity::Error);
    let mut known = supply(ODD);
    known.roster.firms.insert(ODD.to_owned(), vec![firm(ODD)]);
    assert_eq!(known.verdict().findings, []);
    // On the roster, but no longer in the month.
    let spell = &mut known.roster.firms.get_mut(ODD).unwrap()[0];
    spell.roster_to = Some("2025-06".parse().unwrap());
    assert_eq!(only(&known).severity, Severity::Note);
}
