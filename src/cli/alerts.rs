//! `alerts`: what people were told and on which channels; `alerts test`: whether the channels work.

use std::fmt::Write;
use std::process::ExitCode;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::failure::MACHINE;
use super::session::{self, Session};
use super::{Failure, output};
use crate::alerts::sender::Refusal;
use crate::alerts::{Alert, Sender, Subject, delivery};
use crate::ledger::alerts::KeptAlert;
use crate::ledger::deliveries::{Delivery, TRIES};
use crate::pipeline::Workshop;
use crate::project::alerts::{Channel, Kind};
use crate::project::read::nearest;
use crate::texts::Locale;

/// Arguments of `alerts`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Send a test message to each channel of jobs/alerts.toml, at once. 测试通道
    Test {
        /// Only this channel. 仅此通道
        #[arg(long, value_name = "NAME")]
        channel: Option<String>,
        /// One JSON document instead of text. 输出 JSON
        #[arg(long)]
        json: bool,
    },
}

/// Settled alerts are listed for so long.
const RECENT: TimeDelta = TimeDelta::days(30);

/// Runs the command.
pub(super) fn run(session: &Session, arguments: &Arguments) -> Result<ExitCode, Failure> {
    match &arguments.command {
        None => list(session, arguments.json),
        Some(Command::Test { channel, json }) => {
            test(&session.workshop()?, channel.as_deref(), *json)
        }
    }
}

/// An alert as `--json` prints it.
#[derive(Debug, serde::Serialize)]
struct Listed {
    alert_id: i64,
    kind: String,
    subject: String,
    text_zh: String,
    text_en: String,
    first_at: DateTime<Utc>,
    last_at: DateTime<Utc>,
    times: i64,
    settled_at: Option<DateTime<Utc>>,
    deliveries: Vec<Sent>,
}

/// What became of its message to one channel.
#[derive(Debug, serde::Serialize)]
struct Sent {
    channel: String,
    message: String,
    state: String,
    attempts: i64,
    delivered_at: Option<DateTime<Utc>>,
    error: Option<String>,
}

fn list(session: &Session, is_json: bool) -> Result<ExitCode, Failure> {
    let listed = recent(session)?.unwrap_or_default();
    if is_json {
        output::json(&listed);
    } else if listed.is_empty() {
        output::print("no alert holds, and none came up within 30 days");
    } else {
        let texts: Vec<String> = listed.iter().map(|listed| shown(listed, session)).collect();
        output::print(&texts.join("\n"));
    }
    Ok(ExitCode::SUCCESS)
}

fn recent(session: &Session) -> Result<Option<Vec<Listed>>, Failure> {
    session.read(async |ledger| {
        let alerts = ledger.alerts_since(session::now() - RECENT).await?;
        let first = alerts.iter().map(|alert| alert.alert_id).min().unwrap_or_default();
        let mut deliveries = ledger.deliveries_from(first).await?;
        let listed = alerts.into_iter().map(|alert| {
            let is_its = |sent: &mut Delivery| sent.alert_id == alert.alert_id;
            let its = deliveries.extract_if(.., is_its).map(sent).collect();
            worded(alert, its, session)
        });
        Ok(listed.collect())
    })
}

/// An alert in words.
fn worded(kept: KeptAlert, deliveries: Vec<Sent>, session: &Session) -> Listed {
    let text = Alert::read(&kept.content).map(|alert| alert.text(session.settings()));
    let text = text.unwrap_or_default();
    Listed {
        alert_id: kept.alert_id,
        kind: kept.kind,
        subject: Subject::shown(&kept.subject),
        text_zh: text.zh,
        text_en: text.en,
        first_at: kept.first_at,
        last_at: kept.last_at,
        times: kept.times,
        settled_at: kept.settled_at,
        deliveries,
    }
}

