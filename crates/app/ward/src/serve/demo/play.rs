//! Telemetry of the example sector, handed in as if its devices sent it now.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use ::simulate::{EventsPerSecond, Library, Options, Play, Speed, Telemetry};
use anyhow::Result;
use example::ExampleSector;
use intake::{Lines, Sender};
use jiff::SignedDuration;
use terms::{OdsCode, Timestamp};
use tokio_util::sync::CancellationToken;
use web::App;

use crate::simulate;

/// Records are handed in this often.
const EVERY: Duration = Duration::from_millis(500);
/// When each storyline begins, and how many times faster than written it is played.
const STORYLINES: [(&str, i64, f64); 5] = [
    ("phish-to-ransomware", 5, 60.0),
    ("noisy-but-harmless", 10, 60.0),
    ("care-home-infostealer", 40, 60.0),
    ("supplier-access-abused", 75, 120.0),
    ("insider-export", 120, 120.0),
];

/// Plays until `stop`.
pub(super) async fn play(
    app: &App,
    example: &ExampleSector,
    seed: u64,
    rate: u32,
    stop: &CancellationToken,
) -> Result<()> {
    let start = app.settings.now();
    let options = Options {
        seed,
        devices: 0,
        rate: EventsPerSecond(f64::from(rate)),
        start,
        storylines: storylines()?,
    };
    let mut telemetry = Telemetry::new(&simulate::sites(example), options)?;
    let mut senders = Senders { app, known: HashMap::new() };
    let mut waiting: Option<(Timestamp, Arc<str>, Vec<u8>)> = None;
    while !stop.is_cancelled() {
        let now = app.settings.now();
        let mut due: BTreeMap<Arc<str>, Vec<u8>> = BTreeMap::new();
        loop {
            let (at, organisation, json) = match waiting.take() {
                Some(record) => record,
                None => match telemetry.advance() {
                    Some(one) => (one.at, one.organisation.clone(), one.json.to_vec()),
                    None => break,
                },
            };
            if at > now {
                waiting = Some((at, organisation, json));
                break;
            }
            let lines = due.entry(organisation).or_default();
            lines.extend_from_slice(&json);
            lines.push(b'\n');
        }
        for (organisation, lines) in due {
            senders.hand_in(&organisation, &lines, now).await?;
        }
        let _ = tokio::time::timeout(EVERY, stop.cancelled()).await;
    }
    Ok(())
}

fn storylines() -> Result<Vec<Play>> {
    let library = Library::embedded()?;
    let play = |(name, after_s, speed): (&str, i64, f64)| {
        let storyline = library.storyline(name)?;
        Ok(Play { storyline, after: SignedDuration::from_secs(after_s), speed: Speed(speed) })
    };
    STORYLINES.into_iter().map(play).collect()
}

/// A token for each organisation that sends, made when it first does.
struct Senders<'a> {
    app: &'a App,
    known: HashMap<Arc<str>, Sender>,
}

impl Senders<'_> {
    async fn hand_in(
        &mut self,
        organisation: &Arc<str>,
        lines: &[u8],
        now: Timestamp,
    ) -> Result<()> {
        let sender = match self.known.get(organisation) {
            Some(sender) => sender,
            None => {
                let code: OdsCode = organisation.parse()?;
                let access = &self.app.access;
                let token =
                    access.issue_ingest_token(code.clone(), "Example shipper", None, now).await?;
                let sender = Sender { source: token.id, organisation: code };
                self.known.entry(organisation.clone()).or_insert(sender)
            }
        };
        // A refusal past a bound is what a shipper would meet too; it would come again.
        if let Err(refused) = self.app.intake.accept(sender, Lines::read(lines), now).await {
            tracing::warn!("telemetry refused: {refused}");
        }
        Ok(())
    }
}
