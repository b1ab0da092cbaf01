//! Who sends what when: the story of a month as files in the inbox.
//!
//! In: true figures, deadlines, the table of stories. Out: the deliveries of one month, with what
//! must become of each report. Fails only when the calendar lacks a deadline.

use chrono::{DateTime, Days, FixedOffset, NaiveTime};

use crate::domain::measure::Measure;
use crate::domain::period::Period;
use crate::project::seeds::roster::{Calendar, Firm};

use super::figures::{month, number};
use super::lines::Kind;
use super::plan::{Archive, Delivery, Fate, Line, Packing, Report};
use super::story::{self, Answer, EXPORT_MONTH, Event, Flaw, Mending, PUBLISHED_MONTHS};
use super::{DemoError, dice};

const WHY_SURGE: &str = "本月集中交付上季度积压订单，产值环比增长较快";
const WHY_STOPPED: &str = "因厂区整体搬迁停产，本月无产出，预计十月恢复生产";
const WHY_RECOVERING: &str = "十月起搬迁结束恢复生产，累计产值因停产低于上年同期";
const WHY_RESTRUCTURED: &str = "经批准吸收合并上下游企业，上年同期数按新口径调整";

/// Everything that arrives about one month.
pub(super) fn of_month(
    archive: &Archive<'_>,
    calendar: &Calendar,
    period: Period,
) -> Result<Vec<Delivery>, DemoError> {
    let mut all = Vec::new();
    let mut exported = Vec::new();
    for firm in archive.roster.firms.values().flatten().filter(|firm| firm.is_on_roster(period)) {
        for kinds in books(firm) {
            let reports: Vec<Report> =
                kinds.iter().filter_map(|kind| archive.report(firm, *kind, period)).collect();
            let (rows, sheets): (Vec<_>, Vec<_>) = reports.into_iter().partition(|report| {
                report.kind == Kind::Output && (period.year(), period.month()) == EXPORT_MONTH
            });
            exported.extend(rows);
            let desk = Desk { firm, period, deadline: deadline(calendar, period)? };
            all.extend(desk.deliver(sheets));
        }
    }
    for delivery in &mut all {
        enclose_last_year(archive, delivery);
    }
    all.extend(export(calendar, period, exported)?);
    Ok(all)
}

/// Which forms a firm puts into one workbook: buyers and every third supplier send one for all.
fn books(firm: &Firm) -> Vec<Vec<Kind>> {
    let asked = |kind: &Kind| firm.forms.iter().any(|form| form == kind.form());
    let kinds: Vec<Kind> = Kind::ALL.into_iter().filter(asked).collect();
    if kinds.contains(&Kind::Purchases) || number(&firm.credit_code).is_multiple_of(3) {
        vec![kinds]
    } else {
        kinds.into_iter().map(|kind| vec![kind]).collect()
    }
}

/// The deadline of a month; January, which nobody files, borrows February's.
fn deadline(calendar: &Calendar, period: Period) -> Result<DateTime<FixedOffset>, DemoError> {
    let asked = if period.month() == 1 { period.next().unwrap_or(period) } else { period };
    let key = (Kind::Output.form().to_owned(), asked);
    let found = calendar.deadlines.get(&key).copied();
    found.ok_or(DemoError::NoDeadline { form: key.0, period: asked })
}

/// The desk of one firm in one month.
struct Desk<'a> {
    firm: &'a Firm,
    period: Period,
    deadline: DateTime<FixedOffset>,
}

/// When a file arrives.
#[derive(Clone, Copy)]
enum Arrival {
    /// Three or four days before the deadline: there may be a second version.
    Early,
    /// In the last days before the deadline.
    InTime,
    /// One to three days after it.
    Late,
}

