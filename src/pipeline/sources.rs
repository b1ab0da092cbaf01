//! What an edition is made from: every fingerprint of it, and by kinds and months.
//!
//! In: project, lake, the time of the run. Out: two runs with equal sources publish the same. Reads the
//! footers of the lake and nothing else.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};

use super::{RunError, Site};
use crate::domain::period::Period;
use crate::files;
use crate::lake::rows;
use crate::project::inputs::{Course, Input, Inputs};
use crate::stages::store;

/// What the names of parts begin with that are a partition of the lake.
pub(super) const LAKE: &str = "lake/";

/// The name of the part that is the newest deadline that has passed.
pub(super) const LAST_DEADLINE: &str = "last_deadline";

/// What an edition is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// Fingerprints of everything that a byte of it may depend on.
    pub parts: BTreeMap<String, String>,
    /// Those that figures depend on, by kind and month.
    pub inputs: Inputs,
}

impl Sources {
    /// The sources as they are now.
    pub fn of(site: &Site<'_>) -> Result<Self, RunError> {
        let texts = &site.workshop.project.texts;
        let deadlines = passed(site);
        let newest = deadlines.values().max().map(DateTime::to_rfc3339).unwrap_or_default();
        let mut parts = BTreeMap::from([
            ("program".to_owned(), env!("CARGO_PKG_VERSION").to_owned()),
            (
                "jobs".to_owned(),
                texts.fingerprint(&["jobs/brief/", "jobs/marts/", "jobs/pipeline.toml"]),
            ),
            ("seeds".to_owned(), texts.fingerprint(&["seeds/"])),
            (LAST_DEADLINE.to_owned(), newest),
        ]);
        let lake = site.output.lake();
        let mut received = BTreeMap::new();
        for partition in rows::partitions(&lake)? {
            let Some(marks) = store::marks(&lake, &partition)? else { continue };
            if let Ok(period) = partition.parse::<Period>() {
                received.insert(period, marks.received);
            }
            parts.insert(format!("{LAKE}{partition}"), marks.inputs);
        }
        let workbooks = |turn: Period| {
            let until = received.range(..=turn);
            until.map(|(period, hash)| format!("{period} {hash}")).collect::<Vec<_>>().join("\n")
        };
        let deadline = |turn: Period| {
            let until = deadlines.range(..=turn);
            until.map(|(_, deadline)| *deadline).max().map_or(String::new(), |it| it.to_rfc3339())
        };
        let inputs = site.workshop.inputs.clone();
        let inputs =
            inputs.with(Input::Workbooks, Course::new(received.keys().copied(), workbooks));
        let inputs = inputs.with(Input::Deadline, Course::new(deadlines.keys().copied(), deadline));
        Ok(Self { parts, inputs })
    }

    /// One fingerprint of everything.
    pub fn fingerprint(&self) -> String {
        files::fingerprint(self.parts.iter().map(|(name, hash)| (name.as_str(), hash.as_str())))
    }
}

/// The newest deadline of each month that lies behind the run.
fn passed(site: &Site<'_>) -> BTreeMap<Period, DateTime<FixedOffset>> {
    let mut passed = BTreeMap::new();
    for ((_, period), deadline) in &site.workshop.project.seeds.calendar.deadlines {
        if *deadline <= site.now {
            let newest = passed.entry(*period).or_insert(*deadline);
            *newest = (*deadline).max(*newest);
        }
    }
    passed
}
