//! Passwords: which are taken, how they are kept and checked.
//!
//! Kept as Argon2id in PHC form. Checking costs tens of milliseconds and 19 MiB, so it runs
//! beside the server's tasks, a few at a time, and a queue that is too long is refused. For an
//! account that does not exist the same work is done on a made-up hash, so that the time tells
//! nothing.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::PasswordHash,
};
use tokio::sync::Semaphore;

use crate::{
    error::AccessError,
    secret::{Secret, random_bytes},
};

/// Why a new password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than [`SHORTEST`] characters.
    #[error("a password has at least 12 characters: three words in a row do well")]
    Short,
    /// More than [`LONGEST_BYTES`] bytes.
    #[error("this password is too long: 256 characters always fit")]
    Long,
    /// Many people use it, or it is one with digits around.
    #[error("this password is among those that are tried first: choose another")]
    Common,
    /// It contains the name or the address.
    #[error("the password contains your name or address: choose another")]
    Personal,
}

/// Fewest characters.
pub const SHORTEST: usize = 12;

/// Most bytes: hashing is not for carrying megabytes.
pub const LONGEST_BYTES: usize = 1024;

/// What people take when they are asked for a password, without digits and marks around it.
const COMMON: &str = include_str!("password/common.txt");

/// Rows of keyboards and the alphabet; runs along them, either way, are no secret.
const RUNS: &str = "abcdefghijklmnopqrstuvwxyz 01234567890123456789 qwertyuiop asdfghjkl zxcvbnm \
                    qwertzuiop azertyuiop 1qaz2wsx3edc4rfv5tgb6yhn7ujm";

/// No run is longer.
const LONGEST_RUN: usize = 30;

/// Whether `password` may be the new password of somebody with this name and address.
pub fn check(password: &Secret, name: &str, email: &str) -> Result<(), PasswordFault> {
    let text = password.expose();
    if text.chars().count() < SHORTEST {
        return Err(PasswordFault::Short);
    }
    if text.len() > LONGEST_BYTES {
        return Err(PasswordFault::Long);
    }
    let folded = text.to_lowercase();
    if is_common(&folded) {
        return Err(PasswordFault::Common);
    }
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    let name = name.to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric()).chain(local.split(['.', '_', '-', '+']));
    let is_personal = words
        .chain([local.as_str()])
        .any(|word| word.chars().count() >= 4 && folded.contains(word));
    if is_personal { Err(PasswordFault::Personal) } else { Ok(()) }
}

/// One common word, or two in a row, with digits and marks around; or a text that a few
/// characters repeated, or a run along the keyboard, could have made.
fn is_common(folded: &str) -> bool {
    let is_decoration = |c: char| !c.is_alphabetic();
    let core = folded.trim_matches(is_decoration);
    let is_word =
        |word: &str| word.is_empty() || COMMON.split_whitespace().any(|common| common == word);
    let words: Vec<&str> = core.split(is_decoration).filter(|word| !word.is_empty()).collect();
    let is_words = is_word(core)
        || words.iter().all(|word| is_word(word))
        || core
            .char_indices()
            .any(|(at, _)| is_word(&core[..at]) && is_word(&core[at..]) && at > 0);
    is_words || is_repeated(folded) || is_run(folded)
}

/// Whether at most four characters, repeated, make the text.
fn is_repeated(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    (1..=4).any(|period| {
        letters.iter().zip(&letters[period.min(letters.len())..]).all(|(a, b)| a == b)
    })
}

/// Whether fewer than [`SHORTEST`] characters remain when runs of four and more are taken for one.
fn is_run(text: &str) -> bool {
    let letters: Vec<char> = text.chars().collect();
    let (mut at, mut count) = (0, 0);
    while at < letters.len() {
        at += run_length(&letters[at..]);
        count += 1;
    }
    count < SHORTEST / 2
}

/// How many characters from the beginning stand in a row on a keyboard or in the alphabet; 1
/// when fewer than four do.
fn run_length(letters: &[char]) -> usize {
    let longest = (4..=letters.len().min(LONGEST_RUN)).rev().find(|length| {
        let ahead: String = letters[..*length].iter().collect();
        let back: String = letters[..*length].iter().rev().collect();
        !ahead.contains(' ') && (RUNS.contains(&ahead) || RUNS.contains(&back))
    });
    longest.unwrap_or(1)
}

