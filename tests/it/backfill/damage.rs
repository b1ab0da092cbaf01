//! Damaged files of the lake: the archive is the source of truth, so they are made anew from it.

use std::fs;
use std::path::PathBuf;

use super::{Scene, begin, code, correct, done, err, json, months, published, words, yuebao};
use yuebao::pipeline::edition::Publication;

use crate::support::scene::assert_same;

const TABLES: [&str; 3] = ["submissions", "observations/form=B204-1", "findings"];

fn part(scene: &Scene, table: &str, month: &str) -> PathBuf {
    scene.out(&format!("lake/{table}/period={month}/part.parquet"))
}

/// What may happen to a file on a disk.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Harm {
    Truncated,
    Emptied,
    Replaced,
    Gone,
    /// Altered within: as long as before, and its end can be read.
    Altered,
}

const HARMS: [Harm; 5] =
    [Harm::Truncated, Harm::Emptied, Harm::Replaced, Harm::Gone, Harm::Altered];

fn harm(scene: &Scene, table: &str, month: &str, harm: Harm) {
    let path = part(scene, table, month);
    let mut bytes = fs::read(&path).unwrap();
    match harm {
        Harm::Truncated => bytes.truncate(bytes.len() / 2),
        Harm::Emptied => bytes.clear(),
        Harm::Replaced => bytes = b"no table at all".repeat(9),
        Harm::Gone => return fs::remove_file(&path).unwrap(),
        Harm::Altered => bytes.iter_mut().skip(8).take(40).for_each(|byte| *byte ^= 0x5a),
    }
    fs::write(&path, bytes).unwrap();
}

#[test]
fn a_run_makes_a_damaged_month_anew_and_no_other() {
    let scene = published();
    let whole = scene.files("lake");
    for table in TABLES {
        for kind in HARMS.into_iter().filter(|kind| *kind != Harm::Altered) {
            harm(&scene, table, "2024-04", kind);
            let taken = scene.take_in();
            let names: Vec<String> = taken.months.keys().map(ToString::to_string).collect();
            assert_eq!(names, ["2024-04"], "{table} {kind:?}");
            assert_same(&scene.files("lake"), &whole);
        }
    }
    assert_eq!(scene.publish(), Publication::Unchanged(1), "nothing changed");
}

#[test]
fn what_is_altered_within_is_found_before_anything_is_judged_or_published_by_it() {
    let undisturbed = published();
    correct(&undisturbed, 0, (2024, 5), 110);
    done(&yuebao(&undisturbed, &["run"]));
    let scene = published();
    let harmed = TABLES.into_iter().zip(["2024-03", "2024-04", "2024-06"]);
    harmed.clone().for_each(|(table, month)| harm(&scene, table, month, Harm::Altered));
    correct(&scene, 0, (2024, 5), 110);
    let ran = yuebao(&scene, &["run"]);
    done(&ran);
    let said = err(&ran);
    assert!(said.contains("made anew from the archive"), "{said}");
    for (table, month) in harmed {
        // June was stale, and so made anew without a look at what it was.
        let file = format!("file=lake/{table}/period={month}/part.parquet");
        let is_named = said.contains(&file);
        assert_eq!(is_named, month != "2024-06", "{month}: {said}");
    }
    assert_same(&scene.files("lake"), &undisturbed.files("lake"));
    let marts = |scene: &Scene| {
        let mut files = scene.files("editions/2");
        files.remove("manifest.json");
        files
    };
    assert_same(&marts(&scene), &marts(&undisturbed));
}

#[test]
fn a_publication_makes_anew_what_only_it_would_have_read() {
    let scene = published();
    let whole = scene.files("lake");
    harm(&scene, "observations/form=B204-1", "2024-06", Harm::Altered);
    scene.append("seeds/zones.csv", "west,西区,West Zone\n");
    assert_eq!(scene.publish(), Publication::Published(2));
    assert_same(&scene.files("lake"), &whole);
}

