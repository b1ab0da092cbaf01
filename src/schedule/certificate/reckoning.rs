//! Instant by instant through the stretches of a certificate, and which of them are listed.
//!
//! In: stretches in order of time. Out: the lines and sums. However often a job comes, the work is
//! bounded: where what comes next fares alike and is not listed any more, it is counted at once.

use std::collections::VecDeque;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Certificate, Evidence, Fate, LEAST, LINES_MAX, Line, Record, Stretch, Totals, beside_the_plan,
    line, of_record, unpromised, unrecorded,
};
use crate::domain::activation::TriggerKind;
use crate::schedule::{Occasion, triggers};

/// Instants of at least so long a time are counted at once.
const AT_ONCE: TimeDelta = TimeDelta::hours(6);

/// The work on one certificate.
pub(super) struct Reckoning<'a> {
    evidence: &'a Evidence,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
    /// What the ledger kept and is not told yet, oldest first.
    records: VecDeque<&'a Record>,
    /// What stands for the instants after it, up to when it was decided upon.
    gap: Option<&'a Record>,
    /// What the ledger kept; what is owed and has no record; what nobody owed.
    lines: [Vec<Line>; 3],
    totals: Totals,
}

impl<'a> Reckoning<'a> {
    /// Begins the certificate of `[from, until)`.
    pub(super) fn new(
        evidence: &'a Evidence,
        (from, until): (DateTime<Utc>, DateTime<Utc>),
        now: DateTime<Utc>,
    ) -> Self {
        let mut records: Vec<&Record> = evidence.records.iter().collect();
        records.sort_by_key(|record| record.scheduled_at);
        let before = records.iter().rev().find(|record| record.scheduled_at < from);
        let gap = before.copied().filter(|record| is_gap(record));
        records.retain(|record| (from..until).contains(&record.scheduled_at));
        let (records, totals) = (records.into(), Totals::default());
        Self { evidence, from, until, now, records, gap, lines: Default::default(), totals }
    }

    /// The instants of one stretch, and what the ledger kept in between.
    pub(super) fn reckon(&mut self, stretch: &Stretch<'a>) {
        let first = self.from - LEAST;
        let after = stretch.after.map_or(first, |after| after.max(first));
        let last = self.until - LEAST;
        let last = stretch.until.map_or(last, |end| end.min(last));
        let instants = |after| triggers::stream(stretch.schedule, &stretch.almanac, after);
        let mut coming = instants(after);
        while let Some(occasion) = coming.next().filter(|occasion| occasion.at <= last) {
            while let Some(record) = self.next_record(|at| at < occasion.at) {
                self.add(beside_the_plan(record));
            }
            let record = self.next_record(|at| at == occasion.at);
            let covers = |gap: &&Record| is_gap(gap) && occasion.at <= gap.decided_at;
            self.gap = record.or(self.gap).filter(covers);
            let fate = self.fate(&occasion, record, stretch);
            let is_listed = self.add(line(&occasion, record, fate.clone()));
            if record.is_some() || is_listed {
                continue;
            }
            let end = self.alike_until(occasion.at, stretch).min(last);
            if AT_ONCE <= end - occasion.at {
                let alike = triggers::count(stretch.schedule, &stretch.almanac, occasion.at, end);
                self.totals.add(&fate, alike);
                coming = instants(end);
            }
        }
    }

    /// The certificate: what the ledger kept comes first into it.
    pub(super) fn end(mut self) -> Certificate {
        while let Some(record) = self.next_record(|_| true) {
            self.add(beside_the_plan(record));
        }
        let mut lines: Vec<Line> = self.lines.into_iter().flatten().take(LINES_MAX).collect();
        lines.sort_by_key(|line| line.scheduled_at);
        let mut totals = self.totals;
        totals.unlisted = totals.all() - u64::try_from(lines.len()).unwrap_or_default();
        Certificate { lines, totals }
    }

    fn next_record(&mut self, is_it: impl Fn(DateTime<Utc>) -> bool) -> Option<&'a Record> {
        self.records.pop_front_if(|record| is_it(record.scheduled_at))
    }

    fn fate(&self, occasion: &Occasion, record: Option<&Record>, stretch: &Stretch<'_>) -> Fate {
        match (record.or(self.gap), stretch.term) {
            (Some(record), _) => of_record(record),
            (None, Some(term)) => unrecorded(occasion, term, self.evidence),
            (None, None) => unpromised(occasion, self.evidence, self.now),
        }
    }

    /// Up to when the instants of a stretch fare like the one at `at`, which the ledger did not keep.
    fn alike_until(&self, at: DateTime<Utc>, stretch: &Stretch<'_>) -> DateTime<Utc> {
        let next = self.records.front().map(|record| record.scheduled_at - LEAST);
        let gap = self.gap.map(|gap| gap.decided_at);
        let decided = stretch.term.map(|term| term.decided_until);
        let watches = self.evidence.watches.iter().filter(|_| stretch.term.is_some());
        let edges = watches.flat_map(|(from, to)| [*from - LEAST, *to]);
        let ends = next.into_iter().chain(gap).chain(decided).chain(edges);
        ends.filter(|end| at <= *end).min().unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Counts an instant and lists it, unless as many lines are taken by those that come before it.
    fn add(&mut self, line: Line) -> bool {
        self.totals.add(&line.fate, 1);
        let rank = match line.fate {
            _ if line.activation_id.is_some() => 0,
            Fate::NotPromised { .. } | Fate::ToCome => 2,
            _ => 1,
        };
        let taken: usize = self.lines.iter().take(rank + 1).map(Vec::len).sum();
        let is_listed = taken < LINES_MAX;
        if let Some(lines) = self.lines.get_mut(rank).filter(|_| is_listed) {
            lines.push(line);
        }
        is_listed
    }
}

fn is_gap(record: &Record) -> bool {
    record.trigger_kind == TriggerKind::Gap
}
