//! The files of a project as texts by path, read once: what is parsed is what is fingerprinted.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fault::Fault;
use crate::files;

/// The texts of `jobs/` and `seeds/` by path below the project, `/` between folders.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    texts: BTreeMap<String, String>,
}

impl Texts {
    /// Reads all files below `jobs/` and `seeds/`.
    pub fn read(root: &Path) -> Result<Self, Fault> {
        let mut texts = BTreeMap::new();
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
                let bytes = files::read(&path).map_err(unreadable)?;
                texts.insert(name.join("/"), text(below, bytes)?);
            }
        }
        Ok(Self { texts })
    }

    /// Puts a text in the place of a file's.
    pub(super) fn put(&mut self, path: String, text: String) {
        self.texts.insert(path, text);
    }

    /// One file's text by its path below the project.
    pub fn get(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Every file: its path below the project and its text, in order.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()))
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
        let chosen = self.texts.iter().filter(|(path, _)| is_in(path) && !is_guide(path));
        files::fingerprint(chosen.map(|(path, text)| (path.as_str(), text.as_str())))
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
