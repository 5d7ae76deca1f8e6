//! Events a second of the engine alone, on one core: lines of JSON in, matches counted.
//!
//! `cargo run --release -p sigma --example matching -- LANE.ndjson RULES_FOLDER [ROUNDS]`.
//! With `--by-rule` it prints how often each rule held, with `--kinds` how many rules events of
//! each kind face, and how many of these have no trigger.
#![allow(clippy::print_stdout)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::{collections::BTreeMap, path::Path, process::ExitCode, sync::Arc, time::Instant};

use event::Reader;
use sigma::{Engine, Matcher, RuleSet};

fn main() -> ExitCode {
    let (flags, words): (Vec<String>, Vec<String>) =
        std::env::args().skip(1).partition(|argument| argument.starts_with("--"));
    let [lane, folder, rest @ ..] = words.as_slice() else {
        eprintln!("usage: matching LANE.ndjson RULES_FOLDER [ROUNDS] [--by-rule] [--kinds]");
        return ExitCode::from(2);
    };
    let has = |name: &str| flags.iter().any(|flag| flag == name);
    let rounds: u32 = rest.first().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let lines = match std::fs::read(lane) {
        Ok(lines) => lines,
        Err(error) => {
            eprintln!("{lane}: {error}");
            return ExitCode::from(2);
        }
    };
    let mut texts = Vec::new();
    common::files(Path::new(folder), "yml", &mut texts);
    let parsed = texts
        .iter()
        .map(|(name, text)| sigma::parse::file(&name.as_str().into(), text, &Default::default()));
    let engine = Arc::new(Engine::new(Arc::new(RuleSet::new(parsed))));
    let catalogue = common::catalogue();
    let mut reader = Reader::new(catalogue.clone());
    let mut matcher = Matcher::new(engine.clone());
    for round in 1..=rounds {
        let counts = round_of(&lines, &mut reader, &mut matcher, &engine);
        if has("--by-rule") && round == rounds {
            counts.iter().for_each(|(rule, count)| println!("{count} {rule}"));
        }
    }
    if has("--kinds") {
        for kind in catalogue.kinds() {
            let program = engine.program(&kind);
            println!(
                "{}: {} rules, {} without trigger",
                kind.label(),
                program.rules(),
                program.untriggered()
            );
        }
    }
    ExitCode::SUCCESS
}

fn round_of(
    lines: &[u8],
    reader: &mut Reader,
    matcher: &mut Matcher,
    engine: &Engine,
) -> BTreeMap<String, u64> {
    let (mut events, mut matches) = (0u64, 0u64);
    let mut counts = vec![0u64; engine.rules().rules().len()];
    let mut fields = Vec::new();
    let (start, mut from) = (Instant::now(), 0);
    for end in memchr::memchr_iter(b'\n', lines) {
        let line = &lines[from..end];
        from = end + 1;
        let Ok(kind) = reader.json(line, &mut fields) else { continue };
        events += 1;
        for rule in matcher.matches(reader.event(kind, &fields)) {
            matches += 1;
            counts[rule.0 as usize] += 1;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let rate = events as f64 / seconds;
    let megabytes = lines.len() as f64 / seconds / 1e6;
    println!("{events} events, {matches} matches, {rate:.0} events/s, {megabytes:.0} MB/s");
    let rules = engine.rules().iter().zip(counts).filter(|(_, count)| *count > 0);
    rules.map(|((_, rule), count)| (rule.meta.id.clone(), count)).collect()
}
