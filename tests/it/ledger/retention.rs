//! Old runs that did nothing are forgotten; whatever did something stays.

use chrono::{DateTime, Utc};
use yuebao::ledger::Ledger;
use yuebao::ledger::retention;
use yuebao::ledger::runs::{AskedBy, NewRun, State};

use super::{ask, finish, place, run_of, tell, wait};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Runs begun on 2024-01-01 that differ in what they did, named by it.
async fn past(ledger: &Ledger) {
    let then = at("2024-01-01T00:00:00Z");
    let asked = |job: &str, asked_by| NewRun { asked_by, ..run_of(job) };
    for (run, state, counts) in [
        (run_of("idle"), State::Done, "{}"),
        (run_of("took something in"), State::Done, r#"{"files_received":1}"#),
        (run_of("failed"), State::Failed, "{}"),
        (run_of("held back"), State::HeldBack, "{}"),
        (asked("a person asked", AskedBy::Command), State::Done, "{}"),
        (asked("the deadline came", AskedBy::Deadline), State::Done, "{}"),
        (asked("idle, caught up", AskedBy::CatchUp), State::Done, "{}"),
        (NewRun { why: Some("audit".to_owned()), ..run_of("has a reason") }, State::Done, "{}"),
        (NewRun { backfill_id: Some(1), ..run_of("of a backfill") }, State::Done, "{}"),
    ] {
        let begun = ledger.begin_run(&run, then).await.unwrap();
        finish(ledger, begun, state, counts).await;
    }
    // Failed at first, then had nothing to do.
    let retried = NewRun { activation_id: Some(7), ..run_of("tried twice") };
    for state in [State::Failed, State::Done] {
        let begun = ledger.begin_run(&retried, then).await.unwrap();
        finish(ledger, begun, state, "{}").await;
    }
}

#[test]
fn only_old_runs_of_the_clock_that_did_nothing_are_forgotten() {
    let (_folder, path) = place();
    let forgotten = wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        past(&ledger).await;
        let recent = ledger.begin_run(&run_of("recent"), at("2025-03-01T00:00:00Z")).await.unwrap();
        finish(&ledger, recent, State::Done, "{}").await;
        let before = at("2025-03-02T00:00:00Z") - retention::KEPT;
        let forgotten = ledger.tidy(before).await.unwrap();
        assert_eq!(ledger.tidy(before).await.unwrap(), 0);
        ledger.close().await;
        forgotten
    });
    assert_eq!(forgotten, 2);
    let jobs = ask(&path, "SELECT job FROM runs ORDER BY run_id");
    let kept = [
        "took something in",
        "failed",
        "held back",
        "a person asked",
        "the deadline came",
        "has a reason",
        "of a backfill",
        "tried twice",
        "recent",
    ];
    assert_eq!(jobs, kept);
    let orphans = "SELECT CAST(COUNT(*) AS TEXT) FROM steps s LEFT JOIN runs r \
         ON r.run_id = s.run_id WHERE r.run_id IS NULL";
    assert_eq!(ask(&path, orphans), ["0"]);
    assert_eq!(ask(&path, "SELECT CAST(COUNT(*) AS TEXT) FROM attempts"), ["10"]);
}

#[test]
fn numbers_are_never_given_twice_and_activations_stay() {
    let (_folder, path) = place();
    wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        for _ in 0..3 {
            let begun =
                ledger.begin_run(&run_of("idle"), at("2020-01-01T00:00:00Z")).await.unwrap();
            finish(&ledger, begun, State::Done, "{}").await;
        }
        ledger.close().await;
    });
    tell(
        &path,
        "INSERT INTO activations VALUES (1, 'idle', '2020-01-01T00:00:00.000Z', 'clock', '1', \
         NULL, NULL, 5, '2020-01-01T00:00:00.000Z', 'done', NULL, '2020-01-01T00:00:00.000Z', 1)",
    );
    let next = wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        assert_eq!(ledger.tidy(at("2025-01-01T00:00:00Z")).await.unwrap(), 2, "the newest stays");
        let next = ledger.begin_run(&run_of("idle"), at("2025-01-01T00:00:00Z")).await.unwrap();
        ledger.close().await;
        next
    });
    assert_eq!((next.run_id, next.attempt), (4, 1));
    assert_eq!(ask(&path, "SELECT job FROM activations"), ["idle"]);
}
