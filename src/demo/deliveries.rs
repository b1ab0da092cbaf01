//! Who sends what when: the story of a month as files in the inbox.
//!
//! In: true figures, deadlines, stories. Out: the deliveries of one month, with what must become of
//! each report. Fails only when the calendar lacks a deadline.

use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta};

use crate::domain::measure::Measure::{self, Month, PriorYtd, Ytd};
use crate::domain::period::Period;
use crate::project::seeds::roster::{Calendar, Firm};

use super::DemoError;
use super::figures::{month, number};
use super::lines::{Archive, FORMS, OUTPUT, PURCHASES};
use super::plan::{Delivery, Fate, Packing, Report};
use super::sample::{self, Arrival, Event, SAMPLE, Story, between, one_in};

/// Everything that arrives about one month.
pub(super) fn of_month(
    archive: &Archive<'_>,
    calendar: &Calendar,
    period: Period,
) -> Result<Vec<Delivery>, DemoError> {
    let deadline = deadline(calendar, period)?;
    let (mut all, mut exported) = (Vec::new(), Vec::new());
    for firm in archive.roster.firms.values().flatten().filter(|firm| firm.is_on_roster(period)) {
        for forms in books(firm) {
            let reports = forms.into_iter().filter_map(|form| archive.report(firm, form, period));
            let (rows, sheets): (Vec<_>, Vec<_>) =
                reports.partition(|report| report.form == OUTPUT && sample::is_export(period));
            exported.extend(rows);
            all.extend(Desk { firm, period, deadline }.deliver(sheets));
        }
    }
    for delivery in &mut all {
        enclose_last_year(archive, delivery);
    }
    // The bureau's export of a month comes on the day before the deadline.
    all.extend((!exported.is_empty()).then(|| Delivery {
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

/// The deadline of a month; January, which nobody files, borrows February's.
fn deadline(calendar: &Calendar, period: Period) -> Result<DateTime<FixedOffset>, DemoError> {
    let asked = month(period.year(), period.month().max(2));
    let key = (OUTPUT.to_owned(), asked);
    let found = calendar.deadlines.get(&key).copied();
    found.ok_or(DemoError::NoDeadline { form: key.0, period: asked })
}

/// The desk of one firm in one month.
struct Desk<'a> {
    firm: &'a Firm,
    period: Period,
    deadline: DateTime<FixedOffset>,
}

impl Desk<'_> {
    /// The files sent. Stories are about the main form; others in files of their own arrive in peace.
    fn deliver(&self, mut reports: Vec<Report>) -> Vec<Delivery> {
        let mut story = sample::story(number(&self.firm.credit_code), self.period);
        if story.event != Event::Late && reports.iter().all(|report| report.form != OUTPUT) {
            story = Story { event: Event::Plain, mended: None, why: false, ..story };
        }
        let is_due = self.period.month() != 1 || story.event == Event::January;
        if reports.is_empty() || !is_due || story.event == Event::Missing {
            return Vec::new();
        }
        let second = story.mended.map(|arrival| (arrival, reports.clone()));
        for report in &mut reports {
            report.fate = fate(&story);
            if report.form == OUTPUT {
                spoil(report, story.event);
            }
        }
        let (packing, arrival) = match story.event {
            Event::Late => (Packing::Workbook, Arrival::Late),
            Event::Html => (Packing::Html, Arrival::Early),
            Event::Truncated => (Packing::Truncated, Arrival::Early),
            event if story.mended.is_some() || Event::January < event => {
                (Packing::Workbook, Arrival::Early)
            }
            _ => (Packing::Workbook, Arrival::InTime),
        };
        let mut versions = vec![(arrival, reports)];
        versions.extend(second);
        let why = SAMPLE.explanations.get(&story.event).filter(|_| story.why);
        let last = versions.last_mut().into_iter().flat_map(|(_, reports)| reports);
        for report in last.filter(|report| report.form == OUTPUT) {
            report.explanation = why.map_or("", String::as_str);
        }
        let packings = [packing, Packing::Workbook];
        let files = versions.into_iter().zip(packings).zip(1..);
        files.map(|((version, packing), nth)| self.pack(version, packing, nth)).collect()
    }

    fn pack(
        &self,
        (arrival, mut reports): (Arrival, Vec<Report>),
        packing: Packing,
        revision: u32,
    ) -> Delivery {
        let forms = reports.iter().map(|report| report.form).collect::<Vec<_>>().join("+");
        let received_at = self.arrive(&forms, revision, arrival);
        for report in &mut reports {
            report.reported_on = received_at.date_naive();
        }
        let (year, month) = (self.period.year(), self.period.month());
        let again = if revision > 1 { "（更正）" } else { "" };
        let ending = if packing == Packing::Html { "xls" } else { "xlsx" };
        let file_name = format!("{year}年{month}月 {} {forms}{again}.{ending}", self.firm.name);
        Delivery { folder: self.period, file_name, received_at, packing, revision, reports }
    }

    /// A working hour around the deadline, the same on every run.
    fn arrive(&self, forms: &str, revision: u32, arrival: Arrival) -> DateTime<FixedOffset> {
        let keys = [number(&self.firm.credit_code), sample::key(self.period), revision];
        let draw = |topic: &str, low, high| between(&format!("{topic} {forms}"), &keys, low, high);
        let days = match arrival {
            Arrival::Early => -draw("days", 3, 4),
            Arrival::InTime => -draw("days", 0, 2),
            Arrival::Late => draw("days", 1, 3),
        };
        // On the last day the deadline is noon.
        let hour = draw("hour", 8, if days == 0 { 11 } else { 16 });
        let seconds = (hour * 60 + draw("minute", 0, 59)) * 60 + draw("second", 0, 59);
        let midnight = self.deadline.with_time(NaiveTime::MIN).single().unwrap_or(self.deadline);
        midnight + TimeDelta::days(days) + TimeDelta::seconds(seconds)
    }
}

/// What becomes of the first version.
fn fate(story: &Story) -> Fate {
    match story.event {
        event if Event::January <= event => Fate::Refused,
        _ if story.mended.is_some() => Fate::Replaced,
        Event::Surge if !story.why => Fate::Queried,
        _ => Fate::Counts,
    }
}

/// Makes the first version of the main form what the story wants it to be.
fn spoil(report: &mut Report, event: Event) {
    let value = |item: &str, measure| report.value(item, measure).unwrap_or_default();
    match event {
        // Half a percent short, so that the correction is visible and no check speaks.
        Event::Corrected => {
            let short = value("sales", Month) / 200;
            shift(report, "sales", Month, -short);
            shift(report, "sales", Ytd, -short);
        }
        Event::UnitSlip => slip(report),
        Event::SalesBelowExports => {
            let short = value("sales", Ytd) - value("exports", Ytd);
            shift(report, "exports", Ytd, short + 120);
        }
        Event::IndustrySum => shift(report, "output", Ytd, 370),
        Event::PriorAltered => {
            let less = value("output", PriorYtd) / 25;
            shift(report, "output", PriorYtd, -less);
            shift(report, "industry", PriorYtd, -less);
        }
        // Two digits of the region exchanged: nobody's code.
        Event::WrongCode => report.credit_code = report.credit_code.replacen("0106", "0160", 1),
        _ => {}
    }
}

/// 万元 typed where 千元 is asked for: a tenth, in this year's columns; the base is printed already.
fn slip(report: &mut Report) {
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
fn shift(report: &mut Report, group: &str, measure: Measure, by: i64) {
    let mut lines = report.lines.iter_mut();
    let line = lines.find(|line| line.item.split(':').next() == Some(group));
    if let Some(value) = line.and_then(|line| line.figures.get_mut(&measure)) {
        *value += by;
    }
}

/// Now and then a firm keeps last year's sheet in its workbook: it arrives again, figure by figure, but
/// for months whose published figures the sample reproduces.
fn enclose_last_year(archive: &Archive<'_>, delivery: &mut Delivery) {
    let Some(report) = delivery.reports.first() else { return };
    let Some(before) = report.period.months_before(12) else { return };
    let number = number(&report.credit_code);
    let is_plain = delivery.packing == Packing::Workbook
        && report.form == OUTPUT
        && report.fate == Fate::Counts
        && report.period.month() != 1
        && before >= month(2023, 2)
        && !sample::is_export(before)
        && ![month(2023, 12), month(2024, 7)].contains(&before)
        && sample::story(number, before).event == Event::Plain
        && one_in(40, "last year", &[number, sample::key(report.period)]);
    let firm = archive.roster.at(&report.credit_code, before).filter(|_| is_plain);
    let enclosed = firm.and_then(|firm| archive.report(firm, OUTPUT, before));
    delivery.reports.extend(enclosed.map(|old| Report { fate: Fate::Repeated, ..old }));
}
