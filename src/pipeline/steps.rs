//! From which month on marts have to be computed again, and what a build leaves for the next.
//!
//! In: the sources of a build, and those of the one before as it left them beside its files. Out: the first
//! month in which anything differs; none where more differs than what was received and which deadlines have
//! passed. `output/steps` may be lost or damaged: then everything is computed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use super::Site;
use super::sources::{LAKE, LAST_DEADLINE, Sources};
use crate::domain::period::Period;
use crate::files::{self, FileError};
use crate::lake::owed::Filed;
use crate::project::seeds::roster::Calendar;
use crate::stages::marts::{Built, Steps};

/// The file that says what the others were made from.
const FILE: &str = "made_from.json";

/// What the files of a build were made from, and their digests by mart.
#[derive(Debug, Default, Serialize, Deserialize)]
struct MadeFrom {
    /// The sources of the program, and the forms: months that nobody filed follow from these, too.
    program: String,
    parts: BTreeMap<String, String>,
    filed: Filed,
    digests: BTreeMap<String, String>,
}

/// What the last build left, for one from these sources; with `is_anew` nothing of it is trusted.
pub(super) fn before(
    site: &Site<'_>,
    (sources, filed): (&Sources, &Filed),
    is_anew: bool,
) -> Result<Steps, FileError> {
    let folder = site.output.steps();
    files::create_folder(&folder)?;
    // The engine knows no relative paths.
    let folder = folder.canonicalize().map_err(|it| FileError::new("find", &folder, it))?;
    let known = files::read(&folder.join(FILE)).ok().filter(|_| !is_anew);
    let known = known.and_then(|bytes| serde_json::from_slice::<MadeFrom>(&bytes).ok());
    let known = known.filter(|it| it.program == program(site)).unwrap_or_default();
    let calendar = &site.workshop.project.seeds.calendar;
    let first = known.differing(&sources.parts, calendar);
    let from = first.and_then(|months| months.into_iter().chain(known.filing(filed)).min());
    Ok(Steps { folder, digests: known.digests, from })
}

/// Says what the files that a build left were made from.
pub(super) fn keep(
    site: &Site<'_>,
    folder: &Path,
    (sources, filed): (&Sources, &Filed),
    built: &Built,
) -> Result<(), FileError> {
    let digests = built.left.iter().map(|(mart, left)| (mart.clone(), left.digest.clone()));
    let (parts, digests) = (sources.parts.clone(), digests.collect());
    let program = program(site);
    let made_from = MadeFrom { program, parts, filed: filed.clone(), digests };
    let json = serde_json::to_vec(&made_from).expect("texts are JSON");
    files::write_unsynced(&folder.join(FILE), &json)
}

fn program(site: &Site<'_>) -> String {
    let forms = site.workshop.project.texts.fingerprint(&["jobs/forms/"]);
    files::fingerprint([("program", env!("YUEBAO_PROGRAM")), ("forms", &forms)])
}

impl MadeFrom {
    /// Months in which the sources differ, the first among them; `None` where they do in more than months.
    fn differing(
        &self,
        now: &BTreeMap<String, String>,
        calendar: &Calendar,
    ) -> Option<BTreeSet<Period>> {
        let mut months = BTreeSet::new();
        let parts: BTreeSet<&String> = self.parts.keys().chain(now.keys()).collect();
        for part in parts {
            let (was, is) = (self.parts.get(part), now.get(part));
            if was == is {
                continue;
            }
            match part.strip_prefix(LAKE) {
                Some(partition) => months.extend(partition.parse::<Period>()),
                None if part == LAST_DEADLINE => {
                    let instant = |text: &String| DateTime::parse_from_rfc3339(text).ok();
                    let [was, is] = [was, is].map(|it| it.and_then(instant));
                    let deadlines = calendar.deadlines.iter();
                    let passed = deadlines.filter(|(_, at)| was < Some(**at) && Some(**at) <= is);
                    months.extend(passed.map(|((_, month), _)| *month));
                }
                None => return None,
            }
        }
        Some(months)
    }

    /// Months of which firms owe reports now and did not before, the first among them.
    fn filing(&self, now: &Filed) -> BTreeSet<Period> {
        let mut months: BTreeSet<Period> = BTreeSet::new();
        if self.filed.last != now.last {
            months.extend(self.filed.last.min(now.last).or(now.last));
        }
        for (form, first) in &now.first {
            if self.filed.first.get(form) != Some(first) {
                months.extend([first, self.filed.first.get(form).unwrap_or(first)]);
            }
        }
        months
    }
}
