//! Order restored after parallel work, in bounded memory: a worker far ahead of the slowest
//! waits.

use std::{
    collections::BTreeMap,
    sync::{Condvar, Mutex, PoisonError},
};

/// How far ahead of the consumer workers may be.
pub(crate) struct Window {
    next: Mutex<u64>,
    moved: Condvar,
    size: u64,
}

impl Window {
    /// Results may be so many batches ahead.
    pub(crate) fn new(size: u64) -> Self {
        Window { next: Mutex::new(0), moved: Condvar::new(), size }
    }

    /// Waits until batch `seq` may be handed over. The batch the consumer waits for never does.
    pub(crate) fn wait_for(&self, seq: u64) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        while seq >= next.saturating_add(self.size) {
            next = self.moved.wait(next).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Waits until the consumer has taken all batches before `seq`.
    pub(crate) fn wait_until_awaited(&self, seq: u64) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        while *next < seq {
            next = self.moved.wait(next).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The consumer has taken all batches before `next`.
    pub(crate) fn advance(&self, next: u64) {
        *self.next.lock().unwrap_or_else(PoisonError::into_inner) = next;
        self.moved.notify_all();
    }

    /// Nobody waits any more.
    pub(crate) fn open(&self) {
        self.advance(u64::MAX);
    }
}

/// Puts numbered items back in order.
pub(crate) struct Reorder<T> {
    next: u64,
    early: BTreeMap<u64, T>,
}

impl<T> Reorder<T> {
    /// Expects number 0 first.
    pub(crate) fn new() -> Self {
        Reorder { next: 0, early: BTreeMap::new() }
    }

    /// Takes an item in.
    pub(crate) fn put(&mut self, number: u64, item: T) {
        self.early.insert(number, item);
    }

    /// The next item in order, if it is here.
    pub(crate) fn next(&mut self) -> Option<T> {
        let item = self.early.remove(&self.next)?;
        self.next += 1;
        Some(item)
    }

    /// Number of the item that is waited for.
    pub(crate) fn awaited(&self) -> u64 {
        self.next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_come_out_in_order_however_they_go_in() {
        let mut reorder = Reorder::new();
        let mut out = Vec::new();
        for number in [2, 0, 1, 4, 3] {
            reorder.put(number, number);
            while let Some(item) = reorder.next() {
                out.push(item);
            }
        }
        assert_eq!(out, [0, 1, 2, 3, 4]);
        assert_eq!(reorder.awaited(), 5);
    }

    #[test]
    fn a_worker_far_ahead_waits_for_the_consumer() {
        let window = Window::new(2);
        window.wait_for(1);
        std::thread::scope(|scope| {
            let ahead = scope.spawn(|| window.wait_for(2));
            assert!(!ahead.is_finished());
            window.advance(1);
        });
    }
}
