//! Every command and its failures, as a person or a script meets them: exit code and words.

use std::process::{Command, Output};

use yuebao::files::lock::{Holder, Lock};

use crate::daemon::harness::holder;
use crate::support::scene::{Scene, b204, b204_book};
use crate::support::workbook::Book;

mod calendar;

mod database;

mod export;

mod faulty;

mod findings;

mod interrupted;

mod language;

mod status;

mod unreported;

mod why;

/// Runs the program over a scene.
fn yuebao(scene: &Scene, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_yuebao"))
        .arg("--project")
        .arg(scene.path(""))
        .args(arguments)
        .output()
        .unwrap()
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", out(output)))
}

/// A scene in which the program took in a workbook and published.
fn published() -> Scene {
    Scene::like("cli", || {
        let scene = Scene::new();
        scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
        let run = yuebao(&scene, &["run"]);
        assert_eq!(code(&run), 0, "{}", err(&run));
        scene
    })
}

#[test]
fn run_takes_in_and_publishes_then_finds_nothing_to_do() {
    let scene = published();
    assert!(scene.out("marts/monthly_totals.parquet").exists());
    let again = yuebao(&scene, &["run", "--json"]);
    assert_eq!(json(&again)["is_new_edition"], false);
    assert_eq!(json(&again)["edition"], 1);
}

#[test]
fn refused_workbooks_are_a_normal_outcome_of_run() {
    let scene = Scene::new();
    scene.drop_file("bad.xlsx", b"not a workbook", 1);
    let run = yuebao(&scene, &["run", "--json"]);
    assert_eq!(code(&run), 0, "{}", err(&run));
    assert_eq!(json(&run)["months"]["unreadable"]["unreadable"], 1);
}

#[test]
fn check_writes_nothing_and_exits_by_the_verdict() {
    let scene = Scene::new();
    std::fs::write(scene.path("good.xlsx"), b204_book(0, 3, [1010, 3030, 900, 2700])).unwrap();
    let wrong = b204(0, 3, [1010, 3030, 900, 2700]).replace("'04|0|0|0|0", "'04|0|5000|0|0");
    std::fs::write(scene.path("wrong.xlsx"), Book::of(&wrong)).unwrap();
    let path = |name: &str| scene.path(name).display().to_string();
    let good = yuebao(&scene, &["check", &path("good.xlsx")]);
    assert_eq!(code(&good), 0, "{}", out(&good));
    let refused = yuebao(&scene, &["check", &path("good.xlsx"), &path("wrong.xlsx")]);
    assert_eq!(code(&refused), 1);
    let text = out(&refused);
    assert!(text.contains("H4") && text.contains("E11") && text.contains("退回"), "{text}");
    assert!(!scene.path("output").exists(), "check must write nothing");
}

#[test]
fn check_as_json_names_cells() {
    let scene = Scene::new();
    let wrong = b204(0, 3, [1010, 3030, 900, 2700]).replace("'04|0|0|0|0", "'04|0|5000|0|0");
    std::fs::write(scene.path("wrong.xlsx"), Book::of(&wrong)).unwrap();
    let checked =
        yuebao(&scene, &["check", "--json", &scene.path("wrong.xlsx").display().to_string()]);
    let report = &json(&checked)[0]["reports"][0];
    assert_eq!(report["state"], "refused");
    let findings = report["findings"].as_array().unwrap();
    assert!(findings.iter().any(|it| it["code"] == "H4" && it["cell"] == "E11"), "{findings:?}");
}

