//! What an edition was made from and holds: `manifest.json`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::pages::PageOrigin;
use crate::domain::period::Period;
use crate::project::inputs::{Input, Inputs};

/// The manifest of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its number, counted from 1.
    pub edition: u32,
    /// When it was published: the only time in an edition.
    pub created_at: DateTime<Utc>,
    /// Version of the program.
    pub program: String,
    /// Region code of the district.
    pub region_code: String,
    /// Whether its figures are synthetic.
    pub is_synthetic: bool,
    /// Who asked for it, account and machine; only where a reason or a backfill led to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// The reason given for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The backfill it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backfill: Option<i64>,
    /// The edition that readers saw before, which `moved` is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u32>,
    /// The kinds of input that moved each month in which anything differs from that edition.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub moved: BTreeMap<Period, BTreeSet<Input>>,
    /// One fingerprint of all its inputs: an equal one needs no new edition.
    pub inputs: String,
    /// Fingerprints of the inputs: `jobs`, `seeds`, and each partition of the lake.
    pub made_from: BTreeMap<String, String>,
    /// Fingerprints of what its figures depend on, by kind, from the month on in which they changed.
    #[serde(default)]
    pub kinds: Inputs,
    /// Where the pages of each month come from: what nothing changed in is linked from an edition before.
    #[serde(default)]
    pub pages: BTreeMap<Period, PageOrigin>,
    /// Its files by name, without this one.
    pub files: Vec<FileEntry>,
}

/// One file of an edition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Its name below the edition's folder.
    pub name: String,
    /// Rows of a table; `None` for a page.
    pub rows: Option<usize>,
    /// Its size in bytes.
    pub bytes: usize,
    /// SHA-256 of its bytes.
    pub sha256: String,
}
