//! Supply, qualifications and the dimensions.

use super::lake::{Firm, Lake, Report, rows};

#[test]
fn supply_chain_names_both_ends() {
    let report = Report { form: "LY-01", firm: "S", ..Report::default() };
    let lake = Lake::default()
        .firm(Firm { code: "S", chain: Some("beef"), ..Firm::default() })
        .firm(Firm { code: "L", chain: Some("rail"), ..Firm::default() })
        .report(&report, &["supply:L 3 30 2 20", "supply:OUTSIDE 1 10 1 -"]);
    let columns =
        "supplier_name buyer_code buyer_name chain supply_month_cny supply_ytd_cny yoy_ytd";
    assert_eq!(
        rows(&lake.build("supply_chain"), "supply_chain", "", columns),
        ["示例S L 示例L rail 3.00 30.00 0.500000", "示例S OUTSIDE - beef 1.00 10.00 -"]
    );
}

#[test]
fn supply_rates_compare_with_last_year_in_points() {
    let report = |firm| Report { form: "LY-02", firm, ..Report::default() };
    let lake = Lake::default()
        .firm(Firm { code: "L", chain: Some("rail"), ..Firm::default() })
        .plain("N")
        .report(&report("L"), &["purchases 1 800 1 500", "local_purchases 1 300 1 150"])
        .report(&report("N"), &["purchases 0 0 0 0", "local_purchases 0 0 0 0"]);
    let columns = "buyer_code chain local_supply_rate prior_local_supply_rate change_points";
    assert_eq!(
        rows(&lake.build("supply_rates"), "supply_rates", "", columns),
        ["L rail 0.375000 0.300000 7.500000", "N - - - -"]
    );
}

#[test]
fn buying_more_locally_than_at_all_fails_a_promise() {
    let report = Report { form: "LY-02", ..Report::default() };
    let lake = Lake::default()
        .plain("A")
        .report(&report, &["purchases 1 10 1 10", "local_purchases 1 11 1 10"]);
    let failures = lake.build_as_it_is("supply_rates").failures;
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].test, "nobody_buys_more_locally_than_at_all");
    assert_eq!(failures[0].rows, ["period=2024-07-01, buyer_code=A, local_supply_rate=1.100000"]);
}

#[test]
fn qualifications_are_valid_from_award_to_expiry_both_included() {
    let lake = Lake::default()
        .plain("A")
        .filed("A", "2024-07", &["output 1 1 1 1"])
        .qualification(["A", "green", "2023-01-01", ""])
        .qualification(["B", "green", "2024-07-31", "2027-07-31"])
        .qualification(["C", "green", "2024-08-01", ""])
        .qualification(["D", "green", "2020-01-01", "2024-07-31"])
        .qualification(["E", "green", "2020-01-01", "2024-07-30"])
        .qualification(["F", "tech", "2020-01-01", "2023-12-31"]);
    assert_eq!(
        rows(
            &lake.build("qualifications"),
            "qualifications",
            "",
            "kind firms_valid awarded_ytd expired_ytd"
        ),
        ["green 3 1 1", "tech 0 0 0"]
    );
}

#[test]
fn periods_carry_labels_in_both_languages() {
    let lake = Lake::default().deadline("B204-1", "2024-02", "2024-03-07T04:00:00Z").deadline(
        "B204-1",
        "2024-12",
        "2025-01-07T04:00:00Z",
    );
    let columns = "label_zh label_ytd_zh label_en label_ytd_en quarter last_day year_ago \
                   is_cumulative is_year_end";
    assert_eq!(
        rows(&lake.build("dim_period"), "dim_period", "", columns),
        [
            "2024年2月 2024年1-2月 Feb 2024 Jan-Feb 2024 1 2024-02-29 2023-02-01 true false",
            "2024年12月 2024年1-12月 Dec 2024 Jan-Dec 2024 4 2024-12-31 2023-12-01 false true",
        ]
    );
}

#[test]
fn firms_keep_their_contacts_to_themselves() {
    let built = Lake::default().plain("A").build("dim_firm");
    let columns = "credit_code firm_name size_name size_name_en roster_from roster_to base_rule";
    assert_eq!(rows(&built, "dim_firm", "", columns), ["A 示例A 小型 Small 2020-01-01 - keep"]);
    let schema = built.marts[0].batch.schema();
    assert!(schema.field_with_name("contact").is_err());
}

#[test]
fn industries_know_their_division() {
    let built = Lake::default().build("dim_industry");
    assert_eq!(
        rows(&built, "dim_industry", "", "industry_code division division_name"),
        ["37 37 铁路等运输设备制造业", "3714 37 铁路等运输设备制造业"]
    );
}
