//! Exceptions: findings that somebody has looked at and does not want to see again. They are
//! counted, for a bounded time, by name and with a reason; never forgotten. In: the exceptions in
//! force and a signal. Out: which of them, if any, covers it. Pure.
//!
//! Conditions are asked of the event's fields by the names rules use, and texts are compared as
//! Sigma compares them: case does not count.

use std::{
    collections::HashMap,
    net::IpAddr,
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
};

use event::{Catalogue, Event, Reader};
use ipnet::IpNet;
use sigma::test::{Place, Test, View, fold};
use terms::{ExceptionId, OdsCode, Part, PersonId, Timestamp};

use super::{Signal, key::device_key, model::UnknownWord};
use crate::scan::with_event;

/// Conditions of one exception.
pub const MAX_CONDITIONS: usize = 50;
/// Values of one condition.
pub const MAX_VALUES: usize = 200;
/// How long an exception may hold.
pub const MAX_DAYS: i64 = 366;
const MAX_TEXT_BYTES: usize = 4 << 10;

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// The value is this text.
    Equals,
    /// The text stands in the value.
    Contains,
    /// The value begins with the text.
    StartsWith,
    /// The value ends with the text.
    EndsWith,
    /// The value is an address inside the network.
    Cidr,
    /// The event has the field; values are not asked.
    Exists,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Equals, Self::Contains, Self::StartsWith, Self::EndsWith, Self::Cidr, Self::Exists];

    /// The word, as Sigma spells its modifiers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::Contains => "contains",
            Self::StartsWith => "startswith",
            Self::EndsWith => "endswith",
            Self::Cidr => "cidr",
            Self::Exists => "exists",
        }
    }
}

impl FromStr for Operator {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|one| one.as_str() == text).ok_or_else(|| UnknownWord {
            word: text.chars().take(40).collect(),
            what: "operator",
            known: &["equals", "contains", "startswith", "endswith", "cidr", "exists"],
        })
    }
}

/// One condition: any of the values suffices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The field, as rules call it.
    pub field: String,
    /// How it is compared.
    pub operator: Operator,
    /// What it is compared with.
    pub values: Vec<String>,
}

/// What somebody asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewException {
    /// What people call it.
    pub name: String,
    /// The rule's id; `None` is every rule. A changed rule keeps its id, and the exception.
    pub rule: Option<String>,
    /// The part of the sector it holds for.
    pub part: Part,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// Only this device.
    pub device: Option<String>,
    /// Why it is right not to see these.
    pub reason: String,
    /// Until when it holds.
    pub expires_at: Timestamp,
}

/// An exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Its id.
    pub id: ExceptionId,
    /// What was asked for.
    pub what: NewException,
    /// Who answers for it.
    pub owner: PersonId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When and by whom it was taken back.
    pub revoked: Option<(Timestamp, PersonId)>,
    /// Signals it hid, in the caller's scope.
    pub hits: u64,
    /// When it last hid one.
    pub last_hit: Option<Timestamp>,
}

impl Exception {
    /// Whether it holds at `now`.
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.revoked.is_none() && self.created_at <= now && now < self.what.expires_at
    }
}

