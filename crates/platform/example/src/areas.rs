//! Regions, the national body, and boards with the people and towns of their areas.

use crate::{
    build::{Body, Cx, organisation},
    catalogue::shape::Role,
    chance::{Chance, apportion},
    codes, names,
};

/// How unequal the boards of a region are.
const SPREAD: f64 = 0.4;

/// The area of an integrated care board.
#[derive(Clone, Debug)]
pub(crate) struct Area {
    /// Which region it lies in.
    pub(crate) region: usize,
    pub(crate) region_code: String,
    pub(crate) icb: String,
    /// People who live there.
    pub(crate) people: u64,
    /// Names of its places, of which no other area has one.
    pub(crate) places: Vec<String>,
}

pub(crate) fn make(cx: Cx<'_>) -> Vec<Area> {
    let regions = &cx.catalogue.shape.regions;
    let all = names::places(&cx.catalogue.names, cx.seed);
    let boards: usize = regions.iter().map(|region| region.icbs).sum();
    let mut places = all.chunks_exact(all.len() / boards);
    let mut areas = Vec::with_capacity(boards);
    for (at, region) in regions.iter().enumerate() {
        let mut chance = Chance::new(cx.seed, "areas", &region.code);
        let weights: Vec<f64> = (0..region.icbs).map(|_| chance.factor(SPREAD)).collect();
        for people in apportion(cx.catalogue.shape.people(region), &weights) {
            areas.push(Area {
                region: at,
                region_code: region.code.clone(),
                icb: codes::icb(areas.len() + 1),
                people,
                places: places.next().unwrap_or_default().to_vec(),
            });
        }
    }
    areas
}

/// Regions, the national body and boards, in this order.
pub(crate) fn bodies(cx: Cx<'_>, areas: &[Area]) -> Vec<Body> {
    let shape = &cx.catalogue.shape;
    let mark = &cx.catalogue.names.mark;
    let mut bodies: Vec<Body> = shape
        .regions
        .iter()
        .map(|region| {
            let mut made = organisation(region.code.clone(), region.name.clone(), Role::Region);
            made.region = Some(region.code.clone());
            made.patients = u32::try_from(shape.people(region)).ok();
            Body::new(Role::Region, made)
        })
        .collect();
    let name = format!("{mark} National Health and Care Services");
    let national = organisation(codes::NATIONAL.to_owned(), name, Role::National);
    bodies.push(Body { prefix: "EXN1".to_owned(), ..Body::new(Role::National, national) });
    bodies.extend(areas.iter().enumerate().map(|(at, area)| board(cx, at, area)));
    bodies
}

fn board(cx: Cx<'_>, at: usize, area: &Area) -> Body {
    let mark = &cx.catalogue.names.mark;
    let [.., before, last] = &area.places[..] else {
        unreachable!("the catalogue is checked to have two places for each board")
    };
    let name = format!("{mark} {before} and {last} Integrated Care Board");
    let mut made = organisation(area.icb.clone(), name, Role::Icb);
    made.parent = Some(area.region_code.clone());
    made.patients = u32::try_from(area.people).ok();
    let mut body = Body::new(Role::Icb, made);
    body.prefix = format!("EXB{}", at + 1);
    place(cx, &mut body, at, area, last);
    body
}

/// Puts a body in a place of an area.
pub(crate) fn place(cx: Cx<'_>, body: &mut Body, at: usize, area: &Area, town: &str) {
    let organisation = &mut body.organisation;
    organisation.region = Some(area.region_code.clone());
    organisation.icb = Some(area.icb.clone());
    organisation.town = format!("{} {town}", cx.catalogue.names.mark);
    organisation.postcode = names::postcode(cx.seed, &organisation.ods_code);
    body.area = Some(at);
}
