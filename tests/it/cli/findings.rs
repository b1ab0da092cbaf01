//! `findings`: all that is open, for the terminal, for a spreadsheet, for the firm.

use super::{code, err, json, out, yuebao};
use crate::support::scene::{FIRMS, Scene, b204, b204_book};
use crate::support::workbook::Book;

/// One report refused, one queried, a file that is no workbook; the first firm's counts.
fn scene() -> Scene {
    let scene = Scene::new();
    let firms = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replace("keep,B204-1,", "keep,B204-1,王五 0431-1"));
    scene.drop_file("good.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    let refused = b204(1, 3, [1010, 3030, 900, 2700]).replace("'04|0|0|0|0", "'04|9000|9000|0|0");
    scene.drop_file("refused.xlsx", &Book::of(&refused), 2401);
    // Ten times last year's: a query that nobody explained.
    scene.drop_file("=cmd.xlsx", &b204_book(2, 3, [10100, 30300, 900, 2700]), 2402);
    scene.drop_file("page.xls", b"<html></html>", 2403);
    scene.take_in();
    scene
}

fn listed(scene: &Scene, more: &[&str]) -> Vec<(String, String)> {
    let findings = yuebao(scene, &[&["findings", "--json"], more].concat());
    assert_eq!(code(&findings), 0, "{}", err(&findings));
    let text = |it: &serde_json::Value, key: &str| it[key].as_str().unwrap_or("-").to_owned();
    let listed = json(&findings);
    listed.as_array().unwrap().iter().map(|it| (text(it, "state"), text(it, "file_name"))).collect()
}

fn pair(state: &str, file: &str) -> (String, String) {
    (state.to_owned(), file.to_owned())
}

