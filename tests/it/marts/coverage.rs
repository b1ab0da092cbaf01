//! How much of a month is in: firms due, received and reported, and the value of those that count.

use super::lake::{Firm, Lake, Report, rows, without_levels};
use crate::support::together::together;

fn refused(firm: &str) -> Report<'_> {
    Report { firm, state: "refused", is_current: false, ..Report::default() }
}

/// Last year A had 600, B 300, C 100. This year A's report counts, B's was refused, C's is missing, D is
/// new and counts.
fn half_reported() -> Lake {
    Lake::default()
        .firm(Firm { code: "A", zone: Some("z1"), size: 1, is_leading: true, ..Firm::default() })
        .firm(Firm { code: "B", zone: Some("z2"), industry: "1353", ..Firm::default() })
        .firm(Firm { code: "C", zone: Some("z2"), ..Firm::default() })
        .firm(Firm { code: "D", zone: Some("z1"), ..Firm::default() })
        .filed(
            "A",
            "2023-07",
            &["output 1 600 1 500", "industry:3714 1 400 1 300", "industry:1353 1 200 1 200"],
        )
        .filed("B", "2023-07", &["output 1 300 1 300", "industry:1353 1 300 1 300"])
        .filed(
            "C",
            "2023-07",
            &["output 1 100 1 100", "sales 1 100 1 100", "industry:3714 1 100 1 100"],
        )
        .filed(
            "A",
            "2024-07",
            &["output 1 630 1 600", "sales 1 600 1 500", "industry:3714 1 630 1 600"],
        )
        .report(&refused("B"), &[])
        .filed("D", "2024-07", &["output 1 50 - -", "industry:3714 1 50 - -"])
}

const COLUMNS: &str = "scope_kind scope_id firms_due firms_received firms_reported \
                       reported_value_share is_complete";

together!(figures_worked_by_hand:
    the_share_is_last_years_value_of_those_that_count,
    the_setting_decides_from_where_on_a_month_is_complete,
    without_last_year_it_is_the_share_of_firms,
    an_industry_whose_rows_of_last_year_are_missing_is_not_complete,
    where_nobody_is_due_a_month_is_complete,
    before_the_district_begins_only_who_sent_something_is_due,
    every_form_has_its_own_coverage,
    a_target_about_an_item_nobody_reports_still_says_how_much_is_in,
    dim_period_says_which_months_are_complete_and_nothing_of_those_to_come
);

fn the_share_is_last_years_value_of_those_that_count() {
    let built = half_reported().build("headline");
    assert_eq!(
        without_levels(rows(&built, "monthly_totals", "period=2024-07 item=output", COLUMNS)),
        [
            // 600 of 1000
            "district 220106 4 3 2 0.600000 false",
            // 400 of 500: B's and C's firms are missing, A's 200 of 13 is no longer there
            "industry 37 3 2 2 0.800000 false",
            "leading A 1 1 1 1.000000 true",
            "size 1 1 1 1 1.000000 true",
            // D has no value: 0 of 400
            "size 3 3 2 1 0.000000 false",
            "zone z1 2 2 2 1.000000 true",
        ]
    );
    // of sales C's 100 alone
    assert_eq!(
        rows(&built, "monthly_totals", "period=2024-07 item=sales scope_kind=district", COLUMNS),
        ["district 220106 4 3 2 0.000000 false"]
    );
    let columns = "firms_due firms_received firms_reported response_rate accepted_rate \
                   reported_value_share is_complete";
    assert_eq!(
        rows(&built, "headline", "period=2024-07", columns),
        ["4 3 2 0.750000 0.500000 0.600000 false"]
    );
}

fn the_setting_decides_from_where_on_a_month_is_complete() {
    let lake = |missing: &'static str| {
        Lake::default()
            .plain("A")
            .plain("B")
            .filed("A", "2023-07", &["output 1 95 1 95"])
            .filed("B", "2023-07", &[missing])
            .filed("A", "2024-07", &["output 1 95 1 95"])
            .build("monthly_totals")
    };
    let share = |built| {
        rows(
            &built,
            "monthly_totals",
            "period=2024-07 scope_kind=district",
            "reported_value_share is_complete",
        )
    };
    assert_eq!(share(lake("output 1 5 1 5")), ["0.950000 true"]);
    assert_eq!(share(lake("output 1 5.01 1 5")), ["0.949905 false"]);
}

fn without_last_year_it_is_the_share_of_firms() {
    let lake = ["A", "B", "C", "D"].into_iter().fold(Lake::default(), Lake::plain);
    let lake = lake.filed("A", "2024-07", &["output 1 10 1 10"]).filed(
        "B",
        "2024-07",
        &["output 1 10 1 10"],
    );
    let built = lake.build("monthly_totals");
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district", "reported_value_share is_complete"),
        ["0.500000 false"]
    );
}

