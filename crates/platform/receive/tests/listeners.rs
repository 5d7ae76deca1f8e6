//! Listeners as senders meet them: what is sent is in the log, what cannot be is counted, and no
//! bound is passed.

use std::{collections::HashSet, net::SocketAddr, time::Duration};

use bus::{EventLog, Seq};
use db::{Db, Place, Schema};
use intake::{Intake, Sender};
use receive::{Bound, Cx, Limits, ListenError, Listener, Protocol, Revoked, Senders};
use terms::{OdsCode, Scope, TokenId};
use testkit::{TestDb, now};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

/// A listener that runs.
struct Running {
    intake: Intake,
    sender: Sender,
    address: SocketAddr,
    revoked: Revoked,
    stop: CancellationToken,
    task: JoinHandle<()>,
    _t: TestDb,
    _folder: tempfile::TempDir,
}

/// A log that takes no more once something waits in it.
const BUSY: bus::Limits = bus::Limits { pending_bytes: 16 << 20, backlog_bytes: 1 };

async fn start(protocol: Protocol, limits: Limits, log: bus::Limits) -> Running {
    let t = testkit::sqlite().await;
    let folder = tempfile::tempdir().expect("a folder");
    let place = Place::Sqlite(folder.path().join("events.db"));
    let events = Db::open_as(Schema::Log, &place).await.expect("a database");
    let (log, _writer) = EventLog::open(events, log).await.expect("a log");
    let intake = Intake::new(log, t.db.clone());
    let organisation: OdsCode = "XAA".parse().expect("a code");
    let sender = Sender { source: TokenId::new(now()), organisation };
    let senders = Senders { otherwise: Some(sender.clone()), ..Senders::default() };
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let bound = Bound::new(Listener { address, protocol, senders, limits }).await.expect("bound");
    let address = bound.local_addr().expect("an address");
    let revoked = Revoked::default();
    let cx = Cx { intake: intake.clone(), clock: now, revoked: revoked.clone() };
    let stop = CancellationToken::new();
    let task = tokio::spawn(bound.run(cx, stop.clone()));
    Running { intake, sender, address, revoked, stop, task, _t: t, _folder: folder }
}

async fn tcp(limits: Limits) -> Running {
    start(Protocol::Tcp, limits, bus::Limits::default()).await
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.expect("connected")
    }

    async fn kept(&self) -> Vec<String> {
        let batches = self.intake.log().read(Seq(0), usize::MAX).await.expect("read");
        let text = |batch: &bus::Batch| String::from_utf8_lossy(&batch.records).into_owned();
        let text: String = batches.iter().map(text).collect();
        text.lines().map(str::to_owned).collect()
    }

    async fn wait_for(&self, count: usize) -> Vec<String> {
        for _ in 0..200 {
            let kept = self.kept().await;
            if kept.len() >= count {
                return kept;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{:?}, not {count}", self.kept().await);
    }

    /// Stops; refused, unread, and the reasons told.
    async fn stop(self) -> (i64, i64, Vec<String>) {
        self.stop.cancel();
        self.task.await.expect("it ends");
        self.intake.flush().await.expect("written");
        let found = self.intake.source(&Scope::sector(), self.sender.source, now()).await;
        let Some((state, _, failures)) = found.expect("read") else { return (0, 0, Vec::new()) };
        (state.refused, state.unread, failures.into_iter().map(|one| one.reason).collect())
    }
}

/// Whether the other side closed.
async fn is_closed(mut stream: TcpStream) -> bool {
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read(&mut [0; 1])).await;
    matches!(read, Ok(Ok(0) | Err(_)))
}

