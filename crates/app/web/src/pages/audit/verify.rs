//! Whether the audit trail holds: every entry looked at, from the first or from an end that was
//! kept, to the last.

use access::{
    Permission,
    audit::{self, Broken, Head, Verified, VerifyError},
};
use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;

use super::Handles;
use crate::{
    failure::Failure,
    form::Posted,
    page::Desk,
    pages::{ask::button, fields},
    pieces::{
        Breadcrumbs, ErrorSummary, Fact, Facts, Form, Link, Panel, Shown, State as Of, words,
    },
};

/// An end that was kept, as it was shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Kept {
    kept: String,
}

/// The page.
#[derive(Serialize)]
struct Page {
    breadcrumbs: Breadcrumbs,
    errors: ErrorSummary,
    /// What came of looking; none before.
    holds: Option<Holds>,
    broken: Option<Panel>,
    form: Form,
}

/// A trail that holds.
#[derive(Serialize)]
struct Holds {
    says: String,
    facts: Facts,
}

/// One at a time: a trail of millions of entries keeps a processor busy.
static LOOKING: Semaphore = Semaphore::const_new(1);

/// Looks at the trail. Errors: somebody is doing that just now, or it cannot be read.
pub(crate) async fn look(db: &db::Db, kept: Head) -> Result<Result<Verified, Broken>, Failure> {
    let _turn = LOOKING.try_acquire().map_err(|_| {
        let busy = "somebody is verifying the trail just now";
        Failure::new(StatusCode::SERVICE_UNAVAILABLE, busy)
            .retry_after(std::time::Duration::from_secs(10))
            .detail("try again in a minute")
    })?;
    match audit::verify(db, kept).await {
        Ok(verified) => Ok(Ok(verified)),
        Err(VerifyError::Broken(broken)) => {
            tracing::error!(audit.number = broken.number, "the audit trail does not hold");
            Ok(Err(broken))
        }
        Err(VerifyError::Db(error)) => Err(Failure::internal(&error)),
    }
}

fn form(desk: &Desk, kept: &str, error: Option<&str>) -> Form {
    let field = fields::text("kept", "An end you kept before", kept)
        .hint("Number and digest as they were shown then. Leave it empty to begin with the first.")
        .wrong(error.map(str::to_owned));
    Form { fields: vec![field], ..button(desk, "/audit/verify", "Verify") }
}

fn show(
    desk: Desk,
    status: StatusCode,
    form: Form,
    found: Option<Result<Verified, Broken>>,
) -> Response {
    let (holds, broken) = match found {
        None => (None, None),
        Some(Ok(verified)) => (Some(of_holding(&verified)), None),
        Some(Err(broken)) => (None, Some(of_broken(&broken))),
    };
    let body = Page {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Audit", "/audit")] },
        errors: form.errors(),
        holds,
        broken,
        form,
    };
    desk.page_with(status, "audit/verify.html", "Verify the audit trail", "/more", &[], body)
}

fn of_holding(verified: &Verified) -> Holds {
    let count = i64::try_from(verified.entries).unwrap_or(i64::MAX);
    let fact = |key: &str, value| Fact { key: key.to_owned(), value, change: None };
    Holds {
        says: format!(
            "The trail holds: {} were looked at, and each continues the one before it unchanged.",
            words::count(count, "entry", Some("entries"))
        ),
        facts: Facts {
            is_compact: true,
            rows: vec![
                fact("Entries", Shown::Number { number: count }),
                fact("End", Shown::Exact { text: verified.head.to_string() }),
            ],
        },
    }
}

fn of_broken(broken: &Broken) -> Panel {
    Panel {
        state: Of::Failed,
        title: format!("The trail does not hold at entry {}", words::grouped(broken.number)),
        text: format!(
            "Of this entry, {}. Somebody changed the database past Ward, or it was damaged. Keep \
             the database as it is, compare it with a backup, and tell whoever looks into \
             incidents.",
            broken.why
        ),
        next: Some(Link::new(
            "Show the entries just before it",
            format!("/audit?before={}", broken.number.max(1)),
        )),
        progress: None,
    }
}

pub(super) async fn ask(desk: Desk) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ViewAudit)?;
    let form = form(&desk, "", None);
    Ok(show(desk, StatusCode::OK, form, None))
}

pub(super) async fn verify(
    State(handles): State<Handles>,
    desk: Desk,
    Posted { form: filled, .. }: Posted<Kept>,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ViewAudit)?;
    let kept = filled.kept.trim();
    let head = if kept.is_empty() { Ok(Head::START) } else { kept.parse::<Head>() };
    let Ok(head) = head else {
        let error = "Write a number, a colon and 64 hexadecimal digits, as it was shown.";
        let form = form(&desk, kept, Some(error));
        return Ok(show(desk, StatusCode::UNPROCESSABLE_ENTITY, form, None));
    };
    let found = look(handles.alerts.db(), head).await?;
    let form = form(&desk, kept, None);
    Ok(show(desk, StatusCode::OK, form, Some(found)))
}
