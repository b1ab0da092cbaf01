//! Missing is not zero: who has no figure of last year is in the level and on neither side of growth.

use super::lake::{Firm, Lake, Report, rows, without_levels};
use crate::support::together::together;

/// Four firms; the fourth leaves its prior-year cells of output blank.
///
/// Levels 2014 + 2517.5 + 1981.4 + 3557.1 = 10070. Of the first three last year 2000 + 2500 + 1967.6 =
/// 6467.6, this year 6512.9: +0.7 %. Against the level it would be 10070/6467.6 - 1 = +55.7 %.
fn one_of_four() -> Lake {
    Lake::default()
        .firm(Firm { code: "A", zone: Some("z1"), size: 1, is_leading: true, ..Firm::default() })
        .firm(Firm { code: "B", zone: Some("z1"), ..Firm::default() })
        .firm(Firm { code: "C", zone: Some("z2"), industry: "1353", ..Firm::default() })
        .firm(Firm { code: "D", zone: Some("z2"), is_leading: true, ..Firm::default() })
        .filed("A", "2024-07", &["output 300 2014 290 2000", "industry:3714 300 2014 290 2000"])
        .filed("B", "2024-07", &["output 360 2517.5 350 2500", "industry:3714 360 2517.5 350 2500"])
        .filed(
            "C",
            "2024-07",
            &["output 280 1981.4 300 1967.6", "industry:1353 280 1981.4 300 1967.6"],
        )
        .filed("D", "2024-07", &["output 500 3557.1 - -", "industry:3714 500 3557.1 - -"])
}

together!(figures_worked_by_hand:
    one_blank_base_of_four_moves_no_growth,
    points_and_shares_of_growth_stand_on_the_comparable_basis_shares_on_the_level,
    a_base_without_this_years_figure_is_on_neither_side,
    where_nobody_has_a_base_the_row_is_published_without_growth,
    figures_nobody_gave_are_no_zeros,
    a_figure_of_zero_is_a_base_and_a_level,
    an_open_group_is_compared_row_by_row,
    the_ratio_of_sales_to_output_is_that_of_firms_with_both,
    growth_is_rounded_from_the_exact_quotient
);

fn one_blank_base_of_four_moves_no_growth() {
    let built = one_of_four().build("headline");
    let columns = "scope_kind scope_id ytd_cny comparable_ytd_cny prior_ytd_cny yoy_ytd \
                   firms_reported firms_compared firms_growing firms_without_base";
    assert_eq!(
        without_levels(rows(&built, "monthly_totals", "item=output", columns)),
        [
            // 6512.9/6467.6 - 1 = 0.0070041…
            "district 220106 10070.00 6512.90 6467.60 0.007004 4 3 3 1",
            "industry 13 1981.40 1981.40 1967.60 0.007014 1 1 1 0",
            "industry 37 8088.60 4531.50 4500.00 0.007000 3 2 2 1",
            "leading A 2014.00 2014.00 2000.00 0.007000 1 1 1 0",
            "leading D 3557.10 - - - 1 0 0 1",
            "size 1 2014.00 2014.00 2000.00 0.007000 1 1 1 0",
            "size 3 8056.00 4498.90 4467.60 0.007006 3 2 2 1",
            "zone z1 4531.50 4531.50 4500.00 0.007000 2 2 2 0",
            "zone z2 5538.50 1981.40 1967.60 0.007014 2 1 1 1",
        ]
    );
    // the month in the same way: 940 of 1440 against 940
    let columns = "month_cny comparable_month_cny prior_month_cny yoy_month";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district", columns),
        ["1440.00 940.00 940.00 0.000000"]
    );
    let columns = "output_ytd_cny output_comparable_ytd_cny output_prior_ytd_cny yoy_ytd \
                   output_comparable_month_cny output_prior_month_cny yoy_month firms_growing \
                   firms_compared growth_breadth firms_falling share_falling firms_without_base";
    assert_eq!(
        rows(&built, "headline", "", columns),
        ["10070.00 6512.90 6467.60 0.007004 940.00 940.00 0.000000 3 3 1.000000 0 0.000000 1"]
    );
}

fn points_and_shares_of_growth_stand_on_the_comparable_basis_shares_on_the_level() {
    // A +100, B -20, of 1000 with a base; C 500 without: growth 8 %
    let built = Lake::default()
        .firm(Firm { code: "A", size: 1, ..Firm::default() })
        .firm(Firm { code: "B", size: 2, ..Firm::default() })
        .firm(Firm { code: "C", size: 2, ..Firm::default() })
        .filed("A", "2024-07", &["output 1 700 1 600"])
        .filed("B", "2024-07", &["output 1 380 1 400"])
        .filed("C", "2024-07", &["output 1 500 - -"])
        .build("monthly_totals");
    let columns = "scope_kind scope_id contribution_points contribution_share share_of_district";
    assert_eq!(
        rows(&built, "monthly_totals", "", columns),
        [
            "district 220106 8.000000 1.000000 1.000000",
            // 100 of 1000, 100 of 80, 700 of 1580
            "size 1 10.000000 1.250000 0.443038",
            "size 2 -2.000000 -0.250000 0.556962",
        ]
    );
}

