//! The map as files, in the columns that the import reads: what was taken out can be brought in
//! again, changed. And empty ones, to be filled in.

use access::Permission;
use axum::{
    extract::{Path, RawQuery, State},
    response::Response,
};
use futures_util::stream;
use sector::{
    Cursor, Dependency, DependencyFilter, Device, DeviceFilter, DeviceSort, Map, Organisation,
    OrganisationFilter, OrganisationSort, Page, PageRequest, SectorError, Service, ServiceFilter,
    ServiceSort, Site, SiteFilter, Supplier, System, SystemFilter, SystemSort,
};
use serde_json::Value;
use terms::{OdsCode, Scope, Timestamp};

use super::{
    address::Address,
    list::{FILTERS, filter},
    things,
};
use crate::{
    export::{Cells, Format, Sheet},
    failure::Failure,
    page::Desk,
};

/// What can be taken out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Organisations,
    Sites,
    Suppliers,
    Services,
    Systems,
    Dependencies,
    Devices,
}

impl Kind {
    /// All, in the order in which they are imported.
    pub(super) const ALL: [Self; 7] = [
        Self::Organisations,
        Self::Sites,
        Self::Suppliers,
        Self::Services,
        Self::Systems,
        Self::Dependencies,
        Self::Devices,
    ];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Organisations => "organisations",
            Self::Sites => "sites",
            Self::Suppliers => "suppliers",
            Self::Services => "services",
            Self::Systems => "systems",
            Self::Dependencies => "dependencies",
            Self::Devices => "devices",
        }
    }

    /// Columns, as the import reads them.
    pub(super) fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Organisations => &[
                "ods_code",
                "name",
                "type",
                "region",
                "icb",
                "parent",
                "town",
                "postcode",
                "patients",
                "latitude",
                "longitude",
                "close_date",
            ],
            Self::Sites => {
                &["ods_code", "name", "organisation", "town", "postcode", "latitude", "longitude"]
            }
            Self::Suppliers => &["code", "name", "kind"],
            Self::Services => &[
                "code",
                "name",
                "organisation",
                "kind",
                "patients_per_day",
                "criticality",
                "hours",
            ],
            Self::Systems => &["code", "name", "organisation", "kind", "supplier", "criticality"],
            Self::Dependencies => &["from", "to", "kind", "reason", "strength"],
            Self::Devices => &["name", "organisation", "class", "system", "site"],
        }
    }
}

/// Reads `organisations.csv`.
fn asked(file: &str) -> Option<(Kind, Format)> {
    let (name, ending) = file.rsplit_once('.')?;
    let form = match ending {
        "csv" => Format::Csv,
        "jsonl" => Format::JsonLines,
        _ => return None,
    };
    Kind::ALL.into_iter().find(|kind| kind.as_str() == name).map(|kind| (kind, form))
}

/// A file of everything of a kind in the view; organisations, services and systems as their lists
/// are narrowed.
pub(super) async fn file(
    State(map): State<Map>,
    Path(file): Path<String>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (kind, format) = asked(&file).ok_or_else(Failure::not_found)?;
    let permission = match kind {
        Kind::Devices => Permission::ViewDevices,
        _ => Permission::ViewMap,
    };
    let scope = desk.scope(permission)?;
    let filter = filter(&Address::read("/map", raw.as_deref(), FILTERS))?;
    let address = Address::read("/map", raw.as_deref(), things::FILTERS);
    let (of, search) = (things::organisation(&address)?, things::search(&address));
    let reading = Reading { map, kind, filter, of, search, scope, now: desk.now() };
    let parts = stream::unfold((reading, Some(None)), async |(reading, after)| {
        let part = reading.read(after?).await;
        let next = part.as_ref().ok().and_then(|page| page.next.clone()).map(Some);
        Some((part.map(|page| page.rows), (reading, next)))
    });
    Ok(Sheet { name: kind.as_str(), columns: kind.columns() }.stream(format, parts))
}

/// An empty file of a kind: the columns alone.
pub(super) async fn template(Path(file): Path<String>, desk: Desk) -> Result<Response, Failure> {
    desk.scope(Permission::ViewMap)?;
    let asked = asked(&file).filter(|(_, format)| *format == Format::Csv);
    let (kind, format) = asked.ok_or_else(Failure::not_found)?;
    Ok(Sheet { name: kind.as_str(), columns: kind.columns() }.of(format, Vec::new()))
}

