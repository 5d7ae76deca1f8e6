//! What the map holds of the things a file speaks of, and who asks. In: the graph and what the
//! store has beyond it. Out: for each thing what stands there now, and whether the asker may
//! change it. Pure.

use std::collections::HashMap;

use terms::{OdsCode, Scope, Timestamp};

use super::Complaint;
use crate::{
    code::{MapCode, Thing},
    device::{Device, DeviceKey},
    graph::Graph,
    model::{Dependency, Service, Site, Supplier, System},
    organisation::Organisation,
};

/// What a plan is made against.
pub(crate) struct Known<'a> {
    pub(crate) graph: &'a Graph,
    pub(crate) scope: &'a Scope,
    pub(crate) now: Timestamp,
    /// The sites the file speaks of, whoever they belong to.
    pub(crate) sites: HashMap<OdsCode, Site>,
    /// The devices the file speaks of.
    pub(crate) devices: HashMap<DeviceKey, Device>,
    /// How many sites or devices the file could name and does not.
    pub(crate) absent: u64,
}

impl Known<'_> {
    fn sees(&self, organisation: &OdsCode) -> bool {
        self.graph.contains(self.scope, organisation)
    }

    /// An organisation that is on the map and the asker's.
    fn own(&self, column: &'static str, code: &OdsCode) -> Result<(), Complaint> {
        let is_there = self.graph.organisation(code).is_some();
        if is_there && self.sees(code) { Ok(()) } else { Err(unknown(column, code.as_str())) }
    }

    /// A thing that is on the map and for the asker to see.
    fn visible(&self, column: &'static str, thing: &Thing) -> Result<(), Complaint> {
        let is_there = match thing {
            Thing::Supplier(code) => self.graph.supplier(code).is_some(),
            _ => self.graph.owner(thing).is_some_and(|owner| self.sees(owner)),
        };
        if is_there { Ok(()) } else { Err(unknown(column, thing.code())) }
    }

    /// Whether the asker may put `after` where `before` stands.
    pub(crate) fn organisation(
        &self,
        before: Option<&Organisation>,
        after: &Organisation,
    ) -> Result<(), Complaint> {
        let had = before.is_none_or(|before| self.sees(&before.code));
        if had && self.graph.would_contain(self.scope, after) {
            return Ok(());
        }
        Err(beyond("ods_code", after.code.as_str()))
    }

    pub(crate) fn site(&self, before: Option<&Site>, after: &Site) -> Result<(), Complaint> {
        self.still_own("ods_code", before.map(|one| &one.organisation), after.code.as_str())?;
        self.own("organisation", &after.organisation)
    }

    pub(crate) fn service(
        &self,
        before: Option<&Service>,
        after: &Service,
    ) -> Result<(), Complaint> {
        self.still_own("code", before.map(|one| &one.organisation), after.code.as_str())?;
        self.own("organisation", &after.organisation)
    }

    pub(crate) fn system(&self, before: Option<&System>, after: &System) -> Result<(), Complaint> {
        self.still_own("code", before.map(|one| &one.organisation), after.code.as_str())?;
        self.own("organisation", &after.organisation)?;
        self.supplier_is_known(after.supplier.as_ref())
    }

    /// A new supplier may be named by anybody; one that is known is everybody's.
    pub(crate) fn supplier(
        &self,
        before: Option<&Supplier>,
        after: &Supplier,
    ) -> Result<(), Complaint> {
        let is_same = before.is_some_and(|before| before == after);
        let is_new = before.is_none() && !self.scope.is_empty();
        match is_same || is_new || self.scope.is_sector() {
            true => Ok(()),
            false => Err(beyond("code", after.code.as_str())),
        }
    }

    pub(crate) fn device(&self, _: Option<&Device>, after: &Device) -> Result<(), Complaint> {
        self.own("organisation", &after.organisation)?;
        if let Some(system) = &after.system {
            self.visible("system", &Thing::System(system.clone()))?;
        }
        match &after.site {
            None => Ok(()),
            Some(code) => match self.sites.get(code) {
                Some(site) if self.sees(&site.organisation) => Ok(()),
                _ => Err(unknown("site", code.as_str())),
            },
        }
    }

    pub(crate) fn dependency(
        &self,
        _: Option<&Dependency>,
        after: &Dependency,
    ) -> Result<(), Complaint> {
        self.visible("from", &after.from)?;
        self.visible("to", &after.to)?;
        // What a supplier depends on concerns everybody who depends on it.
        let is_supplier = matches!(after.from, Thing::Supplier(_));
        if is_supplier && !self.scope.is_sector() {
            return Err(beyond("from", after.from.code()));
        }
        if after.from == after.to {
            return Err(Complaint::new("to", "nothing depends on itself"));
        }
        Ok(())
    }

    fn still_own(
        &self,
        column: &'static str,
        owner: Option<&OdsCode>,
        code: &str,
    ) -> Result<(), Complaint> {
        match owner.is_none_or(|owner| self.sees(owner)) {
            true => Ok(()),
            false => Err(beyond(column, code)),
        }
    }

    fn supplier_is_known(&self, code: Option<&MapCode>) -> Result<(), Complaint> {
        let Some(code) = code else { return Ok(()) };
        self.visible("supplier", &Thing::Supplier(code.clone()))
    }
}

fn unknown(column: &'static str, code: &str) -> Complaint {
    Complaint::new(column, format!("{code} is not on the map, or not for you to see"))
}

fn beyond(column: &'static str, code: &str) -> Complaint {
    Complaint::new(column, format!("{code} is outside of what you may change"))
}
