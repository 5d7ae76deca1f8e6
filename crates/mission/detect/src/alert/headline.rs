//! What happened, in one form: what may be going on and where, in words anybody knows; which
//! service depends on it for how many people; and below that what exactly was seen. In: a signal
//! and what rests on its device. Out: three sentences. Pure.
//!
//! It names accounts and programs, never a person as the cause: an account is what was used.

use terms::OdsCode;

use super::{RuleText, Signal, StepKind, Support, rank::counted, signal::beginning, words};

/// Bytes of a headline.
pub const MAX_BYTES: usize = 400;
const MAX_PART_BYTES: usize = 80;

/// The sentences of a headline, without their full stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parts<'h> {
    /// What may be going on, and where.
    pub what: &'h str,
    /// What depends on it, for how many people.
    pub supports: &'h str,
    /// What exactly was seen: program, account, rule.
    pub seen: &'h str,
}

/// A headline taken apart. No name in it holds the end of a sentence.
pub fn parts(headline: &str) -> Parts<'_> {
    let mut sentences = headline.trim_end_matches('.').splitn(3, ". ");
    let mut next = || sentences.next().unwrap_or_default();
    Parts { what: next(), supports: next(), seen: next() }
}

/// The headline of an alert on one device.
pub fn of_signal(signal: &Signal, support: &Support) -> String {
    let place = match signal.device_name() {
        "" => format!("a device of {}", signal.organisation),
        device => shortened(device),
    };
    let what = format!("{} on {place}.", happening(&signal.rule));
    bounded(format!("{what} {} {}.", supported("It", support), seen(signal)))
}

/// The headline of a flood: how many devices, what rests on the worst of them, the rule.
pub fn of_flood(
    organisation: &OdsCode,
    rule: &RuleText,
    devices: u64,
    support: &Support,
) -> String {
    let devices = match devices {
        0 | 1 => format!("one device of {organisation}"),
        _ => format!("{} devices of {organisation}", counted(devices)),
    };
    let what = format!("{} on {devices}.", happening(rule));
    let supports = supported("The most critical of them", support);
    bounded(format!("{what} {supports} Rule: {}.", title(rule)))
}

/// What may be going on, by the tags of the rule; where they say nothing, by its title.
fn happening(rule: &RuleText) -> String {
    words::of_rule(&rule.tags).map_or_else(|| format!("{}: seen", title(rule)), str::to_owned)
}

/// "Program: powershell, started by WINWORD; account: EX\ward7; rule: Example".
fn seen(signal: &Signal) -> String {
    let process = program(&signal.who.process);
    let parent = program(&signal.who.parent);
    let account = shortened(signal.who.user.trim());
    let mut told = Vec::new();
    match (process.as_str(), parent.as_str()) {
        ("", _) => {}
        (process, "") => told.push(format!("program: {process}")),
        (process, parent) => told.push(format!("program: {process}, started by {parent}")),
    }
    if !account.is_empty() {
        told.push(format!("account: {account}"));
    }
    told.push(format!("rule: {}", title(&signal.rule)));
    capital(&told.join("; "))
}

fn title(rule: &RuleText) -> String {
    let title = within_a_sentence(rule.title.trim().trim_end_matches('.'));
    if title.is_empty() { format!("rule {}", rule.id) } else { title }
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
    let plain = within_a_sentence(text);
    let kept = beginning(&plain, MAX_PART_BYTES);
    if kept.len() < plain.len() { format!("{kept}…") } else { plain }
}

/// Without controls, and with no blank after a full stop that [`parts`] would take for the end of
/// a sentence: a no-break space stands there.
fn within_a_sentence(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.replace(". ", ".\u{a0}")
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn bounded(text: String) -> String {
    let kept = beginning(&text, MAX_BYTES);
    if kept.len() < text.len() { format!("{kept}…") } else { text }
}
