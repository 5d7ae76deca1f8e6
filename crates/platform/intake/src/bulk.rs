//! The body of Elastic's `_bulk`: an action a line, and the document on the next.
//!
//! Ward takes `create` and `index`: both add a record. `update` and `delete` would change what was
//! accepted; they are refused item by item. Source: Elasticsearch reference, Bulk API.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::lines::{self, Lines, RefusalKind};

/// What an item asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Add; in Elastic only when the identifier is new.
    Create,
    /// Add or replace.
    Index,
    /// Change: refused.
    Update,
    /// Remove: refused.
    Delete,
}

impl Verb {
    /// As the protocol spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Index => "index",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// One item of the request, in its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkItem {
    /// What was asked for.
    pub verb: Verb,
    /// The index or data stream named, by the item or by the path.
    pub index: Option<String>,
    /// The identifier the sender gave.
    pub id: Option<String>,
    /// The action's line.
    pub line: usize,
    /// Why it is refused; nothing for a record that may be accepted.
    pub refused: Option<(RefusalKind, String)>,
}

/// A request, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bulk {
    /// The items, in order.
    pub items: Vec<BulkItem>,
    /// The records of those not refused, in order, and what was refused.
    pub lines: Lines,
}

/// Why the whole request is refused, as Elastic does: its items cannot be told apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BulkError {
    /// A line that should be an action is none.
    #[error("line {line} is no action: {reason}")]
    Action {
        /// From 1 on.
        line: usize,
        /// Why.
        reason: String,
    },
    /// The last action's document is missing.
    #[error("the document of the action in line {line} is missing: the request was cut")]
    Cut {
        /// The action's line.
        line: usize,
    },
    /// Nothing was sent.
    #[error("the request body is required")]
    Empty,
    /// More items than allowed.
    #[error("more than {MOST_ITEMS} items: send smaller batches")]
    TooMany,
}

/// Items of one request.
pub const MOST_ITEMS: usize = 100_000;
const MOST_ACTION_BYTES: usize = 16 << 10;

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action<'a> {
    #[serde(borrow)]
    Create(Target<'a>),
    #[serde(borrow)]
    Index(Target<'a>),
    #[serde(borrow)]
    Update(Target<'a>),
    #[serde(borrow)]
    Delete(Target<'a>),
}

/// What follows the verb; other keys (`routing`, `pipeline`, …) are allowed and of no effect.
#[derive(Deserialize)]
struct Target<'a> {
    #[serde(borrow, rename = "_index")]
    index: Option<&'a RawValue>,
    #[serde(borrow, rename = "_id")]
    id: Option<&'a RawValue>,
}

impl Bulk {
    /// Reads a request. `index` is what the path names. Errors: [`BulkError`].
    pub fn read(body: &[u8], index: Option<&str>) -> Result<Self, BulkError> {
        let mut bulk = Self::default();
        let mut lines = lines::numbered(body).filter(|(_, line)| !line.is_empty());
        while let Some((line, action)) = lines.next() {
            if bulk.items.len() == MOST_ITEMS {
                return Err(BulkError::TooMany);
            }
            let mut item = action_of(line, action, index)?;
            if item.verb != Verb::Delete {
                let (number, document) = lines.next().ok_or(BulkError::Cut { line })?;
                item.refused = item.refused.or_else(|| lines::check(document).err());
                match &item.refused {
                    None => bulk.lines.push(document),
                    Some((kind, reason)) => {
                        bulk.lines.refuse(number, *kind, reason.clone(), document);
                    }
                }
            } else if let Some((kind, reason)) = &item.refused {
                bulk.lines.refuse(line, *kind, reason.clone(), action);
            }
            bulk.items.push(item);
        }
        if bulk.items.is_empty() { Err(BulkError::Empty) } else { Ok(bulk) }
    }
}

fn action_of(line: usize, action: &[u8], index: Option<&str>) -> Result<BulkItem, BulkError> {
    let wrong = |reason: String| BulkError::Action { line, reason };
    if action.len() > MOST_ACTION_BYTES {
        return Err(wrong(format!("longer than {MOST_ACTION_BYTES} bytes")));
    }
    let parsed: Action<'_> = serde_json::from_slice(action)
        .map_err(|_| wrong("expected {\"create\":{…}} or {\"index\":{…}}".to_owned()))?;
    let (verb, target) = match parsed {
        Action::Create(target) => (Verb::Create, target),
        Action::Index(target) => (Verb::Index, target),
        Action::Update(target) => (Verb::Update, target),
        Action::Delete(target) => (Verb::Delete, target),
    };
    let refused = matches!(verb, Verb::Update | Verb::Delete).then(|| {
        (
            RefusalKind::NotAnObject,
            format!("{} is not offered: records are only added", verb.as_str()),
        )
    });
    let index = target.index.and_then(text).or_else(|| index.map(str::to_owned));
    Ok(BulkItem { verb, index, id: target.id.and_then(text), line, refused })
}

/// A string or a number as text; `null` and anything else as none.
fn text(raw: &RawValue) -> Option<String> {
    match serde_json::from_str(raw.get()).ok()? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Bulk {
        Bulk::read(body.as_bytes(), Some("logs")).expect("a request")
    }

    #[test]
    fn create_and_index_add_the_document_on_the_next_line() {
        let bulk = read(
            "{\"create\":{\"_index\":\"winlogbeat-8\",\"_id\":\"a1\"}}\n{\"x\":1}\n{\"index\":{}}\n{\"y\":2}\n",
        );
        assert_eq!(bulk.lines.records, b"{\"x\":1}\n{\"y\":2}\n");
        let told: Vec<_> = bulk
            .items
            .iter()
            .map(|item| (item.verb, item.index.as_deref(), item.id.as_deref()))
            .collect();
        assert_eq!(
            told,
            [(Verb::Create, Some("winlogbeat-8"), Some("a1")), (Verb::Index, Some("logs"), None)]
        );
    }

    #[test]
    fn a_bad_document_is_refused_alone() {
        let bulk = read("{\"index\":{}}\n[1]\n{\"index\":{}}\n{}\n");
        assert!(bulk.items[0].refused.is_some());
        assert!(bulk.items[1].refused.is_none());
        assert_eq!(bulk.lines.refused[0].line, 2);
    }

    #[test]
    fn what_would_change_records_is_refused_alone() {
        let bulk = read(
            "{\"delete\":{\"_id\":1}}\n{\"update\":{\"_id\":2}}\n{\"doc\":{}}\n{\"create\":{}}\n{}\n",
        );
        assert_eq!(bulk.items.iter().filter(|item| item.refused.is_some()).count(), 2);
        assert_eq!(bulk.items[0].id.as_deref(), Some("1"));
        assert_eq!(bulk.lines.count, 1);
    }

    #[test]
    fn a_request_whose_items_cannot_be_told_apart_is_refused_whole() {
        let check = |body: &str, error: BulkError| {
            assert_eq!(Bulk::read(body.as_bytes(), None), Err(error), "{body}");
        };
        check("", BulkError::Empty);
        check("\n\n", BulkError::Empty);
        check("{\"index\":{}}\n", BulkError::Cut { line: 1 });
        for body in ["{}\n{}\n", "x\n", "{\"a\":1}\n{}\n", "{\"index\":1}\n{}"] {
            let told = Bulk::read(body.as_bytes(), None).expect_err("no action");
            assert!(matches!(told, BulkError::Action { line: 1, .. }), "{body}: {told}");
        }
    }
}
