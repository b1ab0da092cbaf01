//! What a physical plan cannot run without: one partition and the order of rows, where a step needs them.
//!
//! The engine's own rules also spread a plan over partitions and look for cheaper shapes. Over the few
//! thousand rows of a district that takes many times as long as running the plan.

use std::sync::Arc;

use datafusion::common::tree_node::{Transformed, TransformedResult, TreeNode};
use datafusion::config::ConfigOptions;
use datafusion::error::Result;
use datafusion::physical_expr::{Distribution, LexOrdering, OrderingRequirements};
use datafusion::physical_optimizer::PhysicalOptimizerRule;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::execution_plan::replace_children_if_necessary;
use datafusion::physical_plan::sorts::sort::SortExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};

/// The rule.
#[derive(Debug)]
pub(super) struct Requirements;

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
