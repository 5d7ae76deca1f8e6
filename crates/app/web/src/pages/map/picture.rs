//! What rests on something and what it rests on, as pictures: the arrows carry the reasons.

use sector::{Graph, Step, Support, Thing};
use terms::Scope;

use super::words;
use crate::pieces::{
    Arrow, Node, Path,
    words::{count, grouped},
};

/// Services that are drawn; the piece counts the rest of a column.
const MOST: usize = 12;

/// From a thing by way of others to the services that rest on it. `None`: none does.
pub(crate) fn resting_on(id: &str, title: &str, support: &Support) -> Option<Path> {
    let has_middle = support.paths.iter().any(|path| path.steps.len() > 2);
    let last = if has_middle { 2 } else { 1 };
    let mut drawing = Drawing::default();
    for path in support.paths.iter().take(MOST) {
        let end = path.steps.len().saturating_sub(1);
        let mut before = None;
        for (at, step) in path.steps.iter().enumerate() {
            let column = match at {
                0 => 0,
                at if at == end => last,
                _ => 1,
            };
            let below = match at == end {
                true => format!("about {} patients a day", grouped(path.patients_per_day.into())),
                false => String::new(),
            };
            let node = drawing.node(column, step, &below);
            if let Some(before) = before {
                drawing.arrow(before, node, &reason(step));
            }
            before = Some(node);
        }
    }
    let heads: &[&str] = if has_middle {
        &["If this stops", "by way of", "patients feel it in"]
    } else {
        &["If this stops", "patients feel it in"]
    };
    drawing.path(id, title, heads)
}

/// What a thing itself depends on, right of it. `None`: nothing that is known.
pub(crate) fn rests_on(
    id: &str,
    title: &str,
    thing: &Thing,
    graph: &Graph,
    scope: &Scope,
) -> Option<Path> {
    let name = graph.name(thing)?.to_owned();
    let mut nodes = vec![Node::new(0, &name, thing.kind())];
    let mut arrows = Vec::new();
    for one in graph.dependencies_of(thing).filter(|one| one.from == *thing) {
        let known = graph.name(&one.to).filter(|_| is_shown(&one.to, graph, scope));
        let node = match known {
            Some(name) => Node::new(1, name, one.to.kind()).leading_to(&words::href(&one.to)),
            None => Node::new(1, "Another organisation’s", "not for you to see"),
        };
        let why = if one.reason.is_empty() { &one.kind } else { &one.reason };
        arrows.push(Arrow::new(0, nodes.len(), why));
        nodes.push(node);
    }
    let heads = ["This", "depends on"];
    (nodes.len() > 1).then(|| Path::new(id, title, &heads, nodes, arrows))
}

/// Whether somebody of a scope may know of a thing. Suppliers are known to everybody.
pub(crate) fn is_shown(thing: &Thing, graph: &Graph, scope: &Scope) -> bool {
    match thing {
        Thing::Supplier(_) => true,
        thing => graph.owner(thing).is_some_and(|owner| graph.contains(scope, owner)),
    }
}

/// "3 services for about 4,200 patients a day"; nothing rests on it: `None`.
pub(crate) fn in_words(support: &Support) -> Option<String> {
    (support.services > 0).then(|| {
        let patients = i64::try_from(support.patients_per_day).unwrap_or(i64::MAX);
        let services = count(support.services.into(), "service", None);
        format!("{services} for about {} a day", count(patients, "patient", None))
    })
}

/// A verb behind [`in_words`]: "feel", or "feels" for one service.
pub(crate) fn verb(support: &Support, many: &str) -> String {
    if support.services == 1 { format!("{many}s") } else { many.to_owned() }
}

fn reason(step: &Step) -> String {
    match step.reason.is_empty() {
        true => words::strength(step.strength).to_owned(),
        false => step.reason.clone(),
    }
}

/// Nodes, none twice, and arrows, none twice.
#[derive(Default)]
struct Drawing {
    keys: Vec<(usize, Option<Thing>)>,
    nodes: Vec<Node>,
    pairs: Vec<(usize, usize)>,
    arrows: Vec<Arrow>,
}

impl Drawing {
    fn node(&mut self, column: usize, step: &Step, below: &str) -> usize {
        let key = (column, step.thing.clone());
        if let Some(at) = self.keys.iter().position(|known| *known == key) {
            return at;
        }
        let node = match &step.thing {
            Some(thing) => {
                let below = if below.is_empty() { thing.kind() } else { below };
                Node::new(column, &step.name, below).leading_to(&words::href(thing))
            }
            None => Node::new(column, "Another organisation’s", "not for you to see"),
        };
        self.keys.push(key);
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn arrow(&mut self, from: usize, to: usize, reason: &str) {
        if from != to && !self.pairs.contains(&(from, to)) {
            self.pairs.push((from, to));
            self.arrows.push(Arrow::new(from, to, reason));
        }
    }

    fn path(self, id: &str, title: &str, heads: &[&str]) -> Option<Path> {
        (self.nodes.len() > 1).then(|| Path::new(id, title, heads, self.nodes, self.arrows))
    }
}
