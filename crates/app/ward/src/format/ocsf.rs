//! OCSF Detection Finding (class 2004 of OCSF 1.4), one JSON object a line.
//!
//! Source: the schema's `events/findings/detection_finding.json`, `events/findings/finding.json`
//! and the objects they name, release 1.4.0.

use std::sync::Arc;

use detect::{Finding, Found};
use serde_json::{Value, json};
use sigma::{Engine, Meta, RuleId};
use terms::{Level, Place, Timestamp};

use super::{
    Form, Written,
    finding::{event, matched_text, part_of},
};

/// Release of the schema that is written.
const SCHEMA: &str = "1.4.0";

/// One finding a line.
pub(crate) struct OcsfForm {
    engine: Arc<Engine>,
}

impl OcsfForm {
    /// For findings of these rules.
    pub(crate) fn new(engine: Arc<Engine>) -> Self {
        OcsfForm { engine }
    }
}

impl Form for OcsfForm {
    fn finding(&mut self, found: &mut Found<'_>, out: &mut Written) {
        let shown = Shown {
            at: found.at,
            place: found.place(),
            host: found.host,
            user: found.user,
            record: found.record,
            matched: matched_text(found.parts()),
        };
        self.write(&shown, found.rule, out);
    }

    fn firing(&mut self, finding: Finding, out: &mut Written) {
        let shown = Shown {
            at: finding.at,
            place: finding.place.clone(),
            host: &finding.host,
            user: &finding.user,
            record: &finding.event,
            matched: matched_text(finding.matched.iter().map(part_of)),
        };
        self.write(&shown, finding.rule, out);
    }
}

impl OcsfForm {
    fn write(&self, shown: &Shown<'_>, rule: RuleId, out: &mut Written) {
        let meta = self.engine.rules().meta(rule);
        serde_json::to_writer(&mut out.text, &detection_finding(shown, meta))
            .expect("a JSON value can be written, and to memory");
        out.text.push(b'\n');
    }
}

/// What the schema wants to know of a finding.
struct Shown<'s> {
    at: Option<Timestamp>,
    place: Place,
    host: &'s str,
    user: &'s str,
    record: &'s str,
    matched: String,
}

fn severity(level: Level) -> (u8, &'static str) {
    match level {
        Level::Informational => (1, "Informational"),
        Level::Low => (2, "Low"),
        Level::Medium => (3, "Medium"),
        Level::High => (4, "High"),
        Level::Critical => (5, "Critical"),
    }
}

fn detection_finding(found: &Shown<'_>, meta: &Meta) -> Value {
    let (severity_id, severity) = severity(meta.level);
    let record = event(found.record);
    let mut out = json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "severity_id": severity_id,
        "severity": severity,
        // Required; a record that tells no time gets the beginning of time, and says so below.
        "time": found.at.map_or(0, |at| at.as_millisecond()),
        "status_id": 1,
        "status": "New",
        "is_alert": true,
        "message": meta.title,
        "metadata": {
            "version": SCHEMA,
            "product": {
                "name": "Ward",
                "vendor_name": "Ward",
                "version": env!("CARGO_PKG_VERSION"),
            },
            "profiles": ["host"],
            "log_name": &*found.place.file,
            "original_time": found.at.map(|at| at.to_string()),
        },
        "finding_info": finding_info(found, meta),
        "evidences": [evidence(found, &record)],
        "unmapped": {
            "place": found.place.to_string(),
            "time_is_known": found.at.is_some(),
            "matched": found.matched,
            "rule_file": &*meta.file,
            "rule_author": meta.author,
            "rule_license": meta.license,
            "falsepositives": meta.falsepositives,
        },
    });
    if !meta.harm.is_empty() {
        // With "other", the word is the source's own.
        out["impact_id"] = json!(99);
        out["impact"] = json!(meta.harm);
    }
    if !meta.action.is_empty() {
        out["remediation"] = json!({"desc": meta.action});
    }
    if !found.host.is_empty() {
        out["device"] = device(found.host);
    }
    if !found.user.is_empty() {
        out["actor"] = actor(found.user);
    }
    out
}

