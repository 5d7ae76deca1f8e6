//! What to do next: at most five things, most urgent first, each with one button.

use access::Permission;
use detect::alert::State;
use serde::Serialize;

use super::{Covered, lag::Heard};
use crate::{
    page::Desk,
    pages::{
        alerts::{harm, rows},
        map::{address::number, standing::Standings},
    },
    pieces::{
        Harm,
        words::{count, shortened},
    },
};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Task {
    /// What, in one sentence.
    pub(super) text: String,
    /// Why it matters.
    pub(super) why: String,
    /// What the button says.
    pub(super) button: String,
    /// Where it leads.
    pub(super) href: String,
}

/// The most that one person is asked at once.
const MOST: usize = 5;

/// Longest headline told.
const HEADLINE: usize = 160;

pub(super) fn of(
    desk: &Desk,
    standings: &Standings,
    covered: &Covered,
    heard: &Heard,
) -> Vec<Task> {
    let may = |permission| desk.caller.may_somewhere(permission);
    let mut tasks = Vec::new();
    tasks.extend(mine(desk, standings));
    if may(Permission::WorkAlerts) {
        tasks.extend(worst(standings));
        tasks.extend(nobodys(standings));
    }
    if covered.known == 0 && may(Permission::ManageMap) {
        let why = "Without it nobody can tell which services an attack would stop.";
        tasks.push(task("Import the map", why, "Import files", "/map/import"));
    }
    if heard.sources == 0 && may(Permission::ManageTokens) {
        let why = "No sender has been heard yet. A sender needs a token.";
        tasks.push(task("Connect the first sender", why, "Make a token", "/tokens"));
    }
    if covered.fell_silent > 0 && may(Permission::ViewDevices) {
        let text =
            format!("{} fell silent", count(number(covered.fell_silent), "organisation", None));
        let why = "What happens there now would not be seen.";
        tasks.push(task(&text, why, "See silent devices", "/devices?state=silent"));
    }
    tasks.extend(never_seen(covered).filter(|_| may(Permission::ViewDevices)));
    tasks.truncate(MOST);
    tasks
}

fn task(text: &str, why: &str, button: &str, href: &str) -> Task {
    let [text, why, button, href] = [text, why, button, href].map(str::to_owned);
    Task { text, why, button, href }
}

/// What the person took and did not close.
fn mine(desk: &Desk, standings: &Standings) -> Option<Task> {
    let own = standings.urgent.iter().filter(|alert| alert.owner == Some(desk.caller.person));
    let number = own.count();
    (number > 0).then(|| {
        let text = format!("Go on with {}", count(self::number(number as u64), "alert", None));
        task(&text, "You took them and they are still open.", "Open mine", "/alerts?owner=me")
    })
}

/// The worst that nobody has.
fn worst(standings: &Standings) -> Option<Task> {
    let new = standings.urgent.iter().find(|alert| alert.state == State::New)?;
    let what = rows::what(new);
    let why = match harm::of(new) {
        Harm::None => "Nobody has it yet.".to_owned(),
        harm => format!("{}. Nobody has it yet.", harm.word()),
    };
    Some(Task {
        text: shortened(&what, HEADLINE),
        why,
        button: "Open the alert".to_owned(),
        href: format!("/alerts/{}", new.id),
    })
}

/// Further ones that threaten care and nobody has.
fn nobodys(standings: &Standings) -> Option<Task> {
    let is_waiting =
        |alert: &&detect::alert::Alert| alert.state == State::New && harm::of(alert) >= Harm::Soon;
    let number = standings.urgent.iter().filter(is_waiting).count();
    (number > 1).then(|| {
        let more = count(self::number(number as u64), "alert", None);
        let text = format!("{more} that threaten care have nobody working on them");
        let why = "An alert that is taken is not worked on twice.";
        task(&text, why, "See them", "/alerts?state=new&owner=nobody")
    })
}

fn never_seen(covered: &Covered) -> Option<Task> {
    let missing = covered.devices_expected.saturating_sub(covered.devices_seen);
    (missing > 0).then(|| {
        let text = "Some expected devices were never seen";
        let why = "They are on the list of devices, and nothing has come from them.";
        task(text, why, "See which", "/devices?state=never_seen")
    })
}
