//! What an exception would have hidden: tried on the events kept with the newest alerts of its
//! rule. A bounded number is looked at, and how many is said.

use std::sync::Arc;

use detect::alert::{
    AlertError, Alerts, Exception, Exceptions, Filter, NewException, Signal, Sort, Who,
    service::Whole,
};
use event::Catalogue;
use jiff::ToSpan;
use sector::Graph;
use terms::{ExceptionId, OdsCode, Part, PersonId, Scope, Timestamp};

use crate::{failure::Failure, pages::alerts::failed::failed, pieces::words::count};

/// Alerts that are looked at.
const LOOKED_AT: u16 = 50;
/// Days that are looked back.
const DAYS: i64 = 30;

/// What it would have done, in a sentence.
pub(super) async fn tried(
    alerts: &Alerts,
    (scope, graph): (&Scope, &Graph),
    new: &NewException,
    catalogue: Arc<Catalogue>,
    now: Timestamp,
) -> Result<String, Failure> {
    let from = now.checked_sub((DAYS * 24).hours()).unwrap_or(now);
    let filter = Filter {
        rules: new.rule.iter().cloned().collect(),
        parts: vec![new.part.clone()],
        from: Some(from),
        ..Filter::default()
    };
    let page = alerts.page(scope, &filter, Sort::Newest, None, LOOKED_AT).await.map_err(failed)?;
    let exceptions = Exceptions::new(vec![long_in_force(new, now)], catalogue);
    let belongs = |part: &Part, code: &OdsCode| graph.contains(&Scope::of([part.clone()]), code);
    let (mut hidden, mut partly, mut looked_at) = (0_i64, 0_i64, 0_i64);
    for alert in &page.alerts {
        let whole = match alerts.whole(scope, alert.id).await {
            Ok(whole) => whole,
            Err(AlertError::NotFound(_)) => continue,
            Err(error) => return Err(failed(error)),
        };
        let covered = whole
            .evidence
            .iter()
            .enumerate()
            .filter(|(at, _)| exceptions.covers(&signal(&whole, *at), &belongs).is_some())
            .count();
        looked_at += 1;
        match covered {
            0 => {}
            some if some == whole.evidence.len() => hidden += 1,
            _ => partly += 1,
        }
    }
    Ok(told(looked_at, hidden, partly, page.after.is_some()))
}

fn told(looked_at: i64, hidden: i64, partly: i64, has_more: bool) -> String {
    let newest = if has_more { "newest " } else { "" };
    let alerts = match looked_at {
        0 => return format!("This rule gave no alert there in the last {DAYS} days."),
        1 => format!("Of the one {newest}alert"),
        number => format!("Of the {newest}{}", count(number, "alert", None)),
    };
    let partly = match partly {
        0 => String::new(),
        some => format!(", and {some} in part"),
    };
    format!(
        "{alerts} of this rule there in the last {DAYS} days it would have hidden {hidden}{partly}, \
         by the events that were kept."
    )
}

/// The exception as if it had been in force all the time.
fn long_in_force(new: &NewException, now: Timestamp) -> Exception {
    Exception {
        id: ExceptionId::new(now),
        what: new.clone(),
        owner: PersonId::new(now),
        created_at: Timestamp::MIN,
        revoked: None,
        hits: 0,
        last_hit: None,
    }
}

/// A kept event as the finding it was.
fn signal(whole: &Whole, at: usize) -> Signal {
    let (alert, kept) = (&whole.alert, &whole.evidence[at]);
    Signal {
        position: kept.position,
        rule: alert.rule.clone(),
        organisation: alert.organisation.clone(),
        device: kept.device.clone(),
        device_id: alert.device_id,
        who: Who::default(),
        event_time: Some(kept.at),
        received_at: kept.received_at,
        event: kept.event.as_str().into(),
        matched: kept.matched.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_says_what_was_looked_at() {
        assert_eq!(told(0, 0, 0, false), "This rule gave no alert there in the last 30 days.");
        assert_eq!(
            told(50, 37, 2, true),
            "Of the newest 50 alerts of this rule there in the last 30 days it would have hidden \
             37, and 2 in part, by the events that were kept."
        );
        assert!(told(1, 1, 0, false).starts_with("Of the one alert of this rule"));
    }
}
