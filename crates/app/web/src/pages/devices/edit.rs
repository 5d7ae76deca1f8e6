//! What people say of a device: what it is, what it is part of, whether it is expected; with its
//! trace, and taking it back. Pages and API change devices through [`Editing`].

use access::{
    Access, Caller, Permission,
    audit::{Entry, On},
};
use axum::{
    extract::{FromRef, Path, State},
    http::StatusCode,
    response::Response,
};
use bus::Broadcast;
use sector::{Change, Deed, Device, DeviceSaid, Graph, Map, MapCode, SectorError, Thing};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use terms::{DeviceId, Scope, Timestamp};

use super::one::may_edit;
use crate::{
    App, News,
    failure::Failure,
    form::Posted,
    link,
    page::{Desk, done},
    pages::{
        fields::{self, sentence},
        map::{failed::failed, record::Entries},
    },
    pieces::{Choice, ErrorSummary, FieldError, Form, Input, Undo},
};

/// What devices are changed with.
#[derive(Clone)]
pub(crate) struct Editing {
    map: Map,
    news: Broadcast<News>,
}

impl FromRef<App> for Editing {
    fn from_ref(app: &App) -> Self {
        Self { map: app.map.clone(), news: app.news.clone() }
    }
}

impl Editing {
    /// Changes a device to what is said, and writes down what changed in the same transaction.
    pub(crate) async fn change(
        &self,
        caller: &Caller,
        scope: &Scope,
        device: &Device,
        said: &DeviceSaid,
        now: Timestamp,
    ) -> Result<bool, SectorError> {
        let (who, on) = (caller.who(), On::new("device", device.id));
        let (name, owner) = (device.name.clone(), device.organisation.clone());
        let map = self.map.traced(Entries(move |deed: Deed<'_>| {
            let entry = Entry::new(now, who, "device.change", on.clone()).of(owner.clone());
            entry.with(json!({ "name": name, "changes": told(deed) }))
        }));
        let changes = map.change_device(device.id, said, scope, now).await?;
        if changes.is_empty() {
            return Ok(false);
        }
        self.news.publish(News::Map);
        Ok(true)
    }
}

fn told(deed: Deed<'_>) -> Vec<Value> {
    let Deed::Change { changes, .. } = deed else { return Vec::new() };
    let told =
        |one: &Change| json!({ "field": one.field, "before": one.before, "after": one.after });
    changes.iter().map(told).collect()
}

/// What is filled in.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct DeviceForm {
    class: String,
    /// A code or a name.
    system: String,
    site: String,
    /// `yes` or nothing.
    expected: String,
}

impl DeviceForm {
    fn of(device: &Device) -> Self {
        let text = |value: Option<String>| value.unwrap_or_default();
        Self {
            class: text(device.class.clone()),
            system: text(device.system.as_ref().map(ToString::to_string)),
            site: text(device.site.as_ref().map(ToString::to_string)),
            expected: if device.expected { "yes".to_owned() } else { String::new() },
        }
    }

    /// What is said. Errors: the field that cannot be used.
    fn read(&self, device: &Device, graph: &Graph) -> Result<DeviceSaid, Mend> {
        let class = self.class.trim();
        let site = match self.site.trim() {
            "" => None,
            text => {
                let code = text.parse().map_err(|_| {
                    Mend::new("site", "Write the code of a site, as RX1AA, or leave it empty.")
                })?;
                Some(code)
            }
        };
        Ok(DeviceSaid {
            class: (!class.is_empty()).then(|| class.to_owned()),
            system: system(&self.system, device, graph)?,
            site,
            expected: self.expected == "yes",
        })
    }
}

/// The system of a code or of a name, of the device's organisation.
fn system(text: &str, device: &Device, graph: &Graph) -> Result<Option<MapCode>, Mend> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(code) = text.parse().ok().filter(|code| graph.system(code).is_some()) {
        return Ok(Some(code));
    }
    let own = Scope::organisation(device.organisation.clone());
    let hits = graph.search(text, &own, 20).into_iter();
    let mut found = hits.filter_map(|hit| match hit.thing {
        Thing::System(code) => Some(code),
        _ => None,
    });
    match (found.next(), found.next()) {
        (Some(code), None) => Ok(Some(code)),
        (Some(_), Some(_)) => {
            Err(Mend::new("system", "Several systems are called so. Write the code of one."))
        }
        (None, _) => Err(Mend::new(
            "system",
            "No system of this organisation has this name or code. Put it on the map first, or \
             leave it empty.",
        )),
    }
}

/// What must be mended: in a field, or in the whole form.
struct Mend {
    field: Option<&'static str>,
    why: String,
}

impl Mend {
    fn new(field: &'static str, why: &str) -> Self {
        Self { field: Some(field), why: why.to_owned() }
    }
}

/// The page.
#[derive(Serialize)]
struct EditPage {
    title: String,
    errors: ErrorSummary,
    form: Form,
}

/// The device, if the caller may say what it is.
async fn editable(
    map: &Map,
    access: &Access,
    desk: &Desk,
    id: &str,
) -> Result<(Device, Scope), Failure> {
    let seen = desk.whole_scope(Permission::ViewDevices)?;
    let id: DeviceId = id.parse().map_err(|_| Failure::not_found())?;
    let device = map.device(id, &seen).await.map_err(failed)?;
    match may_edit(access, desk, &device).await? {
        true => Ok((device, desk.whole_scope(Permission::ManageDevices)?)),
        false => Err(Failure::forbidden(Permission::ManageDevices.label())),
    }
}

