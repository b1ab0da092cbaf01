//! A full disk, an output nobody may write, a locked ledger: a clear message, exit code 3, nothing
//! half-published, and the right bytes once the obstacle is gone.

use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sqlx::{Connection, Executor};
use yuebao::ledger::reason::Reason;

use super::{Whole, ask, code, connect, filled, filled_and_run, program, runs, said, wait};
use crate::support::scene::{Scene, assert_same, b204_book};

/// A scene in which March is published and later months wait in the inbox.
fn published() -> Scene {
    let scene = Scene::like("crash", || {
        let scene = Scene::new();
        scene.drop_file("3.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
        runs(&scene, &["run"]);
        scene
    });
    for month in 4..=6_u16 {
        let count = i64::from(month);
        let bytes = b204_book(0, month.into(), [1010, 1010 * count, 900, 900 * count]);
        scene.drop_file(&format!("{month}.xlsx"), &bytes, 760 * u64::from(month));
    }
    scene
}

/// What an undisturbed run makes of the published scene.
fn undisturbed() -> Whole {
    Whole::of(&Scene::like("crash-undisturbed", || {
        let scene = published();
        runs(&scene, &["run"]);
        scene
    }))
}

/// What readers see: where their link points, and all that lies there.
type Seen = (PathBuf, BTreeMap<String, Vec<u8>>);

fn seen(scene: &Scene) -> Seen {
    let target = fs::read_link(scene.out("marts")).unwrap();
    let files = scene.files(&target.to_string_lossy());
    (target, files)
}

/// Asserts that a run failed as the machine's fault, said so, and left readers what they had.
#[track_caller]
fn assert_failed(output: &Output, words: &[&str], scene: &Scene, before: &Seen) {
    assert_eq!(code(output), 3, "{}", said(output));
    for word in words {
        assert!(said(output).contains(word), "no `{word}` in {}", said(output));
    }
    let after = seen(scene);
    assert_eq!(after.0, before.0);
    assert_same(&after.1, &before.1);
}

/// Runs the program so that no file may grow beyond so many KiB: writes fail as on a full disk, only
/// with another number.
fn starved(scene: &Scene, kibibytes: u64) -> Output {
    let limit = format!("trap '' XFSZ; ulimit -f {kibibytes}; exec \"$@\"");
    let inner = program(scene, &["run"]);
    let mut command = Command::new("bash");
    command.args(["-c", &limit, "bash"]).arg(inner.get_program()).args(inner.get_args());
    command.output().unwrap()
}

#[test]
fn a_full_disk_fails_the_run_and_publishes_nothing_by_half() {
    let scene = published();
    let before = seen(&scene);
    let mut failed = 0;
    // From too little for anything to too little for the largest file only.
    for kibibytes in [0, 2, 4, 12, 24, 40] {
        let output = starved(&scene, kibibytes);
        if code(&output) == 0 {
            break;
        }
        failed += 1;
        assert_failed(&output, &["could not", "because"], &scene, &before);
        assert!(!said(&output).contains("panicked"), "{}", said(&output));
    }
    assert!(failed >= 4, "only {failed} runs met the limit");
    runs(&scene, &["run"]);
    undisturbed().assert_is(&scene);
}

#[test]
fn a_first_run_on_a_full_disk_leaves_nothing_that_a_later_one_stumbles_over() {
    let scene = filled();
    for kibibytes in [0, 2, 6] {
        let output = starved(&scene, kibibytes);
        assert_eq!(code(&output), 3, "{}", said(&output));
        assert!(!scene.out("marts").exists());
    }
    runs(&scene, &["run"]);
    filled_and_run().assert_is(&scene);
}

/// The program as an account that may not write to the scene; root may write anywhere, so it lends
/// the process another account.
fn powerless(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = program(scene, arguments);
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    command
}

/// Sets the permissions of a folder and all below it.
fn permit(folder: &Path, folders: u32, files: u32) {
    fs::set_permissions(folder, Permissions::from_mode(0o755)).unwrap();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            permit(&path, folders, files);
        } else {
            fs::set_permissions(&path, Permissions::from_mode(files)).unwrap();
        }
    }
    fs::set_permissions(folder, Permissions::from_mode(folders)).unwrap();
}

