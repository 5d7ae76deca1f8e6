//! `ward rules check`: which rules cannot be used, where and why; what is odd about the rest.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::json;
use sigma::{Refused, RuleSet};

use super::print;
use crate::{
    cli::{CheckArgs, Colour, Report},
    exit::Exit,
    format::json::refused,
    load::{self, Rules},
    term::{
        Look, count, counted,
        grid::{Grid, flexible, number},
        safe,
        wrap::hanging,
    },
};

/// Runs it.
pub(crate) fn command(args: &CheckArgs) -> Result<Exit> {
    let rules = load::all_rules(&args.files.rules, &args.files.expand)?;
    let look = Look::of_stdout(Colour::Never, false);
    match args.format {
        Report::Text => print(&text(&rules, look))?,
        Report::Json => print(&format!("{:#}\n", document(&rules)))?,
    }
    let set = &rules.set;
    Ok(match (set.refused.is_empty(), rules.usable) {
        (_, 0) => Exit::Failed,
        (true, _) => Exit::Nothing,
        (false, _) => Exit::Found,
    })
}

/// How many rules ask for each log source.
fn sources(set: &RuleSet) -> Vec<(String, u64)> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for rule in set.rules() {
        *counts.entry(rule.logsource.to_string()).or_default() += 1;
    }
    let correlations = set.correlations().list().len();
    if correlations > 0 {
        counts.insert("correlations of other rules".to_owned(), correlations as u64);
    }
    let mut list: Vec<_> = counts.into_iter().collect();
    list.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    list
}

fn document(rules: &Rules) -> serde_json::Value {
    let set = &rules.set;
    let sources = sources(set).into_iter().map(|(name, n)| (name, json!(n)));
    json!({
        "origin": rules.origin,
        "usable": rules.usable,
        "correlations": set.correlations().list().len(),
        "filters": set.filters,
        "refused": refused(&set.refused),
        "not_yet": refused(&set.not_yet),
        "notes": refused(&set.notes),
        "log_sources": serde_json::Value::Object(sources.collect()),
    })
}

fn text(rules: &Rules, look: Look) -> String {
    let set = &rules.set;
    let mut out = String::new();
    section(&mut out, "cannot be used", &set.refused, look);
    section(&mut out, "not run yet by this version", &set.not_yet, look);
    section(&mut out, "can be used, but are odd", &set.notes, look);
    let mut grid = Grid::new(vec![number("Rules"), flexible("Log source", 20)]);
    for (source, n) in sources(set) {
        grid.row(vec![count(n).into(), source.into()]);
    }
    if rules.usable > 0 {
        out.push_str(&grid.text(look));
        out.push('\n');
    }
    out.push_str(&format!(
        "{} can be used, {} cannot, {} not run yet; {}. From {}.\n",
        counted(rules.usable as u64, "rule", "rules"),
        count(set.refused.len() as u64),
        count(set.not_yet.len() as u64),
        counted(set.filters as u64, "filter", "filters"),
        rules.origin,
    ));
    out
}

fn section(out: &mut String, what: &str, list: &[Refused], look: Look) {
    if list.is_empty() {
        return;
    }
    out.push_str(&format!("{} {what}:\n", counted(list.len() as u64, "document", "documents")));
    for one in list {
        out.push_str(&format!("  {}:{}", safe(&one.file), one.line));
        if !one.title.is_empty() {
            out.push_str(&format!("  {}", safe(&one.title)));
        }
        out.push('\n');
        out.push_str(&hanging("", 6, &safe(&one.reason), look.width));
        out.push('\n');
    }
    out.push('\n');
}
