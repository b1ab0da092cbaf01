//! `target_progress` compares one set of firms: whose full last year it is, what it rests on, and what
//! is left unjudged. Each figure is worked by hand beside it.

use super::lake::{Firm, Lake, Report, rows};
use crate::support::together::together;

const DISTRICT: &str = "district:220106";

/// A target of 2024 about output: id, scope, kind, level, growth.
fn aim(lake: Lake, [id, scope, kind, level, growth]: [&str; 5]) -> Lake {
    lake.target([id, "2024", scope, "B204-1", "output", kind, level, growth, "", ""])
}

/// A growth of 5 % of the district.
fn growth(lake: Lake) -> Lake {
    aim(lake, ["T", DISTRICT, "growth", "", "0.05"])
}

/// A report of output: this year to date and last, `-` for none.
fn output(lake: Lake, firm: &str, period: &str, ytd: &str, prior: &str) -> Lake {
    lake.filed(firm, period, &[&format!("output 1 {ytd} 1 {prior}")])
}

/// Firms with what they made in 2023.
fn made(firms: &[(&str, &str)]) -> Lake {
    firms.iter().fold(Lake::default(), |lake, (code, year)| {
        output(lake.plain(code), code, "2023-12", year, year)
    })
}

fn joined<'a>(code: &'a str, from: &'a str) -> Firm<'a> {
    Firm { code, from, ..Firm::default() }
}

fn left<'a>(code: &'a str, to: &'a str) -> Firm<'a> {
    Firm { code, to: Some(to), ..Firm::default() }
}

#[track_caller]
fn shows(lake: &Lake, keep: &str, columns: &str, expected: &[&str]) {
    let built = lake.build("target_progress");
    assert_eq!(rows(&built, "target_progress", keep, columns), expected, "{columns}");
}

/// A made 1000 in 2023. B joined in 2024 with these years to date of November and December.
fn with_newcomer(november: [&str; 2], december: [&str; 2]) -> Lake {
    let lake = output(made(&[("A", "1000")]), "A", "2024-11", "990", "900");
    let lake = output(lake.firm(joined("B", "2024-01")), "B", "2024-11", november[0], november[1]);
    output(output(lake, "A", "2024-12", "1090", "1000"), "B", "2024-12", december[0], december[1])
}

together!(figures_worked_by_hand:
    a_firm_that_joined_is_on_both_sides_all_year,
    a_base_too_thin_to_judge_by_leaves_growth_open_and_a_level_to_the_calendar,
    who_was_at_zero_last_year_weighs_nothing,
    a_report_without_last_years_figures_is_on_neither_side,
    of_level_and_growth_the_one_that_lacks_more_is_the_target,
    a_changed_code_takes_its_last_year_along,
    a_merger_adds_the_other_firms_last_year_from_its_month_on,
    a_predecessor_without_a_december_leaves_the_full_year_unknown,
    after_a_split_the_full_year_is_unknown_for_twelve_months_but_in_december,
    a_kept_base_keeps_its_full_year,
    a_full_year_goes_where_the_spell_in_force_puts_the_firm,
    sizes_leading_firms_and_industries_have_targets_too,
    a_ratio_compares_the_same_buyers_on_both_sides,
    a_target_of_an_incomplete_month_is_incomplete_unless_what_is_in_reaches_it,
    growth_is_reached_for_certain_only_over_the_base_of_those_missing_too,
    an_earlier_baseline_is_the_scopes_total_unless_too_little_of_it_was_reported
);

fn a_firm_that_joined_is_on_both_sides_all_year() {
    let lake = growth(with_newcomer(["99", "90"], ["109", "98"]));
    let columns = "prior_year_cny base_coverage is_estimated seasonal_progress target_cny gap_cny \
                   required_month_cny required_growth yoy_ytd status";
    shows(
        &lake,
        "",
        columns,
        &[
            // 1000 for 900 of 990, so 1100 for all; 990 of it by November; 1089 of 1155, 66 in a month
            // in which last year made 110; 1089 over 990
            "1100.00 0.909091 true 0.900000 1155.00 66.00 66.00 -0.400000 0.100000 ahead",
            // 1000 and 98 by December's own columns; 1199 of 1152.90
            "1098.00 1.000000 false 1.000000 1152.90 0.00 - - 0.091985 met",
        ],
    );
}

