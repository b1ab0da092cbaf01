//! `yuebao jobs`: next and last orders, and the certificate of a month, as people meet them.

use std::path::Path;
use std::process::{Command, Output};

use chrono::{DateTime, TimeDelta, Utc};
use yuebao::ledger::Ledger;
use yuebao::ledger::orders::{Asked, AskedBy, State};
use yuebao::ledger::reason::Reason;

use super::at;
use crate::support::scene::Scene;

fn yuebao(scene: &Scene, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_yuebao");
    let project = scene.path("");
    Command::new(program).arg("--project").arg(project).args(arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", err(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_str(&out(output)).unwrap()
}

/// Works on a scene's ledger to the end.
fn with_ledger<F: Future<Output = ()>>(path: &Path, work: impl FnOnce(Ledger) -> F) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let ledger = Ledger::open(path).await.unwrap();
        work(ledger.clone()).await;
        ledger.close().await;
    });
}

/// A scene whose daemon watched over `publish` in the first days of March 2025: one run, one skipped,
/// one that waits.
fn with_history() -> Scene {
    let scene = Scene::new();
    let publish = scene.open().unwrap().project.schedules["publish"].clone();
    with_ledger(&scene.out("ledger.sqlite"), |ledger| async move {
        let schedule = serde_json::to_string(&publish).unwrap();
        let basis = r#"{"zone":"Asia/Shanghai"}"#;
        let since = at("2025-03-01T00:00:00Z");
        ledger.begin_promise("publish", &schedule, basis, since).await.unwrap();
        let due = |day: u32| at(&format!("2025-03-{day:02}T04:30:00Z"));
        for (day, state, reasons) in [
            (1, State::Waiting, vec![]),
            (2, State::Skipped, vec![Reason::LaterStands]),
            (3, State::Waiting, vec![]),
        ] {
            let mut asked = Asked::of(&publish, AskedBy::Clock, due(day));
            asked.occasion = Some(due(day).to_rfc3339());
            let decided = due(day) + TimeDelta::seconds(1);
            ledger.decide("publish", &[(asked, state, reasons)], decided).await.unwrap();
        }
        let mut attempt = ledger.begin_attempt(1, due(1)).await.unwrap();
        attempt.end(State::Done, due(1) + TimeDelta::seconds(7));
        ledger.keep_attempt(&attempt).await.unwrap();
        let running = [State::Running];
        assert!(ledger.turn_order(1, &running, State::Done, due(1)).await.unwrap());
    });
    scene
}

#[test]
fn without_a_daemon_and_without_a_ledger_the_jobs_are_told() {
    let scene = Scene::new();
    let said = out(&yuebao(&scene, &["jobs"]));
    for words in ["intake", "每 10 分钟", "每天 12:30", "截止前 2 天 09:00", "达 95%", "无记录"]
    {
        assert!(said.contains(words), "{words} is missing in:\n{said}");
    }
    assert!(!scene.path("output").exists(), "nothing is written");
    let jobs = json(&yuebao(&scene, &["jobs", "--json"]));
    assert_eq!(jobs.as_array().unwrap().len(), 5);
    let intake = jobs.as_array().unwrap().iter().find(|job| job["job"] == "intake").unwrap();
    assert_eq!(intake["trigger"]["en"], "every 10 minutes");
    assert_eq!(intake["catch_up"], "none");
    assert_eq!(intake["last"], serde_json::Value::Null);
    let next: DateTime<Utc> = at(intake["next"]["at"].as_str().unwrap());
    assert_eq!(next.timestamp() % 600, 0);
}

#[test]
fn one_job_alone() {
    let scene = Scene::new();
    let jobs = json(&yuebao(&scene, &["jobs", "closing", "--json"]));
    assert_eq!(jobs.as_array().unwrap().len(), 1);
    assert_eq!(jobs[0]["priority"], 8);
}

#[test]
fn an_unknown_job_names_the_nearest() {
    let scene = Scene::new();
    for call in [vec!["jobs", "pubilsh"], vec!["jobs", "pubilsh", "--month", "2025-03"]] {
        let output = yuebao(&scene, &call);
        assert_eq!(output.status.code(), Some(2));
        let said = err(&output);
        assert!(said.contains("did you mean `publish`?") && said.lines().count() == 1, "{said}");
    }
}

#[test]
fn a_month_needs_a_job_and_must_be_one() {
    let scene = Scene::new();
    assert_eq!(yuebao(&scene, &["jobs", "--month", "2025-03"]).status.code(), Some(2));
    let output = yuebao(&scene, &["jobs", "publish", "--month", "2025-13"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("write it as 2024-07"), "{}", err(&output));
    let help = out(&yuebao(&scene, &["jobs", "--help"]));
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("not the month reported on"), "{help}");
}

