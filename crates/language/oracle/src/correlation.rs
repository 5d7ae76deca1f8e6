//! Correlations interpreted plainly, written from `docs/reference/sigma.md`: everything that ever
//! happened is kept, and each step looks at all of it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use yaml_serde::Value;

/// A rule held for an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    /// Name of the rule.
    pub rule: String,
    /// Microseconds since 1970.
    pub at: i64,
    /// Number of the event in the order of arrival.
    pub order: u64,
    /// The same for copies of one event.
    pub identity: Option<u64>,
    /// Whose it is.
    pub within: String,
    /// The event's fields.
    pub fields: BTreeMap<String, String>,
}

/// A correlation fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Fired {
    /// Title of the correlation.
    pub title: String,
    /// Whose events.
    pub within: String,
    /// The values to group by, as the last event has them.
    pub group: Vec<String>,
    /// Time of the first event that counted.
    pub first: i64,
    /// Time of the last.
    pub last: i64,
    /// What was measured.
    pub measure: f64,
    /// The events that counted, in the order of time.
    pub orders: Vec<u64>,
}

/// One correlation.
#[derive(Clone, Debug)]
struct Correlation {
    title: String,
    name: String,
    kind: String,
    rules: Vec<String>,
    group_by: Vec<String>,
    aliases: BTreeMap<String, BTreeMap<String, String>>,
    timespan: i64,
    condition: Value,
    generate: bool,
}

/// Correlations in their order. Rules go by their names here, not by ids.
#[derive(Clone, Debug, Default)]
pub struct Correlations {
    list: Vec<Correlation>,
}

/// What counts in a group.
#[derive(Clone, Debug, Default)]
struct Group {
    newest: Option<i64>,
    told: Option<i64>,
    /// The event that made it fire.
    told_by: Option<String>,
    /// What happened and was not told yet, with the position of its rule, in the order it came.
    happened: Vec<(usize, Happening)>,
}

type Groups = BTreeMap<(usize, String, Vec<String>), Group>;

impl Correlations {
    /// The correlations of a YAML text; other documents are passed over. None if one cannot be
    /// read.
    pub fn parse(text: &str) -> Option<Self> {
        let mut list = Vec::new();
        for document in yaml_serde::Deserializer::from_str(text) {
            let rule = Value::deserialize(document).ok()?;
            if let Some(section) = rule.get("correlation") {
                list.push(correlation(&rule, section)?);
            }
        }
        Some(Correlations { list })
    }

    /// What fires when all of this is known and put in the order of time. Rules that hold for one
    /// event come in the order of `rules`.
    pub fn run(&self, happenings: &[Happening], rules: &[&str]) -> Vec<Fired> {
        let place = |one: &Happening| rules.iter().position(|rule| *rule == one.rule);
        let mut sorted = happenings.to_vec();
        sorted.sort_by_key(|one| (one.at, one.order, place(one)));
        let mut twins = BTreeSet::new();
        sorted.retain(|one| {
            one.identity.is_none_or(|identity| {
                twins.insert((one.at, one.rule.clone(), one.within.clone(), identity))
            })
        });
        self.run_as_they_come(&sorted)
    }

    /// What fires when things are taken as they come, without waiting for what is late.
    pub fn run_as_they_come(&self, happenings: &[Happening]) -> Vec<Fired> {
        let (mut groups, mut out) = (Groups::new(), Vec::new());
        happenings.iter().for_each(|one| self.feed(one, &mut groups, &mut out));
        out
    }

    fn feed(&self, happening: &Happening, groups: &mut Groups, out: &mut Vec<Fired>) {
        for (at, own) in self.list.iter().enumerate() {
            let Some(source) = own.rules.iter().position(|rule| *rule == happening.rule) else {
                continue;
            };
            let Some(fired) = own.take(at, source, happening, groups) else { continue };
            let mut next = happening.clone();
            next.rule = own.name.clone();
            next.at = fired.last;
            for (name, value) in own.group_by.iter().zip(&fired.group) {
                next.fields.insert(name.clone(), value.clone());
            }
            next.identity = Some(happening.order << 16 | (at as u64) << 8 | source as u64);
            let feeding = self.list.iter().filter(|one| one.rules.contains(&own.name));
            let is_outermost = own.name.is_empty() || feeding.clone().count() == 0;
            if is_outermost || feeding.clone().any(|one| one.generate) {
                out.push(fired);
            }
            if !is_outermost {
                self.feed(&next, groups, out);
            }
        }
    }
}

