//! `monthly_totals`, `headline` and `firm_months` against figures computed by hand.

use super::lake::{Firm, Lake, rows, without_levels};
use crate::support::together::together;

/// Two firms in July 2024: a leading one that grows and a small one that falls.
fn two_firms() -> Lake {
    Lake::default()
        .firm(Firm {
            code: "A",
            zone: Some("z1"),
            chain: Some("rail"),
            size: 1,
            is_leading: true,
            ..Firm::default()
        })
        .firm(Firm { code: "B", zone: Some("z2"), industry: "1353", ..Firm::default() })
        .firm(Firm { code: "C", ..Firm::default() })
        .filed(
            "A",
            "2024-07",
            &[
                "output 200 1100.10 150 1000",
                "sales 190 1000 140 900",
                "exports 10 60 12 80",
                "industry:3714 150 800.10 100 700",
                "industry:3670 50 300 50 300",
            ],
        )
        .filed(
            "B",
            "2024-07",
            &["output 40 200 60 250", "sales 50 210 60 240", "industry:1353 40 200 60 250"],
        )
}

together!(figures_worked_by_hand:
    the_district_sums_whoever_reported,
    firms_due_reported_and_growing_are_counted_in_each_scope,
    contributions_are_measured_against_the_districts_base,
    shares_of_growth_are_left_out_near_and_below_zero,
    growth_over_nothing_or_less_is_null,
    february_has_no_month_figures_even_if_a_firm_typed_them,
    a_published_month_recomputes_to_the_digit,
    published_shares_and_points_recompute,
    the_headline_compares_with_the_filed_month_before,
    firm_months_hold_every_form_of_a_firm_side_by_side
);

fn the_district_sums_whoever_reported() {
    let built = two_firms().build("monthly_totals");
    assert_eq!(
        rows(
            &built,
            "monthly_totals",
            "scope_kind=district",
            "scope_id scope_name item month_cny ytd_cny prior_month_cny prior_ytd_cny yoy_month yoy_ytd"
        ),
        [
            // 60/80 - 1, 1300.1/1250 - 1, 1210/1140 - 1, rounded half away from zero
            "220106 绿园区 exports 10.00 60.00 12.00 80.00 -0.166667 -0.250000",
            "220106 绿园区 output 240.00 1300.10 210.00 1250.00 0.142857 0.040080",
            "220106 绿园区 sales 240.00 1210.00 200.00 1140.00 0.200000 0.061404",
        ]
    );
}

fn firms_due_reported_and_growing_are_counted_in_each_scope() {
    let built = two_firms().build("monthly_totals");
    assert_eq!(
        without_levels(rows(
            &built,
            "monthly_totals",
            "item=output",
            "scope_kind scope_id firms_due firms_reported firms_growing"
        )),
        [
            "chain rail 1 1 1",
            "district 220106 3 2 1",
            "industry 13 1 1 0",
            "industry 36 1 1 0",
            // A reports it, C has it as its main industry and did not report
            "industry 37 2 1 1",
            "leading A 1 1 1",
            "size 1 1 1 1",
            "size 3 2 1 0",
            "zone z1 1 1 1",
            "zone z2 1 1 0",
        ]
    );
}

fn contributions_are_measured_against_the_districts_base() {
    let built = two_firms().build("monthly_totals");
    assert_eq!(
        without_levels(rows(
            &built,
            "monthly_totals",
            "item=output",
            "scope_kind scope_id contribution_points contribution_share share_of_district"
        )),
        [
            // 100.1 of 1250, of 50.1, 1100.1 of 1300.1
            "chain rail 8.008000 1.998004 0.846166",
            "district 220106 4.008000 1.000000 1.000000",
            "industry 13 -4.000000 -0.998004 0.153834",
            "industry 36 0.000000 0.000000 0.230751",
            "industry 37 8.008000 1.998004 0.615414",
            "leading A 8.008000 1.998004 0.846166",
            "size 1 8.008000 1.998004 0.846166",
            "size 3 -4.000000 -0.998004 0.153834",
            "zone z1 8.008000 1.998004 0.846166",
            "zone z2 -4.000000 -0.998004 0.153834",
        ]
    );
}

fn shares_of_growth_are_left_out_near_and_below_zero() {
    // March to June: growth of 1 %, just below, none, and a fall
    let built =
        [("2024-03", "1010"), ("2024-04", "1009.99"), ("2024-05", "1000"), ("2024-06", "900")]
            .into_iter()
            .fold(Lake::default().plain("A"), |lake, (period, ytd)| {
                lake.filed("A", period, &[&format!("output 1 {ytd} 1 1000")])
            })
            .build("monthly_totals");
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district", "contribution_share"),
        ["1.000000", "-", "-", "-"]
    );
}

fn growth_over_nothing_or_less_is_null() {
    let built = [("2024-03", "0"), ("2024-04", "-5"), ("2024-05", "-")]
        .into_iter()
        .fold(Lake::default().plain("A"), |lake, (period, base)| {
            lake.filed("A", period, &[&format!("output 1 10 {base} {base}")])
        })
        .build("monthly_totals");
    let columns = "yoy_month yoy_ytd contribution_points contribution_share";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district", columns),
        ["- - - -", "- - - -", "- - - -"]
    );
}

