//! The audit trail in words: what verbs mean, what things are, what the details say.

use sector::Graph;
use serde_json::Value;

use crate::{pieces::words::shortened, view};

/// Verbs and what they say of somebody: "invited somebody".
const VERBS: &[(&str, &str)] = &[
    ("alert.take", "took an alert"),
    ("alert.hand_over", "handed an alert over"),
    ("alert.comment", "commented on an alert"),
    ("alert.close", "closed an alert"),
    ("alert.reopen", "reopened an alert"),
    ("alert.undo", "took back what was done to an alert"),
    ("exception.make", "made an exception"),
    ("exception.revoke", "ended an exception"),
    ("grant.give", "gave a role"),
    ("grant.revoke", "took a role away"),
    ("map.add", "added something to the map"),
    ("map.change", "changed something on the map"),
    ("map.close", "closed something on the map"),
    ("map.depend", "said that one thing depends on another"),
    ("map.undepend", "said that one thing does not depend on another"),
    ("map.import", "imported a file into the map"),
    ("map.undo", "took a change of the map back"),
    ("person.accept_invitation", "accepted an invitation"),
    ("person.change_password", "changed their password"),
    ("person.claim", "became the first administrator"),
    ("person.disable", "disabled an account"),
    ("person.enable", "enabled an account"),
    ("person.end_sessions", "signed somebody out everywhere"),
    ("person.enrol_totp", "set up an authenticator app"),
    ("person.invite", "invited somebody"),
    ("person.renew_invitation", "made a new invitation link"),
    ("person.renew_recovery_codes", "made new recovery codes"),
    ("person.reset_link", "made a link for a new password"),
    ("person.reset_password", "chose another password by a link"),
    ("person.reset_second_factor", "took somebody's second factor away"),
    ("person.set_profile", "changed their name or time zone"),
    ("rule.switch_off", "switched a rule off"),
    ("rule.switch_on", "switched a rule on"),
    ("rule.switch_remove", "took back that a rule was switched"),
    ("sign_in.pass", "signed in"),
    ("sign_in.refuse", "was refused a sign-in"),
    ("sign_out", "signed out"),
    ("sign_out.everywhere", "signed out everywhere"),
    ("token.create", "made a token"),
    ("token.revoke", "revoked a token"),
    ("view.delete", "deleted a saved view"),
    ("view.save", "saved a view"),
];

/// Groups of verbs that a list is narrowed by: how they begin, and what they are.
pub(super) const GROUPS: &[(&str, &str)] = &[
    ("sign_", "Signing in and out"),
    ("person.", "Accounts"),
    ("grant.", "Roles"),
    ("token.", "Tokens"),
    ("alert.", "Alerts"),
    ("exception.", "Exceptions"),
    ("rule.", "Rules"),
    ("map.", "The map"),
    ("device.", "Devices"),
    ("source.", "Sources"),
    ("view.", "Saved views"),
];

/// What a verb says; one that has no words yet is shown as it is, never hidden.
pub(super) fn deed(verb: &str) -> String {
    let known = VERBS.iter().find(|(one, _)| *one == verb);
    known.map_or_else(|| verb.replace(['.', '_'], " "), |(_, words)| (*words).to_owned())
}

/// What a group of verbs is called.
pub(super) fn group(begins: &str) -> String {
    let known = GROUPS.iter().find(|(one, _)| *one == begins);
    known.map_or_else(|| begins.to_owned(), |(_, words)| (*words).to_owned())
}

/// The longest text of details in a row.
const MOST: usize = 160;

/// The details in a line: ids left out, parts of the sector by name.
pub(super) fn details(json: &str, graph: &Graph) -> String {
    let Ok(Value::Object(fields)) = serde_json::from_str(json) else { return String::new() };
    let told = fields.iter().filter_map(|(key, value)| {
        let value = value_text(key, value, graph)?;
        Some(format!("{}: {value}", key.replace('_', " ")))
    });
    shortened(&told.collect::<Vec<_>>().join(" · "), MOST)
}

fn value_text(key: &str, value: &Value, graph: &Graph) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if text.is_empty() || is_id(text) => None,
        Value::String(text) if key == "part" => {
            Some(text.parse().map_or_else(|_| text.clone(), |part| view::name_in(&part, graph)))
        }
        Value::String(text) => Some(text.clone()),
        Value::Bool(is) => Some(if *is { "yes" } else { "no" }.to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(all) => {
            let texts: Vec<String> =
                all.iter().filter_map(|one| value_text(key, one, graph)).collect();
            (!texts.is_empty()).then(|| texts.join(", "))
        }
        Value::Object(fields) => {
            let texts = fields
                .iter()
                .filter_map(|(key, one)| Some(format!("{key} {}", value_text(key, one, graph)?)));
            let texts: Vec<String> = texts.collect();
            (!texts.is_empty()).then(|| texts.join(" "))
        }
    }
}

/// Whether a text is an id: it says nothing to people.
fn is_id(text: &str) -> bool {
    let is_uuid = text.len() == 36 && text.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let is_who = text.starts_with("person:") || text.starts_with("token:");
    is_uuid || is_who
}

#[cfg(test)]
mod tests {
    use sector::Parts;

    use super::*;

    fn check(json: &str, expected: &str) {
        assert_eq!(details(json, &Graph::build(Parts::default())), expected, "{json}");
    }

    #[test]
    fn details_are_told_without_ids() {
        check(
            r#"{"by":"01935b1e-0000-7000-8000-000000000001","role":"analyst","until":null}"#,
            "role: analyst",
        );
        check(r#"{"part":"sector","is_new":true}"#, "part: Whole sector · is new: yes");
        check(r#"{"permissions":["a","b"],"of":{"x":1}}"#, "permissions: a, b · of: x 1");
        check("{}", "");
        check("broken", "");
        assert!(
            details(
                &format!("{{\"a\":\"{}\"}}", "x".repeat(9999)),
                &Graph::build(Parts::default())
            )
            .chars()
            .count()
                <= MOST
        );
    }

    #[test]
    fn a_verb_without_words_is_shown_as_it_is() {
        assert_eq!(deed("alert.close"), "closed an alert");
        assert_eq!(deed("device.set_owner"), "device set owner");
    }

    #[test]
    fn every_verb_lies_in_a_group_that_can_be_chosen() {
        for (verb, _) in VERBS {
            assert!(GROUPS.iter().any(|(begins, _)| verb.starts_with(begins)), "{verb}");
        }
    }
}
