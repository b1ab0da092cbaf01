//! From a schedule to its occasions: instants of a cron or of the calendar's deadlines, in order, each
//! once, right in any zone ([`super::wall`]).

use std::collections::BTreeMap;

use chrono::{DateTime, Days, FixedOffset, SubsecRound, Utc};
use chrono_tz::Tz;

use super::clock::CronWalk;
use super::{DueInstant, LocalCalendar, wall};
use crate::domain::period::Period;
use crate::ledger::orders::AskedBy;

use crate::project::schedules::{Deadline, PeriodRule, Schedule, Trigger};

/// The occasions of a cron or deadline in `(after, until]`, oldest first, at most `limit`.
pub fn occasions(
    schedule: &Schedule,
    local: &LocalCalendar<'_>,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
    limit: usize,
) -> Vec<DueInstant> {
    stream(schedule, local, after).take_while(|it| it.at <= until).take(limit).collect()
}

/// The first occasion after an instant; `None` for coverage and where the calendar ends.
pub fn next(
    schedule: &Schedule,
    local: &LocalCalendar<'_>,
    after: DateTime<Utc>,
) -> Option<DueInstant> {
    stream(schedule, local, after).next()
}

/// How many occasions there are in `(after, until]`, without listing them.
pub fn count(
    schedule: &Schedule,
    local: &LocalCalendar<'_>,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> u64 {
    if let Some(clock) = clock(schedule, local) {
        return clock.count(after, until);
    }
    let listed = stream(schedule, local, after).take_while(|it| it.at <= until).count();
    u64::try_from(listed).unwrap_or(u64::MAX)
}

/// The occasions after an instant, strictly increasing; without end for a cron.
pub fn stream<'a>(
    schedule: &'a Schedule,
    local: &LocalCalendar<'a>,
    after: DateTime<Utc>,
) -> Box<dyn Iterator<Item = DueInstant> + 'a> {
    let zone = local.zone_of(schedule);
    if let Some(clock) = clock(schedule, local) {
        return Box::new(clock.after(after).map(move |at| of_clock(schedule, zone, at)));
    }
    Box::new(deadlines_after(schedule, local, after).into_iter())
}

/// The occasions of all deadlines after an instant, oldest first; none for other triggers.
pub fn deadlines_after(
    schedule: &Schedule,
    local: &LocalCalendar<'_>,
    after: DateTime<Utc>,
) -> Vec<DueInstant> {
    let mut occasions = deadlines(schedule, local, local.zone_of(schedule));
    occasions.retain(|occasion| after < occasion.at);
    occasions
}

fn clock(schedule: &Schedule, local: &LocalCalendar<'_>) -> Option<CronWalk> {
    match &schedule.trigger {
        Trigger::Cron(cron) => Some(CronWalk::new(cron.clone(), local.zone_of(schedule))),
        _ => None,
    }
}

fn of_clock(schedule: &Schedule, zone: Tz, at: DateTime<Utc>) -> DueInstant {
    let day = at.with_timezone(&zone).date_naive();
    let months = match schedule.period {
        PeriodRule::All => None,
        PeriodRule::Reporting => Schedule::reporting_month(day).map(|month| (month, month)),
    };
    DueInstant { at, asked_by: AskedBy::Clock, months }
}

/// The occasions of all deadlines of a form; months that share an instant are one occasion.
fn deadlines(schedule: &Schedule, local: &LocalCalendar<'_>, zone: Tz) -> Vec<DueInstant> {
    let Trigger::Deadline(rule) = &schedule.trigger else { return Vec::new() };
    let mut months_at: BTreeMap<DateTime<Utc>, (Period, Period)> = BTreeMap::new();
    for ((form, period), deadline) in &local.calendar.deadlines {
        if *form == rule.form
            && let Some(at) = relative(rule, *deadline, zone)
        {
            let months = months_at.entry(at).or_insert((*period, *period));
            *months = (months.0.min(*period), months.1.max(*period));
        }
    }
    let occasion =
        |(at, months)| DueInstant { at, asked_by: AskedBy::Deadline, months: Some(months) };
    months_at.into_iter().map(occasion).collect()
}

/// The instant a rule means for one deadline: calendar days of the job's zone are counted, so that
/// "two days before, 09:00" is 09:00 whatever the clocks did in between.
fn relative(rule: &Deadline, deadline: DateTime<FixedOffset>, zone: Tz) -> Option<DateTime<Utc>> {
    let deadline = deadline.with_timezone(&Utc).trunc_subsecs(0);
    if rule.days_before == 0 && rule.days_after == 0 && rule.at.is_none() {
        return Some(deadline);
    }
    let shown = deadline.with_timezone(&zone).naive_local();
    let day = shown.date().checked_sub_days(Days::new(u64::from(rule.days_before)))?;
    let day = day.checked_add_days(Days::new(u64::from(rule.days_after)))?;
    let time = rule.time().unwrap_or_else(|| shown.time());
    Some(wall::instant(zone, day.and_time(time)))
}
