//! The tables marts read: the lake by URL, seeds as batches.
//!
//! In: names with their place or their rows. Out: a session in which they can be queried. What can
//! go wrong: a URL that is none, batches that are not of their schema.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema, SchemaRef};
use datafusion::catalog::TableProvider;
use datafusion::datasource::MemTable;
use datafusion::datasource::file_format::parquet::ParquetFormat;
use datafusion::datasource::listing::{
    ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
};
use datafusion::error::Result;

use super::MartError;
use crate::project::lake::{Given, Table};
use crate::project::marts::{Mart, SELF};
use crate::project::seeds::schema::SEEDS;

/// Tables by name.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    sources: BTreeMap<String, Source>,
}

/// Where the rows of a table are.
#[derive(Clone, Debug)]
enum Source {
    /// All Parquet files below a URL.
    Parquet { url: String, schema: SchemaRef },
    /// In memory.
    Batches { schema: SchemaRef, batches: Vec<RecordBatch> },
}

impl Tables {
    /// Every table a project has, all empty: enough to plan queries with.
    pub fn empty() -> Self {
        let mut tables = Self::default();
        for table in Table::ALL {
            tables.add_parquet(table.name(), "file:///nowhere/", table.schema());
        }
        for seed in SEEDS {
            tables.add_batches(seed.name, seed.arrow_schema(), Vec::new());
        }
        for table in Given::ALL {
            tables.add_batches(table.name(), table.schema(), Vec::new());
        }
        tables
    }

    /// Adds or replaces a table of Parquet files: those below a folder (its URL ends in `/`) or one.
    ///
    /// Folders named `key=value` add no columns; a folder without files is an empty table.
    pub fn add_parquet(&mut self, name: &str, url: impl Into<String>, schema: SchemaRef) {
        self.sources.insert(name.to_owned(), Source::Parquet { url: url.into(), schema });
    }

    /// Adds or replaces a table of batches.
    pub fn add_batches(&mut self, name: &str, schema: SchemaRef, batches: Vec<RecordBatch>) {
        self.sources.insert(name.to_owned(), Source::Batches { schema, batches });
    }

    /// The names of the tables.
    pub fn names(&self) -> BTreeSet<&str> {
        self.sources.keys().map(String::as_str).collect()
    }

    /// The columns of a table.
    pub fn schema(&self, name: &str) -> Option<SchemaRef> {
        self.sources.get(name).map(|source| match source {
            Source::Parquet { schema, .. } | Source::Batches { schema, .. } => Arc::clone(schema),
        })
    }

    /// The names by which queries read a mart's rows: `this` in its own tests, its own in later marts,
    /// unless that means a table.
    pub(super) fn names_of<'a>(&self, mart: &'a Mart) -> impl Iterator<Item = &'a str> + use<'a> {
        let is_table = self.sources.contains_key(&mart.name);
        [Some(SELF), (!is_table).then_some(mart.name.as_str())].into_iter().flatten()
    }

    /// Each table as something a session can query.
    pub(super) fn providers(&self) -> std::result::Result<Providers, MartError> {
        let opened = self.sources.iter().map(|(name, source)| match source.provider() {
            Ok(provider) => Ok((name.clone(), provider)),
            Err(source) => Err(MartError::Table { table: name.clone(), source: source.into() }),
        });
        opened.collect()
    }
}

/// What can be queried, by name.
pub(super) type Providers = BTreeMap<String, Arc<dyn TableProvider>>;

impl Source {
    fn provider(&self) -> Result<Arc<dyn TableProvider>> {
        match self {
            Self::Batches { schema, batches } => in_memory(schema, batches.clone()),
            Self::Parquet { url, schema } => {
                let format = ParquetFormat::default().with_enable_pruning(true);
                let options = ListingOptions::new(Arc::new(format))
                    .with_file_extension(".parquet")
                    // The files carry their own columns; folders only order them for people.
                    .with_table_partition_cols(Vec::new());
                let config = ListingTableConfig::new(ListingTableUrl::parse(url)?)
                    .with_listing_options(options)
                    // Declared, not inferred: an empty folder is an empty table.
                    .with_schema(plain(schema));
                Ok(Arc::new(ListingTable::try_new(config)?))
            }
        }
    }
}

/// Batches as a table.
pub(super) fn in_memory(
    schema: &SchemaRef,
    batches: Vec<RecordBatch>,
) -> Result<Arc<dyn TableProvider>> {
    let schema = plain(schema);
    let plain =
        |batch: RecordBatch| RecordBatch::try_new(Arc::clone(&schema), batch.columns().to_vec());
    let batches = batches.into_iter().map(plain).collect::<std::result::Result<_, _>>()?;
    Ok(Arc::new(MemTable::try_new(schema, vec![batches])?))
}

/// A schema without the metadata of its fields: the engine refuses a union of columns that are
/// described differently.
fn plain(schema: &SchemaRef) -> SchemaRef {
    let plain = |field: &Arc<Field>| field.as_ref().clone().with_metadata(HashMap::default());
    Arc::new(Schema::new(schema.fields().iter().map(plain).collect::<Vec<_>>()))
}
