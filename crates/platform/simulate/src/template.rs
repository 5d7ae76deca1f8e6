//! Text with places to fill: a record is compiled once and written millions of times.
//!
//! A place is `{name}` or `{name.argument.key}`. Places with the same key hold the same value in
//! all records of one activity, so that a connection names the process that was started before;
//! places without a key differ from record to record. `{{` is a brace. A text that begins with
//! `=` stands in JSON without quotes: a number.

use serde_json::Value;

use crate::{
    chance::{below, mix},
    clock::{Clock, Spelling},
    estate::{House, Station},
    library::Lists,
};

/// A record with places to fill.
#[derive(Clone, Debug, Default)]
pub(crate) struct Template(Vec<Piece>);

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(Vec<u8>),
    Slot(Slot),
}

/// A place to fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    /// When.
    Time(Spelling),
    /// Code of the organisation.
    Organisation,
    /// Name of the device.
    Host,
    /// Address of the device.
    Ip,
    /// Address of a server of the same organisation.
    PeerIp(Key),
    /// Number of the record on its device.
    Serial,
    /// Account of somebody who works at the device.
    User,
    /// Relative identifier of that account.
    Rid,
    /// Number of a process.
    Pid(Key),
    /// A GUID, without braces.
    Guid(Key),
    /// A port of a client.
    Port(Key),
    /// A number from a range.
    Number(u32, u32, Key),
    /// Hexadecimal digits.
    Hex(u8, Key),
    /// An entry of a list.
    Pick(u16, Key),
}

/// Which value: the same in all records of an activity, or another in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    Shared(u8),
    Each,
}

/// What a record is about.
pub(crate) struct Scene<'s> {
    pub(crate) clock: &'s Clock,
    pub(crate) lists: &'s Lists,
    pub(crate) house: &'s House,
    pub(crate) station: &'s Station,
    /// Decides the values shared by an activity.
    pub(crate) salt: u64,
    /// Number of the record on its device.
    pub(crate) serial: u64,
}

impl Template {
    /// Compiles a JSON value whose texts have places. Errors: what is wrong, in words.
    pub(crate) fn new(value: &Value, lists: &Lists) -> Result<Self, String> {
        let mut template = Template::default();
        template.value(value, lists)?;
        Ok(template)
    }

    fn value(&mut self, value: &Value, lists: &Lists) -> Result<(), String> {
        match value {
            Value::Object(map) => {
                for (at, (name, value)) in map.iter().enumerate() {
                    self.text(if at == 0 { "{" } else { "," });
                    self.text(&quoted(name));
                    self.text(":");
                    self.value(value, lists)?;
                }
                self.text(if map.is_empty() { "{}" } else { "}" });
            }
            Value::Array(list) => {
                for (at, value) in list.iter().enumerate() {
                    self.text(if at == 0 { "[" } else { "," });
                    self.value(value, lists)?;
                }
                self.text(if list.is_empty() { "[]" } else { "]" });
            }
            Value::String(text) => match text.strip_prefix('=') {
                Some(number) => self.places(number, lists)?,
                None => {
                    self.text("\"");
                    self.places(text, lists)?;
                    self.text("\"");
                }
            },
            other => self.text(&other.to_string()),
        }
        Ok(())
    }

    fn places(&mut self, text: &str, lists: &Lists) -> Result<(), String> {
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            self.text(&escaped(&rest[..at]));
            let brace = &rest[at..at + 1];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                self.text(brace);
                rest = after;
            } else if brace == "{"
                && let Some((name, after)) = rest.split_once('}')
            {
                self.0.push(Piece::Slot(slot(name, lists)?));
                rest = after;
            } else {
                return Err(format!("{text:?} has a brace alone; write it twice"));
            }
        }
        self.text(&escaped(rest));
        Ok(())
    }

    /// Appends JSON as it is.
    fn text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some(Piece::Text(before)) => before.extend_from_slice(text.as_bytes()),
            _ => self.0.push(Piece::Text(text.as_bytes().to_vec())),
        }
    }

    /// Appends the record of a scene.
    pub(crate) fn write(&self, scene: &Scene<'_>, out: &mut Vec<u8>) {
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Slot(slot) => scene.fill(*slot, out),
            }
        }
    }
}

