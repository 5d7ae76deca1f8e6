//! YAML to rules. The syntax tree comes from `rsigma-parser`; what it means is decided here and
//! in [`crate::modifiers`].

use std::sync::Arc;

use event::LogSource;
use rsigma_parser::{
    ConditionExpr, CorrelationRule, Detection, DetectionItem, Detections, FilterRule,
    FilterRuleTarget, Quantifier, SelectorPattern, SigmaCollection, SigmaRule, SigmaValue,
};
use terms::Level;

use crate::{
    RuleError,
    correlation::{self, Correlation},
    glob::{Glob, Part},
    model::{Asked, Body, Condition, Item, Meta, Rule, Selection},
    modifiers::{Modifiers, Placeholders},
    structure,
};

/// What a file of rules came to.
#[derive(Debug, Default)]
pub struct Parsed {
    /// Rules that can be used.
    pub rules: Vec<Rule>,
    /// Correlations, to be put to rules of all files.
    pub correlations: Vec<Correlation>,
    /// Filters, to be applied to rules of all files.
    pub filters: Vec<Filter>,
    /// Documents that cannot be used, and why.
    pub refused: Vec<Refused>,
    /// Documents that Ward reads but does not run yet.
    pub not_yet: Vec<Refused>,
    /// Oddities of documents that can be used.
    pub notes: Vec<Refused>,
}

/// A document, or a part of it, and what is said of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    /// File as the user would write it.
    pub file: Arc<str>,
    /// Line, counted from 1.
    pub line: u32,
    /// Title of the rule, if it has one.
    pub title: String,
    /// One sentence.
    pub reason: String,
}

/// A filter document.
#[derive(Clone, Debug)]
pub struct Filter {
    /// Its title.
    pub title: String,
    /// Rules it is meant for by id or name; `None` for all.
    pub rules: Option<Vec<String>>,
    /// Log source that rules must share.
    pub logsource: LogSource,
    selections: Vec<Selection>,
    condition: Condition,
    condition_text: String,
}

/// A rule file may be this long.
pub const MAX_FILE_BYTES: usize = 4 << 20;

/// Reads one file of rules, filters and correlations.
pub fn file(name: &Arc<str>, text: &str, placeholders: &Placeholders) -> Parsed {
    let mut out = Parsed::default();
    if text.len() > MAX_FILE_BYTES {
        let reason = format!("longer than {} MiB", MAX_FILE_BYTES >> 20);
        out.refused.push(Refused { file: name.clone(), line: 1, title: String::new(), reason });
        return out;
    }
    for (line, document) in documents(text) {
        let place = Document { file: name, line, text: document };
        if let Err(reason) = structure::check(document) {
            out.refused.push(place.refused("", &reason));
            continue;
        }
        match rsigma_parser::parse_sigma_yaml(document) {
            Ok(collection) => place.take(collection, placeholders, &mut out),
            Err(error) => out.refused.push(place.refused("", &error.to_string())),
        }
    }
    out
}

/// The YAML documents of a file with the line each starts on. Files that use collection actions
/// (`action: global` and the like) stay whole, because their documents belong together.
fn documents(text: &str) -> Vec<(u32, &str)> {
    let acts = text.lines().any(|line| line.starts_with("action:"));
    if acts || !text.lines().any(|line| line.trim_end() == "---") {
        return vec![(1, text)];
    }
    let mut documents = Vec::new();
    let (mut start, mut start_line, mut at) = (0, 1, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let end = at;
        at += line.len();
        if line.trim_end() == "---" {
            documents.push((start_line, &text[start..end]));
            (start, start_line) = (at, number as u32 + 2);
        }
    }
    documents.push((start_line, &text[start..]));
    documents.retain(|(_, text)| {
        text.lines().any(|line| !line.trim().is_empty() && !line.starts_with('#'))
    });
    documents
}

struct Document<'d> {
    file: &'d Arc<str>,
    line: u32,
    text: &'d str,
}

