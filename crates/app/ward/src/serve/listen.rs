//! Listeners for syslog: opened from the settings, each a sender of its own, served until the end.

use std::time::Duration;

use access::{Access, AccessError};
use anyhow::{Context as _, Result, bail};
use intake::Sender;
use receive::{Bound, Cx, Limits, Listener, Protocol, Revoked, Senders, tls};
use terms::{OdsCode, Timestamp, TokenId};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use web::App;

use crate::config::listen::{self, Listen, Syslog};

/// How often it is looked whether a listener was revoked.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// All listeners, their addresses taken.
pub(super) struct Listeners {
    bound: Vec<Bound>,
    sources: Vec<TokenId>,
    cx: Cx,
    access: Access,
}

impl Listeners {
    /// Takes all addresses. Errors: what cannot be taken, read or made, with its place.
    pub(super) async fn open(config: &Listen, app: &App) -> Result<Self> {
        let cx =
            Cx { intake: app.intake.clone(), clock: Timestamp::now, revoked: Revoked::default() };
        let mut all =
            Self { bound: Vec::new(), sources: Vec::new(), cx, access: app.access.clone() };
        for one in &config.syslog {
            let place = || format!("listen.syslog, {} at {}", one.name, one.address);
            all.add(one, app).await.with_context(place)?;
        }
        Ok(all)
    }

    async fn add(&mut self, one: &Syslog, app: &App) -> Result<()> {
        let senders = self.senders(one, app).await?;
        if senders.are_none() {
            warn!(
                name = one.name,
                "nothing listens at {}: all its senders were revoked", one.address
            );
            return Ok(());
        }
        let limits = Limits {
            message_bytes: (one.message_kb as usize) << 10,
            connections: one.connections as usize,
            idle: Duration::from_secs(one.idle_seconds.into()),
            ..Limits::default()
        };
        let listener = Listener { address: one.address, protocol: protocol(one)?, senders, limits };
        let bound = Bound::new(listener).await?;
        info!(listen = %bound.local_addr()?, name = one.name, "syslog is taken");
        self.bound.push(bound);
        Ok(())
    }

    async fn senders(&mut self, one: &Syslog, app: &App) -> Result<Senders> {
        let mut senders = Senders::default();
        if let Some(code) = &one.organisation {
            senders.otherwise = self.sender(code, &one.name, app).await?;
        }
        for (client, code) in &one.clients {
            let sender = self.sender(code, &format!("{} {client}", one.name), app).await?;
            senders.by_name.push((client.to_ascii_lowercase(), sender));
        }
        Ok(senders)
    }

    /// The sender of a name; nobody when it was revoked.
    async fn sender(&mut self, code: &str, name: &str, app: &App) -> Result<Option<Sender>> {
        let organisation: OdsCode = code.parse().context("no code of an organisation")?;
        if app.map.graph().organisation(&organisation).is_none() {
            bail!("{organisation} is not on the map; import it first: ward map import <file>");
        }
        let made = app.access.listener(organisation.clone(), name, Timestamp::now()).await;
        match made {
            Ok(source) => {
                self.sources.push(source);
                Ok(Some(Sender { source, organisation }))
            }
            Err(AccessError::State(why)) => {
                warn!(name, "{why}; its messages are refused");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Serves all until `stop`.
    pub(super) async fn run(self, stop: CancellationToken) {
        let Self { bound, sources, cx, access } = self;
        if bound.is_empty() {
            return;
        }
        let mut running = JoinSet::new();
        for one in bound {
            running.spawn(one.run(cx.clone(), stop.clone()));
        }
        while tokio::time::timeout(LOOK_EVERY, stop.cancelled()).await.is_err() {
            match access.revoked(&sources).await {
                Ok(revoked) => cx.revoked.set(revoked),
                Err(error) => {
                    warn!(
                        error = &error as &dyn std::error::Error,
                        "it cannot be looked whether listeners were revoked"
                    );
                }
            }
        }
        while running.join_next().await.is_some() {}
    }
}

fn protocol(one: &Syslog) -> Result<Protocol> {
    Ok(match (one.protocol, &one.certificate, &one.key) {
        (listen::Protocol::Udp, ..) => Protocol::Udp,
        (listen::Protocol::Tcp, ..) => Protocol::Tcp,
        (listen::Protocol::Tls, Some(certificate), Some(key)) => {
            Protocol::Tls(tls::server(&tls::Files {
                certificate,
                key,
                client_authorities: one.client_authorities.as_deref(),
            })?)
        }
        (listen::Protocol::Tls, ..) => bail!("protocol tls needs certificate and key"),
    })
}
