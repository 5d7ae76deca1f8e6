//! The one task that commits for many senders at once: while one commit runs, what comes in
//! gathers for the next, so the disk is waited for once per group and never longer than needed.

use std::sync::{Arc, atomic::Ordering};

use db::Db;
use tokio::sync::{mpsc, oneshot, watch};

use crate::{
    batch::{NewBatch, Seq},
    error::Refused,
    log::Counters,
    store,
};

/// Batches of one request, kept together or not at all, and who waits for them.
pub(crate) struct Pending {
    pub(crate) batches: Vec<NewBatch>,
    pub(crate) answer: oneshot::Sender<Result<Seq, Refused>>,
}

/// Bounds of one commit: enough to pay for the disk, little enough to answer soon.
const GROUP_REQUESTS: usize = 256;
const GROUP_BYTES: usize = 8 << 20;

/// Runs until all senders are gone and everything taken is answered.
pub(crate) async fn run(
    db: Db,
    mut pending: mpsc::Receiver<Pending>,
    counters: Arc<Counters>,
    newest: watch::Sender<Seq>,
) {
    while let Some(first) = pending.recv().await {
        let group = gather(first, &mut pending);
        let bytes: usize = group.iter().map(Pending::packed_bytes).sum();
        commit(&db, group, &counters, &newest).await;
        counters.pending_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn gather(first: Pending, pending: &mut mpsc::Receiver<Pending>) -> Vec<Pending> {
    let mut bytes = first.packed_bytes();
    let mut group = vec![first];
    while group.len() < GROUP_REQUESTS && bytes < GROUP_BYTES {
        let Ok(next) = pending.try_recv() else { break };
        bytes += next.packed_bytes();
        group.push(next);
    }
    group
}

impl Pending {
    fn packed_bytes(&self) -> usize {
        self.batches.iter().map(NewBatch::packed_bytes).sum()
    }
}

async fn commit(db: &Db, group: Vec<Pending>, counters: &Counters, newest: &watch::Sender<Seq>) {
    let mut batches = Vec::new();
    let mut answers = Vec::new();
    for one in group {
        answers.push((batches.len(), one.answer));
        batches.extend(one.batches);
    }
    match store::append(db, &batches).await {
        Ok(last) => {
            let bytes: usize = batches.iter().map(NewBatch::packed_bytes).sum();
            counters.backlog_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            newest.send_replace(last);
            let first = last.0 - batches.len() as i64 + 1;
            for (offset, answer) in answers {
                // A sender that went away knows nothing; its batches are kept all the same.
                let _ = answer.send(Ok(Seq(first + offset as i64)));
            }
        }
        Err(error) => {
            let is_full = error.is_full();
            tracing::error!(
                batches = batches.len(),
                error = &error as &dyn std::error::Error,
                "the event log cannot be written; senders are refused"
            );
            for (_, answer) in answers {
                let refused = if is_full { Refused::Full } else { Refused::Unavailable };
                let _ = answer.send(Err(refused));
            }
        }
    }
}
