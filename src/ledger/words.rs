//! The closed sets of words that orders are described by, in the ledger and in `--json`.

use crate::domain::words::words;
use crate::project::schedules::Step;

words! {
    /// Who or what asked for an order.
    #[derive(serde::Deserialize)]
    AskedBy {
        /// A cron instant, on time.
        Clock = "clock",
        /// An instant that was missed and is made up for.
        CatchUp = "catch_up",
        /// A deadline of the calendar, on time.
        Deadline = "deadline",
        /// Enough firms, or enough of last month's value, had reported.
        Coverage = "coverage",
        /// New files in the inbox.
        Inbox = "inbox",
        /// It stands for several instants, from its own to that of the job's next order: nobody was
        /// there for so long that they were not kept one by one.
        Gap = "gap",
        /// A command of the terminal.
        Command = "command",
        /// A backfill, and each piece of it.
        Backfill = "backfill",
    }
}

words! {
    /// How an order, an attempt or a step stands.
    #[derive(serde::Deserialize)]
    State {
        /// It is to be carried out, for the first time or again.
        Waiting = "waiting",
        /// It is being carried out.
        Running = "running",
        /// Somebody paused it.
        Paused = "paused",
        /// It was carried out.
        Done = "done",
        /// It was carried out, and nothing had to be done.
        Unchanged = "unchanged",
        /// It was carried out; the edition was held back.
        HeldBack = "held_back",
        /// It was carried out in vain and is not tried again.
        Failed = "failed",
        /// It was given up after its time-out.
        TimedOut = "timed_out",
        /// Its process ended before it did.
        Interrupted = "interrupted",
        /// It is not carried out, for a stated reason.
        Skipped = "skipped",
        /// Somebody gave it up.
        Cancelled = "cancelled",
    }
}

impl State {
    /// Whether it has come to an end.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running | Self::Paused)
    }
}

words! {
    /// One thing an order does.
    #[derive(serde::Deserialize)]
    OrderStep {
        /// Empties the inbox into the archive.
        Receive = "receive",
        /// Brings the lake up to date.
        Rebuild = "rebuild",
        /// Builds the marts and publishes an edition, when anything changed.
        Publish = "publish",
        /// Tells who has not reported yet.
        Remind = "remind",
        /// Tells who did not report.
        Close = "close",
        /// Tells that the brief of a month is out.
        Announce = "announce",
        /// Points readers at an earlier edition.
        Rollback = "rollback",
    }
}

impl OrderStep {
    /// What the steps of a job come to.
    pub fn of(steps: &[Step]) -> Vec<Self> {
        let of = |step: &Step| match step {
            Step::Intake => vec![Self::Receive, Self::Rebuild],
            Step::Publish => vec![Self::Publish],
            Step::Remind => vec![Self::Remind],
            Step::Close => vec![Self::Close],
            Step::Announce => vec![Self::Announce],
        };
        steps.iter().flat_map(of).collect()
    }
}

words! {
    /// Which months of its range a backfill does again.
    #[derive(serde::Deserialize)]
    Reprocess {
        /// Those that were received and never finished.
        Missing = "missing",
        /// Those whose last attempt failed.
        Failed = "failed",
        /// Those whose inputs changed since: workbooks, rules, forms, roster, program.
        Stale = "stale",
        /// Every one, also what is up to date.
        All = "all",
    }
}

words! {
    /// Which month of a backfill goes first.
    #[derive(serde::Deserialize)]
    Sequence {
        /// The oldest: each month is done once.
        Oldest = "oldest",
        /// The newest: months that look back at a changed one are done again.
        Newest = "newest",
    }
}

words! {
    /// Why a month is part of a backfill.
    #[derive(serde::Deserialize)]
    Cause {
        /// It lies in the range.
        Asked = "asked",
        /// It lies in the range, and its files in the lake were not as they were written.
        Damaged = "damaged",
        /// A month it looks back at changed.
        Cascade = "cascade",
    }
}
