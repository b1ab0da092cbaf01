//! A ledger in every state a disk, a kill or another program can leave it in.

use std::fs;

use sqlx::{Connection, Executor};
use yuebao::ledger::{Ledger, LedgerError, LedgerTrouble};

use super::{NOW, ask, asked, at, begin, place, raw, tell, wait};
use crate::support::scene::snapshot;

/// What opening for writing says, and the whole message.
fn refusal(path: &std::path::Path) -> (LedgerTrouble, String) {
    let error = wait(Ledger::open(path)).unwrap_err();
    assert!(error.to_string().contains(&path.display().to_string()), "{error}");
    (error.trouble(), error.to_string())
}

/// Makes a ledger with one open attempt.
fn made(path: &std::path::Path) {
    wait(async {
        let ledger = Ledger::open(path).await.unwrap();
        begin(&ledger, &asked("intake"), at(NOW)).await.unwrap();
        ledger.close().await;
    });
}

#[test]
fn a_ledger_of_a_newer_program_is_left_alone() {
    let (_folder, path) = place();
    made(&path);
    tell(
        &path,
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
         VALUES (99, 'from the future', TRUE, x'00', 0)",
    );
    let (trouble, said) = refusal(&path);
    assert_eq!(trouble, LedgerTrouble::Newer);
    assert!(said.contains("made by a newer yuebao; use that one"), "{said}");
    assert_eq!(wait(Ledger::look(&path)).unwrap_err().trouble(), LedgerTrouble::Newer);
}

#[test]
fn a_ledger_with_other_tables_under_the_same_number_is_not_trusted() {
    let (_folder, path) = place();
    made(&path);
    tell(&path, "UPDATE _sqlx_migrations SET checksum = x'00'");
    assert_eq!(refusal(&path).0, LedgerTrouble::Foreign);
}

#[test]
fn bytes_that_are_no_ledger_are_damage_and_said_at_once() {
    let (_folder, path) = place();
    fs::write(&path, "these bytes are no database at all, however one reads them".repeat(100))
        .unwrap();
    let (trouble, said) = refusal(&path);
    assert_eq!(trouble, LedgerTrouble::Damaged);
    assert!(said.contains("yuebao doctor --rebuild"), "{said}");
    assert_eq!(wait(Ledger::look(&path)).unwrap_err().trouble(), LedgerTrouble::Damaged);
}

#[test]
fn a_file_that_nothing_was_written_to_is_no_ledger_yet() {
    let (folder, path) = place();
    fs::write(&path, "").unwrap();
    assert!(wait(Ledger::look(&path)).unwrap().is_none());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(fs::read(&path).unwrap(), b"");
    // As a kill leaves it between the first table and the others.
    tell(
        &path,
        "CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
         installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, \
         checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)",
    );
    assert!(wait(Ledger::look(&path)).unwrap().is_none());
    made(&path);
    assert!(wait(Ledger::look(&path)).unwrap().is_some());
}

#[test]
fn the_database_of_another_program_is_neither_read_nor_written() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    tell(&path, "CREATE TABLE birds (name TEXT)");
    let before = fs::read(&path).unwrap();
    for error in [wait(Ledger::look(&path)).unwrap_err(), wait(Ledger::open(&path)).unwrap_err()] {
        assert_eq!(error.trouble(), LedgerTrouble::Damaged);
        let said = yuebao::orders::chain(&error);
        assert!(said.contains("yuebao doctor --rebuild"), "{said}");
        assert!(said.contains("the tables of another program: birds"), "{said}");
    }
    assert!(fs::read(&path).unwrap() == before, "another program's file was written to");
}

#[test]
fn a_ledger_cut_short_is_damage() {
    let (_folder, path) = place();
    made(&path);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let outcome = wait(async { Ledger::open(&path).await?.check().await });
    assert_eq!(outcome.unwrap_err().trouble(), LedgerTrouble::Damaged);
}

#[test]
fn a_page_overwritten_is_found_by_the_check() {
    let (_folder, path) = place();
    made(&path);
    let mut bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    bytes[length / 2..length / 2 + 8192].fill(0xa5);
    fs::write(&path, bytes).unwrap();
    let outcome = wait(async {
        let ledger = Ledger::look(&path).await?.unwrap();
        ledger.check().await
    });
    assert_eq!(outcome.unwrap_err().trouble(), LedgerTrouble::Damaged);
}

#[test]
fn a_folder_in_its_place_is_named() {
    let (_folder, path) = place();
    fs::create_dir(&path).unwrap();
    let (trouble, said) = refusal(&path);
    assert_eq!(trouble, LedgerTrouble::Folder);
    assert!(said.contains("a folder lies in its place"), "{said}");
}

#[test]
fn a_folder_that_is_not_there_is_said_to_be_missing() {
    let (folder, _) = place();
    assert_eq!(refusal(&folder.path().join("nowhere/ledger.sqlite")).0, LedgerTrouble::Nowhere);
}

