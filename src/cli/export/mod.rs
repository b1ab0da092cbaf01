//! `export`: the marts that readers see, as CSV files or as tables of a PostgreSQL database.
//!
//! In: names of marts, a folder or an address. Out: every row of each. What can go wrong: a mart or an
//! address that is none, a folder that cannot be written, a database that is away.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use arrow::array::{Array, ArrayRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use sqlx::postgres::PgConnectOptions;

use super::session::CliSession;
use super::{CliError, output};
use crate::project::read::nearest;
use crate::runtime;
use crate::stages::publish::editions;
use crate::stages::publish::manifest::Manifest;

mod csv;
mod database;

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub(super) struct ExportArguments {
    /// The marts; all of them when none is named. 汇总表
    marts: Vec<String>,
    /// A folder for a CSV file a mart, made when it is not there; or a database for a table a mart, as
    /// `postgres://USER@HOST/DATABASE`. 文件夹或数据库
    #[arg(long, value_name = "DIR|URL")]
    to: PathBuf,
}

/// Where marts go.
enum Place {
    Folder(PathBuf),
    Database(Box<PgConnectOptions>),
}

/// Runs the command.
pub(super) fn run(session: &CliSession, arguments: &ExportArguments) -> Result<ExitCode, CliError> {
    let place = place(&arguments.to)?;
    let root = session.output.root();
    let Some(edition) = editions::current(root) else {
        return Err(CliError::Call(session.said("edition.none").to_owned()));
    };
    let manifest = editions::manifest(root, edition)?;
    let marts = asked(&manifest, &arguments.marts)?;
    let folder = editions::folder(root, edition);
    let read = |mart: &str| editions::table(&folder.join(format!("{mart}.parquet")));
    let (key, place) = match place {
        Place::Folder(folder) => {
            for mart in &marts {
                csv::write(&folder, mart, &read(mart)?)?;
            }
            ("export.done", folder.display().to_string())
        }
        Place::Database(address) => {
            runtime::block_on(database::copy(&address, &manifest, &marts, read))??;
            ("export.copied", database::named(&address))
        }
    };
    let told: [(&str, &dyn Display); 3] =
        [("edition", &edition), ("tables", &marts.len()), ("place", &place)];
    output::print(&session.fill(key, &told));
    Ok(ExitCode::SUCCESS)
}

fn place(to: &Path) -> Result<Place, CliError> {
    let Some(text) = to.to_str() else { return Ok(Place::Folder(to.to_owned())) };
    match text.split_once("://") {
        None => Ok(Place::Folder(to.to_owned())),
        Some(("postgres" | "postgresql", _)) => {
            database::address(text).map(|it| Place::Database(it.into()))
        }
        // The rest may bear a password.
        Some((scheme, _)) => Err(CliError::Call(format!(
            "`{scheme}://` is nothing marts can be copied to: name a folder, or a database as postgres://USER@HOST/DATABASE"
        ))),
    }
}

/// The marts asked for: all of an edition where none is named.
fn asked<'a>(manifest: &'a Manifest, named: &'a [String]) -> Result<Vec<&'a str>, CliError> {
    let tables = manifest.files.iter().filter(|file| file.rows.is_some());
    let known: Vec<&str> = tables.filter_map(|file| file.name.strip_suffix(".parquet")).collect();
    if named.is_empty() {
        return Ok(known);
    }
    if let Some(unknown) = named.iter().find(|name| !known.contains(&name.as_str())) {
        return Err(CliError::Call(format!(
            "edition {} has no mart `{unknown}`: it has {}{}",
            manifest.edition,
            known.join(", "),
            nearest(unknown, known.iter().copied())
        )));
    }
    Ok(known.into_iter().filter(|mart| named.iter().any(|name| name == mart)).collect())
}

/// The cells of a mart as people and programs read them.
struct Cells<'a> {
    columns: Vec<(&'a dyn Array, ArrayFormatter<'a>)>,
}

/// Days as `2024-07-01`, instants in UTC, decimals with all their places.
fn formats() -> FormatOptions<'static> {
    FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%S%.fZ"))
}

impl<'a> Cells<'a> {
    fn of(batch: &'a RecordBatch, formats: &FormatOptions<'a>) -> Result<Self, ArrowError> {
        let column =
            |column: &'a ArrayRef| Ok((column.as_ref(), ArrayFormatter::try_new(column, formats)?));
        let columns: Result<_, ArrowError> = batch.columns().iter().map(column).collect();
        Ok(Self { columns: columns? })
    }

    /// A row; `None` for null.
    fn row(&self, row: usize) -> impl Iterator<Item = Option<String>> {
        let cell = move |(column, texts): &(&dyn Array, ArrayFormatter<'_>)| {
            column.is_valid(row).then(|| texts.value(row).to_string())
        };
        self.columns.iter().map(cell)
    }
}
