//! Identity through time: each month counts under the spell in force, and no firm counts twice.

use super::lake::{Firm, Lake, Report, rows};
use crate::support::together::together;

const COLUMNS: &str = "period ytd_cny prior_ytd_cny yoy_ytd firms_due firms_reported";

fn district(lake: &Lake) -> Vec<String> {
    rows(
        &lake.build("monthly_totals"),
        "monthly_totals",
        "scope_kind=district item=output",
        COLUMNS,
    )
}

/// A firm that leaves after a month with its base kept.
fn leaver<'a>(code: &'a str, to: &'a str) -> Firm<'a> {
    Firm { code, to: Some(to), ..Firm::default() }
}

/// A newcomer from a month on.
fn newcomer<'a>(code: &'a str, from: &'a str) -> Firm<'a> {
    Firm { code, from, ..Firm::default() }
}

together!(figures_worked_by_hand:
    a_changed_code_counts_once,
    a_merger_leaves_no_kept_base_behind,
    a_successor_weighs_what_its_predecessors_filed,
    before_a_merger_each_firm_weighs_its_own,
    a_split_counts_each_part_with_the_base_it_states,
    who_was_split_up_and_left_keeps_no_base,
    a_base_is_kept_until_another_firm_takes_over,
    a_chain_of_changes_is_one_firm_and_keeps_one_base,
    a_successor_that_left_before_it_reported_stands_with_its_predecessors_last_report,
    last_year_with_a_filer_missing_is_not_known_and_the_form_stands_in,
    moving_a_firm_leaves_its_past_alone,
    dim_firm_has_one_row_a_firm_and_dim_firm_spell_each_spell,
    a_base_is_kept_in_a_gap_and_not_once_the_firm_is_back,
    the_last_spell_decides_over_the_base_and_where_it_stands,
    new_is_who_entered_this_year_after_the_lake_began_from_nobody
);

fn a_changed_code_counts_once() {
    let lake = Lake::default()
        .plain("B")
        .firm(leaver("A", "2024-03"))
        .firm(newcomer("A2", "2024-04"))
        .filed("A", "2023-04", &["output 100 600 100 590"])
        .filed("A", "2024-03", &["output 100 389.8 100 400"])
        .filed("B", "2024-04", &["output 1 402.8 1 400"])
        .filed("A2", "2024-04", &["output 1 604.2 1 600"]);
    // Unknown to be the same firm, A's base is kept beside it: (1007 + 389.8)/(1000 + 600) - 1
    assert_eq!(district(&lake)[2], "2024-04-01 1396.80 1600.00 -0.127000 2 2");
    let lake = lake.restructuring(["A2", "2024-04", "code_change", "A"]);
    assert_eq!(district(&lake)[2], "2024-04-01 1007.00 1000.00 0.007000 2 2");
    // nor is it new
    let new = rows(&lake.build("firm_months"), "firm_months", "credit_code=A2", "is_new has_left");
    assert_eq!(new, ["false false"]);
}

/// A merges into B in April 2024; both filed 2023.
fn merger() -> Lake {
    Lake::default()
        .plain("B")
        .plain("C")
        .firm(leaver("A", "2024-03"))
        .restructuring(["B", "2024-04", "merger", "A"])
        .filed("A", "2023-04", &["output 10 50 10 45"])
        .filed("B", "2023-04", &["output 20 100 20 90"])
        .filed("C", "2023-04", &["output 10 50 10 50"])
        .filed("A", "2024-03", &["output 10 40 10 35"])
}

fn a_merger_leaves_no_kept_base_behind() {
    let lake = merger().filed("B", "2024-04", &["output 30 165 30 150"]);
    assert_eq!(district(&lake)[2], "2024-04-01 165.00 150.00 0.100000 2 1");
}

fn a_successor_weighs_what_its_predecessors_filed() {
    let lake = merger().filed("C", "2024-04", &["output 10 55 10 50"]);
    let columns = "firms_due firms_reported due_value_cny reported_value_share";
    // B is missing with its own 100 and A's 50, C is in with 50
    assert_eq!(
        rows(
            &lake.build("int_coverage"),
            "int_coverage",
            "period=2024-04 scope_kind=district",
            columns
        ),
        ["2 1 200.00 0.250000"]
    );
}

fn before_a_merger_each_firm_weighs_its_own() {
    let lake = merger()
        .filed("A", "2023-03", &["output 10 30 10 30"])
        .filed("B", "2023-03", &["output 10 60 10 60"])
        .filed("C", "2023-03", &["output 10 10 10 10"]);
    let columns = "firms_due firms_reported due_value_cny reported_value_share";
    let built = lake.build("int_coverage");
    let district = |period| {
        rows(&built, "int_coverage", &format!("period={period} scope_kind=district"), columns)
    };
    // in March A reported 30 of 100; B's 60 are its own
    assert_eq!(district("2024-03"), ["3 1 100.00 0.300000"]);
}

