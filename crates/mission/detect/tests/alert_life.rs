//! What people may do with an alert, what they may not, and how it is taken back.

use detect::alert::{
    Deed, DeedKind, LifeError, Move, Standing, State, Verdict,
    life::{Before, Moved, apply, undo},
};
use proptest::prelude::*;
use terms::{AlertId, DeedId, PersonId, Timestamp};
use testkit::{later, now};

fn person(number: u128) -> PersonId {
    PersonId(uuid::Uuid::from_u128(number))
}

const ANA: u128 = 1;
const BEN: u128 = 2;

fn new() -> Standing {
    Standing {
        state: State::New,
        owner: None,
        verdict: None,
        reason: String::new(),
        closed_at: None,
        version: 1,
    }
}

fn taken_by(number: u128) -> Standing {
    Standing { state: State::Taken, owner: Some(person(number)), ..new() }
}

fn closed() -> Standing {
    Standing {
        state: State::Closed,
        owner: Some(person(ANA)),
        verdict: Some(Verdict::Benign),
        reason: "the backup itself".to_owned(),
        closed_at: Some(now()),
        ..new()
    }
}

fn close() -> Move {
    Move::Close { verdict: Verdict::TruePositive, reason: " seen ".to_owned() }
}

fn reopen() -> Move {
    Move::Reopen { reason: "again".to_owned() }
}

fn hand_over(to: u128) -> Move {
    Move::HandOver { to: person(to), text: String::new() }
}

/// Ana makes the move.
fn check(standing: &Standing, asked: &Move, expected: Result<(State, Option<u128>), LifeError>) {
    let moved = apply(standing, Some(standing.version), person(ANA), asked, now());
    let found = moved.map(|moved| (moved.standing.state, moved.standing.owner));
    assert_eq!(found, expected.map(|(state, owner)| (state, owner.map(person))), "{asked:?}");
}

#[test]
fn each_state_allows_its_moves_and_names_why_not_the_others() {
    check(&new(), &Move::Take, Ok((State::Taken, Some(ANA))));
    check(&taken_by(ANA), &Move::Take, Err(LifeError::AlreadyTheirs));
    check(&taken_by(BEN), &Move::Take, Err(LifeError::TakenByAnother));
    check(&closed(), &Move::Take, Err(LifeError::Closed));

    check(&new(), &hand_over(BEN), Ok((State::Taken, Some(BEN))));
    check(&taken_by(BEN), &hand_over(ANA), Ok((State::Taken, Some(ANA))));
    check(&taken_by(BEN), &hand_over(BEN), Err(LifeError::AlreadyTheirs));
    check(&closed(), &hand_over(BEN), Err(LifeError::Closed));

    check(&new(), &close(), Ok((State::Closed, Some(ANA))));
    check(&taken_by(BEN), &close(), Ok((State::Closed, Some(BEN))));
    check(&closed(), &close(), Err(LifeError::Closed));

    check(&closed(), &reopen(), Ok((State::Taken, Some(ANA))));
    check(&new(), &reopen(), Err(LifeError::NotClosed));
    check(&taken_by(ANA), &reopen(), Err(LifeError::NotClosed));
}

#[test]
fn a_verdict_and_a_comment_need_words() {
    let empty = " \n".to_owned();
    check(
        &new(),
        &Move::Close { verdict: Verdict::Benign, reason: empty.clone() },
        Err(LifeError::NoText("reason")),
    );
    check(&new(), &Move::Comment { text: empty }, Err(LifeError::NoText("comment")));
    let long = "a".repeat(4_001);
    check(&new(), &Move::Comment { text: long }, Err(LifeError::TooLong { found: 4_001 }));
}

#[test]
fn closing_keeps_verdict_reason_and_time_and_reopening_forgets_them() {
    let standing = apply(&new(), None, person(ANA), &close(), now()).expect("a move").standing;
    assert_eq!(standing.verdict, Some(Verdict::TruePositive));
    assert_eq!((standing.reason.as_str(), standing.closed_at), ("seen", Some(now())));
    let again = apply(&standing, None, person(BEN), &reopen(), later(5)).expect("a move").standing;
    assert_eq!(again, Standing { version: 3, ..taken_by(BEN) });
}

