//! The sites as the telemetry sees them: each device with its trade, address and names ready to
//! be written.

use std::sync::Arc;

use crate::{
    Device, Library, Site,
    chance::{below, mix, of_text},
    form::{FORMS, Form},
    library::Trade,
    template::escaped,
};

/// An organisation.
#[derive(Debug)]
pub(crate) struct House {
    pub(crate) organisation: Arc<str>,
    /// Its code between the quotes of JSON.
    pub(crate) json: String,
    /// Its code in small letters.
    code: String,
    pub(crate) kind: String,
    pub(crate) form: Form,
    /// Addresses of a few of its servers.
    pub(crate) peers: Vec<String>,
    /// Where its devices are in the list.
    pub(crate) stations: Vec<u32>,
}

/// A device.
#[derive(Debug)]
pub(crate) struct Station {
    pub(crate) house: u32,
    pub(crate) name: Arc<str>,
    /// Its name between the quotes of JSON.
    pub(crate) json: String,
    pub(crate) ip: String,
    pub(crate) trade: u16,
    pub(crate) job: Arc<str>,
    /// Decides what belongs to the device: its people.
    pub(crate) number: u64,
    /// Role, system and name as words, to be asked for by storylines.
    pub(crate) words: String,
}

/// All organisations and devices.
#[derive(Debug, Default)]
pub(crate) struct Estate {
    pub(crate) houses: Vec<House>,
    pub(crate) stations: Vec<Station>,
}

impl Estate {
    pub(crate) fn new(sites: &[Site], seed: u64, library: &Library) -> Self {
        let mut estate = Estate::default();
        let mut by_code = std::collections::HashMap::new();
        for site in sites {
            let at = *by_code.entry(site.organisation.as_str()).or_insert(estate.houses.len());
            if at == estate.houses.len() {
                estate.houses.push(House::new(site, at, seed));
            }
            for device in &site.devices {
                estate.add(device, at, library);
            }
        }
        estate
    }

    fn add(&mut self, device: &Device, at: usize, library: &Library) {
        let house = &mut self.houses[at];
        let place = house.stations.len();
        // Names often begin with the code of the organisation, which says nothing of the device.
        let [name, system] = [&device.name, &device.system].map(|text| after(text, &house.code));
        let words = words([&device.role, &system, &name]);
        let number = mix(of_text(&house.organisation), of_text(&device.name));
        let trade = trade(&library.trades, device, (&words, number), &house.kind);
        self.stations.push(Station {
            house: at as u32,
            name: device.name.as_str().into(),
            json: escaped(&device.name),
            ip: address(at, place + 16),
            trade: trade as u16,
            job: library.trades.get(trade).map_or("staff", |trade| &trade.job).into(),
            number,
            words,
        });
        house.stations.push(self.stations.len() as u32 - 1);
    }

    pub(crate) fn house_of(&self, station: u32) -> &House {
        &self.houses[self.stations[station as usize].house as usize]
    }
}

impl House {
    fn new(site: &Site, at: usize, seed: u64) -> Self {
        // Half ship with Winlogbeat; the rest in the two forms that exporters write.
        let form = match below(mix(seed, of_text(&site.organisation)), 10) {
            0..5 => FORMS[0],
            5..8 => FORMS[1],
            _ => FORMS[2],
        };
        House {
            organisation: site.organisation.as_str().into(),
            json: escaped(&site.organisation),
            code: site.organisation.to_lowercase(),
            kind: words([&site.kind]),
            form,
            peers: (2..10).map(|place| address(at, place)).collect(),
            stations: Vec::new(),
        }
    }
}

/// The private address of a device, by the numbers of its organisation and its own.
fn address(house: usize, place: usize) -> String {
    let block = house % 64;
    format!("10.{}.{}.{}", block * 4 + (place >> 16) % 4, (place >> 8) % 256, place % 256)
}

/// The first trade that fits; the last if none does. `number` decides where chance does.
fn trade(trades: &[Trade], device: &Device, (words, number): (&str, u64), kind: &str) -> usize {
    let class = self::words([&device.class]);
    let any = |list: &[String], text: &str| list.is_empty() || list.iter().any(|w| has(text, w));
    let fits = |trade: &Trade| {
        let drawn = trade.or_one_in.is_some_and(|bound| below(number, bound) == 0);
        any(&trade.class, &class) && (any(&trade.words, words) || drawn) && any(&trade.kinds, kind)
    };
    trades.iter().position(fits).unwrap_or(trades.len().saturating_sub(1))
}

/// A text without the code at its beginning.
fn after(text: &str, code: &str) -> String {
    let text = text.to_lowercase();
    text.strip_prefix(code).map_or_else(|| text.clone(), str::to_owned)
}

/// Texts as words in small letters, without figures, a blank before and after each.
pub(crate) fn words<'t>(texts: impl IntoIterator<Item = &'t String>) -> String {
    let mut out = String::from(" ");
    for text in texts {
        for word in text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
            out.push_str(&word.to_lowercase());
            out.push(' ');
        }
    }
    out
}

/// Whether a text of [`words`] has a word or a run of words.
pub(crate) fn has(text: &str, word: &str) -> bool {
    text.match_indices(word)
        .any(|(at, _)| text[..at].ends_with(' ') && text[at + word.len()..].starts_with(' '))
}
