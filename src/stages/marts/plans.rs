//! The queries of marts, planned once and run over whatever tables there are.
//!
//! In: checked marts and tables with the columns they read. Out: a plan of each query and reconciliation,
//! or every fault of the SQL; later their rows over the tables of a build. Reading and optimising queries
//! is most of what the marts of a small district cost, and no row changes anything of it.

use std::sync::{Arc, OnceLock};

use arrow::array::RecordBatch;
use arrow::datatypes::{Date32Type, SchemaRef};
use datafusion::common::tree_node::Transformed;
use datafusion::common::{ScalarValue, plan_datafusion_err};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::provider_as_source;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder, ident, lit};
use datafusion::physical_plan::collect;
use datafusion::prelude::SessionContext;

use super::{MartError, Tables, open, register, shape};
use crate::domain::period::Period;
use crate::project::fault::Fault;
use crate::project::marts::{Mart, PERIOD, order};

/// A mart with its queries planned.
#[derive(Debug)]
pub struct Planned {
    /// The mart.
    pub mart: Mart,
    /// Its rows: the declared columns, sorted by the grain.
    pub(super) rows: Query,
    /// Its reconciliations, in their order.
    pub(super) checks: Vec<Query>,
}

/// A query that was read, and is optimised when it first runs.
#[derive(Debug)]
pub(super) struct Query {
    read: LogicalPlan,
    optimised: OnceLock<LogicalPlan>,
}

/// Plans every mart without reading a row, in the order of building; on failure every fault of the SQL.
///
/// A mart that reads a wrong one is planned as if that one kept to its header.
pub async fn plan(marts: &[Mart], tables: &Tables) -> Result<Vec<Planned>, MartError> {
    let session = open(tables)?;
    let (mut planned, mut faults) = (Vec::new(), Vec::new());
    for mart in order(marts) {
        let rows = rows(&session, mart).await;
        // Later queries read the columns a mart's header promises.
        let mut declared = Tables::default();
        for name in tables.names_of(mart) {
            declared.add_batch(name, &RecordBatch::new_empty(shape::draft(mart)));
        }
        register(&session, &declared)?;
        let mut checks = Vec::new();
        for check in &mart.reconciliations {
            match session.sql(&check.sql).await {
                Ok(rows) => checks.push(Query::new(rows)),
                Err(error) => faults.push(fault(mart, check.line, &error)),
            }
        }
        match rows {
            Ok(rows) => planned.push(Planned { mart: mart.clone(), rows, checks }),
            Err(found) => faults.extend(found),
        }
    }
    faults.sort();
    if faults.is_empty() { Ok(planned) } else { Err(MartError::Sql(faults)) }
}

async fn rows(session: &SessionContext, mart: &Mart) -> Result<Query, Vec<Fault>> {
    let failed = |error| vec![fault(mart, 0, &error)];
    let rows = session.sql(&mart.sql).await.map_err(failed)?;
    let differences = shape::differences(mart, rows.logical_plan());
    if !differences.is_empty() {
        return Err(differences.into_iter().map(|what| Fault::new(&mart.file, what)).collect());
    }
    shape::shaped(mart, rows).map(Query::new).map_err(failed)
}

impl Query {
    fn new(rows: DataFrame) -> Self {
        Self { read: rows.into_unoptimized_plan(), optimised: OnceLock::new() }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        Arc::clone(self.read.schema().inner())
    }

    /// Its rows over the tables there are now; those of the months from one on, where it has months.
    pub(super) async fn run(
        &self,
        session: &SessionContext,
        tables: &Tables,
        from: Option<Period>,
    ) -> Result<Vec<RecordBatch>> {
        let state = session.state();
        let from = from.filter(|_| self.schema().column_with_name(PERIOD).is_some());
        let optimised = if let Some(from) = from {
            let from = Date32Type::from_naive_date(from.first_day());
            let is_new = ident(PERIOD).gt_eq(lit(ScalarValue::Date32(Some(from))));
            let rows = LogicalPlanBuilder::from(self.read.clone()).filter(is_new)?.build()?;
            state.optimize(&rows)?
        } else if let Some(known) = self.optimised.get() {
            known.clone()
        } else {
            let plan = state.optimize(&self.read)?;
            self.optimised.get_or_init(|| plan).clone()
        };
        let over = optimised.transform_down_with_subqueries(|step| match step {
            LogicalPlan::TableScan(mut scan) => {
                let name = scan.table_name.table();
                let table = tables
                    .providers
                    .get(name)
                    .ok_or_else(|| plan_datafusion_err!("no table `{name}`"))?;
                scan.source = provider_as_source(Arc::clone(table));
                Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
            }
            step => Ok(Transformed::no(step)),
        })?;
        let plan = state.query_planner().create_physical_plan(&over.data, &state).await?;
        collect(plan, session.task_ctx()).await
    }
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
