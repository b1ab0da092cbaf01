//! `export`: what readers see as CSV, the figures to the digit, no text a formula.

use std::fs;

use super::{code, err, out, yuebao};
use crate::support::scene::{Scene, b204_book};

/// An edition of two months; the second falls, and a file bears the name of a formula.
fn scene() -> Scene {
    let scene = Scene::shipped();
    scene.drop_file("=cmd.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene.drop_file("2.xlsx", &b204_book(0, 4, [700, 3730, 900, 3600]), 3100);
    scene.take_in();
    scene.publish();
    scene
}

fn rows(scene: &Scene, mart: &str) -> Vec<csv::StringRecord> {
    let bytes = fs::read(scene.path("desk").join(format!("{mart}.csv"))).unwrap();
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).expect("Excel knows UTF-8 by its mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    reader.records().map(Result::unwrap).collect()
}

#[test]
fn every_mart_is_a_file_with_its_rows_and_columns() {
    let scene = scene();
    let folder = scene.path("desk");
    let done = yuebao(&scene, &["--lang", "en", "export", "--to", folder.to_str().unwrap()]);
    assert_eq!(code(&done), 0, "{}", err(&done));
    let tables: Vec<_> = scene.files("marts").into_keys().collect();
    let tables: Vec<&str> = tables.iter().filter_map(|it| it.strip_suffix(".parquet")).collect();
    let written = fs::read_dir(&folder).unwrap().count();
    assert_eq!(written, tables.len());
    assert!(out(&done).starts_with(&format!("edition 1: {written} marts written to")));
    for mart in tables {
        let path = scene.out("marts").join(format!("{mart}.parquet"));
        let batch = yuebao::files::parquet::read(&path).unwrap();
        let rows = rows(&scene, mart);
        assert_eq!(rows.len(), batch.num_rows() + 1, "{mart}");
        let schema = batch.schema();
        assert!(rows[0].iter().eq(schema.fields().iter().map(|field| field.name())), "{mart}");
    }
}

#[test]
fn figures_are_numbers_and_texts_of_firms_stay_texts() {
    let scene = scene();
    let folder = scene.path("desk");
    let named = ["export", "monthly_totals", "submissions", "--to", folder.to_str().unwrap()];
    let done = yuebao(&scene, &named);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    let cell = |rows: &[csv::StringRecord], row: usize, column: &str| {
        let place = rows[0].iter().position(|name| name == column).unwrap();
        rows[row][place].to_owned()
    };
    let totals = rows(&scene, "monthly_totals");
    let april = (1..totals.len()).find(|row| {
        cell(&totals, *row, "period") == "2024-04-01"
            && cell(&totals, *row, "scope_kind") == "district"
            && cell(&totals, *row, "item") == "output"
    });
    let april = |column| cell(&totals, april.unwrap(), column);
    assert_eq!(april("ytd_cny"), "3730000.00");
    assert_eq!(april("current_cny"), "700000.00");
    // 700 after 1010
    assert_eq!(april("month_on_month"), "-0.306931", "a number below zero stays a number");
    assert_eq!(april("is_complete"), "false");
    let reports = rows(&scene, "submissions");
    let first = (1..reports.len()).find(|row| cell(&reports, *row, "period") == "2024-03-01");
    assert_eq!(cell(&reports, first.unwrap(), "file_name"), "'=cmd.xlsx");
    assert!(cell(&reports, first.unwrap(), "received_at").ends_with('Z'));
}

#[test]
fn what_is_not_there_is_named_with_what_is() {
    let scene = Scene::new();
    let folder = scene.path("desk");
    let export = |mart: &str| {
        let done =
            yuebao(&scene, &["--lang", "en", "export", mart, "--to", folder.to_str().unwrap()]);
        assert_eq!(code(&done), 2);
        err(&done)
    };
    let said = export("headline");
    assert!(said.contains("nothing is published yet: `yuebao run`"), "{said}");
    scene.drop_file("1.xlsx", &b204_book(0, 3, [1010, 3030, 900, 2700]), 2400);
    scene.take_in();
    scene.publish();
    let said = export("headlines");
    assert!(said.contains("edition 1 has no mart `headlines`: it has dim_"), "{said}");
    assert!(said.contains("did you mean `headline`?"), "{said}");
    assert!(!folder.exists(), "nothing was begun");
}
