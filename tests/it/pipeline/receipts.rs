//! Receipts through the pipeline: what is sent again, at the same time, in one workbook.

use std::fs;
use std::process::Command;
use std::time::{Duration, SystemTime};

use yuebao::files::parquet;
use yuebao::lake::matters::MatterKind;
use yuebao::lake::rows::{self, SubmissionRow};
use yuebao::pipeline::plan::Scope;

use super::exports::export;
use crate::support::scene::{FIRMS, Scene, assert_same, b204, b204_book};
use crate::support::workbook::Book;

/// Drops a file into the inbox as if received so many seconds after 2025-01-01.
pub(super) fn send(scene: &Scene, name: &str, bytes: &[u8], seconds: u64) {
    scene.drop_file(name, bytes, 0);
    let received = SystemTime::UNIX_EPOCH + Duration::from_secs(1_735_689_600 + seconds);
    let file = fs::File::options().write(true).open(scene.out("inbox").join(name)).unwrap();
    file.set_modified(received).unwrap();
}

/// The reports of a month in the order of firm and receipt: file, and `counts`, `counted` or state.
pub(super) fn fates(scene: &Scene, month: &str) -> Vec<String> {
    let fate = |row: SubmissionRow| {
        let fate = match (row.is_current, row.has_counted) {
            (true, _) => "counts",
            (false, true) => "counted",
            (false, false) => row.state.name(),
        };
        format!("{} {fate}", row.file_name)
    };
    submissions(scene, month).into_iter().map(fate).collect()
}

pub(super) fn submissions(scene: &Scene, month: &str) -> Vec<SubmissionRow> {
    rows::submissions(&scene.out("lake"), month).unwrap()
}

/// What is said in a month, by a code, in the order of receipt.
pub(super) fn said(scene: &Scene, month: &str, code: &str) -> Vec<String> {
    let rows = rows::findings(&scene.out("lake"), month).unwrap().into_iter();
    let rows = rows.filter(|row| row.finding.code == code);
    rows.map(|row| row.finding.message.en).collect()
}

pub(super) const MARCH: [i64; 4] = [1010, 3030, 900, 2700];
pub(super) const MARCH_AGAIN: [i64; 4] = [1030, 3050, 900, 2700];

#[test]
fn the_first_version_sent_again_counts_again() {
    let scene = Scene::new();
    let (a, b) = (b204_book(1, 3, MARCH), b204_book(1, 3, MARCH_AGAIN));
    send(&scene, "a.xlsx", &a, 0);
    send(&scene, "b.xlsx", &b, 1000);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03"), ["a.xlsx counted", "b.xlsx counts"]);
    send(&scene, "a.xlsx", &a, 2000);
    let taken = scene.take_in();
    assert_eq!((taken.received.files, taken.received.new), (1, 1));
    assert_eq!(fates(&scene, "2024-03"), ["a.xlsx counted", "b.xlsx counted", "a.xlsx counts"]);
    assert_eq!(
        said(&scene, "2024-03", "R2"),
        [
            "Replaced by sheet \"Sheet1\" of \"b.xlsx\", received 2025-01-01 08:16:40: it no longer counts",
            "Replaced by sheet \"Sheet1\" of \"a.xlsx\", received 2025-01-01 08:33:20: it no longer counts",
        ]
    );
    // One file of its bytes stands in the archive, and its third line tells of the second receipt.
    let archived = scene.files("archive/2024-03");
    assert_eq!(archived.len(), 3);
    let list = String::from_utf8(archived["received.csv"].clone()).unwrap();
    assert_eq!(list.lines().filter(|line| line.contains("a.xlsx")).count(), 2, "{list}");
    let rows = submissions(&scene, "2024-03");
    assert_eq!(rows[2].submission_id, format!("{}.2", rows[0].submission_id));
}

#[test]
fn what_counts_sent_again_moves_no_figure_and_redoes_no_later_month() {
    let scene = Scene::new();
    let march = b204_book(1, 3, MARCH);
    send(&scene, "3.xlsx", &march, 0);
    send(&scene, "4.xlsx", &b204_book(1, 4, [1020, 4050, 900, 3600]), 100);
    scene.take_in();
    scene.publish();
    let totals =
        || parquet::read(&scene.out("marts/monthly_totals.parquet")).unwrap().columns().to_vec();
    let before = totals();
    send(&scene, "again.xlsx", &march, 9000);
    let taken = scene.take_in();
    assert_eq!(taken.months.len(), 1, "April is not looked at again");
    assert_eq!(fates(&scene, "2024-03"), ["3.xlsx counts", "again.xlsx accepted"]);
    assert!(said(&scene, "2024-03", "R2")[0].contains("which counts"));
    scene.publish();
    assert_eq!(totals(), before);
}

