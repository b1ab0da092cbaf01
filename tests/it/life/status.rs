//! What `submission_status` must say: who owes what, what became of it, who is late again.

use super::compare::{Table, Want};
use super::judge::Verdict;
use super::months::{Month, label, number};
use super::play::NOW;
use super::town::{FormNo, Town};
use super::world::{History, Judged, World};

/// The whole mart.
pub(super) fn table(town: &Town, world: &World) -> Table {
    let mut table = Table::new("submission_status", &["period", "form", "credit_code"]);
    let Some(last) = world.families.keys().map(|(_, _, month)| *month).max() else { return table };
    for code in town.firms.keys() {
        for form in FormNo::ALL {
            let mut in_row = 0;
            for month in town.first..=last {
                let family = (form, code.clone(), month);
                let history = world.families.get(&family);
                if !is_owed(town, &family, history) {
                    continue;
                }
                let is_before = town.since.is_some_and(|since| month < since);
                let deadline = town.deadlines.get(&(form, month)).copied().filter(|_| !is_before);
                let is_late = is_late(town, deadline, history);
                // A month in which nobody can be late yet neither ends a row of late ones nor counts.
                in_row = match is_late {
                    Some(true) => in_row + 1,
                    Some(false) => 0,
                    None => in_row,
                };
                let is_late = is_late.unwrap_or(false);
                let key = format!("{} {} {code}", label(month), form.text());
                let mut row = vec![
                    ("firm_name", Want::text(&town.stay(code, month).unwrap().name)),
                    ("deadline", Want::instant(deadline)),
                    ("is_late", Want::Flag(is_late)),
                    ("months_late_in_row", Want::count(in_row)),
                ];
                row.extend(outcome(history));
                table.push(&key, row);
            }
        }
    }
    table
}

/// Whether a firm owes a report; before the first month of reporting only who sent something.
pub(super) fn is_owed(
    town: &Town,
    (form, code, month): &(FormNo, String, Month),
    history: Option<&History>,
) -> bool {
    let is_before = town.since.is_some_and(|since| *month < since);
    number(*month) != 1 && town.is_asked(code, *form, *month) && (!is_before || history.is_some())
}

/// The deadlines that have passed when the marts are made.
fn last_deadline(town: &Town) -> i64 {
    town.deadlines.values().copied().filter(|at| *at <= NOW).max().unwrap_or(i64::MIN)
}

/// Whether a report came late or is; nothing while nobody can say.
fn is_late(town: &Town, deadline: Option<i64>, history: Option<&History>) -> Option<bool> {
    let deadline = deadline?;
    match history {
        Some(history) => Some(deadline < history.judged[0].receipt.at),
        None => (deadline <= last_deadline(town)).then_some(true),
    }
}

/// The revision that counts, else the newest.
pub(super) fn outcome(history: Option<&History>) -> Vec<(&'static str, Want)> {
    let Some(history) = history else {
        return vec![
            ("state", Want::text("missing")),
            ("received_at", Want::Null),
            ("first_received_at", Want::Null),
            ("revision", Want::Null),
        ];
    };
    let place = history.counted.last().copied().unwrap_or(history.judged.len() - 1);
    let shown = &history.judged[place];
    let state = state(shown);
    let mut row = vec![
        ("state", Want::text(state)),
        ("received_at", Want::instant(Some(shown.receipt.at))),
        ("first_received_at", Want::instant(Some(history.judged[0].receipt.at))),
    ];
    // Among those of the same instant the numbering has no order of its own.
    let is_alone = |place: usize| {
        let at = history.judged[place].receipt.at;
        history.judged.iter().filter(|other| other.receipt.at == at).count() == 1
    };
    if is_alone(place) {
        row.push(("revision", Want::count(place + 1)));
    }
    if is_alone(history.judged.len() - 1) {
        row.push(("latest_state", Want::text(self::state(history.judged.last().unwrap()))));
    }
    if state == "accepted" {
        row.extend([("errors", Want::count(0)), ("queries", Want::count(0))]);
    }
    row
}

fn state(judged: &Judged) -> &'static str {
    match judged.verdict {
        Verdict::Refused => "refused",
        Verdict::Accepted if !judged.is_contradicted => "accepted",
        Verdict::Accepted | Verdict::Queried | Verdict::Unsure => "queried",
    }
}
