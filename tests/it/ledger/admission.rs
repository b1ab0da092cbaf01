//! Activations that no promise foresaw.

use yuebao::domain::activation::{ActivationState, TriggerKind};
use yuebao::domain::period::Period;
use yuebao::ledger::Ledger;
use yuebao::ledger::activations::NewActivation;

use super::{ask, place, wait};

fn coverage(month: &str, at: &str) -> NewActivation {
    let month: Period = month.parse().unwrap();
    NewActivation {
        job: "brief".to_owned(),
        scheduled_at: at.parse().unwrap(),
        trigger_kind: TriggerKind::Coverage,
        occasion: format!("coverage {month}"),
        months: Some((month, month)),
        priority: 5,
        state: ActivationState::Waiting,
        reason: None,
    }
}

#[test]
fn months_covered_at_the_same_instant_are_both_due_and_each_once() {
    let (_folder, path) = place();
    let now = "2025-04-06T04:00:00Z";
    let (march, april) = (coverage("2025-03", now), coverage("2025-04", now));
    let admitted = wait(async {
        let ledger = Ledger::open(&path).await.unwrap();
        let mut admitted = Vec::new();
        for activation in [&april, &march, &april, &march] {
            admitted.push(ledger.admit(activation, activation.scheduled_at).await.unwrap());
        }
        // Files of the inbox are told apart by the instant alone.
        for occasion in ["inbox 1", "inbox 2"] {
            let (kind, occasion) = (TriggerKind::Inbox, occasion.to_owned());
            let job = "intake".to_owned();
            let inbox = NewActivation { job, trigger_kind: kind, occasion, ..march.clone() };
            admitted.push(ledger.admit(&inbox, inbox.scheduled_at).await.unwrap());
        }
        let months = ledger.covered_months("brief").await.unwrap();
        assert_eq!(months, ["2025-03", "2025-04"].map(|month| month.parse().unwrap()).into());
        assert!(ledger.covered_months("intake").await.unwrap().is_empty());
        ledger.close().await;
        admitted
    });
    assert_eq!(admitted, [true, true, false, false, true, false]);
    let kept = ask(&path, "SELECT scheduled_at FROM activations WHERE job = 'brief' ORDER BY 1");
    assert_eq!(kept, ["2025-04-06T04:00:00.000Z", "2025-04-06T04:00:00.001Z"]);
}