fn a_base_without_this_years_figure_is_on_neither_side() {
    let built = Lake::default()
        .plain("A")
        .plain("B")
        .filed("A", "2024-07", &["output 10 110 10 100"])
        .filed("B", "2024-07", &["output - - 30 300"])
        .build("monthly_totals");
    let columns =
        "month_cny ytd_cny prior_month_cny prior_ytd_cny yoy_month yoy_ytd firms_without_base";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district", columns),
        ["10.00 110.00 10.00 100.00 0.000000 0.100000 0"]
    );
}

fn where_nobody_has_a_base_the_row_is_published_without_growth() {
    let built = Lake::default()
        .plain("A")
        .filed(
            "A",
            "2024-07",
            &["output 10 110 - -", "sales 9 100 - -", "industry:3714 10 110 - -"],
        )
        .build_all();
    assert_eq!(built.failures, []);
    let columns = "item month_cny ytd_cny comparable_ytd_cny prior_ytd_cny yoy_month yoy_ytd \
                   contribution_points contribution_share firms_growing firms_without_base";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district", columns),
        ["output 10.00 110.00 - - - - - - 0 1", "sales 9.00 100.00 - - - - - - 0 1"]
    );
    let columns = "output_ytd_cny yoy_ytd growth_breadth share_falling firms_without_base";
    assert_eq!(rows(&built, "headline", "", columns), ["110.00 - - - 1"]);
    let columns = "output_ytd_cny output_prior_ytd_cny yoy_ytd contribution_points";
    assert_eq!(rows(&built, "firm_months", "is_reported=true", columns), ["110.00 - - -"]);
}

fn figures_nobody_gave_are_no_zeros() {
    let built = Lake::default()
        .plain("A")
        .filed("A", "2024-07", &["output - 110 - 100", "exports 5 - 4 -"])
        .build_all();
    assert_eq!(built.failures, []);
    assert_eq!(
        rows(
            &built,
            "monthly_totals",
            "scope_kind=district",
            "item month_cny ytd_cny yoy_month yoy_ytd"
        ),
        ["exports 5.00 - 0.250000 -", "output - 110.00 - 0.100000"]
    );
}

fn a_figure_of_zero_is_a_base_and_a_level() {
    let built = Lake::default()
        .plain("A")
        .plain("B")
        .filed("A", "2024-07", &["output 10 110 10 100"])
        .filed("B", "2024-07", &["output 5 55 0 0"])
        .build("monthly_totals");
    let columns =
        "ytd_cny comparable_ytd_cny prior_ytd_cny yoy_ytd firms_growing firms_without_base";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district", columns),
        ["165.00 165.00 100.00 0.650000 2 0"]
    );
}

fn an_open_group_is_compared_row_by_row() {
    let lake = Lake::default()
        .firm(Firm { code: "S", forms: "LY-01", ..Firm::default() })
        .plain("X")
        .plain("Y")
        .report(
            &Report { form: "LY-01", firm: "S", ..Report::default() },
            &["supply:X 3 30 2 20", "supply:Y 1 10 - -"],
        )
        // a firm with two rows of a division, one of them new
        .filed(
            "X",
            "2024-07",
            &["output 8 80 4 40", "industry:3714 5 50 4 40", "industry:3720 3 30 - -"],
        );
    let built = lake.build("int_scope_totals");
    let columns =
        "item ytd_cny comparable_ytd_cny prior_ytd_cny yoy_ytd firms_compared firms_without_base";
    assert_eq!(
        rows(&built, "int_scope_totals", "form=LY-01 scope_kind=district", columns),
        ["supply 40.00 30.00 20.00 0.500000 1 1"]
    );
    assert_eq!(
        rows(&built, "int_scope_totals", "scope_kind=industry", columns),
        ["output 80.00 50.00 40.00 0.250000 1 1"]
    );
}

fn the_ratio_of_sales_to_output_is_that_of_firms_with_both() {
    let built = Lake::default()
        .plain("A")
        .plain("B")
        .filed("A", "2024-07", &["output 1 100 1 100", "sales 1 95 1 95"])
        .filed("B", "2024-07", &["output 1 300 1 300"])
        .build("headline");
    let columns =
        "output_ytd_cny sales_ytd_cny ratio_sales_ytd_cny ratio_output_ytd_cny sales_ratio_ytd";
    assert_eq!(rows(&built, "headline", "", columns), ["400.00 95.00 95.00 100.00 0.950000"]);
}

fn growth_is_rounded_from_the_exact_quotient() {
    // 876543.5/1000000 is short of the half by nothing: -0.1234565 rounds away from zero; a hair
    // above, -0.12345649999999, towards it
    let built = Lake::default()
        .firm(Firm { code: "A", is_leading: true, ..Firm::default() })
        .firm(Firm { code: "B", is_leading: true, ..Firm::default() })
        .filed("A", "2024-07", &["output 1 8765435 1 10000000"])
        .filed("B", "2024-07", &["output 1 876543500000.01 1 1000000000000"])
        .build("monthly_totals");
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=leading", "scope_id yoy_ytd"),
        ["A -0.123457", "B -0.123456"]
    );
}
