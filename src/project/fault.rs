//! Faults of a project: what is wrong in `jobs/` and `seeds/`, with file and line.
//!
//! Faults are collected, never thrown one by one, so that `doctor` can show all of them at once.

use std::path::{Path, PathBuf};

/// One thing that is wrong with a project's files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{}: {message}", self.place())]
pub struct Fault {
    /// The file, relative to the project.
    pub file: PathBuf,
    /// The line, counted from 1, where it can be said.
    pub line: Option<usize>,
    /// What is so and what to do.
    pub message: String,
}

impl Fault {
    /// A fault of a whole file.
    pub fn new(file: impl AsRef<Path>, message: impl Into<String>) -> Self {
        Self { file: file.as_ref().to_owned(), line: None, message: message.into() }
    }

    /// A fault at a line of a file, counted from 1.
    pub fn at(file: impl AsRef<Path>, line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(file, message) }
    }

    /// Where it is: `jobs/pipeline.toml:3`.
    pub fn place(&self) -> String {
        let file = self.file.display();
        self.line.map_or_else(|| file.to_string(), |line| format!("{file}:{line}"))
    }
}
