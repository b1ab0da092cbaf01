//! A build at work: each mart as soon as those it reads are there, as many side by side as there are cores.
//!
//! In: planned marts, the tables they read, what an earlier build left. Out: the marts in their order, the
//! promises they break, the files that are left. What can go wrong: the first mart in the order that fails
//! ends the build.

use std::collections::BTreeSet;
use std::num::NonZero;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use arrow::array::RecordBatch;
use arrow::compute::concat_batches;
use datafusion::prelude::SessionContext;
use tokio::runtime::Handle;
use tracing::Instrument;

use super::steps::StepFile;
use super::{Built, BuiltMart, Failure, MartError, Planned, Steps, Tables, schema, shape, verify};
use crate::files::parquet;

/// Marts built side by side at most: they share the memory of one session.
const SIDE_BY_SIDE: usize = 4;

pub(super) struct Building<'a> {
    session: SessionContext,
    tables: &'a Tables,
    steps: Option<&'a Steps>,
    /// The marts that are built, by name: no table bears it.
    names: BTreeSet<&'a str>,
    progress: Mutex<BuildProgress<'a>>,
    /// Told whenever a mart is there, or none will be any more.
    turn: Condvar,
}

/// How far a build has come; marts go by their places in the order.
#[derive(Default)]
struct BuildProgress<'a> {
    /// The tables there are, marts among them.
    known: Tables,
    waiting: Vec<(usize, &'a Planned)>,
    there: BTreeSet<&'a str>,
    made: Vec<(usize, Made)>,
    failed: Vec<(usize, MartError)>,
}

/// A mart with what its build came to.
struct Made {
    mart: BuiltMart,
    failures: Vec<Failure>,
    left: Option<StepFile>,
}

impl<'a> Building<'a> {
    pub(super) fn new(
        session: SessionContext,
        marts: impl IntoIterator<Item = &'a Planned>,
        (tables, steps): (&'a Tables, Option<&'a Steps>),
    ) -> Self {
        let waiting: Vec<_> = marts.into_iter().enumerate().collect();
        let names = waiting.iter().map(|(_, planned)| planned.mart.name.as_str());
        let names = names.filter(|name| !tables.providers.contains_key(*name)).collect();
        let progress = BuildProgress { known: tables.clone(), waiting, ..BuildProgress::default() };
        let progress = Mutex::new(progress);
        Self { session, tables, steps, names, progress, turn: Condvar::new() }
    }

