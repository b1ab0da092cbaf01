//! `jobs/pipeline.toml`: the district, the time zone, limits and language.
//!
//! Every key is explained in the shipped file; unknown keys are refused.

use serde::Deserialize;

use crate::texts::{Locale, Text};

/// The settings of a project.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The district.
    pub district: District,
    /// IANA name of the time zone that deadlines and messages use (`Asia/Shanghai`).
    pub time_zone: String,
    /// Languages of the brief, in order; the first is that of the terminal.
    pub locales: Vec<Locale>,
    /// Where the daemon listens.
    pub listen: String,
    /// What a workbook may be at most.
    pub limits: Limits,
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
    /// Whether the data is synthetic; then every page says so.
    pub is_synthetic: bool,
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
