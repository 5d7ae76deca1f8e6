//! Documents of rule files that cannot be used, each with file, line and reason.

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use detect::rulebook::Rulebook;
use sector::{Cursor, Page, Total};
use serde::Serialize;
use sigma::Refused;

use super::one::plain_table;
use crate::{
    failure::Failure,
    page::Desk,
    pages::{
        fields::sentence,
        map::address::{Address, ROWS},
    },
    pieces::{
        Breadcrumbs, Cell, Link, Pagination, Panel, Row, State as PanelState, Table, words::count,
    },
};

/// The page.
#[derive(Serialize)]
struct UnusablePage {
    breadcrumbs: Breadcrumbs,
    says: String,
    panel: Option<Panel>,
    table: Option<Table>,
    pagination: Option<Pagination>,
}

/// `GET /rules/unusable`.
pub(super) async fn list(
    State(rulebook): State<Rulebook>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    // Rules are the same for everybody who may see rules at all.
    desk.scope(Permission::ViewRules)?;
    let address = Address::read("/rules/unusable", raw.as_deref(), &[]);
    let rules = rulebook.in_force().now();
    let set = rules.set();
    let refused = set.refused.iter().map(|one| ("Refused", one));
    let not_yet = set.not_yet.iter().map(|one| ("Not run yet", one));
    let notes = set.notes.iter().map(|one| ("Note", one));
    let all: Vec<(&str, &Refused)> = refused.chain(not_yet).chain(notes).collect();
    let page = cut(&all, &address);
    let says = format!(
        "{} cannot be used, {} read but not run yet, {}.",
        count(set.refused.len() as i64, "document", None),
        count(set.not_yet.len() as i64, "is", Some("are")),
        count(set.notes.len() as i64, "has an oddity", Some("have oddities")),
    );
    let body = UnusablePage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Rules", "/rules")] },
        says,
        panel: all.is_empty().then(empty),
        pagination: address.pages(&page, "document", "documents"),
        table: (!all.is_empty()).then(|| table(&page.rows)),
    };
    let title = "Rules that cannot be used";
    Ok(desk.page("rules/unusable.html", title, "/more", &[], body))
}

/// The page of documents an address asks for: its place is a number.
fn cut<'s>(all: &[(&'s str, &'s Refused)], address: &Address) -> Page<(&'s str, &'s Refused)> {
    let after = address.request().after.and_then(|after| after.0.parse().ok());
    let start = after.unwrap_or(0_usize).min(all.len());
    let end = (start + usize::from(ROWS)).min(all.len());
    Page {
        rows: all[start..end].to_vec(),
        next: (end < all.len()).then(|| Cursor(end.to_string())),
        total: Total::Exactly(all.len() as u64),
    }
}

/// Documents that cannot be used, as a table.
pub(super) fn table(rows: &[(&str, &Refused)]) -> Table {
    let rows = rows.iter().enumerate().map(|(at, (kind, one))| Row {
        id: at.to_string(),
        cells: vec![
            Cell::Lines {
                text: format!("{}:{}", one.file, one.line),
                below: one.title.clone(),
                href: None,
            },
            Cell::text(*kind),
            Cell::text(sentence(&one.reason)),
        ],
        is_new: false,
    });
    let columns = ["File and line", "What", "Why"];
    let table = plain_table("unusable", "Documents that cannot be used", &columns, rows.collect());
    Table { is_caption_hidden: true, ..table }
}

fn empty() -> Panel {
    Panel {
        state: PanelState::Empty,
        title: "Every rule can be used".to_owned(),
        text: "All documents of all rule files were read and are in force.".to_owned(),
        next: Some(Link::new("Look at the rules", "/rules")),
        progress: None,
    }
}