impl Desk<'_> {
    fn deliver(&self, reports: Vec<Report>) -> Vec<Delivery> {
        let number = number(&self.firm.credit_code);
        let event = story::event(number, self.period).filter(|event| concerns(*event, &reports));
        if reports.is_empty() || (self.period.month() == 1 && event != Some(Event::January)) {
            return Vec::new();
        }
        match event {
            Some(Event::Missing) => Vec::new(),
            Some(Event::Late) => vec![self.send(reports, Arrival::Late)],
            Some(Event::Corrected) => {
                let first = changed(&reports, Fate::Replaced, understate_sales);
                self.send_twice(first, Packing::Workbook, Some((reports, Arrival::InTime)))
            }
            Some(Event::Surge(answer)) => self.surge(reports, answer),
            Some(Event::Stopped) => vec![self.explain(reports, WHY_STOPPED)],
            Some(Event::Recovering) => vec![self.explain(reports, WHY_RECOVERING)],
            Some(Event::Restructured) => vec![self.explain(reports, WHY_RESTRUCTURED)],
            Some(Event::UnitSlip) => {
                let first = changed(&reports, Fate::Replaced, slip);
                self.send_twice(first, Packing::Workbook, Some((reports, Arrival::InTime)))
            }
            Some(Event::Refused(flaw, mending)) => self.refused(reports, flaw, mending),
            Some(Event::January) => {
                vec![self.send(changed(&reports, Fate::Refused, |_| ()), Arrival::InTime)]
            }
            None => vec![self.send(reports, Arrival::InTime)],
        }
    }

    fn surge(&self, reports: Vec<Report>, answer: Answer) -> Vec<Delivery> {
        match answer {
            Answer::AtOnce => vec![self.explain(reports, WHY_SURGE)],
            Answer::Never => {
                vec![self.send(changed(&reports, Fate::Queried, |_| ()), Arrival::InTime)]
            }
            Answer::Later => {
                let first = changed(&reports, Fate::Replaced, |_| ());
                let second = explained(reports, WHY_SURGE);
                self.send_twice(first, Packing::Workbook, Some((second, Arrival::InTime)))
            }
        }
    }

    fn refused(&self, reports: Vec<Report>, flaw: Flaw, mending: Mending) -> Vec<Delivery> {
        let first = changed(&reports, Fate::Refused, |report| spoil(report, flaw));
        let packing = match flaw {
            Flaw::Html => Packing::Html,
            Flaw::Truncated => Packing::Truncated,
            _ => Packing::Workbook,
        };
        let second = match mending {
            Mending::InTime => Some((reports, Arrival::InTime)),
            Mending::Late => Some((reports, Arrival::Late)),
            Mending::Never => None,
        };
        self.send_twice(first, packing, second)
    }

    fn explain(&self, reports: Vec<Report>, why: &'static str) -> Delivery {
        self.send(explained(reports, why), Arrival::InTime)
    }

    fn send(&self, reports: Vec<Report>, arrival: Arrival) -> Delivery {
        self.pack(reports, Packing::Workbook, 1, arrival)
    }

    fn send_twice(
        &self,
        first: Vec<Report>,
        packing: Packing,
        second: Option<(Vec<Report>, Arrival)>,
    ) -> Vec<Delivery> {
        let mut all = vec![self.pack(first, packing, 1, Arrival::Early)];
        all.extend(
            second.map(|(reports, arrival)| self.pack(reports, Packing::Workbook, 2, arrival)),
        );
        all
    }

    fn pack(
        &self,
        mut reports: Vec<Report>,
        packing: Packing,
        revision: u32,
        arrival: Arrival,
    ) -> Delivery {
        let forms: Vec<&str> = reports.iter().map(|report| report.kind.form()).collect();
        let forms = forms.join("+");
        let received_at = self.arrive(&forms, revision, arrival);
        for report in &mut reports {
            report.reported_on = received_at.date_naive();
        }
        let (year, month) = (self.period.year(), self.period.month());
        let again = if revision > 1 { "（更正）" } else { "" };
        let ending = if packing == Packing::Html { "xls" } else { "xlsx" };
        let name = &self.firm.name;
        Delivery {
            folder: self.period,
            file_name: format!("{year}年{month}月 {name} {forms}{again}.{ending}"),
            received_at,
            packing,
            revision,
            reports,
        }
    }

    /// A working hour around the deadline, the same on every run.
    fn arrive(&self, forms: &str, revision: u32, arrival: Arrival) -> DateTime<FixedOffset> {
        let keys = [number(&self.firm.credit_code), dice::key(self.period), revision];
        let draw = |topic: &str, low, high| {
            u32::try_from(dice::between(&format!("{topic} {forms}"), &keys, low, high)).unwrap_or(0)
        };
        let day = self.deadline.date_naive();
        let (days, is_after) = match arrival {
            Arrival::Early => (draw("days", 3, 4), false),
            Arrival::InTime => (draw("days", 0, 2), false),
            Arrival::Late => (draw("days", 1, 3), true),
        };
        let span = Days::new(u64::from(days));
        let day = if is_after { day.checked_add_days(span) } else { day.checked_sub_days(span) };
        // On the last day the deadline is noon.
        let last_hour = if days == 0 { 11 } else { 16 };
        let hour = draw("hour", 8, last_hour);
        let time = NaiveTime::from_hms_opt(hour, draw("minute", 0, 59), draw("second", 0, 59));
        let local = day.zip(time).map(|(day, time)| day.and_time(time));
        let offset = *self.deadline.offset();
        local.and_then(|local| local.and_local_timezone(offset).single()).unwrap_or(self.deadline)
    }
}

/// Stories are about the main form; other forms of the firm in files of their own arrive in peace.
fn concerns(event: Event, reports: &[Report]) -> bool {
    let has_output = reports.iter().any(|report| report.kind == Kind::Output);
    has_output || matches!(event, Event::Late)
}