fn an_industry_whose_rows_of_last_year_are_missing_is_not_complete() {
    // A works in 37 as well; B, who did, has left and kept its base: the total stands without A's half
    let lake = Lake::default()
        .firm(Firm { code: "A", industry: "1353", ..Firm::default() })
        .firm(Firm { code: "B", to: Some("2024-06"), ..Firm::default() })
        .firm(Firm { code: "C", industry: "1353", ..Firm::default() });
    let built = ["A", "B"]
        .into_iter()
        .fold(lake, |lake, firm| {
            lake.filed(firm, "2023-07", &["output 1 100 1 90", "industry:3714 1 100 1 90"])
        })
        .filed("B", "2024-06", &["output 1 90 1 80", "industry:3714 1 90 1 80"])
        .filed("C", "2024-07", &["output 1 50 1 40", "industry:1353 1 50 1 40"])
        .build("headline");
    assert_eq!(
        rows(&built, "monthly_totals", "period=2024-07 scope_kind=industry scope_id=37", COLUMNS),
        ["industry 37 0 0 0 0.000000 false"]
    );
}

fn where_nobody_is_due_a_month_is_complete() {
    let lake = Lake::default().firm(Firm { forms: "LY-01", ..Firm::default() }).filed(
        "A",
        "2024-07",
        &["output 1 10 1 10"],
    );
    assert_eq!(
        rows(&lake.build("headline"), "monthly_totals", "scope_kind=district", COLUMNS),
        ["district 220106 0 0 1 - true"]
    );
    let columns = "response_rate accepted_rate reported_value_share is_complete";
    assert_eq!(rows(&lake.build("headline"), "headline", "", columns), ["- - - true"]);
}

fn before_the_district_begins_only_who_sent_something_is_due() {
    let lake = Lake::default().plain("A").plain("B").since("2024-07");
    let lake = ["2024-06", "2024-07"]
        .into_iter()
        .fold(lake, |lake, period| lake.filed("A", period, &["output 1 10 1 10"]));
    assert_eq!(
        rows(&lake.build("monthly_totals"), "monthly_totals", "scope_kind=district", COLUMNS),
        ["district 220106 1 1 1 1.000000 true", "district 220106 2 1 1 0.500000 false"]
    );
}

fn every_form_has_its_own_coverage() {
    let report = |form, firm, period| Report { form, firm, period, ..Report::default() };
    let buyer = |lake: Lake, code| {
        lake.firm(Firm { code, chain: Some("rail"), forms: "LY-01;LY-02", ..Firm::default() })
    };
    let lake = ["A", "B"]
        .into_iter()
        .fold(Lake::default(), buyer)
        .report(&report("LY-01", "A", "2023-07"), &["supply:B 1 30 1 1"])
        .report(&report("LY-01", "B", "2023-07"), &["supply:A 1 70 1 1"])
        .report(
            &report("LY-02", "A", "2023-07"),
            &["purchases 1 900 1 1", "local_purchases 1 10 1 1"],
        )
        .report(
            &report("LY-02", "B", "2023-07"),
            &["purchases 1 100 1 1", "local_purchases 1 30 1 1"],
        )
        .report(&report("LY-01", "A", "2024-07"), &["supply:B 1 30 1 1"])
        .report(
            &report("LY-02", "A", "2024-07"),
            &["purchases 1 900 1 1", "local_purchases 1 10 1 1"],
        );
    let built = lake.build("int_coverage");
    assert_eq!(
        rows(
            &built,
            "int_coverage",
            "period=2024-07 scope_kind=chain",
            "form item reported_value_share"
        ),
        ["LY-01 supply 0.300000", "LY-02 local_purchases 0.250000", "LY-02 purchases 0.900000"]
    );
}

fn a_target_about_an_item_nobody_reports_still_says_how_much_is_in() {
    let firm = |code| Firm { code, forms: "LY-01", ..Firm::default() };
    let built = Lake::default()
        .firm(firm("A"))
        .firm(firm("B"))
        .target(["T", "2024", "district:220106", "LY-01", "supply", "level", "9", "", "", ""])
        // A supplies nobody of the district, and B's report is not there.
        .report(&Report { form: "LY-01", ..Report::default() }, &["supply:X 1 30 1 1"])
        .build("target_progress");
    assert_eq!(
        rows(&built, "target_progress", "", "ytd_cny reported_value_share is_complete status"),
        // one firm of two
        ["- 0.500000 false incomplete"]
    );
}

fn dim_period_says_which_months_are_complete_and_nothing_of_those_to_come() {
    let lake = half_reported().deadline("B204-1", "2024-07", "2024-08-07T04:00:00Z").deadline(
        "B204-1",
        "2024-08",
        "2024-09-07T04:00:00Z",
    );
    let rows = rows(
        &lake.build("dim_period"),
        "dim_period",
        "",
        "period reported_value_share is_complete",
    );
    assert_eq!(
        [rows.first(), rows.last()].map(|row| row.map(String::as_str)),
        [Some("2023-07-01 0.750000 false"), Some("2024-08-01 - -")]
    );
    assert!(rows.contains(&"2024-07-01 0.600000 false".to_owned()));
}
