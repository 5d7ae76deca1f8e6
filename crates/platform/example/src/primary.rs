//! General practices and their list sizes.

use crate::{
    areas::{self, Area},
    build::{Body, Cx, organisation},
    catalogue::shape::Role,
    chance::{Chance, apportion},
    codes,
    names::Combinations,
};

pub(crate) fn make(cx: Cx<'_>, areas: &[Area], bodies: &mut Vec<Body>) {
    let lists = lists(cx);
    let weights: Vec<f64> = areas.iter().map(|area| area.people as f64).collect();
    let mut lists = lists.into_iter();
    let mut number = 0;
    for (at, count) in apportion(u64::from(cx.size.practices), &weights).into_iter().enumerate() {
        let area = &areas[at];
        let words = &cx.catalogue.names;
        let mut chance = Chance::new(cx.seed, "names of practices", &area.icb);
        let lists_of_words = [&words.house_words[..], &words.practices, &area.places];
        let mut combinations = Combinations::new(&mut chance, lists_of_words);
        for list in lists.by_ref().take(count as usize) {
            number += 1;
            let ([house, kind, town], again) = combinations.next();
            let name = format!("{} {house} {kind}, {town}{again}", words.mark);
            bodies.push(practice(cx, number, name, list, (at, area, town)));
        }
    }
}

/// One list for each practice: log-normal, their mean as published.
fn lists(cx: Cx<'_>) -> Vec<u64> {
    let shape = &cx.catalogue.shape.practices;
    let mut chance = Chance::new(cx.seed, "lists", "");
    let weights: Vec<f64> = (0..cx.size.practices).map(|_| chance.factor(shape.spread)).collect();
    apportion(u64::from(shape.mean_list) * u64::from(cx.size.practices), &weights)
}

fn practice(
    cx: Cx<'_>,
    number: usize,
    name: String,
    list: u64,
    (at, area, town): (usize, &Area, &str),
) -> Body {
    let shape = &cx.catalogue.shape;
    let mut made = organisation(codes::practice(number), name, Role::GpPractice);
    made.parent = Some(area.icb.clone());
    made.patients = u32::try_from(list).ok();
    let share = list as f64 / f64::from(shape.practices.mean_list);
    let devices = shape.devices.per_practice * share * shape.device_factor();
    made.device_estimate = Some(devices.round().max(1.0) as u32);
    let mut body = Body::new(Role::GpPractice, made);
    body.prefix = format!("EXG{number}");
    areas::place(cx, &mut body, at, area, town);
    body
}