fn finding_info(found: &Shown<'_>, meta: &Meta) -> Value {
    let mut info = json!({
        "uid": uid(found, meta),
        "title": meta.title,
        "desc": meta.description,
        "types": ["Sigma rule"],
        "analytic": {
            "type_id": 1,
            "type": "Rule",
            "uid": meta.id,
            "name": meta.title,
            "category": "Sigma",
        },
        "data_sources": [&*found.place.file],
    });
    let attacks = attacks(meta);
    if !attacks.is_empty() {
        info["attacks"] = attacks.into();
    }
    if let Some(at) = found.at {
        info["first_seen_time"] = json!(at.as_millisecond());
        info["last_seen_time"] = json!(at.as_millisecond());
    }
    info
}

/// The same for the same rule at the same place, so that a second import finds it again.
fn uid(found: &Shown<'_>, meta: &Meta) -> String {
    let rule = if meta.id.is_empty() { &meta.title } else { &meta.id };
    format!("{rule}:{}", found.place)
}

/// One entry a technique; without one, one a tactic.
fn attacks(meta: &Meta) -> Vec<Value> {
    let tactics: Vec<Value> = meta.tactics().filter_map(|name| tactic(&name)).collect();
    let mut out: Vec<Value> = meta
        .techniques()
        .map(|number| {
            let (main, is_sub) = match number.split_once('.') {
                Some((main, _)) => (main.to_owned(), true),
                None => (number.clone(), false),
            };
            let mut attack = json!({"technique": {"uid": main}, "tactics": tactics});
            if is_sub {
                attack["sub_technique"] = json!({"uid": number});
            }
            if let [tactic] = tactics.as_slice() {
                attack["tactic"] = tactic.clone();
            }
            attack
        })
        .collect();
    if out.is_empty() {
        out.extend(tactics.into_iter().map(|tactic| json!({"tactic": tactic})));
    }
    out
}

/// Number and name of a tactic by its short name.
fn tactic(name: &str) -> Option<Value> {
    let (uid, name) = match name {
        "reconnaissance" => ("TA0043", "Reconnaissance"),
        "resource-development" => ("TA0042", "Resource Development"),
        "initial-access" => ("TA0001", "Initial Access"),
        "execution" => ("TA0002", "Execution"),
        "persistence" => ("TA0003", "Persistence"),
        "privilege-escalation" => ("TA0004", "Privilege Escalation"),
        "stealth" => ("TA0005", "Stealth"),
        "defense-evasion" => ("TA0005", "Defense Evasion"),
        "defense-impairment" => ("TA0112", "Defense Impairment"),
        "credential-access" => ("TA0006", "Credential Access"),
        "discovery" => ("TA0007", "Discovery"),
        "lateral-movement" => ("TA0008", "Lateral Movement"),
        "collection" => ("TA0009", "Collection"),
        "command-and-control" => ("TA0011", "Command and Control"),
        "exfiltration" => ("TA0010", "Exfiltration"),
        "impact" => ("TA0040", "Impact"),
        _ => return None,
    };
    Some(json!({"uid": uid, "name": name}))
}

fn evidence(found: &Shown<'_>, record: &serde_json::value::RawValue) -> Value {
    let data: Value = serde_json::from_str(record.get()).unwrap_or_else(|_| json!(record.get()));
    let mut evidence = json!({"data": data, "name": found.place.to_string()});
    if !found.host.is_empty() {
        evidence["device"] = device(found.host);
    }
    if !found.user.is_empty() {
        evidence["actor"] = actor(found.user);
    }
    evidence
}

fn device(host: &str) -> Value {
    json!({"hostname": host, "type_id": 0, "type": "Unknown"})
}

fn actor(user: &str) -> Value {
    json!({"user": {"name": user}})
}
