//! The words the ledger keeps: closed sets, and what is said of a word from another version.

use yuebao::domain::activation::{ActivationState, RunState, TriggerKind};
use yuebao::ledger::activations::NewActivation;
use yuebao::ledger::backfills::{Cause, NewBackfill, Reprocess, WorkOrder};
use yuebao::ledger::runs::AskedBy;
use yuebao::ledger::{Ledger, Trouble};
use yuebao::texts;

use super::{ask, place, tell, wait};

fn at(text: &str) -> chrono::DateTime<chrono::Utc> {
    text.parse().unwrap()
}

/// A ledger with one activation of each trigger and state.
fn made(path: &std::path::Path) {
    wait(async {
        let ledger = Ledger::open(path).await.unwrap();
        let mut hours = 0;
        for kind in TriggerKind::ALL {
            for state in ActivationState::ALL {
                hours += 1;
                let scheduled_at = at("2025-01-01T00:00:00Z") + chrono::TimeDelta::hours(hours);
                let activation = NewActivation {
                    job: "intake".to_owned(),
                    scheduled_at,
                    trigger_kind: *kind,
                    occasion: scheduled_at.to_string(),
                    months: None,
                    priority: 5,
                    state: *state,
                    reason: None,
                };
                assert!(ledger.admit(&activation, scheduled_at).await.unwrap());
                let kept = ledger.activation(hours).await.unwrap().unwrap();
                assert_eq!((kept.trigger_kind, kept.state), (*kind, *state));
            }
        }
        ledger.close().await;
    });
}

#[test]
fn words_of_the_ledger_stay_as_they_were_written_by_earlier_versions() {
    let (_folder, path) = place();
    made(&path);
    let kinds = ask(&path, "SELECT DISTINCT trigger_kind FROM activations ORDER BY 1");
    assert_eq!(kinds, ["catch_up", "clock", "coverage", "deadline", "gap", "inbox"]);
    let states = ask(&path, "SELECT DISTINCT state FROM activations ORDER BY 1");
    assert_eq!(states, ["done", "failed", "running", "skipped", "waiting"]);
}

#[test]
fn a_word_of_a_newer_program_is_an_error_that_names_it() {
    for (change, column) in [
        ("UPDATE activations SET state = 'paused' WHERE activation_id = 2", "state"),
        ("UPDATE activations SET trigger_kind = 'paused' WHERE activation_id = 2", "trigger_kind"),
    ] {
        let (_folder, path) = place();
        made(&path);
        tell(&path, change);
        let error = wait(async {
            let ledger = Ledger::open(&path).await.unwrap();
            let error = ledger.activation(2).await.unwrap_err();
            ledger.close().await;
            error
        });
        assert_eq!(error.trouble(), Trouble::Newer, "a rebuild would lose the history");
        let said = yuebao::runs::chain(&error);
        let unknown = format!("`{column}` holds `paused`, a word that this version does not know");
        assert!(said.contains("made by a newer yuebao; use that one"), "{said}");
        assert!(said.contains(&unknown), "{said}");
    }
}

#[test]
fn a_backfill_in_words_of_a_newer_program_is_no_damage() {
    for (table, change) in [
        ("backfills", "UPDATE backfills SET state = 'resting'"),
        ("backfills", "UPDATE backfills SET reprocess = 'resting'"),
        ("backfills", "UPDATE backfills SET work_order = 'resting'"),
        ("backfill_periods", "UPDATE backfill_periods SET cause = 'resting'"),
        ("backfill_periods", "UPDATE backfill_periods SET state = 'resting'"),
    ] {
        let (_folder, path) = place();
        let month = "2025-03".parse().unwrap();
        let asked = NewBackfill {
            job: "publish".to_owned(),
            from: month,
            to: month,
            reprocess: Reprocess::All,
            order: WorkOrder::Oldest,
            threads: 0,
            who: "tester@here".to_owned(),
            why: None,
        };
        wait(async {
            let ledger = Ledger::open(&path).await.unwrap();
            let id = ledger.begin_backfill(&asked, at("2025-04-01T00:00:00Z")).await.unwrap();
            ledger.queue_months(id, &[(month, Cause::Asked)]).await.unwrap();
            ledger.close().await;
        });
        tell(&path, change);
        let error = wait(async {
            let ledger = Ledger::open(&path).await.unwrap();
            let error = match table {
                "backfills" => ledger.backfill(1).await.unwrap_err(),
                _ => ledger.months(1).await.unwrap_err(),
            };
            ledger.close().await;
            error
        });
        assert_eq!(error.trouble(), Trouble::Newer, "{change}");
        assert!(yuebao::runs::chain(&error).contains("holds `resting`"), "{change}");
    }
}

#[test]
fn every_state_has_its_text_and_every_trigger_but_a_gap_leads_to_a_run() {
    let states = ActivationState::ALL.iter().map(|state| state.name());
    for state in states.chain(RunState::ALL.iter().map(|state| state.name())) {
        let text = texts::text(&format!("jobs.state.{state}"));
        assert!(!text.zh.is_empty() && !text.en.is_empty());
    }
    for kind in TriggerKind::ALL {
        let asked_by = AskedBy::trigger(*kind).map(AskedBy::name);
        assert_eq!(asked_by, Some(kind.name()).filter(|name| *name != "gap"));
    }
}
