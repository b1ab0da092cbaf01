//! `submission_status`: who is due, which revision shows, what is late.

use super::lake::{Firm, Lake, Report, rows};
use crate::support::together::together;

const COLUMNS: &str = "period credit_code state is_late revision months_late_in_row";

fn status(lake: &Lake, columns: &str) -> Vec<String> {
    rows(&lake.build("submission_status"), "submission_status", "", columns)
}

/// Deadlines at noon in Beijing on the seventh of the next month, February to May.
fn calendar() -> Lake {
    ["2024-03-07", "2024-04-07", "2024-05-07", "2024-06-07"]
        .into_iter()
        .zip(["2024-02", "2024-03", "2024-04", "2024-05"])
        .fold(Lake::default(), |lake, (day, period)| {
            lake.deadline("B204-1", period, &format!("{day}T04:00:00Z"))
        })
}

together!(figures_worked_by_hand:
    every_firm_due_has_a_row_from_the_first_to_the_last_filed_month,
    the_revision_that_counts_shows_before_a_newer_refused_one,
    a_correction_sent_after_the_deadline_makes_nobody_late,
    else_the_newest_revision_shows,
    months_late_in_a_row_start_again_after_one_on_time,
    a_slip_of_the_keyboard_opens_no_months,
    a_form_nobody_files_is_owed_all_the_same_once_anything_was_filed,
    nobody_is_late_before_the_deadline_has_passed,
    months_still_open_neither_end_a_row_of_late_ones_nor_count_in_it,
    a_month_the_calendar_lacks_has_no_deadline_and_nobody_late,
    before_the_district_begins_nobody_is_late_or_missing,
    a_correction_that_does_not_count_stays_in_sight,
    queries_count_those_that_stand
);

fn every_firm_due_has_a_row_from_the_first_to_the_last_filed_month() {
    let on_time =
        Report { period: "2024-02", received_at: "2024-03-06T00:00:00Z", ..Report::default() };
    let later =
        Report { period: "2024-04", received_at: "2024-05-07T04:00:00Z", ..Report::default() };
    let lake = calendar()
        .plain("A")
        .firm(Firm { code: "B", from: "2024-03", to: Some("2024-03"), ..Firm::default() })
        .firm(Firm { code: "C", forms: "LY-01", ..Firm::default() })
        .report(&on_time, &[])
        .report(&later, &[]);
    assert_eq!(
        status(&lake, COLUMNS),
        [
            "2024-02-01 A accepted false 1 0",
            "2024-03-01 A missing true - 1",
            "2024-03-01 B missing true - 1",
            // at the very instant of the deadline
            "2024-04-01 A accepted false 1 0",
        ]
    );
}

fn the_revision_that_counts_shows_before_a_newer_refused_one() {
    let first =
        Report { period: "2024-02", received_at: "2024-03-08T00:00:00Z", ..Report::default() };
    let second = Report {
        revision: 2,
        state: "refused",
        is_current: false,
        received_at: "2024-03-09T00:00:00Z",
        ..first
    };
    let lake = calendar().plain("A").report(&first, &[]).report(&second, &[]);
    assert_eq!(status(&lake, COLUMNS), ["2024-02-01 A accepted true 1 1"]);
}

fn a_correction_sent_after_the_deadline_makes_nobody_late() {
    let first = Report {
        period: "2024-02",
        received_at: "2024-03-06T00:00:00Z",
        is_current: false,
        ..Report::default()
    };
    let second =
        Report { revision: 2, is_current: true, received_at: "2024-04-20T00:00:00Z", ..first };
    let lake = calendar().plain("A").report(&first, &[]).report(&second, &[]);
    assert_eq!(
        status(&lake, "is_late revision months_late_in_row first_received_at received_at"),
        ["false 2 0 2024-03-06T00:00:00Z 2024-04-20T00:00:00Z"]
    );
    // Nor does it make up for a first report that was late.
    let overdue = Report { received_at: "2024-03-08T00:00:00Z", ..first };
    let lake = calendar().plain("A").report(&overdue, &[]).report(&second, &[]);
    assert_eq!(status(&lake, COLUMNS), ["2024-02-01 A accepted true 2 1"]);
}

fn else_the_newest_revision_shows() {
    let report = |revision, state| Report {
        period: "2024-02",
        received_at: "2024-03-06T00:00:00Z",
        revision,
        state,
        is_current: false,
        ..Report::default()
    };
    let lake =
        calendar().plain("A").report(&report(1, "refused"), &[]).report(&report(2, "queried"), &[]);
    assert_eq!(status(&lake, COLUMNS), ["2024-02-01 A queried false 2 0"]);
}

fn months_late_in_a_row_start_again_after_one_on_time() {
    let at = |period, received_at| Report { period, received_at, ..Report::default() };
    let lake = calendar()
        .plain("A")
        .plain("B")
        .report(&at("2024-02", "2024-03-10T00:00:00Z"), &[])
        .report(&at("2024-04", "2024-05-01T00:00:00Z"), &[])
        .report(&at("2024-05", "2024-06-09T00:00:00Z"), &[]);
    let of_a: Vec<String> = status(&lake, "credit_code period months_late_in_row")
        .into_iter()
        .filter(|row| row.starts_with('A'))
        .collect();
    // late, missing, on time, late
    assert_eq!(of_a, ["A 2024-02-01 1", "A 2024-03-01 2", "A 2024-04-01 0", "A 2024-05-01 1"]);
    let missing = status(&lake, "credit_code months_late_in_row");
    assert_eq!(missing.iter().filter(|row| row.starts_with('B')).count(), 4);
    assert!(missing.contains(&"B 4".to_owned()));
}

