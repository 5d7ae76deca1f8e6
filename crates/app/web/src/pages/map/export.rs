//! The map as files, in the columns that the import reads: what was taken out can be brought in
//! again, changed. And empty ones, to be filled in.

use access::Permission;
use axum::{
    body::Bytes,
    extract::{Path, RawQuery, State},
    response::Response,
};
use futures_util::stream;
use sector::{
    Cursor, Dependency, DependencyFilter, Device, DeviceFilter, DeviceSort, Map, Organisation,
    OrganisationSort, Page, PageRequest, SectorError, Service, ServiceFilter, ServiceSort, Site,
    SiteFilter, Supplier, System, SystemFilter, SystemSort,
};
use terms::{Scope, Timestamp};

use super::{
    address::Address,
    file::{Datum, Form},
    list::{FILTERS, filter},
};
use crate::{failure::Failure, page::Desk};

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
            Self::Services => {
                &["code", "name", "organisation", "kind", "patients_per_day", "criticality", "hours"]
            }
            Self::Systems => &["code", "name", "organisation", "kind", "supplier", "criticality"],
            Self::Dependencies => &["from", "to", "kind", "reason", "strength"],
            Self::Devices => &["name", "organisation", "class", "system", "site"],
        }
    }
}

/// Reads `organisations.csv`.
fn asked(file: &str) -> Option<(Kind, Form)> {
    let (name, ending) = file.rsplit_once('.')?;
    let form = match ending {
        "csv" => Form::Csv,
        "jsonl" => Form::JsonLines,
        _ => return None,
    };
    Kind::ALL.into_iter().find(|kind| kind.as_str() == name).map(|kind| (kind, form))
}

/// A file of everything of a kind in the view. Organisations as their list is narrowed.
pub(super) async fn file(
    State(map): State<Map>,
    Path(file): Path<String>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let (kind, form) = asked(&file).ok_or_else(Failure::not_found)?;
    let permission = match kind {
        Kind::Devices => Permission::ViewDevices,
        _ => Permission::ViewMap,
    };
    let scope = desk.scope(permission)?;
    let address = Address::read("/map", raw.as_deref(), FILTERS);
    let reading = Reading { map, kind, address, scope, now: desk.now(), next: Next::Head };
    // The first part is read before the answer begins, so that an error can still be told.
    filter(&reading.address)?;
    let parts = stream::unfold(reading, move |reading| reading.part(form));
    Ok(form.answer(kind.as_str(), parts))
}

/// An empty file of a kind: the columns alone.
pub(super) async fn template(
    Path(file): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    desk.scope(Permission::ViewMap)?;
    let (kind, form) = asked(&file).filter(|(_, form)| *form == Form::Csv).ok_or_else(Failure::not_found)?;
    let head = Bytes::from(form.head(kind.columns()));
    let name = format!("{}-template", kind.as_str());
    Ok(form.answer(&name, stream::iter([Ok::<_, std::convert::Infallible>(head)])))
}

/// What is still to be written.
enum Next {
    Head,
    After(Option<Cursor>),
    Nothing,
}

struct Reading {
    map: Map,
    kind: Kind,
    address: Address,
    scope: Scope,
    now: Timestamp,
    next: Next,
}

/// Rows read at once.
const AT_ONCE: u16 = 1000;