#[test]
fn last_and_open_orders_are_told_with_their_reasons() {
    let scene = with_history();
    let jobs = json(&yuebao(&scene, &["jobs", "publish", "--json"]));
    let last = &jobs[0]["last"];
    let reasons = serde_json::json!([{"reason": "later_stands"}]);
    assert_eq!((&last["state"], &last["reasons"]), (&"skipped".into(), &reasons));
    assert_eq!(jobs[0]["open"].as_array().unwrap().len(), 1);
    assert_eq!(jobs[0]["open"][0]["due_at"], "2025-03-03T04:30:00Z");
    let said = out(&yuebao(&scene, &["jobs"]));
    assert!(said.contains("尚未完成") && said.contains("错过，由后一次代替"), "{said}");
}

#[test]
fn the_certificate_of_a_month_accounts_for_every_day() {
    let scene = with_history();
    let told = json(&yuebao(&scene, &["jobs", "publish", "--month", "2025-03", "--json"]));
    let told = &told["certificate"];
    let lines = told["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 31);
    assert_eq!(lines[0]["fate"], "ran");
    assert_eq!(lines[0]["run"]["state"], "done");
    assert_eq!(lines[1]["fate"], "skipped");
    assert_eq!(lines[2]["fate"], "waiting");
    assert_eq!((&lines[3]["fate"], &lines[3]["order"]), (&"undecided".into(), &().into()));
    let totals = &told["totals"];
    let count = |name: &str| totals[name].as_u64().unwrap();
    assert_eq!(count("due"), 31);
    assert_eq!(count("ran") + count("skipped") + count("waiting") + count("undecided"), 31);
    let said = out(&yuebao(&scene, &["jobs", "publish", "--month", "2025-03"]));
    assert_eq!(said.lines().count(), 2 + 3 + 1 + 2, "title, days, rest, sums:\n{said}");
    let rest = "  2025-03-04 12:30:00 至 2025-03-31 12:30:00  守护进程未运行，启动后再定（28 次）";
    assert!(said.contains(rest), "{said}");
    assert!(said.contains("2025-03-01 12:30:00  按时：运行 1"), "{said}");
    assert!(said.contains("用时 7 秒") && said.contains("应执行 31 次：按时 1"), "{said}");
}

#[test]
fn before_a_daemon_watched_nothing_is_on_record() {
    let scene = with_history();
    let said = out(&yuebao(&scene, &["jobs", "publish", "--month", "2025-02"]));
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(said.contains("自 2025-03-01 08:00:00 起由守护进程看管，之前不记"), "{said}");
    assert!(said.contains("应执行 0 次"), "{said}");
    let said = out(&yuebao(&scene, &["jobs", "intake", "--month", "2025-02"]));
    assert!(said.contains("守护进程从未看管此作业，没有记录"), "{said}");
}

#[test]
fn a_job_whose_file_is_gone_keeps_its_history() {
    let scene = with_history();
    std::fs::remove_file(scene.path("jobs/schedules/publish.toml")).unwrap();
    let told = json(&yuebao(&scene, &["jobs", "publish", "--month", "2025-03", "--json"]));
    assert_eq!(told["certificate"]["totals"]["due"], 31);
    let output = yuebao(&scene, &["jobs", "publish"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("--month"), "{}", err(&output));
}

#[test]
fn a_ledger_is_read_beside_its_writer_and_none_is_begun() {
    let scene = with_history();
    let path = scene.out("ledger.sqlite");
    with_ledger(&path, |ledger| async move {
        ledger.begin_promise("b", "{}", "{}", at("2025-01-01T00:00:00Z")).await.unwrap();
        let reader = Ledger::look(ledger.path()).await.unwrap().unwrap();
        ledger.begin_promise("b", "{}", "{}", at("2025-02-01T00:00:00Z")).await.unwrap();
        assert_eq!(reader.past_promises("b").await.unwrap().len(), 2);
        assert!(reader.begin_promise("c", "{}", "{}", at("2025-01-01T00:00:00Z")).await.is_err());
        reader.close().await;
    });
    with_ledger(&path, |ledger| async move {
        let nowhere = ledger.path().with_file_name("none.sqlite");
        assert!(Ledger::look(&nowhere).await.unwrap().is_none());
        assert!(!nowhere.exists());
    });
}

#[test]
fn reasons_are_told_in_the_readers_language() {
    let scene = with_history();
    with_ledger(&scene.out("ledger.sqlite"), |ledger| async move {
        let mut skipped = ledger.order(1).await.unwrap().unwrap();
        skipped.state = State::Skipped;
        let words = vec!["some day".to_owned()];
        skipped.reasons = vec![Reason::LaterStands, Reason::Queued, Reason::Words { words }];
        ledger.set_order(&skipped).await.unwrap();
    });
    let told = yuebao(&scene, &["jobs", "publish", "--month", "2025-03"]);
    assert!(
        out(&told)
            .contains("错过，由后一次代替；前一次尚未结束，按 overlap = \"queue\" 等待：some day"),
        "{}",
        out(&told)
    );
}
