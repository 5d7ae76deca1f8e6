#!/usr/bin/env bash
# One fuzz target, coverage guided, with the stable compiler: fuzz/run.sh <target> [seconds]
# FUZZ_SEEDS: another folder of seeds, for samples that may not be kept here.
set -euo pipefail
cd "$(dirname "$0")"
target=${1:?which target: json, text, catalogue, rule, correlation, engine, ingest, evtx, syslog, hec or otlp}
seconds=${2:-600}
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
 -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --release --locked --features fuzzing --bin "$target" --target "$host"
mkdir -p "corpus/$target"
built=${CARGO_TARGET_DIR:-target}
exec "$built/$host/release/$target" "corpus/$target" "../fixtures/fuzz/$target" ${FUZZ_SEEDS:+"$FUZZ_SEEDS"} \
  -max_total_time="$seconds" -rss_limit_mb=2048 -timeout=10 -max_len=65536 -artifact_prefix="corpus/$target-"
