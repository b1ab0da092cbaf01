//! The plan of the sample: every workbook that arrives, what stands in it, and what must become of it,
//! before a single file is written.
//!
//! In: the roster, the calendar, the stories of `sample.toml`. Out: files, sorted by folder and name, the
//! same on every run. Fails only when the calendar lacks a deadline.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta};

use super::DemoError;
use super::figures::{DemoArchive, FORMS, OUTPUT, PURCHASES, month, number};
use super::sample::{self, SAMPLE, Story, StoryEvent, Timing, between, one_in};
use crate::domain::measure::Measure::{self, Month, PriorYtd, Ytd};
use crate::domain::period::Period;
use crate::project::seeds::roster::{Calendar, Firm, Roster};

/// One file in the inbox.
#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// The folder of the inbox: the month reported.
    pub folder: Period,
    /// The file's name.
    pub file_name: String,
    /// When it arrived, at the bureau's offset.
    pub received_at: DateTime<FixedOffset>,
    /// What kind of file it is.
    pub packing: Packing,
    /// 1 for the first file of a firm and month, 2 for the one sent after it.
    pub revision: u32,
    /// The reports in it.
    pub reports: Vec<PlannedReport>,
}

/// What kind of file a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// A workbook, a sheet a report.
    Workbook,
    /// The bureau's export: one sheet, a row a report.
    Export,
    /// A web page named `.xls`.
    Html,
    /// The first part of a workbook.
    Truncated,
}

/// One form of one firm for one month.
#[derive(Clone, Debug)]
pub struct PlannedReport {
    /// The form's number.
    pub form: &'static str,
    /// The firm, as the roster has it in the month.
    pub firm: Firm,
    /// The credit code as it stands in the header.
    pub credit_code: String,
    /// The month reported.
    pub period: Period,
    /// The rows.
    pub lines: Vec<FormRow<Measure>>,
    /// What stands after 核实说明; empty for nothing.
    pub explanation: &'static str,
    /// What must become of it.
    pub expected: Expected,
}

/// What a right pipeline makes of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It counts.
    Counts,
    /// A later version counts in its place.
    Replaced,
    /// It waits for an explanation that does not come.
    Queried,
    /// It is refused.
    Refused,
    /// Last year's form, sent along again with the same figures.
    Repeated,
}

/// One row of a form with its figures by column, or of all months.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRow<K> {
    /// The item's name in the lake.
    pub item: String,
    /// The label on the form.
    pub label: String,
    /// The unit.
    pub unit: &'static str,
    /// The code on the form.
    pub code: String,
    /// The figures: whole 千元, or tenths of a quantity.
    pub figures: BTreeMap<K, i64>,
}

impl<K> FormRow<K> {
    /// Whether the row counts money.
    pub fn is_money(&self) -> bool {
        self.unit == "千元"
    }
}

impl PlannedReport {
    /// The value of an item's column; `None` when the row or the figure is not there.
    pub fn value(&self, item: &str, measure: Measure) -> Option<i64> {
        self.lines.iter().find(|line| line.item == item)?.figures.get(&measure).copied()
    }

    /// The rows of an item, or of an open group (`industry`, `supply`).
    pub fn rows(&self, group: &str) -> impl Iterator<Item = &FormRow<Measure>> {
        self.lines.iter().filter(move |line| line.item.split(':').next() == Some(group))
    }

    /// The sum of a group's column; empty cells count nothing.
    pub fn sum(&self, group: &str, measure: Measure) -> i64 {
        self.rows(group).filter_map(|line| line.figures.get(&measure)).sum()
    }
}

/// Plans all that arrives over the three years.
pub fn plan(roster: &Roster, calendar: &Calendar) -> Result<Vec<PlannedFile>, DemoError> {
    let archive = DemoArchive::new(roster);
    let mut files = Vec::new();
    for period in month(2023, 2).to(month(2025, 12)) {
        files.extend(of_month(&archive, calendar, period)?);
    }
    files.sort_by_cached_key(|file| (file.folder, file.file_name.clone()));
    Ok(files)
}

