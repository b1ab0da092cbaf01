//! Where alerts go: `jobs/alerts.toml`, which may be absent.
//!
//! In: the file. Out: channels, or every fault in it with its line and the nearest valid value. The
//! URL of a bot is a secret: it is never shown, only the machine it leads to is.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;
use toml::Spanned;
use ureq::http::Uri;

use super::fault::Fault;
use super::files::Texts;
use super::read::{Source, among};
use crate::domain::words::words;
use crate::texts::Locale;

/// The file, below the project.
const FILE: &str = "jobs/alerts.toml";

words! {
    /// What an alert is about.
    Kind {
        /// A run failed for good, after its retries.
        RunFailed = "run_failed",
        /// An order that should have run did not.
        JobOverdue = "job_overdue",
        /// Firms did not report by the deadline.
        FirmsMissing = "firms_missing",
        /// Firms have not reported yet, before the deadline.
        Reminder = "reminder",
        /// Failing tests of marts held an edition back.
        EditionHeldBack = "edition_held_back",
        /// Reports bear a document number (文号) that jobs/forms lacks.
        UnknownDocument = "unknown_document",
        /// Published figures would change for another reason than workbooks, and nobody gave it.
        EditionAwaitsReason = "edition_awaits_reason",
        /// The brief of a month is out.
        BriefPublished = "brief_published",
        /// The daemon is in trouble, e.g. a faulty reload was refused.
        DaemonTrouble = "daemon_trouble",
        /// Somebody tries the channels.
        Test = "test",
    }
}

impl Kind {
    /// Whether it merely happened, once for each subject; the others hold until they are settled.
    pub fn is_event(self) -> bool {
        matches!(self, Self::Reminder | Self::BriefPublished | Self::Test)
    }
}

words! {
    /// What a channel understands.
    Format {
        /// A JSON object of ours.
        Json = "json",
        /// A group robot of `WeCom` (企业微信).
        Wecom = "wecom",
        /// A custom robot of `DingTalk` (钉钉).
        Dingtalk = "dingtalk",
        /// A custom bot of Feishu (飞书) or Lark.
        Feishu = "feishu",
    }
}

impl Format {
    /// Whether it knows signatures.
    pub fn is_signed(self) -> bool {
        matches!(self, Self::Dingtalk | Self::Feishu)
    }
}

/// An http or https URL; shows the machine it leads to and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(String);

impl Url {
    /// The URL in a text; `None` when it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: Uri = text.trim().parse().ok()?;
        let is_known = matches!(uri.scheme_str(), Some("http" | "https"));
        (is_known && uri.host().is_some_and(|host| !host.is_empty()))
            .then(|| Self(text.trim().to_owned()))
    }

    /// The whole URL, for the one who sends.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri: Uri = self.0.parse().unwrap_or_default();
        write!(f, "{}://{}", uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default())?;
        uri.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

/// Where the URL of a channel is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// In the file.
    Url(Url),
    /// In an environment variable.
    Variable(String),
}

/// One place alerts go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// What it understands.
    pub format: Format,
    /// Where it is.
    pub address: Address,
    /// The environment variable with the secret that signs messages.
    pub secret_env: Option<String>,
    /// Its language; the project's first when absent.
    pub locale: Option<Locale>,
    /// The alerts it wants; all when absent.
    pub kinds: Option<BTreeSet<Kind>>,
}

impl Channel {
    /// Whether alerts of a kind go there.
    pub fn wants(&self, kind: Kind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }
}

/// The file as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AlertsFile {
    #[serde(default)]
    channels: Vec<ChannelEntry>,
}

/// One channel as written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelEntry {
    name: Spanned<String>,
    kind: Spanned<String>,
    url: Option<Spanned<String>>,
    url_env: Option<Spanned<String>>,
    secret_env: Option<Spanned<String>>,
    locale: Option<Spanned<String>>,
    kinds: Option<Vec<Spanned<String>>>,
}