impl Reading {
    /// The next part. After an error nothing: the reader sees that the answer is cut.
    async fn part(mut self, form: Form) -> Option<(Result<Bytes, SectorError>, Self)> {
        let columns = self.kind.columns();
        let after = match std::mem::replace(&mut self.next, Next::Nothing) {
            Next::Nothing => return None,
            Next::Head => {
                self.next = Next::After(None);
                return Some((Ok(form.head(columns).into()), self));
            }
            Next::After(after) => after,
        };
        match self.read(after).await {
            Ok(page) => {
                if let Some(next) = page.next {
                    self.next = Next::After(Some(next));
                }
                Some((Ok(form.rows(columns, &page.rows).into()), self))
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "an export was cut");
                Some((Err(error), self))
            }
        }
    }

    async fn read(&self, after: Option<Cursor>) -> Result<Page<Vec<Datum>>, SectorError> {
        let (map, scope) = (&self.map, &self.scope);
        let request = PageRequest { rows: AT_ONCE, after, descending: false };
        Ok(match self.kind {
            Kind::Organisations => {
                let filter = filter(&self.address).unwrap_or_default();
                let sort = OrganisationSort::Code;
                let page = map.organisations(&filter, sort, &request, scope, self.now).await?;
                rows(page, organisation)
            }
            Kind::Sites => {
                let page = map.list_sites(&SiteFilter::default(), &request, scope).await?;
                rows(page, site)
            }
            Kind::Suppliers => rows(map.suppliers(None, &request, scope).await?, supplier),
            Kind::Services => {
                let (filter, sort) = (ServiceFilter::default(), ServiceSort::Name);
                rows(map.services(&filter, sort, &request, scope).await?, service)
            }
            Kind::Systems => {
                let (filter, sort) = (SystemFilter::default(), SystemSort::Name);
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

fn rows<T>(page: Page<T>, row: fn(&T) -> Vec<Datum>) -> Page<Vec<Datum>> {
    Page { rows: page.rows.iter().map(row).collect(), next: page.next, total: page.total }
}

fn text(one: impl std::fmt::Display) -> Datum {
    Datum::Text(one.to_string())
}

fn organisation(one: &Organisation) -> Vec<Datum> {
    let degrees = |at: Option<f64>| at.map_or(Datum::None, Datum::Real);
    vec![
        text(&one.code),
        text(&one.name),
        text(one.kind),
        one.region.as_ref().into(),
        one.icb.as_ref().into(),
        one.parent.as_ref().into(),
        text(&one.town),
        text(&one.postcode),
        one.patients.map_or(Datum::None, |patients| Datum::Number(patients.into())),
        degrees(one.position.map(|at| at.latitude())),
        degrees(one.position.map(|at| at.longitude())),
        one.closed_at.map_or(Datum::None, last_day),
    ]
}

/// The last day before an instant, in UTC.
fn last_day(end: Timestamp) -> Datum {
    let last = Timestamp::from_nanosecond(end.as_nanosecond() - 1).unwrap_or(end);
    text(last.strftime("%Y-%m-%d"))
}

fn site(one: &Site) -> Vec<Datum> {
    let degrees = |at: Option<f64>| at.map_or(Datum::None, Datum::Real);
    vec![
        text(&one.code),
        text(&one.name),
        text(&one.organisation),
        text(&one.town),
        text(&one.postcode),
        degrees(one.position.map(|at| at.latitude())),
        degrees(one.position.map(|at| at.longitude())),
    ]
}

fn supplier(one: &Supplier) -> Vec<Datum> {
    vec![text(&one.code), text(&one.name), text(&one.kind)]
}

fn service(one: &Service) -> Vec<Datum> {
    vec![
        text(&one.code),
        text(&one.name),
        text(&one.organisation),
        text(&one.kind),
        Datum::Number(one.patients_per_day.into()),
        Datum::Number(one.criticality.get().into()),
        text(&one.hours),
    ]
}

fn system(one: &System) -> Vec<Datum> {
    vec![
        text(&one.code),
        text(&one.name),
        text(&one.organisation),
        text(&one.kind),
        one.supplier.as_ref().into(),
        Datum::Number(one.criticality.get().into()),
    ]
}

fn dependency(one: &Dependency) -> Vec<Datum> {
    vec![
        text(&one.from),
        text(&one.to),
        text(&one.kind),
        text(&one.reason),
        Datum::Number(one.strength.get().into()),
    ]
}

fn device(one: &Device) -> Vec<Datum> {
    vec![
        text(&one.name),
        text(&one.organisation),
        one.class.as_ref().into(),
        one.system.as_ref().into(),
        one.site.as_ref().into(),
    ]
}

