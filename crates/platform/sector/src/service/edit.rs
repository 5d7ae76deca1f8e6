//! Single changes by people: create, change, close. Each gives what changed, and leaves the trace
//! that the handle was given; nothing is written when nothing changes.
//!
//! What may be done is decided against the graph; the version then makes sure that the graph was
//! still true when it is written. Where it was not, the decision is made again.

use db::Write;
use terms::{DeviceId, OdsCode, Scope, Timestamp};

use super::{
    Map, Result,
    decide::{Mode, check_name, check_text, decide, known, refused, seen},
    trace::Deed,
};
use crate::{
    code::{MapCode, Thing},
    device::Device,
    error::{SectorError, statement},
    field::differences,
    graph::Graph,
    import::Known,
    model::{Change, Dependency, Service, Supplier, System},
    organisation::{Organisation, OrganisationType, SILENT_AFTER},
    store,
};

/// How often a decision is made again because the map changed meanwhile.
const ATTEMPTS: u32 = 5;

/// What a person says of a device.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceSaid {
    /// What it is: `workstation`, `infusion pump`.
    pub class: Option<String>,
    /// The system it is part of.
    pub system: Option<MapCode>,
    /// Where it stands.
    pub site: Option<OdsCode>,
    /// That it exists, and should be heard of.
    pub expected: bool,
}

/// One thing to write.
pub(super) enum Edit {
    Organisation(Organisation),
    Service(Service),
    System(System),
    Supplier(Supplier),
    Dependency(Dependency, Option<OdsCode>),
    DependencyRemoved(Thing, Thing),
    Device(Box<Device>),
    Group(super::groups::GroupEdit),
}

impl Edit {
    /// Whose it is once it is written; `None` for what is nobody's.
    fn owner<'a>(&'a self, graph: &'a Graph) -> Option<&'a OdsCode> {
        match self {
            Self::Organisation(one) => Some(&one.code),
            Self::Service(one) => Some(&one.organisation),
            Self::System(one) => Some(&one.organisation),
            Self::Dependency(_, owner) => owner.as_ref(),
            Self::DependencyRemoved(from, _) => graph.owner(from),
            Self::Device(one) => Some(&one.organisation),
            Self::Supplier(_) | Self::Group(_) => None,
        }
    }
}

impl Map {
    /// Puts an organisation on the map.
    pub async fn create_organisation(
        &self,
        organisation: Organisation,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.save_organisation(Mode::Create, organisation, scope, now).await
    }

    /// Changes an organisation to what is given.
    pub async fn change_organisation(
        &self,
        organisation: Organisation,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.save_organisation(Mode::Change, organisation, scope, now).await
    }

    /// Notes that an organisation has ceased.
    pub async fn close_organisation(
        &self,
        code: &OdsCode,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.edit(now, |graph| {
            let before = graph.organisation(code);
            let before =
                seen(before, graph, scope, |one| &one.code, "organisation", code.as_str())?;
            let closed_at = before.closed_at.filter(|at| *at <= now).or(Some(now));
            let after = Organisation { closed_at, ..before.clone() };
            Ok((differences(Some(before), Some(&after)), Edit::Organisation(after)))
        })
        .await
    }

    async fn save_organisation(
        &self,
        mode: Mode,
        mut after: Organisation,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        check_name(&mut after.name)?;
        check_text("town", &mut after.town)?;
        check_text("postcode", &mut after.postcode)?;
        if !SILENT_AFTER.contains(&after.silent_after) {
            let message = "a device may be silent for ten minutes to a year";
            return Err(SectorError::invalid("silent_after_seconds", message));
        }
        match after.kind {
            OrganisationType::Region => after.region = Some(after.code.clone()),
            OrganisationType::Icb => after.icb = Some(after.code.clone()),
            _ => {}
        }
        self.edit(now, |graph| {
            let before = graph.organisation(&after.code);
            let owner = before.map(|one| &one.code);
            let allowed = known(graph, scope, now).organisation(before, &after);
            let changes = decide(mode, before, &after, owner, (graph, scope), allowed)?;
            Ok((changes, Edit::Organisation(after.clone())))
        })
        .await
    }

