//! Months, days and instants as people type them into tables and commands.

use chrono_tz::Asia::Shanghai;
use yuebao::domain::dates::{typed_day, typed_instant, typed_month};

#[test]
fn a_month_is_read_as_long_as_it_can_be_only_one() {
    let read = |typed: &str| typed_month(typed).map(|month| month.to_string());
    for typed in [
        "2025-03",
        "2025-3",
        "2025/3",
        "2025/03",
        "202503",
        "2025年3月",
        "2025 年 03 月",
        "２０２５年３月",
        "２０２５０３",
        "二〇二五年三月",
        "2025/3/1",
        "Mar-25",
        "mar-25",
    ] {
        assert_eq!(read(typed).as_deref(), Some("2025-03"), "{typed}");
    }
    for typed in [
        "2025",
        "25-3",
        "2025-13",
        "2025-0",
        "202513",
        "2025.3",
        "2025.10",
        "3/2025",
        "25-Mar",
        "March-25",
        "2025/3/2",
        "2025-03-15",
        "45717",
        "",
        "-",
        "2025Q1",
        "2025-03 x",
    ] {
        assert_eq!(read(typed), None, "{typed}");
    }
}

#[test]
fn a_day_is_read_with_its_year_first() {
    let read = |typed: &str| typed_day(typed).map(|day| day.to_string());
    for typed in ["2025-01-31", "2025/1/31", "2025.1.31", "2025年1月31日", "２０２５－０１－３１"]
    {
        assert_eq!(read(typed).as_deref(), Some("2025-01-31"), "{typed}");
    }
    for typed in ["31/1/2025", "1/31/2025", "2025-02-30", "2025-01", "45688", "2025/1/31 x"] {
        assert_eq!(read(typed), None, "{typed}");
    }
}

#[test]
fn an_instant_needs_a_time_and_takes_the_zone_it_is_meant_in() {
    let read = |typed: &str| typed_instant(typed, &Shanghai).map(|instant| instant.to_rfc3339());
    for typed in ["2025-03-10T12:00:00+08:00", "2025-03-10 12:00", "2025/3/10 12:00:00"] {
        assert_eq!(read(typed).as_deref(), Some("2025-03-10T12:00:00+08:00"), "{typed}");
    }
    assert_eq!(read("2025-03-10T12:00:00Z").as_deref(), Some("2025-03-10T12:00:00+00:00"));
    for typed in ["2025-03-10", "2025-03-10 25:00", "2025-03-10 12:00 pm", "12:00 2025-03-10"] {
        assert_eq!(read(typed), None, "{typed}");
    }
}
