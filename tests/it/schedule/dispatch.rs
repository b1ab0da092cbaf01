//! What is started, skipped and given up; when a failure is tried again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use yuebao::ledger::orders::{AskedBy, Details, Order, OrderStep, Reprocess, Sequence, State};
use yuebao::ledger::reason::Reason;
use yuebao::project::schedules::{Schedule, Step};
use yuebao::schedule::dispatch::{self, QueueAction, Running, WAITING_MAX, actions};
use yuebao::schedule::retry;

use super::{at, order, schedule};

fn noon() -> DateTime<Utc> {
    at("2025-07-01T12:00:00Z")
}

/// An order that came so many minutes ago and was decided upon at once.
fn waits(order_id: i64, job: &str, minutes_ago: i64) -> Order {
    order(order_id, job, noon() - TimeDelta::minutes(minutes_ago))
}

/// The same of another priority.
fn urgent(priority: u8, mut order: Order) -> Order {
    order.asked.priority = priority;
    order
}

fn overlaps(order_id: i64) -> QueueAction {
    QueueAction::Skip(order_id, Reason::Overlap)
}

fn runs(order_id: i64, job: &str, minutes_ago: i64) -> Running {
    let ran_for = TimeDelta::minutes(minutes_ago);
    Running { order_id, job: job.to_owned(), ran_for, is_given_up: false }
}

/// Jobs: `queue` waits, `skip` does not, `owed` skips and is made up for.
fn schedules() -> BTreeMap<String, Schedule> {
    let of = |name: &str, keys: &str| (name.to_owned(), schedule(keys));
    BTreeMap::from([
        of("queue", "overlap = \"queue\""),
        of("skip", "overlap = \"skip\"\ncatch_up = \"last\""),
        of("owed", "overlap = \"skip\"\ncatch_up = \"all\""),
    ])
}

fn decide(waiting: &[Order], running: Option<&Running>) -> Vec<QueueAction> {
    actions(waiting, running, &schedules(), noon())
}

#[test]
fn one_is_started_the_first_by_priority_then_the_oldest() {
    let high = urgent(8, waits(3, "queue", 1));
    let waiting = [waits(1, "queue", 1), waits(2, "skip", 2), high];
    assert_eq!(decide(&waiting, None), [QueueAction::Start(3)]);
    assert_eq!(decide(&waiting[..2], None), [QueueAction::Start(2)]);
    assert_eq!(decide(&[waits(7, "queue", 1), waits(4, "owed", 1)], None), [QueueAction::Start(4)]);
}

#[test]
fn while_one_runs_nothing_is_started() {
    assert_eq!(decide(&[waits(1, "queue", 1)], Some(&runs(9, "skip", 1))), []);
    assert_eq!(decide(&[], None), []);
}

#[test]
fn a_retry_waits_for_its_time_and_lets_others_pass() {
    let retry =
        Order { not_before: noon() + TimeDelta::seconds(1), tries: 1, ..waits(1, "queue", 9) };
    assert_eq!(decide(std::slice::from_ref(&retry), None), []);
    assert_eq!(decide(&[retry.clone(), waits(2, "queue", 1)], None), [QueueAction::Start(2)]);
    let ready = Order { not_before: noon(), ..retry };
    assert_eq!(decide(&[ready], None), [QueueAction::Start(1)]);
}

#[test]
fn overlap_skips_or_queues() {
    assert_eq!(decide(&[waits(1, "skip", 0)], Some(&runs(9, "skip", 1))), [overlaps(1)]);
    assert_eq!(decide(&[waits(1, "queue", 0)], Some(&runs(9, "queue", 1))), []);
    // Another job's run is no overlap.
    assert_eq!(decide(&[waits(1, "skip", 0)], Some(&runs(9, "queue", 1))), []);
    // What was begun is never skipped.
    let begun = Order { tries: 1, ..waits(1, "skip", 0) };
    assert_eq!(decide(&[begun], Some(&runs(9, "skip", 1))), []);
}

#[test]
fn those_that_pile_up_behind_another_job_overlap_with_the_oldest() {
    let pile = [waits(1, "skip", 30), waits(2, "skip", 20), waits(3, "skip", 10)];
    let behind = decide(&pile, Some(&runs(9, "queue", 40)));
    assert!(!behind.contains(&overlaps(1)), "{behind:?}");
    assert!(behind.contains(&overlaps(2)) && behind.contains(&overlaps(3)), "{behind:?}");
    let queue = [waits(1, "queue", 30), waits(2, "queue", 20)];
    assert_eq!(decide(&queue, None), [QueueAction::Start(1)]);
}

