//! The catalogue and the program agree: every key used exists, every key that exists is used.

use std::collections::BTreeSet;
use std::path::Path;

use yuebao::texts;

/// Every `"brief.…"` in the sources.
fn used() -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for folder in ["stages/publish/brief", "cli"] {
        collect(&root.join(folder), &mut keys);
    }
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
    let part = |key: &String| key.split_once('{').map(|(family, _)| family.to_owned());
    let ended = used.iter().filter(|key| key.ends_with('.')).cloned();
    used.iter().filter_map(part).chain(ended).collect()
}

fn catalogued() -> BTreeSet<String> {
    texts::keys().filter(|key| key.starts_with("brief.")).map(str::to_owned).collect()
}

#[test]
fn every_key_used_exists() {
    let (used, catalogued) = (used(), catalogued());
    let whole = used.iter().filter(|key| !key.contains('{') && !key.ends_with('.'));
    let missing: Vec<_> = whole.filter(|key| !catalogued.contains(*key)).collect();
    assert!(missing.is_empty(), "not in the catalogue: {missing:?}");
    assert!(15 < used.len(), "the sources were not read");
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
    // 全区 or 全县 by the kind of district; English says "the district".
    let chinese_only = ["whole", "kind"];
    let placeholders = |text: &str| -> BTreeSet<String> {
        let names = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap());
        names.filter(|name| !chinese_only.contains(name)).map(str::to_owned).collect()
    };
    for key in catalogued() {
        let text = texts::text(&key);
        assert_eq!(placeholders(&text.zh), placeholders(&text.en), "{key}");
        assert!(!text.zh.is_empty() && !text.en.is_empty(), "{key}");
    }
}
