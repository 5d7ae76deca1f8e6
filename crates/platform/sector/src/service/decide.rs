//! Whether a single change may be made, and what it changes. Pure.

use std::collections::HashMap;

use terms::{OdsCode, Scope, Timestamp};

use super::Result;
use crate::{
    error::SectorError,
    field::{Fields, differences},
    graph::Graph,
    import::{Complaint, Known},
    model::Change,
};

/// Most characters of a text.
const MAX_TEXT_CHARS: usize = 500;

/// Whether something must be there before.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// It must not.
    Create,
    /// It must.
    Change,
}

/// What is known of the map without asking the database.
pub(super) fn known<'a>(graph: &'a Graph, scope: &'a Scope, now: Timestamp) -> Known<'a> {
    Known { graph, scope, now, sites: HashMap::new(), devices: HashMap::new(), absent: 0 }
}

/// What changes, if it may. What is there and not for the asker to see is as good as not there;
/// only its code is taken.
pub(super) fn decide<N: Fields>(
    mode: Mode,
    before: Option<&N>,
    after: &N,
    owner: Option<&OdsCode>,
    (graph, scope): (&Graph, &Scope),
    allowed: std::result::Result<(), Complaint>,
) -> Result<Vec<Change>> {
    let is_seen = owner.is_some_and(|owner| graph.contains(scope, owner));
    match mode {
        Mode::Create if before.is_some() => return Err(SectorError::Exists(after.what())),
        Mode::Change if !is_seen => return Err(SectorError::Unknown(after.what())),
        _ => {}
    }
    allowed.map_err(refused)?;
    Ok(differences(before, Some(after)))
}

/// What the asker may see, or that there is no such thing.
pub(super) fn seen<'a, N>(
    noun: Option<&'a N>,
    graph: &Graph,
    scope: &Scope,
    owner: impl Fn(&N) -> &OdsCode,
    kind: &str,
    code: &str,
) -> Result<&'a N> {
    noun.filter(|noun| graph.contains(scope, owner(noun)))
        .ok_or_else(|| SectorError::Unknown(format!("{kind}:{code}")))
}

pub(super) fn refused(complaint: Complaint) -> SectorError {
    SectorError::Invalid { field: complaint.field, message: complaint.message }
}

pub(super) fn check_name(name: &mut String) -> Result<()> {
    check_text("name", name)?;
    if name.is_empty() {
        return Err(SectorError::invalid("name", "must not be blank"));
    }
    Ok(())
}

/// One line of bounded length, without blanks around it.
pub(super) fn check_text(field: &'static str, text: &mut String) -> Result<()> {
    *text = text.trim().to_owned();
    if text.chars().nth(MAX_TEXT_CHARS).is_some() {
        let message = format!("longer than {MAX_TEXT_CHARS} characters");
        return Err(SectorError::invalid(field, message));
    }
    if text.chars().any(char::is_control) {
        return Err(SectorError::invalid(field, "holds a line end or another control character"));
    }
    Ok(())
}
