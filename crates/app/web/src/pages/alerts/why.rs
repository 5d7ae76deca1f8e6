//! Why an alert stands where it stands: the factors of its rank in words, and the way from its
//! device over systems to the services that rest on it, as a picture.
//!
//! The way is the one that was kept with the alert, so that it explains the rank as it was made.
//! It is shown as far as the reader may see: what lies in other organisations is told to be there,
//! without its name.

use detect::alert::{Alert, StepKind, Story, Support, support};
use sector::{Graph, Thing};
use serde::Serialize;
use terms::Scope;

use super::{filters::capital, harm};
use crate::pieces::{Arrow, Node, Path, words::grouped};

/// One factor of a rank.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Factor {
    /// "Severity".
    name: String,
    /// "75 of 100".
    value: String,
    /// Why, in a sentence.
    because: String,
}

/// Why an alert stands where it stands.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Why {
    /// "43 of 100: severity × confidence × what rests on the device."
    score: String,
    factors: Vec<Factor>,
    path: Option<Path>,
    /// What stands in place of the picture.
    no_path: String,
}

/// All of it.
pub(super) fn of(alert: &Alert, story: &Story, scope: &Scope, graph: &Graph) -> Why {
    let hundredths = |value: f64| format!("{:.0} of 100", value * 100.0);
    let factors = story.rank.factors.iter().map(|factor| Factor {
        name: capital(&factor.name),
        value: hundredths(factor.value),
        because: crate::pages::fields::sentence(&factor.because),
    });
    let no_path = match (story.support.is_known, alert.is_flood) {
        (_, true) => "A flood has no device of its own; its devices are listed below.",
        (false, _) => {
            "The map does not say what this device is for. Say which system it is part of, and \
             Ward can tell what depends on it."
        }
        (true, _) => "No service on the map depends on this device.",
    };
    Why {
        score: hundredths(story.rank.score),
        factors: factors.collect(),
        path: path(alert, &story.support, scope, graph),
        no_path: no_path.to_owned(),
    }
}

/// Columns of the picture.
const HEADS: [&str; 4] = ["Device", "Runs", "Services", "Patients"];
/// Ways that are drawn.
const DRAWN: usize = 5;

/// A step as it may be shown.
struct Seen {
    name: String,
    href: Option<String>,
    is_elsewhere: bool,
}

fn seen(step: &support::Step, scope: &Scope, graph: &Graph) -> Seen {
    let code = || step.code.parse().ok();
    let thing = match step.kind {
        StepKind::System => code().map(Thing::System),
        StepKind::Service => code().map(Thing::Service),
        StepKind::Organisation => step.code.parse().ok().map(Thing::Organisation),
        StepKind::Device | StepKind::Supplier => None,
    };
    let owner = thing.as_ref().and_then(|thing| graph.owner(thing));
    let is_elsewhere = match (step.kind, owner) {
        // Devices are the alert's own, suppliers nobody's.
        (StepKind::Device | StepKind::Supplier, _) => false,
        (_, Some(owner)) => !graph.contains(scope, owner),
        // What left the map cannot be told to lie within the reader's part.
        (_, None) => !scope.is_sector(),
    };
    if is_elsewhere {
        let name = match step.kind {
            StepKind::Service => "A service elsewhere",
            StepKind::Organisation => "Somebody else",
            _ => "A system elsewhere",
        };
        return Seen { name: name.to_owned(), href: None, is_elsewhere };
    }
    let folder = match step.kind {
        StepKind::System => Some("systems"),
        StepKind::Service => Some("services"),
        StepKind::Supplier => Some("suppliers"),
        StepKind::Organisation => Some("organisations"),
        StepKind::Device => None,
    };
    let is_known = thing.is_some_and(|thing| graph.name(&thing).is_some());
    let href = folder
        .filter(|_| is_known || step.kind == StepKind::Supplier)
        .map(|folder| format!("/map/{folder}/{}", crate::link::encoded(&step.code)));
    Seen { name: step.name.clone(), href, is_elsewhere }
}

/// Nodes and arrows as they are gathered; each thing once.
#[derive(Default)]
struct Drawing {
    nodes: Vec<Node>,
    keys: Vec<String>,
    arrows: Vec<Arrow>,
    drawn: Vec<(usize, usize)>,
}

impl Drawing {
    fn node(&mut self, key: String, make: impl FnOnce() -> Node) -> usize {
        if let Some(at) = self.keys.iter().position(|known| *known == key) {
            return at;
        }
        self.keys.push(key);
        self.nodes.push(make());
        self.nodes.len() - 1
    }

    fn arrow(&mut self, from: usize, to: usize, reason: &str) {
        if from != to && !self.drawn.contains(&(from, to)) {
            self.drawn.push((from, to));
            self.arrows.push(Arrow::new(from, to, reason));
        }
    }
}

fn path(alert: &Alert, support: &Support, scope: &Scope, graph: &Graph) -> Option<Path> {
    let first = support.paths.first()?;
    let mut drawing = Drawing::default();
    let name = if alert.device.is_empty() { "The device" } else { &alert.device };
    let device =
        drawing.node("device".to_owned(), || Node::new(0, name, "").meaning(harm::of(alert)));
    for way in support.paths.iter().take(DRAWN) {
        draw(&mut drawing, device, way, scope, graph);
    }
    let patients = first.patients_per_day.map(i64::from).map(grouped);
    let service = first.steps.iter().rev().find(|step| step.kind == StepKind::Service);
    let service = service.map(|step| seen(step, scope, graph).name);
    let title = match (service, patients) {
        (Some(service), Some(patients)) => {
            format!("{name} supports {service}, for about {patients} patients a day")
        }
        (Some(service), None) => format!("{name} supports {service}"),
        (None, _) => format!("What depends on {name}"),
    };
    let drawn = Path::new("why", &title, &HEADS, drawing.nodes, drawing.arrows);
    Some(drawn)
}

/// One way: the device, what it runs, the service, its patients.
fn draw(drawing: &mut Drawing, device: usize, way: &support::Path, scope: &Scope, graph: &Graph) {
    let mut last = device;
    let mut reason = String::new();
    for step in &way.steps {
        if step.kind == StepKind::Device {
            reason.clone_from(&step.reason);
            continue;
        }
        let shown = seen(step, scope, graph);
        let column = if step.kind == StepKind::Service { 2 } else { 1 };
        let key = match shown.is_elsewhere {
            true => format!("elsewhere {column}"),
            false => format!("{:?} {}", step.kind, step.code),
        };
        let node = drawing.node(key, || {
            let below = if shown.is_elsewhere { "in another organisation" } else { "" };
            let node = Node::new(column, &shown.name, below);
            match &shown.href {
                Some(href) => node.leading_to(href),
                None => node,
            }
        });
        let because = match (reason.is_empty(), shown.is_elsewhere) {
            (false, false) => reason.as_str(),
            _ => "is needed by",
        };
        drawing.arrow(last, node, because);
        reason.clone_from(&step.reason);
        last = node;
    }
    let (text, below) = match way.patients_per_day {
        Some(patients) => (format!("About {}", grouped(patients.into())), "patients a day"),
        None => ("Not known".to_owned(), "how many patients a day"),
    };
    let key = format!("patients {last}");
    let patients = drawing.node(key, || Node::new(3, &text, below));
    let stops = format!("about {:.0} of 100 parts stop without it", share(way.strength) * 100.0);
    drawing.arrow(last, patients, &stops);
}

/// What is no share is taken for the whole.
fn share(strength: f64) -> f64 {
    if strength.is_finite() { strength.clamp(0.0, 1.0) } else { 1.0 }
}
