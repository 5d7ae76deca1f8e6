//! Opens everything in order: folder, key, databases, map, accounts, rules; then listens.

use std::{net::SocketAddr, num::NonZero, sync::Arc};

use access::{Access, SecondFactor, ServerKey};
use anyhow::{Context, Result};
use bus::{Broadcast, EventLog, Writer};
use db::{Db, Schema};
use detect::{alert::Alerts, rulebook::Rulebook};
use event::Catalogue;
use intake::Intake;
use metrics_exporter_prometheus::PrometheusBuilder;
use sector::Map;
use terms::Timestamp;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::info;
use web::{App, Settings, Values, templates::Templates};

use super::{
    folder::Folder,
    keep::Keep,
    listen::Listeners,
    watch::{InForce, Watch},
};
use crate::{cli, config::Config, embedded, load};

/// Everything, ready to run.
pub(super) struct Started {
    pub(super) app: App,
    pub(super) listener: TcpListener,
    pub(super) listeners: Listeners,
    pub(super) watch: Watch,
    pub(super) writer: Writer,
    pub(super) folder: Folder,
    pub(super) keep: Keep,
}

/// Pieces of news a slow page may lag by before it is told to look at everything again.
const NEWS_KEPT: usize = 256;

/// Opens everything. Errors: what cannot be opened, with its place.
pub(super) async fn start(config: Config, second_factor: SecondFactor) -> Result<Started> {
    let folder = Folder::take(&config.data.folder)?;
    let key = ServerKey::load_or_make(&folder.key())?;
    let db = Db::open(&config.database()?).await?;
    let events = Db::open_as(Schema::Log, &config.events()?).await?;
    let limits = bus::Limits {
        pending_bytes: mebibytes(config.limits.pending_mb),
        backlog_bytes: mebibytes(config.limits.backlog_mb) as u64,
    };
    let (log, writer) = EventLog::open(events, limits).await?;
    let access_settings = access::Settings { second_factor, ..access::Settings::default() };
    let access = Access::open(db.clone(), key, access_settings).await?;
    let map = Map::open(db.clone()).await?;
    let alerts = Alerts::new(db.clone());
    let intake = Intake::new(log, db.clone());
    let rulebook = rulebook(&config, db).await?;
    let rules = rulebook.in_force().clone();
    let news = Broadcast::new(NEWS_KEPT);
    let listen = config.server.listen;
    let listener = TcpListener::bind(listen)
        .await
        .with_context(|| format!("cannot listen on {listen}: give --listen another address"))?;
    let settings = web_settings(&config, &folder, listener.local_addr()?)?;
    let templates = Templates::embedded_or_from(settings.templates.as_deref())?;
    let app = App {
        settings,
        access,
        map: map.clone(),
        alerts: alerts.clone(),
        intake: intake.clone(),
        rules: rules.clone(),
        rulebook,
        news: news.clone(),
        templates: Arc::new(templates),
        stop: CancellationToken::new(),
    };
    let watch = Watch {
        intake,
        map,
        set: InForce::new(alerts.clone(), rules.clone()),
        alerts,
        rules,
        news,
        threads: threads(&config),
        clock: Timestamp::now,
    };
    let keep = Keep::new(&app, &config);
    let listeners = Listeners::open(&config.listen, &app).await?;
    info!(listen = %listen, "started");
    Ok(Started { app, listener, listeners, watch, writer, folder, keep })
}

fn mebibytes(number: u32) -> usize {
    (number as usize) << 20
}

fn threads(config: &Config) -> usize {
    match config.limits.detect_threads {
        0 => std::thread::available_parallelism().map_or(1, NonZero::get),
        number => number as usize,
    }
}

fn web_settings(config: &Config, folder: &Folder, listen: SocketAddr) -> Result<Settings> {
    Ok(Settings::new(Values {
        public_url: config.public_url(listen),
        trust_proxy: config.server.trust_proxy,
        body_bytes: mebibytes(config.limits.body_mb),
        unpacked_bytes: mebibytes(config.limits.unpacked_mb),
        instance: folder.instance()?,
        version: cli::VERSION.to_owned(),
        templates: std::env::var_os("WARD_TEMPLATES").map(Into::into),
        clock: Timestamp::now,
        metrics: metrics()?,
    }))
}

/// Begins to keep figures. Errors: somebody else keeps them already.
fn metrics() -> Result<web::settings::Metrics> {
    let recorder = PrometheusBuilder::new().install_recorder();
    let figures = recorder.context("figures cannot be kept")?;
    for (name, about) in FIGURES {
        metrics::describe_counter!(*name, *about);
    }
    Ok(Arc::new(move || {
        figures.run_upkeep();
        figures.render()
    }))
}

const FIGURES: &[(&str, &str)] = &[
    ("ward_events_accepted_total", "Records made durable"),
    ("ward_events_refused_total", "Lines and requests refused"),
    ("ward_events_evaluated_total", "Records that rules were tried on"),
    ("ward_signals_total", "Findings of rules"),
    ("ward_alerts_opened_total", "Alerts made"),
];

/// The rules asked for by the settings, and those that people uploaded. Refused ones are told and
/// left out.
async fn rulebook(config: &Config, db: Db) -> Result<Rulebook> {
    let settings = &config.rules;
    let catalogue = catalogue()?;
    let ground = load::ground(settings.builtin, &settings.folders, &settings.expand, catalogue)?;
    let rulebook = Rulebook::open(db, ground).await.context("the rules cannot be loaded")?;
    let rules = rulebook.in_force().now();
    let refused = &rules.set().refused;
    for one in refused {
        tracing::warn!("{}:{}: {}", one.file, one.line, one.reason);
    }
    info!(rules = rules.texts().len(), refused = refused.len(), "rules loaded");
    Ok(rulebook)
}

fn catalogue() -> Result<Arc<Catalogue>> {
    let files = embedded::fields();
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let catalogue = Catalogue::parse(files, Default::default());
    Ok(Arc::new(catalogue.context("the catalogue of fields cannot be used")?))
}
