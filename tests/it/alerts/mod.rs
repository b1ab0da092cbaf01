//! Alerts: told once, on every channel, never with figures.

mod bodies;
mod commands;
mod delivery;
mod figures;
mod repeats;
pub(crate) mod server;
mod settings;
mod steps;

use chrono::{DateTime, Utc};
use tokio::task::block_in_place;
use yuebao::alerts::Courier;
use yuebao::files::lock::Lock;
use yuebao::ledger::Ledger;
use yuebao::ledger::alerts::Alert;
use yuebao::ledger::runs::{AskedBy, NewRun};
use yuebao::pipeline::output::Output;
use yuebao::pipeline::plan::Scope;
use yuebao::pipeline::stop::Stop;
use yuebao::pipeline::{Event, Site};
use yuebao::project::Project;
use yuebao::project::schedules::Step;
use yuebao::runs::report::Report;
use yuebao::runs::{self, Order, OrderError};

use crate::support::scene::Scene;

/// An instant.
fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The ledger of a scene, beside its output: a pool that is dropped removes its files some time
/// later, and the scene looks through the output when it ends.
async fn ledger(scene: &Scene) -> Ledger {
    Ledger::open(&scene.path("ledger.sqlite")).await.unwrap()
}

/// The project of a scene with these channels.
fn project(scene: &Scene, channels: &str) -> Project {
    scene.write("jobs/alerts.toml", channels);
    block_in_place(|| scene.open().unwrap().project)
}

/// One channel `duty` of a kind.
fn channel(kind: &str, url: &str, more: &str) -> String {
    format!("[[channels]]\nname = \"duty\"\nkind = \"{kind}\"\nurl = \"{url}\"\n{more}\n")
}

/// A courier for servers of this machine: bounded, with one known secret.
fn courier() -> Courier {
    let variable = |name: &str| (name == "SECRET").then(|| "SEC0123456789abcdef".to_owned());
    Courier::new(std::time::Duration::from_secs(5), variable)
}

/// Takes the inbox of a scene in, also where a runtime is running.
fn take_in(scene: &Scene) {
    block_in_place(|| scene.take_in());
}

/// Every alert of a ledger, newest first.
async fn alerts(ledger: &Ledger) -> Vec<Alert> {
    ledger.alerts_since(DateTime::UNIX_EPOCH).await.unwrap()
}

/// Carries out steps over one month, or over all.
async fn carry_out(
    scene: &Scene,
    ledger: &Ledger,
    steps: &[Step],
    period: Option<&str>,
    now: &str,
) -> Result<Report, OrderError> {
    let workshop = block_in_place(|| scene.open().unwrap());
    let output = Output::new(scene.out(""));
    output.prepare().unwrap();
    let lock = Lock::take(&scene.out(".lock"), "a test").unwrap();
    let stop = Stop::new();
    let site = Site {
        workshop: &workshop,
        output: &output,
        now: at(now),
        report: &|_: Event| {},
        stop: &stop,
    };
    let period = period.map(|period| period.parse().unwrap());
    let run = NewRun {
        activation_id: None,
        backfill_id: None,
        job: "a_job".to_owned(),
        asked_by: AskedBy::Command,
        who: "somebody".to_owned(),
        why: None,
        from: period,
        to: period,
    };
    let scope = Scope { from: period, to: period, is_forced: false };
    runs::carry_out(ledger, &lock, &site, &Order { run, steps: steps.to_vec(), scope }).await
}
