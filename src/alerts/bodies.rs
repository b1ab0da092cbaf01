//! Messages as each kind of channel takes them: JSON bodies, and what their answers mean.
//!
//! `WeCom`: <https://developer.work.weixin.qq.com/document/path/91770>, text of at most 2048 bytes,
//! `errcode` 0 when taken. `DingTalk`: <https://open.dingtalk.com/document/robots/custom-robot-access>,
//! `errcode` 0 when taken. Feishu:
//! <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>, a body of at most 20 KB,
//! `code` 0 when taken (`StatusCode` in older answers). Plain text everywhere: names of firms must
//! not turn into markup.

use serde::Serialize;

use super::message::Message;
use super::signature::Signature;
use crate::project::alerts::Format;

/// The most bytes of text a channel is sent. The pages of `DingTalk` name no limit for text: twice
/// what `WeCom` takes holds every alert there is.
fn bytes_max(format: Format) -> usize {
    match format {
        Format::Wecom => 2048,
        Format::Dingtalk => 4096,
        Format::Feishu => 16_384,
        Format::Json => usize::MAX,
    }
}

#[derive(Serialize)]
struct Plain<'a> {
    kind: &'a str,
    subject: &'a str,
    text: &'a str,
    district: &'a str,
    is_synthetic: bool,
    is_settled: bool,
    at: &'a str,
}

/// `WeCom` and `DingTalk`.
#[derive(Serialize)]
struct Robot {
    msgtype: &'static str,
    text: Content,
}

#[derive(Serialize)]
struct Content {
    content: String,
}

#[derive(Serialize)]
struct Feishu<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sign: Option<&'a str>,
    msg_type: &'static str,
    content: TextLines,
}

#[derive(Serialize)]
struct TextLines {
    text: String,
}

/// The body of a message; only Feishu bears the signature in it.
pub fn body(format: Format, message: &Message, signature: Option<&Signature>) -> String {
    let lines = || message.lines(bytes_max(format));
    let body = match format {
        Format::Json => serde_json::to_string(&Plain {
            kind: message.kind.name(),
            subject: &message.subject,
            text: &message.text,
            district: &message.district,
            is_synthetic: message.is_synthetic,
            is_settled: message.is_settled,
            at: &message.at,
        }),
        Format::Wecom | Format::Dingtalk => {
            serde_json::to_string(&Robot { msgtype: "text", text: Content { content: lines() } })
        }
        Format::Feishu => serde_json::to_string(&Feishu {
            timestamp: signature.map(|signature| signature.timestamp.to_string()),
            sign: signature.map(|signature| signature.sign.as_str()),
            msg_type: "text",
            content: TextLines { text: lines() },
        }),
    };
    body.expect("texts and flags are JSON")
}

/// What a bot says of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebhookAnswer {
    /// It took it.
    Taken,
    /// It did not: its code, and its words.
    Declined(i64, String),
    /// The answer is not a bot's.
    Unknown,
}

/// The verdict in an answer with a status of success; whoever takes our JSON need not say more.
pub fn verdict(format: Format, answer: &str) -> WebhookAnswer {
    let (codes, words): (&[&str], _) = match format {
        Format::Json => return WebhookAnswer::Taken,
        Format::Wecom | Format::Dingtalk => (&["errcode"], "errmsg"),
        Format::Feishu => (&["code", "StatusCode"], "msg"),
    };
    let Ok(answer) = serde_json::from_str::<serde_json::Value>(answer) else {
        return WebhookAnswer::Unknown;
    };
    let code = codes.iter().find_map(|name| answer.get(name)).and_then(serde_json::Value::as_i64);
    match code {
        Some(0) => WebhookAnswer::Taken,
        Some(code) => {
            let said = answer.get(words).and_then(serde_json::Value::as_str).unwrap_or_default();
            WebhookAnswer::Declined(code, said.to_owned())
        }
        None => WebhookAnswer::Unknown,
    }
}
