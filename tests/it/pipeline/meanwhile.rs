//! Files that become something else between being listed, read and filed.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use chrono::Utc;
use yuebao::domain::partition::Partition;
use yuebao::files;
use yuebao::pipeline::{self, plan};
use yuebao::stages::archive;
use yuebao::stages::inbox::{self, Arrival};

use crate::support::scene::{Scene, b204_book};
use crate::support::wait::promptly;

const LIMIT: u64 = 1 << 26;

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Everything that may lie where a list said a file lay, with what is said of it.
fn oddities(folder: &Path) -> Vec<(PathBuf, &'static str)> {
    let at = |name: &str| folder.join(name);
    pipe(&at("pipe"));
    symlink(at("pipe"), at("link to a pipe")).unwrap();
    // The file stays when the listener is dropped.
    UnixListener::bind(at("socket")).unwrap();
    fs::create_dir(at("folder")).unwrap();
    symlink("/dev/zero", at("link to a device")).unwrap();
    let said = [
        ("pipe", "a pipe, not a file"),
        ("link to a pipe", "a pipe, not a file"),
        ("socket", "a socket, not a file"),
        ("folder", "a folder, not a file"),
        ("link to a device", "a device, not a file"),
    ];
    said.map(|(name, said)| (at(name), said)).to_vec()
}

fn read(scene: &Scene, name: &str) -> Option<Arrival> {
    let inbox = scene.out("inbox");
    let path = inbox.join(name);
    promptly(move || inbox::read(&inbox, &path, (LIMIT, Utc::now())).unwrap())
}

fn claim(scene: &Scene, arrival: Arrival, months: &[&str]) -> archive::Claimed {
    let partitions: BTreeSet<Partition> =
        months.iter().map(|month| Partition::Month(month.parse().unwrap())).collect();
    archive::Register::new(scene.out("archive")).claim(&[(arrival, partitions)]).unwrap()
}

#[test]
fn what_is_no_file_is_said_to_be_none_and_never_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    for (path, said) in oddities(folder.path()) {
        let cause = |error: files::FileError| error.cause().to_string();
        let read = path.clone();
        assert_eq!(promptly(move || files::read(&read)).map_err(cause), Err(said.to_owned()));
        let inbox = folder.path().to_owned();
        let refused = promptly(move || inbox::read(&inbox, &path, (LIMIT, Utc::now())))
            .map(|it| it.is_some());
        assert_eq!(refused.map_err(cause), Err(said.to_owned()));
    }
}

#[test]
fn check_refuses_what_is_no_file() {
    let scene = Scene::new();
    for (path, said) in oddities(&scene.path("")) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
        command.arg("--project").arg(scene.path("")).arg("check").arg(&path);
        let refused = promptly(move || command.output().unwrap());
        let text = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{text}");
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn a_file_of_the_archive_that_became_a_pipe_fails_the_run_at_once() {
    let scene = Scene::new();
    let bytes = b204_book(0, 3, [1010, 3030, 900, 2700]);
    scene.drop_file("1.xlsx", &bytes, 2400);
    scene.take_in();
    let name = format!("archive/2024-03/{}.xlsx", files::digest(&bytes));
    fs::remove_file(scene.out(&name)).unwrap();
    pipe(&scene.out(&name));
    fs::remove_dir_all(scene.out("lake")).unwrap();
    fs::remove_dir_all(scene.out("parsed")).unwrap();
    let error = promptly(move || {
        let work = |site: &pipeline::Site<'_>| {
            crate::support::scene::take_in(site, plan::Scope::default())
        };
        scene.with_site(work).unwrap_err()
    });
    let error = yuebao::orders::chain(&error);
    assert!(error.contains(&name) && error.contains("a pipe, not a file"), "{error}");
}

#[test]
fn a_correction_saved_while_the_first_version_is_read_is_taken_in_by_itself() {
    let scene = Scene::new();
    let (first, second) = ([1010, 3030, 900, 2700], [1_020_000, 3_040_000, 900, 2700]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, first), 2400);
    let arrival = read(&scene, "1.xlsx").unwrap();
    let correction = b204_book(0, 3, second);
    scene.drop_file("1.xlsx", &correction, 2401);
    assert_eq!(claim(&scene, arrival, &["2024-03"]), archive::Claimed::default());
    assert_eq!(scene.files("inbox")["1.xlsx"], correction);
    let archived = |scene: &Scene| {
        let files = scene.files("archive/2024-03").into_iter();
        files.filter(|(name, _)| name != "received.csv").collect::<Vec<_>>()
    };
    assert_eq!(archived(&scene), []);
    assert_eq!(scene.take_in().received.files, 1);
    let name = format!("{}.xlsx", files::digest(&correction));
    assert_eq!(archived(&scene), [(name, correction)]);
}

