//! From records to the intake: written before more is read, again and again while Ward is busy.

use std::{sync::Arc, time::Duration};

use bus::Refused;
use intake::{Lines, Sender};
use tokio_util::sync::CancellationToken;
use wire::Records;

use crate::model::Cx;

/// Wait before trying again what cannot be written.
const RETRY: Duration = Duration::from_secs(2);
/// Records kept as text that are shown of one delivery; the rest are counted.
const MOST_PLAIN_TOLD: usize = 5;

/// Makes records durable. Waits as long as Ward is busy or cannot write; when it stops meanwhile,
/// or the sender may no longer send, they are lost, counted and logged. Nothing else is counted as
/// refused: who waits is told nothing.
pub(crate) async fn deliver(
    cx: &Cx,
    sender: &Sender,
    mut records: Records,
    stop: &CancellationToken,
) {
    if records.is_empty() {
        return;
    }
    if cx.revoked.contains(sender.source) {
        let reason = "the listener's token was revoked";
        return cx.intake.lost(sender, records.items(), reason, (cx.clock)());
    }
    let plain = std::mem::take(&mut records.plain);
    let plain_count = std::mem::take(&mut records.plain_count);
    let lines = Arc::new(Lines::from(records));
    cx.intake.refused(sender, &lines, (cx.clock)());
    if !written(cx, sender, &lines, stop).await {
        return lost(cx, sender, lines.count);
    }
    for one in plain.iter().take(MOST_PLAIN_TOLD) {
        cx.intake.unread(sender, &one.reason, &one.sample, (cx.clock)());
    }
    let untold = plain_count.saturating_sub(plain.len().min(MOST_PLAIN_TOLD) as u32);
    if untold > 0 {
        cx.intake.more_unread(sender, untold, (cx.clock)());
    }
}

/// Writes them, however long it takes; whether it could be done before the stop.
async fn written(cx: &Cx, sender: &Sender, lines: &Arc<Lines>, stop: &CancellationToken) -> bool {
    loop {
        let wait = match cx.intake.offer(sender, lines, (cx.clock)()).await {
            Ok(_) => return true,
            Err(Refused::Busy { retry_after }) => retry_after,
            Err(Refused::Full | Refused::Unavailable) => RETRY,
            Err(Refused::Closing) => return false,
        };
        if stop.is_cancelled() {
            return false;
        }
        // Once more at the end, so that what was read is not lost without a try.
        let _ = tokio::time::timeout(wait, stop.cancelled()).await;
    }
}

fn lost(cx: &Cx, sender: &Sender, count: u32) {
    metrics::counter!("ward_syslog_lost_total").increment(u64::from(count));
    tracing::error!(records = count, "records of syslog were read and could not be written");
    let reason = "lost: they could not be written before Ward stopped";
    cx.intake.lost(sender, count, reason, (cx.clock)());
}