impl Document<'_> {
    fn take(&self, collection: SigmaCollection, placeholders: &Placeholders, out: &mut Parsed) {
        let read =
            collection.rules.len() + collection.filters.len() + collection.correlations.len();
        for error in &collection.errors {
            let said = self.refused("", error);
            if read == 0 { out.refused.push(said) } else { out.notes.push(said) }
        }
        if read == 0 && collection.errors.is_empty() {
            out.refused.push(self.refused("", "no rule in this document"));
        }
        for rule in collection.rules {
            let title = rule.title.clone();
            match self.rule(rule, placeholders) {
                Ok(rule) => out.rules.push(rule),
                Err(error @ RuleError::NotYet(_)) => {
                    out.not_yet.push(self.refused_for(&title, &error));
                }
                Err(error) => out.refused.push(self.refused_for(&title, &error)),
            }
        }
        for filter in collection.filters {
            let title = filter.title.clone();
            match self.filter(filter, placeholders) {
                Ok(filter) => out.filters.push(filter),
                Err(error) => out.refused.push(self.refused_for(&title, &error)),
            }
        }
        for correlation in collection.correlations {
            let title = correlation.title.clone();
            match self.correlation(correlation) {
                Ok(correlation) => out.correlations.push(correlation),
                Err(error @ RuleError::NotYet(_)) => {
                    out.not_yet.push(self.refused_for(&title, &error));
                }
                Err(error) => out.refused.push(self.refused_for(&title, &error)),
            }
        }
    }

    fn refused(&self, title: &str, reason: &str) -> Refused {
        let line = line_in(reason).map_or(self.line, |line| self.line + line - 1);
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        Refused { file: self.file.clone(), line, title: title.to_owned(), reason }
    }

    fn refused_for(&self, title: &str, error: &RuleError) -> Refused {
        let key = match error {
            RuleError::Modifiers { key, .. }
            | RuleError::Value { key, .. }
            | RuleError::Regex { key, .. }
            | RuleError::Placeholder { key, .. } => Some(key.as_str()),
            RuleError::NoSelection(_) | RuleError::Condition(_) => Some("condition"),
            RuleError::Structure(_) | RuleError::NotYet(_) => None,
        };
        let mut refused = self.refused(title, &error.to_string());
        if let Some(line) = key.and_then(|key| self.line_of(key)) {
            refused.line = line;
        }
        refused
    }

    /// The first line on which `key` stands as a key.
    fn line_of(&self, key: &str) -> Option<u32> {
        let is_key = |line: &str| {
            let line = line.trim_start_matches([' ', '-', '\'', '"']);
            line.strip_prefix(key).is_some_and(|rest| rest.starts_with([':', '\'', '"']))
        };
        let at = self.text.lines().position(is_key)?;
        Some(self.line + at as u32)
    }

    fn rule(&self, rule: SigmaRule, placeholders: &Placeholders) -> Result<Rule, RuleError> {
        let (selections, condition) = detections(&rule.detection, placeholders)?;
        let condition_text = condition_text(&rule.detection);
        let note = |key: &str| {
            let ward = rule.custom_attributes.get("ward")?;
            Some(ward.get(key)?.as_str()?.trim().to_owned())
        };
        let logsource = LogSource {
            product: lower(&rule.logsource.product),
            category: lower(&rule.logsource.category),
            service: lower(&rule.logsource.service),
        };
        let meta = Meta {
            harm: note("harm").unwrap_or_default(),
            action: note("action").unwrap_or_default(),
            id: rule.id.unwrap_or_default(),
            name: rule.name.unwrap_or_default(),
            title: rule.title,
            description: rule.description.unwrap_or_default().trim().to_owned(),
            author: rule.author.unwrap_or_default(),
            level: rule.level.map_or(Level::Medium, level),
            status: rule
                .status
                .map(|status| format!("{status:?}").to_lowercase())
                .unwrap_or_default(),
            date: rule.date.unwrap_or_default(),
            tags: rule.tags,
            falsepositives: rule.falsepositives,
            references: rule.references,
            license: rule.license.unwrap_or_default(),
            file: self.file.clone(),
            line: self.line,
        };
        Ok(Rule { meta: Arc::new(meta), logsource, selections, condition, condition_text })
    }

    fn correlation(&self, rule: CorrelationRule) -> Result<Correlation, RuleError> {
        let note = |key: &str| {
            let ward = rule.custom_attributes.get("ward")?;
            Some(ward.get(key)?.as_str()?.trim().to_owned())
        };
        let status = rule.status.map(|status| format!("{status:?}").to_lowercase());
        let meta = Meta {
            harm: note("harm").unwrap_or_default(),
            action: note("action").unwrap_or_default(),
            id: rule.id.clone().unwrap_or_default(),
            name: rule.name.clone().unwrap_or_default(),
            title: rule.title.clone(),
            description: rule.description.clone().unwrap_or_default().trim().to_owned(),
            author: rule.author.clone().unwrap_or_default(),
            level: rule.level.map_or(Level::Medium, level),
            status: status.unwrap_or_default(),
            date: rule.date.clone().unwrap_or_default(),
            tags: rule.tags.clone(),
            falsepositives: rule.falsepositives.clone(),
            references: rule.references.clone(),
            license: rule.license.clone().unwrap_or_default(),
            file: self.file.clone(),
            line: self.line,
        };
        correlation::read::correlation(rule, self.text, meta)
    }

    fn filter(&self, filter: FilterRule, placeholders: &Placeholders) -> Result<Filter, RuleError> {
        let (selections, condition) = detections(&filter.detection, placeholders)?;
        let logsource = filter.logsource.unwrap_or_default();
        Ok(Filter {
            condition_text: condition_text(&filter.detection),
            title: filter.title,
            rules: match filter.rules {
                FilterRuleTarget::Any => None,
                FilterRuleTarget::Specific(rules) => Some(rules),
            },
            logsource: LogSource {
                product: lower(&logsource.product),
                category: lower(&logsource.category),
                service: lower(&logsource.service),
            },
            selections,
            condition,
        })
    }
}

