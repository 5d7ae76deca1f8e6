//! What was found out about values seen before.
//!
//! Telemetry repeats itself: most values of a field have been seen moments ago. For each such
//! value the atoms that held are kept, so that the value need not be decoded, put in lower case
//! and searched again. A direct-mapped table of one size for all kinds of events bounds the
//! memory; a field whose values do not repeat is no longer looked up.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::program::AtomId;

/// Values remembered by one matcher.
pub(crate) struct Memory {
    /// Hashes beside the entries, so that most misses touch one cache line.
    entries: Vec<(u64, Option<Box<Entry>>)>,
    hasher: FixedState,
}

struct Entry {
    place: Place,
    bytes: Box<[u8]>,
    atoms: Box<[AtomId]>,
}

/// Where a value stood: kind of event, path, and the way it was written. Atoms of one place
/// mean nothing at another.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Place(u64);

impl Place {
    pub(crate) fn new(kind: u32, path: u32, spelling: u8) -> Self {
        Place(u64::from(kind) << 40 | u64::from(path) << 8 | u64::from(spelling))
    }
}

/// How often values of one field were found.
#[derive(Clone, Copy, Default)]
pub(crate) struct Luck {
    asked: u32,
    found: u32,
}

impl Luck {
    /// Whether it is worth asking once more.
    #[inline]
    fn holds(&mut self) -> bool {
        self.asked += 1;
        if self.asked <= TRIAL {
            return true;
        }
        if self.found >= TRIAL / 4 {
            *self = Luck { asked: TRIAL / 2, found: TRIAL / 8 };
            return true;
        }
        if self.asked > PAUSE {
            *self = Luck::default();
        }
        false
    }
}

/// A place in the memory to put what is about to be found out.
#[derive(Clone, Copy)]
pub(crate) struct Ticket(u64);

/// What the memory knows of a value.
pub(crate) enum Recall<'m> {
    /// These atoms hold, all others of the field's do not.
    Known(&'m [AtomId]),
    /// Nothing; tell it with [`Memory::keep`].
    New(Ticket),
    /// Nothing, and it does not want to know.
    Forget,
}

/// Entries of the table; a power of two.
const ENTRIES: usize = 1 << 16;
/// Longer values are not kept.
const LONGEST_BYTES: usize = 512;
/// After so many questions a field is judged.
const TRIAL: u32 = 512;
/// After so many more it gets another chance.
const PAUSE: u32 = 1 << 16;

impl Memory {
    pub(crate) fn new() -> Self {
        Memory { entries: Vec::new(), hasher: FixedState::with_seed(0x5eed_0f3a_11d1) }
    }

    /// Forgets everything: places have changed their meaning.
    pub(crate) fn clear(&mut self) {
        self.entries.clear();
    }

    /// What is known of this value at this place.
    #[inline]
    pub(crate) fn recall(&mut self, luck: &mut Luck, place: Place, bytes: &[u8]) -> Recall<'_> {
        if !luck.holds() || bytes.len() > LONGEST_BYTES {
            return Recall::Forget;
        }
        if self.entries.is_empty() {
            self.entries.resize_with(ENTRIES, || (0, None));
        }
        let hash = self.hasher.hash_one(bytes) ^ place.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match &self.entries[hash as usize % ENTRIES] {
            (known, Some(entry))
                if *known == hash && entry.place == place && *entry.bytes == *bytes =>
            {
                luck.found += 1;
                Recall::Known(&entry.atoms)
            }
            _ => Recall::New(Ticket(hash)),
        }
    }

    /// Keeps what was found out, in place of what was there.
    pub(crate) fn keep(&mut self, ticket: Ticket, place: Place, bytes: &[u8], atoms: &[AtomId]) {
        let entry = Entry { place, bytes: bytes.into(), atoms: atoms.into() };
        self.entries[ticket.0 as usize % ENTRIES] = (ticket.0, Some(Box::new(entry)));
    }
}
