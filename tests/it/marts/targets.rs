//! `target_progress` against figures computed by hand: kinds, baselines, each status at its edge.

use super::lake::{Firm, Lake, rows};
use crate::support::together::together;

/// The target of the district's output with a kind, level, growth, baseline year and baseline.
fn target(lake: Lake, kind: &str, values: [&str; 4]) -> Lake {
    let [level, growth, year, base] = values;
    lake.target([
        "T",
        "2024",
        "district:220106",
        "B204-1",
        "output",
        kind,
        level,
        growth,
        year,
        base,
    ])
}

fn progress(lake: &Lake, columns: &str) -> Vec<String> {
    rows(&lake.build("target_progress"), "target_progress", "", columns)
}

/// A firm that made 1000 in 2023 and has made `ytd` against `prior` by a month of 2024.
fn firm(period: &str, ytd: &str, prior: &str) -> Lake {
    Lake::default().plain("A").filed("A", "2023-12", &["output 1 1000 1 900"]).filed(
        "A",
        period,
        &[&format!("output 1 {ytd} 1 {prior}")],
    )
}

together!(figures_worked_by_hand:
    a_level_says_what_is_still_needed,
    a_published_share_of_a_target_recomputes,
    a_level_is_judged_against_the_season_and_met_once_reached,
    without_last_year_a_level_is_judged_against_time,
    growth_is_judged_on_the_comparable_basis,
    growth_aims_at_the_baseline,
    in_december_growth_and_attainment_agree,
    level_and_growth_compares_the_same_forms_in_december,
    growth_over_a_stated_baseline_is_a_level,
    level_and_growth_asks_for_the_greater_of_both,
    an_earlier_baseline_year_is_taken_from_its_december,
    the_seeds_baseline_goes_before_the_lakes,
    an_unknown_baseline_leaves_the_target_open_until_december,
    a_firm_that_did_not_report_has_an_incomplete_target,
    targets_have_rows_in_their_own_year_only,
    a_ratio_aims_at_the_baseline_years,
    a_ratio_is_judged_by_its_change_over_last_year,
    a_ratio_of_a_chain_is_that_of_its_buyers_together,
    supply_of_all_suppliers_is_one_item,
    growth_so_far_is_measured_against_the_targets_own_baseline
);

fn a_level_says_what_is_still_needed() {
    let lake = target(firm("2024-07", "500", "450"), "level", ["1100", "", "", ""]);
    let columns = "period name kind target_cny baseline_cny ytd_cny attained_share time_progress \
                   seasonal_progress gap_cny required_month_cny required_growth yoy_ytd \
                   growth_target status";
    assert_eq!(
        progress(&lake, columns),
        // 600 in 5 months; 600 against the 550 of last year's rest
        ["2024-07-01 目标T level 1100.00 1000.00 500.00 0.454545 0.583333 0.450000 600.00 120.00 \
             0.090909 0.111111 - on_track"]
    );
}

fn a_published_share_of_a_target_recomputes() {
    // 17.78 of 75: 23.7 % of the year's target.
    let lake = target(firm("2024-03", "1778000000", "1"), "level", ["7500000000", "", "", ""]);
    assert_eq!(progress(&lake, "attained_share"), ["0.237067"]);
}

/// Judges firms side by side, each against its own target: month, year to date, the same last year,
/// status. Every firm made 1000 in 2023.
fn judge(kind: &str, values: [&str; 2], cases: &[(&str, &str, &str, &str)]) {
    let [level, growth] = values;
    let codes: Vec<String> = (0..cases.len()).map(|index| format!("F{index}")).collect();
    let lake = codes.iter().zip(cases).fold(Lake::default(), |lake, (code, case)| {
        let (period, ytd, prior, _) = case;
        let scope = format!("firm:{code}");
        lake.plain(code)
            .filed(code, "2023-12", &["output 1 1000 1 900"])
            .filed(code, period, &[&format!("output 1 {ytd} 1 {prior}")])
            .target([code, "2024", &scope, "B204-1", "output", kind, level, growth, "", ""])
    });
    let built = lake.build("target_progress");
    for (code, (period, ytd, _, status)) in codes.iter().zip(cases) {
        let condition = format!("target_id={code} period={period}");
        let found = rows(&built, "target_progress", &condition, "ytd_cny status");
        let ytd: rust_decimal::Decimal = ytd.parse().unwrap();
        assert_eq!(found, [format!("{ytd:.2} {status}")], "{period}");
    }
}

