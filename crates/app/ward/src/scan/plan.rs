//! `ward scan` checked: what was typed becomes paths that exist, times, rules and a catalogue.

use std::{num::NonZero, path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use detect::{Detail, Exclusions, Scanner, Wanted, exclude::Exclusion};
use event::Catalogue;
use ingest::{Input, Limits, Pattern};
use sigma::Engine;

use super::pipeline::Job;
use crate::{cli::ScanArgs, format::Forms, load, zone::Zone};

/// A scan that can start.
pub(crate) struct Plan {
    pub(crate) engine: Arc<Engine>,
    pub(crate) catalogue: Arc<Catalogue>,
    pub(crate) wanted: Arc<Wanted>,
    pub(crate) exclusions: Arc<Exclusions>,
    /// File and text of each line of the exclusions.
    pub(crate) exclusion_lines: Vec<(String, Exclusion)>,
    pub(crate) zone: Zone,
    /// Where the rules are from, for people.
    pub(crate) origin: String,
    /// Rules that could be used but were not asked for.
    pub(crate) unwanted: usize,
    /// The paths as typed, for people.
    pub(crate) paths: Vec<String>,
    inputs: Vec<Input>,
    options: ingest::Options,
    threads: usize,
}

impl Plan {
    /// Checks everything that can be known before the first byte is read.
    pub(crate) fn new(args: &ScanArgs) -> Result<Self> {
        let inputs = inputs(&args.paths)?;
        let zone = Zone::new(&args.time_zone)?;
        let wanted = Arc::new(span(args, &zone)?);
        let options = options(args)?;
        let threads = threads(args.threads)?;
        let exclusion_lines = load::exclusions(&args.exclude)?;
        let catalogue = load::catalogue(&args.catalogue)?;
        let rules = load::rules(&args.rules)?;
        let unwanted = rules.usable - rules.set.len();
        let list = exclusion_lines.iter().map(|(_, exclusion)| exclusion.clone()).collect();
        let exclusions = Arc::new(Exclusions::new(list, &rules.set));
        Ok(Plan {
            engine: Arc::new(Engine::new(Arc::new(rules.set))),
            catalogue,
            wanted,
            exclusions,
            exclusion_lines,
            zone,
            origin: rules.origin,
            unwanted,
            paths: args.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect(),
            inputs,
            options,
            threads,
        })
    }

    /// The work for the pipeline; findings are written by `forms`.
    pub(crate) fn job(&self, forms: Forms) -> Job {
        let (catalogue, engine) = (self.catalogue.clone(), self.engine.clone());
        let (wanted, exclusions) = (self.wanted.clone(), self.exclusions.clone());
        Job {
            inputs: self.inputs.clone(),
            options: self.options.clone(),
            threads: self.threads,
            scanner: Arc::new(move || {
                let (catalogue, engine) = (catalogue.clone(), engine.clone());
                Scanner::new(catalogue, engine, wanted.clone(), Detail::Brief)
                    .without(exclusions.clone())
            }),
            forms,
        }
    }
}

fn inputs(paths: &[std::path::PathBuf]) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            if inputs.contains(&Input::Stdin) {
                bail!("- is given twice; standard input can be read once");
            }
            inputs.push(Input::Stdin);
            continue;
        }
        // Whether it can be read shows when it is; whether it is there can be said at once.
        if let Err(error) = path.symlink_metadata() {
            return Err(error).with_context(|| no_such_path(path));
        }
        inputs.push(Input::Path(path.clone()));
    }
    Ok(inputs)
}

fn no_such_path(path: &Path) -> String {
    let near = path.parent().and_then(|parent| {
        let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
        let wanted = path.file_name()?.to_string_lossy().to_lowercase();
        let names = parent.read_dir().ok()?.filter_map(|entry| entry.ok());
        names.map(|entry| entry.file_name().to_string_lossy().into_owned()).find(|name| {
            let name = name.to_lowercase();
            name == wanted || name.starts_with(&format!("{wanted}."))
        })
    });
    match near {
        Some(near) => format!("cannot read {}; did you mean {near}?", path.display()),
        None => format!("cannot read {}; check the path", path.display()),
    }
}

fn span(args: &ScanArgs, zone: &Zone) -> Result<Wanted> {
    let read = |text: &Option<String>, is_end| {
        text.as_deref().map(|text| zone.read(text, is_end)).transpose()
    };
    let from = read(&args.from, false).context("--from")?;
    let to = read(&args.to, true).context("--to")?;
    if let (Some(from), Some(to)) = (from, to)
        && from >= to
    {
        bail!("--from is not before --to; nothing lies between them");
    }
    Ok(Wanted { from, to, ..Wanted::default() })
}

fn options(args: &ScanArgs) -> Result<ingest::Options> {
    let record_bytes = size(&args.max_record).with_context(|| {
        format!("--max-record {:?} is no size; write for example 64M", args.max_record)
    })?;
    Ok(ingest::Options {
        limits: Limits { record_bytes, ..Limits::default() },
        exclude: args.skip.iter().map(|pattern| Pattern::new(pattern)).collect(),
        text: Some(text_to_json),
        ..ingest::Options::default()
    })
}

fn text_to_json(line: &[u8], out: &mut Vec<u8>) -> Result<bool, String> {
    event::text::to_json(line, out).map_err(|damage| damage.to_string())
}

/// Bytes with `k`, `M` or `G` for powers of 1024.
fn size(text: &str) -> Option<usize> {
    let text = text.trim().trim_end_matches(['b', 'B']).trim_end_matches('i');
    let (digits, shift) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 10),
        (at, 'm' | 'M') => (&text[..at], 20),
        (at, 'g' | 'G') => (&text[..at], 30),
        _ => (text, 0),
    };
    let number: usize = digits.trim().parse().ok()?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0)
}

fn threads(asked: Option<usize>) -> Result<usize> {
    const MOST: usize = 256;
    match asked {
        Some(0) => bail!("--threads 0 would do nothing; give at least 1"),
        Some(n) if n > MOST => bail!("--threads {n} is too many; {MOST} is the most"),
        Some(n) => Ok(n),
        None => Ok(std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST)),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_read_with_their_units() {
        for (text, expected) in [
            ("1000", Some(1000)),
            ("64k", Some(64 << 10)),
            ("16M", Some(16 << 20)),
            ("1 GiB", Some(1 << 30)),
            ("0", None),
            ("much", None),
            ("", None),
        ] {
            assert_eq!(size(text), expected, "{text}");
        }
    }
}
