//! Level and growth: the year to date, the month, sales and exports, the higher bureau's figure.

use rust_decimal::Decimal;

use crate::domain::period::Period;
use crate::stages::publish::brief::Issue;
use crate::stages::publish::brief::document::{Block, Chart, Drawing, MonthPoint, Months, Table};
use crate::stages::publish::brief::facts::Facts;
use crate::stages::publish::brief::facts::totals::Total;
use crate::stages::publish::brief::figures;
use crate::stages::publish::brief::words::Words;

/// Filed months in the chart: two years of eleven reports and the month itself.
const MONTHS_MAX: usize = 23;

/// Writes the section.
pub(crate) fn write(facts: &Facts, _: &Issue<'_>, words: Words) -> Vec<Block> {
    let paragraphs = [
        words.paragraph(&[output(facts, words), month(facts, words)]),
        words.paragraph(&[sales(facts, words), exports(facts, words)]),
        words.paragraph(&[partial(facts, words), without_base(facts, words)]),
        feedback(facts, words),
    ];
    let mut blocks: Vec<Block> = paragraphs.into_iter().flatten().map(Block::Paragraph).collect();
    blocks.extend(indicators(facts, words));
    blocks.extend(chart(facts, words));
    blocks
}

/// Totals of a month for which not every firm's report counts are those of the others: whoever reads
/// them as the district's must be told beside them.
fn partial(facts: &Facts, words: Words) -> Option<String> {
    let (due, reported) = (facts.headline.firms_due?, facts.headline.firms_reported?);
    let [shown_due, shown_reported] = [due, reported].map(|count| count.to_string());
    let arguments = [("due", shown_due.as_str()), ("reported", shown_reported.as_str())];
    (reported < due).then(|| words.say("brief.level.partial", &arguments))
}

/// Who has no figure of last year is in the level and on neither side of growth.
fn without_base(facts: &Facts, words: Words) -> Option<String> {
    let count = facts.headline.firms_without_base.filter(|count| 0 < *count)?.to_string();
    Some(words.say("brief.level.without_base", &[("count", &count)]))
}

fn growth(words: Words, fraction: Option<Decimal>) -> Option<String> {
    fraction.map(|fraction| words.growth(fraction))
}

fn output(facts: &Facts, words: Words) -> Option<String> {
    let span = words.span(facts.period);
    let lead = facts.headline.output_ytd.map(|yuan| {
        let value = words.figures.level(yuan);
        let said = words.say("brief.level.output", &[("span", &span), ("value", &value)]);
        let Some(share) = facts.headline.incomplete.map(figures::rate) else { return said };
        words.say("brief.level.incomplete", &[("said", &said), ("share", &share)])
    });
    let yoy = facts.headline.yoy_ytd;
    words.sentence(&[lead, growth(words, yoy), yoy.and_then(|_| change(facts, words))])
}

/// How the growth changed since the month before; a decline is said to narrow or widen.
fn change(facts: &Facts, words: Words) -> Option<String> {
    let headline = &facts.headline;
    let points = headline.yoy_change_points?;
    let rounded = figures::round(points, 1);
    let declined = |growth: Option<Decimal>| {
        growth.is_some_and(|growth| figures::round(growth, 3) < Decimal::ZERO)
    };
    let is_decline = declined(headline.yoy_ytd) && declined(headline.previous_yoy_ytd);
    let key = match (rounded.is_zero(), rounded.is_sign_positive(), is_decline) {
        (true, _, _) => "brief.level.same",
        (false, true, false) => "brief.level.faster",
        (false, false, false) => "brief.level.slower",
        (false, true, true) => "brief.level.narrower",
        (false, false, true) => "brief.level.wider",
    };
    let before = before(facts.period, headline.previous_period, words);
    let size = figures::fixed(rounded.abs(), 1);
    Some(words.say(key, &[("before", &before), ("points", &size)]))
}

/// What the month is compared with: the month before, last year as a whole, or a stretch of months.
fn before(period: Period, previous: Option<Period>, words: Words) -> String {
    match previous {
        Some(previous) if previous.year() < period.year() && previous.month() == 12 => {
            words.word("brief.level.last_year")
        }
        Some(previous) if period.months_before(1) != Some(previous) => words.dated_span(previous),
        Some(previous) => words.say("brief.level.last_month", &[("span", &words.span(previous))]),
        None => words.word("brief.level.last_filed"),
    }
}

fn month(facts: &Facts, words: Words) -> Option<String> {
    let month = words.month(facts.period);
    let lead = facts.headline.output_month.map(|yuan| {
        let value = words.figures.level(yuan);
        words.say("brief.level.month", &[("month", &month), ("value", &value)])
    });
    words.sentence(&[lead, growth(words, facts.headline.yoy_month)])
}