/// Everything that arrives about one month.
fn of_month(
    archive: &DemoArchive<'_>,
    calendar: &Calendar,
    period: Period,
) -> Result<Vec<PlannedFile>, DemoError> {
    // January, which nobody files, borrows February's deadline.
    let asked = month(period.year(), period.month().max(2));
    let key = (OUTPUT.to_owned(), asked);
    let deadline = calendar.deadlines.get(&key).copied();
    let deadline = deadline.ok_or(DemoError::NoDeadline { form: key.0, period: asked })?;
    let (mut all, mut exported) = (Vec::new(), Vec::new());
    for firm in archive.roster.firms.values().flatten().filter(|firm| firm.is_on_roster(period)) {
        for forms in books(firm) {
            let reports = forms.into_iter().filter_map(|form| archive.report(firm, form, period));
            let (rows, sheets): (Vec<_>, Vec<_>) =
                reports.partition(|report| report.form == OUTPUT && sample::is_export(period));
            exported.extend(rows);
            all.extend(sent(firm, period, deadline, sheets));
        }
    }
    for file in &mut all {
        enclose_last_year(archive, file);
    }
    // The bureau's export of a month comes on the day before the deadline.
    all.extend((!exported.is_empty()).then(|| PlannedFile {
        folder: period,
        file_name: format!("{}年{}月 B204-1 平台导出.xlsx", period.year(), period.month()),
        received_at: deadline - TimeDelta::days(1),
        packing: Packing::Export,
        revision: 1,
        reports: exported,
    }));
    Ok(all)
}

/// Which forms a firm puts into one workbook: buyers and every third supplier send one for all.
fn books(firm: &Firm) -> Vec<Vec<&'static str>> {
    let forms: Vec<&str> = FORMS.into_iter().filter(|form| firm.files(form)).collect();
    if firm.files(PURCHASES) || number(&firm.credit_code).is_multiple_of(3) {
        return vec![forms];
    }
    forms.into_iter().map(|form| vec![form]).collect()
}

/// The files a firm sends with some of its reports. Stories are about the main form; others in files of
/// their own arrive in peace.
fn sent(
    firm: &Firm,
    period: Period,
    deadline: DateTime<FixedOffset>,
    mut reports: Vec<PlannedReport>,
) -> Vec<PlannedFile> {
    let mut story = sample::story(number(&firm.credit_code), period);
    if story.event != StoryEvent::Late && reports.iter().all(|report| report.form != OUTPUT) {
        story = Story { event: StoryEvent::Plain, mended: None, why: false, ..story };
    }
    let is_due = period.month() != 1 || story.event == StoryEvent::January;
    if reports.is_empty() || !is_due || story.event == StoryEvent::Missing {
        return Vec::new();
    }
    let second = story.mended.map(|timing| (timing, reports.clone(), Packing::Workbook));
    let (expected, timing, packing) = outcome(&story);
    for report in &mut reports {
        report.expected = expected;
        if report.form == OUTPUT {
            spoil(report, story.event);
        }
    }
    let mut versions = vec![(timing, reports, packing)];
    versions.extend(second);
    let why = SAMPLE.explanations.get(&story.event).filter(|_| story.why);
    let last = versions.last_mut().into_iter().flat_map(|(_, reports, _)| reports);
    for report in last.filter(|report| report.form == OUTPUT) {
        report.explanation = why.map_or("", String::as_str);
    }
    let pack = |((timing, reports, packing), revision): ((_, Vec<PlannedReport>, _), u32)| {
        let forms = reports.iter().map(|report| report.form).collect::<Vec<_>>().join("+");
        let keys = [number(&firm.credit_code), sample::key(period), revision];
        let (year, month) = (period.year(), period.month());
        let again = if revision > 1 { "（更正）" } else { "" };
        let ending = if packing == Packing::Html { "xls" } else { "xlsx" };
        let file_name = format!("{year}年{month}月 {} {forms}{again}.{ending}", firm.name);
        let received_at = arrival(deadline, timing, &forms, keys);
        PlannedFile { folder: period, file_name, received_at, packing, revision, reports }
    };
    versions.into_iter().zip(1..).map(pack).collect()
}

/// What becomes of the first version, when it arrives, and as what.
fn outcome(story: &Story) -> (Expected, Timing, Packing) {
    let is_refused = StoryEvent::January <= story.event;
    let is_mended = story.mended.is_some();
    let expected = match story.event {
        _ if is_refused => Expected::Refused,
        _ if is_mended => Expected::Replaced,
        StoryEvent::Surge if !story.why => Expected::Queried,
        _ => Expected::Counts,
    };
    let timing = match story.event {
        StoryEvent::Late => Timing::Late,
        event if is_mended || StoryEvent::January < event => Timing::Early,
        _ => Timing::InTime,
    };
    let packing = match story.event {
        StoryEvent::Html => Packing::Html,
        StoryEvent::Truncated => Packing::Truncated,
        _ => Packing::Workbook,
    };
    (expected, timing, packing)
}

