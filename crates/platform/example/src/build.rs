//! The order of work: areas, organisations, what they do and run, what needs what.

use crate::{
    areas,
    catalogue::{Catalogue, shape::Role},
    dependencies, devices,
    model::{ExampleSector, Organisation},
    primary, services, sites,
    size::Size,
    social, suppliers, systems, trusts,
};

/// What every step is given: the data, the seed, how much.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cx<'c> {
    pub(crate) catalogue: &'c Catalogue,
    pub(crate) seed: u64,
    pub(crate) size: Size,
}

/// An organisation while the sector is made.
#[derive(Clone, Debug)]
pub(crate) struct Body {
    pub(crate) organisation: Organisation,
    pub(crate) role: Role,
    /// Which area it lies in.
    pub(crate) area: Option<usize>,
    /// The position of the body it belongs to, where that runs systems for it.
    pub(crate) parent: Option<usize>,
    /// How names of its devices begin: `EX1`.
    pub(crate) prefix: String,
    /// How large it is among its like, as a standard normal number.
    pub(crate) rank: f64,
    /// Its part of the emergencies and of the referrals; only proportions matter.
    pub(crate) emergency: f64,
    pub(crate) referrals: f64,
}

impl Body {
    pub(crate) fn new(role: Role, organisation: Organisation) -> Self {
        Self {
            organisation,
            role,
            area: None,
            parent: None,
            prefix: String::new(),
            rank: 0.0,
            emergency: 0.0,
            referrals: 0.0,
        }
    }

    pub(crate) fn code(&self) -> &str {
        &self.organisation.ods_code
    }

    /// Its people; zero while not known.
    pub(crate) fn people(&self) -> f64 {
        f64::from(self.organisation.patients.unwrap_or(0))
    }
}

/// An organisation of which no more is known.
pub(crate) fn organisation(ods_code: String, name: String, role: Role) -> Organisation {
    Organisation {
        ods_code,
        name,
        kind: role.kind(),
        region: None,
        icb: None,
        parent: None,
        town: String::new(),
        postcode: String::new(),
        patients: None,
        beds: 0,
        device_estimate: None,
    }
}

/// The example sector of a seed, from the embedded catalogue.
pub fn sector(seed: u64, size: &Size) -> ExampleSector {
    Catalogue::embedded().sector(seed, size)
}

impl Catalogue {
    /// The example sector of a seed, from this catalogue.
    pub fn sector(&self, seed: u64, size: &Size) -> ExampleSector {
        let cx = Cx { catalogue: self, seed, size: *size };
        let areas = areas::make(cx);
        let mut bodies = areas::bodies(cx, &areas);
        trusts::make(cx, &areas, &mut bodies);
        primary::make(cx, &areas, &mut bodies);
        social::make(cx, &areas, &mut bodies);
        let services = services::make(cx, &bodies);
        let suppliers = suppliers::make(cx);
        let systems = systems::make(cx, &bodies, &services, &suppliers);
        let dependencies = dependencies::make(cx, &bodies, &services, &systems);
        let sites = sites::make(cx, &areas, &bodies);
        let devices = devices::make(cx, &bodies, &systems, &sites);
        suppliers::add_organisations(&suppliers, &mut bodies);
        ExampleSector {
            organisations: bodies.into_iter().map(|body| body.organisation).collect(),
            sites,
            services: services.into_iter().map(|one| one.service).collect(),
            systems: systems.into_iter().map(|one| one.system).collect(),
            suppliers: suppliers.into_iter().map(|one| one.supplier).collect(),
            devices,
            dependencies,
        }
    }
}