#[test]
fn all_that_is_open_comes_gravest_first_and_can_be_asked_for() {
    let scene = scene();
    let all = [
        pair("refused", "refused.xlsx"),
        pair("unreadable", "page.xls"),
        pair("queried", "=cmd.xlsx"),
    ];
    assert_eq!(listed(&scene, &[]), all);
    assert_eq!(listed(&scene, &["--period", "2024-03"]), all);
    assert!(listed(&scene, &["--period", "2024-04"]).is_empty());
    assert_eq!(listed(&scene, &["--firm", "轨道"]), all[..1]);
    assert_eq!(listed(&scene, &["--firm", FIRMS[2].0]), all[2..]);
    assert_eq!(listed(&scene, &["--state", "queried"]), all[2..]);
    assert!(listed(&scene, &["--state", "settled"]).is_empty());
    let unknown = yuebao(&scene, &["findings", "--firm", "某某"]);
    assert_eq!(code(&unknown), 2);
    assert!(err(&unknown).contains("no firm of the roster bears `某某`"), "{}", err(&unknown));
    scene.drop_file("better.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2410);
    scene.take_in();
    assert_eq!(listed(&scene, &[]), all[1..]);
    assert_eq!(listed(&scene, &["--state", "settled"]), all[..1]);
    assert_eq!(listed(&scene, &["--state", "all"]).len(), 3);
}

#[test]
fn the_text_says_where_what_and_whom_to_call() {
    let scene = scene();
    let text = out(&yuebao(&scene, &["findings"]));
    for words in [
        "退回  B204-1  2024-03  示例轨道配件有限公司  91220106MA0000429W  王五 0431-1",
        "refused.xlsx，2024-04-10 09:00 收到",
        "错误[H4]",
        "单元格 D11",
        "处理：",
        "退回 1，无法读取 1，待核实 1",
    ] {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
    let english = out(&yuebao(&scene, &["findings", "--lang", "en", "--state", "refused"]));
    assert!(english.contains("error[H4]") && english.contains("hint: "), "{english}");
    let nothing = out(&yuebao(&scene, &["findings", "--state", "conflict"]));
    assert_eq!(nothing.trim_end(), "没有待处理的问题");
}

#[test]
fn a_spreadsheet_reads_it_and_carries_nothing_out() {
    let csv = out(&yuebao(&scene(), &["findings", "--csv"]));
    let table = csv.strip_prefix('\u{feff}').expect("Excel needs the mark");
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("状态,表号,报告期,统一社会信用代码,单位,联系方式"));
    let refused = lines.next().unwrap();
    assert!(refused.starts_with("退回,B204-1,2024-03,91220106MA0000429W,"), "{refused}");
    assert!(refused.contains(",Sheet1,D11,错误,H4,"), "{refused}");
    assert!(table.contains(",'=cmd.xlsx,") && !table.contains(",=cmd.xlsx,"), "{table}");
}

#[test]
fn a_firm_is_told_of_its_own_reports_and_of_no_other() {
    let scene = scene();
    let pipeline = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    let contact = pipeline.replace("# contact = \"\"", "contact = \"李四，0431-2\"");
    scene.write("jobs/pipeline.toml", &contact);
    let notices = out(&yuebao(&scene, &["findings", "--notice"]));
    let notices: Vec<&str> = notices.split("\n---\n").collect();
    assert_eq!(notices.len(), 2, "{notices:?}");
    let [rail, parts] = [notices[0], notices[1]];
    for words in [
        "示例轨道配件有限公司：",
        "2024年3月 B204-1",
        "refused.xlsx",
        "未通过审核",
        "1. 工作表“Sheet1”单元格 D11：",
        "处理：",
        "李四，0431-2",
    ] {
        assert!(rail.contains(words), "{words} is missing:\n{rail}");
    }
    assert!(!rail.contains("cmd.xlsx") && !rail.contains(FIRMS[2].1), "{rail}");
    assert!(parts.contains("核实说明") && !parts.contains("refused.xlsx"), "{parts}");
}

#[test]
fn a_new_document_number_is_the_bureaus_and_told_to_no_firm() {
    let scene = Scene::new();
    // What the roster says of the second firm's revenue makes 82,500 thousand yuan to March.
    for (firm, figures) in [(0, [1010, 3030, 900, 2700]), (1, [27_500, 82_500, 27_000, 81_000])] {
        let rows = b204(firm, 3, figures);
        let rows = rows.replace("国统字〔2023〕88号", "国统字〔2025〕101号");
        scene.drop_file(&format!("{firm}.xlsx"), &Book::of(&rows), 2400);
    }
    let run = yuebao(&scene, &["run", "intake", "--json"]);
    assert_eq!(code(&run), 0, "{}", err(&run));
    assert_eq!(json(&run)["unknown_documents"][0]["reports"], 2);
    let again = out(&yuebao(&scene, &["run", "intake"]));
    let status = out(&yuebao(&scene, &["status"]));
    let doctor = err(&yuebao(&scene, &["doctor"]));
    let alerts = out(&yuebao(&scene, &["alerts"]));
    for said in [&again, &status, &doctor, &alerts] {
        assert_eq!(said.matches("文号“国统字〔2025〕101号”未登记").count(), 1, "{said}");
        assert!(said.contains("B204-1 有 2 份报表"), "{said}");
        assert!(said.contains("jobs/forms/B204-1.toml") && said.contains("[[edition]]"), "{said}");
    }
    assert_eq!(out(&yuebao(&scene, &["findings", "--notice"])).trim_end(), "没有待处理的问题");
    let form = std::fs::read_to_string(scene.path("jobs/forms/B204-1.toml")).unwrap();
    let known = "[[edition]]\nedition = \"2026\"\ndocument = \"国统字〔2025〕101号\"\n\n[sheet]\n";
    scene.write("jobs/forms/B204-1.toml", &form.replacen("[sheet]\n", known, 1));
    let run = json(&yuebao(&scene, &["run", "intake", "--json"]));
    assert_eq!(run["months"]["2024-03"]["accepted"], 2, "{run}");
    let alerts = out(&yuebao(&scene, &["alerts"]));
    assert!(alerts.contains("settled") && !alerts.contains("OPEN"), "{alerts}");
}
