//! `ward rules explain`: why a rule fires on an event or does not, question by question.

use std::{path::Path, sync::Arc};

use anyhow::{Context, Result, bail};
use event::{Event, Kind, Reader};
use sigma::{
    Explanation, Meta, Rule, RuleId, RuleSet,
    explain::{BodySaid, ItemSaid},
};
use terms::Place;

use super::{
    print,
    reading::{Reading, nothing_in, unread},
    together,
};
use crate::{
    cli::ExplainArgs,
    exit::Exit,
    load,
    term::{
        Look,
        paint::{Paint, paint},
        safe,
        wrap::hanging,
    },
    zone::Zone,
};

/// Runs it.
pub(crate) fn command(args: &ExplainArgs) -> Result<Exit> {
    let catalogue = load::catalogue(&args.catalogue)?;
    let set = rules(args)?;
    let id = rule(&set, &args.rule)?;
    if set.correlations().get(id).is_some() {
        return together::command(args, set, id, catalogue);
    }
    let rule = set.rule(id);
    let (place, record) = record(&args.event, args.record)?;
    let mut reader = Reader::new(catalogue);
    let look = Look::of_stdout(args.color, false);
    let explained = detect::with_event(&mut reader, &record, |event| {
        let said = sigma::explain(rule, event);
        (text(rule, event, &place, &said, look), said.holds())
    });
    let (text, holds) = explained.with_context(|| format!("cannot read {place}"))?;
    print(&text)?;
    Ok(if holds { Exit::Found } else { Exit::Nothing })
}

/// All rules to look in. A rule given as a path needs no others.
fn rules(args: &ExplainArgs) -> Result<RuleSet> {
    let as_path = Path::new(&args.rule);
    let own = [as_path.to_owned()];
    let paths = if args.files.rules.is_empty() && as_path.is_file() {
        &own
    } else {
        args.files.rules.as_slice()
    };
    let rules = load::all_rules(paths, &args.files.expand)?;
    if rules.usable == 0
        && let Some(refused) = rules.set.refused.first().or(rules.set.not_yet.first())
    {
        bail!("{}:{} cannot be used: {}", refused.file, refused.line, refused.reason);
    }
    Ok(rules.set)
}

fn rule(set: &RuleSet, name: &str) -> Result<RuleId> {
    let is_it =
        |(_, meta): &(RuleId, &Meta)| detect::filter::is_called(meta, name) || *meta.file == *name;
    let mut named: Vec<(RuleId, &Meta)> =
        (0..).map(RuleId).zip(set.metas()).filter(is_it).collect();
    // A file of a correlation with its rules goes by the correlation.
    let is_last = |(id, _): &(RuleId, &Meta)| set.correlations().links(*id).is_empty();
    if named.iter().filter(|one| is_last(one)).count() == 1 {
        named.retain(is_last);
    }
    match named.as_slice() {
        [(one, _)] => Ok(*one),
        [] => {
            let refused = set.refused.iter().chain(&set.not_yet);
            let mut refused = refused
                .filter(|one| one.title.eq_ignore_ascii_case(name) || one.file.ends_with(name));
            match refused.next() {
                Some(one) => bail!("{}:{} cannot be used: {}", one.file, one.line, one.reason),
                None => bail!(
                    "no rule is called {name:?}; give its id, title or file name: \
                     ward rules list shows them"
                ),
            }
        }
        several => {
            let ids: Vec<&str> = several.iter().map(|(_, meta)| &*meta.id).collect();
            bail!(
                "{name:?} is the name of {} rules; give one of the ids: {}",
                ids.len(),
                ids.join(", ")
            )
        }
    }
}

/// Record `number` of the file, counted from 1, and where it stands.
pub(super) fn record(path: &Path, number: u64) -> Result<(Place, Vec<u8>)> {
    let mut reading = Reading::start(path)?;
    let mut seen = 0;
    while let Some(unpacked) = reading.next() {
        let have = unpacked.records.len() as u64;
        if number >= 1 && seen + have >= number {
            let at = (number - seen - 1) as usize;
            if let Some((position, record)) = unpacked.iter().nth(at) {
                let place = Place { file: unpacked.file.clone(), position };
                return Ok((place, record.to_vec()));
            }
        }
        seen += have;
    }
    let problems = reading.problems();
    if seen == 0 {
        return Err(nothing_in(path, &problems));
    }
    let unread = unread(&problems).map(|fault| format!("; {fault}")).unwrap_or_default();
    bail!("there is no record {number}; {} has {seen}, counted from 1{unread}", path.display());
}

