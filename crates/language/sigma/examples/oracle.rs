//! The long comparison of the engine with the slow interpreter over the public rule set:
//! `cargo run --release -p sigma --example oracle -- --comparisons 5000000`.
#![allow(clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use common::compare::{Outcome, Pair, compare};

fn argument(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)?.parse().ok()
}

fn main() -> ExitCode {
    let comparisons = argument("--comparisons").unwrap_or(5_000_000);
    let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    let seed = argument("--seed").unwrap_or_else(clock);
    let texts = match oracle::testdata::rules() {
        Ok(texts) => texts,
        Err(missing) => {
            eprintln!("{missing}");
            return ExitCode::from(2);
        }
    };
    let pair = Pair::new(&texts);
    let catalogue = common::catalogue();
    let mut total = Outcome::default();
    let mut round = 0;
    while total.comparisons < comparisons && total.differences.is_empty() {
        let sample =
            move |at: usize, other: usize| (at * 31 + other + round as usize).is_multiple_of(29);
        let left = comparisons - total.comparisons;
        let outcome = compare(&pair, &catalogue, seed + round * 1_000_003, 4, sample, left);
        total.events += outcome.events;
        total.comparisons += outcome.comparisons;
        total.matches += outcome.matches;
        total.differences.extend(outcome.differences);
        round += 1;
    }
    println!(
        "{} rules, seed {seed}: {} events, {} comparisons, {} matches, {} differences",
        pair.set.rules().len(),
        total.events,
        total.comparisons,
        total.matches,
        total.differences.len()
    );
    for difference in &total.differences {
        println!("{difference}");
    }
    ExitCode::from(u8::from(!total.differences.is_empty()))
}
