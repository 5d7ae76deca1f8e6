//! `ward rules coverage`: ATT&CK techniques that the rules look for, as a table or as a layer
//! for the ATT&CK Navigator.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};
use sigma::{Meta, RuleSet, model::TACTICS};
use terms::Level;

use super::print;
use crate::{
    cli::{CoverageArgs, CoverageFormat},
    exit::Exit,
    load,
    term::{
        Look, count, counted,
        grid::{Cell, Grid, flexible, number},
        paint::{self, Paint},
    },
};

/// Runs it.
pub(crate) fn command(args: &CoverageArgs) -> Result<Exit> {
    let rules = load::rules(&args.rules)?;
    match args.format {
        CoverageFormat::Table => {
            let look = Look::of_stdout(args.color, false);
            print(&table(&rules.set, look))?;
        }
        CoverageFormat::Navigator => print(&format!("{:#}\n", layer(&rules.set, &rules.origin)))?,
    }
    Ok(Exit::Nothing)
}

/// Techniques with the rules that name them.
fn techniques<'r>(rules: impl Iterator<Item = &'r Meta>) -> BTreeMap<String, Vec<&'r Meta>> {
    let mut map: BTreeMap<String, Vec<&Meta>> = BTreeMap::new();
    for rule in rules {
        for technique in rule.techniques() {
            map.entry(technique).or_default().push(rule);
        }
    }
    map
}

fn worst(rules: &[&Meta]) -> Level {
    rules.iter().map(|rule| rule.level).max().unwrap_or(Level::Informational)
}

fn table(set: &RuleSet, look: Look) -> String {
    let mut grid = Grid::new(vec![
        flexible("Tactic", 14),
        flexible("Technique", 10),
        number("Rules"),
        flexible("Worst", 11),
    ]);
    for tactic in TACTICS {
        let has = |rule: &&Meta| rule.tactics().any(|one| one == tactic);
        for (at, (technique, rules)) in techniques(set.metas().filter(has)).iter().enumerate() {
            let level = worst(rules);
            let tactic = if at == 0 { tactic.replace('-', " ") } else { String::new() };
            grid.row(vec![
                tactic.into(),
                technique.as_str().into(),
                count(rules.len() as u64).into(),
                Cell::new(paint::level(look, level), Paint::Level(level)),
            ]);
        }
    }
    let untagged = set.metas().filter(|rule| rule.techniques().next().is_none());
    let mut out = grid.text(look);
    out.push_str(&format!(
        "\n{} in {}",
        counted(techniques(set.metas()).len() as u64, "technique", "techniques"),
        counted(set.len() as u64, "rule", "rules")
    ));
    match untagged.count() {
        0 => out.push_str(".\n"),
        n => out.push_str(&format!("; {} of them name none.\n", count(n as u64))),
    }
    out
}

/// A Navigator layer: format 4.5, each technique scored by its rules.
fn layer(set: &RuleSet, origin: &str) -> Value {
    let map = techniques(set.metas());
    let most = map.values().map(Vec::len).max().unwrap_or(1);
    let techniques: Vec<Value> = map
        .iter()
        .map(|(technique, rules)| {
            let titles: Vec<&str> = rules.iter().map(|rule| &*rule.title).collect();
            json!({
                "techniqueID": technique,
                "score": rules.len(),
                "comment": titles.join("\n"),
                "enabled": true,
                "showSubtechniques": technique.contains('.'),
                "metadata": [{"name": "worst level", "value": worst(rules).as_str()}],
            })
        })
        .collect();
    json!({
        "name": "Ward: what the rules look for",
        "versions": {"attack": "19", "navigator": "5.1.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": format!(
            "Techniques that {} of {origin} look for; score: number of rules.",
            counted(set.len() as u64, "rule", "rules")
        ),
        "filters": {"platforms": ["Windows", "Linux", "macOS", "Network Devices", "IaaS", "SaaS",
            "Office Suite", "Identity Provider", "Containers"]},
        "sorting": 3,
        "layout": {"layout": "side", "showID": true, "showName": true},
        "hideDisabled": false,
        "techniques": techniques,
        "gradient": {"colors": ["#d9e8f5", "#005eb8"], "minValue": 0, "maxValue": most},
        "legendItems": [],
        "selectTechniquesAcrossTactics": true,
        "selectSubtechniquesWithParent": false,
    })
}
