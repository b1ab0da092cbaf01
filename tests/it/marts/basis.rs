//! Which reports enter the sums: revisions, roster, firms that left.

use super::lake::{Firm, Lake, Report, rows};
use crate::support::together::together;

fn district(lake: &Lake) -> Vec<String> {
    rows(
        &lake.build("monthly_totals"),
        "monthly_totals",
        "scope_kind=district item=output",
        "period month_cny ytd_cny prior_month_cny prior_ytd_cny firms_due firms_reported",
    )
}

together!(figures_worked_by_hand:
    only_the_current_revision_counts,
    reports_outside_the_roster_do_not_count,
    a_firm_that_did_not_report_is_on_neither_side,
    a_kept_base_freezes_the_year_and_follows_last_years_report,
    a_dropped_base_leaves_with_the_firm,
    a_kept_base_falls_back_to_the_last_prior_column,
    a_kept_base_stays_in_every_scope_of_the_firm_and_in_no_count,
    a_firm_that_owed_reports_and_left_silently_stays_off_both_sides,
    a_firm_that_left_in_january_keeps_its_base_with_nothing_against_it,
    two_reports_that_both_count_fail_a_promise_and_show_where
);

fn only_the_current_revision_counts() {
    let old = Report { is_current: false, ..Report::default() };
    let refused = Report { revision: 3, state: "refused", is_current: false, ..Report::default() };
    let lake = Lake::default()
        .plain("A")
        .report(&old, &["output 1 10 1 10"])
        .report(&Report { revision: 2, ..Report::default() }, &["output 2 20 1 10"])
        .report(&refused, &["output 3 30 1 10"]);
    assert_eq!(district(&lake), ["2024-07-01 2.00 20.00 1.00 10.00 1 1"]);
}

fn reports_outside_the_roster_do_not_count() {
    let lake = Lake::default()
        .plain("A")
        .firm(Firm { code: "B", to: Some("2023-06"), ..Firm::default() })
        .firm(Firm { code: "C", from: "2024-08", ..Firm::default() })
        .filed("A", "2024-07", &["output 1 10 1 10"])
        .filed("B", "2024-07", &["output 1 10 1 10"])
        .filed("C", "2024-07", &["output 1 10 1 10"])
        .filed("D", "2024-07", &["output 1 10 1 10"]);
    assert_eq!(district(&lake), ["2024-07-01 1.00 10.00 1.00 10.00 1 1"]);
}

fn a_firm_that_did_not_report_is_on_neither_side() {
    let lake = Lake::default()
        .plain("A")
        .plain("B")
        .filed("B", "2023-07", &["output 5 50 5 50"])
        .filed("A", "2024-07", &["output 1 10 1 10"]);
    assert_eq!(district(&lake)[1], "2024-07-01 1.00 10.00 1.00 10.00 2 1");
}

/// A stays; B leaves after March 2024 under a rule, having filed 2023 in full.
fn leaver(base_rule: &str) -> Lake {
    Lake::default()
        .plain("A")
        .firm(Firm { code: "B", to: Some("2024-03"), base_rule, ..Firm::default() })
        .filed("B", "2023-04", &["output 7 30 6 25"])
        .filed("A", "2024-03", &["output 10 100 9 90"])
        .filed("B", "2024-03", &["output 5 25 4 23"])
        .filed("A", "2024-04", &["output 10 110 9 99"])
        .filed("A", "2025-02", &["output - 20 - 18"])
}

fn a_kept_base_freezes_the_year_and_follows_last_years_report() {
    assert_eq!(
        district(&leaver("keep"))[1..],
        [
            "2024-03-01 15.00 125.00 13.00 113.00 2 2",
            // B: month 0, year to date still 25, last April's 7 and 30
            "2024-04-01 10.00 135.00 16.00 129.00 1 1",
            "2025-02-01 - 20.00 - 18.00 1 1",
        ]
    );
}

fn a_dropped_base_leaves_with_the_firm() {
    assert_eq!(
        district(&leaver("drop"))[1..],
        [
            "2024-03-01 15.00 125.00 13.00 113.00 2 2",
            "2024-04-01 10.00 110.00 9.00 99.00 1 1",
            "2025-02-01 - 20.00 - 18.00 1 1",
        ]
    );
}

fn a_kept_base_falls_back_to_the_last_prior_column() {
    let lake = leaver("keep").filed("A", "2024-05", &["output 10 120 9 108"]);
    // no report of B for May 2023: the prior-year column of its last report, 23
    assert_eq!(district(&lake)[3], "2024-05-01 10.00 145.00 9.00 131.00 1 1");
}

fn a_kept_base_stays_in_every_scope_of_the_firm_and_in_no_count() {
    let lake = Lake::default()
        .firm(Firm { code: "A", zone: Some("z1"), ..Firm::default() })
        .firm(Firm { code: "B", zone: Some("z1"), to: Some("2024-03"), ..Firm::default() })
        .filed("A", "2024-03", &["output 1 10 1 10", "industry:3714 1 10 1 10"])
        .filed("B", "2024-03", &["output 2 20 2 18", "industry:3714 2 20 2 18"])
        .filed("A", "2024-04", &["output 1 11 1 11", "industry:3714 1 11 1 11"]);
    let built = lake.build("monthly_totals");
    let columns = "scope_kind ytd_cny prior_ytd_cny firms_due firms_reported firms_growing";
    assert_eq!(
        rows(&built, "monthly_totals", "period=2024-04", columns),
        [
            "district 31.00 29.00 1 1 0",
            "industry 31.00 29.00 1 1 0",
            "industry_class 31.00 29.00 1 1 0",
            "industry_section 31.00 29.00 1 1 0",
            "size 31.00 29.00 1 1 0",
            "zone 31.00 29.00 1 1 0",
        ]
    );
    let built = lake.build("firm_months");
    assert_eq!(rows(&built, "firm_months", "period=2024-04", "credit_code"), ["A"]);
}

fn a_firm_that_owed_reports_and_left_silently_stays_off_both_sides() {
    let lake = Lake::default()
        .plain("A")
        .firm(Firm { code: "B", to: Some("2024-03"), ..Firm::default() })
        .filed("B", "2023-04", &["output 7 30 6 25"])
        .filed("A", "2024-04", &["output 10 110 9 99"]);
    assert_eq!(district(&lake)[1], "2024-04-01 10.00 110.00 9.00 99.00 1 1");
}

fn a_firm_that_left_in_january_keeps_its_base_with_nothing_against_it() {
    let lake = Lake::default()
        .plain("A")
        .firm(Firm { code: "B", to: Some("2024-01"), ..Firm::default() })
        .filed("B", "2023-04", &["output 7 30 6 25"])
        .filed("A", "2024-04", &["output 10 110 9 99"]);
    assert_eq!(district(&lake)[1], "2024-04-01 10.00 110.00 16.00 129.00 1 1");
}

fn two_reports_that_both_count_fail_a_promise_and_show_where() {
    let second = Report { revision: 2, ..Report::default() };
    let built = Lake::default()
        .plain("A")
        .filed("A", "2024-07", &["output 1 10 1 10"])
        .report(&second, &["output 1 10 1 10"])
        .build_as_it_is("int_counted");
    let failed: Vec<_> = built.failures.iter().map(|failure| failure.test.as_str()).collect();
    assert_eq!(failed, ["one_report_counts", "one_figure_a_column"]);
    let first = &built.failures[0];
    assert_eq!(first.mart, "int_counted");
    assert_eq!(first.rows, ["form=B204-1, period=2024-07-01, credit_code=A, reports=2"]);
    assert_eq!(built.failures[1].count, 4);
}
