//! A mart as CSV, as spreadsheets open it.
//!
//! In: its rows. Out: one file, each cell as it is: a reader must get back what was written, so a text
//! that a spreadsheet would take for a formula stays as it is too.

use std::path::Path;

use arrow::record_batch::RecordBatch;

use super::{Cells, formats};
use crate::cli::CliError;
use crate::files;

pub(super) fn write(folder: &Path, mart: &str, batch: &RecordBatch) -> Result<(), CliError> {
    let mut writer =
        ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(vec![]);
    writer.write_record(batch.schema().fields().iter().map(|field| field.name()))?;
    let formats = formats();
    let cells = Cells::of(batch, &formats)?;
    for row in 0..batch.num_rows() {
        writer.write_record(cells.row(row).map(Option::unwrap_or_default))?;
    }
    let bytes = writer.into_inner().expect("memory takes it");
    // The mark by which Excel knows UTF-8.
    let bytes = ["\u{feff}".as_bytes(), &bytes].concat();
    Ok(files::write(&folder.join(format!("{mart}.csv")), &bytes)?)
}