/// Reads and checks the file; no channel when there is none.
pub fn read(texts: &Texts, faults: &mut Vec<Fault>) -> Vec<Channel> {
    let Some(text) = texts.get(FILE) else { return Vec::new() };
    let source = Source { file: Path::new(FILE), text };
    let written: AlertsFile = match source.parse() {
        Ok(written) => written,
        Err(fault) => {
            faults.push(fault);
            return Vec::new();
        }
    };
    let mut check = ChannelsCheck { source, faults, names: BTreeSet::new() };
    written.channels.iter().filter_map(|entry| check.channel(entry)).collect()
}

/// Collects the faults of the file.
struct ChannelsCheck<'a> {
    source: Source<'a>,
    faults: &'a mut Vec<Fault>,
    names: BTreeSet<String>,
}

impl ChannelsCheck<'_> {
    fn fault(&mut self, span: Range<usize>, message: String) {
        self.faults.push(self.source.fault_at(span.start, message));
    }

    fn channel(&mut self, entry: &ChannelEntry) -> Option<Channel> {
        let name = entry.name.get_ref();
        if name.trim().is_empty() {
            self.fault(entry.name.span(), "a channel needs a `name`".to_owned());
        } else if !self.names.insert(name.clone()) {
            self.fault(entry.name.span(), format!("channel `{name}` stands twice"));
        }
        let format = self.one_of("kind", &entry.kind, Format::ALL, Format::name);
        let address = self.address(entry);
        let secret_env =
            entry.secret_env.as_ref().and_then(|name| self.variable("secret_env", name));
        if let (Some(secret), Some(format)) = (&entry.secret_env, format)
            && !format.is_signed()
        {
            let message = format!("`secret_env`: kind `{}` knows no signature", format.name());
            self.fault(secret.span(), message);
        }
        let locale = entry
            .locale
            .as_ref()
            .and_then(|name| self.one_of("locale", name, &[Locale::Zh, Locale::En], Locale::name));
        let kinds = entry.kinds.as_ref().map(|kinds| {
            let known = |name| self.one_of("kinds", name, Kind::ALL, Kind::name);
            kinds.iter().filter_map(known).collect::<BTreeSet<Kind>>()
        });
        if kinds.as_ref().is_some_and(BTreeSet::is_empty) {
            let message = format!("`kinds` of channel `{name}` is empty: leave it out for all");
            self.fault(entry.name.span(), message);
        }
        let (format, address) = (format?, address?);
        Some(Channel { name: name.clone(), format, address, secret_env, locale, kinds })
    }

    fn address(&mut self, entry: &ChannelEntry) -> Option<Address> {
        match (&entry.url, &entry.url_env) {
            (Some(url), None) => {
                let parsed = Url::parse(url.get_ref());
                if parsed.is_none() {
                    let message = "`url` is no address like https://example.org/hook".to_owned();
                    self.fault(url.span(), message);
                }
                parsed.map(Address::Url)
            }
            (None, Some(name)) => self.variable("url_env", name).map(Address::Variable),
            _ => {
                let message = format!(
                    "channel `{}` needs either `url_env`, the environment variable that holds its URL, or `url`",
                    entry.name.get_ref()
                );
                self.fault(entry.name.span(), message);
                None
            }
        }
    }

    /// The name of an environment variable. What is none may be a secret and is not repeated.
    fn variable(&mut self, key: &str, name: &Spanned<String>) -> Option<String> {
        let text = name.get_ref();
        let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if text.is_empty() || !is_plain || text.starts_with(|first: char| first.is_ascii_digit()) {
            let message = format!(
                "`{key}` is the name of an environment variable, like YUEBAO_DUTY, not its value"
            );
            self.fault(name.span(), message);
            return None;
        }
        Some(text.clone())
    }

    fn one_of<T: Copy>(
        &mut self,
        key: &str,
        written: &Spanned<String>,
        all: &[T],
        name: fn(T) -> &'static str,
    ) -> Option<T> {
        let text = written.get_ref();
        let found = all.iter().copied().find(|one| name(*one) == text);
        if found.is_none() {
            let known = among(text, all.iter().map(|one| name(*one)));
            let message = format!("`{text}` in `{key}` is none of {known}");
            self.fault(written.span(), message);
        }
        found
    }
}
