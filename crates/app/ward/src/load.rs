//! Rules, catalogue and the small files beside them, from disk or from inside the program.
//! In: paths as typed. Out: what the other crates make of the texts. Errors name the file.

use std::{
    num::NonZero,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use anyhow::{Context, Result, bail};
use detect::{
    Wanted, exclude,
    rulebook::{Ground, RuleFile},
};
use event::{Catalogue, LogSource};
use sigma::{Parsed, Placeholders, Refused, RuleSet};
use walkdir::WalkDir;

use crate::{
    cli::{CatalogueArgs, RuleArgs},
    embedded,
};

/// The rules asked for, and where they are from.
pub(crate) struct Rules {
    /// Those that can be used and are wanted.
    pub(crate) set: RuleSet,
    /// For people: "Ward's own rules", or the paths.
    pub(crate) origin: String,
    /// How many could be used before those not wanted were left out.
    pub(crate) usable: usize,
}

/// Loads rules and keeps the wanted ones.
///
/// Errors: a path that cannot be read, no rule that can be used, a name or tag that no rule has.
pub(crate) fn rules(args: &RuleArgs) -> Result<Rules> {
    let mut rules = all_rules(&args.files.rules, &args.files.expand)?;
    if rules.usable == 0 {
        let refused = rules.set.refused.len() + rules.set.not_yet.len();
        bail!(
            "no rule can be used of {} ({refused} refused); see: ward rules check --rules {}",
            rules.origin,
            args.files.rules.first().map_or("…".into(), |path| path.to_string_lossy()),
        );
    }
    let wanted = Wanted {
        min_level: args.min_level,
        rules: args.rule.clone(),
        tags: args.tag.clone(),
        ..Wanted::default()
    };
    known_names(&rules, args)?;
    rules.set.narrow(|meta| wanted.meta(meta));
    if rules.set.is_empty() {
        bail!("no rule fits --min-level, --rule and --tag together; see: ward rules list");
    }
    Ok(rules)
}

/// A name or tag that no rule has is a mistake, not an empty answer.
fn known_names(rules: &Rules, args: &RuleArgs) -> Result<()> {
    let metas = || rules.set.metas();
    for name in &args.rule {
        if !metas().any(|meta| detect::filter::is_called(meta, name)) {
            bail!(
                "no rule is called {name:?}; its id, title or file name is asked for: \
                 ward rules list shows them"
            );
        }
    }
    for tag in &args.tag {
        if !metas().any(|meta| detect::filter::has_tag(meta, tag)) {
            bail!("no rule has the tag {tag:?}; tags look like attack.t1490 or attack.impact");
        }
    }
    Ok(())
}

/// Loads rules, wanted or not.
pub(crate) fn all_rules(paths: &[PathBuf], expand: &[PathBuf]) -> Result<Rules> {
    let placeholders = placeholders(expand)?;
    let (files, origin) = if paths.is_empty() {
        let named = |(name, text)| (format!("{}/{name}", embedded::RULES), text);
        let files = embedded::rules().into_iter().map(named);
        (parse_texts(files.collect(), &placeholders), "Ward's own rules".to_owned())
    } else {
        let files = rule_files(paths)?;
        let names: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
        (parse_files(&files, &placeholders), names.join(", "))
    };
    let set = RuleSet::new(files);
    Ok(Rules { usable: set.len(), set, origin })
}

/// What the rules of a watch stand on: Ward's own, those of folders, or both, as texts. Files that
/// cannot be read are told among the refused and left out.
pub(crate) fn ground(
    builtin: bool,
    folders: &[PathBuf],
    expand: &[PathBuf],
    catalogue: Arc<Catalogue>,
) -> Result<Ground> {
    let placeholders = placeholders(expand)?;
    let mut ground = Ground { files: Vec::new(), unreadable: Vec::new(), placeholders, catalogue };
    if builtin {
        let named = |(name, text)| RuleFile { name: format!("{}/{name}", embedded::RULES), text };
        ground.files.extend(embedded::rules().into_iter().map(named));
    }
    let paths = if folders.is_empty() { Vec::new() } else { rule_files(folders)? };
    for path in paths {
        let name = path.to_string_lossy().into_owned();
        match std::fs::read(&path) {
            Ok(bytes) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                ground.files.push(RuleFile { name, text });
            }
            Err(error) => ground.unreadable.extend(unreadable(name.into(), &error).refused),
        }
    }
    Ok(ground)
}

/// The rule files at and below the paths, each once, in order of their names. Hidden folders are
/// left out: repositories keep settings there that end in `.yml` too.
fn rule_files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_file() {
            files.push(path.clone());
            continue;
        }
        let before = files.len();
        let is_hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
        let walk = WalkDir::new(path).follow_links(true).into_iter();
        for entry in walk.filter_entry(|e| e.depth() == 0 || !is_hidden(e.file_name())) {
            match entry {
                Ok(entry) if entry.file_type().is_file() && is_rule_file(entry.path()) => {
                    files.push(entry.into_path());
                }
                Ok(_) => {}
                Err(error) if error.depth() == 0 => {
                    return Err(error).with_context(|| {
                        format!("cannot read rules from {}; give a file or folder", path.display())
                    });
                }
                // A link in a circle: what it leads to is read anyway.
                Err(error) if error.loop_ancestor().is_some() => {}
                Err(error) => return Err(error).context("cannot list a folder of rules"),
            }
        }
        if files.len() == before {
            bail!("no *.yml or *.yaml in {}; give the folder that holds the rules", path.display());
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

fn is_rule_file(path: &Path) -> bool {
    path.extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("yml") || e.eq_ignore_ascii_case("yaml"))
}