fn a_base_too_thin_to_judge_by_leaves_growth_open_and_a_level_to_the_calendar() {
    // 900 of 1400 is known: the full year of A for both gave a seasonal progress of 1.40
    let lake = growth(with_newcomer(["550", "500"], ["600", "550"]));
    let lake = aim(lake, ["L", DISTRICT, "level", "1600", ""]);
    let columns = "base_coverage is_estimated prior_year_cny seasonal_progress target_cny gap_cny \
                   required_growth yoy_ytd status";
    // 1540 over 1400; in December 1690 over 1550
    let growth = [
        "0.642857 false - - - - - 0.100000 -",
        "1.000000 false 1550.00 1.000000 1627.50 0.00 - 0.090323 met",
    ];
    shows(&lake, "target_id=T", columns, &growth);
    // 0.9625 attained of the level, 0.916667 of the year gone
    let level = [
        "0.642857 false - - 1600.00 60.00 - 0.100000 ahead",
        "1.000000 false 1550.00 1.000000 1600.00 0.00 - 0.090323 met",
    ];
    shows(&lake, "target_id=L", columns, &level);
}

fn who_was_at_zero_last_year_weighs_nothing() {
    let lake = made(&[("A", "1000")]).firm(joined("B", "2024-03"));
    let lake = output(output(lake, "A", "2024-07", "550", "500"), "B", "2024-07", "40", "0");
    // 590 of 1050
    shows(
        &growth(lake),
        "",
        "prior_year_cny base_coverage is_estimated attained_share yoy_ytd",
        &["1000.00 1.000000 false 0.561905 0.180000"],
    );
}

fn a_report_without_last_years_figures_is_on_neither_side() {
    let lake = made(&[("A", "1000")]).firm(joined("B", "2024-03"));
    let lake = output(output(lake, "A", "2024-07", "550", "500"), "B", "2024-07", "300", "-");
    let lake = aim(growth(lake), ["L", DISTRICT, "level", "1000", ""]);
    let columns = "target_id ytd_cny comparable_ytd_cny prior_ytd_cny measured_cny target_cny \
                   attained_share gap_cny required_growth yoy_ytd";
    shows(
        &lake,
        "",
        columns,
        &[
            // the level counts B; what growth its rest of the year needs cannot be told for B
            "L 850.00 550.00 500.00 850.00 1000.00 0.850000 150.00 - 0.100000",
            "T 850.00 550.00 500.00 550.00 1050.00 0.523810 500.00 0.000000 0.100000",
        ],
    );
}

fn of_level_and_growth_the_one_that_lacks_more_is_the_target() {
    let lake = made(&[("A", "1000")]).firm(joined("B", "2024-03"));
    let lake = output(output(lake, "A", "2024-07", "500", "400"), "B", "2024-07", "300", "-");
    // growth lacks 1500 - 500; the levels 100 and 1200
    let lake = aim(lake, ["1", DISTRICT, "level_and_growth", "900", "0.50"]);
    let lake = aim(lake, ["2", DISTRICT, "level_and_growth", "2000", "0.50"]);
    let expected = ["1500.00 500.00 1000.00", "2000.00 800.00 1200.00"];
    shows(&lake, "", "target_cny measured_cny gap_cny", &expected);
}

