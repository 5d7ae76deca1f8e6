//! What comes out: JSON objects, one a line, and what could not become one.

/// How much of what is refused is shown to whoever looks for the fault.
const SAMPLE_CHARS: usize = 200;
/// How many refusals are told in full; the rest are counted.
pub const MOST_REFUSED_TOLD: usize = 100;

/// The records of a request would take more room than it may; nothing of it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its records take more than {most_bytes} bytes: send smaller batches")]
pub struct TooLarge {
    /// The bound.
    pub most_bytes: usize,
}

/// Records of one request, or of one read of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// JSON objects, each ended by a line feed.
    pub bytes: Vec<u8>,
    /// How many.
    pub count: u32,
    /// What became no record, the first [`MOST_REFUSED_TOLD`].
    pub refused: Vec<Refused>,
    /// How much became no record, in all.
    pub refused_count: u32,
    /// What became a record although its form was not recognised, the first
    /// [`MOST_REFUSED_TOLD`]: it is kept as text.
    pub plain: Vec<Refused>,
    /// How much was kept as text, in all.
    pub plain_count: u32,
    /// How much may be written in all; nothing where what is read is bounded by its reader.
    most_bytes: Option<usize>,
    /// How much was, refused records too: what is written in vain takes time.
    written_bytes: usize,
}

/// Something that became no record of its form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its number in the request, from 0 on.
    pub item: u32,
    /// Why.
    pub reason: String,
    /// How it begins.
    pub sample: String,
    /// Whether it was its length.
    pub is_too_long: bool,
}

impl Records {
    /// None yet, and no more than `most_bytes` in all: a request of a few bytes may say something of
    /// all its records that is then written into each.
    pub(crate) fn within(most_bytes: usize) -> Self {
        Self { most_bytes: Some(most_bytes), ..Self::default() }
    }

    /// Whether more was to be written than may be.
    pub(crate) fn is_too_large(&self) -> bool {
        self.most_bytes.is_some_and(|most_bytes| self.written_bytes > most_bytes)
    }

    /// Itself, unless it is too large.
    pub(crate) fn bounded(self) -> Result<Self, TooLarge> {
        match self.most_bytes {
            Some(most_bytes) if self.is_too_large() => Err(TooLarge { most_bytes }),
            _ => Ok(self),
        }
    }

    /// How many items were seen.
    pub fn items(&self) -> u32 {
        self.count + self.refused_count
    }

    /// Nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.items() == 0
    }

    /// Adds what `write` writes: one object, without a line feed. Longer than the bound, it is
    /// refused; `sample` shows it. Past the bound of all nothing is written any more.
    pub(crate) fn add(&mut self, sample: &[u8], write: impl FnOnce(&mut Vec<u8>)) {
        if self.is_too_large() {
            return;
        }
        let before = self.bytes.len();
        write(&mut self.bytes);
        let length = self.bytes.len() - before;
        self.written_bytes += length;
        if length <= crate::MOST_RECORD_BYTES {
            self.bytes.push(b'\n');
            self.count += 1;
            return;
        }
        self.bytes.truncate(before);
        let most = crate::MOST_RECORD_BYTES;
        self.refuse(format!("{length} bytes long as a record; at most {most}"), sample, true);
    }

    /// Counts what became no record.
    pub fn refuse(&mut self, reason: String, sample: &[u8], is_too_long: bool) {
        let item = self.items();
        tell(&mut self.refused, item, reason, sample, is_too_long);
        self.refused_count += 1;
    }

    /// Counts the next record among those kept as text.
    pub(crate) fn note_plain(&mut self, reason: &str, sample: &[u8]) {
        let item = self.items();
        tell(&mut self.plain, item, reason.to_owned(), sample, false);
        self.plain_count += 1;
    }
}

fn tell(told: &mut Vec<Refused>, item: u32, reason: String, bytes: &[u8], is_too_long: bool) {
    if told.len() < MOST_REFUSED_TOLD {
        let head = &bytes[..bytes.len().min(SAMPLE_CHARS * 4)];
        let sample = String::from_utf8_lossy(head).chars().take(SAMPLE_CHARS).collect();
        told.push(Refused { item, reason, sample, is_too_long });
    }
}
