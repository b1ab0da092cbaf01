//! `yuebao jobs`: next and last activations, and the certificate of a month, as people meet them.

use std::path::Path;
use std::process::{Command, Output};

use chrono::{DateTime, Utc};
use yuebao::ledger::Ledger;
use yuebao::ledger::activations::{ActivationState, NewActivation, TriggerKind};
use yuebao::ledger::runs::{AskedBy, End, NewRun, State};

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

fn activation(
    scheduled_at: DateTime<Utc>,
    state: ActivationState,
    reason: Option<&str>,
) -> NewActivation {
    NewActivation {
        job: "publish".to_owned(),
        scheduled_at,
        trigger_kind: TriggerKind::Clock,
        occasion: scheduled_at.to_rfc3339(),
        months: None,
        priority: 5,
        state,
        reason: reason.map(str::to_owned),
    }
}

/// A scene whose daemon watched over `publish` in the first days of March 2025: one run, one skipped,
/// one that waits.
fn with_history() -> Scene {
    let scene = Scene::new();
    let publish = scene.open().unwrap().project.schedules["publish"].clone();
    let schedule = serde_json::to_string(&publish).unwrap();
    with_ledger(&scene.out("ledger.sqlite"), |ledger| async move {
        let since = at("2025-02-28T00:00:00Z");
        ledger
            .begin_promise("publish", &schedule, r#"{"zone":"Asia/Shanghai"}"#, since)
            .await
            .unwrap();
        let due = |day: u32| at(&format!("2025-03-{day:02}T04:30:00Z"));
        let made = [
            activation(due(1), ActivationState::Waiting, None),
            activation(due(2), ActivationState::Skipped, Some("a later one stands for it")),
            activation(due(3), ActivationState::Waiting, None),
        ];
        for activation in made {
            let decided = activation.scheduled_at + chrono::TimeDelta::seconds(1);
            ledger.decide("publish", &[activation], decided).await.unwrap();
        }
        let open = ledger.open_activations().await.unwrap();
        let run = NewRun {
            activation_id: Some(open[0].activation_id),
            backfill_id: None,
            job: "publish".to_owned(),
            asked_by: AskedBy::Clock,
            who: "test".to_owned(),
            why: None,
            from: None,
            to: None,
        };
        let begun = ledger.begin_run(&run, due(1)).await.unwrap();
        let end = due(1) + chrono::TimeDelta::seconds(7);
        ledger.end_run(begun, &End { at: end, state: State::Done, error: None }).await.unwrap();
        let done = yuebao::ledger::activations::Activation {
            state: ActivationState::Done,
            attempts: 1,
            ..open[0].clone()
        };
        ledger.set_activation(&done).await.unwrap();
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
fn last_and_open_activations_are_told_with_their_reasons() {
    let scene = with_history();
    let jobs = json(&yuebao(&scene, &["jobs", "publish", "--json"]));
    let last = &jobs[0]["last"];
    assert_eq!(
        (&last["state"], &last["reason"]),
        (&"skipped".into(), &"a later one stands for it".into())
    );
    assert_eq!(jobs[0]["open"].as_array().unwrap().len(), 1);
    assert_eq!(jobs[0]["open"][0]["scheduled_at"], "2025-03-03T12:30:00+08:00");
    let said = out(&yuebao(&scene, &["jobs"]));
    assert!(said.contains("尚未完成") && said.contains("a later one stands for it"), "{said}");
}

#[test]
fn the_certificate_of_a_month_accounts_for_every_day() {
    let scene = with_history();
    let told = json(&yuebao(&scene, &["jobs", "publish", "--month", "2025-03", "--json"]));
    let lines = told["lines"].as_array().unwrap();
    assert_eq!(lines.len(), 31);
    assert_eq!(lines[0]["fate"], "ran");
    assert_eq!(lines[0]["run"]["state"], "done");
    assert_eq!(lines[1]["fate"], "skipped");
    assert_eq!(lines[2]["fate"], "waiting");
    assert_eq!((&lines[3]["fate"], &lines[3]["why"]), (&"no_record".into(), &"nobody_runs".into()));
    let totals = &told["totals"];
    let count = |name: &str| totals[name].as_u64().unwrap();
    assert_eq!(count("due"), 31);
    assert_eq!(count("ran") + count("skipped") + count("waiting") + count("no_record"), 31);
    let said = out(&yuebao(&scene, &["jobs", "publish", "--month", "2025-03"]));
    assert_eq!(said.lines().count(), 1 + 31 + 2, "title, days, sums:\n{said}");
    assert!(said.contains("2025-03-01 12:30:00  按时：运行 1"), "{said}");
    assert!(said.contains("用时 7 秒") && said.contains("应执行 31 次：按时 1"), "{said}");
}

#[test]
fn instants_that_nobody_owed_stand_in_one_line() {
    let scene = with_history();
    let said = out(&yuebao(&scene, &["jobs", "publish", "--month", "2025-02"]));
    assert!(said.contains("  2025-02-01 12:30:00 至 2025-02-27 12:30:00  当时未安排"), "{said}");
    assert!(
        said.contains("（27 次）\n  2025-02-28 12:30:00  "),
        "what was promised is told: {said}"
    );
    let told = json(&yuebao(&scene, &["jobs", "publish", "--month", "2025-02", "--json"]));
    assert_eq!(told["lines"].as_array().unwrap().len(), 28, "a script gets each of them");
}

#[test]
fn a_job_whose_file_is_gone_keeps_its_history() {
    let scene = with_history();
    std::fs::remove_file(scene.path("jobs/schedules/publish.toml")).unwrap();
    let told = json(&yuebao(&scene, &["jobs", "publish", "--month", "2025-03", "--json"]));
    assert_eq!(told["totals"]["due"], 31);
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
        let mut skipped = ledger.activation(1).await.unwrap().unwrap();
        skipped.state = ActivationState::Skipped;
        skipped.reason = Some("missed: a later one stands for it; overlap = \"queue\": waited for the run before; some day".to_owned());
        ledger.set_activation(&skipped).await.unwrap();
    });
    let told = yuebao(&scene, &["jobs", "publish", "--month", "2025-03"]);
    assert!(
        out(&told)
            .contains("错过，由后一次代替；前一次尚未结束，按 overlap = \"queue\" 等待；some day"),
        "{}",
        out(&told)
    );
}
