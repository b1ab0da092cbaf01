//! The words the ledger keeps: closed sets and values, never sentences; and what is said of a word from
//! another version.

use sqlx::{Column, Connection, Row};
use yuebao::alerts::Alert;
use yuebao::daemon::agenda::Agenda;
use yuebao::ledger::orders::{Asked, AskedBy, State};
use yuebao::ledger::{Ledger, LedgerTrouble};
use yuebao::texts;

use super::values::{alerts, backfill, new, pieces, reasons, refusals};
use super::{NOW, ask, asked, at, begin, finish, place, raw, tell, wait};
use crate::support::scene::Scene;

/// A ledger with an order for each who asks and each state.
fn made(path: &std::path::Path) {
    wait(async {
        let ledger = Ledger::open(path).await.unwrap();
        for asked_by in AskedBy::ALL {
            for state in State::ALL {
                let asked = Asked { asked_by: *asked_by, ..backfill() };
                let id = ledger.add_order(&asked, *state, at(NOW)).await.unwrap().unwrap();
                let kept = ledger.order(id).await.unwrap().unwrap();
                assert_eq!((kept.asked, kept.state), (asked, *state));
            }
        }
        begin(&ledger, &pieces(1)[0], at(NOW)).await.unwrap();
        ledger.close().await;
    });
}

#[test]
fn words_of_the_ledger_stay_as_they_were_written_by_earlier_versions() {
    let (_folder, path) = place();
    made(&path);
    let asked_by = ask(&path, "SELECT DISTINCT asked_by FROM orders ORDER BY 1");
    let kept = ["backfill", "catch_up", "clock", "command", "coverage", "deadline", "gap", "inbox"];
    assert_eq!(asked_by, kept);
    let states = ask(&path, "SELECT DISTINCT state FROM orders ORDER BY 1");
    let kept = [
        "cancelled",
        "done",
        "failed",
        "held_back",
        "interrupted",
        "paused",
        "running",
        "skipped",
        "timed_out",
        "unchanged",
        "waiting",
    ];
    assert_eq!(states, kept);
}

#[test]
fn a_word_of_a_newer_program_is_an_error_that_names_it() {
    for (column, change) in [
        ("state", "UPDATE orders SET state = 'resting'"),
        ("asked_by", "UPDATE orders SET asked_by = 'resting'"),
        ("steps", "UPDATE orders SET steps = '[\"resting\"]'"),
        ("details", "UPDATE orders SET details = '{\"kind\":\"resting\"}'"),
        ("details", "UPDATE orders SET details = replace(details, '\"all\"', '\"resting\"')"),
        ("details", "UPDATE orders SET details = replace(details, '\"oldest\"', '\"resting\"')"),
        ("details", "UPDATE orders SET details = replace(details, '\"cascade\"', '\"resting\"')"),
        ("reasons", "UPDATE orders SET reasons = '[{\"reason\":\"resting\"}]'"),
        ("state", "UPDATE attempts SET state = 'resting' WHERE state = 'running'"),
        ("steps", "UPDATE attempts SET steps = '[{\"step\":\"resting\"}]'"),
        ("reasons", "UPDATE attempts SET reasons = '[{\"reason\":\"resting\"}]'"),
    ] {
        let (_folder, path) = place();
        made(&path);
        tell(&path, change);
        let error = wait(async {
            let ledger = Ledger::open(&path).await.unwrap();
            let mut read = ledger.backfills().await.map(|_| ());
            if read.is_ok() {
                read = ledger.pieces(1).await.map(|_| ());
            }
            if read.is_ok() {
                let piece = ledger.attempt_of(1, std::process::id()).await;
                read = piece.map(|_| ());
            }
            ledger.close().await;
            read.unwrap_err()
        });
        assert_eq!(
            error.trouble(),
            LedgerTrouble::Newer,
            "a rebuild would lose the history: {change}"
        );
        let said = yuebao::orders::chain(&error);
        assert!(said.contains("made by a newer yuebao; use that one"), "{said}");
        let is_named = said.contains(&format!("`{column}` holds `")) && said.contains("resting");
        assert!(is_named && said.contains("that this version does not know"), "{said}");
    }
}

