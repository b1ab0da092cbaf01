//! Marts: from the lake and the seeds to the tables people read.
//!
//! In: checked marts and the tables they read. Out: one sorted, described batch a mart, and the
//! promises their rows break. What can go wrong: a query that cannot be planned (`plan` says so
//! without data, `doctor` calls it) and a machine that cannot run it. Same tables, same rows: figures
//! are exact decimals, rows are sorted by their key, and nothing asks for the time.

mod functions;
mod largest;
mod session;
mod shape;
mod tables;
mod verify;

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionContext;

use crate::project::fault::Fault;
use crate::project::marts::{Mart, Reconciliation, SELF, order};

pub use session::Resources;
pub use tables::Tables;
pub use verify::{Failure, ROWS_SHOWN};

/// What a build made.
#[derive(Clone, Debug, Default)]
pub struct Built {
    /// Every mart in the order of building, steps (`int_…`) among them.
    pub marts: Vec<BuiltMart>,
    /// The promises their rows break; an edition with any is held back.
    pub failures: Vec<Failure>,
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

/// Builds every mart, each after those it reads, and tests its promises.
///
/// One that cannot be computed from the figures there are is a promise broken, with the largest of
/// them; no mart is returned then.
pub async fn build(
    marts: &[Mart],
    tables: &Tables,
    resources: Resources,
) -> Result<Built, MartError> {
    let session = open(tables, resources)?;
    match build_all(&session, marts, tables).await {
        Err(MartError::Data { mart, source }) => {
            let rows = largest::figures(&session).await;
            let said = source.find_root().strip_backtrace();
            let cause = said.lines().next().map(str::to_owned);
            let test = verify::COMPUTED.to_owned();
            let failure = Failure { mart, test, count: rows.len(), rows, cause };
            Ok(Built { marts: Vec::new(), failures: vec![failure] })
        }
        built => built,
    }
}

async fn build_all(
    session: &SessionContext,
    marts: &[Mart],
    tables: &Tables,
) -> Result<Built, MartError> {
    let mut built = Built::default();
    for mart in order(marts) {
        let batch = rows(session, mart).await?;
        register(session, tables, mart, &batch)?;
        built.failures.extend(test(session, mart, &batch).await?);
        let schema = shape::promised(mart, &batch);
        let batch = RecordBatch::try_new(schema, batch.columns().to_vec());
        built.marts.push(BuiltMart {
            name: mart.name.clone(),
            is_intermediate: mart.is_intermediate(),
            batch: batch.map_err(|source| MartError::Rows { mart: mart.name.clone(), source })?,
        });
    }
    Ok(built)
}

/// What is wrong with the SQL of marts, found by planning every query without reading a row.
///
/// A mart that reads a wrong one is planned as if that one kept to its header.
pub async fn plan(
    marts: &[Mart],
    tables: &Tables,
    resources: Resources,
) -> Result<Vec<Fault>, MartError> {
    let session = open(tables, resources)?;
    let mut faults = Vec::new();
    for mart in order(marts) {
        if let Err(found) = planned(&session, mart).await {
            faults.extend(found);
        }
        register(&session, tables, mart, &RecordBatch::new_empty(shape::draft(mart)))?;
        for check in &mart.reconciliations {
            if let Err(error) = session.sql(&check.sql).await {
                faults.push(fault(mart, check.line, &error));
            }
        }
    }
    faults.sort();
    Ok(faults)
}

/// The schema a mart's rows have when it keeps its promises.
pub fn schema(mart: &Mart) -> SchemaRef {
    shape::promised(mart, &RecordBatch::new_empty(shape::draft(mart)))
}

fn open(tables: &Tables, resources: Resources) -> Result<SessionContext, MartError> {
    let session = session::open(resources).map_err(|error| MartError::Session(Box::new(error)))?;
    for (name, provider) in tables.providers() {
        let registered = provider.and_then(|provider| session.register_table(name, provider));
        registered
            .map_err(|source| MartError::Table { table: name.to_owned(), source: source.into() })?;
    }
    Ok(session)
}

/// Makes a mart's rows readable: as `this` for its own tests, by its name for later marts.
fn register(
    session: &SessionContext,
    tables: &Tables,
    mart: &Mart,
    batch: &RecordBatch,
) -> Result<(), MartError> {
    let is_table = tables.names().contains(mart.name.as_str());
    let names = [Some(SELF), (!is_table).then_some(mart.name.as_str())];
    for name in names.into_iter().flatten() {
        let provider = tables::in_memory(&batch.schema(), vec![batch.clone()]);
        session
            .deregister_table(name)
            .and_then(|_| session.register_table(name, provider?))
            .map_err(|source| MartError::Table { table: name.to_owned(), source: source.into() })?;
    }
    Ok(())
}

async fn planned(session: &SessionContext, mart: &Mart) -> Result<DataFrame, Vec<Fault>> {
    let rows = session.sql(&mart.sql).await.map_err(|error| vec![fault(mart, 0, &error)])?;
    let differences = shape::differences(mart, rows.logical_plan());
    if !differences.is_empty() {
        return Err(differences.into_iter().map(|what| Fault::new(&mart.file, what)).collect());
    }
    shape::shaped(mart, rows).map_err(|error| vec![fault(mart, 0, &error)])
}

async fn rows(session: &SessionContext, mart: &Mart) -> Result<RecordBatch, MartError> {
    let shaped = planned(session, mart).await.map_err(MartError::Sql)?;
    let batches = shaped.collect().await.map_err(|error| MartError::of_query(mart, error))?;
    shape::one_batch(mart, &batches)
        .map_err(|source| MartError::Rows { mart: mart.name.clone(), source })
}

async fn test(
    session: &SessionContext,
    mart: &Mart,
    batch: &RecordBatch,
) -> Result<Vec<Failure>, MartError> {
    let assemble = |source| MartError::Rows { mart: mart.name.clone(), source };
    let mut failures = verify::promises(mart, batch).map_err(assemble)?;
    for check in &mart.reconciliations {
        let offending =
            offending(session, check).await.map_err(|error| MartError::of_query(mart, error))?;
        failures.extend(verify::failure(mart, &check.name, &offending));
    }
    Ok(failures)
}

async fn offending(
    session: &SessionContext,
    check: &Reconciliation,
) -> Result<RecordBatch, DataFusionError> {
    let rows = session.sql(&check.sql).await?;
    let schema: SchemaRef = Arc::clone(rows.schema().inner());
    Ok(concat_batches(&schema, &rows.collect().await?)?)
}

/// An engine's error about SQL as a fault of the mart's file; `before` lines stand above that SQL.
fn fault(mart: &Mart, before: usize, error: &DataFusionError) -> Fault {
    let span = error.diagnostic().and_then(|diagnostic| diagnostic.span);
    let line = span.and_then(|span| usize::try_from(span.start.line).ok());
    let text = error.find_root().strip_backtrace();
    let first = text.lines().next().unwrap_or_default();
    let message = ["Schema error: ", "Error during planning: "]
        .into_iter()
        .find_map(|prefix| first.strip_prefix(prefix))
        .unwrap_or(first);
    Fault { line: line.map(|line| line + before), ..Fault::new(&mart.file, message) }
}
