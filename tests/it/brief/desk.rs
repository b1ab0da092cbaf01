//! The workbook and the document of a month: what they hold, and that no text of a firm gets out of its
//! cell or paragraph.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use yuebao::stages::publish::brief::{Issue, Paper};
use yuebao::stages::publish::workbook::DeskBook;
use yuebao::texts::Locale;
use zip::ZipArchive;

use super::sound::named;
use crate::support::brief_data::{Marts, PROJECT, brief, july, sample};
use crate::support::scene::Scene;

/// Names that would do something if they were not text.
const HOSTILE: [&str; 6] = [
    "=HYPERLINK(\"http://a\",\"b\")",
    "+1+cmd",
    "-2+3",
    "@SUM(A1)",
    "<script>alert('a&b')</script>]]>",
    "{{ title }}\u{1}\u{FFFF}终",
];

fn workbook(marts: &Marts) -> Xlsx<Cursor<Vec<u8>>> {
    let issue = Issue { paper: Paper::Brief, period: july(), edition: 7, project: &PROJECT };
    let bytes = DeskBook::read(&PROJECT).unwrap().write(marts, &issue).unwrap();
    assert_eq!(bytes, DeskBook::read(&PROJECT).unwrap().write(marts, &issue).unwrap());
    Xlsx::new(Cursor::new(bytes)).unwrap()
}

/// A part of a document.
fn part(document: &[u8], name: &str) -> String {
    let mut text = String::new();
    let mut parts = ZipArchive::new(Cursor::new(document)).unwrap();
    parts.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The paragraphs of a document, as a reader has them.
fn paragraphs(document: &[u8]) -> Vec<String> {
    let xml = part(document, "word/document.xml");
    let words = |paragraph: &str| {
        let runs = paragraph.split("<w:t xml:space=\"preserve\">").skip(1);
        let text: String = runs.map(|run| run.split("</w:t>").next().unwrap()).collect();
        let marks = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
        marks.iter().fold(text, |text, (mark, letter)| text.replace(mark, letter))
    };
    xml.split("</w:p>").map(words).collect()
}

#[test]
fn the_workbook_has_figures_as_numbers_under_headings_with_their_units() {
    let mut book = workbook(&sample());
    let months = book.worksheet_range("各月").unwrap();
    let heading: Vec<String> = months.rows().next().unwrap().iter().map(Data::to_string).collect();
    assert_eq!(heading[3], "本年1-本月（万元）");
    let last = months.rows().next_back().unwrap();
    assert!(matches!(last[0], Data::DateTime(_)), "{last:?}");
    assert_eq!(last[3], Data::Float(2_774_000.0));
    assert_eq!(last[4], Data::Float(0.076));
    let names = book.sheet_names();
    assert_eq!(
        (names.first().unwrap().as_str(), names.last().unwrap().as_str()),
        ("主要指标", "列的说明")
    );
    let columns = book.worksheet_range("列的说明").unwrap();
    assert!(columns.rows().any(|row| row[4] == "monthly_totals.ytd_cny"));
}

#[test]
fn no_name_is_a_formula_or_markup() {
    for name in HOSTILE {
        let (marts, _) = named(name);
        let mut book = workbook(&marts);
        for sheet in book.sheet_names() {
            assert!(book.worksheet_formula(&sheet).unwrap().is_empty(), "{sheet}: {name}");
        }
        let document = brief(&marts, july(), Locale::Zh).document;
        let shown = name.replace(['\u{1}', '\u{FFFF}'], "");
        let has = |it: &String| it.replace(' ', "").contains(&shown.replace(' ', ""));
        assert!(paragraphs(&document).iter().any(has), "{name}");
        assert!(!part(&document, "word/document.xml").contains("<script"));
    }
}

#[test]
fn the_document_says_what_the_page_says_and_bears_the_month_for_its_time() {
    for locale in [Locale::Zh, Locale::En] {
        let written = brief(&sample(), july(), locale);
        let all = paragraphs(&written.document).join("\n");
        let plain = written.markdown.replace(['\\', '*', '|', '#'], " ");
        for word in plain.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric))
        {
            let is_link = word.starts_with('[');
            assert!(is_link || all.contains(word), "`{word}` is missing: {all}");
        }
        assert!(!all.contains("{{"), "{all}");
        let properties = part(&written.document, "docProps/core.xml");
        assert!(properties.contains(">2024-07-01T00:00:00Z</dcterms:created>"), "{properties}");
        assert!(part(&written.document, "word/header1.xml").contains("SYNTHETIC"));
    }
}

#[test]
fn faults_of_plan_and_reference_name_file_and_line() {
    let scene = Scene::shipped();
    let plan = PROJECT.texts.get("jobs/brief/workbook.toml").unwrap();
    scene.write("jobs/brief/workbook.toml", &plan.replacen("\"yoy_month\"", "\"yoy_moth\"", 1));
    let faults = scene.faults();
    let said = "mart `monthly_totals` has no column `yoy_moth`; did you mean `yoy_month`?";
    assert!(faults.contains("jobs/brief/workbook.toml:") && faults.contains(said), "{faults}");
    scene.write("jobs/brief/workbook.toml", plan);
    scene.write("jobs/brief/reference.docx", "words");
    let faults = scene.faults();
    assert!(
        faults.starts_with("jobs/brief/reference.docx: is no Word document (.docx)"),
        "{faults}"
    );
}
