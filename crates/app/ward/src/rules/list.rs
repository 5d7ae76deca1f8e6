//! `ward rules list`: the rules in use, worst first.

use anyhow::Result;
use csv::{Terminator, WriterBuilder};
use sigma::{Meta, RuleSet};

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
    let mut list = rows(&rules.set);
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

/// A rule or a correlation.
struct Row<'s> {
    meta: &'s Meta,
    /// Of a correlation: its type.
    source: String,
    condition: String,
    /// Whether it gives findings of its own.
    speaks: bool,
}

fn rows(set: &RuleSet) -> Vec<Row<'_>> {
    let correlations = set.correlations();
    let rules = set.iter().map(|(id, rule)| Row {
        meta: &rule.meta,
        source: rule.logsource.to_string(),
        condition: rule.condition_text.clone(),
        speaks: correlations.speaks(id),
    });
    let linked = correlations.list().iter().map(|linked| Row {
        meta: &linked.correlation.meta,
        source: format!("correlation: {}", linked.correlation.kind.as_str()),
        condition: linked.correlation.to_string(),
        speaks: correlations.speaks(linked.id),
    });
    rules.chain(linked).collect()
}

fn table(list: &[Row<'_>], look: Look) -> String {
    let mut grid = Grid::new(vec![
        fixed("   Level"),
        flexible("Rule", 24),
        flexible("Log source", 14),
        flexible("ATT&CK", 9),
    ]);
    for rule in list {
        let meta = rule.meta;
        let techniques: Vec<String> = meta.techniques().collect();
        grid.row(vec![
            Cell::new(paint::level(look, meta.level), Paint::Level(meta.level)),
            Cell::new(safe(&meta.title), Paint::Plain).and(meta.id.clone(), Paint::Faint),
            rule.source.clone().into(),
            techniques.join(" ").into(),
        ]);
    }
    let silent = list.iter().filter(|rule| !rule.speaks).count() as u64;
    let silent = match silent {
        0 => String::new(),
        n => format!("; {} findings only to correlations", counted(n, "gives", "give")),
    };
    grid.text(look) + &format!("\n{}{silent}\n", counted(list.len() as u64, "rule", "rules"))
}

fn json(list: &[Row<'_>]) -> Result<String> {
    let all: Vec<serde_json::Value> = list
        .iter()
        .map(|rule| {
            let mut value = serde_json::to_value(RuleWire::new(rule.meta))?;
            value["description"] = rule.meta.description.clone().into();
            value["logsource"] = rule.source.clone().into();
            value["condition"] = rule.condition.clone().into();
            if !rule.speaks {
                value["findings"] = false.into();
            }
            Ok(value)
        })
        .collect::<Result<_>>()?;
    Ok(serde_json::to_string_pretty(&all)?)
}

fn csv(list: &[Row<'_>]) -> Result<String> {
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
        let meta = rule.meta;
        let row = [
            meta.level.to_string(),
            meta.title.clone(),
            meta.id.clone(),
            rule.source.clone(),
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
