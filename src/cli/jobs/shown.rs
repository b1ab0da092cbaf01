//! A certificate as people read it: one line an instant, then the sums.

use chrono_tz::Tz;

use super::Certified;
use super::words::{because, clock, fill, run, same, state};
use crate::domain::activation::ActivationState;
use crate::schedule::certificate::{Fate, Line, Ran, Totals};
use crate::texts::{self, Locale, Text, reasons};

/// The certificate.
pub(super) fn text(certified: &Certified<'_>, locale: Locale) -> String {
    let (job, month) = (same(certified.job), same(certified.month));
    let title = [("job", &job), ("month", &month), ("zone", &same(certified.zone.name()))];
    let mut lines = vec![fill("jobs.certificate.title", &title)];
    for alike in certified.certificate.lines.chunk_by(is_alike) {
        match alike {
            [first, .., last] if FOLDED_MIN <= alike.len() => {
                lines.push(folded(first, last, alike.len(), certified.zone));
            }
            _ => lines.extend(alike.iter().map(|line| of_line(line, certified.zone))),
        }
    }
    lines.extend(of_totals(&certified.certificate.totals));
    lines.iter().map(|line| line.get(locale)).collect::<Vec<_>>().join("\n")
}

/// So many instants in a row that nobody owed stand in one line.
const FOLDED_MIN: usize = 4;

/// Whether two neighbours may stand in one line: neither was promised by then. What was promised has
/// a line of its own, whatever became of it.
fn is_alike(one: &Line, next: &Line) -> bool {
    let is_unowed = matches!(one.fate, Fate::NotPromised { .. } | Fate::ToCome);
    let months = |line: &Line| (line.period_from, line.period_to);
    is_unowed && one.fate == next.fate && months(one) == months(next)
}

fn folded(first: &Line, last: &Line, count: usize, zone: Tz) -> Text {
    let arguments = [
        ("first", &same(clock(first.scheduled_at, zone))),
        ("last", &same(clock(last.scheduled_at, zone))),
        ("said", &of_fate(&first.fate, zone)),
        ("count", &same(count)),
    ];
    fill("jobs.folded", &arguments)
}

fn of_line(line: &Line, zone: Tz) -> Text {
    let months = match (line.period_from, line.period_to) {
        (Some(first), Some(last)) if first == last => format!(" ({first})"),
        (Some(first), Some(last)) => format!(" ({first} … {last})"),
        _ => String::new(),
    };
    let at = format!("  {}{months}  ", clock(line.scheduled_at, zone));
    let said = of_fate(&line.fate, zone);
    Text { zh: format!("{at}{}", said.zh), en: format!("{at}{}", said.en) }
}

fn of_fate(fate: &Fate, zone: Tz) -> Text {
    let plain = |key: &str| texts::text(key).clone();
    let with_run = |key: &str, outcome: ActivationState, ran: &Option<Ran>| {
        let ran = ran.as_ref().map_or_else(|| state(outcome.name()), |ran| run(ran, zone));
        fill(key, &[("run", &ran)])
    };
    match fate {
        Fate::Ran { outcome, reason, run } => {
            because(&with_run("jobs.fate.ran", *outcome, run), reason.as_deref())
        }
        Fate::MadeUp { outcome, reason, run } => {
            because(&with_run("jobs.fate.made_up", *outcome, run), reason.as_deref())
        }
        Fate::Skipped { reason } => because(&plain("jobs.fate.skipped"), Some(reason)),
        Fate::Waiting { reason, .. } => because(&plain("jobs.fate.waiting"), reason.as_deref()),
        Fate::Running { run } => with_run("jobs.fate.running", ActivationState::Running, run),
        Fate::NoRecord { why } => gone("jobs.fate.no_record", why.name()),
        Fate::NotPromised { why } => gone("jobs.fate.not_promised", why.name()),
        Fate::ToCome => plain("jobs.fate.to_come"),
    }
}

fn gone(key: &str, why: &str) -> Text {
    let why = texts::text(&format!("jobs.gone.{why}"));
    fill("jobs.because", &[("said", texts::text(key)), ("reason", why)])
}

fn of_totals(totals: &Totals) -> Vec<Text> {
    let counts = [
        ("due", &same(totals.due)),
        ("ran", &same(totals.ran)),
        ("made_up", &same(totals.made_up)),
        ("skipped", &same(totals.skipped)),
        ("waiting", &same(totals.waiting)),
        ("no_record", &same(totals.no_record)),
        ("failed", &same(totals.failed)),
    ];
    let mut lines = vec![fill("jobs.totals", &counts)];
    for (reason, count) in &totals.skipped_by_reason {
        let arguments = [("count", &same(count)), ("reason", &reasons::told(reason))];
        lines.push(fill("jobs.totals.reason", &arguments));
    }
    let others = [
        ("jobs.totals.not_promised", totals.not_promised),
        ("jobs.totals.to_come", totals.to_come),
        ("jobs.totals.unlisted", totals.unlisted),
    ];
    let counted = others.into_iter().filter(|(_, count)| 0 < *count);
    lines.extend(counted.map(|(key, count)| fill(key, &[("count", &same(count))])));
    lines
}
