//! Marts over ledgers, with figures worked out by hand: requests, service, projects.

use yuebao::files::parquet;

use crate::support::batches::cells;
use crate::support::ledgers::{self, BUREAU};
use crate::support::scene::{Scene, b204_book};

/// The rows of a published mart, as text.
fn rows(scene: &Scene, mart: &str, filter: &str, columns: &str) -> Vec<String> {
    cells(&parquet::read(&scene.out(&format!("marts/{mart}.parquet"))).unwrap(), filter, columns)
}

/// The shipped project over the small district, with two leaders and some ledgers, published.
fn published(ledgers: &[(&str, u32, &str)]) -> Scene {
    let scene = Scene::shipped();
    scene.seed("leaders.csv", ledgers::LEADERS);
    scene.drop_file("output.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 24 * 100);
    for (nth, (form, month, rows)) in (0_u32..).zip(ledgers) {
        let hours = 24 * (31 * u64::from(*month) + 5 + u64::from(nth));
        scene.drop_file(&format!("{nth}.xlsx"), &ledgers::of(form, (2024, *month), rows), hours);
    }
    scene.take_in();
    scene.publish();
    scene
}

const REQUESTS: [(&str, u32, &str); 3] = [
    // Raised last year and open; closed in time; closed late; withdrawn; due by what is written.
    (
        "LY-03",
        1,
        "S1|||2023.12.20|||区级\nS2|||2024.1.3|||区级|||2024.1.10|解决|满意\nS3|||2024.1.4|||区级|||2024.1.12|解决|不满意
S4|||2024.1.5|||上级|||2024.1.6|撤回|不满意\nS5|||2024.1.31|||上级\nS6|||2024.1.20|||区级||2024.2.28",
    ),
    // March's ledger: S5 closed on the last day it was due, S6 closed late though written so.
    (
        "LY-03",
        3,
        "S5|||2024.1.31|||上级|||2024.2.29|部分解决|基本满意\nS6|||2024.1.20|||区级||2024.2.28|2024.3.2|未解决
S7|||2024.3.30|||上级",
    ),
    // The closing of S1 was forgotten: older months move.
    ("LY-03", 4, "S1|||2023.12.20|||区级|||2024.2.1|解决"),
];

#[test]
fn service_is_counted_by_the_days_of_everything_filed_so_far() {
    let scene = published(&REQUESTS);
    let columns = "period level raised_ytd closed_ytd due_ytd closed_on_time_ytd open_overdue rated_ytd satisfied_ytd raised_total closed_total";
    assert_eq!(
        rows(&scene, "service_kpis", "", columns),
        [
            "2024-01-01 all 4 2 2 1 1 2 1 5 2",
            "2024-01-01 district 3 2 2 1 1 2 1 4 2",
            "2024-01-01 higher 1 0 0 0 0 0 0 1 0",
            // February has no ledger: what was filed later says how it stood.
            "2024-02-01 all 4 3 4 2 1 3 2 5 4",
            "2024-02-01 district 3 2 3 1 1 2 1 4 3",
            "2024-02-01 higher 1 1 1 1 0 1 1 1 1",
            "2024-03-01 all 5 4 4 2 0 3 2 6 5",
            "2024-03-01 district 3 3 3 1 0 2 1 4 4",
            "2024-03-01 higher 2 1 1 1 0 1 1 2 1",
            "2024-04-01 all 5 4 5 2 1 3 2 6 5",
            "2024-04-01 district 3 3 3 1 0 2 1 4 4",
            "2024-04-01 higher 2 1 2 1 1 1 1 2 1",
        ]
    );
    let rates = "closing_rate on_time_rate satisfied_rate visits leaders_due";
    assert_eq!(
        rows(&scene, "service_kpis", "period=2024-03", rates),
        [
            "0.800000 0.500000 0.666667 0 2",
            "1.000000 0.333333 0.500000 - -",
            "0.500000 1.000000 1.000000 - -"
        ]
    );
    let requests = "request_no level due_on closed_on result is_closed is_on_time period";
    assert_eq!(
        rows(&scene, "service_requests", "", requests),
        [
            "S1 district 2023-12-27 2024-02-01 solved true false 2023-12-01",
            "S2 district 2024-01-10 2024-01-10 solved true true 2024-01-01",
            "S3 district 2024-01-11 2024-01-12 solved true false 2024-01-01",
            "S4 higher 2024-02-05 2024-01-06 withdrawn true true 2024-01-01",
            "S5 higher 2024-02-29 2024-02-29 partly_solved true true 2024-01-01",
            "S6 district 2024-02-28 2024-03-02 unsolved true false 2024-01-01",
            "S7 higher 2024-04-30 - - false - 2024-03-01",
        ]
    );
}

#[test]
fn a_leader_without_a_visit_lowers_the_share() {
    let visit = |day: &str, leader: &str| format!("{day}|{leader}|91220106MA0000429W|甲");
    let june = [
        visit("2024.6.3", "区领导01"),
        visit("2024.6.3", "区领导 01"),
        visit("2024.6.9", "示例领导02"),
    ];
    let july = [visit("2024.7.1", "区领导01"), visit("2024.6.3", "区领导01")];
    let scene = published(&[("LY-05", 6, &june.join("\n")), ("LY-05", 7, &july.join("\n"))]);
    let columns = "period visits leaders_due leaders_visiting visiting_rate";
    // The second leader left in June; July's ledger repeats a visit of June's.
    assert_eq!(
        rows(&scene, "service_kpis", "level=all", columns),
        ["2024-06-01 2 2 2 1.000000", "2024-07-01 1 1 1 1.000000"]
    );
    let scene = published(&[("LY-05", 6, &june[0])]);
    assert_eq!(rows(&scene, "service_kpis", "level=all", columns), ["2024-06-01 1 2 1 0.500000"]);
}

/// Targets over these projects, and what the headline says of them.
fn assert_counts(scene: &Scene) {
    // One of two returning projects that the year is to bring; the headline says so too.
    let target = "target_id,name_zh,name_en,year,scope_kind,scope_id,form,item,kind,level_count";
    scene.seed("targets.csv", &format!("{target}\nr,回归,R,2024,chain,rail,LY-04,returning,count,2\ns,招商,S,2024,district,220106,LY-04,attracted,count,1\n"));
    scene.publish_because("targets");
    let columns = "period target_id target_count attained_count baseline_count attained_share status target_cny gap_cny";
    assert_eq!(
        rows(scene, "target_progress", "", columns),
        [
            "2024-03-01 r 2 0 0 0.000000 behind - -",
            "2024-03-01 s 1 0 0 0.000000 behind - -",
            "2024-04-01 r 2 0 0 0.000000 behind - -",
            "2024-04-01 s 1 0 0 0.000000 behind - -",
            "2024-05-01 r 2 1 0 0.500000 ahead - -",
            "2024-05-01 s 1 0 0 0.000000 behind - -",
            "2024-06-01 r 2 1 0 0.500000 on_track - -",
            "2024-06-01 s 1 0 0 0.000000 behind - -",
        ]
    );
    let columns = "projects_returned projects_to_return projects_attracted \
                   projects_output_to_come_cny visits";
    assert_eq!(rows(scene, "headline", "period=2024-03", columns), ["0 1 1 120000000.00 -"]);
}

#[test]
fn a_project_stays_as_it_was_until_a_later_ledger_mentions_it() {
    let scene = published(&[
        (
            "LY-04",
            3,
            "X1|甲|||六个回归|轨道交通|5000|12000|签约|2024.3.1\nX2|乙|||招商引资|煤炭|1.2亿元||签约|2024.3.2
核实说明：该项目不属于六条产业链，情况属实",
        ),
        ("LY-04", 5, "X1|甲|91220106MA0000429W|示例轨道配件有限公司|六个回归|rail|5000|12000|投产|2024.3.1|2024.4.1|2024.5.2"),
        ("LY-04", 6, "X3|丙|||招商引资||||签约|2024.6.2"),
    ]);
    let columns = "period project_no stage chain credit_code investment_cny producing_on";
    assert_eq!(
        rows(&scene, "projects", "", columns),
        [
            "2024-03-01 X1 signed rail - 50000000.00 -",
            "2024-03-01 X2 signed none - 120000000.00 -",
            "2024-04-01 X1 signed rail - 50000000.00 -",
            "2024-04-01 X2 signed none - 120000000.00 -",
            "2024-05-01 X1 producing rail 91220106MA0000429W 50000000.00 2024-05-02",
            "2024-05-01 X2 signed none - 120000000.00 -",
            "2024-06-01 X1 producing rail 91220106MA0000429W 50000000.00 2024-05-02",
            "2024-06-01 X2 signed none - 120000000.00 -",
            "2024-06-01 X3 signed none - - -",
        ]
    );
    assert_counts(&scene);
    // The bureau owes and files ledgers, and is no firm.
    scene.append("seeds/calendar.csv", "LY-04,2024-03,2024-04-07T12:00:00+08:00\n");
    scene.publish_because("calendar");
    let status =
        rows(&scene, "submission_status", "form=LY-04", "period credit_code state is_late");
    assert_eq!(
        status,
        [
            format!("2024-03-01 {BUREAU} accepted true"),
            format!("2024-04-01 {BUREAU} missing false"),
            format!("2024-05-01 {BUREAU} accepted false"),
            format!("2024-06-01 {BUREAU} accepted false"),
        ]
    );
    assert_eq!(rows(&scene, "dim_firm", &format!("credit_code={BUREAU}"), "credit_code").len(), 0);
    assert_eq!(rows(&scene, "headline", "period=2024-03", "firms_due firms_received"), ["3 1"]);
}
