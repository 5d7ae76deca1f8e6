//! What was found out about values seen before.
//!
//! Telemetry repeats itself: most values of a field have been seen moments ago. For each such
//! value the atoms that held are kept, so that the value need not be decoded, put in lower case
//! and searched again. One table and one ring of bytes for all kinds of events bound the memory.
//! Values that never come again pass through the last place of their set and leave those alone
//! that do; a field whose values do not repeat is no longer looked up.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::program::AtomId;

/// Values remembered by one matcher.
pub(crate) struct Memory {
    sets: Vec<[Entry; WAYS]>,
    ring: Ring,
    hasher: FixedState,
}

/// A value at a place.
#[derive(Clone, Copy)]
struct Entry {
    /// Of the value and its place. Where the bytes are equal, only equal places give equal hashes:
    /// multiplying by an odd number maps no two places to one.
    hash: u64,
    /// Where it stands in the ring.
    at: Position,
    /// Bytes of the value; [`Entry::FREE`] has more than any value.
    length: u16,
    atoms: u16,
}

impl Entry {
    const FREE: Entry = Entry { hash: 0, at: 0, length: u16::MAX, atoms: 0 };

    fn bytes(self) -> usize {
        usize::from(self.length) + usize::from(self.atoms) * ATOM_BYTES
    }
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

/// Whether the values of one field repeat. A field is judged by its last [`TRIAL`] questions; one
/// whose values did not repeat is left alone for a while, twice as long each time: what repeats
/// seldom among few hundred values may still repeat among thousands, and few questions tell.
#[derive(Clone, Copy, Default)]
pub(crate) struct Luck {
    asked: u32,
    found: u32,
    /// Questions still to pass over.
    pause: u32,
    /// How many to pass over if the next trial fails too.
    next_pause: u32,
}

impl Luck {
    /// Whether it is worth asking once more.
    #[inline]
    fn holds(&mut self) -> bool {
        if self.pause > 0 {
            self.pause -= 1;
            return false;
        }
        if self.asked == TRIAL {
            return self.judge();
        }
        self.asked += 1;
        true
    }

    fn judge(&mut self) -> bool {
        let good = self.found >= TRIAL / 4;
        (self.asked, self.found) = (0, 0);
        if good {
            self.next_pause = 0;
            self.asked = 1;
        } else {
            self.next_pause = (self.next_pause * 2).clamp(TRIAL, LONGEST_PAUSE);
            self.pause = self.next_pause;
        }
        good
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

/// Sets of the table; a power of two.
const SETS: usize = 1 << 15;
/// Entries of a set: together one line of the processor's cache.
const WAYS: usize = 4;
/// Longer values are not kept.
const LONGEST_BYTES: usize = 512;
/// A field is judged by so many questions.
const TRIAL: u32 = 512;
/// It is left alone for no more than so many.
const LONGEST_PAUSE: u32 = 1 << 16;

impl Memory {
    pub(crate) fn new() -> Self {
        let hasher = FixedState::with_seed(0x5eed_0f3a_11d1);
        Memory { sets: Vec::new(), ring: Ring::default(), hasher }
    }

    /// Forgets everything: places have changed their meaning.
    pub(crate) fn clear(&mut self) {
        self.sets.fill([Entry::FREE; WAYS]);
        self.ring.head = 0;
    }

    /// What is known of this value at this place.
    #[inline]
    pub(crate) fn recall(&mut self, luck: &mut Luck, place: Place, bytes: &[u8]) -> Recall<'_> {
        if !luck.holds() || bytes.len() > LONGEST_BYTES {
            return Recall::Forget;
        }
        let hash = self.hasher.hash_one(bytes) ^ place.0.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let Some(set) = self.sets.get_mut(hash as usize % SETS) else {
            return Recall::New(Ticket(hash));
        };
        let is_it = |entry: &Entry| entry.hash == hash && usize::from(entry.length) == bytes.len();
        let Some(mut at) = set.iter().position(is_it) else { return Recall::New(Ticket(hash)) };
        match self.ring.get(set[at]) {
            Some(kept) if kept[..bytes.len()] == *bytes => {}
            _ => return Recall::New(Ticket(hash)),
        }
        luck.found += 1;
        if at > 0 {
            set.swap(at, at - 1);
            at -= 1;
        }
        self.ring.renew(&mut set[at]);
        let kept = self.ring.get(set[at]).unwrap_or_default();
        Recall::Known(Held(kept.get(bytes.len()..).unwrap_or_default()))
    }

    /// Keeps what was found out, in the last place of its set.
    pub(crate) fn keep(&mut self, ticket: Ticket, bytes: &[u8], held: &[AtomId]) {
        let (Ok(length), Ok(atoms)) = (bytes.len().try_into(), held.len().try_into()) else {
            return;
        };
        self.sets.resize(SETS, [Entry::FREE; WAYS]);
        let entry = Entry { hash: ticket.0, at: 0, length, atoms };
        let Some(at) = self.ring.make_room(entry.bytes()) else {
            self.clear();
            return;
        };
        let (value, rest) = self.ring.slice_mut(at, entry.bytes()).split_at_mut(bytes.len());
        value.copy_from_slice(bytes);
        for (place, atom) in rest.as_chunks_mut::<ATOM_BYTES>().0.iter_mut().zip(held) {
            *place = atom.to_le_bytes();
        }
        let set = &mut self.sets[ticket.0 as usize % SETS];
        let same = |one: &Entry| one.hash == ticket.0 && one.length == length;
        let place = set.iter().position(same).unwrap_or(WAYS - 1);
        set[place] = Entry { at, ..entry };
    }
}

/// Where bytes stand: counted on from the beginning in units of [`UNIT`], never back.
type Position = u32;
/// Bytes stand at multiples of this.
const UNIT: usize = 8;
/// Room of the ring, in units.
const ROOM: Position = (8 << 20) / UNIT as Position;
/// What lies so far back is written anew when it is wanted, lest it be overwritten.
const OLD: Position = ROOM / 2;

/// The bytes of the values, each followed by its atoms: what was written last overwrites what
/// was written first.
#[derive(Default)]
struct Ring {
    bytes: Vec<u8>,
    /// Where the next bytes go.
    head: Position,
}

impl Ring {
    /// The bytes of an entry, if they are still there.
    #[inline]
    fn get(&self, entry: Entry) -> Option<&[u8]> {
        // Nothing that ends beyond the head was overwritten since, for writing goes in order.
        if self.head.checked_sub(entry.at)? > ROOM {
            return None;
        }
        let from = (entry.at % ROOM) as usize * UNIT;
        self.bytes.get(from..from + entry.bytes())
    }

