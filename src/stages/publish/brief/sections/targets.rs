//! The year's targets: how many stand where, each in a table and a chart, and what those behind need.

use rust_decimal::Decimal;

use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::{
    Block, BulletRow, Bullets, Cell, Chart, Drawing, Table, Tone,
};
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::targets::{Status, Target};
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// Writes the section.
pub(crate) fn write(facts: &Facts, _: &Issue<'_>, words: Words) -> Vec<Block> {
    let paragraph = words.paragraph(&[summary(facts, words)]);
    let mut blocks: Vec<Block> = paragraph.map(Block::Paragraph).into_iter().collect();
    blocks.extend(table(facts, words));
    blocks.extend(chart(facts, words));
    let targets = facts.targets.iter();
    let lines: Vec<String> = targets
        .flat_map(|target| [shortfall(facts, words, target), caution(words, target)])
        .flatten()
        .collect();
    if !lines.is_empty() {
        blocks.push(Block::List(lines));
    }
    blocks
}

/// The key of a status and how to take it.
fn status(status: Status) -> (&'static str, Tone) {
    match status {
        Status::Met => ("brief.status.met", Tone::Good),
        Status::Ahead => ("brief.status.ahead", Tone::Good),
        Status::OnTrack => ("brief.status.on_track", Tone::Plain),
        Status::Behind => ("brief.status.behind", Tone::Watch),
        Status::Missed => ("brief.status.missed", Tone::Bad),
        Status::Incomplete => ("brief.status.incomplete", Tone::Watch),
    }
}

fn summary(facts: &Facts, words: Words) -> Option<String> {
    let known: Vec<Status> = facts.targets.iter().filter_map(|target| target.status).collect();
    let year = words.year(facts.period.year());
    let count = known.len().to_string();
    let arguments = [("year", year.as_str()), ("count", &count)];
    let mut clauses = vec![Some(words.say("brief.targets.count", &arguments))];
    let all = [
        Status::Met,
        Status::Ahead,
        Status::OnTrack,
        Status::Behind,
        Status::Missed,
        Status::Incomplete,
    ];
    for wanted in all {
        let count = known.iter().filter(|status| **status == wanted).count();
        let name = words.word(status(wanted).0);
        let count_text = count.to_string();
        let arguments = [("status", name.as_str()), ("count", &count_text)];
        clauses.push((0 < count).then(|| words.say("brief.targets.status_count", &arguments)));
    }
    (!known.is_empty()).then(|| words.sentence(&clauses)).flatten()
}

fn table(facts: &Facts, words: Words) -> Option<Block> {
    let columns = vec![
        (words.word("brief.column.target"), false),
        (words.word("brief.column.target_level"), true),
        (words.word("brief.column.attained_level"), true),
        (words.word("brief.column.attained"), true),
        (words.word("brief.column.time"), true),
        (words.word("brief.column.seasonal"), true),
        (words.word("brief.column.gap"), true),
        (words.word("brief.column.required"), true),
        (words.word("brief.column.growth_and_target"), true),
        (words.word("brief.column.status"), false),
    ];
    let mut table = Table::new(words.word("brief.targets.table"), columns);
    for target in &facts.targets {
        table.rows.push(row(words, target));
    }
    table.trimmed()
}

fn row(words: Words, target: &Target) -> Vec<Cell> {
    let large = |yuan: Option<Decimal>| yuan.map(|yuan| words.figures.large(yuan));
    let rate = |fraction: Option<Decimal>| fraction.map(figures::rate);
    let (wanted, so_far, gap) = if target.is_ratio() {
        (rate(target.ratio_target()), rate(target.ratio), None)
    } else {
        (large(target.level), large(target.ytd), large(target.gap))
    };
    let (status, tone) = target.status.map(status).unzip();
    let plain = [
        Some(target.name.clone()),
        wanted,
        so_far,
        rate(target.attained),
        rate(accumulated(target, target.time)),
        rate(accumulated(target, target.seasonal)),
        gap,
        large(accumulated(target, target.required_month)),
        growth_and_target(words, target),
    ];
    let status =
        Cell { text: status.map(|key| words.word(key)), tone: tone.unwrap_or(Tone::Plain) };
    plain.into_iter().map(Cell::plain).chain([status]).collect()
}

