//! Suppliers, each of one market.

use crate::{
    build::{Body, Cx, organisation},
    catalogue::shape::Role,
    chance::Chance,
    codes,
    model::Supplier,
};

/// A supplier while the sector is made.
#[derive(Clone, Debug)]
pub(crate) struct Made<'c> {
    pub(crate) supplier: Supplier,
    pub(crate) market: &'c str,
}

/// The suppliers of all markets; those of one market together, the largest first.
pub(crate) fn make(cx: Cx<'_>) -> Vec<Made<'_>> {
    let words = &cx.catalogue.names;
    let mut names: Vec<&str> = words.suppliers.iter().map(String::as_str).collect();
    Chance::new(cx.seed, "names of suppliers", "").shuffle(&mut names);
    let markets = cx.catalogue.systems.markets.iter();
    let places = markets.flat_map(|market| std::iter::repeat_n(market, market.suppliers));
    places
        .zip(names)
        .enumerate()
        .map(|(at, (market, name))| Made {
            supplier: Supplier {
                code: codes::supplier(at + 1),
                name: format!("{} {name} {}", words.mark, business(&market.kind)),
                kind: market.kind.clone(),
            },
            market: &market.market,
        })
        .collect()
}

fn business(kind: &str) -> &'static str {
    match kind {
        "software" => "Software Ltd",
        "network" => "Networks Ltd",
        "facilities" => "Building Controls Ltd",
        "managed service" => "Managed Services Ltd",
        _ => "Systems Ltd",
    }
}

/// Suppliers sign in too, so each is an organisation.
pub(crate) fn add_organisations(suppliers: &[Made<'_>], bodies: &mut Vec<Body>) {
    bodies.extend(suppliers.iter().map(|Made { supplier, .. }| {
        let made = organisation(supplier.code.clone(), supplier.name.clone(), Role::Supplier);
        Body::new(Role::Supplier, made)
    }));
}