#[test]
fn a_backfill_of_any_kind_does_a_damaged_month_and_says_why() {
    let scene = published();
    let whole = scene.files("lake");
    let kinds = [
        ("missing", "submissions", Harm::Truncated),
        ("failed", "observations/form=B204-1", Harm::Gone),
        ("stale", "findings", Harm::Altered),
        ("all", "submissions", Harm::Emptied),
    ];
    for (reprocess, table, kind) in kinds {
        harm(&scene, table, "2024-04", kind);
        let more = ["--reprocess", reprocess, "--why", "a bad disk", "--json"];
        let said = json(&done(&begin(&scene, "intake", ["2024-03", "2024-06"], &more)));
        let id = said["backfill"].to_string();
        let shown = done(&yuebao(&scene, &["backfill", "show", &id]));
        let is_said =
            |line: &str| line.trim_start().starts_with("2024-04  done") && line.contains("damaged");
        assert!(shown.lines().any(is_said), "{reprocess}: {shown}");
        let names: Vec<&String> = said["months"].as_object().unwrap().keys().collect();
        assert_eq!(names.len(), if reprocess == "all" { 4 } else { 1 }, "{reprocess}: {names:?}");
        assert_same(&scene.files("lake"), &whole);
    }
}

#[test]
fn in_any_order_a_damaged_month_comes_before_those_that_look_back_at_it() {
    let undisturbed = published();
    let range = ["2024-03", "2024-06"];
    correct(&undisturbed, 0, (2024, 5), 110);
    undisturbed.take_in();
    for (order, table) in [("oldest", "submissions"), ("newest", "observations/form=B204-1")] {
        let scene = published();
        harm(&scene, table, "2024-03", Harm::Truncated);
        harm(&scene, "submissions", "2024-04", Harm::Emptied);
        correct(&scene, 0, (2024, 5), 110);
        let more = ["--order", order, "--why", "x", "--json"];
        let said = json(&done(&begin(&scene, "publish", range, &more)));
        assert!(words(&said["waiting"]).is_empty());
        let names: Vec<&String> = said["months"].as_object().unwrap().keys().collect();
        assert_eq!(names, ["2024-03", "2024-04", "2024-05", "2024-06"], "{order} {table}");
        assert_same(&scene.files("lake"), &undisturbed.files("lake"));
    }
}

#[test]
fn a_damaged_month_outside_the_range_is_made_anew_too() {
    let undisturbed = published();
    correct(&undisturbed, 0, (2024, 5), 110);
    undisturbed.take_in();
    let scene = published();
    harm(&scene, "submissions", "2024-03", Harm::Truncated);
    harm(&scene, "findings", "2024-06", Harm::Truncated);
    let may = ["2024-05", "2024-05"];
    let said = done(&begin(&scene, "publish", may, &["--dry-run"]));
    assert!(said.contains("2024-05  跳过：已是最新"), "May itself is as it was: {said}");
    correct(&scene, 0, (2024, 5), 110);
    done(&begin(&scene, "publish", may, &["--why", "x"]));
    assert_same(&scene.files("lake"), &undisturbed.files("lake"));
}

#[test]
fn a_rehearsal_over_damage_announces_it_and_leaves_it_alone() {
    let scene = published();
    harm(&scene, "submissions", "2024-03", Harm::Truncated);
    let before = scene.files("lake");
    let said = done(&begin(&scene, "publish", ["2024-03", "2024-06"], &["--dry-run"]));
    assert!(said.contains("2024-03  重做：数据湖中的文件损坏"), "{said}");
    assert!(said.contains("2024-04  跳过：已是最新"), "{said}");
    assert!(said.contains("已发布的数字没有变化"), "{said}");
    assert_same(&scene.files("lake"), &before);
}

