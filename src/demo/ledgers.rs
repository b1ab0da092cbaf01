//! The bureau's ledgers of the sample: requests of firms, projects, visits.
//!
//! In: roster, calendar and the tables of `sample.toml`. Out: workbooks, a ledger each, with what must
//! become of them; none where the roster has no bureau. A ledger says what is new since the one before
//! it; that of projects says all in each December. Fails only when the calendar lacks a deadline.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, FixedOffset, Months, NaiveDate};

use super::DemoError;
use super::figures::month;
use super::plan::{Expected, arrival};
use super::sample::{LedgerEvent, ProjectGroup, SAMPLE, Timing, Visitor, between, key, one_in};
use super::sheets::CellContent::{self, Day, Empty, Number, Text};
use crate::domain::period::Period;
use crate::project::seeds::roster::{Calendar, Firm, Roster};

/// One ledger in the inbox.
#[derive(Clone, Debug)]
pub struct PlannedLedger {
    /// The form.
    pub form: &'static str,
    /// The month, which is also the folder of the inbox.
    pub period: Period,
    /// The file's name.
    pub file_name: String,
    /// When it arrived, at the bureau's offset.
    pub received_at: DateTime<FixedOffset>,
    /// What must become of it.
    pub expected: Expected,
    /// What stands after 核实说明.
    pub explanation: &'static str,
    /// Who files it.
    pub bureau: Firm,
    pub(super) rows: Vec<LedgerCells>,
}

/// The cells of a row, in the order of the form's columns.
type LedgerCells = Vec<CellContent>;

/// Each form, its file's name, and the columns by which a row is known.
const LEDGERS: [(&str, &str, usize); 3] =
    [("LY-03", "企业诉求台账", 1), ("LY-04", "重点项目台账", 1), ("LY-05", "走访服务台账", 3)];

/// Plans the ledgers of the three years.
pub fn plan(roster: &Roster, calendar: &Calendar) -> Result<Vec<PlannedLedger>, DemoError> {
    let mut files = Vec::new();
    let requests = requests(roster);
    let mut told: BTreeMap<(&str, String), LedgerCells> = BTreeMap::new();
    for period in month(2023, 2).to(month(2025, 12)) {
        for (form, name, keys) in LEDGERS {
            let Some(bureau) = roster.due(form, period).next() else { continue };
            let events = SAMPLE.ledger_events.iter();
            let event = events.clone().find(|it| it.form == form && it.month == period);
            let event = event.map_or(LedgerEvent::Plain, |it| it.event);
            if event == LedgerEvent::Missing {
                continue;
            }
            let mut rows = match form {
                "LY-03" => requests.iter().filter_map(|it| it.row(period)).collect(),
                "LY-04" => projects(roster, period),
                _ => visits(roster, period),
            };
            let is_whole = form == "LY-04" && period.month() == 12;
            rows.retain(|row| {
                let key = format!("{:?}", row.get(..keys));
                let is_new = told.get(&(form, key.clone())) != Some(row);
                told.insert((form, key), row.clone());
                is_new || is_whole
            });
            let asked = (form.to_owned(), period);
            let deadline = calendar.deadlines.get(&asked).copied();
            let deadline = deadline.ok_or(DemoError::NoDeadline { form: asked.0, period })?;
            for (version, nth) in versions(event, rows).into_iter().zip(1_u32..) {
                let (rows, timing, expected) = version;
                let again = if nth > 1 { "（更正）" } else { "" };
                let (year, number) = (period.year(), period.month());
                let explanation = SAMPLE.ledger_reasons.get(&event);
                files.push(PlannedLedger {
                    form,
                    period,
                    file_name: format!("{year}年{number}月 {name}{again}.xlsx"),
                    received_at: arrival(deadline, timing, form, [0, key(period), nth]),
                    expected,
                    explanation: explanation.map_or("", String::as_str),
                    bureau: bureau.clone(),
                    rows,
                });
            }
        }
    }
    Ok(files)
}

/// What is sent: the ledger as it is, or spoiled, and then perhaps mended.
fn versions(
    event: LedgerEvent,
    rows: Vec<LedgerCells>,
) -> Vec<(Vec<LedgerCells>, Timing, Expected)> {
    let mut spoiled = rows.clone();
    let first = rows.first().cloned().unwrap_or_default();
    match event {
        LedgerEvent::KeyTwice => {
            if let Some(cell) = spoiled.last_mut().and_then(|row| row.first_mut()) {
                *cell = first.first().cloned().unwrap_or(Empty);
            }
        }
        LedgerEvent::Repeated => spoiled.push(first),
        LedgerEvent::ClosedEarly => {
            let closed = spoiled.iter_mut().find(|row| matches!(row.get(9), Some(Day(_))));
            if let Some([.., closed, _, _]) = closed.map(Vec::as_mut_slice) {
                *closed = Day(month(2023, 2).first_day());
            }
        }
        LedgerEvent::NewLeader => {
            if let Some(cell) = spoiled.first_mut().and_then(|row| row.get_mut(1)) {
                *cell = Text("区领导10".to_owned());
            }
        }
        LedgerEvent::Plain | LedgerEvent::Missing => {}
    }
    if matches!(event, LedgerEvent::KeyTwice | LedgerEvent::ClosedEarly) {
        let mended = (rows, Timing::InTime, Expected::Counts);
        return vec![(spoiled, Timing::Early, Expected::Refused), mended];
    }
    vec![(spoiled, Timing::InTime, Expected::Counts)]
}

