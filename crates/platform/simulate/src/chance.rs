//! Chance that is the same everywhere: SplitMix64 (Steele, Lea and Flood, 2014), written out here
//! because a library may change its generator, and then every golden file would change with it.

/// A stream of numbers that a seed decides.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream of this seed.
    pub fn new(seed: u64) -> Self {
        Chance(seed)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        scramble(self.0)
    }

    /// A number below `bound`; 0 if `bound` is 0. High bits decide, so small bounds are fair.
    pub fn below(&mut self, bound: u64) -> u64 {
        below(self.draw(), bound)
    }

    /// A number from 0 up to, but not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number that `a` and `b` decide together. Not symmetric.
#[inline]
pub fn mix(a: u64, b: u64) -> u64 {
    scramble(a.wrapping_add(STEP) ^ scramble(b.wrapping_mul(STEP) ^ STEP))
}

/// A number that a text decides.
pub fn of_text(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| mix(hash, u64::from(byte)))
}

/// Scales a number of 64 bits to one below `bound`.
#[inline]
pub fn below(number: u64, bound: u64) -> u64 {
    ((u128::from(number) * u128::from(bound)) >> 64) as u64
}

#[inline]
fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_of_a_seed_is_the_published_one() {
        // First outputs of SplitMix64 seeded with 1234567, as in the paper's reference program.
        let mut chance = Chance::new(1_234_567);
        let first: Vec<u64> = (0..3).map(|_| chance.draw()).collect();
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn numbers_below_a_bound_reach_both_ends() {
        let mut chance = Chance::new(7);
        let mut met = [false; 5];
        (0..200).for_each(|_| met[chance.below(5) as usize] = true);
        assert_eq!(met, [true; 5]);
        assert_eq!(chance.below(0), 0);
    }
}
