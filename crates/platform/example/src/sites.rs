//! Hospitals, bases and clinics of the trusts.

use crate::{
    areas::Area,
    build::{Body, Cx},
    catalogue::shape::Role,
    chance::Chance,
    codes,
    model::Site,
    names::{self, Combinations},
};

/// How unequal trusts are in their number of clinics.
const SPREAD: f64 = 0.6;

/// The sites of all trusts, those of one together, hospitals first.
pub(crate) fn make(cx: Cx<'_>, areas: &[Area], bodies: &[Body]) -> Vec<Site> {
    let mut sites = Vec::new();
    for body in bodies {
        let trust = cx.catalogue.shape.trust(body.role);
        let (Some(trust), Some(area)) = (trust, body.area) else { continue };
        let mut chance = Chance::new(cx.seed, "sites", body.code());
        let (least, most) = trust.hospitals;
        let part = ((body.rank + 2.0) / 4.0).clamp(0.0, 1.0);
        let hospitals = least + ((most - least) as f64 * part).round() as usize;
        let clinics = trust.clinics * chance.factor(SPREAD);
        let clinics = clinics * f64::from(cx.size.detail_percent) / 100.0;
        let counts = (hospitals, clinics.round() as usize);
        of_trust(cx, &mut chance, body, &areas[area].places, counts, &mut sites);
    }
    sites
}

fn of_trust(
    cx: Cx<'_>,
    chance: &mut Chance,
    body: &Body,
    places: &[String],
    (hospitals, clinics): (usize, usize),
    sites: &mut Vec<Site>,
) {
    let words = &cx.catalogue.names;
    let bases = ["Ambulance Station".to_owned()];
    let first = if body.role == Role::TrustAmbulance { &bases[..] } else { &words.hospitals };
    let none = [String::new()];
    let mut large = Combinations::new(chance, [places, first, &none]);
    let mut small = Combinations::new(chance, [places, &words.clinics, &none]);
    let site = |code: String, combinations: &mut Combinations<'_>| {
        let ([place, kind, _], again) = combinations.next();
        Site {
            name: format!("{} {place} {kind}{again}", words.mark),
            organisation: body.code().to_owned(),
            town: format!("{} {place}", words.mark),
            postcode: names::postcode(cx.seed, &code),
            ods_code: code,
        }
    };
    for number in 1..=hospitals {
        sites.push(site(codes::hospital(body.code(), number), &mut large));
    }
    let clinic = if body.role == Role::TrustAmbulance { &mut large } else { &mut small };
    for number in 1..=clinics {
        sites.push(site(codes::clinic(body.code(), number), clinic));
    }
}
