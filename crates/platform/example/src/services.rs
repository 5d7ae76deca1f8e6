//! What organisations do for patients, and how many patients a day.

use crate::{
    build::{Body, Cx},
    catalogue::kinds::{Basis, ServiceKind},
    chance::{Chance, apportion},
    codes,
    model::Service,
};

/// A service while the sector is made.
#[derive(Clone, Debug)]
pub(crate) struct Made<'c> {
    pub(crate) service: Service,
    /// The position of the body it belongs to.
    pub(crate) body: usize,
    pub(crate) kind: &'c ServiceKind,
}

/// All services, those of one body together.
pub(crate) fn make<'c>(cx: Cx<'c>, bodies: &[Body]) -> Vec<Made<'c>> {
    let mut made: Vec<Made<'c>> =
        cx.catalogue.services.services.iter().flat_map(|kind| of_kind(cx, bodies, kind)).collect();
    made.sort_by_key(|one| one.body);
    made
}

fn of_kind<'c>(cx: Cx<'c>, bodies: &[Body], kind: &'c ServiceKind) -> Vec<Made<'c>> {
    let holders: Vec<usize> = (0..bodies.len()).filter(|&at| has(cx, &bodies[at], kind)).collect();
    let days = f64::from(cx.catalogue.services.open_days[&kind.hours]);
    let patients = patients_per_day(cx, bodies, kind, &holders, days);
    let service = |at: usize, patients_per_day| Service {
        code: codes::of(bodies[at].code(), &kind.tag),
        name: kind.name.clone(),
        organisation: bodies[at].code().to_owned(),
        kind: kind.kind.clone(),
        patients_per_day,
        criticality: kind.criticality,
        hours: kind.hours.clone(),
    };
    let with = holders.into_iter().zip(patients);
    with.map(|(at, patients)| Made { service: service(at, patients), body: at, kind }).collect()
}

fn has(cx: Cx<'_>, body: &Body, kind: &ServiceKind) -> bool {
    let Some(&chance) = kind.at.get(&body.role) else { return false };
    Chance::new(cx.seed, &kind.kind, body.code()).happens(chance)
}

/// For each holder; the yearly total of England is met exactly where there is one.
fn patients_per_day(
    cx: Cx<'_>,
    bodies: &[Body],
    kind: &ServiceKind,
    holders: &[usize],
    days: f64,
) -> Vec<u32> {
    let (Some(yearly), Some(basis)) = (kind.yearly, kind.basis) else {
        let daily = kind.yearly_per_patient.unwrap_or(0.0) / days;
        let of = |&at: &usize| (bodies[at].people() * daily).round().max(1.0) as u32;
        return holders.iter().map(of).collect();
    };
    let weight = |&at: &usize| {
        let mut chance = Chance::new(cx.seed, &kind.tag, bodies[at].code());
        measure(&bodies[at], basis) * chance.factor(cx.catalogue.services.noise)
    };
    let weights: Vec<f64> = holders.iter().map(weight).collect();
    let daily = apportion((yearly / days).round() as u64, &weights);
    daily.into_iter().map(|count| u32::try_from(count).unwrap_or(u32::MAX)).collect()
}

fn measure(body: &Body, basis: Basis) -> f64 {
    match basis {
        Basis::Beds => f64::from(body.organisation.beds),
        Basis::Emergency => body.emergency,
        Basis::Referrals => body.referrals,
        Basis::Patients => body.people(),
    }
}