/// `GET /devices/{id}/edit`.
pub(super) async fn ask(
    State(map): State<Map>,
    State(access): State<Access>,
    Path(id): Path<String>,
    desk: Desk,
) -> Result<Response, Failure> {
    let (device, _) = editable(&map, &access, &desk, &id).await?;
    let form = form(&desk, &device, &DeviceForm::of(&device), &map.graph());
    Ok(show(desk, StatusCode::OK, &device, form, None))
}

/// `POST /devices/{id}/edit`.
pub(super) async fn change(
    State(editing): State<Editing>,
    State(access): State<Access>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, form: filled }: Posted<DeviceForm>,
) -> Result<Response, Failure> {
    let (device, scope) = editable(&editing.map, &access, &desk, &id).await?;
    let graph = editing.map.graph();
    let before = DeviceForm::of(&device);
    let said = filled.read(&device, &graph);
    let changed = match &said {
        Ok(said) => match editing.change(&caller, &scope, &device, said, desk.now()).await {
            Ok(changed) => Ok(changed),
            Err(error) => Err(mend_of(error)?),
        },
        Err(mend) => Err(Mend { field: mend.field, why: mend.why.clone() }),
    };
    match changed {
        Ok(changed) => {
            let to = format!("/devices/{}", device.id);
            let text = match changed {
                true => format!("What is known of {} was changed", device.name),
                false => "Nothing was changed".to_owned(),
            };
            let token = serde_html_form::to_string(&before).unwrap_or_default();
            let undo = changed.then(|| Undo { action: format!("{to}/undo"), token });
            Ok(done(&to, &text, undo))
        }
        Err(mend) => {
            let form = form(&desk, &device, &filled, &graph);
            Ok(show(desk, StatusCode::UNPROCESSABLE_ENTITY, &device, form, Some(&mend)))
        }
    }
}

/// What can be mended of an error. Errors: what cannot.
fn mend_of(error: SectorError) -> Result<Mend, Failure> {
    match error {
        SectorError::Invalid { field, message } => {
            let known = ["class", "system", "site", "expected"];
            let field = known.into_iter().find(|known| *known == field);
            Ok(Mend { field, why: sentence(&message) })
        }
        error @ SectorError::OutOfScope(_) => Ok(Mend { field: None, why: sentence(&error) }),
        error => Err(failed(error)),
    }
}

fn form(desk: &Desk, device: &Device, filled: &DeviceForm, graph: &Graph) -> Form {
    let code = filled.system.parse().ok().and_then(|code| graph.system(&code));
    let system_hint = match code {
        Some(system) => format!("Name or code; now {}. Leave it empty if unknown.", system.name),
        None => "Name or code of a system of this organisation. Leave it empty if unknown.".into(),
    };
    let expected = Input::Checkboxes {
        choices: vec![Choice {
            hint: Some("Ward then tells when it was never seen".to_owned()),
            ..Choice::new("yes", "This device exists and should be heard", &filled.expected)
        }],
    };
    Form {
        action: format!("/devices/{}/edit", device.id),
        csrf: desk.csrf(),
        hidden: Vec::new(),
        fields: vec![
            fields::text("class", "What it is", &filled.class)
                .hint("For example workstation, server, infusion pump"),
            fields::text("system", "Part of", &filled.system).hint(&system_hint),
            fields::text("site", "Site", &filled.site).hint("Code of the site where it stands"),
            fields::field("expected", "Expected", expected),
        ],
        submit: "Save".to_owned(),
        is_warning: false,
        cancel: Some(format!("/devices/{}", device.id)),
        has_files: false,
    }
}

fn show(
    desk: Desk,
    status: StatusCode,
    device: &Device,
    mut form: Form,
    mend: Option<&Mend>,
) -> Response {
    let mut errors = ErrorSummary::default();
    if let Some(mend) = mend {
        let field = form.fields.iter_mut().find(|field| Some(field.name.as_str()) == mend.field);
        if let Some(field) = field {
            field.error = Some(mend.why.clone());
        }
        let field = mend.field.map(str::to_owned);
        errors.errors.push(FieldError { text: mend.why.clone(), field });
    }
    let title = format!("What is {}?", device.name);
    let body = EditPage { title: title.clone(), errors, form };
    desk.page_with(status, "devices/edit.html", &title, "/more", &[], body)
}

/// A change to take back.
#[derive(Deserialize)]
pub(super) struct UndoForm {
    #[serde(default)]
    undo: String,
}

/// `POST /devices/{id}/undo`.
pub(super) async fn take_back(
    State(editing): State<Editing>,
    State(access): State<Access>,
    Path(id): Path<String>,
    desk: Desk,
    Posted { caller, form }: Posted<UndoForm>,
) -> Result<Response, Failure> {
    let (device, scope) = editable(&editing.map, &access, &desk, &id).await?;
    let wrong = |what: String| Failure::new(StatusCode::BAD_REQUEST, what);
    let before: DeviceForm =
        serde_html_form::from_str(&form.undo).map_err(|error| wrong(error.to_string()))?;
    let said = before.read(&device, &editing.map.graph()).map_err(|mend| wrong(mend.why))?;
    editing.change(&caller, &scope, &device, &said, desk.now()).await.map_err(failed)?;
    Ok(done(link::back(Some(&format!("/devices/{}", device.id))), "Taken back", None))
}
