//! What alerts are about: values, kept as JSON in the ledger and worded when they are sent or read.

use std::fmt;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::domain::period::Period;
use crate::lake::matters::UnknownDocument;
use crate::ledger::reason::Reason;
use crate::pipeline::reason::Causes;
use crate::project::alerts::Kind;

/// A firm whose report does not count, or not yet.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Absent {
    /// What became of what it sent: `queried`, `refused`; `None` when it sent nothing.
    pub state: Option<String>,
    /// Its name.
    pub name: String,
}

/// How the filing of one form for one month stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filing {
    /// The form.
    pub form: String,
    /// The month.
    pub period: Period,
    /// Until when it is due.
    pub deadline: DateTime<Utc>,
    /// How many firms it is due from.
    pub due: usize,
    /// Those whose report does not count, in order.
    pub missing: Vec<Absent>,
}

impl Filing {
    /// What an alert about firms that missed its deadline is about.
    pub fn subject(&self) -> Subject {
        Subject::Filing { form: self.form.clone(), period: self.period }
    }
}

/// A test of a mart that fails, without the rows: they hold figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedTest {
    /// The mart.
    pub mart: String,
    /// The test.
    pub test: String,
    /// How many rows offend; `None` where the mart cannot be computed at all.
    pub rows: Option<usize>,
}

/// What ails the daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DaemonTrouble {
    /// The project's files are faulty: how many faults, and where the first is.
    #[expect(missing_docs, reason = "said above")]
    Reload { faults: usize, place: String },
    /// The project's files, or their copy, could not be read or written.
    Files(Vec<Reason>),
    /// A backfill does not come to its end.
    #[expect(missing_docs, reason = "said above")]
    Backfill { order_id: i64, reasons: Vec<Reason> },
}

/// What people are told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields bear the names of what they hold")]
pub enum Alert {
    /// A job failed for good, after its retries; with its order.
    RunFailed { job: String, order_id: i64, reasons: Vec<Reason> },
    /// An order that should have been begun was not.
    JobOverdue { job: String, due_at: DateTime<Utc> },
    /// Firms did not report by the deadline.
    FirmsMissing(Filing),
    /// Firms have not reported yet. Each day of reminding is a subject of its own.
    Reminder { filing: Filing, day: NaiveDate },
    /// Failing tests of marts held an edition back.
    EditionHeldBack { tests: Vec<FailedTest> },
    /// Reports bear a document number that jobs/forms lacks.
    UnknownDocument(UnknownDocument),
    /// Published figures of some months would change, moved by these kinds of input, and nobody gave a
    /// reason.
    EditionAwaitsReason { causes: Causes },
    /// The brief of a month is out, new in an edition.
    BriefPublished { period: Period, edition: u32, page: String },
    /// The daemon is in trouble.
    DaemonTrouble(DaemonTrouble),
    /// A channel is tried.
    Test { channel: String },
}

impl Alert {
    /// What kind of thing.
    pub fn kind(&self) -> Kind {
        match self {
            Self::RunFailed { .. } => Kind::RunFailed,
            Self::JobOverdue { .. } => Kind::JobOverdue,
            Self::FirmsMissing(_) => Kind::FirmsMissing,
            Self::Reminder { .. } => Kind::Reminder,
            Self::EditionHeldBack { .. } => Kind::EditionHeldBack,
            Self::UnknownDocument(_) => Kind::UnknownDocument,
            Self::EditionAwaitsReason { .. } => Kind::EditionAwaitsReason,
            Self::BriefPublished { .. } => Kind::BriefPublished,
            Self::DaemonTrouble(_) => Kind::DaemonTrouble,
            Self::Test { .. } => Kind::Test,
        }
    }

    /// What it is about.
    pub fn subject(&self) -> Subject {
        match self {
            Self::RunFailed { job, .. } | Self::JobOverdue { job, .. } => Subject::Job(job.clone()),
            Self::FirmsMissing(filing) => filing.subject(),
            Self::Reminder { filing, day } => {
                Subject::Day { form: filing.form.clone(), period: filing.period, day: *day }
            }
            Self::EditionHeldBack { .. } | Self::EditionAwaitsReason { .. } => Subject::Edition,
            Self::UnknownDocument(unknown) => Subject::Document(unknown.document.clone()),
            Self::BriefPublished { period, edition, .. } => {
                Subject::Brief { period: *period, edition: *edition }
            }
            Self::DaemonTrouble(DaemonTrouble::Backfill { order_id, .. }) => {
                Subject::Backfill(*order_id)
            }
            Self::DaemonTrouble(_) => Subject::Reload,
            Self::Test { channel } => Subject::Channel(channel.clone()),
        }
    }

    /// As the ledger keeps it.
    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("an alert is JSON")
    }

    /// What the ledger kept; `None` for what a newer program wrote.
    pub fn read(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }
}

/// What an alert is about: of one kind and subject one is open at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the fields bear the names of what they hold")]
pub enum Subject {
    /// A job.
    Job(String),
    /// The filing of a form.
    Filing { form: String, period: Period },
    /// A day on which people were reminded of it.
    Day { form: String, period: Period, day: NaiveDate },
    /// The newest edition.
    Edition,
    /// A document number.
    Document(String),
    /// The brief of a month.
    Brief { period: Period, edition: u32 },
    /// A reload of the project.
    Reload,
    /// A backfill.
    Backfill(i64),
    /// A channel.
    Channel(String),
}

impl Subject {
    /// As the ledger keeps it.
    pub fn key(&self) -> String {
        serde_json::to_string(self).expect("a subject is JSON")
    }

    /// What the ledger kept, as programs are told it.
    pub fn shown(key: &str) -> String {
        let read: Option<Self> = serde_json::from_str(key).ok();
        read.map_or_else(|| key.to_owned(), |subject| subject.to_string())
    }
}

/// What programs are told: `B204-1 2025-07`, `edition`, `backfill 7`.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Job(name) | Self::Document(name) | Self::Channel(name) => f.write_str(name),
            Self::Filing { form, period } => write!(f, "{form} {period}"),
            Self::Day { form, period, day } => write!(f, "{form} {period} {day}"),
            Self::Edition => f.write_str("edition"),
            Self::Brief { period, edition } => write!(f, "{period} edition {edition}"),
            Self::Reload => f.write_str("reload"),
            Self::Backfill(order_id) => write!(f, "backfill {order_id}"),
        }
    }
}
