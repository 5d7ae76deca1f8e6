//! Events made from a rule: some that it should hold for, some that it just should not, and some
//! that are merely strange. In: a rule and a seed. Out: lines of JSON, the same for the same seed.
//!
//! What an event was meant to be is a wish ([`Intent`]); whether the rule holds for it, only the
//! interpreter tells.
//!
//! Modules in reading order: `draft` values that satisfy a rule, `sample` one value for one
//! test, `spoil` a value made wrong or strange, `dress` log source and layout, `write` JSON
//! with all its spellings.

mod draft;
mod dress;
mod sample;
mod spoil;
mod write;

use fastrand::Rng;

use crate::{FlatEvent, OracleRule, generate::draft::Draft};

/// What an event was meant to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Intent {
    /// The rule should hold.
    Hit,
    /// One value was made wrong, or one selection turned round: the rule should mostly not hold.
    NearMiss,
    /// Something was made strange: nobody knows.
    Odd,
}

/// One event made from a rule.
#[derive(Clone, Debug)]
pub struct Generated {
    /// One JSON object on one line.
    pub line: String,
    /// What it was meant to be.
    pub intent: Intent,
    /// Whether the detection held for the fields before log source and layout were added.
    pub holds: bool,
}

/// Lines of JSON, `n` of them, made from the rule; the same for the same `seed`.
pub fn events_for(rule: &OracleRule, seed: u64, n: usize) -> Vec<String> {
    generate(rule, seed, n).into_iter().map(|event| event.line).collect()
}

/// The same with what each event was meant to be: hits, near misses and oddities in turn.
pub fn generate(rule: &OracleRule, seed: u64, n: usize) -> Vec<Generated> {
    let mut rng = Rng::with_seed(seed);
    (0..n)
        .map(|number| {
            let intent =
                [Intent::Hit, Intent::NearMiss, Intent::Hit, Intent::NearMiss, Intent::Odd]
                    [number % 5];
            one(rule, intent, &mut rng)
        })
        .collect()
}

/// Drafts tried before one that does not hold is taken.
const MAX_TRIES: usize = 60;

fn one(rule: &OracleRule, intent: Intent, rng: &mut Rng) -> Generated {
    let mut draft = hit(rule, rng);
    match intent {
        Intent::Hit => {}
        Intent::NearMiss if rng.u8(..4) == 0 => draft = draft::contradict(rule, rng),
        Intent::NearMiss => spoil::near_miss(&mut draft, rng),
        Intent::Odd => spoil::oddity(&mut draft, rng),
    }
    let holds = rule.holds(&FlatEvent::flatten(&draft.plain()));
    let object = dress::dress(draft, rule, rng);
    Generated { line: write::line(&object, rng), intent, holds }
}

fn hit(rule: &OracleRule, rng: &mut Rng) -> Draft {
    let mut draft = Draft::default();
    for _ in 0..MAX_TRIES {
        draft = draft::satisfy(rule, rng);
        if rule.holds(&FlatEvent::flatten(&draft.plain())) {
            break;
        }
    }
    draft
}
