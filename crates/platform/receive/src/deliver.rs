//! From records to the intake: written before more is read, again and again while Ward is busy.

use std::time::Duration;

use bus::Refused;
use intake::{Lines, Refusal, RefusalKind, Sender};
use tokio_util::sync::CancellationToken;
use wire::Records;

use crate::model::Cx;

/// Wait before trying again what cannot be written.
const RETRY: Duration = Duration::from_secs(2);
/// Records kept as text that are shown of one delivery; the rest are counted.
const MOST_PLAIN_TOLD: usize = 5;

/// Records as the intake takes them.
pub fn lines(records: Records) -> Lines {
    let refused = records.refused.into_iter().map(|one| Refusal {
        line: one.item as usize + 1,
        kind: if one.is_too_long { RefusalKind::TooLong } else { RefusalKind::NotAnObject },
        reason: one.reason,
        sample: one.sample,
    });
    Lines {
        records: records.bytes,
        count: records.count,
        refused: refused.collect(),
        refused_count: records.refused_count,
    }
}

/// Makes records durable. Waits as long as Ward is busy or cannot write; when it stops meanwhile,
/// or the sender may no longer send, they are lost, counted and logged.
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
        return cx.intake.failed(sender, "the listener's token was revoked", (cx.clock)());
    }
    let plain = std::mem::take(&mut records.plain);
    let plain_count = std::mem::take(&mut records.plain_count);
    let mut lines = lines(records);
    loop {
        let again = Lines { refused: Vec::new(), refused_count: 0, ..lines.clone() };
        let wait = match cx.intake.accept(sender, lines, (cx.clock)()).await {
            Ok(_) => break,
            Err(Refused::Busy { retry_after }) => retry_after,
            Err(Refused::Full | Refused::Unavailable) => RETRY,
            Err(Refused::Closing) => return lost(&again),
        };
        if stop.is_cancelled() {
            return lost(&again);
        }
        // Once more at the end, so that what was read is not lost without a try.
        let _ = tokio::time::timeout(wait, stop.cancelled()).await;
        lines = again;
    }
    for one in plain.iter().take(MOST_PLAIN_TOLD) {
        cx.intake.unread(sender, &one.reason, &one.sample, (cx.clock)());
    }
    let untold = plain_count.saturating_sub(plain.len().min(MOST_PLAIN_TOLD) as u32);
    if untold > 0 {
        cx.intake.more_unread(sender, untold, (cx.clock)());
    }
}

fn lost(lines: &Lines) {
    metrics::counter!("ward_syslog_lost_total").increment(u64::from(lines.count));
    tracing::error!(records = lines.count, "records of syslog were read and could not be written");
}
