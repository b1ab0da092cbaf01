//! Arrow batches to Parquet bytes and back: one set of writer options for lake and marts.
//!
//! Same batch, same bytes: no time, no run id, no version of the machine goes in. Common ground of
//! BI tools: zstd, statistics, page index; the Arrow schema rides along, it bears units and
//! descriptions of the columns.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnCloseResult;
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, KeyValue, PageIndexPolicy, ParquetMetaData, RowGroupMetaData,
    SortingColumn,
};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::statistics::Statistics;
use rayon::prelude::*;

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
    encode_groups(&batch.schema(), groups(batch), provenance)
}

/// The rows of a batch as row groups.
pub fn groups(batch: &RecordBatch) -> Vec<RowGroup<'static>> {
    let starts = (0..batch.num_rows()).step_by(ROW_GROUP_ROWS);
    let slice = |first| batch.slice(first, ROW_GROUP_ROWS.min(batch.num_rows() - first));
    starts.map(|first| RowGroup::New(slice(first))).collect()
}

/// A part of a table that is a row group of its own.
pub enum RowGroup<'a> {
    /// Rows to be encoded.
    New(RecordBatch),
    /// One that a file has, by its place: its bytes are copied.
    Kept(&'a GroupedFile, usize),
}

/// Encodes a table by row groups; otherwise as [`encode`] does. Columns are encoded side by side.
pub fn encode_groups<'a>(
    schema: &SchemaRef,
    groups: impl IntoIterator<Item = RowGroup<'a>>,
    provenance: &[(&str, &str)],
) -> Result<Vec<u8>, TableError> {
    let mut bytes = Vec::new();
    let properties = properties(schema, provenance).map_err(TableError::Encode)?;
    let written = ArrowWriter::try_new(&mut bytes, Arc::clone(schema), Some(properties))
        .and_then(ArrowWriter::into_serialized_writer)
        .and_then(|(mut file, columns)| {
            for (place, group) in groups.into_iter().enumerate() {
                let mut out = file.next_row_group()?;
                match group {
                    RowGroup::New(batch) => {
                        for chunk in encoded(&batch, columns.create_column_writers(place)?)? {
                            chunk.append_to_row_group(&mut out)?;
                        }
                    }
                    RowGroup::Kept(kept, place) => {
                        for chunk in kept.chunks(place) {
                            out.append_column(&kept.file, chunk)?;
                        }
                    }
                }
                out.close()?;
            }
            file.close()
        });
    written.map_err(TableError::Encode)?;
    Ok(bytes)
}

/// The columns of a batch, each as the chunk of a row group.
fn encoded(
    batch: &RecordBatch,
    writers: Vec<ArrowColumnWriter>,
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns()).zip(writers);
    let columns: Vec<_> = columns.collect();
    let encode = |((field, values), mut writer): ((&FieldRef, &ArrayRef), ArrowColumnWriter)| {
        for leaf in compute_leaves(field, values)? {
            writer.write(&leaf)?;
        }
        writer.close()
    };
    columns.into_par_iter().map(encode).collect()
}

fn properties(
    schema: &Schema,
    provenance: &[(&str, &str)],
) -> Result<WriterProperties, ParquetError> {
    let pairs = provenance.iter();
    let pairs = pairs.map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned()));
    let metadata: Vec<KeyValue> = pairs.collect();
    Ok(WriterProperties::builder()
        .set_created_by("yuebao".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_key_value_metadata((!metadata.is_empty()).then_some(metadata))
        .set_sorting_columns(grain(schema))
        .build())
}

/// A file whose row groups can be copied one by one.
#[derive(Debug)]
pub struct GroupedFile {
    path: PathBuf,
    file: File,
    metadata: Arc<ParquetMetaData>,
}

impl GroupedFile {
    /// Opens a file, of which nothing but the footer is read.
    pub fn open(path: &Path) -> Result<Self, TableError> {
        let file = super::open(path)?;
        let options =
            ArrowReaderOptions::default().with_page_index_policy(PageIndexPolicy::Required);
        let known = ArrowReaderMetadata::load(&file, options);
        let damaged = |source| TableError::Damaged { path: path.display().to_string(), source };
        let metadata = Arc::clone(known.map_err(damaged)?.metadata());
        Ok(Self { path: path.to_owned(), file, metadata })
    }

    /// The smallest value of a date column in each row group, in days since 1970.
    pub fn first_days(&self, column: &str) -> Vec<Option<i32>> {
        let first = |group: &RowGroupMetaData| {
            let chunk = group.columns().iter().find(|it| it.column_path().string() == column)?;
            match chunk.statistics()? {
                Statistics::Int32(known) => known.min_opt().copied(),
                _ => None,
            }
        };
        self.metadata.row_groups().iter().map(first).collect()
    }

    /// The rows of some row groups as one batch.
    pub fn read(&self, groups: Vec<usize>) -> Result<RecordBatch, TableError> {
        let damaged = |source| TableError::damaged(&self.path, format!("{source}"));
        let file = self.file.try_clone();
        let file = file.map_err(|source| FileError::new("open", &self.path, source))?;
        let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(damaged)?;
        let schema: Arc<Schema> = Arc::clone(reader.schema());
        let batches = reader.with_row_groups(groups).build().map_err(damaged)?;
        let batches: Result<Vec<_>, _> = batches.collect();
        let batches = batches.and_then(|it| arrow::compute::concat_batches(&schema, &it));
        batches.map_err(|source| damaged(source.into()))
    }

    /// All its row groups, to be copied.
    pub fn groups(&self) -> impl Iterator<Item = RowGroup<'_>> {
        (0..self.metadata.num_row_groups()).map(|place| RowGroup::Kept(self, place))
    }

    /// The bytes of each row group in those of the file.
    pub fn ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        self.metadata.row_groups().iter().map(move |group| {
            let chunks = group.columns().iter().map(ColumnChunkMetaData::byte_range);
            let first = chunks.clone().map(|(start, _)| start).min().unwrap_or_default();
            let last = chunks.map(|(start, length)| start + length).max().unwrap_or_default();
            place(first)..place(last)
        })
    }

    /// The column chunks of a row group as they stand in the file.
    fn chunks(&self, place: usize) -> impl Iterator<Item = ColumnCloseResult> {
        let group = self.metadata.row_groups().get(place);
        let pages = self.metadata.column_index().and_then(|it| it.get(place));
        let offsets = self.metadata.offset_index().and_then(|it| it.get(place));
        group.into_iter().flat_map(move |group| {
            let columns = group.columns().iter().enumerate();
            columns.map(move |(at, column)| ColumnCloseResult {
                bytes_written: u64::try_from(column.compressed_size()).unwrap_or_default(),
                rows_written: u64::try_from(group.num_rows()).unwrap_or_default(),
                metadata: column.clone(),
                bloom_filter: None,
                column_index: pages.and_then(|it| it.get(at)).cloned(),
                offset_index: offsets.and_then(|it| it.get(at)).cloned(),
            })
        })
    }
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
