//! What surrounds the project: the output folder, its disk, the inbox, the locks, the ledger; nothing
//! is written.
//!
//! In: the session. Out: facts; warnings of what will soon be wrong; faults. The latter two are texts
//! with what to do.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use serde::Serialize;

use super::affairs::Affairs;
use super::disk::{self, Disk};
use crate::cli::Failure;
use crate::cli::session::{self, Session};
use crate::files::lock::{Holder, Lock};
use crate::files::{FileError, room};
use crate::lake::rows;
use crate::ledger::attempts::Attempt;
use crate::ledger::{Ledger, LedgerError, stamp};
use crate::orders;
use crate::stages::inbox;
use crate::stages::store::{self, Depth};

/// What surrounds the project.
#[derive(Debug, Serialize)]
pub(super) struct Machine {
    output: Folder,
    disk: Option<Disk>,
    inbox: Inbox,
    locks: Locks,
    ledger: Book,
    #[serde(flatten)]
    affairs: Affairs,
    /// What will soon be wrong, each with what to do.
    pub(super) warnings: Vec<String>,
    /// What is wrong, each with what to do.
    #[serde(skip)]
    pub(super) faults: Vec<String>,
}

/// The output folder.
#[derive(Debug, Serialize)]
struct Folder {
    path: String,
    state: FolderState,
}

/// How the output folder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum FolderState {
    /// The first run makes it.
    Absent,
    Writable,
    ReadOnly,
}

/// What lies in the inbox.
#[derive(Debug, Default, Serialize)]
struct Inbox {
    files: usize,
    /// What no run can take, with the reason.
    left: Vec<(String, String)>,
}

/// Who holds which lock; `None`: nobody.
#[derive(Debug, Serialize)]
struct Locks {
    output: Option<Holder>,
    daemon: Option<Holder>,
}

/// The ledger.
#[derive(Debug, Serialize)]
struct Book {
    path: String,
    state: BookState,
    /// Attempts that have not ended.
    open_attempts: Vec<OpenAttempt>,
    /// Whether the lake has months that a ledger should know the runs of.
    has_lake: bool,
}

/// How the ledger stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum BookState {
    /// The first run makes it.
    Absent,
    /// A file is there with nothing in it; the next run makes the ledger.
    Empty,
    Sound,
    Faulty,
}

/// An attempt that has not ended.
#[derive(Debug, Serialize)]
struct OpenAttempt {
    job: String,
    #[serde(flatten)]
    attempt: Attempt,
}

/// Looks at output folder, locks and ledger.
pub(super) fn look(session: &Session) -> Result<Machine, Failure> {
    let root = session.output.root();
    let output = Folder { path: root.display().to_string(), state: folder(root) };
    let mut faults: Vec<String> = fault_of(&output).into_iter().collect();
    let locks = Locks {
        output: Lock::holder(&session.output.lock()),
        daemon: Lock::holder(&session.output.daemon_lock()),
    };
    let path = session.output.ledger().display().to_string();
    let mut book =
        Book { path, state: BookState::Absent, open_attempts: Vec::new(), has_lake: false };
    let affairs = session::block_on(async { Ok(open(session, &mut book, &mut faults).await) })?;
    // While somebody writes, a partition may just be in the making.
    if locks.output.is_none() {
        faults.extend(damaged(session));
    }
    let (inbox, warnings) = (Inbox::default(), Vec::new());
    let mut machine =
        Machine { output, disk: None, inbox, locks, ledger: book, affairs, warnings, faults };
    machine.look_at_disk(session);
    machine.look_into_inbox(session);
    Ok(machine)
}

/// What is damaged in the lake, every byte looked at.
fn damaged(session: &Session) -> Vec<String> {
    let lake = session.output.lake();
    // That the lake cannot be listed is said with the ledger.
    let partitions = rows::partitions(&lake).unwrap_or_default();
    let looked = partitions.iter().map(|it| store::condition(&lake, it, Depth::Bytes));
    let damage = looked.filter_map(|found| match found {
        Ok(found) => found.damage,
        Err(error) => Some(error),
    });
    damage.map(|damage| fault(&damage)).collect()
}

/// How a folder stands, by its permissions and by opening what lies in it for writing.
fn folder(root: &Path) -> FolderState {
    let Ok(known) = fs::metadata(root) else {
        return FolderState::Absent;
    };
    let refused = |name: &str| {
        let opened = File::options().write(true).open(root.join(name));
        opened.is_err_and(|error| {
            matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem)
        })
    };
    let is_disk_read_only = room::room(root).is_some_and(|room| room.is_read_only);
    if is_disk_read_only
        || known.permissions().readonly()
        || refused(".lock")
        || refused("ledger.sqlite")
    {
        FolderState::ReadOnly
    } else {
        FolderState::Writable
    }
}

fn fault_of(output: &Folder) -> Option<String> {
    let path = &output.path;
    match output.state {
        FolderState::Absent | FolderState::Writable => None,
        FolderState::ReadOnly => Some(format!(
            "the output folder `{path}` is read-only: give the account of yuebao the right to write there"
        )),
    }
}

