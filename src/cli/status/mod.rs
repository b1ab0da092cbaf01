//! `status`: response, missing firms and target progress, as the edition in force has them; and why
//! reports do not count, as the lake has it.

use std::process::ExitCode;

use arrow::array::{Array, AsArray};
use arrow::datatypes::{Date32Type, Decimal128Type, Int32Type, TimestampMicrosecondType};
use arrow::record_batch::RecordBatch;
use chrono::DateTime;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Serialize;

use self::problems::Problem;
use super::session::Session;
use super::{Failure, arguments, output};
use crate::domain::period::Period;
use crate::project::settings::Settings;
use crate::stages::publish::editions;
use crate::texts::{self, Locale, Text};

mod problems;

/// Arguments of `status`.
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The month; the newest published when not named. 月份
    #[arg(long, value_parser = arguments::period)]
    period: Option<Period>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

/// How a month stands.
#[derive(Debug, Serialize)]
struct Status {
    edition: u32,
    period: Period,
    due: usize,
    counted: usize,
    errors: i32,
    queries: i32,
    to_chase: Vec<Chased>,
    targets: Vec<Target>,
}

/// A report that is due and does not count yet.
#[derive(Debug, Serialize)]
struct Chased {
    form: String,
    credit_code: String,
    firm_name: String,
    state: String,
    deadline: String,
    months_late_in_row: i32,
    /// The revision shown; empty where nothing came.
    submission_id: String,
    /// Why it does not count, gravest first.
    problems: Vec<Problem>,
}

/// A target in the month.
#[derive(Debug, Serialize)]
struct Target {
    target_id: String,
    name: String,
    attained_share: Option<String>,
    time_progress: Option<String>,
    seasonal_progress: Option<String>,
    status: Option<String>,
}

/// Runs the command.
pub(super) fn run(session: &Session, command: &Arguments) -> Result<ExitCode, Failure> {
    let workshop = session.workshop()?;
    let settings = &workshop.project.settings;
    let Some(edition) = editions::current(session.output.root()) else {
        return Err(Failure::Call(
            "nothing is published yet: put workbooks into the inbox and say `yuebao run`"
                .to_owned(),
        ));
    };
    let folder = editions::folder(session.output.root(), edition);
    let submissions = editions::table(&folder.join("submission_status.parquet"))?;
    let targets = editions::table(&folder.join("target_progress.parquet"))?;
    let months = months(&submissions);
    let period = match command.period {
        None => months.last().copied(),
        Some(asked) => months.contains(&asked).then_some(asked),
    };
    let Some(period) = period else { return Err(no_month(edition, &months, command.period)) };
    let mut status = status(edition, period, &submissions, &targets, settings);
    let mut problems = problems::read(&session.output.lake(), period)?;
    for chased in &mut status.to_chase {
        chased.problems = problems.remove(&chased.submission_id).unwrap_or_default();
    }
    if command.json {
        output::json(&status);
    } else {
        output::print(&text(&status, settings));
    }
    Ok(ExitCode::SUCCESS)
}

/// Why there is nothing to show.
fn no_month(edition: u32, months: &[Period], asked: Option<Period>) -> Failure {
    let Some((first, last)) = months.first().zip(months.last()) else {
        return Failure::Call(format!(
            "edition {edition} has no month yet: put workbooks into the inbox and say `yuebao run`"
        ));
    };
    let asked = asked.map(|period| period.to_string()).unwrap_or_default();
    Failure::Call(format!("edition {edition} has nothing for {asked}: it covers {first} to {last}"))
}

fn months(submissions: &RecordBatch) -> Vec<Period> {
    let mut months: Vec<Period> =
        (0..submissions.num_rows()).filter_map(|row| month(submissions, row)).collect();
    months.sort_unstable();
    months.dedup();
    months
}

fn status(
    edition: u32,
    period: Period,
    submissions: &RecordBatch,
    targets: &RecordBatch,
    settings: &Settings,
) -> Status {
    let of_month = |batch: &RecordBatch| -> Vec<usize> {
        (0..batch.num_rows()).filter(|row| month(batch, *row) == Some(period)).collect()
    };
    let rows = of_month(submissions);
    let is_counted = |row: &usize| string(submissions, "state", *row) == "accepted";
    let sum = |name: &str| rows.iter().map(|row| integer(submissions, name, *row)).sum();
    let chased = rows.iter().filter(|row| !is_counted(row)).map(|row| Chased {
        form: string(submissions, "form", *row),
        credit_code: string(submissions, "credit_code", *row),
        firm_name: string(submissions, "firm_name", *row),
        state: string(submissions, "state", *row),
        deadline: deadline(submissions, *row, settings),
        months_late_in_row: integer(submissions, "months_late_in_row", *row),
        submission_id: string(submissions, "submission_id", *row),
        problems: Vec::new(),
    });
    let of_target = |row: usize| Target {
        target_id: string(targets, "target_id", row),
        name: string(targets, "name", row),
        attained_share: percent(targets, "attained_share", row),
        time_progress: percent(targets, "time_progress", row),
        seasonal_progress: percent(targets, "seasonal_progress", row),
        status: Some(string(targets, "status", row)).filter(|status| !status.is_empty()),
    };
    Status {
        edition,
        period,
        due: rows.len(),
        counted: rows.iter().filter(|row| is_counted(row)).count(),
        errors: sum("errors"),
        queries: sum("queries"),
        to_chase: chased.collect(),
        targets: of_month(targets).into_iter().map(of_target).collect(),
    }
}

