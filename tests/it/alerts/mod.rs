//! Alerts: told once, on every channel, never with figures.

mod bodies;
mod commands;
mod delivery;
mod figures;
mod repeats;
pub(crate) mod server;
mod settings;
mod steps;

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::task::block_in_place;
use yuebao::alerts::{Alert, Sender};
use yuebao::files::lock::{Holder, Lock};
use yuebao::ledger::Ledger;
use yuebao::ledger::alerts::KeptAlert;
use yuebao::ledger::orders::{Asked, AskedBy, OrderStep};
use yuebao::ledger::reason::Reason;
use yuebao::orders::report::OrderReport;
use yuebao::orders::{self, OrderError};
use yuebao::pipeline::output::Output;
use yuebao::pipeline::stop::Stop;
use yuebao::pipeline::{Event, Site};
use yuebao::project::Project;
use yuebao::project::schedules::Step;
use yuebao::texts::Text;

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

/// A sender to servers of this machine: bounded, with one known secret.
fn sender() -> Sender {
    let variable = |name: &str| (name == "SECRET").then(|| "SEC0123456789abcdef".to_owned());
    Sender::new(Duration::from_secs(5), variable)
}

/// That an order of a job failed.
fn failed(job: &str, order_id: i64) -> Alert {
    let reasons =
        vec![Reason::Error { chain: vec!["could not read `x`".to_owned()], system: vec![] }];
    Alert::RunFailed { job: job.to_owned(), order_id, reasons }
}

/// Takes the inbox of a scene in, also where a runtime is running.
fn take_in(scene: &Scene) {
    block_in_place(|| scene.take_in());
}

/// Every alert of a ledger, newest first.
async fn alerts(ledger: &Ledger) -> Vec<KeptAlert> {
    ledger.alerts_since(DateTime::UNIX_EPOCH).await.unwrap()
}

/// What an alert of a ledger says.
fn text(scene: &Scene, kept: &KeptAlert) -> Text {
    let settings = block_in_place(|| scene.open().unwrap().project.settings);
    Alert::read(&kept.content).unwrap().text(&settings)
}

/// Carries out steps over one month, or over all.
async fn carry_out(
    scene: &Scene,
    ledger: &Ledger,
    steps: &[Step],
    period: Option<&str>,
    now: &str,
) -> Result<OrderReport, OrderError> {
    let workshop = block_in_place(|| scene.open().unwrap());
    let output = Output::new(scene.out(""));
    output.prepare().unwrap();
    let lock = Lock::take(&scene.out(".lock"), &Holder::this("a test", at(now), &Utc)).unwrap();
    let stop = Stop::new();
    let site = Site {
        workshop: &workshop,
        output: &output,
        now: at(now),
        report: &|_: Event| {},
        stop: &stop,
    };
    let mut asked = Asked::new("a_job", AskedBy::Command, at(now));
    asked.steps = OrderStep::of(steps);
    asked.months = period.map(|period| (period.parse().unwrap(), period.parse().unwrap()));
    orders::command(ledger, &lock, &site, &asked).await
}
