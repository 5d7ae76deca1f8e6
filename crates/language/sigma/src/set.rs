//! All rules together, with what could not be used.

use std::{collections::HashSet, sync::Arc};

use crate::{
    correlation::{Correlation, Correlations},
    model::{Meta, Rule},
    parse::{Filter, Parsed, Refused},
};

/// Number of a rule within its [`RuleSet`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u32);

/// The rules in use, filters applied.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    correlations: Correlations,
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
        let mut correlations: Vec<Correlation> = Vec::new();
        let mut ids = Ids::default();
        for parsed in files {
            let (notes, rules) = (&mut set.notes, parsed.rules.into_iter());
            set.rules.extend(rules.filter(|rule| ids.is_new(&rule.meta, notes)));
            let more = parsed.correlations.into_iter();
            correlations.extend(more.filter(|one| ids.is_new(&one.meta, notes)));
            filters.extend(parsed.filters);
            set.refused.extend(parsed.refused);
            set.not_yet.extend(parsed.not_yet);
            set.notes.extend(parsed.notes);
        }
        set.filters = filters.len();
        for filter in &filters {
            set.rules.iter_mut().filter(|rule| filter.is_for(rule)).for_each(|r| filter.apply(r));
        }
        set.link(correlations);
        set
    }

    /// Puts correlations to the rules; those that cannot be put are refused.
    fn link(&mut self, list: Vec<Correlation>) {
        let (correlations, refused) = Correlations::new(&self.rules, list);
        self.correlations = correlations;
        self.refused.extend(refused);
    }

    /// All rules in the order of their numbers.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rule with this number.
    pub fn rule(&self, id: RuleId) -> &Rule {
        &self.rules[id.0 as usize]
    }

    /// The correlations in use. Their numbers come after those of the rules.
    pub fn correlations(&self) -> &Correlations {
        &self.correlations
    }

    /// The facts about the rule or correlation with this number.
    pub fn meta(&self, id: RuleId) -> &Arc<Meta> {
        match self.correlations.get(id) {
            Some(linked) => &linked.correlation.meta,
            None => &self.rule(id).meta,
        }
    }

    /// The facts about all rules and correlations, in the order of their numbers.
    pub fn metas(&self) -> impl Iterator<Item = &Meta> {
        let correlations = self.correlations.list().iter().map(|one| &*one.correlation.meta);
        self.rules.iter().map(|rule| &*rule.meta).chain(correlations)
    }

    /// How many rules and correlations there are.
    pub fn len(&self) -> usize {
        self.rules.len() + self.correlations.list().len()
    }

    /// Whether there is neither a rule nor a correlation.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers and rules.
    pub fn iter(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        self.rules.iter().enumerate().map(|(at, rule)| (RuleId(at as u32), rule))
    }

    /// Keeps the rules that pass. A correlation that loses one of its rules is refused.
    pub fn retain(&mut self, keep: impl FnMut(&Rule) -> bool) {
        self.rules.retain(keep);
        let list = std::mem::take(&mut self.correlations).into_list();
        self.link(list);
    }

    /// Keeps the rules and correlations that are wanted, and the rules that wanted correlations
    /// stand on; these give no findings of their own unless they are wanted themselves.
    pub fn narrow(&mut self, wanted: impl Fn(&Meta) -> bool) {
        let is_wanted: Vec<bool> = self.metas().map(wanted).collect();
        let mut kept: HashSet<usize> = (0..is_wanted.len()).filter(|at| is_wanted[*at]).collect();
        for one in self.correlations.list().iter().filter(|one| is_wanted[one.id.0 as usize]) {
            kept.extend(self.correlations.grounds(one.id).into_iter().map(|id| id.0 as usize));
        }
        let mut numbers = 0..;
        let mut is_kept = || numbers.next().is_some_and(|at| kept.contains(&at));
        self.rules.retain(|_| is_kept());
        let mut list = std::mem::take(&mut self.correlations).into_list();
        list.retain(|_| is_kept());
        self.link(list);
        let mut order: Vec<usize> = kept.into_iter().collect();
        order.sort_unstable();
        self.correlations.silence(|id| order.get(id.0 as usize).is_none_or(|at| is_wanted[*at]));
    }
}

/// The ids met so far, with the file each was met in first.
#[derive(Default)]
struct Ids(hashbrown::HashMap<String, Arc<str>>);

impl Ids {
    /// Whether nothing before had this id; notes it if something had.
    fn is_new(&mut self, meta: &Meta, notes: &mut Vec<Refused>) -> bool {
        if meta.id.is_empty() {
            return true;
        }
        if let Some(first) = self.0.get(&meta.id) {
            notes.push(Refused {
                file: meta.file.clone(),
                line: meta.line,
                title: meta.title.clone(),
                reason: format!("id {} is already used by {first}; left out", meta.id),
            });
            return false;
        }
        self.0.insert(meta.id.clone(), meta.file.clone());
        true
    }
}