    /// Puts a service on the map.
    pub async fn create_service(
        &self,
        service: Service,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.save_service(Mode::Create, service, scope, now).await
    }

    /// Changes a service to what is given.
    pub async fn change_service(
        &self,
        service: Service,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.save_service(Mode::Change, service, scope, now).await
    }

    /// Notes that a service has ceased.
    pub async fn close_service(
        &self,
        code: &MapCode,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.edit(now, |graph| {
            let before = graph.service(code);
            let before =
                seen(before, graph, scope, |one| &one.organisation, "service", code.as_str())?;
            let after = Service { closed_at: before.closed_at.or(Some(now)), ..before.clone() };
            Ok((differences(Some(before), Some(&after)), Edit::Service(after)))
        })
        .await
    }

    async fn save_service(
        &self,
        mode: Mode,
        mut after: Service,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        check_name(&mut after.name)?;
        check_text("kind", &mut after.kind)?;
        check_text("hours", &mut after.hours)?;
        self.edit(now, |graph| {
            let before = graph.service(&after.code);
            let owner = before.map(|one| &one.organisation);
            let allowed = known(graph, scope, now).service(before, &after);
            let changes = decide(mode, before, &after, owner, (graph, scope), allowed)?;
            Ok((changes, Edit::Service(after.clone())))
        })
        .await
    }

    /// Puts a system on the map.
    pub async fn create_system(
        &self,
        system: System,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.save_system(Mode::Create, system, scope, now).await
    }

    /// Changes a system to what is given.
    pub async fn change_system(
        &self,
        system: System,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.save_system(Mode::Change, system, scope, now).await
    }

    /// Notes that a system was taken out of use.
    pub async fn close_system(
        &self,
        code: &MapCode,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.edit(now, |graph| {
            let before = graph.system(code);
            let before =
                seen(before, graph, scope, |one| &one.organisation, "system", code.as_str())?;
            let after = System { closed_at: before.closed_at.or(Some(now)), ..before.clone() };
            Ok((differences(Some(before), Some(&after)), Edit::System(after)))
        })
        .await
    }

    async fn save_system(
        &self,
        mode: Mode,
        mut after: System,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        check_name(&mut after.name)?;
        check_text("kind", &mut after.kind)?;
        self.edit(now, |graph| {
            let before = graph.system(&after.code);
            let owner = before.map(|one| &one.organisation);
            let allowed = known(graph, scope, now).system(before, &after);
            let changes = decide(mode, before, &after, owner, (graph, scope), allowed)?;
            Ok((changes, Edit::System(after.clone())))
        })
        .await
    }

    /// Makes a supplier known, or, with the scope of the whole sector, changes one.
    pub async fn save_supplier(
        &self,
        mut after: Supplier,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        check_name(&mut after.name)?;
        check_text("kind", &mut after.kind)?;
        self.edit(now, |graph| {
            let before = graph.supplier(&after.code);
            known(graph, scope, now).supplier(before, &after).map_err(refused)?;
            Ok((differences(before, Some(&after)), Edit::Supplier(after.clone())))
        })
        .await
    }

    /// Notes that one thing depends on another, or changes how.
    pub async fn save_dependency(
        &self,
        mut after: Dependency,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        check_text("kind", &mut after.kind)?;
        check_text("reason", &mut after.reason)?;
        self.edit(now, |graph| {
            let before = graph.dependency(&after.from, &after.to);
            known(graph, scope, now).dependency(before, &after).map_err(refused)?;
            let owner = graph.owner(&after.from).cloned();
            let changes = differences(before, Some(&after));
            Ok((changes, Edit::Dependency(after.clone(), owner)))
        })
        .await
    }

