//! Rules and filters: YAML in, a rule that can be asked whether it holds for an event out.

use std::collections::BTreeMap;

use event::{Kind, LogSource};
use regex::Regex;
use serde::Deserialize;
use yaml_serde::{Mapping, Value as Yaml};

use crate::{FlatEvent, condition::Condition, item::Item};

/// Reads rules and filters.
pub struct Oracle;

impl Oracle {
    /// Reads one rule. Errors: why it is refused.
    pub fn parse(yaml: &str) -> Result<OracleRule, String> {
        Oracle::parse_with(yaml, &Placeholders::default())
    }

    /// Reads one rule, with values for `expand`. Errors: why it is refused.
    pub fn parse_with(yaml: &str, placeholders: &Placeholders) -> Result<OracleRule, String> {
        let document = document(yaml)?;
        if document.contains_key("correlation") {
            return Err("correlations are not yet read".into());
        }
        if document.contains_key("filter") {
            return Err("a filter, not a rule".into());
        }
        let detection = mapping(&document, "detection")?;
        Ok(OracleRule {
            id: text(&document, "id")?.unwrap_or_default(),
            name: text(&document, "name")?.unwrap_or_default(),
            title: text(&document, "title")?.ok_or("no title")?,
            logsource: logsource(&document)?.unwrap_or_default(),
            detection: Detection::read(detection, &["condition", "timeframe"], placeholders)?,
            filters: Vec::new(),
        })
    }

    /// Reads one filter. Errors: why it is refused.
    pub fn parse_filter(yaml: &str, placeholders: &Placeholders) -> Result<OracleFilter, String> {
        let document = document(yaml)?;
        let filter = mapping(&document, "filter")?;
        let rules = match filter.get("rules") {
            Some(Yaml::String(any)) if any.eq_ignore_ascii_case("any") => None,
            Some(Yaml::String(one)) => Some(vec![one.clone()]),
            Some(Yaml::Sequence(list)) if !list.is_empty() => {
                let names = list.iter().map(|name| name.as_str().map(str::to_owned));
                Some(names.collect::<Option<_>>().ok_or("`rules` of a filter lists texts")?)
            }
            _ => return Err("a filter names rules, or `any`".into()),
        };
        text(&document, "title")?.ok_or("no title")?;
        Ok(OracleFilter {
            rules,
            logsource: logsource(&document)?.unwrap_or_default(),
            detection: Detection::read(filter, &["condition", "timeframe", "rules"], placeholders)?,
        })
    }
}

/// Values for `%name%` under `expand`.
#[derive(Clone, Debug, Default)]
pub struct Placeholders(pub BTreeMap<String, Vec<String>>);

impl Placeholders {
    /// All texts that `text` stands for. Errors: names the placeholder without values.
    pub(crate) fn expand(&self, text: &str) -> Result<Vec<String>, String> {
        let placeholder = Regex::new(r"%([A-Za-z0-9_]+)%").map_err(|error| error.to_string())?;
        let Some(found) = placeholder.captures(text) else { return Ok(vec![text.to_owned()]) };
        let (whole, name) = (found.get_match(), &found[1]);
        let values = self.0.get(name).filter(|values| !values.is_empty());
        let values = values.ok_or_else(|| format!("no values were given for %{name}%"))?;
        let rests = self.expand(&text[whole.end()..])?;
        let before = &text[..whole.start()];
        let both = |value: &String| -> Vec<String> {
            rests.iter().map(|rest| format!("{before}{value}{rest}")).collect()
        };
        Ok(values.iter().flat_map(both).collect())
    }
}

/// A rule that can be asked.
#[derive(Clone, Debug)]
pub struct OracleRule {
    /// As written, or empty.
    pub id: String,
    /// As written, or empty.
    pub name: String,
    /// As written.
    pub title: String,
    /// Events it is meant for; [`OracleRule::holds`] does not ask.
    pub logsource: LogSource,
    /// What it looks for.
    pub detection: Detection,
    /// What must hold besides.
    pub filters: Vec<Detection>,
}

impl OracleRule {
    /// Whether the detection, and every filter applied, holds for the event.
    pub fn holds(&self, event: &FlatEvent) -> bool {
        self.detection.holds(event) && self.filters.iter().all(|filter| filter.holds(event))
    }

    /// Whether it is tried on records of this kind.
    pub fn is_for(&self, kind: &Kind) -> bool {
        let among = |wanted: &Option<Box<str>>, have: &[Box<str>]| match wanted {
            Some(wanted) => have.iter().any(|one| one.eq_ignore_ascii_case(wanted)),
            None => true,
        };
        among(&self.logsource.product, &kind.products)
            && among(&self.logsource.category, &kind.categories)
            && among(&self.logsource.service, &kind.services)
    }

    /// Adds the filter if it fits; tells whether it did.
    pub fn apply_filter(&mut self, filter: &OracleFilter) -> bool {
        let named = match &filter.rules {
            None => true,
            Some(names) => names
                .iter()
                .any(|name| !name.is_empty() && (*name == self.id || *name == self.name)),
        };
        let same =
            |of_filter: &Option<Box<str>>, of_rule: &Option<Box<str>>| match (of_filter, of_rule) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(filter), Some(rule)) => filter.eq_ignore_ascii_case(rule),
            };
        let fits = named
            && same(&filter.logsource.product, &self.logsource.product)
            && same(&filter.logsource.category, &self.logsource.category)
            && same(&filter.logsource.service, &self.logsource.service);
        if fits {
            self.filters.push(filter.detection.clone());
        }
        fits
    }
}

