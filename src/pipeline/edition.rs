//! Marts and publish: a new edition, when the lake, the marts, the seeds or the program changed.

use std::collections::BTreeMap;

use super::{Event, RunError, Site, Step, tables};
use crate::files;
use crate::stages::marts::{self, Failure, Resources};
use crate::stages::publish;
use crate::stages::publish::editions::{self, NewFile};
use crate::stages::publish::manifest::Manifest;
use crate::stages::store;

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

/// Publishes an edition if anything changed, or whenever `is_forced`.
pub fn publish(site: &Site<'_>, is_forced: bool) -> Result<Publication, RunError> {
    let root = site.output.root();
    let made_from = made_from(site)?;
    let inputs =
        files::fingerprint(made_from.iter().map(|(name, hash)| (name.as_str(), hash.as_str())));
    let newest = editions::numbers(root)?.last().copied().unwrap_or_default();
    if newest > 0 && !is_forced && editions::manifest(root, newest)?.inputs == inputs {
        if editions::current(root).is_none() {
            editions::point_at(root, newest)?;
        }
        return Ok(Publication::Unchanged(newest));
    }
    (site.report)(Event::Began { step: Step::Publishing, pieces: 3 });
    let project = &site.workshop.project;
    let tables = tables::of(project, site.output)?;
    let built = tables::block_on(marts::build(&project.marts, &tables, Resources::default()))??;
    (site.report)(Event::Advanced);
    if !built.failures.is_empty() {
        (site.report)(Event::Ended);
        return Ok(Publication::HeldBack(built.failures));
    }
    let public = built.marts.into_iter().filter(|mart| !mart.is_intermediate);
    let batches = public.map(|mart| (mart.name, mart.batch)).collect();
    let edition = newest + 1;
    let mut new = publish::tables(&batches, &project.settings, &inputs)?;
    new.extend(publish::briefs(&batches, &project.settings, edition));
    (site.report)(Event::Advanced);
    editions::write(root, &manifest(site, edition, inputs, made_from, &new), &new)?;
    (site.report)(Event::Advanced);
    (site.report)(Event::Ended);
    tracing::info!(edition, "edition published");
    Ok(Publication::Published(edition))
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
    for partition in store::partitions(&lake)? {
        if let Some(marks) = store::marks(&lake, &partition)? {
            parts.insert(format!("lake/{partition}"), marks.inputs);
        }
    }
    Ok(parts)
}

fn manifest(
    site: &Site<'_>,
    edition: u32,
    inputs: String,
    made_from: BTreeMap<String, String>,
    new: &[NewFile],
) -> Manifest {
    let district = &site.workshop.project.settings.district;
    Manifest {
        edition,
        created_at: site.now,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        region_code: district.region_code.clone(),
        is_synthetic: district.is_synthetic,
        inputs,
        made_from,
        files: new.iter().map(NewFile::entry).collect(),
    }
}
