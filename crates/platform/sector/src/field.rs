//! Things of the map as named fields of text, so that any two of a kind can be compared and a
//! difference told. Pure.

use std::fmt::Display;

use crate::{
    device::Device,
    model::{Change, Dependency, Service, Site, Supplier, System},
    organisation::Organisation,
};

/// A thing whose fields can be named and compared.
pub(crate) trait Fields {
    /// The thing, as `system:RX1-EPR`.
    fn what(&self) -> String;
    /// Its fields by the names of the import's columns; empty text where there is no value.
    fn fields(&self) -> Vec<(&'static str, String)>;
}

/// What differs; everything that has a value, where there was or will be nothing.
pub(crate) fn differences<T: Fields>(before: Option<&T>, after: Option<&T>) -> Vec<Change> {
    let Some(what) = after.or(before).map(Fields::what) else { return Vec::new() };
    let old = before.map(Fields::fields);
    let new = after.map(Fields::fields);
    let names = new.as_ref().or(old.as_ref()).into_iter().flatten().map(|(name, _)| *name);
    let value = |fields: &Option<Vec<(&'static str, String)>>, at: usize| {
        fields.as_ref().map(|fields| fields[at].1.clone())
    };
    let changes = names.enumerate().filter_map(|(at, field)| {
        let (before, after) = (value(&old, at), value(&new, at));
        let said = |side: &Option<String>| side.clone().unwrap_or_default();
        let differs = said(&before) != said(&after);
        differs.then(|| Change { what: what.clone(), field, before, after })
    });
    changes.collect()
}

fn text(value: Option<impl Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl Fields for Organisation {
    fn what(&self) -> String {
        format!("organisation:{}", self.code)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("name", self.name.clone()),
            ("type", self.kind.to_string()),
            ("region", text(self.region.as_ref())),
            ("icb", text(self.icb.as_ref())),
            ("parent", text(self.parent.as_ref())),
            ("town", self.town.clone()),
            ("postcode", self.postcode.clone()),
            ("patients", text(self.patients)),
            ("latitude", text(self.position.map(|at| at.latitude()))),
            ("longitude", text(self.position.map(|at| at.longitude()))),
            ("silent_after_seconds", self.silent_after.as_secs().to_string()),
            ("closed_at", text(self.closed_at)),
        ]
    }
}

impl Fields for Site {
    fn what(&self) -> String {
        format!("site:{}", self.code)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("name", self.name.clone()),
            ("organisation", self.organisation.to_string()),
            ("town", self.town.clone()),
            ("postcode", self.postcode.clone()),
            ("latitude", text(self.position.map(|at| at.latitude()))),
            ("longitude", text(self.position.map(|at| at.longitude()))),
        ]
    }
}

impl Fields for Service {
    fn what(&self) -> String {
        format!("service:{}", self.code)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("name", self.name.clone()),
            ("organisation", self.organisation.to_string()),
            ("kind", self.kind.clone()),
            ("patients_per_day", self.patients_per_day.to_string()),
            ("criticality", self.criticality.to_string()),
            ("hours", self.hours.clone()),
            ("closed_at", text(self.closed_at)),
        ]
    }
}

impl Fields for System {
    fn what(&self) -> String {
        format!("system:{}", self.code)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("name", self.name.clone()),
            ("organisation", self.organisation.to_string()),
            ("kind", self.kind.clone()),
            ("supplier", text(self.supplier.as_ref())),
            ("criticality", self.criticality.to_string()),
            ("closed_at", text(self.closed_at)),
        ]
    }
}

impl Fields for Supplier {
    fn what(&self) -> String {
        format!("supplier:{}", self.code)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![("name", self.name.clone()), ("kind", self.kind.clone())]
    }
}

impl Fields for Dependency {
    fn what(&self) -> String {
        format!("dependency:{} on {}", self.from, self.to)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("kind", self.kind.clone()),
            ("reason", self.reason.clone()),
            ("strength", self.strength.to_string()),
        ]
    }
}

impl Fields for Device {
    fn what(&self) -> String {
        format!("device:{} of {}", self.name, self.organisation)
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("class", text(self.class.as_ref())),
            ("system", text(self.system.as_ref())),
            ("site", text(self.site.as_ref())),
            ("expected", if self.expected { "yes".to_owned() } else { String::new() }),
        ]
    }
}
