//! Exceptions: what they hide, what they must not, and that what they hide is counted.

mod alert_common;

use std::sync::Arc;

use alert_common::{Setting, belongs, signal};
use detect::alert::{
    Condition, Exception, Exceptions, Known, NewException, Operator, Signal,
    exception::ExceptionError, fold,
};
use event::Catalogue;
use terms::{ExceptionId, Part, PersonId};
use testkit::{later, now};

fn catalogue() -> Arc<Catalogue> {
    let none: [(&str, &str); 0] = [];
    let parsed = Catalogue::parse(none, Default::default());
    Arc::new(parsed.expect("a catalogue"))
}

fn new() -> NewException {
    NewException {
        name: "backup job".to_owned(),
        rule: Some("backup-deleted".to_owned()),
        part: Part::Sector,
        conditions: Vec::new(),
        device: None,
        reason: "the backup deletes its own old copies".to_owned(),
        expires_at: later(86_400),
    }
}

fn made(what: NewException) -> Exception {
    Exception {
        id: ExceptionId::new(now()),
        what,
        owner: PersonId::new(now()),
        created_at: later(-60),
        revoked: None,
        hits: 0,
        last_hit: None,
    }
}

fn hides(exception: Exception, signal: &Signal) -> bool {
    let id = exception.id;
    let found = Exceptions::new(vec![exception], catalogue()).covers(signal, &belongs);
    assert!(found.is_none() || found == Some(id));
    found.is_some()
}

fn event(json: &str) -> Signal {
    Signal { event: json.into(), ..signal((1, 0), "RX1", "EX-1", 0) }
}

fn condition(field: &str, operator: Operator, values: &[&str]) -> Condition {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    Condition { field: field.to_owned(), operator, values }
}

#[test]
fn rule_part_and_device_must_all_fit() {
    let seen = signal((1, 0), "RX1", "EX-1", 0);
    let part = |text: &str| text.parse::<Part>().expect("a part");
    for (what, expected) in [
        (new(), true),
        (NewException { rule: Some("another".to_owned()), ..new() }, false),
        (NewException { rule: None, device: Some("ex-1".to_owned()), ..new() }, true),
        (NewException { device: Some("EX-2".to_owned()), ..new() }, false),
        (NewException { part: part("organisation:RX1"), ..new() }, true),
        (NewException { part: part("organisation:RX2"), ..new() }, false),
    ] {
        assert_eq!(hides(made(what.clone()), &seen), expected, "{what:?}");
    }
}

#[test]
fn it_holds_from_its_making_to_its_end_and_not_when_taken_back() {
    let seen = signal((1, 0), "RX1", "EX-1", 0);
    assert!(!hides(made(NewException { expires_at: later(1), ..new() }), &seen));
    assert!(hides(made(NewException { expires_at: later(2), ..new() }), &seen));
    assert!(!hides(Exception { created_at: later(2), ..made(new()) }, &seen));
    let revoked = Some((now(), PersonId::new(now())));
    assert!(!hides(Exception { revoked, ..made(new()) }, &seen));
}

#[test]
fn conditions_compare_as_rules_do_whatever_the_case() {
    let seen = event(
        r#"{"Image":"C:\\Backup\\Run.exe","User":"EX\\svc","ip":"10.1.2.3","tags":["a","B"],"n":5,"none":null,"in":{"x":"y"}}"#,
    );
    use Operator::{Cidr, Contains, EndsWith, Equals, Exists, StartsWith};
    for (field, operator, values, expected) in [
        ("Image", Equals, &["c:\\backup\\RUN.exe"][..], true),
        ("Image", Equals, &["run.exe"], false),
        ("Image", EndsWith, &["\\run.exe"], true),
        ("Image", StartsWith, &["d:", "C:\\back"], true),
        ("Image", Contains, &["BACKUP"], true),
        ("Image", Contains, &["*"], false),
        ("Image", Contains, &[""], false),
        ("ip", Cidr, &["10.0.0.0/8"], true),
        ("ip", Cidr, &["10.1.2.3"], true),
        ("ip", Cidr, &["10.2.0.0/16"], false),
        ("tags", Equals, &["b"], true),
        ("n", Equals, &["5"], true),
        ("in.x", Equals, &["Y"], true),
        ("in", Exists, &[], true),
        ("User", Exists, &[], true),
        ("none", Exists, &[], false),
        ("absent", Exists, &[], false),
        ("absent", Contains, &["a"], false),
    ] {
        let conditions = vec![condition(field, operator, values)];
        let what = NewException { conditions, ..new() };
        assert_eq!(hides(made(what), &seen), expected, "{field} {operator:?} {values:?}");
    }
}

#[test]
fn all_conditions_must_hold() {
    let seen = event(r#"{"a":"1","b":"2"}"#);
    let both = |b: &str| {
        let conditions =
            vec![condition("a", Operator::Equals, &["1"]), condition("b", Operator::Equals, &[b])];
        made(NewException { conditions, ..new() })
    };
    assert!(hides(both("2"), &seen));
    assert!(!hides(both("3"), &seen));
}

#[test]
fn an_event_that_cannot_be_read_is_not_hidden_by_conditions() {
    let torn = event("{\"a\":");
    let conditions = vec![condition("a", Operator::Exists, &[])];
    assert!(!hides(made(NewException { conditions, ..new() }), &torn));
    assert!(hides(made(new()), &torn));
}

#[test]
fn what_is_hidden_opens_no_alert_and_is_counted() {
    let exception = made(new());
    let id = exception.id;
    let exceptions = Exceptions::new(vec![exception], catalogue());
    let setting = Setting { exceptions, ..Setting::default() };
    let signals = [signal((1, 0), "RX1", "EX-1", 0), signal((1, 1), "RX1", "EX-2", 9)];
    let outcome = fold(&signals, &mut Known::default(), &setting.cx());
    assert_eq!(outcome.opened, []);
    let hidden = &outcome.excepted[..];
    assert!(matches!(hidden, [one] if one.exception == id && one.hits == 2), "{hidden:?}");
    assert_eq!(hidden[0].last_hit, later(10));
    assert_eq!((outcome.days[0].found.hits, outcome.days[0].found.excepted), (2, 2));
}

#[test]
fn what_cannot_be_an_exception_is_refused_with_the_reason() {
    let check = |what: NewException| what.check(now()).expect_err("refused");
    assert_eq!(
        check(NewException { name: " ".to_owned(), ..new() }),
        ExceptionError::Missing("name")
    );
    assert_eq!(
        check(NewException { reason: String::new(), ..new() }),
        ExceptionError::Missing("reason")
    );
    assert_eq!(check(NewException { rule: None, ..new() }), ExceptionError::HidesEverything);
    assert_eq!(check(NewException { expires_at: now(), ..new() }), ExceptionError::Expiry);
    assert_eq!(
        check(NewException { expires_at: later(367 * 86_400), ..new() }),
        ExceptionError::Expiry
    );
    let with = |one: Condition| NewException { conditions: vec![one], ..new() };
    let network = check(with(condition("ip", Operator::Cidr, &["10.0.0.0/33"])));
    assert!(network.to_string().contains("10.0.0.0/33"), "{network}");
    let none = check(with(condition("a", Operator::Contains, &[])));
    assert_eq!(none, ExceptionError::NoValue("a".to_owned()));
    let many = vec![condition("a", Operator::Exists, &[]); 51];
    let many = check(NewException { conditions: many, ..new() });
    assert!(matches!(many, ExceptionError::TooMany { found: 51, most: 50, .. }), "{many}");
    assert_eq!(new().check(now()), Ok(()));
}
