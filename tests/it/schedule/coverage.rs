//! Coverage: the instant at which enough of a month had come, over values and over a real lake.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use rust_decimal::Decimal;
use yuebao::pipeline::coverage::progress;
use yuebao::project::schedules::Coverage;
use yuebao::schedule::coverage::{occasions, reached};

use super::{at, utc};
use crate::support::scene::{FIRMS, Scene, b204, b204_book};
use crate::support::workbook::Book;

fn by_firms(percent: u8) -> Coverage {
    Coverage {
        form: "B204-1".to_owned(),
        firms_percent: Some(percent),
        value_percent: None,
        item: None,
    }
}

fn by_value(percent: u8) -> Coverage {
    Coverage {
        form: "B204-1".to_owned(),
        firms_percent: None,
        value_percent: Some(percent),
        item: Some("output".to_owned()),
    }
}

/// Firms `0, 1, …` with last month's values.
fn due(values: &[i64]) -> BTreeMap<String, Decimal> {
    let firm = |(place, value): (usize, &i64)| (place.to_string(), Decimal::from(*value));
    values.iter().enumerate().map(firm).collect()
}

fn minute(minute: i64) -> DateTime<Utc> {
    at("2025-08-01T00:00:00Z") + TimeDelta::minutes(minute)
}

/// When firms reported, in minutes.
fn receipts(minutes: &[(usize, i64)]) -> BTreeMap<String, DateTime<Utc>> {
    minutes.iter().map(|(firm, at)| (firm.to_string(), minute(*at))).collect()
}

#[test]
fn the_share_of_firms_is_reached_exactly() {
    let due = due(&[0; 20]);
    let come = |count: usize| {
        let minutes: Vec<_> = (0..count).map(|firm| (firm, firm as i64)).collect();
        receipts(&minutes)
    };
    assert_eq!(reached(&by_firms(95), &due, &come(18)), None);
    assert_eq!(reached(&by_firms(95), &due, &come(19)), Some(minute(18)));
    // Who comes later changes nothing.
    assert_eq!(reached(&by_firms(95), &due, &come(20)), Some(minute(18)));
    assert_eq!(reached(&by_firms(96), &due, &come(19)), None);
    assert_eq!(reached(&by_firms(100), &due, &come(20)), Some(minute(19)));
    assert_eq!(reached(&by_firms(1), &due, &come(1)), Some(minute(0)));
}

#[test]
fn the_share_of_value_weighs_firms_by_last_month() {
    let due = due(&[70, 20, 10, 0]);
    assert_eq!(reached(&by_value(70), &due, &receipts(&[(0, 5)])), Some(minute(5)));
    assert_eq!(reached(&by_value(71), &due, &receipts(&[(0, 5), (3, 6)])), None);
    let all_but_the_largest = receipts(&[(1, 1), (2, 2), (3, 3)]);
    assert_eq!(reached(&by_value(30), &due, &all_but_the_largest), Some(minute(2)));
    assert_eq!(reached(&by_value(31), &due, &all_but_the_largest), None);
}

#[test]
fn nobody_due_or_nothing_last_month_is_never() {
    assert_eq!(reached(&by_firms(1), &due(&[]), &receipts(&[(0, 1)])), None);
    assert_eq!(reached(&by_value(1), &due(&[0, 0]), &receipts(&[(0, 1), (1, 1)])), None);
    // Less than nothing weighs nothing.
    assert_eq!(reached(&by_value(100), &due(&[-5, 5]), &receipts(&[(1, 1)])), Some(minute(1)));
}

#[test]
fn firms_that_are_not_due_do_not_matter() {
    assert_eq!(reached(&by_firms(50), &due(&[0, 0]), &receipts(&[(7, 1), (8, 2)])), None);
}

#[test]
fn an_instant_within_a_second_is_the_whole_second_after_it() {
    let firms = due(&[1]);
    let came = BTreeMap::from([("0".to_owned(), at("2025-08-01T00:00:00.25Z"))]);
    assert_eq!(utc(reached(&by_firms(100), &firms, &came).unwrap()), "2025-08-01T00:00:01Z");
}

#[test]
fn months_in_a_row_reached_together_are_one_occasion() {
    let month = |text: &str| text.parse().unwrap();
    let found = occasions([
        (month("2025-07"), minute(5)),
        (month("2025-06"), minute(5)),
        (month("2025-05"), minute(9)),
        (month("2025-02"), minute(5)),
    ]);
    let months: Vec<_> = found.iter().map(|it| it.months.unwrap()).collect();
    assert_eq!(
        months,
        [
            // March to May were not complete enough then.
            (month("2025-02"), month("2025-02")),
            (month("2025-06"), month("2025-07")),
            (month("2025-05"), month("2025-05")),
        ]
    );
}