/// A working hour around the deadline, the same on every run.
pub(super) fn arrival(
    deadline: DateTime<FixedOffset>,
    timing: Timing,
    forms: &str,
    keys: [u32; 3],
) -> DateTime<FixedOffset> {
    let draw = |topic: &str, low, high| between(&format!("{topic} {forms}"), &keys, low, high);
    let days = match timing {
        Timing::Early => -draw("days", 3, 4),
        Timing::InTime => -draw("days", 0, 2),
        Timing::Late => draw("days", 1, 3),
    };
    // On the last day the deadline is noon.
    let hour = draw("hour", 8, if days == 0 { 11 } else { 16 });
    let seconds = (hour * 60 + draw("minute", 0, 59)) * 60 + draw("second", 0, 59);
    let midnight = deadline.with_time(NaiveTime::MIN).single().unwrap_or(deadline);
    midnight + TimeDelta::days(days) + TimeDelta::seconds(seconds)
}

/// Makes the first version of the main form what the story wants it to be.
fn spoil(report: &mut PlannedReport, event: StoryEvent) {
    let value = |item: &str, measure| report.value(item, measure).unwrap_or_default();
    match event {
        // Half a percent short, so that the correction is visible and no check speaks.
        StoryEvent::Corrected => {
            let short = value("sales", Month) / 200;
            shift(report, "sales", Month, -short);
            shift(report, "sales", Ytd, -short);
        }
        StoryEvent::UnitSlip => slip(report),
        StoryEvent::SalesBelowExports => {
            let short = value("sales", Ytd) - value("exports", Ytd);
            shift(report, "exports", Ytd, short + 120);
        }
        StoryEvent::IndustrySum => shift(report, "output", Ytd, 370),
        StoryEvent::PriorAltered => {
            let less = value("output", PriorYtd) / 25;
            shift(report, "output", PriorYtd, -less);
            shift(report, "industry", PriorYtd, -less);
        }
        // Two digits of the region exchanged: nobody's code.
        StoryEvent::WrongCode => {
            report.credit_code = report.credit_code.replacen("0106", "0160", 1);
        }
        _ => {}
    }
}

/// 万元 typed where 千元 is asked for: a tenth, in this year's columns; the base is printed already.
fn slip(report: &mut PlannedReport) {
    for measure in [Month, Ytd] {
        for line in report.lines.iter_mut().filter(|line| line.is_money()) {
            line.figures.entry(measure).and_modify(|value| *value /= 10);
        }
        // Tenths of the industries may fall short of the tenth of their sum by rounding.
        let output = report.value("output", measure).unwrap_or_default();
        let short = output - report.sum("industry", measure);
        shift(report, "industry", measure, short);
    }
}

/// Changes a figure of the first row of a group.
fn shift(report: &mut PlannedReport, group: &str, measure: Measure, by: i64) {
    let mut lines = report.lines.iter_mut();
    let line = lines.find(|line| line.item.split(':').next() == Some(group));
    if let Some(value) = line.and_then(|line| line.figures.get_mut(&measure)) {
        *value += by;
    }
}

/// Now and then a firm keeps last year's sheet in its workbook: it arrives again, figure by figure, but
/// for months whose published figures the sample reproduces.
fn enclose_last_year(archive: &DemoArchive<'_>, file: &mut PlannedFile) {
    let Some(report) = file.reports.first() else { return };
    let Some(before) = report.period.months_before(12) else { return };
    let number = number(&report.credit_code);
    let is_plain = file.packing == Packing::Workbook
        && report.form == OUTPUT
        && report.expected == Expected::Counts
        && report.period.month() != 1
        && before >= month(2023, 2)
        && !sample::is_export(before)
        && ![month(2023, 12), month(2024, 7)].contains(&before)
        && sample::story(number, before).event == StoryEvent::Plain
        && one_in(40, "last year", &[number, sample::key(report.period)]);
    let firm = archive.roster.at(&report.credit_code, before).filter(|_| is_plain);
    let enclosed = firm.and_then(|firm| archive.report(firm, OUTPUT, before));
    file.reports.extend(enclosed.map(|old| PlannedReport { expected: Expected::Repeated, ..old }));
}