/// What tells an event from others.
fn event(happening: &Happening) -> String {
    match happening.identity {
        Some(identity) => format!("copy of {identity}"),
        None => format!("number {}", happening.order),
    }
}

fn correlation(rule: &Value, section: &Value) -> Option<Correlation> {
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let list = |key: &str| -> Vec<String> {
        let value = section.get(key).and_then(Value::as_sequence);
        let texts = value.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    let mut aliases = BTreeMap::new();
    for (name, fields) in section.get("aliases").and_then(Value::as_mapping).into_iter().flatten() {
        let fields = fields.as_mapping()?.iter();
        let fields = fields.map(|(k, v)| Some((k.as_str()?.to_owned(), v.as_str()?.to_owned())));
        aliases.insert(name.as_str()?.to_owned(), fields.collect::<Option<_>>()?);
    }
    let timespan = text(section, "timespan")?;
    let (number, unit) = timespan.split_at(timespan.len() - 1);
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return None,
    };
    let generate = rule.get("generate").or(section.get("generate"));
    Some(Correlation {
        title: text(rule, "title")?,
        name: text(rule, "name").unwrap_or_default(),
        kind: text(section, "type")?,
        rules: list("rules"),
        group_by: list("group-by"),
        aliases,
        timespan: number.parse::<i64>().ok()? * seconds * 1_000_000,
        condition: section.get("condition").cloned().unwrap_or(Value::Null),
        generate: generate.and_then(Value::as_bool).unwrap_or(false),
    })
}

impl Correlation {
    fn value(&self, name: &str, happening: &Happening) -> Option<String> {
        let field = self.aliases.get(name).and_then(|alias| alias.get(&happening.rule));
        let value = happening.fields.get(field.map_or(name, String::as_str))?;
        (!value.is_empty()).then(|| value.clone())
    }

    fn values(&self, names: &[String], happening: &Happening) -> Option<Vec<String>> {
        names.iter().map(|name| self.value(name, happening)).collect()
    }

