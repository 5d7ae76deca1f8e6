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
    entries: Vec<Entry>,
    /// The bytes of the values, each followed by its atoms: recalling costs two reads, of the
    /// entry and of what it points at.
    kept: Vec<u8>,
    hasher: FixedState,
}

/// A value at a place.
#[derive(Clone, Copy)]
struct Entry {
    /// Of the value and its place. Where the bytes are equal, only equal places give equal hashes:
    /// multiplying by an odd number maps no two places to one.
    hash: u64,
    /// Where it stands in [`Memory::kept`].
    at: u32,
    /// Bytes of the value; [`Entry::FREE`] has more than any value.
    length: u16,
    atoms: u16,
}

impl Entry {
    const FREE: Entry = Entry { hash: 0, at: 0, length: u16::MAX, atoms: 0 };
}

/// Bytes of an atom's number.
const ATOM_BYTES: usize = size_of::<AtomId>();

/// The atoms that hold for a value.
#[derive(Clone, Copy)]
pub(crate) struct Held<'m>(&'m [u8]);

impl Held<'_> {
    /// Their numbers.
    #[inline]
    pub(crate) fn iter(self) -> impl Iterator<Item = AtomId> {
        self.0.as_chunks::<ATOM_BYTES>().0.iter().map(|bytes| AtomId::from_le_bytes(*bytes))
    }
}

/// Where a value stood: kind of event, path, and the way it was written. Atoms of one place
/// mean nothing at another.
#[derive(Clone, Copy)]
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
    Known(Held<'m>),
    /// Nothing; tell it with [`Memory::keep`].
    New(Ticket),
    /// Nothing, and it does not want to know.
    Forget,
}

/// Entries of the table; a power of two.
const ENTRIES: usize = 1 << 16;
/// When so many bytes are kept, all is forgotten: what repeats is soon known again.
const KEPT_BYTES: usize = 4 << 20;
/// Longer values are not kept.
const LONGEST_BYTES: usize = 512;
/// After so many questions a field is judged.
const TRIAL: u32 = 512;
/// After so many more it gets another chance.
const PAUSE: u32 = 1 << 16;

impl Memory {
    pub(crate) fn new() -> Self {
        let hasher = FixedState::with_seed(0x5eed_0f3a_11d1);
        Memory { entries: Vec::new(), kept: Vec::new(), hasher }
    }

    /// Forgets everything: places have changed their meaning, or there is no more room.
    pub(crate) fn clear(&mut self) {
        self.entries.fill(Entry::FREE);
        self.kept.clear();
    }

    /// What is known of this value at this place.
    #[inline]
    pub(crate) fn recall(&mut self, luck: &mut Luck, place: Place, bytes: &[u8]) -> Recall<'_> {
        if !luck.holds() || bytes.len() > LONGEST_BYTES {
            return Recall::Forget;
        }
        let hash = self.hasher.hash_one(bytes) ^ place.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let Some(entry) = self.entries.get(hash as usize % ENTRIES) else {
            return Recall::New(Ticket(hash));
        };
        if entry.hash != hash || usize::from(entry.length) != bytes.len() {
            return Recall::New(Ticket(hash));
        }
        let (value, rest) = self.kept[entry.at as usize..].split_at(bytes.len());
        if value != bytes {
            return Recall::New(Ticket(hash));
        }
        luck.found += 1;
        Recall::Known(Held(&rest[..usize::from(entry.atoms) * ATOM_BYTES]))
    }

    /// Keeps what was found out, in place of what was there.
    pub(crate) fn keep(&mut self, ticket: Ticket, bytes: &[u8], held: &[AtomId]) {
        let (Ok(length), Ok(atoms)) = (bytes.len().try_into(), held.len().try_into()) else {
            return;
        };
        self.entries.resize(ENTRIES, Entry::FREE);
        if self.kept.len() + bytes.len() + held.len() * ATOM_BYTES > KEPT_BYTES {
            self.clear();
        }
        let at = self.kept.len() as u32;
        self.kept.extend_from_slice(bytes);
        self.kept.extend(held.iter().flat_map(|atom| atom.to_le_bytes()));
        self.entries[ticket.0 as usize % ENTRIES] = Entry { hash: ticket.0, at, length, atoms };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is recalled of a value, after it was asked for and kept if it was not known.
    fn recalled(memory: &mut Memory, place: Place, value: &str, held: &[AtomId]) -> Vec<AtomId> {
        match memory.recall(&mut Luck::default(), place, value.as_bytes()) {
            Recall::Known(known) => known.iter().collect(),
            Recall::New(ticket) => {
                memory.keep(ticket, value.as_bytes(), held);
                vec![]
            }
            Recall::Forget => vec![],
        }
    }

    #[test]
    fn a_value_is_known_again_at_its_place_and_nowhere_else() {
        let mut memory = Memory::new();
        let place = |path, spelling| Place::new(7, path, spelling);
        recalled(&mut memory, place(1, 0), "whoami", &[3, 1 << 20]);
        assert_eq!(recalled(&mut memory, place(1, 0), "whoami", &[]), [3, 1 << 20]);
        assert!(recalled(&mut memory, place(1, 1), "whoami", &[]).is_empty());
        assert!(recalled(&mut memory, place(2, 0), "whoami", &[]).is_empty());
        assert!(recalled(&mut memory, place(1, 0), "whoam", &[]).is_empty());
    }

    #[test]
    fn a_full_memory_starts_afresh_and_never_mixes_values_up() {
        let mut memory = Memory::new();
        let place = Place::new(0, 0, 0);
        let value = |at: usize| format!("{at:0>400}");
        let last = 3 * KEPT_BYTES / 400;
        for at in 0..last {
            recalled(&mut memory, place, &value(at), &[at as AtomId]);
            assert_eq!(recalled(&mut memory, place, &value(at), &[]), [at as AtomId]);
            assert!(memory.kept.len() <= KEPT_BYTES);
        }
        assert!(recalled(&mut memory, place, &value(0), &[]).is_empty());
    }

    #[test]
    fn the_empty_value_is_not_known_before_it_was_met() {
        let mut memory = Memory::new();
        recalled(&mut memory, Place::new(0, 1, 0), "x", &[9]);
        for path in 0..100_000 {
            let known = memory.recall(&mut Luck::default(), Place::new(0, path, 0), b"");
            assert!(matches!(known, Recall::New(_)));
        }
    }
}