fn sent(it: Delivery) -> Sent {
    let Delivery { channel, message, state, attempts, delivered_at, error, .. } = it;
    let refusal = |error: String| {
        serde_json::from_str::<Refusal>(&error).map_or(error, |refusal| refusal.to_string())
    };
    let error = error.map(refusal);
    Sent { channel, message, state, attempts, delivered_at, error }
}

/// An alert as people read it: how it stands, what it says, where it went.
fn shown(listed: &Listed, session: &Session) -> String {
    let zone = session.zone();
    let Listed { alert_id, kind, subject, last_at, times, settled_at, .. } = listed;
    let is_event = Kind::named(kind).is_some_and(Kind::is_event);
    let state = match settled_at {
        _ if is_event => "told".to_owned(),
        Some(settled_at) => format!("settled {}", session::local(*settled_at, zone)),
        None => "OPEN".to_owned(),
    };
    let last = session::local(*last_at, zone);
    let mut shown = format!("#{alert_id} {state}: {kind}, {subject}; {last}");
    if *times > 1 {
        let _ = write!(shown, ", came up {times} times");
    }
    let text = match session.locale() {
        Locale::Zh => &listed.text_zh,
        Locale::En => &listed.text_en,
    };
    for line in text.lines() {
        let _ = write!(shown, "\n    {line}");
    }
    for delivery in &listed.deliveries {
        let _ = write!(shown, "\n    -> {}", went(delivery, zone));
    }
    shown
}

/// What became of a delivery.
fn went(delivery: &Sent, zone: Tz) -> String {
    let Sent { channel, message, attempts, .. } = delivery;
    let error = delivery.error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
    match (delivery.state.as_str(), &delivery.delivered_at) {
        ("delivered", Some(at)) => {
            format!("{channel}: {message} delivered {}", session::local(*at, zone))
        }
        ("given_up", _) => format!("{channel}: {message} given up after {attempts} tries{error}"),
        _ => format!("{channel}: {message} waiting, {attempts} of {TRIES} tries{error}"),
    }
}

/// What came back from a channel.
#[derive(Debug, serde::Serialize)]
struct Tried {
    channel: String,
    is_delivered: bool,
    error: Option<String>,
}

fn test(workshop: &Workshop, name: Option<&str>, is_json: bool) -> Result<ExitCode, Failure> {
    let channels = chosen(&workshop.project.channels, name)?;
    let sender = Sender::default();
    let tried = session::block_on(async {
        let mut tried = Vec::new();
        for channel in channels {
            let sent = delivery::test(&sender, channel, &workshop.project, session::now()).await;
            let error = sent.err().map(|refusal| refusal.to_string());
            let channel = channel.name.clone();
            tried.push(Tried { channel, is_delivered: error.is_none(), error });
        }
        Ok(tried)
    })?;
    if is_json {
        output::json(&tried);
    } else {
        let line = |tried: &Tried| match &tried.error {
            None => format!("{}: delivered", tried.channel),
            Some(error) => format!("{}: NOT delivered: {error}", tried.channel),
        };
        output::print(&tried.iter().map(line).collect::<Vec<_>>().join("\n"));
    }
    let is_sound = tried.iter().all(|tried| tried.is_delivered);
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::from(MACHINE) })
}

/// The channel of a name, or all.
fn chosen<'a>(channels: &'a [Channel], name: Option<&str>) -> Result<Vec<&'a Channel>, Failure> {
    if channels.is_empty() {
        return Err(Failure::Call(
            "no channel is set up: jobs/alerts.toml says how to add one".to_owned(),
        ));
    }
    let Some(name) = name else { return Ok(channels.iter().collect()) };
    let known = || channels.iter().map(|channel| channel.name.as_str());
    match channels.iter().find(|channel| channel.name == name) {
        Some(channel) => Ok(vec![channel]),
        None => Err(Failure::Call(format!(
            "there is no channel `{name}` in jobs/alerts.toml: {}{}",
            known().collect::<Vec<_>>().join(", "),
            nearest(name, known())
        ))),
    }
}
