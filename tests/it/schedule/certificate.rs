//! The certificate of a month: whatever is recorded is a line, and the sums add up.

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::ledger::attempts::Attempt;
use yuebao::ledger::orders::{AskedBy, Order, State};
use yuebao::ledger::reason::Reason;
use yuebao::project::schedules::Schedule;
use yuebao::project::seeds::roster::Calendar;
use yuebao::schedule::basis::Basis;
use yuebao::schedule::certificate::{
    Certificate, InstantFate, LINES_MAX, PromiseTerm, Record, Totals, certificate, month,
};

use super::{at, local_calendar, order, schedule, utc};

fn daily() -> Schedule {
    schedule("cron = \"0 12 * * *\"")
}

fn term(schedule: Schedule, since: &str, decided_until: &str) -> PromiseTerm {
    let basis = Basis::of(&schedule, &local_calendar(&Calendar::default()));
    let (since, decided_until) = (at(since), at(decided_until));
    PromiseTerm { schedule, basis, since, until: None, decided_until }
}

/// An order that was due at an instant, decided upon a second later.
fn kept(due_at: &str, asked_by: AskedBy, state: State, reasons: &[Reason]) -> Order {
    let due_at = at(due_at);
    let mut order = order(due_at.timestamp(), "a", due_at);
    (order.asked.asked_by, order.decided_at) = (asked_by, due_at + TimeDelta::seconds(1));
    (order.state, order.reasons) = (state, reasons.to_vec());
    order
}

/// A month in Shanghai, as of an instant.
fn told(period: &str, record: Record, file: Option<&Schedule>, now: &str) -> Certificate {
    let calendar = Calendar::default();
    let stretch = month(period.parse().unwrap(), chrono_tz::Asia::Shanghai);
    let local = local_calendar(&calendar);
    let told = certificate(record, file.map(|file| (file, &local)), stretch, at(now));
    let sums = &told.totals;
    let decided = sums.ran + sums.made_up + sums.skipped + sums.waiting;
    assert_eq!(sums.due, decided + sums.undecided);
    assert_eq!(told.skipped_by_reason.values().sum::<u64>(), sums.skipped);
    assert_eq!(told.lines.len() as u64 + sums.unlisted, sums.due + sums.to_come);
    told
}

const LATER: &str = "2025-05-01T00:00:00Z";

#[test]
fn a_month_is_that_of_the_jobs_zone() {
    let (from, until) = month("2025-03".parse().unwrap(), chrono_tz::Asia::Shanghai);
    assert_eq!(
        (utc(from), utc(until)),
        ("2025-02-28T16:00:00Z".into(), "2025-03-31T16:00:00Z".into())
    );
    let (from, until) = month("2025-03".parse().unwrap(), chrono_tz::Europe::Berlin);
    assert_eq!(until - from, TimeDelta::hours(31 * 24 - 1));
    let last = month("2099-12".parse().unwrap(), chrono_tz::Asia::Shanghai);
    assert_eq!(last.1 - last.0, TimeDelta::days(31));
}

/// Orders, and what the certificate says of each.
const FATES: [(AskedBy, State, InstantFate); 9] = [
    (AskedBy::Clock, State::Done, InstantFate::Ran),
    (AskedBy::Clock, State::Failed, InstantFate::Ran),
    (AskedBy::Deadline, State::Unchanged, InstantFate::Ran),
    (AskedBy::CatchUp, State::HeldBack, InstantFate::MadeUp),
    (AskedBy::Clock, State::Skipped, InstantFate::Skipped),
    (AskedBy::Clock, State::Waiting, InstantFate::Waiting),
    (AskedBy::Clock, State::Running, InstantFate::Running),
    // What the inbox or coverage asked for has no instant that could be missed.
    (AskedBy::Inbox, State::Done, InstantFate::Ran),
    (AskedBy::Coverage, State::Interrupted, InstantFate::Ran),
];

