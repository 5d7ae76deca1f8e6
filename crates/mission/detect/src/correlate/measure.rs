//! Numbers of a window: sum, mean, percentile, median.

use sigma::correlation::Type;

/// What the type makes of the values of a window, which are in the order of time and not none.
pub(super) fn measure(kind: Type, values: &mut [f64]) -> f64 {
    let count = values.len();
    match kind {
        Type::ValueSum => values.iter().sum(),
        Type::ValueAvg => values.iter().sum::<f64>() / count as f64,
        Type::ValueMedian => {
            values.sort_unstable_by(f64::total_cmp);
            (values[(count - 1) / 2] + values[count / 2]) / 2.0
        }
        Type::ValuePercentile(percent) => {
            values.sort_unstable_by(f64::total_cmp);
            // The nearest rank; the least value for 0.
            let rank = (count * usize::from(percent)).div_ceil(100).max(1);
            values[rank - 1]
        }
        Type::EventCount | Type::ValueCount | Type::Temporal | Type::TemporalOrdered => {
            count as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_least_value_that_so_many_per_cent_do_not_exceed() {
        for (percent, expected) in
            [(0, 1.0), (25, 1.0), (26, 2.0), (50, 2.0), (51, 3.0), (100, 9.0)]
        {
            let measured = measure(Type::ValuePercentile(percent), &mut [9.0, 1.0, 3.0, 2.0]);
            assert_eq!(measured, expected, "{percent}");
        }
    }

    #[test]
    fn the_median_of_an_even_number_of_values_is_the_mean_of_the_middle_two() {
        assert_eq!(measure(Type::ValueMedian, &mut [9.0, 1.0, 3.0, 2.0]), 2.5);
        assert_eq!(measure(Type::ValueMedian, &mut [9.0, 1.0, 3.0]), 3.0);
    }
}