    /// The fields whose values are counted or computed with.
    fn fields(&self) -> Vec<String> {
        match self.condition.get("field") {
            Some(Value::String(one)) => vec![one.clone()],
            Some(Value::Sequence(list)) => {
                list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            _ => Vec::new(),
        }
    }

    fn take(
        &self,
        at: usize,
        source: usize,
        happening: &Happening,
        groups: &mut Groups,
    ) -> Option<Fired> {
        let shown = self.values(&self.group_by, happening)?;
        let counted = self.values(&self.fields(), happening)?;
        if self.is_numeric() && counted.first()?.parse::<f64>().is_err() {
            return None;
        }
        let key = shown.iter().map(|value| value.to_lowercase()).collect();
        let group = groups.entry((at, happening.within.clone(), key)).or_default();
        let newest = group.newest.unwrap_or(happening.at);
        let is_late = happening.at < newest;
        if is_late
            && (self.kind == "temporal_ordered"
                || happening.at < newest - self.timespan
                || group.told.is_some_and(|told| happening.at <= told))
        {
            return None;
        }
        group.newest = Some(newest.max(happening.at));
        let event = event(happening);
        if self.is_about_events()
            && group.told == Some(happening.at)
            && group.told_by.as_ref() == Some(&event)
        {
            return None;
        }
        group.happened.push((source, happening.clone()));
        let newest = newest.max(happening.at);
        let mut window: Vec<(usize, Happening)> = group.happened.clone();
        window.retain(|(_, one)| one.at >= newest - self.timespan);
        if self.kind != "temporal_ordered" {
            window.sort_by_key(|(_, one)| one.at);
        }
        let (measure, counting) = self.holds(&window, source)?;
        group.happened.clear();
        (group.told, group.told_by) = (Some(newest), Some(event));
        Some(Fired {
            title: self.title.clone(),
            within: happening.within.clone(),
            group: shown,
            first: counting.iter().map(|one| one.at).min().unwrap_or(newest),
            last: newest,
            measure,
            orders: counting.iter().map(|one| one.order).collect(),
        })
    }

    fn is_numeric(&self) -> bool {
        ["value_sum", "value_avg", "value_percentile", "value_median"].contains(&&*self.kind)
    }

    /// Whether one event counts once, whatever rules hold for it.
    fn is_about_events(&self) -> bool {
        self.kind == "event_count" || self.is_numeric()
    }

    /// What was measured and the events it was measured by, if the condition holds.
    fn holds(&self, window: &[(usize, Happening)], source: usize) -> Option<(f64, Vec<Happening>)> {
        if self.kind == "temporal_ordered" {
            let chain = self.chain(window, source)?;
            return Some((self.rules.len() as f64, chain));
        }
        // Of what is the same, the latest counts.
        let same = |(source, one): &(usize, Happening)| match &*self.kind {
            "value_count" => {
                let values = self.values(&self.fields(), one).unwrap_or_default();
                values.iter().map(|value| value.to_lowercase()).collect::<Vec<_>>()
            }
            "temporal" => vec![source.to_string()],
            _ => vec![event(one)],
        };
        let mut counting: Vec<(usize, Happening)> = Vec::new();
        for one in window {
            match counting.iter().position(|known| same(known) == same(one)) {
                Some(_) if self.is_about_events() => continue,
                Some(known) => {
                    counting.remove(known);
                }
                None => {}
            }
            counting.push(one.clone());
        }
        let measure = match &*self.kind {
            "event_count" | "value_count" | "temporal" => counting.len() as f64,
            kind => {
                let numbers = counting.iter().filter_map(|(_, one)| {
                    self.values(&self.fields(), one)?.first()?.parse::<f64>().ok()
                });
                self.number(kind, numbers.collect())?
            }
        };
        let occur: BTreeSet<&str> =
            counting.iter().map(|(source, _)| &*self.rules[*source]).collect();
        let holds = match &self.condition {
            Value::Null => occur.len() == self.rules.len(),
            Value::String(expression) => words(expression, &occur),
            condition => compares(condition, measure),
        };
        holds.then(|| (measure, counting.into_iter().map(|(_, one)| one).collect()))
    }

    fn number(&self, kind: &str, mut numbers: Vec<f64>) -> Option<f64> {
        let count = numbers.len();
        if kind == "value_sum" {
            return Some(numbers.iter().sum());
        }
        if kind == "value_avg" {
            return Some(numbers.iter().sum::<f64>() / count as f64);
        }
        numbers.sort_by(f64::total_cmp);
        let percent = match kind {
            "value_median" if count.is_multiple_of(2) => {
                return Some((numbers[count / 2 - 1] + numbers[count / 2]) / 2.0);
            }
            "value_median" => return Some(numbers[count / 2]),
            _ => self.condition.get("percentile").and_then(Value::as_u64).unwrap_or(50),
        };
        // The least value that so many per cent of the values do not exceed.
        numbers.iter().copied().find(|value| {
            let below = numbers.iter().filter(|one| *one <= value).count();
            below as u64 * 100 >= percent * count as u64
        })
    }

    /// The chain of events that ends with the newest, holds the rules in their order, and begins
    /// last.
    fn chain(&self, window: &[(usize, Happening)], source: usize) -> Option<Vec<Happening>> {
        if source + 1 != self.rules.len() {
            return None;
        }
        // For each event, the chain that ends with it and begins last.
        let mut chains: Vec<Option<Vec<Happening>>> = Vec::new();
        for (at, (rule, one)) in window.iter().enumerate() {
            let chain = match rule {
                0 => Some(vec![one.clone()]),
                rule => {
                    let before = (0..at).filter(|before| {
                        window[*before].0 + 1 == *rule && window[*before].1.order != one.order
                    });
                    let longer = before.filter_map(|before| chains[before].clone());
                    longer.max_by_key(|chain| chain[0].at).map(|mut chain| {
                        chain.push(one.clone());
                        chain
                    })
                }
            };
            chains.push(chain);
        }
        chains.pop().flatten()
    }
}

/// `and`, `or`, `not` over names of rules, without parentheses; `and` binds before `or`.
fn words(expression: &str, occur: &BTreeSet<&str>) -> bool {
    expression.split(" or ").any(|part| {
        part.split(" and ").all(|word| match word.trim().strip_prefix("not ") {
            Some(name) => !occur.contains(name.trim()),
            None => occur.contains(word.trim()),
        })
    })
}

fn compares(condition: &Value, measure: f64) -> bool {
    let mut any = false;
    let mut all = true;
    for word in ["gt", "gte", "lt", "lte", "eq", "neq"] {
        let Some(number) = condition.get(word).and_then(Value::as_f64) else { continue };
        any = true;
        all &= match word {
            "gt" => measure > number,
            "gte" => measure >= number,
            "lt" => measure < number,
            "lte" => measure <= number,
            "eq" => measure == number,
            _ => measure != number,
        };
    }
    any && all
}
