//! One person: who they are, what they may do and who gave it, and what can be done about it.

use std::collections::HashMap;

use access::{
    Access, Caller, Grant, Permission, Person, PersonState,
    grant::exceeds,
    people::PersonView,
    tokens::{TokenEntry, TokenUse},
};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use sector::{Graph, Map};
use serde::Serialize;
use terms::{PersonId, Timestamp};

use super::{Places, in_a_sentence, invite::RoleForm};
use crate::{
    failure::Failure,
    page::Desk,
    pages::ask::button,
    pieces::{
        Act, Breadcrumbs, Cell, Column, ErrorSummary, Fact, Facts, Form, Link, Row, Selection,
        Shown, Table,
    },
    view,
};

/// The widest place first, and there the role that may do most.
pub(super) fn in_order(grants: &mut [Grant]) {
    grants.sort_by(|one, other| (&one.part, other.role).cmp(&(&other.part, one.role)));
}

/// Everything the page is made of, read for one caller.
pub(super) struct Looked {
    pub(super) view: PersonView,
    tokens: Vec<TokenEntry>,
    /// The names of those who gave the roles.
    names: HashMap<PersonId, String>,
    /// Whether the caller holds all that the person holds.
    may_change: bool,
    may_give: bool,
}

/// The person's id of an address. Errors: it is none, which is the same as nobody.
pub(super) fn id_of(text: &str) -> Result<PersonId, Failure> {
    text.parse().map_err(|_| Failure::not_found())
}

impl Looked {
    pub(super) async fn at(
        access: &Access,
        caller: &Caller,
        id: PersonId,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let mut view = access.person(caller, id, now).await.map_err(Failure::of)?;
        in_order(&mut view.grants);
        let tokens = access.api_tokens_of(caller, id, None, 100).await.map_err(Failure::of)?;
        let givers = view.grants.iter().filter_map(|grant| grant.given_by);
        let names = access.names(givers).await.map_err(Failure::of)?;
        let may_give = caller.may_somewhere(Permission::ManagePeople);
        let mut may_change = may_give && view.grants_elsewhere == 0;
        for grant in &view.grants {
            let parts = access.parts_around(&grant.part).await.map_err(Failure::of)?;
            may_change &= exceeds(caller, grant.role, &parts, grant.until).is_none();
        }
        Ok(Self { view, tokens, names, may_change, may_give })
    }
}

/// The page.
#[derive(Serialize)]
struct Page {
    breadcrumbs: Breadcrumbs,
    name: String,
    says: String,
    errors: ErrorSummary,
    facts: Facts,
    roles: Option<Table>,
    /// What is not shown or cannot be changed, and why.
    notes: Vec<String>,
    give: Option<Form>,
    acts: Vec<Offer>,
    /// Where taking the second factor away is asked about.
    second_factor: Option<Link>,
    tokens: Option<Table>,
}

/// An act with what it does.
#[derive(Serialize)]
struct Offer {
    about: &'static str,
    form: Form,
}

pub(super) async fn show(
    State(access): State<Access>,
    State(map): State<Map>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    desk.whole_scope(Permission::ViewPeople)?;
    let looked = Looked::at(&access, &desk.caller, id_of(&id)?, desk.now()).await?;
    let form = RoleForm::default();
    let graph = map.graph();
    Ok(page(desk, &graph, &looked, StatusCode::OK, ErrorSummary::default(), |places| {
        form.fields(places)
    }))
}

