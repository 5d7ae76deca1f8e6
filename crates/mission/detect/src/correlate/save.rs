//! The state to bytes and back. Numbers are little-endian; every length is checked against what
//! is there before anything is made of it.
//!
//! What a correlation knows is kept under a number that changes with what it, and all it stands
//! on, looks for: after a change of rules, only what was changed begins anew.

use std::{cmp::Reverse, sync::Arc};

use sigma::{RuleId, RuleSet};
use terms::Timestamp;

use super::{
    CorrelationState, Hit, Limits,
    chain::{Chain, Chains, Level},
    state::Waiting,
    window::{Saved, Seen, Window},
};

const MAGIC: &[u8; 8] = b"wardcorr";
/// Version of the form.
const VERSION: u32 = 1;
/// A rule's place that saved hits refer to.
const GONE: u32 = u32::MAX;

/// Bytes that are no saved state.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// They are something else.
    #[error("this is no saved state of correlations")]
    Magic,
    /// A later version of Ward wrote them.
    #[error("the saved state of correlations has version {0}, which this version does not read")]
    Version(u32),
    /// They end too early, or go on too long.
    #[error("the saved state of correlations is damaged at byte {0}")]
    Damaged(usize),
}

/// What came of a saved state.
#[derive(Debug)]
pub struct Restored {
    /// The state.
    pub state: CorrelationState,
    /// Saved correlations that are not in use any more, or look for something else now.
    pub dropped: usize,
}

impl CorrelationState {
    /// The whole state. The same state gives the same bytes.
    pub fn save(&self) -> Vec<u8> {
        let mut out = Writer(MAGIC.to_vec());
        out.u32(VERSION);
        out.u64(self.limits.seed);
        out.i64(self.watermark);
        let mut counts = self.counts;
        counts.numbers().into_iter().for_each(|count| out.u64(*count));
        out.i64(self.twins.at);
        let mut twins: Vec<u64> = self.twins.seen.iter().copied().collect();
        twins.sort_unstable();
        out.len(twins.len());
        twins.into_iter().for_each(|twin| out.u64(twin));
        let correlations = self.rules.correlations();
        out.len(self.windows.len());
        for (linked, window) in correlations.list().iter().zip(&self.windows) {
            out.u64(correlations.print(linked.id));
            let at = out.0.len();
            out.u64(0);
            out.window(window);
            // So that a reader can pass over what it does not know.
            let bytes = (out.0.len() - at - 8) as u64;
            out.0[at..at + 8].copy_from_slice(&bytes.to_le_bytes());
        }
        self.save_waiting(&mut out);
        out.0
    }

    fn save_waiting(&self, out: &mut Writer) {
        let correlations = self.rules.correlations();
        let mut waiting: Vec<&Waiting> = self.waiting.iter().map(|Reverse(one)| one).collect();
        waiting.sort_unstable();
        let mut rules: Vec<RuleId> = waiting.iter().map(|one| one.hit.rule).collect();
        rules.sort_unstable();
        rules.dedup();
        out.len(rules.len());
        for rule in &rules {
            out.u64(correlations.print(*rule));
            let names = correlations.fields(*rule);
            out.len(names.len());
            names.iter().for_each(|name| out.text(name));
        }
        out.len(waiting.len());
        for Waiting { at, hit } in waiting {
            out.u32(rules.binary_search(&hit.rule).map_or(GONE, |at| at as u32));
            out.i64(*at);
            out.u64(hit.order);
            out.u8(hit.identity.is_some().into());
            out.u64(hit.identity.unwrap_or(0));
            [&*hit.within, &*hit.host, &*hit.user].into_iter().for_each(|text| out.text(text));
            out.len(hit.values.len());
            for value in &hit.values {
                out.u8(value.is_some().into());
                out.text(value.as_deref().unwrap_or_default());
            }
        }
    }

