//! `export`: the marts that readers see as CSV, one file a mart, as spreadsheets open it.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arrow::array::Array;
use arrow::datatypes::DataType;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::session::CliSession;
use super::{CliError, output};
use crate::files::{self, FileError};
use crate::project::read::nearest;
use crate::stages::publish::editions;

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArguments {
    /// The marts; all of them when none is named. 汇总表
    marts: Vec<String>,
    /// The folder that gets a file a mart; made when it is not there. 文件夹
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
}

/// Runs the command.
pub(super) fn run(session: &CliSession, arguments: &ExportArguments) -> Result<ExitCode, CliError> {
    let root = session.output.root();
    let Some(edition) = editions::current(root) else {
        return Err(CliError::Call(session.said("edition.none").to_owned()));
    };
    let manifest = editions::manifest(root, edition)?;
    let tables = manifest.files.iter().filter(|file| file.rows.is_some());
    let known: Vec<&str> = tables.filter_map(|file| file.name.strip_suffix(".parquet")).collect();
    let named: Vec<&str> = arguments.marts.iter().map(String::as_str).collect();
    if let Some(unknown) = named.iter().find(|name| !known.contains(name)) {
        return Err(CliError::Call(format!(
            "edition {edition} has no mart `{unknown}`: it has {}{}",
            known.join(", "),
            nearest(unknown, known.iter().copied())
        )));
    }
    let marts = if named.is_empty() { known } else { named };
    for mart in &marts {
        let table = editions::folder(root, edition).join(format!("{mart}.parquet"));
        write(&arguments.to, mart, &editions::table(&table)?)?;
    }
    let folder = arguments.to.display();
    let told = session.fill(
        "export.done",
        &[("edition", &edition), ("tables", &marts.len()), ("folder", &folder)],
    );
    output::print(&told);
    Ok(ExitCode::SUCCESS)
}

fn write(folder: &Path, mart: &str, batch: &RecordBatch) -> Result<(), FileError> {
    let mut writer =
        csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    let mut line = |cells: Vec<String>| writer.write_record(cells).expect("memory takes it");
    line(batch.schema().fields().iter().map(|field| field.name().clone()).collect());
    for row in 0..batch.num_rows() {
        line(batch.columns().iter().map(|column| cell(column.as_ref(), row)).collect());
    }
    let bytes = writer.into_inner().expect("memory takes it");
    // The mark by which Excel knows UTF-8.
    files::write(&folder.join(format!("{mart}.csv")), &["\u{feff}".as_bytes(), &bytes].concat())
}

/// A cell as people and programs read it: days as `2024-07-01`, instants in UTC, decimals with all their
/// places, nothing for null.
fn cell(column: &dyn Array, row: usize) -> String {
    let formats = FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"));
    let text = ArrayFormatter::try_new(column, &formats)
        .map(|column| column.value(row).to_string())
        .unwrap_or_default();
    if *column.data_type() == DataType::Utf8 { output::harmless(&text) } else { text }
}
