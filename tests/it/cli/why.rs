//! An edition that awaits a reason, as a person meets it: exit code, words, and the way on.

use super::{Scene, b204_book, code, err, json, out, published, yuebao};

/// Says of the firm that reported March that it is a large one no longer, in all its past.
fn edit_the_past(scene: &Scene) {
    let text = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    let moved = text.replacen("green,rail,3714,1,true", ",rail,3714,1,true", 1);
    assert_ne!(moved, text);
    scene.seed("firms.csv", &moved);
}

#[test]
fn run_says_what_would_move_and_publishes_it_for_a_reason() {
    let scene = published();
    edit_the_past(&scene);
    scene.drop_file("2.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2410);
    let held = yuebao(&scene, &["run"]);
    assert_eq!(code(&held), 1, "{}", err(&held));
    let said = out(&held);
    for words in [
        "收取 1 个文件",
        "读者继续使用第 1 版",
        "2024-03  收到的工作簿、企业名录",
        "yuebao run publish --why",
        "修订单：与第 1 版相比",
        "monthly_totals",
    ] {
        assert!(said.contains(words), "{words} is missing:\n{said}");
    }
    let as_json = json(&yuebao(&scene, &["run", "--json"]));
    let awaited = &as_json["awaits_reason"];
    assert_eq!(awaited["edition"], 1);
    assert_eq!(awaited["causes"]["2024-03"], serde_json::json!(["workbooks", "roster"]));
    assert_eq!((&as_json["edition"], &as_json["is_new_edition"]), (&1.into(), &false.into()));
    // Blanks are no reason.
    assert_eq!(code(&yuebao(&scene, &["run", "publish", "--why", "  "])), 1);
    let done = yuebao(&scene, &["run", "publish", "--why", "示例龙头 left the zone in 2020"]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let shown = out(&yuebao(&scene, &["edition", "show", "2"]));
    for words in
        ["why: 示例龙头 left the zone in 2020", "与第 1 版相比", "2024-03  收到的工作簿、企业名录"]
    {
        assert!(shown.contains(words), "{words} is missing:\n{shown}");
    }
    assert_eq!(code(&yuebao(&scene, &["run"])), 0);
}

#[test]
fn run_says_in_one_sentence_that_no_report_counts() {
    let scene = Scene::new();
    // More exports than sales: the one report there is is refused.
    let wrong =
        super::b204(0, 3, [1010, 3030, 900, 2700]).replace("'04|0|0|0|0", "'04|9000|9000|0|0");
    scene.drop_file("1.xlsx", &super::Book::of(&wrong), 2400);
    let run = yuebao(&scene, &["run"]);
    assert_eq!(code(&run), 0, "{}", err(&run));
    assert!(out(&run).contains("还没有任何报表通过，没有内容可发布"), "{}", out(&run));
    assert!(!scene.out("marts").exists());
}