impl Filter {
    /// Whether the filter is meant for this rule.
    pub fn is_for(&self, rule: &Rule) -> bool {
        let named = self.rules.as_ref().is_none_or(|names| {
            names
                .iter()
                .any(|name| !name.is_empty() && (*name == rule.meta.id || *name == rule.meta.name))
        });
        let shares =
            |wanted: &Option<Box<str>>, has: &Option<Box<str>>| wanted.is_none() || wanted == has;
        named
            && shares(&self.logsource.product, &rule.logsource.product)
            && shares(&self.logsource.category, &rule.logsource.category)
            && shares(&self.logsource.service, &rule.logsource.service)
    }

    /// Narrows the rule: from now on the filter's condition must hold too.
    pub fn apply(&self, rule: &mut Rule) {
        let shift = rule.selections.len();
        rule.selections.extend(self.selections.iter().map(|selection| Selection {
            name: format!("{} ({})", selection.name, self.title),
            body: selection.body.clone(),
        }));
        let own = std::mem::replace(&mut rule.condition, Condition::And(Vec::new()));
        rule.condition = Condition::And(vec![own, shifted(&self.condition, shift)]);
        rule.condition_text =
            format!("({}) and filter ({})", rule.condition_text, self.condition_text);
    }
}

/// The condition with all selections renumbered.
fn shifted(condition: &Condition, by: usize) -> Condition {
    let all = |list: &[Condition]| list.iter().map(|one| shifted(one, by)).collect();
    match condition {
        Condition::And(list) => Condition::And(all(list)),
        Condition::Or(list) => Condition::Or(all(list)),
        Condition::Not(inner) => Condition::Not(Box::new(shifted(inner, by))),
        Condition::Selection(at) => Condition::Selection(at + by),
        Condition::AtLeast(n, list) => {
            Condition::AtLeast(*n, list.iter().map(|at| at + by).collect())
        }
    }
}

fn condition_text(detection: &Detections) -> String {
    detection.condition_strings.join(" or ")
}

fn level(level: rsigma_parser::Level) -> Level {
    match level {
        rsigma_parser::Level::Informational => Level::Informational,
        rsigma_parser::Level::Low => Level::Low,
        rsigma_parser::Level::Medium => Level::Medium,
        rsigma_parser::Level::High => Level::High,
        rsigma_parser::Level::Critical => Level::Critical,
    }
}

fn lower(word: &Option<String>) -> Option<Box<str>> {
    word.as_ref().map(|word| word.trim().to_lowercase().into())
}

/// The line that a message of the YAML or condition parser names, counted from 1.
fn line_in(message: &str) -> Option<u32> {
    let rest = &message[message.find("line ")? + 5..];
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().filter(|line| *line > 0)
}

fn detections(
    detection: &Detections,
    placeholders: &Placeholders,
) -> Result<(Vec<Selection>, Condition), RuleError> {
    let mut named: Vec<_> = detection.named.iter().collect();
    named.sort_by_key(|(name, _)| (name.starts_with("filter"), *name));
    let selections = named
        .into_iter()
        .map(|(name, body)| {
            Ok(Selection { name: name.clone(), body: self::body(body, placeholders)? })
        })
        .collect::<Result<Vec<_>, RuleError>>()?;
    let mut conditions = detection
        .conditions
        .iter()
        .map(|expression| condition(expression, &selections))
        .collect::<Result<Vec<_>, _>>()?;
    let condition = match conditions.len() {
        0 => return Err(RuleError::Structure("the condition is empty".to_owned())),
        1 => conditions.remove(0),
        _ => Condition::Or(conditions),
    };
    Ok((selections, condition))
}

