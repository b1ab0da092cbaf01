//! What earlier months contribute to checking a later one: figures that counted, read once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use rayon::prelude::*;

use crate::domain::partition::Partition;
use crate::domain::period::Period;
use crate::files;
use crate::files::parquet::TableError;
use crate::lake::counted::{self, Counted};
use crate::lake::{records, rows};
use crate::stages::normalize::Checked;
use crate::stages::store::{self, Depth, Marks};
use crate::stages::validate::{History, by_firm};

/// How many months back a check of figures looks: the same month last year and the one before it. A
/// ledger is held against every older one.
pub const MONTHS_BACK: u32 = 13;

/// The lake as later months see it.
#[derive(Debug)]
pub struct Context {
    lake: PathBuf,
    history: History,
    read: BTreeSet<Period>,
    seen: BTreeMap<Partition, Seen>,
}

/// A partition as it was last seen.
#[derive(Debug)]
struct Seen {
    marks: Option<Marks>,
    is_damaged: bool,
    /// Whether every byte of it was looked at and is as it was written.
    is_sound: bool,
}

impl Context {
    /// The context of a lake, nothing read yet.
    pub fn new(lake: PathBuf) -> Self {
        let history = History::default();
        Self { lake, history, read: BTreeSet::new(), seen: BTreeMap::new() }
    }

    /// The marks of a partition; of a damaged one, if they can still be read.
    pub fn marks(&mut self, partition: Partition) -> Result<Option<&Marks>, TableError> {
        if !self.seen.contains_key(&partition) {
            self.look(partition, Depth::Sizes)?;
        }
        Ok(self.seen.get(&partition).and_then(|seen| seen.marks.as_ref()))
    }

    /// Whether a partition is known not to be as it was written.
    pub fn is_damaged(&self, partition: Partition) -> bool {
        self.seen.get(&partition).is_some_and(|seen| seen.is_damaged)
    }

    /// Looks at every byte of a partition, once; what is wrong with it.
    pub fn look_through(&mut self, partition: Partition) -> Result<Option<TableError>, TableError> {
        let is_sound = self.seen.get(&partition).is_some_and(|seen| seen.is_sound);
        if is_sound { Ok(None) } else { self.look(partition, Depth::Bytes) }
    }

    fn look(
        &mut self,
        partition: Partition,
        depth: Depth,
    ) -> Result<Option<TableError>, TableError> {
        let store::Condition { marks, damage } = store::condition(&self.lake, partition, depth)?;
        let is_damaged = damage.is_some();
        let is_sound = depth == Depth::Bytes && !is_damaged;
        self.seen.insert(partition, Seen { marks, is_damaged, is_sound });
        Ok(damage)
    }

    /// Notes that a partition was written anew.
    pub fn renew(&mut self, partition: Partition, marks: Marks) {
        let seen = Seen { marks: Some(marks), is_damaged: false, is_sound: true };
        self.seen.insert(partition, seen);
        if let Some(period) = partition.month() {
            self.read.remove(&period);
            self.history.ledgers.remove(&period);
        }
    }

    /// One fingerprint of all that the check of a month looks back at.
    pub fn fingerprint(&mut self, period: Period) -> Result<String, TableError> {
        let mut parts = Vec::new();
        for back in months_back(period) {
            let marks = self.marks(Partition::Month(back))?;
            let content = marks.map(|marks| marks.content.clone()).unwrap_or_default();
            parts.push((back.to_string(), content));
        }
        for back in rows::months_of_ledgers(&self.lake, period)? {
            let marks = self.marks(Partition::Month(back))?;
            let content = marks.map(|marks| marks.records.clone()).unwrap_or_default();
            parts.push((format!("ledgers {back}"), content));
        }
        Ok(files::fingerprint(parts.iter().map(|(month, hash)| (month.as_str(), hash.as_str()))))
    }

    /// The history the check of a month needs.
    pub fn history(&mut self, period: Period) -> Result<&History, TableError> {
        let unread: Vec<Period> =
            months_back(period).filter(|it| !self.read.contains(it)).collect();
        let read = |back: &Period| Ok((*back, by_firm(counted::counted(&self.lake, *back)?)));
        let read: Vec<_> = unread.par_iter().map(read).collect::<Result<_, TableError>>()?;
        self.read.extend(unread);
        self.history.months.extend(read);
        for back in rows::months_of_ledgers(&self.lake, period)? {
            if !self.history.ledgers.contains_key(&back) {
                self.history.ledgers.insert(back, records::counted(&self.lake, back)?);
            }
        }
        Ok(&self.history)
    }

    /// Leaves out what the lake holds of a month that is made anew.
    pub fn leave_out(&mut self, period: Period) {
        self.history.months.remove(&period);
        self.read.remove(&period);
    }

    /// Puts what counts of the very month beside what earlier ones held, for checks across forms;
    /// once the month is looked back at, it is read from the lake.
    pub fn put_beside(&mut self, period: Period, checked: &[Checked]) {
        self.read.remove(&period);
        for Checked { candidate, verdict, .. } in
            checked.iter().filter(|it| it.revision.has_counted)
        {
            let Some(credit_code) = verdict.credit_code.clone() else { continue };
            let counted = Counted {
                form: candidate.report.form.clone(),
                credit_code,
                submission_id: candidate.submission.id.clone(),
                received_at: candidate.submission.received_at,
                figures: candidate.report.canonical(),
            };
            self.history.insert(period, counted);
        }
    }
}

/// The months a check of this one looks back at, newest first.
pub fn months_back(period: Period) -> impl Iterator<Item = Period> {
    (1..=MONTHS_BACK).filter_map(move |back| period.months_before(back))
}
