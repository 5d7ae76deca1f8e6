//! The handles that pages and API share. A handler asks for those it uses, never for all.

use std::sync::Arc;

use access::Access;
use axum::extract::FromRef;
use bus::Broadcast;
use detect::{alert::Alerts, rulebook::Rulebook, watch::RulesInForce};
use intake::Intake;
use sector::Map;
use tokio_util::sync::CancellationToken;

use crate::{Settings, news::News, templates::Templates};

/// Everything the router is made with.
#[derive(Clone)]
pub struct App {
    /// The installation.
    pub settings: Settings,
    /// Who may do what.
    pub access: Access,
    /// The map.
    pub map: Map,
    /// Alerts.
    pub alerts: Alerts,
    /// Telemetry.
    pub intake: Intake,
    /// Rules in force.
    pub rules: RulesInForce,
    /// Where they come from.
    pub rulebook: Rulebook,
    /// What changed.
    pub news: Broadcast<News>,
    /// Pages.
    pub templates: Arc<Templates>,
    /// Set when the process stops, so that live connections end.
    pub stop: CancellationToken,
}

macro_rules! parts {
    ($($field:ident: $kind:ty),* $(,)?) => {$(
        impl FromRef<App> for $kind {
            fn from_ref(app: &App) -> Self {
                app.$field.clone()
            }
        }
    )*};
}

parts! {
    settings: Settings,
    access: Access,
    map: Map,
    alerts: Alerts,
    intake: Intake,
    rules: RulesInForce,
    rulebook: Rulebook,
    news: Broadcast<News>,
    templates: Arc<Templates>,
    stop: CancellationToken,
}
