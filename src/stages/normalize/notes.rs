//! What is said of a report beside others of the same form, firm and month.
//!
//! In: the report, the other it is held against. Out: a finding: the query of a conflict that names
//! the cells that differ, or the note why an accepted report does not count.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use super::Checked;
use crate::domain::measure::Measure;
use crate::findings::{Code, Finding, format};
use crate::stages::parse::Figure;
use crate::texts::{self, Text};

/// Cells named before the rest is counted.
const CELLS_SHOWN: usize = 3;

/// Whether an item is one of the form's own, not a row of an open group such as `industry:3714`.
pub(super) fn is_fixed(item: &str) -> bool {
    !item.contains(':')
}

/// R1: other reports, of which `other` is the first, came at the same time and differ.
pub(super) fn conflict(own: &Checked, other: &Checked, count: usize) -> Finding {
    let differences = differences(own, other);
    let shown = differences.iter().take(CELLS_SHOWN).map(Disagreement::text);
    let more = match differences.len().saturating_sub(CELLS_SHOWN) {
        0 => None,
        more => {
            Some(texts::text("finding.R1.more").fill(&[("count", &Text::same(more.to_string()))]))
        }
    };
    let cells: Vec<Text> = shown.chain(more).collect();
    let cells = Text { zh: join(&cells, "、", |it| &it.zh), en: join(&cells, ", ", |it| &it.en) };
    let count = Text::same(count.to_string());
    let (file, sheet) = place(other);
    let arguments = [("file", &file), ("sheet", &sheet), ("count", &count), ("cells", &cells)];
    let finding = Finding::new(Code::Conflict, &arguments);
    match differences.first().and_then(|first| first.own) {
        Some(figure) => finding
            .at(&own.candidate.report.sheet, Some(figure.cell))
            .about(&figure.item, Some(figure.measure)),
        None => finding.at(&own.candidate.report.sheet, None),
    }
}

/// R2: the figures are those of a report that counts.
pub(super) fn repeated(own: &Checked, other: &Checked, zone: Tz) -> Finding {
    note(Code::Repeated, own, Some(other), zone)
}

/// R2: an export that agrees with the firm's own form.
pub(super) fn export(own: &Checked, other: &Checked, zone: Tz) -> Finding {
    note(Code::ExportAgrees, own, Some(other), zone)
}

/// R2: another report came and counts instead.
pub(super) fn replaced(own: &Checked, other: &Checked, zone: Tz) -> Finding {
    note(Code::Replaced, own, Some(other), zone)
}

/// R2: last year's form, enclosed with this year's, of a month that was filed.
pub(super) fn enclosed(own: &Checked) -> Finding {
    note(Code::Enclosed, own, None, Tz::UTC)
}

fn note(code: Code, own: &Checked, other: Option<&Checked>, zone: Tz) -> Finding {
    let (file, sheet) = other.map_or_else(Default::default, place);
    let received = other.map(|other| other.candidate.received_at.with_timezone(&zone));
    let time = received.map(|at| Text::same(at.format("%Y-%m-%d %H:%M:%S").to_string()));
    let time = time.unwrap_or_default();
    let finding = Finding::new(code, &[("file", &file), ("sheet", &sheet), ("time", &time)]);
    finding.at(&own.candidate.report.sheet, None)
}

fn place(checked: &Checked) -> (Text, Text) {
    let Checked { candidate, .. } = checked;
    (Text::same(&candidate.file_name), Text::same(&candidate.report.sheet))
}

fn join(texts: &[Text], with: &str, of: impl Fn(&Text) -> &String) -> String {
    texts.iter().map(|text| of(text).as_str()).collect::<Vec<_>>().join(with)
}

/// A figure that two reports do not share.
struct Disagreement<'a> {
    own: Option<&'a Figure>,
    other: Option<&'a Figure>,
}

impl Disagreement<'_> {
    fn is_real(&self) -> bool {
        let value = |figure: &Figure| {
            let unit = (!figure.unit.is_money()).then(|| figure.unit.name().to_owned());
            (figure.canonical(), unit)
        };
        self.own.map(value) != self.other.map(value)
    }

    fn is_fixed(&self) -> bool {
        self.own.or(self.other).is_some_and(|figure| is_fixed(&figure.item))
    }

    /// `D9: 1,010 here, 1,020 there`, both in the unit of the first.
    fn text(&self) -> Text {
        let Some(named) = self.own.or(self.other) else { return Text::default() };
        let shown = |figure: Option<&Figure>| match figure {
            None => Text::same(format::NONE),
            Some(it) if it.unit.is_money() && named.unit.is_money() => {
                Text::same(format::grouped(named.unit.express(it.canonical())))
            }
            Some(it) => format::figure(it.canonical(), &it.unit),
        };
        let cell = Text::same(named.cell.to_string());
        let (own, other) = (shown(self.own), shown(self.other));
        texts::text("finding.R1.cell").fill(&[("cell", &cell), ("own", &own), ("other", &other)])
    }
}

/// What differs, in the order of the sheet. An export has one row for what a form has in many: where
/// the items that both bear differ, only these.
fn differences<'a>(own: &'a Checked, other: &'a Checked) -> Vec<Disagreement<'a>> {
    let (own, other) = (&own.candidate.report, &other.candidate.report);
    let key = |figure: &'a Figure| (figure.item.as_str(), figure.measure);
    let mut others: BTreeMap<(&str, Measure), &Figure> =
        other.figures.iter().map(|figure| (key(figure), figure)).collect();
    let both = own.figures.iter().map(|figure| {
        let other = others.remove(&key(figure));
        Disagreement { own: Some(figure), other }
    });
    let mut all: Vec<Disagreement<'_>> = both.collect();
    let alone = other.figures.iter().filter(|figure| others.contains_key(&key(figure)));
    all.extend(alone.map(|figure| Disagreement { own: None, other: Some(figure) }));
    all.retain(Disagreement::is_real);
    if own.layout != other.layout && all.iter().any(Disagreement::is_fixed) {
        all.retain(Disagreement::is_fixed);
    }
    all
}
