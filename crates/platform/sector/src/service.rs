//! The map as the program uses it: one handle with the database and the graph made of it.
//!
//! Modules in reading order: this one (open, refresh, import, sightings), `edit` single changes,
//! with `decide` whether they may be made, `groups` sets of organisations, [`trace`] what a change
//! leaves behind, `lists` what pages show, [`overview`] the picture.

mod decide;
mod edit;
mod groups;
mod lists;
pub mod overview;
pub mod trace;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, PoisonError, RwLock},
};

use db::Db;
use terms::{ImportId, OdsCode, PersonId, Scope, Timestamp};
use tracing::info;

use crate::{
    device::{Device, DeviceKey, Seen, Sighting, spelling},
    error::{SectorError, statement},
    graph::{Graph, Parts},
    import::{self, File, Known, Limits, Plan, Rows},
    model::Site,
    store::{
        self,
        import::ImportRecord,
        sighting::{Span, Spans},
    },
};

pub use edit::DeviceSaid;
use trace::{Deed, Traced};

/// The map: shared by clones.
#[derive(Clone, Debug)]
pub struct Map {
    db: Db,
    graph: Arc<RwLock<Arc<Graph>>>,
    /// Held while a graph is made, so that two callers do not make the same one.
    making: Arc<tokio::sync::Mutex<()>>,
    trace: Traced,
}

type Result<T> = std::result::Result<T, SectorError>;

impl Map {
    /// The map of a database, read once.
    pub async fn open(db: Db) -> Result<Self> {
        let empty = Arc::new(Graph::build(Parts::default()));
        let graph = Arc::new(RwLock::new(empty));
        let map = Self { db, graph, making: Arc::default(), trace: Traced::default() };
        map.refresh().await?;
        Ok(map)
    }

    /// The graph as of the last refresh; holding it keeps that state.
    pub fn graph(&self) -> Arc<Graph> {
        // A graph is swapped as a whole, so there is no half of one to be afraid of.
        self.graph.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the map again if it has changed since. Gives whether it had. Costs one row when
    /// nothing changed.
    pub async fn refresh(&self) -> Result<bool> {
        if self.is_fresh().await? {
            return Ok(false);
        }
        let _making = self.making.lock().await;
        if self.is_fresh().await? {
            return Ok(false);
        }
        let parts = store::whole::parts(&self.db).await?;
        let made = tokio::task::spawn_blocking(move || Graph::build(parts)).await;
        let graph =
            Arc::new(made.expect("putting a graph together neither panics nor is cancelled"));
        let (version, organisations) = (graph.version(), graph.organisations().len());
        info!(map.version = version, organisations, "the map was read again");
        *self.graph.write().unwrap_or_else(PoisonError::into_inner) = graph;
        Ok(true)
    }

    async fn is_fresh(&self) -> Result<bool> {
        let stored = store::version::current(self.db.read()).await?;
        Ok(stored == self.graph().version())
    }

    /// What a file would change, for somebody of this scope: the dry run. Nothing is written.
    ///
    /// Errors: [`SectorError::File`] when the file as a whole cannot be read; what is wrong with
    /// single rows is in the plan.
    pub async fn plan(
        &self,
        name: &str,
        bytes: &[u8],
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Plan> {
        self.plan_within(name, bytes, &Limits::default(), scope, now).await
    }

    /// As [`Map::plan`], with other limits.
    pub async fn plan_within(
        &self,
        name: &str,
        bytes: &[u8],
        limits: &Limits,
        scope: &Scope,
        now: Timestamp,
    ) -> Result<Plan> {
        let file = import::read(name, bytes, limits)?;
        self.refresh().await?;
        let graph = self.graph();
        let known = self.known(&file, &graph, scope, now).await?;
        Ok(import::plan(file, &known))
    }

    /// Does what a plan says, in one transaction, and keeps a record of it; what is traced leaves
    /// its trace in the same.
    ///
    /// Errors: [`SectorError::Stale`] when the map has changed since the plan was made; then
    /// nothing was written.
    pub async fn apply(
        &self,
        plan: &Plan,
        person: Option<PersonId>,
        now: Timestamp,
    ) -> Result<ImportRecord> {
        let record = ImportRecord {
            id: ImportId::new(now),
            person,
            at: now,
            file: plan.file.clone(),
            kind: plan.kind.to_string(),
            added: plan.added.len() as u64,
            changed: plan.changed_things,
            unchanged: plan.unchanged,
            problems: plan.problem_count,
        };
        self.refresh().await?;
        let graph = self.graph();
        let write = self.db.write().await?;
        if !plan.is_empty() {
            // The version is the same until the end of the transaction, so the graph is too.
            store::version::raise(&write, plan.version).await?;
            store::import::apply(&write, plan, &graph, now).await?;
        }
        store::import::record(&write, &record).await?;
        self.trace.write(&write, Deed::Import(&record)).await?;
        write.commit().await.map_err(statement)?;
        info!(
            import.id = %record.id,
            import.kind = record.kind,
            import.added = record.added,
            import.changed = record.changed,
            import.problems = record.problems,
            "a file was imported into the map"
        );
        self.refresh().await?;
        Ok(record)
    }

    /// Notes that devices were seen; those that are not known are made. Times after `now` are
    /// taken for `now`, so that a wrong clock does not hide a silence.
    pub async fn seen(&self, sightings: &[Sighting], now: Timestamp) -> Result<Seen> {
        let (spans, mut seen) = spans(sightings, now);
        if spans.is_empty() {
            return Ok(seen);
        }
        let write = self.db.write().await?;
        seen.made = store::sighting::write(&write, &spans, now).await?;
        write.commit().await.map_err(statement)?;
        Ok(seen)
    }

    async fn known<'a>(
        &self,
        file: &File,
        graph: &'a Graph,
        scope: &'a Scope,
        now: Timestamp,
    ) -> Result<Known<'a>> {
        let mut known =
            Known { graph, scope, now, sites: HashMap::new(), devices: HashMap::new(), absent: 0 };
        match &file.rows {
            Rows::Sites(rows) => {
                known.sites =
                    self.sites(rows.iter().map(|(_, row)| row.code.clone()).collect()).await?;
                let stored = store::site::number(self.db.read(), scope).await?;
                let owners = known.sites.values().map(|site| &site.organisation);
                let named = owners.filter(|owner| graph.contains(scope, owner)).count();
                known.absent = stored.saturating_sub(named as u64);
            }
            Rows::Devices(rows) => {
                let sites = rows.iter().filter_map(|(_, row)| row.site.clone().flatten());
                known.sites = self.sites(sites.collect()).await?;
                let keys: BTreeSet<&DeviceKey> = rows.iter().map(|(_, row)| &row.key).collect();
                known.devices = self.devices(&keys).await?;
                let of: BTreeSet<&OdsCode> = keys.iter().map(|key| key.organisation()).collect();
                let of: Vec<&OdsCode> = of.into_iter().collect();
                let stored = store::device::expected_number(self.db.read(), &of, scope).await?;
                let named = known.devices.values().filter(|device| {
                    device.expected && graph.contains(scope, &device.organisation)
                });
                known.absent = stored.saturating_sub(named.count() as u64);
            }
            _ => {}
        }
        Ok(known)
    }

