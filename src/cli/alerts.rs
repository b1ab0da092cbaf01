//! `alerts`: what people were told and on which channels; `alerts test`: whether the channels work.

use std::process::ExitCode;

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::failure::MACHINE;
use super::session::{self, CliSession};
use super::{CliError, output};
use crate::alerts::sender::Refusal;
use crate::alerts::{Alert, Sender, Subject, delivery};
use crate::ledger::alerts::KeptAlert;
use crate::ledger::deliveries::{Delivery, TRIES};
use crate::project::Project;
use crate::project::alerts::{Channel, Kind};
use crate::project::read::among;
use crate::texts::Text;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct AlertsArguments {
    #[command(subcommand)]
    command: Option<AlertsCommand>,
    /// One JSON document instead of text. 输出 JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum AlertsCommand {
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

/// How long settled alerts are listed.
const RECENT: TimeDelta = TimeDelta::days(30);

pub(super) fn run(session: &CliSession, arguments: &AlertsArguments) -> Result<ExitCode, CliError> {
    match &arguments.command {
        None => list(session, arguments.json),
        Some(AlertsCommand::Test { channel, json }) => {
            test(&session.workshop()?.project, channel.as_deref(), *json)
        }
    }
}

/// An alert with its text and its deliveries.
struct ListedAlert {
    kept: KeptAlert,
    text: Text,
    deliveries: Vec<Delivery>,
}

fn list(session: &CliSession, is_json: bool) -> Result<ExitCode, CliError> {
    let listed = session.read(async |ledger| {
        let alerts = ledger.alerts_since(session::now() - RECENT).await?;
        let first = alerts.iter().map(|alert| alert.alert_id).min().unwrap_or_default();
        let mut sent = ledger.deliveries_from(first).await?;
        let listed = alerts.into_iter().map(|kept| {
            let text = Alert::read(&kept.content).map(|alert| alert.text(session.settings()));
            let is_its = |sent: &mut Delivery| sent.alert_id == kept.alert_id;
            let deliveries = sent.extract_if(.., is_its).collect();
            ListedAlert { kept, text: text.unwrap_or_default(), deliveries }
        });
        Ok(listed.collect::<Vec<_>>())
    })?;
    let listed = listed.unwrap_or_default();
    let document: Vec<Value> = listed.iter().map(ListedAlert::json).collect();
    output::answer(is_json, &document, || match listed.as_slice() {
        [] => "no alert holds, and none came up within 30 days".to_owned(),
        some => some.iter().map(|it| it.shown(session)).collect::<Vec<_>>().join("\n"),
    });
    Ok(ExitCode::SUCCESS)
}

impl ListedAlert {
    fn json(&self) -> Value {
        let Self { kept, text, deliveries } = self;
        let sent = |it: &Delivery| {
            json!({
                "channel": it.channel,
                "message": it.message,
                "state": it.state,
                "attempts": it.attempts,
                "delivered_at": it.delivered_at,
                "error": refusal(it),
            })
        };
        json!({
            "alert_id": kept.alert_id,
            "kind": kept.kind,
            "subject": Subject::shown(&kept.subject),
            "text_zh": text.zh,
            "text_en": text.en,
            "first_at": kept.first_at,
            "last_at": kept.last_at,
            "times": kept.times,
            "settled_at": kept.settled_at,
            "deliveries": deliveries.iter().map(sent).collect::<Vec<_>>(),
        })
    }

    /// An alert as people read it: how it stands, what it says, where it went.
    fn shown(&self, session: &CliSession) -> String {
        let KeptAlert { alert_id, kind, subject, last_at, times, settled_at, .. } = &self.kept;
        let is_event = Kind::named(kind).is_some_and(Kind::is_event);
        let state = match settled_at {
            _ if is_event => "told".to_owned(),
            Some(settled_at) => format!("settled {}", session.local(*settled_at)),
            None => "OPEN".to_owned(),
        };
        let (subject, last) = (Subject::shown(subject), session.local(*last_at));
        let times = match times {
            ..=1 => String::new(),
            many => format!(", came up {many} times"),
        };
        let first = format!("#{alert_id} {state}: {kind}, {subject}; {last}{times}");
        let text = session.get(&self.text).lines().map(|line| format!("    {line}"));
        let went = self.deliveries.iter().map(|it| format!("    -> {}", went(it, session)));
        std::iter::once(first).chain(text).chain(went).collect::<Vec<_>>().join("\n")
    }
}

/// Why a message did not arrive.
fn refusal(delivery: &Delivery) -> Option<String> {
    let error = delivery.error.as_ref()?;
    let refusal = serde_json::from_str(error).map(|refusal: Refusal| refusal.to_string());
    Some(refusal.unwrap_or_else(|_| error.clone()))
}

/// What became of a delivery.
fn went(delivery: &Delivery, session: &CliSession) -> String {
    let Delivery { channel, message, attempts, delivered_at, .. } = delivery;
    let error = refusal(delivery).map(|error| format!(": {error}")).unwrap_or_default();
    match (delivery.state.as_str(), delivered_at) {
        ("delivered", Some(at)) => {
            format!("{channel}: {message} delivered {}", session.local(*at))
        }
        ("given_up", _) => format!("{channel}: {message} given up after {attempts} tries{error}"),
        _ => format!("{channel}: {message} waiting, {attempts} of {TRIES} tries{error}"),
    }
}

/// What came back from a channel.
#[derive(Debug, serde::Serialize)]
struct TriedChannel {
    channel: String,
    is_delivered: bool,
    error: Option<String>,
}

fn test(project: &Project, name: Option<&str>, is_json: bool) -> Result<ExitCode, CliError> {
    let channels = chosen(&project.channels, name)?;
    let sender = Sender::default();
    let tried = session::block_on(async {
        let mut tried = Vec::new();
        for channel in channels {
            let sent = delivery::test(&sender, channel, project, session::now()).await;
            let error = sent.err().map(|refusal| refusal.to_string());
            let channel = channel.name.clone();
            tried.push(TriedChannel { channel, is_delivered: error.is_none(), error });
        }
        Ok(tried)
    })?;
    let line = |TriedChannel { channel, error, .. }: &TriedChannel| match error {
        None => format!("{channel}: delivered"),
        Some(error) => format!("{channel}: NOT delivered: {error}"),
    };
    output::answer(is_json, &tried, || tried.iter().map(line).collect::<Vec<_>>().join("\n"));
    let is_sound = tried.iter().all(|tried| tried.is_delivered);
    Ok(if is_sound { ExitCode::SUCCESS } else { ExitCode::from(MACHINE) })
}

/// The channel of a name, or all.
fn chosen<'a>(channels: &'a [Channel], name: Option<&str>) -> Result<Vec<&'a Channel>, CliError> {
    if channels.is_empty() {
        return Err(CliError::Call(
            "no channel is set up: jobs/alerts.toml says how to add one".to_owned(),
        ));
    }
    let Some(name) = name else { return Ok(channels.iter().collect()) };
    let channel = channels.iter().find(|channel| channel.name == name);
    channel.map(|it| vec![it]).ok_or_else(|| {
        let known = among(name, channels.iter().map(|channel| channel.name.as_str()));
        CliError::Call(format!("there is no channel `{name}` in jobs/alerts.toml: {known}"))
    })
}
