//! The bureau's ledgers on their whole way: taken in, judged against older ones, kept row by row.

use std::collections::BTreeMap;

use yuebao::files::parquet;
use yuebao::lake::rows::{self, SubmissionState};
use yuebao::pipeline::check;
use yuebao::pipeline::context::Context;

use crate::support::ledgers::{self, projects, requests, visits};
use crate::support::scene::{Scene, assert_same};

/// The codes and cells of what stands against the newest ledger of a month, notes left out.
fn against(scene: &Scene, month: &str) -> (SubmissionState, Vec<String>) {
    let lake = scene.out("lake");
    let sent = rows::submissions(&lake, month).unwrap();
    let newest = sent.iter().max_by_key(|it| it.received_at).unwrap();
    let findings = rows::findings(&lake, month).unwrap();
    let own = findings.iter().filter(|it| it.submission_id == newest.submission_id);
    let own = own.filter(|it| it.finding.severity.name() != "note");
    let said = own.map(|it| {
        let cell = it.finding.cell.map(|cell| cell.to_string()).unwrap_or_default();
        format!("{}@{cell}", it.finding.code)
    });
    (newest.state, said.collect())
}

/// The state of a ledger with some rows, taken in alone, and what stands against it.
fn judged(book: &[u8]) -> (SubmissionState, Vec<String>) {
    let scene = ledgers::scene();
    scene.drop_file("台账.xlsx", book, 24 * 220);
    scene.take_in();
    against(&scene, "2024-07")
}

const ACCEPTED: (SubmissionState, Vec<String>) = (SubmissionState::Accepted, Vec::new());

fn refused(said: &[&str]) -> (SubmissionState, Vec<String>) {
    (SubmissionState::Refused, said.iter().map(|it| (*it).to_owned()).collect())
}

fn queried(said: &[&str]) -> (SubmissionState, Vec<String>) {
    (SubmissionState::Queried, said.iter().map(|it| (*it).to_owned()).collect())
}

#[test]
fn requests_are_closed_after_they_are_raised_not_ahead_and_with_a_result() {
    let one = |row: &str| judged(&requests(7, row));
    assert_eq!(one("S1|||2024.7.3|||区级|||2024.7.3|解决"), ACCEPTED);
    assert_eq!(one("S1|||2024.7.3|||区级|||2024.7.2|解决"), refused(&["L3@J6"]));
    assert_eq!(one("S1|||2024.7.3|||区级|||2024.8.30|解决"), refused(&["L3@J6"]));
    assert_eq!(one("S1|||2024.7.3|||区级|||2024.7.9|"), refused(&["L3@K6"]));
    assert_eq!(one("S1|||2024.7.3|||市级|||2024.7.9|解决"), refused(&["L2@G6"]));
    assert_eq!(one("S1|91350100M000100Y43|外区企业|2024.7.3|||上级"), ACCEPTED);
}

#[test]
fn days_of_a_project_stand_in_their_order_and_fit_its_stage() {
    let one = |row: &str| judged(&projects(7, row));
    let project = |behind: &str| one(&format!("X1|甲|||招商引资|轨道交通|||{behind}"));
    assert_eq!(project("签约|2024.5.1"), ACCEPTED);
    assert_eq!(project("投产|2023.3.1|2023.9.1|2024.6.1"), ACCEPTED);
    assert_eq!(project("在建|2023.3.1|2023.2.1"), queried(&["L3@K6"]));
    assert_eq!(project("投产|2023.3.1|2023.9.1|2023.8.1"), queried(&["L3@L6"]));
    assert_eq!(project("投产|2023.3.1|2023.9.1"), queried(&["L6@I6"]));
    assert_eq!(project("签约|2023.3.1|2023.9.1"), queried(&["L6@I6"]));
    assert_eq!(one("X1|甲|||招商引资|煤炭|||签约|2024.5.1"), queried(&["L7@F6"]));
}

