//! The catalogue and the program agree: every key used exists, every key that exists is used.

use std::collections::BTreeSet;
use std::path::Path;

use yuebao::texts;

/// Every `"brief.…"` in the sources of the brief.
fn used() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/stages/publish/brief");
    collect(&root, &mut keys);
    keys
}

fn collect(folder: &Path, keys: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, keys);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        let literals = source.split("\"brief.").skip(1);
        keys.extend(literals.map(|rest| format!("brief.{}", rest.split('"').next().unwrap())));
    }
}

/// Keys made of a code in the data: the part before the code.
fn families(used: &BTreeSet<String>) -> Vec<String> {
    used.iter().filter_map(|key| Some(key.split_once('{')?.0.to_owned())).collect()
}

/// 全区 or 全县 by the kind of district; English says "the district".
const CHINESE_ONLY: [&str; 2] = ["whole", "kind"];

fn catalogued() -> BTreeSet<String> {
    texts::keys().filter(|key| key.starts_with("brief.")).map(str::to_owned).collect()
}

#[test]
fn every_key_used_exists() {
    let (used, catalogued) = (used(), catalogued());
    let missing: Vec<_> =
        used.iter().filter(|key| !key.contains('{') && !catalogued.contains(*key)).collect();
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
    assert!(100 < used.len(), "the sources were not read");
}

#[test]
fn every_key_of_the_catalogue_is_used() {
    let used = used();
    let families = families(&used);
    let is_used = |key: &String| {
        used.contains(key) || families.iter().any(|family| key.starts_with(family.as_str()))
    };
    let unused: Vec<_> = catalogued().into_iter().filter(|key| !is_used(key)).collect();
    assert!(unused.is_empty(), "nobody uses {unused:?}");
}

#[test]
fn both_languages_have_the_same_placeholders() {
    let placeholders = |text: &str| -> BTreeSet<String> {
        let names = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap());
        names.filter(|name| !CHINESE_ONLY.contains(name)).map(str::to_owned).collect()
    };
    // Chinese calls the month before 上月, English names it; one clause says its month twice.
    let differing = ["brief.level.last_month"];
    for key in catalogued().iter().filter(|key| !differing.contains(&key.as_str())) {
        let text = texts::text(key);
        assert_eq!(placeholders(&text.zh), placeholders(&text.en), "{key}");
    }
}

#[test]
fn every_text_has_both_languages() {
    for key in catalogued() {
        let text = texts::text(&key);
        let may_be_empty = key == "brief.join.sentences";
        assert!(may_be_empty || !text.zh.is_empty(), "{key}");
        assert!(!text.en.is_empty(), "{key}");
    }
}

#[test]
fn all_divisions_of_sections_b_to_d_have_names() {
    for division in 6..=46 {
        let key = format!("brief.division.{division:02}");
        assert!(texts::keys().any(|known| known == key), "{key}");
    }
}