#[test]
fn check_of_a_file_that_is_not_there_is_a_mistake_of_the_call() {
    let scene = Scene::new();
    let checked = yuebao(&scene, &["check", "/nowhere/x.xlsx"]);
    assert_eq!(code(&checked), 2);
    assert!(err(&checked).contains("there is no file `/nowhere/x.xlsx`"), "{}", err(&checked));
    std::fs::write(scene.path("good.xlsx"), b204_book(0, 3, [1010, 3030, 900, 2700])).unwrap();
    let good = scene.path("good.xlsx").display().to_string();
    let others = yuebao(&scene, &["check", "/nowhere/x.xlsx", &good, "/nowhere/y.xlsx"]);
    assert_eq!(code(&others), 2);
    assert!(out(&others).contains("good.xlsx"), "{}", out(&others));
    let said = err(&others);
    assert!(said.contains("/nowhere/x.xlsx") && said.contains("/nowhere/y.xlsx"), "{said}");
    let folder = yuebao(&scene, &["check", &scene.path("").display().to_string()]);
    assert_eq!(code(&folder), 2);
    assert!(err(&folder).contains("is a folder"), "{}", err(&folder));
}

#[test]
fn an_output_folder_that_is_a_file_is_a_mistake_of_the_call() {
    let scene = Scene::new();
    let file = scene.path("seeds/firms.csv").display().to_string();
    for command in ["run", "status", "doctor"] {
        let called = yuebao(&scene, &["--output", &file, command]);
        assert_eq!(code(&called), 2, "{command}: {}", err(&called));
        assert!(err(&called).contains("a file lies where the output folder"), "{}", err(&called));
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_no_success() {
    let scene = published();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = Command::new(env!("CARGO_BIN_EXE_yuebao"))
        .arg("--project")
        .arg(scene.path(""))
        .arg("status")
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(code(&status), 3);
    assert!(err(&status).contains("standard output"), "{}", err(&status));
}

#[test]
fn run_does_not_call_a_month_up_to_date_for_which_nothing_came() {
    let scene = Scene::new();
    let empty = out(&yuebao(&scene, &["run"]));
    assert!(empty.contains("尚未收到任何报表"), "{empty}");
    let status = yuebao(&scene, &["status"]);
    assert_eq!(code(&status), 2);
    assert!(err(&status).contains("nothing was received yet"), "{}", err(&status));
    let scene = published();
    let unknown = out(&yuebao(&scene, &["run", "--period", "2031-05"]));
    assert!(unknown.contains("2031-05 尚未收到任何报表"), "{unknown}");
    let known = out(&yuebao(&scene, &["run", "--period", "2024-03"]));
    assert!(known.contains("2024-03 已是最新"), "{known}");
}

#[test]
fn status_says_why_a_report_does_not_count() {
    let scene = published();
    let wrong = b204(1, 3, [1010, 3030, 900, 2700]).replace("'04|0|0|0|0", "'04|9000|9000|0|0");
    scene.drop_file("2.xlsx", &Book::of(&wrong), 2410);
    assert_eq!(code(&yuebao(&scene, &["run"])), 0);
    let status = json(&yuebao(&scene, &["status", "--json"]));
    let chased = status["to_chase"].as_array().unwrap();
    let refused = chased.iter().find(|it| it["state"] == "refused").unwrap();
    let codes: Vec<_> =
        refused["problems"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
    assert_eq!(codes[..2], ["H4", "H4"]);
    assert_eq!(refused["problems"][0]["cell"], "D11");
    let text = out(&yuebao(&scene, &["status"]));
    assert!(text.contains("出口交货值 9,000 千元 大于工业销售产值"), "{text}");
    assert!(text.contains("（另有 "), "{text}");
    assert!(text.contains("报齐前仅供参考") || !text.contains("目标进度"), "{text}");
}

#[test]
fn status_tells_who_is_missing() {
    let scene = published();
    let status = yuebao(&scene, &["status", "--json"]);
    assert_eq!(code(&status), 0, "{}", err(&status));
    let status = json(&status);
    assert_eq!((status["due"].as_u64(), status["counted"].as_u64()), (Some(3), Some(1)));
    assert_eq!(status["to_chase"].as_array().unwrap().len(), 2);
    let text = out(&yuebao(&scene, &["status", "--period", "2024-03"]));
    assert!(text.contains("未报") && text.contains("示例轨道配件有限公司"), "{text}");
    let wrong = yuebao(&scene, &["status", "--period", "2023-05"]);
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("from 2024-02 to 2024-12"), "{}", err(&wrong));
}

#[test]
fn status_before_the_first_edition_says_what_to_do() {
    let status = yuebao(&Scene::new(), &["status"]);
    assert_eq!(code(&status), 2);
    assert!(err(&status).contains("yuebao run"), "{}", err(&status));
}

#[test]
fn backfill_shows_its_plan_skips_and_forces() {
    let scene = published();
    let range = ["--from", "2024-02", "--to", "2024-12"];
    let call =
        |more: &[&str]| yuebao(&scene, &[&["backfill", "publish"], &range[..], more].concat());
    let plan = call(&["--dry-run", "--json"]);
    assert_eq!(json(&plan)["plan"][0]["action"], "skip: up to date");
    assert!(json(&call(&["--json"]))["months"].as_object().unwrap().is_empty());
    let forced = json(&call(&["--force", "--json"]));
    assert_eq!(forced["months"]["2024-03"]["accepted"], 1);
    // Done again it comes out the same: what changes nothing makes no edition.
    assert_eq!((&forced["edition"], &forced["is_new_edition"]), (&1.into(), &false.into()));
}

#[test]
fn mistakes_of_a_call_are_one_clear_sentence() {
    let scene = Scene::new();
    let mistakes: [(&[&str], &str); 12] = [
        (&["rnu"], "no command `yuebao rnu`: demo, run, daemon, "),
        (&["--output", "run", "rnu"], "doctor; did you mean `run`?"),
        (
            &["edition", "shw", "1"],
            "`yuebao edition shw`: list, show, diff, rollback; did you mean `show`?",
        ),
        (&["status", "--perod=2024-03"], "no flag `yuebao status --perod`: --period, --json, "),
        (&["status", "--perod=2024-03"], "did you mean `--period`?"),
        (&["run", "--quickly"], "no flag `yuebao run --quickly`: --period, --why, --json, "),
        (&["backfill", "list", "--jsn"], "`yuebao backfill list --jsn`: --json, "),
        (
            &["backfill", "publsh", "--from", "2024-02", "--to", "2024-03"],
            "did you mean `publish`?",
        ),
        (&["backfill", "publish", "--from", "2024-05", "--to", "2024-03"], "the range is reversed"),
        (&["backfill", "publish", "--from", "2024-13", "--to", "2024-03"], "2024-13"),
        (&["edition", "show", "7"], "there is no edition 7: none was published yet"),
        (&["run", "nothing"], "there is no job `nothing`"),
    ];
    for (arguments, words) in mistakes {
        let output = yuebao(&scene, arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(err(&output).contains(words), "{arguments:?}: {}", err(&output));
        let is_of_run = arguments[0] == "run";
        assert!(!is_of_run || !err(&output).contains("--order"), "{}", err(&output));
    }
}

#[test]
fn editions_are_listed_and_shown() {
    let scene = published();
    let list = json(&yuebao(&scene, &["edition", "list", "--json"]));
    assert_eq!(list[0]["edition"], 1);
    let unknown = yuebao(&scene, &["edition", "show", "9"]);
    assert!(err(&unknown).contains("no edition 9: the newest is 1,"), "{}", err(&unknown));
    let text = out(&yuebao(&scene, &["edition", "show", "1"]));
    assert!(text.contains("monthly_totals.parquet") && text.contains("SYNTHETIC"), "{text}");
}

#[test]
fn doctor_shows_every_fault_and_nothing_else_runs() {
    let scene = published();
    let sound = yuebao(&scene, &["doctor"]);
    assert_eq!(code(&sound), 0, "{}", err(&sound));
    scene.append("seeds/zones.csv", "a,,A\n");
    scene.append("jobs/pipeline.toml", "\nx = 1\n");
    for command in [&["doctor"][..], &["run"], &["jobs"], &["check", "x.xlsx"]] {
        let output = yuebao(&scene, command);
        assert_eq!(code(&output), 2, "{command:?}");
        let text = err(&output);
        assert!(text.contains("seeds/zones.csv:3") && text.contains("pipeline.toml"), "{text}");
    }
    let faults = json(&yuebao(&scene, &["doctor", "--json"]));
    assert_eq!(faults["faults"].as_array().unwrap().len(), 2);
}

#[test]
fn a_second_writer_is_told_who_holds_the_output() {
    let scene = published();
    let (path, holder) = (scene.out(".lock"), holder("test"));
    let lock = Lock::take(&path, &holder).unwrap();
    let written = std::fs::read_to_string(&path).unwrap();
    assert_eq!(serde_json::from_str::<Holder>(&written).unwrap(), holder);
    let refused = |words: &str| {
        let run = yuebao(&scene, &["run", "--wait", "0"]);
        assert_eq!(code(&run), 3);
        assert!(err(&run).contains(words), "{}", err(&run));
    };
    refused(&format!("is held by `yuebao test`, process {}, since ", holder.pid));
    // Held also by whoever wrote something that cannot be read.
    for unreadable in [&b""[..], b"{}", b"`yuebao run`, process 77", b"\xff"] {
        std::fs::write(&path, unreadable).unwrap();
        assert_eq!(Lock::holder(&path), Some(Holder::default()), "{unreadable:?}");
        refused("is held by another process: wait until that has ended");
    }
    drop(lock);
    assert_eq!(code(&yuebao(&scene, &["run"])), 0);
}

#[test]
fn the_demo_refuses_a_project_with_real_data() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &text.replace("is_synthetic = true", "is_synthetic = false"));
    let demo = yuebao(&scene, &["demo"]);
    assert_eq!(code(&demo), 2);
    assert!(err(&demo).contains("is_synthetic"), "{}", err(&demo));
}

#[test]
fn the_demo_lays_out_a_project_in_an_empty_folder() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Command::new(env!("CARGO_BIN_EXE_yuebao"))
        .args(["demo", "--workbooks-only", "--project"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(code(&demo), 0, "{}", err(&demo));
    assert!(folder.path().join("jobs/forms/B204-1.toml").exists());
    assert!(folder.path().join("seeds/firms.csv").exists());
    assert!(folder.path().join("output/inbox/2024-07").is_dir());
}

#[test]
fn help_names_every_command() {
    let help = out(&yuebao(&Scene::new(), &["--help"]));
    for command in ["demo", "run", "backfill", "status", "check", "edition", "doctor"] {
        assert!(help.contains(command), "{command} is missing in {help}");
    }
}

#[test]
fn logs_can_be_json() {
    let scene = Scene::new();
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let run = yuebao(&scene, &["-v", "--log", "json", "run"]);
    let lines = err(&run);
    assert!(!lines.is_empty());
    for line in lines.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn run_names_what_was_rejected_and_what_was_known() {
    let scene = published();
    scene.drop_file("copy/1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("page.xls", b"<html></html>", 2500);
    let text = out(&yuebao(&scene, &["run"]));
    assert!(text.contains("收取 2 个文件，其中 1 个以前收过"), "{text}");
    assert!(text.contains("page.xls") && text.contains("无法读取"), "{text}");
}

#[test]
fn a_file_name_says_nothing_to_the_terminal_and_stays_in_its_line() {
    let scene = Scene::new();
    scene.drop_file("\u{1b}[31mred\nline \u{202e}xslx.1.xlsx", b"not a workbook", 1);
    let run = yuebao(&scene, &["run"]);
    let text = out(&run);
    assert_eq!(code(&run), 0, "{}", err(&run));
    assert!(text.contains("\u{fffd}[31mred\u{fffd}line \u{fffd}xslx.1.xlsx"), "{text}");
}

#[test]
fn a_daemon_is_told_what_an_address_looks_like() {
    let scene = Scene::new();
    for (option, value, words) in [
        ("--listen", "localhost:8470", "no address like 127.0.0.1:8470"),
        ("--drain", "18446744073709551615", "is not in 0..=604800"),
    ] {
        let output = yuebao(&scene, &["daemon", option, value]);
        assert_eq!(code(&output), 2, "{option}");
        assert!(err(&output).contains(words), "{}", err(&output));
    }
}