#[test]
fn what_is_made_up_for_is_not_skipped_for_overlap() {
    // Missed for hours, decided upon together just now.
    let missed = |id, minutes| Order { decided_at: noon(), ..waits(id, "owed", minutes) };
    let waiting = [missed(2, 240), missed(3, 180)];
    assert_eq!(decide(&waiting, Some(&runs(1, "owed", 0))), []);
    assert_eq!(decide(&waiting, None), [QueueAction::Start(2)]);
    // One that comes while these wait does overlap.
    assert_eq!(decide(&[waits(4, "owed", 0)], Some(&runs(1, "owed", 1))), [overlaps(4)]);
}

#[test]
fn a_time_out_is_told_once() {
    let late = runs(9, "queue", 10);
    assert_eq!(decide(&[], Some(&late)), [QueueAction::GiveUp(9)]);
    assert_eq!(decide(&[], Some(&Running { is_given_up: true, ..late.clone() })), []);
    let just = Running { ran_for: late.ran_for - TimeDelta::seconds(1), ..late };
    assert_eq!(decide(&[], Some(&just)), []);
    // A job whose file is gone has an hour.
    assert_eq!(decide(&[], Some(&runs(9, "gone", 59))), []);
    assert_eq!(decide(&[], Some(&runs(9, "gone", 60))), [QueueAction::GiveUp(9)]);
}

#[test]
fn nothing_waits_for_ever_behind_what_keeps_coming() {
    // Something of the highest priority comes each minute, as one of it ends.
    let low = urgent(0, waits(1, "queue", 0));
    let mut now = noon();
    for id in 2.. {
        let high = urgent(9, order(id, "queue", now));
        if actions(&[low.clone(), high], None, &schedules(), now) == [QueueAction::Start(1)] {
            break;
        }
        now += TimeDelta::minutes(1);
        assert!(now < noon() + TimeDelta::hours(2), "it still waits");
    }
}

#[test]
fn what_was_missed_long_ago_does_not_go_before_what_is_urgent() {
    let missed = Order { decided_at: noon(), ..waits(1, "owed", 600) };
    assert_eq!(decide(&[missed, urgent(8, waits(2, "queue", 0))], None), [QueueAction::Start(2)]);
}

#[test]
fn only_what_may_pass_is_tried_again() {
    for code in [Some(3), Some(101), Some(134), None] {
        assert!(retry::may_pass(code), "{code:?}");
    }
    for code in [Some(0), Some(1), Some(2)] {
        assert!(!retry::may_pass(code), "{code:?}");
    }
}

proptest! {
    #[test]
    fn the_wait_grows_to_an_hour_and_a_quarter(
        first in 1_u64..4000,
        retries in 0_u32..80,
        id in any::<i64>(),
    ) {
        let schedule = schedule(&format!("retries = {retries}\nretry_wait_secs = {first}"));
        let mut last = TimeDelta::zero();
        for attempts in 1..=retries {
            let wait = retry::wait(&schedule, id, attempts).unwrap();
            prop_assert!(last <= wait, "{wait} after {last}");
            let doubled = first.saturating_mul(1 << (attempts - 1).min(20)).min(3600) as i64;
            prop_assert!(doubled <= wait.num_seconds());
            prop_assert!(wait.num_seconds() <= doubled + doubled / 4);
            prop_assert_eq!(retry::wait(&schedule, id, attempts), Some(wait), "the same again");
            last = wait;
        }
        prop_assert_eq!(retry::wait(&schedule, id, retries + 1), None);
    }

    #[test]
    fn of_any_that_wait_at_most_one_starts_and_each_is_told_one_thing(
        jobs in prop::collection::vec((0_usize..3, 0_i64..300, 0_u8..10, 0_u32..2), 0..12),
        running in prop::option::of((0_usize..3, 0_i64..20, any::<bool>())),
    ) {
        let names = ["queue", "skip", "owed"];
        let waiting: Vec<Order> = jobs.iter().enumerate().map(|(id, (job, ago, priority, tries))| {
            urgent(*priority, Order { tries: *tries, ..waits(id as i64, names[*job], *ago) })
        }).collect();
        let running = running.map(|(job, ago, is_given_up)| Running { is_given_up, ..runs(99, names[job], ago) });
        let told = decide(&waiting, running.as_ref());
        let started = told.iter().filter(|it| matches!(it, QueueAction::Start(_))).count();
        prop_assert!(started <= usize::from(running.is_none()));
        // With nothing running something that is ready starts.
        prop_assert!(running.is_some() || waiting.is_empty() || started == 1);
        let mut ids: Vec<i64> = told.iter().map(|it| match it {
            QueueAction::Start(id) | QueueAction::Skip(id, _) | QueueAction::GiveUp(id) => *id,
        }).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        prop_assert_eq!(ids.len(), all);
        for action in &told {
            if let QueueAction::Skip(id, _) = action {
                let skipped = &waiting[*id as usize];
                prop_assert!(skipped.asked.job != "queue" && skipped.tries == 0);
            }
        }
    }
}

