//! Whether records could be accepted now. To know it is a write to the event log, and anybody may
//! ask: so the databases are asked at most once a second, and all who ask meanwhile share the
//! answer.

use terms::Timestamp;
use tokio::sync::Mutex;

/// How long an answer holds.
const HOLDS_MICROSECONDS: i64 = 1_000_000;

/// The latest answer, and when it came.
#[derive(Debug, Default)]
pub(crate) struct Ready(Mutex<Option<(Timestamp, bool)>>);

impl Ready {
    /// The latest answer, or that of `probe` when it is older than a second. Who comes while
    /// another waits for `probe` waits for the same answer.
    pub(crate) async fn ask(
        &self,
        now: impl Fn() -> Timestamp,
        probe: impl Future<Output = bool>,
    ) -> bool {
        let mut latest = self.0.lock().await;
        if let Some((at, answer)) = *latest {
            let age = now().as_microsecond() - at.as_microsecond();
            // A clock that was set back makes the answer old, not new for ever.
            if (0..HOLDS_MICROSECONDS).contains(&age) {
                return answer;
            }
        }
        let answer = probe.await;
        *latest = Some((now(), answer));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Asks at these moments (microseconds); how often the databases were asked.
    async fn check(moments: &[i64], probes: u32) {
        let (ready, asked) = (Ready::default(), Cell::new(0));
        for moment in moments {
            let now = || Timestamp::from_microsecond(*moment).expect("a moment");
            let probe = async {
                asked.set(asked.get() + 1);
                true
            };
            assert!(ready.ask(now, probe).await);
        }
        assert_eq!(asked.get(), probes, "{moments:?}");
    }

    #[tokio::test]
    async fn all_who_ask_within_a_second_share_one_answer() {
        check(&[0, 1, 500_000, 999_999], 1).await;
        check(&[0, 1_000_000, 1_999_999, 2_000_000], 3).await;
    }

    #[tokio::test]
    async fn a_clock_set_back_keeps_no_answer_alive() {
        check(&[5_000_000, 10, 20], 2).await;
    }

    #[tokio::test]
    async fn a_refusal_is_shared_and_forgotten_like_any_answer() {
        let ready = Ready::default();
        let at = |moment| move || Timestamp::from_microsecond(moment).expect("a moment");
        assert!(!ready.ask(at(0), async { false }).await);
        assert!(!ready.ask(at(10), async { true }).await);
        assert!(ready.ask(at(1_000_010), async { true }).await);
    }

    #[tokio::test]
    async fn who_comes_while_another_waits_shares_its_answer() {
        let (ready, asked) = (Ready::default(), Cell::new(0));
        let now = || Timestamp::from_microsecond(0).expect("a moment");
        let probe = || async {
            asked.set(asked.get() + 1);
            tokio::task::yield_now().await;
            true
        };
        let answers = tokio::join!(ready.ask(now, probe()), ready.ask(now, probe()));
        assert_eq!((answers, asked.get()), ((true, true), 1));
    }
}
