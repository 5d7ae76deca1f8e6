//! News to whoever listens, within this process. A listener that is too slow is told how much it
//! missed; nobody waits for it.

use tokio::sync::broadcast;

/// A sender of news; clones send to the same listeners.
#[derive(Clone, Debug)]
pub struct Broadcast<T> {
    sender: broadcast::Sender<T>,
}

/// One listener.
#[derive(Debug)]
pub struct Subscription<T> {
    receiver: broadcast::Receiver<T>,
}

/// What a listener gets instead of news it was too slow for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed(pub u64);

impl<T: Clone> Broadcast<T> {
    /// A sender whose listeners may lag by `kept` pieces of news.
    pub fn new(kept: usize) -> Self {
        Self { sender: broadcast::Sender::new(kept) }
    }

    /// Tells all who listen; nothing happens when nobody does.
    pub fn publish(&self, news: T) {
        let _ = self.sender.send(news);
    }

    /// Listens from now on.
    pub fn subscribe(&self) -> Subscription<T> {
        Subscription { receiver: self.sender.subscribe() }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.sender.receiver_count()
    }
}

impl<T: Clone> Subscription<T> {
    /// The next piece of news; `None` when all senders are gone. Safe to cancel.
    pub async fn next(&mut self) -> Option<Result<T, Missed>> {
        match self.receiver.recv().await {
            Ok(news) => Some(Ok(news)),
            Err(broadcast::error::RecvError::Lagged(count)) => Some(Err(Missed(count))),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}