fn a_split_counts_each_part_with_the_base_it_states() {
    let lake = Lake::default()
        .plain("A")
        .firm(newcomer("B", "2024-04"))
        .restructuring(["B", "2024-04", "split", "A"])
        .filed("A", "2023-04", &["output 10 100 10 90"])
        .filed("A", "2024-04", &["output 6 66 6 60"])
        .filed("B", "2024-04", &["output 4 44 4 40"]);
    assert_eq!(district(&lake)[1], "2024-04-01 110.00 100.00 0.100000 2 2");
}

fn who_was_split_up_and_left_keeps_no_base() {
    let lake = Lake::default()
        .firm(leaver("A", "2024-03"))
        .firm(newcomer("B", "2024-04"))
        .restructuring(["B", "2024-04", "split", "A"])
        .filed("A", "2023-04", &["output 10 100 10 90"])
        .filed("A", "2024-03", &["output 6 60 6 55"])
        .filed("B", "2024-04", &["output 4 44 4 40"]);
    assert_eq!(district(&lake)[2], "2024-04-01 44.00 40.00 0.100000 1 1");
}

fn a_base_is_kept_until_another_firm_takes_over() {
    // A leaves in March, is taken over in May: in April its base stands alone, from May in B's figures
    let lake = Lake::default()
        .plain("B")
        .firm(leaver("A", "2024-03"))
        .restructuring(["B", "2024-05", "merger", "A"])
        .filed("A", "2023-04", &["output 10 50 10 45"])
        .filed("A", "2024-03", &["output 10 40 10 35"])
        .filed("B", "2024-04", &["output 20 110 20 100"])
        .filed("B", "2024-05", &["output 30 190 30 180"]);
    assert_eq!(
        district(&lake)[2..],
        ["2024-04-01 150.00 150.00 0.000000 1 1", "2024-05-01 190.00 180.00 0.055556 1 1"]
    );
}

fn a_chain_of_changes_is_one_firm_and_keeps_one_base() {
    // A to 2023, B to April 2024, C to June; C leaves with its base kept: what A filed last year
    let lake = Lake::default()
        .plain("D")
        .firm(leaver("A", "2023-12"))
        .firm(Firm { from: "2024-01", ..leaver("B", "2024-04") })
        .firm(Firm { from: "2024-05", ..leaver("C", "2024-06") })
        .restructuring(["B", "2024-01", "code_change", "A"])
        .restructuring(["C", "2024-05", "code_change", "B"])
        .filed("A", "2023-07", &["output 10 70 10 65"])
        .filed("B", "2024-04", &["output 10 40 10 38"])
        .filed("C", "2024-06", &["output 10 66 10 60"])
        .filed("D", "2024-07", &["output 1 10 1 10"]);
    assert_eq!(district(&lake)[3], "2024-07-01 76.00 80.00 -0.050000 1 1");
}

fn a_successor_that_left_before_it_reported_stands_with_its_predecessors_last_report() {
    let lake = Lake::default()
        .plain("D")
        .firm(leaver("A", "2024-03"))
        .firm(Firm { from: "2024-04", ..leaver("B", "2024-04") })
        .restructuring(["B", "2024-04", "code_change", "A"])
        .filed("A", "2023-05", &["output 10 50 10 45"])
        .filed("A", "2024-03", &["output 10 40 10 35"])
        .filed("D", "2024-05", &["output 1 10 1 10"]);
    assert_eq!(district(&lake)[2], "2024-05-01 50.00 60.00 -0.166667 1 1");
}

fn last_year_with_a_filer_missing_is_not_known_and_the_form_stands_in() {
    // A and B were one from 2024 on and left in March; of April 2023 only B's report is there
    let lake = Lake::default()
        .plain("D")
        .firm(leaver("A", "2023-12"))
        .firm(leaver("B", "2024-03"))
        .restructuring(["B", "2024-01", "merger", "A"])
        .filed("B", "2023-04", &["output 10 50 10 45"])
        .filed("B", "2024-03", &["output 20 90 20 80"])
        .filed("D", "2024-04", &["output 1 10 1 10"]);
    // 90 against the 80 of its last report, not against 50
    assert_eq!(district(&lake)[2], "2024-04-01 100.00 90.00 0.111111 1 1");
}

/// A moves from zone z1 to z2 in July 2024, grows up, changes name and chain, and becomes leading.
fn mover() -> Lake {
    let before =
        Firm { zone: Some("z1"), chain: Some("beef"), to: Some("2024-06"), ..Firm::default() };
    let after = Firm {
        from: "2024-07",
        to: None,
        zone: Some("z2"),
        chain: Some("rail"),
        size: 1,
        industry: "1353",
        is_leading: true,
        ..before
    };
    let report = |form, period| Report { form, period, ..Report::default() };
    ["2024-06", "2024-07"].into_iter().fold(
        Lake::default().firm(before).firm(after).plain("B"),
        |lake, period| {
            lake.filed("A", period, &["output 1 10 1 10"])
                .report(&report("LY-01", period), &["supply:B 1 10 1 10"])
                .report(
                    &report("LY-02", period),
                    &["purchases 1 10 1 10", "local_purchases 1 5 1 5"],
                )
        },
    )
}

