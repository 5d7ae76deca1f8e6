//! What one row says about one thing, and the thing after it was told. A column that the file does
//! not have leaves the field as it is. Pure.

use std::hash::Hash;

use terms::{DeviceId, OdsCode, Timestamp};

use super::cells::Said;
use crate::{
    code::{Criticality, MapCode, Thing},
    device::{Device, DeviceKey},
    field::Fields,
    model::{Dependency, Service, Site, Supplier, System},
    organisation::{Organisation, OrganisationType, Position},
};

/// What a row says.
pub(crate) trait Patch {
    /// The thing it is about.
    type Noun: Fields + Clone + PartialEq;
    /// What tells one such thing from another.
    type Key: Clone + Eq + Hash;
    /// The column that names it, for complaints.
    const KEY: &'static str;

    /// Which thing.
    fn key(&self) -> Self::Key;
    /// The thing after the row; `now` dates the identifier of a new one.
    fn merge(self, before: Option<&Self::Noun>, now: Timestamp) -> Self::Noun;
}

/// A type, and whether the file states it or Ward guessed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TypeSaid {
    Stated(OrganisationType),
    Guessed(OrganisationType),
}

#[derive(Clone, Debug)]
pub(crate) struct OrganisationRow {
    pub(crate) code: OdsCode,
    pub(crate) name: String,
    pub(crate) kind: TypeSaid,
    pub(crate) region: Said<OdsCode>,
    pub(crate) icb: Said<OdsCode>,
    pub(crate) parent: Said<OdsCode>,
    pub(crate) town: Option<String>,
    pub(crate) postcode: Option<String>,
    pub(crate) patients: Said<u32>,
    pub(crate) position: Said<Position>,
    pub(crate) closed_at: Said<Timestamp>,
}

impl OrganisationRow {
    /// A row that says no more than these.
    pub(crate) fn new(code: OdsCode, name: String, kind: TypeSaid) -> Self {
        Self {
            code,
            name,
            kind,
            region: None,
            icb: None,
            parent: None,
            town: None,
            postcode: None,
            patients: None,
            position: None,
            closed_at: None,
        }
    }
}

impl Patch for OrganisationRow {
    type Noun = Organisation;
    type Key = OdsCode;
    const KEY: &'static str = "ods_code";

    fn key(&self) -> OdsCode {
        self.code.clone()
    }

    fn merge(self, before: Option<&Organisation>, _now: Timestamp) -> Organisation {
        let stored = before.map(|before| before.kind);
        let kind = match self.kind {
            TypeSaid::Stated(kind) => kind,
            TypeSaid::Guessed(kind) => stored.unwrap_or(kind),
        };
        let fresh = || Organisation::new(self.code.clone(), self.name.clone(), kind);
        let mut after = before.cloned().unwrap_or_else(fresh);
        // A silence that nobody chose follows the type.
        if stored.is_some_and(|stored| stored.usual_silence() == after.silent_after) {
            after.silent_after = kind.usual_silence();
        }
        after.kind = kind;
        after.name = self.name;
        set(&mut after.region, self.region);
        set(&mut after.icb, self.icb);
        set(&mut after.parent, self.parent);
        set(&mut after.town, self.town);
        set(&mut after.postcode, self.postcode);
        set(&mut after.patients, self.patients);
        set(&mut after.position, self.position);
        set(&mut after.closed_at, self.closed_at);
        match kind {
            OrganisationType::Region => after.region = Some(after.code.clone()),
            OrganisationType::Icb => after.icb = Some(after.code.clone()),
            _ => {}
        }
        after
    }
}

fn set<T>(field: &mut T, said: Option<T>) {
    if let Some(value) = said {
        *field = value;
    }
}

#[derive(Clone, Debug)]
pub(crate) struct SiteRow {
    pub(crate) code: OdsCode,
    pub(crate) name: String,
    pub(crate) organisation: OdsCode,
    pub(crate) town: Option<String>,
    pub(crate) postcode: Option<String>,
    pub(crate) position: Said<Position>,
}