#[test]
fn a_read_only_output_fails_the_run_and_can_still_be_looked_at() {
    let scene = published();
    let before = seen(&scene);
    permit(&scene.path(""), 0o555, 0o444);
    let refused = powerless(&scene, &["run"]).output().unwrap();
    assert_failed(
        &refused,
        &["/output/", "give the account of yuebao the right", "Permission denied"],
        &scene,
        &before,
    );
    for command in [&["status"][..], &["jobs"], &["alerts"], &["backfill", "list"]] {
        let looked = powerless(&scene, command).output().unwrap();
        assert_eq!(code(&looked), 0, "{command:?}: {}", said(&looked));
    }
    let doctor = powerless(&scene, &["doctor", "--json"]).output().unwrap();
    assert_eq!(code(&doctor), 3, "{}", said(&doctor));
    let health: serde_json::Value = serde_json::from_slice(&doctor.stdout).unwrap();
    assert_eq!(health["output"]["state"], "read_only");
    assert_eq!(health["ledger"]["state"], "sound", "it can be read: {health}");
    permit(&scene.path(""), 0o755, 0o644);
    runs(&scene, &["run"]);
    undisturbed().assert_is(&scene);
}

#[test]
fn an_output_that_cannot_be_made_is_named() {
    let scene = Scene::new();
    fs::write(scene.path("file"), "x").unwrap();
    let output = scene.path("file/output").display().to_string();
    let refused = program(&scene, &["--output", &output, "run"]).output().unwrap();
    assert_eq!(code(&refused), 2, "{}", said(&refused));
    assert!(said(&refused).contains(&output), "{}", said(&refused));
}

#[test]
fn a_locked_ledger_fails_the_run_before_anything_is_touched() {
    let scene = published();
    let before = (seen(&scene), scene.files("inbox"), scene.files("lake"));
    let refused = wait(async {
        let mut other = connect(&scene.out("ledger.sqlite")).await;
        other.execute("BEGIN EXCLUSIVE").await.unwrap();
        let refused = program(&scene, &["run"]).output().unwrap();
        other.execute("ROLLBACK").await.unwrap();
        other.close().await.unwrap();
        refused
    });
    let words = ["ledger.sqlite", "another program keeps it locked; close that program"];
    assert_failed(&refused, &words, &scene, &before.0);
    assert_same(&scene.files("inbox"), &before.1);
    assert_same(&scene.files("lake"), &before.2);
    runs(&scene, &["run"]);
    undisturbed().assert_is(&scene);
}

#[test]
fn a_failure_stands_in_the_ledger_with_its_causes() {
    let scene = published();
    // A folder where a file must be put in place: the step fails, the ledger does not.
    fs::create_dir_all(scene.out("lake/findings/period=2024-05/part.parquet")).unwrap();
    let refused = program(&scene, &["run"]).output().unwrap();
    assert_eq!(code(&refused), 3, "{}", said(&refused));
    let reasons = "SELECT reasons FROM attempts WHERE state = 'failed'";
    let kept = ask(&scene.out("ledger.sqlite"), reasons).concat();
    let reasons: Vec<Reason> = serde_json::from_str(&kept).unwrap();
    let [Reason::Error { chain, .. }] = &reasons[..] else { panic!("{kept}") };
    assert!(chain.len() > 1 && chain.concat().contains("period=2024-05"), "{kept}");
    fs::remove_dir(scene.out("lake/findings/period=2024-05/part.parquet")).unwrap();
    // What the failed run left half-written goes at the start of the next.
    runs(&scene, &["run", "intake"]);
}
