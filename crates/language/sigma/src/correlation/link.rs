//! Correlations put to the rules of a set: who feeds whom, which fields a hit must bring, and
//! which rules give no findings of their own.
//!
//! A correlation has a [`RuleId`] after those of the rules, so that whatever shows findings shows
//! its firings too.

use std::hash::{BuildHasher, Hasher};

use hashbrown::{HashMap, HashSet};

use super::{Correlation, Holds, Type};
use crate::{
    RuleId,
    model::{Meta, Rule},
    parse::Refused,
};

/// All correlations of a set.
#[derive(Debug, Default)]
pub struct Correlations {
    list: Vec<Linked>,
    /// By number of the rule, correlations included: what it feeds.
    links: Vec<Vec<Link>>,
    /// By number of the rule: the fields that its hits bring.
    fields: Vec<Vec<Box<str>>>,
    /// By number of the rule: gives no findings of its own.
    silent: Vec<bool>,
    /// By number of the rule: changes with what it looks for.
    prints: Vec<u64>,
}

/// A correlation and what feeds it.
#[derive(Debug)]
pub struct Linked {
    /// The correlation.
    pub correlation: Correlation,
    /// Its number.
    pub id: RuleId,
    /// The rules it refers to, in its order.
    pub sources: Vec<RuleId>,
    /// Aliases with the field each stands for, by position of the source.
    aliases: Vec<(Box<str>, Vec<Box<str>>)>,
}

/// A rule feeds a correlation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Position in [`Correlations::list`].
    pub correlation: usize,
    /// Position in [`Linked::sources`].
    pub source: usize,
    /// Where the values to group by stand among the fields of a hit.
    pub group: Vec<usize>,
    /// Where the values to count stand.
    pub fields: Vec<usize>,
}

impl Correlations {
    /// Puts correlations to the rules. Those that cannot be put are refused.
    pub(crate) fn new(rules: &[Rule], list: Vec<Correlation>) -> (Self, Vec<Refused>) {
        let mut refused = Vec::new();
        let mut refuse = |correlation: &Correlation, reason: String| {
            refused.push(Refused {
                file: correlation.meta.file.clone(),
                line: correlation.meta.line,
                title: correlation.meta.title.clone(),
                reason,
            });
        };
        let mut list = list;
        // Leaving one out may leave another without what it refers to.
        let linked = loop {
            let tried: Vec<_> = {
                let names = Names::new(rules, &list);
                list.iter().map(|one| names.bind(one)).collect()
            };
            let is_whole = tried.iter().all(Result::is_ok);
            if is_whole {
                let bound: Vec<Bound> = tried.into_iter().flatten().collect();
                match circle(rules.len(), &bound) {
                    None => break list.into_iter().zip(bound).collect::<Vec<_>>(),
                    Some(at) => {
                        refuse(&list[at], "correlation: refers to itself in a circle".to_owned());
                        list.remove(at);
                    }
                }
                continue;
            }
            let mut tried = tried.into_iter();
            list.retain(|one| match tried.next() {
                Some(Err(reason)) => {
                    refuse(one, format!("correlation: {reason}"));
                    false
                }
                _ => true,
            });
        };
        (Self::linked(rules, linked), refused)
    }

    fn linked(rules: &[Rule], list: Vec<(Correlation, Bound)>) -> Self {
        let first = rules.len();
        let list: Vec<Linked> = list
            .into_iter()
            .enumerate()
            .map(|(at, (correlation, Bound { sources, aliases }))| Linked {
                correlation,
                id: RuleId((first + at) as u32),
                sources,
                aliases,
            })
            .collect();
        let all = first + list.len();
        let mut out = Correlations {
            links: vec![Vec::new(); all],
            fields: vec![Vec::new(); all],
            silent: vec![false; all],
            prints: vec![0; all],
            list,
        };
        let parents_first = out.parents_first();
        for &at in &parents_first {
            out.fields_of_sources(at);
        }
        for &at in parents_first.iter().rev() {
            for id in out.list[at].sources.clone() {
                if let Some(rule) = rules.get(id.0 as usize) {
                    out.prints[id.0 as usize] = print_of_rule(rule);
                }
            }
            out.prints[first + at] = out.print_of(at);
        }
        for (at, one) in out.list.iter().enumerate() {
            for (source, rule) in one.sources.iter().enumerate() {
                let rule = rule.0 as usize;
                let place = |name: &String| {
                    let field = one.field(name, source);
                    out.fields[rule].iter().position(|known| **known == *field)
                };
                let group = one.correlation.group_by.iter().filter_map(place).collect();
                let fields = one.correlation.fields.iter().filter_map(place).collect();
                out.links[rule].push(Link { correlation: at, source, group, fields });
            }
        }
        out.silence(|_| true);
        out
    }