#[test]
fn a_receipt_that_is_known_is_dropped_wherever_it_lies() {
    let scene = Scene::new();
    let march = b204_book(1, 3, MARCH);
    send(&scene, "3.xlsx", &march, 0);
    scene.take_in();
    let before = (scene.files("archive"), scene.files("lake"));
    send(&scene, "copy/3.xlsx", &march, 0);
    let taken = scene.take_in();
    assert_eq!((taken.received.files, taken.received.new, taken.months.len()), (1, 0, 0));
    assert_same(&scene.files("archive"), &before.0);
    assert_same(&scene.files("lake"), &before.1);
    assert!(scene.files("inbox").is_empty());
    // Renamed it may be judged otherwise: its name says for which month it was meant.
    send(&scene, "2024年3月.xlsx", &march, 0);
    assert_eq!(scene.take_in().received.new, 1);
    assert_eq!(fates(&scene, "2024-03").len(), 2);
}

#[test]
fn bytes_received_under_two_extensions_stand_in_one_file() {
    let scene = Scene::new();
    let march = b204_book(1, 3, MARCH);
    send(&scene, "3.xls", &march, 0);
    send(&scene, "3.xlsx", &march, 100);
    scene.take_in();
    send(&scene, "3.et", &march, 200);
    scene.take_in();
    let archived: Vec<String> = scene.files("archive/2024-03").into_keys().collect();
    assert_eq!(archived.len(), 2, "{archived:?}");
    assert!(archived[0].ends_with(".xls"), "{archived:?}");
    assert_eq!(fates(&scene, "2024-03"), ["3.xls counts", "3.xlsx accepted", "3.et accepted"]);
}

#[test]
fn a_workbook_of_several_months_sent_again_moves_what_differs() {
    let scene = Scene::new();
    let book = |may: [i64; 4]| {
        Book::new()
            .sheet("3月", &b204(1, 3, MARCH))
            .sheet("4月", &b204(1, 4, [1020, 4050, 900, 3600]))
            .sheet("5月", &b204(1, 5, may))
            .bytes()
    };
    send(&scene, "a.xlsx", &book([1040, 5090, 950, 4550]), 0);
    scene.take_in();
    send(&scene, "b.xlsx", &book([1060, 5110, 950, 4550]), 1000);
    scene.take_in();
    for month in ["2024-03", "2024-04"] {
        assert_eq!(fates(&scene, month), ["a.xlsx counts", "b.xlsx accepted"], "{month}");
    }
    assert_eq!(fates(&scene, "2024-05"), ["a.xlsx counted", "b.xlsx counts"]);
    // A corrected March in a workbook of later months counts as well.
    let corrected = Book::new()
        .sheet("3月", &b204(1, 3, MARCH_AGAIN))
        .sheet("5月", &b204(1, 5, [1060, 5130, 950, 4550]))
        .bytes();
    send(&scene, "c.xlsx", &corrected, 2000);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03"), ["a.xlsx counted", "b.xlsx accepted", "c.xlsx counts"]);
}

#[test]
fn only_last_years_form_of_the_same_month_is_enclosed() {
    let scene = Scene::new();
    let last_year = |figures| b204(1, 3, figures).replace("2024 年 3", "2023 年 3");
    let this_year = b204(1, 3, MARCH);
    send(&scene, "2023.xlsx", &Book::of(&last_year([900, 2700, 800, 2400])), 0);
    let both = |last| Book::new().sheet("本年", &this_year).sheet("上年", &last_year(last)).bytes();
    send(&scene, "2024.xlsx", &both([950, 2750, 800, 2400]), 1000);
    scene.take_in();
    assert_eq!(fates(&scene, "2023-03"), ["2023.xlsx counts", "2024.xlsx accepted"]);
    assert!(said(&scene, "2023-03", "R2")[0].starts_with("Last year's form"));
    // Another firm's, beside it in the workbook, is nothing to compare with.
    let other = b204(2, 3, MARCH).replace("2024 年 3", "2023 年 3");
    let book = Book::new().sheet("本年", &this_year).sheet("另一家", &other).bytes();
    send(&scene, "other.xlsx", &b204_bytes(2, [990, 3010, 800, 2400]), 2000);
    send(&scene, "two.xlsx", &book, 3000);
    scene.take_in();
    assert_eq!(fates(&scene, "2023-03")[2..], ["other.xlsx counted", "two.xlsx counts"]);
}

