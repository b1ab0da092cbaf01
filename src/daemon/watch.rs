//! The watch over the inbox and the project's files: polled, so that network shares work as well.
//!
//! In: two folders, looked at every two seconds by a thread of its own, so that a share that hangs
//! holds up nothing else. Out: what lies settled in the inbox, and word that `jobs/` or `seeds/`
//! changed. Settled is what two looks in a row found the same: nobody is writing to it.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc::Sender;

use crate::files::{self, FileError};
use crate::stages::inbox;

/// Time between two looks.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Files by path, size and modification time, each as one number.
pub type Marks = BTreeSet<u64>;

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// What lies in the inbox and has settled; told at every look while there is something.
    Inbox(Marks),
    /// `jobs/` or `seeds/` changed and have settled.
    Project,
}

/// What one look after the other found in a folder.
#[derive(Debug, Default)]
pub struct Settling {
    last: Option<Marks>,
    settled: Option<Marks>,
}

impl Settling {
    /// Takes note of a look: the marks if they have settled.
    pub fn look(&mut self, marks: Marks) -> Option<&Marks> {
        if self.last.as_ref() == Some(&marks) {
            self.settled = Some(marks);
            return self.settled.as_ref();
        }
        self.last = Some(marks);
        None
    }

    /// Takes note of a look: whether something else has settled than the time before.
    pub fn has_changed(&mut self, marks: Marks) -> bool {
        let before = self.settled.clone();
        self.look(marks).is_some_and(|now| before.is_some_and(|before| before != *now))
    }
}

/// The folders watched.
#[derive(Debug)]
pub struct Watch {
    root: PathBuf,
    inbox: PathBuf,
    project: Settling,
    arrivals: Settling,
    is_inbox_empty: bool,
    fault: Option<String>,
}

impl Watch {
    /// A watch over a project and an inbox; what the project holds now is taken for known.
    pub fn new(root: &Path, inbox: PathBuf) -> Self {
        let known = project_marks(root).ok();
        let project = Settling { last: known.clone(), settled: known };
        let arrivals = Settling::default();
        Self { root: root.to_owned(), inbox, project, arrivals, is_inbox_empty: true, fault: None }
    }

    /// Looks on until nobody listens any more.
    pub fn start(mut self, sights: Sender<Sight>) -> io::Result<()> {
        let watch = move || {
            loop {
                let seen = self.look_safely();
                let is_told = seen.into_iter().all(|sight| sights.blocking_send(sight).is_ok());
                if !is_told || sights.is_closed() {
                    return;
                }
                thread::sleep(LOOK_EVERY);
            }
        };
        thread::Builder::new().name("watch".to_owned()).spawn(watch).map(|_| ())
    }

    /// One look; what goes wrong is logged when it is something else than the time before.
    fn look_safely(&mut self) -> Vec<Sight> {
        let fault = match catch_unwind(AssertUnwindSafe(|| self.look())) {
            Ok(Ok(sights)) => {
                self.fault = None;
                return sights;
            }
            Ok(Err(error)) => crate::runs::chain(&error),
            Err(_) => "the look panicked; this is a fault of the program".to_owned(),
        };
        if self.fault.as_ref() != Some(&fault) {
            tracing::error!(%fault, "could not look at the inbox or the project's files");
            self.fault = Some(fault);
        }
        Vec::new()
    }

    fn look(&mut self) -> Result<Vec<Sight>, FileError> {
        let mut sights = Vec::new();
        if self.project.has_changed(project_marks(&self.root)?) {
            sights.push(Sight::Project);
        }
        let marks = marks(&inbox::look(&self.inbox)?.files);
        if let Some(settled) = self.arrivals.look(marks) {
            let is_empty = settled.is_empty();
            if !is_empty || !self.is_inbox_empty {
                sights.push(Sight::Inbox(settled.clone()));
            }
            self.is_inbox_empty = is_empty;
        }
        Ok(sights)
    }
}

fn project_marks(root: &Path) -> Result<Marks, FileError> {
    let mut paths = files::list_deep(&root.join("jobs"))?;
    paths.extend(files::list_deep(&root.join("seeds"))?);
    Ok(marks(&paths))
}

fn marks(paths: &[PathBuf]) -> Marks {
    paths.iter().filter_map(|path| mark(path)).collect()
}

/// A file as one number; `None` when it is gone already.
fn mark(path: &Path) -> Option<u64> {
    let known = fs::symlink_metadata(path).ok()?;
    let mut hasher = DefaultHasher::new();
    (path, known.len(), known.modified().ok()).hash(&mut hasher);
    Some(hasher.finish())
}
