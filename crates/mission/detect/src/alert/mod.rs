//! Findings to alerts: one queue, worst patient harm first, and what people do with it.
//!
//! Modules in reading order: [`signal`] a finding with whose it is and where in the log it stands,
//! [`model`] what an alert is, [`support`] what a device does for patients, [`group`] signals to
//! alerts, [`outcome`] what that comes to, [`flood`] how many new alerts an hour may bring, [`exception`] and [`switch`] what is
//! counted instead of shown, [`rank`] how urgent an alert is and why, [`headline`] what happened in
//! plain [`words`], [`life`] what people may do with an alert, [`queue`] what a list may ask for,
//! [`store`] the tables, [`service`] the operations the app calls.
//!
//! Nothing about open alerts is held in memory: each batch of signals is laid over what the
//! database knows, inside one transaction with the reader's checkpoint. A crash neither loses nor
//! doubles anything, and several processes may write.

pub mod error;
pub mod exception;
pub mod flood;
pub mod group;
pub mod headline;
mod key;
pub mod life;
pub mod model;
pub mod outcome;
pub mod queue;
pub mod rank;
pub mod service;
pub mod signal;
mod store;
pub mod support;
pub mod switch;
pub mod words;

pub use error::AlertError;
pub use exception::{Condition, Exception, Exceptions, NewException, Operator};
pub use flood::Limits;
pub use group::{Cx, Known, fold};
pub use life::{LifeError, Move, Standing};
pub use model::{Alert, Deed, DeedKind, Evidence, State, Story, Verdict};
pub use outcome::Outcome;
pub use queue::{Cursor, Filter, Owner, Page, Sort, Total};
pub use rank::{Factor, Rank, Ranker, Record, Verdicts};
pub use service::{Alerts, Checkpoint, Committed};
pub use signal::{MatchedField, Position, RuleText, Signal, Who};
pub use support::{Path, Step, StepKind, Support};
pub use switch::{Switch, Switches};
