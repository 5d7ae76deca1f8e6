//! The map as JSON: organisations, services, systems, suppliers, dependencies. The same services
//! as the pages.

use access::Permission;
use axum::{
    Json,
    extract::{RawQuery, State},
    http::StatusCode,
};
use sector::{
    Cursor, Dependency, DependencyFilter, Map, Organisation, Page, PageRequest, Service,
    ServiceFilter, ServiceSort, Supplier, System, SystemFilter, SystemSort, Total,
};
use serde::Serialize;
use terms::{OdsCode, Scope};
use utoipa::ToSchema;

use super::{
    answers::{Absent, Denied, WrongPath, WrongQuery},
    query::limit,
    segment::Segment,
};
use crate::{
    Settings,
    caller::Authorised,
    failure::Failure,
    pages::map::{
        address::Address,
        failed::failed,
        list::{FILTERS, filter, sort},
    },
};

/// An organisation.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrganisationWire {
    /// Its ODS code.
    ods_code: String,
    name: String,
    /// As the import writes it: `trust_acute`, `gp_practice`.
    r#type: String,
    /// The region it lies in, by its code.
    region: Option<String>,
    /// The integrated care board's area it lies in, by its code.
    icb: Option<String>,
    /// The organisation it belongs to, by its code.
    parent: Option<String>,
    town: String,
    postcode: String,
    /// Registered patients or people cared for.
    patients: Option<u32>,
    /// Degrees north (WGS 84).
    latitude: Option<f64>,
    /// Degrees east.
    longitude: Option<f64>,
    /// How long a device may be silent before that is worth saying.
    silent_after_seconds: u64,
    /// When it ceased (RFC 3339); absent while it works.
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_at: Option<String>,
}

/// A service for patients.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceWire {
    code: String,
    /// Whose it is, by ODS code.
    organisation: String,
    name: String,
    kind: String,
    /// Patients on an average day.
    patients_per_day: u32,
    /// 1 convenient, 2 important, 3 essential, 4 life depends on it within hours.
    criticality: u8,
    hours: String,
}

/// A system that services or other systems run on.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SystemWire {
    code: String,
    /// Whose it is, by ODS code.
    organisation: String,
    name: String,
    kind: String,
    /// The supplier's code.
    supplier: Option<String>,
    /// 1 convenient, 2 important, 3 essential, 4 life depends on it within hours.
    criticality: u8,
}

/// A supplier.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupplierWire {
    code: String,
    name: String,
    kind: String,
}

/// That one thing needs another.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DependencyWire {
    /// What depends: `service:RX1-ED`.
    from: String,
    /// On what: `system:RX1-EPR`.
    to: String,
    kind: String,
    /// Why, for people.
    reason: String,
    /// When `to` stops, `from`: 1 hardly notices, 2 is slowed, 3 is badly hindered, 4 stops.
    strength: u8,
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ListWire<T> {
    items: Vec<T>,
    /// How many the list has.
    total: u64,
    /// Whether counting stopped there and there are more.
    total_is_capped: bool,
    /// Where the next page begins; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
}

impl<T> ListWire<T> {
    fn of<N>(page: Page<N>, wire: impl Fn(N) -> T) -> Self {
        let (total, total_is_capped) = match page.total {
            Total::Exactly(total) => (total, false),
            Total::AtLeast(total) => (total, true),
        };
        let after = page.next.map(|cursor| cursor.0);
        Self { items: page.rows.into_iter().map(wire).collect(), total, total_is_capped, after }
    }
}

fn organisation(one: Organisation) -> OrganisationWire {
    let text = |code: Option<OdsCode>| code.map(|code| code.to_string());
    OrganisationWire {
        ods_code: one.code.to_string(),
        name: one.name,
        r#type: one.kind.to_string(),
        region: text(one.region),
        icb: text(one.icb),
        parent: text(one.parent),
        town: one.town,
        postcode: one.postcode,
        patients: one.patients,
        latitude: one.position.map(|at| at.latitude()),
        longitude: one.position.map(|at| at.longitude()),
        silent_after_seconds: one.silent_after.as_secs(),
        closed_at: one.closed_at.map(|at| at.to_string()),
    }
}