/// Why an exception cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExceptionError {
    /// A text that must stand there is absent.
    #[error("the exception has no {0}")]
    Missing(&'static str),
    /// It would hide everything.
    #[error("the exception names no rule, no device and no condition, so it would hide everything")]
    HidesEverything,
    /// It ends too late or has ended.
    #[error("the exception must end after now and within {MAX_DAYS} days")]
    Expiry,
    /// More than there is room for.
    #[error("the exception has {found} {what}, more than {most}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A text too long.
    #[error("the {0} of the exception is longer than {MAX_TEXT_BYTES} bytes")]
    TooLong(&'static str),
    /// A condition without values.
    #[error("the condition on {0} has no value")]
    NoValue(String),
    /// No network.
    #[error("{value:?} in the condition on {field} is no network: write it as 10.0.0.0/8")]
    Network {
        /// The condition's field.
        field: String,
        /// What stands there.
        value: String,
    },
}

impl NewException {
    /// Whether it can be made at `now`. Errors: the first thing wrong with it.
    pub fn check(&self, now: Timestamp) -> Result<(), ExceptionError> {
        for (what, text) in [("name", &self.name), ("reason", &self.reason)] {
            if text.trim().is_empty() {
                return Err(ExceptionError::Missing(what));
            }
            if text.len() > MAX_TEXT_BYTES {
                return Err(ExceptionError::TooLong(what));
            }
        }
        if self.rule.is_none() && self.device.is_none() && self.conditions.is_empty() {
            return Err(ExceptionError::HidesEverything);
        }
        let days = (self.expires_at.as_second() - now.as_second()) / SECONDS_A_DAY;
        if self.expires_at <= now || days > MAX_DAYS {
            return Err(ExceptionError::Expiry);
        }
        at_most("conditions", self.conditions.len(), MAX_CONDITIONS)?;
        self.conditions.iter().try_for_each(Condition::check)
    }
}

const SECONDS_A_DAY: i64 = 86_400;

fn at_most(what: &'static str, found: usize, most: usize) -> Result<(), ExceptionError> {
    if found > most { Err(ExceptionError::TooMany { what, found, most }) } else { Ok(()) }
}

impl Condition {
    fn check(&self) -> Result<(), ExceptionError> {
        if self.field.trim().is_empty() {
            return Err(ExceptionError::Missing("field in one of its conditions"));
        }
        at_most("values in one condition", self.values.len(), MAX_VALUES)?;
        let is_empty = self.values.iter().all(|value| value.is_empty());
        if self.operator != Operator::Exists && is_empty {
            return Err(ExceptionError::NoValue(self.field.clone()));
        }
        let is_long = |text: &String| text.len() > MAX_TEXT_BYTES;
        if is_long(&self.field) || self.values.iter().any(is_long) {
            return Err(ExceptionError::TooLong("condition"));
        }
        if self.operator == Operator::Cidr {
            for value in &self.values {
                network(value).ok_or_else(|| ExceptionError::Network {
                    field: self.field.clone(),
                    value: value.chars().take(60).collect(),
                })?;
            }
        }
        Ok(())
    }

    /// The question as the engine asks it; `None` for a value that cannot be one.
    fn tests(&self) -> Vec<Test> {
        let place = match self.operator {
            Operator::Equals => Place::Whole,
            Operator::Contains => Place::Inside,
            Operator::StartsWith => Place::Start,
            Operator::EndsWith => Place::End,
            Operator::Cidr => {
                return self.values.iter().filter_map(|v| network(v)).map(Test::Cidr).collect();
            }
            Operator::Exists => return vec![Test::Exists(true)],
        };
        let text = |value: &String| fold(value).into_owned().into_boxed_str();
        let made = |value| Test::Text { place, text: text(value), cased: false };
        // An empty text stands in every value: it would make the condition say nothing.
        self.values.iter().filter(|value| !value.is_empty()).map(made).collect()
    }
}

/// A network, or one address.
fn network(text: &str) -> Option<IpNet> {
    let text = text.trim();
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// Whether an organisation lies in a part of the sector; the caller asks the map.
pub type Belongs<'f> = &'f (dyn Fn(&Part, &OdsCode) -> bool + Sync);

/// Exceptions in force, compiled: a signal is compared only with those of its rule and those of
/// every rule, and its event is read only when rule, part and device fit already.
pub struct Exceptions {
    list: Vec<Compiled>,
    by_rule: HashMap<String, Vec<usize>>,
    of_every_rule: Vec<usize>,
    /// Remembers kinds of events; taken only when a condition is asked.
    reader: Option<Mutex<Reader>>,
}

struct Compiled {
    exception: Exception,
    device: Option<String>,
    conditions: Vec<(String, Vec<Test>)>,
}

impl Exceptions {
    /// None.
    pub fn none() -> Self {
        Self { list: Vec::new(), by_rule: HashMap::new(), of_every_rule: Vec::new(), reader: None }
    }

    /// These; events are read with `catalogue`, as the scan reads them.
    pub fn new(list: Vec<Exception>, catalogue: Arc<Catalogue>) -> Self {
        let list: Vec<Compiled> = list.into_iter().map(compile).collect();
        let mut by_rule: HashMap<String, Vec<usize>> = HashMap::new();
        let mut of_every_rule = Vec::new();
        for (at, one) in list.iter().enumerate() {
            match &one.exception.what.rule {
                Some(rule) => by_rule.entry(rule.clone()).or_default().push(at),
                None => of_every_rule.push(at),
            }
        }
        let reader = Some(Mutex::new(Reader::new(catalogue)));
        Self { list, by_rule, of_every_rule, reader }
    }

    /// The first exception that covers the signal; `belongs` tells whether an organisation lies in
    /// a part of the sector.
    ///
    /// An event that cannot be read is covered only by exceptions without conditions.
    pub fn covers(&self, signal: &Signal, belongs: Belongs<'_>) -> Option<ExceptionId> {
        let of_rule = self.by_rule.get(&signal.rule.id).map(Vec::as_slice).unwrap_or_default();
        let candidates = of_rule.iter().chain(&self.of_every_rule).map(|at| &self.list[*at]);
        let mut fitting = candidates.filter(|one| one.fits(signal, belongs)).peekable();
        fitting.peek()?;
        let fitting: Vec<&Compiled> = fitting.collect();
        if let Some(plain) = fitting.iter().find(|one| one.conditions.is_empty()) {
            return Some(plain.exception.id);
        }
        // A reader that a panic left behind holds only what it has learnt; that stays right.
        let mut reader = self.reader.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner);
        let found = with_event(&mut reader, signal.event.as_bytes(), |event| {
            fitting.iter().find(|one| one.holds(event)).map(|one| one.exception.id)
        });
        found.ok().flatten()
    }
}

fn compile(exception: Exception) -> Compiled {
    let device = exception.what.device.as_deref().map(device_key);
    let conditions = exception.what.conditions.iter();
    let conditions = conditions.map(|one| (one.field.clone(), one.tests())).collect();
    Compiled { device, conditions, exception }
}

impl Compiled {
    fn fits(&self, signal: &Signal, belongs: Belongs<'_>) -> bool {
        let device = || device_key(signal.device_name());
        self.exception.is_active(signal.received_at)
            && self.device.as_ref().is_none_or(|wanted| *wanted == device())
            && belongs(&self.exception.what.part, &signal.organisation)
    }

    fn holds(&self, event: Event<'_, '_>) -> bool {
        self.conditions.iter().all(|(field, tests)| {
            event.values(field).any(|raw| {
                let Some(text) = raw.text() else {
                    return raw.is_present() && tests.contains(&Test::Exists(true));
                };
                let view = View { text: &text, folded: &fold(&text) };
                tests.iter().any(|test| matches!(test, Test::Exists(_)) || test.passes(view))
            })
        })
    }
}
