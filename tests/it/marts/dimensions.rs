//! Supply, qualifications and the dimensions.

use super::lake::{Firm, Lake, Report, rows};
use crate::support::together::together;

together!(figures_worked_by_hand:
    supply_chain_names_both_ends,
    supply_is_what_firms_of_the_roster_were_supplied_with,
    supply_rates_compare_with_last_year_in_points,
    buying_more_locally_than_at_all_fails_a_promise,
    qualifications_are_valid_from_award_to_expiry_both_included,
    periods_carry_labels_in_both_languages,
    firms_keep_their_contacts_to_themselves,
    industries_know_their_division,
    totals_of_an_industry_bear_its_name,
    who_is_in_no_zone_is_a_member_and_no_scope
);

fn supply_chain_names_both_ends() {
    let report = Report { form: "LY-01", firm: "S", ..Report::default() };
    let lake = Lake::default()
        .firm(Firm { code: "S", chain: Some("beef"), forms: "LY-01", ..Firm::default() })
        .firm(Firm { code: "L", chain: Some("rail"), ..Firm::default() })
        .report(&report, &["supply:L 3 30 2 20", "supply:OUTSIDE 1 10 1 -"]);
    let columns = "supplier_name buyer_code buyer_name chain is_outside supply_month_cny \
                   supply_ytd_cny yoy_ytd";
    assert_eq!(
        rows(&lake.build("supply_chain"), "supply_chain", "", columns),
        ["示例S L 示例L rail false 3.00 30.00 0.500000", "示例S OUTSIDE - beef true 1.00 10.00 -"]
    );
}

fn supply_is_what_firms_of_the_roster_were_supplied_with() {
    // L left in June; M took N over in July; both were supplied in July under their own codes
    let report = |period| Report { form: "LY-01", firm: "S", period, ..Report::default() };
    let lake = Lake::default()
        .firm(Firm { code: "S", forms: "B204-1;LY-01", ..Firm::default() })
        .firm(Firm { code: "L", to: Some("2024-06"), ..Firm::default() })
        .firm(Firm { code: "N", to: Some("2024-06"), ..Firm::default() })
        .plain("M")
        .restructuring(["M", "2024-07", "merger", "N"])
        .filed("S", "2024-06", &["output 1 100 1 100"])
        .filed("S", "2024-07", &["output 1 100 1 100"])
        .report(&report("2024-06"), &["supply:L 1 10 1 5", "supply:N 1 20 1 10"])
        .report(
            &report("2024-07"),
            &["supply:L 1 11 1 6", "supply:N 1 22 1 11", "supply:X 1 3 1 2"],
        );
    let built = lake.build_all();
    assert_eq!(built.failures, []);
    assert_eq!(
        rows(&built, "supply_chain", "", "period buyer_code buyer_name is_outside supply_ytd_cny"),
        [
            "2024-06-01 L 示例L false 10.00",
            "2024-06-01 N 示例N false 20.00",
            "2024-07-01 L 示例L true 11.00",
            "2024-07-01 N 示例N false 22.00",
            "2024-07-01 X - true 3.00",
        ]
    );
    let columns = "item ytd_cny comparable_ytd_cny prior_ytd_cny";
    assert_eq!(
        rows(&built, "int_scope_totals", "form=LY-01 scope_kind=district period=2024-07", columns),
        ["outside_supply 14.00 14.00 8.00", "supply 22.00 22.00 11.00"]
    );
    let columns = "period supply_ytd_cny supply_prior_ytd_cny outside_supply_ytd_cny \
                   outside_supply_prior_ytd_cny";
    assert_eq!(
        rows(&built, "firm_months", "is_reported=true", columns),
        ["2024-06-01 30.00 15.00 - -", "2024-07-01 22.00 11.00 14.00 8.00"]
    );
}

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
        ["L rail 0.375000 0.300000 7.500000", "N none - - -"]
    );
}

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

