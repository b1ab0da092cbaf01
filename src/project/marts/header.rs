//! From the text of a mart file to a `Mart`.
//!
//! In: a path and a text. Out: the mart, or every fault of its header and of its SQL's grammar with
//! the line. Knows nothing of other marts or of tables.

use std::collections::BTreeSet;
use std::path::Path;

use datafusion::common::TableReference;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast;

use super::{Accepted, Column, Mart, Reconciliation, Unit};
use crate::project::fault::Fault;
use crate::project::read::nearest;
use crate::texts::Text;

const KEYS: [&str; 10] = [
    "mart",
    "purpose",
    "grain",
    "inputs",
    "columns",
    "not_null",
    "accepted",
    "reconcile",
    "rules",
    "looks_ahead",
];

/// One key of a header with its argument (`accepted zone:`) and its lines.
struct HeaderEntry<'a> {
    key: &'a str,
    argument: &'a str,
    line: usize,
    /// What stands after the colon, then the lines indented below it, each with its number.
    lines: Vec<(usize, &'a str)>,
}

impl HeaderEntry<'_> {
    fn text(&self) -> String {
        self.lines.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(" ")
    }

    /// English, and Chinese after a bar; the one for both where there is no other.
    fn both(&self) -> Text {
        let text = self.text();
        match text.split_once(" | ") {
            Some((en, zh)) => Text { zh: zh.trim().to_owned(), en: en.trim().to_owned() },
            None => Text::same(text),
        }
    }

    fn list(&self) -> Vec<String> {
        let text = self.text();
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }
}

/// Reads one mart file.
pub fn parse(file: &Path, text: &str) -> Result<Mart, Vec<Fault>> {
    let mut reader = HeaderReader { file, faults: Vec::new() };
    let entries = reader.entries(text);
    let mart = reader.mart(&entries, text);
    if reader.faults.is_empty() {
        return Ok(mart);
    }
    reader.faults.sort();
    Err(reader.faults)
}

struct HeaderReader<'a> {
    file: &'a Path,
    faults: Vec<Fault>,
}