fn slot(name: &str, lists: &Lists) -> Result<Slot, String> {
    let mut parts = name.split('.');
    let (head, argument, key) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let unknown = || format!("there is no place {{{name}}}");
    if parts.next().is_some() {
        return Err(unknown());
    }
    let shared = |text: Option<&str>| match text {
        None => Ok(Key::Each),
        Some(text) => text.parse().map(Key::Shared).map_err(|_| unknown()),
    };
    let process = |text: Option<&str>| shared(Some(text.unwrap_or("0")));
    Ok(match (head, argument) {
        ("time", None) => Slot::Time(Spelling::Millis),
        ("time", Some("micros")) => Slot::Time(Spelling::Micros),
        ("time", Some("sysmon")) => Slot::Time(Spelling::Sysmon),
        ("time", Some("eve")) => Slot::Time(Spelling::Eve),
        ("time", Some("epoch")) => Slot::Time(Spelling::Epoch),
        ("time", Some("seconds")) => Slot::Time(Spelling::Seconds),
        ("org", None) => Slot::Organisation,
        ("host", None) => Slot::Host,
        ("ip", None) => Slot::Ip,
        ("peer", at) => Slot::PeerIp(process(at)?),
        ("serial", None) => Slot::Serial,
        ("user", None) => Slot::User,
        ("rid", None) => Slot::Rid,
        ("pid", at) => Slot::Pid(process(at)?),
        ("guid", at) => Slot::Guid(process(at)?),
        ("port", at) => Slot::Port(process(at)?),
        ("hex", Some(width)) => Slot::Hex(width.parse().map_err(|_| unknown())?, shared(key)?),
        ("number", Some(range)) => {
            let (low, high) = range.split_once('-').ok_or_else(unknown)?;
            let low: u32 = low.parse().map_err(|_| unknown())?;
            let high: u32 = high.parse().map_err(|_| unknown())?;
            let span = high.checked_sub(low).and_then(|span| span.checked_add(1));
            Slot::Number(low, span.ok_or_else(unknown)?, shared(key)?)
        }
        ("list", Some(list)) => {
            let at = lists.find(list).ok_or_else(|| format!("there is no list {list:?}"))?;
            Slot::Pick(at, shared(key)?)
        }
        _ => return Err(unknown()),
    })
}

impl Scene<'_> {
    /// The number that decides a place. `kind` keeps places of different kinds apart.
    fn number(&self, kind: u64, key: Key) -> u64 {
        match key {
            Key::Shared(key) => mix(self.salt, kind << 8 | u64::from(key)),
            Key::Each => mix(self.salt ^ self.serial << 20, kind << 8 | 0xff),
        }
    }

    #[inline]
    fn fill(&self, slot: Slot, out: &mut Vec<u8>) {
        match slot {
            Slot::Time(spelling) => self.clock.write(spelling, out),
            Slot::Organisation => out.extend_from_slice(self.house.json.as_bytes()),
            Slot::Host => out.extend_from_slice(self.station.json.as_bytes()),
            Slot::Ip => out.extend_from_slice(self.station.ip.as_bytes()),
            Slot::PeerIp(key) => {
                let at = below(self.number(1, key), self.house.peers.len() as u64);
                out.extend_from_slice(self.house.peers[at as usize].as_bytes());
            }
            Slot::Serial => write_number(self.serial, out),
            Slot::User => {
                out.extend_from_slice(b"example.");
                out.extend_from_slice(self.station.job.as_bytes());
                out.push(b'.');
                write_number(100 + self.person(), out);
            }
            Slot::Rid => write_number(2100 + self.person(), out),
            // Process numbers of Windows are multiples of four.
            Slot::Pid(key) => write_number(1000 + 4 * below(self.number(2, key), 6000), out),
            Slot::Guid(key) => write_guid(self.number(3, key), out),
            Slot::Port(key) => write_number(49_152 + below(self.number(4, key), 16_384), out),
            Slot::Number(low, span, key) => {
                let number = below(self.number(5, key), u64::from(span));
                write_number(u64::from(low) + number, out);
            }
            Slot::Hex(width, key) => write_hex(self.number(6, key), width, out),
            Slot::Pick(list, key) => {
                let number = self.number(7 + u64::from(list), key);
                out.extend_from_slice(self.lists.pick(list, number).as_bytes());
            }
        }
    }

    /// Which of the few people who use the device.
    fn person(&self) -> u64 {
        let turn = self.salt & 3;
        below(mix(self.station.number, turn), 800)
    }
}

/// Appends a number.
pub(crate) fn write_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn write_hex(number: u64, width: u8, out: &mut Vec<u8>) {
    let mut number = number;
    for at in 0..width {
        if at % 16 == 15 {
            number = mix(number, 1);
        }
        out.push(HEX[(number & 15) as usize]);
        number = number.rotate_right(4);
    }
}

fn write_guid(number: u64, out: &mut Vec<u8>) {
    let second = mix(number, 9);
    write_hex(number, 8, out);
    for part in [number >> 32, number >> 48, second] {
        out.push(b'-');
        write_hex(part, 4, out);
    }
    out.push(b'-');
    write_hex(second >> 16, 12, out);
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// A text as it stands between the quotes of JSON.
pub(crate) fn escaped(text: &str) -> String {
    let quoted = quoted(text);
    quoted[1..quoted.len() - 1].to_owned()
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
