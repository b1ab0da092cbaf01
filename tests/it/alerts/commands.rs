//! `yuebao alerts` and `yuebao alerts test` as a person meets them, and `run` that delivers.

use std::process::{Command, Output};

use yuebao::alerts::Alert;
use yuebao::ledger::Ledger;
use yuebao::ledger::alerts::NewAlert;

use super::server::{Server, dead};
use super::{at, channel};
use crate::support::scene::{Scene, b204_book};

fn yuebao(scene: &Scene, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yuebao"))
        .arg("--project")
        .arg(scene.path(""))
        .args(arguments)
        .env("YUEBAO_TEST_SECRET", "SEC0123456789abcdef")
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// Everything it printed.
fn said(output: &Output) -> String {
    let [out, err] = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it));
    format!("{out}{err}")
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", said(output)))
}

const CLOSE: &str = "job = \"close\"\nabout = \"Who did not report\"\n\
    deadline = { form = \"B204-1\" }\nsteps = [\"close\"]\ncatch_up = \"last\"\n\
    overlap = \"skip\"\nretries = 3\ntime_out_secs = 60\n";

/// A district where one of three firms has reported March, with these channels.
fn scene(channels: &str) -> Scene {
    let scene = Scene::new();
    scene.write("jobs/alerts.toml", channels);
    scene.write("jobs/schedules/close.toml", CLOSE);
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2300);
    scene.take_in();
    scene
}

#[test]
fn without_alerts_it_says_so_and_writes_nothing() {
    let scene = Scene::new();
    let listed = yuebao(&scene, &["alerts"]);
    assert_eq!(code(&listed), 0);
    assert!(said(&listed).contains("no alert holds"), "{}", said(&listed));
    assert_eq!(json(&yuebao(&scene, &["alerts", "--json"])), serde_json::json!([]));
    assert!(!scene.path("output").exists());
}

#[test]
fn a_test_needs_a_channel_of_that_name() {
    let none = yuebao(&Scene::new(), &["alerts", "test"]);
    assert_eq!(code(&none), 2);
    assert!(said(&none).contains("jobs/alerts.toml says how"), "{}", said(&none));
    let scene = scene(&channel("json", &dead(), ""));
    let wrong = yuebao(&scene, &["alerts", "test", "--channel", "duti"]);
    assert_eq!(code(&wrong), 2);
    assert!(said(&wrong).contains("did you mean `duty`?"), "{}", said(&wrong));
}

