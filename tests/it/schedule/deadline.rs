//! Triggers relative to the deadlines of the calendar.

use yuebao::ledger::orders::AskedBy;
use yuebao::schedule::{DueInstant, triggers};

use super::{at, calendar, local_calendar, schedule, shown};

fn occasions(keys: &str, rows: &[(&str, &str, &str)]) -> Vec<DueInstant> {
    let calendar = calendar(rows);
    let (from, until) = (at("2000-01-01T00:00:00Z"), at("2100-01-01T00:00:00Z"));
    triggers::occasions(&schedule(keys), &local_calendar(&calendar), from, until, 100)
}

const JULY: (&str, &str, &str) = ("B204-1", "2025-07", "2025-08-07T12:00:00+08:00");
const AUGUST: (&str, &str, &str) = ("B204-1", "2025-08", "2025-09-07T12:00:00+08:00");

#[test]
fn the_deadline_itself_with_its_month() {
    let found = occasions(
        "deadline.form = \"B204-1\"",
        &[AUGUST, JULY, ("LY-01", "2025-07", "2025-08-09T12:00:00+08:00")],
    );
    assert_eq!(shown(&found, "Asia/Shanghai"), ["08-07 12:00 +0800", "09-07 12:00 +0800"]);
    assert_eq!(found[0].asked_by, AskedBy::Deadline);
    let month = "2025-07".parse().unwrap();
    assert_eq!(found[0].months, Some((month, month)));
}

#[test]
fn days_before_and_after_at_a_time_of_day() {
    let shown_of = |keys: &str| shown(&occasions(keys, &[JULY]), "Asia/Shanghai");
    let rule = |rest: &str| format!("deadline = {{ form = \"B204-1\", {rest} }}");
    assert_eq!(shown_of(&rule("days_before = 2, at = \"09:00\"")), ["08-05 09:00 +0800"]);
    assert_eq!(shown_of(&rule("days_after = 1")), ["08-08 12:00 +0800"]);
    assert_eq!(shown_of(&rule("at = \"18:30\"")), ["08-07 18:30 +0800"]);
    assert_eq!(shown_of(&rule("days_before = 7")), ["07-31 12:00 +0800"]);
}

#[test]
fn days_are_those_of_the_jobs_zone_whatever_the_deadlines_offset() {
    // 20:00 in New York is the next morning in Shanghai.
    let rows = [("B204-1", "2025-07", "2025-08-06T20:00:00-04:00")];
    let keys = "deadline = { form = \"B204-1\", days_before = 2, at = \"09:00\" }";
    assert_eq!(shown(&occasions(keys, &rows), "Asia/Shanghai"), ["08-05 09:00 +0800"]);
    let there = format!("{keys}\ntime_zone = \"America/New_York\"");
    assert_eq!(shown(&occasions(&there, &rows), "America/New_York"), ["08-04 09:00 -0400"]);
}

#[test]
fn days_are_counted_on_the_wall_across_a_shift() {
    // The clocks of Berlin went forward on 30 March: two days before, 09:00, is 09:00.
    let rows = [("B204-1", "2025-02", "2025-03-31T12:00:00+02:00")];
    let keys = "time_zone = \"Europe/Berlin\"\ndeadline = { form = \"B204-1\", days_before = 2, at = \"09:00\" }";
    assert_eq!(shown(&occasions(keys, &rows), "Europe/Berlin"), ["03-29 09:00 +0100"]);
    let keys = "time_zone = \"Europe/Berlin\"\ndeadline = { form = \"B204-1\", days_before = 1, at = \"02:30\" }";
    assert_eq!(shown(&occasions(keys, &rows), "Europe/Berlin"), ["03-30 03:00 +0200"]);
}

#[test]
fn a_deadline_in_an_hour_that_comes_twice_is_kept_as_it_is() {
    let rows = [("B204-1", "2025-09", "2025-10-26T02:30:00+01:00")];
    let found = occasions("time_zone = \"Europe/Berlin\"\ndeadline.form = \"B204-1\"", &rows);
    assert_eq!(shown(&found, "Europe/Berlin"), ["10-26 02:30 +0100"]);
}

#[test]
fn months_with_one_deadline_are_one_occasion() {
    let rows = [JULY, ("B204-1", "2025-06", JULY.2), AUGUST];
    let found = occasions("deadline.form = \"B204-1\"", &rows);
    assert_eq!(found.len(), 2);
    let months = found[0].months.unwrap();
    assert_eq!((months.0.to_string(), months.1.to_string()), ("2025-06".into(), "2025-07".into()));
}

#[test]
fn the_calendar_may_end() {
    let calendar = calendar(&[JULY]);
    let schedule = schedule("deadline.form = \"B204-1\"");
    let next = |from: &str| triggers::next(&schedule, &local_calendar(&calendar), at(from));
    assert!(next("2025-08-07T03:59:59Z").is_some());
    assert_eq!(next("2025-08-07T04:00:00Z"), None, "an instant does not follow itself");
}

#[test]
fn leap_days_and_year_ends_are_counted() {
    let rows = [
        ("B204-1", "2024-02", "2024-03-01T12:00:00+08:00"),
        ("B204-1", "2024-12", "2025-01-01T12:00:00+08:00"),
    ];
    let keys = "deadline = { form = \"B204-1\", days_before = 1 }";
    assert_eq!(
        shown(&occasions(keys, &rows), "Asia/Shanghai"),
        ["02-29 12:00 +0800", "12-31 12:00 +0800"]
    );
}
