//! Months that follow a changed one; and the order, which changes no figure.

use std::fmt::Write;

use proptest::prelude::*;
use yuebao::ledger::orders::Sequence;

use super::{
    Range, Scene, all, begin, carry_on, correct, done, drop_report, json, months, published, words,
    yuebao,
};
use crate::support::scene::assert_same;

/// The calendar of two years.
fn two_years(scene: &Scene) {
    let mut text = "form,period,deadline\n".to_owned();
    for year in [2024, 2025] {
        for month in 2..=12 {
            let (after, next) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            writeln!(text, "B204-1,{year}-{month:02},{after}-{next:02}-10T12:00:00+08:00").unwrap();
        }
    }
    scene.seed("calendar.csv", &text);
}

#[test]
fn months_of_the_next_year_follow_a_changed_one() {
    let scene = Scene::new();
    two_years(&scene);
    for month in [(2024, 6), (2024, 11), (2024, 12), (2025, 2), (2025, 6), (2025, 7), (2025, 8)] {
        drop_report(&scene, 0, month);
    }
    done(&yuebao(&scene, &["run"]));
    correct(&scene, 0, (2024, 6), 110);
    let said = done(&begin(&scene, "intake", ["2024-06", "2024-06"], &[]));
    assert!(
        said.contains("2024-11, 2024-12, 2025-02, 2025-06, 2025-07 随之重做，因为要回看 2024-06"),
        "{said}"
    );
    assert_eq!(
        months(&scene),
        [
            "2024-06 done asked",
            "2024-11 done cascade",
            "2024-12 done cascade",
            "2025-02 done cascade",
            "2025-06 done cascade",
            "2025-07 done cascade",
        ]
    );
    let left = json(&done(&yuebao(&scene, &["run", "intake", "--json"])));
    assert!(left["months"].as_object().unwrap().is_empty(), "something was left stale: {left}");
}

#[test]
fn nothing_follows_a_month_that_comes_out_the_same() {
    let scene = published();
    // Refused: it does not count, so what the month holds for later ones is the same.
    scene.drop_file("refused.xlsx", &super::Book::of(&super::b204(0, 3, [1, -3, 1, 1])), 8760 * 3);
    let said = json(&done(&begin(&scene, "intake", ["2024-03", "2024-03"], &["--json"])));
    assert!(said["follow"].as_array().unwrap().is_empty(), "{said}");
    assert_eq!(months(&scene), ["2024-03 done asked"]);
}

#[test]
fn months_in_a_row_are_named_as_a_range() {
    let scene = published();
    correct(&scene, 0, (2024, 3), 110);
    let said = done(&begin(&scene, "intake", ["2024-03", "2024-03"], &[]));
    assert!(said.contains("2024-04 … 2024-06 随之重做，因为要回看 2024-03"), "{said}");
}

#[test]
fn stale_months_outside_the_range_that_follow_nothing_are_left_alone() {
    let scene = published();
    scene.touch_rules();
    let done_months = json(&done(&begin(&scene, "intake", ["2024-04", "2024-04"], &["--json"])));
    let names: Vec<&String> = done_months["months"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["2024-04"]);
    assert!(words(&done_months["waiting"]).is_empty());
}

#[test]
fn the_order_of_months_changes_no_byte() {
    let config = ProptestConfig { cases: 8, ..ProptestConfig::default() };
    let corrections = proptest::collection::vec((0_usize..2, 3_u32..=6, 1_i64..50), 1..5);
    let range = (3_u32..=6, 0_u32..=3, any::<bool>());
    proptest!(config, |(corrections in corrections, (first, more, is_all) in range)| {
        let lakes = [Sequence::Oldest, Sequence::Newest].map(|order| {
            let scene = published();
            for (firm, month, more) in &corrections {
                correct(&scene, *firm, (2024, *month), *more);
            }
            let (from, to) = (format!("2024-{first:02}"), format!("2024-{:02}", first + more));
            let range = if is_all { all(&from, &to) } else { super::range(&from, &to) };
            let played = carry_on(&scene, "intake", &Range { order, ..range }, &|_, _| {});
            assert_eq!(played.waiting(), 0);
            scene.files("lake")
        });
        let [oldest, newest] = lakes;
        assert_same(&oldest, &newest);
    });
}