/// A filter that can be applied to rules.
#[derive(Clone, Debug)]
pub struct OracleFilter {
    /// Ids or names; `None` for any rule.
    pub rules: Option<Vec<String>>,
    /// What the rule's log source must name too.
    pub logsource: LogSource,
    /// What must hold besides the rule.
    pub detection: Detection,
}

/// Selections and the conditions over them.
#[derive(Clone, Debug)]
pub struct Detection {
    /// By name.
    pub selections: BTreeMap<String, Selection>,
    /// One of them must hold.
    pub conditions: Vec<Condition>,
}

/// What one name stands for.
#[derive(Clone, Debug)]
pub enum Selection {
    /// All entries of a map.
    All(Vec<Item>),
    /// Any member of a list.
    Any(Vec<Selection>),
}

impl Selection {
    /// Whether it holds for the event.
    pub fn holds(&self, event: &FlatEvent) -> bool {
        match self {
            Selection::All(items) => items.iter().all(|item| item.holds(event)),
            Selection::Any(members) => members.iter().any(|member| member.holds(event)),
        }
    }

    fn read(yaml: &Yaml, placeholders: &Placeholders) -> Result<Selection, String> {
        match yaml {
            Yaml::Mapping(map) if map.is_empty() => Err("an empty map".into()),
            Yaml::Mapping(map) => {
                let item = |(key, value): (&Yaml, &Yaml)| match key {
                    Yaml::String(key) if key != "." => Item::read(key, value, placeholders),
                    _ => Err(format!("{key:?} is no name of a field")),
                };
                Ok(Selection::All(map.iter().map(item).collect::<Result<_, _>>()?))
            }
            Yaml::Sequence(list) if list.is_empty() => Err("an empty list".into()),
            Yaml::Sequence(list) => {
                let members = list.iter().map(|member| Selection::read(member, placeholders));
                Ok(Selection::Any(members.collect::<Result<_, _>>()?))
            }
            // A single keyword: as if written with an empty name.
            keyword => Ok(Selection::All(vec![Item::read("", keyword, placeholders)?])),
        }
    }
}

impl Detection {
    /// Whether one of the conditions holds for the event.
    pub fn holds(&self, event: &FlatEvent) -> bool {
        let selection = |name: &str| self.selections.get(name).is_some_and(|one| one.holds(event));
        self.conditions.iter().any(|condition| condition.holds(&selection))
    }

    fn read(map: &Mapping, others: &[&str], placeholders: &Placeholders) -> Result<Self, String> {
        let mut selections = BTreeMap::new();
        for (key, value) in map {
            let name = match key {
                Yaml::String(name) => name.clone(),
                _ => return Err(format!("{key:?} is no name of a selection")),
            };
            if others.contains(&name.as_str()) {
                continue;
            }
            let selection = Selection::read(value, placeholders)
                .map_err(|why| format!("selection {name:?}: {why}"))?;
            selections.insert(name, selection);
        }
        let names: Vec<String> = selections.keys().cloned().collect();
        let texts = match map.get("condition") {
            Some(Yaml::String(one)) => vec![one.as_str()],
            Some(Yaml::Sequence(list)) if !list.is_empty() => {
                let texts = list.iter().map(Yaml::as_str).collect::<Option<_>>();
                texts.ok_or("a condition that is no text")?
            }
            _ => return Err("no condition".into()),
        };
        let conditions = texts.iter().map(|text| Condition::read(text, &names));
        Ok(Detection { conditions: conditions.collect::<Result<_, _>>()?, selections })
    }
}

fn document(yaml: &str) -> Result<Mapping, String> {
    let mut documents = yaml_serde::Deserializer::from_str(yaml);
    let first = documents.next().ok_or("no document")?;
    let value = Yaml::deserialize(first).map_err(|error| error.to_string())?;
    if documents.next().is_some() {
        return Err("several documents where one was expected".into());
    }
    let Yaml::Mapping(map) = value else { return Err("the document is no map".into()) };
    if map.contains_key("action") {
        return Err("`action` (collections of Sigma 1) is not supported".into());
    }
    let version: Option<f64> = match map.get("sigma-version") {
        None => Some(2.0),
        Some(Yaml::Number(number)) => number.as_f64(),
        Some(Yaml::String(text)) => {
            let major = text.trim_start_matches('v').split('.').next().unwrap_or_default();
            major.parse().ok()
        }
        Some(_) => None,
    };
    if version.is_none_or(|version| version >= 3.0) {
        return Err("`sigma-version` is not 2".into());
    }
    Ok(map)
}

fn mapping<'a>(map: &'a Mapping, key: &str) -> Result<&'a Mapping, String> {
    match map.get(key) {
        Some(Yaml::Mapping(inner)) => Ok(inner),
        Some(_) => Err(format!("`{key}` is no map")),
        None => Err(format!("no `{key}`")),
    }
}

fn text(map: &Mapping, key: &str) -> Result<Option<String>, String> {
    match map.get(key) {
        None | Some(Yaml::Null) => Ok(None),
        Some(Yaml::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("`{key}` is no text")),
    }
}

fn logsource(document: &Mapping) -> Result<Option<LogSource>, String> {
    if document.get("logsource").is_none_or(Yaml::is_null) {
        return Ok(None);
    }
    let source = mapping(document, "logsource")?;
    let part = |key: &str| text(source, key).map(|part| part.map(String::into_boxed_str));
    Ok(Some(LogSource {
        product: part("product")?,
        category: part("category")?,
        service: part("service")?,
    }))
}
