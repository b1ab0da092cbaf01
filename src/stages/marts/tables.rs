//! The tables marts read: the lake by URL, seeds as batches.
//!
//! In: names with their place or their rows. Out: what a session can query. What can go wrong: a URL
//! that is none.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};

use super::MartError;
use crate::project::lake::{Given, Table};
use crate::project::marts::{Mart, SELF};
use crate::project::seeds::schema::SEEDS;

/// What can be queried, by name.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    pub(super) providers: BTreeMap<String, Arc<dyn TableProvider>>,
}

impl Tables {
    /// Every table a project has, all empty: enough to plan queries with.
    pub fn empty() -> Self {
        let mut tables = Self::default();
        for table in Table::ALL {
            let added = tables.add_parquet(table.name(), "file:///nowhere/", &table.schema());
            added.expect("the URL is one");
        }
        let seeds = SEEDS.iter().map(|seed| (seed.name, seed.arrow_schema()));
        let given = Given::ALL.iter().map(|table| (table.name(), table.schema()));
        for (name, schema) in seeds.chain(given) {
            tables.add_batch(name, &RecordBatch::new_empty(schema));
        }
        tables
    }

    /// Adds or replaces a table of Parquet files: those below a folder (its URL ends in `/`) or one.
    ///
    /// Folders named `key=value` add no columns; a folder without files is an empty table.
    pub fn add_parquet(
        &mut self,
        name: &str,
        url: &str,
        schema: &SchemaRef,
    ) -> Result<(), MartError> {
        let format = ParquetFormat::default().with_enable_pruning(true);
        let options = ListingOptions::new(Arc::new(format))
            .with_file_extension(".parquet")
            // The files carry their own columns; folders only order them for people.
            .with_table_partition_cols(Vec::new());
        let table = ListingTableUrl::parse(url).and_then(|url| {
            // Declared, not inferred: an empty folder is an empty table.
            let config = ListingTableConfig::new(url).with_listing_options(options);
            ListingTable::try_new(config.with_schema(plain(schema)))
        });
        let failed = |source| MartError::Table { table: name.to_owned(), source: Box::new(source) };
        self.providers.insert(name.to_owned(), Arc::new(table.map_err(failed)?));
        Ok(())
    }

    /// Adds or replaces a table of the rows of one Parquet file.
    pub(super) fn add_file(
        &mut self,
        name: &str,
        path: &Path,
        schema: &SchemaRef,
    ) -> Result<(), MartError> {
        self.add_parquet(name, &url(path), schema)
    }

    /// Adds or replaces a table of rows.
    pub fn add_batch(&mut self, name: &str, rows: &RecordBatch) {
        let schema = plain(&rows.schema());
        let table = RecordBatch::try_new(Arc::clone(&schema), rows.columns().to_vec())
            .map_err(Into::into)
            .and_then(|rows| MemTable::try_new(schema, vec![vec![rows]]))
            .expect("rows are of their schema");
        self.providers.insert(name.to_owned(), Arc::new(table));
    }

    /// The names of the tables.
    pub fn names(&self) -> BTreeSet<&str> {
        self.providers.keys().map(String::as_str).collect()
    }

    /// The names by which queries read a mart's rows: `this` in its own tests, its own in later marts,
    /// unless that means a table.
    pub(super) fn names_of<'a>(&self, mart: &'a Mart) -> impl Iterator<Item = &'a str> + use<'a> {
        let is_table = self.providers.contains_key(&mart.name);
        [Some(SELF), (!is_table).then_some(mart.name.as_str())].into_iter().flatten()
    }
}

/// The URL of a file or, with a `/` at its end, a folder: what has a meaning in a URL is escaped.
pub fn url(path: &Path) -> String {
    let escaped = |letter| match letter {
        '%' | '?' | '#' | '*' | '[' | ' ' => format!("%{:02X}", u32::from(letter)),
        _ => String::from(letter),
    };
    let path: String = path.to_string_lossy().chars().map(escaped).collect();
    format!("file://{path}")
}

/// A schema without the metadata of its fields: the engine refuses a union of columns that are
/// described differently.
fn plain(schema: &SchemaRef) -> SchemaRef {
    let plain = |field: &Arc<Field>| field.as_ref().clone().with_metadata(HashMap::default());
    Arc::new(Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>()))
}