#[tokio::test]
async fn a_stream_of_both_framings_is_kept_whole_at_its_end_too() {
    let running = tcp(Limits::default()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"<13>1 - h a - - - one\n26 <13>1 - h a - - - two\nlin").await.expect("sent");
    running.wait_for(1).await;
    stream.write_all(b"e<13>1 - h a - - - three").await.expect("sent");
    drop(stream);
    let message = |record: &String| {
        let read: Vec<&str> = record.split("\"message\":").collect();
        read[1].to_owned()
    };
    let kept: Vec<String> = running.wait_for(3).await.iter().map(message).collect();
    let peer = "\"peer\":\"127.0.0.1\"}";
    let expected =
        [r#""one""#, r#""two\nline""#, r#""three""#].map(|text| format!("{text},{peer}"));
    assert_eq!(kept, expected);
    assert_eq!(running.stop().await, (0, 0, Vec::new()));
}

#[tokio::test]
async fn datagrams_are_kept_and_what_has_no_header_is_shown() {
    let running = start(Protocol::Udp, Limits::default(), bus::Limits::default()).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    for text in ["<13>1 - h a - - - one", "no header", " \n"] {
        socket.send_to(text.as_bytes(), running.address).await.expect("sent");
    }
    let kept = running.wait_for(2).await;
    assert_eq!(kept[1], "{\"message\":\"no header\",\"peer\":\"127.0.0.1\"}");
    let (refused, unread, reasons) = running.stop().await;
    assert_eq!((refused, unread), (0, 1));
    assert!(reasons[0].contains("no header"), "{reasons:?}");
}

#[tokio::test]
async fn datagrams_without_room_are_dropped_and_counted() {
    let limits = Limits { waiting_bytes: 1_000, ..Limits::default() };
    let running = start(Protocol::Udp, limits, BUSY).await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a socket");
    let text = format!("<13>1 - h a - - - {}", "x".repeat(300));
    for _ in 0..50 {
        socket.send_to(text.as_bytes(), running.address).await.expect("sent");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    let kept = running.kept().await.len();
    let (refused, _, reasons) = running.stop().await;
    assert!(refused > 0 && kept < 50, "{kept} kept, {refused} refused");
    assert!(reasons.iter().any(|reason| reason.starts_with("dropped")), "{reasons:?}");
}

#[tokio::test]
async fn a_message_beyond_the_bound_is_told_and_the_next_is_kept() {
    let running = tcp(Limits { message_bytes: 64, ..Limits::default() }).await;
    let mut stream = running.connect().await;
    let text = format!("<13>{}\n<13>1 - h a - - - short\n", "x".repeat(100_000));
    stream.write_all(text.as_bytes()).await.expect("sent");
    assert_eq!(running.wait_for(1).await.len(), 1);
    let (refused, _, reasons) = running.stop().await;
    assert_eq!((refused, reasons.len()), (1, 1));
    assert!(reasons[0].contains("longer"), "{reasons:?}");
}

#[tokio::test]
async fn one_connection_too_many_and_an_idle_one_are_closed() {
    let limits = Limits { connections: 1, idle: Duration::from_millis(500), ..Limits::default() };
    let running = tcp(limits).await;
    let first = running.connect().await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(is_closed(running.connect().await).await, "the second is taken");
    assert!(is_closed(first).await, "the idle one stays");
    // Anybody can connect: no source is told of it.
    assert_eq!(running.stop().await, (0, 0, Vec::new()));
}

#[tokio::test]
async fn a_sender_waits_while_the_log_takes_no_more_and_nothing_is_lost() {
    let running = start(Protocol::Tcp, Limits::default(), BUSY).await;
    let mut stream = running.connect().await;
    stream.write_all(b"<13>1 - h a - - - one\n").await.expect("sent");
    running.wait_for(1).await;
    stream.write_all(b"<13>1 - h a - - - two\n").await.expect("sent");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(running.kept().await.len(), 1);
    running.intake.log().release("reader", Seq(1)).await.expect("released");
    let intake = running.intake.clone();
    // What waits is tried once more at the stop. Waiting is no refusal.
    assert_eq!(running.stop().await, (0, 0, Vec::new()));
    let batches = intake.log().read(Seq(0), usize::MAX).await.expect("read");
    assert_eq!(batches.iter().map(|batch| batch.count).sum::<u32>(), 2);
}

#[tokio::test]
async fn what_could_not_be_written_before_the_stop_is_counted_once_as_lost() {
    let running = start(Protocol::Tcp, Limits::default(), BUSY).await;
    let mut stream = running.connect().await;
    stream.write_all(b"<13>1 - h a - - - one\n").await.expect("sent");
    running.wait_for(1).await;
    stream.write_all(b"<13>1 - h a - - - two\n<13>1 - h a - - - three\n").await.expect("sent");
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (refused, _, reasons) = running.stop().await;
    assert_eq!((refused, reasons.len()), (2, 1));
    assert!(reasons[0].starts_with("lost"), "{reasons:?}");
}

#[tokio::test]
async fn many_connections_at_once_are_kept_whole_where_little_may_wait() {
    let limits = Limits { waiting_bytes: 0, ..Limits::default() };
    let running = tcp(limits).await;
    let text = "<13>1 - h a - - - one\n".repeat(5_000);
    for _ in 0..4 {
        running.connect().await.write_all(text.as_bytes()).await.expect("sent");
    }
    assert_eq!(running.wait_for(20_000).await.len(), 20_000);
    assert_eq!(running.stop().await, (0, 0, Vec::new()));
}

#[tokio::test]
async fn who_was_revoked_is_refused() {
    let running = tcp(Limits::default()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"<13>1 - h a - - - one\n").await.expect("sent");
    running.wait_for(1).await;
    running.revoked.set(HashSet::from([running.sender.source]));
    stream.write_all(b"<13>1 - h a - - - two\n").await.expect("sent");
    assert!(is_closed(stream).await, "it stays open");
    assert_eq!(running.kept().await.len(), 1);
    let (refused, _, reasons) = running.stop().await;
    assert_eq!(refused, 1);
    assert!(reasons[0].contains("revoked"), "{reasons:?}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_told_at_the_start() {
    let running = tcp(Limits::default()).await;
    let again = |protocol, otherwise| Listener {
        address: running.address,
        protocol,
        senders: Senders { otherwise, ..Senders::default() },
        limits: Limits::default(),
    };
    let told = Bound::new(again(Protocol::Tcp, Some(running.sender.clone()))).await;
    assert!(matches!(told, Err(ListenError::Address { .. })), "{told:?}");
    let told = Bound::new(again(Protocol::Udp, None)).await;
    assert!(matches!(told, Err(ListenError::Nobody)), "{told:?}");
}
