//! A daemon over a scene: started, watched through its log, its ledger and HTTP, signalled.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use chrono::{DateTime, Utc};
use sqlx::{Connection, Row, SqliteConnection};
use yuebao::files::lock::Holder;
use yuebao::ledger::Ledger;
use yuebao::schedule::certificate::{PromiseTerm, Record};

use crate::support::scene::Scene;
use crate::support::wait;

/// A scene with no other jobs than these: name and what differs from the usual.
pub(crate) fn scene(jobs: &[(&str, &str)]) -> Scene {
    let scene = Scene::new();
    fs::remove_dir_all(scene.path("jobs/schedules")).unwrap();
    for (job, differs) in jobs {
        add_job(&scene, job, differs);
    }
    scene
}

/// Writes the file of a job; what is not named is as usual: nightly, intake, skip, no retries.
pub(crate) fn add_job(scene: &Scene, job: &str, differs: &str) {
    let usual = [
        ("cron", "\"0 3 1 1 *\""),
        ("steps", "[\"intake\"]"),
        ("catch_up", "\"none\""),
        ("overlap", "\"skip\""),
        ("retries", "0"),
        ("time_out_secs", "600"),
    ];
    let mut text = format!("job = \"{job}\"\nabout = \"a test\"\n{differs}\n");
    for (key, value) in usual {
        if !differs.lines().any(|line| line.starts_with(&format!("{key} ="))) {
            writeln!(text, "{key} = {value}").unwrap();
        }
    }
    scene.write(&format!("jobs/schedules/{job}.toml"), &text);
}

/// Runs work that waits, as a command does.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(work)
}

/// Somebody who holds a lock.
pub(crate) fn holder(command: &str) -> Holder {
    Holder::this(command, Utc::now(), &Utc)
}

/// The ledger of a scene.
pub(crate) async fn ledger(scene: &Scene) -> Ledger {
    fs::create_dir_all(scene.out("")).unwrap();
    Ledger::open(&scene.out("ledger.sqlite")).await.unwrap()
}

/// What a certificate of a job from an instant to another rests on.
pub(crate) async fn record(
    ledger: &Ledger,
    job: &str,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
) -> Record {
    let promises = ledger.past_promises(job).await.unwrap();
    Record {
        terms: promises.iter().map(|it| PromiseTerm::read(it).unwrap()).collect(),
        orders: ledger.past_orders(job, from, until).await.unwrap(),
        attempts: ledger.past_attempts(job, from, until).await.unwrap(),
    }
}

/// What the ledger says: the columns of each row as text, `|` between them.
pub(crate) fn asked(scene: &Scene, columns: &[&str], rest: &str) -> Vec<String> {
    let texts: Vec<String> =
        columns.iter().map(|column| format!("COALESCE(CAST({column} AS TEXT), '-')")).collect();
    let sql = format!("SELECT {} {rest}", texts.join(", "));
    let url = format!("sqlite://{}", scene.out("ledger.sqlite").display());
    block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
        let text = |row: &sqlx::sqlite::SqliteRow| {
            (0..columns.len()).map(|at| row.get::<String, _>(at)).collect::<Vec<_>>().join("|")
        };
        let texts = rows.iter().map(text).collect();
        // Its end removes files beside the ledger: not while somebody lists them.
        connection.close().await.unwrap();
        texts
    })
}

/// Changes what the ledger says, behind the program's back.
pub(crate) fn execute(scene: &Scene, sql: &str) {
    let url = format!("sqlite://{}", scene.out("ledger.sqlite").display());
    let sql = sql.to_owned();
    block_on(async {
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    });
}

/// A daemon.
pub(crate) struct Daemon<'a> {
    scene: &'a Scene,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    address: String,
}

/// The command that starts a daemon.
pub(crate) fn command(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    command.arg("--project").arg(scene.path("")).args(["--log", "json", "daemon"]);
    if !arguments.contains(&"--listen") {
        command.args(["--listen", "127.0.0.1:0"]);
    }
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    for theirs in ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"] {
        command.env_remove(theirs);
    }
    command
}