fn text(status: &Status, settings: &Settings) -> String {
    let locale = settings.locale();
    let say = |key: &str, arguments: &[(&str, &Text)]| {
        texts::text(key).fill(arguments).get(locale).to_owned()
    };
    let same = |value: &dyn ToString| Text::same(value.to_string());
    let mut lines = vec![say(
        "status.title",
        &[("district", &settings.district.name), ("period", &same(&status.period))],
    )];
    if settings.district.is_synthetic {
        lines.push(say("status.synthetic", &[]));
    }
    let rate = (status.counted * 1000).checked_div(status.due).unwrap_or_default();
    let rate = format!("{}.{}%", rate / 10, rate % 10);
    let counts =
        [("due", &same(&status.due)), ("reported", &same(&status.counted)), ("rate", &same(&rate))];
    lines.push(say("status.response", &counts));
    let counts = [("errors", &same(&status.errors)), ("queries", &same(&status.queries))];
    lines.push(say("status.findings", &counts));
    if status.to_chase.is_empty() {
        lines.push(say("status.nobody", &[]));
    } else {
        lines.push(say("status.chase", &[]));
        lines.push(chase_table(status, locale));
    }
    if !status.targets.is_empty() {
        lines.push(say("status.targets", &[]));
        lines.push(targets_table(status, locale));
        if status.counted < status.due {
            lines.push(say("status.partial", &[]));
        }
    }
    lines.join("\n")
}

fn chase_table(status: &Status, locale: Locale) -> String {
    let row = |chased: &Chased| {
        let state = texts::text(&format!("state.{}", chased.state)).get(locale).to_owned();
        let months = chased.months_late_in_row.to_string();
        let firm = format!("{} {}", chased.credit_code, chased.firm_name);
        let problem = problem(chased, locale);
        vec![chased.form.clone(), firm, state, chased.deadline.clone(), months, problem]
    };
    let header = ["form", "firm", "state", "deadline", "months", "finding"]
        .map(|name| heading(name, locale));
    output::table(&header, &status.to_chase.iter().map(row).collect::<Vec<_>>())
}

/// The gravest problem, and how many more there are.
fn problem(chased: &Chased, locale: Locale) -> String {
    let Some((first, others)) = chased.problems.split_first() else { return String::new() };
    let first = Text::same(first.message.get(locale));
    if others.is_empty() {
        return first.zh;
    }
    let more = Text::same(others.len().to_string());
    let arguments = [("first", &first), ("more", &more)];
    texts::text("status.more_findings").fill(&arguments).get(locale).to_owned()
}

fn targets_table(status: &Status, locale: Locale) -> String {
    let row = |target: &Target| {
        let word =
            target.status.as_ref().map(|status| texts::text(&format!("brief.status.{status}")));
        vec![
            target.name.clone(),
            target.attained_share.clone().unwrap_or_default(),
            target.time_progress.clone().unwrap_or_default(),
            target.seasonal_progress.clone().unwrap_or_default(),
            word.map(|word| word.get(locale).to_owned()).unwrap_or_default(),
        ]
    };
    let header =
        ["target", "attained", "time", "seasonal", "status"].map(|name| heading(name, locale));
    output::table(&header, &status.targets.iter().map(row).collect::<Vec<_>>())
}

fn heading(name: &str, locale: Locale) -> &'static str {
    texts::text(&format!("status.column.{name}")).get(locale)
}

fn month(batch: &RecordBatch, row: usize) -> Option<Period> {
    let days = batch.column_by_name("period")?.as_primitive_opt::<Date32Type>()?.value(row);
    Period::of(Date32Type::to_naive_date_opt(days)?)
}

fn string(batch: &RecordBatch, name: &str, row: usize) -> String {
    let column = batch.column_by_name(name).and_then(|column| column.as_string_opt::<i32>());
    let column = column.filter(|column| !column.is_null(row));
    column.map(|column| column.value(row).to_owned()).unwrap_or_default()
}

fn integer(batch: &RecordBatch, name: &str, row: usize) -> i32 {
    let column = batch.column_by_name(name).and_then(|it| it.as_primitive_opt::<Int32Type>());
    column.filter(|column| !column.is_null(row)).map(|it| it.value(row)).unwrap_or_default()
}

/// A fraction as a percentage with one decimal.
fn percent(batch: &RecordBatch, name: &str, row: usize) -> Option<String> {
    let column = batch.column_by_name(name)?.as_primitive_opt::<Decimal128Type>()?;
    let scale = u32::try_from(column.scale()).ok()?;
    let value = (!column.is_null(row)).then(|| column.value(row))?;
    let share = Decimal::from_i128_with_scale(value, scale) * Decimal::ONE_HUNDRED;
    // Half away from zero, as in the brief.
    let rounded = share.round_dp_with_strategy(1, RoundingStrategy::MidpointAwayFromZero);
    Some(format!("{rounded:.1}%"))
}

fn deadline(batch: &RecordBatch, row: usize, settings: &Settings) -> String {
    let column = batch.column_by_name("deadline");
    let column = column.and_then(|it| it.as_primitive_opt::<TimestampMicrosecondType>());
    let micros = column.filter(|column| !column.is_null(row)).map(|column| column.value(row));
    let instant = micros.and_then(DateTime::from_timestamp_micros).zip(settings.zone());
    instant
        .map(|(instant, zone)| instant.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default()
}