#[test]
fn last_years_form_of_the_firm_that_changed_its_code_is_enclosed_with_the_new_ones() {
    let scene = Scene::new();
    let firms = fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    let firms = firms.replace("3714,3,false,2020-01,,", "3714,3,false,2020-01,2024-02,");
    scene.seed("firms.csv", &firms.replace("3670,3,false,2020-01,", "3670,3,false,2024-03,"));
    let header = "credit_code,period,kind,predecessor,approved_by\n";
    let change = format!("{header}{},2024-03,code_change,{},批文\n", FIRMS[2].0, FIRMS[1].0);
    scene.seed("restructurings.csv", &change);
    assert_eq!(scene.faults(), "");
    send(&scene, "2023.xlsx", &b204_bytes(1, [900, 2700, 800, 2400]), 0);
    let last = b204(1, 3, [950, 2750, 800, 2400]).replace("2024 年 3", "2023 年 3");
    let book = Book::new().sheet("本年", &b204(2, 3, MARCH)).sheet("上年", &last).bytes();
    send(&scene, "2024.xlsx", &book, 1000);
    scene.take_in();
    assert_eq!(fates(&scene, "2023-03"), ["2023.xlsx counts", "2024.xlsx accepted"]);
    // Whenever the change of code becomes known.
    let lake = scene.files("lake/observations");
    scene.seed("restructurings.csv", header);
    scene.take_in();
    assert_eq!(fates(&scene, "2023-03"), ["2023.xlsx counted", "2024.xlsx counts"]);
    scene.seed("restructurings.csv", &change);
    scene.take_in();
    assert_eq!(fates(&scene, "2023-03"), ["2023.xlsx counts", "2024.xlsx accepted"]);
    assert_same(&scene.files("lake/observations"), &lake);
}

fn b204_bytes(firm: usize, figures: [i64; 4]) -> Vec<u8> {
    Book::of(&b204(firm, 3, figures).replace("2024 年 3", "2023 年 3"))
}

#[test]
fn a_copied_folder_with_two_versions_counts_neither_until_one_is_sent_again() {
    let scene = Scene::new();
    let (a, b) = (b204_book(1, 3, MARCH), b204_book(1, 3, MARCH_AGAIN));
    send(&scene, "7/终稿.xlsx", &a, 0);
    send(&scene, "7/终稿2.xlsx", &b, 40);
    send(&scene, "7/other.xlsx", &b204_book(2, 3, MARCH), 41);
    let taken = scene.take_in();
    let month = taken.months.values().next().unwrap();
    assert_eq!((month.tally.accepted, month.tally.queried), (1, 2));
    assert_eq!(
        fates(&scene, "2024-03"),
        ["终稿.xlsx queried", "终稿2.xlsx queried", "other.xlsx counts"]
    );
    let open = scene.matters();
    let named: Vec<(&str, bool)> =
        open.iter().map(|it| (it.submission.file_name.as_str(), it.is_settled)).collect();
    assert_eq!(named, [("终稿.xlsx", false), ("终稿2.xlsx", false)]);
    assert!(open.iter().all(|it| it.kind == MatterKind::Conflict), "{open:?}");
    assert!(open[0].findings[0].message.en.contains("D9 1,010, there 1,030"), "{open:?}");
    // The right one, saved and sent once more.
    send(&scene, "终稿.xlsx", &a, 1000);
    scene.take_in();
    assert!(scene.matters().iter().all(|it| it.is_settled), "the right one came");
    assert_eq!(
        fates(&scene, "2024-03")[..3],
        ["终稿.xlsx queried", "终稿2.xlsx queried", "终稿.xlsx counts"]
    );
}

#[test]
fn a_conflict_that_comes_to_light_later_takes_back_what_counted() {
    let scene = Scene::new();
    send(&scene, "a.xlsx", &b204_book(1, 3, MARCH), 0);
    send(&scene, "4.xlsx", &b204_book(1, 4, [1020, 4050, 900, 3600]), 100);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03"), ["a.xlsx counts"]);
    send(&scene, "b.xlsx", &b204_book(1, 3, MARCH_AGAIN), 30);
    let taken = scene.take_in();
    assert_eq!(fates(&scene, "2024-03"), ["a.xlsx queried", "b.xlsx queried"]);
    assert_eq!(taken.months.len(), 2, "April has no March to be held against any more");
}

#[test]
fn two_sheets_of_one_workbook_that_differ_do_not_count_whatever_is_explained() {
    let scene = Scene::new();
    let explained = |figures| b204(1, 3, figures) + "两张表都是经过核实的最终数据";
    let book =
        Book::new().sheet("表一", &explained(MARCH)).sheet("表二", &explained(MARCH_AGAIN)).bytes();
    send(&scene, "a.xlsx", &book, 0);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03"), ["a.xlsx queried"; 2]);
    assert!(said(&scene, "2024-03", "R1")[0].contains("sheet \"表二\" of \"a.xlsx\""));
    // The same sheet twice is one report.
    let book = Book::new().sheet("表一", &b204(2, 3, MARCH)).sheet("表二", &b204(2, 3, MARCH));
    send(&scene, "b.xlsx", &book.bytes(), 0);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03")[2..], ["b.xlsx counts", "b.xlsx accepted"]);
}