fn february_has_no_month_figures_even_if_a_firm_typed_them() {
    let lake = Lake::default().plain("A").filed(
        "A",
        "2024-02",
        &["output 55 100 44 90", "sales - 90 - 80"],
    );
    assert_eq!(
        rows(
            &lake.build("monthly_totals"),
            "monthly_totals",
            "scope_kind=district",
            "item month_cny ytd_cny prior_month_cny prior_ytd_cny yoy_month yoy_ytd"
        ),
        ["output - 100.00 - 90.00 - 0.111111", "sales - 90.00 - 80.00 - 0.125000"]
    );
    let columns = "output_month_cny output_ytd_cny yoy_month";
    assert_eq!(
        rows(&lake.build("firm_months"), "firm_months", "is_reported=true", columns),
        ["- 100.00 -"]
    );
}

fn a_published_month_recomputes_to_the_digit() {
    // Published for January to July 2024: 277.4 +7.6 %, of which 117.1 +10.3 % and 81.7 +7.1 %.
    let built = Lake::default()
        .firm(Firm { code: "R", is_leading: true, ..Firm::default() })
        .firm(Firm { code: "H", is_leading: true, ..Firm::default() })
        .plain("S")
        .filed("R", "2024-07", &["output 0 11710000000 0 10616500000"])
        .filed("H", "2024-07", &["output 0 8170000000 0 7628400000"])
        .filed("S", "2024-07", &["output 0 7860000000 0 7535900000"])
        .build("headline");
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=leading", "scope_id ytd_cny yoy_ytd"),
        ["H 8170000000.00 0.070998", "R 11710000000.00 0.103000"]
    );
    assert_eq!(
        rows(&built, "headline", "", "output_ytd_cny yoy_ytd firms_growing growth_breadth"),
        ["27740000000.00 0.075995 3 1.000000"]
    );
}

fn published_shares_and_points_recompute() {
    // Growth 7.6 %, manufacturing 5.1 points → 67.1 %; growth 7.4 % with share 134.4 % → 9.9 points.
    let part = |change: &str, rest: &str| {
        Lake::default()
            .firm(Firm { code: "M", is_leading: true, ..Firm::default() })
            .plain("O")
            .filed("M", "2024-07", &[&format!("output 0 {change} 0 500")])
            .filed("O", "2024-07", &[&format!("output 0 {rest} 0 500")])
            .build("monthly_totals")
    };
    let columns = "contribution_points contribution_share";
    let manufacturing = part("551", "525");
    assert_eq!(
        rows(&manufacturing, "monthly_totals", "scope_kind=leading", columns),
        ["5.100000 0.671053"]
    );
    let above_one = part("599.456", "474.544");
    assert_eq!(
        rows(&above_one, "monthly_totals", "scope_kind=leading", columns),
        ["9.946000 1.344054"]
    );
}

fn the_headline_compares_with_the_filed_month_before() {
    let built = Lake::default()
        .firm(Firm { code: "A", zone: Some("z1"), ..Firm::default() })
        .firm(Firm { code: "B", ..Firm::default() })
        .filed("A", "2023-12", &["output 1 846.90 1 800"])
        .filed("B", "2023-12", &["output 1 153.10 1 150"])
        .filed("A", "2024-02", &["output - 110 - 100", "sales - 99 - 90"])
        .filed("A", "2024-03", &["output 60 159 50 150", "sales 60 159 50 150"])
        .feedback(["2024-03", "district", "220106", "output", "160", "0.061"])
        .build("headline");
    let columns = "period yoy_ytd previous_yoy_ytd yoy_change_points response_rate share_falling";
    assert_eq!(
        rows(&built, "headline", "", columns),
        [
            "2023-12-01 0.052632 - - 1.000000 0.000000",
            "2024-02-01 0.100000 0.052632 4.736800 0.500000 0.000000",
            "2024-03-01 0.060000 0.100000 -4.000000 0.500000 0.000000",
        ]
    );
    let columns = "sales_ratio_ytd zones_ytd_cny zones_share previous_year \
                   previous_year_output_cny previous_year_zones_cny previous_year_zones_share \
                   feedback_ytd_cny feedback_yoy_ytd exports_ytd_cny";
    assert_eq!(
        rows(&built, "headline", "period=2024-03", columns),
        ["1.000000 159.00 1.000000 2023 1000.00 846.90 0.846900 160.00 0.061000 -"]
    );
}

fn firm_months_hold_every_form_of_a_firm_side_by_side() {
    let built = Lake::default()
        .firm(Firm { code: "A", from: "2024-03", forms: "B204-1;LY-01", ..Firm::default() })
        .plain("B")
        .deadline("B204-1", "2024-07", "2024-08-05T01:00:00Z")
        .filed("A", "2024-07", &["output 20 100 10 80", "sales 20 95 10 80"])
        .report(
            &super::lake::Report { form: "LY-01", ..super::lake::Report::default() },
            &["supply:B 3 30 2 20", "supply:B2 1 10 1 5", "supply:OUT 7 70 6 60"],
        )
        .plain("B2")
        .filed("B", "2024-02", &["output - 5 - 5"])
        .filed("B", "2024-07", &["output 1 20 1 20"])
        .build("firm_months");
    let columns = "credit_code output_ytd_cny supply_ytd_cny supply_prior_ytd_cny \
                   outside_supply_ytd_cny purchases_ytd_cny yoy_ytd contribution_points \
                   sales_ratio_ytd is_new is_late state is_reported";
    assert_eq!(
        rows(&built, "firm_months", "period=2024-07", columns),
        [
            "A 100.00 40.00 25.00 70.00 - 0.250000 20.000000 0.950000 true true accepted true",
            "B 20.00 - - - - 0.000000 0.000000 - false true accepted true",
            // It reported nothing: a row without a figure.
            "B2 - - - - - - - - false true missing false",
        ]
    );
}
