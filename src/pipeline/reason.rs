//! What moves published figures, and whether that needs somebody's reason.
//!
//! In: what would change, what the edition that readers see was made from and what the new one would be.
//! Out: for each month the kinds of input that moved it. Received workbooks and deadlines that pass move
//! figures by themselves; a program, a rule or a roster that changes what is published already does not.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::revision::Revision;
use crate::domain::period::Period;
use crate::project::inputs::{Input, Inputs};

/// The kinds of input that move each month.
pub type Causes = BTreeMap<Period, BTreeSet<Input>>;

/// An edition that waits for a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Awaited {
    /// The edition whose figures would change: readers keep it.
    pub edition: u32,
    /// What would change figures that are published already, by month.
    pub causes: Causes,
    /// All that would change.
    #[serde(flatten)]
    pub revision: Revision,
}

/// What moved each month that differs at all.
pub fn moved(revision: &Revision, before: &Inputs, after: &Inputs) -> Causes {
    let months = revision.months().into_keys();
    months.map(|period| (period, after.differing(before, period))).collect()
}

/// Of what moved, the months in which a figure that is published already changes for another reason
/// than workbooks and deadlines.
pub fn needed(revision: &Revision, moved: &Causes) -> Causes {
    let mut needed = moved.clone();
    let months = revision.months();
    needed.retain(|period, kinds| {
        let is_published = months.get(period).copied().unwrap_or_default();
        is_published && !kinds.iter().all(|kind| kind.needs_no_reason())
    });
    needed
}
