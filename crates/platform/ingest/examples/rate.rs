//! Measures reading: `cargo run --release -p ingest --example rate -- PATH…` prints the rates of
//! the reader alone, and of the reader with one worker that unpacks every batch.
#![allow(clippy::print_stdout)]

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use ingest::{Batch, Input, Options, Progress, read};

fn main() {
    let inputs: Vec<Input> =
        std::env::args_os().skip(1).map(|path| Input::Path(path.into())).collect();
    for unpacks in [false, true] {
        let started = Instant::now();
        let (sender, receiver) = crossbeam_channel::bounded::<Batch>(8);
        let progress = Progress::default();
        let worker = std::thread::spawn(move || {
            let (mut records, mut bytes, mut json) = (0_u64, 0_u64, 0_u64);
            let mut busy = Duration::ZERO;
            for batch in receiver {
                bytes += batch.len() as u64;
                let begun = Instant::now();
                if unpacks {
                    let unpacked = batch.unpack();
                    records += unpacked.records.len() as u64;
                    json += unpacked.iter().map(|(_, text)| text.len() as u64).sum::<u64>();
                }
                busy += begun.elapsed();
            }
            (records, bytes, json, busy)
        });
        let mut problems = 0;
        let options = Options::default();
        let summary = read(&inputs, &options, &progress, &sender, &mut |_| problems += 1);
        drop(sender);
        let (records, bytes, json, busy) = worker.join().expect("the worker does not panic");
        let seconds = started.elapsed().as_secs_f64();
        println!(
            "{} {:.2} s, {} files, {} problems, {:.0} MB/s from disk, {:.0} MB/s unpacked, \
             {records} records of {json} bytes, {:.0} records/s of worker time",
            if unpacks { "reader and worker:" } else { "reader alone:     " },
            seconds,
            summary.files_read,
            problems,
            progress.bytes_done.load(Relaxed) as f64 / 1e6 / seconds,
            bytes as f64 / 1e6 / seconds,
            records as f64 / busy.as_secs_f64(),
        );
    }
}
