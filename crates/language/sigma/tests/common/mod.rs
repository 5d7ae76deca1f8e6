//! What the suites share: the project's catalogue, and rules made ready to match.
#![allow(dead_code, unreachable_pub)]

#[path = "compare.rs"]
pub mod compare;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use event::Catalogue;
use sigma::{Engine, Matcher, RuleSet};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

pub fn files(folder: &Path, ending: &str, out: &mut Vec<(String, String)>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a folder's entry").path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, ending, out);
        } else if path.extension().is_some_and(|end| end == ending) {
            let text = std::fs::read_to_string(&path).expect("a text file");
            out.push((path.display().to_string(), text));
        }
    }
}

pub fn catalogue() -> Arc<Catalogue> {
    let mut texts = Vec::new();
    files(&root().join("catalogues/fields"), "yaml", &mut texts);
    let texts = texts.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    Arc::new(Catalogue::parse(texts, Default::default()).expect("the project's own catalogue"))
}

pub fn rules<'t>(texts: impl IntoIterator<Item = &'t str>) -> RuleSet {
    let parsed = texts.into_iter().enumerate().map(|(at, text)| {
        sigma::parse::file(&format!("rule-{at}.yml").into(), text, &Default::default())
    });
    RuleSet::new(parsed)
}

pub fn matcher(rules: RuleSet) -> Matcher {
    Matcher::new(Arc::new(Engine::new(Arc::new(rules))))
}
