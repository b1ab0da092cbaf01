//! What becomes of files in the inbox.

use std::os::unix::fs::PermissionsExt;

use std::fs;

use yuebao::lake::rows;
use yuebao::pipeline::edition::Publication;
use yuebao::pipeline::plan::Scope;

use crate::support::scene::{Scene, assert_same, b204, b204_book};
use crate::support::workbook::Book;

fn column(scene: &Scene, partition: &str, name: &str) -> Vec<String> {
    let path = format!("lake/submissions/period={partition}/part.parquet");
    let batch = yuebao::files::parquet::read(&scene.out(&path)).unwrap();
    let column = batch.column_by_name(name).unwrap();
    let options = arrow::util::display::FormatOptions::default();
    let shown = arrow::util::display::ArrayFormatter::try_new(column, &options).unwrap();
    (0..batch.num_rows()).map(|row| shown.value(row).to_string()).collect()
}

#[test]
fn a_workbook_leaves_the_inbox_for_the_archive_byte_for_byte() {
    let scene = Scene::new();
    let bytes = b204_book(0, 3, [1010, 3030, 900, 2700]);
    scene.drop_file("sub/firm.xlsx", &bytes, 2400);
    let taken = scene.take_in();
    assert_eq!(taken.received.files, 1);
    let archived = scene.files("archive/2024-03");
    let name = format!("{}.xlsx", yuebao::files::digest(&bytes));
    assert_eq!(archived[&name], bytes);
    let list = String::from_utf8(archived["received.csv"].clone()).unwrap();
    assert!(list.contains("sub/firm.xlsx") && list.contains("2024-04-10T00:00:00Z"), "{list}");
    assert!(scene.files("inbox").is_empty());
    assert_eq!(column(&scene, "2024-03", "state"), ["accepted"]);
    assert_eq!(column(&scene, "2024-03", "file_name"), ["firm.xlsx"]);
}

#[test]
fn a_file_taken_in_again_as_it_was_changes_nothing() {
    let scene = Scene::new();
    let bytes = b204_book(0, 3, [1010, 3030, 900, 2700]);
    scene.drop_file("first.xlsx", &bytes, 2400);
    scene.take_in();
    assert!(matches!(scene.publish(), Publication::Published(1)));
    let before = (scene.files("archive"), scene.files("lake"), scene.files("editions"));
    scene.drop_file("again/first.xlsx", &bytes, 2400);
    let taken = scene.take_in();
    assert!(taken.months.is_empty(), "{taken:?}");
    assert_eq!(scene.publish(), Publication::Unchanged(1));
    let after = (scene.files("archive"), scene.files("lake"), scene.files("editions"));
    assert_same(&before.0, &after.0);
    assert_same(&before.1, &after.1);
    assert_same(&before.2, &after.2);
    assert!(scene.files("inbox").is_empty());
}