impl<'a> Daemon<'a> {
    /// Starts one and waits until it is ready.
    #[track_caller]
    pub(crate) fn start(scene: &'a Scene, arguments: &[&str]) -> Self {
        Self::spawn(scene, command(scene, arguments))
    }

    /// The same with a command of one's own.
    #[track_caller]
    pub(crate) fn spawn(scene: &'a Scene, mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (lines, kept) = (BufReader::new(child.stderr.take().unwrap()).lines(), log.clone());
        thread::spawn(move || {
            lines.map_while(Result::ok).for_each(|line| kept.lock().unwrap().push(line));
        });
        let mut daemon = Self { scene, child, log, address: String::new() };
        let ready = daemon.wait_for(&["daemon ready"]);
        ready["fields"]["listen"].as_str().unwrap().clone_into(&mut daemon.address);
        daemon
    }

    /// All it has logged.
    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().join("\n")
    }

    /// Waits for a line of the log that holds all these words.
    #[track_caller]
    pub(crate) fn wait_for(&self, words: &[&str]) -> serde_json::Value {
        self.wait_for_times(1, words)
    }

    /// Waits for the line that is the so-manieth to hold all these words.
    #[track_caller]
    pub(crate) fn wait_for_times(&self, times: usize, words: &[&str]) -> serde_json::Value {
        let find = || {
            let log = self.log.lock().unwrap();
            let mut found = log.iter().filter(|line| words.iter().all(|word| line.contains(word)));
            found.nth(times - 1).map(|line| serde_json::from_str(line).unwrap())
        };
        wait::until(&format!("{words:?} in the log"), find, || self.log())
    }

    /// Waits until the ledger says what is looked for; rows as of [`asked`].
    #[track_caller]
    pub(crate) fn wait_for_rows(
        &self,
        columns: &[&str],
        rest: &str,
        is_it: impl Fn(&[String]) -> bool,
    ) -> Vec<String> {
        let look = || Some(asked(self.scene, columns, rest)).filter(|rows| is_it(rows));
        let tell = || format!("{:#?}\n{}", asked(self.scene, columns, rest), self.log());
        wait::until(rest, look, tell)
    }

    /// Waits for so many more turns of its loop.
    #[track_caller]
    pub(crate) fn wait_for_turns(&self, turns: u64) {
        let now = self.metric("yuebao_pulses_total");
        let enough = || (now + turns <= self.metric("yuebao_pulses_total")).then_some(());
        wait::until("turns", enough, || self.log());
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A whole number of its metrics, by name and labels as they stand there.
    #[track_caller]
    pub(crate) fn metric(&self, name: &str) -> u64 {
        let (_, text) = self.get("/metrics");
        let line = text.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
    }

    /// A GET: the status and the body.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Sends a signal by its name.
    pub(crate) fn signal(&self, signal: &str) {
        kill(signal, self.child.id());
    }

    /// Waits for its end.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let log = self.log.clone();
        let look = || self.child.try_wait().unwrap();
        wait::until("the daemon's end", look, || log.lock().unwrap().join("\n"))
    }

    /// Asks it to end, and asserts that it does in order and leaves nothing open.
    #[track_caller]
    pub(crate) fn end(mut self) {
        self.signal("TERM");
        let status = self.wait();
        assert_eq!(status.code(), Some(0), "{}", self.log());
        let running = ["attempts", "orders"].map(|table| {
            asked(self.scene, &["1"], &format!("FROM {table} WHERE state = 'running'"))
        });
        assert_eq!(running.concat(), Vec::<String>::new());
        let newest = "FROM sessions ORDER BY session_id DESC LIMIT 1";
        assert_eq!(asked(self.scene, &["ended_at IS NOT NULL"], newest), ["1"]);
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
pub(crate) fn kill(signal: &str, process: u32) {
    let sent = Command::new("kill").args(["-s", signal, &process.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until a process is gone.
#[track_caller]
pub(crate) fn wait_until_gone(process: u64) {
    let gone = || {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // A zombie is gone too: nobody may be there to bury it.
        (stat.is_empty() || stat.contains(") Z ")).then_some(())
    };
    wait::until("the end of a process", gone, String::new);
}
