//! Mistakes of a call: one sentence with the nearest valid value, exit code 2, nothing written.

use super::{begin, code, done, err, json, published, yuebao};
use crate::support::scene::{Scene, assert_same};

#[test]
fn mistakes_of_a_call_name_the_nearest_valid_value() {
    let scene = published();
    let before = scene.files("");
    let mistakes: [(&str, [&str; 2], &[&str], &str); 10] = [
        ("publsh", ["2024-03", "2024-04"], &[], "did you mean `publish`?"),
        ("publish", ["2024-05", "2024-03"], &[], "did you mean --from 2024-03 --to 2024-05?"),
        ("publish", ["2024-05", "2099-03"], &[], "the last month that can be asked for is 20"),
        (
            "publish",
            ["1999-01", "1999-03"],
            &[],
            "the first month that can be asked for is 2024-02",
        ),
        ("publish", ["2024-05", "2024-13"], &[], "2024-13"),
        ("publish", ["2024-05", "2024-06"], &["--reprocess", "stail"], "did you mean `stale`?"),
        ("publish", ["2024-05", "2024-06"], &["--order", "eldest"], "did you mean `oldest`?"),
        ("publish", ["2024-05", "2024-06"], &["--jobs", "100000"], "100000 is not in 0..=256"),
        ("publish", ["2024-05", "2024-06"], &["--jobs", "-1"], "-1 is not in 0..=256"),
        ("publish", ["2024-05", "2024-06"], &["--jobs", "all"], "0 is one workbook on each core"),
    ];
    for (job, range, more, words) in mistakes {
        let output = begin(&scene, job, range, more);
        assert_eq!(code(&output), 2, "{job} {range:?} {more:?}");
        assert!(err(&output).contains(words), "{job} {range:?}: {}", err(&output));
    }
    assert_same(&scene.files(""), &before);
}

#[test]
fn an_unknown_backfill_is_answered_with_the_known_ones() {
    let fresh = Scene::new();
    for command in ["show", "pause", "resume", "cancel"] {
        let output = yuebao(&fresh, &["backfill", command, "99"]);
        assert_eq!(code(&output), 2, "{command}");
        assert!(
            err(&output).contains("there is no backfill 99: none was begun yet"),
            "{}",
            err(&output)
        );
    }
    assert!(!fresh.path("output").exists(), "asking must write nothing");
    let scene = published();
    done(&begin(&scene, "publish", ["2024-03", "2024-03"], &[]));
    for command in ["show", "pause", "resume", "cancel"] {
        let output = yuebao(&scene, &["backfill", command, "99"]);
        assert_eq!(code(&output), 2, "{command}");
        assert!(err(&output).contains("backfill 99: the newest is 2,"), "{}", err(&output));
    }
    for command in ["pause", "resume", "cancel"] {
        let output = yuebao(&scene, &["backfill", command, "2"]);
        assert_eq!(code(&output), 2, "{command}");
        assert!(err(&output).contains("backfill 2 is done"), "{}", err(&output));
    }
}

