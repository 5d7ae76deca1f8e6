//! What pages show: lists within a scope, in pages, and single things.

use terms::{DeviceId, OdsCode, PersonId, Scope, Timestamp};

use super::{Map, Result};
use crate::{
    device::{Device, DeviceKey},
    error::SectorError,
    model::{Dependency, Service, Site, Supplier, System},
    organisation::Organisation,
    store::{
        self,
        dependency::DependencyFilter,
        device::{DeviceFilter, DeviceSort},
        import::ImportRecord,
        organisation::{OrganisationFilter, OrganisationSort},
        page::{Page, PageRequest},
        service::{ServiceFilter, ServiceSort},
        site::SiteFilter,
        system::{SystemFilter, SystemSort},
    },
};

impl Map {
    /// Organisations within a scope. `now` decides which have ceased.
    pub async fn organisations(
        &self,
        filter: &OrganisationFilter,
        sort: OrganisationSort,
        request: &PageRequest,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Page<Organisation>> {
        store::organisation::list(self.db.read(), filter, sort, request, scope, now).await
    }

    /// One organisation within a scope. Errors: [`SectorError::Unknown`].
    pub async fn organisation(&self, code: &OdsCode, scope: &Scope) -> Result<Organisation> {
        let found = store::organisation::find(self.db.read(), code, scope).await?;
        found.ok_or_else(|| SectorError::Unknown(format!("organisation:{code}")))
    }

    /// Sites within a scope, by name.
    pub async fn list_sites(
        &self,
        filter: &SiteFilter,
        request: &PageRequest,
        scope: &Scope,
    ) -> Result<Page<Site>> {
        store::site::list(self.db.read(), filter, request, scope).await
    }

    /// Services within a scope.
    pub async fn services(
        &self,
        filter: &ServiceFilter,
        sort: ServiceSort,
        request: &PageRequest,
        scope: &Scope,
    ) -> Result<Page<Service>> {
        store::service::list(self.db.read(), filter, sort, request, scope).await
    }

    /// Systems within a scope.
    pub async fn systems(
        &self,
        filter: &SystemFilter,
        sort: SystemSort,
        request: &PageRequest,
        scope: &Scope,
    ) -> Result<Page<System>> {
        store::system::list(self.db.read(), filter, sort, request, scope).await
    }

    /// Suppliers by name, of which the name or code holds a text. Everybody who may see anything
    /// sees them.
    pub async fn suppliers(
        &self,
        search: Option<&str>,
        request: &PageRequest,
        scope: &Scope,
    ) -> Result<Page<Supplier>> {
        store::supplier::list(self.db.read(), search, request, scope).await
    }

    /// Dependencies of things within a scope.
    pub async fn dependencies(
        &self,
        filter: &DependencyFilter,
        request: &PageRequest,
        scope: &Scope,
    ) -> Result<Page<Dependency>> {
        store::dependency::list(self.db.read(), filter, request, scope).await
    }

    /// Devices within a scope. `now` decides which are silent.
    pub async fn list_devices(
        &self,
        filter: &DeviceFilter,
        sort: DeviceSort,
        request: &PageRequest,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Page<Device>> {
        store::device::list(self.db.read(), filter, sort, request, scope, now).await
    }

    /// One device within a scope. Errors: [`SectorError::Unknown`].
    pub async fn device(&self, id: DeviceId, scope: &Scope) -> Result<Device> {
        let found = store::device::find(self.db.read(), id, scope).await?;
        found.ok_or_else(|| SectorError::Unknown(format!("device:{id}")))
    }

    /// The device of a name, within a scope; `None` if telemetry has not named it yet.
    pub async fn device_called(&self, key: &DeviceKey, scope: &Scope) -> Result<Option<Device>> {
        store::device::find_by_key(self.db.read(), key, scope).await
    }

    /// Imports that were applied: all for the whole sector, else the reader's own.
    pub async fn imports(
        &self,
        reader: PersonId,
        request: &PageRequest,
        scope: &Scope,
    ) -> Result<Page<ImportRecord>> {
        store::import::list(self.db.read(), reader, request, scope).await
    }
}
