//! A little of everything, made as the program makes it. In: empty databases. Out: in each table a
//! row at least.

use access::{
    Access, Caller, Origin, Permission, Role, Secret, ServerKey, Settings, Visitor, first::Claim,
    grant::NewGrant, password::PasswordCost, people::NewPerson, tokens::NewApiToken,
    totp::code_for,
};
use bus::{EventLog, Limits, Seq};
use db::Db;
use intake::{Intake, Lines, Sender};
use sector::{Map, Sighting};
use terms::{OdsCode, Part, PersonId, Scope};
use testkit::{later, now};

#[path = "fill_alerts.rs"]
mod alerts;

/// Fills both databases of one engine.
pub(crate) async fn all(state: &Db, log: &Db) {
    map(state).await;
    let people = people(state).await;
    sources(state, log).await;
    alerts::fill(state, people).await;
}

pub(crate) fn code(text: &str) -> OdsCode {
    text.parse().expect("a code")
}

/// Who works in the example.
#[derive(Clone, Copy)]
pub(crate) struct People {
    pub(crate) lead: PersonId,
    pub(crate) analyst: PersonId,
}

const FILES: [(&str, &str); 7] = [
    (
        "organisations.csv",
        "ods_code,name,type,region,icb,parent,town,postcode,patients\n\
         Y56,Example London,region,,,,,,\n\
         QKK,Example South East London Board,icb,Y56,,,,,\n\
         RX1,Example Acute Trust,trust_acute,Y56,QKK,,London,SE1 1AA,\n\
         A81001,Example Practice,gp_practice,Y56,QKK,QKK,London,SE2 2BB,9100\n",
    ),
    (
        "sites.csv",
        "ods_code,name,organisation,town,postcode\nRX101,Example Hospital,RX1,London,SE1 1AA\n",
    ),
    ("suppliers.csv", "code,name,kind\nACME,Example Records Ltd,software\n"),
    (
        "services.csv",
        "code,name,organisation,kind,patients_per_day,criticality,hours\n\
         RX1-ED,Emergency department,RX1,emergency,400,4,24/7\n",
    ),
    (
        "systems.csv",
        "code,name,organisation,kind,supplier,criticality\nRX1-EPR,Patient record,RX1,epr,ACME,4\n",
    ),
    (
        "dependencies.csv",
        "from,to,kind,reason,strength\n\
         service:RX1-ED,system:RX1-EPR,records in,triage and prescribing are in the record,3\n",
    ),
    ("devices.csv", "name,organisation,class,system,site\nED-PC-07,RX1,workstation,RX1-EPR,\n"),
];

async fn map(state: &Db) {
    let map = Map::open(state.clone()).await.expect("a map");
    for (name, text) in FILES {
        let plan = map.plan(name, text.as_bytes(), &Scope::sector(), now()).await.expect("a plan");
        assert_eq!(plan.problem_count, 0, "{name}: {:?}", plan.problems);
        map.apply(&plan, Some(PersonId::new(now())), now()).await.expect("applied");
    }
    let sector = Scope::sector();
    let (group, _) = map.make_group("Example group", &sector, now()).await.expect("a group");
    let members = [code("RX1"), code("A81001")];
    map.set_group_members(group, &members, &sector, now()).await.expect("members");
    let seen = Sighting {
        organisation: code("RX1"),
        name: "EX-NEW-1".to_owned(),
        at: later(60),
        source: None,
    };
    map.seen(&[seen], later(61)).await.expect("seen");
}

const PASSWORD: &str = "tea towel otter nine";

/// A lead who has signed in, an analyst who has a role and has not, one whose invitation waits,
/// and somebody who does not know the password; a token of each kind, and one taken back.
async fn people(state: &Db) -> People {
    let settings = Settings { password_cost: PasswordCost::FOR_TESTS, ..Settings::default() };
    let access = Access::open(state.clone(), ServerKey::random(), settings).await.expect("opened");
    let link = access.first_administrator_link(now()).await.expect("read").expect("a link");
    let password = || Secret::new(PASSWORD);
    let claim = Claim { email: "lead@ward.example", name: "Example Lead", password: password() };
    let lead = access.claim(&link.secret, claim, now()).await.expect("claimed");
    let caller = sign_in(&access).await;
    let mut invited = Vec::new();
    for (email, role) in
        [("analyst@ward.example", Role::Analyst), ("waiting@ward.example", Role::Viewer)]
    {
        let grant = NewGrant::of(role, Part::Organisation(code("RX1")));
        let new = NewPerson { email, name: "Example Colleague", grant };
        invited.push(access.invite(&caller, &new, later(10)).await.expect("invited"));
    }
    let accepted = invited[0].link.as_ref().expect("a link");
    let name = "Example Analyst";
    let analyst = access.accept_invitation(&accepted.secret, name, password(), later(20)).await;
    let analyst = analyst.expect("accepted");
    let wrong = Secret::new("not the password");
    access.sign_in("lead@ward.example", wrong, &origin(), later(30)).await.expect_err("refused");
    let api = NewApiToken {
        name: "example report",
        part: Part::Organisation(code("RX1")),
        permissions: vec![Permission::ViewAlerts],
        expires_at: None,
    };
    access.create_api_token(&caller, &api, later(40)).await.expect("a token");
    for (at, name) in [(41, "example shipper"), (42, "example shipper of last year")] {
        let made = access.create_ingest_token(&caller, code("RX1"), name, None, later(at)).await;
        let made = made.expect("a token");
        if at == 42 {
            access.revoke_token(&caller, made.id, later(43)).await.expect("taken back");
        }
    }
    People { lead, analyst }
}

fn origin() -> Origin {
    Origin { address: "192.0.2.10".parse().expect("an address"), agent: "Example/1.0".into() }
}

/// Password, app, code, as for the first time.
async fn sign_in(access: &Access) -> Caller {
    let password = Secret::new(PASSWORD);
    let pending = access.sign_in("lead@ward.example", password, &origin(), now()).await;
    let pending = pending.expect("a right password");
    let app = access.begin_totp(&pending.cookie, now()).await.expect("begun");
    let digits = code_for(&app.secret, now()).expect("a code");
    let done = access.confirm_totp(&pending.cookie, &digits, &origin(), now()).await;
    let cookie = done.expect("enrolled").session.cookie;
    match access.visitor(&cookie, now()).await.expect("a session") {
        Visitor::Full(caller) => caller,
        other => panic!("not signed in: {other:?}"),
    }
}

/// Records of one sender, one of them unreadable, and a reader that has dealt with the first batch.
async fn sources(state: &Db, log: &Db) {
    let (log, _writer) = EventLog::open(log.clone(), Limits::default()).await.expect("a log");
    let intake = Intake::new(log.clone(), state.clone());
    let sender = Sender { source: terms::TokenId::new(now()), organisation: code("RX1") };
    for second in [0, 90] {
        let lines = Lines::read(b"{\"Image\":\"C:\\\\a.exe\"}\nnonsense\n{\"Image\":\"b\"}\n");
        intake.accept(&sender, lines, later(second)).await.expect("accepted");
    }
    intake.lagged(&sender, 4, later(91));
    intake.flush().await.expect("written");
    log.release("detect", Seq(1)).await.expect("released");
}
