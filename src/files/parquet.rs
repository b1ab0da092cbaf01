//! Arrow batches to Parquet bytes and back: one set of writer options for lake and marts.
//!
//! Same batch, same bytes: no time, no run id, no version of the machine goes in. Common ground of
//! BI tools: zstd, statistics, page index; the Arrow schema rides along, it bears units and
//! descriptions of the columns.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow::datatypes::Schema;
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};

use super::FileError;

/// Rows of one row group: BI tools preview whole groups.
const ROW_GROUP_ROWS: usize = 131_072;

/// What went wrong with a Parquet file.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// The bytes are not the Parquet that was written: restore the file, or remove it and run again.
    #[error("`{path}` is damaged: remove it and run again, it will be rebuilt from the archive")]
    Damaged {
        /// The file.
        path: String,
        /// What the reader said.
        source: ParquetError,
    },
    /// A table of an edition is damaged: editions are never made anew.
    #[error(
        "`{path}` is damaged: no edition is ever made anew, so restore its folder from a backup, or let readers see another one with `yuebao edition rollback`"
    )]
    Edition {
        /// The file.
        path: String,
        /// What the reader said.
        source: ParquetError,
    },
    /// A batch could not be encoded: a bug.
    #[error("could not encode a table")]
    Encode(#[source] ParquetError),
}

impl TableError {
    /// A file that is not as it was written, for a reason.
    pub fn damaged(path: &Path, said: impl Into<String>) -> Self {
        let source = ParquetError::General(said.into());
        Self::Damaged { path: path.display().to_string(), source }
    }
}

/// Encodes a batch, sorted by its `grain` where its schema names one; `provenance` goes into the file's key-value metadata in the order given.
pub fn encode(batch: &RecordBatch, provenance: &[(&str, &str)]) -> Result<Vec<u8>, TableError> {
    let metadata: Vec<KeyValue> = provenance
        .iter()
        .map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()))
        .collect();
    let properties = WriterProperties::builder()
        .set_created_by("yuebao".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3).map_err(TableError::Encode)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata((!metadata.is_empty()).then_some(metadata))
        .set_sorting_columns(grain(&batch.schema()))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))
        .map_err(TableError::Encode)?;
    writer.write(batch).map_err(TableError::Encode)?;
    writer.close().map_err(TableError::Encode)?;
    Ok(bytes)
}

/// The columns that rows are sorted by, as the file tells its readers.
fn grain(schema: &Schema) -> Option<Vec<SortingColumn>> {
    let place = |name| i32::try_from(schema.index_of(name).ok()?).ok();
    let column = |column_idx| SortingColumn { column_idx, descending: false, nulls_first: true };
    schema.metadata().get("grain")?.split(", ").map(|name| place(name).map(column)).collect()
}

/// Reads a whole file as one batch.
pub fn read(path: &Path) -> Result<RecordBatch, TableError> {
    let damaged = |source| TableError::Damaged { path: path.display().to_string(), source };
    let file = super::open(path)?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
    let schema: Arc<Schema> = Arc::clone(reader.schema());
    let batches = reader.build().map_err(damaged)?.collect::<Result<Vec<_>, _>>();
    let batches = batches.map_err(|source| damaged(source.into()))?;
    arrow::compute::concat_batches(&schema, &batches).map_err(|source| damaged(source.into()))
}

/// Reads the key-value metadata of a file, without its data.
pub fn provenance(path: &Path) -> Result<BTreeMap<String, String>, TableError> {
    let damaged = |source| TableError::Damaged { path: path.display().to_string(), source };
    let file = super::open(path)?;
    let metadata =
        ArrowReaderMetadata::load(&file, ArrowReaderOptions::default()).map_err(damaged)?;
    let pairs = metadata.metadata().file_metadata().key_value_metadata();
    let pairs = pairs.into_iter().flatten();
    Ok(pairs.filter_map(|pair| Some((pair.key.clone(), pair.value.clone()?))).collect())
}
