//! The page of a device: what it is, what rests on it as a picture, its alerts.

use access::{Access, Permission};
use axum::{
    extract::{Path as InPath, State},
    response::Response,
};
use detect::alert::{Alert, Alerts, Filter, Sort};
use sector::{Device, DeviceKey, Graph, Map, Support};
use serde::Serialize;
use terms::{DeviceId, Part, PersonId};

use super::{
    list::{organisation_name, system_name},
    query::Standing,
};
use crate::{
    failure::Failure,
    link,
    page::Desk,
    pages::{
        alerts::{failed::failed as alerts_failed, rows::Told},
        map::{failed::failed, picture, words},
        rules::capital,
    },
    pieces::{Breadcrumbs, Column, Fact, Facts, Link, Path, Shown, Table, words::count},
};

/// The page.
#[derive(Serialize)]
struct DevicePage {
    breadcrumbs: Breadcrumbs,
    title: String,
    says: String,
    path: Option<Path>,
    /// What stands in place of the picture.
    no_path: Option<String>,
    facts: Facts,
    edit: Option<Link>,
    alerts: Option<Table>,
    all_alerts: Link,
}

/// Alerts shown; the rest is a link away.
const SHOWN: u16 = 20;

/// `GET /devices/{id}`.
pub(super) async fn one(
    State(map): State<Map>,
    State(alerts): State<Alerts>,
    State(access): State<Access>,
    InPath(id): InPath<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.whole_scope(Permission::ViewDevices)?;
    let id: DeviceId = id.parse().map_err(|_| Failure::not_found())?;
    let device = map.device(id, &scope).await.map_err(failed)?;
    let graph = map.graph();
    let seen = desk.caller.scope(Permission::ViewMap);
    let key = DeviceKey::new(device.organisation.clone(), &device.name);
    let support = key.map(|key| graph.supports_within(&key, &seen)).unwrap_or_default();
    let of_device = of_device(&alerts, &desk, &device).await?;
    let owners: Vec<PersonId> = of_device.iter().filter_map(|alert| alert.owner).collect();
    let names = access.names(owners).await.map_err(Failure::of)?;
    let told = Told {
        now: desk.now(),
        me: desk.caller.person,
        names: &names,
        graph: &graph,
        zone: &desk.caller.time_zone,
    };
    let may_edit = may_edit(&access, &desk, &device).await?;
    let path = path(&device, &support, &graph);
    let body = DevicePage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Devices", "/devices")] },
        title: device.name.clone(),
        says: says(&device, &support, &graph, &desk, of_device.len()),
        no_path: path.is_none().then(|| no_path(&device, &graph)),
        path,
        facts: facts(&device, &graph, &desk),
        edit: may_edit.then(|| Link::new("Say what this device is", format!("/devices/{id}/edit"))),
        alerts: (!of_device.is_empty()).then(|| table(&of_device, &told)),
        all_alerts: Link::new(
            "All alerts of this device",
            format!(
                "/alerts?state=any&organisation={}&device={}",
                device.organisation,
                link::encoded(&device.name)
            ),
        ),
    };
    Ok(desk.page("devices/one.html", &device.name, "/more", &[], body))
}

/// Whether the caller may say what the device is.
pub(super) async fn may_edit(
    access: &Access,
    desk: &Desk,
    device: &Device,
) -> Result<bool, Failure> {
    let part = Part::Organisation(device.organisation.clone());
    let parts = access.parts_around(&part).await.map_err(Failure::of)?;
    Ok(desk.caller.may(Permission::ManageDevices, &parts))
}

/// The newest alerts of the device, for those who may see alerts.
async fn of_device(alerts: &Alerts, desk: &Desk, device: &Device) -> Result<Vec<Alert>, Failure> {
    let scope = desk.caller.scope(Permission::ViewAlerts);
    if scope.is_empty() {
        return Ok(Vec::new());
    }
    let filter = Filter {
        parts: vec![Part::Organisation(device.organisation.clone())],
        device: Some(device.name.clone()),
        ..Filter::default()
    };
    let page = alerts.page(&scope, &filter, Sort::Newest, None, SHOWN).await;
    Ok(page.map_err(alerts_failed)?.alerts)
}

