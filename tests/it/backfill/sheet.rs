//! The revision sheet: what a rehearsal announces is what happens; editions compared and rolled back.

use std::collections::BTreeMap;

use yuebao::files::lock::Lock;

use super::{Scene, begin, code, correct, done, drop_report, err, json, out, published, yuebao};
use crate::daemon::harness::holder;
use crate::support::scene::assert_same;

/// Everything in the output but the lock files, which say who looked last.
fn without_locks(scene: &Scene) -> BTreeMap<String, Vec<u8>> {
    let mut files = scene.files("");
    files.retain(|name, _| !name.ends_with(".lock"));
    files
}

/// Two firms, four months, a level that a correction falls behind; a correction waits in the
/// inbox together with a new report.
fn to_be_revised() -> Scene {
    let scene = Scene::like("backfill-revised", || {
        let scene = Scene::new();
        // The third firm comes in June: the months before are complete without it.
        let firms = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
        let (others, third) = firms.split_at(firms.find("91220106MA0000437P").unwrap());
        scene.seed("firms.csv", &format!("{others}{}", third.replace("2020-01", "2024-06")));
        scene.seed(
        "targets.csv",
        "target_id,name_zh,name_en,year,scope_kind,scope_id,form,item,kind,level_cny,growth,baseline_year,baseline_cny,source
growth-2024,2024年产值增速,Growth of output 2024,2024,district,220106,B204-1,output,level,158000000.00,,,,test
",
    );
        for month in 3..=6 {
            drop_report(&scene, 0, (2024, month));
            drop_report(&scene, 1, (2024, month));
        }
        done(&yuebao(&scene, &["run"]));
        scene
    });
    correct(&scene, 0, (2024, 4), -600);
    drop_report(&scene, 2, (2024, 6));
    scene
}

