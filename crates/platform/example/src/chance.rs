//! Seeded draws. Each purpose has a stream of its own, so that a larger sector keeps the smaller
//! one's draws. The generator is written out here because a library's may change with its version,
//! and a seed has to mean the same next year.

/// A stream of draws.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64);

/// Finalising mix of SplitMix64 (Steele, Lea, Flood 2014).
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Chance {
    /// The stream of `seed` for a purpose and the thing it is for.
    pub(crate) fn new(seed: u64, purpose: &str, of: &str) -> Self {
        let texts = purpose.bytes().chain([0]).chain(of.bytes());
        let start = texts.fold(mix(seed), |bits, byte| mix(bits ^ u64::from(byte)));
        Self(start)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// From 0 up to but not 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From 0 up to but not `end`; 0 if `end` is.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.bits()) * end as u128) >> 64) as usize
    }

    /// From the first to the last, both included.
    pub(crate) fn between(&mut self, (first, last): (usize, usize)) -> usize {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// True with this probability.
    pub(crate) fn happens(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A standard normal number (Box and Muller), within four standard deviations.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        (radius * (std::f64::consts::TAU * self.unit()).cos()).clamp(-4.0, 4.0)
    }

    /// A log-normal number with median 1.
    pub(crate) fn factor(&mut self, spread: f64) -> f64 {
        (spread * self.normal()).exp()
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }

    /// The position of one of the weights, with a probability in proportion to it.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut left = self.unit() * weights.iter().sum::<f64>();
        for (at, weight) in weights.iter().enumerate() {
            if left < *weight {
                return at;
            }
            left -= weight;
        }
        weights.len().saturating_sub(1)
    }
}

/// Whole numbers in proportion to the weights, whose sum is `total` exactly (largest remainder;
/// of equal remainders the earlier first). All zero if no weight is positive.
pub(crate) fn apportion(total: u64, weights: &[f64]) -> Vec<u64> {
    let sum: f64 = weights.iter().sum();
    if sum <= 0.0 {
        return vec![0; weights.len()];
    }
    let exact: Vec<f64> = weights.iter().map(|weight| total as f64 * weight / sum).collect();
    let mut whole: Vec<u64> = exact.iter().map(|share| share.floor() as u64).collect();
    let mut order: Vec<usize> = (0..weights.len()).filter(|&at| weights[at] > 0.0).collect();
    order.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let left = total.saturating_sub(whole.iter().sum()) as usize;
    for &at in order.iter().cycle().take(left) {
        whole[at] += 1;
    }
    whole
}

/// Counts that sum to the number of `places`, as a shuffled list of positions in `weights`.
pub(crate) fn deal(chance: &mut Chance, places: usize, weights: &[f64]) -> Vec<usize> {
    let counts = apportion(places as u64, weights);
    let mut dealt: Vec<usize> = counts
        .iter()
        .enumerate()
        .flat_map(|(at, &count)| std::iter::repeat_n(at, count as usize))
        .collect();
    chance.shuffle(&mut dealt);
    dealt
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_apportioned_is_all_there_and_nearly_in_proportion(
            total in 0_u64..5_000_000,
            weights in prop::collection::vec(0.0_f64..1000.0, 1..200),
        ) {
            let parts = apportion(total, &weights);
            let sum: f64 = weights.iter().sum();
            prop_assume!(sum > 0.0);
            prop_assert_eq!(parts.iter().sum::<u64>(), total);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!((*part as f64 - total as f64 * weight / sum).abs() <= 1.001);
            }
        }
    }

    #[test]
    fn nothing_is_given_where_no_weight_is() {
        assert_eq!(apportion(7, &[0.0, 2.0, 0.0, 1.0]), [0, 5, 0, 2]);
        assert_eq!(apportion(7, &[0.0, 0.0]), [0, 0]);
        assert!(apportion(7, &[]).is_empty());
    }

    #[test]
    fn a_seed_means_the_same_for_ever() {
        let mut chance = Chance::new(7, "purpose", "thing");
        let drawn: Vec<usize> = (0..6).map(|_| chance.below(1000)).collect();
        insta::assert_debug_snapshot!(drawn);
    }

    #[test]
    fn purposes_and_things_have_streams_of_their_own() {
        let first = |purpose, of| Chance::new(1, purpose, of).bits();
        let drawn = [first("a", "b"), first("ab", ""), first("", "ab"), first("a", "c")];
        let mut different = drawn.to_vec();
        different.sort_unstable();
        different.dedup();
        assert_eq!(different.len(), drawn.len());
    }

    #[test]
    fn normal_numbers_have_mean_zero_and_deviation_one() {
        let mut chance = Chance::new(3, "normal", "");
        let drawn: Vec<f64> = (0..20_000).map(|_| chance.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let square = drawn.iter().map(|x| x * x).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (square - 1.0).abs() < 0.04, "{mean} {square}");
    }
}
