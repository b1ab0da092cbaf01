//! What was read of workbooks is kept: nothing is opened twice, and nothing hangs on what is kept.

use std::fs;

use yuebao::pipeline::plan::Scope;
use yuebao::pipeline::workbooks;

use crate::support::scene::{FIRMS, Scene, assert_same, b204_book, take_in};

const MARCH: [i64; 4] = [1010, 3030, 900, 2700];

/// Two firms have filed for March.
fn taken_in() -> Scene {
    let scene = Scene::new();
    scene.drop_file("0.xlsx", &b204_book(0, 3, MARCH), 2400);
    scene.drop_file("1.xlsx", &b204_book(1, 3, MARCH), 2401);
    scene.drop_file("page.xls", b"<html></html>", 2402);
    scene.take_in();
    scene
}

/// The archived workbook of a firm of March.
fn archived(scene: &Scene, firm: usize) -> std::path::PathBuf {
    let list = fs::read_to_string(scene.out("archive/2024-03/received.csv")).unwrap();
    let line = list.lines().find(|line| line.ends_with(&format!(",{firm}.xlsx"))).unwrap();
    let sha256 = line.split(',').nth(1).unwrap();
    scene.out(&format!("archive/2024-03/{sha256}.xlsx"))
}

#[test]
fn a_late_workbook_opens_no_other() {
    let whole = taken_in();
    whole.drop_file("2.xlsx", &b204_book(2, 3, MARCH), 2403);
    whole.take_in();
    let scene = taken_in();
    let path = archived(&scene, 0);
    let sent = fs::read(&path).unwrap();
    fs::write(&path, &sent[..100]).unwrap();
    scene.drop_file("2.xlsx", &b204_book(2, 3, MARCH), 2403);
    scene.take_in();
    assert_same(&scene.files("lake"), &whole.files("lake"));
    // Who looks at the archive sees what was done to it, and what is forced trusts nothing else.
    let damage = workbooks::damage(&scene.out("archive")).unwrap();
    assert_eq!(damage.len(), 1);
    assert!(damage[0].to_string().contains("is not what was received"), "{}", damage[0]);
    let forced = Scope { is_forced: true, ..Scope::default() };
    scene.with_site(|site| take_in(site, forced)).unwrap_err();
    fs::write(&path, sent).unwrap();
    scene.with_site(|site| take_in(site, forced)).unwrap();
    assert_same(&scene.files("lake"), &whole.files("lake"));
}

#[test]
fn what_is_kept_may_be_damaged_or_lost() {
    let scene = taken_in();
    let (lake, kept) = (scene.files("lake"), scene.files("parsed"));
    assert_eq!(kept.len(), 2);
    let again = || {
        fs::remove_dir_all(scene.out("lake")).unwrap();
        scene.take_in();
        assert_same(&scene.files("lake"), &lake);
        assert_same(&scene.files("parsed"), &kept);
    };
    for (name, bytes) in &kept {
        let path = scene.out("parsed").join(name);
        for at in [5, bytes.len() / 2, bytes.len() - 6] {
            let mut altered = bytes.clone();
            altered[at] ^= 0x5a;
            fs::write(&path, altered).unwrap();
            again();
        }
        fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        again();
    }
    fs::remove_dir_all(scene.out("parsed")).unwrap();
    again();
}

#[test]
fn a_form_or_limit_that_changes_reads_anew() {
    let scene = taken_in();
    let kept = scene.files("parsed");
    let settings = fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &settings.replace("\ncells = 2000000", "\ncells = 3"));
    scene.take_in();
    let now = scene.files("parsed");
    assert!(now.keys().all(|name| !kept.contains_key(name)), "{:?}", now.keys());
    scene.write("jobs/pipeline.toml", &settings);
    scene.take_in();
    assert_same(&scene.files("parsed"), &kept);
}

#[test]
fn many_late_workbooks_leave_few_files() {
    let scene = taken_in();
    for late in 0..20 {
        let figures = [1010 + late, 3030 + late, 900, 2700];
        let hours = 2500 + u64::try_from(late).unwrap();
        scene.drop_file(&format!("{}-{late}.xlsx", FIRMS[2].1), &b204_book(2, 3, figures), hours);
        scene.take_in();
    }
    let of_march = scene.files("parsed/2024-03");
    assert!(of_march.len() <= 9, "{:?}", of_march.keys());
    let lake = scene.files("lake");
    fs::remove_dir_all(scene.out("lake")).unwrap();
    scene.take_in();
    assert_same(&scene.files("lake"), &lake);
}

#[test]
fn a_list_grows_at_its_end_and_half_a_line_is_none() {
    let scene = taken_in();
    let list = scene.out("archive/2024-03/received.csv");
    let before = fs::read(&list).unwrap();
    // A power cut while a line was added: its workbook had not been moved yet.
    fs::write(&list, [&before, b"2024-04-10T05:00:00Z,0123".as_slice()].concat()).unwrap();
    scene.drop_file("0-late.xlsx", &b204_book(2, 3, MARCH), 100);
    scene.take_in();
    let after = fs::read(&list).unwrap();
    let added = String::from_utf8(after.strip_prefix(before.as_slice()).unwrap().to_vec()).unwrap();
    assert!(added.ends_with(",0-late.xlsx\n") && added.lines().count() == 1, "{added}");
    // What another folder holds as well stays there as it is.
    let linked = scene.out("archive/linked.csv");
    fs::hard_link(&list, &linked).unwrap();
    scene.drop_file("again.xlsx", &b204_book(2, 3, MARCH), 2600);
    scene.take_in();
    assert_eq!(fs::read(&linked).unwrap(), after);
    assert!(fs::read(&list).unwrap().starts_with(&after));
}