#[test]
fn a_test_says_what_came_back_from_each_channel() {
    let server = Server::answering(&[(200, r#"{"errcode":0}"#)]);
    let down = channel("json", &dead(), "").replace("duty", "down");
    let works = channel("wecom", &server.url("/send"), "locale = \"en\"");
    let scene = scene(&format!("{down}{works}"));
    let both = yuebao(&scene, &["alerts", "test"]);
    assert_eq!(code(&both), 3);
    let text = said(&both);
    assert!(text.contains("down: NOT delivered: http://127.0.0.1:"), "{text}");
    assert!(text.contains("duty: delivered"), "{text}");
    let one = yuebao(&scene, &["alerts", "test", "--channel", "duty", "--json"]);
    assert_eq!(code(&one), 0);
    assert_eq!(json(&one)[0]["is_delivered"], true);
    assert_eq!(server.sent().len(), 2);
    assert!(server.sent()[1].1.contains("This is a test: channel `duty` works."));
}

#[test]
fn run_raises_and_delivers_and_alerts_lists() {
    let server = Server::answering(&[(200, "")]);
    let scene = scene(&channel("json", &server.url("/"), ""));
    let run = yuebao(&scene, &["run", "close", "--period", "2024-03", "--json"]);
    assert_eq!(code(&run), 0, "{}", said(&run));
    assert_eq!(json(&run)["firms_missing"], 2);
    assert_eq!(server.sent().len(), 1);
    assert!(server.sent()[0].1.contains("示例轨道配件有限公司"), "{:?}", server.sent());
    let listed = json(&yuebao(&scene, &["alerts", "--json"]));
    assert_eq!(listed[0]["kind"], "firms_missing");
    assert_eq!(listed[0]["deliveries"][0]["state"], "delivered");
    let text = said(&yuebao(&scene, &["alerts"]));
    assert!(text.contains("#1 OPEN: firms_missing, B204-1 2024-03"), "{text}");
    assert!(text.contains("-> duty: alert delivered"), "{text}");
    assert!(text.matches(" CST").count() == 2, "by the clock of the project: {text}");
}

#[test]
fn a_channel_that_fails_does_not_fail_the_run_and_no_secret_is_printed() {
    let url = format!("{}?access_token=verysecrettoken", dead());
    let signed = "secret_env = \"YUEBAO_TEST_SECRET\"";
    let scene = scene(&channel("dingtalk", &url, signed));
    let arguments = ["-vv", "run", "close", "--period", "2024-03"];
    let run = yuebao(&scene, &arguments);
    assert_eq!(code(&run), 0, "{}", said(&run));
    assert!(said(&run).contains("alert not delivered, is tried again"), "{}", said(&run));
    let listed = yuebao(&scene, &["alerts"]);
    assert!(
        said(&listed).contains("alert waiting, 1 of 24 tries: http://127"),
        "{}",
        said(&listed)
    );
    let tested = yuebao(&scene, &["-vv", "alerts", "test"]);
    let doctor = yuebao(&scene, &["-vv", "doctor"]);
    for output in [run, listed, tested, doctor] {
        for secret in ["verysecretpath", "verysecrettoken", "SEC0123456789abcdef"] {
            assert!(!said(&output).contains(secret), "{}", said(&output));
        }
    }
}

#[test]
fn a_step_about_one_month_is_not_run_without_one() {
    let run = yuebao(&scene(""), &["run", "close"]);
    assert_eq!(code(&run), 2);
    assert!(said(&run).contains("--period"), "{}", said(&run));
}

#[test]
fn a_backfill_delivers_what_it_raised() {
    let server = Server::answering(&[(200, "")]);
    let scene = scene(&channel("json", &server.url("/"), ""));
    let held = Alert::EditionHeldBack { tests: Vec::new() };
    let (kind, subject, content) = (held.kind(), held.subject().key(), held.json());
    let raised = NewAlert { kind, subject, content };
    let threads = tokio::runtime::Runtime::new().unwrap();
    threads.block_on(async {
        let ledger = Ledger::open(&scene.out("ledger.sqlite")).await.unwrap();
        let then = at("2025-01-01T00:00:00Z");
        ledger.raise_alert(&raised, &["duty"], then).await.unwrap();
        ledger.close().await;
    });
    let range = ["--from", "2024-03", "--to", "2024-03", "--why", "a test"];
    let done = yuebao(&scene, &[&["backfill", "intake"][..], &range].concat());
    assert_eq!(code(&done), 0, "{}", said(&done));
    assert_eq!(server.sent().len(), 1, "{}", said(&done));
}

#[test]
fn doctor_names_each_variable_of_a_channel_that_is_not_set() {
    let scene = Scene::new();
    let channel = |name: &str, keys: &str| {
        format!("[[channels]]\nname = \"{name}\"\nkind = \"dingtalk\"\n{keys}\n")
    };
    let channels = [
        channel("duty", "url_env = \"YUEBAO_TEST_UNSET\"\nsecret_env = \"YUEBAO_TEST_UNSET_KEY\""),
        channel("desk", "url_env = \"YUEBAO_TEST_SECRET\""),
        channel("boss", "url = \"http://a/b\"\nsecret_env = \"YUEBAO_TEST_SECRET\""),
    ];
    scene.write("jobs/alerts.toml", &channels.concat());
    let looked = yuebao(&scene, &["doctor"]);
    let said = said(&looked);
    assert_eq!(code(&looked), 0, "{said}");
    for words in [
        "channel `duty` of jobs/alerts.toml needs the environment variable `YUEBAO_TEST_UNSET` (`url_env`), which is not set here",
        "`YUEBAO_TEST_UNSET_KEY` (`secret_env`), which is not set here",
        "channel `desk` of jobs/alerts.toml needs the environment variable `YUEBAO_TEST_SECRET` (`url_env`), which holds no address",
        "the daemon's environment may have it",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("boss") && !said.contains("SEC0123456789abcdef"), "{said}");
}
