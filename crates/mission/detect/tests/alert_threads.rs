//! What the app does on its threads can be done there: every future of the service may move.

use db::Write;
use detect::alert::{Alerts, Move, NewException};
use terms::{AlertId, DeedId, PersonId, Scope, Timestamp};

fn may_move<T: Send>(_: T) {}

#[allow(dead_code)]
fn acts(
    alerts: &Alerts,
    write: &Write,
    scope: &Scope,
    ids: &[(AlertId, Option<i64>)],
    asked: &Move,
    new: &NewException,
    (person, act, now): (PersonId, DeedId, Timestamp),
) {
    may_move(alerts.act(write, scope, ids, asked, person, now));
    may_move(alerts.undo(write, scope, act, person, now));
    may_move(alerts.make_exception(write, scope, new, None, person, now));
}

#[test]
fn this_file_is_checked_by_the_compiler() {
    may_move(0);
}
