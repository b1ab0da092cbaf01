//! Marts: from the lake and the seeds to the tables people read.
//!
//! In: checked marts and the tables they read. Out: one sorted, described batch a mart, and the
//! promises their rows break. What can go wrong: a query that cannot be planned (`plan` says so
//! without data, `doctor` calls it) and a machine that cannot run it. Same tables, same rows: figures
//! are exact decimals, rows are sorted by their key, and nothing asks for the time.

mod building;
mod functions;
mod plans;
mod session;
mod shape;
mod steps;
mod tables;
mod verify;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;
use tokio::runtime::Handle;

use crate::files::parquet::TableError;
use crate::project::fault::Fault;
use crate::project::marts::Mart;

use building::Building;
pub use plans::{Planned, plan};
pub use steps::{StepFile, Steps};
pub use tables::{Tables, url};
pub use verify::{Failure, ROWS_SHOWN};

/// What a build made.
#[derive(Debug, Default)]
pub struct Built {
    /// Every mart in the order of building, steps (`int_…`) among them.
    pub marts: Vec<BuiltMart>,
    /// The promises their rows break; an edition with any is held back.
    pub failures: Vec<Failure>,
    /// The files it left, by mart.
    pub left: BTreeMap<String, StepFile>,
}

/// One mart's rows.
#[derive(Clone, Debug)]
pub struct BuiltMart {
    /// Its name.
    pub name: String,
    /// Whether it is a step others build on, left out of editions.
    pub is_intermediate: bool,
    /// Its rows: the declared columns, sorted by the grain, units and descriptions as metadata.
    pub batch: RecordBatch,
}

/// Why the marts could not be built.
#[derive(Debug, thiserror::Error)]
pub enum MartError {
    /// The engine could not be started.
    #[error("could not open a query session")]
    Session(#[source] Box<DataFusionError>),
    /// A table cannot be read as declared.
    #[error("could not open table `{table}`")]
    Table {
        /// The table.
        table: String,
        /// Why not.
        source: Box<DataFusionError>,
    },
    /// The SQL of marts is wrong: settings, not machine.
    #[error("the SQL of a mart is wrong: {}", .0.iter().map(Fault::to_string).collect::<Vec<_>>().join("; "))]
    Sql(Vec<Fault>),
    /// A query failed on the figures there are: one is too large, a divisor is zero.
    #[error("mart `{mart}` cannot be computed from the figures there are")]
    Data {
        /// The mart.
        mart: String,
        /// Why not.
        source: Box<DataFusionError>,
    },
    /// A query failed while it ran: the machine.
    #[error("could not compute mart `{mart}`")]
    Query {
        /// The mart.
        mart: String,
        /// Why not.
        source: Box<DataFusionError>,
    },
    /// The rows of a month could not be kept, or read again.
    #[error("could not keep the rows of mart `{mart}`")]
    Keep {
        /// The mart.
        mart: String,
        /// Why not.
        source: TableError,
    },
    /// The rows of a query could not be put together.
    #[error("could not assemble the rows of mart `{mart}`")]
    Rows {
        /// The mart.
        mart: String,
        /// Why not.
        source: ArrowError,
    },
}

impl MartError {
    fn of_query(mart: &Mart, error: DataFusionError) -> Self {
        let (mart, source) = (mart.name.clone(), Box::new(error));
        if is_about_data(&source) {
            Self::Data { mart, source }
        } else {
            Self::Query { mart, source }
        }
    }
}

/// Whether a query failed because of the figures it met, which no second try would mend.
fn is_about_data(error: &DataFusionError) -> bool {
    match error.find_root() {
        DataFusionError::Execution(_) => true,
        DataFusionError::ArrowError(error, _) => matches!(
            **error,
            ArrowError::ArithmeticOverflow(_)
                | ArrowError::CastError(_)
                | ArrowError::ComputeError(_)
                | ArrowError::DivideByZero
                | ArrowError::InvalidArgumentError(_)
                | ArrowError::ParseError(_)
        ),
        _ => false,
    }
}

/// Builds planned marts in their order and tests their promises. With `steps`, rows of months in which
/// nothing changed are taken from the last build, and what was built is left there for the next one.
///
/// One that cannot be computed from the figures there are is a promise broken, with the largest of
/// them; no mart is returned then.
pub async fn build<'a, 'b: 'a>(
    marts: impl IntoIterator<Item = &'b Planned>,
    tables: &'a Tables,
    steps: Option<&'a Steps>,
) -> Result<Built, MartError> {
    let session = session::open().map_err(|error| MartError::Session(error.into()))?;
    let marts = marts.into_iter().map(|planned| -> &'a Planned { planned });
    match Building::new(session, marts, (tables, steps)).run(&Handle::current()) {
        Err(MartError::Data { mart, source }) => {
            let rows = largest(tables).await.unwrap_or_default();
            let said = source.find_root().strip_backtrace();
            let cause = said.lines().next().map(str::to_owned);
            let test = verify::COMPUTED.to_owned();
            let failure = Failure { mart, test, count: rows.len(), rows, cause };
            Ok(Built { failures: vec![failure], ..Built::default() })
        }
        built => built,
    }
}

/// The largest figures of the lake, named where a mart cannot be computed, since they are mostly why.
const LARGEST: &str =
    "select s.file_name, o.form, o.period, o.sheet, o.cell, o.item, o.measure, o.value
from observations as o
join submissions as s on s.submission_id = o.submission_id and s.form = o.form
  and s.period = o.period and s.credit_code = o.credit_code
where s.is_current
order by abs(o.value) desc, o.period, s.file_name, o.sheet, o.cell
limit 5";

/// They, each as `column=value, …`. Where the lake cannot be asked nothing is said: the error that led
/// here says more.
async fn largest(tables: &Tables) -> Option<Vec<String>> {
    let rows = open(tables).ok()?.sql(LARGEST).await.ok()?.collect().await.ok()?;
    Some(rows.iter().flat_map(verify::rendered).collect())
}

/// The schema a mart's rows have when it keeps its promises.
pub fn schema(mart: &Mart) -> SchemaRef {
    shape::promised(mart, &RecordBatch::new_empty(shape::draft(mart)))
}

/// A session with tables to query.
fn open(tables: &Tables) -> Result<SessionContext, MartError> {
    let session = session::open().map_err(|error| MartError::Session(error.into()))?;
    register(&session, tables)?;
    Ok(session)
}

/// Lets a session's queries read tables, in the place of those that had their names.
fn register(session: &SessionContext, tables: &Tables) -> Result<(), MartError> {
    for (name, provider) in &tables.providers {
        session
            .deregister_table(name.as_str())
            .and_then(|_| session.register_table(name.as_str(), Arc::clone(provider)))
            .map_err(|source| MartError::Table { table: name.clone(), source: source.into() })?;
    }
    Ok(())
}
