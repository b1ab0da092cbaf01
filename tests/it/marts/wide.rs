//! Figures as large as the door lets in, of as many firms as a nation has: no sum and no rate overflows.

use super::lake::{Firm, Lake, Report, rows};
use crate::support::together::together;

/// A hundred thousand firms of 10^13 yuan, said as ten of 10^17.
const HUGE: &str = "100000000000000000";

/// Ten firms, each a leading one of a size of its own scope; all report `figures` in every form.
fn ten(figures: &str) -> Lake {
    let codes = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"];
    codes.into_iter().fold(Lake::default(), |lake, code| {
        let report = |form| Report { form, firm: code, ..Report::default() };
        lake.firm(Firm {
            code,
            zone: Some("z1"),
            chain: Some("rail"),
            is_leading: true,
            forms: "B204-1;LY-01;LY-02",
            ..Firm::default()
        })
        .report(
            &report("B204-1"),
            &["output", "sales", "exports", "industry:3714"]
                .map(|item| format!("{item} {figures}"))
                .each_ref()
                .map(String::as_str),
        )
        .report(&report("LY-01"), &[&format!("supply:A {figures}")])
        .report(
            &report("LY-02"),
            &["purchases", "local_purchases"]
                .map(|item| format!("{item} {figures}"))
                .each_ref()
                .map(String::as_str),
        )
    })
}

together!(figures_worked_by_hand:
    sums_hold_what_a_nation_of_the_largest_firms_reports,
    growth_from_a_fen_to_the_largest_figure_is_a_number,
    a_fall_to_a_fen_and_figures_below_zero_are_numbers
);

fn sums_hold_what_a_nation_of_the_largest_firms_reports() {
    let built = ten(&format!("{HUGE} {HUGE} {HUGE} {HUGE}")).build_all();
    assert_eq!(built.failures, []);
    let columns =
        "scope_kind month_cny ytd_cny comparable_ytd_cny prior_ytd_cny yoy_ytd share_of_district";
    let district = "1000000000000000000.00";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district item=output", columns),
        [format!("district {district} {district} {district} {district} 0.000000 1.000000")]
    );
    assert_eq!(
        rows(&built, "int_scope_totals", "form=LY-01 scope_kind=chain", "ytd_cny"),
        [district]
    );
}

fn growth_from_a_fen_to_the_largest_figure_is_a_number() {
    let built = ten(&format!("{HUGE} {HUGE} 0.01 0.01")).build_all();
    assert_eq!(built.failures, []);
    // 10^18 over 0.10, less 1; in points a hundred times that
    let columns = "yoy_month yoy_ytd contribution_points contribution_share";
    let growth = "9999999999999999999.000000";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district item=output", columns),
        [format!("{growth} {growth} 999999999999999999900.000000 1.000000")]
    );
    assert_eq!(
        rows(&built, "firm_months", "credit_code=A", "yoy_ytd contribution_points"),
        ["9999999999999999999.000000 99999999999999999990.000000"]
    );
    assert_eq!(
        rows(&built, "headline", "", "yoy_ytd sales_yoy_ytd"),
        [format!("{growth} {growth}")]
    );
    assert_eq!(rows(&built, "supply_chain", "supplier_code=A", "yoy_ytd"), [growth]);
}

fn a_fall_to_a_fen_and_figures_below_zero_are_numbers() {
    let built = ten(&format!("-{HUGE} -{HUGE} {HUGE} {HUGE}")).build_all();
    assert_eq!(built.failures, []);
    let columns = "ytd_cny yoy_ytd contribution_points";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district item=output", columns),
        ["-1000000000000000000.00 -2.000000 -200.000000"]
    );
}
