//! Marts and publish: a new edition, when anything that readers see changed.
//!
//! An edition that would move figures which are published already, and not because of what was received,
//! waits for a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::reason::{self, Awaited, Causes};
use super::revision::{self, Marts};
use super::sources::Sources;
use super::{Event, RunError, Site, Step, month, steps, tables};
use crate::files;
use crate::files::parquet::TableError;
use crate::lake::owed::Filed;
use crate::lake::rows;
use crate::project::inputs::Inputs;
use crate::stages::marts::{self, Built, Failure, MartError, StepFile};
use crate::stages::publish::brief::index;
use crate::stages::publish::editions::{self, Equal, NewFile};
use crate::stages::publish::manifest::{FileEntry, Manifest};
use crate::stages::publish::pages::{self, Kept, PageInputs};
use crate::stages::publish::{self, Stamp};
use crate::stages::store::Depth;

/// So many of the newest editions are listed on the page of all; `yuebao edition list` has the others.
const LISTED: usize = 24;

/// What became of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publication {
    /// This edition holds just what a new one would.
    Unchanged(u32),
    /// A new edition.
    Published(u32),
    /// Tests of marts fail: no edition was made, readers keep the one they have.
    HeldBack(Vec<Failure>),
    /// Published figures would change for another reason than workbooks and deadlines, and nobody gave
    /// one: no edition was made, readers keep the one they have.
    AwaitsReason(Box<Awaited>),
    /// No report counts and nothing was published yet.
    NothingReported,
}

/// What leads to an edition: kept in its manifest, never part of its figures.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Occasion {
    /// Who asked for it, account and machine.
    pub who: Option<String>,
    /// The reason given.
    pub why: Option<String>,
    /// The backfill it ends.
    pub backfill: Option<i64>,
}

/// Publishes an edition if anything that readers see changed. The marts are built to find out where the
/// inputs changed, or whenever `is_forced`.
///
/// Where the newest edition holds just that already, `marts` stays where it points: somebody may have
/// rolled it back to an older one.
pub fn publish_for(
    site: &Site<'_>,
    is_forced: bool,
    occasion: &Occasion,
) -> Result<Publication, RunError> {
    let root = site.output.root();
    month::mend(site, Depth::Sizes)?;
    let mut sources = Sources::of(site)?;
    let known = known(site)?;
    let equal = editions::equal(root);
    let inputs = sources.fingerprint();
    let is_of = |known: &&Manifest| {
        let is_equal = |equal: &Equal| equal.edition == known.edition && equal.inputs == inputs;
        known.inputs == inputs || equal.as_ref().is_some_and(is_equal)
    };
    if let Some(of) = known.iter().find(is_of).filter(|_| !is_forced) {
        return unchanged(site, of.edition);
    }
    site.stop.check()?;
    if month::mend(site, Depth::Bytes)? {
        sources = Sources::of(site)?;
    }
    if !is_anything_reported(site)? {
        return Ok(if known.is_empty() { Publication::NothingReported } else { nothing_left() });
    }
    let built = build(site, &sources, is_forced)?;
    if !built.failures.is_empty() {
        return Ok(Publication::HeldBack(built.failures));
    }
    publish_drafted(site, &Draft::of(site, built)?, (sources, &known), occasion)
}

/// The marts that readers see, and the files a build left of them.
#[derive(Debug)]
pub struct PublicMarts {
    /// Their rows by name.
    pub rows: Marts,
    /// The files by mart.
    pub files: BTreeMap<String, StepFile>,
}

/// What is to be published.
struct Draft {
    marts: PublicMarts,
    pages: PageInputs,
}

impl Draft {
    fn of(site: &Site<'_>, built: Built) -> Result<Self, RunError> {
        let marts = public(built);
        let pages = pages::inputs(&marts.rows, &marts.files, &site.workshop.project)?;
        Ok(Self { marts, pages })
    }

    /// Its tables as an edition with a stamp would bear them.
    fn tables(&self, site: &Site<'_>, stamp: &Stamp<'_>) -> Result<Vec<NewFile>, TableError> {
        publish::tables(&self.marts.rows, &self.marts.files, &site.workshop.project.settings, stamp)
    }
}

