//! The lake brought up to date partition by partition, and what is damaged in it made anew.
//!
//! In: partitions, in any order. Out: what became of each. A stale month is held against sound ones
//! only: a damaged month it looks back at is made anew first, from the archive, whatever the scope.
//! What the archive has nothing of stays as it is and is an error.

use std::collections::BTreeMap;
use std::path::Path;

use super::context::{Context, months_back};
use super::month::{self, Outcome};
use super::plan::Work;
use super::{RunError, Site};
use crate::domain::partition::Partition;
use crate::files::parquet::TableError;
use crate::lake::rows;
use crate::stages::parse::Book;
use crate::stages::store::{self, Depth};

/// The lake while it is worked at.
pub(super) struct Lake<'a> {
    site: &'a Site<'a>,
    context: Context,
    books: BTreeMap<String, Book>,
    /// What was brought up to date.
    pub(super) done: BTreeMap<Partition, Outcome>,
    has_shared: bool,
}

impl<'a> Lake<'a> {
    /// The lake, nothing done yet; `books` are workbooks read already, by hash.
    pub(super) fn new(site: &'a Site<'a>, books: BTreeMap<String, Book>) -> Self {
        let context = Context::new(site.output.lake());
        Self { site, context, books, done: BTreeMap::new(), has_shared: false }
    }

    /// Brings a partition up to date; one that is so already only if `is_forced`.
    pub(super) fn bring(&mut self, partition: Partition, is_forced: bool) -> Result<(), RunError> {
        let mut work = self.look(partition)?;
        if !is_forced && work.is_up_to_date() {
            return Ok(());
        }
        if self.mend_before(partition)? {
            work = self.look(partition)?;
            if !is_forced && work.is_up_to_date() {
                return Ok(());
            }
        }
        let outcome = month::build(self.site, &work, &mut self.context, &mut self.books)?;
        let reports = outcome.tally.reports;
        tracing::info!(period = %partition, reports, "month brought up to date");
        self.has_shared |= outcome.shared > 0;
        self.done.insert(partition, outcome);
        Ok(())
    }

    /// Whether workbooks have been put on other partitions since it was last asked: then these are stale.
    pub(super) fn has_shared(&mut self) -> bool {
        std::mem::take(&mut self.has_shared)
    }

    fn look(&mut self, partition: Partition) -> Result<Work, RunError> {
        Work::look(self.site.workshop, self.site.output, partition, &mut self.context)
    }

    /// Makes anew what is damaged of the months a month looks back at; says whether anything was.
    fn mend_before(&mut self, partition: Partition) -> Result<bool, RunError> {
        let Partition::Month(period) = partition else { return Ok(false) };
        let mut has_mended = false;
        for back in months_back(period) {
            if let Some(damage) = self.context.look_through(&back.to_string())? {
                self.mend(Partition::Month(back), damage)?;
                has_mended = true;
            }
        }
        Ok(has_mended)
    }

    fn mend(&mut self, partition: Partition, damage: TableError) -> Result<(), RunError> {
        if self.look(partition)?.entries.is_empty() {
            return Err(RunError::Lost { partition: partition.to_string(), source: damage });
        }
        if let TableError::Damaged { path, source } = &damage {
            let path =
                Path::new(path).strip_prefix(self.site.output.root()).unwrap_or(path.as_ref());
            tracing::warn!(period = %partition, file = %path.display(), reason = %source, "damaged or incomplete: made anew from the archive");
        }
        self.bring(partition, true)
    }
}

/// Makes anew whatever is damaged in the lake; says whether anything was.
pub(super) fn mend(site: &Site<'_>, depth: Depth) -> Result<bool, RunError> {
    let folder = site.output.lake();
    let mut lake = Lake::new(site, BTreeMap::new());
    for partition in rows::partitions(&folder)? {
        let Some(damage) = store::condition(&folder, &partition, depth)?.damage else { continue };
        let Some(partition) = Partition::named(&partition) else { continue };
        if !lake.done.contains_key(&partition) {
            lake.mend(partition, damage)?;
        }
    }
    Ok(!lake.done.is_empty())
}
