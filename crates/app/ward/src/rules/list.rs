//! `ward rules list`: the rules in use, worst first.

use anyhow::Result;
use csv::{Terminator, WriterBuilder};
use sigma::Rule;

use super::print;
use crate::{
    cli::{ListArgs, ListFormat},
    exit::Exit,
    format::{csv::harmless, finding::RuleWire},
    load,
    term::{
        Look, counted,
        grid::{Cell, Grid, fixed, flexible},
        paint::{self, Paint},
        safe,
    },
};

/// Runs it.
pub(crate) fn command(args: &ListArgs) -> Result<Exit> {
    let rules = load::rules(&args.rules)?;
    let mut list: Vec<&Rule> = rules.set.rules().iter().collect();
    list.sort_by(|a, b| {
        b.meta.level.cmp(&a.meta.level).then_with(|| a.meta.title.cmp(&b.meta.title))
    });
    match args.format {
        ListFormat::Table => {
            let look = Look::of_stdout(args.color, false);
            print(&table(&list, look))?;
        }
        ListFormat::Json => print(&(json(&list)? + "\n"))?,
        ListFormat::Csv => print(&csv(&list)?)?,
    }
    Ok(Exit::Nothing)
}

fn table(list: &[&Rule], look: Look) -> String {
    let mut grid = Grid::new(vec![
        fixed("   Level"),
        flexible("Rule", 24),
        flexible("Log source", 14),
        flexible("ATT&CK", 9),
    ]);
    for rule in list {
        let meta = &rule.meta;
        let techniques: Vec<String> = meta.techniques().collect();
        grid.row(vec![
            Cell::new(paint::level(look, meta.level), Paint::Level(meta.level)),
            Cell::new(safe(&meta.title), Paint::Plain).and(meta.id.clone(), Paint::Faint),
            rule.logsource.to_string().into(),
            techniques.join(" ").into(),
        ]);
    }
    grid.text(look) + &format!("\n{}\n", counted(list.len() as u64, "rule", "rules"))
}

fn json(list: &[&Rule]) -> Result<String> {
    let all: Vec<serde_json::Value> = list
        .iter()
        .map(|rule| {
            let mut value = serde_json::to_value(RuleWire::new(&rule.meta))?;
            value["description"] = rule.meta.description.clone().into();
            value["logsource"] = rule.logsource.to_string().into();
            value["condition"] = rule.condition_text.clone().into();
            Ok(value)
        })
        .collect::<Result<_>>()?;
    Ok(serde_json::to_string_pretty(&all)?)
}

fn csv(list: &[&Rule]) -> Result<String> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record([
        "level",
        "title",
        "id",
        "logsource",
        "status",
        "tactics",
        "techniques",
        "author",
        "file",
    ])?;
    for rule in list {
        let meta = &rule.meta;
        let row = [
            meta.level.to_string(),
            meta.title.clone(),
            meta.id.clone(),
            rule.logsource.to_string(),
            meta.status.clone(),
            meta.tactics().collect::<Vec<_>>().join(" "),
            meta.techniques().collect::<Vec<_>>().join(" "),
            meta.author.clone(),
            meta.file.to_string(),
        ];
        writer.write_record(row.iter().map(|cell| harmless(cell).into_owned()))?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
