//! The files of a project by path, texts and documents of Word, read once: what is parsed is what is fingerprinted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fault::Fault;
use crate::files;

/// The texts of `jobs/` and `seeds/` by path below the project, `/` between folders.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    texts: BTreeMap<String, String>,
    documents: BTreeMap<String, Vec<u8>>,
}

impl Texts {
    /// Reads all files below `jobs/` and `seeds/`.
    pub fn read(root: &Path) -> Result<Self, Fault> {
        let mut all = Self::default();
        for folder in ["jobs", "seeds"] {
            let start = root.join(folder);
            if !start.is_dir() {
                let message = format!(
                    "there is no folder `{folder}` in `{}`: name the project with --project, or run `yuebao demo` there to lay out a sample",
                    root.display()
                );
                return Err(Fault::new(folder, message));
            }
            let unreadable = |error: files::FileError| {
                Fault::new(folder, format!("{error} ({})", error.cause()))
            };
            for path in files::list_deep(&start).map_err(unreadable)? {
                let below = path.strip_prefix(root).unwrap_or(&path);
                let name: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
                // What an editor or Excel keeps beside an open file is not part of the project.
                if name.last().is_some_and(|it| it.starts_with("~$") || it.starts_with('.')) {
                    continue;
                }
                let (name, bytes) = (name.join("/"), files::read(&path).map_err(unreadable)?);
                if path.extension().is_some_and(|it| it == "docx") {
                    all.documents.insert(name, bytes);
                } else {
                    all.texts.insert(name, text(below, bytes)?);
                }
            }
        }
        Ok(all)
    }

    /// Puts a text in the place of a file's.
    pub(super) fn put(&mut self, path: String, text: String) {
        self.texts.insert(path, text);
    }

    /// One file's text by its path below the project.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// A document of Word by its path below the project.
    pub fn document(&self, path: &str) -> Option<&[u8]> {
        self.documents.get(path).map(Vec::as_slice)
    }

    /// Every text: its path below the project and the text itself, in order.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Every file: its path below the project and its bytes.
    pub fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        let documents =
            self.documents.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
        self.all().map(|(path, text)| (path, text.as_bytes())).chain(documents)
    }

    /// The files directly in a folder whose names end in `ending`, in order.
    pub fn matching<'a>(
        &'a self,
        folder: &str,
        ending: &str,
    ) -> impl Iterator<Item = (PathBuf, &'a str)> {
        self.below(folder)
            .filter(|(name, _)| name.ends_with(ending) && !name.starts_with('.'))
            .map(|(name, text)| (Path::new(folder).join(name), text))
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// The files directly in a folder by name.
    pub fn folder(&self, folder: &str) -> BTreeMap<String, String> {
        let visible = self.below(folder).filter(|(name, _)| !name.starts_with('.'));
        visible.map(|(name, text)| (name.to_owned(), text.to_owned())).collect()
    }

    /// One fingerprint of all files whose path starts with one of the prefixes.
    pub fn fingerprint(&self, prefixes: &[&str]) -> String {
        let is_in = |path: &str| prefixes.iter().any(|prefix| path.starts_with(prefix));
        let is_chosen = |path: &str| is_in(path) && !is_guide(path);
        let hash = |(path, bytes): (&String, &Vec<u8>)| (path.clone(), files::digest(bytes));
        let documents: Vec<(String, String)> = self.documents.iter().map(hash).collect();
        let documents = documents.iter().map(|(path, hash)| (path.as_str(), hash.as_str()));
        files::fingerprint(self.all().chain(documents).filter(|(path, _)| is_chosen(path)))
    }

    fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let prefix = format!("{folder}/");
        self.texts.iter().filter_map(move |(path, text)| {
            let name = path.strip_prefix(&prefix)?;
            (!name.contains('/')).then_some((name, text.as_str()))
        })
    }
}

/// Whether a file is for people alone: a `README.md`, in whatever language.
pub(super) fn is_guide(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| name.starts_with("README."))
}

/// The bytes of a file as text: UTF-8, with a mark of it or none; a seed also as a Chinese Excel saves it.
fn text(path: &Path, bytes: Vec<u8>) -> Result<String, Fault> {
    let is_seed = path.extension().is_some_and(|it| it == "csv");
    let text = match String::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if is_seed => encoding_rs::GB18030
            .decode_without_bom_handling_and_without_replacement(error.as_bytes())
            .map(Cow::into_owned),
        Err(_) => None,
    };
    let Some(text) = text else {
        let message = if is_seed {
            "is text neither in UTF-8 nor in GB18030: in Excel, save it as `CSV UTF-8`"
        } else {
            "is not UTF-8: save it as UTF-8"
        };
        return Err(Fault::new(path, message));
    };
    Ok(text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text))
}
