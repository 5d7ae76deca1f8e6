//! What a folder of rules would bring, told before it is used. In: the folder's files, the rules
//! in force, lately accepted events. Out: what could be used, what not and why, what is there
//! already, and how often the new rules would have fired. Pure.

use std::collections::{HashMap, HashSet};

use bus::Batch;
use sigma::{Parsed, Refused, RuleSet};
use terms::{Level, Timestamp};

use crate::watch::{Evaluator, LiveRules};

/// What a folder would bring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Files in it.
    pub files: u64,
    /// Rules that can be used and whose ids are not taken.
    pub usable: Vec<Usable>,
    /// Documents that cannot be used, and files that could not be read.
    pub refused: Vec<Refused>,
    /// Documents that Ward reads but does not run yet.
    pub not_yet: Vec<Refused>,
    /// Oddities of documents that can be used.
    pub notes: Vec<Refused>,
    /// Rules left out because another of the same id is in force.
    pub known: Vec<Known>,
    /// Filters, which narrow rules of all folders.
    pub filters: u64,
}

/// A rule that can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usable {
    /// Its id, as alerts would name it.
    pub id: String,
    /// One line.
    pub title: String,
    /// Severity.
    pub level: Level,
    /// The file it stands in, and the line.
    pub file: String,
    /// The line, from 1 on.
    pub line: u32,
}

/// A rule whose id another rule in force has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The rule.
    pub rule: Usable,
    /// Where the one in force stands.
    pub used_by: String,
    /// Whether both look for the same.
    pub is_same: bool,
}

/// How often rules fired on events that came lately.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// Events tried.
    pub events: u64,
    /// When the first of them was received.
    pub from: Option<Timestamp>,
    /// When the last was.
    pub to: Option<Timestamp>,
    /// How often each rule held, by id; only those that did.
    pub fired: HashMap<String, u64>,
}

/// Looks a folder through: `parsed` of its files, beside the rules `in_force`. Rules in force
/// whose file begins with `replaced` would go, so their ids are free.
pub fn report(parsed: Vec<Parsed>, in_force: &LiveRules, replaced: &str) -> (Report, RuleSet) {
    let files = parsed.len() as u64;
    let mut set = RuleSet::new(parsed);
    let taken: HashMap<&str, (&str, &str)> = in_force
        .set()
        .rules()
        .iter()
        .zip(in_force.texts())
        .filter(|(rule, _)| !rule.meta.file.starts_with(replaced))
        .map(|(rule, text)| (text.id.as_str(), (&*rule.meta.file, text.version.as_str())))
        .collect();
    let mut out = Report { files, filters: set.filters as u64, ..Report::default() };
    out.refused = std::mem::take(&mut set.refused);
    out.not_yet = std::mem::take(&mut set.not_yet);
    out.not_yet.extend(set.correlations().list().iter().map(|one| Refused {
        file: one.correlation.meta.file.clone(),
        line: one.correlation.meta.line,
        title: one.correlation.meta.title.clone(),
        reason: "correlations are run by ward scan, not yet by the watch".to_owned(),
    }));
    out.notes = std::mem::take(&mut set.notes);
    let mut left_out = HashSet::new();
    for rule in set.rules() {
        let text = crate::watch::live::text(rule);
        let meta = &rule.meta;
        let usable = Usable {
            id: text.id,
            title: meta.title.clone(),
            level: meta.level,
            file: meta.file.to_string(),
            line: meta.line,
        };
        match taken.get(usable.id.as_str()) {
            None => out.usable.push(usable),
            Some((file, version)) => {
                left_out.insert((meta.file.clone(), meta.line));
                let is_same = *version == text.version;
                out.known.push(Known { rule: usable, used_by: (*file).to_owned(), is_same });
            }
        }
    }
    set.retain(|rule| !left_out.contains(&(rule.meta.file.clone(), rule.meta.line)));
    (out, set)
}

/// Tries rules on events. Costs what evaluating them costs; give a few mebibytes.
pub fn trial(rules: LiveRules, batches: &[Batch]) -> Trial {
    let mut evaluator = Evaluator::new(std::sync::Arc::new(rules));
    let mut trial = Trial::default();
    for batch in batches {
        let evaluated = evaluator.batch(batch);
        trial.events += u64::from(batch.count);
        trial.from = trial.from.or(Some(batch.received_at));
        trial.to = Some(batch.received_at);
        for signal in evaluated.signals {
            *trial.fired.entry(signal.rule.id.clone()).or_default() += 1;
        }
    }
    trial
}
