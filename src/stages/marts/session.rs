//! The one place a query session is made, every option that matters spelled out.

use std::sync::Arc;

use datafusion::error::Result;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::prelude::{SessionConfig, SessionContext};

use super::functions;

/// What a build may use of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Resources {
    /// Bytes that sorts, joins and aggregates may hold together before they go to disk.
    pub memory_bytes: usize,
    /// How many partitions of a query run at a time.
    pub partitions: usize,
}

impl Default for Resources {
    /// 2 GiB and two partitions: the marts of a district need a hundredth of it.
    fn default() -> Self {
        Self { memory_bytes: 2 << 30, partitions: 2 }
    }
}

/// Rows a batch: the engine's own default, fixed here so that an upgrade does not move it.
const BATCH_ROWS: usize = 8192;

/// A fresh session, without tables.
pub(super) fn open(resources: Resources) -> Result<SessionContext> {
    let mut config = SessionConfig::new()
        .with_target_partitions(resources.partitions.max(1))
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

    let pool = FairSpillPool::new(resources.memory_bytes);
    let runtime = RuntimeEnvBuilder::new().with_memory_pool(Arc::new(pool)).build()?;
    // Filters of the query have reached the reader by then; this rule only takes time.
    let mut rules = PhysicalOptimizer::default().rules;
    rules.retain(|rule| !rule.name().starts_with("FilterPushdown"));
    let state = SessionStateBuilder::new()
        .with_config(config)
        .with_runtime_env(Arc::new(runtime))
        .with_default_features()
        .with_physical_optimizer_rules(rules)
        .build();
    let session = SessionContext::new_with_state(state);
    for function in functions::all() {
        session.register_udf(function);
    }
    Ok(session)
}
