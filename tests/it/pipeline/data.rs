//! The pipeline is data: a form, a rule, a mart and a target are added without touching Rust.

use arrow::array::AsArray;
use arrow::datatypes::Decimal128Type;
use yuebao::files::parquet;
use yuebao::lake::rows::{self, FindingRow, SubmissionState};

use crate::support::scene::{FIRMS, Scene, assert_same, b204, b204_book};
use crate::support::workbook::Book;

/// A form nobody shipped: electricity use, one coded row.
fn add_form(scene: &Scene) {
    let purchases = include_str!("../../../jobs/forms/LY-02.toml");
    let (head, _) = purchases.split_once("[[item]]").unwrap();
    let head = head.replace("LY-02", "LY-77").replace("龙头企业采购情况", "用电情况");
    let item = "[[item]]
item = \"electricity\"
name = { zh = \"电费\", en = \"electricity bill\" }
codes = [\"33\"]
labels = [\"电费\"]
required = true
";
    scene.write("jobs/forms/LY-77.toml", &format!("{head}{item}"));
    let firms = std::fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replace("keep,B204-1,", "keep,B204-1;LY-77,"));
    scene.append("seeds/calendar.csv", "LY-77,2024-03,2024-04-10T12:00:00+08:00\n");
}

fn electricity(figures: &str) -> Vec<u8> {
    let rows = b204(0, 3, [0, 0, 0, 0])
        .replace("B 2 0 4 - 1", "L Y - 7 7")
        .replace("工业产销总值及主要产品产量", "用电情况")
        .replace("国统字〔2023〕88号", "绿工信〔2023〕12号");
    let (head, _) = rows.split_once("一、").unwrap();
    Book::of(&format!("{head}电费|千元|33|{figures}\n核实说明："))
}

#[test]
fn a_form_a_rule_a_mart_and_a_target_are_added_as_files() {
    let scene = Scene::shipped();
    add_form(&scene);
    scene.write(
        "jobs/rules/LY-77.toml",
        "form = \"LY-77\"

[[rule]]
id = \"E1\"
severity = \"error\"
sql = \"electricity_month < 1000000\"
fields = [\"electricity_month\"]
message = { zh = \"电费 {value} 过高\", en = \"a bill of {value} is too high\" }
hint = { zh = \"请核对\", en = \"check it\" }
",
    );
    scene.write(
        "jobs/marts/bills.sql",
        "-- mart: bills
-- purpose: electricity bills
-- grain: period, credit_code
-- inputs: observations, submissions
-- columns:
--   period | date | The month | 月份
--   credit_code | code | The firm | 企业
--   bill_cny | CNY | The bill of the month | 电费
select o.period, o.credit_code, cast(o.value as decimal(20, 2)) as bill_cny
from observations as o
join submissions as s on s.submission_id = o.submission_id and s.is_current
where o.item = 'electricity' and o.measure = 'month'
",
    );
    scene.append(
        "seeds/targets.csv",
        "output-2024,产值,output,2024,district,220106,B204-1,output,level,10000000.00,,,,\n",
    );
    assert_eq!(scene.faults(), "");
    scene.drop_file("bill.xlsx", &electricity("120|360|100|300"), 2400);
    scene.drop_file("high.xlsx", &electricity("5000|6000|100|300"), 2500);
    scene.drop_file("output.xlsx", &b204_book(0, 3, [1010, 2500, 900, 2700]), 2400);
    scene.take_in();
    scene.publish();

    let findings = rows::findings(&scene.out("lake"), "2024-03").unwrap();
    let is_said = |it: &FindingRow| it.finding.message.en.contains("is too high");
    assert!(findings.iter().any(is_said), "{findings:?}");

    let bills = parquet::read(&scene.out("marts/bills.parquet")).unwrap();
    let bill = bills.column_by_name("bill_cny").unwrap().as_primitive::<Decimal128Type>();
    assert_eq!(bill.values(), &[12_000_000], "120 thousand yuan, in fen");

    let targets = parquet::read(&scene.out("marts/target_progress.parquet")).unwrap();
    let share = targets.column_by_name("attained_share").unwrap().as_primitive::<Decimal128Type>();
    assert_eq!(share.values(), &[250_000], "2.5 of 10 million");
}

#[test]
fn a_form_that_is_added_later_finds_what_came_before_it() {
    let scene = Scene::new();
    scene.drop_file("bill.xlsx", &electricity("120|360|100|300"), 2400);
    scene.take_in();
    let states = |partition: &str| {
        let rows = rows::submissions(&scene.out("lake"), partition).unwrap().into_iter();
        rows.map(|row| row.state.name()).collect::<Vec<_>>()
    };
    assert_eq!((states("unreadable"), states("2024-03")), (vec!["unreadable"], vec![]));
    add_form(&scene);
    scene.take_in();
    assert_eq!((states("unreadable"), states("2024-03")), (vec![], vec!["accepted"]));
    // From the archive alone it is the same.
    let lake = scene.files("lake");
    std::fs::remove_dir_all(scene.out("lake")).unwrap();
    scene.take_in();
    assert_same(&scene.files("lake"), &lake);
}

#[test]
fn a_form_without_rules_is_read_and_counted() {
    let scene = Scene::new();
    add_form(&scene);
    scene.drop_file("bill.xlsx", &electricity("120|360|100|300"), 2400);
    scene.take_in();
    let rows = rows::submissions(&scene.out("lake"), "2024-03").unwrap();
    assert_eq!(rows[0].state, SubmissionState::Accepted);
    assert_eq!(rows[0].credit_code.as_deref(), Some(FIRMS[0].0));
}

#[test]
fn a_district_whose_optional_seeds_are_empty_publishes_empty_marts() {
    let scene = Scene::shipped();
    scene.seed("industries.csv", "industry_code,name_zh,section\n");
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene.take_in();
    scene.publish();
    for name in ["supply_chain", "target_progress", "qualifications"] {
        let mart = parquet::read(&scene.out(&format!("marts/{name}.parquet"))).unwrap();
        assert_eq!(mart.num_rows(), 0, "{name}");
    }
}
