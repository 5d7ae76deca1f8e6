//! Many substrings sought at once.
//!
//! Of each text four neighbouring bytes (three, where it has no more) are chosen that are rare
//! in ordinary values. A value is walked along (byte by byte for short texts, in strides for
//! long ones, of which several neighbouring places are chosen): the four bytes at hand are hashed into a
//! bit table small enough for the first-level cache, and only where the bit is set is the list
//! of texts with such bytes consulted and compared. Almost every place costs one multiplication
//! and one bit.

use foldhash::fast::RandomState;
use hashbrown::HashMap;

use super::{AtomId, rarity};

/// The shortest text that can be sought.
pub(super) const SHORTEST: usize = 3;

/// Texts to find inside values.
#[derive(Default)]
pub(crate) struct Grams {
    long: Table<4, STRIDE>,
    middle: Table<4, 1>,
    short: Table<3, 1>,
}

/// Texts of at least `STRIDE + 3` bytes hold the chosen bytes at so many neighbouring places
/// that it is enough to look at every `STRIDE`-th place of a value.
const STRIDE: usize = 4;

/// Texts by `N` of their bytes at `STEP` neighbouring places.
#[derive(Default)]
struct Table<const N: usize, const STEP: usize> {
    bits: Vec<u64>,
    shift: u32,
    texts: Box<[(Box<[u8]>, AtomId)]>,
    /// In the order of their bytes.
    chosen: Box<[Chosen]>,
    /// Bytes → the range of `chosen` that has them.
    ranges: HashMap<u32, (u32, u32), RandomState>,
}

/// Chosen bytes of a text.
struct Chosen {
    /// The bytes as [`word`] reads them.
    gram: u32,
    /// Their distance from the start of the text.
    offset: u32,
    /// Position of the text among the table's.
    text: u32,
}

impl Grams {
    /// Each text with the atom to report. Texts shorter than [`SHORTEST`] must not be given.
    pub(super) fn new(texts: Vec<(Box<[u8]>, AtomId)>) -> Self {
        let (long, rest): (Vec<_>, Vec<_>) =
            texts.into_iter().partition(|(text, _)| text.len() >= STRIDE + 3);
        let (middle, short) = rest.into_iter().partition(|(text, _)| text.len() >= 4);
        Grams { long: Table::new(long), middle: Table::new(middle), short: Table::new(short) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.long.bits.is_empty() && self.middle.bits.is_empty() && self.short.bits.is_empty()
    }

    /// Reports the atoms of all texts that stand in `value`, some perhaps more than once.
    pub(super) fn find(&self, value: &[u8], mut report: impl FnMut(AtomId)) {
        self.long.find(value, &mut report);
        self.middle.find(value, &mut report);
        self.short.find(value, &mut report);
    }

    /// Whether a text may stand in a value with these ASCII bytes, whatever their letter case.
    /// Wrong only in finding too much.
    pub(super) fn may_find(&self, value: &[u8]) -> bool {
        self.long.may_find(value) || self.middle.may_find(value) || self.short.may_find(value)
    }
}

impl<const N: usize, const STEP: usize> Table<N, STEP> {
    fn new(texts: Vec<(Box<[u8]>, AtomId)>) -> Self {
        if texts.is_empty() {
            return Self::default();
        }
        let size = (texts.len() * STEP * 32).next_power_of_two().clamp(1 << 10, 1 << 18);
        let shift = 32 - size.trailing_zeros();
        let mut bits = vec![0u64; size / 64];
        let mut chosen = Vec::with_capacity(texts.len() * STEP);
        for (at, (text, _)) in texts.iter().enumerate() {
            let rarest = rarest::<N, STEP>(text);
            for offset in rarest..rarest + STEP {
                let gram = word(&text[offset..offset + N]);
                let bit = hash(gram, shift);
                bits[bit / 64] |= 1 << (bit % 64);
                chosen.push(Chosen { gram, offset: offset as u32, text: at as u32 });
            }
        }
        chosen.sort_unstable_by_key(|one| one.gram);
        let mut ranges = HashMap::with_capacity_and_hasher(chosen.len(), RandomState::default());
        let mut from = 0;
        for list in chosen.chunk_by(|one, next| one.gram == next.gram) {
            let to = from + list.len() as u32;
            ranges.insert(list[0].gram, (from, to));
            from = to;
        }
        Table { bits, shift, texts: texts.into(), chosen: chosen.into(), ranges }
    }

