//! The stories happen as told, and end as told.

use std::collections::{BTreeMap, BTreeSet};

use yuebao::demo::figures::{OUTPUT, PURCHASES, number};
use yuebao::demo::mess::messes;
use yuebao::demo::plan::{Expected, Packing, PlannedFile, PlannedReport};
use yuebao::demo::sample::{SAMPLE, Story, StoryEvent};
use yuebao::domain::measure::Measure;
use yuebao::domain::period::Period;

use super::{CALENDAR, PLAN, ROSTER, counted, firms, month};

/// What a firm sent about a month that bears the main form, in the order of arrival.
fn sent(firm: u32, period: Period) -> Vec<&'static PlannedFile> {
    let about = |delivery: &&PlannedFile| {
        let mut reports = delivery.reports.iter();
        delivery.folder == period
            && delivery.packing != Packing::Export
            && reports.any(|report| report.form == OUTPUT && number(&report.credit_code) == firm)
    };
    let mut sent: Vec<_> = PLAN.iter().filter(about).collect();
    sent.sort_by_key(|delivery| delivery.received_at);
    sent
}

fn fates(deliveries: &[&PlannedFile]) -> Vec<Expected> {
    deliveries.iter().map(|delivery| delivery.reports[0].expected).collect()
}

/// Every month of every story.
fn told() -> impl Iterator<Item = (u32, Period, &'static Story)> {
    SAMPLE.stories.iter().flat_map(|story| {
        let months = story.from.to(story.to.unwrap_or(story.from));
        months.map(move |period| (story.firm, period, story))
    })
}

/// Every month in which something happens to a firm.
fn happened(event: StoryEvent) -> impl Iterator<Item = (u32, Period)> {
    told().filter(move |(_, _, story)| story.event == event).map(|(firm, period, _)| (firm, period))
}

#[test]
fn every_story_is_about_a_firm_on_the_roster_without_supply() {
    for (firm, period, _) in told() {
        let firm = firms().find(|known| number(&known.credit_code) == firm).unwrap();
        assert!(firm.is_on_roster(period), "{} {period}", firm.name);
        assert_eq!(firm.forms, ["B204-1"], "{} {period}", firm.name);
    }
}

#[test]
fn every_story_leads_to_the_files_it_tells() {
    for (firm, period, story) in told() {
        let fates = fates(&sent(firm, period));
        let first = match story.event {
            StoryEvent::Missing => None,
            StoryEvent::Corrected | StoryEvent::UnitSlip => Some(Expected::Replaced),
            StoryEvent::Surge if story.mended.is_some() => Some(Expected::Replaced),
            StoryEvent::Surge if !story.why => Some(Expected::Queried),
            event if FLAWS.contains(&event) || event == StoryEvent::January => {
                Some(Expected::Refused)
            }
            _ => Some(Expected::Counts),
        };
        let second = story.mended.map(|_| Expected::Counts);
        let wanted: Vec<Expected> = first.into_iter().chain(second).collect();
        assert_eq!(fates, wanted, "firm {firm} {period}");
    }
}

const FLAWS: [StoryEvent; 6] = [
    StoryEvent::SalesBelowExports,
    StoryEvent::IndustrySum,
    StoryEvent::PriorAltered,
    StoryEvent::WrongCode,
    StoryEvent::Html,
    StoryEvent::Truncated,
];

#[test]
fn every_kind_of_flaw_occurs() {
    for flaw in FLAWS {
        assert!(happened(flaw).next().is_some(), "{flaw:?}");
    }
}

fn first_report(flaw: StoryEvent) -> impl Iterator<Item = &'static PlannedReport> {
    happened(flaw).map(|(firm, period)| &sent(firm, period)[0].reports[0])
}

