//! What is asked of the intake: take these records, remember these failures, tell of sources.

use std::sync::Arc;

use bus::{BusError, EventLog, NewBatch, Refused, Seq};
use db::{Db, DbError};
use terms::{OdsCode, Scope, Timestamp, TokenId};

use crate::{
    lines::Lines,
    ready::Ready,
    store::{self, Failure, Minute, SourceState},
    tally::{Failed, Tally},
};

/// Who sends: a token, bound to one organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    /// The token.
    pub source: TokenId,
    /// Whose devices it speaks for.
    pub organisation: OdsCode,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Records that are durable now.
    pub count: u32,
    /// Where the first of them stand in the log; nothing when there were none.
    pub seq: Option<Seq>,
}

/// The intake. Clones share it.
#[derive(Clone, Debug)]
pub struct Intake {
    log: EventLog,
    db: Db,
    tally: Arc<Tally>,
    ready: Arc<Ready>,
}

impl Intake {
    /// An intake that writes records to `log` and what it knows of sources to `db`.
    pub fn new(log: EventLog, db: Db) -> Self {
        Self { log, db, tally: Arc::default(), ready: Arc::default() }
    }

    /// The log it writes to.
    pub fn log(&self) -> &EventLog {
        &self.log
    }

    /// Makes the records of a request durable, together.
    ///
    /// Errors: [`Refused`]; then none was written, which is remembered: the sender was told. Lines
    /// refused before are remembered either way.
    pub async fn accept(
        &self,
        sender: &Sender,
        lines: Lines,
        now: Timestamp,
    ) -> Result<Accepted, Refused> {
        self.refused(sender, &lines, now);
        let offered = self.offer(sender, &Arc::new(lines), now).await;
        offered.inspect_err(|refused| self.failed(sender, &refused.to_string(), now))
    }

    /// The same for whoever waits and offers them again: nothing but what was written is
    /// remembered. Errors: [`Refused`]; then none was written.
    pub async fn offer(
        &self,
        sender: &Sender,
        lines: &Arc<Lines>,
        now: Timestamp,
    ) -> Result<Accepted, Refused> {
        if lines.count == 0 {
            return Ok(Accepted { count: 0, seq: None });
        }
        let (count, bytes) = (lines.count, lines.records.len());
        let (organisation, source) = (sender.organisation.clone(), sender.source);
        let lines = lines.clone();
        let pack = move || -> Vec<NewBatch> {
            let new = |(records, count): (&[u8], u32)| {
                NewBatch::new(organisation.clone(), source, now, records, count)
            };
            pieces(&lines.records).into_iter().map(new).collect()
        };
        let batches = match bytes > PACK_HERE_BYTES {
            true => tokio::task::spawn_blocking(pack).await.map_err(|_| Refused::Unavailable)?,
            false => pack(),
        };
        let seq = self.log.append_all(batches).await?;
        metrics::counter!("ward_events_accepted_total").increment(u64::from(count));
        self.tally.note(sender.source, &sender.organisation, now, |entry, minute| {
            let counts = entry.minutes.entry(minute).or_default();
            counts.events += i64::from(count);
            counts.bytes += bytes as i64;
        });
        Ok(Accepted { count, seq: Some(seq) })
    }

    /// Remembers the lines that were refused.
    pub fn refused(&self, sender: &Sender, lines: &Lines, now: Timestamp) {
        if lines.refused_count == 0 {
            return;
        }
        metrics::counter!("ward_events_refused_total").increment(u64::from(lines.refused_count));
        self.tally.note(sender.source, &sender.organisation, now, |entry, minute| {
            entry.minutes.entry(minute).or_default().refused += i64::from(lines.refused_count);
            for refusal in &lines.refused {
                entry.fail(Failed {
                    at: now,
                    line: refusal.line as i64,
                    reason: refusal.reason.clone(),
                    sample: refusal.sample.clone(),
                });
            }
        });
    }

    /// Remembers a request that could not be used at all.
    pub fn failed(&self, sender: &Sender, reason: &str, now: Timestamp) {
        self.lost(sender, 1, reason, now);
    }

    /// Remembers so many records that came and are lost, for one reason.
    pub fn lost(&self, sender: &Sender, count: u32, reason: &str, now: Timestamp) {
        metrics::counter!("ward_events_refused_total").increment(u64::from(count));
        self.tally.note(sender.source, &sender.organisation, now, |entry, minute| {
            entry.minutes.entry(minute).or_default().refused += i64::from(count);
            let (reason, sample) = (reason.to_owned(), String::new());
            entry.fail(Failed { at: now, line: 0, reason, sample });
        });
    }