fn a_level_is_judged_against_the_season_and_met_once_reached() {
    // last year had reached 0.400 by July
    let cases = [
        ("2024-07", "420", "400", "ahead"),
        ("2024-07", "419.99", "400", "on_track"),
        ("2024-07", "380", "400", "on_track"),
        ("2024-07", "379.99", "400", "behind"),
        ("2024-07", "1000", "400", "met"),
        ("2024-12", "1000", "1000", "met"),
        ("2024-12", "999.99", "1000", "missed"),
    ];
    judge("level", ["1000", ""], &cases);
}

fn without_last_year_a_level_is_judged_against_time() {
    let lake = [("A", "520"), ("B", "519.99"), ("C", "479.99")].into_iter().fold(
        Lake::default(),
        |lake, (code, ytd)| {
            let scope = format!("firm:{code}");
            lake.plain(code)
                .filed(code, "2024-06", &[&format!("output 1 {ytd} - -")])
                .target([code, "2024", &scope, "B204-1", "output", "level", "1000", "", "", ""])
        },
    );
    let columns = "time_progress seasonal_progress required_growth baseline_cny status";
    assert_eq!(
        progress(&lake, columns),
        ["0.500000 - - - ahead", "0.500000 - - - on_track", "0.500000 - - - behind"]
    );
}

fn growth_is_judged_on_the_comparable_basis() {
    let cases = [
        ("2024-07", "1055", "1000", "ahead"),
        ("2024-07", "1054.99", "1000", "on_track"),
        ("2024-07", "1045", "1000", "on_track"),
        ("2024-07", "1044.99", "1000", "behind"),
        ("2024-12", "1050", "1000", "met"),
        // not against the 1000 published last year
        ("2024-12", "1050", "1001", "missed"),
        ("2024-12", "1040", "990", "met"),
    ];
    judge("growth", ["", "0.05"], &cases);
}

fn growth_aims_at_the_baseline() {
    let lake = target(firm("2024-07", "520", "500"), "growth", ["", "0.05", "", ""]);
    let columns = "target_cny baseline_cny attained_share yoy_ytd growth_target";
    assert_eq!(progress(&lake, columns), ["1050.00 1000.00 0.495238 0.040000 0.050000"]);
}

fn in_december_growth_and_attainment_agree() {
    let columns = "baseline_cny target_cny attained_share gap_cny seasonal_progress yoy_ytd status";
    // A base of 980 for the same forms, though 1000 was reported last year.
    let lake = target(firm("2024-12", "1040", "980"), "growth", ["", "0.06", "", ""]);
    assert_eq!(progress(&lake, columns), ["980.00 1038.80 1.001155 0.00 1.000000 0.061224 met"]);
    let lake = target(firm("2024-12", "1060", "1010"), "growth", ["", "0.06", "", ""]);
    assert_eq!(
        progress(&lake, columns),
        ["1010.00 1070.60 0.990099 10.60 1.000000 0.049505 missed"]
    );
}

fn level_and_growth_compares_the_same_forms_in_december() {
    let columns = "baseline_cny target_cny status";
    // 6 % on 980 is 1038.80, though 1000 was reported last year
    let lake = firm("2024-12", "1040", "980");
    let lake = target(lake, "level_and_growth", ["900", "0.06", "", ""]);
    assert_eq!(progress(&lake, columns), ["980.00 1038.80 met"]);
}

fn growth_over_a_stated_baseline_is_a_level() {
    let columns = "baseline_cny target_cny attained_share yoy_ytd status";
    let lake = target(firm("2024-12", "1060", "900"), "growth", ["", "0.06", "", "1010"]);
    assert_eq!(progress(&lake, columns), ["1010.00 1070.60 0.990099 0.177778 missed"]);
}