fn a_changed_code_takes_its_last_year_along() {
    let lake = output(Lake::default().firm(left("A", "2024-06")), "A", "2023-12", "1000", "900");
    let lake = output(lake, "A", "2024-06", "500", "450").firm(joined("N", "2024-07"));
    let lake = output(lake, "N", "2024-07", "580", "525");
    let lake = growth(lake.restructuring(["N", "2024-07", "code_change", "A"]));
    shows(
        &lake,
        "",
        "ytd_cny prior_year_cny base_coverage seasonal_progress status",
        &["500.00 1000.00 1.000000 0.450000 ahead", "580.00 1000.00 1.000000 0.525000 ahead"],
    );
}

fn a_merger_adds_the_other_firms_last_year_from_its_month_on() {
    let year = |lake, code, year| output(lake, code, "2023-12", year, "1");
    let lake = Lake::default().plain("A").firm(left("B", "2024-06"));
    let lake = year(year(lake, "A", "1000"), "B", "400");
    let lake = output(output(lake, "A", "2024-06", "500", "450"), "B", "2024-06", "200", "180");
    let lake = output(lake, "A", "2024-07", "840", "700");
    let lake = growth(lake.restructuring(["A", "2024-07", "merger", "B"]));
    let lake = aim(lake, ["A", "firm:A", "growth", "", "0.05"]);
    let columns = "period prior_year_cny seasonal_progress";
    // before it, A alone had 1000
    let firm = ["2024-06-01 1000.00 0.450000", "2024-07-01 1400.00 0.500000"];
    shows(&lake, "target_id=A", columns, &firm);
    let district = ["2024-06-01 1400.00 0.450000", "2024-07-01 1400.00 0.500000"];
    shows(&lake, "target_id=T", columns, &district);
}

fn a_predecessor_without_a_december_leaves_the_full_year_unknown() {
    let lake = made(&[("A", "1000")]).firm(left("B", "2024-06"));
    let lake = output(lake, "A", "2024-07", "840", "700");
    let lake = growth(lake.restructuring(["A", "2024-07", "merger", "B"]));
    shows(&lake, "", "prior_year_cny base_coverage target_cny status", &["- 0.000000 - -"]);
    // who was not on the roster then owed none
    let lake = made(&[("A", "1000")]).firm(Firm { to: Some("2024-06"), ..joined("B", "2024-02") });
    let lake = output(lake, "A", "2024-07", "840", "700");
    let lake = growth(lake.restructuring(["A", "2024-07", "merger", "B"]));
    shows(&lake, "", "prior_year_cny base_coverage target_cny", &["1000.00 1.000000 1050.00"]);
}

fn after_a_split_the_full_year_is_unknown_for_twelve_months_but_in_december() {
    let lake = output(made(&[("A", "1000")]), "A", "2024-06", "500", "450");
    let lake = lake.firm(joined("B", "2024-07"));
    let lake = lake.restructuring(["A", "2024-07", "base", ""]);
    let lake = lake.restructuring(["B", "2024-07", "split", "A"]);
    let months = [
        ("2024-07", ["400", "350"], ["150", "130"]),
        ("2024-12", ["700", "600"], ["300", "280"]),
        ("2025-06", ["360", "340"], ["160", "150"]),
        ("2025-07", ["420", "400"], ["180", "150"]),
    ];
    let lake = months.iter().fold(growth(lake), |lake, (month, a, b)| {
        output(output(lake, "A", month, a[0], a[1]), "B", month, b[0], b[1])
    });
    let lake =
        lake.target(["U", "2025", DISTRICT, "B204-1", "output", "growth", "", "0.05", "", ""]);
    shows(
        &lake,
        "",
        "period prior_year_cny base_coverage target_cny",
        &[
            "2024-06-01 1000.00 1.000000 1050.00",
            "2024-07-01 - 0.000000 -",
            "2024-12-01 880.00 1.000000 924.00",
            "2025-06-01 - 0.000000 -",
            "2025-07-01 1000.00 1.000000 1050.00",
        ],
    );
}