fn publish_drafted(
    site: &Site<'_>,
    draft: &Draft,
    (sources, known): (Sources, &[Manifest]),
    occasion: &Occasion,
) -> Result<Publication, RunError> {
    let root = site.output.root();
    let span = |name| tracing::debug_span!("publish", step = name).entered();
    let holding = span("hold against the known");
    let (equal, kept) = held_against(site, draft, known)?;
    drop(holding);
    if let Some(edition) = equal {
        let kinds = sources.inputs.clone();
        editions::keep_equal(root, &Equal { edition, inputs: sources.fingerprint(), kinds })?;
        return unchanged(site, edition);
    }
    let comparing = span("compare");
    let compared = match compare(root, &draft.marts, &sources.inputs) {
        Err(RunError::Table(error @ TableError::Edition { .. })) => {
            tracing::warn!(%error, "nobody can tell what a new edition changes");
            None
        }
        compared => compared?,
    };
    drop(comparing);
    let _writing = span("write");
    match compared {
        Some((awaited, _)) if !awaited.causes.is_empty() && occasion.why.is_none() => {
            Ok(Publication::AwaitsReason(Box::new(awaited)))
        }
        compared => {
            let moved = compared.map(|(awaited, moved)| (awaited.edition, moved));
            write(site, draft, (sources, moved), occasion, kept)
        }
    }
}

/// The newest edition and, last, the one that readers see, if that is another.
fn known(site: &Site<'_>) -> Result<Vec<Manifest>, RunError> {
    let root = site.output.root();
    let newest = editions::numbers(root)?.last().copied();
    let seen = editions::current(root).filter(|seen| Some(*seen) != newest);
    let manifests = newest.into_iter().chain(seen).map(|it| editions::manifest(root, it));
    Ok(manifests.collect::<Result<_, _>>()?)
}

/// An edition, and what of its pages still holds.
type KeptOf = (u32, Kept);

/// Which of the known editions holds just what a new one would, and what still holds of the newest one's
/// pages.
fn held_against(
    site: &Site<'_>,
    draft: &Draft,
    known: &[Manifest],
) -> Result<(Option<u32>, Option<KeptOf>), RunError> {
    let project = &site.workshop.project;
    let mut newest = None;
    for of in known {
        let kept = pages::kept(&draft.marts.rows, &draft.pages, project, of)?;
        let stamp = Stamp { inputs: &of.inputs, program: &of.program };
        let mut new = draft.tables(site, &stamp)?;
        new.push(pages::index(project, of.edition, &kept.origins)?);
        if entries(&new, &kept) == of.files {
            return Ok((Some(of.edition), None));
        }
        newest.get_or_insert((of.edition, kept));
    }
    Ok((None, newest))
}

fn unchanged(site: &Site<'_>, edition: u32) -> Result<Publication, RunError> {
    let root = site.output.root();
    match editions::current(root) {
        None => show(site, edition)?,
        Some(seen) if !root.join(index::FILE).exists() => show(site, seen)?,
        Some(_) => {}
    }
    Ok(Publication::Unchanged(edition))
}

/// Lets readers see an edition: the page that lists the editions says so, then `marts` points at it, each
/// in one step.
pub fn show(site: &Site<'_>, edition: u32) -> Result<(), RunError> {
    let root = site.output.root();
    let mut listed: BTreeSet<u32> =
        editions::numbers(root)?.into_iter().rev().take(LISTED).collect();
    listed.insert(edition);
    // What cannot be read is told where it is needed.
    let manifests = listed.into_iter().rev().filter_map(|it| editions::manifest(root, it).ok());
    let html = index::of_editions(&site.workshop.project, manifests, edition)?;
    files::write(&root.join(index::FILE), html.as_bytes())?;
    Ok(editions::point_at(root, edition)?)
}

/// A rule or the roster leaves nothing of what was published: readers keep what they have, and somebody
/// is told.
fn nothing_left() -> Publication {
    let [mart, test] = ["headline", "some report counts"].map(str::to_owned);
    Publication::HeldBack(vec![Failure { mart, test, count: 0, rows: Vec::new(), cause: None }])
}

