//! What the pages are made with: styles, islands and the design system's templates, fetched at
//! pinned versions and hashes and built into `crates/app/web/dist`, which `web` embeds.
//!
//! Nothing of it is committed. When nothing changed since the last build, nothing is done.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use crate::run::{root, target};

/// The oldest Node.js that the bundler runs on.
const NODE: (u32, u32) = (20, 19);

/// Folders of `ui` that are no input of the build.
const NOT_INPUT: [&str; 3] = ["node_modules", "browser", "out"];

/// Builds `dist` unless it is current.
pub(crate) fn assets() -> Result<()> {
    let web = root().join("crates/app/web");
    let stamp = stamp(&web.join("ui"))?;
    let dist = web.join("dist");
    let is_current = || fs::read_to_string(dist.join("stamp")).is_ok_and(|old| old == stamp);
    if is_current() {
        return Ok(());
    }
    fs::create_dir_all(target())?;
    let alone = fs::File::create(target().join("assets.lock"))?;
    alone.lock().context("cannot wait for another build of the pages")?;
    if is_current() {
        return Ok(());
    }
    println!("    building the pages' styles, islands and templates");
    tools()?;
    let partial = web.join("dist.partial");
    clear(&partial)?;
    packages(&web.join("ui"))?;
    npm(&web.join("ui"), &["run", "--silent", "types"], &partial)?;
    npm(&web.join("ui"), &["run", "--silent", "build"], &partial)?;
    design_system(&web.join("ui"), &partial)?;
    templates(&web.join("ui"), &partial)?;
    fs::write(partial.join("stamp"), &stamp)?;
    clear(&dist)?;
    fs::rename(&partial, &dist).context("cannot put the built pages in their place")
}

/// A mark of everything the result depends on: the inputs by path and content, and this program.
fn stamp(ui: &Path) -> Result<String> {
    let mut inputs = BTreeMap::new();
    collect(ui, &mut inputs).context("cannot read crates/app/web/ui")?;
    let mut hasher = DefaultHasher::new();
    include_str!("assets.rs").hash(&mut hasher);
    for (path, content) in &inputs {
        path.strip_prefix(ui).unwrap_or(path).hash(&mut hasher);
        content.hash(&mut hasher);
    }
    Ok(format!("{:016x}\n", hasher.finish()))
}

fn collect(folder: &Path, inputs: &mut BTreeMap<PathBuf, Vec<u8>>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if !entry.file_type()?.is_dir() {
            inputs.insert(path.clone(), fs::read(path)?);
        } else if !NOT_INPUT.iter().any(|name| entry.file_name() == *name) {
            collect(&path, inputs)?;
        }
    }
    Ok(())
}

/// Errors: a program that the build needs is missing or too old; says how to get it.
fn tools() -> Result<()> {
    let node = version("node").context(missing("Node.js 20.19 or later", "nodejs npm"))?;
    let mut numbers = node.trim_start_matches('v').split('.').map(|part| part.parse::<u32>());
    let found = (numbers.next().and_then(Result::ok), numbers.next().and_then(Result::ok));
    let (Some(major), Some(minor)) = found else { bail!("cannot read node's version: {node}") };
    if (major, minor) < NODE {
        bail!("node is {node}: {}", missing("Node.js 20.19 or later", "nodejs npm"));
    }
    version("npm").context(missing("npm", "npm"))?;
    version("python3").context(missing("Python 3", "python3 python3-pip"))?;
    let pip = Command::new("python3").args(["-m", "pip", "--version"]).output()?;
    if !pip.status.success() {
        bail!(missing("pip for Python 3", "python3-pip"));
    }
    Ok(())
}

fn missing(what: &str, packages: &str) -> String {
    format!(
        "the pages are built with {what}. Install it (Debian: apt-get install {packages}), or copy \
         the folder crates/app/web/dist from a machine where `cargo xtask assets` has run on the \
         same sources"
    )
}

fn version(program: &str) -> Result<String> {
    let output = Command::new(program).arg("--version").output();
    let output = output.with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!("{program} --version failed ({})", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The packages of the lock file, by their hashes; not again while the lock file stays.
fn packages(ui: &Path) -> Result<()> {
    let lock = fs::read_to_string(ui.join("package-lock.json"))?;
    let installed = ui.join("node_modules/.ward-lock");
    if fs::read_to_string(&installed).is_ok_and(|old| old == lock) {
        return Ok(());
    }
    npm(ui, &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], ui)?;
    Ok(fs::write(installed, lock)?)
}

fn npm(ui: &Path, arguments: &[&str], out: &Path) -> Result<()> {
    let mut command = Command::new("npm");
    command.args(arguments).current_dir(ui).env("WARD_UI_OUT", out.join("static"));
    finish(&mut command, &format!("npm {}", arguments.join(" ")))
}

/// Images, and the components' fixtures for the tests. Of the design system's images only the
/// icons its styles ask for: its logos are not ours to show.
fn design_system(ui: &Path, out: &Path) -> Result<()> {
    let from = ui.join("node_modules/nhsuk-frontend/dist/nhsuk");
    let is_icon = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("nhsuk-icon-arrow-") || name == "nhsuk-icon-cross.svg"
    };
    copy(&from.join("assets/images"), &out.join("static/images"), &is_icon)?;
    copy(&ui.join("images"), &out.join("static/images"), &|_| true)?;
    let is_fixture = |path: &Path| path.ends_with("fixtures.json");
    copy(&from.join("components"), &out.join("fixtures"), &is_fixture)
}

/// Copies the files that are `wanted`, with their folders.
fn copy(from: &Path, to: &Path, wanted: &dyn Fn(&Path) -> bool) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            copy(&path, &to.join(entry.file_name()), wanted)?;
        } else if wanted(&path) {
            fs::create_dir_all(to)?;
            fs::copy(&path, to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

/// The components as Jinja macros, from the Python package of that name.
fn templates(ui: &Path, out: &Path) -> Result<()> {
    let wheel = out.join("wheel");
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--only-binary", ":all:", "--require-hashes", "--requirement"])
        .arg(ui.join("requirements.txt"))
        .arg("--dest")
        .arg(&wheel);
    finish(&mut pip, "pip download")?;
    let mut unpack = Command::new("python3");
    unpack.args(["-c", UNPACK]).arg(&wheel).arg(out.join("templates"));
    finish(&mut unpack, "unpacking the design system's templates")?;
    clear(&wheel)
}

const UNPACK: &str = "\
import pathlib, sys, zipfile
wheel, out = next(pathlib.Path(sys.argv[1]).glob('*.whl')), pathlib.Path(sys.argv[2])
prefix = 'nhsuk_frontend_jinja/templates/'
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        if name.startswith(prefix) and name.endswith('.jinja') and '..' not in name:
            target = out / name[len(prefix):]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
";

fn finish(command: &mut Command, what: &str) -> Result<()> {
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("cannot start {what}"))?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

fn clear(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot clear {}", folder.display()))
        }
        _ => Ok(()),
    }
}
