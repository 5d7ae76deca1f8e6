//! One finding of one rule on one event, with whose it is and where in the log it stands. In: what
//! the scan found. Out: the same within bounds, ready to be grouped.

use std::sync::Arc;

use terms::{DeviceId, Level, OdsCode, Timestamp};

/// Bytes of an event that are kept; of a longer one the beginning.
pub const MAX_EVENT_BYTES: usize = 64 << 10;
/// Matched fields kept with an event.
pub const MAX_MATCHED: usize = 100;
/// Bytes of one value or condition kept.
const MAX_VALUE_BYTES: usize = 4 << 10;
/// Bytes of a name (device, user, process) kept.
const MAX_NAME_BYTES: usize = 256;

/// Where in the event log an event stands: the batch, and the event inside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Number of the batch; the first is 1.
    pub seq: i64,
    /// Number inside the batch, from 0.
    pub item: u32,
}

/// What an alert needs to remember of the rule that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// The rule's id; never empty. Rules without one go by a name their loader made.
    pub id: String,
    /// Hash of the rule's content: a changed rule has another.
    pub version: String,
    /// One line.
    pub title: String,
    /// Severity.
    pub level: Level,
    /// `stable`, `test`, `experimental`, `deprecated`, `unsupported`, or empty.
    pub status: String,
    /// Tags as written, for example `attack.t1490`.
    pub tags: Vec<String>,
    /// What care is at stake if it is real, or empty.
    pub harm: String,
    /// The first safe thing to do, or empty.
    pub action: String,
}

impl RuleText {
    /// ATT&CK technique numbers among the tags, in capitals: `T1490`, `T1003.001`.
    pub fn techniques(&self) -> impl Iterator<Item = String> + '_ {
        self.tags.iter().filter_map(|tag| technique(tag))
    }
}

fn technique(tag: &str) -> Option<String> {
    let name = tag.strip_prefix("attack.")?;
    let number = name.strip_prefix(['t', 'T'])?;
    number.starts_with(|c: char| c.is_ascii_digit()).then(|| name.to_ascii_uppercase())
}

/// Words of the event that say who did it. Empty where the event does not tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The account, as the event names it.
    pub user: String,
    /// The program, as a path or a name.
    pub process: String,
    /// The program that started it.
    pub parent: String,
}

/// A field of the event that made the rule hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedField {
    /// The field, as the rule calls it.
    pub field: String,
    /// Its value in the event.
    pub value: String,
    /// What the rule asked of it, as written: `CommandLine|contains: delete shadows`.
    pub condition: String,
}

/// One finding of one rule on one event.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Where the event stands in the log.
    pub position: Position,
    /// The rule.
    pub rule: Arc<RuleText>,
    /// Whose telemetry it is.
    pub organisation: OdsCode,
    /// The device as the event names it; may be empty.
    pub device: String,
    /// The device on the map, if it is known there.
    pub device_id: Option<DeviceId>,
    /// Who did it, in the event's words.
    pub who: Who,
    /// When it happened, if the event tells.
    pub event_time: Option<Timestamp>,
    /// When Ward received it.
    pub received_at: Timestamp,
    /// The event as JSON.
    pub event: Arc<str>,
    /// What in it made the rule hold.
    pub matched: Vec<MatchedField>,
}

impl Signal {
    /// When it happened. A device whose clock runs ahead cannot have seen what is still to come:
    /// then, and where the event does not tell, it is the moment of receipt.
    pub fn seen_at(&self) -> Timestamp {
        self.event_time.map_or(self.received_at, |at| at.min(self.received_at))
    }

    /// The same with every part within its bound.
    pub(crate) fn bounded_matched(&self) -> Vec<MatchedField> {
        let cut = |text: &str| beginning(text, MAX_VALUE_BYTES).to_owned();
        let kept = self.matched.iter().take(MAX_MATCHED);
        kept.map(|one| MatchedField {
            field: cut(&one.field),
            value: cut(&one.value),
            condition: cut(&one.condition),
        })
        .collect()
    }

    /// The event's text that is kept, and how many bytes were left out.
    pub(crate) fn bounded_event(&self) -> (&str, usize) {
        let kept = beginning(&self.event, MAX_EVENT_BYTES);
        (kept, self.event.len() - kept.len())
    }

    /// The device's name, within its bound.
    pub(crate) fn device_name(&self) -> &str {
        beginning(self.device.trim(), MAX_NAME_BYTES)
    }
}

/// At most so many bytes of the beginning, cut between characters.
pub(crate) fn beginning(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(beginning("aé", 2), "a");
        assert_eq!(beginning("aé", 3), "aé");
        assert_eq!(beginning("", 3), "");
    }

    #[test]
    fn a_technique_is_a_tag_with_a_number() {
        assert_eq!(technique("attack.t1003.001").as_deref(), Some("T1003.001"));
        assert_eq!(technique("attack.impact"), None);
        assert_eq!(technique("attack.tool"), None);
        assert_eq!(technique("t1003"), None);
    }
}
