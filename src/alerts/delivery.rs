//! Delivery: what is due goes out, what does not arrive waits for its next try.
//!
//! In: the ledger, the channels, the time. Out: how many messages arrived, failed, were given up. A
//! channel that fails is left alone for the rest of the round, so that a dead one costs one time-out a
//! round and no more.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::content::Alert;
use super::message::Message;
use super::sender::{Refusal, Sender};
use crate::ledger::deliveries::{Due, TRIES};
use crate::ledger::{Ledger, LedgerError};
use crate::project::Project;
use crate::project::alerts::Channel;

/// What became of the messages of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct DeliveryCounts {
    /// Messages that arrived.
    pub delivered: usize,
    /// Messages that did not and are tried again.
    pub failed: usize,
    /// Messages that are not tried again.
    pub given_up: usize,
}

/// Sends what is due, each message once; never fails for a channel's sake.
pub async fn deliver(
    ledger: &Ledger,
    sender: &Sender,
    project: &Project,
    now: DateTime<Utc>,
) -> Result<DeliveryCounts, LedgerError> {
    let mut tally = DeliveryCounts::default();
    let mut failing = BTreeSet::new();
    for due in ledger.deliveries_due(now).await? {
        let Some(channel) = project.channels.iter().find(|channel| channel.name == due.channel)
        else {
            ledger.not_delivered(&due, kept(&Refusal::NoChannel), true).await?;
            tally.given_up += 1;
            continue;
        };
        // What a newer program raised waits for it.
        let Some(alert) = Alert::read(&due.content) else { continue };
        if failing.contains(&due.channel) || !ledger.claim_delivery(&due, now).await? {
            continue;
        }
        let message = Message::of(&alert, &due, channel, project);
        match sender.send(channel, &message, now).await {
            Ok(()) => {
                ledger.delivered(&due, now).await?;
                tally.delivered += 1;
            }
            Err(refusal) => {
                let is_given_up = note(ledger, &due, &refusal).await?;
                tally.failed += usize::from(!is_given_up);
                tally.given_up += usize::from(is_given_up);
                failing.insert(due.channel);
            }
        }
    }
    Ok(tally)
}

fn kept(refusal: &Refusal) -> String {
    serde_json::to_string(refusal).expect("a refusal is JSON")
}

/// Notes a failure; whether it was the last.
async fn note(ledger: &Ledger, due: &Due, refusal: &Refusal) -> Result<bool, LedgerError> {
    let tries = due.attempts + 1;
    let is_given_up = tries >= TRIES;
    let (alert, channel) = (due.alert_id, due.channel.as_str());
    if is_given_up {
        tracing::error!(alert, channel, tries, "alert not delivered, given up: {refusal}");
    } else {
        tracing::warn!(alert, channel, tries, "alert not delivered, is tried again: {refusal}");
    }
    ledger.not_delivered(due, kept(refusal), is_given_up).await?;
    Ok(is_given_up)
}

/// Sends a test message to a channel at once; the ledger knows nothing of it.
pub async fn test(
    sender: &Sender,
    channel: &Channel,
    project: &Project,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let alert = Alert::Test { channel: channel.name.clone() };
    let due = Due {
        alert_id: 0,
        channel: channel.name.clone(),
        is_recovery: false,
        attempts: 0,
        content: String::new(),
        at: now,
    };
    sender.send(channel, &Message::of(&alert, &due, channel, project), now).await
}
