//! How far reading has come. Written by the reader, looked at by whoever draws a progress bar.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters that any thread may look at while [`crate::read()`] runs.
#[derive(Debug, Default)]
pub struct Progress {
    /// Files found on disk; final before the first file is opened.
    pub files_total: AtomicU64,
    /// Files on disk read, or given up.
    pub files_done: AtomicU64,
    /// Bytes of all files found on disk; standard input is not in it.
    pub bytes_total: AtomicU64,
    /// Bytes of files on disk (or standard input) consumed.
    pub bytes_done: AtomicU64,
    /// Records handled; the consumer of the batches adds to it, not the reader.
    pub records: AtomicU64,
}

impl Progress {
    pub(crate) fn add(counter: &AtomicU64, n: u64) {
        counter.fetch_add(n, Ordering::Relaxed);
    }
}