fn says(device: &Device, support: &Support, graph: &Graph, desk: &Desk, alerts: usize) -> String {
    let rests = match picture::in_words(support) {
        Some(services) if support.services == 1 => format!("{services} depends on it"),
        Some(services) => format!("{services} depend on it"),
        None => "no service is known to depend on it".to_owned(),
    };
    let heard = match Standing::of(device, graph, desk.now()) {
        Standing::Heard => "It is heard",
        Standing::Silent => "It fell silent",
        Standing::NeverSeen => "It is expected and was never seen",
        Standing::Unknown => "It was never seen",
    };
    let alerts = match alerts {
        0 => "no alert of it is kept".to_owned(),
        found if found >= usize::from(SHOWN) => {
            format!("{} or more are kept", count(i64::from(SHOWN), "alert", None))
        }
        found => {
            let verb = if found == 1 { "is" } else { "are" };
            format!("{} of it {verb} kept", count(found as i64, "alert", None))
        }
    };
    format!("{heard}; {rests}, and {alerts}.")
}

fn path(device: &Device, support: &Support, graph: &Graph) -> Option<Path> {
    let system = system_name(device, graph);
    let title = match picture::in_words(support) {
        Some(services) => format!("{} is part of {system}: {services}", device.name),
        None => format!("{} is part of {system}", device.name),
    };
    picture::resting_on("rests", &title, support)
}

fn no_path(device: &Device, graph: &Graph) -> String {
    match &device.system {
        None => "The map does not say what this device is part of. Say it, and Ward can tell what \
                 depends on it."
            .to_owned(),
        Some(_) => format!(
            "No service on the map depends on {}, as far as you may see.",
            system_name(device, graph)
        ),
    }
}

fn facts(device: &Device, graph: &Graph, desk: &Desk) -> Facts {
    let fact = |key: &str, value| Fact { key: key.to_owned(), value, change: None };
    let time = |at: Option<terms::Timestamp>| match at {
        Some(at) => Shown::Time { at: desk.moment(at) },
        None => Shown::text("Never"),
    };
    let system = match &device.system {
        None => Shown::Unknown,
        Some(code) => Shown::Link {
            text: system_name(device, graph),
            href: words::href(&sector::Thing::System(code.clone())),
        },
    };
    let source = match device.source.filter(|_| may_see_sources(desk)) {
        None => Shown::Unknown,
        Some(token) => Shown::Link {
            text: "The source it was last heard through".to_owned(),
            href: format!("/sources/{token}"),
        },
    };
    let class = device.class.as_deref().map(capital).unwrap_or_default();
    let rows = vec![
        fact(
            "Organisation",
            Shown::Link {
                text: organisation_name(device, graph),
                href: words::organisation_href(&device.organisation),
            },
        ),
        fact("What it is", Shown::text(class)),
        fact("Part of", system),
        fact(
            "Site",
            Shown::text(device.site.as_ref().map(ToString::to_string).unwrap_or_default()),
        ),
        fact("State", Shown::text(Standing::of(device, graph, desk.now()).tag().0)),
        fact("Expected", Shown::text(if device.expected { "Yes" } else { "No" })),
        fact("Last seen", time(device.last_seen)),
        fact("First seen", time(device.first_seen)),
        fact("Heard through", source),
    ];
    Facts { is_compact: true, rows }
}

fn may_see_sources(desk: &Desk) -> bool {
    desk.caller.may_somewhere(Permission::ViewSources)
}

fn table(alerts: &[Alert], told: &Told<'_>) -> Table {
    let columns =
        ["What happened", "Harm", "Organisation and device", "Last seen", "Times", "Who has it"];
    let column =
        |text: &str| Column { text: text.to_owned(), is_numeric: text == "Times", sort: None };
    Table {
        id: "alerts".to_owned(),
        caption: "Its newest alerts".to_owned(),
        is_caption_hidden: false,
        is_compact: true,
        columns: columns.map(column).into(),
        rows: alerts.iter().map(|alert| told.row(alert)).collect(),
        selection: None,
    }
}
