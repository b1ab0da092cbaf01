//! One language a call, lines that fit, and calls that are answered rightly.

use std::process::Command;

use super::{code, err, out, published, yuebao};
use crate::support::scene::{Scene, b204, b204_book};
use crate::support::workbook::Book;

fn has_chinese(text: &str) -> bool {
    text.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter))
}

#[test]
fn a_call_speaks_one_language() {
    let scene = Scene::new();
    let named = b204(0, 3, [1010, 3030, 900, 2700]);
    scene.drop_file("1.xlsx", &Book::of(&named.replace("'04|0|0", "'04|9000|9000")), 2400);
    let english = out(&yuebao(&scene, &["run", "--lang", "en"]));
    assert!(english.contains("files taken from the inbox: 1") && english.contains("accepted"));
    assert!(!has_chinese(&english), "{english}");
    let chinese = out(&yuebao(&scene, &["run"]));
    for words in ["accepted", "edition", "month"] {
        assert!(!chinese.contains(words), "{chinese}");
    }
    let status = out(&yuebao(&scene, &["--lang", "en", "status"]));
    assert!(status.contains("To chase:") && status.contains("who has reported"), "{status}");
    let list = out(&yuebao(&scene, &["edition", "list", "--lang", "zh"]));
    assert!(list.contains("发布时间") || list.contains("尚未发布"), "{list}");
}

#[test]
fn tables_fit_a_terminal_and_keep_their_width_when_piped() {
    let scene = published();
    let wrong = b204(1, 3, [1010, 3030, 900, 2700]).replace("'04|0|0|0|0", "'04|9000|9000|0|0");
    scene.drop_file("2.xlsx", &Book::of(&wrong), 2410);
    scene.take_in();
    let narrow = Command::new(env!("CARGO_BIN_EXE_yuebao"))
        .env("COLUMNS", "80")
        .args(["status", "--project"])
        .arg(scene.path(""))
        .output()
        .unwrap();
    let text = out(&narrow);
    let width =
        |line: &str| line.chars().map(|it| if it.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let (_, table) = text.split_once("催报名单：").unwrap();
    for line in table.lines() {
        assert!(width(line) <= 80, "{} columns: {line}", width(line));
    }
    assert!(!text.contains("91220106MA0000429W"), "no room for codes: {text}");
    let wide = out(&yuebao(&scene, &["status"]));
    assert!(wide.contains("91220106MA0000429W"), "{wide}");
    assert!(wide.lines().any(|line| width(line) > 120), "nothing is wrapped: {wide}");
}

#[test]
fn several_files_checked_end_in_one_line() {
    let scene = Scene::new();
    let good = b204(0, 3, [1010, 3030, 900, 2700]);
    let wrong = good.replace("'04|0|0|0|0", "'04|0|5000|0|0");
    std::fs::write(scene.path("a.xlsx"), Book::of(&wrong)).unwrap();
    std::fs::write(scene.path("b.xlsx"), Book::of(&good)).unwrap();
    std::fs::write(scene.path("c.xlsx"), b"no workbook").unwrap();
    let path = |name: &str| scene.path(name).display().to_string();
    let text = out(&yuebao(&scene, &["check", &path("a.xlsx"), &path("b.xlsx"), &path("c.xlsx")]));
    assert!(text.ends_with("退回 1，无法读取 1，通过 1\n"), "{text}");
}

#[test]
fn help_helps_and_a_folder_that_is_no_project_is_called_that() {
    let scene = Scene::new();
    for call in [&["help"][..], &["help", "status"], &["help", "edition", "diff"]] {
        let help = yuebao(&scene, call);
        assert_eq!(code(&help), 0, "{call:?}: {}", err(&help));
        assert!(out(&help).contains("Usage: yuebao"), "{call:?}: {}", out(&help));
    }
    let wrong = yuebao(&scene, &["help", "statsu"]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("did you mean `status`?"), "{}", err(&wrong));
    let empty = tempfile::tempdir().unwrap();
    for call in [&["status"][..], &["run"], &["findings"], &["doctor"], &["edition", "list"]] {
        let called = Command::new(env!("CARGO_BIN_EXE_yuebao"))
            .current_dir(empty.path())
            .args(call)
            .output()
            .unwrap();
        assert_eq!(code(&called), 2, "{call:?}");
        assert!(err(&called).contains("is no project"), "{call:?}: {}", err(&called));
    }
}

#[test]
fn a_run_lists_what_is_new_and_counts_what_is_open() {
    let scene = published();
    scene.drop_file("old.xls", b"<html></html>", 2500);
    let first = out(&yuebao(&scene, &["run"]));
    assert!(first.contains("old.xls") && first.contains("待处理的共 1 份"), "{first}");
    scene.drop_file("new.xls", b"<html>new</html>", 2600);
    scene.drop_file("4.xlsx", &b204_book(0, 4, [1110, 4140, 950, 3650]), 3200);
    let second = out(&yuebao(&scene, &["run"]));
    assert!(second.contains("new.xls") && !second.contains("old.xls"), "{second}");
    assert!(second.contains("待处理的共 2 份：`yuebao findings`"), "{second}");
}
