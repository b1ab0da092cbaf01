//! The shape of the source: layers, sizes, module comments, sorted seeds.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::scene::snapshot;

/// Modules in reading order, each with what it may use besides itself.
const LAYERS: [(&str, &[&str]); 24] = [
    ("domain", &[]),
    ("texts", &[]),
    ("findings", &["domain", "texts"]),
    ("files", &[]),
    ("runtime", &[]),
    ("project", &["domain", "texts", "findings", "files"]),
    ("lake", &["domain", "files", "findings", "project", "texts"]),
    ("stages::inbox", &["domain", "files"]),
    ("stages::archive", &["domain", "files", "stages::inbox"]),
    ("stages::parse", &["domain", "findings", "lake", "project", "texts"]),
    ("stages::validate", &["domain", "findings", "lake", "project", "stages::parse", "texts"]),
    (
        "stages::normalize",
        &["domain", "findings", "lake", "project", "stages::parse", "stages::validate", "texts"],
    ),
    ("stages::store", &["domain", "files", "lake", "project", "stages::normalize"]),
    ("stages::marts", &["domain", "files", "project", "stages::store"]),
    (
        "stages::publish",
        &["domain", "files", "findings", "lake", "project", "stages::marts", "texts"],
    ),
    ("pipeline", &["domain", "files", "findings", "lake", "project", "runtime", "stages", "texts"]),
    ("ledger", &["domain", "files", "project", "texts"]),
    ("alerts", &["domain", "lake", "ledger", "pipeline", "project", "texts"]),
    (
        "orders",
        &["alerts", "domain", "files", "lake", "ledger", "pipeline", "project", "stages", "texts"],
    ),
    ("schedule", &["domain", "ledger", "project"]),
    (
        "daemon",
        &[
            "alerts", "domain", "files", "lake", "ledger", "orders", "pipeline", "project",
            "schedule", "stages",
        ],
    ),
    ("demo", &["domain", "files", "findings", "project"]),
    (
        "cli",
        &[
            "alerts", "daemon", "demo", "domain", "files", "findings", "lake", "ledger", "orders",
            "pipeline", "project", "runtime", "schedule", "stages", "texts",
        ],
    ),
    ("main", &["cli"]),
];

fn sources(folder: &str) -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let is_rust = |name: &str| Path::new(name).extension().is_some_and(|it| it == "rs");
    let files = snapshot(&root).into_iter().filter(|(name, _)| is_rust(name));
    files.map(|(name, bytes)| (name, String::from_utf8(bytes).unwrap())).collect()
}

fn layer(name: &str) -> String {
    let parts: Vec<&str> = name.trim_end_matches(".rs").split('/').collect();
    match parts.as_slice() {
        ["stages", stage, ..] if *stage != "mod" => format!("stages::{stage}"),
        [first, ..] => (*first).to_owned(),
        [] => unreachable!(),
    }
}

fn may_use(from: &str, to: &str) -> bool {
    let allowed = LAYERS.iter().find(|(name, _)| *name == from).map(|(_, uses)| *uses);
    let Some(allowed) = allowed else { return true };
    to == from || allowed.iter().any(|name| to == *name || to.starts_with(&format!("{name}::")))
}

#[test]
fn a_module_uses_only_modules_before_it() {
    let mut wrong = Vec::new();
    for (name, text) in sources("src") {
        let from = layer(&name);
        for (number, line) in text.lines().enumerate() {
            let Some((_, path)) = line.split_once("crate::") else { continue };
            if line.trim_start().starts_with("//") {
                continue;
            }
            let parts: Vec<&str> = path
                .split(|c: char| !(c.is_alphanumeric() || c == '_'))
                .filter(|part| !part.is_empty())
                .collect();
            let to = match parts.as_slice() {
                ["stages", stage, ..] => format!("stages::{stage}"),
                [first, ..] => (*first).to_owned(),
                [] => "several modules at once".to_owned(),
            };
            if !may_use(&from, &to) {
                wrong.push(format!("src/{name}:{}: {from} uses {to}", number + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_planted_violation_would_be_found() {
    assert!(!may_use("stages::parse", "pipeline"));
    assert!(!may_use("domain", "files"));
    assert!(!may_use("stages::marts", "stages::parse"));
    assert!(may_use("pipeline", "stages::parse"));
}

#[test]
fn files_are_short_and_say_what_they_are_for() {
    let mut wrong = Vec::new();
    for folder in ["src", "tests"] {
        for (name, text) in sources(folder) {
            let lines = text.lines().count();
            if lines > 400 {
                wrong.push(format!("{folder}/{name} has {lines} lines: at most 400"));
            }
            if !text.starts_with("//!") {
                wrong.push(format!("{folder}/{name} does not begin with what it is for (`//!`)"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_two_types_bear_one_name() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, text) in sources("src") {
        for line in text.lines().filter(|line| !line.starts_with(char::is_whitespace)) {
            let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
            let words = words.skip_while(|word| ["pub", "super", "crate", "in"].contains(word));
            if let [kind, defined, ..] = words.collect::<Vec<_>>().as_slice()
                && ["struct", "enum", "trait", "type"].contains(kind)
            {
                places.entry((*defined).to_owned()).or_default().push(name.clone());
            }
        }
    }
    assert!(places.len() > 100, "looks at {} types only", places.len());
    places.retain(|_, files| files.len() > 1);
    assert!(places.is_empty(), "{places:#?}");
}

#[test]
fn nothing_is_left_to_do_in_the_source() {
    let marks = ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "dbg".to_owned() + "!("];
    for (name, text) in sources("src") {
        for mark in &marks {
            assert!(!text.contains(mark.as_str()), "src/{name} has a `{mark}`");
        }
    }
}

#[test]
fn the_readme_of_the_seeds_explains_every_seed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("seeds/README.md")).unwrap();
    for seed in yuebao::project::seeds::schema::SEEDS {
        assert!(readme.contains(&format!("{}.csv", seed.name)), "{} is not explained", seed.name);
    }
}
