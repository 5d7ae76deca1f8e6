//! Who plays which part: organisations that have all devices a storyline needs, and the devices.

use std::collections::BTreeMap;

use super::{Actor, Storyline};
use crate::{
    Library, SimulateError,
    chance::Chance,
    estate::{Estate, has},
};

/// For each part, the number of the device that plays it.
pub(super) type Troupe = BTreeMap<String, u32>;

/// The organisations that play, each with its devices; as many as the storyline wants.
///
/// Errors: [`SimulateError::NoCast`].
pub(super) fn cast(
    storyline: &Storyline,
    estate: &Estate,
    library: &Library,
    chance: &mut Chance,
) -> Result<Vec<Troupe>, SimulateError> {
    let mut houses: Vec<usize> = (0..estate.houses.len())
        .filter(|at| {
            let kind = &estate.houses[*at].kind;
            storyline.kinds.is_empty() || storyline.kinds.iter().any(|wanted| has(kind, wanted))
        })
        .collect();
    let of_kind = houses.len();
    shuffle(&mut houses, chance);
    let mut found = Vec::new();
    let mut lacking = BTreeMap::new();
    for house in houses {
        if found.len() == storyline.organisations {
            break;
        }
        match troupe(storyline, estate, house, library, chance) {
            Ok(troupe) => found.push(troupe),
            Err(part) => *lacking.entry(part).or_insert(0) += 1,
        }
    }
    if found.len() == storyline.organisations {
        return Ok(found);
    }
    let parts = lacking.iter().map(|(part, count)| format!("{count} lack a device for {part:?}"));
    let lacking = [format!("of {of_kind} organisations of its kind")].into_iter().chain(parts);
    Err(SimulateError::NoCast {
        storyline: storyline.name.clone(),
        wanted: storyline.organisations,
        found: found.len(),
        lacking: lacking.collect::<Vec<_>>().join(", "),
    })
}

/// The devices of one organisation, each in one part only. Errors: the part nobody can play.
fn troupe(
    storyline: &Storyline,
    estate: &Estate,
    house: usize,
    library: &Library,
    chance: &mut Chance,
) -> Result<Troupe, String> {
    let mut stations = estate.houses[house].stations.clone();
    shuffle(&mut stations, chance);
    let mut troupe = Troupe::new();
    for (part, actor) in &storyline.cast {
        let free: Vec<u32> = stations
            .iter()
            .copied()
            .filter(|station| !troupe.values().any(|taken| taken == station))
            .collect();
        let station = player(actor, &free, estate, library).ok_or_else(|| part.clone())?;
        troupe.insert(part.clone(), station);
    }
    Ok(troupe)
}

fn player(actor: &Actor, free: &[u32], estate: &Estate, library: &Library) -> Option<u32> {
    actor.any_of.iter().find_map(|choice| {
        let trade = choice.trade.as_ref().map(|name| library.trade(name));
        free.iter().copied().find(|station| {
            let station = &estate.stations[*station as usize];
            let of_trade = trade.is_none_or(|trade| trade == Some(usize::from(station.trade)));
            let words = &choice.words;
            of_trade && (words.is_empty() || words.iter().any(|word| has(&station.words, word)))
        })
    })
}

pub(crate) fn shuffle<T>(list: &mut [T], chance: &mut Chance) {
    for at in (1..list.len()).rev() {
        list.swap(at, chance.below(at as u64 + 1) as usize);
    }
}