/// A condition over named selections; names become their positions.
pub(crate) fn condition(
    expression: &ConditionExpr,
    selections: &[Selection],
) -> Result<Condition, RuleError> {
    let all = |list: &[ConditionExpr]| {
        list.iter().map(|one| condition(one, selections)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match expression {
        ConditionExpr::And(list) => Condition::And(all(list)?),
        ConditionExpr::Or(list) => Condition::Or(all(list)?),
        ConditionExpr::Not(inner) => Condition::Not(Box::new(condition(inner, selections)?)),
        ConditionExpr::Identifier(name) => {
            let at = selections.iter().position(|selection| selection.name == *name);
            Condition::Selection(at.ok_or_else(|| RuleError::NoSelection(name.clone()))?)
        }
        ConditionExpr::Selector { quantifier, pattern } => {
            let fits = |name: &str| match pattern {
                SelectorPattern::Them => !name.starts_with('_'),
                SelectorPattern::Pattern(pattern) => fits_name(pattern, name),
            };
            let fitting: Vec<usize> =
                (0..selections.len()).filter(|at| fits(&selections[*at].name)).collect();
            if fitting.is_empty() {
                return Err(RuleError::NoSelection(pattern.to_string()));
            }
            let wanted = match quantifier {
                Quantifier::Any => 1,
                Quantifier::All => fitting.len() as u64,
                Quantifier::Count(n) => *n,
            };
            if wanted == 0 || wanted > fitting.len() as u64 {
                let reason = format!("{expression}: there are {}", fitting.len());
                return Err(RuleError::Condition(reason));
            }
            Condition::AtLeast(wanted, fitting)
        }
    })
}

/// Whether a name fits a pattern in which `*` stands for any characters.
fn fits_name(pattern: &str, name: &str) -> bool {
    let mut parts = Vec::new();
    for (at, text) in pattern.split('*').enumerate() {
        if at > 0 {
            parts.push(Part::Many);
        }
        if !text.is_empty() {
            parts.push(Part::Text(text.to_owned()));
        }
    }
    Glob::new(&parts).matches(name)
}

fn body(detection: &Detection, placeholders: &Placeholders) -> Result<Body, RuleError> {
    let all = |list: &[Detection]| {
        list.iter().map(|one| body(one, placeholders)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match detection {
        Detection::AllOf(items) => Body::Items(
            items.iter().map(|one| item(one, placeholders)).collect::<Result<Vec<_>, _>>()?,
        ),
        Detection::AnyOf(list) => Body::Any(all(list)?),
        Detection::And(list) => Body::All(all(list)?),
        Detection::Keywords(values) => Body::Items(vec![keywords(values, placeholders)?]),
        Detection::ArrayMatch { .. } | Detection::Conditional { .. } => {
            return Err(RuleError::NotYet(
                "matching inside arrays belongs to a later Sigma version",
            ));
        }
    })
}

fn keywords(values: &[SigmaValue], placeholders: &Placeholders) -> Result<Item, RuleError> {
    let modifiers = Modifiers::new("keywords", &[], true)?;
    Ok(Item {
        field: None,
        key: "keywords".into(),
        values: asked(&modifiers, values, placeholders)?,
        all: false,
        negated: false,
    })
}

fn item(item: &DetectionItem, placeholders: &Placeholders) -> Result<Item, RuleError> {
    let name = item.field.name.as_deref();
    let mut key = name.unwrap_or_default().to_owned();
    for modifier in &item.field.modifiers {
        key.push('|');
        key.push_str(modifier_name(*modifier));
    }
    let modifiers = Modifiers::new(&key, &item.field.modifiers, name.is_none())?;
    let values = asked(&modifiers, &item.values, placeholders)?;
    let field = name.map(|name| rsigma_parser::fieldpath::unescape_brackets(name).into());
    let (all, negated) = (modifiers.all, modifiers.negated);
    Ok(Item { field, key: key.into(), values, all, negated })
}

fn modifier_name(modifier: rsigma_parser::Modifier) -> &'static str {
    use rsigma_parser::Modifier as M;
    match modifier {
        M::Contains => "contains",
        M::StartsWith => "startswith",
        M::EndsWith => "endswith",
        M::All => "all",
        M::Base64 => "base64",
        M::Base64Offset => "base64offset",
        M::Wide => "wide",
        M::Utf16be => "utf16be",
        M::Utf16 => "utf16",
        M::WindAsh => "windash",
        M::Re => "re",
        M::Cidr => "cidr",
        M::Cased => "cased",
        M::Exists => "exists",
        M::Expand => "expand",
        M::FieldRef => "fieldref",
        M::Gt => "gt",
        M::Gte => "gte",
        M::Lt => "lt",
        M::Lte => "lte",
        M::Neq => "neq",
        M::IgnoreCase => "i",
        M::Multiline => "m",
        M::DotAll => "s",
        M::Minute => "minute",
        M::Hour => "hour",
        M::Day => "day",
        M::Week => "week",
        M::Month => "month",
        M::Year => "year",
    }
}

fn asked(
    modifiers: &Modifiers<'_>,
    values: &[SigmaValue],
    placeholders: &Placeholders,
) -> Result<Vec<Asked>, RuleError> {
    values
        .iter()
        .map(|value| {
            let any_of = modifiers.tests(value, placeholders)?;
            Ok(Asked { written: value.to_string().into(), any_of })
        })
        .collect()
}
