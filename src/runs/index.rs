//! Brings the ledger's index of submissions in step with the lake.
//!
//! In: the lake and an open ledger. Out: how many partitions were taken over or taken out. A
//! partition whose fingerprint the index has already costs a look at its file's footer.

use crate::lake::rows;
use crate::ledger::Ledger;
use crate::pipeline::RunError;
use crate::pipeline::output::Output;
use crate::stages::store::{self, Depth};

use super::OrderError;

/// Partitions in which index and lake differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// Those whose rows are to be taken over, each with the fingerprint it bears.
    pub changed: Vec<(String, String)>,
    /// Those the lake no longer has.
    pub gone: Vec<String>,
}

impl Behind {
    /// All of them, in order.
    pub fn partitions(self) -> Vec<String> {
        let changed = self.changed.into_iter().map(|(partition, _)| partition);
        let mut partitions: Vec<String> = changed.chain(self.gone).collect();
        partitions.sort();
        partitions
    }
}

/// Looks where the index is behind the lake; reads footers only.
pub async fn behind(ledger: &Ledger, output: &Output) -> Result<Behind, OrderError> {
    let mut indexed = ledger.indexed().await?;
    let lake = output.lake();
    let mut behind = Behind::default();
    for partition in rows::partitions(&lake).map_err(RunError::from)? {
        // A partition that was never finished has no marks; the next run finishes it.
        // One that is damaged is made anew before anything is published; its rows stay till then.
        let known = indexed.remove(&partition);
        let found = store::condition(&lake, &partition, Depth::Sizes).map_err(RunError::from)?;
        let Some(marks) = found.marks.filter(|_| found.damage.is_none()) else { continue };
        if known.as_ref() != Some(&marks.inputs) {
            behind.changed.push((partition, marks.inputs));
        }
    }
    behind.gone = indexed.into_keys().collect();
    Ok(behind)
}

/// Brings the index in step with the lake; only for whoever holds the output's lock. Returns how
/// many partitions were taken over or taken out.
pub async fn sync(ledger: &Ledger, output: &Output) -> Result<usize, OrderError> {
    let Behind { changed, gone } = behind(ledger, output).await?;
    for (partition, inputs) in &changed {
        let rows = rows::submissions(&output.lake(), partition).map_err(RunError::from)?;
        ledger.index(partition, inputs, &rows).await?;
    }
    for partition in &gone {
        ledger.unindex(partition).await?;
    }
    Ok(changed.len() + gone.len())
}