#[test]
fn a_call_without_a_job_or_without_months_says_what_is_missing() {
    let scene = Scene::new();
    for arguments in
        [&["backfill"][..], &["backfill", "publish"], &["backfill", "publish", "--from", "2024-03"]]
    {
        let output = yuebao(&scene, arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(err(&output).contains("--to"), "{arguments:?}: {}", err(&output));
    }
}

#[test]
fn a_job_cannot_bear_the_name_of_a_command() {
    let scene = Scene::new();
    let text = std::fs::read_to_string(scene.path("jobs/schedules/intake.toml")).unwrap();
    scene.write("jobs/schedules/list.toml", &text.replace("job = \"intake\"", "job = \"list\""));
    assert!(scene.faults().contains("`yuebao backfill list` is a command"), "{}", scene.faults());
}

#[test]
fn without_a_reason_it_goes_on_and_says_so() {
    let scene = published();
    let silent = begin(&scene, "publish", ["2024-03", "2024-03"], &["--json"]);
    json(&done(&silent));
    assert!(err(&silent).contains("no reason kept; give one with --why"), "{}", err(&silent));
    let given = begin(&scene, "publish", ["2024-03", "2024-03"], &["--why", "because"]);
    done(&given);
    assert_eq!(err(&given), "");
}

#[test]
fn a_reason_of_blanks_is_none() {
    let scene = published();
    let blank = begin(&scene, "publish", ["2024-03", "2024-03"], &["--why", "  "]);
    done(&blank);
    assert!(err(&blank).contains("no reason kept"), "{}", err(&blank));
    let shown =
        json(&done(&yuebao(&scene, &["backfill", "show", &super::newest(&scene), "--json"])));
    assert_eq!(shown["asked"]["why"], serde_json::Value::Null, "{shown}");
}

#[test]
fn a_reason_is_one_line_that_tells_no_terminal_anything() {
    let scene = published();
    super::correct(&scene, 0, (2024, 4), 110);
    let why = "\u{1b}[31mletter\u{1b}[0m 3\r\n\tof\u{202e} 2025";
    done(&begin(&scene, "publish", ["2024-04", "2024-04"], &["--why", why]));
    for arguments in [&["backfill", "show", &super::newest(&scene)][..], &["edition", "show", "2"]]
    {
        let said = done(&yuebao(&scene, arguments));
        assert!(said.contains("why: [31mletter [0m 3 of 2025\n"), "{said:?}");
    }
}

#[test]
fn a_reason_longer_than_anybody_reads_is_refused() {
    let scene = published();
    let why = "长".repeat(1001);
    let refused = begin(&scene, "publish", ["2024-04", "2024-04"], &["--why", &why]);
    assert_eq!(code(&refused), 2);
    let said = err(&refused);
    assert!(said.contains("the reason has 1001 characters: give one of 1000 at most"), "{said}");
}

#[test]
fn a_range_of_which_nothing_is_to_be_done_is_not_called_up_to_date() {
    let scene = published();
    super::correct(&scene, 0, (2024, 4), 110);
    // April is stale, and only what is missing was asked for.
    let more = ["--reprocess", "missing", "--why", "x"];
    let said = done(&begin(&scene, "publish", ["2024-03", "2024-06"], &more));
    assert!(said.contains("所选月份都不需要重做"), "{said}");
    assert!(!said.contains("已是最新"), "{said}");
}

#[test]
fn a_backfill_whose_job_is_gone_says_so_before_it_does_anything() {
    let scene = published();
    super::correct(&scene, 0, (2024, 3), 110);
    super::control::with_command(&scene, "pause");
    let file = scene.path("jobs/schedules/publish.toml");
    let kept = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let before = scene.files("lake");
    let resumed = yuebao(&scene, &["backfill", "resume", &super::newest(&scene)]);
    assert_eq!(code(&resumed), 2);
    let said = err(&resumed);
    for words in ["no job `publish`", "put jobs/schedules/publish.toml back", "backfill cancel 2"] {
        assert!(said.contains(words), "{said}");
    }
    assert_same(&scene.files("lake"), &before);
    let list = done(&yuebao(&scene, &["backfill", "list"]));
    assert!(list.contains("paused"), "it stands as before: {list}");
    std::fs::write(&file, kept).unwrap();
    done(&yuebao(&scene, &["backfill", "resume", &super::newest(&scene)]));
}

#[test]
fn what_is_no_number_is_said_in_plain_words() {
    let scene = Scene::new();
    for arguments in [
        &["backfill", "show", "x"][..],
        &["backfill", "cancel", "99999999999999999999"],
        &["edition", "show", "1.5"],
        &["edition", "diff", "1", "two"],
    ] {
        let output = yuebao(&scene, arguments);
        assert_eq!(code(&output), 2, "{arguments:?}");
        assert!(err(&output).contains("is no number that `list` shows"), "{}", err(&output));
    }
}