fn parse_texts(files: Vec<(String, String)>, placeholders: &Placeholders) -> Vec<Parsed> {
    in_parallel(&files, |(name, text)| {
        sigma::parse::file(&name.as_str().into(), text, placeholders)
    })
}

fn parse_files(files: &[PathBuf], placeholders: &Placeholders) -> Vec<Parsed> {
    in_parallel(files, |path| {
        let name: Arc<str> = path.to_string_lossy().into();
        match std::fs::read(path) {
            Ok(bytes) => sigma::parse::file(&name, &String::from_utf8_lossy(&bytes), placeholders),
            Err(error) => unreadable(name, &error),
        }
    })
}

fn unreadable(file: Arc<str>, error: &std::io::Error) -> Parsed {
    let reason = format!("cannot be read: {error}");
    let refused = vec![Refused { file, line: 1, title: String::new(), reason }];
    Parsed { refused, ..Parsed::default() }
}

/// Does `work` on all items with all processors; results in the order of the items. Each thread
/// takes the next item that nobody has taken, so that none waits for one with the long files.
fn in_parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(items.len());
    let taken = AtomicUsize::new(0);
    let take = || {
        let at = taken.fetch_add(1, Ordering::Relaxed);
        items.get(at).map(|item| (at, work(item)))
    };
    let mut results: Vec<(usize, R)> = std::thread::scope(|scope| {
        let share = || std::iter::from_fn(take).collect::<Vec<_>>();
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(share)).collect();
        let all = threads.into_iter().flat_map(|thread| match thread.join() {
            Ok(results) => results,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        all.collect()
    });
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Values for placeholders: YAML maps from name to a value or a list.
fn placeholders(files: &[PathBuf]) -> Result<Placeholders> {
    use yaml_serde::Value;
    let word = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    let mut all = Placeholders::new();
    for file in files {
        let shown = file.display();
        let text = read_text(file)?;
        let map: std::collections::BTreeMap<String, Value> = yaml_serde::from_str(&text)
            .with_context(|| format!("cannot read {shown}; write: name: [value, value]"))?;
        for (name, value) in map {
            let values: Option<Vec<String>> = match &value {
                Value::Sequence(list) => list.iter().map(word).collect(),
                one => word(one).map(|one| vec![one]),
            };
            let Some(values) = values else {
                bail!("{shown}: {name} is no list of values; write: {name}: [value, value]");
            };
            all.entry(name.trim_matches('%').to_owned()).or_default().extend(values);
        }
    }
    Ok(all)
}

fn read_text(file: &Path) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}

/// The catalogue asked for.
pub(crate) fn catalogue(args: &CatalogueArgs) -> Result<Arc<Catalogue>> {
    let assumed = args.logsource.as_deref().map(logsource).transpose()?.unwrap_or_default();
    let files = match &args.catalogue {
        None => embedded::fields(),
        Some(folder) => catalogue_files(folder)?,
    };
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let catalogue = Catalogue::parse(files, assumed).context("the catalogue cannot be used")?;
    Ok(Arc::new(catalogue))
}

fn catalogue_files(folder: &Path) -> Result<Vec<(String, String)>> {
    let files = rule_files(std::slice::from_ref(&folder.to_owned()))?;
    files.iter().map(|file| Ok((file.to_string_lossy().into_owned(), read_text(file)?))).collect()
}

fn logsource(text: &str) -> Result<LogSource> {
    let mut source = LogSource::default();
    for part in text.split(',') {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        let (key, value) = (key.trim(), value.trim().to_ascii_lowercase());
        let place = match key {
            "product" => &mut source.product,
            "category" => &mut source.category,
            "service" => &mut source.service,
            _ => bail!("--logsource: {key:?} is none of product=…, category=…, service=…"),
        };
        if value.is_empty() {
            bail!("--logsource: {key} has no value; write for example product=windows");
        }
        *place = Some(value.into());
    }
    Ok(source)
}

/// Reads files of exclusions; the lines of several count as one list.
pub(crate) fn exclusions(files: &[PathBuf]) -> Result<Vec<(String, exclude::Exclusion)>> {
    let mut all = Vec::new();
    for file in files {
        let name = file.to_string_lossy().into_owned();
        match exclude::parse(&read_text(file)?) {
            Ok(list) => all.extend(list.into_iter().map(|one| (name.clone(), one))),
            Err(unusable) => {
                let lines: Vec<String> = unusable
                    .iter()
                    .map(|one| format!("{name}:{}: {}", one.line, one.reason))
                    .collect();
                bail!("cannot use the file of exclusions\n{}", lines.join("\n"));
            }
        }
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_in_parallel_gives_each_result_once_and_in_order() {
        for length in [0, 1, 2, 1000] {
            let items: Vec<usize> = (0..length).collect();
            let expected: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(in_parallel(&items, |item| item * 2), expected);
        }
    }
}