fn a_kept_base_keeps_its_full_year() {
    let lake = made(&[("A", "1000")]).firm(left("L", "2024-05"));
    let lake = output(output(lake, "L", "2023-07", "300", "250"), "L", "2023-12", "500", "400");
    let lake = output(output(lake, "L", "2024-05", "200", "180"), "A", "2024-07", "550", "500");
    // L stands with 200 of May against 300 of last July
    let expected = ["750.00 800.00 1500.00 1.000000"];
    let columns = "comparable_ytd_cny prior_ytd_cny prior_year_cny base_coverage";
    shows(&growth(lake), "period=2024-07", columns, &expected);
}

fn a_full_year_goes_where_the_spell_in_force_puts_the_firm() {
    let spell = |zone, from, to| Firm { code: "M", zone: Some(zone), from, to, ..Firm::default() };
    let lake = Lake::default()
        .firm(Firm { code: "A", zone: Some("z1"), ..Firm::default() })
        .firm(spell("z1", "2020-01", Some("2024-06")))
        .firm(spell("z2", "2024-07", None));
    let lake = output(output(lake, "A", "2023-12", "1000", "1"), "M", "2023-12", "500", "1");
    let lake = ["2024-06", "2024-07"].iter().fold(lake, |lake, month| {
        output(output(lake, "A", month, "500", "450"), "M", month, "250", "225")
    });
    let lake = aim(lake, ["1", "zone:z1", "growth", "", "0.05"]);
    let lake = aim(lake, ["2", "zone:z2", "growth", "", "0.05"]);
    let columns = "period prior_ytd_cny prior_year_cny";
    let first = ["2024-06-01 675.00 1500.00", "2024-07-01 450.00 1000.00"];
    shows(&lake, "target_id=1", columns, &first);
    shows(&lake, "target_id=2", columns, &["2024-06-01 - -", "2024-07-01 225.00 500.00"]);
}

fn sizes_leading_firms_and_industries_have_targets_too() {
    let lake =
        Lake::default().firm(Firm { code: "A", size: 1, is_leading: true, ..Firm::default() });
    let lake = lake.filed("A", "2023-12", &["output 1 1000 1 1", "industry:3714 1 800 1 1"]);
    let july = ["output 1 550 1 500", "industry:3714 1 440 1 400", "industry:3670 1 110 1 100"];
    let lake = lake.filed("A", "2024-07", &july);
    let scopes = ["industry:36", "industry:37", "leading:A", "size:1"];
    let lake =
        scopes.iter().fold(lake, |lake, scope| aim(lake, [scope, scope, "growth", "", "0.05"]));
    // A filed nothing under 36 last December: what it made there is not known
    let expected = [
        "110.00 - 0.000000",
        "440.00 800.00 1.000000",
        "550.00 1000.00 1.000000",
        "550.00 1000.00 1.000000",
    ];
    shows(&lake, "", "ytd_cny prior_year_cny base_coverage", &expected);
}

/// Buyers of 2024-07 with purchases and local purchases, this year and last; A bought 400 of 1000 locally
/// in 2023. The target is one more point.
fn buyers(figures: &[(&str, &[&str])]) -> Lake {
    let report = |firm, period| Report { form: "LY-02", firm, period, ..Report::default() };
    let lake = Lake::default().firm(Firm { forms: "LY-02", ..Firm::default() });
    let year = ["purchases 1 1000 1 1", "local_purchases 1 400 1 1"];
    let lake =
        figures.iter().fold(lake.report(&report("A", "2023-12"), &year), |lake, (code, july)| {
            let lake = if *code == "A" {
                lake
            } else {
                lake.firm(Firm { forms: "LY-02", ..joined(code, "2024-01") })
            };
            lake.report(&report(code, "2024-07"), july)
        });
    let item = "local_purchases/purchases";
    lake.target(["T", "2024", DISTRICT, "LY-02", item, "ratio", "", "0.01", "", ""])
}

