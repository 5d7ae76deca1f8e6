//! Names put together from words, each once, and each marked as an example.

use crate::{catalogue::Names, chance::Chance};

/// The numbers below `total` in an order that looks drawn and repeats none: steps of a size that
/// has no divisor in common with `total`.
#[derive(Clone, Copy, Debug)]
struct Order {
    total: usize,
    step: usize,
    start: usize,
}

impl Order {
    fn new(chance: &mut Chance, total: usize) -> Self {
        let mut step = 1 + chance.below(total);
        while common_divisor(step, total) != 1 {
            step += 1;
        }
        Self { total, step, start: chance.below(total) }
    }

    /// The `n`-th number, and how often all have been given before.
    fn at(self, n: usize) -> (usize, usize) {
        let product = (n % self.total) as u128 * self.step as u128 + self.start as u128;
        ((product % self.total as u128) as usize, n / self.total)
    }
}

fn common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { common_divisor(b, a % b) }
}

/// Combinations of one word of each of three lists, in an order of their own.
#[derive(Clone, Debug)]
pub(crate) struct Combinations<'n> {
    lists: [&'n [String]; 3],
    order: Order,
    given: usize,
}

impl<'n> Combinations<'n> {
    pub(crate) fn new(chance: &mut Chance, lists: [&'n [String]; 3]) -> Self {
        let total = lists.iter().map(|list| list.len()).product();
        Self { lists, order: Order::new(chance, total), given: 0 }
    }

    /// The next combination, and a number to tell it from an earlier one when all are used up:
    /// nothing at first, then ` 2`, ` 3`.
    pub(crate) fn next(&mut self) -> ([&'n str; 3], String) {
        let (mut at, round) = self.order.at(self.given);
        self.given += 1;
        let words = self.lists.map(|list| {
            let word = &list[at % list.len()];
            at /= list.len();
            word.as_str()
        });
        let number = if round == 0 { String::new() } else { format!(" {}", round + 1) };
        (words, number)
    }
}

/// All places that the words give, shuffled.
pub(crate) fn places(names: &Names, seed: u64) -> Vec<String> {
    let beginnings = names.place_beginnings.iter();
    let mut places: Vec<String> = beginnings
        .flat_map(|beginning| {
            names.place_endings.iter().map(move |end| format!("{beginning}{end}"))
        })
        .collect();
    places.sort();
    places.dedup();
    Chance::new(seed, "places", "").shuffle(&mut places);
    places
}

/// A postcode nobody has: no postcode area has Q first or Z second.
pub(crate) fn postcode(seed: u64, of: &str) -> String {
    const INWARD: &[u8] = b"ABDEFGHJLNPQRSTUWXYZ";
    let mut chance = Chance::new(seed, "postcode", of);
    let district = 1 + chance.below(99);
    let sector = chance.below(10);
    let mut letter = || char::from(INWARD[chance.below(INWARD.len())]);
    format!("QZ{district} {sector}{}{}", letter(), letter())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn words(count: usize, prefix: &str) -> Vec<String> {
        (0..count).map(|n| format!("{prefix}{n}")).collect()
    }

    #[test]
    fn combinations_repeat_only_with_a_number() {
        for (a, b, c) in [(1, 1, 1), (4, 6, 10), (24, 8, 30), (7, 7, 1)] {
            let (a, b, c) = (words(a, "a"), words(b, "b"), words(c, "c"));
            let total = a.len() * b.len() * c.len();
            let mut chance = Chance::new(5, "names", "");
            let mut made = Combinations::new(&mut chance, [&a, &b, &c]);
            let all: HashSet<_> = (0..total * 2).map(|_| made.next()).collect();
            assert_eq!(all.len(), total * 2);
            assert_eq!(all.iter().filter(|(_, number)| number.is_empty()).count(), total);
        }
    }

    #[test]
    fn a_postcode_has_the_shape_of_one_and_no_real_area() {
        let code = postcode(1, "XET001");
        let (out, inward) = code.split_once(' ').expect("two parts");
        assert!(out.starts_with("QZ") && (3..=4).contains(&out.len()), "{code}");
        assert!(inward.len() == 3 && inward.starts_with(|c: char| c.is_ascii_digit()), "{code}");
    }
}
