//! Problems: the response rate, what became of each form, and the list of firms to chase.

use std::collections::BTreeSet;

use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::{Block, Cell, Table, Tone};
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::submissions::{State, Submission};
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// Rows of the chase list in the brief; `submission_status` has them all.
const CHASED_MAX: usize = 30;

/// Writes the section.
pub(crate) fn write(facts: &Facts, issue: &Issue<'_>, words: Words) -> Vec<Block> {
    let sentences = [response(facts, words), states(facts, words)];
    let mut blocks: Vec<Block> =
        words.paragraph(&sentences).map(Block::Paragraph).into_iter().collect();
    blocks.extend(forms(facts, words));
    let chased = chased(facts);
    blocks.extend(chase_list(issue, words, &chased));
    let unnamed = chased.len().saturating_sub(CHASED_MAX);
    if 0 < unnamed {
        let text = words.say("brief.problems.more", &[("count", &unnamed.to_string())]);
        blocks.push(Block::Paragraph(text));
    }
    blocks
}

fn response(facts: &Facts, words: Words) -> Option<String> {
    let headline = &facts.headline;
    let [due, received] =
        [headline.firms_due?, headline.firms_received?].map(|count| count.to_string());
    let lead = words.say("brief.problems.response", &[("due", &due), ("received", &received)]);
    let rate = headline
        .response_rate
        .map(|rate| words.say("brief.problems.response_rate", &[("rate", &figures::rate(rate))]));
    let counted = headline
        .firms_reported
        .map(|count| words.say("brief.problems.counted", &[("count", &count.to_string())]));
    words.sentence(&[Some(lead), rate, counted])
}

/// How many reports are in each state; only states that occur.
fn states(facts: &Facts, words: Words) -> Option<String> {
    let clause = |key: &str, count: usize| {
        (0 < count).then(|| words.say(key, &[("count", &count.to_string())]))
    };
    let all = &facts.submissions;
    let count = |state: State| all.iter().filter(|submission| submission.state == state).count();
    words.sentence(&[
        clause("brief.problems.reports", all.len()),
        clause("brief.problems.accepted", count(State::Accepted)),
        clause("brief.problems.queried", count(State::Queried)),
        clause("brief.problems.refused", count(State::Refused)),
        clause("brief.problems.unreadable", count(State::Unreadable)),
        clause("brief.problems.missing", count(State::Missing)),
        clause(
            "brief.problems.late",
            all.iter().filter(|submission| came_late(submission)).count(),
        ),
        clause(
            "brief.problems.corrections",
            all.iter().filter(|submission| submission.correction.is_some()).count(),
        ),
    ])
}

/// What is missing is not counted as late: it is worse.
fn came_late(submission: &Submission) -> bool {
    submission.is_late && submission.state != State::Missing
}

/// One row a form: how many are due and in which state.
fn forms(facts: &Facts, words: Words) -> Option<Block> {
    let columns = vec![
        (words.word("brief.column.form"), false),
        (words.word("brief.column.due"), true),
        (words.word("brief.state.accepted"), true),
        (words.word("brief.state.queried"), true),
        (words.word("brief.state.refused"), true),
        (words.word("brief.state.unreadable"), true),
        (words.word("brief.state.missing"), true),
        (words.word("brief.state.late"), true),
    ];
    let mut table = Table::new(words.word("brief.problems.forms_table"), columns);
    let forms: BTreeSet<&str> = facts.submissions.iter().map(|due| due.form.as_str()).collect();
    for form in forms {
        let of_form = facts.submissions.iter().filter(|submission| submission.form == form);
        let due: Vec<&Submission> = of_form.collect();
        let count = |state: State| {
            Some(due.iter().filter(|submission| submission.state == state).count().to_string())
        };
        let late = due.iter().filter(|submission| came_late(submission)).count();
        table.push(vec![
            Some(form.to_owned()),
            Some(due.len().to_string()),
            count(State::Accepted),
            count(State::Queried),
            count(State::Refused),
            count(State::Unreadable),
            count(State::Missing),
            Some(late.to_string()),
        ]);
    }
    table.trimmed()
}

/// Whatever is not accepted, corrections that are not, and what came late; the most urgent first.
fn chased(facts: &Facts) -> Vec<&Submission> {
    let is_chased = |submission: &&Submission| {
        submission.state != State::Accepted || submission.correction.is_some() || submission.is_late
    };
    let mut chased: Vec<&Submission> = facts.submissions.iter().filter(is_chased).collect();
    chased.sort_by(|a, b| {
        let urgency = a.state.cmp(&b.state);
        let urgency = urgency.then_with(|| b.correction.is_some().cmp(&a.correction.is_some()));
        let urgency = urgency.then_with(|| b.months_late_in_row.cmp(&a.months_late_in_row));
        urgency.then_with(|| a.firm_name.cmp(&b.firm_name)).then_with(|| a.form.cmp(&b.form))
    });
    chased
}

fn chase_list(issue: &Issue<'_>, words: Words, chased: &[&Submission]) -> Option<Block> {
    let columns = vec![
        (words.word("brief.column.firm"), false),
        (words.word("brief.column.form"), false),
        (words.word("brief.column.state"), false),
        (words.word("brief.column.deadline"), false),
        (words.word("brief.column.late_in_row"), true),
    ];
    let mut table = Table::new(words.word("brief.problems.chase_table"), columns);
    for submission in chased.iter().take(CHASED_MAX) {
        let deadline = submission.deadline.map(|deadline| {
            deadline.with_timezone(&issue.time_zone).format("%Y-%m-%d %H:%M").to_string()
        });
        let (key, tone) = state(submission);
        table.rows.push(vec![
            Cell::plain(Some(submission.firm_name.clone())),
            Cell::plain(Some(submission.form.clone())),
            Cell { text: Some(words.word(key)), tone },
            Cell::plain(deadline),
            Cell::plain(Some(submission.months_late_in_row.to_string())),
        ]);
    }
    table.trimmed()
}

fn state(submission: &Submission) -> (&'static str, Tone) {
    match submission.state {
        State::Missing => ("brief.state.missing", Tone::Bad),
        State::Unreadable => ("brief.state.unreadable", Tone::Bad),
        State::Refused => ("brief.state.refused", Tone::Bad),
        State::Queried => ("brief.state.queried", Tone::Watch),
        State::Accepted => match submission.correction {
            Some(State::Queried) => ("brief.state.correction_queried", Tone::Watch),
            Some(_) => ("brief.state.correction_refused", Tone::Bad),
            None => ("brief.state.accepted_late", Tone::Plain),
        },
    }
}
