//! Backfills and reasons: one given with `--why` counts, without one the edition is held back, and what
//! comes out the same is published neither now nor later.

use super::{Scene, begin, code, correct, done, err, json, out, published, yuebao};

/// Moves the first firm out of the zone, in all its past.
fn edit_the_past(scene: &Scene) {
    let text = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    let moved = text.replacen("green,rail,3714,1,true", ",rail,3714,1,true", 1);
    assert_ne!(moved, text);
    scene.seed("firms.csv", &moved);
}

const YEAR: [&str; 2] = ["2024-03", "2024-06"];

#[test]
fn without_a_reason_the_edition_is_held_back_as_the_dry_run_said() {
    let scene = published();
    edit_the_past(&scene);
    let rehearsed = begin(&scene, "publish", YEAR, &["--dry-run"]);
    assert_eq!(code(&rehearsed), 1, "{}", err(&rehearsed));
    let said = out(&rehearsed);
    assert!(said.contains("不用 --why 说明原因，版本将不会发布"), "{said}");
    assert!(said.contains("2024-03  企业名录") && said.contains("退出码 1"), "{said}");
    let held = begin(&scene, "publish", YEAR, &[]);
    assert_eq!(code(&held), 1, "{}", err(&held));
    assert!(out(&held).contains("backfill resume 2 --why"), "{}", out(&held));
    let shown =
        json(&done(&yuebao(&scene, &["backfill", "show", &super::newest(&scene), "--json"])));
    assert_eq!((&shown["state"], &shown["edition"]), (&"failed".into(), &serde_json::Value::Null));
    let resumed = done(&yuebao(
        &scene,
        &["backfill", "resume", &super::newest(&scene), "--why", "left in 2020"],
    ));
    assert!(resumed.contains("第 2 版已发布"), "{resumed}");
    let manifest = json(&done(&yuebao(&scene, &["edition", "show", "2", "--json"])));
    assert_eq!((&manifest["why"], &manifest["since"]), (&"left in 2020".into(), &1.into()));
    assert_eq!(manifest["moved"]["2024-06"], serde_json::json!(["roster"]));
}

#[test]
fn with_a_reason_it_publishes() {
    let scene = published();
    edit_the_past(&scene);
    let why = ["--why", "left in 2020"];
    let rehearsed = done(&begin(&scene, "publish", YEAR, &[&["--dry-run"][..], &why].concat()));
    assert!(!rehearsed.contains("--why"), "{rehearsed}");
    let said = done(&begin(&scene, "publish", YEAR, &why));
    assert!(said.contains("第 2 版已发布"), "{said}");
}

#[test]
fn after_a_backfill_that_changed_nothing_the_next_run_publishes_nothing() {
    let scene = published();
    scene.touch_rules();
    // April is done again by the new words of the rules, the other months by the run that follows.
    let april = json(&done(&begin(&scene, "publish", ["2024-04", "2024-04"], &["--json"])));
    assert_eq!((&april["edition"], &april["is_new_edition"]), (&1.into(), &false.into()));
    let run = json(&done(&yuebao(&scene, &["run", "--json"])));
    assert_eq!(run["months"].as_object().unwrap().len(), 3, "{run}");
    assert_eq!((&run["edition"], &run["is_new_edition"]), (&1.into(), &false.into()));
    // Nor after one that changed something, though the rules are touched once more in between.
    correct(&scene, 0, (2024, 4), 110);
    done(&begin(&scene, "publish", ["2024-04", "2024-04"], &["--why", "a correction"]));
    scene.touch_rules();
    let run = json(&done(&yuebao(&scene, &["run", "--json"])));
    assert_eq!((&run["edition"], &run["is_new_edition"]), (&2.into(), &false.into()));
}
