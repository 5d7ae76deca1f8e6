//! Other programs, run and watched.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

/// The folder of the test data. Errors: it is not there.
pub(crate) fn test_data() -> Result<PathBuf> {
    let folder = match std::env::var_os("WARD_TEST_DATA") {
        Some(folder) => folder.into(),
        None => root().join("../shared"),
    };
    if !folder.is_dir() {
        bail!("no test data at {}: set WARD_TEST_DATA", folder.display());
    }
    Ok(folder.canonicalize()?)
}

/// Where builds go.
pub(crate) fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// Runs cargo in the root. Errors: it fails.
pub(crate) fn cargo(arguments: &[&str]) -> Result<()> {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    command(&program, arguments)
}

/// Runs a program in the root, its output shown. Errors: it fails.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Result<()> {
    let status = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    if !status.success() {
        bail!("{program} {} failed ({status})", arguments.join(" "));
    }
    Ok(())
}

/// Runs a program in the root and returns what it prints. Errors: it fails.
pub(crate) fn output(program: &str, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(root())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!("{program} {} failed ({})", arguments.join(" "), output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// What a program cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) cpu_s: f64,
    pub(crate) wall_s: f64,
    pub(crate) peak_kb: u64,
}

/// Runs a command line of the shell under `/usr/bin/time`-like watch on the given processors.
/// Exit codes up to `most` count as success.
pub(crate) fn measured(processors: &str, line: &str, most: i32) -> Result<Cost> {
    let script = format!(
        "import resource,subprocess,sys,time\n\
         start=time.monotonic()\n\
         code=subprocess.call(['taskset','-c',{processors:?},'bash','-c',{line:?}])\n\
         wall=time.monotonic()-start\n\
         used=resource.getrusage(resource.RUSAGE_CHILDREN)\n\
         print(used.ru_utime+used.ru_stime,wall,used.ru_maxrss,code)"
    );
    let printed = output("python3", &["-c", &script])?;
    let numbers: Vec<f64> =
        printed.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [cpu_s, wall_s, peak_kb, code] = numbers[..] else { bail!("cannot read {printed:?}") };
    if code > f64::from(most) {
        bail!("{line} ended with {code}");
    }
    Ok(Cost { cpu_s, wall_s, peak_kb: peak_kb as u64 })
}

/// The middle one.
pub(crate) fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

/// Minutes and seconds, for people.
pub(crate) fn spoken(time: Duration) -> String {
    format!("{} min {} s", time.as_secs() / 60, time.as_secs() % 60)
}
