//! The choice of a rule's trigger: atoms of which one must hold for the rule to hold, that the
//! index can find, and that seldom do.

use super::{
    Atom, AtomId, Node,
    index::{is_selective, keys_of},
};

/// The trigger of a tree, or `None` if no set of atoms that the index finds is necessary.
pub(super) fn choose(node: &Node, costs: &[f64], atoms: &[Atom]) -> Option<Vec<AtomId>> {
    best(node, costs, atoms).map(|(_, atoms)| atoms)
}

fn best(node: &Node, costs: &[f64], atoms: &[Atom]) -> Option<(f64, Vec<AtomId>)> {
    match node {
        Node::Known(false) => Some((0.0, Vec::new())),
        Node::Known(true) | Node::Not(_) => None,
        Node::Atom(atom) => {
            let test = &atoms[*atom as usize].test;
            keys_of(test)?;
            let effort = if is_selective(test) { 0.0 } else { EFFORT };
            Some((costs[*atom as usize] + effort, vec![*atom]))
        }
        Node::And(list) => list
            .iter()
            .filter_map(|one| best(one, costs, atoms))
            .min_by(|(a, _), (b, _)| a.total_cmp(b)),
        Node::Or(list) => list.iter().try_fold((0.0, Vec::new()), |(cost, mut all), one| {
            let (more, found) = best(one, costs, atoms)?;
            all.extend(found);
            Some((cost + more, all))
        }),
        // Of n that hold, at least one is among any len - n + 1: the cheapest so many will do.
        Node::AtLeast(n, list) => {
            let mut found: Vec<(f64, Vec<AtomId>)> =
                list.iter().filter_map(|one| best(one, costs, atoms)).collect();
            let needed = list.len() + 1 - usize::try_from(*n).ok()?.min(list.len());
            if found.len() < needed {
                return None;
            }
            found.sort_by(|(a, _), (b, _)| a.total_cmp(b));
            let chosen = found.into_iter().take(needed);
            Some(chosen.fold((0.0, Vec::new()), |(cost, mut all), (more, atoms)| {
                all.extend(atoms);
                (cost + more, all)
            }))
        }
    }
}

/// What testing every new value of a field costs, beside a rule that is looked at for nothing.
const EFFORT: f64 = 0.3;

/// Puts what seldom holds first in conjunctions and what often holds first in disjunctions.
pub(super) fn sort(node: &mut Node, costs: &[f64]) {
    match node {
        Node::And(list) => {
            list.iter_mut().for_each(|one| sort(one, costs));
            list.sort_by(|a, b| share(a, costs).total_cmp(&share(b, costs)));
        }
        Node::Or(list) => {
            list.iter_mut().for_each(|one| sort(one, costs));
            list.sort_by(|a, b| share(b, costs).total_cmp(&share(a, costs)));
        }
        Node::AtLeast(_, list) => list.iter_mut().for_each(|one| sort(one, costs)),
        Node::Not(inner) => sort(inner, costs),
        Node::Atom(_) | Node::Known(_) => {}
    }
}

/// A rough guess of the share of events for which the tree holds.
fn share(node: &Node, costs: &[f64]) -> f64 {
    match node {
        Node::Known(true) => 1.0,
        Node::Known(false) => 0.0,
        Node::Atom(atom) => costs[*atom as usize],
        Node::And(list) => list.iter().map(|one| share(one, costs)).fold(1.0, f64::min),
        Node::Or(list) | Node::AtLeast(_, list) => {
            list.iter().map(|one| share(one, costs)).sum::<f64>().min(1.0)
        }
        Node::Not(inner) => 1.0 - share(inner, costs).min(1.0),
    }
}