#[test]
fn every_recorded_order_is_a_line_with_its_fate() {
    let late = |order: Order| Order { decided_at: order.decided_at + TimeDelta::hours(5), ..order };
    let of = |(day, (by, state, _)): (usize, &(AskedBy, State, InstantFate))| {
        kept(&format!("2025-03-0{}T04:00:00Z", day + 1), *by, *state, &[Reason::Overlap])
    };
    let mut orders: Vec<Order> = FATES.iter().enumerate().map(of).collect();
    orders[7..].iter_mut().for_each(|order| *order = late(order.clone()));
    orders.push(late(kept("2025-03-10T04:00:00Z", AskedBy::Deadline, State::Done, &[])));
    let try_at = |attempt, minute: i64, state| Attempt {
        order_id: orders[1].order_id,
        attempt,
        host: String::new(),
        process: 1,
        started_at: orders[1].asked.due_at + TimeDelta::minutes(minute),
        ended_at: Some(orders[1].asked.due_at + TimeDelta::minutes(minute + 1)),
        state,
        steps: Vec::new(),
        reasons: Vec::new(),
    };
    let attempts = vec![try_at(1, 0, State::TimedOut), try_at(2, 5, State::Failed)];
    let terms = vec![term(daily(), "2025-02-01T00:00:00Z", "2025-03-20T00:00:00Z")];
    let record = Record { terms, orders: orders.clone(), attempts };
    let told = told("2025-03", record, Some(&daily()), "2025-03-25T00:00:00Z");
    let fates: Vec<InstantFate> = told.lines.iter().map(|line| line.fate).collect();
    let of_orders: Vec<InstantFate> = FATES.map(|(.., fate)| fate).into();
    assert_eq!(fates[..10], [of_orders, vec![InstantFate::MadeUp]].concat());
    assert_eq!(
        fates[10..],
        [[InstantFate::Undecided; 5].as_slice(), &[InstantFate::ToCome; 7]].concat()
    );
    let listed = told.lines.iter().filter_map(|line| line.order.as_ref());
    assert!(listed.eq(&orders), "as the ledger has them");
    let run = told.lines[1].run.as_ref().unwrap();
    assert_eq!(
        (run.ended_at.unwrap() - run.started_at, run.state),
        (TimeDelta::minutes(6), State::Failed)
    );
    let (ran, made_up, failed, skipped, waiting) = (5, 2, 1, 1, 2);
    let counted = Totals { ran, made_up, failed, skipped, waiting, ..Totals::default() };
    let totals = Totals { due: 15, undecided: 5, to_come: 7, ..counted };
    assert_eq!(told.totals, totals);
    assert_eq!(told.skipped_by_reason[&Reason::Overlap], 1);
    assert_eq!(told.since, Some(at("2025-02-01T00:00:00Z")));
}

#[test]
fn without_a_ledger_the_past_is_empty_and_the_future_that_of_the_file() {
    let of = |file: Option<&Schedule>, now: &str| told("2025-03", Record::default(), file, now);
    assert_eq!(of(None, LATER), Certificate::default());
    assert_eq!(of(Some(&daily()), LATER), Certificate::default());
    let half = of(Some(&daily()), "2025-03-11T00:00:00Z");
    assert_eq!((half.totals.due, half.totals.to_come, half.since), (0, 21, None));
}

#[test]
fn a_gap_counts_only_the_instants_that_lie_in_the_month() {
    let (first, before) = (at("2025-02-20T04:00:00Z"), at("2025-03-10T04:00:00Z"));
    let gap = [Reason::Gap { count: 18, first, before }];
    let order = kept("2025-02-20T04:00:00Z", AskedBy::Gap, State::Skipped, &gap);
    // The schedule of then counts, not that of today.
    let hourly = schedule("cron = \"0 * * * *\"");
    let then = PromiseTerm { until: Some(before), ..term(daily(), "2025-01-01T00:00:00Z", LATER) };
    let terms = vec![then, term(hourly.clone(), "2025-03-10T04:00:00Z", LATER)];
    let counts = ["2025-01", "2025-02", "2025-03", "2025-04"].map(|period| {
        let record =
            Record { terms: terms.clone(), orders: vec![order.clone()], ..Record::default() };
        let told = told(period, record, Some(&hourly), LATER);
        let lines = told.lines.len();
        assert_eq!(told.skipped_by_reason.values().sum::<u64>(), told.totals.skipped);
        (told.totals.skipped, lines)
    });
    assert_eq!(counts, [(0, 0), (9, 1), (9, 1), (0, 0)], "18 in all");
}

