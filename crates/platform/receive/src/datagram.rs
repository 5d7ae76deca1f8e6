//! UDP: a message a datagram. What arrives while the log is being written waits, within a bound;
//! past it datagrams are dropped, counted and shown, and so are those that the system threw away.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use intake::Sender;
use tokio::{net::UdpSocket, sync::Notify};
use tokio_util::sync::CancellationToken;
use wire::{Frame, Records, syslog};

use crate::{
    deliver::deliver,
    dropped,
    model::{Cx, Limits},
};

/// The largest datagram there is.
const DATAGRAM_BYTES: usize = 64 << 10;
/// Datagrams taken after the stop: what had arrived, and not what a sender adds for ever.
const MOST_AT_THE_END: usize = 10_000;
/// How often the system is asked what it threw away.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// Records wait this long for others, so that a trickle of datagrams is not a commit each.
const GATHER: Duration = Duration::from_millis(5);

#[derive(Default)]
struct Waiting {
    records: Mutex<Records>,
    some: Notify,
}

impl Waiting {
    fn lock(&self) -> MutexGuard<'_, Records> {
        // A holder that panicked left whole records behind: they are added one by one.
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, datagram: &[u8], peer: &str, limits: Limits) {
        let mut records = self.lock();
        if records.bytes.len() >= limits.waiting_bytes {
            metrics::counter!("ward_syslog_dropped_total").increment(1);
            let reason = "dropped: more came over UDP than could be written".to_owned();
            records.refuse(reason, datagram, false);
        } else if datagram.len() > limits.message_bytes {
            syslog::add(Frame::TooLong(datagram), peer, &mut records);
        } else if !datagram.trim_ascii().is_empty() {
            syslog::message(datagram, peer, &mut records);
        }
        drop(records);
        self.some.notify_one();
    }
}

/// Takes datagrams until `stop`; those that arrived by then are written.
pub(crate) async fn serve(
    socket: UdpSocket,
    sender: &Sender,
    cx: &Cx,
    limits: Limits,
    stop: &CancellationToken,
) {
    let waiting = Waiting::default();
    let received = async {
        receive(&socket, &waiting, limits, stop).await;
        waiting.some.notify_one();
    };
    let delivered = async {
        while !stop.is_cancelled() {
            waiting.some.notified().await;
            tokio::time::sleep(GATHER).await;
            let records = std::mem::take(&mut *waiting.lock());
            deliver(cx, sender, records, stop).await;
        }
    };
    tokio::join!(received, delivered, told(&socket, sender, cx, stop));
    let records = std::mem::take(&mut *waiting.lock());
    deliver(cx, sender, records, stop).await;
}

async fn receive(socket: &UdpSocket, waiting: &Waiting, limits: Limits, stop: &CancellationToken) {
    let mut buffer = vec![0; DATAGRAM_BYTES];
    let mut at_the_end = 0;
    while at_the_end < MOST_AT_THE_END {
        let received = tokio::select! {
            // What has arrived is taken first: at the end too.
            biased;
            received = socket.recv_from(&mut buffer) => received,
            () = stop.cancelled() => return,
        };
        match received {
            Ok((length, peer)) => {
                waiting.add(&buffer[..length], &peer.ip().to_canonical().to_string(), limits);
            }
            // An earlier answer could not be delivered to somebody: nothing of ours is lost.
            Err(error) => tracing::debug!(%error, "a datagram cannot be read"),
        }
        at_the_end += usize::from(stop.is_cancelled());
    }
}

/// Tells what the system threw away.
async fn told(socket: &UdpSocket, sender: &Sender, cx: &Cx, stop: &CancellationToken) {
    let mut known = dropped::datagrams(socket).unwrap_or(0);
    while tokio::time::timeout(ASK_EVERY, stop.cancelled()).await.is_err() {
        let Some(dropped) = dropped::datagrams(socket) else { return };
        let new = dropped.saturating_sub(known);
        known = dropped;
        if new > 0 {
            metrics::counter!("ward_syslog_dropped_total").increment(new);
            let reason = format!("dropped: the system had no room for {new} datagrams");
            let count = u32::try_from(new).unwrap_or(u32::MAX);
            cx.intake.lost(sender, count, &reason, (cx.clock)());
        }
    }
}