#[test]
fn flawed_reports_break_exactly_their_check() {
    for report in first_report(StoryEvent::SalesBelowExports) {
        assert!(report.value("sales", Measure::Ytd) < report.value("exports", Measure::Ytd));
        assert_eq!(
            report.value("output", Measure::Ytd),
            Some(report.sum("industry", Measure::Ytd))
        );
    }
    for report in first_report(StoryEvent::IndustrySum) {
        assert_ne!(
            report.value("output", Measure::Ytd),
            Some(report.sum("industry", Measure::Ytd))
        );
        assert!(report.value("sales", Measure::Ytd) >= report.value("exports", Measure::Ytd));
    }
    for report in first_report(StoryEvent::PriorAltered) {
        for measure in Measure::ALL {
            assert_eq!(report.value("output", measure), Some(report.sum("industry", measure)));
        }
        let before = report.period.months_before(12).unwrap();
        let mut filed = counted(&PLAN, OUTPUT, before);
        let filed = filed.find(|old| old.credit_code == report.credit_code).unwrap();
        assert_ne!(report.value("output", Measure::PriorYtd), filed.value("output", Measure::Ytd));
    }
}

#[test]
fn a_wrong_code_is_nobodys() {
    let delivery = PLAN.iter().find(|delivery| {
        delivery.reports.iter().any(|report| !ROSTER.firms.contains_key(&report.credit_code))
    });
    assert_eq!(delivery.unwrap().reports[0].expected, Expected::Refused);
}

#[test]
fn surges_break_the_band_and_nothing_else_does() {
    for (firm, period) in happened(StoryEvent::Surge) {
        let before = period.months_before(1).unwrap();
        let mut counted = counted(&PLAN, OUTPUT, before);
        let before = counted.find(|report| number(&report.credit_code) == firm).unwrap();
        let now = &sent(firm, period).last().unwrap().reports[0];
        let value = |report: &PlannedReport| report.value("output", Measure::Month).unwrap();
        let ratio = value(now) * 100 / value(before);
        assert!((151..200).contains(&ratio), "firm {firm} {period}: {ratio}");
    }
}

#[test]
fn a_slip_of_the_unit_is_a_tenth_and_still_adds_up() {
    for (firm, period) in happened(StoryEvent::UnitSlip) {
        let sent = sent(firm, period);
        let (wrong, right) = (&sent[0].reports[0], &sent[1].reports[0]);
        for measure in [Measure::Month, Measure::Ytd] {
            let typed = wrong.value("output", measure).unwrap();
            assert_eq!(typed, right.value("output", measure).unwrap() / 10);
            assert_eq!(typed, wrong.sum("industry", measure));
        }
        assert_eq!(
            wrong.value("output", Measure::PriorYtd),
            right.value("output", Measure::PriorYtd)
        );
    }
}

#[test]
fn a_stopped_firm_files_zeros_with_a_reason_and_works_again() {
    let mut months = 0;
    for (firm, period) in happened(StoryEvent::Stopped) {
        let report = &sent(firm, period)[0].reports[0];
        assert_eq!(report.value("output", Measure::Month), Some(0));
        assert!(report.value("output", Measure::PriorMonth) > Some(0));
        assert!(report.explanation.chars().count() >= 10);
        months += 1;
    }
    assert_eq!(months, 6);
    let after = &sent(60, month("2025-10"))[0].reports[0];
    assert!(after.value("output", Measure::Month) > Some(0));
}

#[test]
fn about_two_in_a_hundred_files_are_late() {
    let first = PLAN.iter().filter(|delivery| delivery.revision == 1);
    let (late, all) = first.fold((0, 0), |(late, all), delivery| {
        let form = delivery.reports[0].form.to_owned();
        let deadline = CALENDAR.deadlines.get(&(form, delivery.folder));
        let is_late = deadline.is_some_and(|deadline| delivery.received_at > *deadline);
        (late + usize::from(is_late), all + 1)
    });
    assert!((15..=30).contains(&(late * 1_000 / all)), "{late} of {all}");
}

#[test]
fn nothing_arrives_before_its_month_has_ended() {
    for delivery in PLAN.iter() {
        assert!(delivery.received_at.date_naive() > delivery.folder.last_day());
    }
}