/// What one hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordCost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl PasswordCost {
    /// 19 MiB, two passes, one lane. Source: OWASP Password Storage Cheat Sheet.
    pub const OWASP: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    /// Quick and unsafe: for tests, which hash many.
    #[doc(hidden)]
    pub const FOR_TESTS: Self = Self { memory_kib: 64, passes: 1, lanes: 1 };

    /// At least OWASP's in everything, whatever is asked for.
    pub fn at_least(memory_kib: u32, passes: u32) -> Self {
        let least = Self::OWASP;
        Self {
            memory_kib: memory_kib.max(least.memory_kib),
            passes: passes.max(least.passes),
            lanes: least.lanes,
        }
    }

    fn argon2(self) -> Argon2<'static> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, None)
            .expect("the costs above lie within what Argon2 allows");
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
    }

    /// Whether a stored hash cost less than this, or was made in another way.
    fn exceeds(self, stored: &PasswordHash) -> bool {
        let Ok(params) = Params::try_from(stored) else { return true };
        stored.algorithm.as_str() != "argon2id"
            || params.m_cost() < self.memory_kib
            || params.t_cost() < self.passes
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Right.
    Right,
    /// Right, but kept at too low a cost: keep this instead.
    RightAndRehashed(String),
    /// Wrong, or there was nothing to compare with.
    Wrong,
}

/// Most checks that wait; more are refused.
const QUEUE: usize = 64;

/// Hashes and checks passwords, a few at a time.
#[derive(Debug)]
pub(crate) struct Passwords {
    cost: PasswordCost,
    running: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// What unknown accounts are compared with.
    nobody: String,
}

impl Passwords {
    pub(crate) fn new(cost: PasswordCost) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let nobody = hash(cost, &Secret::random());
        let running = Arc::new(Semaphore::new((cores / 2).max(1)));
        Self { cost, running, waiting: AtomicUsize::new(0), nobody }
    }

    /// The form in which a new password is kept.
    pub(crate) async fn hash(&self, password: Secret) -> Result<String, AccessError> {
        let cost = self.cost;
        self.run(move || hash(cost, &password)).await
    }

    /// Compares; without a stored hash it takes as long and finds it wrong.
    pub(crate) async fn verify(
        &self,
        password: Secret,
        stored: Option<String>,
    ) -> Result<Verdict, AccessError> {
        let cost = self.cost;
        let is_known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let verdict = self.run(move || verify(cost, &password, &stored)).await?;
        Ok(if is_known { verdict } else { Verdict::Wrong })
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AccessError> {
        let place = Place::take(&self.waiting)?;
        let permit = self.running.clone().acquire_owned().await;
        drop(place);
        let permit = permit.expect("the semaphore is never closed");
        // The permit goes along: a caller that went away does not make room for the next.
        let task = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(permit);
            done
        });
        Ok(task.await.expect("hashing does not panic and is never aborted"))
    }
}

/// A place in the queue, given back however the wait ends.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize) -> Result<Self, AccessError> {
        let before = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        if before < QUEUE { Ok(place) } else { Err(AccessError::Busy) }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(cost: PasswordCost, password: &Secret) -> String {
    let salt = random_bytes::<16>();
    let hash = cost.argon2().hash_password_with_salt(password.expose().as_bytes(), &salt);
    hash.expect("salt and cost lie within what Argon2 allows").to_string()
}

