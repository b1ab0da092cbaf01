//! The start of the daemon: what a dead one left is closed, then the loop begins.
//!
//! In: the setup. Out: a loop that runs, or why it cannot. Whatever is wrong is said before anything
//! is started.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use super::board::{Board, Past};
use super::coverage::CoverageWatch;
use super::current::{self, Current};
use super::intake::Intake;
use super::notify::Manager;
use super::originals::Originals;
use super::outcome::Fate;
use super::post::Post;
use super::queue::Queue;
use super::reload::Reload;
use super::supervisor::{Daemon, Signals, Times};
use super::watch::Watch;
use super::worker::Worker;
use super::{DaemonError, Setup, agenda, http, now, ticker};
use crate::files;
use crate::files::lock::Lock;
use crate::ledger::{Ledger, LedgerError};

/// Starts the daemon and returns when it has ended.
pub(super) async fn start(setup: Setup, ledger: Ledger) -> Result<(), DaemonError> {
    let watch = Watch::new(&setup.root, setup.output.inbox());
    files::create_folder(&setup.output.inbox())?;
    let current = load(&setup).await?;
    let (listener, bound) = listen(&setup, &current).await?;
    close_left_open(&setup, &ledger).await?;
    let session_id = ledger.begin_session(now()).await?;
    let post = Post::start(&ledger, now()).await?;

    let board = Board::new(now(), past(&ledger).await?);
    tokio::spawn(http::serve(listener, board.clone(), setup.output.clone()));
    let (pulse, pulses) = mpsc::channel(1);
    let (sight, sights) = mpsc::channel(1);
    watch.start(sight)?;
    let sources = Signals {
        terminate: signal(SignalKind::terminate())?,
        interrupt: signal(SignalKind::interrupt())?,
        hang_up: signal(SignalKind::hangup())?,
        pulses,
        sights,
        heard: Instant::now(),
    };
    let ticker = ticker::start(pulse.clone()).await?;
    let jobs = current.project.schedules.len();
    let agenda = agenda::Agenda::align(&ledger, &current.project, now()).await?;
    let originals = Originals::note(&[setup.output.daemon_lock(), setup.output.ledger()]);
    let daemon = Daemon {
        setup,
        ledger,
        session_id,
        current,
        agenda,
        post,
        board,
        originals,
        manager: Manager::new(),
        queue: Queue::default(),
        worker: Worker::default(),
        reload: Reload::default(),
        intake: Intake::default(),
        coverage: CoverageWatch::default(),
        times: Times::default(),
    };
    daemon.introduce();
    tracing::info!(listen = %bound, jobs, process = std::process::id(), "daemon ready");
    daemon.run(sources, ticker, pulse).await
}

async fn load(setup: &Setup) -> Result<Arc<Current>, DaemonError> {
    let (root, output) = (setup.root.clone(), setup.output.clone());
    let loaded = tokio::task::spawn_blocking(move || current::load(&root, &output)).await;
    let current = loaded.map_err(std::io::Error::other)??;
    current::prune(&setup.output, &current.copy, None)?;
    Ok(Arc::new(current))
}

async fn listen(
    setup: &Setup,
    current: &Current,
) -> Result<(TcpListener, SocketAddr), DaemonError> {
    let address = setup.listen.unwrap_or(current.project.settings.listen);
    http::bind(address).await.map_err(|source| DaemonError::Listen { address, source })
}

/// Closes what a daemon that is gone left open: orders wait again; attempts are closed as soon
/// as nobody holds the output, here or by the next run.
async fn close_left_open(setup: &Setup, ledger: &Ledger) -> Result<(), LedgerError> {
    if let Some(last) = ledger.last_session().await? {
        let (seen_at, has_ended) = (last.seen_at, last.has_ended);
        tracing::info!(%seen_at, has_ended, "the daemon before this one was last seen");
    }
    let again = ledger.requeue_running().await?;
    let attempts = match Lock::take(&setup.output.lock(), &setup.holder) {
        Ok(_lock) => ledger.close_interrupted(now()).await?,
        Err(_) => 0,
    };
    if 0 < again || 0 < attempts {
        tracing::warn!(orders = again, attempts, "closed what the daemon before left open");
    }
    Ok(())
}

/// What the metrics begin with.
async fn past(ledger: &Ledger) -> Result<Past, LedgerError> {
    let last_success = ledger.last_successes().await?;
    let mut runs = BTreeMap::new();
    for ended in ledger.attempts_ended().await? {
        if let Some(name) = Fate::name_of(ended.state, ended.is_tried_again) {
            *runs.entry((ended.job, name)).or_default() += ended.count;
        }
    }
    Ok(Past { runs, last_success })
}

impl Daemon {
    /// Says what this daemon watches over and what happens next.
    fn introduce(&self) {
        let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let (project, output) = (whole(&self.setup.root), whole(self.setup.output.root()));
        tracing::info!(project = %project.display(), output = %output.display(), "watching over");
        let zone = self.current.project.settings.time_zone;
        let next = self.agenda.next();
        for (job, schedule) in &self.current.project.schedules {
            let about = schedule.about.as_str();
            match next.get(job) {
                Some(at) => {
                    let next = at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S %Z");
                    tracing::info!(%job, %next, about, "scheduled");
                }
                None if schedule.coverage().is_some() => {
                    tracing::info!(%job, next = "once enough has come in", about, "scheduled");
                }
                None => {
                    tracing::warn!(%job, about, "not scheduled: seeds/calendar.csv has no later deadline");
                }
            }
        }
        let inbox = self.setup.output.inbox();
        tracing::info!(inbox = %whole(&inbox).display(), "workbooks dropped here are taken in at once");
    }
}