fn level_and_growth_asks_for_the_greater_of_both() {
    let lake = firm("2024-07", "1", "1");
    let aim = |lake: Lake, id, level| {
        let scope = "district:220106";
        let kind = "level_and_growth";
        lake.target([id, "2024", scope, "B204-1", "output", kind, level, "0.50", "", ""])
    };
    let lake = aim(aim(lake, "growth", "1400"), "level", "1600");
    let aims = progress(&lake, "target_id target_cny");
    assert_eq!(aims, ["growth 1500.00", "level 1600.00"]);
}

fn an_earlier_baseline_year_is_taken_from_its_december() {
    let lake = Lake::default()
        .plain("A")
        .filed("A", "2022-12", &["output 1 800 1 700"])
        .filed("A", "2023-12", &["output 1 1000 1 800"])
        .filed("A", "2024-12", &["output 1 1190 1 1000"]);
    let lake = target(lake, "growth", ["", "0.50", "2022", ""]);
    let columns = "target_cny baseline_cny prior_year_cny attained_share yoy_ytd status";
    // judged as a level: 1190 of 800 x 1.5
    assert_eq!(progress(&lake, columns), ["1200.00 800.00 1000.00 0.991667 0.190000 missed"]);
}

fn the_seeds_baseline_goes_before_the_lakes() {
    let lake = target(firm("2024-07", "1", "1"), "growth", ["", "0.10", "", "2000"]);
    assert_eq!(progress(&lake, "target_cny baseline_cny"), ["2200.00 2000.00"]);
}

fn an_unknown_baseline_leaves_the_target_open_until_december() {
    let lake = Lake::default().plain("A").filed("A", "2024-07", &["output 1 500 1 450"]).filed(
        "A",
        "2024-12",
        &["output 1 1100 1 1000"],
    );
    let lake = target(lake, "growth", ["", "0.10", "", ""]);
    let columns = "target_cny attained_share gap_cny required_month_cny status";
    assert_eq!(progress(&lake, columns), ["- - - - -", "1100.00 1.000000 0.00 - met"]);
}

fn a_firm_that_did_not_report_has_an_incomplete_target() {
    let lake = Lake::default()
        .plain("A")
        .plain("B")
        .filed("A", "2024-07", &["output 1 500 1 450"])
        .target(["T", "2024", "firm:B", "B204-1", "output", "level", "1000", "", "", ""]);
    assert_eq!(progress(&lake, "target_cny ytd_cny gap_cny status"), ["1000.00 - - incomplete"]);
}

fn targets_have_rows_in_their_own_year_only() {
    let lake = target(firm("2024-07", "1", "1"), "level", ["10", "", "", ""]).filed(
        "A",
        "2025-02",
        &["output - 1 - 1"],
    );
    assert_eq!(progress(&lake, "period year"), ["2024-07-01 2024"]);
}

/// Buyers with a target of one more point of local purchases, each a firm with 1000 of purchases: code,
/// month of 2024, local purchases, the same last year. All bought 400 of 1000 locally in 2023.
fn buyers(cases: &[(&str, &str, &str, &str)]) -> Lake {
    let report =
        |firm, period| super::lake::Report { form: "LY-02", firm, period, ..Default::default() };
    let item = "local_purchases/purchases";
    cases.iter().fold(Lake::default(), |lake, (code, period, local, prior)| {
        let local = format!("local_purchases 1 {local} 1 {prior}");
        let scope = format!("firm:{code}");
        lake.firm(Firm { code, chain: Some("rail"), forms: "LY-02", ..Firm::default() })
            .report(
                &report(code, "2023-12"),
                &["purchases 1 1000 1 1", "local_purchases 1 400 1 1"],
            )
            .report(&report(code, period), &["purchases 1 1000 1 1000", &local])
            .target([code, "2024", &scope, "LY-02", item, "ratio", "", "0.01", "", ""])
    })
}

