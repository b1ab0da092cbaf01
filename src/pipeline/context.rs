//! What earlier months contribute to checking a later one: figures that counted, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::domain::period::Period;
use crate::files;
use crate::files::parquet::TableError;
use crate::lake::counted::{self, Counted};
use crate::stages::normalize::Checked;
use crate::stages::store::{self, Depth, Marks};
use crate::stages::validate::{Figures, History, Version};

/// How many months back a check looks: the same month last year and the one before it.
pub const MONTHS_BACK: u32 = 13;

/// The lake as later months see it.
#[derive(Debug)]
pub struct Context {
    lake: PathBuf,
    history: History,
    read: BTreeSet<Period>,
    marks: BTreeMap<String, Option<Marks>>,
    /// Partitions that are not as they were written.
    damaged: BTreeSet<String>,
    /// Partitions of which every byte was looked at.
    looked_through: BTreeSet<String>,
}

impl Context {
    /// The context of a lake, nothing read yet.
    pub fn new(lake: PathBuf) -> Self {
        Self {
            lake,
            history: History::default(),
            read: BTreeSet::new(),
            marks: BTreeMap::new(),
            damaged: BTreeSet::new(),
            looked_through: BTreeSet::new(),
        }
    }

    /// The marks of a partition; of a damaged one, if they can still be read.
    pub fn marks(&mut self, partition: &str) -> Result<Option<Marks>, TableError> {
        if let Some(known) = self.marks.get(partition) {
            return Ok(known.clone());
        }
        let found = store::condition(&self.lake, partition, Depth::Sizes)?;
        if found.damage.is_some() {
            self.damaged.insert(partition.to_owned());
        }
        self.marks.insert(partition.to_owned(), found.marks.clone());
        Ok(found.marks)
    }

    /// Whether a partition is known not to be as it was written.
    pub fn is_damaged(&self, partition: &str) -> bool {
        self.damaged.contains(partition)
    }

    /// Looks at every byte of a partition, once; what is wrong with it.
    pub fn look_through(&mut self, partition: &str) -> Result<Option<TableError>, TableError> {
        if self.looked_through.contains(partition) {
            return Ok(None);
        }
        let found = store::condition(&self.lake, partition, Depth::Bytes)?;
        self.marks.insert(partition.to_owned(), found.marks);
        if found.damage.is_some() {
            self.damaged.insert(partition.to_owned());
        } else {
            self.looked_through.insert(partition.to_owned());
        }
        Ok(found.damage)
    }

    /// Notes that a partition was written anew.
    pub fn renew(&mut self, partition: &str, marks: Marks) {
        self.marks.insert(partition.to_owned(), Some(marks));
        self.damaged.remove(partition);
        self.looked_through.insert(partition.to_owned());
        if let Ok(period) = partition.parse::<Period>() {
            self.read.remove(&period);
        }
    }

    /// One fingerprint of all that the check of a month looks back at.
    pub fn fingerprint(&mut self, period: Period) -> Result<String, TableError> {
        let mut parts = Vec::new();
        for back in months_back(period) {
            let partition = back.to_string();
            let content = self.marks(&partition)?.map_or_else(String::new, |marks| marks.content);
            parts.push((partition, content));
        }
        Ok(files::fingerprint(parts.iter().map(|(month, hash)| (month.as_str(), hash.as_str()))))
    }

    /// The history the check of a month needs.
    pub fn history(&mut self, period: Period) -> Result<&History, TableError> {
        for back in months_back(period) {
            if self.read.insert(back) {
                self.history.forget(back);
                for report in counted::counted(&self.lake, back)? {
                    self.remember(back, report);
                }
            }
        }
        Ok(&self.history)
    }

    /// Leaves out what the lake holds of a month that is made anew.
    pub fn leave_out(&mut self, period: Period) {
        self.history.forget(period);
        self.read.remove(&period);
    }

    /// Puts what counts of the very month beside what earlier ones held, for checks across forms;
    /// once the month is looked back at, it is read from the lake.
    pub fn put_beside(&mut self, period: Period, checked: &[Checked]) {
        self.read.remove(&period);
        for Checked { candidate, verdict, revision, .. } in checked {
            let Some(code) = verdict.credit_code.as_deref().filter(|_| revision.has_counted) else {
                continue;
            };
            let version = Version {
                received_at: candidate.received_at,
                submission_id: candidate.submission_id.clone(),
                figures: Figures::of(&candidate.report),
            };
            self.history.insert(&candidate.report.form, period, code, version);
        }
    }

    fn remember(&mut self, period: Period, report: Counted) {
        let Counted { form, credit_code, submission_id, received_at, is_export, figures } = report;
        let mut version = Version { received_at, submission_id, figures: Figures::default() };
        version.figures.is_export = is_export;
        for (item, measure, value) in figures {
            version.figures.insert(&item, measure, value);
        }
        self.history.insert(&form, period, &credit_code, version);
    }
}

/// The months a check of this one looks back at, newest first.
pub fn months_back(period: Period) -> impl Iterator<Item = Period> {
    (1..=MONTHS_BACK).filter_map(move |back| period.months_before(back))
}