/// The page with what was wrong, and the fields of a role as they were filled in.
pub(super) fn page(
    desk: Desk,
    graph: &Graph,
    looked: &Looked,
    status: StatusCode,
    errors: ErrorSummary,
    fields: impl FnOnce(&Places<'_>) -> Vec<crate::pieces::Field>,
) -> Response {
    let person = &looked.view.person;
    let scope = desk.caller.scope(Permission::ManagePeople);
    let give = looked.may_give.then(|| Form {
        fields: fields(&Places::new(&scope, graph)),
        ..button(&desk, &format!("/people/{}/roles", person.id), "Give role")
    });
    let body = Page {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("People", "/people")] },
        name: person.name.clone(),
        says: says(&looked.view, graph),
        errors,
        facts: facts(&desk, &looked.view),
        roles: roles(&desk, graph, looked),
        notes: notes(looked),
        give,
        acts: if looked.may_change { acts(&desk, person) } else { Vec::new() },
        second_factor: (looked.may_change && looked.view.has_second_factor).then(|| {
            Link::new("Take the second factor away", format!("/people/{}/second-factor", person.id))
        }),
        tokens: tokens(&desk, graph, looked),
    };
    let title = person.name.clone();
    desk.page_with(status, "people/one.html", &title, "/more", &[], body)
}

/// One sentence: what they are for.
fn says(view: &PersonView, graph: &Graph) -> String {
    let held = |grant: &Grant| {
        format!("{} for {}", in_a_sentence(grant.role), view::name_in(&grant.part, graph))
    };
    let all: Vec<String> = view.grants.iter().take(3).map(held).collect();
    let roles = match (all.as_slice(), view.grants.len()) {
        ([], _) => "has no role that you may see".to_owned(),
        ([one], _) => format!("is {one}"),
        ([init @ .., last], 2 | 3) => format!("is {} and {last}", init.join(", ")),
        (some, count) => {
            format!("is {}, and has {} more roles", some.join(", "), count - some.len())
        }
    };
    let account = match view.person.state {
        PersonState::Active => "",
        PersonState::Invited => ". They were invited and have not come yet",
        PersonState::Disabled => ". Their account is disabled: they cannot sign in",
    };
    format!("{} {roles}{account}.", view.person.name)
}

fn fact(key: &str, value: Shown) -> Fact {
    Fact { key: key.to_owned(), value, change: None }
}

fn facts(desk: &Desk, view: &PersonView) -> Facts {
    let person = &view.person;
    let state = match person.state {
        PersonState::Invited => "Invited, not come yet",
        PersonState::Active => "Active",
        PersonState::Disabled => "Disabled",
    };
    let factor = if view.has_second_factor { "Authenticator app" } else { "None" };
    let last = match person.last_sign_in_at {
        Some(at) => Shown::Time { at: desk.moment(at) },
        None => Shown::text("Never"),
    };
    Facts {
        is_compact: true,
        rows: vec![
            fact("Email address", Shown::text(person.email.as_str())),
            fact("Account", Shown::text(state)),
            fact("Second factor", Shown::text(factor)),
            fact("Last sign-in", last),
            fact("Account made", Shown::Time { at: desk.moment(person.created_at) }),
        ],
    }
}

fn notes(looked: &Looked) -> Vec<String> {
    let mut notes = Vec::new();
    match looked.view.grants_elsewhere {
        0 => {}
        1 => notes.push("They hold 1 more role outside of what you may see.".to_owned()),
        more => notes.push(format!("They hold {more} more roles outside of what you may see.")),
    }
    if looked.may_give && !looked.may_change {
        notes.push(
            "You cannot change this account, because they hold more than you do. Somebody who \
             holds as much can."
                .to_owned(),
        );
    }
    notes
}

fn column(text: &str) -> Column {
    Column { text: text.to_owned(), is_numeric: false, sort: None }
}

fn selection(desk: &Desk, action: String, noun: &str, act: &str) -> Selection {
    let act = Act { value: "revoke".to_owned(), text: act.to_owned(), key: None };
    let name = "id".to_owned();
    Selection { action, name, csrf: desk.csrf(), acts: vec![act], noun: noun.to_owned() }
}