#[test]
fn a_locked_ledger_is_said_to_be_locked() {
    let (_folder, path) = place();
    made(&path);
    let error: LedgerError = wait(async {
        let mut other = raw(&path).await;
        other.execute("BEGIN EXCLUSIVE").await.unwrap();
        let ledger = Ledger::open(&path).await.unwrap();
        let refused = begin(&ledger, &asked("intake"), at(NOW)).await;
        other.execute("ROLLBACK").await.unwrap();
        other.close().await.unwrap();
        begin(&ledger, &asked("intake"), at(NOW)).await.unwrap();
        ledger.close().await;
        refused.unwrap_err()
    });
    assert_eq!(error.trouble(), LedgerTrouble::Locked);
    assert!(error.to_string().contains("another program keeps it locked"), "{error}");
}

#[test]
fn a_new_ledger_locked_by_another_program_is_said_to_be_locked() {
    let (_folder, path) = place();
    fs::write(&path, "").unwrap();
    let trouble = wait(async {
        let mut other = raw(&path).await;
        other.execute("BEGIN EXCLUSIVE").await.unwrap();
        let refused = Ledger::open(&path).await.unwrap_err();
        other.close().await.unwrap();
        refused.trouble()
    });
    assert_eq!(trouble, LedgerTrouble::Locked);
    made(&path);
}

#[test]
fn many_processes_may_open_a_new_ledger_at_once() {
    let (_folder, path) = place();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let path = path.clone();
            std::thread::spawn(move || made(&path))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(ask(&path, "SELECT CAST(COUNT(*) AS TEXT) FROM orders"), ["8"]);
}

#[test]
fn what_a_killed_process_committed_is_there_and_what_it_had_begun_is_not() {
    let (folder, path) = place();
    let copy = folder.path().join("copy");
    fs::create_dir(&copy).unwrap();
    wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        begin(&ledger, &asked("intake"), at(NOW)).await.unwrap();
        let mut other = raw(&path).await;
        other.execute("BEGIN; UPDATE orders SET job = 'torn'").await.unwrap();
        // As a kill leaves it: the log not folded up, a transaction open.
        for part in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
            fs::copy(folder.path().join(part), copy.join(part)).unwrap();
        }
        other.close().await.unwrap();
        ledger.close().await;
    });
    // The last words of the log written by half.
    let mut log = fs::OpenOptions::new().append(true).open(copy.join("ledger.sqlite-wal")).unwrap();
    std::io::Write::write_all(&mut log, &[7; 1234]).unwrap();
    let ledger = copy.join("ledger.sqlite");
    let open = wait(async {
        let ledger = Ledger::open(&ledger).await.unwrap();
        ledger.check().await.unwrap();
        let open = ledger.open_attempts().await.unwrap();
        ledger.close().await;
        open
    });
    assert_eq!(open.iter().map(|(_, job)| job.as_str()).collect::<Vec<_>>(), ["intake"]);
    assert_eq!(fs::read_dir(&copy).unwrap().count(), 1, "log and shared memory are folded up");
}

#[test]
fn looking_sees_what_others_have_open_and_leaves_no_trace() {
    let (folder, path) = place();
    wait(async {
        assert!(Ledger::look(&path).await.unwrap().is_none());
        assert!(!path.exists(), "looking must not make a ledger");
        let ledger = Ledger::open(&path).await.unwrap();
        begin(&ledger, &asked("intake"), at(NOW)).await.unwrap();
        let looking = Ledger::look(&path).await.unwrap().unwrap();
        assert_eq!(looking.open_attempts().await.unwrap().len(), 1, "it is in the log only");
        looking.close().await;
        ledger.close().await;
    });
    let before = snapshot(folder.path());
    wait(async {
        let looking = Ledger::look(&path).await.unwrap().unwrap();
        looking.check().await.unwrap();
        assert_eq!(looking.open_attempts().await.unwrap().len(), 1);
        let refused = begin(&looking, &asked("x"), at(NOW)).await.unwrap_err();
        assert_eq!(refused.trouble(), LedgerTrouble::ReadOnly);
        looking.close().await;
    });
    assert!(snapshot(folder.path()) == before, "looking changed something");
}

#[test]
fn a_folder_may_bear_any_name() {
    let (folder, _) = place();
    for name in ["100% 月报", "%41", "a?b#c&d=e", "it's [here] +1"] {
        let path = folder.path().join(name).join("ledger.sqlite");
        fs::create_dir(path.parent().unwrap()).unwrap();
        made(&path);
        assert!(path.is_file(), "{name}");
        let looking = wait(Ledger::look(&path)).unwrap().unwrap();
        assert_eq!(wait(looking.open_attempts()).unwrap().len(), 1, "{name}");
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 4);
}
