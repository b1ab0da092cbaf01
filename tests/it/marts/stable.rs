//! What readers rely on: a published column keeps its name, place and type; others come after it. And what
//! the dictionary tells of it exists in both languages.

use std::collections::BTreeMap;
use std::path::Path;

use yuebao::project::marts as project;

use super::shipped::shipped;

/// Every column ever published, a mart a line.
const PUBLISHED: &str = "tests/it/marts/snapshots/it__marts__stable__published_columns.snap";

#[test]
fn published_columns_stay_and_others_come_after_them() {
    let marts = shipped().into_iter().filter(|mart| !mart.is_intermediate());
    let columns = |mart: project::Mart| {
        let column = |it: &project::Column| format!("{} {}", it.name, it.unit.data_type());
        let columns: Vec<_> = mart.columns.iter().map(column).collect();
        (mart.name, columns.join(" | "))
    };
    let now: BTreeMap<String, String> = marts.map(columns).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(PUBLISHED);
    let published = std::fs::read_to_string(path).unwrap();
    for (mart, before) in
        published.rsplit("---\n").next().unwrap().lines().filter_map(|line| line.split_once(": "))
    {
        let now = now.get(mart).unwrap_or_else(|| panic!("{mart} was published and is no more"));
        let goes_on =
            now.strip_prefix(before).is_some_and(|more| more.is_empty() || more.starts_with(" | "));
        assert!(goes_on, "{mart} was published with\n  {before}\nand is now\n  {now}");
    }
    let listed: Vec<_> = now.iter().map(|(mart, columns)| format!("{mart}: {columns}")).collect();
    insta::assert_snapshot!("published_columns", listed.join("\n"));
}

#[test]
fn what_a_published_mart_is_for_is_said_in_both_languages() {
    for mart in shipped().iter().filter(|mart| !mart.is_intermediate()) {
        let is_chinese = |text: &str| text.chars().any(|it| matches!(it, '\u{4e00}'..='\u{9fff}'));
        assert!(is_chinese(&mart.purpose.zh), "{}: {}", mart.name, mart.purpose.zh);
        assert!(!is_chinese(&mart.purpose.en), "{}: {}", mart.name, mart.purpose.en);
    }
}
