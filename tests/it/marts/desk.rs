//! What analysts ask of the marts: months that sum, months beside each other, products, findings.

use super::lake::{Firm, Lake, Report, rows};

/// Columns of a row of `monthly_totals` that compare months.
const MONTHS: &str = "period current_cny month_on_month months_falling_in_row";

#[test]
fn current_months_sum_to_the_year_to_date_also_in_the_first_quarter() {
    // February covers January: 30; March's own month is 12, but 2 of February were corrected in it
    let lake = Lake::default()
        .plain("A")
        .filed("A", "2024-02", &["output - 30 - 28"])
        .filed("A", "2024-03", &["output 12 44 11 39"])
        .filed("A", "2024-04", &["output 10 54 11 50"])
        .filed("A", "2024-06", &["output 10 75 11 72"]);
    let built = lake.build("monthly_totals");
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district", "period current_cny"),
        ["2024-02-01 30.00", "2024-03-01 14.00", "2024-04-01 10.00", "2024-06-01 -"],
        "without May nobody knows what June alone was"
    );
}

#[test]
fn who_comes_later_counts_from_zero_and_who_is_missing_is_felt() {
    let lake = Lake::default()
        .firm(Firm { code: "A", zone: Some("z1"), ..Firm::default() })
        .firm(Firm { code: "B", zone: Some("z2"), ..Firm::default() })
        .filed("A", "2024-06", &["output 10 60 10 60"])
        .filed("A", "2024-07", &["output 10 70 10 70"])
        .filed("B", "2024-07", &["output 5 35 5 35"])
        .filed("B", "2024-08", &["output 5 40 5 40"]);
    let built = lake.build("monthly_totals");
    let zones = rows(&built, "monthly_totals", "scope_kind=zone", "period scope_id current_cny");
    assert_eq!(
        zones,
        ["2024-06-01 z1 -", "2024-07-01 z1 10.00", "2024-07-01 z2 35.00", "2024-08-01 z2 5.00"]
    );
    let district = rows(&built, "monthly_totals", "scope_kind=district", "period current_cny");
    assert_eq!(district, ["2024-06-01 -", "2024-07-01 45.00", "2024-08-01 -65.00"]);
}

#[test]
fn months_are_compared_over_the_firms_that_gave_both() {
    // C is new in July and A gave no month in June: B alone has both, 20 after 16
    let lake = Lake::default()
        .plain("A")
        .plain("B")
        .plain("C")
        .filed("A", "2024-06", &["output - 60 10 60"])
        .filed("B", "2024-06", &["output 16 96 16 96", "sales 10 60 10 60"])
        .filed("A", "2024-07", &["output 10 70 10 70"])
        .filed("B", "2024-07", &["output 20 116 16 112", "sales 8 68 10 70"])
        .filed("C", "2024-07", &["output 100 700 90 690"]);
    let built = lake.build("monthly_totals");
    let columns = "item same_firms_month_cny same_firms_previous_cny month_on_month item_zh";
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=district period=2024-07", columns),
        ["output 20.00 16.00 0.250000 工业总产值", "sales 8.00 10.00 -0.200000 工业销售产值"]
    );
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=size period=2024-06", "month_on_month"),
        ["-", "-"]
    );
}

#[test]
fn december_is_compared_with_november_and_february_with_nothing() {
    let lake = Lake::default()
        .plain("A")
        .filed("A", "2023-11", &["output 10 110 10 110"])
        .filed("A", "2023-12", &["output 11 121 10 120"])
        .filed("A", "2024-02", &["output - 20 - 20"])
        .filed("A", "2024-03", &["output 12 32 10 30"]);
    assert_eq!(
        rows(&lake.build("monthly_totals"), "monthly_totals", "scope_kind=district", MONTHS),
        [
            "2023-11-01 - - 0",
            "2023-12-01 11.00 0.100000 0",
            "2024-02-01 20.00 - 0",
            "2024-03-01 12.00 - 0"
        ]
    );
}

#[test]
fn months_that_fall_are_counted_until_one_does_not() {
    let month = |period, month, prior| (period, format!("output {month} 100 {prior} 101"));
    let filed = [
        month("2023-12", "9", "10"),
        month("2024-02", "-", "-"),
        month("2024-03", "9", "10"),
        month("2024-04", "11", "10"),
        month("2024-05", "9", "10"),
        month("2024-06", "10", "10"),
        month("2024-07", "9", "-"),
    ];
    let file = |lake: Lake, (period, line): &(&str, String)| lake.filed("A", period, &[line]);
    let lake = filed.iter().fold(Lake::default().plain("A"), file);
    let built = lake.build("monthly_totals");
    let counted = rows(&built, "monthly_totals", "scope_kind=district", "months_falling_in_row");
    // December, February by its year to date, March; a stand-still and an unknown base end a row
    assert_eq!(counted, ["1", "2", "3", "0", "1", "0", "0"]);
}

#[test]
fn periods_have_no_gaps() {
    let lake = Lake::default()
        .plain("A")
        .deadline("B204-1", "2023-11", "2023-12-08T04:00:00Z")
        .filed("A", "2024-02", &["output - 20 - 20"]);
    assert_eq!(
        rows(&lake.build("dim_period"), "dim_period", "", "period is_january is_cumulative"),
        [
            "2023-11-01 false false",
            "2023-12-01 false false",
            "2024-01-01 true false",
            "2024-02-01 false true"
        ]
    );
}