#[test]
fn what_no_daemon_decided_is_undecided_and_what_is_to_come_is_of_the_file() {
    let often = schedule("cron = \"0 12,18 * * *\"");
    let of = |terms: Vec<PromiseTerm>, file: Option<&Schedule>, now: &str| {
        let told = told("2025-03", Record { terms, ..Record::default() }, file, now);
        assert!(told.lines.windows(2).all(|pair| pair[0].due_at < pair[1].due_at));
        (told.totals.undecided, told.totals.to_come)
    };
    let now = "2025-03-11T04:00:00Z";
    let held = |decided_until| term(daily(), "2025-02-01T00:00:00Z", decided_until);
    let tenth = || held("2025-03-10T00:00:00Z");
    // The one that comes just now is not to come.
    assert_eq!(of(vec![tenth()], Some(&daily()), now), (2, 20));
    // The file was edited and no daemon has read it yet; it was taken away.
    assert_eq!(of(vec![tenth()], Some(&often), now), (2, 41));
    assert_eq!(of(vec![tenth()], None, now), (2, 0));
    // What was decided up to an instant was decided including it.
    assert_eq!(of(vec![held("2025-03-10T04:00:00Z")], Some(&daily()), now), (1, 20));
    // Whatever held before is decided upon; what ended leaves nothing open.
    let ended = || PromiseTerm { until: Some(at("2025-03-05T00:00:00Z")), ..tenth() };
    assert_eq!(of(vec![ended()], Some(&daily()), now), (0, 20));
    assert_eq!(of(vec![ended(), tenth()], Some(&daily()), now), (2, 20));
    // A clock that was set back: decided further than now.
    assert_eq!(of(vec![held("2025-03-20T00:00:00Z")], Some(&daily()), now), (0, 20));
}

#[test]
fn what_is_not_listed_is_counted() {
    let often = schedule("cron = \"* * * * * *\"");
    let record = || Record {
        terms: vec![term(often.clone(), "2025-03-01T00:00:00Z", "2025-03-31T00:00:00Z")],
        ..Record::default()
    };
    let undecided = told("2025-03", record(), Some(&often), LATER);
    assert_eq!(undecided.totals.undecided, 16 * 3600 - 1);
    let order = kept("2025-03-30T00:00:00Z", AskedBy::Clock, State::Done, &[]);
    let later = |place| {
        let mut order = order.clone();
        order.asked.due_at += TimeDelta::seconds(place);
        order
    };
    let orders = (0..LINES_MAX as i64 + 3).map(later).collect();
    let recorded = told("2025-03", Record { orders, ..record() }, Some(&often), LATER);
    assert_eq!(recorded.totals.ran, LINES_MAX as u64 + 3);
    for told in [undecided, recorded] {
        assert_eq!(told.lines.len(), LINES_MAX);
    }
}

#[test]
fn what_was_recorded_is_told_the_same_whatever_holds_today() {
    let reasons = [Reason::LaterStands];
    let orders: Vec<Order> = ["03", "07"]
        .map(|day| format!("2025-03-{day}T01:23:00Z"))
        .map(|due_at| kept(&due_at, AskedBy::Clock, State::Skipped, &reasons))
        .into();
    let of = |decided_by: Schedule, file: Option<&Schedule>| {
        let terms = vec![term(decided_by, "2025-02-01T00:00:00Z", LATER)];
        let record = Record { terms, orders: orders.clone(), attempts: Vec::new() };
        told("2025-03", record, file, LATER)
    };
    let hourly = schedule("cron = \"0 * * * *\"\ntime_zone = \"America/New_York\"");
    let as_before = of(daily(), Some(&daily()));
    let instants: Vec<DateTime<Utc>> = as_before.lines.iter().map(|line| line.due_at).collect();
    assert_eq!(instants, ["2025-03-03T01:23:00Z", "2025-03-07T01:23:00Z"].map(at));
    assert_eq!(of(hourly.clone(), Some(&hourly)), as_before);
    assert_eq!(of(daily(), None), as_before);
}
