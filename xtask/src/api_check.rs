//! `cargo xtask api-check`: a running Ward asked by schemathesis, which makes requests up from the
//! committed description of the API, right ones and wrong ones, and holds each answer against it.
//!
//! A failure of the server, a status, a type or a shape that the description does not have, a wrong
//! request that is taken: each ends the errand with an error, and with the request to repeat it.

use std::{fs, path::PathBuf, process::Command, thread, time::Duration};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::{
    demo::{Demo, program},
    run::{cargo, command, output, root, target},
    services,
};

/// Requests made up for an operation, beside those that cover each parameter's bounds.
const EXAMPLES: &str = "150";
const FEW_EXAMPLES: &str = "8";

/// Asks a demonstration: on SQLite, or on the PostgreSQL of the tests; at length, or quickly.
pub(crate) fn api_check(options: &[&str]) -> Result<()> {
    let (mut is_quick, mut on_postgres) = (false, false);
    for option in options {
        match *option {
            "--quick" => is_quick = true,
            "--postgres" => on_postgres = true,
            other => bail!("api-check knows no {other}"),
        }
    }
    cargo(&["build", "--locked", "-p", "ward"])?;
    let schemathesis = installed()?;
    let database = if on_postgres { fresh_database()? } else { String::new() };
    let settings = [("WARD_DATA_DATABASE", database.as_str())];
    let demo = Demo::start("api-check/data", &settings)?;
    let api = Api::of(&demo)?;
    let organisation = api.organisation_with_alerts()?;
    api.make_exception(&organisation)?;
    let status = Command::new(schemathesis)
        .arg("--config-file")
        .arg(beside("schemathesis.toml"))
        .arg("run")
        .arg(root().join("docs/reference/openapi.json"))
        .args(["--url", &demo.url, "--no-color"])
        .args(["--max-examples", if is_quick { FEW_EXAMPLES } else { EXAMPLES }])
        // It leaves folders of its own where it runs.
        .current_dir(target().join("api-check"))
        .env("SCHEMATHESIS_HOOKS", beside("hooks.py"))
        .env("WARD_API_TOKEN", &api.token)
        .env("WARD_SENDER_TOKEN", sender_token(&demo, &organisation, &database)?)
        .status()
        .context("cannot run schemathesis")?;
    if !status.success() {
        bail!("the API does not do what its description says");
    }
    Ok(())
}

fn beside(name: &str) -> PathBuf {
    root().join("xtask/src/api_check").join(name)
}

/// schemathesis at its pinned version, in an environment of its own; made where it is missing.
fn installed() -> Result<PathBuf> {
    let wanted = fs::read_to_string(beside("requirements.txt"))?;
    let folder = target().join("api-check/python");
    let had = folder.join("requirements");
    if fs::read_to_string(&had).is_ok_and(|had| had == wanted) {
        return Ok(folder.join("bin/schemathesis"));
    }
    command("python3", &["-m", "venv", "--clear", &folder.to_string_lossy()])?;
    let python = folder.join("bin/python").to_string_lossy().into_owned();
    let wanted_at = beside("requirements.txt").to_string_lossy().into_owned();
    command(&python, &["-m", "pip", "install", "--quiet", "--no-input", "-r", &wanted_at])?;
    fs::write(had, wanted)?;
    Ok(folder.join("bin/schemathesis"))
}

/// An empty database on the server that the tests use, as a setting.
fn fresh_database() -> Result<String> {
    services::start()?;
    services::fresh_database("ward_api_check")
}

/// A token with which an organisation's telemetry is sent.
fn sender_token(demo: &Demo, organisation: &str, database: &str) -> Result<String> {
    let output = Command::new(program())
        .args(["token", "issue", "--name", "api-check", organisation, "--data"])
        .arg(&demo.data)
        .env("WARD_DATA_DATABASE", database)
        .output()?;
    if !output.status.success() {
        bail!("no token for a sender: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The API as a program of an administrator uses it.
struct Api {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Api {
    /// Signs in as people do, and makes a token with all that they may do.
    fn of(demo: &Demo) -> Result<Self> {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent =
            config.max_redirects(0).max_redirects_will_error(false).build().into();
        let at = |path: &str| format!("{}{path}", demo.url);
        let form = [("email", demo.user.as_str()), ("password", demo.password.as_str())];
        let answer = agent.post(at("/sign-in")).send_form(form)?;
        let cookie = answer.headers().get("set-cookie").context("the sign-in failed")?.to_str()?;
        let cookie = cookie.split(';').next().unwrap_or_default();

        let new = at("/account/tokens/new");
        let page = agent.get(&new).header("cookie", cookie).call()?.body_mut().read_to_string()?;
        let mark = after(&page, "name=\"csrf-token\" content=\"").next();
        let mark = mark.context("the page has no mark for forms")?;
        let mut form = vec![("csrf", mark), ("name", "api-check"), ("place", "sector")];
        let held = after(&page, "name=\"permissions\" type=\"checkbox\" value=\"");
        form.extend(held.map(|permission| ("permissions", permission)));
        let made = agent.post(&new).header("cookie", cookie).send_form(form)?;
        let made = made.into_body().read_to_string()?;
        let token = made.split(['<', '>']).find(|text| text.starts_with("ward_api_"));
        let token = token.context("the page of the new token has none")?.to_owned();
        Ok(Self { agent, url: demo.url.clone(), token })
    }

    fn get(&self, path: &str) -> Result<Value> {
        let asked = self.agent.get(format!("{}{path}", self.url));
        let mut answer = asked.header("authorization", format!("Bearer {}", self.token)).call()?;
        Ok(serde_json::from_str(&answer.body_mut().read_to_string()?)?)
    }

    /// Waits until the demonstration's attack is found, so that there is an alert to ask for.
    fn organisation_with_alerts(&self) -> Result<String> {
        for _ in 0..120 {
            let alerts = self.get("/api/v1/alerts?limit=1")?;
            if let Some(code) = alerts["alerts"][0]["organisation"].as_str() {
                return Ok(code.to_owned());
            }
            thread::sleep(Duration::from_millis(500));
        }
        bail!("the demonstration found nothing within a minute")
    }

    /// Makes an exception, so that there is one to ask for.
    fn make_exception(&self, organisation: &str) -> Result<()> {
        let expires_at = output("date", &["--utc", "+%Y-%m-%dT%H:%M:%SZ", "--date", "tomorrow"])?;
        let exception = json!({
            "name": "Example of an exception",
            "part": format!("organisation:{organisation}"),
            "device": "EXAMPLE-PC-1",
            "reason": "made by api-check",
            "expires_at": expires_at.trim(),
        });
        let asked = self.agent.post(format!("{}/api/v1/exceptions", self.url));
        let asked = asked.header("authorization", format!("Bearer {}", self.token));
        let mut answer = asked.send(exception.to_string())?;
        match answer.status().as_u16() {
            201 => Ok(()),
            status => bail!("no exception, {status}: {}", answer.body_mut().read_to_string()?),
        }
    }
}

/// What stands between each `mark` and the next quotation mark.
fn after<'t>(text: &'t str, mark: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(mark).skip(1).filter_map(|rest| rest.split('"').next())
}
