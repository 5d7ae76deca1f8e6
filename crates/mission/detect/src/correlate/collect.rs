//! Records to hits: of a record for which a rule held, what correlations need to know.

use std::{borrow::Cow, sync::Arc};

use event::Event;
use sigma::{Correlations, RuleId};

use super::Hit;

/// Which record it is.
#[derive(Clone, Debug, Default)]
pub struct Identity {
    /// See [`Hit::order`].
    pub order: u64,
    /// See [`Hit::identity`].
    pub identity: Option<u64>,
    /// See [`Hit::within`].
    pub within: Arc<str>,
}

/// The hits of those of `held` that feed correlations. None for a record that tells no time: it
/// belongs to no window, and is for the caller to count.
pub fn hits<'h>(
    correlations: &'h Correlations,
    event: Event<'h, 'h>,
    held: &'h [RuleId],
    identity: &'h Identity,
) -> impl Iterator<Item = Option<Hit>> + 'h {
    let feeding = held.iter().filter(|rule| !correlations.links(**rule).is_empty());
    feeding.map(move |rule| {
        Some(Hit {
            rule: *rule,
            at: event.time()?,
            order: identity.order,
            identity: identity.identity,
            within: identity.within.clone(),
            host: boxed(event.host()),
            user: boxed(event.user()),
            values: correlations.fields(*rule).iter().map(|name| value(event, name)).collect(),
        })
    })
}

fn boxed(text: Option<Cow<'_, str>>) -> Box<str> {
    text.map(Cow::into_owned).unwrap_or_default().into()
}

/// The first text of a field; an empty one is none.
fn value(event: Event<'_, '_>, name: &str) -> Option<Box<str>> {
    let mut texts = event.values(name).filter_map(|raw| raw.text());
    texts.find(|text| !text.is_empty()).map(|text| text.into_owned().into())
}