    #[inline]
    fn has(&self, gram: u32) -> bool {
        let bit = hash(gram, self.shift);
        self.bits[bit / 64] >> (bit % 64) & 1 != 0
    }

    #[inline]
    fn find(&self, value: &[u8], report: &mut impl FnMut(AtomId)) {
        if self.bits.is_empty() {
            return;
        }
        let mut rest = value;
        while let Some(window) = rest.first_chunk::<N>() {
            let gram = word(window);
            if self.has(gram) {
                self.look(value, value.len() - rest.len(), gram, report);
            }
            rest = &rest[STEP..];
        }
    }

    #[inline]
    fn may_find(&self, value: &[u8]) -> bool {
        if self.bits.is_empty() {
            return false;
        }
        let mut rest = value;
        while let Some(window) = rest.first_chunk::<N>() {
            if self.has(word(window)) {
                return true;
            }
            rest = &rest[STEP..];
        }
        false
    }

    #[inline(never)]
    fn look(&self, value: &[u8], at: usize, gram: u32, report: &mut impl FnMut(AtomId)) {
        let Some(&(from, to)) = self.ranges.get(&gram) else { return };
        for one in &self.chosen[from as usize..to as usize] {
            let Some(start) = at.checked_sub(one.offset as usize) else { continue };
            let (text, atom) = &self.texts[one.text as usize];
            if value.get(start..start + text.len()) == Some(&**text) {
                report(*atom);
            }
        }
    }
}

/// The bytes as a number that is the same for letters of either case. Some other bytes fall
/// together too, which the comparison sorts out.
#[inline]
fn word(bytes: &[u8]) -> u32 {
    match *bytes {
        [a, b, c, d] => u32::from_le_bytes([a, b, c, d]) | 0x2020_2020,
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]) | 0x2020_2020,
        _ => 0,
    }
}

#[inline]
fn hash(gram: u32, shift: u32) -> usize {
    (gram.wrapping_mul(0x9e37_79b1) >> shift) as usize
}

/// The place in the text at which `STEP` neighbouring groups of `N` bytes are rarest.
fn rarest<const N: usize, const STEP: usize>(text: &[u8]) -> usize {
    let weight = |window: &[u8]| match *window {
        [a, b, c, d] => rarity::gram_weight([a, b, c, d]),
        _ => 0,
    };
    let weights: Vec<u32> = text.windows(N).map(weight).collect();
    let sums = weights.windows(STEP).map(|window| window.iter().sum::<u32>()).enumerate();
    sums.min_by_key(|(_, sum)| *sum).map_or(0, |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str], value: &str) -> Vec<AtomId> {
        let texts = texts.iter().enumerate();
        let grams = Grams::new(texts.map(|(at, t)| (t.as_bytes().into(), at as u32)).collect());
        let mut found = Vec::new();
        grams.find(value.as_bytes(), |atom| found.push(atom));
        found.sort_unstable();
        found.dedup();
        found
    }

    #[test]
    fn texts_are_found_at_the_start_in_the_middle_and_at_the_end() {
        assert_eq!(found(&["abcd", "cde", "efgh", "xyz"], "abcdefgh"), [0, 1, 2]);
    }

    proptest::proptest! {
        #[test]
        fn exactly_the_texts_that_stand_in_the_value_are_found(
            texts in proptest::collection::vec("[abc\\\\.]{3,9}", 1..20),
            value in "[abc\\\\.]{0,40}",
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let expected: Vec<AtomId> = (0..texts.len())
                .filter(|at| value.contains(texts[*at]))
                .map(|at| at as AtomId)
                .collect();
            proptest::prop_assert_eq!(found(&texts, &value), expected);
        }
    }
}
