//! Rows of months in which nothing changed are not computed again, and no byte depends on it.

use std::fs;

use yuebao::pipeline::Site;
use yuebao::pipeline::edition::{self, Occasion, Publication};
use yuebao::pipeline::plan::Scope;

use crate::support::scene::{Scene, b204_book, take_in};

/// The figures of a month, which grows a little, and the year to date by it; February's is two months'.
fn figures(month: u32, more: i64) -> [i64; 4] {
    let of_month = |month: u32| 980 + 10 * i64::from(month);
    let ytd = 2020 + (3..=month).map(of_month).sum::<i64>();
    [of_month(month) + more, ytd + more, 900, 900 * i64::from(month)]
}

fn file(scene: &Scene, (firm, month): (usize, u32), more: i64, hours: u64) {
    scene.drop_file(
        &format!("{firm}-{month}-{hours}.xlsx"),
        &b204_book(firm, month, figures(month, more)),
        hours,
    );
    scene.take_in();
}

/// March to June of two firms, published month by month.
fn published() -> Scene {
    published_over("steps", Scene::new)
}

fn published_over(name: &str, new: impl FnOnce() -> Scene) -> Scene {
    Scene::like(name, || {
        let scene = new();
        for (edition, month) in (1..).zip(3..=6) {
            for firm in 0..2 {
                file(&scene, (firm, month), 0, 1700 + 700 * u64::from(month));
            }
            assert_eq!(scene.publish(), Publication::Published(edition));
        }
        scene
    })
}

/// What was built upon what earlier builds left is what is built anew.
fn assert_as_anew(scene: &Scene, edition: u32) {
    let built = scene.with_site(|site| edition::publish_for(site, true, &Occasion::default()));
    let built = built.unwrap();
    assert_eq!(built, Publication::Unchanged(edition), "all of it built anew");
}

/// A workbook moves an edition: the same as one that is built anew.
fn assert_moves(scene: &Scene, of: (usize, u32), more: i64, (hours, edition): (u64, u32)) {
    file(scene, of, more, hours);
    assert_eq!(scene.publish(), Publication::Published(edition));
    assert_as_anew(scene, edition);
}

#[test]
fn each_month_more_is_published_as_if_all_were_built_anew() {
    assert_as_anew(&published(), 4);
}

#[test]
fn a_correction_of_an_earlier_month_moves_what_follows_from_it() {
    let scene = published_over("steps shipped", Scene::shipped);
    assert_as_anew(&scene, 4);
    assert_moves(&scene, (1, 4), 40, (6000, 5));
    assert_moves(&scene, (0, 6), -30, (6001, 6));
}

#[test]
fn a_month_that_nobody_filed_and_one_before_all_others_are_seen() {
    let scene = published();
    // Nobody filed July, which is owed from now on.
    assert_moves(&scene, (0, 8), 0, (6600, 5));
    assert_moves(&scene, (1, 7), 0, (6700, 6));
    assert_moves(&scene, (0, 2), 0, (6800, 7));
}

#[test]
fn what_a_build_left_may_be_damaged_lost_or_of_another_build() {
    let scene = published();
    file(&scene, (1, 5), 10, 6000);
    let whole = Scene::like("steps damaged", || {
        let whole = published();
        file(&whole, (1, 5), 10, 6000);
        fs::remove_dir_all(whole.out("steps")).unwrap();
        assert_eq!(whole.publish(), Publication::Published(5));
        whole
    });
    let (left, editions) = (scene.files("steps"), scene.out("editions"));
    let again = || {
        assert_eq!(scene.publish(), Publication::Published(5));
        for (name, bytes) in scene.files("editions/5") {
            // The time it was made stands in the manifest.
            if name != "manifest.json" {
                let made = fs::read(whole.out("editions/5").join(&name)).unwrap();
                assert!(made == bytes, "{name} differs");
            }
        }
        fs::remove_dir_all(editions.join("5")).unwrap();
        edition_four_again(&scene);
        for (name, bytes) in &left {
            fs::write(scene.out("steps").join(name), bytes).unwrap();
        }
    };
    for name in ["monthly_totals.parquet", "submission_status.parquet", "made_from.json"] {
        let (path, bytes) = (scene.out("steps").join(name), &left[name]);
        let mut altered = bytes.clone();
        altered[bytes.len() / 2] ^= 0x5a;
        fs::write(&path, altered).unwrap();
        again();
        fs::write(&path, &bytes[..bytes.len() / 3]).unwrap();
        again();
        fs::remove_file(&path).unwrap();
        again();
    }
    again();
}

/// Lets readers see the edition before again.
fn edition_four_again(scene: &Scene) {
    scene.with_site(|site| edition::show(site, 4)).unwrap();
}

#[test]
fn a_deadline_that_passes_and_a_name_that_changes_are_seen() {
    let scene = Scene::shipped();
    for (month, hours) in [(3, 2400), (4, 3100)] {
        scene.drop_file(&format!("{month}.xlsx"), &b204_book(0, month, figures(month, 0)), hours);
    }
    let at = |now: &str, is_anew| {
        let publish = |site: &Site<'_>| {
            take_in(site, Scope::default())?;
            edition::publish_for(site, is_anew, &Occasion::default())
        };
        scene.with_site_at(now, &|_| {}, publish).unwrap()
    };
    for (edition, now) in [(1, "2024-05-06T00:00:00Z"), (2, "2024-05-20T00:00:00Z")] {
        assert_eq!(at(now, false), Publication::Published(edition), "{now}");
        assert_eq!(at(now, true), Publication::Unchanged(edition), "{now}");
    }
    let chains = fs::read_to_string(scene.path("seeds/chains.csv")).unwrap();
    let (header, rows) = chains.split_once('\n').unwrap();
    scene.write("seeds/chains.csv", &format!("{header}\n{}", rows.replacen(',', ",新", 1)));
    assert_eq!(at("2024-05-20T00:00:00Z", false), Publication::Published(3));
    assert_eq!(at("2024-05-20T00:00:00Z", true), Publication::Unchanged(3));
}
