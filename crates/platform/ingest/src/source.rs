//! Readers that count and readers that look ahead. In: bytes from outside. Out: the same bytes,
//! cut off with [`LimitReached`] when unpacking costs more than the limits allow.

use std::{
    cell::Cell,
    io::{self, Read, Seek, SeekFrom},
    rc::Rc,
};

use crate::{model::Limits, progress::Progress};

/// Unpacking below this many bytes is never taken for a bomb.
const RATIO_FREE_BYTES: u64 = 64 << 20;

/// A limit of [`Limits`] that stops the reading of a whole file on disk.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct LimitReached(pub(crate) String);

/// What one file on disk has cost so far.
#[derive(Debug)]
pub(crate) struct Budget {
    limits: Limits,
    size_bytes: Option<u64>,
    read_bytes: Cell<u64>,
    unpacked_bytes: Cell<u64>,
    members: Cell<u64>,
}

impl Budget {
    /// `size_bytes`: size on disk, where known; reading a byte twice then counts once.
    pub(crate) fn new(limits: &Limits, size_bytes: Option<u64>) -> Rc<Self> {
        Rc::new(Budget {
            limits: limits.clone(),
            size_bytes,
            read_bytes: Cell::new(0),
            unpacked_bytes: Cell::new(0),
            members: Cell::new(0),
        })
    }

    pub(crate) fn read_bytes(&self) -> u64 {
        self.read_bytes.get()
    }

    /// Counts one more member of an archive.
    pub(crate) fn take_member(&self) -> Result<(), LimitReached> {
        self.members.set(self.members.get() + 1);
        if self.members.get() > self.limits.members {
            let members = self.limits.members;
            return Err(LimitReached(format!("more than {members} files in the archive")));
        }
        Ok(())
    }

    fn take_unpacked(&self, n: u64) -> Result<(), LimitReached> {
        let unpacked = self.unpacked_bytes.get() + n;
        self.unpacked_bytes.set(unpacked);
        let most = self.limits.unpacked_bytes;
        if most > 0 && unpacked > most {
            return Err(LimitReached(format!("unpacks to more than {most} bytes")));
        }
        let ratio = self.limits.unpack_ratio;
        let packed = self.read_bytes.get().min(self.size_bytes.unwrap_or(u64::MAX)).max(1);
        if ratio > 0 && unpacked > RATIO_FREE_BYTES && unpacked / packed > ratio {
            return Err(LimitReached(format!(
                "unpacks to more than {ratio} times its size: taken for a zip bomb"
            )));
        }
        Ok(())
    }
}

/// Counts the bytes that come from disk.
pub(crate) struct Counted<'p, R> {
    inner: R,
    budget: Rc<Budget>,
    progress: &'p Progress,
}

impl<'p, R> Counted<'p, R> {
    pub(crate) fn new(inner: R, budget: Rc<Budget>, progress: &'p Progress) -> Self {
        Counted { inner, budget, progress }
    }
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        let before = self.budget.read_bytes.get();
        self.budget.read_bytes.set(before + n as u64);
        let most = self.budget.size_bytes.unwrap_or(u64::MAX);
        let after = (before + n as u64).min(most);
        Progress::add(&self.progress.bytes_done, after - before.min(most));
        Ok(n)
    }
}

impl<R: Seek> Seek for Counted<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// Counts unpacked bytes against the budget of the file on disk.
pub(crate) struct Guarded<R> {
    inner: R,
    budget: Rc<Budget>,
}

impl<R> Guarded<R> {
    pub(crate) fn new(inner: R, budget: &Rc<Budget>) -> Self {
        Guarded { inner, budget: Rc::clone(budget) }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.budget.take_unpacked(n as u64).map_err(io::Error::other)?;
        Ok(n)
    }
}

/// A reader whose first bytes can be looked at before they are read.
pub(crate) struct Peeked<R> {
    head: Vec<u8>,
    at: usize,
    failed: Option<io::Error>,
    is_whole: bool,
    rest: R,
}

impl<R: Read> Peeked<R> {
    /// Reads up to `most` bytes ahead. An error waits until the bytes before it are read.
    pub(crate) fn new(mut rest: R, most: usize) -> Self {
        let mut head = Vec::new();
        let failed = fill(&mut rest, &mut head, most).err();
        let is_whole = failed.is_some() || head.len() < most;
        Peeked { head, at: 0, failed, is_whole, rest }
    }

    /// The bytes ahead.
    pub(crate) fn head(&self) -> &[u8] {
        &self.head[self.at..]
    }

    /// Whether nothing comes after [`Self::head`].
    pub(crate) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Drops bytes of the head, such as a byte order mark.
    pub(crate) fn skip(&mut self, n: usize) {
        self.at = (self.at + n).min(self.head.len());
    }

    /// The error met while looking ahead, if any.
    pub(crate) fn take_error(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// The reader below, past the head.
    pub(crate) fn into_rest(self) -> R {
        self.rest
    }
}

impl<R: Read> Read for Peeked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut head = &self.head[self.at..];
        if !head.is_empty() {
            let n = head.read(buf)?;
            self.at += n;
            return Ok(n);
        }
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.rest.read(buf),
        }
    }
}

/// Appends up to `most` bytes; fewer only at the end or before an error.
pub(crate) fn fill(source: &mut dyn Read, into: &mut Vec<u8>, most: usize) -> io::Result<usize> {
    let start = into.len();
    into.resize(start + most, 0);
    let mut end = start;
    let outcome = loop {
        if end == into.len() {
            break Ok(());
        }
        match source.read(&mut into[end..]) {
            Ok(0) => break Ok(()),
            Ok(n) => end += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => break Err(e),
        }
    };
    into.truncate(end);
    outcome.map(|()| end - start)
}

/// Reads a source block by block, keeping an error until all bytes before it are used.
pub(crate) struct Blocks<'s> {
    source: &'s mut dyn Read,
    block_bytes: usize,
    failed: Option<io::Error>,
    is_ended: bool,
}

impl<'s> Blocks<'s> {
    pub(crate) fn new(source: &'s mut dyn Read, limits: &Limits) -> Self {
        let block_bytes = limits.batch_bytes.max(1);
        Blocks { source, block_bytes, failed: None, is_ended: false }
    }

    /// Appends one block; 0 bytes at the end, or where the source failed.
    pub(crate) fn fill(&mut self, into: &mut Vec<u8>) -> usize {
        if self.is_ended {
            return 0;
        }
        let before = into.len();
        match fill(self.source, into, self.block_bytes) {
            Ok(n) => self.is_ended = n < self.block_bytes,
            Err(error) => {
                self.is_ended = true;
                self.failed = Some(error);
            }
        }
        into.len() - before
    }

    /// Whether the source broke off.
    pub(crate) fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// How the source ended: its error, if it failed.
    pub(crate) fn finish(self) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}
