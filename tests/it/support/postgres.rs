//! A PostgreSQL server in a temporary folder: the real one, as Debian packs it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use super::wait::until;

/// The password of the only user, `yuebao`; as it stands in an address.
pub(crate) const PASSWORD: &str = "ge:h%40im";

/// Where this is set a machine without PostgreSQL fails the test.
const NEEDED: &str = "YUEBAO_NEEDS_POSTGRES";

/// `nobody`, whom root lends the server to: it refuses to run as root.
const NOBODY: u32 = 65_534;

/// A running server; it ends with the value.
pub(crate) struct Postgres {
    folder: tempfile::TempDir,
    programs: PathBuf,
    process: Child,
}

impl Postgres {
    /// Starts one. Where the machine has none that is said, past the test harness, and the test passes.
    pub(crate) fn start() -> Option<Self> {
        let Some(programs) = programs() else {
            assert!(
                std::env::var_os(NEEDED).is_none(),
                "no PostgreSQL here: `apt-get install postgresql`"
            );
            let _ = writeln!(
                io::stderr(),
                "SKIPPED: export to PostgreSQL, since none is installed here"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let (data, secret) = (folder.path().join("data"), folder.path().join("secret"));
        fs::create_dir(&data).unwrap();
        fs::write(&secret, PASSWORD.replace("%40", "@")).unwrap();
        let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
        if is_root {
            for path in [folder.path(), &data, &secret] {
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        let program = |name: &str| {
            let mut program = Command::new(programs.join(name));
            program.current_dir(folder.path());
            if is_root {
                program.uid(NOBODY).gid(NOBODY);
            }
            program
        };
        let mut made = program("initdb");
        made.args([
            "--username=yuebao",
            "--auth=scram-sha-256",
            "--no-sync",
            "--locale=C",
            "-EUTF8",
        ]);
        made.arg("--pwfile").arg(&secret).arg("-D").arg(&data);
        let made = made.output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut process = program("postgres");
        process.arg("-D").arg(&data).arg("-k").arg(folder.path());
        process.args(["-c", "listen_addresses=", "-c", "fsync=off"]);
        let process = process.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Self { folder, programs, process };
        let address = started.address("");
        let answers = || started.psql(&address, "select 1").output().unwrap().status.success();
        until("PostgreSQL", || answers().then_some(()), String::new);
        Some(started)
    }

    /// The address of its database; `more` goes behind it.
    pub(crate) fn address(&self, more: &str) -> String {
        let socket = self.folder.path().display();
        format!("postgres://yuebao:{PASSWORD}@localhost/postgres?host={socket}{more}")
    }

    /// What a statement gives: a line a row, `|` between columns.
    pub(crate) fn ask(&self, sql: &str) -> String {
        let answer = self.psql(&self.address(""), sql).output().unwrap();
        assert!(answer.status.success(), "{sql}: {}", String::from_utf8_lossy(&answer.stderr));
        String::from_utf8(answer.stdout).unwrap().trim_end().to_owned()
    }

    fn psql(&self, address: &str, sql: &str) -> Command {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql, address]);
        psql
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg("-QUIT").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// The folder of the server's programs: where they are called from, or where Debian puts them.
fn programs() -> Option<PathBuf> {
    let named: Vec<PathBuf> =
        std::env::var_os("PATH").map(|it| std::env::split_paths(&it).collect()).unwrap_or_default();
    let of_debian = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let of_debian = of_debian.map(|version| version.unwrap().path().join("bin"));
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres", "psql"].iter().all(|it| folder.join(it).is_file())
    };
    of_debian.chain(named).find(has_all)
}
