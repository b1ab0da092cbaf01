//! Signatures of `DingTalk` and Feishu: HMAC-SHA256 in base64, over the time and the secret.
//!
//! `DingTalk` signs `<milliseconds>\n<secret>` with the secret:
//! <https://open.dingtalk.com/document/robots/customize-robot-security-settings>. Feishu signs the
//! empty text with `<seconds>\n<secret>`:
//! <https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot>. Both refuse a time that is
//! more than an hour off.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// A signature with the time it was made for.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    /// Milliseconds (`DingTalk`) or seconds (Feishu) since 1970.
    pub timestamp: i64,
    /// In base64.
    pub sign: String,
}

impl Signature {
    /// As `DingTalk` takes it.
    pub fn dingtalk(secret: &str, now: DateTime<Utc>) -> Self {
        let timestamp = now.timestamp_millis();
        Self { timestamp, sign: hmac(secret, &format!("{timestamp}\n{secret}")) }
    }

    /// As Feishu takes it.
    pub fn feishu(secret: &str, now: DateTime<Utc>) -> Self {
        let timestamp = now.timestamp();
        Self { timestamp, sign: hmac(&format!("{timestamp}\n{secret}"), "") }
    }

    /// A URL with the signature in its query, as `DingTalk` takes it.
    pub fn in_query(&self, url: &str) -> String {
        let joint = if url.contains('?') { '&' } else { '?' };
        let sign = utf8_percent_encode(&self.sign, NON_ALPHANUMERIC);
        format!("{url}{joint}timestamp={}&sign={sign}", self.timestamp)
    }
}

fn hmac(key: &str, text: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}
