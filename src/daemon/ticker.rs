//! The pulse: tokio-cron-scheduler with one job that says "now" each second, and nothing else.
//!
//! In: a channel of capacity one. Out: at most one pulse waiting in it. No job of ours is known to
//! the scheduler, so its faults cannot hurt: it forgets what it missed, allows overlap, freezes the
//! offset of a zone, wants six fields, and does not wait at its end. What is due is reckoned by
//! `schedule` from the ledger; a pulse that is lost is made up for by the next.

use tokio::sync::mpsc::Sender;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

/// Starts the pulse. A pulse nobody has taken yet stands for all that came meanwhile. Dropping what
/// is returned does not stop it: call [`stop`].
pub async fn start(pulses: Sender<()>) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    let job = Job::new_async("* * * * * *", move |_, _| {
        let pulses = pulses.clone();
        Box::pin(async move {
            // Full: the loop is busy and looks at everything at its next turn. Closed: it has ended.
            let _ = pulses.try_send(());
        })
    })?;
    scheduler.add(job).await?;
    scheduler.start().await?;
    Ok(scheduler)
}

/// Stops the pulse.
pub async fn stop(mut ticker: JobScheduler) {
    if let Err(error) = ticker.shutdown().await {
        tracing::warn!(%error, "the ticker did not stop");
    }
}