/// Opens the ledger for reading and fills in how it stands; returns what it says is under way.
async fn open(session: &Session, book: &mut Book, faults: &mut Vec<String>) -> Affairs {
    let mut affairs = Affairs::default();
    match Ledger::look(&session.output.ledger()).await {
        Ok(None) => {
            if session.output.ledger().exists() {
                book.state = BookState::Empty;
            }
            match rows::partitions(&session.output.lake()) {
                Ok(partitions) => book.has_lake = !partitions.is_empty(),
                Err(error) => faults.push(fault(&error)),
            }
        }
        Ok(Some(ledger)) => {
            book.state = BookState::Sound;
            match examine(session, &ledger, book).await {
                Err(error) => {
                    faults.push(fault(&error));
                    book.state = BookState::Faulty;
                }
                Ok(read) => affairs = read,
            }
            ledger.close().await;
        }
        Err(error) => {
            faults.push(fault(&error));
            book.state = BookState::Faulty;
        }
    }
    affairs
}

async fn examine(
    session: &Session,
    ledger: &Ledger,
    book: &mut Book,
) -> Result<Affairs, LedgerError> {
    ledger.check().await?;
    let open = ledger.open_attempts().await?.into_iter();
    book.open_attempts = open.map(|(attempt, job)| OpenAttempt { job, attempt }).collect();
    Affairs::read(session, ledger).await
}

/// An error with its causes, as a fault.
fn fault(error: &dyn std::error::Error) -> String {
    orders::chain(error).replace('\n', "\n  because: ")
}

impl Machine {
    fn look_at_disk(&mut self, session: &Session) {
        self.disk = self.none_or(|| disk::look(&session.output)).flatten();
        self.warnings.extend(self.disk.iter().flat_map(Disk::warnings));
    }

    fn look_into_inbox(&mut self, session: &Session) {
        let place = session.output.inbox();
        let Some(found) = self.none_or(|| inbox::look(&place)) else { return };
        for (path, reason) in found.left {
            let name = path.strip_prefix(&place).unwrap_or(&path).display().to_string();
            self.warnings.push(format!("`{name}` stays in the inbox, {reason}: take it away"));
            self.inbox.left.push((name, reason));
        }
        self.inbox.files = found.files.len();
    }

    /// What can be read in the output folder; a failure is a fault.
    pub(super) fn none_or<T>(&mut self, read: impl FnOnce() -> Result<T, FileError>) -> Option<T> {
        read().map_err(|error| self.faults.push(fault(&error))).ok()
    }

    /// What is so, for people, one a line.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match self.output.state {
            FolderState::Absent => notes.push(format!(
                "the output folder `{}` is not there yet: the first run makes it",
                self.output.path
            )),
            FolderState::Writable => {
                notes.push(format!("the output folder `{}` can be written", self.output.path));
            }
            FolderState::ReadOnly => {}
        }
        notes.extend(self.disk.as_ref().map(Disk::note));
        notes.extend(self.ledger.note());
        notes.extend(self.ledger.open_attempts.iter().map(|open| self.note_on(open)));
        let held = [("output folder", &self.locks.output), ("daemon's place", &self.locks.daemon)];
        let held = held.into_iter().filter_map(|(what, holder)| Some((what, holder.as_ref()?)));
        notes.extend(held.map(|(what, holder)| format!("the {what} is held by {holder}")));
        if self.ledger.state == BookState::Sound {
            notes.extend(self.affairs.notes(self.locks.daemon.is_some()));
        }
        notes.extend(self.inbox.note());
        notes
    }

    fn note_on(&self, open: &OpenAttempt) -> String {
        let Attempt { order_id, attempt, host, process, started_at, .. } = &open.attempt;
        let since = stamp(*started_at);
        let job =
            if open.job.is_empty() { String::new() } else { format!(" of job `{}`", open.job) };
        let begun = format!(
            "attempt {attempt} of order {order_id}{job}, begun {since} by process {process} on {host}"
        );
        if self.locks.output.is_some() {
            format!("{begun}, has not ended")
        } else {
            format!("{begun}, was killed: the next run closes it")
        }
    }
}

impl Inbox {
    fn note(&self) -> Option<String> {
        match self.files {
            0 => None,
            1 => Some("one file waits in the inbox: the next run takes it in".to_owned()),
            many => Some(format!("{many} files wait in the inbox: the next run takes them in")),
        }
    }
}

impl Book {
    fn note(&self) -> Option<String> {
        let path = &self.path;
        match (self.state, self.has_lake) {
            (BookState::Faulty, _) => None,
            (BookState::Absent, false) => {
                Some(format!("there is no ledger `{path}` yet: the first run makes it"))
            }
            (BookState::Absent, true) => Some(format!(
                "there is no ledger `{path}`, though the lake has months: the next run makes it, and so does `yuebao doctor --rebuild`"
            )),
            (BookState::Empty, false) => {
                Some(format!("the ledger `{path}` is empty: the next run makes it"))
            }
            (BookState::Empty, true) => Some(format!(
                "the ledger `{path}` is empty, though the lake has months: the next run makes it, and so does `yuebao doctor --rebuild`; the history of runs is lost unless a copy is put back"
            )),
            (BookState::Sound, _) => Some(format!("the ledger `{path}` is sound")),
        }
    }
}
