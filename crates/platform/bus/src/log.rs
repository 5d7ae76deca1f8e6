//! The handle of the event log: append, read after a position, release, trim.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use db::{Db, micros};
use terms::Timestamp;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use crate::{
    batch::{Batch, NewBatch, PackedBatch, Seq},
    error::{BusError, Refused},
    store,
    writer::{self, Pending},
};

/// Bounds of the log, in packed bytes (about a tenth of the telemetry's size).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What may wait in memory to be written.
    pub pending_bytes: usize,
    /// What may lie written and not yet released by every reader.
    pub backlog_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { pending_bytes: 16 << 20, backlog_bytes: 4 << 30 }
    }
}

/// How full the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Packed bytes that wait to be written.
    pub pending_bytes: usize,
    /// Packed bytes written and not yet released.
    pub backlog_bytes: u64,
    /// The newest position.
    pub newest: Seq,
}

#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) pending_bytes: AtomicUsize,
    pub(crate) backlog_bytes: AtomicU64,
}

/// The event log. Clones share it.
#[derive(Clone, Debug)]
pub struct EventLog {
    db: Db,
    limits: Limits,
    counters: Arc<Counters>,
    pending: mpsc::Sender<Pending>,
    newest: watch::Receiver<Seq>,
}

/// The task behind a log; wait for it at the end, when all clones of the log are gone.
#[derive(Debug)]
pub struct Writer(JoinHandle<()>);

impl Writer {
    /// Waits until everything taken is written and answered.
    pub async fn finished(self) {
        // A panic of the task was reported by its own hook; senders were refused.
        let _ = self.0.await;
    }
}

/// Senders that may wait; more would only wait longer.
const WAITING_SENDERS: usize = 4096;

impl EventLog {
    /// Opens the log in a database with the tables of [`db::Schema::Log`].
    ///
    /// Errors: the database cannot be read.
    pub async fn open(db: Db, limits: Limits) -> Result<(Self, Writer), BusError> {
        let newest = store::newest(&db).await?;
        let released = store::released(&db).await?;
        let counters = Arc::new(Counters {
            backlog_bytes: AtomicU64::new(store::bytes_after(&db, released).await?),
            ..Counters::default()
        });
        let (pending, receiver) = mpsc::channel(WAITING_SENDERS);
        let (announce, newest) = watch::channel(newest);
        let task = tokio::spawn(writer::run(db.clone(), receiver, counters.clone(), announce));
        Ok((Self { db, limits, counters, pending, newest }, Writer(task)))
    }

    /// Writes a batch; its position, once it is durable.
    ///
    /// Errors: as [`Self::append_all`].
    pub async fn append(&self, batch: NewBatch) -> Result<Seq, Refused> {
        self.append_all(vec![batch]).await
    }

    /// Writes batches one after the other, all or none; the position of the first, once they are
    /// durable.
    ///
    /// Errors: [`Refused`]; then nothing of them was written. When the caller stops waiting, they
    /// may be written or not.
    pub async fn append_all(&self, batches: Vec<NewBatch>) -> Result<Seq, Refused> {
        let bytes = batches.iter().map(NewBatch::packed_bytes).sum();
        self.admit(bytes)?;
        let (answer, answered) = oneshot::channel();
        let sent = self.pending.try_send(Pending { batches, answer });
        if let Err(error) = sent {
            self.counters.pending_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(match error {
                mpsc::error::TrySendError::Full(_) => Refused::Busy { retry_after: SOON },
                mpsc::error::TrySendError::Closed(_) => Refused::Closing,
            });
        }
        answered.await.unwrap_or(Err(Refused::Closing))
    }

    /// Counts `bytes` in, or refuses past a bound. A batch larger than the bound itself is taken
    /// when nothing else waits: else it could never be sent.
    fn admit(&self, bytes: usize) -> Result<(), Refused> {
        if self.counters.backlog_bytes.load(Ordering::Relaxed) >= self.limits.backlog_bytes {
            return Err(Refused::Busy { retry_after: LATER });
        }
        let before = self.counters.pending_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before > 0 && before + bytes > self.limits.pending_bytes {
            self.counters.pending_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(Refused::Busy { retry_after: SOON });
        }
        Ok(())
    }

    /// Batches after `after`, in order, until their records hold `most_bytes` (at least one when
    /// there is one).
    pub async fn read(&self, after: Seq, most_bytes: usize) -> Result<Vec<Batch>, BusError> {
        let packed = self.read_packed(after, most_bytes).await?;
        packed.into_iter().map(PackedBatch::unpack).collect()
    }

    /// As [`Self::read`], for whoever unpacks elsewhere, or does not ask for the records.
    pub async fn read_packed(
        &self,
        after: Seq,
        most_bytes: usize,
    ) -> Result<Vec<PackedBatch>, BusError> {
        Ok(store::read(&self.db, after, most_bytes).await?)
    }

    /// The newest position, and news of it.
    pub fn newest(&self) -> watch::Receiver<Seq> {
        self.newest.clone()
    }

    /// Says that `reader` has dealt with everything at or before `seq`.
    pub async fn release(&self, reader: &str, seq: Seq) -> Result<(), BusError> {
        store::release(&self.db, reader, seq).await?;
        let released = store::released(&self.db).await?;
        let backlog = store::bytes_after(&self.db, released).await?;
        self.counters.backlog_bytes.store(backlog, Ordering::Relaxed);
        Ok(())
    }

    /// Deletes what every reader has released and what was accepted before `before`; how many
    /// batches went.
    pub async fn trim(&self, before: Timestamp) -> Result<u64, BusError> {
        let released = store::released(&self.db).await?;
        Ok(store::trim(&self.db, released, micros(before)).await?)
    }

    /// How full it is.
    pub fn fill(&self) -> Fill {
        Fill {
            pending_bytes: self.counters.pending_bytes.load(Ordering::Relaxed),
            backlog_bytes: self.counters.backlog_bytes.load(Ordering::Relaxed),
            newest: *self.newest.borrow(),
        }
    }

    /// Whether it can be written now: for the readiness check.
    pub async fn probe(&self) -> Result<(), BusError> {
        Ok(store::touch(&self.db).await?)
    }
}

const SOON: Duration = Duration::from_secs(1);
const LATER: Duration = Duration::from_secs(10);