fn a_ratio_compares_the_same_buyers_on_both_sides() {
    let a: (&str, &[&str]) = ("A", &["purchases 1 600 1 500", "local_purchases 1 260 1 200"]);
    let joined: &[&str] = &["purchases 1 60 1 50", "local_purchases 1 12 1 10"];
    let columns = "ratio_ytd yoy_ytd comparable_ytd_cny lower_comparable_cny prior_ytd_cny \
                   lower_prior_cny base_coverage is_estimated baseline_ratio baseline_cny target_cny status";
    shows(
        &buyers(&[a, ("B", joined)]),
        "",
        columns,
        // 272/660 - 210/550; 500 of 550 and 200 of 210 are known; 420/1100; 660 x 0.391818
        &[
            "0.412121 0.030303 272.00 660.00 210.00 550.00 0.909091 true 0.381818 420.00 258.60 ahead",
        ],
    );
    // B without last year, C without local purchases: on neither side
    let blank: &[&str] = &["purchases 1 60 1 -", "local_purchases 1 12 1 -"];
    let half: &[&str] = &["purchases 1 100 1 90"];
    shows(
        &buyers(&[a, ("B", blank), ("C", half)]),
        "",
        columns,
        &[
            "0.433333 0.033333 260.00 600.00 200.00 500.00 1.000000 false 0.400000 400.00 246.00 ahead",
        ],
    );
}

/// A, B and D made 600, 300 and 100 in 2023, half of it by July; only A has reported since.
fn only_a_reported(period: &str, ytd: &str, prior: &str) -> Lake {
    let lake = made(&[("A", "600"), ("B", "300"), ("D", "100")]);
    let july = [("A", "300"), ("B", "150"), ("D", "50")];
    let lake = july.iter().fold(lake, |lake, (code, ytd)| output(lake, code, "2023-07", ytd, ytd));
    output(lake, "A", period, ytd, prior)
}

fn a_target_of_an_incomplete_month_is_incomplete_unless_what_is_in_reaches_it() {
    let lake = only_a_reported("2024-07", "330", "300");
    let lake = aim(growth(lake), ["L", DISTRICT, "level", "400", ""]);
    let lake = aim(lake, ["M", DISTRICT, "level", "330", ""]);
    shows(
        &lake,
        "",
        "target_id reported_value_share is_complete gap_cny status",
        // 300 of the 500 that last July had
        &[
            "L 0.600000 false 70.00 incomplete",
            "M 0.600000 false 0.00 met",
            "T 0.600000 false 300.00 incomplete",
        ],
    );
}

fn growth_is_reached_for_certain_only_over_the_base_of_those_missing_too() {
    // 1200 of A's 600: all that are due had 1000
    let lake = only_a_reported("2024-12", "1200", "600");
    let lake = aim(lake, ["1", DISTRICT, "growth", "", "0.20"]);
    let lake = aim(lake, ["2", DISTRICT, "growth", "", "0.21"]);
    let expected = ["720.00 0.00 met", "726.00 0.00 incomplete"];
    shows(&lake, "", "target_cny gap_cny status", &expected);
}

fn an_earlier_baseline_is_the_scopes_total_unless_too_little_of_it_was_reported() {
    let over_2022 = |lake: Lake| {
        lake.target(["T", "2024", DISTRICT, "B204-1", "output", "growth", "", "0.50", "2022", ""])
    };
    let lake = output(Lake::default().plain("A"), "A", "2022-12", "800", "700");
    // B is new since: the point of such a target
    let lake = lake.firm(joined("B", "2023-03"));
    let lake = output(output(lake, "A", "2024-12", "900", "850"), "B", "2024-12", "400", "100");
    let columns = "baseline_cny target_cny measured_cny status";
    shows(&over_2022(lake), "", columns, &["800.00 1200.00 1300.00 met"]);
    // C owed that December as well and is not in
    let lake = output(Lake::default().plain("A").plain("C"), "A", "2022-12", "800", "700");
    let lake = output(output(lake, "A", "2024-12", "900", "850"), "C", "2024-12", "400", "350");
    shows(&over_2022(lake), "", columns, &["- - 1300.00 -"]);
}
