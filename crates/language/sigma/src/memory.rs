//! What was found out about values seen before.
//!
//! Telemetry repeats itself: most values of a field have been seen moments ago. For each such
//! value the atoms that held are kept, so that the value need not be decoded, put in lower case
//! and searched again. A direct-mapped table bounds the memory; a field whose values do not
//! repeat is no longer looked up.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::program::AtomId;

/// Values remembered for one program.
pub(crate) struct Memory {
    /// Hashes beside the entries, so that most misses touch one cache line.
    entries: Vec<(u64, Option<Box<Entry>>)>,
    hasher: FixedState,
    luck: Vec<Luck>,
}

struct Entry {
    path: u32,
    tag: u8,
    bytes: Box<[u8]>,
    atoms: Box<[AtomId]>,
}

/// How often values of one field were found.
#[derive(Clone, Copy, Default)]
struct Luck {
    asked: u32,
    found: u32,
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

/// Slots in the table; a power of two.
const ENTRIES: usize = 1 << 13;
/// Longer values are not kept.
const LONGEST_BYTES: usize = 1024;
/// After so many questions a field is judged.
const TRIAL: u32 = 512;
/// After so many more it gets another chance.
const PAUSE: u32 = 1 << 16;

impl Memory {
    pub(crate) fn new() -> Self {
        Memory {
            entries: Vec::new(),
            hasher: FixedState::with_seed(0x5eed_0f3a_11d1),
            luck: Vec::new(),
        }
    }

    /// What is known of this value of this field. `tag` tells apart values whose bytes are
    /// written in different ways.
    #[inline]
    pub(crate) fn recall(&mut self, path: u32, tag: u8, bytes: &[u8]) -> Recall<'_> {
        if self.luck.len() <= path as usize {
            self.luck.resize(path as usize + 1, Luck::default());
        }
        let luck = &mut self.luck[path as usize];
        luck.asked += 1;
        if luck.asked > TRIAL {
            if luck.found < luck.asked.min(TRIAL) / 4 {
                if luck.asked > PAUSE {
                    *luck = Luck::default();
                }
                return Recall::Forget;
            }
            *luck = Luck { asked: TRIAL / 2, found: TRIAL / 4 };
        }
        if bytes.len() > LONGEST_BYTES {
            return Recall::Forget;
        }
        if self.entries.is_empty() {
            self.entries.resize_with(ENTRIES, || (0, None));
        }
        let seed = u64::from(path) << 8 | u64::from(tag);
        let hash = self.hasher.hash_one(bytes) ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match &self.entries[hash as usize % ENTRIES] {
            (known, Some(entry))
                if *known == hash
                    && entry.path == path
                    && entry.tag == tag
                    && *entry.bytes == *bytes =>
            {
                luck.found += 1;
                Recall::Known(&entry.atoms)
            }
            _ => Recall::New(Ticket(hash)),
        }
    }

    /// Keeps what was found out, in place of what was there.
    pub(crate) fn keep(
        &mut self,
        ticket: Ticket,
        path: u32,
        tag: u8,
        bytes: &[u8],
        atoms: &[AtomId],
    ) {
        let at = ticket.0 as usize % ENTRIES;
        let entry = Entry { path, tag, bytes: bytes.into(), atoms: atoms.into() };
        self.entries[at] = (ticket.0, Some(Box::new(entry)));
    }
}