#[test]
fn what_a_rehearsal_announces_is_what_happens() {
    let scene = to_be_revised();
    let before = without_locks(&scene);
    let call = |more: &[&str]| {
        let output = begin(&scene, "publish", ["2024-04", "2024-06"], more);
        done(&output)
    };
    let announced = json(&call(&["--dry-run", "--json"]));
    assert_same(&without_locks(&scene), &before);
    assert_eq!(announced["before"], 1);

    call(&["--why", "示例龙头 had reported April too high"]);
    let happened = json(&done(&yuebao(&scene, &["edition", "diff", "1", "2", "--json"])));
    assert_eq!(announced["marts"], happened["marts"]);
    assert_eq!(announced["flips"], happened["flips"]);

    let marts: Vec<&str> = happened["marts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["mart"].as_str().unwrap())
        .collect();
    assert_eq!(marts[..3], ["headline", "monthly_totals", "target_progress"]);
    let flips = happened["flips"].as_array().unwrap();
    assert!(!flips.is_empty(), "no target's status changed: {happened:#}");
}

#[test]
fn a_sheet_names_figures_old_and_new_and_growth_in_points() {
    let scene = to_be_revised();
    let more = ["--dry-run", "--json"];
    let announced = json(&done(&begin(&scene, "publish", ["2024-04", "2024-04"], &more)));
    let totals = &announced["marts"].as_array().unwrap()[1];
    let first_key = &totals["changed"][0]["key"];
    assert_eq!(super::words(first_key)[1], "district", "the whole district comes first");
    let changed = totals["changed"].as_array().unwrap();
    let cell = |column: &str| {
        changed
            .iter()
            .find(|it| {
                let key = super::words(&it["key"]);
                it["column"] == column && key[..2] == ["2024-04", "district"] && key[3] == "output"
            })
            .unwrap_or_else(|| panic!("{column} is missing: {totals:#}"))
    };
    // 13,266 and 52,980 thousand yuan before; the correction takes 600 off the month and the year.
    assert_eq!(
        (&cell("month_cny")["old"], &cell("month_cny")["new"]),
        (&"13266000.00".into(), &"12666000.00".into())
    );
    assert_eq!(cell("ytd_cny")["new"], "52380000.00");
    assert_eq!(cell("ytd_cny")["unit"], "CNY");
    assert_eq!(cell("yoy_month")["points"], "-4.9726");
    let plain = done(&begin(&scene, "publish", ["2024-04", "2024-04"], &["--dry-run"]));
    for words in ["2024-04  重做：", "2024年产值增速", "→", "13266000.00", "12666000.00", "-4.9726"]
    {
        assert!(plain.contains(words), "{words} is missing:\n{plain}");
    }
}

#[test]
fn a_rehearsal_of_nothing_says_so() {
    let scene = published();
    let said = done(&begin(&scene, "publish", ["2024-03", "2024-06"], &["--dry-run"]));
    assert!(
        said.contains("2024-03  跳过：已是最新") && said.contains("已发布的数字没有变化"),
        "{said}"
    );
    let none = done(&begin(&Scene::new(), "publish", ["2024-03", "2024-06"], &["--dry-run"]));
    assert!(none.contains("从未收到过报表"), "{none}");
}

#[test]
fn rows_that_appear_and_marts_that_would_hold_the_edition_are_announced() {
    let scene = published();
    drop_report(&scene, 1, (2024, 7));
    let announced =
        json(&done(&begin(&scene, "publish", ["2024-07", "2024-07"], &["--dry-run", "--json"])));
    let headline = &announced["marts"][0];
    assert_eq!(headline["appeared"], serde_json::json!([["2024-07"]]));
    scene.write(
        "jobs/marts/doubtful.sql",
        "-- mart: doubtful
-- purpose: rows that break their promise
-- grain: period
-- inputs: submissions
-- columns:
--   period | date | The month | 月份
-- reconcile nothing_in_july:
--   select period from this where period = date '2024-07-01'
select distinct period from submissions
",
    );
    let july = ["2024-07", "2024-07"];
    let announced = begin(&scene, "publish", july, &["--dry-run"]);
    assert_eq!(code(&announced), 1, "what the backfill below ends with");
    let said = out(&announced);
    assert!(said.contains("nothing_in_july") && said.contains("版本将不会发布"), "{said}");
    assert!(said.contains("退出码 1"), "{said}");
    let as_json = begin(&scene, "publish", july, &["--dry-run", "--json"]);
    assert_eq!((code(&as_json), &json(&out(&as_json))["exit_code"]), (1, &1.into()));
    // A job that publishes nothing is held back by nothing.
    let taken_in = done(&begin(&scene, "intake", july, &["--dry-run"]));
    assert!(taken_in.contains("该作业不发布版本"), "{taken_in}");
    let held_back = begin(&scene, "publish", ["2024-07", "2024-07"], &["--why", "July"]);
    assert_eq!(code(&held_back), 1, "{}", err(&held_back));
    std::fs::remove_file(scene.path("jobs/marts/doubtful.sql")).unwrap();
    let resumed = done(&yuebao(&scene, &["backfill", "resume", &super::newest(&scene)]));
    assert!(resumed.contains("第 2 版已发布"), "{resumed}");
}

#[test]
fn what_a_killed_rehearsal_left_is_removed_and_a_living_one_is_left_alone() {
    let scene = published();
    let left = scene.out(".unfinished-rehearsal-1/lake");
    std::fs::create_dir_all(&left).unwrap();
    let lock =
        Lock::take(&scene.out(".unfinished-rehearsal-1/.daemon.lock"), &holder("it")).unwrap();
    done(&yuebao(&scene, &["run"]));
    assert!(left.exists(), "it was taken from under a rehearsal");
    drop(lock);
    done(&yuebao(&scene, &["run"]));
    assert!(!scene.out(".unfinished-rehearsal-1").exists());
}

#[test]
fn the_reason_stands_with_the_edition() {
    let scene = published();
    correct(&scene, 0, (2024, 4), 110);
    done(&begin(&scene, "publish", ["2024-04", "2024-04"], &["--why", "April was wrong"]));
    let manifest = json(&done(&yuebao(&scene, &["edition", "show", "2", "--json"])));
    assert_eq!((&manifest["why"], &manifest["backfill"]), (&"April was wrong".into(), &2.into()));
    assert!(manifest["who"].as_str().unwrap().contains('@'));
    let shown = done(&yuebao(&scene, &["edition", "show", "2"]));
    assert!(shown.contains("why: April was wrong") && shown.contains("backfill 2"), "{shown}");
    // An edition of a plain run, and every one made before there were reasons, has none.
    let plain = done(&yuebao(&scene, &["edition", "show", "1"]));
    assert!(!plain.contains("why:"), "{plain}");
    let show = done(&yuebao(&scene, &["backfill", "show", &super::newest(&scene)]));
    assert!(show.contains("why: April was wrong") && show.contains("edition 2"), "{show}");
}

#[test]
fn a_rollback_holds_until_something_changes() {
    let scene = published();
    correct(&scene, 0, (2024, 4), 110);
    done(&yuebao(&scene, &["run"]));
    let points_at = || std::fs::read_link(scene.out("marts")).unwrap().display().to_string();
    assert_eq!(points_at(), "editions/2");
    let said = done(&yuebao(&scene, &["edition", "rollback", "1", "--why", "2 is wrong"]));
    assert!(said.contains("publishes edition 3"), "{said}");
    assert_eq!(points_at(), "editions/1");
    done(&yuebao(&scene, &["run"]));
    assert_eq!(points_at(), "editions/1", "a run without changes must not undo it");
    correct(&scene, 0, (2024, 5), 110);
    done(&yuebao(&scene, &["run"]));
    assert_eq!(points_at(), "editions/3");
    let unknown = yuebao(&scene, &["edition", "rollback", "9", "--why", "x"]);
    assert_eq!(code(&unknown), 2);
    assert!(err(&unknown).contains("the newest is 3,"), "{}", err(&unknown));
    assert_eq!(code(&yuebao(&scene, &["edition", "diff", "1", "9"])), 2);
}
