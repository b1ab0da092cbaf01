//! What the edition in force has: which one it is, how far the lake is ahead of it, the targets.
//!
//! In: the output folder, what the lake has. Out: plain values; nothing of it before the first edition.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::cli::session::Session;
use crate::cli::{Failure, output};
use crate::domain::period::Period;
use crate::lake::cells::{self, Row};
use crate::lake::rows::SubmissionRow;
use crate::stages::publish::editions;

/// The edition that readers see.
#[derive(Default)]
pub(super) struct Published {
    pub(super) edition: Option<u32>,
    pub(super) created_at: Option<DateTime<Utc>>,
    /// Reports that count and it does not have.
    pub(super) newer: usize,
    /// Reports that it has and none of whose revisions counts any more.
    pub(super) dropped: usize,
    /// The newest edition, where readers see an older one.
    pub(super) rolled_back: Option<u32>,
    pub(super) targets: Vec<Target>,
}

/// A target in the month; shares in per cent.
#[derive(Debug, Serialize)]
pub(super) struct Target {
    pub(super) target_id: String,
    pub(super) name: String,
    pub(super) attained_share: Option<String>,
    pub(super) time_progress: Option<String>,
    pub(super) seasonal_progress: Option<String>,
    pub(super) status: Option<String>,
}

impl Published {
    /// Reads what it has of a month.
    pub(super) fn read(
        session: &Session,
        period: Period,
        sent: &[SubmissionRow],
    ) -> Result<Self, Failure> {
        let root = session.output.root();
        let Some(edition) = editions::current(root) else { return Ok(Self::default()) };
        let table = |name: &str| editions::table(&editions::folder(root, edition).join(name));
        let known = table("submission_status.parquet")?;
        let accepted =
            cells::rows(&known).filter(|row| row.text("state").as_deref() == Some("accepted"));
        let known: BTreeSet<String> =
            accepted.filter_map(|row| row.text("submission_id")).collect();
        let family = |it: &SubmissionRow| (it.form.clone(), it.credit_code.clone(), it.period);
        let counting: BTreeSet<_> = sent.iter().filter(|it| it.is_current).map(family).collect();
        let dropped = sent
            .iter()
            .filter(|it| known.contains(&it.submission_id) && !counting.contains(&family(it)));
        let newest = editions::numbers(root)?.last().copied();
        let newer = sent.iter().filter(|it| it.is_current && !known.contains(&it.submission_id));
        let targets = table("target_progress.parquet")?;
        let of_month = cells::rows(&targets).filter(|row| row.period("period") == Some(period));
        Ok(Self {
            edition: Some(edition),
            created_at: Some(editions::manifest(root, edition)?.created_at),
            newer: newer.count(),
            dropped: dropped.count(),
            rolled_back: newest.filter(|newest| edition < *newest),
            targets: of_month.map(target).collect(),
        })
    }
}

fn target(row: Row<'_>) -> Target {
    let percent = |name| row.decimal(name).map(output::percent);
    Target {
        target_id: row.text("target_id").unwrap_or_default(),
        name: row.text("name").unwrap_or_default(),
        attained_share: percent("attained_share"),
        time_progress: percent("time_progress"),
        seasonal_progress: percent("seasonal_progress"),
        status: row.text("status"),
    }
}
