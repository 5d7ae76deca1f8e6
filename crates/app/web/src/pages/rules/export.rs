//! The list of rules as files.

use access::Permission;
use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use detect::{alert::Alerts, rulebook::Rulebook};
use sector::Map;
use serde_json::json;

use super::{
    list::records,
    query::{NAMES, Query, source},
    standing::{On, Standing, Standings},
};
use crate::{
    export::{Cells, Format, Sheet},
    failure::Failure,
    page::Desk,
    pages::{alerts::failed::failed, map::address::Address},
};

const SHEET: Sheet = Sheet {
    name: "rules",
    columns: &[
        "id",
        "title",
        "level",
        "status",
        "log_source",
        "techniques",
        "tactics",
        "hits_30_days",
        "alerts_30_days",
        "excepted_30_days",
        "true_positive",
        "benign",
        "false_positive",
        "organisations_off",
        "file",
        "line",
    ],
};

/// Rules whose records are read together.
const AT_ONCE: usize = 100;

/// The list as CSV.
pub(super) async fn csv(
    alerts: State<Alerts>,
    rulebook: State<Rulebook>,
    map: State<Map>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::Csv, alerts, rulebook, map, raw, desk).await
}

/// The list as JSON, an object a line.
pub(super) async fn json_lines(
    alerts: State<Alerts>,
    rulebook: State<Rulebook>,
    map: State<Map>,
    raw: RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    file(Format::JsonLines, alerts, rulebook, map, raw, desk).await
}

async fn file(
    format: Format,
    State(alerts): State<Alerts>,
    State(rulebook): State<Rulebook>,
    State(map): State<Map>,
    RawQuery(raw): RawQuery,
    desk: Desk,
) -> Result<Response, Failure> {
    let scope = desk.scope(Permission::ViewRules)?;
    let address = Address::read("/rules", raw.as_deref(), &NAMES);
    let query = Query::read(|name| address.get(name)).map_err(|wrong| {
        let what = format!("{}: {}", wrong.parameter, wrong.why);
        Failure::new(StatusCode::BAD_REQUEST, what)
    })?;
    let (rules, graph) = (rulebook.in_force().now(), map.graph());
    let standings = Standings::read(&alerts, rules, &graph, &scope, desk.now()).await;
    let standings = standings.map_err(failed)?;
    let organisations = standings.organisations;
    let found = query.answer(&standings);
    // A rule's row is small and there are thousands at most: all are made before the first is sent.
    let mut rows: Vec<Cells> = Vec::with_capacity(found.len());
    for part in found.chunks(AT_ONCE) {
        let records = records(&alerts, &scope, part).await?;
        let cells = part.iter().zip(records);
        rows.extend(cells.map(|(one, record)| cells_of(one, record, organisations)));
    }
    Ok(SHEET.of(format, rows))
}

fn cells_of(one: &Standing<'_>, record: detect::alert::Record, organisations: usize) -> Cells {
    let meta = &one.rule.meta;
    let off = match one.on {
        On::Everywhere => 0,
        On::Not(off) => off,
        On::Nowhere => organisations,
    };
    vec![
        json!(one.text.id),
        json!(meta.title),
        json!(meta.level.as_str()),
        json!(meta.status),
        json!(source(one)),
        json!(meta.techniques().collect::<Vec<_>>()),
        json!(meta.tactics().collect::<Vec<_>>()),
        json!(one.days.total()),
        json!(one.days.alerts),
        json!(one.days.excepted),
        json!(record.here.true_positive),
        json!(record.here.benign),
        json!(record.here.false_positive),
        json!(off),
        json!(&*meta.file),
        json!(meta.line),
    ]
}
