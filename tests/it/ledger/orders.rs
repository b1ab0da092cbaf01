//! Orders: each kept once, closed after a kill, and left as somebody put them.

use yuebao::domain::period::Period;
use yuebao::ledger::Ledger;
use yuebao::ledger::orders::{Asked, AskedBy, State};

use super::values::{backfill, pieces};
use super::{NOW, asked, at, begin, finish, place, wait};

fn coverage(month: &str) -> Asked {
    let month: Period = month.parse().unwrap();
    let (occasion, months) = (Some(format!("coverage {month}")), Some((month, month)));
    Asked { occasion, months, ..Asked::new("brief", AskedBy::Coverage, at(NOW)) }
}

#[test]
fn months_covered_at_the_same_instant_are_both_due_and_each_once() {
    let (_folder, path) = place();
    let (march, april) = (coverage("2025-03"), coverage("2025-04"));
    let inbox = Asked { job: "intake".to_owned(), asked_by: AskedBy::Inbox, ..march.clone() };
    let any = Asked { occasion: None, ..march.clone() };
    wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        let mut added = Vec::new();
        for asked in [&april, &march, &april, &march, &inbox, &inbox, &any, &any] {
            added.push(ledger.add_order(asked, State::Waiting, at(NOW)).await.unwrap());
        }
        assert_eq!(added, [Some(1), Some(2), None, None, Some(3), None, Some(4), Some(5)]);
        let months = ledger.covered_months("brief").await.unwrap();
        assert_eq!(months, ["2025-03", "2025-04"].map(|month| month.parse().unwrap()).into());
        assert!(ledger.covered_months("intake").await.unwrap().is_empty());
        ledger.close().await;
    });
}

#[test]
fn of_what_a_kill_left_open_pieces_wait_commands_are_over_and_the_daemons_stay() {
    let (_folder, path) = place();
    let later = at("2025-01-02T00:00:00Z");
    wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        let parent = ledger.add_order(&backfill(), State::Waiting, at(NOW)).await.unwrap().unwrap();
        let [piece, other] = pieces(parent);
        let command = Asked::new("", AskedBy::Command, at(NOW));
        for asked in [&asked("intake"), &piece, &command] {
            begin(&ledger, asked, at(NOW)).await.unwrap();
        }
        // Killed after the attempt had ended, and before it began.
        for asked in [&other, &command] {
            let attempt = begin(&ledger, asked, at(NOW)).await.unwrap();
            finish(&ledger, attempt, State::Done, 1).await;
        }
        ledger.add_order(&command, State::Running, at(NOW)).await.unwrap();
        for closed in [3, 0] {
            assert_eq!(ledger.close_interrupted(later).await.unwrap(), closed);
        }
        let over = (State::Interrupted, Some(later));
        let (waits, runs) = ((State::Waiting, None), (State::Running, None));
        for (id, expected) in (parent..).zip([waits, runs, waits, over, waits, over, over]) {
            let order = ledger.order(id).await.unwrap().unwrap();
            assert_eq!((order.state, order.ended_at), expected, "{order:?}");
        }
        for id in [2, 3, 4] {
            let attempt = ledger.attempt_of(id, std::process::id()).await.unwrap().unwrap();
            assert_eq!((attempt.state, attempt.ended_at), over);
        }
        ledger.close().await;
    });
}

#[test]
fn what_somebody_paused_or_cancelled_stays_so() {
    let (_folder, path) = place();
    wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        for held in [State::Paused, State::Cancelled] {
            let id = ledger.add_order(&backfill(), State::Waiting, at(NOW)).await.unwrap().unwrap();
            let mut order = ledger.order(id).await.unwrap().unwrap();
            assert!(ledger.turn_order(id, &[State::Waiting], held, at(NOW)).await.unwrap());
            for state in State::ALL {
                order.turn(*state, at("2025-01-02T00:00:00Z"));
                order.tries += 1;
                ledger.set_order(&order).await.unwrap();
                ledger.set_pieces(&[], &[order.clone()], None, at(NOW)).await.unwrap();
                let kept = ledger.order(id).await.unwrap().unwrap();
                let ended_at = (held == State::Cancelled).then(|| at(NOW));
                assert_eq!((kept.state, kept.ended_at), (held, ended_at), "{state:?}");
                assert_eq!(kept.tries, order.tries, "the rest is kept");
            }
        }
        ledger.close().await;
    });
}
