//! Which months each kind of backfill does, and why.

use std::fs;

use super::{Scene, begin, code, correct, done, drop_report, json, published};

/// The months a backfill over the whole year would do of itself, without those that follow.
fn planned(scene: &Scene, reprocess: &str) -> Vec<String> {
    let more = ["--reprocess", reprocess, "--dry-run", "--json"];
    let plan = json(&done(&begin(scene, "publish", ["2024-02", "2024-12"], &more)));
    let months = plan["plan"].as_array().unwrap().iter();
    let of_itself = months.filter(|month| {
        let action = month["action"].as_str().unwrap();
        month["is_done"] == true && !action.contains("looks back at")
    });
    of_itself.map(|month| month["period"].as_str().unwrap().to_owned()).collect()
}

/// Replaces the one workbook of a firm in a month by a folder: a disk that fails, as good as any.
fn break_month(scene: &Scene, month: &str) {
    for (name, _) in scene.files(&format!("archive/{month}")) {
        if name.ends_with(".xlsx") {
            let path = scene.out(&format!("archive/{month}/{name}"));
            fs::rename(&path, path.with_extension("kept")).unwrap();
            fs::create_dir(&path).unwrap();
        }
    }
}

fn mend_month(scene: &Scene, month: &str) {
    for (name, _) in scene.files(&format!("archive/{month}")) {
        if name.ends_with(".kept") {
            let path = scene.out(&format!("archive/{month}/{name}"));
            fs::remove_dir(path.with_extension("xlsx")).unwrap();
            fs::rename(&path, path.with_extension("xlsx")).unwrap();
        }
    }
}

#[test]
fn each_kind_of_backfill_does_its_months() {
    let scene = published();
    break_month(&scene, "2024-05");
    let failing = begin(&scene, "intake", ["2024-05", "2024-05"], &["--force"]);
    assert_eq!(code(&failing), 3);
    mend_month(&scene, "2024-05");
    correct(&scene, 1, (2024, 3), 110);
    drop_report(&scene, 0, (2024, 7));
    assert_eq!(planned(&scene, "missing"), ["2024-07"]);
    assert_eq!(planned(&scene, "failed"), ["2024-05"]);
    assert_eq!(planned(&scene, "stale"), ["2024-03", "2024-07"]);
    let all = ["2024-03", "2024-04", "2024-05", "2024-06", "2024-07"];
    assert_eq!(planned(&scene, "all"), all);
}

#[test]
fn a_later_run_settles_what_failed() {
    let scene = published();
    break_month(&scene, "2024-05");
    assert_eq!(code(&begin(&scene, "intake", ["2024-05", "2024-05"], &["--force"])), 3);
    mend_month(&scene, "2024-05");
    done(&super::yuebao(&scene, &["run"]));
    assert!(planned(&scene, "failed").is_empty());
}

#[test]
fn one_failed_month_leaves_the_others_alone_and_holds_the_edition() {
    let scene = published();
    correct(&scene, 0, (2024, 3), 110);
    correct(&scene, 0, (2024, 4), 110);
    correct(&scene, 0, (2024, 5), 110);
    done(&super::yuebao(&scene, &["run", "intake"]));
    break_month(&scene, "2024-04");
    let range = ["2024-03", "2024-05"];
    let announced = begin(&scene, "publish", range, &["--force", "--dry-run"]);
    assert_eq!(code(&announced), 3, "{}", super::err(&announced));
    let said = super::out(&announced);
    assert!(said.contains("2024-04  失败：") && said.contains("退出码 3"), "{said}");
    assert!(said.contains(&scene.out("archive/2024-04").display().to_string()), "{said}");
    let failed = begin(&scene, "publish", range, &["--force", "--why", "x"]);
    assert_eq!(code(&failed), 3);
    let said = super::out(&failed);
    assert!(said.contains("2024-04 failed: "), "{said}");
    assert!(said.contains("yuebao backfill resume 3"), "{said}");
    let months = super::months(&scene);
    assert_eq!(months, ["2024-03 done asked", "2024-04 failed asked", "2024-05 done asked"]);
    assert!(!scene.out("editions/2").exists(), "half a revision was published");

    mend_month(&scene, "2024-04");
    let said = done(&super::yuebao(&scene, &["backfill", "resume", &super::newest(&scene)]));
    assert!(said.contains("第 2 版已发布"), "{said}");
    assert_eq!(super::months(&scene)[1], "2024-04 done asked");
}