fn moving_a_firm_leaves_its_past_alone() {
    let built = mover().build_all();
    assert_eq!(built.failures, []);
    let columns = "period scope_kind scope_id firms_due firms_reported";
    let parts = rows(&built, "monthly_totals", "", columns);
    let parts: Vec<&str> =
        parts.iter().map(String::as_str).filter(|row| !row.contains("district")).collect();
    assert_eq!(
        parts,
        [
            "2024-06-01 chain beef 1 1",
            "2024-06-01 size 3 2 1",
            "2024-06-01 zone z1 1 1",
            "2024-07-01 chain rail 1 1",
            "2024-07-01 leading A 1 1",
            "2024-07-01 size 1 1 1",
            "2024-07-01 zone z2 1 1",
        ]
    );
    let columns = "period zone chain industry_code size_class is_leading spell_from has_left";
    assert_eq!(
        rows(&built, "firm_months", "is_reported=true", columns),
        [
            "2024-06-01 z1 beef 3714 3 false 2020-01-01 false",
            "2024-07-01 z2 rail 1353 1 true 2024-07-01 false",
        ]
    );
    let status = rows(&built, "submission_status", "credit_code=A", "period zone chain");
    assert_eq!(status, ["2024-06-01 z1 beef", "2024-07-01 z2 rail"]);
    assert_eq!(
        rows(&built, "supply_chain", "", "period chain"),
        ["2024-06-01 beef", "2024-07-01 rail"]
    );
    assert_eq!(
        rows(&built, "supply_rates", "", "period chain"),
        ["2024-06-01 beef", "2024-07-01 rail"]
    );
}

fn dim_firm_has_one_row_a_firm_and_dim_firm_spell_each_spell() {
    let built = mover().build("dim_firm");
    let columns = "credit_code roster_from roster_to zone size_name";
    assert_eq!(
        rows(&built, "dim_firm", "", columns),
        ["A 2024-07-01 - z2 大型", "B 2020-01-01 - none 小型"]
    );
    assert_eq!(
        rows(&built, "dim_firm_spell", "", columns),
        ["A 2020-01-01 2024-06-01 z1 小型", "A 2024-07-01 - z2 大型", "B 2020-01-01 - none 小型",]
    );
}

fn a_base_is_kept_in_a_gap_and_not_once_the_firm_is_back() {
    let back = Firm { from: "2024-06", ..Firm::default() };
    let lake = Lake::default()
        .plain("D")
        .firm(leaver("A", "2024-03"))
        .firm(back)
        .filed("A", "2024-03", &["output 10 30 10 25"])
        .filed("D", "2024-04", &["output 1 10 1 10"])
        .filed("D", "2024-06", &["output 1 12 1 12"])
        .filed("D", "2024-07", &["output 1 14 1 14"])
        .filed("A", "2024-07", &["output 10 50 10 60"]);
    assert_eq!(
        district(&lake)[1..],
        [
            "2024-04-01 40.00 35.00 0.142857 1 1",
            // back and silent: on neither side
            "2024-06-01 12.00 12.00 0.000000 2 1",
            "2024-07-01 64.00 74.00 -0.135135 2 2",
        ]
    );
    let left = rows(
        &lake.build("firm_months"),
        "firm_months",
        "credit_code=A is_reported=true",
        "period has_left is_new",
    );
    assert_eq!(left, ["2024-03-01 true false", "2024-07-01 false false"]);
}

fn the_last_spell_decides_over_the_base_and_where_it_stands() {
    let of = |first: &'static str, last: &'static str| {
        let before = Firm { zone: Some("z1"), base_rule: first, ..leaver("A", "2024-03") };
        let after = Firm {
            from: "2024-04",
            to: Some("2024-04"),
            zone: Some("z2"),
            base_rule: last,
            ..before
        };
        let lake = Lake::default()
            .plain("D")
            .firm(before)
            .firm(after)
            .filed("A", "2024-04", &["output 10 40 10 30"])
            .filed("D", "2024-05", &["output 1 10 1 10"]);
        let built = lake.build("monthly_totals");
        rows(
            &built,
            "monthly_totals",
            "period=2024-05 scope_kind=zone",
            "scope_id ytd_cny prior_ytd_cny",
        )
    };
    assert_eq!(of("drop", "keep"), ["z2 40.00 30.00"]);
    assert_eq!(of("keep", "drop"), [""; 0]);
}

fn new_is_who_entered_this_year_after_the_lake_began_from_nobody() {
    let lake = Lake::default()
        .firm(newcomer("A", "2024-02"))
        .firm(newcomer("B", "2024-03"))
        .firm(newcomer("C", "2023-03"))
        .filed("A", "2024-02", &["output - 10 - 10"]);
    let lake = ["A", "B", "C"]
        .into_iter()
        .fold(lake, |lake, code| lake.filed(code, "2024-03", &["output 1 10 1 10"]));
    let built = lake.build("firm_months");
    assert_eq!(
        rows(&built, "firm_months", "period=2024-03", "credit_code is_new"),
        ["A false", "B true", "C false"]
    );
}