fn service(one: Service) -> ServiceWire {
    ServiceWire {
        code: one.code.to_string(),
        organisation: one.organisation.to_string(),
        name: one.name,
        kind: one.kind,
        patients_per_day: one.patients_per_day,
        criticality: one.criticality.get(),
        hours: one.hours,
    }
}

fn system(one: System) -> SystemWire {
    SystemWire {
        code: one.code.to_string(),
        organisation: one.organisation.to_string(),
        name: one.name,
        kind: one.kind,
        supplier: one.supplier.map(|code| code.to_string()),
        criticality: one.criticality.get(),
    }
}

fn supplier(one: Supplier) -> SupplierWire {
    SupplierWire { code: one.code.to_string(), name: one.name, kind: one.kind }
}

fn dependency(one: Dependency) -> DependencyWire {
    DependencyWire {
        from: one.from.to_string(),
        to: one.to.to_string(),
        kind: one.kind,
        reason: one.reason,
        strength: one.strength.get(),
    }
}

/// What a request asks of a list: its place and length, and what narrows it.
struct Asked {
    address: Address,
    request: PageRequest,
}

impl Asked {
    /// Errors: 400 with which parameter is wrong.
    fn read(raw: Option<&str>, names: &[&str]) -> Result<Self, Failure> {
        let wrong = |title: String| Failure::new(StatusCode::BAD_REQUEST, title);
        let given: Vec<(String, String)> = serde_html_form::from_str(raw.unwrap_or_default())
            .map_err(|error| wrong(format!("the query: {error}")))?;
        let known = |name: &str| names.contains(&name) || name == "after" || name == "limit";
        if let Some((name, _)) = given.iter().find(|(name, _)| !known(name)) {
            let name: String = name.chars().take(40).collect();
            return Err(wrong(format!("{name}: this list knows no such parameter")));
        }
        let address = Address::read("", raw, names);
        let rows = limit(raw)?;
        let descending = match address.get("order") {
            "" | "asc" => false,
            "desc" => true,
            _ => return Err(wrong("order: write asc or desc".to_owned())),
        };
        let after = Some(address.get("after")).filter(|after| !after.is_empty());
        let after = after.map(|after| Cursor(after.to_owned()));
        Ok(Self { request: PageRequest { rows, after, descending }, address })
    }

    fn organisation(&self) -> Result<Option<OdsCode>, Failure> {
        let read = |text: &str| {
            text.parse().map_err(|error| {
                Failure::new(StatusCode::BAD_REQUEST, format!("organisation: {error}"))
            })
        };
        Some(self.address.get("organisation")).filter(|text| !text.is_empty()).map(read).transpose()
    }

    fn search(&self) -> Option<String> {
        Some(self.address.get("q").to_owned()).filter(|text| !text.is_empty())
    }
}

fn seen(caller: &Authorised) -> Result<Scope, Failure> {
    caller.scope(Permission::ViewMap)
}

/// Organisations within the caller's scope.
#[utoipa::path(
    get,
    path = "/api/v1/organisations",
    tag = "map",
    params(
        ("q" = Option<String>, Query, description = "part of the name or code"),
        ("region" = Option<String>, Query, description = "the region's code"),
        ("icb" = Option<String>, Query, description = "the integrated care board's code"),
        ("type" = Option<String>, Query, description = "a type as the import writes it, or trust for all kinds of trust"),
        ("closed" = Option<String>, Query, description = "yes: also those that ceased"),
        ("sort" = Option<String>, Query, description = "name, code or patients"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "where the page begins, as the page before told"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page of organisations", body = ListWire<OrganisationWire>),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn organisations(
    State(map): State<Map>,
    State(settings): State<Settings>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<ListWire<OrganisationWire>>, Failure> {
    let scope = seen(&caller)?;
    let asked = Asked::read(raw.as_deref(), FILTERS)?;
    let (filter, (order, _)) = (filter(&asked.address)?, sort(&asked.address)?);
    let page = map.organisations(&filter, order, &asked.request, &scope, settings.now()).await;
    Ok(Json(ListWire::of(page.map_err(failed)?, organisation)))
}

/// One organisation.
#[utoipa::path(
    get,
    path = "/api/v1/organisations/{code}",
    tag = "map",
    params(("code" = String, Path, description = "its ODS code")),
    responses(
        (status = 200, description = "the organisation", body = OrganisationWire),
        Denied,
        Absent,
        WrongPath,
    ),
    security(("token" = []))
)]
pub(crate) async fn one_organisation(
    State(map): State<Map>,
    Segment(code): Segment,
    caller: Authorised,
) -> Result<Json<OrganisationWire>, Failure> {
    let scope = seen(&caller)?;
    let code: OdsCode = code.parse().map_err(|_| Failure::not_found())?;
    let one = map.organisation(&code, &scope).await.map_err(failed)?;
    Ok(Json(organisation(one)))
}