#[test]
fn products_add_up_by_their_unit_and_grow_on_what_has_both_years() {
    let lake = Lake::default()
        .plain("A")
        .plain("B")
        .firm(Firm { code: "C", to: Some("2024-06"), ..Firm::default() })
        .filed("A", "2024-07", &["output 1 1 1 1", "product:37110 2 12.5 2 10"])
        .filed(
            "B",
            "2024-07",
            &["output 1 1 1 1", "product:37110 1 7 - -", "product:26510 3 9 - 8"],
        )
        .filed("C", "2024-07", &["output 1 1 1 1", "product:37110 9 90 9 90"]);
    let columns = "product unit month_quantity ytd_quantity prior_ytd_quantity yoy_ytd firms";
    assert_eq!(
        rows(&lake.build("products"), "products", "", columns),
        [
            "26510 元 3.000000 9.000000 8.000000 0.125000 1",
            "37110 元 3.000000 19.500000 10.000000 0.250000 2"
        ]
    );
}

#[test]
fn findings_say_what_became_of_their_report() {
    let queried = Report { revision: 2, state: "queried", is_current: false, ..Report::default() };
    let refused = Report { firm: "B", state: "refused", is_current: false, ..Report::default() };
    let lake = Lake::default()
        .plain("A")
        .plain("B")
        .filed("A", "2024-07", &["output 1 7 1 7"])
        .finding("Q4", "query")
        .finding("F07", "note")
        .report(&queried, &["output 1 8 1 7"])
        .finding("Q4", "query")
        .report(&refused, &["output 1 7 1 7"])
        .finding("H4", "error");
    let columns = "finding_no credit_code code severity_zh state is_current is_explained";
    assert_eq!(
        rows(&lake.build("findings"), "findings", "", columns),
        [
            "1 A F07 提示 accepted true false",
            "2 A Q4 核实性 accepted true true",
            "3 A Q4 核实性 queried false false",
            "4 B H4 强制性 refused false false"
        ]
    );
    let columns = "credit_code revision state_zh is_current";
    assert_eq!(
        rows(&lake.build("submissions"), "submissions", "", columns),
        ["A 1 通过 true", "A 2 待核实 false", "B 1 退回 false"]
    );
}

#[test]
fn the_higher_bureaus_figures_stand_beside_ours() {
    let lake = Lake::default()
        .plain("A")
        .feedback(["2024-07", "district", "220106", "output", "75", "0.07"])
        .feedback(["2024-07", "city", "220100", "output", "900", "0.05"])
        .filed("A", "2024-07", &["output 10 77 10 70"]);
    let columns = "scope_kind feedback_ytd_cny ytd_cny difference_cny difference_points \
                   district_yoy_ytd district_difference_points scope_kind_zh";
    assert_eq!(
        rows(&lake.build("feedback"), "feedback", "", columns),
        [
            "city 900.00 - - - 0.100000 5.000000 全市",
            "district 75.00 77.00 2.00 3.000000 0.100000 3.000000 本区"
        ]
    );
}

#[test]
fn output_of_qualified_firms_is_a_join() {
    let lake = Lake::default()
        .plain("A")
        .qualification(["A", "专精特新", "2022-01-01", "2024-06-30", "旧名"])
        .qualification(["OUT", "专精特新", "2022-01-01", "", "库外企业"])
        .filed("A", "2024-07", &["output 10 77 10 70"]);
    let columns = "credit_code kind firm_name expires_on is_on_roster";
    assert_eq!(
        rows(&lake.build("firm_qualifications"), "firm_qualifications", "", columns),
        ["A 专精特新 示例A 2024-06-30 true", "OUT 专精特新 库外企业 - false"]
    );
    assert_eq!(
        rows(&lake.build("qualifications"), "qualifications", "", "kind firms"),
        ["专精特新 1"],
        "the one that ended in June is not valid at the end of July"
    );
}

#[test]
fn targets_and_sizes_are_dimensions() {
    let lake = Lake::default().plain("A").target([
        "t",
        "2025",
        "district:220106",
        "B204-1",
        "output",
        "level",
        "100",
        "",
        "",
        "",
    ]);
    assert_eq!(
        rows(&lake.build("dim_target"), "dim_target", "", "target_id kind_zh level_cny growth"),
        ["t 总量 100.00 -"]
    );
    assert_eq!(
        rows(&lake.build("dim_size"), "dim_size", "", "size_class scope_id name_zh name_en"),
        ["3 3 小型 Small"]
    );
}

#[test]
fn what_firms_add_sums_to_the_district_with_the_bases_of_leavers() {
    // L left in June with 60 after 50; N is new, without last year's figure
    let lake = Lake::default()
        .firm(Firm { code: "A", zone: Some("z1"), ..Firm::default() })
        .firm(Firm { code: "L", to: Some("2024-06"), ..Firm::default() })
        .plain("N")
        .filed("L", "2024-06", &["output 10 60 9 50"])
        .filed("A", "2024-07", &["output 20 140 16 110"])
        .filed("N", "2024-07", &["output 5 35 - -"]);
    let built = lake.build("growth_breakdown");
    let columns = "credit_code zone is_reported ytd_cny change_cny contribution_points \
                   contribution_share";
    assert_eq!(
        rows(&built, "growth_breakdown", "period=2024-07", columns),
        [
            // 30 and 10 of 160
            "A z1 true 140.00 30.00 18.750000 0.750000",
            "L none false 60.00 10.00 6.250000 0.250000",
            "N none true 35.00 - - -"
        ]
    );
}

#[test]
fn forms_and_columns_are_told_as_their_files_have_them() {
    let built = Lake::default().build("dim_form");
    assert_eq!(rows(&built, "dim_form", "", "form name_zh"), ["B204-1 工业产销总值"]);
    let columns = "mart position column_name name_zh unit is_key rules sort_position";
    assert_eq!(
        rows(&Lake::default().build("dictionary"), "dictionary", "", columns),
        ["dim_zone 1 zone 开发区 code true - 1"]
    );
}
