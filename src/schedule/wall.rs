//! What a clock on the wall shows, and when: readings of a zone to instants.
//!
//! Twice a year most zones shift. A reading that a shift skips is meant for the first instant after
//! it; a reading that comes twice is meant for the first time. Whole days that a zone skipped (Apia,
//! 30 December 2011) are skipped readings like any other.

use chrono::{DateTime, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// No zone is or was further from UTC.
const OFFSET_MAX: TimeDelta = TimeDelta::hours(16);

/// The instants at which a clock shows a reading: none, one or two.
pub(super) fn instants(zone: Tz, reading: NaiveDateTime) -> Vec<DateTime<Utc>> {
    match zone.from_local_datetime(&reading) {
        MappedLocalTime::Single(one) => vec![one.with_timezone(&Utc)],
        MappedLocalTime::Ambiguous(one, other) => {
            let (one, other) = (one.with_timezone(&Utc), other.with_timezone(&Utc));
            vec![one.min(other), one.max(other)]
        }
        MappedLocalTime::None => Vec::new(),
    }
}

/// The one instant that a reading means: the first at which a clock shows it, or, if it is skipped,
/// the first after the shift.
pub fn instant(zone: Tz, reading: NaiveDateTime) -> DateTime<Utc> {
    instants(zone, reading).first().copied().unwrap_or_else(|| after_shift(zone, reading))
}

/// The first instant at which a clock shows more than a reading that is skipped.
fn after_shift(zone: Tz, reading: NaiveDateTime) -> DateTime<Utc> {
    let (mut before, mut after) = (reading.and_utc() - OFFSET_MAX, reading.and_utc() + OFFSET_MAX);
    while after - before > TimeDelta::seconds(1) {
        let middle = before + TimeDelta::seconds((after - before).num_seconds() / 2);
        if reading < middle.with_timezone(&zone).naive_local() {
            after = middle;
        } else {
            before = middle;
        }
    }
    after
}

/// How far a zone is from UTC on a day, if it does not shift on it or near it.
pub(super) fn steady_offset(zone: Tz, day: NaiveDate) -> Option<TimeDelta> {
    let noon = day.and_hms_opt(12, 0, 0)?;
    let offset = |at: NaiveDateTime| at.and_utc().with_timezone(&zone).naive_local() - at;
    let at_noon = offset(noon);
    let reach = TimeDelta::hours(12) + OFFSET_MAX;
    let is_steady = offset(noon - reach) == at_noon && offset(noon + reach) == at_noon;
    is_steady.then_some(at_noon)
}