impl Patch for SiteRow {
    type Noun = Site;
    type Key = OdsCode;
    const KEY: &'static str = "ods_code";

    fn key(&self) -> OdsCode {
        self.code.clone()
    }

    fn merge(self, before: Option<&Site>, _now: Timestamp) -> Site {
        let before = before.cloned();
        let (town, postcode, position) =
            before.map(|site| (site.town, site.postcode, site.position)).unwrap_or_default();
        Site {
            code: self.code,
            name: self.name,
            organisation: self.organisation,
            town: self.town.unwrap_or(town),
            postcode: self.postcode.unwrap_or(postcode),
            position: self.position.unwrap_or(position),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct ServiceRow {
    pub(crate) code: MapCode,
    pub(crate) organisation: OdsCode,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) patients_per_day: u32,
    pub(crate) criticality: Criticality,
    pub(crate) hours: Option<String>,
}

impl Patch for ServiceRow {
    type Noun = Service;
    type Key = MapCode;
    const KEY: &'static str = "code";

    fn key(&self) -> MapCode {
        self.code.clone()
    }

    fn merge(self, before: Option<&Service>, _now: Timestamp) -> Service {
        let stored = before.map(|before| before.hours.clone()).unwrap_or_default();
        Service {
            code: self.code,
            organisation: self.organisation,
            name: self.name,
            kind: self.kind,
            patients_per_day: self.patients_per_day,
            criticality: self.criticality,
            hours: self.hours.unwrap_or(stored),
            closed_at: before.and_then(|before| before.closed_at),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct SystemRow {
    pub(crate) code: MapCode,
    pub(crate) organisation: OdsCode,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) supplier: Said<MapCode>,
    pub(crate) criticality: Criticality,
}

impl Patch for SystemRow {
    type Noun = System;
    type Key = MapCode;
    const KEY: &'static str = "code";

    fn key(&self) -> MapCode {
        self.code.clone()
    }

    fn merge(self, before: Option<&System>, _now: Timestamp) -> System {
        let stored = before.and_then(|before| before.supplier.clone());
        System {
            code: self.code,
            organisation: self.organisation,
            name: self.name,
            kind: self.kind,
            supplier: self.supplier.unwrap_or(stored),
            criticality: self.criticality,
            closed_at: before.and_then(|before| before.closed_at),
        }
    }
}

impl Patch for Supplier {
    type Noun = Supplier;
    type Key = MapCode;
    const KEY: &'static str = "code";

    fn key(&self) -> MapCode {
        self.code.clone()
    }

    fn merge(self, _before: Option<&Supplier>, _now: Timestamp) -> Supplier {
        self
    }
}

impl Patch for Dependency {
    type Noun = Dependency;
    type Key = (Thing, Thing);
    const KEY: &'static str = "from";

    fn key(&self) -> (Thing, Thing) {
        (self.from.clone(), self.to.clone())
    }

    fn merge(self, _before: Option<&Dependency>, _now: Timestamp) -> Dependency {
        self
    }
}

#[derive(Clone, Debug)]
pub(crate) struct DeviceRow {
    pub(crate) key: DeviceKey,
    pub(crate) name: String,
    pub(crate) class: Said<String>,
    pub(crate) system: Said<MapCode>,
    pub(crate) site: Said<OdsCode>,
}

impl Patch for DeviceRow {
    type Noun = Device;
    type Key = DeviceKey;
    const KEY: &'static str = "name";

    fn key(&self) -> DeviceKey {
        self.key.clone()
    }

    fn merge(self, before: Option<&Device>, now: Timestamp) -> Device {
        let mut after = before.cloned().unwrap_or_else(|| Device {
            id: DeviceId::new(now),
            organisation: self.key.organisation().clone(),
            name: self.name,
            class: None,
            system: None,
            site: None,
            expected: false,
            first_seen: None,
            last_seen: None,
            source: None,
        });
        after.expected = true;
        set(&mut after.class, self.class);
        set(&mut after.system, self.system);
        set(&mut after.site, self.site);
        after
    }
}
