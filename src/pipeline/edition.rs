//! Marts and publish: a new edition, when the lake, the marts, the seeds or the program changed.

use std::collections::BTreeMap;

use arrow::record_batch::RecordBatch;

use super::{Event, RunError, Site, Step, lake, tables};
use crate::files;
use crate::lake::rows;
use crate::stages::marts::{self, Built, Failure, Resources};
use crate::stages::publish;
use crate::stages::publish::editions::{self, NewFile};
use crate::stages::publish::manifest::Manifest;
use crate::stages::store::{self, Depth};

/// What became of a publication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Publication {
    /// The newest edition is made from just these inputs.
    Unchanged(u32),
    /// A new edition.
    Published(u32),
    /// Tests of marts fail: no edition was made, readers keep the one they have.
    HeldBack(Vec<Failure>),
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

/// Publishes an edition if anything changed, or whenever `is_forced`; for no particular reason.
pub fn publish(site: &Site<'_>, is_forced: bool) -> Result<Publication, RunError> {
    publish_for(site, is_forced, &Occasion::default())
}

/// Publishes an edition if anything changed, or whenever `is_forced`.
///
/// When the newest edition is made from just these inputs, `marts` stays where it points: somebody
/// may have rolled it back to an older one.
pub fn publish_for(
    site: &Site<'_>,
    is_forced: bool,
    occasion: &Occasion,
) -> Result<Publication, RunError> {
    let root = site.output.root();
    lake::mend(site, Depth::Sizes)?;
    let mut parts = made_from(site)?;
    let mut inputs = one_fingerprint(&parts);
    let newest = editions::numbers(root)?.last().copied().unwrap_or_default();
    if newest > 0 && !is_forced && editions::manifest(root, newest)?.inputs == inputs {
        if editions::current(root).is_none() {
            editions::point_at(root, newest)?;
        }
        return Ok(Publication::Unchanged(newest));
    }
    site.stop.check()?;
    if lake::mend(site, Depth::Bytes)? {
        parts = made_from(site)?;
        inputs = one_fingerprint(&parts);
    }
    let project = &site.workshop.project;
    let built = build(site)?;
    if !built.failures.is_empty() {
        return Ok(Publication::HeldBack(built.failures));
    }
    (site.report)(Event::Began { step: Step::Publishing, pieces: 2 });
    let batches = public(built);
    let edition = newest + 1;
    let mut new = publish::tables(&batches, &project.settings, &inputs)?;
    new.extend(publish::briefs(&batches, &project.settings, edition));
    (site.report)(Event::Advanced);
    let mut manifest = manifest(site, edition, &new);
    (manifest.inputs, manifest.made_from) = (inputs, parts);
    let Occasion { who, why, backfill } = occasion.clone();
    (manifest.who, manifest.why, manifest.backfill) = (who, why, backfill);
    editions::write(root, &manifest, &new)?;
    (site.report)(Event::Advanced);
    (site.report)(Event::Ended);
    tracing::info!(edition, "edition published");
    Ok(Publication::Published(edition))
}

/// Makes anew what is damaged in the lake, as a publication does before it builds the marts.
pub fn mend(site: &Site<'_>) -> Result<(), RunError> {
    lake::mend(site, Depth::Bytes).map(|_| ())
}

/// The marts of the lake as it is, with the promises they break; nothing is written.
pub fn build(site: &Site<'_>) -> Result<Built, RunError> {
    let project = &site.workshop.project;
    (site.report)(Event::Began { step: Step::Building, pieces: 1 });
    let tables = tables::of(site)?;
    let built = tables::block_on(marts::build(&project.marts, &tables, Resources::default()))??;
    (site.report)(Event::Advanced);
    (site.report)(Event::Ended);
    Ok(built)
}

/// The rows of the marts that readers see, by name.
pub fn public(built: Built) -> BTreeMap<String, RecordBatch> {
    let public = built.marts.into_iter().filter(|mart| !mart.is_intermediate);
    public.map(|mart| (mart.name, mart.batch)).collect()
}

fn one_fingerprint(made_from: &BTreeMap<String, String>) -> String {
    files::fingerprint(made_from.iter().map(|(name, hash)| (name.as_str(), hash.as_str())))
}

/// Fingerprints of everything an edition depends on.
fn made_from(site: &Site<'_>) -> Result<BTreeMap<String, String>, RunError> {
    let texts = &site.workshop.project.texts;
    let lake = site.output.lake();
    let mut parts = BTreeMap::from([
        ("program".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
        ("jobs".to_owned(), texts.fingerprint(&["jobs/marts/", "jobs/pipeline.toml"])),
        ("seeds".to_owned(), texts.fingerprint(&["seeds/"])),
    ]);
    // Who is late follows from the newest deadline that has passed: marts know no clock.
    if let Some(deadline) = site.workshop.project.seeds.calendar.last_deadline(site.now) {
        parts.insert("deadline".to_owned(), deadline.to_rfc3339());
    }
    for partition in rows::partitions(&lake)? {
        if let Some(marks) = store::marks(&lake, &partition)? {
            parts.insert(format!("lake/{partition}"), marks.inputs);
        }
    }
    Ok(parts)
}

/// The manifest of an edition but for what it was made from and why.
fn manifest(site: &Site<'_>, edition: u32, new: &[NewFile]) -> Manifest {
    let district = &site.workshop.project.settings.district;
    Manifest {
        edition,
        created_at: site.now,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        region_code: district.region_code.clone(),
        is_synthetic: district.is_synthetic,
        who: None,
        why: None,
        backfill: None,
        inputs: String::new(),
        made_from: BTreeMap::new(),
        files: new.iter().map(NewFile::entry).collect(),
    }
}
