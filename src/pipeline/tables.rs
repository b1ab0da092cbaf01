//! The tables marts read, from a lake and a project; and the threads their queries run on.

use std::future::Future;
use std::io;

use super::RunError;
use super::output::Output;
use crate::files;
use crate::project::Project;
use crate::project::lake::Table;
use crate::stages::marts::Tables;

/// The lake by URL, the seeds by value.
pub(super) fn of(project: &Project, output: &Output) -> Result<Tables, RunError> {
    let mut tables = Tables::default();
    for table in Table::ALL {
        let folder = output.lake().join(table.name());
        files::create_folder(&folder)?;
        let failed = |source: io::Error| files::FileError::new("find", &folder, source);
        let place = folder.canonicalize().map_err(failed)?;
        let url = format!("file://{}/", encoded(&place.to_string_lossy()));
        tables.add_parquet(table.name(), url, table.schema());
    }
    for (name, seed) in &project.seeds.tables {
        tables.add_batches(name, seed.batch.schema(), vec![seed.batch.clone()]);
    }
    tables.add_district(&project.settings.district);
    Ok(tables)
}

/// A path as the path of a URL: what has a meaning there is escaped.
fn encoded(path: &str) -> String {
    let mut url = String::with_capacity(path.len());
    for letter in path.chars() {
        if matches!(letter, '%' | '?' | '#' | '*' | '[' | ' ') {
            url.extend(['%', digit(u32::from(letter) / 16), digit(u32::from(letter) % 16)]);
        } else {
            url.push(letter);
        }
    }
    url
}

fn digit(value: u32) -> char {
    char::from_digit(value, 16).unwrap_or('0').to_ascii_uppercase()
}

/// Runs queries to their end on threads of their own.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> Result<T, RunError> {
    let threads = tokio::runtime::Builder::new_multi_thread().build().map_err(RunError::Threads)?;
    Ok(threads.block_on(work))
}
