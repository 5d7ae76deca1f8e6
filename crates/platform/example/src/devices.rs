//! A sample of the devices of each system.

use std::collections::HashMap;

use crate::{
    build::{Body, Cx},
    catalogue::kinds::DeviceKind,
    chance::Chance,
    model::{Device, Site},
    systems,
};

/// The devices of all systems, in the systems' order; then those at locations of care providers.
pub(crate) fn make(
    cx: Cx<'_>,
    bodies: &[Body],
    systems: &[systems::Made<'_>],
    sites: &[Site],
) -> Vec<Device> {
    let hospitals = hospitals(sites);
    let mut devices = Vec::new();
    let mut room: Vec<u32> = bodies.iter().map(room).collect();
    let mut everywhere: HashMap<usize, Vec<&systems::Made<'_>>> = HashMap::new();
    for one in systems {
        let Some(kind) = one.kind else { continue };
        let body = &bodies[one.body];
        let hospitals = hospitals.get(body.code()).map(Vec::as_slice).unwrap_or_default();
        let sample = sample(cx, (body, hospitals), one, &kind.devices);
        take(sample, &mut room[one.body], &mut devices);
        if !kind.site_devices.is_empty() {
            everywhere.entry(one.body).or_default().push(one);
        }
    }
    for (at, body) in bodies.iter().enumerate() {
        let Some(parent) = body.parent else { continue };
        for one in everywhere.get(&parent).into_iter().flatten() {
            let kinds = one.kind.map(|kind| &kind.site_devices[..]).unwrap_or_default();
            take(sample(cx, (body, &[]), one, kinds), &mut room[at], &mut devices);
        }
    }
    devices
}

/// Codes of the hospitals by trust.
fn hospitals(sites: &[Site]) -> HashMap<&str, Vec<&str>> {
    let mut hospitals: HashMap<&str, Vec<&str>> = HashMap::new();
    for site in sites {
        let own = site.ods_code.strip_prefix(&site.organisation).unwrap_or_default();
        if own.starts_with('H') {
            hospitals.entry(&site.organisation).or_default().push(&site.ods_code);
        }
    }
    hospitals
}

/// How many devices a body is reckoned to have; its sample must not be larger.
fn room(body: &Body) -> u32 {
    body.organisation.device_estimate.unwrap_or(u32::MAX)
}

fn take(sample: Vec<Device>, room: &mut u32, devices: &mut Vec<Device>) {
    let taken = sample.len().min(*room as usize);
    *room -= taken as u32;
    devices.extend(sample.into_iter().take(taken));
}

/// The sample of one system's devices; servers and network stand in the first hospital.
fn sample(
    cx: Cx<'_>,
    (body, hospitals): (&Body, &[&str]),
    one: &systems::Made<'_>,
    kinds: &[DeviceKind],
) -> Vec<Device> {
    let Some(spec) = one.kind else { return Vec::new() };
    let mut chance = Chance::new(cx.seed, "devices", &one.system.code);
    let again = cx.size.device_samples as usize;
    let classes =
        kinds.iter().flat_map(|kind| std::iter::repeat_n(&kind.class, kind.count as usize * again));
    classes
        .enumerate()
        .map(|(at, class)| {
            let is_central = matches!(class.as_str(), "server" | "network");
            let hospital = if is_central { 0 } else { chance.below(hospitals.len()) };
            Device {
                name: format!("{}-{}-{:02}", body.prefix, spec.tag, at + 1),
                organisation: body.code().to_owned(),
                class: class.clone(),
                system: one.system.code.clone(),
                site: hospitals.get(hospital).map(|&code| code.to_owned()),
            }
        })
        .collect()
}
