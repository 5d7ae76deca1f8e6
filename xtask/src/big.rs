//! Bounded memory: a stream larger than the machine's memory through `ward scan -`.

use anyhow::{Result, bail};

use crate::run::{cargo, measured, target, test_data};

/// More memory than this is too much, however large the input.
const MOST_KB: u64 = 200 * 1024;

/// Streams so many gigabytes of made-up events and tells rate and peak memory.
pub(crate) fn big(gigabytes: u64) -> Result<()> {
    cargo(&["build", "--release", "--locked", "-p", "ward"])?;
    let ward = target().join("release/ward");
    let script = test_data()?.join("bench/gen_lane.py");
    let sample = target().join("big.ndjson");
    let make = format!(
        "[ -f '{0}' ] || python3 '{1}' --count 1000000 > '{0}'",
        sample.display(),
        script.display()
    );
    measured("0,1", &make, 0)?;
    let rounds = (gigabytes * 1_000_000_000).div_ceil(std::fs::metadata(&sample)?.len().max(1));
    let line = format!(
        "for i in $(seq {rounds}); do cat '{}'; done | '{}' scan --quiet --no-progress --format table - > /dev/null",
        sample.display(),
        ward.display()
    );
    let cost = measured("0,1", &line, 1)?;
    println!(
        "{gigabytes} GB in {:.0} s ({:.0} MB/s), peak memory {} MB",
        cost.wall_s,
        gigabytes as f64 * 1e3 / cost.wall_s,
        cost.peak_kb / 1024
    );
    if cost.peak_kb > MOST_KB {
        bail!("more than {} MB of memory", MOST_KB / 1024);
    }
    Ok(())
}
