//! From a mart's query to rows in the mart's declared shape: columns, types, order.
//!
//! In: a planned query. Out: one batch with the declared columns, sorted by the grain, described in
//! its metadata; or in which way query and header differ. Each column is cast once, to the type its
//! unit fixes: that is where figures are rounded, half away from zero.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::{Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::dataframe::DataFrame;
use datafusion::error::Result;
use datafusion::logical_expr::{LogicalPlan, SortExpr, cast, ident};

use crate::project::marts::{Column, Mart};
use crate::project::read::near;

/// The schema of a mart: types by unit, descriptions as metadata, every column nullable.
pub(super) fn draft(mart: &Mart) -> SchemaRef {
    schema(mart, |_| true)
}

/// The schema readers get: promised columns are not nullable, unless the promise is broken.
pub(super) fn promised(mart: &Mart, batch: &RecordBatch) -> SchemaRef {
    schema(mart, |name| {
        let nulls = batch.column_by_name(name).map_or(0, |column| column.null_count());
        nulls > 0 || !mart.is_required(name)
    })
}

fn schema(mart: &Mart, is_nullable: impl Fn(&str) -> bool) -> SchemaRef {
    let field = |column: &Column| {
        let metadata = [
            ("unit", column.unit.name()),
            ("description", column.description.en.as_str()),
            ("description_zh", column.description.zh.as_str()),
        ];
        Field::new(&column.name, column.unit.data_type(), is_nullable(&column.name)).with_metadata(
            metadata.into_iter().map(|(key, text)| (key.to_owned(), text.to_owned())).collect(),
        )
    };
    let metadata = HashMap::from([
        ("mart".to_owned(), mart.name.clone()),
        ("purpose".to_owned(), mart.purpose.en.clone()),
        ("purpose_zh".to_owned(), mart.purpose.zh.clone()),
        ("grain".to_owned(), mart.grain.join(", ")),
    ]);
    Arc::new(Schema::new_with_metadata(
        mart.columns.iter().map(field).collect::<Vec<_>>(),
        metadata,
    ))
}

/// In which ways the columns of a query differ from those its mart declares.
pub(super) fn differences(mart: &Mart, plan: &LogicalPlan) -> Vec<String> {
    let real: BTreeSet<&str> =
        plan.schema().fields().iter().map(|field| field.name().as_str()).collect();
    let declared: BTreeSet<&str> = mart.columns.iter().map(|column| column.name.as_str()).collect();
    let missing = declared.difference(&real).map(|name| {
        let hint = near(name, real.difference(&declared).copied())
            .map_or_else(String::new, |near| format!("; it returns `{near}`"));
        format!("the header declares column `{name}`, the query does not return it{hint}")
    });
    let extra = real
        .difference(&declared)
        .map(|name| format!("the query returns column `{name}`, the header does not declare it"));
    missing.chain(extra).chain(floats(plan)).collect()
}

/// Binary floats anywhere in a plan: their sums depend on the order of rows.
fn floats(plan: &LogicalPlan) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let visited = plan.apply_with_subqueries(|node| {
        for field in node.schema().fields().iter().filter(|field| field.data_type().is_floating()) {
            found.insert(format!(
                "`{}` is a binary float, whose sums depend on the order of rows; use a decimal",
                field.name()
            ));
        }
        Ok(TreeNodeRecursion::Continue)
    });
    visited.map(|_| found).unwrap_or_default()
}

/// The declared columns of a query, cast to their types; those of a published mart sorted by the grain.
pub(super) fn shaped(mart: &Mart, rows: DataFrame) -> Result<DataFrame> {
    let columns = mart
        .columns
        .iter()
        .map(|column| cast(ident(&column.name), column.unit.data_type()).alias(&column.name));
    let by_grain: Vec<SortExpr> =
        mart.grain.iter().map(|name| ident(name).sort(true, true)).collect();
    let rows = rows.select(columns)?;
    // Nobody reads the steps row by row.
    if by_grain.is_empty() || mart.is_intermediate() { Ok(rows) } else { rows.sort(by_grain) }
}

/// The rows as one batch of the draft schema.
pub(super) fn one_batch(
    mart: &Mart,
    batches: &[RecordBatch],
) -> std::result::Result<RecordBatch, ArrowError> {
    let schema = draft(mart);
    let described =
        |batch: &RecordBatch| RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec());
    let batches: Vec<RecordBatch> = batches.iter().map(described).collect::<Result<_, _>>()?;
    concat_batches(&schema, &batches)
}
