//! The map everybody reads: organisations, their services, the systems and suppliers these rest
//! on, and the devices.
//!
//! One handle, [`Map`], holds the database and a [`Graph`] made of it. The graph answers in
//! memory who lies in a scope and what rests on a device; the database holds everything and
//! lists it in pages. Files are imported in two steps, a plan that can be looked at and its
//! application; devices make themselves known by being seen in telemetry.
//!
//! Modules in reading order: [`organisation`], [`code`], [`model`] and [`device`] the nouns,
//! `field` how they are compared, [`import`] files to plans, [`graph`] the map in memory,
//! [`store`] the map in the database, [`service`] the handle, [`error`].
//!
//! What is absent on purpose: harm. The graph says which services rest on a device and how
//! strongly; what their loss does to patients is for `harm` to say.

pub mod code;
pub mod device;
pub mod error;
mod field;
pub mod graph;
pub mod import;
pub mod model;
pub mod organisation;
pub mod service;
pub mod store;

pub use code::{Criticality, MapCode, Strength, Thing, Unreadable};
pub use device::{Device, DeviceKey, Seen, Sighting};
pub use error::SectorError;
pub use graph::{
    Graph, Parts,
    search::Hit,
    support::{Dependents, Path, Step, Support},
};
pub use import::{Absent, Added, FileError, FileKind, Limits, Plan, Problem};
pub use model::{Change, Dependency, Service, Site, Supplier, System};
pub use organisation::{Group, Organisation, OrganisationType, Position};
pub use service::{
    DeviceSaid, Map,
    overview::Tile,
    trace::{Deed, Trace, Writing},
};
pub use store::{
    dependency::DependencyFilter,
    device::{DeviceFilter, DeviceSort, DeviceState},
    import::ImportRecord,
    organisation::{OrganisationFilter, OrganisationSort},
    page::{Cursor, Page, PageRequest, Total},
    service::{ServiceFilter, ServiceSort},
    site::SiteFilter,
    system::{SystemFilter, SystemSort},
};
