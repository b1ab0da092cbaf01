//! A certificate as people read it: one line an instant, then the sums.

use chrono_tz::Tz;

use super::Certified;
use super::words::{because, clock, fill, months, run, same, state};
use crate::ledger::orders::Order;
use crate::ledger::reason::Reason;
use crate::schedule::certificate::{Certificate, CertificateLine, InstantFate};
use crate::texts::{self, Locale, Text};

/// The certificate.
pub(super) fn text(certified: &Certified<'_>, locale: Locale) -> String {
    let Certified { job, month, zone, certificate } = certified;
    let title = [("job", &same(job)), ("month", &same(month)), ("zone", &same(zone.name()))];
    let mut lines = vec![fill("jobs.certificate.title", &title)];
    lines.push(match certificate.since {
        Some(since) => fill("jobs.certificate.since", &[("since", &same(clock(since, *zone)))]),
        None => texts::text("jobs.certificate.never").clone(),
    });
    for alike in certificate.lines.chunk_by(is_alike) {
        match alike {
            [first, .., last] if FOLDED_MIN <= alike.len() => {
                lines.push(folded(first, last, alike.len(), *zone));
            }
            _ => lines.extend(alike.iter().map(|line| of_line(line, *zone))),
        }
    }
    lines.extend(of_totals(certificate));
    lines.iter().map(|line| line.get(locale)).collect::<Vec<_>>().join("\n")
}

/// So many instants to come in a row stand in one line.
const FOLDED_MIN: usize = 4;

/// Whether two neighbours may stand in one line: nothing is decided about either. What was decided has a
/// line of its own, whatever became of it.
fn is_alike(one: &CertificateLine, next: &CertificateLine) -> bool {
    one.order.is_none()
        && next.order.is_none()
        && (one.fate, one.months) == (next.fate, next.months)
}

fn folded(first: &CertificateLine, last: &CertificateLine, count: usize, zone: Tz) -> Text {
    let arguments = [
        ("first", &same(clock(first.due_at, zone))),
        ("last", &same(clock(last.due_at, zone))),
        ("said", &said(first, zone)),
        ("count", &same(count)),
    ];
    fill("jobs.folded", &arguments)
}

fn of_line(line: &CertificateLine, zone: Tz) -> Text {
    let at = format!("  {}{}  ", clock(line.due_at, zone), months(line.months));
    let said = said(line, zone);
    Text { zh: format!("{at}{}", said.zh), en: format!("{at}{}", said.en) }
}

/// What became of an instant, and why.
fn said(line: &CertificateLine, zone: Tz) -> Text {
    let stands = line.order.as_ref().map(|order| state(order.state.name())).unwrap_or_default();
    let ran = line.run.as_ref().map_or(stands, |ran| run(ran, zone));
    let fate = fill(&format!("jobs.fate.{}", line.fate.name()), &[("run", &ran)]);
    let is_said = line.fate != InstantFate::Running;
    let reasons = line.order.as_ref().filter(|_| is_said).map(|order: &Order| &order.reasons);
    because(&fate, &Reason::texts(reasons.map(Vec::as_slice).unwrap_or_default()))
}

fn of_totals(certificate: &Certificate) -> Vec<Text> {
    let totals = &certificate.totals;
    let counts = [
        ("due", &same(totals.due)),
        ("ran", &same(totals.ran)),
        ("made_up", &same(totals.made_up)),
        ("skipped", &same(totals.skipped)),
        ("waiting", &same(totals.waiting)),
        ("undecided", &same(totals.undecided)),
        ("failed", &same(totals.failed)),
    ];
    let mut lines = vec![fill("jobs.totals", &counts)];
    for (reason, count) in &certificate.skipped_by_reason {
        let arguments = [("count", &same(count)), ("reason", &reason.text())];
        lines.push(fill("jobs.totals.reason", &arguments));
    }
    let others =
        [("jobs.totals.to_come", totals.to_come), ("jobs.totals.unlisted", totals.unlisted)];
    let counted = others.into_iter().filter(|(_, count)| 0 < *count);
    lines.extend(counted.map(|(key, count)| fill(key, &[("count", &same(count))])));
    lines
}