/// A request of a firm.
struct SampleRequest {
    number: String,
    firm: Firm,
    raised: NaiveDate,
    topic: &'static [String; 3],
    is_higher: bool,
    is_due_written: bool,
    closed: NaiveDate,
    /// The month whose ledger says first that it is closed; `None` where none does.
    told: Option<Period>,
    is_withdrawn: bool,
    keys: [u32; 2],
}

/// All requests, in the order they are raised. So many are closed, and solved, up to a month: published.
fn requests(roster: &Roster) -> Vec<SampleRequest> {
    let mut all = drawn(roster);
    let until = SAMPLE.requests.solved_until.last_day();
    let is_solved =
        |it: &SampleRequest| it.told.is_some() && it.closed <= until && !it.is_withdrawn;
    let solved = all.iter().filter(|it| is_solved(it)).count();
    // The last ones too many were never raised.
    let mut more = solved.saturating_sub(SAMPLE.requests.solved);
    all.sort_by_key(|it| (it.raised, it.keys));
    let mut kept: Vec<SampleRequest> = Vec::new();
    for request in all.into_iter().rev() {
        if more > 0 && is_solved(&request) {
            more -= 1;
        } else {
            kept.push(request);
        }
    }
    kept.reverse();
    let mut counts: BTreeMap<i32, u32> = BTreeMap::new();
    for request in &mut kept {
        let year = request.raised.year();
        let count = counts.entry(year).or_default();
        *count += 1;
        request.number = format!("SQ-{year}-{count:04}");
    }
    kept
}

/// Requests as they are drawn, not numbered yet.
fn drawn(roster: &Roster) -> Vec<SampleRequest> {
    let mut all = Vec::new();
    for period in month(2023, 2).to(month(2025, 12)) {
        let firms: Vec<&Firm> = roster.due("B204-1", period).collect();
        for nth in 1..=SAMPLE.requests.a_month {
            let keys = [key(period), nth];
            let draw = |topic: &str, low, high| between(topic, &keys, low, high);
            let raised = period.first_day() + days(draw("raised", 0, 27));
            let is_higher = one_in(5, "higher", &keys);
            let is_slow = one_in(9, "slow", &keys);
            let taken = match (is_higher, is_slow) {
                (false, false) => draw("taken", 1, 7),
                (false, true) => draw("taken", 8, 25),
                (true, false) => draw("taken", 6, 28),
                (true, true) => draw("taken", 32, 60),
            };
            let closed = raised + days(taken);
            let told = Period::of(closed).into_iter().flat_map(|it| it.to(month(2025, 12)));
            let mut told = told.skip(usize::from(one_in(25, "told late", &keys)));
            let firm = pick(&firms, "firm", &keys);
            let Some((firm, topic)) = firm.zip(pick(&SAMPLE.requests.topics, "topic", &keys))
            else {
                continue;
            };
            all.push(SampleRequest {
                number: String::new(),
                firm: (*firm).clone(),
                raised,
                topic,
                is_higher,
                is_due_written: !one_in(4, "due", &keys),
                closed,
                told: told.next().filter(|_| !one_in(40, "open", &keys)),
                is_withdrawn: one_in(60, "withdrawn", &keys),
                keys,
            });
        }
    }
    all
}

impl SampleRequest {
    /// Its row as of a month's ledger; `None` before it is raised.
    fn row(&self, period: Period) -> Option<LedgerCells> {
        let [category, matter, unit] = self.topic;
        if period.last_day() < self.raised {
            return None;
        }
        let due = if self.is_higher { self.raised + Months::new(1) } else { self.raised + days(7) };
        let is_told = self.told.is_some_and(|told| told <= period);
        let closed = if is_told { Day(self.closed) } else { Empty };
        let said = |word: &str| if is_told { Text(word.to_owned()) } else { Empty };
        // Up to then all that were closed were solved.
        let is_after = SAMPLE.requests.solved_until.last_day() < self.closed;
        let result = match between("result", &self.keys, 1, 30) {
            _ if self.is_withdrawn => "撤回",
            1 if is_after => "未解决",
            2 | 3 if is_after => "部分解决",
            _ => "解决",
        };
        let satisfaction = match between("satisfied", &self.keys, 1, 20) {
            _ if self.is_withdrawn => Empty,
            1..=13 => said("满意"),
            14 | 15 => said("基本满意"),
            16 => said("不满意"),
            _ => Empty,
        };
        Some(vec![
            Text(self.number.clone()),
            Text(self.firm.credit_code.clone()),
            Text(self.firm.name.clone()),
            Day(self.raised),
            Text(category.clone()),
            Text(matter.clone()),
            Text(if self.is_higher { "上级" } else { "区级" }.to_owned()),
            Text(unit.clone()),
            if self.is_due_written { Day(due) } else { Empty },
            closed,
            said(result),
            satisfaction,
        ])
    }
}

