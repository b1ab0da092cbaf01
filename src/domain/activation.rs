//! How an activation came about and how it and its runs stand: the words that the ledger keeps, that
//! schedules are reckoned with, and that `--json` prints.

use super::words::words;

words! {
    /// What an activation comes from.
    TriggerKind {
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
        /// It stands for several instants, from its own to that of the job's next activation: nobody
        /// was there for so long that they were not kept one by one.
        Gap = "gap",
    }
}

words! {
    /// How an activation stands.
    ActivationState {
        /// It is to be carried out, for the first time or again.
        Waiting = "waiting",
        /// Its run is going on.
        Running = "running",
        /// It was carried out.
        Done = "done",
        /// It was carried out in vain and is not tried again.
        Failed = "failed",
        /// It is not carried out, for a stated reason.
        Skipped = "skipped",
    }
}

words! {
    /// How a run, an attempt or a step stands.
    RunState {
        /// It is going on.
        Running = "running",
        /// It did what it was to do.
        Done = "done",
        /// It failed.
        Failed = "failed",
        /// The edition was held back; the lake is up to date.
        HeldBack = "held_back",
        /// The process ended before it did.
        Interrupted = "interrupted",
        /// It was given up after its time-out.
        TimedOut = "timed_out",
    }
}