#[test]
fn doctor_names_every_damaged_file_until_it_is_made_anew() {
    let scene = published();
    done(&yuebao(&scene, &["doctor"]));
    harm(&scene, "findings", "2024-03", Harm::Altered);
    harm(&scene, "submissions", "2024-05", Harm::Emptied);
    let looked = yuebao(&scene, &["doctor"]);
    assert_eq!(code(&looked), 3);
    for (table, month) in [("findings", "2024-03"), ("submissions", "2024-05")] {
        let path = part(&scene, table, month).display().to_string();
        assert!(
            err(&looked).contains(&format!("`{path}` is damaged: remove it")),
            "{}",
            err(&looked)
        );
    }
    // What the sentence says is right: removed, it comes back.
    fs::remove_file(part(&scene, "findings", "2024-03")).unwrap();
    done(&yuebao(&scene, &["run"]));
    done(&yuebao(&scene, &["doctor"]));
}

#[test]
fn what_the_archive_has_lost_too_is_not_made_up() {
    let scene = published();
    fs::remove_dir_all(scene.out("archive/2024-04")).unwrap();
    harm(&scene, "observations/form=B204-1", "2024-04", Harm::Truncated);
    correct(&scene, 0, (2024, 6), 110);
    let ran = yuebao(&scene, &["run"]);
    assert_eq!(code(&ran), 3);
    let said = err(&ran);
    assert!(
        said.contains("the archive holds nothing of 2024-04") && said.contains("backup"),
        "{said}"
    );
    assert!(!scene.out("editions/2").exists(), "an edition without April was published");
}

#[test]
fn a_month_whose_list_of_receipts_is_damaged_fails_alone() {
    let scene = published();
    correct(&scene, 0, (2024, 6), 110);
    done(&yuebao(&scene, &["run", "intake"]));
    let list = scene.out("archive/2024-04/received.csv");
    let kept = fs::read(&list).unwrap();
    fs::write(&list, "no list at all\nreally,not,one\n").unwrap();
    let failed = begin(&scene, "publish", ["2024-03", "2024-06"], &["--force", "--why", "x"]);
    assert_eq!(code(&failed), 3, "{}", err(&failed));
    let states = ["2024-03 done asked", "2024-04 failed asked", "2024-05 done asked"];
    assert_eq!(months(&scene)[..3], states);
    fs::write(&list, kept).unwrap();
    done(&yuebao(&scene, &["backfill", "resume", &super::newest(&scene)]));
}

#[test]
fn a_workbook_of_the_archive_that_is_not_what_was_sent_fails_its_month_alone() {
    let scene = published();
    let whole = scene.files("lake");
    let archive = scene.files("archive/2024-04");
    let (name, kept) = archive.iter().find(|(name, _)| name.ends_with(".xlsx")).unwrap();
    let path = scene.out(&format!("archive/2024-04/{name}"));
    fs::write(&path, &kept[..kept.len() / 2]).unwrap();
    let range = ["2024-03", "2024-06"];
    let failed = begin(&scene, "intake", range, &["--force", "--why", "x"]);
    assert_eq!(code(&failed), 3);
    let said = super::out(&failed);
    assert!(said.contains("is not what was received") && said.contains(name), "{said}");
    assert_same(&scene.files("lake"), &whole);
    fs::write(&path, kept).unwrap();
    done(&yuebao(&scene, &["backfill", "resume", &super::newest(&scene)]));
    assert_same(&scene.files("lake"), &whole);
}

#[test]
fn a_damaged_edition_is_never_made_anew() {
    let scene = published();
    correct(&scene, 0, (2024, 4), 110);
    done(&yuebao(&scene, &["run"]));
    let status = scene.out("editions/2/submission_status.parquet");
    fs::write(&status, "").unwrap();
    for arguments in [&["status"][..], &["edition", "diff", "1", "2"]] {
        let said = yuebao(&scene, arguments);
        assert_eq!(code(&said), 3);
        assert!(err(&said).contains("yuebao edition rollback"), "{}", err(&said));
        assert!(err(&said).contains(&status.display().to_string()), "{}", err(&said));
    }
}