#[test]
fn a_leader_stands_on_the_list_of_the_month() {
    let visit = |leader: &str| judged(&visits(7, &format!("2024.7.5|{leader}|91220106MA0000429W")));
    assert_eq!(visit("区领导01"), ACCEPTED);
    assert_eq!(visit("示例领导01"), ACCEPTED, "by name");
    assert_eq!(visit("区领导02"), queried(&["L7@B6"]), "who left in June");
    assert_eq!(judged(&visits(7, "2024.8.30|区领导01|91220106MA0000429W")), refused(&["L3@A6"]));
}

#[test]
fn what_an_older_ledger_says_is_held_against_a_newer_one_however_old() {
    let scene = ledgers::scene();
    let row = "X1|甲|||六个回归|||";
    scene.drop_file(
        "1.xlsx",
        &ledgers::of("LY-04", (2022, 11), &format!("{row}|签约|2022.10.1")),
        0,
    );
    // A day is filled in, which is no change; then another is moved twenty months later.
    scene.drop_file("2.xlsx", &projects(3, &format!("{row}|在建|2022.10.1|2023.1.5")), 24 * 100);
    scene.drop_file("3.xlsx", &projects(7, &format!("{row}|在建|2022.9.1|2023.1.5")), 24 * 220);
    scene.take_in();
    assert_eq!(against(&scene, "2024-03"), ACCEPTED);
    assert_eq!(against(&scene, "2024-07"), queried(&["L4@J6"]));
    let findings = rows::findings(&scene.out("lake"), "2024-07").unwrap();
    let told = &findings[0].finding;
    assert_eq!(
        told.message.zh,
        "项目 X1 的签约日期与以前的台账不同：现为 2022-09-01，原为 2022-10-01"
    );
    assert_eq!(told.item.as_deref(), Some("X1"));
    // The reason lifts it.
    let why = format!("{row}|在建|2022.9.1|2023.1.5\n核实说明：原签约日期抄录有误，以合同为准更正");
    scene.drop_file("4.xlsx", &projects(7, &why), 24 * 221);
    scene.take_in();
    assert_eq!(against(&scene, "2024-07").0, SubmissionState::Accepted);
    // Where the old ledger goes, what it was held against goes with it.
    let again = ledgers::of("LY-04", (2022, 11), &format!("{row}|签约|2022.9.1"));
    scene.drop_file("5.xlsx", &again, 1);
    let done = scene.take_in().months;
    assert!(done.len() == 3, "every later ledger is held against it: {done:?}");
    // From the archive alone it is the same.
    let lake = scene.files("lake");
    std::fs::remove_dir_all(scene.out("lake")).unwrap();
    scene.take_in();
    assert_same(&scene.files("lake"), &lake);
}

#[test]
fn only_the_bureau_files_ledgers_and_nobody_where_it_has_no_code() {
    let scene = ledgers::scene();
    let row = "2024.7.5|区领导01|91220106MA0000429W";
    let firm = ledgers::text("LY-05", (2024, 7), row)
        .replace(ledgers::BUREAU, "91220106MA0000429W")
        .replace("绿园区工业和信息化局", "示例轨道配件有限公司");
    scene.drop_file("firm.xlsx", &crate::support::workbook::Book::of(&firm), 24 * 220);
    scene.take_in();
    assert_eq!(against(&scene, "2024-07"), refused(&["H1@A3"]));
    scene.drop_file("bureau.xlsx", &visits(7, row), 24 * 221);
    scene.take_in();
    assert_eq!(against(&scene, "2024-07"), ACCEPTED);
    let settings = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    let without: Vec<&str> =
        settings.lines().filter(|line| !line.starts_with("bureau_code")).collect();
    scene.write("jobs/pipeline.toml", &without.join("\n"));
    scene.take_in();
    assert_eq!(against(&scene, "2024-07"), refused(&["H1@A3"]));
}

