//! Every operation may be spawned on a runtime of many threads, as a server does.

use sector::{
    DependencyFilter, Device, DeviceFilter, DeviceSaid, DeviceSort, Map, Organisation,
    OrganisationFilter, OrganisationSort, PageRequest, Plan, Service, ServiceFilter, ServiceSort,
    SiteFilter, Supplier, System, SystemFilter, SystemSort, Thing,
};
use terms::{GroupId, PersonId, Scope, Timestamp};

fn may_be_spawned(_: impl Future + Send) {}

/// Compiled, never called: that it compiles is the test.
#[allow(dead_code, clippy::too_many_arguments)]
fn operations(
    map: &Map,
    scope: &Scope,
    now: Timestamp,
    plan: &Plan,
    device: &Device,
    (organisation, service, system, supplier): (Organisation, Service, System, Supplier),
    thing: &Thing,
    group: GroupId,
) {
    let page = PageRequest::default();
    may_be_spawned(map.refresh());
    may_be_spawned(map.plan("", b"", scope, now));
    may_be_spawned(map.apply(plan, None, now));
    may_be_spawned(map.seen(&[], now));
    may_be_spawned(map.overview(scope, now));
    may_be_spawned(map.imports(PersonId::new(now), &page, scope));
    may_be_spawned(map.organisation(&organisation.code, scope));
    may_be_spawned(map.close_organisation(&organisation.code, scope, now));
    may_be_spawned(map.create_organisation(organisation.clone(), scope, now));
    may_be_spawned(map.change_service(service, scope, now));
    may_be_spawned(map.change_system(system, scope, now));
    may_be_spawned(map.save_supplier(supplier, scope, now));
    may_be_spawned(map.remove_dependency(thing, thing, scope, now));
    may_be_spawned(map.change_device(device.id, &DeviceSaid::default(), scope, now));
    may_be_spawned(map.make_group("", scope, now));
    may_be_spawned(map.set_group_members(group, &[], scope, now));
    may_be_spawned(map.remove_group(group, scope, now));
    let (filter, sort) = (OrganisationFilter::default(), OrganisationSort::Name);
    may_be_spawned(map.organisations(&filter, sort, &page, scope, now));
    may_be_spawned(map.list_sites(&SiteFilter::default(), &page, scope));
    may_be_spawned(map.services(&ServiceFilter::default(), ServiceSort::Name, &page, scope));
    may_be_spawned(map.systems(&SystemFilter::default(), SystemSort::Name, &page, scope));
    may_be_spawned(map.suppliers(None, &page, scope));
    may_be_spawned(map.dependencies(&DependencyFilter::default(), &page, scope));
    let filter = DeviceFilter::default();
    may_be_spawned(map.list_devices(&filter, DeviceSort::Name, &page, scope, now));
}