#[test]
fn every_state_has_its_text() {
    for state in State::ALL {
        let text = texts::text(&format!("jobs.state.{}", state.name()));
        assert!(!text.zh.is_empty() && !text.en.is_empty());
    }
}

/// Has a ledger keep one of everything.
async fn live(ledger: &Ledger, scene: &Scene) {
    let now = at(NOW);
    let project = scene.open().unwrap().project;
    Agenda::align(ledger, &project, now).await.unwrap();
    ledger.begin_session(now).await.unwrap();
    let skipped = reasons().into_iter().enumerate().map(|(nth, reason)| {
        let occasion = Some(nth.to_string());
        (Asked { occasion, ..asked("intake") }, State::Skipped, vec![reason])
    });
    let decided: Vec<_> = skipped.collect();
    ledger.decide("intake", &decided, now).await.unwrap();
    let mut attempt = begin(ledger, &asked("publish"), now).await.unwrap();
    attempt.reasons = reasons();
    finish(ledger, attempt, State::Failed, 3).await;
    let id = ledger.add_order(&backfill(), State::Waiting, now).await.unwrap().unwrap();
    ledger.set_pieces(&pieces(id), &[], None, now).await.unwrap();
    for piece in ledger.pieces(id).await.unwrap() {
        ledger.begin_attempt(piece.order_id, now).await.unwrap();
    }
    for alert in alerts() {
        ledger.raise_alert(&new(&alert), &["bureau"], now).await.unwrap();
    }
    let due = ledger.deliveries_due(now).await.unwrap();
    for (due, refusal) in due.iter().zip(refusals()) {
        let error = serde_json::to_string(&refusal).unwrap();
        ledger.not_delivered(due, error, false).await.unwrap();
    }
    assert!(refusals().len() <= due.len());
}

/// Every text of every table with its place.
async fn texts_of(path: &std::path::Path) -> Vec<(String, String)> {
    let mut connection = raw(path).await;
    let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '_sqlx%'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&mut connection).await.unwrap();
    let mut texts = Vec::new();
    for table in &tables {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        let rows = sqlx::query(sql).fetch_all(&mut connection).await.unwrap();
        assert!(!rows.is_empty(), "{table} is empty");
        for (row, column) in
            rows.iter().flat_map(|row| row.columns().iter().map(move |it| (row, it)))
        {
            // Numbers are no text.
            if let Ok(Some(text)) = row.try_get::<Option<String>, _>(column.ordinal()) {
                texts.push((format!("{table}.{}", column.name()), text));
            }
        }
    }
    assert_eq!(tables.len(), 6, "{tables:?}");
    connection.close().await.unwrap();
    texts
}

/// What stands between the placeholders of the catalogue, as JSON has it too.
fn sentences() -> Vec<&'static str> {
    let texts = texts::keys().map(texts::text).flat_map(|text| [&text.zh, &text.en]);
    let parts = texts
        .flat_map(|text| text.split('{'))
        .map(|part| part.split_once('}').map_or(part, |it| it.1));
    let lines = parts.flat_map(|part| part.split(['\n', '"', '\\']));
    lines.filter(|line| 12 <= line.chars().count()).collect()
}

#[test]
fn no_sentence_of_the_catalogue_stands_in_the_ledger() {
    let ((_folder, path), scene) = (place(), Scene::new());
    let kept = wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        live(&ledger, &scene).await;
        ledger.close().await;
        texts_of(&path).await
    });
    let sentences = sentences();
    let said = |text: &str| sentences.iter().find(|sentence| text.contains(**sentence)).copied();
    for (place, text) in &kept {
        assert_eq!(said(text), None, "{place}: {text}");
    }
    let settings = scene.open().unwrap().project.settings;
    let told = alerts().into_iter().map(|it: Alert| it.text(&settings).en);
    assert!(
        told.chain([reasons()[5].text().zh]).all(|text| said(&text).is_some()),
        "{sentences:?}"
    );
}
