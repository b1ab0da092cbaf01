//! The metrics of the daemon in the `OpenMetrics` text format; names by Prometheus' convention.
//!
//! In: the board's facts and the newest edition. Out: text. Runs are counted on from what the ledger
//! has; other counters begin at the daemon's start. A job is a label, and so are form and month of the
//! newest filing; a firm or a figure never is.

use std::fmt;

use chrono::{DateTime, Utc};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::board::Facts;

/// The content type of what [`text`] returns.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type MetricLabels = Vec<(&'static str, String)>;

/// The metrics as text.
pub fn text(facts: &Facts, edition: Option<u32>) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("yuebao");
    loop_metrics(&mut registry, facts);
    job_metrics(&mut registry, facts);
    filing_metrics(&mut registry, facts);
    let files = i64::try_from(facts.inbox_files).unwrap_or(i64::MAX);
    registry.register("inbox_files", "Files that wait in the inbox", ConstGauge::new(files));
    registry.register(
        "edition_number",
        "The newest edition, 0 before the first",
        ConstGauge::new(edition.map_or(0, i64::from)),
    );
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn loop_metrics(registry: &mut Registry, facts: &Facts) {
    let build = Info::new(vec![("version", env!("CARGO_PKG_VERSION"))]);
    registry.register("build", "The program", build);
    registry.register(
        "start_time_seconds",
        "When the daemon was started",
        ConstGauge::new(seconds(facts.started_at)),
    );
    registry.register("pulses", "Turns of the loop", ConstCounter::new(facts.pulses));
    registry.register(
        "last_pulse_timestamp_seconds",
        "When the loop last turned",
        ConstGauge::new(seconds(facts.turned_at)),
    );
    let is_sound = i64::from(facts.faults.is_empty());
    registry.register(
        "project_sound",
        "Whether jobs and seeds on disk are sound; otherwise the set before is in force",
        ConstGauge::new(is_sound),
    );
    registry.register(
        "reloads_refused",
        "Faulty sets of files that were refused",
        ConstCounter::new(facts.reloads_refused),
    );
    let is_usable = i64::from(facts.ledger_fault.is_none());
    registry.register(
        "ledger_usable",
        "Whether the ledger can be used",
        ConstGauge::new(is_usable),
    );
}

fn job_metrics(registry: &mut Registry, facts: &Facts) {
    let next = Family::<MetricLabels, Gauge>::default();
    for (job, at) in &facts.next {
        next.get_or_create(&label(job)).set(seconds(*at));
    }
    registry.register("next_activation_timestamp_seconds", "When a job is due next", next);
    let success = Family::<MetricLabels, Gauge>::default();
    for (job, at) in &facts.last_success {
        success.get_or_create(&label(job)).set(seconds(*at));
    }
    registry.register(
        "last_success_timestamp_seconds",
        "When a job last did what it was to do",
        success,
    );
    let open = Family::<MetricLabels, Gauge>::default();
    let waiting = i64::try_from(facts.waiting).unwrap_or(i64::MAX);
    open.get_or_create(&vec![("state", "waiting".to_owned())]).set(waiting);
    let running = i64::from(facts.running.is_some());
    open.get_or_create(&vec![("state", "running".to_owned())]).set(running);
    registry.register("open_activations", "Activations that wait or run", open);
    let runs = Family::<MetricLabels, Counter>::default();
    for ((job, outcome), count) in &facts.runs {
        let labels = vec![("job", job.clone()), ("outcome", (*outcome).to_owned())];
        runs.get_or_create(&labels).inc_by(*count);
    }
    registry.register("runs", "Runs that ended, as far back as the ledger reaches", runs);
    let spent = Family::<MetricLabels, Counter<f64, std::sync::atomic::AtomicU64>>::default();
    for (job, secs) in &facts.durations {
        spent.get_or_create(&label(job)).inc_by(*secs);
    }
    registry.register_with_unit(
        "runs_duration",
        "Time that runs took since the daemon was started",
        Unit::Seconds,
        spent,
    );
}

fn filing_metrics(registry: &mut Registry, facts: &Facts) {
    let (due, reported) =
        (Family::<MetricLabels, Gauge>::default(), Family::<MetricLabels, Gauge>::default());
    for it in &facts.standings {
        let labels = vec![("form", it.form.clone()), ("period", it.period.to_string())];
        due.get_or_create(&labels).set(i64::try_from(it.due).unwrap_or(i64::MAX));
        reported.get_or_create(&labels).set(i64::try_from(it.reported).unwrap_or(i64::MAX));
    }
    registry.register("firms_due", "Firms due for the newest month that is over", due);
    registry.register("firms_reported", "Those of them whose report has counted", reported);
}

fn label(job: &str) -> MetricLabels {
    vec![("job", job.to_owned())]
}

fn seconds(instant: DateTime<Utc>) -> i64 {
    instant.timestamp()
}
