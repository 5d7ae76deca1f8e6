//! The rules in force: compiled once, shared by all threads, replaced as a whole.

use std::{
    fmt,
    hash::{BuildHasher, Hasher},
    sync::{Arc, PoisonError, RwLock},
};

use event::Catalogue;
use sigma::{Engine, Rule, RuleId, RuleSet};

use crate::alert::RuleText;

/// Rules, compiled, with what alerts keep of each.
pub struct LiveRules {
    engine: Arc<Engine>,
    catalogue: Arc<Catalogue>,
    texts: Vec<Arc<RuleText>>,
}

impl LiveRules {
    /// Puts `set` in force.
    pub fn new(set: RuleSet, catalogue: Arc<Catalogue>) -> Self {
        let texts = set.rules().iter().map(|rule| Arc::new(text(rule))).collect();
        Self { engine: Arc::new(Engine::new(Arc::new(set))), catalogue, texts }
    }

    /// The rules.
    pub fn set(&self) -> &Arc<RuleSet> {
        self.engine.rules()
    }

    /// How events are understood.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// What alerts keep of a rule.
    pub fn text(&self, rule: RuleId) -> &Arc<RuleText> {
        &self.texts[rule.0 as usize]
    }

    /// What alerts keep of all rules.
    pub fn texts(&self) -> &[Arc<RuleText>] {
        &self.texts
    }

    /// The rule with this id, as alerts name it.
    pub fn find(&self, id: &str) -> Option<(&Rule, &Arc<RuleText>)> {
        let at = self.texts.iter().position(|text| text.id == id)?;
        Some((&self.set().rules()[at], &self.texts[at]))
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }
}

impl fmt::Debug for LiveRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LiveRules({} rules)", self.texts.len())
    }
}

/// The rules in force, replaced as a whole while batches flow. Clones share them.
#[derive(Clone, Debug)]
pub struct RulesInForce(Arc<RwLock<Arc<LiveRules>>>);

impl RulesInForce {
    /// Begins with these.
    pub fn new(rules: LiveRules) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(rules))))
    }

    /// The rules now.
    pub fn now(&self) -> Arc<LiveRules> {
        // A reader or writer that panicked left a whole set behind: it is one pointer.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts others in force; the next batch is evaluated by them.
    pub fn replace(&self, rules: LiveRules) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(rules);
    }
}

/// What alerts keep of a rule.
pub(crate) fn text(rule: &Rule) -> RuleText {
    let meta = &rule.meta;
    // A rule without an id goes by what distinguishes it for people: its title.
    let id = if meta.id.is_empty() { format!("title:{}", meta.title) } else { meta.id.clone() };
    RuleText {
        id,
        version: version(rule),
        title: meta.title.clone(),
        level: meta.level,
        status: meta.status.clone(),
        tags: meta.tags.clone(),
        harm: meta.harm.clone(),
        action: meta.action.clone(),
    }
}

/// A hash of what the rule looks for: it changes with the rule's logic, not with its prose.
fn version(rule: &Rule) -> String {
    let mut hasher = foldhash::quality::FixedState::default().build_hasher();
    hasher.write(
        format!("{:?}{:?}{}", rule.logsource, rule.selections, rule.condition_text).as_bytes(),
    );
    format!("{:016x}", hasher.finish())
}
