//! The list of people as files: streamed, a page of the list at a time.

use access::{
    Access, AccessError, Caller, Grant, Permission, Person,
    people::{MOST_PEOPLE, PeopleFilter, PersonCursor},
};
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use sector::Map;
use serde_json::json;
use terms::{PersonId, Timestamp};

use super::{Places, Query, within_view};
use crate::{
    export::{Format, Sheet, csv_row, json_row},
    failure::Failure,
    page::Desk,
};

pub(super) async fn csv(
    access: State<Access>,
    map: State<Map>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    export(access, map, raw, desk, Format::Csv).await
}

pub(super) async fn json_lines(
    access: State<Access>,
    map: State<Map>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    export(access, map, raw, desk, Format::JsonLines).await
}

async fn export(
    State(access): State<Access>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
    format: Format,
) -> Result<Response, Failure> {
    let bad = |what: String| Failure::new(StatusCode::BAD_REQUEST, what);
    let scope = desk.scope(Permission::ViewPeople)?;
    let query: Query = serde_html_form::from_str(raw.as_deref().unwrap_or_default())
        .map_err(|error| bad(error.to_string()))?;
    let graph = map.graph();
    let filter = query.filter(&Places::new(&scope, &graph), desk.now());
    let filter = filter.map_err(|wrong| bad(format!("{}: {}", wrong.parameter, wrong.why)))?;
    let filter = within_view(filter, &desk, &scope);
    let now = desk.now();
    let walk = Walk { access, caller: desk.caller, filter, now, format };
    Ok(SHEET.parts(format, None, move |after| {
        let walk = walk.clone();
        async move { walk.part(after).await }
    }))
}

const SHEET: Sheet = Sheet {
    name: "people",
    columns: &["name", "email", "account", "roles", "created_at", "last_sign_in_at"],
};

/// A walk through the whole list.
#[derive(Clone)]
struct Walk {
    access: Access,
    caller: Caller,
    filter: PeopleFilter,
    now: Timestamp,
    format: Format,
}

impl Walk {
    /// The rows of one page as text, and where the next begins.
    async fn part(
        &self,
        after: Option<PersonCursor>,
    ) -> Result<(String, Option<Option<PersonCursor>>), AccessError> {
        let page =
            self.access.people(&self.caller, &self.filter, after.as_ref(), MOST_PEOPLE).await?;
        let ids: Vec<PersonId> = page.people.iter().map(|person| person.id).collect();
        let held = self.access.grants_of(&self.caller, &ids, self.now).await?;
        let mut text = String::new();
        for person in &page.people {
            let held = held.get(&person.id).map(Vec::as_slice).unwrap_or_default();
            self.write(&mut text, person, held);
        }
        Ok((text, page.next.map(Some)))
    }

    fn write(&self, out: &mut String, person: &Person, held: &[Grant]) {
        let email = person.email.as_str();
        let created = person.created_at.to_string();
        let last = person.last_sign_in_at.map(|at| at.to_string());
        match self.format {
            Format::Csv => {
                let roles: Vec<String> =
                    held.iter().map(|grant| format!("{} {}", grant.role, grant.part)).collect();
                let (state, roles) = (person.state.as_str(), roles.join("; "));
                let cells = [
                    json!(person.name),
                    json!(email),
                    json!(state),
                    json!(roles),
                    json!(created),
                    json!(last),
                ];
                csv_row(out, &cells);
            }
            Format::JsonLines => {
                let role = |grant: &Grant| {
                    json!({
                        "role": grant.role.as_str(),
                        "part": grant.part.to_string(),
                        "from": grant.from.to_string(),
                        "until": grant.until.map(|until| until.to_string()),
                    })
                };
                let value = json!({
                    "id": person.id.to_string(),
                    "name": person.name,
                    "email": email,
                    "account": person.state.as_str(),
                    "roles": held.iter().map(role).collect::<Vec<_>>(),
                    "created_at": created,
                    "last_sign_in_at": last,
                });
                json_row(out, &value);
            }
        }
    }
}