    fn slice_mut(&mut self, at: Position, length: usize) -> &mut [u8] {
        let from = (at % ROOM) as usize * UNIT;
        &mut self.bytes[from..from + length]
    }

    /// Room for so many bytes in one piece; `None` if there can never be any, or if positions
    /// have come to their end.
    fn make_room(&mut self, length: usize) -> Option<Position> {
        let units =
            Position::try_from(length.div_ceil(UNIT)).ok().filter(|units| *units <= ROOM)?;
        self.bytes.resize(ROOM as usize * UNIT, 0);
        let left = ROOM - self.head % ROOM;
        let skipped = if units > left { left } else { 0 };
        self.head = self.head.checked_add(skipped + units)?;
        Some(self.head - units)
    }

    /// Writes an entry's bytes anew if they are soon to be overwritten.
    #[inline]
    fn renew(&mut self, entry: &mut Entry) {
        if self.head - entry.at > OLD {
            self.write_anew(entry);
        }
    }

    #[cold]
    fn write_anew(&mut self, entry: &mut Entry) {
        let length = entry.bytes();
        let from = (entry.at % ROOM) as usize * UNIT;
        let Some(at) = self.make_room(length) else { return };
        let to = (at % ROOM) as usize * UNIT;
        self.bytes.copy_within(from..from + length, to);
        entry.at = at;
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
    fn a_full_memory_forgets_what_was_not_asked_for_and_never_mixes_values_up() {
        let mut memory = Memory::new();
        let place = Place::new(0, 0, 0);
        let value = |at: usize| format!("{at:0>400}");
        recalled(&mut memory, place, "comes again", &[7]);
        for at in 0..4 * (ROOM as usize * UNIT) / 400 {
            recalled(&mut memory, place, &value(at), &[at as AtomId]);
            assert_eq!(recalled(&mut memory, place, &value(at), &[]), [at as AtomId]);
            assert_eq!(recalled(&mut memory, place, "comes again", &[]), [7]);
        }
        assert_eq!(memory.ring.bytes.len(), ROOM as usize * UNIT);
        assert!(recalled(&mut memory, place, &value(0), &[]).is_empty());
    }

    #[test]
    fn when_positions_come_to_their_end_all_is_forgotten_and_learnt_again() {
        let mut memory = Memory::new();
        let place = Place::new(0, 0, 0);
        memory.ring.head = Position::MAX - 4;
        for value in ["first", "second", "third"] {
            recalled(&mut memory, place, value, &[1, 2]);
        }
        assert!(memory.ring.head < ROOM);
        recalled(&mut memory, place, "first", &[3]);
        assert_eq!(recalled(&mut memory, place, "first", &[]), [3]);
    }

    #[test]
    fn a_field_whose_values_repeat_only_among_thousands_is_found_out() {
        let (mut memory, mut luck, place) = (Memory::new(), Luck::default(), Place::new(0, 0, 0));
        let mut known = 0;
        for at in 0..100_000 {
            let value = format!("value {}", at * 7_919 % 3_000);
            match memory.recall(&mut luck, place, value.as_bytes()) {
                Recall::Known(_) => known += 1,
                Recall::New(ticket) => memory.keep(ticket, value.as_bytes(), &[]),
                Recall::Forget => {}
            }
        }
        assert!(known > 70_000, "{known}");
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
