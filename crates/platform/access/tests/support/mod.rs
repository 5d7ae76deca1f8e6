//! For the tests of this crate: a small map, an installation with an administrator, and people who
//! sign in as people do.
#![allow(unreachable_pub)]
#![allow(dead_code, reason = "each test file uses a part of it")]

use access::{
    Access, AccessError, Caller, NewSession, Origin, Role, Secret, ServerKey, Settings, Stage,
    Visitor, first::Claim, grant::NewGrant, people::NewPerson, sign_in::Factor, totp::code_for,
};
use db::{Db, micros};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, Value};
use terms::{GroupId, OdsCode, Part, Timestamp};
use testkit::{TestDb, later, now};

pub(crate) const ADMIN: &str = "admin@ward.example";
pub(crate) const PASSWORD: &str = "tea towel otter nine";

/// An installation on a test's database.
pub(crate) struct Ward {
    pub(crate) access: Access,
    pub(crate) db: Db,
    pub(crate) admin: Caller,
    pub(crate) admin_cookie: Secret,
    pub(crate) admin_totp: Secret,
}

pub(crate) fn settings() -> Settings {
    Settings { password_cost: access::password::PasswordCost::FOR_TESTS, ..Settings::default() }
}

pub(crate) async fn open(t: &TestDb) -> Access {
    Access::open(t.db.clone(), ServerKey::random(), settings()).await.expect("opened")
}

/// Opened, claimed, and its administrator signed in at `now()`.
pub(crate) async fn ward(t: &TestDb) -> Ward {
    let access = open(t).await;
    claim(&access).await;
    let (admin, admin_cookie, admin_totp) = enrol(&access, ADMIN, now()).await;
    Ward { access, db: t.db.clone(), admin, admin_cookie, admin_totp }
}

/// Makes the first administrator.
pub(crate) async fn claim(access: &Access) {
    let link = access.first_administrator_link(now()).await.expect("read").expect("a link");
    let claim = Claim { email: ADMIN, name: "Example Lead", password: Secret::new(PASSWORD) };
    access.claim(&link.secret, claim, now()).await.expect("claimed");
}

/// All values of a column of bytes, taken for text.
pub(crate) async fn texts(db: &Db, table: &str, column: &str) -> String {
    let sql = format!("SELECT {column} AS value FROM {table}");
    let statement = Statement::from_string(db.read().get_database_backend(), sql);
    let rows = db.read().query_all_raw(statement).await.expect("read");
    let values = rows.iter().map(|row| row.try_get::<Vec<u8>>("", "value").expect("bytes"));
    values.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

pub(crate) fn origin() -> Origin {
    from("192.0.2.10")
}

pub(crate) fn from(address: &str) -> Origin {
    Origin { address: address.parse().expect("an address"), agent: "Example/1.0".into() }
}

pub(crate) async fn password(
    access: &Access,
    email: &str,
    text: &str,
    at: Timestamp,
) -> Result<NewSession, AccessError> {
    access.sign_in(email, Secret::new(text), &origin(), at).await
}

/// The first sign-in: password, app, code. The app shows codes of `at`.
pub(crate) async fn enrol(access: &Access, email: &str, at: Timestamp) -> (Caller, Secret, Secret) {
    let pending = password(access, email, PASSWORD, at).await.expect("a right password");
    assert_eq!(pending.stage, Stage::Enrolment);
    let app = access.begin_totp(&pending.cookie, at).await.expect("begun");
    let code = code_for(&app.secret, at).expect("a code");
    let enrolled =
        access.confirm_totp(&pending.cookie, &code, &origin(), at).await.expect("enrolled");
    let caller = caller(access, &enrolled.session.cookie, at).await;
    (caller, enrolled.session.cookie, app.secret)
}

/// A whole sign-in of somebody who is enrolled.
pub(crate) async fn sign_in(
    access: &Access,
    email: &str,
    totp: &Secret,
    at: Timestamp,
) -> Result<NewSession, AccessError> {
    let pending = password(access, email, PASSWORD, at).await?;
    let code = code_for(totp, at).expect("a code");
    access.give_second_factor(&pending.cookie, Factor::Totp(code), &origin(), at).await
}

pub(crate) async fn caller(access: &Access, cookie: &Secret, at: Timestamp) -> Caller {
    match access.visitor(cookie, at).await.expect("a session") {
        Visitor::Full(caller) => caller,
        other => panic!("not signed in: {other:?}"),
    }
}

impl Ward {
    /// Invites somebody, who comes and signs in, all at `at`.
    pub(crate) async fn person(
        &self,
        by: &Caller,
        name: &str,
        role: Role,
        part: Part,
        at: Timestamp,
    ) -> Caller {
        let email = format!("{name}@ward.example");
        let grant = NewGrant::of(role, part);
        let new = NewPerson { email: &email, name: "Example Colleague", grant };
        let invitation = self.access.invite(by, &new, at).await.expect("invited");
        let link = invitation.link.expect("a new account").secret;
        let password = Secret::new(PASSWORD);
        let accepted = self.access.accept_invitation(&link, "Example Colleague", password, at);
        accepted.await.expect("accepted");
        enrol(&self.access, &email, at).await.0
    }
}

pub(crate) fn code(text: &str) -> OdsCode {
    text.parse().expect("a code")
}

pub(crate) fn organisation(text: &str) -> Part {
    Part::Organisation(code(text))
}

/// Two regions: Y56 with the areas QAA (RA1, RA2) and QBB (RB1), Y60 with QCC (RC1). A group of
/// RA1 and RB1, and one of RA1 and RC1.
pub(crate) struct Map {
    pub(crate) inside: GroupId,
    pub(crate) across: GroupId,
}

pub(crate) async fn map(db: &Db) -> Map {
    for (text, icb, region) in
        [("RA1", "QAA", "Y56"), ("RA2", "QAA", "Y56"), ("RB1", "QBB", "Y56"), ("RC1", "QCC", "Y60")]
    {
        insert_organisation(db.read(), text, icb, region).await;
    }
    let map = Map { inside: GroupId::new(now()), across: GroupId::new(later(1)) };
    insert_group(db.read(), map.inside, &["RA1", "RB1"]).await;
    insert_group(db.read(), map.across, &["RA1", "RC1"]).await;
    map
}

async fn insert_organisation(on: &DatabaseConnection, code: &str, icb: &str, region: &str) {
    let columns = "code, name, name_key, type, region, icb, town, postcode, silent_after, \
                   created_at, changed_at";
    let texts = [code, "Example Trust", "example trust", "trust_acute", region, icb, "", ""];
    let times = [0, micros(now()), micros(now())];
    let values = texts.map(Value::from).into_iter().chain(times.map(Value::from));
    insert(on, "organisation", columns, values.collect()).await;
}

async fn insert_group(on: &DatabaseConnection, id: GroupId, members: &[&str]) {
    let at = Value::from(micros(now()));
    let group = vec![id.0.into(), "Example group".into(), at.clone(), at.clone()];
    insert(on, "organisation_group", "id, name, created_at, changed_at", group).await;
    for member in members {
        let row = vec![id.0.into(), (*member).into(), at.clone()];
        insert(on, "group_member", "group_id, organisation, created_at", row).await;
    }
}

async fn insert(on: &DatabaseConnection, table: &str, columns: &str, values: Vec<Value>) {
    let places: Vec<String> = (1..=values.len()).map(|n| format!("${n}")).collect();
    let sql = format!("INSERT INTO {table} ({columns}) VALUES ({})", places.join(", "));
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
    on.execute_raw(statement).await.expect("inserted");
}