#[test]
fn a_second_version_arrives_after_the_first() {
    for (firm, period, _) in told() {
        let sent = sent(firm, period);
        let revisions: Vec<u32> = sent.iter().map(|delivery| delivery.revision).collect();
        assert!(revisions.is_sorted(), "firm {firm} {period}");
    }
}

#[test]
fn each_firm_and_month_counts_once() {
    let mut seen = BTreeSet::new();
    for report in PLAN.iter().flat_map(|delivery| &delivery.reports) {
        if report.expected == Expected::Counts {
            let key = (report.form, &report.credit_code, report.period);
            assert!(seen.insert(key), "{key:?}");
            assert!(ROSTER.at(&report.credit_code, report.period).is_some());
        }
    }
}

#[test]
fn the_export_bears_every_firm_of_its_month() {
    let exports: Vec<_> =
        PLAN.iter().filter(|delivery| delivery.packing == Packing::Export).collect();
    assert_eq!(exports.len(), 1);
    let period = month("2023-09");
    let due = firms().filter(|firm| firm.is_on_roster(period)).count();
    assert_eq!((exports[0].folder, exports[0].reports.len()), (period, due));
    assert!(exports[0].reports.iter().all(|report| report.explanation.is_empty()));
}

#[test]
fn leading_firms_send_two_forms_in_one_workbook() {
    for firm in [1, 2] {
        let delivery = sent(firm, month("2025-05"))[0];
        let kinds: Vec<&str> = delivery.reports.iter().map(|report| report.form).collect();
        assert_eq!(kinds[..2], [OUTPUT, PURCHASES]);
    }
}

#[test]
fn firms_leave_under_both_base_rules_but_not_around_the_published_month() {
    let leaving: Vec<String> = firms()
        .filter_map(|firm| Some(format!("{} {:?}", firm.roster_to?, firm.base_rule)))
        .collect();
    assert!(leaving.contains(&"2025-04 Keep".to_owned()), "{leaving:?}");
    assert!(leaving.contains(&"2025-06 Drop".to_owned()), "{leaving:?}");
    assert!(leaving.iter().all(|line| !line.starts_with("2024-0")), "{leaving:?}");
}

#[test]
fn last_years_form_comes_along_figure_by_figure() {
    let repeated = PLAN.iter().flat_map(|delivery| &delivery.reports);
    let mut seen = 0;
    for report in repeated.filter(|report| report.expected == Expected::Repeated) {
        let mut counted = counted(&PLAN, OUTPUT, report.period);
        let first = counted.find(|first| first.credit_code == report.credit_code).unwrap();
        assert_eq!(first.lines, report.lines);
        assert!(!["2023-12", "2024-07"].map(month).contains(&report.period));
        seen += 1;
    }
    assert!((20..100).contains(&seen), "{seen}");
}

#[test]
fn a_third_of_the_workbooks_is_messy_and_every_mess_occurs() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut messy = 0;
    for delivery in PLAN.iter() {
        let messes: Vec<&str> = messes(delivery);
        messy += usize::from(!messes.is_empty());
        assert!(messes.len() <= 3);
        for mess in messes {
            *counts.entry(mess.to_owned()).or_default() += 1;
        }
    }
    let share = messy * 100 / PLAN.len();
    assert!((30..=36).contains(&share), "{share}");
    assert_eq!(counts.len(), 15, "{counts:?}");
    assert!(counts.values().all(|count| *count > 20), "{counts:?}");
}

#[test]
fn the_sample_is_of_the_size_it_should_be() {
    let reports = || PLAN.iter().flat_map(|delivery| &delivery.reports);
    let with = |fate: Expected| reports().filter(move |report| report.expected == fate);
    let firms: BTreeSet<&str> = with(Expected::Counts).map(|it| it.credit_code.as_str()).collect();
    let periods: BTreeSet<Period> = with(Expected::Counts).map(|it| it.period).collect();
    assert_eq!((firms.len(), periods.len()), (113, 33));
    assert!((4_000..5_500).contains(&PLAN.len()), "{}", PLAN.len());
    assert!(with(Expected::Refused).count() >= 12 && with(Expected::Queried).count() >= 4);
}