fn roles(desk: &Desk, graph: &Graph, looked: &Looked) -> Option<Table> {
    let view = &looked.view;
    let rows = view.grants.iter().map(|grant| {
        let until = match grant.until {
            Some(until) => Cell::Time { at: desk.moment(until), is_short: false },
            None => Cell::text("Without end"),
        };
        let giver = grant.given_by.and_then(|id| looked.names.get(&id)).cloned();
        let cells = vec![
            Cell::text(grant.role.label()),
            Cell::text(view::name_in(&grant.part, graph)),
            Cell::Time { at: desk.moment(grant.from), is_short: false },
            until,
            Cell::text(giver.unwrap_or_else(|| "Ward, at the first start".to_owned())),
        ];
        Row { id: grant.id.to_string(), cells, is_new: false }
    });
    let rows: Vec<Row> = rows.collect();
    let action = format!("/people/{}/roles/revoke", view.person.id);
    (!rows.is_empty()).then(|| Table {
        id: "roles".to_owned(),
        caption: "Roles".to_owned(),
        is_caption_hidden: false,
        is_compact: true,
        columns: ["Role", "Where", "From", "Until", "Given by"].map(column).into(),
        rows,
        selection: looked.may_give.then(|| selection(desk, action, "roles", "Take away")),
    })
}

fn acts(desk: &Desk, person: &Person) -> Vec<Offer> {
    let path = |act: &str| format!("/people/{}/{act}", person.id);
    let offer =
        |about, act: &str, submit: &str| Offer { about, form: button(desk, &path(act), submit) };
    match person.state {
        PersonState::Invited => vec![
            offer(
                "The link was lost or has expired. The one before stops working.",
                "link",
                "Make a new invitation link",
            ),
            offer("They are not to come after all.", "disable", "Disable account"),
        ],
        PersonState::Active => vec![
            offer(
                "They forgot their password. Be sure who asks.",
                "link",
                "Make a link for a new password",
            ),
            offer(
                "A device of theirs was lost or left open.",
                "sessions/end",
                "Sign out everywhere",
            ),
            offer(
                "They left or must not sign in. Sessions end and their API tokens stop; roles stay \
                 for the day the account is enabled again.",
                "disable",
                "Disable account",
            ),
        ],
        PersonState::Disabled => {
            vec![offer("They may sign in again, with the roles above.", "enable", "Enable account")]
        }
    }
}

fn tokens(desk: &Desk, graph: &Graph, looked: &Looked) -> Option<Table> {
    let open = looked.tokens.iter().filter(|token| token.revoked_at.is_none());
    let rows: Vec<Row> = open.map(|token| token_row(desk, graph, token)).collect();
    let action = format!("/people/{}/tokens/revoke", looked.view.person.id);
    (!rows.is_empty()).then(|| Table {
        id: "tokens".to_owned(),
        caption: "API tokens".to_owned(),
        is_caption_hidden: false,
        is_compact: true,
        columns: ["Name", "Where", "Last used", "Until"].map(column).into(),
        rows,
        selection: looked.may_change.then(|| selection(desk, action, "tokens", "Revoke")),
    })
}

/// An API token in a list of a person's.
pub(crate) fn token_row(desk: &Desk, graph: &Graph, token: &TokenEntry) -> Row {
    let (place, permissions) = match &token.what {
        TokenUse::Api { part, permissions, .. } => {
            let labels: Vec<&str> = permissions.iter().map(|one| one.label()).collect();
            (view::name_in(part, graph), labels.join(", "))
        }
        TokenUse::Ingest { organisation } => {
            let part = terms::Part::Organisation(organisation.clone());
            (view::name_in(&part, graph), "Send telemetry".to_owned())
        }
    };
    let used = match token.last_used_at {
        Some(at) => Cell::Time { at: desk.moment(at), is_short: true },
        None => Cell::text("Never"),
    };
    let until = Cell::Time { at: desk.moment(token.expires_at), is_short: false };
    let name = Cell::Lines { text: token.name.clone(), below: permissions, href: None };
    Row {
        id: token.id.to_string(),
        cells: vec![name, Cell::text(place), used, until],
        is_new: false,
    }
}
