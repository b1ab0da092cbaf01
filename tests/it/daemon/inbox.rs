//! Files dropped into the inbox: their verdict follows by itself.

use std::fs;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::daemon::agenda::Agenda;

use super::harness::{Daemon, asked, block_on, ledger, scene};
use crate::support::scene::b204_book;
use crate::support::wait;

const ORDERS: &str = "FROM orders WHERE asked_by = 'inbox' ORDER BY order_id";

#[test]
fn a_dropped_workbook_gets_its_verdict_without_waiting_for_the_clock() {
    let scene = scene(&[("intake", ""), ("nightly", "steps = [\"intake\", \"publish\"]")]);
    let daemon = Daemon::start(&scene, &[]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let lake = scene.out("lake/submissions/period=2024-03/part.parquet");
    wait::until("the verdict", || lake.exists().then_some(()), || daemon.log());
    daemon.wait_for_rows(&["job", "state"], ORDERS, |rows| rows == ["intake|done"]);
    let line = daemon.wait_for(&["month brought up to date", "2024-03"]);
    assert_eq!(line["spans"][1]["name"], "attempt", "a line bears its attempt's number: {line}");
    assert_eq!(line["spans"][1]["attempt"], 1);

    // The set of files is another one: a second drop is seen as well.
    scene.drop_file("2.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2401);
    daemon.wait_for_rows(&["state"], ORDERS, |rows| rows == ["done", "done"]);
    assert_eq!(daemon.metric("yuebao_runs_total{job=\"intake\",outcome=\"done\"}"), 2);
    let (_, text) = daemon.get("/metrics");
    for name in ["runs_duration_seconds_total", "last_success_timestamp_seconds"] {
        assert!(text.contains(&format!("yuebao_{name}{{job=\"intake\"}}")), "{name}: {text}");
    }
    daemon.end();
    assert_eq!(asked(&scene, &["asked_by", "state"], "FROM orders"), ["inbox|done", "inbox|done"]);
}

#[test]
fn files_that_no_run_could_take_are_not_tried_again_and_again() {
    let scene = scene(&[("intake", "")]);
    // Where the archive is to be lies a file: every intake fails.
    scene.write("output/archive", "in the way");
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let daemon = Daemon::start(&scene, &[]);
    let failed = |rows: &[String]| rows == ["failed"];
    daemon.wait_for_rows(&["state"], ORDERS, failed);
    daemon.wait_for(&["job failed for good", "archive"]);
    daemon.wait_for_turns(8);
    assert_eq!(asked(&scene, &["state"], ORDERS), ["failed"]);

    // A new file is another matter; with the way free, both are taken.
    fs::remove_file(scene.out("archive")).unwrap();
    scene.drop_file("2.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2401);
    daemon.wait_for_rows(&["state"], ORDERS, |rows| rows == ["failed", "done"]);
    daemon.wait_for(&["recovered", "intake"]);
    assert_eq!(scene.files("inbox").len(), 0);
    daemon.end();
}

#[test]
fn a_month_that_is_complete_enough_is_seen_once_and_carried_out() {
    let coverage = "coverage = { form = \"B204-1\", firms_percent = 66 }\ncron = 0";
    let scene = scene(&[("intake", ""), ("brief", coverage)]);
    let path = "jobs/schedules/brief.toml";
    let text = fs::read_to_string(scene.path(path)).unwrap();
    scene.write(path, &text.replace("cron = 0\n", ""));
    // The month whose deadline is next, and reports that come in now.
    let now = Utc::now();
    let hours = u64::try_from((now - DateTime::<Utc>::UNIX_EPOCH).num_hours()).unwrap() - 473_352;
    let deadline = (now + TimeDelta::days(5)).to_rfc3339();
    scene.seed("calendar.csv", &format!("form,period,deadline\nB204-1,2024-03,{deadline}\n"));
    let daemon = Daemon::start(&scene, &[]);
    let brief = "FROM orders WHERE job = 'brief'";
    for firm in 0..2 {
        assert_eq!(asked(&scene, &["state"], brief), Vec::<String>::new());
        let figures = [1010, 3030, 900, 2700];
        scene.drop_file(&format!("{firm}.xlsx"), &b204_book(firm, 3, figures), hours + 1);
        let done = usize::from(firm == 1) + 1;
        daemon.wait_for_rows(&["state"], ORDERS, |rows| rows == vec!["done"; done]);
    }
    let columns = ["state", "asked_by", "period_from", "occasion"];
    let expected = "done|coverage|2024-03|coverage 2024-03";
    daemon.wait_for_rows(&columns, brief, |rows| rows == [expected]);
    daemon.wait_for_turns(2);
    assert_eq!(asked(&scene, &columns, brief), [expected], "once");
    daemon.end();
}

#[test]
fn months_complete_enough_in_the_same_second_are_all_carried_out() {
    let coverage = "coverage = { form = \"B204-1\", firms_percent = 66 }\ncron = 0";
    let scene = scene(&[("intake", ""), ("brief", coverage)]);
    let path = "jobs/schedules/brief.toml";
    let text = fs::read_to_string(scene.path(path)).unwrap();
    scene.write(path, &text.replace("cron = 0\n", ""));
    let now = Utc::now();
    let deadline = (now + TimeDelta::days(5)).to_rfc3339();
    let rows = [3, 4].map(|month| format!("B204-1,2024-{month:02},{deadline}\n"));
    scene.seed("calendar.csv", &format!("form,period,deadline\n{}", rows.concat()));
    let project = scene.open().unwrap().project;
    block_on(async {
        let ledger = ledger(&scene).await;
        Agenda::align(&ledger, &project, now - TimeDelta::days(1)).await.unwrap();
        ledger.close().await;
    });
    // All files bear the last full hour, as those of an archive do. The later month comes first.
    let hours = u64::try_from((now - DateTime::<Utc>::UNIX_EPOCH).num_hours()).unwrap() - 473_352;
    let daemon = Daemon::start(&scene, &[]);
    let columns = ["state", "occasion", "period_from", "period_to"];
    let brief = "FROM orders WHERE job = 'brief' ORDER BY order_id";
    let (april, march) =
        ("done|coverage 2024-04|2024-04|2024-04", "done|coverage 2024-03|2024-03|2024-03");
    for (month, told) in [(4, vec![april]), (3, vec![april, march])] {
        for firm in 0..2 {
            let figures = [1010, 1010 * i64::from(month), 900, 900 * i64::from(month)];
            let name = format!("{month}-{firm}.xlsx");
            scene.drop_file(&name, &b204_book(firm, month, figures), hours);
        }
        daemon.wait_for_rows(&columns, brief, |rows| rows == told);
    }
    daemon.wait_for_turns(2);
    assert_eq!(asked(&scene, &columns, brief), [april, march], "each once");
    daemon.end();
}

#[test]
fn one_long_upload_keeps_nobody_waiting() {
    let scene = scene(&[("intake", "")]);
    scene.drop_file("long.xlsx", b"", 2400);
    let mut file = fs::File::options().append(true).open(scene.out("inbox/long.xlsx")).unwrap();
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let writer = thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            file.write_all(b"x").unwrap();
            thread::sleep(Duration::from_millis(100));
        }
    });
    let daemon = Daemon::start(&scene, &[]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    daemon.wait_for_rows(&["state"], ORDERS, |rows| rows == ["done"]);
    let left: Vec<String> = scene.files("inbox").into_keys().collect();
    assert_eq!(left, ["long.xlsx"]);
    is_over.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    let taken = || scene.files("inbox").is_empty().then_some(());
    wait::until("the long one", taken, || daemon.log());
    daemon.end();
}

#[test]
fn a_project_that_cannot_be_read_keeps_no_workbook_waiting() {
    let scene = scene(&[("intake", "")]);
    let daemon = Daemon::start(&scene, &[]);
    fs::rename(scene.path("jobs"), scene.path("kept")).unwrap();
    scene.write("jobs", "in the way");
    daemon.wait_for(&["could not look", "the project's files: could not list", "jobs"]);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    daemon.wait_for_rows(&["state"], ORDERS, |rows| rows == ["done"]);
    daemon.end();
}
