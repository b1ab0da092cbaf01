//! Why the ledger could not be read or written, and what to do about it.

use std::error::Error;
use std::path::{Path, PathBuf};

use sqlx::migrate::MigrateError;

/// The ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("could not {what} the ledger `{}`: {}", path.display(), trouble.advice())]
pub struct LedgerError {
    what: &'static str,
    path: PathBuf,
    trouble: LedgerTrouble,
    #[source]
    said: Said,
}

/// What the database said: the innermost cause, since those around it only repeat it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(String);

/// A column holds a word that is none of those this version knows.
#[derive(Debug, thiserror::Error)]
#[error("`{column}` holds `{word}`, a word that this version does not know")]
pub(super) struct UnknownWord {
    pub(super) column: String,
    pub(super) word: String,
}

/// What is the matter with a ledger, by what the database says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerTrouble {
    /// Another program holds it.
    Locked,
    /// It may be read and not written.
    ReadOnly,
    /// No room is left.
    Full,
    /// The disk refused to read or write.
    Disk,
    /// The file cannot be opened.
    Unusable,
    /// A folder lies where the file should.
    Folder,
    /// The folder it should lie in is not there.
    Nowhere,
    /// Its bytes are no ledger, or no longer.
    Damaged,
    /// A newer program wrote it.
    Newer,
    /// An older program wrote it; who only reads cannot bring its tables up to date.
    Older,
    /// Another build of the program made its tables differently.
    Foreign,
    /// Anything else.
    Unknown,
}

impl LedgerTrouble {
    /// What is so and what to do.
    pub fn advice(self) -> &'static str {
        match self {
            Self::Locked => "another program keeps it locked; close that program, then try again",
            Self::ReadOnly => {
                "it is read-only; give the account of yuebao the right to write there"
            }
            Self::Full => "the disk is full; make room, then try again",
            Self::Disk => {
                "the disk refused to read or write; see that it is there and has room, then try again"
            }
            Self::Unusable => {
                "it cannot be opened; give the account of yuebao the right to read and write it and its folder"
            }
            Self::Folder => "a folder lies in its place; move that folder away",
            Self::Nowhere => "its folder is not there; see that the output folder is the right one",
            Self::Damaged => {
                "it is damaged; say `yuebao doctor --rebuild`, which keeps the damaged file and makes a new one from the lake"
            }
            Self::Newer => "it was made by a newer yuebao; use that one",
            Self::Older => "it was made by an older yuebao; `yuebao run` brings it up to date",
            Self::Foreign => {
                "another build of yuebao made its tables differently; use that one, or say `yuebao doctor --rebuild`, which keeps the file and makes a new one from the lake"
            }
            Self::Unknown => "try again; if it stays so, say `yuebao doctor --rebuild`",
        }
    }

    /// Whether `doctor --rebuild` is the remedy: the file is kept, a new one is made.
    pub fn is_for_rebuild(self) -> bool {
        matches!(self, Self::Damaged | Self::Foreign | Self::Unknown)
    }

    fn of(error: &sqlx::Error, path: &Path) -> Self {
        match error {
            sqlx::Error::Database(error) => {
                let code = error.code().and_then(|code| code.parse::<u32>().ok());
                Self::of_code(code.unwrap_or_default(), path)
            }
            sqlx::Error::PoolTimedOut => Self::Locked,
            sqlx::Error::Decode(cause) if cause.is::<UnknownWord>() => Self::Newer,
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Damaged,
            sqlx::Error::Migrate(error) => match error.as_ref() {
                MigrateError::VersionMissing(_) => Self::Newer,
                MigrateError::VersionNotPresent(_) => Self::Older,
                MigrateError::VersionMismatch(_) => Self::Foreign,
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                    Self::of(error, path)
                }
                _ => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }

    /// By the primary result code: <https://sqlite.org/rescode.html>.
    fn of_code(code: u32, path: &Path) -> Self {
        match code & 0xff {
            5 | 6 => Self::Locked,
            8 => Self::ReadOnly,
            10 => Self::Disk,
            11 | 26 => Self::Damaged,
            13 => Self::Full,
            14 if path.is_dir() => Self::Folder,
            14 if path.parent().is_some_and(|folder| !folder.is_dir()) => Self::Nowhere,
            14 => Self::Unusable,
            _ => Self::Unknown,
        }
    }
}

impl LedgerError {
    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands on")]
    pub(super) fn new(what: &'static str, path: &Path, source: sqlx::Error) -> Self {
        let trouble = LedgerTrouble::of(&source, path);
        let mut innermost: &dyn Error = &source;
        while let Some(cause) = innermost.source() {
            innermost = cause;
        }
        Self { what, path: path.to_owned(), trouble, said: Said(innermost.to_string()) }
    }

    /// What is the matter.
    pub fn trouble(&self) -> LedgerTrouble {
        self.trouble
    }

    /// Something the database did not say by itself: its checks found the file damaged.
    pub(super) fn damaged(path: &Path, said: String) -> Self {
        let trouble = LedgerTrouble::Damaged;
        Self { what: "trust", path: path.to_owned(), trouble, said: Said(said) }
    }
}
