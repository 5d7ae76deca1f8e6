//! How often a test holds, guessed. A wrong guess costs time, never an answer.

use std::sync::LazyLock;

use crate::{
    Test,
    test::{Compare, Place},
};

/// Texts that stand in many values of ordinary telemetry, in lower case.
const COMMON: &[&str] = &[
    "c:\\windows\\system32\\svchost.exe -k netsvcs -p -s",
    "c:\\windows\\system32\\conhost.exe 0xffffffff -forcev1",
    "c:\\windows\\syswow64\\",
    "c:\\windows\\temp\\",
    "c:\\windows\\explorer.exe",
    "c:\\windows\\microsoft.net\\framework64\\",
    "c:\\program files (x86)\\microsoft\\edge\\application\\msedge.exe",
    "c:\\program files\\google\\chrome\\application\\chrome.exe --type=renderer",
    "c:\\program files\\microsoft office\\root\\office16\\",
    "c:\\programdata\\microsoft\\windows defender\\platform\\",
    "c:\\users\\public\\appdata\\local\\temp\\",
    "\\appdata\\roaming\\microsoft\\windows\\",
    "hklm\\software\\microsoft\\windows\\currentversion\\explorer\\",
    "hklm\\system\\currentcontrolset\\services\\",
    "hku\\s-1-5-21-\\software\\classes\\",
    "\\device\\harddiskvolume",
    "c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe",
    "c:\\windows\\system32\\cmd.exe /c",
    "c:\\windows\\system32\\rundll32.exe",
    "microsoft windows operating system corporation",
    "nt authority\\system",
    "localsystem",
    "http://www. https:// .com .dll .exe .tmp .log .dat .xml .json .txt .ps1",
    "sha1=,md5=,sha256=,imphash=",
    "true false high medium system information success failure valid tcp udp",
    "negotiate kerberos ntlm nt lm 0x0 0x3e7 0x1fffff 0x1400 0x1000 0x1410 %%1538 %%4416",
    "service control manager binary data network service services.exe lsass.exe",
    "setvalue createkey deletevalue dword (0x00000001) qword",
    " -- /prefetch: user password admin",
];

/// [`COMMON`] as one text.
static ALL: LazyLock<String> = LazyLock::new(|| COMMON.join("\n"));

/// How often four neighbouring bytes stand in [`COMMON`], by [`bucket`]. Where several share a
/// bucket they count together, which only makes them seem less rare.
static COMMON_GRAMS: LazyLock<Box<[u32]>> = LazyLock::new(|| {
    let mut counts = vec![0; BUCKETS];
    for window in COMMON.iter().flat_map(|text| text.as_bytes().windows(4)) {
        if let Ok(gram) = <[u8; 4]>::try_from(window) {
            counts[bucket(gram)] += 1;
        }
    }
    counts.into()
});

const BUCKETS: usize = 1 << 14;

fn bucket(gram: [u8; 4]) -> usize {
    u32::from_le_bytes(gram).wrapping_mul(0x9e37_79b1) as usize >> 18
}

/// The guessed share of events for which `test` of `field` holds, from 0 to 1.
pub(super) fn share(field: &str, test: &Test) -> f64 {
    match test {
        Test::Text { place, text, .. } => match place {
            Place::Whole => whole(field, text),
            Place::End => literal(text, 0.004),
            Place::Start => literal(text, 0.02),
            Place::Inside => literal(text, 0.02),
        },
        Test::Glob { glob, .. } => literal(glob.longest_text(), 0.02),
        Test::Regex(_) => 0.05,
        Test::Number(Compare::Equal, _) => {
            if field.eq_ignore_ascii_case("EventID") {
                0.1
            } else {
                0.02
            }
        }
        Test::Number(..) => 0.5,
        Test::Truth(_) => 0.5,
        Test::Null => 0.5,
        Test::Exists(_) => 0.5,
        Test::Cidr(_) => 0.3,
        Test::FieldRef { .. } => 0.1,
        Test::Time(..) => 0.3,
    }
}

fn whole(field: &str, text: &str) -> f64 {
    if text.len() <= 2 || field.eq_ignore_ascii_case("EventID") {
        return 0.1;
    }
    if is_common(text) { 0.4 } else { 0.003 }
}

fn is_common(text: &str) -> bool {
    let stands = |gram: &[u8; 4]| COMMON_GRAMS[bucket(*gram)] > 0;
    if !text.as_bytes().array_windows().all(stands) {
        return false;
    }
    memchr::memmem::find(ALL.as_bytes(), text.as_bytes()).is_some()
}

/// Long texts are rarer than short ones, and what stands in common values is not rare at all.
fn literal(text: &str, unit: f64) -> f64 {
    if is_common(text) {
        return 0.25;
    }
    match text.len() {
        0..=2 => 0.9,
        3 => unit * 8.0,
        4 => unit * 3.0,
        5 => unit,
        6 | 7 => unit * 0.5,
        8..=11 => unit * 0.25,
        _ => unit * 0.1,
    }
}

/// Guessed number of places in ordinary values at which these four bytes stand.
pub(super) fn gram_weight(gram: [u8; 4]) -> u32 {
    let common = COMMON_GRAMS[bucket(gram)];
    let plain = gram.iter().filter(|b| b.is_ascii_lowercase() || **b == b' ').count() as u32;
    let digits = gram.iter().filter(|b| b.is_ascii_hexdigit()).count() as u32;
    common * 16 + plain + if digits == 4 { 8 } else { 0 }
}