/// Whether any report of the lake counts.
fn is_anything_reported(site: &Site<'_>) -> Result<bool, RunError> {
    let lake = site.output.lake();
    for partition in rows::partitions(&lake)?.iter().rev() {
        if rows::submissions(&lake, partition)?.iter().any(|row| row.is_current) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What marts would change of the edition that readers see: what of it needs a reason, and what moves
/// each month. `None` before the first edition.
pub fn compare(
    root: &Path,
    marts: &PublicMarts,
    inputs: &Inputs,
) -> Result<Option<(Awaited, Causes)>, RunError> {
    let newest = editions::numbers(root)?.last().copied();
    let Some(edition) = editions::current(root).or(newest) else { return Ok(None) };
    let equal = editions::equal(root).filter(|equal| equal.edition == edition);
    let known = match equal {
        Some(equal) => equal.kinds,
        None => editions::manifest(root, edition)?.kinds,
    };
    let (before, after) = revision::since(root, edition, (&marts.rows, &marts.files))?;
    let revision = revision::compare(&before, &after)?;
    let moved = reason::moved(&revision, &known, inputs);
    let causes = reason::needed(&revision, &moved);
    Ok(Some((Awaited { edition, causes, revision }, moved)))
}

/// Writes the next edition; `moved` is what moved which month since which edition, `kept` what of whose
/// pages still holds.
fn write(
    site: &Site<'_>,
    draft: &Draft,
    (sources, moved): (Sources, Option<(u32, Causes)>),
    occasion: &Occasion,
    kept: Option<KeptOf>,
) -> Result<Publication, RunError> {
    (site.report)(Event::Began { step: Step::Publishing, pieces: 2 });
    let root = site.output.root();
    let project = &site.workshop.project;
    let district = &project.settings.district;
    let edition = editions::numbers(root)?.last().map_or(1, |newest| newest + 1);
    let (inputs, program) = (sources.fingerprint(), env!("CARGO_PKG_VERSION"));
    let mut new = draft.tables(site, &Stamp { inputs: &inputs, program })?;
    let is_sound = |(of, kept): &KeptOf| editions::are_sound(root, *of, &kept.files);
    let (before, kept) = kept.filter(is_sound).unwrap_or_default();
    let (made, pages) = pages::made(&draft.marts.rows, &draft.pages, project, (edition, &kept))?;
    new.extend(made);
    (site.report)(Event::Advanced);
    let Occasion { who, why, backfill } = occasion.clone();
    let (since, moved) = moved.unzip();
    let manifest = Manifest {
        edition,
        created_at: site.now,
        program: program.to_owned(),
        region_code: district.region_code.clone(),
        is_synthetic: district.is_synthetic,
        who,
        why,
        backfill,
        since,
        moved: moved.unwrap_or_default(),
        inputs,
        made_from: sources.parts,
        kinds: sources.inputs,
        pages,
        files: entries(&new, &kept),
    };
    editions::write(root, &manifest, &new, (before, &kept.files))?;
    show(site, edition)?;
    (site.report)(Event::Advanced);
    (site.report)(Event::Ended);
    tracing::info!(edition, "edition published");
    Ok(Publication::Published(edition))
}

/// The files of an edition by name: those it makes and those it keeps.
fn entries(new: &[NewFile], kept: &Kept) -> Vec<FileEntry> {
    let mut entries: Vec<_> = new.iter().map(NewFile::entry).collect();
    entries.extend(kept.files.iter().cloned());
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    entries
}

/// Makes anew what is damaged in the lake, as a publication does before it builds the marts.
pub fn mend(site: &Site<'_>) -> Result<(), RunError> {
    month::mend(site, Depth::Bytes).map(|_| ())
}

/// The marts of the lake as it is, with the promises they break. Nothing that readers see is written; with
/// `is_anew` nothing is trusted that an earlier build left.
pub fn build(site: &Site<'_>, sources: &Sources, is_anew: bool) -> Result<Built, RunError> {
    (site.report)(Event::Began { step: Step::Building, pieces: 1 });
    let plans = site.workshop.plans().map_err(|faults| MartError::Sql(faults.to_vec()))?;
    let zone = site.workshop.project.settings.time_zone;
    let filed = Filed::of(&site.output.lake(), zone)?;
    let tables = tables::of(site, &filed)?;
    let before = steps::before(site, (sources, &filed), is_anew)?;
    let built = tables::block_on(marts::build(plans, &tables, Some(&before)))??;
    if built.failures.is_empty() {
        steps::keep(site, &before.folder, (sources, &filed), &built)?;
    }
    (site.report)(Event::Advanced);
    (site.report)(Event::Ended);
    Ok(built)
}

/// The marts that readers see.
pub fn public(built: Built) -> PublicMarts {
    let public = built.marts.into_iter().filter(|mart| !mart.is_intermediate);
    let rows = public.map(|mart| (mart.name, mart.batch)).collect();
    PublicMarts { rows, files: built.left }
}