#[test]
fn a_queue_that_grows_without_end_is_bounded() {
    let over = 3;
    let last = WAITING_MAX as i64 + over;
    let mut waiting: Vec<Order> = (1..=last).map(|id| waits(id, "queue", 5000 - id)).collect();
    let crowded = |id| QueueAction::Skip(id, Reason::Crowded { most: WAITING_MAX });
    let newest: Vec<QueueAction> = (last - over + 1..=last).map(crowded).collect();
    assert_eq!(decide(&waiting, Some(&runs(0, "queue", 1))), newest);
    let started = [newest.clone(), vec![QueueAction::Start(1)]].concat();
    assert_eq!(decide(&waiting, None), started);
    // One that was begun and one that is owed wait all the same.
    let [.., begun, owed] = waiting.as_mut_slice() else { panic!("there are many") };
    begun.tries = 1;
    owed.decided_at = noon() + TimeDelta::days(9);
    assert_eq!(decide(&waiting, Some(&runs(0, "queue", 1))), newest[..1]);
    waiting.truncate(WAITING_MAX);
    assert_eq!(decide(&waiting, Some(&runs(0, "queue", 1))), []);
}

#[test]
fn a_retry_put_off_by_a_clock_that_was_ahead_is_made_now() {
    let in_a_day = noon() + TimeDelta::days(1);
    assert_eq!(retry::not_before(in_a_day, 1, noon()), noon());
    // An instant to come was never begun: it has its time.
    assert_eq!(retry::not_before(in_a_day, 0, noon()), in_a_day);
    // The longest wait there is, with jitter.
    let schedule = schedule("retries = 99\nretry_wait_secs = 3600");
    let longest = (0..2000).filter_map(|id| retry::wait(&schedule, id, 9)).max().unwrap();
    assert_eq!(retry::not_before(noon() + longest, 9, noon()), noon() + longest);
}

#[test]
fn what_publishes_waits_for_the_end_of_a_backfill_which_neither_overlaps_nor_is_crowded() {
    let mut backfill = waits(1, "skip", 9);
    backfill.asked.asked_by = AskedBy::Backfill;
    backfill.asked.details = Details::Backfill {
        reprocess: Reprocess::Stale,
        order: Sequence::Oldest,
        threads: 0,
        failed: BTreeSet::new(),
        is_planned: true,
    };
    let mut publish = urgent(9, waits(2, "queue", 5));
    publish.asked.steps = OrderStep::of(&[Step::Intake, Step::Publish]);
    let open = [backfill.clone(), publish, waits(3, "skip", 1)];
    assert_eq!(dispatch::held(&open), [2]);
    assert_eq!(dispatch::held(&open[1..]), Vec::<i64>::new());
    assert_eq!(decide(&open, None), [QueueAction::Start(1)]);
    assert_eq!(decide(&open[1..], None), [QueueAction::Start(2)]);
    // Put off until whoever is at it in a terminal is gone, it lets what does not publish pass.
    let put_off = Order { not_before: noon() + TimeDelta::seconds(20), ..backfill.clone() };
    assert_eq!(decide(&[&[put_off], &open[1..]].concat(), None), [QueueAction::Start(3)]);
    // One that is being carried out holds back too, and is not started twice.
    let begun = Order { state: State::Running, ..backfill.clone() };
    assert_eq!(decide(&[&[begun], &open[1..]].concat(), Some(&runs(1, "skip", 9)))[0], overlaps(3));
    assert_eq!(decide(&[backfill], Some(&runs(9, "skip", 1))), []);
}
