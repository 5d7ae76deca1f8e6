//! Rules in their order: for each rule, the chain of records up to it that began last.
//!
//! Of two chains that have come equally far, the one that began later fits every window that the
//! other fits. So one chain for each rule is enough, however many events there are.

/// The chains of a group, by position of the rule they have come to.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chains(pub(super) Vec<Level>);

/// How far a rule was reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Level {
    /// By any record.
    pub(super) now: Option<Chain>,
    /// By a record before the one that `now` ends with.
    pub(super) before: Option<Chain>,
}

/// Records that make the rules hold in their order.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Chain {
    /// Time of the first.
    pub(super) start: i64,
    /// Their numbers.
    pub(super) orders: Vec<u64>,
}

impl Chain {
    fn last(&self) -> Option<u64> {
        self.orders.last().copied()
    }
}

impl Chains {
    /// Takes a record, not earlier than those before it, that makes rule `source` of `of` hold.
    /// Gives the chain that has come to the end, if one has.
    pub(super) fn take(
        &mut self,
        (source, of): (usize, usize),
        at: i64,
        order: u64,
        timespan: i64,
    ) -> Option<Chain> {
        self.0.resize(of, Level::default());
        let reached = if source == 0 {
            Chain { start: at, orders: vec![order] }
        } else {
            let level = &self.0[source - 1];
            // One record is no sequence.
            let other = |chain: &&Chain| chain.last() != Some(order);
            let chain = level.now.as_ref().filter(other).or(level.before.as_ref())?;
            if chain.start < at.saturating_sub(timespan) {
                return None;
            }
            let orders = chain.orders.iter().copied().chain([order]).collect();
            Chain { start: chain.start, orders }
        };
        if source + 1 == of {
            return Some(reached);
        }
        let level = &mut self.0[source];
        match &mut level.now {
            Some(now) if now.start > reached.start => {}
            Some(now) if now.last() == Some(order) => *now = reached,
            now => level.before = now.replace(reached),
        }
        None
    }

    /// Memory it holds, about.
    pub(super) fn bytes(&self) -> usize {
        let chains = self.0.iter().flat_map(|level| level.now.iter().chain(&level.before));
        self.0.len() * size_of::<Level>()
            + chains.map(|chain| chain.orders.len() * 8).sum::<usize>()
    }
}
