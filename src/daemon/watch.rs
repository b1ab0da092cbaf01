//! The watch over the inbox and the project's files: polled, so that network shares work as well.
//!
//! In: two folders, looked at every two seconds by a thread of its own, so that a share that hangs
//! holds up nothing else. Out: what lies settled in the inbox, and word that `jobs/` or `seeds/`
//! changed. Settled is what two looks in a row found the same: nobody is writing to it. In the inbox
//! that is asked of each file, so that one long upload keeps nobody waiting; of the project as a whole.

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
pub type FileMarks = BTreeSet<u64>;

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sight {
    /// What lies in the inbox and has settled; told at every look while there is something.
    Inbox(FileMarks),
    /// `jobs/` or `seeds/` changed and have settled.
    Project,
}

/// What one look after the other found in the project.
#[derive(Debug, Default)]
pub struct Settling {
    last: Option<FileMarks>,
    settled: Option<FileMarks>,
}

impl Settling {
    /// Takes note of a look: whether something else has settled than the time before.
    pub fn has_changed(&mut self, marks: FileMarks) -> bool {
        if self.last.as_ref() != Some(&marks) {
            self.last = Some(marks);
            return false;
        }
        let before = self.settled.replace(marks);
        before.is_some() && before != self.settled
    }
}

/// What one look after the other found in the inbox.
#[derive(Debug, Default)]
pub struct Arrivals {
    last: FileMarks,
}

impl Arrivals {
    /// Takes note of a look: the files that the look before found just so.
    pub fn look(&mut self, marks: FileMarks) -> FileMarks {
        let settled = marks.intersection(&self.last).copied().collect();
        self.last = marks;
        settled
    }
}

/// The folders watched.
#[derive(Debug)]
pub struct Watch {
    root: PathBuf,
    inbox: PathBuf,
    project: Settling,
    arrivals: Arrivals,
    is_inbox_empty: bool,
    faults: [Option<String>; 2],
}

/// One of the two things looked at, with how the log calls it.
type WatchedPlace = (&'static str, fn(&mut Watch) -> Result<Option<Sight>, FileError>);

/// Each by itself: a project that cannot be read keeps no workbook waiting.
const PLACES: [WatchedPlace; 2] =
    [("the project's files", Watch::look_at_project), ("the inbox", Watch::look_into_inbox)];

impl Watch {
    /// A watch over a project and an inbox; what the project holds now is taken for known.
    pub fn new(root: &Path, inbox: PathBuf) -> Self {
        let known = project_marks(root).ok();
        let project = Settling { last: known.clone(), settled: known };
        let (arrivals, faults) = (Arrivals::default(), [None, None]);
        Self { root: root.to_owned(), inbox, project, arrivals, is_inbox_empty: true, faults }
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
        let mut sights = Vec::new();
        let mut faults = [None, None];
        for ((what, look), fault) in PLACES.iter().zip(&mut faults) {
            match catch_unwind(AssertUnwindSafe(|| look(self))) {
                Ok(Ok(seen)) => sights.extend(seen),
                Ok(Err(error)) => {
                    *fault = Some(format!("{what}: {}", crate::orders::chain(&error)));
                }
                Err(_) => {
                    *fault = Some(format!("{what}: the look panicked, a fault of the program"));
                }
            }
        }
        for (fault, before) in faults.iter().zip(&self.faults) {
            if let Some(fault) = fault.as_ref().filter(|_| fault != before) {
                tracing::error!(%fault, "could not look at the inbox or the project's files");
            }
        }
        self.faults = faults;
        sights
    }

    fn look_at_project(&mut self) -> Result<Option<Sight>, FileError> {
        let has_changed = self.project.has_changed(project_marks(&self.root)?);
        Ok(has_changed.then_some(Sight::Project))
    }

    fn look_into_inbox(&mut self) -> Result<Option<Sight>, FileError> {
        let settled = self.arrivals.look(marks(&inbox::look(&self.inbox)?.files));
        let was_empty = std::mem::replace(&mut self.is_inbox_empty, settled.is_empty());
        Ok((!settled.is_empty() || !was_empty).then_some(Sight::Inbox(settled)))
    }
}

fn project_marks(root: &Path) -> Result<FileMarks, FileError> {
    let mut paths = files::list_deep(&root.join("jobs"))?;
    paths.extend(files::list_deep(&root.join("seeds"))?);
    Ok(marks(&paths))
}

fn marks(paths: &[PathBuf]) -> FileMarks {
    paths.iter().filter_map(|path| mark(path)).collect()
}

/// A file as one number; `None` when it is gone already.
fn mark(path: &Path) -> Option<u64> {
    let known = fs::symlink_metadata(path).ok()?;
    let mut hasher = DefaultHasher::new();
    (path, known.len(), known.modified().ok()).hash(&mut hasher);
    Some(hasher.finish())
}
