//! What people have set of detection: exceptions, and rules that are off. Read and compiled a few
//! times a second at most, however many commits there are.

use std::sync::Arc;

use detect::{
    alert::{AlertError, Alerts, Exceptions, Switches},
    watch::RulesInForce,
};
use jiff::SignedDuration;
use terms::Timestamp;
use tokio::sync::Mutex;

/// How long what was read holds: an exception or a switch is in force at the latest after this.
const HOLDS: SignedDuration = SignedDuration::from_millis(250);

/// What holds.
pub(super) struct Set {
    pub(super) exceptions: Exceptions,
    pub(super) switches: Switches,
}

/// What holds now, remembered for a moment.
pub(crate) struct InForce {
    alerts: Alerts,
    rules: RulesInForce,
    latest: Mutex<Option<(Timestamp, Arc<Set>)>>,
}

impl InForce {
    pub(crate) fn new(alerts: Alerts, rules: RulesInForce) -> Self {
        Self { alerts, rules, latest: Mutex::default() }
    }

    /// What holds at `now`.
    pub(super) async fn at(&self, now: Timestamp) -> Result<Arc<Set>, AlertError> {
        let mut latest = self.latest.lock().await;
        if let Some((at, set)) = &*latest {
            // A clock that was set back makes it old, not new for ever.
            let age = now.duration_since(*at);
            if age >= SignedDuration::ZERO && age < HOLDS {
                return Ok(set.clone());
            }
        }
        let catalogue = self.rules.now().catalogue().clone();
        let exceptions = self.alerts.exceptions_in_force(catalogue, now).await?;
        let switches = self.alerts.switches_in_force().await?;
        let set = Arc::new(Set { exceptions, switches });
        *latest = Some((now, set.clone()));
        Ok(set)
    }
}