#[test]
fn two_ledgers_at_the_same_time_stand_equal_until_one_comes_again() {
    let scene = ledgers::scene();
    let [one, other] = ["解决", "未解决"].map(|result| {
        requests(7, &format!("S1|||2024.7.3|||区级|||2024.7.9|{result}\nS2|||2024.7.4|||上级"))
    });
    scene.drop_file("a.xlsx", &one, 24 * 220);
    scene.drop_file("b.xlsx", &other, 24 * 220);
    scene.take_in();
    assert_eq!(against(&scene, "2024-07"), queried(&["R1@"]));
    let findings = rows::findings(&scene.out("lake"), "2024-07").unwrap();
    let said = findings.iter().map(|it| it.finding.message.zh.as_str()).collect::<String>();
    assert!(said.contains("K6 为 solved，对方为 unsolved"), "{said}");
    scene.drop_file("again.xlsx", &other, 24 * 221);
    scene.take_in();
    assert_eq!(against(&scene, "2024-07"), ACCEPTED);
}

#[test]
fn the_lake_keeps_every_cell_of_every_revision() {
    let scene = ledgers::scene();
    scene.drop_file(
        "a.xlsx",
        &projects(7, "X1|甲|||招商引资|肉牛|120000||签约|2024.5.20"),
        24 * 220,
    );
    scene.drop_file(
        "b.xlsx",
        &projects(7, "X1|甲|||招商引资|肉牛|130000||签约|2024.5.20"),
        24 * 221,
    );
    scene.take_in();
    let path = scene.out("lake/records/form=LY-04/period=2024-07/part.parquet");
    let table = parquet::read(&path).unwrap();
    let text = arrow::util::pretty::pretty_format_batches(&[table]).unwrap().to_string();
    let cells: Vec<&str> = text.lines().filter(|line| line.contains("investment")).collect();
    assert!(cells[0].contains("1200000000.00") && cells[1].contains("1300000000.00"), "{text}");
    assert!(cells[0].contains("| X1         | 6          |"), "{text}");
    assert!(!scene.out("lake/observations/form=LY-04").exists());
}

#[test]
fn a_fourth_ledger_needs_no_rust() {
    let scene = ledgers::scene();
    scene.write("jobs/forms/LY-09.toml", FOURTH);
    scene.write("jobs/rules/LY-09.toml", FOURTH_RULES);
    assert_eq!(scene.faults(), "");
    let book = |hours: &str| {
        let text = format!(
            "企业培训台账\n|表号：LY-09表\n统一社会信用代码：{}\n单位详细名称：绿园区工业和信息化局|2024年7月
培训编号|日期|学时|费用\nP1|2024年7月5日|{hours}|3.5万元\n",
            ledgers::BUREAU
        );
        crate::support::workbook::Book::of(&text)
    };
    scene.drop_file("a.xlsx", &book("八"), 24 * 220);
    scene.take_in();
    assert_eq!(against(&scene, "2024-07"), ACCEPTED);
    scene.drop_file("b.xlsx", &book(""), 24 * 221);
    scene.take_in();
    assert_eq!(against(&scene, "2024-07"), queried(&["T1@C6"]));
}

const FOURTH: &str = r#"
form = "LY-09"
name = { zh = "企业培训台账", en = "Trainings" }
[recognise]
numbers = ["LY-09"]
titles = ["企业培训台账"]
[[edition]]
edition = "2024"
document = "绿工信〔2024〕1号"
[[column]]
column = "training_no"
name = { zh = "培训编号", en = "number" }
labels = ["培训编号"]
type = "text"
key = true
[[column]]
column = "held_on"
name = { zh = "日期", en = "day" }
labels = ["日期"]
type = "date"
[[column]]
column = "hours"
name = { zh = "学时", en = "hours" }
labels = ["学时"]
type = "text"
[[column]]
column = "cost"
name = { zh = "费用", en = "cost" }
labels = ["费用"]
type = "money"
"#;

const FOURTH_RULES: &str = r#"
form = "LY-09"
[[rule]]
id = "T1"
severity = "query"
when = "held_on <= last_day and cost > 30000"
sql = "hours is not null"
fields = ["hours"]
message = { zh = "{key} 费用 {cost}，没有填{name}", en = "{key} cost {cost} and bears no {name}" }
hint = { zh = "请填写", en = "fill it in" }
"#;

