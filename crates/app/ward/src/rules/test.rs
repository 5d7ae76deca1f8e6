//! `ward rules test`: rules tried on the cases that stand beside them. Each hit must fire, each
//! near miss must not, and why not is told.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, bail};
use detect::cases::{Case, Outcome, Story, tell, try_case};
use event::Catalogue;
use serde::Deserialize;
use serde_json::value::RawValue;
use sigma::{Engine, Explanation, RuleId, RuleSet, explain::BodySaid};
use walkdir::WalkDir;

use super::print;
use crate::{
    cli::TestArgs,
    embedded,
    exit::Exit,
    load,
    term::{
        Look, count, counted,
        paint::{Paint, paint},
        safe,
        wrap::hanging,
    },
};

/// `<rule>.cases.json` as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    rule: String,
    hits: Vec<WrittenCase>,
    near_misses: Vec<WrittenCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCase {
    name: String,
    #[serde(default)]
    why: String,
    /// For a rule.
    event: Option<Box<RawValue>>,
    /// For a correlation: what happens, in any order.
    #[serde(default)]
    events: Vec<Box<RawValue>>,
}

/// A case, and why it is expected to come out so.
pub(crate) struct Expected {
    pub(crate) case: Case,
    /// What happens together; then the case's own event is empty.
    pub(crate) events: Vec<String>,
    pub(crate) why: String,
}

/// Cases by the id of their rule, with the file they are in.
type Cases = BTreeMap<String, (String, Vec<Expected>)>;

const ENDING: &str = ".cases.json";

/// Runs it.
pub(crate) fn command(args: &TestArgs) -> Result<Exit> {
    let paths: Vec<PathBuf> = args.folder.iter().cloned().collect();
    let rules = load::all_rules(&paths, &[])?;
    let catalogue = load::catalogue(&args.catalogue)?;
    let cases = match &args.folder {
        None => cases(embedded::cases())?,
        Some(folder) => cases(files(folder)?)?,
    };
    let look = Look::of_stdout(args.color, false);
    let engine = Arc::new(Engine::new(Arc::new(rules.set)));
    let tally = run(&engine, &catalogue, &cases, look);
    print(&tally.text(engine.rules(), &rules.origin, look))?;
    Ok(if tally.all_hold(engine.rules()) { Exit::Nothing } else { Exit::Found })
}

fn files(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.with_context(|| format!("cannot list {}", folder.display()))?;
        if entry.file_name().to_string_lossy().ends_with(ENDING) {
            let name = entry.path().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(entry.path())
                .with_context(|| format!("cannot read {name}"))?;
            files.push((name, text));
        }
    }
    if files.is_empty() {
        bail!(
            "no *{ENDING} in {}; ward rules test --help shows how to write them",
            folder.display()
        );
    }
    Ok(files)
}

fn cases(files: Vec<(String, String)>) -> Result<Cases> {
    let mut all = Cases::new();
    for (name, text) in files {
        let written: Written = serde_json::from_str(&text).with_context(|| {
            format!(
                "cannot read the cases in {name}; ward rules test --help shows how to write them"
            )
        })?;
        let expected = |fires| {
            move |one: WrittenCase| Expected {
                case: Case {
                    name: one.name,
                    fires,
                    event: one.event.map(|event| event.get().to_owned()).unwrap_or_default(),
                },
                events: one.events.iter().map(|event| event.get().to_owned()).collect(),
                why: one.why,
            }
        };
        let hits = written.hits.into_iter().map(expected(true));
        let list = hits.chain(written.near_misses.into_iter().map(expected(false))).collect();
        if let Some((first, _)) = all.insert(written.rule.clone(), (name.clone(), list)) {
            bail!("{name} and {first} hold cases of one rule, {}; put them together", written.rule);
        }
    }
    Ok(all)
}

/// What came of all cases.
#[derive(Default)]
struct Tally {
    tried: u64,
    failed: u64,
    /// Rules with at least one hit and one near miss.
    complete: u64,
    without: Vec<RuleId>,
    /// What to print of each failure.
    failures: String,
    /// Cases of rules that are not there.
    strays: Vec<String>,
}

fn run(engine: &Arc<Engine>, catalogue: &Arc<Catalogue>, cases: &Cases, look: Look) -> Tally {
    let set = engine.rules();
    let mut tally = Tally::default();
    for (id, meta) in (0..).map(RuleId).zip(set.metas()) {
        let Some((file, list)) = cases.get(&meta.id) else {
            tally.without.push(id);
            continue;
        };
        let has = |fires| list.iter().any(|one| one.case.fires == fires);
        tally.complete += u64::from(has(true) && has(false));
        for expected in list {
            tally.tried += 1;
            let said = match set.correlations().get(id) {
                Some(_) => told(engine, id, catalogue, expected),
                None => {
                    let outcome = try_case(set, id, catalogue, &expected.case);
                    (outcome != Outcome::AsExpected).then(|| because(expected, &outcome))
                }
            };
            if let Some(said) = said {
                tally.failed += 1;
                tally.failures.push_str(&failure(&meta.title, file, expected, &said, look));
            }
        }
    }
    let known = |id: &String| set.metas().any(|meta| meta.id == *id);
    tally.strays = cases
        .iter()
        .filter(|(id, _)| !known(id))
        .map(|(id, (file, _))| format!("{file}: no usable rule has the id {id}"))
        .collect();
    tally
}