fn a_ratio_aims_at_the_baseline_years() {
    let columns = "target_cny baseline_cny ytd_cny attained_share yoy_ytd ratio_ytd baseline_ratio \
                   gap_cny required_month_cny seasonal_progress status";
    assert_eq!(
        progress(&buyers(&[("A", "2024-07", "421", "410")]), columns),
        // 1000 x (0.40 + 0.01)
        ["410.00 400.00 421.00 1.026829 0.011000 0.421000 0.400000 0.00 - - ahead"]
    );
}

fn a_ratio_is_judged_by_its_change_over_last_year() {
    let lake = buyers(&[
        ("A", "2024-07", "421", "410"),
        ("B", "2024-07", "420.99", "410"),
        ("C", "2024-07", "419", "410"),
        ("D", "2024-07", "418.99", "410"),
    ]);
    assert_eq!(progress(&lake, "status"), ["ahead", "on_track", "on_track", "behind"]);
    let lake = buyers(&[("A", "2024-12", "420", "410"), ("B", "2024-12", "419.99", "410")]);
    assert_eq!(progress(&lake, "status gap_cny"), ["met 0.00", "missed 0.01"]);
}

fn a_ratio_of_a_chain_is_that_of_its_buyers_together() {
    let lake = buyers(&[("A", "2024-07", "500", "400"), ("B", "2024-07", "300", "400")]);
    let item = "local_purchases/purchases";
    let lake = lake.target(["Z", "2024", "chain:rail", "LY-02", item, "ratio", "", "0", "", ""]);
    let columns = "ratio_ytd target_cny yoy_ytd status";
    let built = lake.build("target_progress");
    assert_eq!(
        rows(&built, "target_progress", "target_id=Z", columns),
        ["0.400000 800.00 0.000000 on_track"]
    );
}

fn supply_of_all_suppliers_is_one_item() {
    let report = |firm, period| super::lake::Report {
        form: "LY-01",
        firm,
        period,
        ..super::lake::Report::default()
    };
    let lake = Lake::default()
        .firm(Firm { code: "A", forms: "LY-01", ..Firm::default() })
        .firm(Firm { code: "B", forms: "LY-01", ..Firm::default() })
        .plain("X")
        .plain("Y")
        .report(&report("A", "2023-12"), &["supply:X 1 200 1 1", "supply:Y 1 50 1 1"])
        .report(&report("B", "2023-12"), &["supply:X 1 100 1 1"])
        .report(&report("A", "2024-12"), &["supply:X 1 300 1 200", "supply:Y 1 100 1 50"])
        .report(&report("B", "2024-12"), &["supply:X 1 140 1 100"])
        .target([
            "T",
            "2024",
            "district:220106",
            "LY-01",
            "supply",
            "level_and_growth",
            "500",
            "0.50",
            "2023",
            "",
        ]);
    assert_eq!(
        progress(&lake, "baseline_cny target_cny ytd_cny yoy_ytd status"),
        ["350.00 525.00 540.00 0.542857 met"]
    );
}

fn growth_so_far_is_measured_against_the_targets_own_baseline() {
    // two years' growth: last year says nothing about it, and half a year nothing yet
    let lake = Lake::default()
        .plain("A")
        .filed("A", "2022-12", &["output 1 800 1 700"])
        .filed("A", "2024-11", &["output 1 1150 1 900"])
        .filed("A", "2024-12", &["output 1 1300 1 1000"]);
    let lake = target(lake, "level_and_growth", ["1000", "0.50", "2022", ""]);
    let columns = "yoy_ytd growth_so_far growth_target status";
    assert_eq!(
        progress(&lake, columns),
        ["0.277778 - 0.500000 ahead", "0.300000 0.625000 0.500000 met"]
    );
    let over_last_year = target(firm("2024-07", "520", "500"), "growth", ["", "0.05", "", ""]);
    assert_eq!(progress(&over_last_year, "growth_so_far"), ["0.040000"]);
    let level = target(firm("2024-07", "520", "500"), "level", ["900", "", "", ""]);
    assert_eq!(progress(&level, "growth_so_far"), ["-"]);
}
