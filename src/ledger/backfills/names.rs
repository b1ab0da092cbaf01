//! The closed sets of words a backfill is described by, as they stand in the ledger and in `--json`.

use crate::domain::words::words;

words! {
    /// Which months of the range are done again.
    Reprocess {
        /// Those that were received and never finished.
        Missing = "missing",
        /// Those whose last run failed.
        Failed = "failed",
        /// Those whose inputs changed since: workbooks, rules, forms, roster, program.
        Stale = "stale",
        /// Every one, also what is up to date.
        All = "all",
    }
}

words! {
    /// Which month goes first.
    WorkOrder {
        /// The oldest: each month is done once.
        Oldest = "oldest",
        /// The newest: months that look back at a changed one are done again.
        Newest = "newest",
    }
}

words! {
    /// How a backfill stands.
    BackfillState {
        /// Begun and not ended; interrupted if no process is at it.
        Running = "running",
        /// Somebody paused it.
        Paused = "paused",
        /// Every month is done.
        Done = "done",
        /// A month failed, or the edition was held back.
        Failed = "failed",
        /// Somebody gave it up.
        Cancelled = "cancelled",
    }
}

impl BackfillState {
    /// Whether it has ended.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

words! {
    /// Why a month is part of a backfill.
    Cause {
        /// It lies in the range.
        Asked = "asked",
        /// It lies in the range, and its files in the lake were not as they were written.
        Damaged = "damaged",
        /// A month it looks back at changed.
        Cascade = "cascade",
    }
}

words! {
    /// How a month of a backfill stands.
    MonthState {
        /// Its turn has not come, or its process was killed.
        Waiting = "waiting",
        /// It was made anew.
        Done = "done",
        /// It was up to date.
        Unchanged = "unchanged",
        /// It failed; the lake keeps what it held.
        Failed = "failed",
        /// It was given up with the backfill.
        Cancelled = "cancelled",
    }
}