#[test]
fn unreadable_files_are_kept_and_do_not_stop_the_others() {
    let scene = Scene::new();
    scene.drop_file("good.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("page.xls", b"<html><table><tr><td>1</td></tr></table></html>", 2400);
    scene.drop_file("empty.xlsx", b"", 2400);
    scene.drop_file("cut.xlsx", &b204_book(1, 3, [1, 1, 1, 1])[..400], 2400);
    scene.take_in();
    assert_eq!(column(&scene, "2024-03", "state"), ["accepted"]);
    assert_eq!(column(&scene, "unreadable", "state"), ["unreadable"; 3]);
    assert_eq!(scene.files("archive/unreadable").len(), 4, "three files and their list");
    let findings = rows::findings(&scene.out("lake"), "unreadable").unwrap();
    assert_eq!(findings.len(), 3);
    assert!(matches!(scene.publish(), Publication::Published(1)));
}

#[test]
fn what_systems_leave_behind_is_no_submission() {
    let scene = Scene::new();
    for name in [".DS_Store", "~$firm.xlsx", "Thumbs.db", ".hidden/x.xlsx"] {
        scene.drop_file(name, b"junk", 1);
    }
    assert_eq!(scene.take_in().received.files, 0);
    assert_eq!(scene.files("inbox").len(), 4);
}

#[test]
fn a_workbook_of_two_months_stands_in_both() {
    let scene = Scene::new();
    let book = Book::new()
        .sheet("3月", &b204(0, 3, [1010, 3030, 900, 2700]))
        .sheet("4月", &b204(0, 4, [1110, 4140, 950, 3650]))
        .bytes();
    scene.drop_file("both.xlsx", &book, 3000);
    scene.take_in();
    for month in ["2024-03", "2024-04"] {
        assert_eq!(column(&scene, month, "state"), ["accepted"], "{month}");
        assert!(scene.files("archive").keys().any(|name| name.starts_with(month)));
    }
}

#[test]
fn a_report_without_a_month_is_refused_and_kept() {
    let scene = Scene::new();
    let rows = b204(0, 3, [1010, 3030, 900, 2700]).replace("2024 年 3 月", "");
    scene.drop_file("undated.xlsx", &Book::of(&rows), 2400);
    scene.take_in();
    assert_eq!(column(&scene, "unreadable", "state"), ["refused"]);
    assert_eq!(column(&scene, "unreadable", "form"), ["B204-1"]);
}

/// 93 years after the new year of 2024 no correction would ever come later.
#[test]
fn a_file_of_the_future_came_when_it_was_taken_in() {
    let scene = Scene::new();
    scene.drop_file("future.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 93 * 8766);
    let take_in = |now: &str| {
        scene
            .with_site_at(now, &|_| {}, |site| {
                crate::support::scene::take_in(site, Scope::default())
            })
            .unwrap()
    };
    take_in("2024-04-05T00:00:00Z");
    assert_eq!(column(&scene, "2024-03", "received_at"), ["2024-04-05T00:00:00Z"]);
    scene.drop_file("correction.xlsx", &b204_book(1, 3, [1020, 3040, 900, 2700]), 24 * 100);
    take_in("2024-04-11T00:00:00Z");
    assert_eq!(column(&scene, "2024-03", "is_current"), ["false", "true"]);
}

#[test]
fn revisions_are_numbered_and_a_refused_one_displaces_nothing() {
    let scene = Scene::new();
    let good = [1010, 3030, 900, 2700];
    scene.drop_file("1.xlsx", &b204_book(1, 3, good), 2400);
    let wrong = b204(1, 3, [1020, 3040, 900, 2700]).replace("'3714|1020", "'3714|77");
    scene.drop_file("2.xlsx", &Book::of(&wrong), 2401);
    scene.take_in();
    assert_eq!(column(&scene, "2024-03", "state"), ["accepted", "refused"]);
    assert_eq!(column(&scene, "2024-03", "revision"), ["1", "2"]);
    assert_eq!(column(&scene, "2024-03", "is_current"), ["true", "false"]);
    scene.drop_file("3.xlsx", &b204_book(1, 3, [1030, 3050, 900, 2700]), 2402);
    let taken = scene.take_in();
    let month = taken.months.into_values().next().unwrap();
    assert_eq!(month.tally.refused, 1);
    assert!(scene.matters()[0].is_settled);
    assert_eq!(column(&scene, "2024-03", "is_current"), ["false", "false", "true"]);
}

#[test]
fn figures_sent_again_keep_the_day_they_first_came() {
    let scene = Scene::new();
    let rows = b204(1, 3, [1010, 3030, 900, 2700]);
    scene.drop_file("1.xlsx", &Book::of(&rows), 2400);
    scene.drop_file("2.xlsx", &Book::of(&rows.replace("统计负责人：", "统计负责人：甲")), 9000);
    scene.take_in();
    assert_eq!(column(&scene, "2024-03", "state"), ["accepted", "accepted"]);
    assert_eq!(column(&scene, "2024-03", "is_current"), ["true", "false"]);
}

#[test]
fn an_older_month_in_a_workbook_stands_for_its_month() {
    let scene = Scene::new();
    scene.drop_file("1.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("2.xlsx", &b204_book(1, 3, [1020, 3040, 900, 2700]), 2500);
    let book = Book::new()
        .sheet("4月", &b204(1, 4, [1030, 4060, 900, 3600]))
        .sheet("3月", &b204(1, 3, [1010, 3030, 900, 2700]))
        .bytes();
    scene.drop_file("april.xlsx", &book, 3100);
    scene.take_in();
    assert_eq!(column(&scene, "2024-03", "is_current"), ["false", "false", "true"]);
    assert_eq!(column(&scene, "2024-03", "has_counted"), ["true", "true", "true"]);
    assert_eq!(column(&scene, "2024-04", "state"), ["accepted"]);
}

#[test]
fn a_damaged_list_of_the_archive_is_an_error_that_names_the_file() {
    let scene = Scene::new();
    scene.drop_file("1.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2400);
    scene.take_in();
    fs::write(scene.out("archive/2024-03/received.csv"), "sha256\nx\n").unwrap();
    let error = scene.with_site(|site| crate::support::scene::take_in(site, Scope::default()));
    let message = error.unwrap_err().to_string();
    assert!(message.contains("received.csv"), "{message}");
}

#[test]
fn what_is_no_file_is_left_and_holds_up_nothing() {
    let scene = Scene::new();
    scene.drop_file("sub/firm.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let inbox = scene.out("inbox");
    let pipe = std::process::Command::new("mkfifo").arg(inbox.join("a.xlsx")).status().unwrap();
    assert!(pipe.success());
    std::os::unix::fs::symlink("/nowhere", inbox.join("b.xlsx")).unwrap();
    fs::create_dir(inbox.join("c.xlsx")).unwrap();
    let taken = scene.take_in();
    assert_eq!((taken.received.files, taken.received.left), (1, 2));
    for name in ["a.xlsx", "b.xlsx"] {
        assert!(fs::symlink_metadata(inbox.join(name)).is_ok(), "{name} stays");
    }
    assert_eq!(column(&scene, "2024-03", "state"), ["accepted"]);
    // Nobody can read it; to root that does not matter.
    scene.drop_file("locked.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2401);
    scene.drop_file("open.xlsx", &b204_book(2, 3, [1010, 3030, 900, 2700]), 2402);
    let locked = fs::Permissions::from_mode(0o000);
    fs::set_permissions(inbox.join("locked.xlsx"), locked).unwrap();
    let is_root = fs::read(inbox.join("locked.xlsx")).is_ok();
    let taken = scene.take_in();
    let expected = if is_root { (2, 2) } else { (1, 3) };
    assert_eq!((taken.received.files, taken.received.left), expected);
}
