//! What an SQL text is and which tables it names, by the grammar alone.

use std::collections::BTreeSet;

use datafusion::common::TableReference;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast;

/// Why a text is not one query.
pub(super) struct NotAQuery {
    /// What is so.
    pub message: String,
    /// The line within the text, counted from 1, where it can be said.
    pub line: Option<usize>,
}

/// The tables one SELECT (or WITH … SELECT) reads, names of its own CTEs left out.
pub(super) fn tables(sql: &str) -> Result<BTreeSet<String>, NotAQuery> {
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