/// The projects that are signed by a month's end, each as it stands then.
fn projects(roster: &Roster, period: Period) -> Vec<LedgerCells> {
    let firms: Vec<&Firm> = roster.due("B204-1", month(2025, 12)).collect();
    let until = period.last_day();
    let groups = SAMPLE.projects.iter();
    let all = groups.flat_map(|group| (1..=group.count).map(move |nth| (group, nth)));
    let row = |(group, nth): (&ProjectGroup, u32)| {
        let keys = [group.number, nth];
        let draw = |topic: &str, low, high| between(topic, &keys, low, high);
        // Evenly from the first month of production to the last.
        let months: Vec<Period> = group.from.to(group.to).collect();
        let place =
            usize::try_from(nth - 1).ok()? * months.len() / usize::try_from(group.count).ok()?;
        let producing = months.get(place)?.first_day() + days(draw("producing", 0, 27));
        let started = producing - Months::new(group.months_built) - days(draw("started", 0, 20));
        let signed = started - Months::new(2) - days(draw("signed", 0, 60));
        let signed = group.signed.unwrap_or(signed);
        if until < signed {
            return None;
        }
        let day = |day: NaiveDate| if day <= until { Day(day) } else { Empty };
        let has_firm = producing <= until && one_in(3, "firm", &keys);
        let firm = pick(&firms, "which", &keys).filter(|_| has_firm);
        let stage = match until {
            _ if producing <= until => "投产",
            _ if started <= until => "在建",
            _ => "签约",
        };
        let [chain, product] = pick(&SAMPLE.project_products, "product", &keys)?;
        let drawn = draw("investment", 8, 240) * 100;
        let (investment, output) =
            group.amounts.unwrap_or((drawn, drawn * draw("yield", 12, 26) / 10));
        Some(vec![
            Text(format!("XM-{:03}", group.number + nth)),
            Text(group.name.replace("{product}", product).replace("{nth}", &nth.to_string())),
            firm.map_or(Empty, |firm| Text(firm.credit_code.clone())),
            firm.map_or(Empty, |firm| Text(firm.name.clone())),
            Text(group.kind.clone()),
            Text(group.chain.as_ref().unwrap_or(chain).clone()),
            Number(investment.into()),
            Number(output.into()),
            Text(stage.to_owned()),
            day(signed),
            day(started),
            day(producing),
        ])
    };
    all.filter_map(row).collect()
}

/// The visits of a month.
fn visits(roster: &Roster, period: Period) -> Vec<LedgerCells> {
    let firms: Vec<&Firm> = roster.due("B204-1", period).collect();
    let mut rows = Vec::new();
    for visitor in SAMPLE.visitors.iter().filter(|it| period.is_within(it.from, it.to)) {
        let keys = [visitor.number, key(period)];
        let count = if visitor.idle.contains(&period) { 0 } else { between("visits", &keys, 1, 3) };
        for nth in (1..).take(usize::try_from(count).unwrap_or_default()) {
            let keys = [visitor.number, key(period), nth];
            let firm = pick(&firms, "visited", &keys);
            let topic = pick(&SAMPLE.requests.topics, "visit", &keys);
            let Some((firm, [category, ..])) = firm.zip(topic) else { continue };
            let day = period.first_day() + days(between("day", &keys, 0, 27));
            rows.push((day, visitor, firm, category));
        }
    }
    rows.sort_by_key(|(day, visitor, ..)| (*day, visitor.number));
    let row = |(day, visitor, firm, category): (_, &Visitor, &&Firm, &String)| {
        vec![
            Day(day),
            Text(visitor.leader.clone()),
            Text(firm.credit_code.clone()),
            Text(firm.name.clone()),
            Text(format!("了解{category}情况")),
        ]
    };
    rows.into_iter().map(row).collect()
}

/// One of several, by chance.
fn pick<'a, T>(all: &'a [T], topic: &str, keys: &[u32]) -> Option<&'a T> {
    let last = i64::try_from(all.len()).ok()? - 1;
    all.get(usize::try_from((0 <= last).then(|| between(topic, keys, 0, last))?).ok()?)
}

fn days(count: i64) -> Days {
    Days::new(u64::try_from(count).unwrap_or_default())
}