    /// Notes that one thing no longer depends on another.
    pub async fn remove_dependency(
        &self,
        from: &Thing,
        to: &Thing,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        self.edit(now, |graph| {
            let is_own = match graph.owner(from) {
                Some(owner) => graph.contains(scope, owner),
                None => scope.is_sector(),
            };
            let before = graph.dependency(from, to).filter(|_| is_own);
            let before = before
                .ok_or_else(|| SectorError::Unknown(format!("that {from} depends on {to}")))?;
            let changes = differences(Some(before), None);
            Ok((changes, Edit::DependencyRemoved(from.clone(), to.clone())))
        })
        .await
    }

    /// Says what a device is and what it is part of.
    pub async fn change_device(
        &self,
        id: DeviceId,
        said: &DeviceSaid,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Vec<Change>> {
        let before = self.device(id, scope).await?;
        let mut after = Device {
            class: said.class.clone(),
            system: said.system.clone(),
            site: said.site.clone(),
            expected: said.expected,
            ..before.clone()
        };
        if let Some(class) = &mut after.class {
            check_text("class", class)?;
        }
        after.class = after.class.filter(|class| !class.is_empty());
        let sites = self.sites(said.site.iter().cloned().collect()).await?;
        self.edit(now, |graph| {
            let known = Known { sites: sites.clone(), ..known(graph, scope, now) };
            known.device(Some(&before), &after).map_err(refused)?;
            let changes = differences(Some(&before), Some(&after));
            Ok((changes, Edit::Device(Box::new(after.clone()))))
        })
        .await
    }

    /// Decides and writes; again, when the map changed in between.
    pub(super) async fn edit(
        &self,
        now: Timestamp,
        decide: impl Fn(&Graph) -> Result<(Vec<Change>, Edit)>,
    ) -> Result<Vec<Change>> {
        let mut attempt = 1;
        loop {
            self.refresh().await?;
            let graph = self.graph();
            let (changes, edit) = decide(&graph)?;
            if changes.is_empty() {
                return Ok(changes);
            }
            match self.write(&graph, &edit, &changes, now).await {
                Err(SectorError::Stale) if attempt < ATTEMPTS => attempt += 1,
                Err(error) => return Err(error),
                Ok(()) => {
                    self.refresh().await?;
                    return Ok(changes);
                }
            }
        }
    }

    async fn write(
        &self,
        graph: &Graph,
        edit: &Edit,
        changes: &[Change],
        now: Timestamp,
    ) -> Result<()> {
        let write = self.db.write().await?;
        store::version::raise(&write, graph.version()).await?;
        write_edit(&write, edit, now).await?;
        let owner = edit.owner(graph);
        self.trace.write(&write, Deed::Change { owner, changes }).await?;
        write.commit().await.map_err(statement)
    }
}

async fn write_edit(write: &Write, edit: &Edit, now: Timestamp) -> Result<()> {
    use std::slice::from_ref;
    match edit {
        Edit::Organisation(one) => store::organisation::upsert(write, from_ref(one), now).await,
        Edit::Supplier(one) => store::supplier::upsert(write, from_ref(one), now).await,
        Edit::Device(one) => store::import::expect(write, from_ref(one), now).await,
        Edit::Group(one) => super::groups::write(write, one, now).await,
        Edit::DependencyRemoved(from, to) => store::dependency::remove(write, from, to).await,
        Edit::Dependency(one, owner) => {
            store::dependency::upsert(write, &[(one, owner.as_ref())], now).await
        }
        Edit::Service(one) => {
            store::service::upsert(write, from_ref(one), now).await?;
            let thing = Thing::Service(one.code.clone());
            store::dependency::hand_over(write, &thing, &one.organisation, now).await
        }
        Edit::System(one) => {
            store::system::upsert(write, from_ref(one), now).await?;
            let thing = Thing::System(one.code.clone());
            store::dependency::hand_over(write, &thing, &one.organisation, now).await
        }
    }
}