impl HeaderReader<'_> {
    fn fault(&mut self, line: usize, message: impl Into<String>) {
        self.faults.push(Fault::at(self.file, line, message));
    }

    fn entries<'t>(&mut self, text: &'t str) -> Vec<HeaderEntry<'t>> {
        let mut entries: Vec<HeaderEntry<'t>> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let number = index + 1;
            let Some(comment) = line.trim_end().strip_prefix("--") else { break };
            let content = comment.trim();
            if content.is_empty() {
                continue;
            }
            let is_key = !comment.starts_with("  ");
            match (entries.last_mut(), content.split_once(':')) {
                (_, Some((head, rest))) if is_key => {
                    let (key, argument) = head.split_once(' ').unwrap_or((head, ""));
                    let rest = rest.trim();
                    let lines = if rest.is_empty() { Vec::new() } else { vec![(number, rest)] };
                    entries.push(HeaderEntry {
                        key,
                        argument: argument.trim(),
                        line: number,
                        lines,
                    });
                }
                (Some(entry), _) if !is_key => entry.lines.push((number, content)),
                _ => self.fault(
                    number,
                    "a header line is `-- key: value` or, indented by two more blanks, what \
                     continues it",
                ),
            }
        }
        self.known_once(&entries);
        entries
    }

    fn known_once(&mut self, entries: &[HeaderEntry<'_>]) {
        let mut seen = BTreeSet::new();
        for entry in entries {
            if !KEYS.contains(&entry.key) {
                let hint = nearest(entry.key, KEYS);
                self.fault(entry.line, format!("`{}` is no key of a header{hint}", entry.key));
            } else if !seen.insert((entry.key, entry.argument)) {
                let name = format!("{} {}", entry.key, entry.argument);
                self.fault(entry.line, format!("`{}` is said twice", name.trim_end()));
            }
            let wants_argument = matches!(entry.key, "accepted" | "reconcile");
            if wants_argument == entry.argument.is_empty() && KEYS.contains(&entry.key) {
                let wanted = if wants_argument { "a name" } else { "nothing" };
                self.fault(entry.line, format!("`{}` takes {wanted} before the colon", entry.key));
            }
        }
    }

    fn mart(&mut self, entries: &[HeaderEntry<'_>], text: &str) -> Mart {
        let list = |key: &str| find(entries, key).map(HeaderEntry::list).unwrap_or_default();
        let columns = self.columns(find(entries, "columns"));
        let (reads, reconciliations) = self.queries(entries, text);
        let mart = Mart {
            file: self.file.to_owned(),
            name: self.name(entries),
            purpose: self.required(entries, "purpose").map(HeaderEntry::both).unwrap_or_default(),
            grain: self.required(entries, "grain").map(HeaderEntry::list).unwrap_or_default(),
            inputs: list("inputs"),
            columns,
            not_null: list("not_null"),
            accepted: accepted(entries),
            reconciliations,
            rules: find(entries, "rules").map(HeaderEntry::both).unwrap_or_default(),
            looks_ahead: self.looks_ahead(find(entries, "looks_ahead")),
            sql: text.to_owned(),
            reads,
        };
        self.declared(entries, &mart);
        mart
    }

    fn required<'e, 't>(
        &mut self,
        entries: &'e [HeaderEntry<'t>],
        key: &str,
    ) -> Option<&'e HeaderEntry<'t>> {
        let entry = find(entries, key).filter(|entry| !entry.lines.is_empty());
        if entry.is_none() {
            self.fault(1, format!("the header lacks `{key}:`"));
        }
        entry
    }

    fn name(&mut self, entries: &[HeaderEntry<'_>]) -> String {
        let Some(entry) = self.required(entries, "mart") else { return String::new() };
        let name = entry.text();
        let stem = self.file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if name != stem {
            self.fault(entry.line, format!("the mart is called `{name}`, its file `{stem}.sql`"));
        }
        let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        if name == super::SELF || !name.chars().all(|letter| letter == '_' || is_plain(letter)) {
            self.fault(
                entry.line,
                format!("`{name}` cannot be a mart's name: use a-z, 0-9 and _, and not `this`"),
            );
        }
        name
    }

    fn looks_ahead(&mut self, entry: Option<&HeaderEntry<'_>>) -> bool {
        let Some(entry) = entry else { return true };
        let text = entry.text();
        if !["yes", "no"].contains(&text.as_str()) {
            self.fault(entry.line, format!("`looks_ahead` is `yes` or `no`, not `{text}`"));
        }
        text != "no"
    }

    fn columns(&mut self, entry: Option<&HeaderEntry<'_>>) -> Vec<Column> {
        let Some(entry) = entry.filter(|entry| !entry.lines.is_empty()) else {
            self.fault(1, "the header lacks `columns:`");
            return Vec::new();
        };
        let mut columns: Vec<Column> = Vec::new();
        for (line, text) in &entry.lines {
            let mut parts = text.split('|').map(str::trim);
            let mut part = || parts.next().unwrap_or_default();
            let (name, unit, en, zh) = (part(), part(), part(), part());
            if zh.is_empty() || parts.next().is_some() {
                self.fault(*line, "a column is `name | unit | English | 中文`");
            }
            if columns.iter().any(|column| column.name == name) {
                self.fault(*line, format!("column `{name}` is declared twice"));
            }
            // A faulty column is a column still: no further faults follow from its slip.
            let unit = if unit.is_empty() { Unit::Text } else { self.unit(*line, unit) };
            let description = Text { zh: zh.to_owned(), en: en.to_owned() };
            columns.push(Column { name: name.to_owned(), unit, description });
        }
        columns
    }

    fn unit(&mut self, line: usize, name: &str) -> Unit {
        if let Some(unit) = Unit::named(name) {
            return unit;
        }
        let names = Unit::ALL.iter().map(|unit| unit.name()).collect::<Vec<_>>().join(", ");
        self.fault(line, format!("`{name}` is none of the units {names}"));
        Unit::Text
    }

    fn queries(
        &mut self,
        entries: &[HeaderEntry<'_>],
        text: &str,
    ) -> (BTreeSet<String>, Vec<Reconciliation>) {
        let mut reads = match tables(text) {
            Ok(tables) => tables,
            Err(wrong) => {
                self.faults
                    .push(Fault { line: wrong.line, ..Fault::new(self.file, wrong.message) });
                BTreeSet::new()
            }
        };
        let mut reconciliations = Vec::new();
        for entry in entries.iter().filter(|entry| entry.key == "reconcile") {
            let sql = entry.lines.iter().map(|(_, line)| *line).collect::<Vec<_>>().join("\n");
            match tables(&sql) {
                Ok(tables) => reads.extend(tables),
                Err(wrong) => {
                    let message = format!("reconciliation `{}`: {}", entry.argument, wrong.message);
                    self.fault(entry.line + wrong.line.unwrap_or(0), message);
                }
            }
            let name = entry.argument.to_owned();
            reconciliations.push(Reconciliation { name, sql, line: entry.line });
        }
        reads.remove(super::SELF);
        (reads, reconciliations)
    }

    /// Columns that other keys speak of must be declared.
    fn declared(&mut self, entries: &[HeaderEntry<'_>], mart: &Mart) {
        let has_months = mart.grain.iter().any(|name| name == super::PERIOD);
        if let Some(entry) = find(entries, "looks_ahead").filter(|_| !has_months) {
            self.fault(entry.line, "`looks_ahead` is about months, and `grain` has no `period`");
        }
        let known: Vec<&str> = mart.columns.iter().map(|column| column.name.as_str()).collect();
        let accepted = mart.accepted.iter().map(|accepted| ("accepted", &accepted.column));
        let grain = mart.grain.iter().map(|name| ("grain", name));
        let not_null = mart.not_null.iter().map(|name| ("not_null", name));
        for (key, name) in grain.chain(not_null).chain(accepted) {
            if !known.contains(&name.as_str()) {
                let line = find(entries, key).map_or(1, |entry| entry.line);
                let hint = nearest(name, known.iter().copied());
                self.fault(line, format!("`{key}` names `{name}`, which is no column{hint}"));
            }
        }
    }
}

fn find<'e, 't>(entries: &'e [HeaderEntry<'t>], key: &str) -> Option<&'e HeaderEntry<'t>> {
    entries.iter().find(|entry| entry.key == key)
}

fn accepted(entries: &[HeaderEntry<'_>]) -> Vec<Accepted> {
    let is_named = |entry: &&HeaderEntry<'_>| entry.key == "accepted" && !entry.argument.is_empty();
    let entries = entries.iter().filter(is_named);
    entries
        .map(|entry| Accepted { column: entry.argument.to_owned(), values: entry.list() })
        .collect()
}

/// Why a text is not one query.
struct NotAQuery {
    /// What is so.
    message: String,
    /// The line within the text, counted from 1, where it can be said.
    line: Option<usize>,
}

/// The tables one SELECT (or WITH … SELECT) reads, names of its own CTEs left out.
fn tables(sql: &str) -> Result<BTreeSet<String>, NotAQuery> {
    let wrong = |message: String| NotAQuery { line: line_in(&message), message };
    let parsed = DFParserBuilder::new(sql).build().and_then(|mut parser| parser.parse_statements());
    let statements = parsed.map_err(|error| wrong(plain(&error.strip_backtrace())))?;
    let [statement] = Vec::from_iter(&statements)[..] else {
        return Err(wrong(format!("a mart is exactly one SELECT, here are {}", statements.len())));
    };
    let is_query = matches!(statement, Statement::Statement(inner)
        if matches!(inner.as_ref(), ast::Statement::Query(_)));
    if !is_query {
        return Err(wrong("a mart is a SELECT or a WITH … SELECT and nothing else".to_owned()));
    }
    let (tables, _) = resolve_table_references(statement, true)
        .map_err(|error| wrong(plain(&error.strip_backtrace())))?;
    Ok(tables.iter().map(TableReference::to_string).collect())
}

/// The parser's words without its prefixes.
fn plain(message: &str) -> String {
    let inner = message.strip_prefix("SQL error: ").unwrap_or(message);
    let inner = inner.strip_prefix("ParserError(\"").unwrap_or(inner);
    inner.strip_suffix("\")").unwrap_or(inner).to_owned()
}

/// The line in `… at Line: 12, Column: 3`.
fn line_in(message: &str) -> Option<usize> {
    let (_, rest) = message.rsplit_once("Line: ")?;
    rest.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}