fn a_slip_of_the_keyboard_opens_no_months() {
    let real =
        Report { period: "2024-02", received_at: "2024-03-06T00:00:00Z", ..Report::default() };
    let slip = Report { period: "2024-05", state: "refused", is_current: false, ..real };
    let lake = calendar().plain("A").report(&real, &[]).report(&slip, &[]);
    assert_eq!(status(&lake, "period state"), ["2024-02-01 accepted"]);
}

fn a_form_nobody_files_is_owed_all_the_same_once_anything_was_filed() {
    let lake = calendar()
        .deadline("LY-01", "2024-02", "2024-03-07T04:00:00Z")
        .firm(Firm { forms: "B204-1;LY-01", ..Firm::default() });
    assert_eq!(status(&lake, COLUMNS), [""; 0]);
    let lake = lake.report(&Report { period: "2024-02", ..Report::default() }, &[]);
    assert_eq!(
        status(&lake, "period form state"),
        ["2024-02-01 B204-1 accepted", "2024-02-01 LY-01 missing"]
    );
}

fn nobody_is_late_before_the_deadline_has_passed() {
    let first =
        Report { period: "2024-02", received_at: "2024-03-01T00:00:00Z", ..Report::default() };
    let lake = calendar().plain("A").plain("B").report(&first, &[]);
    let late = |now| status(&lake.clone().now(now), "credit_code state is_late months_late_in_row");
    assert_eq!(late("2024-03-07T03:59:59Z"), ["A accepted false 0", "B missing false 0"]);
    assert_eq!(late("2024-03-07T04:00:00Z"), ["A accepted false 0", "B missing true 1"]);
}

fn months_still_open_neither_end_a_row_of_late_ones_nor_count_in_it() {
    let at = |period, received_at| Report { period, received_at, ..Report::default() };
    let lake = calendar()
        .plain("A")
        .plain("B")
        .report(&at("2024-02", "2024-03-06T00:00:00Z"), &[])
        .report(&at("2024-04", "2024-05-01T00:00:00Z"), &[]);
    let of_b = |now| {
        let rows = status(&lake.clone().now(now), "credit_code period is_late months_late_in_row");
        rows.into_iter().filter(|row| row.starts_with('B')).collect::<Vec<_>>()
    };
    // on the first of May April is not due yet
    assert_eq!(
        of_b("2024-05-01T00:00:00Z"),
        ["B 2024-02-01 true 1", "B 2024-03-01 true 2", "B 2024-04-01 false 2"]
    );
    assert_eq!(of_b("2024-05-08T00:00:00Z")[2], "B 2024-04-01 true 3");
}

fn a_month_the_calendar_lacks_has_no_deadline_and_nobody_late() {
    let at = |period, received_at| Report { period, received_at, ..Report::default() };
    let lake = Lake::default()
        .deadline("B204-1", "2024-02", "2024-03-07T04:00:00Z")
        .plain("A")
        .plain("B")
        .report(&at("2024-02", "2024-03-08T00:00:00Z"), &[])
        .report(&at("2024-03", "2024-09-08T00:00:00Z"), &["output 1 10 1 10"]);
    assert_eq!(
        status(&lake, "period credit_code state deadline is_late"),
        [
            "2024-02-01 A accepted 2024-03-07T04:00:00Z true",
            "2024-02-01 B missing 2024-03-07T04:00:00Z true",
            "2024-03-01 A accepted - false",
            "2024-03-01 B missing - false",
        ]
    );
    assert_eq!(
        rows(&lake.build("firm_months"), "firm_months", "is_reported=true", "period is_late"),
        ["2024-03-01 -"]
    );
}

fn before_the_district_begins_nobody_is_late_or_missing() {
    let at = |period| Report { period, received_at: "2024-04-06T00:00:00Z", ..Report::default() };
    let lake = calendar()
        .since("2024-03")
        .plain("A")
        .plain("B")
        .report(&at("2024-02"), &[])
        .report(&at("2024-03"), &[]);
    assert_eq!(
        status(&lake, "period credit_code state is_late months_late_in_row"),
        [
            "2024-02-01 A accepted false 0",
            "2024-03-01 A accepted false 0",
            "2024-03-01 B missing true 1",
        ]
    );
}

fn a_correction_that_does_not_count_stays_in_sight() {
    let first =
        Report { period: "2024-02", received_at: "2024-03-06T00:00:00Z", ..Report::default() };
    let correction = Report {
        revision: 2,
        state: "refused",
        is_current: false,
        received_at: "2024-03-09T00:00:00Z",
        ..first
    };
    let lake = calendar().plain("A").plain("B").report(&first, &[]).report(&correction, &[]);
    let columns = "credit_code state revision latest_state latest_submission_id";
    assert_eq!(
        status(&lake, columns),
        ["A accepted 1 refused B204-1-A-2024-02-2", "B missing - - -"]
    );
    // sending the first one again settles it
    let again =
        Report { revision: 3, is_current: false, received_at: "2024-03-10T00:00:00Z", ..first };
    assert_eq!(
        status(&lake.report(&again, &[]), columns)[0],
        "A accepted 1 accepted B204-1-A-2024-02-3"
    );
}

fn queries_count_those_that_stand() {
    let report =
        |firm, state| Report { firm, state, period: "2024-02", queries: 2, ..Report::default() };
    let lake = calendar()
        .plain("A")
        .plain("B")
        .report(&report("A", "accepted"), &[])
        .report(&Report { is_current: false, ..report("B", "queried") }, &[]);
    assert_eq!(status(&lake, "credit_code state queries"), ["A accepted 0", "B queried 2"]);
}
