//! Where workers hand results over: a bounded queue of numbered batches, whole or in parts.

use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender};

use super::{pipeline::Done, window::Window};

/// What a worker sends.
pub(super) struct Sent {
    /// Number of the batch.
    pub(super) seq: u64,
    /// What came of it.
    pub(super) done: Done,
    /// More of the same batch follows. The consumer waits for this very batch.
    pub(super) is_part: bool,
}

/// The workers' end of the queue.
pub(super) struct Outlet {
    pub(super) sender: Sender<Sent>,
    /// Buffers for texts, used before.
    pub(super) spares: Receiver<Vec<u8>>,
    pub(super) window: Arc<Window>,
}

/// Nobody takes results any more.
pub(super) struct Closed;

impl Outlet {
    /// A result to fill.
    pub(super) fn empty(&self) -> Done {
        let mut done = Done::default();
        done.written.text = self.spares.try_recv().unwrap_or_default();
        done.written.text.clear();
        done
    }

    /// Hands over what may be the whole of a batch or the end of it.
    pub(super) fn last(&self, seq: u64, done: Done) -> Result<(), Closed> {
        self.window.wait_for(seq);
        self.sender.send(Sent { seq, done, is_part: false }).map_err(|_| Closed)
    }

    /// Hands over a part of a batch that has become too much to keep: it waits for its turn, so
    /// nothing of it is ever kept by the consumer either.
    pub(super) fn part(&self, seq: u64, done: Done) -> Result<(), Closed> {
        self.window.wait_until_awaited(seq);
        self.sender.send(Sent { seq, done, is_part: true }).map_err(|_| Closed)
    }
}