proptest! {
    /// More reports never reach a share later, a higher share is never reached earlier, and the
    /// instant is one at which a report came.
    #[test]
    fn coverage_is_monotone(
        values in prop::collection::vec(0_i64..1000, 1..20),
        minutes in prop::collection::vec(prop::option::of(0_i64..10_000), 20),
        percent in 1_u8..100,
        by_weight in any::<bool>(),
    ) {
        let due = due(&values);
        let all: Vec<_> = minutes.iter().enumerate().filter_map(|(firm, at)| Some((firm, (*at)?))).collect();
        let rule = |percent| if by_weight { by_value(percent) } else { by_firms(percent) };
        let with_all = reached(&rule(percent), &due, &receipts(&all));
        let with_fewer = reached(&rule(percent), &due, &receipts(&all[..all.len() / 2]));
        if let (Some(fewer), all) = (with_fewer, with_all) {
            prop_assert!(all.is_some_and(|all| all <= fewer));
        }
        let higher = reached(&rule(percent + 1), &due, &receipts(&all));
        if let Some(higher) = higher {
            prop_assert!(with_all.is_some_and(|lower| lower <= higher));
        }
        if let Some(at) = with_all {
            prop_assert!(receipts(&all).values().any(|came| *came == at));
        }
    }
}

fn read(scene: &Scene, rule: &Coverage, period: &str) -> yuebao::pipeline::coverage::Progress {
    let workshop = scene.open().unwrap();
    progress(&workshop.project, &scene.out("lake"), rule, period.parse().unwrap()).unwrap()
}

#[test]
fn receipts_and_values_are_read_from_the_lake() {
    let scene = Scene::new();
    for firm in 0..3 {
        let figures = [1000 + 10 * firm as i64, 3030, 900, 2700];
        scene.drop_file(&format!("3-{firm}.xlsx"), &b204_book(firm, 3, figures), 2400);
    }
    // In April one reports in time, one is refused first, one is missing.
    scene.drop_file("4-0.xlsx", &b204_book(0, 4, [1015, 4045, 900, 3600]), 3000);
    let wrong = b204(1, 4, [1025, 4055, 900, 3600]).replace("'04|0|0|0|0", "'04|0|9000|0|0");
    scene.drop_file("4-1.xlsx", &Book::of(&wrong), 3001);
    scene.drop_file("4-1b.xlsx", &b204_book(1, 4, [1025, 4055, 900, 3600]), 3002);
    scene.take_in();
    let found = read(&scene, &by_value(50), "2024-04");
    assert_eq!(found.due.len(), 3);
    assert_eq!(found.due[FIRMS[2].0], Decimal::from(1_020_000), "in yuan, of March");
    let hour = |hours: i64| at("2024-01-01T00:00:00Z") + TimeDelta::hours(hours);
    let came: Vec<_> = found.receipts.iter().map(|(firm, at)| (firm.as_str(), *at)).collect();
    assert_eq!(came, [(FIRMS[0].0, hour(3000)), (FIRMS[1].0, hour(3002))]);
    assert_eq!(reached(&by_value(66), &found.due, &found.receipts), Some(hour(3002)));
    assert_eq!(reached(&by_value(67), &found.due, &found.receipts), None);
    assert_eq!(reached(&by_firms(66), &found.due, &found.receipts), Some(hour(3002)));
}

#[test]
fn who_is_due_follows_roster_forms_and_calendar() {
    let scene = Scene::of_all_forms();
    let firms = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    let mut rows: Vec<String> = firms.lines().map(str::to_owned).collect();
    rows[1] = rows[1].replace("2020-01,,", "2020-01,2024-03,");
    rows[2] = rows[2].replace("keep,B204-1,", "keep,LY-01,");
    scene.seed("firms.csv", &format!("{}\n", rows.join("\n")));
    let firms_due = |period: &str| read(&scene, &by_firms(95), period).due.len();
    assert_eq!(firms_due("2024-03"), 2, "one is asked for another form");
    assert_eq!(firms_due("2024-04"), 1, "one has left the roster");
    assert_eq!(firms_due("2024-01"), 0, "nobody files January");
    assert_eq!(firms_due("2031-05"), 0, "no deadline, no month");
}

#[test]
fn after_february_the_year_to_date_weighs() {
    let scene = Scene::new();
    scene.drop_file("2.xlsx", &b204_book(0, 2, [0, 2500, 0, 2000]), 1700);
    scene.take_in();
    let found = read(&scene, &by_value(50), "2024-03");
    assert_eq!(found.due[FIRMS[0].0], Decimal::from(2_500_000));
}
