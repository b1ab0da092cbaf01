//! The one place a query session is made, every option that matters spelled out.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::execution::session_state::SessionStateBuilder;
use datafusion::optimizer::Optimizer;
use datafusion::physical_expr::{Distribution, LexOrdering, OrderingRequirements};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_optimizer::filter_pushdown::FilterPushdown;
use datafusion::physical_optimizer::optimizer::PhysicalOptimizer;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use datafusion::prelude::{SessionConfig, SessionContext};

use super::functions;

/// Bytes that sorts, joins and aggregates may hold together before they go to disk: the marts of a
/// district need a hundredth of it.
const MEMORY_BYTES: usize = 4 << 30;

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
    // Of a large table only what the other side of a join asks for is read.
    steps.push(Arc::new(FilterPushdown::new_post_optimization()));
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

/// What a physical plan cannot run without: one partition and the order of rows, where a step needs them.
///
/// The engine's own rules also spread a plan over partitions and look for cheaper shapes. Over the few
/// thousand rows of a district that takes many times as long as running the plan.
#[derive(Debug)]
struct Requirements;

impl PhysicalOptimizerRule for Requirements {
    fn optimize(
        &self,
        plan: Arc<dyn ExecutionPlan>,
        _: &ConfigOptions,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        plan.transform_up(|step| met(step).map(Transformed::yes)).data()
    }

    fn name(&self) -> &'static str {
        "requirements"
    }

    fn schema_check(&self) -> bool {
        true
    }
}

/// A step over inputs as it needs them.
fn met(step: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let wanted = step.input_distribution_requirements().into_per_child();
    let wanted = wanted.into_iter().zip(step.required_input_ordering());
    let inputs = step.children().into_iter().zip(wanted).map(|(input, (distribution, order))| {
        let mut input = Arc::clone(input);
        let is_split = input.output_partitioning().partition_count() > 1;
        if is_split && !matches!(distribution, Distribution::UnspecifiedDistribution) {
            input = Arc::new(CoalescePartitionsExec::new(input));
        }
        let Some(OrderingRequirements::Hard(orders)) = order else { return Ok(input) };
        let Some(order) = orders.into_iter().next() else { return Ok(input) };
        if input.equivalence_properties().ordering_satisfy_requirement(order.clone())? {
            return Ok(input);
        }
        Ok(match LexOrdering::new(order.into_iter().map(Into::into)) {
            Some(order) => Arc::new(SortExec::new(order, input)),
            None => input,
        })
    });
    let inputs = inputs.collect::<Result<_>>()?;
    replace_children_if_necessary(step, inputs)
}