/// Progress in time says nothing about a ratio, which does not accumulate.
fn accumulated(target: &Target, figure: Option<Decimal>) -> Option<Decimal> {
    figure.filter(|_| !target.is_ratio())
}

/// Growth so far beside the growth wanted (`7.6% / 8.0%`); of a ratio, its change in points.
fn growth_and_target(words: Words, target: &Target) -> Option<String> {
    let show = |fraction: Decimal| {
        if target.is_ratio() {
            figures::fixed(fraction * Decimal::ONE_HUNDRED, 1)
        } else {
            figures::rate(fraction)
        }
    };
    let wanted = show(target.wanted_growth?);
    let so_far = target.growth_so_far.map_or_else(|| figures::NONE.to_owned(), show);
    let pair = format!("{so_far} / {wanted}");
    Some(if target.is_ratio() {
        words.say("brief.points.short", &[("points", &pair)])
    } else {
        pair
    })
}

fn chart(facts: &Facts, words: Words) -> Option<Block> {
    let rows: Vec<BulletRow> = facts.targets.iter().filter_map(bullet).collect();
    let texts: Vec<String> = rows
        .iter()
        .map(|row| {
            let arguments = [("name", row.label.as_str()), ("attained", &row.attained_text)];
            words.say("brief.chart.bullet", &arguments)
        })
        .collect();
    let chart = Chart {
        title: words.word("brief.targets.chart"),
        description: texts.join(&words.word("brief.join.list")),
        drawing: Drawing::Bullets(Bullets {
            time_label: words.word("brief.chart.time"),
            seasonal_label: words.word("brief.chart.seasonal"),
            rows,
        }),
    };
    (!texts.is_empty()).then_some(Block::Chart(chart))
}

fn bullet(target: &Target) -> Option<BulletRow> {
    let attained = target.attained?;
    Some(BulletRow {
        label: target.name.clone(),
        attained,
        attained_text: figures::rate(attained),
        time: accumulated(target, target.time),
        seasonal: accumulated(target, target.seasonal),
        tone: target.status.map_or(Tone::Plain, |known| status(known).1),
    })
}

/// What a target that is behind lacks, and what it needs each month left.
fn shortfall(facts: &Facts, words: Words, target: &Target) -> Option<String> {
    if !matches!(target.status, Some(Status::Behind | Status::Missed)) {
        return None;
    }
    if target.is_ratio() {
        return ratio_shortfall(words, target);
    }
    let attained = figures::rate(target.attained?);
    let arguments = [("name", target.name.as_str()), ("attained", &attained)];
    let lead = words.say("brief.targets.attained", &arguments);
    let gap = target
        .gap
        .map(|yuan| words.say("brief.targets.gap", &[("gap", &words.figures.level(yuan))]));
    let months = 12_u32.saturating_sub(facts.period.month()).to_string();
    let required = target.required_month.map(|yuan| {
        let value = words.figures.level(yuan);
        words.say("brief.targets.required", &[("months", &months), ("value", &value)])
    });
    words.sentence(&[Some(lead), gap, required])
}

fn ratio_shortfall(words: Words, target: &Target) -> Option<String> {
    let (ratio, wanted) = (figures::rate(target.ratio?), figures::rate(target.ratio_target()?));
    let arguments = [("name", target.name.as_str()), ("ratio", &ratio), ("target", &wanted)];
    words.sentence(&[Some(words.say("brief.targets.ratio", &arguments))])
}

/// What a target's figures rest on, where that is not everything: reports that are missing, a base that
/// is estimated, or one so thin that nothing is said.
fn caution(words: Words, target: &Target) -> Option<String> {
    let share = |fraction: Option<Decimal>| fraction.map(figures::rate);
    let incomplete = share(target.incomplete);
    let is_whole = target.base_coverage.is_none_or(|coverage| Decimal::ONE <= coverage);
    let is_thin = target.kind != "level" && target.level.is_none() && !is_whole;
    let (key, share) = match (incomplete, share(target.base_coverage)) {
        (Some(share), _) => ("brief.targets.incomplete", share),
        (None, Some(share)) if target.is_estimated => ("brief.targets.estimated", share),
        (None, Some(share)) if is_thin => ("brief.targets.thin", share),
        _ => return None,
    };
    let arguments = [("name", target.name.as_str()), ("share", &share)];
    words.sentence(&[Some(words.say(key, &arguments))])
}
