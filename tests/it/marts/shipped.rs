//! The shipped marts as files: they parse, fit each other, can be planned and built from nothing.

use std::path::Path;
use std::sync::LazyLock;

use yuebao::project::marts::{self as project, Mart};
use yuebao::stages::marts::{self, Planned, Tables};

/// The marts of `jobs/marts`, which every test of a mart's figures builds.
pub(super) fn shipped() -> Vec<Mart> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("jobs/marts");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let name = Path::new("jobs/marts").join(file.file_name().unwrap());
        project::parse(&name, &std::fs::read_to_string(file).unwrap())
            .unwrap_or_else(|faults| panic!("{faults:#?}"))
    };
    files.iter().map(read).collect()
}

/// The same, planned without data.
pub(super) static PLANNED: LazyLock<Vec<Planned>> =
    LazyLock::new(|| block_on(marts::plan(&shipped(), &Tables::empty())).unwrap());

/// Runs what is async in a test.
pub(super) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap().block_on(work)
}

#[test]
fn fit_each_other_and_the_tables() {
    let faults = project::check(&shipped(), &Tables::empty().names());
    assert_eq!(faults, []);
}

#[test]
fn can_be_planned_without_data() {
    assert_eq!(PLANNED.len(), shipped().len());
}

#[test]
fn are_empty_over_an_empty_lake() {
    let marts = shipped();
    let built = block_on(marts::build(&*PLANNED, &Tables::empty(), None)).unwrap();
    assert_eq!(built.failures, []);
    assert_eq!(built.marts.len(), marts.len());
    for mart in &built.marts {
        assert_eq!(mart.batch.num_rows(), 0, "{}", mart.name);
        let declared = marts.iter().find(|known| known.name == mart.name).unwrap();
        assert_eq!(mart.batch.schema(), marts::schema(declared), "{}", mart.name);
    }
}
