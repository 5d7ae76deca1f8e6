//! The audit trail as JSON: its entries, and whether it holds. The same services and filters as the
//! pages.

use access::{
    Permission,
    audit::{self, Head, Written},
};
use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answers::{Denied, WrongQuery},
    query::limit,
};
use crate::{
    caller::Authorised,
    failure::{Failure, Problem},
    pages::audit::{
        Handles,
        query::{Cx, Query, Unasked, number},
        read, refused,
        verify::look,
    },
};

/// An entry: all that its digest is made of, and the digest.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct EntryWire {
    /// From 1 on, without gaps.
    number: i64,
    /// When (RFC 3339).
    at: String,
    /// `person:<id>`, `token:<id>` or `ward`.
    who: String,
    /// A verb with dots, general first: `alert.close`.
    what: String,
    on: OnWire,
    /// Whose it is, as an ODS code. Without one, those who see the whole sector see it.
    organisation: Option<String>,
    /// More: old and new values, reasons.
    #[schema(value_type = Object)]
    details: serde_json::Value,
    /// The digest of the entry before (SHA-256, hexadecimal).
    previous: String,
    /// The digest of this one.
    digest: String,
}

/// What an entry is about.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OnWire {
    /// The kind of thing.
    kind: String,
    /// Which one.
    id: String,
}

/// A page of the trail, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditPageWire {
    entries: Vec<EntryWire>,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

/// Whether the trail holds.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerificationWire {
    holds: bool,
    /// How many entries were looked at, where it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    entries: Option<u64>,
    /// The end, as `<number>:<digest>`: keep it elsewhere and give it as `kept` next time.
    #[serde(skip_serializing_if = "Option::is_none")]
    head: Option<String>,
    /// Where it does not hold.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<BrokenWire>,
}

/// Where a trail does not hold.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BrokenWire {
    /// The entry.
    number: i64,
    /// What is wrong with it.
    why: String,
}

fn wire(entry: &Written) -> EntryWire {
    EntryWire {
        number: entry.number,
        at: entry.at.to_string(),
        who: entry.who.to_string(),
        what: entry.what.clone(),
        on: OnWire { kind: entry.on.kind.clone(), id: entry.on.id.clone() },
        organisation: entry.organisation.as_ref().map(ToString::to_string),
        details: serde_json::from_str(&entry.details)
            .unwrap_or_else(|_| entry.details.clone().into()),
        previous: entry.previous.to_string(),
        digest: entry.digest.to_string(),
    }
}

/// Where a page begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    after: String,
}

impl Place {
    fn read(raw: Option<&str>) -> Result<Option<i64>, Failure> {
        let place: Self = serde_html_form::from_str(raw.unwrap_or_default())
            .map_err(|error| Failure::new(StatusCode::BAD_REQUEST, error.to_string()))?;
        number("after", &place.after).map_err(|wrong| refused(&wrong))
    }
}

/// Entries of the audit trail, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "audit",
    params(
        ("who" = Option<String>, Query, description = "me, ward, person:<id>, token:<id>, or part of a name"),
        ("what" = Option<String>, Query, description = "how the verb begins, as alert."),
        ("on" = Option<String>, Query, description = "the kind of thing"),
        ("id" = Option<String>, Query, description = "the thing"),
        ("organisation" = Option<String>, Query, description = "an ODS code"),
        ("from" = Option<String>, Query, description = "at or after; a day or RFC 3339"),
        ("to" = Option<String>, Query, description = "before; a day is included"),
        ("after" = Option<String>, Query, description = "where the page begins, from the page before"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page", body = AuditPageWire),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn list(
    State(handles): State<Handles>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<AuditPageWire>, Failure> {
    let scope = caller.scope(Permission::ViewAudit)?;
    let (before, limit) = (Place::read(raw.as_deref())?, limit(raw.as_deref())?.into());
    let query = Query { after: String::new(), before: String::new(), ..read(raw.as_deref())? };
    let graph = handles.map.graph();
    let cx = Cx { access: &handles.access, caller: &caller.0, scope: &scope, graph: &graph };
    let filter = match query.filter(&cx).await {
        Ok(filter) => filter,
        Err(Unasked::Wrong(wrong)) => return Err(refused(&wrong)),
        Err(Unasked::Failure(failure)) => return Err(failure),
    };
    let page = audit::list(handles.alerts.db(), &scope, &filter, before, limit).await;
    let page = page.map_err(Failure::of)?;
    let after = page.next.map(|next| next.to_string());
    Ok(Json(AuditPageWire { entries: page.entries.iter().map(wire).collect(), after }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Kept {
    kept: String,
}

/// Looks at every entry of the audit trail: whether any was changed, left out or put in.
#[utoipa::path(
    get,
    path = "/api/v1/audit/verification",
    tag = "audit",
    params(("kept" = Option<String>, Query, description = "an end that was kept, as <number>:<digest>; without it from the first entry on")),
    responses(
        (status = 200, description = "looked at; whether it holds is told", body = VerificationWire),
        Denied,
        (status = 400, description = "kept cannot be read", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "somebody is doing that just now; come again", body = Problem, content_type = "application/problem+json"),
    ),
    security(("token" = []))
)]
pub(crate) async fn verification(
    State(handles): State<Handles>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<VerificationWire>, Failure> {
    caller.scope(Permission::ViewAudit)?;
    let bad = |what: String| Failure::new(StatusCode::BAD_REQUEST, what);
    let kept: Kept = serde_html_form::from_str(raw.as_deref().unwrap_or_default())
        .map_err(|error| bad(error.to_string()))?;
    let head = match kept.kept.as_str() {
        "" => Head::START,
        text => text.parse().map_err(|error| bad(format!("kept: {error}")))?,
    };
    Ok(Json(match look(handles.alerts.db(), head).await? {
        Ok(verified) => VerificationWire {
            holds: true,
            entries: Some(verified.entries),
            head: Some(verified.head.to_string()),
            broken: None,
        },
        Err(broken) => VerificationWire {
            holds: false,
            entries: None,
            head: None,
            broken: Some(BrokenWire { number: broken.number, why: broken.why.to_string() }),
        },
    }))
}
