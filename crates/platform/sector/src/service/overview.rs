//! The picture of the sector: one tile for each organisation that works.

use std::collections::HashMap;

use terms::{OdsCode, Scope, Timestamp};

use super::{Map, Result};
use crate::{
    organisation::{Organisation, OrganisationType},
    store::total::{self, Counted},
};

/// One organisation in the picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Its code.
    pub organisation: OdsCode,
    /// Its name.
    pub name: String,
    /// What kind of body it is.
    pub kind: OrganisationType,
    /// The region it lies in.
    pub region: Option<OdsCode>,
    /// The board's area it lies in.
    pub icb: Option<OdsCode>,
    /// Devices seen at least once.
    pub devices_seen: u64,
    /// Devices that somebody said exist.
    pub devices_expected: u64,
    /// When any of its devices was last seen.
    pub last_seen: Option<Timestamp>,
    /// Registered patients or people cared for.
    pub patients: Option<u32>,
}

impl Map {
    /// A tile for each organisation of a scope that has not ceased by `now`, by code.
    pub async fn overview(&self, scope: &Scope, now: Timestamp) -> Result<Vec<Tile>> {
        self.refresh().await?;
        let counted = total::list(self.db.read(), scope).await?;
        let counted: HashMap<OdsCode, Counted> =
            counted.into_iter().map(|one| (one.organisation.clone(), one)).collect();
        let graph = self.graph();
        let working = graph.organisations_in(scope).into_iter().filter(|one| !one.is_closed(now));
        Ok(working.map(|one| tile(one, counted.get(&one.code))).collect())
    }
}

fn tile(organisation: &Organisation, counted: Option<&Counted>) -> Tile {
    Tile {
        organisation: organisation.code.clone(),
        name: organisation.name.clone(),
        kind: organisation.kind,
        region: organisation.region.clone(),
        icb: organisation.icb.clone(),
        devices_seen: counted.map_or(0, |counted| counted.seen),
        devices_expected: counted.map_or(0, |counted| counted.expected),
        last_seen: counted.and_then(|counted| counted.last_seen),
        patients: organisation.patients,
    }
}