#[test]
fn whoever_looked_at_an_older_version_is_told_to_look_again() {
    let standing = Standing { version: 4, ..new() };
    let moved = apply(&standing, Some(3), person(ANA), &Move::Take, now());
    assert_eq!(moved, Err(LifeError::Changed { now: 4 }));
    let comment = Move::Comment { text: "seen".to_owned() };
    let moved = apply(&standing, Some(3), person(ANA), &comment, now()).expect("a comment");
    assert_eq!(moved.standing, standing);
}

fn deed(kind: DeedKind, number: u128, at: Timestamp) -> Deed {
    let id = DeedId::new(at);
    Deed {
        id,
        alert: AlertId::new(at),
        at,
        person: Some(person(number)),
        kind,
        text: String::new(),
        act: id,
        is_undone: false,
    }
}

fn undone(deed: &Deed, last: DeedId, seconds: i64) -> Result<Moved, LifeError> {
    undo(&closed(), deed, &Before::of(&taken_by(ANA)), last, person(ANA), later(seconds))
}

#[test]
fn the_last_deed_is_taken_back_by_the_same_person_within_ten_minutes() {
    let closing = deed(DeedKind::Closed { verdict: Verdict::Benign }, ANA, now());
    let moved = undone(&closing, closing.id, 600).expect("taken back");
    assert_eq!(moved.standing, Standing { version: 2, ..taken_by(ANA) });
    assert_eq!(moved.kind, DeedKind::Undone { deed: closing.id });

    assert_eq!(undone(&closing, closing.id, 601), Err(LifeError::UndoTooLate));
    assert_eq!(undone(&closing, DeedId::new(later(5)), 60), Err(LifeError::NotTheLast));
    let bens = deed(DeedKind::Taken, BEN, now());
    assert_eq!(undone(&bens, bens.id, 5), Err(LifeError::UndoOfAnother));
    let twice = Deed { is_undone: true, ..closing };
    assert_eq!(undone(&twice, twice.id, 5), Err(LifeError::NothingToUndo));
    let opened = Deed { person: None, ..deed(DeedKind::Opened, ANA, now()) };
    assert_eq!(undone(&opened, opened.id, 5), Err(LifeError::NothingToUndo));
}

#[test]
fn taking_back_a_comment_leaves_the_alert_as_it_is() {
    let comment = deed(DeedKind::Commented, ANA, now());
    assert_eq!(undone(&comment, comment.id, 5).expect("taken back").standing, closed());
}

fn moves() -> impl Strategy<Value = Move> {
    prop_oneof![
        Just(Move::Take),
        (1..4u128).prop_map(hand_over),
        Just(Move::Comment { text: "seen".to_owned() }),
        Just(close()),
        Just(reopen()),
    ]
}

proptest! {
    #[test]
    fn whatever_is_done_an_alert_is_closed_exactly_when_it_has_a_verdict(
        asked in prop::collection::vec((1..4u128, moves()), 0..20),
    ) {
        let mut standing = new();
        for (number, asked) in asked {
            let Ok(moved) = apply(&standing, None, person(number), &asked, now()) else { continue };
            let is_comment = moved.kind == DeedKind::Commented;
            prop_assert_eq!(moved.standing.version, standing.version + i64::from(!is_comment));
            standing = moved.standing;
            let is_closed = standing.state == State::Closed;
            prop_assert_eq!(standing.verdict.is_some(), is_closed);
            prop_assert_eq!(standing.closed_at.is_some(), is_closed);
            prop_assert_eq!(standing.owner.is_none(), standing.state == State::New);
        }
    }

    #[test]
    fn taking_back_a_move_leads_to_where_the_alert_stood(
        first in moves(), asked in moves(),
    ) {
        let before = apply(&new(), None, person(ANA), &first, now()).map_or(new(), |m| m.standing);
        let Ok(moved) = apply(&before, None, person(ANA), &asked, now()) else { return Ok(()) };
        let deed = deed(moved.kind, ANA, now());
        let kept = Before::of(&before);
        let back = undo(&moved.standing, &deed, &kept, deed.id, person(ANA), later(9));
        let standing = back.expect("the last deed, in time").standing;
        prop_assert_eq!(Standing { version: before.version, ..standing }, before);
    }
}
