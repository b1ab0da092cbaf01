//! Exports beside the firms' own forms, and forms other than B204-1: which of them counts.

use std::fs;

use arrow::array::AsArray;
use yuebao::files::parquet;

use super::receipts::{MARCH, MARCH_AGAIN, fates, send, submissions};
use crate::support::scene::{FIRMS, Scene, b204, b204_book};
use crate::support::workbook::Book;

const HEADINGS: &str = "统一社会信用代码|单位详细名称|201-1-行业代码（GB/T4754-2017）|工业总产值(当年价格);本年-本月|工业总产值(当年价格);本年-1—本月|工业总产值(当年价格);上年-本月|工业总产值(当年价格);上年-1—本月|工业销售产值(当年价格);本年-本月|工业销售产值(当年价格);本年-1—本月|工业销售产值(当年价格);上年-本月|工业销售产值(当年价格);上年-1—本月|其中:出口交货值;本年-本月|其中:出口交货值;本年-1—本月|其中:出口交货值;上年-本月|其中:出口交货值;上年-1—本月";

/// An export of March: a firm a row, of one industry; sales equal output, no exports.
pub(super) fn export(rows: &[(usize, &str, [i64; 4])]) -> Vec<u8> {
    let row = |(firm, industry, figures): &(usize, &str, [i64; 4])| {
        let (code, name) = FIRMS[*firm];
        let [now, ytd, prior, prior_ytd] = figures;
        let figures = format!("{now}|{ytd}|{prior}|{prior_ytd}");
        format!("{code}|{name}|'{industry}|{figures}|{figures}|0|0|0|0")
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    Book::new().sheet("2024年3月", &format!("{HEADINGS}\n{}", rows.join("\n"))).bytes()
}

/// Output to date of an industry in what counts for March.
fn industries(scene: &Scene) -> Vec<String> {
    let path = scene.out("lake/observations/form=B204-1/period=2024-03/part.parquet");
    let rows = parquet::read(&path).unwrap();
    let text = |name: &str| rows.column_by_name(name).unwrap().as_string::<i32>();
    let counted = submissions(scene, "2024-03");
    let counts = |id: &str| counted.iter().any(|row| row.submission_id == id && row.is_current);
    let rows = (0..rows.num_rows()).filter(|row| {
        text("item").value(*row).starts_with("industry:")
            && text("measure").value(*row) == "ytd"
            && counts(text("submission_id").value(*row))
    });
    rows.map(|row| text("item").value(row).to_owned()).collect()
}

#[test]
fn an_export_that_agrees_moves_no_firm_into_another_industry() {
    let form = b204(1, 3, MARCH).replace(
        "行业|千元|'3714|1010|3030|900|2700",
        "行业|千元|'3714|610|1830|500|1500\n行业|千元|'3670|400|1200|400|1200",
    );
    for (first, second) in [(0, 1000), (1000, 0), (0, 0)] {
        let scene = Scene::new();
        send(&scene, "form.xlsx", &Book::of(&form), first);
        send(&scene, "export.xlsx", &export(&[(1, "3714", MARCH), (2, "3670", MARCH)]), second);
        scene.take_in();
        let fates = fates(&scene, "2024-03");
        assert!(fates.contains(&"form.xlsx counts".to_owned()), "{fates:?}");
        assert_eq!(
            industries(&scene),
            ["industry:3714", "industry:3670", "industry:3670"],
            "two of the form, one of the firm that only the export has"
        );
    }
}

/// 04 left blank in all columns and 0 in all of them are one statement, whichever of the two says which.
#[test]
fn a_blank_row_of_exports_and_zeros_agree() {
    let form = b204(1, 3, MARCH).replace(
        "行业|千元|'3714|1010|3030|900|2700",
        "行业|千元|'3714|610|1830|500|1500\n行业|千元|'3670|400|1200|400|1200",
    );
    let blank = form.replace("'04|0|0|0|0", "'04||||");
    let zeros = export(&[(1, "3714", MARCH)]);
    let row = format!("{}|{}|'3714|1010|3030|900|2700|1010|3030|900|2700", FIRMS[1].0, FIRMS[1].1);
    let blanks = Book::new().sheet("2024年3月", &format!("{HEADINGS}\n{row}||||")).bytes();
    for (form, export) in [(&blank, &zeros), (&form, &blanks), (&blank, &blanks)] {
        for second in [0, 1000] {
            let scene = Scene::new();
            send(&scene, "form.xlsx", &Book::of(form), 0);
            send(&scene, "export.xlsx", export, second);
            scene.take_in();
            assert_eq!(industries(&scene), ["industry:3714", "industry:3670"]);
        }
    }
}

#[test]
fn an_export_that_differs_replaces_the_form_or_is_in_conflict_with_it() {
    let scene = Scene::new();
    send(&scene, "form.xlsx", &b204_book(1, 3, MARCH), 0);
    send(&scene, "export.xlsx", &export(&[(1, "3714", MARCH_AGAIN)]), 1000);
    send(&scene, "form2.xlsx", &b204_book(2, 3, MARCH), 0);
    send(&scene, "export2.xlsx", &export(&[(2, "3670", MARCH_AGAIN)]), 5);
    scene.take_in();
    assert_eq!(
        fates(&scene, "2024-03"),
        ["form.xlsx counted", "export.xlsx counts", "form2.xlsx queried", "export2.xlsx queried"]
    );
}

#[test]
fn a_firm_twice_in_one_export_counts_only_if_both_rows_agree() {
    let scene = Scene::new();
    let rows =
        [(1, "3714", MARCH), (2, "3670", MARCH), (1, "3714", MARCH_AGAIN), (2, "3670", MARCH)];
    send(&scene, "export.xlsx", &export(&rows), 0);
    scene.take_in();
    assert_eq!(
        fates(&scene, "2024-03"),
        [
            "export.xlsx queried",
            "export.xlsx queried",
            "export.xlsx counts",
            "export.xlsx accepted"
        ]
    );
}

/// LY-02 of March in 千元: purchases, and what of them is local.
fn purchases(figures: [i64; 2]) -> String {
    let [all, local] = figures;
    b204(0, 3, [0; 4])
        .replace("B 2 0 4 - 1", "L Y - 0 2")
        .replace("工业产销总值及主要产品产量", "龙头企业采购情况")
        .replace("国统字〔2023〕88号", "绿工信〔2023〕12号")
        .split_once("一、")
        .map(|(head, _)| {
            format!("{head}采购总额|千元|'01|{all}|{all}|{all}|{all}\n其中:本地采购额|千元|'02|{local}|{local}|{local}|{local}\n核实说明：")
        })
        .unwrap()
}

#[test]
fn forms_of_the_chains_are_settled_like_any_other() {
    let scene = Scene::of_all_forms();
    let firms = fs::read_to_string(scene.path("seeds/firms.csv")).unwrap();
    scene.seed("firms.csv", &firms.replacen("keep,B204-1,", "keep,B204-1;LY-02,", 1));
    scene.append("seeds/calendar.csv", "LY-02,2024-03,2024-04-10T12:00:00+08:00\n");
    let book = |figures| Book::of(&purchases(figures));
    send(&scene, "a.xlsx", &book([2000, 60]), 0);
    send(&scene, "b.xlsx", &book([2010, 60]), 30);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03"), ["a.xlsx queried", "b.xlsx queried"]);
    send(&scene, "b.xlsx", &book([2010, 60]), 600);
    send(&scene, "a.xlsx", &book([2000, 60]), 1200);
    scene.take_in();
    assert_eq!(fates(&scene, "2024-03")[2..], ["b.xlsx counted", "a.xlsx counts"]);
}
