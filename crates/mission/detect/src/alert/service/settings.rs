//! What people set: exceptions, rules that are off, saved views; and what is known of rules.

use std::sync::Arc;

use db::Write;
use event::Catalogue;
use terms::{AlertId, DeedId, ExceptionId, Part, PersonId, Scope, Timestamp, ViewId};

use super::{Alerts, DayOfRule, View};
use crate::alert::{
    AlertError, Exception, Exceptions, NewException, Record, Switch, Switches, store,
};

impl Alerts {
    /// Makes an exception; with `from`, the alert it was made from says so.
    ///
    /// Errors: [`AlertError::Exception`], [`AlertError::OutOfScope`], [`AlertError::NotFound`].
    pub async fn make_exception(
        &self,
        write: &Write,
        scope: &Scope,
        new: &NewException,
        from: Option<AlertId>,
        person: PersonId,
        now: Timestamp,
    ) -> Result<ExceptionId, AlertError> {
        new.check(now)?;
        let id = ExceptionId::new(now);
        store::exception::make(write, scope, id, new, person, now).await?;
        if let Some(alert) = from {
            let held = store::life::hold(write, scope, &[alert]).await?;
            let held = held.first().ok_or(AlertError::NotFound("alert"))?;
            let by = store::life::By { person, now, act: DeedId::new(now) };
            store::life::exception_made(write, held, id, by).await?;
        }
        Ok(id)
    }

    /// Takes an exception back; what it was.
    ///
    /// Errors: [`AlertError::NotFound`], [`AlertError::OutOfScope`] when it holds beyond the scope.
    pub async fn revoke_exception(
        &self,
        write: &Write,
        scope: &Scope,
        id: ExceptionId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Exception, AlertError> {
        store::exception::revoke(write, scope, id, person, now).await
    }

    /// An exception that holds for any organisation of the scope.
    ///
    /// Errors: [`AlertError::NotFound`].
    pub async fn exception(&self, scope: &Scope, id: ExceptionId) -> Result<Exception, AlertError> {
        store::exception::one(self.db.read(), scope, id).await
    }

    /// Exceptions that hold for any organisation of the scope, newest first; with a rule, those
    /// that can hide something of it.
    pub async fn exceptions(
        &self,
        scope: &Scope,
        rule: Option<&str>,
    ) -> Result<Vec<Exception>, AlertError> {
        store::exception::list(self.db.read(), scope, rule).await
    }

    /// All exceptions in force at `now`, compiled, for [`crate::alert::Cx::exceptions`]; `catalogue` is that of
    /// the scan. One that ends later than `now` ends by itself.
    pub async fn exceptions_in_force(
        &self,
        catalogue: Arc<Catalogue>,
        now: Timestamp,
    ) -> Result<Exceptions, AlertError> {
        let list = store::exception::in_force(self.db.read(), now).await?;
        Ok(Exceptions::new(list, catalogue))
    }

    /// Turns a rule on or off for a part of the sector; how it was turned there before.
    ///
    /// Errors: [`AlertError::OutOfScope`], [`AlertError::Invalid`].
    pub async fn turn(
        &self,
        write: &Write,
        scope: &Scope,
        switch: &Switch,
    ) -> Result<Option<Switch>, AlertError> {
        if switch.rule.is_empty() || switch.reason.trim().is_empty() {
            return Err(AlertError::Invalid("turning a rule on or off needs a rule and a reason"));
        }
        store::rules::turn(write, scope, switch).await
    }

    /// Takes the first turn of a rule for a part back: no switch is left there, so that what is
    /// turned for a wider part holds again.
    ///
    /// Errors: [`AlertError::OutOfScope`].
    pub async fn unturn(
        &self,
        write: &Write,
        scope: &Scope,
        rule: &str,
        part: &Part,
    ) -> Result<(), AlertError> {
        store::rules::unturn(write, scope, rule, part).await
    }

    /// Switches that hold for any organisation of the scope.
    pub async fn switches(&self, scope: &Scope) -> Result<Vec<Switch>, AlertError> {
        store::rules::switches(self.db.read(), scope).await
    }

    /// All switches, for [`crate::alert::Cx::switches`].
    pub async fn switches_in_force(&self) -> Result<Switches, AlertError> {
        Ok(Switches::new(self.switches(&Scope::sector()).await?))
    }

    /// What rules found, day by day from `from_day` on (days since 1970), in the scope: of one
    /// rule, or of all.
    pub async fn days(
        &self,
        scope: &Scope,
        rule: Option<&str>,
        from_day: i64,
    ) -> Result<Vec<DayOfRule>, AlertError> {
        store::rules::days(self.db.read(), scope, rule, from_day).await
    }

    /// How a rule's closed alerts turned out: here in the scope, and elsewhere in the sector. The
    /// figure of elsewhere names nobody.
    pub async fn record(&self, scope: &Scope, rule: &str) -> Result<Record, AlertError> {
        store::rules::record(self.db.read(), scope, rule).await
    }

    /// Saves a view.
    ///
    /// Errors: [`AlertError::Invalid`], [`AlertError::OutOfScope`].
    pub async fn save_view(
        &self,
        write: &Write,
        scope: &Scope,
        view: &View,
    ) -> Result<(), AlertError> {
        let is_named = !view.name.trim().is_empty();
        if !is_named || view.name.len() > MAX_NAME_BYTES || view.query.len() > MAX_QUERY_BYTES {
            return Err(AlertError::Invalid(
                "a view needs a name of at most 200 bytes and a query of at most 4,000",
            ));
        }
        store::view::save(write, scope, view).await
    }

    /// The views a person sees, by name.
    pub async fn views(&self, scope: &Scope, person: PersonId) -> Result<Vec<View>, AlertError> {
        store::view::list(self.db.read(), scope, person).await
    }

    /// Deletes a person's own view.
    ///
    /// Errors: [`AlertError::NotFound`].
    pub async fn delete_view(
        &self,
        write: &Write,
        person: PersonId,
        id: ViewId,
    ) -> Result<(), AlertError> {
        store::view::delete(write, person, id).await
    }
}

const MAX_NAME_BYTES: usize = 200;
const MAX_QUERY_BYTES: usize = 4_000;
