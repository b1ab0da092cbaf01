//! What happens in the sample district, as one table: who breaks which rule when, and how it ends.
//!
//! In: nothing. Out: the events of a firm in a month. Firms go by the number in their code
//! (`91220106MA000064…` is firm 64). Firms that supply within the chains are in no story of the
//! table, so that the sums of LY-01 are whole; 2023-09 has none, because a month delivered as the
//! bureau's export has no room for explanations; what happens in 2023-12 and 2024-07 ends well
//! within the month.

use crate::domain::period::Period;

use super::dice;

/// What a firm does in a month besides filing a clean report in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// Files nothing.
    Missing,
    /// Files after the deadline.
    Late,
    /// Files, then sends a second version with one figure corrected.
    Corrected,
    /// The month is more than half above the one before: a query, answered so.
    Surge(Answer),
    /// Stands still: the month's figures are zero, with an explanation.
    Stopped,
    /// Works again after a standstill; growth is out of its band, with an explanation.
    Recovering,
    /// A merger was approved: this year's figures and the restated base are larger from here on.
    Restructured,
    /// Files something that must be refused, and mends it or not.
    Refused(Flaw, Mending),
    /// Types 万元 where 千元 is asked for: a query; then sends it right.
    UnitSlip,
    /// Files a form for January, which nobody files, into that month's folder.
    January,
}

/// How a firm answers a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The explanation stands in the first report.
    AtOnce,
    /// The explanation comes with a second version.
    Later,
    /// There is none: the report stays out of the totals.
    Never,
}

/// What makes a submission unacceptable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// 03 below 04.
    SalesBelowExports,
    /// 01 is not the sum of its industries.
    IndustrySum,
    /// A prior-year column was changed.
    PriorAltered,
    /// The credit code is nobody's.
    WrongCode,
    /// A web page named `.xls`.
    Html,
    /// Half a workbook.
    Truncated,
}

/// Whether a right version follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mending {
    /// Yes, before the deadline.
    InTime,
    /// Yes, after the deadline.
    Late,
    /// No.
    Never,
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Story {
    /// The firm's number.
    pub firm: u32,
    /// First month: year and month.
    pub from: (i32, u32),
    /// Last month, included.
    pub to: (i32, u32),
    /// What happens in each of them.
    pub event: Event,
}

const fn once(firm: u32, year: i32, month: u32, event: Event) -> Story {
    Story { firm, from: (year, month), to: (year, month), event }
}

const fn span(firm: u32, from: (i32, u32), to: (i32, u32), event: Event) -> Story {
    Story { firm, from, to, event }
}

/// The stories, in the order of time.
pub const STORIES: &[Story] = &[
    once(52, 2023, 4, Event::Refused(Flaw::Html, Mending::InTime)),
    once(39, 2023, 5, Event::Refused(Flaw::SalesBelowExports, Mending::InTime)),
    once(100, 2023, 5, Event::Missing),
    once(66, 2023, 6, Event::Surge(Answer::AtOnce)),
    once(70, 2023, 7, Event::Refused(Flaw::IndustrySum, Mending::InTime)),
    once(47, 2023, 8, Event::Refused(Flaw::WrongCode, Mending::InTime)),
    once(101, 2023, 10, Event::Surge(Answer::Never)),
    once(82, 2023, 11, Event::Surge(Answer::Later)),
    once(53, 2024, 1, Event::January),
    once(102, 2024, 2, Event::Missing),
    once(71, 2024, 3, Event::Refused(Flaw::IndustrySum, Mending::InTime)),
    once(75, 2024, 4, Event::Surge(Answer::AtOnce)),
    once(80, 2024, 5, Event::Refused(Flaw::PriorAltered, Mending::Late)),
    once(84, 2024, 6, Event::Refused(Flaw::Truncated, Mending::InTime)),
    once(61, 2024, 7, Event::Surge(Answer::Later)),
    once(63, 2024, 7, Event::Refused(Flaw::SalesBelowExports, Mending::InTime)),
    once(110, 2024, 7, Event::Corrected),
    once(74, 2024, 9, Event::UnitSlip),
    once(78, 2024, 10, Event::Surge(Answer::Never)),
    once(85, 2024, 10, Event::Missing),
    once(90, 2024, 11, Event::Refused(Flaw::Html, Mending::Late)),
    once(68, 2025, 1, Event::January),
    span(64, (2025, 2), (2025, 12), Event::Restructured),
    once(81, 2025, 3, Event::Refused(Flaw::PriorAltered, Mending::InTime)),
    span(103, (2025, 3), (2025, 8), Event::Late),
    span(60, (2025, 4), (2025, 9), Event::Stopped),
    span(60, (2025, 10), (2025, 12), Event::Recovering),
    once(76, 2025, 5, Event::Surge(Answer::AtOnce)),
    once(48, 2025, 6, Event::Refused(Flaw::SalesBelowExports, Mending::Late)),
    once(67, 2025, 7, Event::Missing),
    once(104, 2025, 8, Event::Surge(Answer::Never)),
    once(88, 2025, 9, Event::Surge(Answer::Later)),
    span(106, (2025, 9), (2025, 12), Event::Missing),
    once(107, 2025, 10, Event::Refused(Flaw::Truncated, Mending::Never)),
    once(92, 2025, 11, Event::UnitSlip),
    once(69, 2025, 12, Event::Surge(Answer::Never)),
    once(105, 2025, 12, Event::Refused(Flaw::IndustrySum, Mending::Never)),
    once(109, 2025, 12, Event::Missing),
];

/// The month the bureau delivers its own export instead of the firms' sheets of B204-1.
pub const EXPORT_MONTH: (i32, u32) = (2023, 9);

/// Months whose published figures the sample reproduces: nothing may stay out of them.
pub const PUBLISHED_MONTHS: [(i32, u32); 2] = [(2023, 12), (2024, 7)];

/// What the merged firm's figures grow to, of a hundred: 118 is the firm it took over included.
pub(super) const MERGED_PERCENT: i64 = 118;

/// What a month in a surge is of the month before, of a hundred.
pub(super) const SURGE_PERCENT: i64 = 158;

/// The event of a firm in a month: from the table, else a late filing or a correction by chance.
pub fn event(firm: u32, period: Period) -> Option<Event> {
    let month = (period.year(), period.month());
    let told =
        STORIES.iter().find(|story| story.firm == firm && story.from <= month && month <= story.to);
    let keys = [firm, dice::key(period)];
    let by_chance = |n, topic, event| {
        let is_open = month != EXPORT_MONTH && dice::one_in(n, topic, &keys);
        is_open.then_some(event)
    };
    told.map(|story| story.event)
        .or_else(|| by_chance(60, "late", Event::Late))
        .or_else(|| by_chance(90, "corrected", Event::Corrected))
}
