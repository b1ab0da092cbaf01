//! Whole pages, to be read as a reader reads them.

use yuebao::texts::Locale;

use crate::support::brief_data::{annex, brief, july, sample};

#[test]
fn the_page_in_chinese() {
    insta::assert_snapshot!(brief(&sample(), july(), Locale::Zh).markdown);
}

#[test]
fn the_page_in_english() {
    insta::assert_snapshot!(brief(&sample(), july(), Locale::En).markdown);
}

/// The page itself: everything but its style sheet.
#[test]
fn the_html_page() {
    let html = brief(&sample(), july(), Locale::Zh).html;
    let (before, rest) = html.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    insta::assert_snapshot!([before, after].concat());
}

#[test]
fn the_annex_in_chinese() {
    insta::assert_snapshot!(annex(&sample()));
}
