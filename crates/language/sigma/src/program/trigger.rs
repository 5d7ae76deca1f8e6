//! The choice of a rule's trigger: atoms of which one must hold for the rule to hold, that the
//! index can find, and that seldom do.

use super::{AtomId, Node, build::Weighed};

/// The trigger of a tree, or `None` if no set of atoms that the index finds is necessary.
pub(super) fn choose(node: &Node, weighed: &[Weighed]) -> Option<Vec<AtomId>> {
    best(node, weighed).map(|(_, atoms)| atoms)
}

fn best(node: &Node, weighed: &[Weighed]) -> Option<(f64, Vec<AtomId>)> {
    match node {
        Node::Known(false) => Some((0.0, Vec::new())),
        Node::Known(true) | Node::Not(_) => None,
        Node::Atom(atom) => {
            let one = &weighed[*atom as usize];
            one.keys.as_ref()?;
            let effort = if one.is_selective() { 0.0 } else { EFFORT };
            Some((one.share + effort, vec![*atom]))
        }
        Node::And(list) => {
            list.iter().filter_map(|one| best(one, weighed)).min_by(|(a, _), (b, _)| a.total_cmp(b))
        }
        Node::Or(list) => list.iter().try_fold((0.0, Vec::new()), |(cost, mut all), one| {
            let (more, found) = best(one, weighed)?;
            all.extend(found);
            Some((cost + more, all))
        }),
        // Of n that hold, at least one is among any len - n + 1: the cheapest so many will do.
        Node::AtLeast(n, list) => {
            let mut found: Vec<(f64, Vec<AtomId>)> =
                list.iter().filter_map(|one| best(one, weighed)).collect();
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
pub(super) fn sort(node: &mut Node, weighed: &[Weighed]) {
    match node {
        Node::And(list) => {
            list.iter_mut().for_each(|one| sort(one, weighed));
            list.sort_by_cached_key(|one| millionths(share(one, weighed)));
        }
        Node::Or(list) => {
            list.iter_mut().for_each(|one| sort(one, weighed));
            list.sort_by_cached_key(|one| std::cmp::Reverse(millionths(share(one, weighed))));
        }
        Node::AtLeast(_, list) => list.iter_mut().for_each(|one| sort(one, weighed)),
        Node::Not(inner) => sort(inner, weighed),
        Node::Atom(_) | Node::Known(_) => {}
    }
}

fn millionths(share: f64) -> u32 {
    (share * 1e6) as u32
}

/// A rough guess of the share of events for which the tree holds.
fn share(node: &Node, weighed: &[Weighed]) -> f64 {
    match node {
        Node::Known(true) => 1.0,
        Node::Known(false) => 0.0,
        Node::Atom(atom) => weighed[*atom as usize].share,
        Node::And(list) => list.iter().map(|one| share(one, weighed)).fold(1.0, f64::min),
        Node::Or(list) | Node::AtLeast(_, list) => {
            list.iter().map(|one| share(one, weighed)).sum::<f64>().min(1.0)
        }
        Node::Not(inner) => 1.0 - share(inner, weighed).min(1.0),
    }
}