fn changed(reports: &[Report], fate: Fate, change: impl Fn(&mut Report)) -> Vec<Report> {
    let mut copies = reports.to_vec();
    for copy in &mut copies {
        copy.fate = fate;
        if copy.kind == Kind::Output {
            change(copy);
        }
    }
    copies
}

fn explained(mut reports: Vec<Report>, why: &'static str) -> Vec<Report> {
    for report in reports.iter_mut().filter(|report| report.kind == Kind::Output) {
        report.explanation = why;
    }
    reports
}

/// Sales of the month half a percent short, so that the correction is visible and no check speaks.
fn understate_sales(report: &mut Report) {
    let short = report.value("sales", Measure::Month).unwrap_or_default() / 200;
    for measure in [Measure::Month, Measure::Ytd] {
        shift(report, "sales", measure, -short);
    }
}

/// 万元 typed where 千元 is asked for: a tenth, in this year's columns; the base is printed already.
fn slip(report: &mut Report) {
    for line in report.lines.iter_mut().filter(|line| line.is_money()) {
        for measure in [Measure::Month, Measure::Ytd] {
            if let Some(value) = line.value_mut(measure) {
                *value /= 10;
            }
        }
    }
    // Tenths of the industries may fall short of the tenth of their sum by rounding.
    for measure in [Measure::Month, Measure::Ytd] {
        let output = report.value("output", measure).unwrap_or_default();
        let short = output - report.sum("industry", measure);
        let first = report.lines.iter_mut().find(|line| line.item.starts_with("industry:"));
        if let Some(value) = first.and_then(|line| line.value_mut(measure)) {
            *value += short;
        }
    }
}

fn spoil(report: &mut Report, flaw: Flaw) {
    match flaw {
        Flaw::SalesBelowExports => {
            let sales = report.value("sales", Measure::Ytd).unwrap_or_default();
            let exports = report.value("exports", Measure::Ytd).unwrap_or_default();
            shift(report, "exports", Measure::Ytd, sales - exports + 120);
        }
        Flaw::IndustrySum => shift(report, "output", Measure::Ytd, 370),
        Flaw::PriorAltered => {
            let base = report.value("output", Measure::PriorYtd).unwrap_or_default();
            shift(report, "output", Measure::PriorYtd, -base / 25);
            let first = report.lines.iter().find(|line| line.item.starts_with("industry:"));
            let item = first.map(|line| line.item.clone()).unwrap_or_default();
            shift(report, &item, Measure::PriorYtd, -base / 25);
        }
        // Two digits of the region exchanged: nobody's code.
        Flaw::WrongCode => report.credit_code = report.credit_code.replacen("0106", "0160", 1),
        Flaw::Html | Flaw::Truncated => {}
    }
}

fn shift(report: &mut Report, item: &str, measure: Measure, by: i64) {
    let line = report.lines.iter_mut().find(|line| line.item == item);
    if let Some(value) = line.and_then(|line| Line::value_mut(line, measure)) {
        *value += by;
    }
}

/// Now and then a firm keeps last year's sheet in its workbook: it arrives again, figure by figure.
fn enclose_last_year(archive: &Archive<'_>, delivery: &mut Delivery) {
    let Some(report) = delivery.reports.first() else { return };
    let Some(before) = report.period.months_before(12) else { return };
    let month_before = (before.year(), before.month());
    let number = number(&report.credit_code);
    let is_plain = delivery.packing == Packing::Workbook
        && report.kind == Kind::Output
        && report.fate == Fate::Counts
        && report.period.month() != 1
        && before >= month(2023, 2)
        && month_before != EXPORT_MONTH
        && !PUBLISHED_MONTHS.contains(&month_before)
        && story::event(number, before).is_none();
    let keys = [number, dice::key(report.period)];
    let firm = archive.roster.at(&report.credit_code, before);
    let Some(firm) = firm.filter(|_| is_plain) else { return };
    if dice::one_in(40, "last year", &keys)
        && let Some(mut old) = archive.report(firm, Kind::Output, before)
    {
        old.fate = Fate::Repeated;
        delivery.reports.push(old);
    }
}

/// The bureau's export of a month, on the day before the deadline.
fn export(
    calendar: &Calendar,
    period: Period,
    reports: Vec<Report>,
) -> Result<Option<Delivery>, DemoError> {
    if reports.is_empty() {
        return Ok(None);
    }
    let deadline = deadline(calendar, period)?;
    let received_at = deadline.checked_sub_days(Days::new(1)).unwrap_or(deadline);
    let (year, month) = (period.year(), period.month());
    Ok(Some(Delivery {
        folder: period,
        file_name: format!("{year}年{month}月 B204-1 平台导出.xlsx"),
        received_at,
        packing: Packing::Export,
        revision: 1,
        reports,
    }))
}
