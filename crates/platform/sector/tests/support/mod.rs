//! A small made-up map for the tests: two trusts and a practice in two regions, an emergency
//! department and a laboratory, the systems they run on, and one supplier.
#![allow(unreachable_pub)]
#![allow(dead_code, clippy::unwrap_used)]

use std::str::FromStr;

use sector::{Map, Plan};
use terms::{OdsCode, Scope};
use testkit::{TestDb, now};

pub(crate) const ORGANISATIONS: &str = "\
ods_code,name,type,region,icb,parent,town,postcode,patients
Y56,Example London,region,,,,,,
Y60,Example Midlands,region,,,,,,
QKK,Example South East London Board,icb,Y56,,,,,
QJ2,Example Derby Board,icb,Y60,,,,,
RX1,Example Acute Trust,trust_acute,Y56,QKK,,London,SE1 1AA,
RY2,Example Mental Health Trust,trust_mental_health,Y60,QJ2,,Derby,DE1 1AA,
A81001,Example Practice,gp_practice,Y56,QKK,QKK,London,SE2 2BB,9100
";
pub(crate) const SUPPLIERS: &str = "code,name,kind\nACME,Example Records Ltd,software\n";
pub(crate) const SERVICES: &str = "\
code,name,organisation,kind,patients_per_day,criticality,hours
RX1-ED,Emergency department,RX1,emergency,400,4,24/7
RX1-LAB,Laboratory,RX1,pathology,900,3,24/7
RY2-CRISIS,Crisis team,RY2,crisis,60,3,24/7
";
pub(crate) const SYSTEMS: &str = "\
code,name,organisation,kind,supplier,criticality
RX1-EPR,Patient record,RX1,epr,ACME,4
RX1-LIMS,Laboratory system,RX1,lims,,3
RX1-NET,Network,RX1,network,,4
RY2-EPR,Patient record,RY2,epr,ACME,3
";
pub(crate) const DEPENDENCIES: &str = "\
from,to,kind,reason,strength
service:RX1-ED,system:RX1-EPR,records in,triage and prescribing are in the record,3
service:RX1-LAB,system:RX1-LIMS,works with,every sample is booked there,4
service:RX1-ED,service:RX1-LAB,orders from,blood results decide treatment,2
system:RX1-EPR,system:RX1-NET,runs on,no wards without network,4
system:RX1-LIMS,system:RX1-NET,runs on,analysers send over it,3
service:RY2-CRISIS,system:RY2-EPR,records in,risk plans are in the record,3
";
pub(crate) const DEVICES: &str = "\
name,organisation,class,system,site
SW-CORE-1,RX1,switch,RX1-NET,
ED-PC-07,RX1,workstation,RX1-EPR,
LAB-AN-3,RX1,analyser,RX1-LIMS,
CRISIS-1,RY2,laptop,RY2-EPR,
";

/// All files, in an order in which each finds what it speaks of.
pub(crate) const FILES: [(&str, &str); 6] = [
    ("organisations.csv", ORGANISATIONS),
    ("suppliers.csv", SUPPLIERS),
    ("services.csv", SERVICES),
    ("systems.csv", SYSTEMS),
    ("dependencies.csv", DEPENDENCIES),
    ("devices.csv", DEVICES),
];

/// A code, an identifier, a thing, from its text.
pub(crate) fn of<T: FromStr>(text: &str) -> T {
    text.parse().ok().expect("readable")
}

pub(crate) fn ods(text: &str) -> OdsCode {
    of(text)
}

pub(crate) fn only(code: &str) -> Scope {
    Scope::organisation(ods(code))
}

/// The map with all files imported.
pub(crate) async fn filled(t: &TestDb) -> Map {
    let map = Map::open(t.db.clone()).await.unwrap();
    for (name, text) in FILES {
        let plan = import(&map, name, text, &Scope::sector()).await;
        assert!(plan.problems.is_empty(), "{name}: {:?}", plan.problems);
    }
    map
}

/// Plans and applies a file; gives the plan.
pub(crate) async fn import(map: &Map, name: &str, text: &str, scope: &Scope) -> Plan {
    let plan = map.plan(name, text.as_bytes(), scope, now()).await.unwrap();
    map.apply(&plan, None, now()).await.unwrap();
    plan
}

/// What is wrong, as `line field: message`.
pub(crate) fn problems(plan: &Plan) -> Vec<String> {
    let told = plan.problems.iter();
    told.map(|p| format!("{} {}: {}", p.line, p.field, p.message)).collect()
}