#[test]
fn a_correction_saved_over_bytes_that_are_known_is_not_dropped_with_them() {
    let scene = Scene::new();
    let known = b204_book(0, 3, [1010, 3030, 900, 2700]);
    scene.drop_file("1.xlsx", &known, 2400);
    scene.take_in();
    scene.drop_file("again.xlsx", &known, 2401);
    let arrival = read(&scene, "again.xlsx").unwrap();
    scene.drop_file("again.xlsx", &b204_book(0, 3, [1020, 3040, 900, 2700]), 2402);
    claim(&scene, arrival, &["2024-03"]);
    assert_eq!(scene.take_in().received.new, 1);
}

#[test]
fn what_is_taken_back_after_it_was_read_holds_up_nobody() {
    let scene = Scene::new();
    let book = b204_book(0, 3, [1010, 3030, 900, 2700]);
    for months in [&["2024-03"] as &[&str], &["2024-03", "2024-04"]] {
        scene.drop_file("1.xlsx", &book, 2400);
        let arrival = read(&scene, "1.xlsx").unwrap();
        fs::remove_file(scene.out("inbox/1.xlsx")).unwrap();
        assert_eq!(claim(&scene, arrival, months), archive::Claimed::default());
    }
    assert!(read(&scene, "1.xlsx").is_none());
    assert_eq!(scene.take_in().received.files, 0);
}

#[test]
fn a_file_that_grows_and_grows_is_left_to_its_writer() {
    let scene = Scene::new();
    scene.drop_file("1.xlsx", &vec![7; 1 << 25], 2400);
    let is_over = Arc::new(AtomicBool::new(false));
    let mut file = fs::File::options().append(true).open(scene.out("inbox/1.xlsx")).unwrap();
    let over = Arc::clone(&is_over);
    let writer = thread::spawn(move || {
        // Faster than it can be hashed, for as long as it is read.
        let more = vec![7; 1 << 20];
        for _ in 0..1000 {
            file.write_all(&more).unwrap();
            if over.load(Ordering::Relaxed) {
                return;
            }
        }
    });
    let arrival = read(&scene, "1.xlsx");
    is_over.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    assert!(arrival.is_none());
}

#[test]
fn half_an_upload_is_not_taken_for_the_whole() {
    let scene = Scene::new();
    scene.drop_file("whole.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2400);
    let book = b204_book(0, 3, [1010, 3030, 900, 2700]);
    scene.drop_file("1.xlsx", &book[..100], 2401);
    let mut file = fs::File::options().append(true).open(scene.out("inbox/1.xlsx")).unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let rest = book[100..].to_owned();
    file.write_all(&rest[..1]).unwrap();
    let writer = thread::spawn(move || {
        // A slow line: a few bytes at a time, and the rest at last.
        let mut sent = 1;
        while !over.load(Ordering::Relaxed) && sent + 1 < rest.len() {
            thread::sleep(Duration::from_millis(100));
            file.write_all(&rest[sent..=sent]).unwrap();
            sent += 1;
        }
        file.write_all(&rest[sent..]).unwrap();
    });
    let taken = scene.take_in();
    is_over.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    assert_eq!((taken.received.files, taken.received.left), (1, 0));
    assert_eq!(scene.take_in().received.files, 1);
    let name = format!("archive/2024-03/{}.xlsx", files::digest(&book));
    assert_eq!(fs::read(scene.out(&name)).unwrap(), book);
}

#[test]
fn what_is_far_too_large_stays_in_the_inbox_unread() {
    let scene = Scene::new();
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("disk.xlsx", b"", 2401);
    // Takes no room on the disk: there is nothing in it.
    let disk = fs::File::options().write(true).open(scene.out("inbox/disk.xlsx")).unwrap();
    disk.set_len(1 << 42).unwrap();
    let (taken, scene) = promptly(move || (scene.take_in(), scene));
    assert_eq!((taken.received.files, taken.received.left), (1, 1));
    fs::remove_file(scene.out("inbox/disk.xlsx")).unwrap();
}

#[test]
fn of_a_file_above_the_limit_one_byte_more_is_read_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    fs::write(&path, [7; 100]).unwrap();
    assert_eq!(files::read_start(&path, 10).unwrap().bytes, [7; 11]);
    assert_eq!(files::read_start(&path, 100).unwrap().bytes, [7; 100]);
}
