//! Sending one message to one channel over HTTP.
//!
//! In: a channel, a message, the time. Out: that it arrived, or why not. It waits a bounded time,
//! follows no redirect (a secret goes nowhere else), and says of a URL only which machine it leads to;
//! what a bot answers is cleared of every part of the URL and of the secret.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use ureq::Agent;

use super::bodies::{self, WebhookAnswer};
use super::message::Message;
use super::signature::Signature;
use crate::project::alerts::{Address, Channel, Format, Url};

/// No channel is waited for longer.
pub const TIME_OUT: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read.
const ANSWER_MAX: u64 = 65_536;

/// Characters of a bot's words that are repeated.
const WORDS_MAX: usize = 200;

/// Shorter parts of a URL are no secrets: `send`, `v2`, `robot`.
const SECRET_MIN: usize = 8;

/// Why a message did not arrive; the ledger keeps it as JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The channel was taken out of the file.
    #[error("jobs/alerts.toml has no such channel any more")]
    NoChannel,
    /// A variable of the environment is not there.
    #[error("environment variable `{0}` is not set: set it where yuebao runs")]
    NoVariable(String),
    /// A variable of the environment holds no URL.
    #[error("environment variable `{0}` holds no address like https://example.org/hook")]
    NoUrl(String),
    /// Nothing came back.
    #[error("{place}: {cause}")]
    Unreachable {
        /// The machine.
        place: String,
        /// What happened.
        cause: String,
    },
    /// It answered with a status that is no success.
    #[error("{place} answered with HTTP status {status}")]
    Status {
        /// The machine.
        place: String,
        /// The status, 100 to 599.
        status: u16,
    },
    /// The bot did not take it.
    #[error("{place} declined it with code {code}: {said}")]
    Declined {
        /// The machine.
        place: String,
        /// The bot's code.
        code: i64,
        /// The bot's words.
        said: String,
    },
    /// Something answered that is not the bot.
    #[error("{0} did not answer as such a bot does: check the channel's `kind` and URL")]
    NotABot(String),
}

/// Sends messages.
#[derive(Clone, Debug)]
pub struct Sender {
    agent: Agent,
    time_out: Duration,
    variable: fn(&str) -> Option<String>,
}

impl Default for Sender {
    fn default() -> Self {
        Self::new(TIME_OUT, |name| std::env::var(name).ok())
    }
}

/// What is to be sent where, its secrets looked up.
struct Request {
    url: Url,
    target: String,
    body: String,
    secret: Option<String>,
    format: Format,
}

impl Sender {
    /// A sender that waits so long for each channel, and finds secrets by `variable`.
    pub fn new(time_out: Duration, variable: fn(&str) -> Option<String>) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(time_out))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .max_idle_connections(0)
            .user_agent(concat!("yuebao/", env!("CARGO_PKG_VERSION")))
            .build();
        Self { agent: config.new_agent(), time_out, variable }
    }

    /// Sends a message, on a thread of its own.
    pub async fn send(
        &self,
        channel: &Channel,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<(), Refusal> {
        let request = self.request(channel, message, now)?;
        let place = request.url.to_string();
        let sender = self.clone();
        let sent = tokio::task::spawn_blocking(move || sender.post(&request)).await;
        sent.unwrap_or_else(|_| {
            Err(Refusal::Unreachable { place, cause: "the attempt was broken off".to_owned() })
        })
    }

    fn request(
        &self,
        channel: &Channel,
        message: &Message,
        now: DateTime<Utc>,
    ) -> Result<Request, Refusal> {
        let look_up =
            |name: &String| (self.variable)(name).ok_or_else(|| Refusal::NoVariable(name.clone()));
        let url = match &channel.address {
            Address::Url(url) => url.clone(),
            Address::Variable(name) => {
                Url::parse(&look_up(name)?).ok_or_else(|| Refusal::NoUrl(name.clone()))?
            }
        };
        let secret = channel.secret_env.as_ref().map(look_up).transpose()?;
        let format = channel.format;
        let signature = secret.as_deref().and_then(|secret| match format {
            Format::Dingtalk => Some(Signature::dingtalk(secret, now)),
            Format::Feishu => Some(Signature::feishu(secret, now)),
            Format::Json | Format::Wecom => None,
        });
        let target = match &signature {
            Some(signature) if format == Format::Dingtalk => signature.in_query(url.reveal()),
            _ => url.reveal().to_owned(),
        };
        let body = bodies::body(format, message, signature.as_ref());
        Ok(Request { url, target, body, secret, format })
    }

    fn post(&self, request: &Request) -> Result<(), Refusal> {
        let place = request.url.to_string();
        let unreachable = |error: ureq::Error| Refusal::Unreachable {
            place: place.clone(),
            cause: self.cause(&error),
        };
        let mut answer = self
            .agent
            .post(&request.target)
            .header("content-type", "application/json; charset=utf-8")
            .send(request.body.as_str())
            .map_err(unreachable)?;
        let status = answer.status();
        if !status.is_success() {
            return Err(Refusal::Status { place, status: status.as_u16() });
        }
        if request.format == Format::Json {
            return Ok(());
        }
        let read = answer.body_mut().with_config().limit(ANSWER_MAX).read_to_string();
        match bodies::verdict(request.format, &read.map_err(unreachable)?) {
            WebhookAnswer::Taken => Ok(()),
            WebhookAnswer::Declined(code, said) => {
                Err(Refusal::Declined { place, code, said: cleared(&said, request) })
            }
            WebhookAnswer::Unknown => Err(Refusal::NotABot(place)),
        }
    }

    /// What happened, in words that hold no URL.
    fn cause(&self, error: &ureq::Error) -> String {
        match error {
            ureq::Error::Timeout(_) => {
                format!("no answer within {} seconds", self.time_out.as_secs_f32())
            }
            ureq::Error::HostNotFound => "no such host".to_owned(),
            ureq::Error::Io(error) => error.to_string(),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => {
                "the encrypted connection failed: check the machine's clock and the certificate"
                    .to_owned()
            }
            _ => "the exchange failed".to_owned(),
        }
    }
}

/// A bot's words without parts of the URL and without the secret, on one line, not too long.
fn cleared(said: &str, request: &Request) -> String {
    let parts = request.target.split(['/', '?', '&', '=', '#', '@', ':']);
    let mut said = said.to_owned();
    for part in parts.skip(3).chain(request.secret.as_deref()) {
        if part.len() >= SECRET_MIN {
            said = said.replace(part, "…");
        }
    }
    said.chars().map(|it| if it.is_control() { ' ' } else { it }).take(WORDS_MAX).collect()
}
