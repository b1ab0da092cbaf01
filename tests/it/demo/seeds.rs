//! The shipped seeds are sorted, unique and agree with each other.

use std::collections::{BTreeMap, BTreeSet};

use yuebao::domain::credit_code::{CodeState, examine};
use yuebao::project::seeds::schema::SEEDS;

use super::{CALENDAR, ROSTER, firms, periods, seeds_dir, table};

#[test]
fn each_seed_has_the_columns_of_the_schema() {
    for seed in SEEDS {
        let path = seeds_dir().join(format!("{}.csv", seed.name));
        let mut reader = csv::Reader::from_path(path).unwrap();
        let wanted: Vec<&str> = seed.columns.iter().map(|column| column.name).collect();
        assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>(), wanted, "{}", seed.name);
    }
}

#[test]
fn each_seed_is_sorted_by_a_unique_key() {
    for seed in SEEDS {
        let keys: Vec<Vec<String>> = table(seed.name)
            .iter()
            .map(|row| seed.key.iter().map(|name| row[*name].clone()).collect())
            .collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{}", seed.name);
        assert!(!keys.is_empty(), "{}", seed.name);
    }
}

#[test]
fn only_nullable_columns_are_empty() {
    for seed in SEEDS {
        for (row, column) in table(seed.name)
            .iter()
            .flat_map(|row| seed.columns.iter().map(move |column| (row.clone(), column)))
        {
            let is_filled = !row[column.name].is_empty();
            assert!(is_filled || column.is_nullable, "{} {}: {row:?}", seed.name, column.name);
        }
    }
}

#[test]
fn a_hundred_and_thirteen_firms_have_valid_codes() {
    assert_eq!(ROSTER.firms.len(), 113);
    assert!(ROSTER.firms.keys().all(|code| examine(code) == CodeState::Valid));
    let names: BTreeSet<&str> = firms().map(|firm| firm.name.as_str()).collect();
    assert_eq!(names.len(), 113);
}

#[test]
fn no_firm_bears_a_real_name() {
    assert!(firms().all(|firm| firm.name.starts_with("示例")));
    assert_eq!(firms().filter(|firm| firm.is_leading).count(), 2);
    assert_eq!(ROSTER.newest("91220106MA0000015Q").unwrap().name, "示例长客轨道客车股份有限公司");
    assert_eq!(ROSTER.newest("91220106MA0000015Q").unwrap().zone, "luyuan");
    let beef = firms().filter(|firm| firm.is_leading).nth(1).unwrap();
    assert_eq!(
        (beef.name.as_str(), beef.zone.as_str()),
        ("示例皓月清真肉业股份有限公司", "haoyue")
    );
}

#[test]
fn firms_refer_to_known_zones_chains_and_industries() {
    let known = |seed: &str, column: &str| -> BTreeSet<String> {
        table(seed).into_iter().map(|row| row[column].clone()).collect()
    };
    let (zones, chains) = (known("zones", "zone"), known("chains", "chain"));
    let industries = known("industries", "industry_code");
    for firm in firms() {
        assert!(firm.zone.is_empty() || zones.contains(&firm.zone), "{}", firm.name);
        assert!(firm.chain.is_empty() || chains.contains(&firm.chain), "{}", firm.name);
        assert!(industries.contains(&firm.industry_code), "{}", firm.name);
    }
}

#[test]
fn other_seeds_refer_to_firms_of_the_roster() {
    for row in table("restructurings") {
        assert!(ROSTER.firms.contains_key(&row["credit_code"]), "{row:?}");
    }
    for row in table("targets").iter().filter(|row| row["scope_kind"] == "firm") {
        assert!(ROSTER.firms.contains_key(&row["scope_id"]));
    }
}

#[test]
fn as_many_firms_are_qualified_at_the_end_of_july_2024_as_is_published() {
    let mut firms: BTreeMap<String, usize> = BTreeMap::new();
    for row in table("qualifications") {
        let is_off = !ROSTER.firms.contains_key(&row["credit_code"]);
        assert_eq!(is_off, row["firm_name"].starts_with("示例"), "{row:?}");
        let end = "2024-07-31";
        let has_ended = !row["expires_on"].is_empty() && row["expires_on"].as_str() < end;
        if row["awarded_on"].as_str() <= end && !has_ended {
            *firms.entry(row["kind"].clone()).or_default() += 1;
        }
    }
    let published = [
        ("专精特新中小企业", 145),
        ("企业技术中心", 40),
        ("国家级绿色工厂", 5),
        ("智改数转示范企业", 23),
        ("高新技术企业", 148),
    ];
    assert_eq!(firms.into_iter().collect::<Vec<_>>(), published.map(|(it, n)| (it.to_owned(), n)));
}

#[test]
fn every_month_of_every_form_has_a_deadline_at_noon_of_the_month_after() {
    for form in ["B204-1", "LY-01", "LY-02"] {
        for period in periods() {
            let deadline = CALENDAR.deadlines[&(form.to_owned(), period)];
            assert_eq!(deadline.format("%H:%M:%S %:z").to_string(), "12:00:00 +08:00");
            assert_eq!(deadline.format("%Y-%m").to_string(), period.next().unwrap().to_string());
        }
    }
    let july = &CALENDAR.deadlines[&("B204-1".to_owned(), super::month("2024-07"))];
    assert_eq!(july.to_rfc3339(), "2024-08-07T12:00:00+08:00");
}

#[test]
fn some_thirty_five_firms_report_what_they_supply() {
    let filing =
        |form: &str| firms().filter(|firm| firm.forms.iter().any(|asked| asked == form)).count();
    assert_eq!((filing("B204-1"), filing("LY-01"), filing("LY-02")), (113, 35, 2));
}

#[test]
fn all_divisions_of_sections_b_to_d_have_names_in_both_languages() {
    let divisions = table("industries").into_iter().filter(|row| row["industry_code"].len() == 2);
    let named = divisions.filter(|row| !row["name_zh"].is_empty() && !row["name_en"].is_empty());
    let codes: Vec<String> = named.map(|row| row["industry_code"].clone()).collect();
    assert_eq!(codes, (6..=46).map(|division| format!("{division:02}")).collect::<Vec<_>>());
}