/// Services within the caller's scope, by name.
#[utoipa::path(
    get,
    path = "/api/v1/services",
    tag = "map",
    params(
        ("q" = Option<String>, Query, description = "part of the name or code"),
        ("organisation" = Option<String>, Query, description = "whose, by ODS code"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "where the page begins, as the page before told"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page of services", body = ListWire<ServiceWire>),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn services(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<ListWire<ServiceWire>>, Failure> {
    let scope = seen(&caller)?;
    let asked = Asked::read(raw.as_deref(), &["q", "organisation", "order"])?;
    let (organisation, search) = (asked.organisation()?, asked.search());
    let filter = ServiceFilter { organisation, search, ..ServiceFilter::default() };
    let page = map.services(&filter, ServiceSort::Name, &asked.request, &scope).await;
    Ok(Json(ListWire::of(page.map_err(failed)?, service)))
}

/// Systems within the caller's scope, by name.
#[utoipa::path(
    get,
    path = "/api/v1/systems",
    tag = "map",
    params(
        ("q" = Option<String>, Query, description = "part of the name or code"),
        ("organisation" = Option<String>, Query, description = "whose, by ODS code"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "where the page begins, as the page before told"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page of systems", body = ListWire<SystemWire>),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn systems(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<ListWire<SystemWire>>, Failure> {
    let scope = seen(&caller)?;
    let asked = Asked::read(raw.as_deref(), &["q", "organisation", "order"])?;
    let (organisation, search) = (asked.organisation()?, asked.search());
    let filter = SystemFilter { organisation, search, ..SystemFilter::default() };
    let page = map.systems(&filter, SystemSort::Name, &asked.request, &scope).await;
    Ok(Json(ListWire::of(page.map_err(failed)?, system)))
}

/// Suppliers, by name. Everybody who may see anything of the map sees them.
#[utoipa::path(
    get,
    path = "/api/v1/suppliers",
    tag = "map",
    params(
        ("q" = Option<String>, Query, description = "part of the name or code"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "where the page begins, as the page before told"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page of suppliers", body = ListWire<SupplierWire>),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn suppliers(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<ListWire<SupplierWire>>, Failure> {
    let scope = seen(&caller)?;
    let asked = Asked::read(raw.as_deref(), &["q", "order"])?;
    let search = asked.search();
    let page = map.suppliers(search.as_deref(), &asked.request, &scope).await;
    Ok(Json(ListWire::of(page.map_err(failed)?, supplier)))
}

/// Dependencies of things within the caller's scope.
#[utoipa::path(
    get,
    path = "/api/v1/dependencies",
    tag = "map",
    params(
        ("organisation" = Option<String>, Query, description = "of the things of this organisation, by ODS code"),
        ("order" = Option<String>, Query, description = "asc or desc"),
        ("after" = Option<String>, Query, description = "where the page begins, as the page before told"),
        ("limit" = Option<u16>, Query, minimum = 1, maximum = 500, description = "rows; 100 without"),
    ),
    responses(
        (status = 200, description = "a page of dependencies", body = ListWire<DependencyWire>),
        Denied,
        WrongQuery,
    ),
    security(("token" = []))
)]
pub(crate) async fn dependencies(
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    caller: Authorised,
) -> Result<Json<ListWire<DependencyWire>>, Failure> {
    let scope = seen(&caller)?;
    let asked = Asked::read(raw.as_deref(), &["organisation", "order"])?;
    let filter =
        DependencyFilter { organisation: asked.organisation()?, ..DependencyFilter::default() };
    let page = map.dependencies(&filter, &asked.request, &scope).await;
    Ok(Json(ListWire::of(page.map_err(failed)?, dependency)))
}
