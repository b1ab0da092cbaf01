//! Builds again when the shipped project changes: it is embedded in the binary. Names what reads
//! workbooks, for what is kept of them.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// What a workbook's reading depends on, beside the project: sources, texts of findings, libraries.
const READER: [&str; 6] = [
    "Cargo.lock",
    "src/domain",
    "src/findings",
    "src/project/forms",
    "src/stages/parse",
    "src/texts",
];

/// What any row of a mart depends on, beside the project: the program.
const PROGRAM: [&str; 2] = ["Cargo.lock", "src"];

fn main() {
    println!("cargo::rerun-if-changed=jobs");
    println!("cargo::rerun-if-changed=seeds");
    for (name, paths) in [("YUEBAO_READER", &READER[..]), ("YUEBAO_PROGRAM", &PROGRAM[..])] {
        let mut hasher = DefaultHasher::new();
        for path in paths {
            println!("cargo::rerun-if-changed={path}");
            hash(Path::new(path), &mut hasher);
        }
        println!("cargo::rustc-env={name}={:016x}", hasher.finish());
    }
}

fn hash(path: &Path, hasher: &mut DefaultHasher) {
    if let Ok(entries) = fs::read_dir(path) {
        let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        paths.sort();
        for path in &paths {
            hash(path, hasher);
        }
    } else if let Ok(bytes) = fs::read(path) {
        (path, bytes).hash(hasher);
    }
}
