//! The lake as values: what is open, what something later has settled, who is late.

use yuebao::findings::Severity;
use yuebao::lake::filing;
use yuebao::lake::matters::MatterKind;

use crate::support::scene::{FIRMS, Scene, b204, b204_book};
use crate::support::workbook::Book;

/// March of the second firm with exports above sales.
fn refused(sales: i64) -> Vec<u8> {
    let rows = b204(1, 3, [sales, 3030, 900, 2700]);
    Book::of(&rows.replace("'04|0|0|0|0", "'04|9000|9000|0|0"))
}

#[test]
fn of_several_refused_revisions_only_the_newest_is_open() {
    let scene = Scene::new();
    scene.drop_file("old.xlsx", &refused(1010), 2400);
    scene.drop_file("new.xlsx", &refused(1020), 2402);
    scene.take_in();
    let matters = scene.matters();
    let state = |it: &yuebao::lake::matters::Matter| {
        (it.submission.file_name.clone(), it.kind, it.is_settled)
    };
    let states: Vec<_> = matters.iter().map(state).collect();
    assert_eq!(
        states,
        [
            ("old.xlsx".to_owned(), MatterKind::Refused, true),
            ("new.xlsx".to_owned(), MatterKind::Refused, false),
        ]
    );
}

/// A name that says no more than form and month is any firm's: it settles nothing of nobody knows whom.
#[test]
fn a_report_of_another_firm_settles_nothing_by_its_name_alone() {
    let open = |name: &str| {
        let scene = Scene::new();
        let stranger = b204(0, 3, [1010, 3030, 900, 2700])
            .replace(FIRMS[0].0, "91110000101623741K")
            .replace(FIRMS[0].1, "外地企业");
        scene.drop_file(&format!("a/{name}"), &Book::of(&stranger), 2400);
        scene.drop_file(&format!("c/{name}"), b"no workbook", 2401);
        scene.drop_file(&format!("b/{name}"), &b204_book(1, 3, [1010, 3030, 900, 2700]), 2410);
        scene.take_in();
        scene.matters().iter().filter(|it| !it.is_settled).count()
    };
    for name in [
        "B204-1.xlsx",
        "b204_1 (2).xlsx",
        "2024年3月报表.xlsx",
        "工业产销总值及主要产品产量 2024-03.xlsx",
    ] {
        assert_eq!(open(name), 2, "{name}");
    }
    assert_eq!(open("外地企业3月.xlsx"), 0, "sent again under a name of its own");
}

/// The file name of what cannot be read names a firm: another one's report is not its.
#[test]
fn a_file_that_names_its_firm_is_settled_by_that_firm_only() {
    let scene = Scene::new();
    let name = format!("{}.xlsx", FIRMS[0].1);
    scene.drop_file(&format!("a/{name}"), b"no workbook", 2400);
    scene.drop_file(&format!("b/{name}"), &b204_book(1, 3, [1010, 3030, 900, 2700]), 2410);
    scene.take_in();
    assert!(!scene.matters()[0].is_settled);
    scene.drop_file("c.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2420);
    scene.take_in();
    assert!(scene.matters()[0].is_settled);
}

#[test]
fn a_query_that_is_explained_stands_against_nobody() {
    let scene = Scene::new();
    // Ten times last year's, and exports above sales.
    let wrong =
        b204(1, 3, [10_100, 30_300, 900, 2700]).replace("'04|0|0|0|0", "'04|99000|99000|0|0");
    scene.drop_file("bare.xlsx", &Book::of(&wrong), 2400);
    let explained = wrong.replace("核实说明：", "核实说明：订单大幅增加，新厂房投产，已核对");
    scene.drop_file(
        "explained.xlsx",
        &Book::of(&explained.replace(FIRMS[1].0, FIRMS[2].0).replace(FIRMS[1].1, FIRMS[2].1)),
        2400,
    );
    scene.take_in();
    let has_query = |file: &str| {
        let matters = scene.matters();
        let matter = matters.iter().find(|it| it.submission.file_name == file).unwrap();
        assert_eq!(matter.kind, MatterKind::Refused);
        matter.findings.iter().any(|it| it.severity == Severity::Query)
    };
    assert!(has_query("bare.xlsx"));
    assert!(!has_query("explained.xlsx"));
}

#[test]
fn a_late_row_goes_on_over_months_that_are_not_due_yet_and_ends_with_one_in_time() {
    let scene = Scene::new();
    // March in time (due April 10th), April late (due May 10th: 131 days after the new year).
    scene.drop_file("3.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2300);
    scene.drop_file("4.xlsx", &b204_book(0, 4, [1110, 4140, 950, 3650]), 131 * 24);
    scene.take_in();
    let project = scene.open().unwrap().project;
    let late = |month: &str, now: &str| {
        let lake = scene.out("lake");
        let month = filing::of_form(&project, &lake, "B204-1", month.parse().unwrap());
        let late =
            filing::months_late(&project, &lake, &month.unwrap().unwrap(), now.parse().unwrap());
        let late = late.unwrap();
        FIRMS.map(|(code, _)| late.get(code).copied().unwrap_or_default())
    };
    // The first: April; the others: February, March and April.
    assert_eq!(late("2024-04", "2024-05-20T00:00:00Z"), [1, 3, 3]);
    // May is due on June 10th: before that it neither counts nor ends the row.
    assert_eq!(late("2024-05", "2024-06-01T00:00:00Z"), [1, 3, 3]);
    assert_eq!(late("2024-05", "2024-06-11T00:00:00Z"), [2, 4, 4]);
    assert_eq!(late("2024-03", "2024-05-20T00:00:00Z"), [0, 2, 2]);
}
