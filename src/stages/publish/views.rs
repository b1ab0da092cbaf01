//! `views.sql`: the tables of an edition as views of a `DuckDB` file, with comments.
//!
//! In: the marts. Out: SQL that bears no path of this machine: the folder is the answer of a macro, which
//! whoever moves it says anew. The same marts give the same bytes.

use std::collections::BTreeMap;
use std::fmt::Write;

use arrow::datatypes::{Field, Schema};
use arrow::record_batch::RecordBatch;

/// Its name.
pub const FILE: &str = "views.sql";

const HEAD: &str = "\
-- 在 DuckDB 文件中为每张汇总表建立视图，带中英文注释；文件夹移动后只需重新定义 marts_folder()。
-- A view a table in a DuckDB file, with comments. Where the tables lie is said once, before this file:
--   CREATE OR REPLACE MACRO marts_folder() AS '/srv/yuebao/output/marts';
-- Without that, `SET VARIABLE marts = '…'` says it for a session; else it is the current folder.
CREATE MACRO IF NOT EXISTS marts_folder() AS coalesce(getvariable('marts'), '.');
";

/// The text of the file.
pub fn text(marts: &BTreeMap<String, RecordBatch>) -> String {
    let mut sql = HEAD.to_owned();
    for (mart, batch) in marts {
        let (view, schema) = (quoted(mart), batch.schema());
        let _ = write!(
            sql,
            "\nCREATE OR REPLACE VIEW {view} AS FROM read_parquet(marts_folder() || '/{mart}.parquet', hive_partitioning = false);\n{}",
            comments("VIEW", &view, &purpose(&schema), &schema)
        );
    }
    sql
}

/// Statements that describe a table or view and its columns.
pub fn comments(kind: &str, name: &str, purpose: &str, schema: &Schema) -> String {
    let mut sql = format!("COMMENT ON {kind} {name} IS {};\n", literal(purpose));
    for field in schema.fields() {
        let (column, said) = (quoted(field.name()), literal(&comment(field)));
        let _ = writeln!(sql, "COMMENT ON COLUMN {name}.{column} IS {said};");
    }
    sql
}

/// What a mart is for, in both languages.
pub fn purpose(schema: &Schema) -> String {
    let said = |key: &str| schema.metadata.get(key).map(String::as_str).unwrap_or_default();
    joined(said("purpose_zh"), said("purpose"))
}

/// What a column is, in both languages, and its unit.
fn comment(field: &Field) -> String {
    let said = |key: &str| field.metadata().get(key).map(String::as_str).unwrap_or_default();
    format!("{} [{}]", joined(said("description_zh"), said("description")), said("unit"))
}

fn joined(zh: &str, en: &str) -> String {
    if zh.is_empty() || zh == en { en.to_owned() } else { format!("{zh} · {en}") }
}

/// A name in SQL.
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
