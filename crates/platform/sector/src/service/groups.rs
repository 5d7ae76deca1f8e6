//! Named sets of organisations. People are given scopes by them, so only somebody with the scope
//! of the whole sector may make or change one.

use std::collections::BTreeSet;

use db::Write;
use terms::{GroupId, OdsCode, Part, Scope, Timestamp};

use super::{Map, Result, decide::check_text, edit::Edit};
use crate::{error::SectorError, graph::Graph, model::Change, organisation::Group, store};

/// A change of a group.
pub(super) enum GroupEdit {
    Named(GroupId, String),
    Members { id: GroupId, added: Vec<OdsCode>, removed: Vec<OdsCode> },
    Removed(GroupId),
}

pub(super) async fn write(write: &Write, edit: &GroupEdit, now: Timestamp) -> Result<()> {
    match edit {
        GroupEdit::Named(id, name) => store::group::save(write, *id, name, now).await,
        GroupEdit::Removed(id) => store::group::remove(write, *id).await,
        GroupEdit::Members { id, added, removed } => {
            store::group::set_members(write, *id, added, removed, now).await
        }
    }
}

impl Map {
    /// The groups of a scope by name: all for the whole sector, else those the scope names.
    pub fn groups(&self, scope: &Scope) -> Vec<Group> {
        let graph = self.graph();
        let is_named =
            |group: &&Group| scope.is_sector() || scope.parts().contains(&Part::Group(group.id));
        let mut groups: Vec<Group> = graph.groups().filter(is_named).cloned().collect();
        groups.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        groups
    }

    /// Makes a group without members.
    pub async fn make_group(
        &self,
        name: &str,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<(GroupId, Vec<Change>)> {
        let id = GroupId::new(now);
        let name = checked(name)?;
        let changes = self.edit(now, |graph| {
            may_change(scope, id)?;
            is_free(graph, id, &name)?;
            let change = change(id, "name", None, Some(name.clone()));
            Ok((vec![change], Edit::Group(GroupEdit::Named(id, name.clone()))))
        });
        Ok((id, changes.await?))
    }

    /// Gives a group another name.
    pub async fn rename_group(
        &self,
        id: GroupId,
        name: &str,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        let name = checked(name)?;
        self.edit(now, |graph| {
            let before = group(graph, id, scope)?;
            is_free(graph, id, &name)?;
            let change = change(id, "name", Some(before.name.clone()), Some(name.clone()));
            let changes = if before.name == name { Vec::new() } else { vec![change] };
            Ok((changes, Edit::Group(GroupEdit::Named(id, name.clone()))))
        })
        .await
    }

    /// Makes exactly these organisations the members of a group; all must be on the map.
    pub async fn set_group_members(
        &self,
        id: GroupId,
        members: &[OdsCode],
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        let wanted: BTreeSet<&OdsCode> = members.iter().collect();
        self.edit(now, |graph| {
            let before = group(graph, id, scope)?;
            let stranger = wanted.iter().find(|code| graph.organisation(code).is_none());
            if let Some(code) = stranger {
                return Err(SectorError::Unknown(format!("organisation:{code}")));
            }
            let had: BTreeSet<&OdsCode> = before.members.iter().collect();
            let copied = |codes: Vec<&&OdsCode>| -> Vec<OdsCode> {
                codes.into_iter().map(|code| (*code).clone()).collect()
            };
            let added = copied(wanted.difference(&had).collect());
            let removed = copied(had.difference(&wanted).collect());
            let gained =
                added.iter().map(|code| change(id, "member", None, Some(code.to_string())));
            let lost =
                removed.iter().map(|code| change(id, "member", Some(code.to_string()), None));
            let changes = gained.chain(lost).collect();
            Ok((changes, Edit::Group(GroupEdit::Members { id, added, removed })))
        })
        .await
    }

    /// Takes a group away. Scopes that name it see nothing by it any more.
    pub async fn remove_group(
        &self,
        id: GroupId,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.edit(now, |graph| {
            let before = group(graph, id, scope)?;
            let members = before.members.iter();
            let lost = members.map(|code| change(id, "member", Some(code.to_string()), None));
            let name = change(id, "name", Some(before.name.clone()), None);
            let changes = std::iter::once(name).chain(lost).collect();
            Ok((changes, Edit::Group(GroupEdit::Removed(id))))
        })
        .await
    }
}

fn change(
    id: GroupId,
    field: &'static str,
    before: Option<String>,
    after: Option<String>,
) -> Change {
    Change { what: format!("group:{id}"), field, before, after }
}

fn may_change(scope: &Scope, id: GroupId) -> Result<()> {
    match scope.is_sector() {
        true => Ok(()),
        false => Err(SectorError::OutOfScope(format!("group:{id}"))),
    }
}

/// A group that the asker may change.
fn group<'a>(graph: &'a Graph, id: GroupId, scope: &Scope) -> Result<&'a Group> {
    let unknown = || SectorError::Unknown(format!("group:{id}"));
    let is_seen = scope.is_sector() || scope.parts().contains(&Part::Group(id));
    let group = graph.group(id).filter(|_| is_seen).ok_or_else(unknown)?;
    may_change(scope, id)?;
    Ok(group)
}

/// Two groups of one name cannot be told apart by people.
fn is_free(graph: &Graph, id: GroupId, name: &str) -> Result<()> {
    match graph.groups().any(|group| group.name == name && group.id != id) {
        true => Err(SectorError::Exists(format!("a group called {name}"))),
        false => Ok(()),
    }
}

fn checked(name: &str) -> Result<String> {
    let mut name = name.to_owned();
    check_text("name", &mut name)?;
    match name.is_empty() {
        true => Err(SectorError::invalid("name", "must not be blank")),
        false => Ok(name),
    }
}