    async fn sites(&self, codes: BTreeSet<OdsCode>) -> Result<HashMap<OdsCode, Site>> {
        let codes: Vec<OdsCode> = codes.into_iter().collect();
        let sites = store::site::by_codes(self.db.read(), &codes).await?;
        Ok(sites.into_iter().map(|site| (site.code.clone(), site)).collect())
    }

    async fn devices(&self, keys: &BTreeSet<&DeviceKey>) -> Result<HashMap<DeviceKey, Device>> {
        let keys: Vec<&DeviceKey> = keys.iter().copied().collect();
        let devices = store::device::by_keys(self.db.read(), &keys).await?.into_iter();
        let keyed = devices.filter_map(|device| {
            let key = DeviceKey::new(device.organisation.clone(), &device.name)?;
            Some((key, device))
        });
        Ok(keyed.collect())
    }
}

/// The sightings of each device together.
fn spans(sightings: &[Sighting], now: Timestamp) -> (Spans, Seen) {
    let (mut spans, mut seen) = (Spans::new(), Seen::default());
    for sighting in sightings {
        let key = DeviceKey::new(sighting.organisation.clone(), &sighting.name);
        let Some((key, name)) = key.zip(spelling(&sighting.name)) else {
            seen.nameless += 1;
            continue;
        };
        let at = sighting.at.min(now);
        let fresh = || Span { name, first: at, last: at, source: sighting.source };
        let of: &mut BTreeMap<DeviceKey, Span> =
            spans.entry(sighting.organisation.clone()).or_default();
        let span = of.entry(key).or_insert_with(fresh);
        span.first = span.first.min(at);
        if at >= span.last {
            span.last = at;
            span.source = sighting.source;
        }
    }
    seen.devices = spans.values().map(|of| of.len() as u64).sum();
    (spans, seen)
}
