//! `doctor` as a person meets it: what it says of the machine, that it writes nothing, what
//! `--rebuild` keeps and makes.

use std::fs;
use std::process::{Command, Output};

use serde_json::Value;
use yuebao::files::lock::Lock;
use yuebao::ledger::Ledger;

use super::{NOW, ask, asked, at, begin, holder, tell, wait};
use crate::support::scene::{Scene, b204_book};

pub(super) fn doctor(scene: &Scene, arguments: &[&str]) -> Output {
    yuebao(scene, &[&["doctor"], arguments].concat())
}

pub(super) fn yuebao(scene: &Scene, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    command.arg("--project").arg(scene.path("")).args(arguments).output().unwrap()
}

pub(super) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(super) fn said(output: &Output) -> String {
    let bytes = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(bytes).unwrap()
}

pub(super) fn json(scene: &Scene, arguments: &[&str]) -> (Value, i32) {
    let output = doctor(scene, &[arguments, &["--json"]].concat());
    let document = serde_json::from_slice(&output.stdout);
    (document.unwrap_or_else(|error| panic!("{error}: {}", said(&output))), code(&output))
}

/// Two months taken in by the program itself.
pub(super) fn taken_in() -> Scene {
    let scene = Scene::new();
    scene.drop_file("3.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("4.xlsx", &b204_book(1, 4, [1020, 4050, 900, 3600]), 3100);
    let run = yuebao(&scene, &["run", "intake"]);
    assert_eq!(code(&run), 0, "{}", said(&run));
    scene
}

fn damage(scene: &Scene) -> Vec<u8> {
    let bytes = b"once a ledger, now only words ".repeat(300);
    fs::write(scene.out("ledger.sqlite"), &bytes).unwrap();
    bytes
}

#[test]
fn a_workbook_of_the_archive_that_is_not_what_was_sent_is_named() {
    let scene = taken_in();
    let archive = scene.files("archive/2024-03");
    let name = archive.keys().find(|name| name.ends_with(".xlsx")).unwrap();
    fs::write(scene.out("archive/2024-03").join(name), "other bytes").unwrap();
    let found = doctor(&scene, &[]);
    assert_eq!(code(&found), 3, "{}", said(&found));
    assert!(said(&found).contains(name.as_str()), "{}", said(&found));
}

#[test]
fn before_the_first_run_all_is_sound_and_nothing_is_made() {
    let scene = Scene::new();
    let first = doctor(&scene, &[]);
    assert_eq!(code(&first), 0, "{}", said(&first));
    assert!(said(&first).contains("is not there yet: the first run makes it"), "{}", said(&first));
    let (health, _) = json(&scene, &[]);
    assert_eq!(health["output"]["state"], "absent");
    assert_eq!(health["ledger"]["state"], "absent");
    assert!(!scene.path("output").exists(), "doctor must write nothing");
}

#[test]
fn a_sound_ledger_is_looked_through_without_a_trace() {
    let scene = taken_in();
    let before = scene.files("");
    let (health, code) = json(&scene, &[]);
    assert_eq!(code, 0, "{health}");
    assert_eq!(health["output"]["state"], "writable");
    assert_eq!(health["ledger"]["state"], "sound");
    assert_eq!(health["locks"]["output"], Value::Null);
    assert!(scene.files("") == before, "doctor changed something");
}

#[test]
fn a_damaged_ledger_is_a_fault_of_the_machine_beside_those_of_the_project() {
    let scene = taken_in();
    damage(&scene);
    let before = scene.files("");
    let faulty = doctor(&scene, &[]);
    assert_eq!(code(&faulty), 3);
    assert!(said(&faulty).contains("the project is sound"), "{}", said(&faulty));
    assert!(said(&faulty).contains("it is damaged; say `yuebao doctor --rebuild`"));
    assert!(scene.files("") == before, "doctor changed something");
    let run = yuebao(&scene, &["run"]);
    assert_eq!(code(&run), 3, "{}", said(&run));
    assert!(said(&run).contains("ledger.sqlite"), "{}", said(&run));

    scene.append("jobs/pipeline.toml", "\nnonsense = 1\n");
    let (health, code) = json(&scene, &[]);
    assert_eq!(code, 2, "the settings come first");
    assert_eq!(health["ledger"]["state"], "faulty");
    assert!(health["faults"].as_array().unwrap().len() > 1, "{health}");
}

#[test]
fn an_attempt_that_nobody_carries_out_is_named_with_its_process() {
    let scene = taken_in();
    wait(async {
        let ledger = Ledger::open(&scene.out("ledger.sqlite")).await.unwrap();
        begin(&ledger, &asked("publish"), at(NOW)).await.unwrap();
        ledger.close().await;
    });
    let killed = said(&doctor(&scene, &[]));
    let process = format!("process {} on", std::process::id());
    assert!(killed.contains("of job `publish`, begun 2025-01-01T00:00:00.000Z"), "{killed}");
    assert!(killed.contains(&process) && killed.contains("was killed: the next run"), "{killed}");
    let lock = Lock::take(&scene.out(".lock"), &holder("run")).unwrap();
    let going_on = said(&doctor(&scene, &[]));
    assert!(going_on.contains("has not ended"), "{going_on}");
    assert!(going_on.contains("the output folder is held by `yuebao run`, process 77"));
    drop(lock);
}

#[test]
fn a_file_in_the_place_of_the_output_folder_is_named() {
    let scene = Scene::new();
    fs::write(scene.path("file"), "x").unwrap();
    for output in ["file", "file/below"] {
        let output = scene.path(output).display().to_string();
        let looked = yuebao(&scene, &["doctor", "--output", &output]);
        assert_eq!(code(&looked), 2);
        assert!(said(&looked).contains("a file lies where the output folder"), "{}", said(&looked));
    }
}

#[test]
fn a_damaged_ledger_is_kept_and_a_new_one_made() {
    let scene = taken_in();
    let bytes = damage(&scene);
    let rebuilt = doctor(&scene, &["--rebuild"]);
    assert_eq!(code(&rebuilt), 0, "{}", said(&rebuilt));
    assert!(said(&rebuilt).contains("the history of runs, backfills and alerts begins anew"));
    let old = scene.files("").into_iter().find(|(name, _)| name.ends_with(".old")).unwrap();
    assert!(said(&rebuilt).contains(&old.0), "{}", said(&rebuilt));
    assert!(old.1 == bytes, "the damaged ledger is kept as it was");
    assert_eq!(code(&doctor(&scene, &[])), 0);
    assert_eq!(code(&yuebao(&scene, &["run"])), 0);
    // Damaged again within the same second: the first is not written over.
    for _ in 0..2 {
        damage(&scene);
        assert_eq!(code(&doctor(&scene, &["--rebuild"])), 0);
    }
    assert_eq!(scene.files("").keys().filter(|name| name.ends_with(".old")).count(), 3);
}

#[test]
fn a_lost_ledger_is_made_anew() {
    let scene = taken_in();
    let path = scene.out("ledger.sqlite");
    fs::remove_file(&path).unwrap();
    let note = said(&doctor(&scene, &[]));
    assert!(note.contains("there is no ledger") && note.contains("--rebuild"), "{note}");
    let (rebuilt, code) = json(&scene, &["--rebuild"]);
    assert_eq!((code, &rebuilt["has_history"]), (0, &false.into()));
    assert_eq!(rebuilt["kept_as"], Value::Null);
}

#[test]
fn an_empty_ledger_is_said_to_be_empty_and_harms_nobody() {
    let scene = Scene::new();
    scene.write("output/ledger.sqlite", "");
    let looked = doctor(&scene, &[]);
    assert_eq!(code(&looked), 0, "{}", said(&looked));
    assert!(said(&looked).contains("is empty: the next run makes it"), "{}", said(&looked));
    assert_eq!(json(&scene, &[]).0["ledger"]["state"], "empty");
    for reader in [["jobs"].as_slice(), &["alerts"], &["backfill", "list"]] {
        let read = yuebao(&scene, reader);
        assert_eq!(code(&read), 0, "{reader:?}: {}", said(&read));
    }
    assert_eq!(fs::read(scene.out("ledger.sqlite")).unwrap(), b"", "readers write nothing");
    assert_eq!(code(&yuebao(&scene, &["run", "intake"])), 0);
    assert_eq!(json(&scene, &[]).0["ledger"]["state"], "sound");
}

#[test]
fn a_ledger_that_was_emptied_is_made_anew_and_claims_no_history() {
    let scene = taken_in();
    let path = scene.out("ledger.sqlite");
    fs::write(&path, "").unwrap();
    let note = said(&doctor(&scene, &[]));
    assert!(note.contains("is empty, though the lake has months"), "{note}");
    let (rebuilt, code) = json(&scene, &["--rebuild"]);
    assert_eq!((code, &rebuilt["has_history"]), (0, &false.into()));
}

#[test]
fn a_sound_ledger_keeps_its_history_when_rebuilt() {
    let scene = taken_in();
    let path = scene.out("ledger.sqlite");
    let (rebuilt, code) = json(&scene, &["--rebuild"]);
    assert_eq!((code, &rebuilt["has_history"]), (0, &true.into()));
    assert_eq!(ask(&path, "SELECT job FROM orders"), ["intake"]);
    assert!(scene.files("").keys().all(|name| !name.ends_with(".old")));
}

#[test]
fn a_ledger_of_other_tables_is_named_and_set_aside() {
    let scene = taken_in();
    let path = scene.out("ledger.sqlite");
    // As earlier versions made it under the same number; and the same tables made otherwise.
    let changes = [
        "DROP TABLE orders; CREATE TABLE runs (run_id BIGINT NOT NULL PRIMARY KEY); \
         UPDATE _sqlx_migrations SET checksum = x'00'",
        "UPDATE _sqlx_migrations SET checksum = x'00'",
    ];
    for (nth, change) in changes.into_iter().enumerate() {
        tell(&path, change);
        for command in [&["doctor"][..], &["jobs"], &["run"]] {
            let refused = yuebao(&scene, command);
            assert_eq!(code(&refused), 3, "{command:?}: {}", said(&refused));
            let words = "another build of yuebao made its tables differently";
            assert!(said(&refused).contains(words), "{command:?}: {}", said(&refused));
        }
        let (rebuilt, code_of_rebuild) = json(&scene, &["--rebuild"]);
        assert_eq!((code_of_rebuild, &rebuilt["has_history"]), (0, &false.into()));
        let kept = rebuilt["kept_as"].as_str().unwrap();
        assert!(fs::exists(kept).unwrap() && kept.ends_with(".old"), "{kept}");
        assert_eq!(json(&scene, &[]).0["ledger"]["state"], "sound");
        assert_eq!(scene.files("").keys().filter(|name| name.ends_with(".old")).count(), nth + 1);
        assert_eq!(code(&yuebao(&scene, &["run"])), 0);
    }
}

#[test]
fn nothing_is_rebuilt_under_a_daemon_or_against_a_newer_program() {
    let scene = taken_in();
    let lock = Lock::take(&scene.out(".daemon.lock"), &holder("daemon")).unwrap();
    let refused = doctor(&scene, &["--rebuild"]);
    assert_eq!(code(&refused), 3);
    assert!(said(&refused).contains("held by `yuebao daemon`, process 77"), "{}", said(&refused));
    drop(lock);
    let path = scene.out("ledger.sqlite");
    tell(
        &path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'from the future', TRUE, x'00', 0)",
    );
    let refused = doctor(&scene, &["--rebuild"]);
    assert_eq!(code(&refused), 3);
    assert!(said(&refused).contains("made by a newer yuebao; use that one"), "{}", said(&refused));
    assert!(scene.files("").keys().all(|name| !name.ends_with(".old")));
}

#[test]
fn a_mistyped_folder_is_not_answered_with_a_new_ledger() {
    let scene = Scene::new();
    let rebuilt = doctor(&scene, &["--rebuild"]);
    assert_eq!(rebuilt.status.code(), Some(2), "{}", said(&rebuilt));
    assert!(said(&rebuilt).contains("there is no output folder"), "{}", said(&rebuilt));
    assert!(!scene.path("output").exists());
}
