//! `ward serve`: starts everything, watches over it, stops it in order.
//!
//! Modules in reading order: [`settings`] what is set, [`logging`], [`folder`] the data folder,
//! [`start`] the handles, [`watch`] from the event log to alerts, [`support`] the map's words for
//! it, [`listen`] listeners for syslog, [`keep`] what is done now and then, [`demo`] an example
//! sector with telemetry, [`audit`] the check of the trail, [`map`] and [`token`] what is done
//! beside a running server.

pub(crate) mod audit;
pub(crate) mod demo;
mod folder;
mod keep;
mod listen;
mod logging;
pub(crate) mod map;
pub(crate) mod settings;
mod start;
mod support;
pub(crate) mod token;
mod watch;

use anyhow::{Context, Result};
use tokio_util::sync::CancellationToken;
use tracing::info;

use crate::{cli::ServeArgs, exit::Exit};
use start::Started;

/// `ward serve`.
pub(crate) fn command(args: &ServeArgs) -> Result<Exit> {
    let config = settings::read(&args.config)?.config;
    logging::start(&config.log)?;
    runtime()?.block_on(async {
        let started = start::start(config, access::SecondFactor::Required).await?;
        welcome(&started).await?;
        run(started, async |_, _| {}).await
    })?;
    Ok(Exit::Nothing)
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the server")
}

/// At the first start: how the first administrator signs in. To standard error and not to the log,
/// which others may read.
async fn welcome(started: &Started) -> Result<()> {
    let url = &started.app.settings.public_url;
    let now = started.app.settings.now();
    eprintln!("Ward listens at {url}");
    if let Some(link) = started.app.access.first_administrator_link(now).await? {
        eprintln!(
            "There is no account yet. Open this link within 24 hours to become the first \
             administrator; it works once:\n  {url}/link/{}",
            link.secret.expose()
        );
    }
    Ok(())
}

/// Serves until a signal to stop; `beside` runs along and is told to stop.
async fn run(
    started: Started,
    beside: impl AsyncFnOnce(web::App, CancellationToken),
) -> Result<()> {
    let Started { app, listener, listeners, watch, writer, folder, keep } = started;
    let stop = app.stop.clone();
    tokio::spawn(stop_on_signal(stop.clone()));
    let watching = on_a_thread({
        let stop = stop.clone();
        move || watch.run(stop)
    });
    let keeping = tokio::spawn(keep.run(stop.clone()));
    let listening = tokio::spawn(listeners.run(stop.clone()));
    let intake = app.intake.clone();
    let (served, ()) =
        tokio::join!(web::server::serve(listener, app.clone()), beside(app.clone(), stop.clone()));
    stop.cancel();
    let _ = tokio::join!(watching, keeping, listening);
    intake.flush().await.context("cannot write the counts of sources")?;
    // The log's writer ends when nobody can hand it anything any more.
    drop((app, intake));
    writer.finished().await;
    drop(folder);
    info!("stopped");
    served.context("cannot serve")
}

/// Runs a task on a thread of its own, beside those that answer requests.
fn on_a_thread<F: Future<Output = ()>>(
    task: impl FnOnce() -> F + Send + 'static,
) -> tokio::task::JoinHandle<()> {
    let handle = tokio::runtime::Handle::current();
    tokio::task::spawn_blocking(move || handle.block_on(task()))
}

/// The first signal asks for an orderly stop, the second ends at once.
async fn stop_on_signal(stop: CancellationToken) {
    signal().await;
    info!("stopping: requests in flight are answered first");
    stop.cancel();
    signal().await;
    std::process::exit(130);
}

#[cfg(unix)]
async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate =
        signal(SignalKind::terminate()).expect("a handler can be set while the runtime runs");
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

#[cfg(not(unix))]
async fn signal() {
    let _ = tokio::signal::ctrl_c().await;
}
