//! The pages of an edition: what nothing changed in is linked from the edition before, and lists lead there.

use std::fs;
use std::os::unix::fs::MetadataExt;

use yuebao::pipeline::edition::Publication;

use crate::support::scene::{Scene, b204_book};

const PAGES: [&str; 4] =
    ["brief-2024-03.html", "brief-2024-03.docx", "brief-2024-03.en.md", "月报数据-2024-03.xlsx"];

/// Three months of one firm, published.
fn published() -> Scene {
    let scene = Scene::new();
    for (month, figures) in [(3, [1010, 3030, 900, 2700]), (4, [700, 3730, 900, 3600])] {
        scene.drop_file("1.xlsx", &b204_book(0, month, figures), 2400 + 700 * u64::from(month));
        scene.take_in();
    }
    scene.drop_file("5.xlsx", &b204_book(0, 5, [900, 4630, 900, 4500]), 6000);
    scene.take_in();
    assert_eq!(scene.publish(), Publication::Published(1));
    scene
}

fn inode(scene: &Scene, edition: u32, page: &str) -> u64 {
    fs::metadata(scene.out(&format!("editions/{edition}/briefs/{page}"))).unwrap().ino()
}

fn page(scene: &Scene, edition: u32, page: &str) -> String {
    fs::read_to_string(scene.out(&format!("editions/{edition}/briefs/{page}"))).unwrap()
}

#[test]
fn a_month_that_is_as_it_was_is_linked_and_names_the_edition_that_made_it() {
    let scene = published();
    scene.drop_file("c.xlsx", &b204_book(0, 5, [910, 4640, 900, 4500]), 7000);
    scene.take_in();
    assert_eq!(scene.publish(), Publication::Published(2));
    for name in PAGES {
        assert_eq!(inode(&scene, 1, name), inode(&scene, 2, name), "{name}");
        let later = name.replace("-03", "-05");
        assert_ne!(inode(&scene, 1, &later), inode(&scene, 2, &later), "{later}");
    }
    assert!(page(&scene, 2, "brief-2024-03.md").contains("第1版"));
    assert!(page(&scene, 2, "brief-2024-05.md").contains("第2版"));
    let index = page(&scene, 2, "index.html");
    assert!(index.contains("2024-03") && index.contains("brief-2024-05.en.html"), "{index}");
    let front = fs::read_to_string(scene.out("index.html")).unwrap();
    assert!(front.contains("<a href=\"editions/2/briefs/index.html\">2</a> seen"), "{front}");
    assert!(front.contains("<a href=\"editions/1/briefs/index.html\">1</a>"), "{front}");
    assert!(!front.contains("1</a> seen"), "{front}");
    fs::remove_dir_all(scene.out("editions/1")).unwrap();
    assert!(page(&scene, 2, "brief-2024-03.md").contains("第1版"), "an old one may be deleted");
}

#[test]
fn a_page_that_was_altered_is_not_linked_but_made_anew() {
    let scene = published();
    fs::write(scene.out("editions/1/briefs/brief-2024-03.md"), "altered").unwrap();
    scene.drop_file("c.xlsx", &b204_book(0, 5, [910, 4640, 900, 4500]), 7000);
    scene.take_in();
    assert_eq!(scene.publish(), Publication::Published(2));
    assert!(page(&scene, 2, "brief-2024-03.md").contains("第2版"));
}

#[test]
fn words_of_one_month_make_its_pages_anew_and_words_that_nobody_sees_make_no_edition() {
    let scene = published();
    scene.append("jobs/brief/brief.zh.md", "{# 内部备注 #}");
    assert_eq!(scene.publish(), Publication::Unchanged(1));
    scene.write("seeds/notes/2024-04.md", "本月停产检修。");
    assert_eq!(scene.publish(), Publication::Published(2));
    assert!(page(&scene, 2, "brief-2024-04.md").contains("本月停产检修。"));
    assert_eq!(inode(&scene, 1, PAGES[0]), inode(&scene, 2, PAGES[0]));
}
