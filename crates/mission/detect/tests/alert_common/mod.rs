//! What the tests of alerts share: signals in one line, a context that hides and limits nothing.
#![allow(unreachable_pub)]
#![allow(dead_code, reason = "each test uses a part")]

use std::sync::Arc;

use detect::alert::{
    Cx, Exceptions, Limits, Path, Position, RuleText, Signal, Step, StepKind, Support, Switches,
    Who, group::WINDOW, rank::Product,
};
use terms::{Level, OdsCode, Part};
use testkit::later;

/// An organisation's code.
pub(crate) fn code(text: &str) -> OdsCode {
    text.parse().expect("a code")
}

/// An example rule.
pub(crate) fn rule(id: &str, level: Level) -> Arc<RuleText> {
    Arc::new(RuleText {
        id: id.to_owned(),
        version: "1".to_owned(),
        title: format!("Example of {id}"),
        level,
        status: "test".to_owned(),
        tags: vec!["attack.impact".to_owned(), "attack.t1490".to_owned()],
        harm: String::new(),
        action: String::new(),
    })
}

/// A signal at a place in the log (batch, item), `second` seconds after the moment of tests.
pub(crate) fn signal(place: (i64, u32), organisation: &str, device: &str, second: i64) -> Signal {
    Signal {
        position: Position { seq: place.0, item: place.1 },
        rule: rule("backup-deleted", Level::High),
        organisation: code(organisation),
        device: device.to_owned(),
        device_id: None,
        who: Who::default(),
        event_time: Some(later(second)),
        received_at: later(second + 1),
        event: "{\"Image\":\"C:\\\\Windows\\\\a.exe\",\"n\":1}".into(),
        matched: Vec::new(),
    }
}

/// The same by another rule.
pub(crate) fn by(rule: &Arc<RuleText>, signal: Signal) -> Signal {
    Signal { rule: rule.clone(), ..signal }
}

/// What a device supports: one system, one service.
pub(crate) fn pathology() -> Support {
    let step = |kind, code: &str, name: &str, reason: &str| Step {
        kind,
        code: code.to_owned(),
        name: name.to_owned(),
        reason: reason.to_owned(),
    };
    Support {
        is_known: true,
        paths: vec![Path {
            steps: vec![
                step(StepKind::Device, "EX-PATH-07", "EX-PATH-07", "prints its labels"),
                step(StepKind::System, "LIMS", "specimen labels", "cannot work without it"),
                step(StepKind::Service, "PATH", "the pathology service", ""),
            ],
            patients_per_day: Some(4_200),
            criticality: 4,
            strength: 0.9,
        }],
    }
}

/// Settings of a test.
pub(crate) struct Setting {
    pub(crate) limits: Limits,
    pub(crate) exceptions: Exceptions,
    pub(crate) switches: Switches,
}

impl Default for Setting {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            exceptions: Exceptions::none(),
            switches: Switches::default(),
        }
    }
}

impl Setting {
    /// The context: an organisation lies in the sector and in itself; no device is known.
    pub(crate) fn cx(&self) -> Cx<'_> {
        Cx {
            window: WINDOW,
            limits: self.limits,
            exceptions: &self.exceptions,
            switches: &self.switches,
            belongs: &belongs,
            support: &|_| Support::unknown(),
            ranker: &Product,
        }
    }
}

pub(crate) fn belongs(part: &Part, organisation: &OdsCode) -> bool {
    match part {
        Part::Sector => true,
        Part::Organisation(code) => code == organisation,
        _ => false,
    }
}

/// A group of RX1 and RX3.
pub(crate) const GROUP: &str = "01935b1e-0000-7000-8000-000000000001";

/// A map of three organisations: RX1 and RX2 in one region, RX2 and RX3 each in a board.
pub(crate) async fn map(place: &db::Place) {
    let group = match place {
        db::Place::Sqlite(_) => format!("X'{}'", GROUP.replace('-', "")),
        db::Place::Postgres(_) => format!("'{GROUP}'"),
    };
    for (code, region, icb) in
        [("RX1", "'Y56'", "NULL"), ("RX2", "'Y56'", "'QKK'"), ("RX3", "'Y60'", "'QX1'")]
    {
        let sql = format!(
            "INSERT INTO organisation (code, name, name_key, type, region, icb, town, postcode, \
             silent_after, created_at, changed_at) \
             VALUES ('{code}', '{code}', '{code}', 'trust_acute', {region}, {icb}, '', '', 0, 0, 0)"
        );
        testkit::execute(place, &sql).await;
    }
    let named = "INSERT INTO organisation_group (id, name, created_at, changed_at)";
    testkit::execute(place, &format!("{named} VALUES ({group}, 'example', 0, 0)")).await;
    for code in ["RX1", "RX3"] {
        let member = "INSERT INTO group_member (group_id, organisation, created_at)";
        testkit::execute(place, &format!("{member} VALUES ({group}, '{code}', 0)")).await;
    }
}