    /// Positions of correlations, each before those it refers to.
    fn parents_first(&self) -> Vec<usize> {
        let first = self.first();
        let mut waits = vec![0usize; self.list.len()];
        let children = |at: usize| {
            let ids = self.list[at].sources.iter().map(|id| id.0 as usize);
            ids.filter(|id| *id >= first).map(|id| id - first).collect::<Vec<_>>()
        };
        (0..self.list.len()).flat_map(children).for_each(|child| waits[child] += 1);
        let mut order: Vec<usize> = (0..waits.len()).filter(|at| waits[*at] == 0).collect();
        let mut at = 0;
        while at < order.len() {
            for child in children(order[at]) {
                waits[child] -= 1;
                if waits[child] == 0 {
                    order.push(child);
                }
            }
            at += 1;
        }
        order
    }

    /// Adds what correlation `at` asks of the hits of its sources. What a correlation that is a
    /// source does not group by, its own sources must bring.
    fn fields_of_sources(&mut self, at: usize) {
        let one = &self.list[at];
        let own = &one.correlation;
        for (source, rule) in one.sources.iter().enumerate() {
            let asked = own.group_by.iter().chain(&own.fields).map(|name| one.field(name, source));
            let passed = self.fields[one.id.0 as usize]
                .iter()
                .filter(|name| !own.group_by.iter().any(|own| **own == ***name))
                .map(|name| &**name);
            let wanted: Vec<Box<str>> = asked.chain(passed).map(Into::into).collect();
            let known = &mut self.fields[rule.0 as usize];
            for field in wanted {
                if !known.contains(&field) {
                    known.push(field);
                }
            }
        }
    }

    fn print_of(&self, at: usize) -> u64 {
        let one = &self.list[at];
        let own = &one.correlation;
        let sources: Vec<u64> = one.sources.iter().map(|id| self.prints[id.0 as usize]).collect();
        print(&format!(
            "{}{:?}{sources:?}{:?}{:?}{:?}{}{:?}",
            known_by(&own.meta),
            own.kind,
            own.group_by,
            own.aliases,
            own.fields,
            own.timespan_us,
            own.condition
        ))
    }

    /// Decides which rules give findings of their own: of the wanted ones all but those that only
    /// correlations without `generate` are about.
    pub(crate) fn silence(&mut self, wanted: impl Fn(RuleId) -> bool) {
        for at in 0..self.silent.len() {
            let links = &self.links[at];
            let speaks = links.is_empty()
                || links.iter().any(|link| self.list[link.correlation].correlation.generate);
            self.silent[at] = !speaks || !wanted(RuleId(at as u32));
        }
    }

