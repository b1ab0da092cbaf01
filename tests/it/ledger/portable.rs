//! The ledger's statements keep to what `PostgreSQL` takes as well: what only `SQLite` knows stays in
//! the file that opens its file.

use std::path::Path;

use crate::support::scene::snapshot;

/// Words of `SQLite` alone, in small letters.
const OF_SQLITE: [&str; 14] = [
    "autoincrement",
    "insert or",
    "replace into",
    "datetime(",
    "strftime",
    "julianday",
    "rowid",
    "ifnull(",
    "pragma",
    "sqlite_master",
    " glob ",
    "json_extract",
    "group_concat",
    "without rowid",
];

/// May speak to a file of `SQLite`.
const MAY: &str = "open.rs";

fn offences(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let mut found: Vec<&str> =
        OF_SQLITE.iter().copied().filter(|word| text.contains(word)).collect();
    // Placeholders are `$1`; `?` and `?1` are those of SQLite.
    let is_placeholder = |(at, _): &(usize, &str)| {
        let before = &text[..*at];
        before.ends_with("= ") || before.ends_with("values (") || before.ends_with(", ")
    };
    if text.match_indices('?').any(|it| is_placeholder(&it)) {
        found.push("?");
    }
    found
}

#[test]
fn statements_keep_to_what_both_engines_take() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/ledger");
    let files = snapshot(&root);
    assert!(files.len() > 8, "the ledger has moved");
    for (name, bytes) in files {
        if name != MAY {
            let found = offences(&String::from_utf8(bytes).unwrap());
            assert!(found.is_empty(), "src/ledger/{name}: {found:?} is SQLite's alone");
        }
    }
}

#[test]
fn a_planted_word_would_be_found() {
    assert_eq!(offences("INSERT OR IGNORE INTO orders VALUES (?, ?2)"), ["insert or", "?"]);
    assert_eq!(offences("SELECT $1 FROM orders WHERE order_id = $2"), Vec::<&str>::new());
}
