//! One connection: bytes to messages to records, until it ends, is idle too long, or Ward stops.

use std::net::IpAddr;

use intake::Sender;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::sync::CancellationToken;
use wire::{Framer, Records, syslog};

use crate::{
    deliver::deliver,
    model::{Cx, Limits},
};

/// Bytes read at once.
const READ_BYTES: usize = 32 << 10;
/// Records gathered at most before they are written.
const GATHERED_BYTES: usize = 1 << 20;

/// Serves a connection to its end.
pub(crate) async fn serve(
    mut stream: impl AsyncRead + Unpin,
    peer: IpAddr,
    sender: &Sender,
    cx: &Cx,
    limits: Limits,
    stop: &CancellationToken,
) {
    let peer = peer.to_canonical().to_string();
    let mut framer = Framer::new(limits.message_bytes);
    let mut buffer = vec![0; READ_BYTES];
    while !stop.is_cancelled() && !cx.revoked.contains(sender.source) {
        let mut records = Records::default();
        let read = tokio::select! {
            () = stop.cancelled() => break,
            read = tokio::time::timeout(limits.idle, stream.read(&mut buffer)) => read,
        };
        let Ok(read) = read else {
            tracing::debug!(%peer, "a connection of syslog was idle too long");
            break;
        };
        let mut read = read.unwrap_or_else(|error| {
            tracing::debug!(%peer, %error, "a connection of syslog broke");
            0
        });
        let is_open = loop {
            framer.push(&buffer[..read], |frame| syslog::add(frame, &peer, &mut records));
            if read == 0 || records.bytes.len() >= GATHERED_BYTES {
                break read > 0;
            }
            // What has arrived meanwhile is written with it; nobody is waited for.
            read = tokio::select! {
                biased;
                more = stream.read(&mut buffer) => more.unwrap_or(0),
                () = std::future::ready(()) => break true,
            };
        };
        deliver(cx, sender, records, stop).await;
        if !is_open {
            break;
        }
    }
    let mut records = Records::default();
    framer.end(|frame| syslog::add(frame, &peer, &mut records));
    deliver(cx, sender, records, stop).await;
}
