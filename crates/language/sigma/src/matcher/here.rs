//! The fields of the event at hand that rules ask for, in their order, those of one slot chained:
//! a question about a field touches nothing but its values.

use crate::program::SlotId;

/// Position of a value in [`Here`].
pub(super) type ValueId = u32;

/// The values of the event at hand that rules ask for.
#[derive(Default)]
pub(super) struct Here {
    values: Vec<Value>,
}

/// A value in its role for one slot.
#[derive(Clone, Copy)]
pub(super) struct Value {
    pub(super) slot: SlotId,
    /// Position among the event's fields.
    pub(super) field: u32,
    /// Where it stands as text, once that was asked.
    pub(super) text: Text,
    /// The next value of the slot.
    pub(super) next: Option<ValueId>,
}

/// What is known of a value as text.
#[derive(Clone, Copy)]
pub(super) enum Text {
    Unasked,
    /// Null and containers have none.
    None,
    At(usize),
}

/// First and last value of a slot, in the event of tick `when`.
#[derive(Clone, Copy, Default)]
pub(super) struct Chain {
    when: u32,
    first: ValueId,
    last: ValueId,
}

impl Here {
    pub(super) fn clear(&mut self) {
        self.values.clear();
    }

    /// Adds a value to the slot's chain.
    #[inline]
    pub(super) fn add(
        &mut self,
        chains: &mut [Chain],
        now: u32,
        slot: SlotId,
        field: u32,
    ) -> ValueId {
        let at = self.values.len() as ValueId;
        let chain = &mut chains[slot as usize];
        if chain.when == now {
            self.values[chain.last as usize].next = Some(at);
            chain.last = at;
        } else {
            *chain = Chain { when: now, first: at, last: at };
        }
        self.values.push(Value { slot, field, text: Text::Unasked, next: None });
        at
    }

    /// The slot's first value.
    #[inline]
    pub(super) fn first(&self, chains: &[Chain], now: u32, slot: SlotId) -> Option<ValueId> {
        let chain = chains[slot as usize];
        (chain.when == now).then_some(chain.first)
    }

    #[inline]
    pub(super) fn get(&self, at: ValueId) -> Value {
        self.values[at as usize]
    }

    /// Keeps where a value stands as text.
    pub(super) fn set_text(&mut self, at: ValueId, text: Text) {
        self.values[at as usize].text = text;
    }
}
