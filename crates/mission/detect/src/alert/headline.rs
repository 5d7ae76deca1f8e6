//! What happened, in one form: who did what, where, which supports which service for how many
//! people. In: a signal and what rests on its device. Out: a sentence or two. Pure.
//!
//! It names accounts and programs, never a person as the cause: an account is what was used.

use terms::OdsCode;

use super::{RuleText, Signal, StepKind, Support, rank::counted, signal::beginning};

/// Bytes of a headline.
pub const MAX_BYTES: usize = 400;
const MAX_PART_BYTES: usize = 80;

/// The headline of an alert on one device.
pub fn of_signal(signal: &Signal, support: &Support) -> String {
    let what = format!("{}: {}.", doer_and_place(signal), title(&signal.rule));
    bounded(format!("{what} {}", supported("It", support)))
}

/// The headline of a flood: the rule, how many devices, what rests on the worst of them.
pub fn of_flood(
    organisation: &OdsCode,
    rule: &RuleText,
    devices: u64,
    support: &Support,
) -> String {
    let devices = match devices {
        0 | 1 => format!("One device of {organisation}"),
        _ => format!("{} devices of {organisation}", counted(devices)),
    };
    let what = format!("{devices}: {}.", title(rule));
    bounded(format!("{what} {}", supported("The most critical of them", support)))
}

fn doer_and_place(signal: &Signal) -> String {
    let process = program(&signal.who.process);
    let parent = program(&signal.who.parent);
    let account = shortened(signal.who.user.trim());
    let place = match signal.device_name() {
        "" => format!("a device of {}", signal.organisation),
        device => shortened(device),
    };
    let doer = match (process.as_str(), parent.as_str(), account.as_str()) {
        ("", _, "") => return capital(&format!("on {place}")),
        ("", _, account) => format!("the account {account}"),
        (process, "", "") => process.to_owned(),
        (process, "", account) => format!("{process} under the account {account}"),
        (process, parent, "") => format!("{process} started by {parent}"),
        (process, parent, account) => {
            format!("{process} started by {parent} under the account {account}")
        }
    };
    capital(&format!("{doer} on {place}"))
}

fn title(rule: &RuleText) -> String {
    let title = rule.title.trim().trim_end_matches('.');
    if title.is_empty() { format!("rule {}", rule.id) } else { title.to_owned() }
}

/// The name of a program without its folders and without what marks it as a program.
fn program(path: &str) -> String {
    let name = path.trim().trim_matches('"').rsplit(['\\', '/']).next().unwrap_or_default();
    let bare = match name.len().checked_sub(4).and_then(|at| name.split_at_checked(at)) {
        Some((bare, end)) if end.eq_ignore_ascii_case(".exe") && !bare.is_empty() => bare,
        _ => name,
    };
    shortened(bare)
}

fn supported(subject: &str, support: &Support) -> String {
    if !support.is_known {
        return "The map does not say what depends on it.".to_owned();
    }
    let Some((path, service)) = support.first(StepKind::Service) else {
        return "No service on the map depends on it.".to_owned();
    };
    let people = match path.patients_per_day {
        None | Some(0) => String::new(),
        Some(1) => " (about 1 patient a day)".to_owned(),
        Some(people) => format!(" (about {} patients a day)", counted(people.into())),
    };
    let service = shortened(&service.name);
    let system = path.steps.iter().find(|step| step.kind == StepKind::System);
    match system {
        Some(system) => {
            format!("{subject} runs {} for {service}{people}.", shortened(&system.name))
        }
        None => format!("{subject} serves {service}{people}."),
    }
}

/// Without line breaks and other controls, and not longer than a part may be.
fn shortened(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let kept = beginning(&plain, MAX_PART_BYTES);
    if kept.len() < plain.len() { format!("{kept}…") } else { plain }
}

fn capital(text: &str) -> String {
    let is_sentence =
        ["on ", "the account ", "a device "].iter().any(|word| text.starts_with(word));
    if !is_sentence {
        // A program's name is spelt as the event spells it.
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn bounded(text: String) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let kept = beginning(&plain, MAX_BYTES);
    if kept.len() < plain.len() { format!("{kept}…") } else { plain }
}
