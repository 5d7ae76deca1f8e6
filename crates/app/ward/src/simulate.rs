//! `ward simulate`: telemetry of the example sector's devices, to standard output or to a Ward.

use std::{
    collections::HashMap,
    io::{self, BufWriter, Write},
    thread,
    time::Duration,
};

use ::simulate::{Device, EventsPerSecond, Library, Options, Play, Site, Speed, Telemetry};
use anyhow::{Context, Result, bail};
use example::{ExampleSector, Size};
use jiff::SignedDuration;
use terms::{Timestamp, parse_time};
use ureq::tls::{RootCerts, TlsConfig};

use crate::{cli::SimulateArgs, exit::Exit};

pub(crate) fn command(args: &SimulateArgs) -> Result<Exit> {
    let library = Library::embedded()?;
    if args.storyline.iter().any(|name| name == "list") {
        let mut out = io::stdout();
        for storyline in library.storylines() {
            writeln!(out, "{}\t{}", storyline.name, storyline.title)?;
        }
        return Ok(Exit::Nothing);
    }
    let start = match &args.start {
        Some(text) => parse_time(text).context("--start")?,
        None => Timestamp::now(),
    };
    let example = example::sector(args.seed, &Size::demo());
    let sites = chosen(sites(&example), args)?;
    let play = |name: &String| {
        let storyline = library.storyline(name)?;
        Ok(Play { storyline, after: SignedDuration::ZERO, speed: Speed(args.speed) })
    };
    let options = Options {
        seed: args.seed,
        devices: args.devices,
        rate: EventsPerSecond(args.rate),
        start,
        storylines: args.storyline.iter().map(play).collect::<Result<_>>()?,
    };
    let telemetry = Telemetry::new(&sites, options)?;
    match &args.to {
        None => give(telemetry, args, &mut Printed(BufWriter::new(io::stdout().lock())))?,
        Some(url) => give(telemetry, args, &mut Sent::new(url, args)?)?,
    }
    Ok(Exit::Nothing)
}

/// The organisations that speak: a token speaks for one.
fn chosen(mut sites: Vec<Site>, args: &SimulateArgs) -> Result<Vec<Site>> {
    if let Some(code) = &args.organisation {
        sites.retain(|site| site.organisation == code.as_str());
        if sites.is_empty() {
            bail!("--organisation: the example sector has no devices of {code}");
        }
    } else if args.to.is_some() {
        sites.retain(|site| site.kind == "trust_acute");
        sites.truncate(1);
    }
    Ok(sites)
}

/// Gives records when they happen, or at once.
fn give(mut telemetry: Telemetry, args: &SimulateArgs, to: &mut impl Taker) -> Result<()> {
    let mut left = args.count.unwrap_or(u64::MAX);
    while left > 0 {
        let Some(record) = telemetry.advance() else { break };
        if !args.at_once {
            let wait = record.at.duration_since(Timestamp::now());
            if let Ok(wait) = Duration::try_from(wait) {
                to.rest()?;
                thread::sleep(wait);
            }
        }
        to.take(record.json)?;
        left -= 1;
    }
    to.rest()
}

/// Where records go.
trait Taker {
    /// Takes a record.
    fn take(&mut self, record: &[u8]) -> Result<()>;
    /// Nothing comes for a while: what was taken goes out.
    fn rest(&mut self) -> Result<()>;
}

struct Printed<W: Write>(BufWriter<W>);

impl<W: Write> Taker for Printed<W> {
    fn take(&mut self, record: &[u8]) -> Result<()> {
        self.0.write_all(record)?;
        Ok(self.0.write_all(b"\n")?)
    }

    fn rest(&mut self) -> Result<()> {
        Ok(self.0.flush()?)
    }
}

/// Records on their way to a Ward.
struct Sent {
    agent: ureq::Agent,
    url: String,
    token: String,
    lines: Vec<u8>,
}

/// A request has about this many bytes.
const REQUEST_BYTES: usize = 1 << 20;

impl Sent {
    fn new(url: &str, args: &SimulateArgs) -> Result<Self> {
        let token = args.token.clone().or_else(|| std::env::var("WARD_TOKEN").ok());
        let token = token.context("--to needs a token: set WARD_TOKEN or give --token")?;
        // The system's own certificates: Ward may stand behind a proxy with a local one.
        let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let agent = ureq::Agent::config_builder().http_status_as_error(false).tls_config(tls);
        let agent = agent.build().into();
        let url = format!("{}/api/v1/events", url.trim_end_matches('/'));
        Ok(Self { agent, url, token, lines: Vec::new() })
    }

    /// Sends until it is taken: a refusal past a bound says when to come again.
    fn send(&mut self) -> Result<()> {
        while !self.lines.is_empty() {
            let mut answer = self
                .agent
                .post(&self.url)
                .header("authorization", format!("Bearer {}", self.token))
                .header("content-type", "application/x-ndjson")
                .send(&self.lines[..])
                .with_context(|| format!("cannot send to {}", self.url))?;
            match answer.status().as_u16() {
                200 => self.lines.clear(),
                429 | 503 | 507 => {
                    let after = answer.headers().get("retry-after");
                    let after = after.and_then(|value| value.to_str().ok()?.parse().ok());
                    thread::sleep(Duration::from_secs(after.unwrap_or(1)));
                }
                status => {
                    let told = answer.body_mut().read_to_string().unwrap_or_default();
                    bail!("{} answered {status}: {told}", self.url);
                }
            }
        }
        Ok(())
    }
}

impl Taker for Sent {
    fn take(&mut self, record: &[u8]) -> Result<()> {
        self.lines.extend_from_slice(record);
        self.lines.push(b'\n');
        if self.lines.len() >= REQUEST_BYTES { self.send() } else { Ok(()) }
    }

    fn rest(&mut self) -> Result<()> {
        self.send()
    }
}

/// The sector's devices, by organisation.
pub(crate) fn sites(example: &ExampleSector) -> Vec<Site> {
    let systems: HashMap<&str, &example::System> =
        example.systems.iter().map(|system| (system.code.as_str(), system)).collect();
    let mut devices: HashMap<&str, Vec<Device>> = HashMap::new();
    for device in &example.devices {
        let kind = systems.get(device.system.as_str()).map_or("", |system| system.kind.as_str());
        devices.entry(&device.organisation).or_default().push(Device {
            name: device.name.clone(),
            class: device.class.clone(),
            role: format!("{kind} {}", device.class),
            system: kind.to_owned(),
        });
    }
    let site = |organisation: &example::Organisation| {
        let devices = devices.remove(organisation.ods_code.as_str())?;
        Some(Site {
            organisation: organisation.ods_code.clone(),
            name: organisation.name.clone(),
            kind: organisation.kind.to_string(),
            devices,
        })
    };
    example.organisations.iter().filter_map(site).collect()
}
