//! The handle of the rulebook: folders kept, put in use and taken out, and the rules in force
//! brought up to date with them.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use db::{Db, Write};
use event::Catalogue;
use sigma::{Parsed, Placeholders, Refused, RuleSet};
use terms::{PersonId, RuleFolderId, Timestamp};
use tokio::{sync::Mutex, task::spawn_blocking};

use super::{
    Change, FolderName, FolderState, NewFolder, Report, RuleFile, RuleFolder, RulebookError, read,
    report, store,
};
use crate::watch::{LiveRules, RulesInForce};

/// What is there before anybody uploads: rules inside the program and on its disk.
pub struct Ground {
    /// Rule files, in the order in which they are read; of two rules with one id the first counts.
    pub files: Vec<RuleFile>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<Refused>,
    /// Values for placeholders.
    pub placeholders: Placeholders,
    /// How events are understood.
    pub catalogue: Arc<Catalogue>,
}

impl fmt::Debug for Ground {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ground({} files)", self.files.len())
    }
}

/// The rulebook. Clones share it.
#[derive(Clone, Debug)]
pub struct Rulebook {
    db: Db,
    ground: Arc<Ground>,
    in_force: RulesInForce,
    /// The version that is in force.
    version: Arc<AtomicI64>,
    /// Held while rules are compiled, so that two callers do not compile the same.
    making: Arc<Mutex<()>>,
}

type Result<T> = std::result::Result<T, RulebookError>;

/// Folders in use with their files.
type Folders = Vec<(FolderName, Vec<RuleFile>)>;

impl Rulebook {
    /// Reads everything and puts it in force.
    ///
    /// Errors: [`RulebookError::Db`], [`RulebookError::Compile`]. A folder that cannot be unpacked
    /// is told among the refused; the others are used.
    pub async fn open(db: Db, ground: Ground) -> Result<Self> {
        let nothing = LiveRules::new(RuleSet::default(), ground.catalogue.clone());
        let book = Self {
            db,
            ground: Arc::new(ground),
            in_force: RulesInForce::new(nothing),
            version: Arc::new(AtomicI64::new(UNKNOWN)),
            making: Arc::default(),
        };
        book.refresh().await?;
        Ok(book)
    }

    /// The rules in force; they follow every [`Self::refresh`].
    pub fn in_force(&self) -> &RulesInForce {
        &self.in_force
    }

    /// Puts other rules in force if what is in use changed since. Gives whether it had. Costs one
    /// row when nothing changed. While the new rules are compiled the old ones stay in force.
    pub async fn refresh(&self) -> Result<bool> {
        if self.is_fresh().await? {
            return Ok(false);
        }
        let _making = self.making.lock().await;
        if self.is_fresh().await? {
            return Ok(false);
        }
        // Read first: a change that comes between is then found by the next refresh.
        let version = store::version(self.db.read()).await?;
        let (folders, damaged) = self.in_use().await?;
        let ground = self.ground.clone();
        let made = spawn_blocking(move || compile(&ground, folders, damaged)).await;
        self.in_force.replace(made.map_err(RulebookError::Compile)?);
        self.version.store(version, Ordering::Release);
        Ok(true)
    }

    async fn is_fresh(&self) -> Result<bool> {
        Ok(store::version(self.db.read()).await? == self.version.load(Ordering::Acquire))
    }

    async fn in_use(&self) -> Result<(Folders, Vec<Refused>)> {
        let (mut folders, mut damaged) = (Vec::new(), Vec::new());
        for folder in store::list(self.db.read(), FolderState::InUse).await? {
            match store::files(self.db.read(), &folder).await {
                Ok(files) => folders.push((folder.name, files)),
                // Removed and forgotten since the list was read: the version tells.
                Err(RulebookError::NotFound) => {}
                Err(RulebookError::Damaged { name, source }) => damaged.push(Refused {
                    file: below(&folder.name).into(),
                    line: 1,
                    title: String::new(),
                    reason: format!("the stored folder {name} cannot be unpacked: {source}"),
                }),
                Err(error) => return Err(error),
            }
        }
        Ok((folders, damaged))
    }

    /// Folders in a state, the oldest upload first.
    pub async fn folders(&self, state: FolderState) -> Result<Vec<RuleFolder>> {
        store::list(self.db.read(), state).await
    }

    /// One folder. Errors: [`RulebookError::NotFound`].
    pub async fn folder(&self, id: RuleFolderId) -> Result<RuleFolder> {
        store::one(self.db.read(), id).await
    }

    /// How many rules of `files` could be used, and how much of them not: for [`NewFolder`].
    pub async fn count(&self, files: Vec<RuleFile>) -> Result<(Vec<RuleFile>, u64, u64)> {
        let ground = self.ground.clone();
        let counted = spawn_blocking(move || {
            let parsed = read::files("", &files, &ground.placeholders);
            let rules = parsed.iter().map(|one| one.rules.len() as u64).sum();
            let refused = parsed.iter().map(|one| (one.refused.len() + one.not_yet.len()) as u64);
            let refused = refused.sum();
            (files, rules, refused)
        });
        counted.await.map_err(RulebookError::Compile)
    }