struct Reading {
    map: Map,
    kind: Kind,
    filter: OrganisationFilter,
    /// Whose services or systems, and by what name or code.
    of: Option<OdsCode>,
    search: Option<String>,
    scope: Scope,
    now: Timestamp,
}

/// Rows read at once.
const AT_ONCE: u16 = 1000;

impl Reading {
    async fn read(&self, after: Option<Cursor>) -> Result<Page<Cells>, SectorError> {
        let (map, scope) = (&self.map, &self.scope);
        let request = PageRequest { rows: AT_ONCE, after, descending: false };
        Ok(match self.kind {
            Kind::Organisations => {
                let (filter, sort) = (&self.filter, OrganisationSort::Code);
                let page = map.organisations(filter, sort, &request, scope, self.now).await?;
                rows(page, organisation)
            }
            Kind::Sites => {
                let page = map.list_sites(&SiteFilter::default(), &request, scope).await?;
                rows(page, site)
            }
            Kind::Suppliers => rows(map.suppliers(None, &request, scope).await?, supplier),
            Kind::Services => {
                let (organisation, search) = (self.of.clone(), self.search.clone());
                let filter = ServiceFilter { organisation, search, ..ServiceFilter::default() };
                let sort = ServiceSort::Name;
                rows(map.services(&filter, sort, &request, scope).await?, service)
            }
            Kind::Systems => {
                let (organisation, search) = (self.of.clone(), self.search.clone());
                let filter = SystemFilter { organisation, search, ..SystemFilter::default() };
                let sort = SystemSort::Name;
                rows(map.systems(&filter, sort, &request, scope).await?, system)
            }
            Kind::Dependencies => {
                let filter = DependencyFilter::default();
                rows(map.dependencies(&filter, &request, scope).await?, dependency)
            }
            Kind::Devices => {
                let (filter, sort) = (DeviceFilter::default(), DeviceSort::Name);
                let page = map.list_devices(&filter, sort, &request, scope, self.now).await?;
                rows(page, device)
            }
        })
    }
}

fn rows<T>(page: Page<T>, row: fn(&T) -> Cells) -> Page<Cells> {
    Page { rows: page.rows.iter().map(row).collect(), next: page.next, total: page.total }
}

fn text(one: impl std::fmt::Display) -> Value {
    one.to_string().into()
}

fn maybe(one: Option<&impl std::fmt::Display>) -> Value {
    one.map_or(Value::Null, text)
}

fn organisation(one: &Organisation) -> Cells {
    vec![
        text(&one.code),
        text(&one.name),
        text(one.kind),
        maybe(one.region.as_ref()),
        maybe(one.icb.as_ref()),
        maybe(one.parent.as_ref()),
        text(&one.town),
        text(&one.postcode),
        one.patients.into(),
        one.position.map(|at| at.latitude()).into(),
        one.position.map(|at| at.longitude()).into(),
        one.closed_at.map_or(Value::Null, last_day),
    ]
}

/// The last day before an instant, in UTC.
fn last_day(end: Timestamp) -> Value {
    let last = Timestamp::from_nanosecond(end.as_nanosecond() - 1).unwrap_or(end);
    text(last.strftime("%Y-%m-%d"))
}

fn site(one: &Site) -> Cells {
    vec![
        text(&one.code),
        text(&one.name),
        text(&one.organisation),
        text(&one.town),
        text(&one.postcode),
        one.position.map(|at| at.latitude()).into(),
        one.position.map(|at| at.longitude()).into(),
    ]
}

fn supplier(one: &Supplier) -> Cells {
    vec![text(&one.code), text(&one.name), text(&one.kind)]
}

fn service(one: &Service) -> Cells {
    vec![
        text(&one.code),
        text(&one.name),
        text(&one.organisation),
        text(&one.kind),
        one.patients_per_day.into(),
        one.criticality.get().into(),
        text(&one.hours),
    ]
}

fn system(one: &System) -> Cells {
    vec![
        text(&one.code),
        text(&one.name),
        text(&one.organisation),
        text(&one.kind),
        maybe(one.supplier.as_ref()),
        one.criticality.get().into(),
    ]
}

fn dependency(one: &Dependency) -> Cells {
    vec![
        text(&one.from),
        text(&one.to),
        text(&one.kind),
        text(&one.reason),
        one.strength.get().into(),
    ]
}

fn device(one: &Device) -> Cells {
    vec![
        text(&one.name),
        text(&one.organisation),
        maybe(one.class.as_ref()),
        maybe(one.system.as_ref()),
        maybe(one.site.as_ref()),
    ]
}
