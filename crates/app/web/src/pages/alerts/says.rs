//! The first sentence of the queue: how many alerts threaten care, at how many organisations, and
//! which is the worst.

use std::collections::BTreeSet;

use detect::alert::{Alert, Alerts, Filter, Sort, State, headline};
use serde::Serialize;
use terms::Scope;

use super::{failed::failed, harm, rows};
use crate::{
    failure::Failure,
    pieces::{Link, words::count},
};

/// The sentence, with the worst alert as a link behind it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Says {
    /// "3 alerts threaten care at 2 organisations."
    pub(crate) text: String,
    /// The worst of them.
    pub(crate) worst: Option<Link>,
    /// What depends on where the worst happened.
    pub(crate) supports: String,
}

/// Open alerts that are looked at; more are told as "more than".
const LOOKED_AT: u16 = 100;

/// What matters now in a scope.
pub(crate) async fn now(alerts: &Alerts, scope: &Scope) -> Result<Says, Failure> {
    let filter = Filter { states: vec![State::New, State::Taken], ..Filter::default() };
    let page = alerts.page(scope, &filter, Sort::Rank, None, LOOKED_AT).await.map_err(failed)?;
    let has_more = page.after.is_some();
    Ok(of(&page.alerts, has_more))
}

/// The sentence of open alerts, worst first.
fn of(open: &[Alert], has_more: bool) -> Says {
    let threats: Vec<&Alert> =
        open.iter().take_while(|alert| alert.rank_millionths >= harm::SOON).collect();
    let organisations: BTreeSet<&str> =
        threats.iter().map(|alert| alert.organisation.as_str()).collect();
    let worst =
        threats.first().map(|alert| Link::new(rows::what(alert), format!("/alerts/{}", alert.id)));
    let is_open_ended = has_more && threats.len() == open.len();
    let than = if is_open_ended { "More than " } else { "" };
    let number = i64::try_from(threats.len()).unwrap_or(i64::MAX);
    let text = match threats.len() {
        0 if open.is_empty() => "No alert is open.".to_owned(),
        0 => "No open alert threatens care.".to_owned(),
        _ => {
            let verb = if number == 1 { "threatens" } else { "threaten" };
            let places = i64::try_from(organisations.len()).unwrap_or(i64::MAX);
            format!(
                "{than}{} {verb} care at {}.",
                count(number, "alert", None),
                count(places, "organisation", None)
            )
        }
    };
    let supports = threats.first().map(|alert| headline::parts(&alert.headline).supports);
    Says { text, worst, supports: supports.map(rows::sentence).unwrap_or_default() }
}
