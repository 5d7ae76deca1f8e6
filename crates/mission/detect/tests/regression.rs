//! The public rules on the samples that come with them, read straight from EVTX.

mod common;

use std::{collections::HashMap, sync::Arc};

use detect::{Detail, Scanner, Wanted};
use event::Catalogue;
use oracle::testdata::{RegressionCase, regression_cases, rules};
use sigma::{Engine, RuleSet};

fn text_to_json(line: &[u8], out: &mut Vec<u8>) -> Result<bool, String> {
    event::text::to_json(line, out).map_err(|damage| damage.to_string())
}

/// How often each rule held on the sample, by id.
fn matches(
    case: &RegressionCase,
    engine: &Arc<Engine>,
    catalogue: &Arc<Catalogue>,
) -> HashMap<String, usize> {
    let wanted = Arc::new(Wanted::default());
    let mut scanner = Scanner::new(catalogue.clone(), engine.clone(), wanted, Detail::Brief);
    let (sender, receiver) = crossbeam_channel::unbounded();
    let input = if case.evtx.is_empty() { &case.raw } else { &case.evtx };
    let mut problems = Vec::new();
    ingest::read_from(
        &case.name,
        &mut input.as_slice(),
        &ingest::Options { text: Some(text_to_json), ..ingest::Options::default() },
        &ingest::Progress::default(),
        &sender,
        &mut |problem| problems.push(problem),
    );
    drop(sender);
    let mut findings = Vec::new();
    for batch in receiver {
        let unpacked = batch.unpack();
        for (position, record) in unpacked.iter() {
            scanner.record(record, &unpacked.file, position, &mut findings);
        }
        problems.extend(unpacked.problems.clone());
    }
    assert!(problems.is_empty(), "{}: {problems:?}", case.name);
    let mut counts = HashMap::new();
    for finding in findings {
        *counts.entry(engine.rules().rule(finding.rule).meta.id.clone()).or_default() += 1;
    }
    counts
}

#[test]
fn the_named_rule_fires_in_every_regression_sample() {
    let (cases, texts) = match (regression_cases(), rules()) {
        (Ok(cases), Ok(texts)) => (cases, texts),
        (Err(missing), _) | (_, Err(missing)) => {
            assert!(std::env::var_os("CI").is_none(), "{missing}");
            eprintln!("left out: {missing}");
            return;
        }
    };
    let parsed = texts
        .iter()
        .map(|(name, text)| sigma::parse::file(&name.as_str().into(), text, &Default::default()));
    let engine = Arc::new(Engine::new(Arc::new(RuleSet::new(parsed))));
    let catalogue = common::catalogue();
    let quiet: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let found = matches(case, &engine, &catalogue).remove(&case.rule_id).unwrap_or(0);
            let expected = case.match_count.unwrap_or(1);
            (found < expected).then(|| format!("{}: {found} of {expected}", case.name))
        })
        .collect();
    assert_eq!(cases.len(), 99);
    assert!(quiet.is_empty(), "{} of 99 too quiet:\n{}", quiet.len(), quiet.join("\n"));
}
