//! `jobs/pipeline.toml`: the district, the time zone, limits and language.
//!
//! Every key is explained in the shipped file; unknown keys are refused.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use chrono_tz::Tz;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::fault::Fault;
use super::files::Texts;
use super::read::Source;
use super::schedules;
use crate::domain::credit_code::{CodeState, examine};
use crate::domain::period::Period;
use crate::texts::{Locale, Text};

/// The settings of a project.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The district.
    pub district: District,
    /// The time zone that deadlines and messages use.
    pub time_zone: Tz,
    /// Languages of the brief, in order; the first is that of the terminal.
    pub locales: Vec<Locale>,
    /// Where the daemon listens.
    pub listen: SocketAddr,
    /// What a workbook may be at most.
    pub limits: Limits,
    /// Thresholds of the checks that no rule can hold.
    pub checks: Checks,
    /// What totals and targets are held against.
    pub thresholds: Thresholds,
}

/// The keys of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    district: District,
    time_zone: String,
    locales: Vec<Locale>,
    listen: String,
    limits: Limits,
    #[serde(default)]
    checks: Checks,
    #[serde(default, alias = "totals")]
    thresholds: Thresholds,
}

/// Thresholds of the checks that concern a whole report; all others stand in `jobs/rules`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checks {
    /// Characters, blanks not counted, from which a written explanation lifts queries.
    pub explanation_chars_min: usize,
    /// Yuan beyond which a figure is an error, whoever states it.
    pub figure_max_cny: i64,
    /// Seconds within which two receipts came at the same time.
    pub same_time_seconds: u32,
    /// Yuan whose whole multiples look like estimates.
    pub round_cny: u32,
    /// Counted months below which a firm has no history of its own, and no median.
    pub own_months_min: usize,
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            explanation_chars_min: 10,
            figure_max_cny: 10_000_000_000_000,
            same_time_seconds: 60,
            round_cny: 1_000_000,
            own_months_min: 3,
        }
    }
}

/// Thresholds with what holds where none is named: a number and its decimals.
macro_rules! thresholds {
    ($($(#[$about:meta])* $name:ident = ($number:literal, $decimals:literal),)+) => {
        /// What totals and targets are held against: shares and rates above 0 and up to 1, six
        /// decimals. Marts read them as the one row of `thresholds`.
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Thresholds {
            $($(#[$about])* #[serde(deserialize_with = "share")] pub $name: Decimal,)+
        }

        impl Thresholds {
            /// Each by its key.
            pub const NAMES: &[(&str, fn(&Self) -> Decimal)] =
                &[$((stringify!($name), |it| it.$name)),+];
        }

        impl Default for Thresholds {
            fn default() -> Self {
                Self { $($name: Decimal::new($number, $decimals)),+ }
            }
        }
    };
}

thresholds! {
    /// Share of last year's value that has to be in for a month to be complete.
    complete_share_min = (95, 2),
    /// Growth of the district from which shares of it are told.
    contribution_growth_min = (1, 2),
    /// Share of a target's base that has to be known.
    base_share_min = (9, 1),
    /// How far a level may be off its season before it is ahead or behind.
    level_band = (2, 2),
    /// The same of a growth rate.
    growth_band = (5, 3),
    /// The same of a ratio.
    ratio_band = (1, 3),
}

fn share<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let written = f64::deserialize(deserializer)?;
    Decimal::try_from(written).map(|share| share.round_dp(6)).map_err(serde::de::Error::custom)
}

/// The district a project is about.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct District {
    /// GB/T 2260 code, six digits.
    pub region_code: String,
    /// Its name.
    pub name: Text,
    /// The bureau that publishes.
    pub bureau: Text,
    /// The bureau's own credit code: it owes and files the ledgers; without it nobody does.
    #[serde(default)]
    pub bureau_code: Option<String>,
    /// Whom firms call about their reports; notices to them say it.
    #[serde(default)]
    pub contact: Option<String>,
    /// Whether the data is synthetic; then every page says so.
    pub is_synthetic: bool,
    /// The first month anybody is expected to report here; before it nobody is missing or late.
    pub since: Option<Period>,
}

/// What a workbook may be at most; more is a finding.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// Sheets read.
    pub sheets: usize,
    /// Cells read in one sheet.
    pub cells: usize,
    /// Characters of one text.
    pub text_chars: usize,
}

/// Reads and checks `jobs/pipeline.toml`; `None` when it cannot be used at all.
pub fn read(texts: &Texts, faults: &mut Vec<Fault>) -> Option<Settings> {
    let file = Path::new("jobs/pipeline.toml");
    let Some(text) = texts.get("jobs/pipeline.toml") else {
        faults.push(Fault::new(file, "is missing: copy the shipped one and edit it"));
        return None;
    };
    parse(&Source { file, text }, faults)
}

/// Settings of a text; with faults they are good for looking only.
pub fn parse(source: &Source<'_>, faults: &mut Vec<Fault>) -> Option<Settings> {
    let written: SettingsFile = source.parse().map_err(|fault| faults.push(fault)).ok()?;
    let mut wrong = |key: &str, message: String| faults.push(source.fault(key, message));
    if written.locales.is_empty() {
        wrong("locales", "`locales` is empty: name `zh`, `en` or both".to_owned());
    }
    let listen = written.listen.parse().unwrap_or_else(|_| {
        let message = format!("`{}` in `listen` is no address like 127.0.0.1:8470", written.listen);
        wrong("listen", message);
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
    });
    let region = &written.district.region_code;
    if region.len() != 6 || !region.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = format!("`{region}` in `region_code` is not six digits");
        wrong("district.region_code", message);
    }
    let code = written.district.bureau_code.as_deref();
    if let Some(code) = code.filter(|code| examine(code) != CodeState::Valid) {
        let message = format!(
            "`{code}` in `bureau_code` is no credit code: 18 characters, the last one checks the others"
        );
        wrong("district.bureau_code", message);
    }
    for (name, value) in [
        ("figure_max_cny", written.checks.figure_max_cny),
        ("round_cny", written.checks.round_cny.into()),
    ] {
        if value <= 0 {
            wrong(&format!("checks.{name}"), format!("`{name}` is not above zero"));
        }
    }
    for (name, of) in Thresholds::NAMES {
        let share = of(&written.thresholds);
        if share <= Decimal::ZERO || share > Decimal::ONE {
            let message = format!("`{share}` in `{name}` is no share above 0 and up to 1");
            wrong(&format!("thresholds.{name}"), message);
        }
    }
    let unknown = |_| wrong("time_zone", schedules::unknown_zone(&written.time_zone));
    Some(Settings {
        time_zone: written.time_zone.parse().map_err(unknown).ok()?,
        district: written.district,
        locales: written.locales,
        listen,
        limits: written.limits,
        checks: written.checks,
        thresholds: written.thresholds,
    })
}

impl Settings {
    /// The language of the terminal: the first of `locales`.
    pub fn locale(&self) -> Locale {
        self.locales.first().copied().unwrap_or(Locale::Zh)
    }
}
