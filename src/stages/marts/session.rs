//! The one place a query session is made, every option that matters spelled out.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::optimizer::Optimizer;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::functions;
use super::requirements::Requirements;

/// Bytes that sorts, joins and aggregates may hold together before they go to disk: the marts of a
/// district need a hundredth of it.
const MEMORY_BYTES: usize = 2 << 30;

/// Rows a batch: the engine's own default, fixed here so that an upgrade does not move it.
const BATCH_ROWS: usize = 8192;

/// The rules of the engine that queries are rewritten by: those some queries cannot run without, and
/// those that keep rows and columns from being read or joined in vain. What the others find in a
/// district's thousands of rows is less than the time they take to look.
const REWRITTEN_BY: [&str; 11] = [
    "rewrite_set_comparison",
    "simplify_expressions",
    "replace_distinct_aggregate",
    "decorrelate_predicate_subquery",
    "scalar_subquery_to_join",
    "decorrelate_lateral_join",
    "extract_equijoin_predicate",
    "eliminate_cross_join",
    "eliminate_outer_join",
    "push_down_filter",
    "optimize_projections",
];

/// A fresh session, without tables.
pub(super) fn open() -> Result<SessionContext> {
    let mut config = SessionConfig::new()
        .with_target_partitions(1)
        .with_batch_size(BATCH_ROWS)
        .with_information_schema(false)
        .with_create_default_catalog_and_schema(true)
        .with_collect_statistics(true)
        .with_parquet_pruning(true);
    let options = config.options_mut();
    // The lake is folders of folders: form=…/period=…/part.parquet.
    options.execution.listing_table_ignore_subdirectory = false;
    // Plain Utf8 throughout: BI tools and other Arrow versions read no views.
    options.execution.parquet.schema_force_view_types = false;
    options.sql_parser.map_string_types_to_utf8view = false;
    // Filters reach the Parquet reader, so that pages of other months stay unread.
    options.execution.parquet.pushdown_filters = true;
    options.execution.parquet.reorder_filters = true;
    options.execution.parquet.enable_page_index = true;
    options.execution.parquet.bloom_filter_on_read = false;
    // `0.02` is a decimal: no binary float enters through a literal.
    options.sql_parser.parse_float_as_decimal = true;
    // Messages about a column say the line it stands in.
    options.sql_parser.collect_spans = true;
    // Dates and instants mean UTC.
    options.execution.time_zone = Some("UTC".to_owned());
    options.optimizer.skip_failed_rules = false;
    // A pass over the plan is most of what a small district's query costs; later ones find little.
    options.optimizer.max_passes = 1;

    let pool = FairSpillPool::new(MEMORY_BYTES);
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build()?;
    let mut rules = Optimizer::new().rules;
    rules.retain(|rule| REWRITTEN_BY.contains(&rule.name()));
    // The smaller side of a join is the one that is held.
    let mut steps = PhysicalOptimizer::default().rules;
    steps.retain(|rule| rule.name() == "join_selection");
    steps.push(Arc::new(Requirements));
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(Arc::new(runtime))
        .with_default_features()
        .with_optimizer_rules(rules)
        .with_physical_optimizer_rules(steps)
        .build();
    let session = SessionContext::new_with_state(state);
    for function in functions::all() {
        session.register_udf(function);
    }
    Ok(session)
}
