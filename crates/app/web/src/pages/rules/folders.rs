//! Folders of rules that people uploaded: those in use, and those that wait for a decision.

use std::collections::HashMap;

use access::{Access, Permission};
use axum::{extract::State, response::Response};
use detect::rulebook::{FolderState, RuleFolder, Rulebook};
use serde::Serialize;
use terms::PersonId;

use super::{failed::failed, one::plain_table};
use crate::{
    failure::Failure,
    page::Desk,
    pieces::{
        Breadcrumbs, Cell, Link, Panel, Row, State as PanelState, Table,
        words::{count, grouped},
    },
};

/// The page.
#[derive(Serialize)]
struct FoldersPage {
    breadcrumbs: Breadcrumbs,
    says: String,
    panel: Option<Panel>,
    in_use: Option<Table>,
    waiting: Option<Table>,
    removed: Option<Table>,
    /// Where a folder is uploaded, for those who may.
    upload: Option<Link>,
}

/// `GET /rules/folders`.
pub(super) async fn list(
    State(rulebook): State<Rulebook>,
    State(access): State<Access>,
    desk: Desk,
) -> Result<Response, Failure> {
    desk.scope(Permission::ViewRules)?;
    // What is not in use is only for those who decide about it.
    let may_change = desk.caller.may_everywhere(Permission::ManageRules);
    let in_use = rulebook.folders(FolderState::InUse).await.map_err(failed)?;
    let (mut waiting, mut removed) = (Vec::new(), Vec::new());
    if may_change {
        waiting = rulebook.folders(FolderState::Waiting).await.map_err(failed)?;
        removed = rulebook.folders(FolderState::Removed).await.map_err(failed)?;
    }
    let people = in_use.iter().chain(&waiting).chain(&removed).map(|one| one.uploaded_by);
    let names = access.names(people.collect::<Vec<_>>()).await.map_err(Failure::of)?;
    let rules: u64 = in_use.iter().map(|one| one.rules).sum();
    let says = format!(
        "{} with {} in use beside the rules Ward was started with.",
        count(in_use.len() as i64, "uploaded folder", None),
        count(i64::try_from(rules).unwrap_or(i64::MAX), "rule", None)
    );
    let all = |id: &str, caption: &str, folders: &[RuleFolder]| {
        (!folders.is_empty()).then(|| table(id, caption, folders, &desk, &names, may_change))
    };
    let body = FoldersPage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Rules", "/rules")] },
        says,
        panel: (in_use.is_empty() && waiting.is_empty()).then(|| empty(may_change)),
        in_use: all("in-use", "In use", &in_use),
        waiting: all("waiting", "Uploaded, not in use yet", &waiting),
        removed: all("removed", "Removed lately", &removed),
        upload: may_change.then(|| Link::new("Upload a folder of rules", "/rules/upload")),
    };
    Ok(desk.page("rules/folders.html", "Folders of rules", "/more", &[], body))
}

fn table(
    id: &str,
    caption: &str,
    folders: &[RuleFolder],
    desk: &Desk,
    names: &HashMap<PersonId, String>,
    may_change: bool,
) -> Table {
    let number = |count: u64| Cell::text(grouped(i64::try_from(count).unwrap_or(i64::MAX)));
    let rows = folders.iter().map(|one| Row {
        id: one.id.to_string(),
        cells: vec![
            match may_change {
                true => Cell::Link {
                    text: one.name.to_string(),
                    href: format!("/rules/folders/{}", one.id),
                },
                false => Cell::text(one.name.to_string()),
            },
            number(one.rules),
            number(one.refused),
            Cell::text(names.get(&one.uploaded_by).cloned().unwrap_or_default()),
            Cell::Time { at: desk.moment(one.uploaded_at), is_short: false },
        ],
        is_new: false,
    });
    let columns = ["Folder", "Rules", "Cannot be used", "Uploaded by", "When"];
    plain_table(id, caption, &columns, rows.collect())
}

fn empty(may_change: bool) -> Panel {
    let (text, next) = match may_change {
        true => (
            "Upload the rules of your own or of others; Ward tells what it can use before it uses \
             anything.",
            Link::new("Upload a folder of rules", "/rules/upload"),
        ),
        false => (
            "People who manage the rules of the whole sector can upload folders.",
            Link::new("Look at the rules", "/rules"),
        ),
    };
    Panel {
        state: PanelState::Empty,
        title: "No folder was uploaded yet".to_owned(),
        text: text.to_owned(),
        next: Some(next),
        progress: None,
    }
}