fn sales(facts: &Facts, words: Words) -> Option<String> {
    let headline = &facts.headline;
    let span = words.span(facts.period);
    let lead = headline.sales_ytd.map(|yuan| {
        let value = words.figures.level(yuan);
        words.say("brief.level.sales", &[("span", &span), ("value", &value)])
    });
    let ratio = headline
        .sales_ratio_ytd
        .map(|ratio| words.say("brief.level.sales_ratio", &[("ratio", &figures::rate(ratio))]));
    words.sentence(&[lead, growth(words, headline.sales_yoy_ytd), ratio])
}

fn exports(facts: &Facts, words: Words) -> Option<String> {
    let headline = &facts.headline;
    let lead = headline
        .exports_ytd
        .map(|yuan| words.say("brief.level.exports", &[("value", &words.figures.level(yuan))]));
    words.sentence(&[lead, growth(words, headline.exports_yoy_ytd)])
}

/// The higher bureau's figure stands beside ours with the difference, never in its place.
fn feedback(facts: &Facts, words: Words) -> Option<String> {
    let headline = &facts.headline;
    let span = words.span(facts.period);
    let yoy = growth(words, headline.feedback_yoy_ytd);
    let Some(theirs) = headline.feedback_ytd else {
        let arguments = [("span", span.as_str()), ("growth", yoy.as_deref()?)];
        return words.sentence(&[Some(words.say("brief.level.feedback_growth", &arguments))]);
    };
    let value = words.figures.level(theirs);
    let lead = words.say("brief.level.feedback", &[("span", &span), ("value", &value)]);
    let difference = headline.output_ytd.map(|ours| {
        let difference = ours - theirs;
        let key = if difference.is_zero() {
            "brief.level.feedback_equal"
        } else if difference.is_sign_positive() {
            "brief.level.feedback_more"
        } else {
            "brief.level.feedback_less"
        };
        words.say(key, &[("difference", &words.figures.level(difference.abs()))])
    });
    words.sentence(&[Some(lead), yoy, difference])
}

/// The table of main indicators: output, sales, exports.
fn indicators(facts: &Facts, words: Words) -> Option<Block> {
    let items = [
        ("output", "brief.item.output"),
        ("sales", "brief.item.sales"),
        ("exports", "brief.item.exports"),
    ];
    let growth = words.word("brief.column.growth");
    let columns = vec![
        (words.word("brief.column.indicator"), false),
        (words.month(facts.period), true),
        (growth.clone(), true),
        (words.span(facts.period), true),
        (growth, true),
    ];
    let mut table = Table::new(words.word("brief.level.table"), columns);
    for (item, key) in items {
        for total in facts.scope("district", item) {
            table.push(vec![
                Some(words.word(key)),
                total.month.map(|yuan| words.figures.medium(yuan)),
                total.yoy_month.map(figures::rate),
                total.ytd.map(|yuan| words.figures.medium(yuan)),
                total.yoy_ytd.map(figures::rate),
            ]);
        }
    }
    table.trimmed()
}

/// Output of each month and growth of the year to date; none for a single month.
fn chart(facts: &Facts, words: Words) -> Option<Block> {
    let skipped = facts.history.len().saturating_sub(MONTHS_MAX);
    let recent = facts.history.iter().skip(skipped);
    let months: Vec<MonthPoint> =
        recent.map(|(period, total)| point(*period, total, words)).collect();
    let (first, last) = (months.first()?, months.last()?);
    let arguments = [
        ("first", words.dated_month(first.period)),
        ("last", words.dated_month(last.period)),
        ("level", last.level_text.clone()),
        ("growth", last.growth_text.clone()),
    ];
    let arguments = arguments.each_ref().map(|(name, value)| (*name, value.as_str()));
    let chart = Chart {
        title: words.word("brief.level.chart"),
        description: words.say("brief.level.chart_description", &arguments),
        drawing: Drawing::Months(Months {
            level_heading: words.word("brief.chart.month_level"),
            growth_heading: words.word("brief.chart.ytd_growth"),
            points: months,
        }),
    };
    (1 < facts.history.len()).then_some(Block::Chart(chart))
}

/// February's report is January's too: its bar is as wide as two months and as high as their mean.
fn point(period: Period, total: &Total, words: Words) -> MonthPoint {
    let is_double = period.month() == 2 && total.month.is_none();
    let yuan = if is_double { total.ytd } else { total.month };
    let span = if is_double { 2 } else { 1 };
    let growth = total.yoy_ytd.map(|fraction| fraction * Decimal::ONE_HUNDRED);
    MonthPoint {
        period,
        span,
        label: if is_double { words.word("brief.chart.two") } else { words.short_month(period) },
        year: words.year(period.year()),
        level: yuan.map(|yuan| words.figures.in_large_units(yuan) / Decimal::from(span)),
        level_text: yuan.map_or_else(|| figures::NONE.to_owned(), |yuan| words.figures.large(yuan)),
        growth,
        growth_text: total.yoy_ytd.map_or_else(|| figures::NONE.to_owned(), figures::rate),
    }
}