impl Tally {
    fn all_hold(&self, set: &RuleSet) -> bool {
        self.failed == 0 && self.strays.is_empty() && set.refused.is_empty()
    }

    fn text(&self, set: &RuleSet, origin: &str, look: Look) -> String {
        let mut out = self.failures.clone();
        for refused in &set.refused {
            out.push_str(&format!("{}:{}: {}\n", refused.file, refused.line, refused.reason));
        }
        for stray in &self.strays {
            out.push_str(&format!("{stray}\n"));
        }
        if !self.without.is_empty() {
            let n = self.without.len() as u64;
            out.push_str(&format!("{} no cases:\n", counted(n, "rule has", "rules have")));
            for id in &self.without {
                let meta = set.meta(*id);
                out.push_str(&format!("  {}  {}\n", safe(&meta.file), safe(&meta.title)));
            }
        }
        let holds = self.tried - self.failed;
        let kind = if self.all_hold(set) { Paint::Good } else { Paint::Bad };
        let verdict = format!(
            "{} {} of {} hold; {} with a hit and a near miss, of {} in {origin}.",
            look.mark(self.all_hold(set)),
            count(holds),
            counted(self.tried, "case", "cases"),
            counted(self.complete, "rule", "rules"),
            count(set.len() as u64),
        );
        out + &hanging("", 0, &paint(look, kind, &verdict), usize::MAX) + "\n"
    }
}

/// Tries a case of a correlation; gives what is to be said if it does not hold.
fn told(
    engine: &Arc<Engine>,
    id: RuleId,
    catalogue: &Arc<Catalogue>,
    expected: &Expected,
) -> Option<Vec<String>> {
    if expected.events.is_empty() {
        return Some(vec!["a case of a correlation needs a list of events".to_owned()]);
    }
    let records = expected.events.iter().map(|event| event.as_bytes());
    let Story { hits, firings, unreadable, counts } = tell(engine, id, catalogue, records);
    if let Some((at, reason)) = unreadable.first() {
        return Some(vec![format!("event {} cannot be read: {reason}", at + 1)]);
    }
    if firings.is_empty() != expected.case.fires {
        return None;
    }
    let mut said = match firings.first() {
        None => vec!["does not fire; its rules held so often:".to_owned()],
        Some(one) => {
            let group: Vec<String> =
                one.group.iter().map(|(field, value)| format!("{field} = {value}")).collect();
            vec![format!("fires for {}; its rules held so often:", group.join(", "))]
        }
    };
    let title = |id: RuleId| &engine.rules().meta(id).title;
    said.extend(hits.iter().map(|(id, n)| format!("- {}: {}", title(*id), count(*n))));
    if counts.untimed > 0 {
        let hits = counted(counts.untimed, "hit", "hits");
        said.push(format!("- {hits} without a time, and so in no window"));
    }
    Some(said)
}

/// What is to be said of a case of a rule that does not hold.
fn because(expected: &Expected, outcome: &Outcome) -> Vec<String> {
    let fires = expected.case.fires;
    match outcome {
        Outcome::AsExpected => Vec::new(),
        Outcome::Unreadable(reason) => vec![format!("the event cannot be read: {reason}")],
        Outcome::Otherwise(said) if !said.belongs => {
            vec!["does not fire: the event is not of the rule's log source".to_owned()]
        }
        Outcome::Otherwise(said) => {
            let verdict = match fires {
                true => "does not fire; these do not hold:",
                false => "fires; these hold:",
            };
            let reasons = reasons(said, !fires).into_iter().map(|reason| format!("- {reason}"));
            [verdict.to_owned()].into_iter().chain(reasons).collect()
        }
    }
}

fn failure(title: &str, file: &str, expected: &Expected, said: &[String], look: Look) -> String {
    let mut out = format!("{} {}\n", look.mark(false), safe(title));
    let mut say = |text: &str| {
        out.push_str(&hanging("", 4, &safe(text), look.width));
        out.push('\n');
    };
    let kind = if expected.case.fires { "hit" } else { "near miss" };
    say(&format!("{kind}: {}", expected.case.name));
    if !expected.why.is_empty() {
        say(&format!("it should not fire: {}", expected.why));
    }
    said.iter().for_each(|line| say(line));
    say(&format!("in {file}; ward rules explain tells more"));
    out
}

/// Entries with this answer, each with its selection.
fn reasons(said: &Explanation, holds: bool) -> Vec<String> {
    fn collect(selection: &str, body: &BodySaid, holds: bool, out: &mut Vec<String>) {
        match body {
            BodySaid::Items(items) => {
                for item in items.iter().filter(|item| item.holds == holds) {
                    out.push(format!("{selection}: {}", item.key));
                }
            }
            BodySaid::Any(list) | BodySaid::All(list) => {
                list.iter().for_each(|(_, body)| collect(selection, body, holds, out));
            }
        }
    }
    let mut out = Vec::new();
    for selection in said.selections.iter().filter(|selection| selection.holds == holds) {
        collect(&selection.name, &selection.body, holds, &mut out);
    }
    out
}
