//! Old attempts that did nothing are forgotten; whatever did something stays, and so do all orders.

use yuebao::ledger::Ledger;
use yuebao::ledger::orders::{Asked, AskedBy, State};
use yuebao::ledger::retention;

use super::{ask, asked, at, begin, finish, place, wait};

/// Attempts begun on 2024-01-01 that differ in what they did, named by it.
async fn past(ledger: &Ledger) {
    let then = at("2024-01-01T00:00:00Z");
    let by = |job: &str, asked_by| Asked { asked_by, ..asked(job) };
    for (asked, state, files) in [
        (asked("idle"), State::Done, 0),
        (asked("took something in"), State::Done, 1),
        (asked("failed"), State::Failed, 0),
        (asked("held back"), State::HeldBack, 0),
        (by("a person asked", AskedBy::Command), State::Done, 0),
        (by("the deadline came", AskedBy::Deadline), State::Done, 0),
        (by("idle, caught up", AskedBy::CatchUp), State::Done, 0),
        (Asked { why: Some("audit".to_owned()), ..asked("has a reason") }, State::Done, 0),
        (by("of a backfill", AskedBy::Backfill), State::Done, 0),
    ] {
        let attempt = begin(ledger, &asked, then).await.unwrap();
        finish(ledger, attempt, state, files).await;
    }
    // Failed at first, then had nothing to do.
    let attempt = begin(ledger, &asked("tried twice"), then).await.unwrap();
    let order_id = attempt.order_id;
    finish(ledger, attempt, State::Failed, 0).await;
    let again = ledger.begin_attempt(order_id, then).await.unwrap();
    assert_eq!(again.attempt, 2);
    finish(ledger, again, State::Done, 0).await;
}

#[test]
fn only_old_attempts_of_the_clock_that_did_nothing_are_forgotten() {
    let (_folder, path) = place();
    wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        past(&ledger).await;
        let recent = begin(&ledger, &asked("recent"), at("2025-03-01T00:00:00Z")).await.unwrap();
        finish(&ledger, recent, State::Done, 0).await;
        let before = at("2025-03-02T00:00:00Z") - retention::KEPT;
        for forgotten in [2, 0] {
            assert_eq!(ledger.tidy(before).await.unwrap(), forgotten);
        }
        let next = begin(&ledger, &asked("idle"), before).await.unwrap();
        assert_eq!((next.order_id, next.attempt), (12, 1), "no number is given twice");
        ledger.close().await;
    });
    let jobs = "SELECT o.job FROM attempts a JOIN orders o ON o.order_id = a.order_id \
         ORDER BY a.order_id, a.attempt";
    let kept = [
        "took something in",
        "failed",
        "held back",
        "a person asked",
        "the deadline came",
        "has a reason",
        "of a backfill",
        "tried twice",
        "tried twice",
        "recent",
        "idle",
    ];
    assert_eq!(ask(&path, jobs), kept);
    assert_eq!(ask(&path, "SELECT CAST(COUNT(*) AS TEXT) FROM orders"), ["12"]);
}
