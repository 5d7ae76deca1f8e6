//! YAML to correlations. The syntax tree comes from `rsigma-parser`; what it passes over in
//! silence is looked at here, in the YAML itself.

use rsigma_parser::{
    ConditionOperator, CorrelationCondition, CorrelationRule, CorrelationType, WindowMode,
};
use serde::Deserialize;
use yaml_serde::{Mapping, Value};

use super::{Comparison, Correlation, Holds, Type, model::Alias};
use crate::{
    RuleError,
    model::{Body, Condition, Meta, Selection},
    parse,
};

/// Rules that one correlation may refer to: one bit each.
pub(crate) const MAX_RULES: usize = 64;
/// Fields to group by, and fields of one value.
pub(crate) const MAX_FIELDS: usize = 16;
/// A hundred years.
const MAX_TIMESPAN_S: u64 = 3_155_760_000;

/// A correlation as the parser read it from `document`. `meta` is what it says of itself.
pub(crate) fn correlation(
    read: CorrelationRule,
    document: &str,
    meta: Meta,
) -> Result<Correlation, RuleError> {
    let section = section(document, &read.title);
    strict(&section)?;
    if read.window != WindowMode::Sliding {
        return Err(RuleError::NotYet("window: only sliding windows belong to this Sigma version"));
    }
    if read.rules.is_empty() {
        return Err(wrong("rules: no rule is named"));
    }
    if read.rules.len() > MAX_RULES {
        return Err(wrong(&format!("rules: more than {MAX_RULES}")));
    }
    if let Some(twice) = twice(&read.rules).or(twice(&read.group_by)) {
        return Err(wrong(&format!("{twice} is named twice")));
    }
    if read.timespan.seconds == 0 || read.timespan.seconds > MAX_TIMESPAN_S {
        return Err(wrong("timespan: no time, or more than a hundred years"));
    }
    let (kind, fields) = kind(&read)?;
    if fields.len().max(read.group_by.len()) > MAX_FIELDS {
        return Err(wrong(&format!("more than {MAX_FIELDS} fields")));
    }
    let condition = condition(&read, kind, section.contains_key("condition"))?;
    let mut aliases: Vec<Alias> = read
        .aliases
        .into_iter()
        .map(|alias| {
            let mut fields: Vec<_> = alias.mapping.into_iter().collect();
            fields.sort();
            Alias { name: alias.alias, fields }
        })
        .collect();
    aliases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Correlation {
        meta: meta.into(),
        kind,
        rules: read.rules,
        group_by: read.group_by,
        aliases,
        fields,
        timespan_us: read.timespan.seconds as i64 * 1_000_000,
        timespan_text: read.timespan.original,
        condition,
        generate: read.generate,
    })
}

fn wrong(reason: &str) -> RuleError {
    RuleError::Structure(format!("correlation: {reason}"))
}

fn twice(list: &[String]) -> Option<&String> {
    list.iter().enumerate().find(|(at, one)| list[..*at].contains(one)).map(|(_, one)| one)
}

fn kind(read: &CorrelationRule) -> Result<(Type, Vec<String>), RuleError> {
    let (fields, percentile) = match &read.condition {
        CorrelationCondition::Threshold { field, percentile, .. } => {
            (field.clone().unwrap_or_default(), *percentile)
        }
        CorrelationCondition::Extended(_) => (Vec::new(), None),
    };
    let kind = match read.correlation_type {
        CorrelationType::EventCount => Type::EventCount,
        CorrelationType::ValueCount => Type::ValueCount,
        CorrelationType::ValueSum => Type::ValueSum,
        CorrelationType::ValueAvg => Type::ValueAvg,
        CorrelationType::ValueMedian => Type::ValueMedian,
        CorrelationType::Temporal => Type::Temporal,
        CorrelationType::TemporalOrdered => Type::TemporalOrdered,
        CorrelationType::ValuePercentile => match percentile.unwrap_or(50) {
            percent @ 0..=100 => Type::ValuePercentile(percent as u8),
            percent => return Err(wrong(&format!("percentile: {percent} is not 0 to 100"))),
        },
    };
    if percentile.is_some() && !matches!(kind, Type::ValuePercentile(_)) {
        return Err(wrong("percentile: asked for by another type"));
    }
    let wants = match kind {
        Type::ValueCount => 1..=MAX_FIELDS,
        _ if kind.is_numeric() => 1..=1,
        _ => 0..=0,
    };
    if !wants.contains(&fields.len()) {
        let reason = if fields.is_empty() { "names none" } else { "too many for this type" };
        return Err(wrong(&format!("condition: field {reason}: {}", kind.as_str())));
    }
    Ok((kind, fields))
}