#[test]
fn check_says_before_it_is_sent_that_two_sheets_contradict_each_other() {
    let scene = Scene::new();
    let book =
        Book::new().sheet("表一", &b204(1, 3, MARCH)).sheet("表二", &b204(1, 3, MARCH_AGAIN));
    fs::write(scene.path("a.xlsx"), book.bytes()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    command.arg("--project").arg(scene.path("")).arg("check").arg(scene.path("a.xlsx"));
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert_eq!(said.matches("[R1]").count(), 2, "{said}");
    assert!(said.contains("“a.xlsx”工作表“表二”不同之处：D9 为 1,010，对方为 1,030"), "{said}");
}

#[test]
fn a_report_under_a_wrong_code_is_in_conflict_with_none_of_the_firms() {
    let scene = Scene::new();
    send(&scene, "a.xlsx", &b204_book(1, 3, MARCH), 0);
    let wrong = b204(1, 3, MARCH_AGAIN).replace(FIRMS[1].0, "91110000101623741K");
    send(&scene, "b.xlsx", &Book::of(&wrong), 0);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03"), ["b.xlsx refused", "a.xlsx counts"]);
    // In small letters it is the firm's.
    let small = b204(1, 3, MARCH_AGAIN).replace(FIRMS[1].0, &FIRMS[1].0.to_lowercase());
    send(&scene, "c.xlsx", &Book::of(&small), 0);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03"), ["b.xlsx refused", "a.xlsx queried", "c.xlsx queried"]);
}

/// A few receipts that replace, repeat, enclose and contradict one another: name, bytes, seconds.
fn tangle() -> Vec<(String, Vec<u8>, u64)> {
    let (march, again) = (b204_book(1, 3, MARCH), b204_book(1, 3, MARCH_AGAIN));
    let last = b204(1, 3, [910, 2710, 800, 2400]).replace("2024 年 3", "2023 年 3");
    let both = Book::new().sheet("本年", &b204(1, 3, MARCH)).sheet("上年", &last).bytes();
    let months = Book::new()
        .sheet("3月", &b204(2, 3, MARCH))
        .sheet("4月", &b204(2, 4, [1020, 4050, 900, 3600]))
        .bytes();
    let export = export(&[(1, "3714", MARCH), (2, "3670", MARCH_AGAIN)]);
    let all = [
        ("march.xlsx", march.clone(), 0),
        ("again.xlsx", again.clone(), 30),
        ("both.xlsx", both, 500),
        ("march.xlsx", march, 1000),
        ("again.xlsx", again, 2000),
        ("export.xlsx", export.clone(), 2030),
        ("export.xlsx", export, 3000),
        ("months.xlsx", months.clone(), 2990),
        ("last.xlsx", Book::of(&last), 700),
        ("broken.xlsx", b"no workbook".to_vec(), 0),
        ("broken.xlsx", b"no workbook".to_vec(), 40),
    ];
    all.map(|(name, bytes, at)| (name.to_owned(), bytes, at)).to_vec()
}

#[test]
fn any_order_of_intake_ends_in_the_same_lake() {
    let whole = Scene::new();
    let files = tangle();
    for (at, (name, bytes, seconds)) in files.iter().enumerate() {
        send(&whole, &format!("{at}/{name}"), bytes, *seconds);
    }
    whole.take_in();
    let lake = whole.files("lake");
    let named = |scene: &Scene| {
        // In which folder of the inbox a receipt lay is all that the lists may differ in.
        let lists = ["2023-03", "2024-03", "2024-04", "unreadable"].map(|month| {
            fs::read_to_string(scene.out("archive").join(month).join("received.csv")).unwrap()
        });
        lists.map(|list| list.lines().count())
    };
    for seed in 1..=6_usize {
        let scene = Scene::new();
        let mut left: Vec<usize> = (0..files.len()).collect();
        let taken = scene.with_site(|site| {
            // A walk by steps that no other seed takes: some of the files, then a run.
            while !left.is_empty() {
                for _ in 0..left.len().min(1 + (seed + left.len()) % 4) {
                    let at = left.remove((seed * 7 + left.len() * 5) % left.len());
                    let (name, bytes, seconds) = &files[at];
                    send(&scene, &format!("{at}/{name}"), bytes, *seconds);
                }
                crate::support::scene::take_in(site, Scope::default())?;
            }
            Ok(())
        });
        taken.unwrap();
        assert_same(&scene.files("lake"), &lake);
        assert_eq!(named(&scene), named(&whole), "seed {seed}");
    }
}