    /// What a folder would bring, and its rules, compiled, to be tried on events.
    ///
    /// Errors: [`RulebookError::NotFound`], [`RulebookError::Damaged`].
    pub async fn report(&self, id: RuleFolderId) -> Result<(RuleFolder, Report, LiveRules)> {
        let folder = store::one(self.db.read(), id).await?;
        let files = store::files(self.db.read(), &folder).await?;
        let (ground, in_force) = (self.ground.clone(), self.in_force.now());
        let below = below(&folder.name);
        let looked = spawn_blocking(move || {
            let parsed = read::files(&below, &files, &ground.placeholders);
            // A folder of this name that is in use would be replaced.
            let (report, set) = report::report(parsed, &in_force, &below);
            (report, LiveRules::new(set, ground.catalogue.clone()))
        });
        let (report, rules) = looked.await.map_err(RulebookError::Compile)?;
        Ok((folder, report, rules))
    }

    /// Keeps a folder, to be looked at before it is used.
    pub async fn keep(
        &self,
        write: &Write,
        new: &NewFolder,
        person: PersonId,
        now: Timestamp,
    ) -> Result<RuleFolderId> {
        let id = RuleFolderId::new(now);
        store::insert(write, id, new, person, now).await?;
        Ok(id)
    }

    /// Puts a folder in use; one of the same name that was in use goes. Holds for everybody after
    /// the commit and a [`Self::refresh`].
    ///
    /// Errors: [`RulebookError::NotFound`], [`RulebookError::Changed`].
    pub async fn put_in_use(
        &self,
        write: &Write,
        id: RuleFolderId,
        now: Timestamp,
    ) -> Result<Change> {
        store::raise(write).await?;
        let folder = store::one(write, id).await?;
        let before = store::list(write, FolderState::InUse).await?;
        let before = before.into_iter().find(|one| one.name == folder.name && one.id != id);
        let change = Change { put_in: Some(id), taken_out: before.map(|one| one.id) };
        self.turn(write, change, now).await?;
        Ok(change)
    }

    /// Takes a folder out of use.
    ///
    /// Errors: [`RulebookError::NotFound`], [`RulebookError::Changed`].
    pub async fn remove(&self, write: &Write, id: RuleFolderId, now: Timestamp) -> Result<Change> {
        store::raise(write).await?;
        let change = Change { put_in: None, taken_out: Some(id) };
        self.turn(write, change, now).await?;
        Ok(change)
    }

    /// Takes an act back; the act that did.
    ///
    /// Errors: [`RulebookError::NotFound`] when it is too long ago, [`RulebookError::Changed`],
    /// [`RulebookError::NameInUse`].
    pub async fn take_back(&self, write: &Write, act: Change, now: Timestamp) -> Result<Change> {
        store::raise(write).await?;
        let change = act.reversed();
        if let Some(id) = change.put_in {
            let folder = store::one(write, id).await?;
            let mut others = store::list(write, FolderState::InUse).await?.into_iter();
            let is_in_way = |one: &RuleFolder| {
                one.name == folder.name && one.id != id && Some(one.id) != change.taken_out
            };
            if others.any(|one| is_in_way(&one)) {
                return Err(RulebookError::NameInUse(folder.name.to_string()));
            }
        }
        self.turn(write, change, now).await?;
        Ok(change)
    }

    async fn turn(&self, write: &Write, change: Change, now: Timestamp) -> Result<()> {
        use FolderState::{InUse, Removed, Waiting};
        if let Some(id) = change.taken_out {
            store::turn(write, id, &[InUse], Removed, now).await?;
        }
        if let Some(id) = change.put_in {
            store::turn(write, id, &[Waiting, Removed], InUse, now).await?;
        }
        Ok(())
    }

    /// Forgets folders that were not used or were removed before `before`. For a daily job.
    pub async fn forget(&self, write: &Write, before: Timestamp) -> Result<u64> {
        store::forget(write, before).await
    }
}

/// No version: before the first reading.
const UNKNOWN: i64 = -1;

/// What stands before the names of a folder's files.
fn below(name: &FolderName) -> String {
    format!("uploaded/{name}/")
}

fn compile(ground: &Ground, folders: Folders, damaged: Vec<Refused>) -> LiveRules {
    let mut parsed = read::files("", &ground.files, &ground.placeholders);
    for (name, files) in &folders {
        parsed.extend(read::files(&below(name), files, &ground.placeholders));
    }
    let refused = ground.unreadable.iter().cloned().chain(damaged).collect();
    parsed.push(Parsed { refused, ..Parsed::default() });
    LiveRules::new(RuleSet::new(parsed), ground.catalogue.clone())
}
