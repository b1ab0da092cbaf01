//! `status` says what the lake has now, how the edition differs, and what is open.

use super::{code, err, json, out, published, yuebao};
use crate::support::scene::{FIRMS, Scene, b204, b204_book};
use crate::support::workbook::Book;

/// March of a firm with exports above sales: refused.
fn wrong(firm: usize) -> Vec<u8> {
    let rows = b204(firm, 3, [1020, 3040, 900, 2700]);
    Book::of(&rows.replace("'04|0|0|0|0", "'04|9000|9000|0|0"))
}

fn march(scene: &Scene) -> serde_json::Value {
    let status = yuebao(scene, &["status", "--period", "2024-03", "--json"]);
    assert_eq!(code(&status), 0, "{}", err(&status));
    json(&status)
}

fn names(status: &serde_json::Value, section: &str) -> Vec<String> {
    let section = status[section].as_array().unwrap();
    section.iter().map(|it| it["firm_name"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn before_the_first_edition_the_lake_is_told_all_the_same() {
    let scene = Scene::new();
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("2.xlsx", &wrong(1), 2400);
    scene.take_in();
    let status = march(&scene);
    assert!(status["edition"].is_null() && status["targets"].as_array().unwrap().is_empty());
    // Three owe it: one counts, one was refused, of one nothing came.
    let form = &status["forms"][0];
    assert_eq!([&form["due"], &form["received"], &form["counted"]], [3, 2, 1]);
    assert_eq!(names(&status, "to_chase"), [FIRMS[1].1, FIRMS[2].1]);
    let text = out(&yuebao(&scene, &["status"]));
    for words in ["尚未发布任何版本", "已报 2 户（上报率 66.7%）", "通过 1 户（通过率 33.3%）"]
    {
        assert!(text.contains(words), "{words} is missing:\n{text}");
    }
}

/// A stricter rule leaves the only report refused, and readers keep the edition that has it.
#[test]
fn an_edition_that_is_behind_or_rolled_back_is_not_said_to_be_the_same() {
    let scene = published();
    let told = || out(&yuebao(&scene, &["status"]));
    assert!(told().contains("与第 1 版"), "{}", told());
    scene.drop_file("2.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2410);
    assert_eq!(code(&yuebao(&scene, &["run"])), 0);
    assert_eq!(code(&yuebao(&scene, &["edition", "rollback", "1", "--why", "核对"])), 0);
    assert!(told().contains("已回退：最新的第 2 版"), "{}", told());
    assert_eq!(code(&yuebao(&scene, &["edition", "rollback", "2", "--why", "核对"])), 0);
    assert!(told().contains("与第 2 版"), "{}", told());
    let rule = "\n[[rule]]\nid = \"X1\"\nseverity = \"error\"\nsql = \"false\"\nfields = [\"output_ytd\"]\nmessage = { zh = \"严\", en = \"strict\" }\nhint = { zh = \"严\", en = \"strict\" }\n";
    scene.append("jobs/rules/B204-1.toml", rule);
    assert_eq!(code(&yuebao(&scene, &["run"])), 1, "held back");
    assert!(told().contains("2 份不再计入"), "{}", told());
}

#[test]
fn a_correction_that_does_not_count_is_shown_until_it_is_settled() {
    let scene = published();
    scene.drop_file("again.xlsx", &wrong(0), 2410);
    scene.take_in();
    let status = march(&scene);
    assert_eq!(status["counted"], 1, "the first revision goes on counting");
    assert_eq!((&status["edition"], &status["newer_than_edition"]), (&1.into(), &0.into()));
    assert_eq!(names(&status, "corrections"), [FIRMS[0].1]);
    assert_eq!(status["corrections"][0]["problems"][0]["code"], "H4");
    let text = out(&yuebao(&scene, &["status"]));
    assert!(text.contains("更正未通过") && text.contains("与第 1 版"), "{text}");
    scene.drop_file("right.xlsx", &b204_book(0, 3, [1020, 3040, 900, 2700]), 2420);
    scene.take_in();
    let status = march(&scene);
    assert!(names(&status, "corrections").is_empty(), "{status}");
    assert_eq!(status["newer_than_edition"], 1);
    let text = out(&yuebao(&scene, &["status"]));
    assert!(text.contains("第 1 版") && text.contains("又有 1 份报表计入"), "{text}");
}

#[test]
fn what_nobody_can_read_or_assign_is_shown_until_the_right_one_comes() {
    let scene = published();
    // Received on April 11th, when March was reported.
    scene.drop_file("page.xls", b"<html></html>", 2424);
    let nobody = b204(1, 3, [1010, 3030, 900, 2700]).replace(FIRMS[1].0, "91220106MA00000XX0");
    scene.drop_file("code.xlsx", &Book::of(&nobody), 2424);
    scene.take_in();
    let status = march(&scene);
    let others = status["others"].as_array().unwrap();
    let states: Vec<_> = others.iter().map(|it| it["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["unassigned", "unreadable"]);
    let april = yuebao(&scene, &["status", "--period", "2024-04", "--json"]);
    assert!(json(&april)["others"].as_array().unwrap().is_empty(), "of March, not of April");
    scene.drop_file("page.xls", &b204_book(2, 3, [1010, 3030, 900, 2700]), 2430);
    scene.drop_file("code.xlsx", &b204_book(1, 3, [1010, 3030, 900, 2700]), 2430);
    scene.take_in();
    assert!(march(&scene)["others"].as_array().unwrap().is_empty(), "both came again");
}

#[test]
fn how_much_is_in_is_weighed_by_last_years_value() {
    let scene = Scene::shipped();
    scene.drop_file("0.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene.append("seeds/calendar.csv", "B204-1,2025-03,2025-04-10T12:00:00+08:00\n");
    scene.drop_file("1.xlsx", &b204_book(2, 3, [500, 1010, 450, 900]), 2400);
    let this_year = |firm, figures| Book::of(&b204(firm, 3, figures).replace("2024 年", "2025 年"));
    scene.drop_file("2.xlsx", &this_year(0, [1050, 3100, 1010, 3030]), 2400 + 8760);
    scene.take_in();
    let status = json(&yuebao(&scene, &["status", "--json"]));
    assert_eq!(status["period"], "2025-03");
    // Last March 3,030 and 1,010 thousand yuan; the second firm had nothing: 3030 / 4040.
    assert_eq!(status["forms"][0]["reported_value_share"], "0.75");
    assert_eq!(status["forms"][0]["is_complete"], false);
    // The edition says the same.
    scene.publish();
    let totals = yuebao::files::parquet::read(&scene.out("marts/monthly_totals.parquet")).unwrap();
    let shown = arrow::util::pretty::pretty_format_batches(&[totals]).unwrap().to_string();
    let of_district = |line: &&str| {
        ["2025-03-01", "| district ", "| output "].iter().all(|word| line.contains(word))
    };
    let row = shown.lines().find(of_district).unwrap();
    assert!(row.contains("| 0.750000"), "{row}");
    // In March 2024 nobody had a last year: one firm of three was in, then two.
    assert_eq!(march(&scene)["forms"][0]["reported_value_share"], "0.666667");
}

#[test]
fn before_the_district_began_nobody_is_missing_or_late() {
    let scene = published();
    let pipeline = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    let since = pipeline.replace("[district]\n", "[district]\nsince = \"2024-04\"\n");
    scene.write("jobs/pipeline.toml", &since);
    let status = march(&scene);
    assert_eq!((&status["due"], &status["counted"]), (&1.into(), &1.into()));
    assert!(status["forms"][0]["deadline"].is_null());
    let april = json(&yuebao(&scene, &["status", "--period", "2024-04", "--json"]));
    let late = april["to_chase"].as_array().unwrap().iter().map(|it| &it["months_late_in_row"]);
    assert_eq!(late.collect::<Vec<_>>(), [1, 1, 1], "April is the first that counts");
}