    /// The state as it was saved, for rules that may have changed.
    ///
    /// Errors: the bytes are not what [`save`](Self::save) gives.
    pub fn restore(
        bytes: &[u8],
        rules: Arc<RuleSet>,
        limits: Limits,
    ) -> Result<Restored, SaveError> {
        let mut read = Reader { bytes, at: 0 };
        if read.take(8)? != MAGIC {
            return Err(SaveError::Magic);
        }
        match read.u32()? {
            VERSION => {}
            other => return Err(SaveError::Version(other)),
        }
        let seed = read.u64()?;
        let mut state = CorrelationState::new(rules, Limits { seed, ..limits });
        state.watermark = read.i64()?;
        for count in state.counts.numbers() {
            *count = read.u64()?;
        }
        state.twins.at = read.i64()?;
        for _ in 0..read.len(8)? {
            state.twins.seen.insert(read.u64()?);
        }
        let dropped = read.windows(&mut state)?;
        read.waiting(&mut state)?;
        if read.at != bytes.len() {
            return Err(SaveError::Damaged(read.at));
        }
        state.recount();
        Ok(Restored { state, dropped })
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, number: u8) {
        self.0.push(number);
    }

    fn u32(&mut self, number: u32) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn u64(&mut self, number: u64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn i64(&mut self, number: i64) {
        self.0.extend_from_slice(&number.to_le_bytes());
    }

    fn len(&mut self, len: usize) {
        self.u32(len as u32);
    }

    fn text(&mut self, text: &str) {
        self.len(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    fn window(&mut self, window: &Window) {
        self.len(window.groups());
        for (slot, group) in window.in_order() {
            group.key.into_iter().for_each(|half| self.u64(half));
            self.i64(group.newest);
            self.i64(group.told);
            self.u64(group.told_by);
            self.u32(group.len);
            for (at, node) in window.nodes_of(slot) {
                self.i64(node.at);
                self.u64(node.value);
                self.u64(node.order);
                self.u32(node.source);
                self.u64(window.number(at).to_bits());
            }
            let levels = window.chains_of(slot).map_or(&[][..], |chains| &chains.0);
            self.len(levels.len());
            levels.iter().for_each(|level| {
                self.chain(level.now.as_ref());
                self.chain(level.before.as_ref());
            });
        }
    }

    fn chain(&mut self, chain: Option<&Chain>) {
        let orders = chain.map_or(&[][..], |chain| &chain.orders);
        self.len(orders.len());
        self.i64(chain.map_or(0, |chain| chain.start));
        orders.iter().for_each(|order| self.u64(*order));
    }
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, len: usize) -> Result<&'b [u8], SaveError> {
        let rest = &self.bytes[self.at..];
        let taken = rest.get(..len).ok_or(SaveError::Damaged(self.at))?;
        self.at += len;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SaveError> {
        let at = self.at;
        self.take(N)?.try_into().map_err(|_| SaveError::Damaged(at))
    }

    fn u8(&mut self) -> Result<u8, SaveError> {
        self.array::<1>().map(|[one]| one)
    }

    fn u32(&mut self) -> Result<u32, SaveError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, SaveError> {
        self.array().map(u64::from_le_bytes)
    }

    fn i64(&mut self) -> Result<i64, SaveError> {
        self.array().map(i64::from_le_bytes)
    }

    /// How many of something that takes at least so many bytes; never more than fit the rest.
    fn len(&mut self, each_bytes: usize) -> Result<usize, SaveError> {
        let (at, len) = (self.at, self.u32()? as usize);
        let rest = self.bytes.len() - self.at;
        if len > rest / each_bytes { Err(SaveError::Damaged(at)) } else { Ok(len) }
    }

    fn text(&mut self) -> Result<&'b str, SaveError> {
        let (at, len) = (self.at, self.len(1)?);
        std::str::from_utf8(self.take(len)?).map_err(|_| SaveError::Damaged(at))
    }

    /// The groups of each correlation; gives how many correlations there is no use for.
    fn windows(&mut self, state: &mut CorrelationState) -> Result<usize, SaveError> {
        let correlations = state.rules.correlations();
        let mut open: Vec<(u64, usize)> = correlations
            .list()
            .iter()
            .map(|linked| (correlations.print(linked.id), linked.sources.len()))
            .collect();
        let mut dropped = 0;
        for _ in 0..self.len(16)? {
            let print = self.u64()?;
            let bytes = usize::try_from(self.u64()?).map_err(|_| SaveError::Damaged(self.at))?;
            let from = self.at;
            let own = Reader { bytes: self.take(bytes)?, at: 0 };
            match open.iter().position(|(known, sources)| *known == print && *sources > 0) {
                Some(at) => {
                    let sources = std::mem::take(&mut open[at].1);
                    own.groups(&mut state.windows[at], sources).map_err(|error| match error {
                        SaveError::Damaged(at) => SaveError::Damaged(from + at),
                        other => other,
                    })?;
                }
                None => dropped += 1,
            }
        }
        Ok(dropped)
    }

    fn groups(mut self, window: &mut Window, sources: usize) -> Result<(), SaveError> {
        for _ in 0..self.len(48)? {
            let key = [self.u64()?, self.u64()?];
            let (newest, told, told_by) = (self.i64()?, self.i64()?, self.u64()?);
            let mut nodes = Vec::new();
            for _ in 0..self.len(36)? {
                let (at, value, order) = (self.i64()?, self.u64()?, self.u64()?);
                let (source, number) = (self.u32()? as usize, f64::from_bits(self.u64()?));
                if source >= sources {
                    return Err(SaveError::Damaged(self.at));
                }
                nodes.push(Seen { key, at, value, number, order, source });
            }
            let mut levels = Vec::new();
            for _ in 0..self.len(24)? {
                levels.push(Level { now: self.chain()?, before: self.chain()? });
            }
            if levels.len() > sources {
                return Err(SaveError::Damaged(self.at));
            }
            let chains = (!levels.is_empty()).then_some(Chains(levels));
            window.restore(Saved { key, newest, told, told_by }, nodes.into_iter(), chains);
        }
        if self.at == self.bytes.len() { Ok(()) } else { Err(SaveError::Damaged(self.at)) }
    }

    fn chain(&mut self) -> Result<Option<Chain>, SaveError> {
        let (len, start) = (self.len(8)?, self.i64()?);
        let orders = (0..len).map(|_| self.u64()).collect::<Result<Vec<_>, _>>()?;
        Ok((!orders.is_empty()).then_some(Chain { start, orders }))
    }

    fn waiting(&mut self, state: &mut CorrelationState) -> Result<(), SaveError> {
        let rules = state.rules.clone();
        let correlations = rules.correlations();
        let feeding: Vec<RuleId> = (0..correlations.first() as u32)
            .map(RuleId)
            .filter(|rule| !correlations.links(*rule).is_empty())
            .collect();
        let mut known = Vec::new();
        for _ in 0..self.len(12)? {
            let print = self.u64()?;
            let rule = feeding.iter().copied().find(|rule| correlations.print(*rule) == print);
            let names: Vec<&str> =
                (0..self.len(4)?).map(|_| self.text()).collect::<Result<_, _>>()?;
            known.push((rule, names));
        }
        for _ in 0..self.len(41)? {
            let (place, at) = (self.u32()? as usize, self.i64()?);
            let (order, has_identity) = (self.u64()?, self.u8()? == 1);
            let identity = self.u64()?;
            let (within, host, user) = (self.text()?, self.text()?, self.text()?);
            let mut values = Vec::new();
            for _ in 0..self.len(5)? {
                let is_there = self.u8()? == 1;
                let text = self.text()?;
                values.push(is_there.then_some(text));
            }
            let Some((rule, names)) = known.get(place) else {
                return Err(SaveError::Damaged(self.at));
            };
            let Ok(time) = Timestamp::from_microsecond(at) else {
                return Err(SaveError::Damaged(self.at));
            };
            let Some(rule) = *rule else { continue };
            let value = |name: &str| {
                let at = names.iter().position(|known| *known == name)?;
                Some((*values.get(at)?.as_ref()?).into())
            };
            let hit = Hit {
                rule,
                at: time,
                order,
                identity: has_identity.then_some(identity),
                within: within.into(),
                host: host.into(),
                user: user.into(),
                values: correlations.fields(rule).iter().map(|name| value(name)).collect(),
            };
            state.waiting.push(Reverse(Waiting { at, hit }));
        }
        Ok(())
    }
}