#[test]
fn a_faulty_ledger_form_is_named_by_its_line() {
    let scene = ledgers::scene();
    let faulty = FOURTH.replace("key = true", "seed = \"leader\"").replace("\"cost\"", "\"Cost\"");
    scene.write("jobs/forms/LY-09.toml", &faulty.replace("\"hours\"\n", "\"held_on\"\n"));
    let faults = scene.faults();
    for said in [
        "LY-09.toml:10: no [[column]] has `key = true`",
        "LY-09.toml:15: `leader` is no seed; did you mean `leaders`?",
        "LY-09.toml:22: column `held_on` stands twice",
        "LY-09.toml:27: `Cost` is no name for SQL",
    ] {
        assert!(faults.contains(said), "{said} is not in\n{faults}");
    }
}

#[test]
fn a_ledger_is_checked_before_it_is_sent() {
    let scene = ledgers::scene();
    scene.drop_file("6.xlsx", &projects(6, "X1|甲|||招商引资||||签约|2024.5.20"), 24 * 190);
    scene.take_in();
    let path = scene.path("7.xlsx");
    std::fs::write(&path, projects(7, "X1|甲|||招商引资||||签约|2024.5.21")).unwrap();
    let start = yuebao::files::read_start(&path, 1_000_000).unwrap();
    let workshop = scene.open().unwrap();
    let mut context = Context::new(scene.out("lake"));
    let now = "2024-08-08T00:00:00Z".parse().unwrap();
    let checked = check::check(&workshop, &mut context, "7.xlsx".to_owned(), &start, now).unwrap();
    let codes: BTreeMap<&str, usize> =
        checked.reports[0].findings.iter().map(|it| (it.code.as_str(), 1)).collect();
    assert_eq!(codes.keys().copied().collect::<Vec<_>>(), ["L4"]);
}

#[test]
fn what_contradicts_the_bureau_and_its_leaders_is_a_fault() {
    let scene = ledgers::scene();
    scene.seed("leaders.csv", "leader,name,position,from,to\n区领导01,甲,,2024-06,2024-01\n");
    let firm = format!("{},示例,,,3714,3,false,2020-01,,keep,B204-1;LY-03,\n", ledgers::BUREAU);
    scene.append("seeds/firms.csv", &firm);
    let faults = scene.faults();
    for said in [
        "seeds/leaders.csv:2: from 2024-06 to 2024-01 is no month at all",
        "seeds/firms.csv:5: `LY-03` in `forms` is a ledger: the bureau files it, no firm does",
        "`11220106MB1234567A` is the bureau's own code: it is no firm of the roster",
    ] {
        assert!(faults.contains(said), "{said} is not in\n{faults}");
    }
    let settings = std::fs::read_to_string(scene.path("jobs/pipeline.toml")).unwrap();
    scene.write("jobs/pipeline.toml", &settings.replace("B1234567A", "B1234567B"));
    let said = "`11220106MB1234567B` in `bureau_code` is no credit code";
    assert!(scene.faults().contains(said), "{}", scene.faults());
}

#[test]
fn a_changed_list_of_leaders_judges_the_months_again_from_when_it_holds() {
    let scene = ledgers::scene();
    let visit = |month: u32| visits(month, &format!("2024.{month}.5|区领导02|91220106MA0000429W"));
    scene.drop_file("6.xlsx", &visit(6), 24 * 190);
    scene.drop_file("7.xlsx", &visit(7), 24 * 220);
    scene.take_in();
    assert_eq!(against(&scene, "2024-07"), queried(&["L7@B6"]));
    scene.seed("leaders.csv", &ledgers::LEADERS.replace("2024-06", "2024-07"));
    let done: Vec<String> = scene.take_in().months.keys().map(ToString::to_string).collect();
    assert_eq!(done, ["2024-07"], "June is as it was");
    assert_eq!(against(&scene, "2024-07"), ACCEPTED);
}
