//! `export`: what readers see as CSV, figures and texts to the letter.

use std::fs;

use super::{code, database, err, out, yuebao};
use crate::support::scene::{Scene, b204_book};

fn rows(scene: &Scene, mart: &str) -> Vec<Vec<String>> {
    let bytes = fs::read(scene.path("desk").join(format!("{mart}.csv"))).unwrap();
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).expect("Excel knows UTF-8 by its mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text);
    let row = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    reader.records().map(Result::unwrap).map(row).collect()
}

#[test]
fn every_mart_is_a_file_with_its_rows_and_columns() {
    let scene = database::scene();
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
fn a_reader_gets_back_what_was_published() {
    let scene = database::scene();
    let folder = scene.path("desk");
    let named = ["export", "monthly_totals", "odd", "--to", folder.to_str().unwrap()];
    let done = yuebao(&scene, &named);
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    assert_eq!(
        rows(&scene, "odd"),
        [
            ["id", "words", "empty", "sum_cny", "rate", "seen_at", "is_known"],
            // A text stays as it was written, whatever a spreadsheet makes of it.
            [
                "1",
                "=1+1",
                "",
                "1234567890123456789012.34",
                "-0.306931",
                "2024-04-10T00:00:00.000001Z",
                "true"
            ],
            ["2", "@a\t\"b\" \\N\n-c,", "", "-0.01", "", "", "false"],
            ["3", "", "", "-0.01", "", "", "false"],
        ]
    );
    let totals = rows(&scene, "monthly_totals");
    let district =
        totals.iter().find(|row| row[..4] == ["2024-03-01", "district", "all", "output"]);
    assert_eq!(&district.unwrap()[5], "3030000.00");
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
    assert!(said.contains("edition 1 has no mart `headlines`: it has dim_zone, "), "{said}");
    assert!(said.contains("did you mean `headline`?"), "{said}");
    assert!(!folder.exists(), "nothing was begun");
}
