//! Folders that are made once for all tests of a binary, each of which may run in a process of its own.
//!
//! They lie in the `tmp` of the target folder under the fingerprint of what they are made by: both
//! programs, `jobs` and `seeds`. Nobody writes into one; a test that changes something copies it.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use yuebao::project::files::Texts;

use super::scene::{district, root};

/// How long folders of other programs are left alone: their tests may still run.
const LEFT_ALONE: Duration = Duration::from_hours(1);

/// The folder of a name, made by the first test that asks for it; others wait for it.
pub(crate) fn once(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kept");
    let folder = all.join(fingerprint());
    if !folder.exists() {
        fs::create_dir_all(&folder).unwrap();
        forget(&all);
    }
    let lock = File::create(folder.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let place = folder.join(name);
    if !place.exists() {
        let beside = tempfile::tempdir_in(&folder).unwrap();
        make(beside.path());
        fs::rename(beside.keep(), &place).unwrap();
    }
    place
}

/// What the folders are made by.
fn fingerprint() -> String {
    let programs = [std::env::current_exe().unwrap(), env!("CARGO_BIN_EXE_yuebao").into()];
    let state = programs.map(|program| {
        let state = fs::metadata(program).unwrap();
        let at = state.modified().unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        format!("{:x}-{:x}", at.as_nanos(), state.len())
    });
    let projects = [root(), &district()].map(|it| Texts::read(it).unwrap().fingerprint(&[""]));
    format!("{}-{}", state.join("-"), projects.map(|it| it[..8].to_owned()).concat())
}

/// Removes what other programs made.
fn forget(all: &Path) {
    for entry in fs::read_dir(all).unwrap().flatten() {
        let made = entry.metadata().and_then(|it| it.modified()).ok();
        if made.and_then(|it| it.elapsed().ok()).is_some_and(|age| age > LEFT_ALONE) {
            // Whoever else begins now removes it, too.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Copies a folder with all in it, as it is: empty folders, links, times.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (kind, place) = (entry.file_type().unwrap(), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &place);
        } else if kind.is_symlink() {
            symlink(fs::read_link(entry.path()).unwrap(), place).unwrap();
        } else {
            fs::copy(entry.path(), &place).unwrap();
            let modified = entry.metadata().unwrap().modified().unwrap();
            File::options().write(true).open(&place).unwrap().set_modified(modified).unwrap();
        }
    }
}
