//! Windows events in XML, as Windows renders them and Sysmon for Linux writes them to syslog, on
//! one line. They become the flat shape: system fields and the event's own data side by side.
//!
//! Of data whose name a system field bears, the key is `EventData_` and the name. Nothing outside
//! the five predefined entities is expanded, and nesting is bounded.

use quick_xml::{
    Reader,
    escape::{resolve_predefined_entity, unescape},
    events::{BytesStart, Event},
};

use super::Object;
use crate::Damage;

/// Elements may be nested this deep.
const MAX_DEPTH: usize = 32;
/// Attributes of one element beyond this number are passed over.
const MAX_ATTRIBUTES: usize = 64;

/// Where an event starts in the line, if there is one.
pub(super) fn start(text: &str) -> Option<usize> {
    let at = text.find("<Event").filter(|at| {
        matches!(
            text.as_bytes().get(at + "<Event".len()),
            Some(b'>' | b' ' | b'\t' | b'\n' | b'\r')
        )
    })?;
    // Either a document of its own or behind a syslog header, not quoted in some message.
    text[at..].contains("<System").then_some(at)
}

/// Reads one event, whose start [`start`] has found.
///
/// Errors: [`Damage::Xml`] with the byte, [`Damage::TooDeep`].
pub(super) fn read(text: &str, object: &mut Object<'_>) -> Result<(), Damage> {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk::default();
    loop {
        let at = reader.buffer_position() as usize;
        let damaged = || Damage::Xml(at);
        match reader.read_event().map_err(|_| damaged())? {
            Event::Start(tag) => {
                walk.open(&tag, object).ok_or_else(damaged)??;
                if walk.open.len() > MAX_DEPTH {
                    return Err(Damage::TooDeep(at));
                }
            }
            Event::Empty(tag) => {
                walk.open(&tag, object).ok_or_else(damaged)??;
                walk.close(object)?;
            }
            Event::End(_) => {
                walk.close(object)?;
                if walk.open.is_empty() {
                    return Ok(());
                }
            }
            Event::Text(piece) => walk.text.push_str(&piece),
            Event::CData(piece) => walk.text.push_str(&piece),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => walk.text.push(c),
                _ => {
                    walk.text.push_str(resolve_predefined_entity(&reference).unwrap_or("\u{fffd}"));
                }
            },
            Event::Eof => return Err(Damage::Truncated(text.len())),
            _ => {}
        }
    }
}

/// The elements that are open, each with its name and the key of its text.
#[derive(Default)]
struct Walk {
    open: Vec<(String, Option<String>)>,
    text: String,
    system: Vec<String>,
    has_children: bool,
}

impl Walk {
    /// `None` if the tag is damaged.
    fn open(
        &mut self,
        tag: &BytesStart<'_>,
        object: &mut Object<'_>,
    ) -> Option<Result<(), Damage>> {
        let name = tag.local_name().into_inner().to_owned();
        let mut attributes = Vec::new();
        for attribute in tag.attributes().with_checks(false).take(MAX_ATTRIBUTES) {
            let attribute = attribute.ok()?;
            let key = attribute.key.local_name().into_inner().to_owned();
            let value = unescape(&attribute.value).ok()?.into_owned();
            attributes.push((key, value));
        }
        self.text.clear();
        self.has_children = false;
        let section = self.open.get(1).map(|(name, _)| name.as_str());
        let key = match section {
            Some("System") => match self.system_field(&name, &attributes, object) {
                Ok(key) => key,
                Err(damage) => return Some(Err(damage)),
            },
            Some("EventData") => {
                let named = attributes.into_iter().find(|(key, _)| key == "Name");
                Some(named.map_or_else(|| name.clone(), |(_, value)| value))
            }
            Some("UserData") => Some(name.clone()),
            Some("RenderingInfo") if name == "Message" => Some(name.clone()),
            _ => None,
        };
        self.open.push((name, key));
        Some(Ok(()))
    }

    fn close(&mut self, object: &mut Object<'_>) -> Result<(), Damage> {
        let Some((_, key)) = self.open.pop() else { return Ok(()) };
        let text = std::mem::take(&mut self.text);
        let is_leaf = !std::mem::replace(&mut self.has_children, true);
        let Some(key) = key.filter(|_| is_leaf) else { return Ok(()) };
        let in_system = self.open.get(1).is_some_and(|(name, _)| name == "System");
        if in_system {
            return self.put_system(&key, text.trim(), object);
        }
        // Blanks around the text belong to the value, line breaks of a pretty printer do not.
        let text = if text.trim().is_empty() { "" } else { text.as_str() };
        if self.system.contains(&key) {
            return object.put(&format!("EventData_{key}"), text);
        }
        object.put(&key, text)
    }

    /// Writes the attributes of a system element; gives the key of its text, if it has any.
    fn system_field(
        &mut self,
        name: &str,
        attributes: &[(String, String)],
        object: &mut Object<'_>,
    ) -> Result<Option<String>, Damage> {
        for (attribute, value) in attributes {
            let key = match (name, attribute.as_str()) {
                ("Provider", "Name") => "Provider_Name",
                ("Provider", "Guid") => "Provider_Guid",
                ("TimeCreated", "SystemTime") => "SystemTime",
                ("Execution", "ProcessID") => "Execution_ProcessID",
                ("Execution", "ThreadID") => "Execution_ThreadID",
                ("Security", "UserID") => "UserID",
                _ => continue,
            };
            self.put_system(key, value, object)?;
        }
        let has_text =
            !matches!(name, "Provider" | "TimeCreated" | "Execution" | "Security" | "Correlation");
        Ok(has_text.then(|| name.to_owned()))
    }

    fn put_system(
        &mut self,
        key: &str,
        value: &str,
        object: &mut Object<'_>,
    ) -> Result<(), Damage> {
        object.put(key, value)?;
        if self.system.len() < 64 {
            self.system.push(key.to_owned());
        }
        Ok(())
    }
}
