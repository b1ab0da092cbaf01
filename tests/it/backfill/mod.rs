//! Backfills: planned, resumed, cascading, with a revision sheet.

mod cascade;
mod control;
mod damage;
mod interrupted;
mod mistakes;
mod plan;
mod reason;
mod sheet;

use std::collections::BTreeSet;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use chrono::{DateTime, Utc};
use yuebao::files::lock::Holder;
use yuebao::ledger::Ledger;
use yuebao::ledger::orders::{Reprocess, Sequence, State};
use yuebao::orders::Means;
use yuebao::orders::backfill::{self, Backfill, Range};
use yuebao::orders::report::OrderReport;
use yuebao::pipeline::Event;
use yuebao::pipeline::output::Output as Folder;
use yuebao::pipeline::stop::Stop;
use yuebao::runtime;

use crate::support::scene::{Scene, b204};
use crate::support::workbook::Book;

/// Output of a firm in a month in 千元: not round, never the same twice, a tenth over last year's.
fn output_of(firm: usize, year: i32, month: u32) -> i64 {
    let base = BASES[firm];
    base + 7 * i64::from(month) + i64::from(year - 2024) * (base / 11)
}

const BASES: [i64; 3] = [11_007, 2203, 1103];

/// The report of a month that rolls forward, with `more` in the month and the year to date.
fn report(firm: usize, (year, month): (i32, u32), more: i64) -> Vec<u8> {
    let ytd = |year| (1..=month).map(|month| output_of(firm, year, month)).sum::<i64>();
    let last_year = [output_of(firm, year - 1, month), ytd(year - 1)];
    let figures =
        [output_of(firm, year, month) + more, ytd(year) + more, last_year[0], last_year[1]];
    let text = b204(firm, month, figures);
    Book::of(&text.replace("2024 年", &format!("{year} 年")))
}

/// Drops the report of a firm, received in the month after.
fn drop_report(scene: &Scene, firm: usize, (year, month): (i32, u32)) {
    let hours = u64::try_from(year - 2024).unwrap() * 8760 + u64::from(month) * 730 + 40;
    let name = format!("{firm}-{year}-{month}.xlsx");
    scene.drop_file(&name, &report(firm, (year, month), 0), hours);
}

/// Drops a correction of the same report, received in January of 2026: it counts from then on.
fn correct(scene: &Scene, firm: usize, month: (i32, u32), more: i64) {
    let name = format!("{firm}-{}-{}-{more}.xlsx", month.0, month.1);
    scene.drop_file(&name, &report(firm, month, more), 17_800);
}

/// March to June 2024 of two firms, published.
fn published() -> Scene {
    Scene::like("backfill", || {
        let scene = Scene::new();
        for month in 3..=6 {
            drop_report(&scene, 0, (2024, month));
            drop_report(&scene, 1, (2024, month));
        }
        done(&yuebao(&scene, &["run"]));
        scene
    })
}

/// The program over a scene.
fn command(scene: &Scene, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_yuebao"));
    command.arg("--project").arg(scene.path("")).args(arguments).stdin(Stdio::null());
    command
}

fn yuebao(scene: &Scene, arguments: &[&str]) -> Output {
    command(scene, arguments).output().unwrap()
}

/// `yuebao backfill JOB --from FROM --to TO` and more.
fn begin(scene: &Scene, job: &str, range: [&str; 2], more: &[&str]) -> Output {
    let [from, to] = range;
    yuebao(scene, &[&["backfill", job, "--from", from, "--to", to], more].concat())
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// What a call printed that must have gone well.
#[track_caller]
fn done(output: &Output) -> String {
    assert_eq!(code(output), 0, "{}{}", err(output), out(output));
    out(output)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The strings of a JSON list.
fn words(list: &serde_json::Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect()
}

/// The months of the newest backfill as `state cause` by month.
fn months(scene: &Scene) -> Vec<String> {
    let shown = json(&done(&yuebao(scene, &["backfill", "show", &newest(scene), "--json"])));
    let text = |month: &serde_json::Value, key: &str| month[key].as_str().unwrap().to_owned();
    let months = shown["months"].as_array().unwrap().iter();
    let line = |month| {
        format!("{} {} {}", text(month, "period"), text(month, "state"), text(month, "cause"))
    };
    let mut lines: Vec<String> = months.map(line).collect();
    lines.sort();
    lines
}

/// The number of the first backfill of a published scene: its first order was the run.
const ID: &str = "2";

/// The number of the newest backfill.
fn newest(scene: &Scene) -> String {
    let all = json(&done(&yuebao(scene, &["backfill", "list", "--json"])));
    all.as_array().unwrap().last().unwrap()["order_id"].to_string()
}

/// A stale-only, oldest-first backfill.
fn range(from: &str, to: &str) -> Range {
    Range {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        reprocess: Reprocess::Stale,
        order: Sequence::Oldest,
        threads: 0,
        failed: BTreeSet::new(),
    }
}

/// The same of every month.
fn all(from: &str, to: &str) -> Range {
    Range { reprocess: Reprocess::All, ..range(from, to) }
}

/// How a backfill stands, and what was done for it.
struct Played {
    backfill: Backfill,
    report: OrderReport,
}

impl Played {
    fn state(&self) -> State {
        self.backfill.order.state
    }

    fn waiting(&self) -> usize {
        self.backfill.in_state(State::Waiting).count()
    }
}

/// Begins a backfill in this process and carries it on until it ends or `watch` raises the stop.
fn carry_on(
    scene: &Scene,
    job: &str,
    range: &Range,
    watch: &(dyn Fn(Event, &Stop) + Sync),
) -> Played {
    with_means(scene, watch, async |means| {
        let ledger = Ledger::open(&means.output.ledger()).await.unwrap();
        let now = (means.now)();
        let asked = range.asked(&means.workshop.project, job, now).unwrap();
        let id = ledger.add_order(&asked, State::Waiting, now).await.unwrap().unwrap();
        let report = backfill::drain(means, &ledger, id).await.unwrap();
        let backfill = Backfill::read(&ledger, id).await.unwrap().unwrap();
        ledger.close().await;
        Played { backfill, report }
    })
}

/// Works with what a terminal has.
fn with_means<T>(
    scene: &Scene,
    watch: &(dyn Fn(Event, &Stop) + Sync),
    work: impl AsyncFnOnce(&Means<'_>) -> T,
) -> T {
    let workshop = scene.open().unwrap();
    let output = Folder::new(scene.out(""));
    let now: DateTime<Utc> = "2026-01-15T00:00:00Z".parse().unwrap();
    let stop = Stop::new();
    let means = Means {
        workshop: &workshop,
        output: &output,
        holder: &Holder::this("a test", now, &Utc),
        patience: Duration::from_mins(1),
        now: &|| now,
        report: &|event| watch(event, &stop),
        waiting: &|_| {},
        stop: &stop,
    };
    runtime::block_on(work(&means)).unwrap()
}
