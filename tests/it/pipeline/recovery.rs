//! Runs that stopped half-way end, when started again, in the bytes of an undisturbed run.

use std::fs;

use crate::support::scene::{Scene, assert_same, b204_book};

/// March and April of a firm.
fn figures(firm: u16, month: u32) -> [i64; 4] {
    let march = 1007 * (i64::from(firm) + 1);
    let april = march + 11;
    match month {
        3 => [march, march * 3, march - 50, march * 3 - 150],
        _ => [april, march * 3 + april, april - 50, march * 3 + april - 200],
    }
}

fn drop_report(scene: &Scene, firm: u16, month: u32) {
    let hours = 2400 + u64::from(firm) + if month == 4 { 700 } else { 0 };
    let bytes = b204_book(firm.into(), month, figures(firm, month));
    scene.drop_file(&format!("{firm}-{month}.xlsx"), &bytes, hours);
}

fn filled() -> Scene {
    let scene = Scene::new();
    for firm in 0..3 {
        drop_report(&scene, firm, 3);
        drop_report(&scene, firm, 4);
    }
    scene
}

#[test]
fn every_step_can_be_lost_and_done_again() {
    let whole = filled();
    whole.take_in();
    whole.publish();
    let (lake, archive) = (whole.files("lake"), whole.files("archive"));

    // Killed after the archive was filled and before the lake was: all partitions are new.
    let scene = filled();
    scene.take_in();
    fs::remove_dir_all(scene.out("lake")).unwrap();
    assert_eq!(scene.take_in().months.len(), 2);
    assert_same(&scene.files("lake"), &lake);
    assert_same(&scene.files("archive"), &archive);

    // Killed between the tables of a partition: the submissions file, written last, is missing.
    fs::remove_file(scene.out("lake/submissions/period=2024-04/part.parquet")).unwrap();
    fs::write(scene.out("lake/findings/period=2024-04/.unfinished-part.parquet"), "half").unwrap();
    assert_eq!(scene.take_in().months.len(), 1);
    assert_same(&scene.files("lake"), &lake);

    // Killed while an edition was built: the half folder goes, the edition comes.
    fs::create_dir_all(scene.out("editions/.unfinished-1")).unwrap();
    fs::write(scene.out("editions/.unfinished-1/headline.parquet"), "half").unwrap();
    scene.publish();
    let (one, other) = (scene.files("editions/1"), whole.files("editions/1"));
    assert_same(&one, &other);

    // Killed between the edition and the switch: the link is mended by the next run.
    fs::remove_file(scene.out("marts")).unwrap();
    scene.publish();
    assert!(scene.out("marts/headline.parquet").exists());
}

#[test]
fn a_workbook_listed_but_not_yet_moved_is_taken_by_the_next_run() {
    let whole = filled();
    whole.take_in();
    let scene = filled();
    // The list of the archive is written before the files are moved.
    for month in ["2024-03", "2024-04"] {
        let list = fs::read(whole.out(&format!("archive/{month}/received.csv"))).unwrap();
        fs::create_dir_all(scene.out(&format!("archive/{month}"))).unwrap();
        fs::write(scene.out(&format!("archive/{month}/received.csv")), list).unwrap();
    }
    scene.take_in();
    assert_same(&scene.files("archive"), &whole.files("archive"));
    assert_same(&scene.files("lake"), &whole.files("lake"));
}

#[test]
fn the_order_of_arrival_in_runs_does_not_matter() {
    let whole = filled();
    whole.take_in();
    let scene = Scene::new();
    for month in [4, 3] {
        for firm in [2, 0, 1] {
            drop_report(&scene, firm, month);
            scene.take_in();
        }
    }
    assert_same(&scene.files("lake"), &whole.files("lake"));
}