fn qualifications_are_valid_from_award_to_expiry_both_included() {
    let lake = Lake::default()
        .plain("A")
        .filed("A", "2024-07", &["output 1 1 1 1"])
        .qualification(["A", "green", "2023-01-01", "", ""])
        .qualification(["B", "green", "2024-07-31", "2027-07-31", ""])
        .qualification(["C", "green", "2024-08-01", "", ""])
        .qualification(["D", "green", "2020-01-01", "2024-07-31", ""])
        .qualification(["E", "green", "2020-01-01", "2024-07-30", ""])
        .qualification(["F", "tech", "2020-01-01", "2023-12-31", ""]);
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

fn periods_carry_labels_in_both_languages() {
    let lake = Lake::default().deadline("B204-1", "2024-02", "2024-03-07T04:00:00Z").deadline(
        "B204-1",
        "2024-12",
        "2025-01-07T04:00:00Z",
    );
    let columns = "label_zh label_ytd_zh label_en label_ytd_en quarter last_day year_ago \
                   is_cumulative is_year_end";
    let built = lake.build("dim_period");
    let ends = ["period=2024-02", "period=2024-12"];
    assert_eq!(
        ends.map(|month| rows(&built, "dim_period", month, columns)).concat(),
        [
            "2024年2月 2024年1-2月 Feb 2024 Jan-Feb 2024 1 2024-02-29 2023-02-01 true false",
            "2024年12月 2024年1-12月 Dec 2024 Jan-Dec 2024 4 2024-12-31 2023-12-01 false true",
        ]
    );
}

fn firms_keep_their_contacts_to_themselves() {
    let built = Lake::default().plain("A").build("dim_firm");
    let columns = "credit_code firm_name size_name size_name_en roster_from roster_to base_rule";
    assert_eq!(rows(&built, "dim_firm", "", columns), ["A 示例A 小型 Small 2020-01-01 - keep"]);
    let schema = built.marts[0].batch.schema();
    assert!(schema.field_with_name("contact").is_err());
}

fn industries_know_their_division() {
    let built = Lake::default().build("dim_industry");
    assert_eq!(
        rows(
            &built,
            "dim_industry",
            "",
            "industry_code name_zh section_name division division_name"
        ),
        [
            "37 铁路等运输设备制造业 制造业 37 铁路等运输设备制造业",
            "3714 高铁配件 制造业 37 铁路等运输设备制造业",
            "C 制造业 制造业 - -"
        ]
    );
}

fn totals_of_an_industry_bear_its_name() {
    // The firm is one of its section and of its second division, though it reports three rows.
    let figures = ["industry:3714 1 10 1 8", "industry:3715 1 5 1 6", "industry:3670 1 20 1 16"];
    let lake = Lake::default().plain("A").filed("A", "2024-07", &figures);
    let columns = "scope_kind scope_id scope_name scope_name_en ytd_cny firms_compared \
                   firms_growing firms_falling";
    let built = lake.build("int_scope_totals");
    let industries: Vec<String> = rows(&built, "int_scope_totals", "item=output", columns)
        .into_iter()
        .filter(|row| row.starts_with("industry"))
        .collect();
    assert_eq!(
        industries,
        [
            // Without a row of its own in the seed it keeps its number.
            "industry 36 36 Division 36 20.00 1 1 0",
            "industry 37 铁路等运输设备制造业 Rail and more 15.00 1 1 0",
            "industry_class 3670 3670 Class 3670 20.00 1 1 0",
            "industry_class 3714 高铁配件 Class 3714 10.00 1 1 0",
            "industry_class 3715 3715 Class 3715 5.00 1 0 1",
            "industry_section C 制造业 Manufacturing 35.00 1 1 0",
        ]
    );
    let known = rows(&lake.build("dim_industry"), "dim_industry", "", "industry_code scope_kind");
    assert_eq!(known.len(), 6, "whatever is reported has its row: {known:?}");
}

fn who_is_in_no_zone_is_a_member_and_no_scope() {
    let lake = Lake::default()
        .firm(Firm { code: "A", zone: Some("z2"), ..Firm::default() })
        .plain("B")
        .filed("A", "2024-07", &["output 1 10 1 8"])
        .filed("B", "2024-07", &["output 1 20 1 8"]);
    let built = lake.build("dim_zone");
    assert_eq!(
        rows(&built, "dim_zone", "", "zone name_zh display_order"),
        // z2 comes first by its seed, none last
        ["none 未划入 3", "z1 一区 2", "z2 二区 1"]
    );
    let built = lake.build("firm_months");
    assert_eq!(
        rows(&built, "firm_months", "is_reported=true", "zone chain"),
        ["z2 none", "none none"]
    );
    let built = lake.build("monthly_totals");
    assert_eq!(
        rows(&built, "monthly_totals", "scope_kind=zone", "scope_id ytd_cny display_order"),
        ["z2 10.00 1"]
    );
}
