//! One connection: bytes to messages to records, until it ends, is idle too long, or Ward stops.

use std::net::IpAddr;

use intake::Sender;
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use wire::{Framer, Records, syslog};

use crate::{
    deliver::deliver,
    model::{Cx, Limits},
};

/// Bytes read at once.
const READ_BYTES: usize = 32 << 10;
/// Bytes read, or records made of them, at most before they are written.
pub(crate) const GATHERED_BYTES: usize = 1 << 20;

/// A connection of somebody known.
pub(crate) struct Connection<'c> {
    /// Who is at its other end.
    pub(crate) peer: IpAddr,
    /// For whom they speak.
    pub(crate) sender: &'c Sender,
    /// Where records go.
    pub(crate) cx: &'c Cx,
    /// Its bounds.
    pub(crate) limits: Limits,
    /// A permit for each of the listener's connections that may gather more than one read.
    pub(crate) gathering: &'c Semaphore,
}

impl Connection<'_> {
    /// Serves it to its end.
    pub(crate) async fn serve(&self, stream: impl AsyncRead + Unpin, stop: &CancellationToken) {
        let mut incoming = Incoming::new(stream, self.peer, self.limits.message_bytes);
        let mut is_open = true;
        while is_open && !stop.is_cancelled() && !self.cx.revoked.contains(self.sender.source) {
            let read = tokio::select! {
                () = stop.cancelled() => break,
                read = tokio::time::timeout(self.limits.idle, incoming.read()) => read,
            };
            let Ok(read) = read else {
                tracing::debug!(peer = incoming.peer, "a connection of syslog was idle too long");
                break;
            };
            let permit = self.gathering.try_acquire();
            let most_bytes = if permit.is_ok() { GATHERED_BYTES } else { 0 };
            let (records, goes_on) = incoming.gather(read, most_bytes).await;
            is_open = goes_on;
            deliver(self.cx, self.sender, records, stop).await;
        }
        deliver(self.cx, self.sender, incoming.end(), stop).await;
    }
}

/// What comes in over a connection, cut into messages.
struct Incoming<S> {
    stream: S,
    peer: String,
    framer: Framer,
    buffer: Vec<u8>,
}

impl<S: AsyncRead + Unpin> Incoming<S> {
    fn new(stream: S, peer: IpAddr, message_bytes: usize) -> Self {
        let (peer, framer) = (peer.to_canonical().to_string(), Framer::new(message_bytes));
        Self { stream, peer, framer, buffer: vec![0; READ_BYTES] }
    }

    /// Waits for bytes; how many came, 0 at the end.
    async fn read(&mut self) -> usize {
        self.stream.read(&mut self.buffer).await.unwrap_or_else(|error| {
            tracing::debug!(peer = self.peer, %error, "a connection of syslog broke");
            0
        })
    }

    /// Makes records of what was read, and of what has arrived meanwhile, until `most_bytes` were
    /// read or written; nobody is waited for. And whether the connection goes on: what makes no
    /// record, as line feeds do, must not keep it from being looked at.
    async fn gather(&mut self, mut read: usize, most_bytes: usize) -> (Records, bool) {
        let mut records = Records::default();
        let mut gathered = 0;
        loop {
            let frames = &self.buffer[..read];
            self.framer.push(frames, |frame| syslog::add(frame, &self.peer, &mut records));
            gathered += read;
            if read == 0 || gathered.max(records.bytes.len()) >= most_bytes {
                return (records, read > 0);
            }
            read = tokio::select! {
                biased;
                more = self.read() => more,
                () = std::future::ready(()) => return (records, true),
            };
        }
    }

    /// What the end of the connection ends.
    fn end(self) -> Records {
        let mut records = Records::default();
        self.framer.end(|frame| syslog::add(frame, &self.peer, &mut records));
        records
    }
}

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, time::Duration};

    use super::*;

    async fn check(byte: u8) {
        let stream = tokio::io::repeat(byte);
        let mut incoming = Incoming::new(stream, Ipv4Addr::LOCALHOST.into(), 1_000);
        let read = incoming.read().await;
        let gathered = incoming.gather(read, GATHERED_BYTES);
        let gathered = tokio::time::timeout(Duration::from_secs(20), gathered).await;
        let (records, is_open) = gathered.expect("it never looks up");
        assert!(is_open && records.count == 0, "{records:?}");
    }

    #[tokio::test]
    async fn who_sends_line_feeds_or_a_line_without_end_is_looked_at_now_and_then() {
        check(b'\n').await;
        check(b'x').await;
    }
}