fn verify(cost: PasswordCost, password: &Secret, stored: &str) -> Verdict {
    // Nobody's password is longer; hashing it would only cost.
    if password.expose().len() > LONGEST_BYTES {
        return Verdict::Wrong;
    }
    let Ok(parsed) = PasswordHash::new(stored) else { return Verdict::Wrong };
    let is_right = cost.argon2().verify_password(password.expose().as_bytes(), &parsed).is_ok();
    match is_right {
        false => Verdict::Wrong,
        true if cost.exceeds(&parsed) => Verdict::RightAndRehashed(hash(cost, password)),
        true => Verdict::Right,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(password: &str) -> Option<PasswordFault> {
        check(&Secret::new(password), "Ann Example-Smith", "ann.exs@trust.example").err()
    }

    #[test]
    fn three_words_in_a_row_are_taken() {
        for password in
            ["correct horse battery", "tea-towel-otter-9", "наша собака лает", "Tr4ctor&Umbrella"]
        {
            assert_eq!(fault(password), None, "{password}");
        }
    }

    #[test]
    fn a_short_or_endless_password_is_refused() {
        assert_eq!(fault("elevenchars"), Some(PasswordFault::Short));
        assert_eq!(fault(&"x1y2".repeat(300)), Some(PasswordFault::Long));
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for password in [
            "Password2026!",
            "welcome12345",
            "!!!hospital!!!",
            "WinterWinter",
            "nhs-password-1",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "qwertyuiop12",
            "abcdefghijkl",
            "987654321098",
            "SummerLondon1",
            "            ",
        ] {
            assert_eq!(fault(password), Some(PasswordFault::Common), "{password}");
        }
    }

    #[test]
    fn the_name_and_the_address_are_no_password() {
        for password in ["tall-smith-7-trees", "my EXAMPLE of nine", "ann.exs.ann.exs1"] {
            assert_eq!(fault(password), Some(PasswordFault::Personal), "{password}");
        }
        assert_eq!(fault("annual otter feast"), None, "three letters are no name");
    }

    #[test]
    fn a_hash_is_argon2id_at_the_cost_owasp_asks_for() {
        let hash = hash(PasswordCost::OWASP, &Secret::new("correct horse battery"));
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(PasswordCost::at_least(8, 1), PasswordCost::OWASP);
    }

    #[test]
    fn a_hash_of_another_program_is_read() {
        // Made with argon2-cffi, which wraps the reference implementation.
        let stored = "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg\
                      $T3PcaJ24NQXQLgFPwsq1O95VXG3/ohGKDVyk0WOwfEE";
        let check = |text: &str| verify(PasswordCost::FOR_TESTS, &Secret::new(text), stored);
        assert_eq!(check("correct horse battery"), Verdict::Right);
        assert_eq!(check("correct horse batterx"), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_right_password_is_right_and_a_wrong_one_is_not() {
        let passwords = Passwords::new(PasswordCost::FOR_TESTS);
        let stored = passwords.hash(Secret::new("correct horse")).await.expect("a hash");
        let check = async |text: &str, stored: Option<&String>| {
            passwords.verify(Secret::new(text), stored.cloned()).await.expect("a verdict")
        };
        assert_eq!(check("correct horse", Some(&stored)).await, Verdict::Right);
        assert_eq!(check("correct horsf", Some(&stored)).await, Verdict::Wrong);
        assert_eq!(check("correct horse", None).await, Verdict::Wrong);
        assert_eq!(check("correct horse", Some(&"broken".to_owned())).await, Verdict::Wrong);
        let long = "x".repeat(LONGEST_BYTES + 1);
        assert_eq!(check(&long, Some(&stored)).await, Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_password_kept_at_too_low_a_cost_is_hashed_again_when_it_is_given() {
        let old = hash(PasswordCost::FOR_TESTS, &Secret::new("correct horse"));
        let risen = PasswordCost { memory_kib: 128, passes: 1, lanes: 1 };
        let passwords = Passwords::new(risen);
        let verdict = passwords.verify(Secret::new("correct horse"), Some(old.clone())).await;
        let Ok(Verdict::RightAndRehashed(new)) = verdict else { panic!("{verdict:?}") };
        assert!(new.contains("m=128"), "{new}");
        let again = passwords.verify(Secret::new("correct horse"), Some(new)).await;
        assert_eq!(again.expect("a verdict"), Verdict::Right);
        let wrong = passwords.verify(Secret::new("wrong horse"), Some(old)).await;
        assert_eq!(wrong.expect("a verdict"), Verdict::Wrong);
    }

    #[tokio::test]
    async fn a_queue_that_is_too_long_is_refused_and_the_rest_goes_on() {
        let passwords = Arc::new(Passwords::new(PasswordCost::FOR_TESTS));
        let blocked = passwords
            .running
            .clone()
            .acquire_many_owned(u32::try_from(passwords.running.available_permits()).expect("few"));
        let blocked = blocked.await.expect("open");
        let tasks: Vec<_> = (0..QUEUE + 5)
            .map(|_| {
                let passwords = passwords.clone();
                tokio::spawn(async move { passwords.verify(Secret::new("x"), None).await })
            })
            .collect();
        tokio::task::yield_now().await;
        drop(blocked);
        let mut refused = 0;
        for task in tasks {
            match task.await.expect("no panic") {
                Err(AccessError::Busy) => refused += 1,
                other => assert_eq!(other.expect("a verdict"), Verdict::Wrong),
            }
        }
        assert_eq!(refused, 5);
        assert_eq!(passwords.waiting.load(Ordering::Relaxed), 0);
    }
}
