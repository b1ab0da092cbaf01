//! Firms that change: what a report is held against after a new code, a merger, a split.
//!
//! The report is the plain one of FIRM: output 12,034 in the month and 80,312 to date, last year
//! 11,050 and 74,021; all in thousand yuan. The month before it is 80,312 − 12,034 = 68,278 to date.

use yuebao::domain::measure::Measure;
use yuebao::domain::period::Period;
use yuebao::lake::counted::Figures;
use yuebao::project::seeds::roster::{Firm, Restructuring, RestructuringKind, Roster};

use crate::support::report::{FIRM, OTHER, Scene, counted, firm};

use RestructuringKind::{Base, CodeChange, Merger, Split};

/// A third firm.
const THIRD: &str = "91220106MA0000437P";

fn month(text: &str) -> Period {
    text.parse().unwrap()
}

fn spell(code: &str, from: &str, to: &str) -> Firm {
    Firm {
        roster_from: month(from),
        roster_to: Some(to).filter(|to| !to.is_empty()).map(month),
        ..firm(code)
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

/// A report of FIRM for a month of 2025, and the roster it is held against.
fn scene<const N: usize>(period: &str, spells: [Firm; N], changes: &[Restructuring]) -> Scene {
    let mut scene = Scene::new("B204-1", period);
    scene.roster = Roster::new(spells, changes.to_vec());
    scene
}

impl Scene {
    /// The same where a firm filed output of a month and to date, thousand yuan, without exports.
    fn filed(mut self, code: &str, period: &str, (of_month, ytd): (i64, i64)) -> Self {
        let figures: &mut Figures = counted(&mut self.history, "B204-1", month(period), code);
        for (measure, number) in [(Measure::Month, of_month), (Measure::Ytd, ytd)] {
            figures.insert("output", measure, (number * 1000).into());
        }
        self
    }

    /// What is found against its history, by code and measure.
    fn found(&self) -> Vec<String> {
        let findings = self.verdict().findings.into_iter();
        let findings = findings.filter(|finding| ["H7", "Q1"].contains(&finding.code.as_str()));
        let found = findings.map(|finding| {
            let item = finding.item.unwrap_or_default();
            format!("{} {item} {}", finding.code, finding.measure.map_or("-", Measure::name))
        });
        found.collect()
    }
}

/// FIRM was OTHER until April 2025.
fn renamed() -> ([Firm; 2], [Restructuring; 1]) {
    let spells = [spell(OTHER, "2020-01", "2025-03"), spell(FIRM, "2025-04", "")];
    (spells, [change(FIRM, "2025-04", CodeChange, OTHER)])
}

#[test]
fn after_a_change_of_code_the_base_is_what_the_old_code_filed() {
    let (spells, changes) = renamed();
    let july = scene("2025-07", spells, &changes);
    assert_eq!(july.clone().filed(OTHER, "2024-07", (11_050, 74_021)).found(), [""; 0]);
    // 74,000 instead of 74,021 was filed.
    let wrong = july.filed(OTHER, "2024-07", (11_050, 74_000));
    assert_eq!(wrong.found(), ["H7 output prior_ytd"]);
}

#[test]
fn the_first_report_under_a_new_code_rolls_forward_from_the_old_one() {
    let (spells, changes) = renamed();
    let april = scene("2025-04", spells, &changes);
    assert_eq!(april.clone().filed(OTHER, "2025-03", (12_000, 68_278)).found(), [""; 0]);
    let broken = april.filed(OTHER, "2025-03", (12_000, 60_000));
    assert_eq!(broken.found(), ["Q1 output ytd"]);
}

#[test]
fn in_the_year_after_a_change_of_code_each_month_has_the_code_that_filed_it() {
    let (spells, changes) = renamed();
    for (period, filer, before) in
        [("2026-03", OTHER, "2025-03"), ("2026-04", FIRM, "2025-04"), ("2026-07", FIRM, "2025-07")]
    {
        let report = scene(period, spells.clone(), &changes);
        let right = report.clone().filed(filer, before, (11_050, 74_021));
        assert_eq!(right.found(), [""; 0], "{period}");
        let wrong = report.filed(filer, before, (11_050, 74_020));
        assert_eq!(wrong.found(), ["H7 output prior_ytd"], "{period}");
    }
}

#[test]
fn after_a_merger_the_base_is_the_sum_of_both_month_by_month() {
    let spells = [spell(OTHER, "2020-01", "2025-03"), spell(FIRM, "2020-01", "")];
    let changes = [change(FIRM, "2025-04", Merger, OTHER)];
    for period in ["2025-04", "2025-07", "2025-12", "2026-03"] {
        let before = month(period).months_before(12).unwrap().to_string();
        let report = scene(period, spells.clone(), &changes);
        // 5,050 + 6,000 = 11,050; 54,021 + 20,000 = 74,021.
        let both =
            report.filed(FIRM, &before, (5_050, 54_021)).filed(OTHER, &before, (6_000, 20_000));
        assert_eq!(both.found(), [""; 0], "{period}");
        let wrong = both.filed(OTHER, &before, (6_000, 19_000));
        assert_eq!(wrong.found(), ["H7 output prior_ytd"], "{period}");
    }
    // In April 2026 last year's own report holds both already.
    let april = scene("2026-04", spells, &changes).filed(FIRM, "2025-04", (11_050, 74_021));
    assert_eq!(april.found(), [""; 0]);
}

#[test]
fn before_the_merger_each_goes_by_itself() {
    let spells = [spell(OTHER, "2020-01", "2025-07"), spell(FIRM, "2020-01", "")];
    let changes = [change(FIRM, "2025-08", Merger, OTHER)];
    let july = scene("2025-07", spells, &changes).filed(FIRM, "2024-07", (11_050, 74_021)).filed(
        OTHER,
        "2024-07",
        (6_000, 20_000),
    );
    assert_eq!(july.found(), [""; 0]);
}

#[test]
fn a_base_of_which_one_part_is_unknown_is_unknown() {
    let spells = [spell(OTHER, "2020-01", "2025-03"), spell(FIRM, "2020-01", "")];
    let changes = [change(FIRM, "2025-04", Merger, OTHER)];
    let july = scene("2025-07", spells.clone(), &changes).filed(FIRM, "2024-07", (1, 1));
    assert_eq!(july.found(), [""; 0], "nobody knows what OTHER had");
    let mut spells = spells;
    spells[0].roster_from = month("2024-08");
    let july = scene("2025-07", spells, &changes).filed(FIRM, "2024-07", (11_050, 74_000));
    assert_eq!(july.found(), ["H7 output prior_ytd"], "OTHER owed nothing then");
}

#[test]
fn a_split_states_its_base_for_a_year_and_goes_by_its_own_reports_then() {
    let spells = [spell(OTHER, "2020-01", ""), spell(FIRM, "2025-04", "")];
    let changes = [change(FIRM, "2025-04", Split, OTHER)];
    let july = scene("2025-07", spells.clone(), &changes);
    assert_eq!(july.filed(OTHER, "2024-07", (90_000, 800_000)).found(), [""; 0]);
    let july = scene("2026-07", spells, &changes).filed(FIRM, "2025-07", (11_050, 74_000));
    assert_eq!(july.found(), ["H7 output prior_ytd"]);
}

#[test]
fn a_base_stated_anew_holds_for_twelve_months() {
    let spells = [spell(FIRM, "2020-01", "")];
    let changes = [change(FIRM, "2024-09", Base, "")];
    let found = |period: &str| {
        let before = month(period).months_before(12).unwrap().to_string();
        scene(period, spells.clone(), &changes).filed(FIRM, &before, (11_050, 60_000)).found()
    };
    assert_eq!(found("2024-08"), ["H7 output prior_ytd"]);
    assert_eq!(found("2024-09"), [""; 0]);
    assert_eq!(found("2025-08"), [""; 0], "a year over, the month before it included");
    assert_eq!(found("2025-09"), ["H7 output prior_ytd"]);
}

#[test]
fn a_chain_of_codes_leads_to_who_filed() {
    let spells = [
        spell(THIRD, "2020-01", "2024-09"),
        spell(OTHER, "2024-10", "2025-04"),
        spell(FIRM, "2025-05", ""),
    ];
    let changes =
        [change(FIRM, "2025-05", CodeChange, OTHER), change(OTHER, "2024-10", CodeChange, THIRD)];
    for (period, filer) in [("2025-07", THIRD), ("2025-11", OTHER), ("2026-05", FIRM)] {
        let before = month(period).months_before(12).unwrap().to_string();
        let wrong = scene(period, spells.clone(), &changes).filed(filer, &before, (11_050, 1));
        assert_eq!(wrong.found(), ["H7 output prior_ytd"], "{period}");
    }
}

#[test]
fn a_firm_that_moves_to_another_zone_is_the_same_firm() {
    let spells = [spell(FIRM, "2020-01", "2025-06"), spell(FIRM, "2025-07", "")];
    let july = scene("2025-07", spells, &[]);
    let wrong = july.filed(FIRM, "2024-07", (11_050, 74_000));
    assert_eq!(wrong.found(), ["H7 output prior_ytd"], "a new spell makes no new firm");
}