    /// The correlations, in the order of their numbers.
    pub fn list(&self) -> &[Linked] {
        &self.list
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The number of the first correlation: how many rules there are.
    pub fn first(&self) -> usize {
        self.links.len() - self.list.len()
    }

    /// The correlation with this number, if it is the number of one.
    pub fn get(&self, id: RuleId) -> Option<&Linked> {
        self.list.get((id.0 as usize).checked_sub(self.first())?)
    }

    /// What hits of a rule feed.
    pub fn links(&self, rule: RuleId) -> &[Link] {
        self.links.get(rule.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// The fields whose values a hit of a rule brings, in this order.
    pub fn fields(&self, rule: RuleId) -> &[Box<str>] {
        self.fields.get(rule.0 as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether a rule gives findings of its own.
    pub fn speaks(&self, rule: RuleId) -> bool {
        self.silent.get(rule.0 as usize).is_none_or(|silent| !silent)
    }

    /// A number that changes with what a rule, or a correlation and all it stands on, looks for.
    pub fn print(&self, rule: RuleId) -> u64 {
        self.prints.get(rule.0 as usize).copied().unwrap_or_default()
    }

    /// The rules a correlation stands on, at however many removes.
    pub(crate) fn grounds(&self, id: RuleId) -> HashSet<RuleId> {
        let mut all = HashSet::new();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            for source in self.get(id).into_iter().flat_map(|one| &one.sources) {
                if all.insert(*source) {
                    open.push(*source);
                }
            }
        }
        all
    }

    /// Gives the correlations back.
    pub(crate) fn into_list(self) -> Vec<Correlation> {
        self.list.into_iter().map(|one| one.correlation).collect()
    }
}

impl Linked {
    /// Whether it could ever fire if only these sources could hold; bit by position.
    pub fn can_fire(&self, possible: u64) -> bool {
        let all = self.sources.len();
        match (&self.correlation.condition, self.correlation.kind) {
            (Holds::AllRules, _) => possible.count_ones() as usize == all,
            // Whatever part of what is possible occurs: with many rules too many to try.
            (condition, Type::Temporal) if all <= 16 => {
                (1..1u64 << all).any(|occur| occur & !possible == 0 && condition.rules(occur, all))
            }
            _ => possible != 0,
        }
    }

    /// The field that `name` (a field or an alias) stands for in events of a source.
    fn field<'n>(&'n self, name: &'n str, source: usize) -> &'n str {
        let alias = self.aliases.iter().find(|(alias, _)| **alias == *name);
        alias.map_or(name, |(_, fields)| &fields[source])
    }
}

/// What the words of a correlation stand for.
struct Bound {
    sources: Vec<RuleId>,
    aliases: Vec<(Box<str>, Vec<Box<str>>)>,
}

/// Rules and correlations by id and name; twice where two share one.
struct Names<'r> {
    ids: HashMap<&'r str, RuleId>,
    names: HashMap<&'r str, Vec<RuleId>>,
}

impl<'r> Names<'r> {
    fn new(rules: &'r [Rule], list: &'r [Correlation]) -> Self {
        let metas = rules.iter().map(|rule| &rule.meta);
        let metas = metas.chain(list.iter().map(|one| &one.meta));
        let (mut ids, mut names) = (HashMap::new(), HashMap::<_, Vec<_>>::new());
        for (at, meta) in metas.enumerate() {
            let id = RuleId(at as u32);
            if !meta.id.is_empty() {
                ids.entry(&*meta.id).or_insert(id);
            }
            if !meta.name.is_empty() {
                names.entry(&*meta.name).or_default().push(id);
            }
        }
        Names { ids, names }
    }

    fn rule(&self, word: &str) -> Result<RuleId, String> {
        if let Some(id) = self.ids.get(word) {
            return Ok(*id);
        }
        match self.names.get(word).map(Vec::as_slice) {
            Some([one]) => Ok(*one),
            Some(several) => Err(format!("{word} is the name of {} rules", several.len())),
            None => Err(format!("no rule in use has the id or name {word}")),
        }
    }

    /// What the words of a correlation stand for.
    fn bind(&self, one: &Correlation) -> Result<Bound, String> {
        let sources: Vec<RuleId> =
            one.rules.iter().map(|word| self.rule(word)).collect::<Result<_, _>>()?;
        if let Some(at) = (1..sources.len()).find(|at| sources[..*at].contains(&sources[*at])) {
            return Err(format!("{} is named twice", one.rules[at]));
        }
        let aliases = one.aliases.iter().map(|alias| {
            let mut fields: Vec<Box<str>> = vec!["".into(); sources.len()];
            for (word, field) in &alias.fields {
                let rule = self.rule(word)?;
                let Some(at) = sources.iter().position(|source| *source == rule) else {
                    return Err(format!("alias {}: {word} is not among the rules", alias.name));
                };
                fields[at] = field.as_str().into();
            }
            match fields.iter().position(|field| field.is_empty()) {
                Some(at) => Err(format!("alias {}: no field for {}", alias.name, one.rules[at])),
                None => Ok((alias.name.as_str().into(), fields)),
            }
        });
        let aliases = aliases.collect::<Result<_, _>>()?;
        Ok(Bound { sources, aliases })
    }
}

/// Position of a correlation that refers to itself, through others or not.
fn circle(first: usize, list: &[Bound]) -> Option<usize> {
    (0..list.len()).find(|start| {
        let mut seen = vec![false; list.len()];
        let mut open = vec![*start];
        while let Some(at) = open.pop() {
            for next in list[at].sources.iter().filter_map(|id| (id.0 as usize).checked_sub(first))
            {
                if next == *start {
                    return true;
                }
                if !std::mem::replace(&mut seen[next], true) {
                    open.push(next);
                }
            }
        }
        false
    })
}

fn print_of_rule(rule: &Rule) -> u64 {
    let known_by = known_by(&rule.meta);
    print(&format!("{known_by}{:?}{:?}{:?}", rule.logsource, rule.selections, rule.condition))
}

/// What stays the same while a rule is worked on.
fn known_by(meta: &Meta) -> &str {
    if meta.id.is_empty() { &meta.title } else { &meta.id }
}

fn print(text: &str) -> u64 {
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    hasher.write(text.as_bytes());
    hasher.finish()
}