fn condition(read: &CorrelationRule, kind: Type, is_written: bool) -> Result<Holds, RuleError> {
    let is_temporal = matches!(kind, Type::Temporal | Type::TemporalOrdered);
    match &read.condition {
        // The parser stands in for a condition that is not there.
        _ if is_temporal && !is_written => Ok(Holds::AllRules),
        CorrelationCondition::Threshold { predicates, .. } => {
            let list: Vec<_> = predicates.iter().map(|(how, n)| (comparison(*how), *n)).collect();
            let holds = Holds::Compare(list);
            match kind {
                Type::TemporalOrdered if asks_for_all(&holds, read.rules.len()) => {
                    Ok(Holds::AllRules)
                }
                Type::TemporalOrdered => Err(wrong("condition: a part of the rules has no order")),
                _ => Ok(holds),
            }
        }
        CorrelationCondition::Extended(_) if kind != Type::Temporal => {
            Err(wrong("condition: names of rules belong to the type temporal"))
        }
        CorrelationCondition::Extended(expression) => {
            let name =
                |rule: &String| Selection { name: rule.clone(), body: Body::Any(Vec::new()) };
            let rules: Vec<Selection> = read.rules.iter().map(name).collect();
            let condition = parse::condition(expression, &rules)?;
            let mut named = 0;
            mark(&condition, &mut named);
            match (0..rules.len()).find(|at| named >> at & 1 == 0) {
                Some(idle) => Err(wrong(&format!("condition: does not name {}", read.rules[idle]))),
                None => Ok(Holds::Rules(condition)),
            }
        }
    }
}

/// Whether the comparisons hold for all rules and for no fewer.
fn asks_for_all(holds: &Holds, rules: usize) -> bool {
    holds.measure(rules as f64) && (0..rules).all(|fewer| !holds.measure(fewer as f64))
}

/// Sets the bits of the rules that a condition names.
fn mark(condition: &Condition, named: &mut u64) {
    match condition {
        Condition::And(list) | Condition::Or(list) => {
            list.iter().for_each(|one| mark(one, named));
        }
        Condition::Not(inner) => mark(inner, named),
        Condition::Selection(at) => *named |= 1 << at,
        Condition::AtLeast(_, list) => list.iter().for_each(|at| *named |= 1 << at),
    }
}

fn comparison(operator: ConditionOperator) -> Comparison {
    match operator {
        ConditionOperator::Lt => Comparison::Lt,
        ConditionOperator::Lte => Comparison::Lte,
        ConditionOperator::Gt => Comparison::Gt,
        ConditionOperator::Gte => Comparison::Gte,
        ConditionOperator::Eq => Comparison::Eq,
        ConditionOperator::Neq => Comparison::Neq,
    }
}

/// The `correlation` section of the document with this title; empty if it comes of a document
/// before it (`action: global`).
fn section(text: &str, title: &str) -> Mapping {
    for document in yaml_serde::Deserializer::from_str(text) {
        let Ok(Value::Mapping(rule)) = Value::deserialize(document) else { continue };
        if rule.get("title").and_then(Value::as_str) == Some(title)
            && let Some(section) = rule.get("correlation").and_then(Value::as_mapping)
        {
            return section.clone();
        }
    }
    Mapping::new()
}

const KEYS: [&str; 9] = [
    "type",
    "rules",
    "group-by",
    "timespan",
    "timeframe",
    "condition",
    "aliases",
    "generate",
    "window",
];
const CONDITION_KEYS: [&str; 8] = ["field", "percentile", "gt", "gte", "lt", "lte", "eq", "neq"];

/// What the parser passes over: keys nobody knows, values of another kind than they should be.
fn strict(section: &Mapping) -> Result<(), RuleError> {
    known("", section, &KEYS)?;
    for key in ["rules", "group-by"] {
        texts(key, section.get(key))?;
    }
    match section.get("generate") {
        None | Some(Value::Bool(_)) => {}
        Some(_) => return Err(wrong("generate: neither true nor false")),
    }
    if let Some(condition) = section.get("condition").and_then(Value::as_mapping) {
        known("condition: ", condition, &CONDITION_KEYS)?;
        texts("condition: field", condition.get("field"))?;
        for (key, value) in condition {
            let key = key.as_str().unwrap_or_default();
            if key != "field" && value.as_u64().is_none() {
                return Err(wrong(&format!("condition: {key} is no whole number from 0 on")));
            }
        }
    }
    match section.get("aliases") {
        None => Ok(()),
        Some(Value::Mapping(aliases)) => aliases.values().try_for_each(|alias| {
            let fields = alias.as_mapping().ok_or_else(|| wrong("aliases: a map is missing"))?;
            fields.iter().try_for_each(|(rule, field)| match (rule, field) {
                (Value::String(_), Value::String(_)) => Ok(()),
                _ => Err(wrong("aliases: a name that is no text")),
            })
        }),
        Some(_) => Err(wrong("aliases: no map")),
    }
}

fn known(at: &str, map: &Mapping, keys: &[&str]) -> Result<(), RuleError> {
    match map.keys().find(|key| key.as_str().is_none_or(|key| !keys.contains(&key))) {
        None => Ok(()),
        Some(key) => Err(wrong(&format!("{at}{} is not known", key.as_str().unwrap_or("a key")))),
    }
}

/// A text, or a list of texts.
fn texts(key: &str, value: Option<&Value>) -> Result<(), RuleError> {
    match value {
        None | Some(Value::String(_)) => Ok(()),
        Some(Value::Sequence(list)) if list.iter().all(|one| one.as_str().is_some()) => Ok(()),
        Some(_) => Err(wrong(&format!("{key}: neither a text nor a list of texts"))),
    }
}
