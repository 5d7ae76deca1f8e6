//! A form of any kind of thing: asked, filled in, saved.

use access::Caller;
use sector::{Change, Graph, SectorError, Thing};
use terms::{OdsCode, Scope, Timestamp};

use crate::{
    failure::Failure,
    pages::map::{
        record::{Editing, wrong},
        said::{Back, OrganisationSaid, ServiceSaid, SupplierSaid, SystemSaid, Wrong},
    },
    pieces::Field,
};

/// Any of the forms.
pub(super) enum Said {
    Organisation(OrganisationSaid),
    Service(ServiceSaid),
    System(SystemSaid),
    Supplier(SupplierSaid),
}

impl Said {
    pub(super) fn fields(&self, wrong: &Wrong, is_new: bool) -> Vec<Field> {
        match self {
            Self::Organisation(said) => said.fields(wrong, is_new),
            Self::Service(said) => said.fields(wrong, is_new),
            Self::System(said) => said.fields(wrong, is_new),
            Self::Supplier(said) => said.fields(wrong, is_new),
        }
    }

    /// What is said of a thing that is on the map.
    pub(super) fn of(editing: &Editing, thing: &Thing) -> Option<Self> {
        let graph = editing.map.graph();
        Some(match thing {
            Thing::Organisation(code) => {
                Self::Organisation(OrganisationSaid::of(graph.organisation(code)?))
            }
            Thing::Service(code) => Self::Service(ServiceSaid::of(graph.service(code)?)),
            Thing::System(code) => Self::System(SystemSaid::of(graph.system(code)?)),
            Thing::Supplier(code) => Self::Supplier(SupplierSaid::of(graph.supplier(code)?)),
        })
    }

    /// A form with nothing filled in.
    pub(super) fn blank(kind: &str, organisation: String) -> Option<Self> {
        Some(match kind {
            "organisations" => Self::Organisation(OrganisationSaid::default()),
            "services" => Self::Service(ServiceSaid::blank(organisation)),
            "systems" => Self::System(SystemSaid::blank(organisation)),
            "suppliers" => Self::Supplier(SupplierSaid::default()),
            _ => return None,
        })
    }

    /// What was filled in; with `code` for the thing of that code.
    pub(super) fn posted(
        kind: &str,
        code: Option<&str>,
        pairs: &[(String, String)],
    ) -> Option<Self> {
        let mut pairs = pairs.to_vec();
        if let Some(code) = code {
            pairs.retain(|(name, _)| name != "code");
            pairs.push(("code".to_owned(), code.to_owned()));
        }
        let text = serde_html_form::to_string(&pairs).ok()?;
        Some(match kind {
            "organisations" => Self::Organisation(serde_html_form::from_str(&text).ok()?),
            "services" => Self::Service(serde_html_form::from_str(&text).ok()?),
            "systems" => Self::System(serde_html_form::from_str(&text).ok()?),
            "suppliers" => Self::Supplier(serde_html_form::from_str(&text).ok()?),
            _ => return None,
        })
    }

    /// Puts it on the map: what changed, and the thing.
    pub(super) async fn save(
        &self,
        editing: &Editing,
        caller: &Caller,
        scope: &Scope,
        is_new: bool,
    ) -> Result<(Thing, Vec<Change>), Unsaved> {
        let what = if is_new { "map.add" } else { "map.change" };
        let (map, now) = (&editing.by(caller, what, None), editing.now());
        let graph = map.graph();
        match self {
            Self::Organisation(said) => {
                let before = said.code.parse::<OdsCode>().ok();
                let before = before.and_then(|code| graph.organisation(&code)).filter(|_| !is_new);
                let one = said.read(before)?;
                let thing = Thing::Organisation(one.code.clone());
                let changes = match is_new {
                    true => map.create_organisation(one, scope, now).await?,
                    false => map.change_organisation(one, scope, now).await?,
                };
                Ok((thing, changes))
            }
            Self::Service(said) => {
                let mut one = said.read()?;
                if !is_new {
                    one.closed_at = graph.service(&one.code).and_then(|before| before.closed_at);
                }
                let thing = Thing::Service(one.code.clone());
                let changes = match is_new {
                    true => map.create_service(one, scope, now).await?,
                    false => map.change_service(one, scope, now).await?,
                };
                Ok((thing, changes))
            }
            Self::System(said) => {
                let mut one = said.read()?;
                if !is_new {
                    one.closed_at = graph.system(&one.code).and_then(|before| before.closed_at);
                }
                let thing = Thing::System(one.code.clone());
                let changes = match is_new {
                    true => map.create_system(one, scope, now).await?,
                    false => map.change_system(one, scope, now).await?,
                };
                Ok((thing, changes))
            }
            Self::Supplier(said) => {
                let one = said.read()?;
                let thing = Thing::Supplier(one.code.clone());
                if is_new && graph.supplier(&one.code).is_some() {
                    return Err(SectorError::Exists(thing.to_string()).into());
                }
                Ok((thing, map.save_supplier(one, scope, now).await?))
            }
        }
    }

    /// The way back to it.
    pub(super) fn back(self, editing: &Editing, thing: &Thing) -> Back {
        let closed = closed_at(&editing.map.graph(), thing).map(|at| at.as_second());
        match self {
            Self::Organisation(said) => Back::Organisation(said, closed),
            Self::Service(said) => Back::Service(said, closed),
            Self::System(said) => Back::System(said, closed),
            Self::Supplier(said) => Back::Supplier(said),
        }
    }
}

/// When a thing was closed.
fn closed_at(graph: &Graph, thing: &Thing) -> Option<Timestamp> {
    match thing {
        Thing::Organisation(code) => graph.organisation(code)?.closed_at,
        Thing::Service(code) => graph.service(code)?.closed_at,
        Thing::System(code) => graph.system(code)?.closed_at,
        Thing::Supplier(_) => None,
    }
}

/// Why something was not saved.
pub(super) enum Unsaved {
    Wrong(Wrong),
    Refused(SectorError),
}

impl From<Wrong> for Unsaved {
    fn from(wrong: Wrong) -> Self {
        Self::Wrong(wrong)
    }
}

impl From<SectorError> for Unsaved {
    fn from(error: SectorError) -> Self {
        Self::Refused(error)
    }
}

impl Unsaved {
    pub(super) fn wrong(self) -> Result<Wrong, Failure> {
        match self {
            Self::Wrong(wrong) => Ok(wrong),
            Self::Refused(error) => wrong(error),
        }
    }
}