fn text(
    rule: &Rule,
    event: Event<'_, '_>,
    place: &Place,
    said: &Explanation,
    look: Look,
) -> String {
    let mut page = Page { look, out: String::new() };
    let title = format!("{} ({})", rule.meta.title, rule.meta.id);
    page.fact("Rule", &title);
    page.fact("Event", &facts(event, place));
    page.out.push('\n');
    let (holds, words) = source(rule, event.kind, said.belongs);
    page.line(0, Some(holds), &words);
    for selection in &said.selections {
        page.line(0, Some(selection.holds), &selection.name);
        page.body(2, &selection.body);
    }
    page.out.push('\n');
    page.fact("Condition", &rule.condition_text);
    let result = match (said.belongs, said.condition) {
        (true, true) => "The rule fires on this event.",
        (true, false) => "The rule does not fire: its condition does not hold.",
        (false, true) => {
            "The rule does not fire: its condition holds, but the event is not of its log source."
        }
        (false, false) => {
            "The rule does not fire: its condition does not hold, and the event is not of its log \
             source."
        }
    };
    page.line(0, Some(said.holds()), result);
    page.out
}

fn facts(event: Event<'_, '_>, place: &Place) -> String {
    let mut facts = vec![place.to_string()];
    let zone = Zone::utc();
    facts.extend(event.time().map(|at| format!("{} {}", zone.second(at), zone.name)));
    facts.extend(event.host().map(|host| format!("on {host}")));
    facts.extend(event.user().map(|user| format!("by {user}")));
    facts.push(format!("read as {}", event.kind.shape.title));
    facts.join(", ")
}

fn source(rule: &Rule, kind: &Arc<Kind>, belongs: bool) -> (bool, String) {
    let verb = if belongs { "asks for" } else { "asks for events of" };
    let text = format!(
        "Log source: the rule {verb} {}; the event belongs to {}",
        rule.logsource,
        kind.label()
    );
    (belongs, text)
}

struct Page {
    look: Look,
    out: String,
}

/// Texts of the event shown for one field.
const VALUES: usize = 6;
/// Values of a rule shown that did not hold.
const FAILED: usize = 6;

impl Page {
    fn fact(&mut self, word: &str, text: &str) {
        self.out.push_str(&hanging(word, 11, &safe(text), self.look.width));
        self.out.push('\n');
    }

    fn line(&mut self, indent: usize, holds: Option<bool>, text: &str) {
        let mark = holds.map_or(" ", |holds| self.look.mark(holds));
        let lead = format!("{:indent$}{mark}", "");
        let kind = match holds {
            Some(true) => Paint::Good,
            Some(false) => Paint::Bad,
            None => Paint::Faint,
        };
        let text = hanging(&lead, indent + 2, &safe(text), self.look.width);
        self.out.push_str(&paint(self.look, kind, &text));
        self.out.push('\n');
    }

    fn body(&mut self, indent: usize, body: &BodySaid) {
        match body {
            BodySaid::Items(items) => items.iter().for_each(|item| self.item(indent, item)),
            BodySaid::Any(list) => self.list(indent, "one of these must hold", list),
            BodySaid::All(list) => self.list(indent, "all of these must hold", list),
        }
    }

    fn list(&mut self, indent: usize, words: &str, list: &[(bool, BodySaid)]) {
        if let [(_, BodySaid::Items(items))] = list {
            items.iter().for_each(|item| self.item(indent, item));
            return;
        }
        self.line(indent, None, words);
        for (at, (holds, body)) in list.iter().enumerate() {
            self.line(indent + 2, Some(*holds), &format!("alternative {}", at + 1));
            self.body(indent + 4, body);
        }
    }

    fn item(&mut self, indent: usize, item: &ItemSaid) {
        let key = if item.key.is_empty() { "keywords" } else { &item.key };
        let asks = match (item.asked.len(), item.all) {
            (0 | 1, _) => String::new(),
            (n, true) => format!(": all of {n} values"),
            (n, false) => format!(": one of {n} values"),
        };
        self.line(indent, Some(item.holds), &format!("{key}{asks}"));
        self.line(indent + 2, None, &event_has(item));
        let held = item.asked.iter().filter(|asked| asked.holds);
        for asked in held {
            let by = match &asked.by {
                Some(by) if item.values.len() > 1 => format!("  in {by:?}"),
                _ => String::new(),
            };
            self.line(indent + 2, Some(true), &format!("{}{by}", quoted(&asked.written)));
        }
        let failed: Vec<_> = item.asked.iter().filter(|asked| !asked.holds).collect();
        for asked in failed.iter().take(FAILED) {
            self.line(indent + 2, Some(false), &quoted(&asked.written));
        }
        if failed.len() > FAILED {
            let more = format!("and {} more that do not hold", failed.len() - FAILED);
            self.line(indent + 2, None, &more);
        }
    }
}

fn quoted(text: &str) -> String {
    format!("'{text}'")
}

fn event_has(item: &ItemSaid) -> String {
    if item.field.is_none() {
        return match item.values.len() {
            0 => "no text of the event holds it".to_owned(),
            _ => "looked for in every text of the event".to_owned(),
        };
    }
    if !item.present {
        return "the event has no such field".to_owned();
    }
    if item.values.is_empty() {
        return "the field is null, or holds other fields".to_owned();
    }
    let shown: Vec<String> = item.values.iter().take(VALUES).map(|value| quoted(value)).collect();
    let more = match item.values.len().saturating_sub(VALUES) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    format!("the event has {}{more}", shown.join(", "))
}