    /// Builds all; the calling thread waits.
    pub(super) fn run(self, runtime: &Handle) -> Result<Built, MartError> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get).min(SIDE_BY_SIDE);
        thread::scope(|scope| {
            for _ in 0..cores {
                scope.spawn(|| self.work(runtime));
            }
        });
        let progress = self.progress.into_inner().unwrap_or_else(PoisonError::into_inner);
        let BuildProgress { mut made, failed, .. } = progress;
        if let Some((_, error)) = failed.into_iter().min_by_key(|(place, _)| *place) {
            return Err(error);
        }
        made.sort_by_key(|(place, _)| *place);
        let mut built = Built::default();
        for (_, Made { mart, failures, left }) in made {
            built.failures.extend(failures);
            built.left.extend(left.map(|left| (mart.name.clone(), left)));
            built.marts.push(mart);
        }
        Ok(built)
    }

    fn progress(&self) -> MutexGuard<'_, BuildProgress<'a>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, runtime: &Handle) {
        while let Some((place, planned, known)) = self.next() {
            let span = tracing::debug_span!("mart", name = %planned.mart.name);
            let _waiting = ReleasedByPanic(self);
            let made = runtime.block_on(self.make(planned, known).instrument(span));
            let mut progress = self.progress();
            match made {
                Ok((made, known)) => {
                    let name = planned.mart.name.as_str();
                    if let Some(rows) =
                        known.providers.get(name).filter(|_| self.names.contains(name))
                    {
                        progress.known.providers.insert(name.to_owned(), rows.clone());
                    }
                    progress.there.insert(name);
                    progress.made.push((place, made));
                }
                Err(error) => {
                    // Those before it in the order are still built: the first to fail is told.
                    progress.waiting.retain(|(other, _)| *other < place);
                    progress.failed.push((place, error));
                }
            }
            drop(progress);
            self.turn.notify_all();
        }
    }

    /// The next mart that can be built, with the tables it may read; waits until there is one.
    fn next(&self) -> Option<(usize, &'a Planned, Tables)> {
        let mut progress = self.progress();
        loop {
            if progress.waiting.is_empty() {
                return None;
            }
            let is_there = |read: &String| {
                !self.names.contains(read.as_str()) || progress.there.contains(read.as_str())
            };
            let is_ready = |(_, it): &(usize, &Planned)| it.mart.reads.iter().all(is_there);
            if let Some(at) = progress.waiting.iter().position(is_ready) {
                let (place, planned) = progress.waiting.remove(at);
                return Some((place, planned, progress.known.clone()));
            }
            progress = self.turn.wait(progress).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Builds a mart; also the tables with it among them.
    async fn make(&self, planned: &Planned, known: Tables) -> Result<(Made, Tables), MartError> {
        let steps = self.steps.filter(|_| !planned.mart.looks_ahead);
        let made = self.make_from(planned, known.clone(), steps).await?;
        let is_in_part = steps.is_some_and(|steps| steps.from.is_some());
        if made.0.failures.is_empty() || !is_in_part {
            return Ok(made);
        }
        // What fails is told of all months, and what reads it reads all of them.
        self.make_from(planned, known, None).await
    }

    async fn make_from(
        &self,
        planned: &Planned,
        mut known: Tables,
        steps: Option<&Steps>,
    ) -> Result<(Made, Tables), MartError> {
        let mart = &planned.mart;
        let assemble = |source| MartError::Rows { mart: mart.name.clone(), source };
        let failed = |error| MartError::of_query(mart, error);
        let keep = |source| MartError::Keep { mart: mart.name.clone(), source };
        let kept = steps.and_then(|steps| steps.kept(mart));
        let from = steps.and_then(|steps| steps.from).filter(|_| kept.is_some());
        let rows = planned.rows.run(&self.session, &known, from).await.map_err(failed)?;
        let mut batch = shape::one_batch(mart, &rows).map_err(assemble)?;
        let mut failures = verify::promises(mart, &batch).map_err(assemble)?;
        let steps = steps.filter(|_| failures.is_empty());
        let write = |steps: &Steps| steps.write(mart, &schema(mart), (kept.as_ref(), &batch));
        let left = steps.map(write).transpose().map_err(keep)?;
        let file = steps.filter(|_| kept.is_some()).map(|steps| steps.path(&mart.name));
        for name in self.tables.names_of(mart) {
            match &file {
                Some(file) => known.add_file(name, file, &schema(mart))?,
                None => known.add_batch(name, &batch),
            }
        }
        for (check, query) in mart.reconciliations.iter().zip(&planned.checks) {
            let offending = query.run(&self.session, &known, from).await.map_err(failed)?;
            let offending = concat_batches(&query.schema(), &offending).map_err(assemble)?;
            failures.extend(verify::failure(mart, &check.name, &offending));
        }
        if let Some(file) = file.filter(|_| !mart.is_intermediate()) {
            batch = parquet::read(&file).map_err(keep)?;
        }
        let schema = shape::promised(mart, &batch);
        let batch = RecordBatch::try_new(schema, batch.columns().to_vec()).map_err(assemble)?;
        let (name, is_intermediate) = (mart.name.clone(), mart.is_intermediate());
        let mart = BuiltMart { name, is_intermediate, batch };
        Ok((Made { mart, failures, left }, known))
    }
}

/// Lets nobody wait for a mart whose build panicked.
struct ReleasedByPanic<'a, 'b>(&'a Building<'b>);

impl Drop for ReleasedByPanic<'_, '_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.progress().waiting.clear();
            self.0.turn.notify_all();
        }
    }
}
