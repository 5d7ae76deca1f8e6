//! What listens: a socket taken at the start, so that a wrong setting is told then, and served
//! until Ward stops.

use std::{io, net::SocketAddr, sync::Arc};

use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::{
    datagram,
    model::{Cx, Limits, Listener, Protocol, Senders},
    refusals::Refusals,
    stream::{Connection, GATHERED_BYTES},
    tls,
};

/// Why a listener cannot begin.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address cannot be taken.
    #[error("cannot listen on {address} ({protocol})")]
    Address {
        /// Which.
        address: SocketAddr,
        /// By what.
        protocol: &'static str,
        /// The cause.
        source: io::Error,
    },
    /// Datagrams show no certificate.
    #[error("a listener over UDP needs one organisation for all who send")]
    Nobody,
}

/// A listener whose address is taken.
#[derive(Debug)]
pub struct Bound {
    listener: Listener,
    socket: Socket,
}

#[derive(Debug)]
enum Socket {
    Udp(UdpSocket),
    Tcp(TcpListener),
}

/// What the system may hold of datagrams not yet read, if it allows so much.
const DATAGRAM_ROOM_BYTES: usize = 8 << 20;
/// Wait when no connection can be taken: the program may have too many files open.
const BREATH: std::time::Duration = std::time::Duration::from_millis(200);

impl Bound {
    /// Takes the address. Errors: [`ListenError`].
    pub async fn new(listener: Listener) -> Result<Self, ListenError> {
        let (address, protocol) = (listener.address, listener.protocol.as_str());
        let wrong = |source| ListenError::Address { address, protocol, source };
        let socket = match listener.protocol {
            Protocol::Udp => {
                if listener.senders.otherwise.is_none() {
                    return Err(ListenError::Nobody);
                }
                let socket = UdpSocket::bind(address).await.map_err(wrong)?;
                // Less room is no reason not to listen.
                let _ = socket2::SockRef::from(&socket).set_recv_buffer_size(DATAGRAM_ROOM_BYTES);
                Socket::Udp(socket)
            }
            Protocol::Tcp | Protocol::Tls(_) => {
                Socket::Tcp(TcpListener::bind(address).await.map_err(wrong)?)
            }
        };
        Ok(Self { listener, socket })
    }

    /// Where it listens. Errors: the system does not tell.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        match &self.socket {
            Socket::Udp(socket) => socket.local_addr(),
            Socket::Tcp(listener) => listener.local_addr(),
        }
    }

    /// Serves until `stop`; what was read by then is written.
    pub async fn run(self, cx: Cx, stop: CancellationToken) {
        let Listener { senders, limits, protocol, .. } = self.listener;
        match self.socket {
            Socket::Udp(socket) => {
                let sender = senders.otherwise.expect("checked when the address was taken");
                datagram::serve(socket, &sender, &cx, limits, &stop).await;
            }
            Socket::Tcp(listener) => {
                let acceptor = match protocol {
                    Protocol::Tls(config) => Some(TlsAcceptor::from(config)),
                    Protocol::Tcp | Protocol::Udp => None,
                };
                let gathering = Semaphore::new(limits.waiting_bytes / GATHERED_BYTES);
                let refusals = Refusals::default();
                let serving = Serving { cx, senders, limits, acceptor, gathering, refusals };
                let serving = Arc::new(serving);
                accept(&listener, &serving, &stop).await;
            }
        }
    }
}

struct Serving {
    cx: Cx,
    senders: Senders,
    limits: Limits,
    acceptor: Option<TlsAcceptor>,
    /// How many connections may gather much at once.
    gathering: Semaphore,
    refusals: Refusals,
}

async fn accept(listener: &TcpListener, serving: &Arc<Serving>, stop: &CancellationToken) {
    let room = Arc::new(Semaphore::new(serving.limits.connections));
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection of syslog cannot be taken");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        match room.clone().try_acquire_owned() {
            Ok(permit) => {
                let (serving, stop) = (serving.clone(), stop.clone());
                connections
                    .spawn(async move { serving.connection(stream, peer, permit, &stop).await });
            }
            Err(_) => serving.refuse(peer, "closed: too many connections at once"),
        }
    }
    while connections.join_next().await.is_some() {}
}

impl Serving {
    async fn connection(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        _room: OwnedSemaphorePermit,
        stop: &CancellationToken,
    ) {
        let Some(acceptor) = &self.acceptor else {
            return self.serve(stream, peer, &[], stop).await;
        };
        let handshake = tokio::time::timeout(self.limits.handshake, acceptor.accept(stream));
        let shaken = tokio::select! {
            () = stop.cancelled() => return,
            shaken = handshake => shaken,
        };
        match shaken {
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates();
                let names = shown.and_then(<[_]>::first).map(tls::names).unwrap_or_default();
                self.serve(stream, peer, &names, stop).await;
            }
            Ok(Err(error)) => self.refuse(peer, &format!("the handshake failed: {error}")),
            Err(_) => self.refuse(peer, "the handshake took too long"),
        }
    }

    async fn serve(
        &self,
        stream: impl tokio::io::AsyncRead + Unpin,
        peer: SocketAddr,
        names: &[String],
        stop: &CancellationToken,
    ) {
        match self.senders.of(names) {
            Some(sender) => {
                let (cx, limits, gathering) = (&self.cx, self.limits, &self.gathering);
                let connection = Connection { peer: peer.ip(), sender, cx, limits, gathering };
                connection.serve(stream, stop).await;
            }
            None => self.refuse(peer, &format!("no organisation sends as {names:?}")),
        }
    }

    /// A connection that was not served. Anybody can make one: no source is told of it, and the log
    /// once a minute.
    fn refuse(&self, peer: SocketAddr, reason: &str) {
        metrics::counter!("ward_syslog_refused_connections_total").increment(1);
        tracing::debug!(peer = %peer.ip(), reason, "a connection of syslog was refused");
        if let Some(count) = self.refusals.note((self.cx.clock)()) {
            tracing::warn!(count, reason, "connections of syslog were refused, the last as told");
        }
    }
}