    /// Remembers an accepted record that detection could not read.
    pub fn unread(&self, sender: &Sender, reason: &str, sample: &str, now: Timestamp) {
        self.tally.note(sender.source, &sender.organisation, now, |entry, minute| {
            entry.minutes.entry(minute).or_default().unread += 1;
            let (reason, sample) = (reason.to_owned(), sample.chars().take(200).collect());
            entry.fail(Failed { at: now, line: 0, reason, sample });
        });
    }

    /// Remembers that further records could not be read, without a sample.
    pub fn more_unread(&self, sender: &Sender, count: u32, now: Timestamp) {
        self.tally.note(sender.source, &sender.organisation, now, |entry, minute| {
            entry.minutes.entry(minute).or_default().unread += i64::from(count);
        });
    }

    /// Remembers how far behind its own clock a source's newest record came in.
    pub fn lagged(&self, sender: &Sender, lag_s: i64, now: Timestamp) {
        self.tally.note(sender.source, &sender.organisation, now, |entry, _| {
            entry.lag_s = Some(lag_s);
        });
    }

    /// Whether records could be accepted now: both databases answer. They are asked at most once a
    /// second, however many ask.
    pub async fn is_ready(&self, now: impl Fn() -> Timestamp) -> bool {
        self.ready.ask(now, self.answers()).await
    }

    async fn answers(&self) -> bool {
        let answer = self.probe().await;
        if let Err(error) = &answer {
            tracing::warn!(error = error as &dyn std::error::Error, "not ready");
        }
        answer.is_ok()
    }

    async fn probe(&self) -> Result<(), BusError> {
        self.log.probe().await?;
        store::sources(&self.db, &Scope::nothing()).await?;
        Ok(())
    }

    /// Writes what is remembered of sources. Called every few seconds and at the end. What could
    /// not be written is kept for the next time.
    pub async fn flush(&self) -> Result<(), DbError> {
        let taken = self.tally.take();
        if taken.is_empty() {
            return Ok(());
        }
        let written = store::write(&self.db, &taken).await;
        if written.is_err() {
            self.tally.put_back(taken);
        }
        written
    }

    /// The sources within a scope, the latest heard first.
    pub async fn sources(&self, scope: &Scope) -> Result<Vec<SourceState>, DbError> {
        store::sources(&self.db, scope).await
    }

    /// One source, its minutes since `since` and its latest failures; nothing when it lies outside
    /// the scope or was never heard.
    pub async fn source(
        &self,
        scope: &Scope,
        source: TokenId,
        since: Timestamp,
    ) -> Result<Option<(SourceState, Vec<Minute>, Vec<Failure>)>, DbError> {
        let Some(state) = store::source(&self.db, scope, source).await? else { return Ok(None) };
        let minutes = store::minutes(&self.db, source, since).await?;
        let failures = store::failures(&self.db, source).await?;
        Ok(Some((state, minutes, failures)))
    }

    /// Forgets minutes before `before`; how many rows went.
    pub async fn forget(&self, before: Timestamp) -> Result<u64, DbError> {
        store::forget(&self.db, before).await
    }
}

/// Smaller batches are packed where they stand: handing over costs more.
const PACK_HERE_BYTES: usize = 64 << 10;

/// Batches of about this size: several threads evaluate one large request, and none holds much.
const BATCH_BYTES: usize = 1 << 20;

/// Cuts records, each ended by a line feed, into pieces of [`BATCH_BYTES`] and a record at most,
/// with the number of records in each.
fn pieces(records: &[u8]) -> Vec<(&[u8], u32)> {
    let mut pieces = Vec::new();
    let (mut start, mut count) = (0, 0);
    for end in memchr::memchr_iter(b'\n', records) {
        count += 1;
        if end + 1 - start >= BATCH_BYTES || end + 1 == records.len() {
            pieces.push((&records[start..=end], count));
            (start, count) = (end + 1, 0);
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_request_is_cut_between_records_and_nothing_is_lost() {
        let record = format!("{{\"a\":\"{}\"}}\n", "x".repeat(300_000));
        let records = record.repeat(10);
        let pieces = pieces(records.as_bytes());
        assert_eq!(pieces.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [4, 4, 2]);
        let joined: Vec<u8> = pieces.iter().flat_map(|(piece, _)| piece.to_vec()).collect();
        assert_eq!(joined, records.as_bytes());
    }
}
