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
    let mut everywhere: HashMap<usize, Vec<&systems::Made<'_>>> = HashMap::new();
    for one in systems {
        let Some(kind) = one.kind else { continue };
        let body = &bodies[one.body];
        let hospitals = hospitals.get(body.code()).map(Vec::as_slice).unwrap_or_default();
        add(cx, (body, hospitals), one, &kind.devices, &mut devices);
        if !kind.site_devices.is_empty() {
            everywhere.entry(one.body).or_default().push(one);
        }
    }
    for body in bodies {
        let Some(parent) = body.parent else { continue };
        for one in everywhere.get(&parent).into_iter().flatten() {
            let kinds = one.kind.map(|kind| &kind.site_devices[..]).unwrap_or_default();
            add(cx, (body, &[]), one, kinds, &mut devices);
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

/// The sample of one system's devices; servers and network stand in the first hospital.
fn add(
    cx: Cx<'_>,
    (body, hospitals): (&Body, &[&str]),
    one: &systems::Made<'_>,
    kinds: &[DeviceKind],
    devices: &mut Vec<Device>,
) {
    let Some(spec) = one.kind else { return };
    let mut chance = Chance::new(cx.seed, "devices", &one.system.code);
    let mut number = 0;
    for kind in kinds {
        for _ in 0..kind.count * cx.size.device_samples {
            number += 1;
            let is_central = matches!(kind.class.as_str(), "server" | "network");
            let at = if is_central { 0 } else { chance.below(hospitals.len()) };
            devices.push(Device {
                name: format!("{}-{}-{number:02}", body.prefix, spec.tag),
                organisation: body.code().to_owned(),
                class: kind.class.clone(),
                system: one.system.code.clone(),
                site: hospitals.get(at).map(|&code| code.to_owned()),
            });
        }
    }
}
