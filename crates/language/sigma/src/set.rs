//! All rules together, with what could not be used.

use crate::{
    model::Rule,
    parse::{Filter, Parsed, Refused},
};

/// Number of a rule within its [`RuleSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u32);

/// The rules in use, filters applied.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    /// Documents that cannot be used, and why.
    pub refused: Vec<Refused>,
    /// Documents that Ward reads but does not run yet.
    pub not_yet: Vec<Refused>,
    /// Oddities of documents that can be used.
    pub notes: Vec<Refused>,
    /// How many filters there are.
    pub filters: usize,
}

impl RuleSet {
    /// The rules of all files. A rule whose id a file before it has is used once, and noted.
    pub fn new(files: impl IntoIterator<Item = Parsed>) -> Self {
        let mut set = RuleSet::default();
        let mut filters: Vec<Filter> = Vec::new();
        let mut ids = hashbrown::HashMap::new();
        for parsed in files {
            for rule in parsed.rules {
                let id = rule.meta.id.clone();
                match ids.get(&id) {
                    Some(first) if !id.is_empty() => {
                        set.notes.push(Refused {
                            file: rule.meta.file.clone(),
                            line: rule.meta.line,
                            title: rule.meta.title.clone(),
                            reason: format!("id {id} is already used by {first}; left out"),
                        });
                        continue;
                    }
                    _ => ids.insert(id, rule.meta.file.clone()),
                };
                set.rules.push(rule);
            }
            filters.extend(parsed.filters);
            set.refused.extend(parsed.refused);
            set.not_yet.extend(parsed.not_yet);
            set.notes.extend(parsed.notes);
        }
        set.filters = filters.len();
        for filter in &filters {
            set.rules.iter_mut().filter(|rule| filter.is_for(rule)).for_each(|r| filter.apply(r));
        }
        set
    }

    /// All rules in the order of their numbers.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with this number.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// Numbers and rules.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().enumerate().map(|(at, rule)| (RuleId(at as u32), rule))
    }

    /// Keeps the rules that pass.
    pub fn retain(&mut self, keep: impl FnMut(&Rule) -> bool) {
        self.rules.retain(keep);
    }
}
