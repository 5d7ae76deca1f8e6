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

/// A batch and who waits for it.
pub(crate) struct Pending {
    pub(crate) batch: NewBatch,
    pub(crate) answer: oneshot::Sender<Result<Seq, Refused>>,
}

/// Bounds of one commit: enough to pay for the disk, little enough to answer soon.
const GROUP_BATCHES: usize = 256;
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
        let bytes: usize = group.iter().map(|one| one.batch.packed_bytes()).sum();
        commit(&db, group, &counters, &newest).await;
        counters.pending_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}

fn gather(first: Pending, pending: &mut mpsc::Receiver<Pending>) -> Vec<Pending> {
    let mut bytes = first.batch.packed_bytes();
    let mut group = vec![first];
    while group.len() < GROUP_BATCHES && bytes < GROUP_BYTES {
        let Ok(next) = pending.try_recv() else { break };
        bytes += next.batch.packed_bytes();
        group.push(next);
    }
    group
}

async fn commit(db: &Db, group: Vec<Pending>, counters: &Counters, newest: &watch::Sender<Seq>) {
    let (batches, answers): (Vec<_>, Vec<_>) =
        group.into_iter().map(|one| (one.batch, one.answer)).unzip();
    match store::append(db, &batches).await {
        Ok(last) => {
            let bytes: usize = batches.iter().map(NewBatch::packed_bytes).sum();
            counters.backlog_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
            newest.send_replace(last);
            let first = last.0 - batches.len() as i64 + 1;
            for (answer, seq) in answers.into_iter().zip(first..) {
                // A sender that went away knows nothing; its batch is kept all the same.
                let _ = answer.send(Ok(Seq(seq)));
            }
        }
        Err(error) => {
            let is_full = error.is_full();
            tracing::error!(
                batches = batches.len(),
                error = &error as &dyn std::error::Error,
                "the event log cannot be written; senders are refused"
            );
            for answer in answers {
                let refused = if is_full { Refused::Full } else { Refused::Unavailable };
                let _ = answer.send(Err(refused));
            }
        }
    }
}
