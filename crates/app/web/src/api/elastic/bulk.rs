//! `_bulk`: each item answered by itself.

use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::Response,
};
use bus::{Refused, Seq};
use intake::{Bulk, BulkError, BulkItem, Intake, RefusalKind, Sender};
use serde_json::{Map, Value, json};
use terms::Timestamp;

use super::answer::{Compatible, refusal};
use crate::{Settings, api::body, failure::Failure, sender::FromToken};

/// `POST /_bulk`: items name their index.
pub(super) async fn everywhere(
    State(intake): State<Intake>,
    State(settings): State<Settings>,
    compatible: Compatible,
    FromToken(sender): FromToken,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asked = Asked { sender, compatible, index: None, now: settings.now() };
    asked.answer(&intake, &settings, &headers, body).await
}

/// `POST /{index}/_bulk`.
pub(super) async fn into(
    State(intake): State<Intake>,
    State(settings): State<Settings>,
    compatible: Compatible,
    FromToken(sender): FromToken,
    Path(index): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let asked = Asked { sender, compatible, index: Some(index), now: settings.now() };
    asked.answer(&intake, &settings, &headers, body).await
}

struct Asked {
    sender: Sender,
    compatible: Compatible,
    index: Option<String>,
    now: Timestamp,
}

impl Asked {
    async fn answer(
        self,
        intake: &Intake,
        settings: &Settings,
        headers: &HeaderMap,
        body: Body,
    ) -> Response {
        let read = match self.read(settings, headers, body).await {
            Ok(read) => read,
            Err(failure) => {
                intake.failed(&self.sender, failure.title(), self.now);
                let kind = kind_of(failure.status());
                return refusal(&self.compatible, failure.status(), kind, failure.title());
            }
        };
        let (bulk, bytes) = read;
        let accepted = intake.accept(&self.sender, bulk.lines, self.now).await;
        if let Err(Refused::Closing | Refused::Unavailable) = accepted {
            let status = StatusCode::SERVICE_UNAVAILABLE;
            return refusal(&self.compatible, status, kind_of(status), "cannot be written now");
        }
        let seq = accepted.map(|accepted| accepted.seq.unwrap_or_default());
        let answer = answer(&bulk.items, &seq);
        body::blocking(bytes, move || answer.to_json())
            .await
            .map(|told| self.compatible.answer(StatusCode::OK, &told))
            .unwrap_or_else(|failure| {
                refusal(&self.compatible, failure.status(), "exception", failure.title())
            })
    }

    async fn read(
        &self,
        settings: &Settings,
        headers: &HeaderMap,
        body: Body,
    ) -> Result<(Bulk, usize), Failure> {
        let bytes = body::read(settings, headers, body).await?;
        let index = self.index.clone();
        let length = bytes.len();
        let bulk = body::blocking(length, move || Bulk::read(&bytes, index.as_deref())).await?;
        Ok((bulk.map_err(|error| refused_whole(&error))?, length))
    }
}

fn refused_whole(error: &BulkError) -> Failure {
    let status = match error {
        BulkError::TooMany => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    Failure::new(status, error.to_string())
}

fn kind_of(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "content_too_long_exception",
        StatusCode::SERVICE_UNAVAILABLE => "unavailable_shards_exception",
        StatusCode::BAD_REQUEST => "parse_exception",
        _ => "illegal_argument_exception",
    }
}

/// Items with what became of each.
struct Answer {
    items: Vec<(BulkItem, Result<u64, &'static str>)>,
    seq: Seq,
}

fn answer(items: &[BulkItem], seq: &Result<Seq, Refused>) -> Answer {
    let mut number = 0;
    let of = |item: &BulkItem| {
        let became = match seq {
            Ok(_) => Ok(number),
            Err(Refused::Full) => Err("the event log's disk is full"),
            Err(_) => Err("too much waits to be read: send again"),
        };
        if item.refused.is_none() {
            number += 1;
        }
        (item.clone(), became)
    };
    Answer { items: items.iter().map(of).collect(), seq: *seq.as_ref().unwrap_or(&Seq(0)) }
}

impl Answer {
    fn to_json(&self) -> Value {
        let is_failed = |(item, became): &(BulkItem, Result<u64, &str>)| {
            item.refused.is_some() || became.is_err()
        };
        let items: Vec<Value> =
            self.items.iter().map(|(item, became)| self.item(item, *became)).collect();
        json!({ "took": 0, "errors": self.items.iter().any(is_failed), "items": items })
    }

    fn item(&self, item: &BulkItem, became: Result<u64, &str>) -> Value {
        let mut told = Map::new();
        told.insert("_index".into(), json!(item.index.as_deref().unwrap_or("ward")));
        match (&item.refused, became) {
            (Some((kind, reason)), _) => {
                let status = match kind {
                    RefusalKind::TooLong => 413,
                    RefusalKind::NotAnObject => 400,
                };
                told.insert("_id".into(), json!(item.id));
                told.insert("status".into(), json!(status));
                let error = json!({ "type": "document_parsing_exception", "reason": reason });
                told.insert("error".into(), error);
            }
            (None, Ok(number)) => {
                let made = || format!("{}-{number}", self.seq);
                told.insert("_id".into(), json!(item.id.clone().unwrap_or_else(made)));
                told.insert("_version".into(), json!(1));
                told.insert("result".into(), json!("created"));
                let shards = json!({ "total": 1, "successful": 1, "failed": 0 });
                told.insert("_shards".into(), shards);
                told.insert("_seq_no".into(), json!(self.seq.0));
                told.insert("_primary_term".into(), json!(1));
                told.insert("status".into(), json!(201));
            }
            (None, Err(reason)) => {
                told.insert("_id".into(), json!(item.id));
                told.insert("status".into(), json!(429));
                let error = json!({ "type": "es_rejected_execution_exception", "reason": reason });
                told.insert("error".into(), error);
            }
        }
        json!({ item.verb.as_str(): told })
    }
}
