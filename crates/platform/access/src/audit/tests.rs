//! The chain of digests: whatever is done to its rows is found.

use proptest::{prelude::*, sample::Index};
use terms::PersonId;
use uuid::Uuid;

use super::*;

fn entry(second: i64, text: &str, organisation: Option<&str>) -> Entry {
    let at = Timestamp::from_second(second).expect("in range");
    let who = if second % 2 == 0 { Who::Person(PersonId(Uuid::nil())) } else { Who::Ward };
    let entry = Entry::new(at, who, "example.deed", On::new("example", text));
    Entry { organisation: organisation.map(|code| code.parse().expect("a code")), ..entry }
}

fn trail(length: usize) -> (Vec<Row>, Head) {
    let mut head = Head::START;
    let rows = (0..length).map(|n| {
        let code = (n % 3 == 0).then_some("RX1");
        let row = Row::after(head, &entry(n as i64, &format!("thing {n}"), code));
        head = Head { number: row.number, digest: row.computed() };
        row
    });
    (rows.collect(), head)
}

fn check(rows: &[Row], noted: Head) -> Result<Verified, Broken> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(|row| row.number);
    let mut chain = Chain::after(Head::START);
    for row in &rows {
        chain.push(row)?;
    }
    chain.finish(noted)
}

/// Changes one value of a row; false when that leaves it as it was.
fn spoil(row: &mut Row, field: usize, text: &str, number: i64) -> bool {
    let before = row.clone();
    match field {
        0 => row.at ^= number | 1,
        1 => row.who_kind = text.to_owned(),
        2 => row.who_id = row.who_id.is_none().then(Uuid::nil),
        3 => row.what = text.to_owned(),
        4 => row.on_kind = text.to_owned(),
        5 => row.on_id = text.to_owned(),
        6 => row.organisation = row.organisation.is_none().then(|| text.to_owned()),
        7 => row.details = text.to_owned(),
        8 => row.previous[0] ^= 1,
        9 => row.digest[31] ^= 1,
        // What moves from one field into its neighbour is a change too.
        10 => row.on_id.insert(0, row.on_kind.pop().unwrap_or('x')),
        _ => row.number += 1_000_000,
    }
    *row != before
}

#[test]
fn an_untouched_trail_holds_and_tells_its_end() {
    let (rows, head) = trail(20);
    assert_eq!(check(&rows, head), Ok(Verified { entries: 20, head }));
    assert_eq!(check(&[], Head::START), Ok(Verified { entries: 0, head: Head::START }));
    assert_eq!(head.to_string().parse(), Ok(head));
}

#[test]
fn a_cut_end_is_found_by_the_noted_end() {
    let (rows, head) = trail(5);
    assert_eq!(check(&rows[..4], head), Err(Broken { number: 5, why: Fault::Missing }));
    let (_, shorter) = trail(4);
    assert_eq!(check(&rows, shorter), Err(Broken { number: 5, why: Fault::OtherEnd }));
}

#[test]
fn the_form_of_a_digest_never_changes() {
    let (rows, head) = trail(2);
    assert_eq!(rows.len(), 2);
    // Computed once by another program from the description at `Row::computed`.
    assert_eq!(
        head.to_string(),
        "2:732c25ec9523af46d126d03889bec792310cc257329469509acaf1b5bca8210d"
    );
}

proptest! {
    #[test]
    fn a_changed_value_is_found_at_its_entry(
        at in any::<Index>(), field in 0usize..12, text in "[a-z]{0,8}", number in any::<i64>()
    ) {
        let (mut rows, head) = trail(12);
        let at = at.index(rows.len());
        prop_assume!(spoil(&mut rows[at], field, &text, number));
        let broken = check(&rows, head).expect_err("found");
        prop_assert_eq!(broken.number, at as i64 + 1);
    }

    #[test]
    fn a_changed_value_with_a_digest_made_to_fit_is_found_at_the_next(
        at in 0usize..11, field in 0usize..8, text in "[a-z]{0,8}", number in any::<i64>()
    ) {
        let (mut rows, head) = trail(12);
        prop_assume!(spoil(&mut rows[at], field, &text, number));
        rows[at].digest = rows[at].computed().to_vec();
        let broken = check(&rows, head).expect_err("found");
        prop_assert_eq!(broken, Broken { number: at as i64 + 2, why: Fault::NotChained });
    }

    #[test]
    fn a_removed_entry_is_found(at in any::<Index>()) {
        let (mut rows, head) = trail(12);
        let at = at.index(rows.len());
        rows.remove(at);
        let broken = check(&rows, head).expect_err("found");
        prop_assert_eq!(broken, Broken { number: at as i64 + 1, why: Fault::Missing });
        // Closing the gap in the numbers does not help.
        rows[at..].iter_mut().for_each(|row| row.number -= 1);
        prop_assert!(check(&rows, head).is_err());
    }

    #[test]
    fn swapped_entries_are_found(one in any::<Index>(), other in any::<Index>()) {
        let (mut rows, head) = trail(12);
        let (one, other) = (one.index(rows.len()), other.index(rows.len()));
        prop_assume!(one != other);
        let numbers = (rows[one].number, rows[other].number);
        (rows[one].number, rows[other].number) = (numbers.1, numbers.0);
        let broken = check(&rows, head).expect_err("found");
        prop_assert_eq!(broken.number, one.min(other) as i64 + 1);
    }

    #[test]
    fn an_inserted_entry_is_found(at in any::<Index>(), text in "[a-z]{0,8}") {
        let (mut rows, head) = trail(12);
        let at = at.index(rows.len());
        rows[at..].iter_mut().for_each(|row| row.number += 1);
        let before = match at.checked_sub(1) {
            Some(before) => Head { number: at as i64, digest: rows[before].computed() },
            None => Head::START,
        };
        rows.push(Row::after(before, &entry(9, &text, None)));
        let broken = check(&rows, head).expect_err("found");
        prop_assert_eq!(broken.number, at as i64 + 2);
    }
}
