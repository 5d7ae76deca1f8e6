//! Configuration of the usual shippers, ready to be copied, with this installation's address.

use access::Permission;
use axum::{extract::State, response::Response};
use serde::Serialize;

use crate::{
    Settings,
    failure::Failure,
    page::Desk,
    pieces::{Breadcrumbs, Code, Link},
};

/// Stands for a token until there is one.
const NO_TOKEN: &str = "<token>";

/// A shipper's configuration.
#[derive(Serialize)]
pub(crate) struct Snippet {
    /// The shipper.
    name: &'static str,
    /// What to know.
    about: &'static str,
    code: Code,
}

/// The page.
#[derive(Serialize)]
struct SetUpPage {
    breadcrumbs: Breadcrumbs,
    url: String,
    /// Where a token is made, for those who may.
    token: Option<Link>,
    snippets: Vec<Snippet>,
}

/// `GET /sources/new`.
pub(super) async fn help(
    State(settings): State<Settings>,
    desk: Desk,
) -> Result<Response, Failure> {
    desk.scope(Permission::ViewSources)?;
    let may_make = desk.caller.may_somewhere(Permission::ManageTokens);
    let body = SetUpPage {
        breadcrumbs: Breadcrumbs { items: vec![Link::new("Sources", "/sources")] },
        url: settings.public_url.clone(),
        token: may_make.then(|| Link::new("Make a token", "/tokens/new")),
        snippets: snippets(&settings.public_url, NO_TOKEN),
    };
    Ok(desk.page("sources/setup.html", "Set up a source", "/more", &[], body))
}

/// How a shipper reaches this installation.
struct Reach<'u> {
    url: &'u str,
    host: &'u str,
    port: &'u str,
    is_secure: bool,
}

impl<'u> Reach<'u> {
    fn of(url: &'u str) -> Self {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let authority = rest.split('/').next().unwrap_or_default();
        let is_secure = scheme == "https";
        let usual = if is_secure { "443" } else { "80" };
        let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
        // An address of IPv6 stands in brackets and holds colons of its own.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if is_port(port) => (host, port),
            _ => (authority, usual),
        };
        Self { url, host, port, is_secure }
    }
}

/// The configurations for an address and a token.
pub(crate) fn snippets(public_url: &str, token: &str) -> Vec<Snippet> {
    let reach = Reach::of(public_url);
    let snippet =
        |name, about, text: String| Snippet { name, about, code: Code::marked(name, &text, &[]) };
    vec![
        snippet(
            "Winlogbeat and Filebeat",
            "For Windows event logs and log files. Put it into winlogbeat.yml or filebeat.yml in \
             place of the output that is there.",
            beats(&reach, token),
        ),
        snippet(
            "rsyslog",
            "For Linux and what speaks syslog. It needs the module omelasticsearch (package \
             rsyslog-elasticsearch). Records that cannot be delivered wait on disk.",
            rsyslog(&reach, token),
        ),
        snippet("Fluent Bit", "For containers and appliances.", fluent_bit(&reach, token)),
        snippet(
            "Vector",
            "For anything Vector can read; name your own inputs.",
            vector(&reach, token),
        ),
        snippet(
            "curl",
            "To try it, or to send a file once: one JSON object a line.",
            curl(&reach, token),
        ),
    ]
}

fn beats(reach: &Reach<'_>, token: &str) -> String {
    let Reach { url, .. } = reach;
    format!(
        "output.elasticsearch:\n  hosts: [\"{url}/elastic\"]\n  username: ward\n  password: \
         \"{token}\"\n  allow_older_versions: true\nsetup.ilm.enabled: \
         false\nsetup.template.enabled: false\n"
    )
}

fn rsyslog(reach: &Reach<'_>, token: &str) -> String {
    let Reach { host, port, is_secure, .. } = reach;
    let secure = if *is_secure { " usehttps=\"on\"" } else { "" };
    format!(
        "module(load=\"omelasticsearch\")\n\
         template(name=\"ward\" type=\"list\" option.jsonf=\"on\") {{\n  \
           property(outname=\"timestamp\" name=\"timereported\" dateFormat=\"rfc3339\" format=\"jsonf\")\n  \
           property(outname=\"host\" name=\"hostname\" format=\"jsonf\")\n  \
           property(outname=\"program\" name=\"programname\" format=\"jsonf\")\n  \
           property(outname=\"message\" name=\"msg\" format=\"jsonf\")\n\
         }}\n\
         action(type=\"omelasticsearch\" server=\"{host}\" serverport=\"{port}\"{secure}\n       \
           uid=\"ward\" pwd=\"{token}\"\n       \
           template=\"ward\" searchIndex=\"logs\" searchType=\"\" bulkmode=\"on\"\n       \
           retryfailures=\"on\" action.resumeretrycount=\"-1\"\n       \
           queue.type=\"linkedlist\" queue.filename=\"ward\" queue.maxdiskspace=\"1g\"\n       \
           queue.saveonshutdown=\"on\" queue.dequeuebatchsize=\"500\")\n"
    )
}

fn fluent_bit(reach: &Reach<'_>, token: &str) -> String {
    let Reach { host, port, is_secure, .. } = reach;
    let tls = if *is_secure { "on" } else { "off" };
    format!(
        "[OUTPUT]\n    Name              http\n    Match             *\n    Host              \
         {host}\n    Port              {port}\n    tls               {tls}\n    URI               \
         /api/v1/events\n    Format            json_lines\n    Json_Date_Key     @timestamp\n    \
         Json_Date_Format  iso8601\n    Compress          gzip\n    Header            Authorization \
         Bearer {token}\n    Retry_Limit       no_limits\n"
    )
}

fn vector(reach: &Reach<'_>, token: &str) -> String {
    let Reach { url, .. } = reach;
    format!(
        "sinks:\n  ward:\n    type: http\n    inputs: [your_source]\n    uri: \
         \"{url}/api/v1/events\"\n    encoding:\n      codec: json\n    framing:\n      method: \
         newline_delimited\n    compression: gzip\n    auth:\n      strategy: bearer\n      token: \
         \"{token}\"\n    buffer:\n      type: disk\n      max_size: 268435488\n"
    )
}

fn curl(reach: &Reach<'_>, token: &str) -> String {
    let Reach { url, .. } = reach;
    format!(
        "curl --fail-with-body \\\n  -H \"Authorization: Bearer {token}\" \\\n  -H \
         \"Content-Type: application/x-ndjson\" \\\n  --data-binary @events.ndjson \\\n  \
         {url}/api/v1/events\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, host: &str, port: &str, is_secure: bool) {
        let reach = Reach::of(url);
        assert_eq!((reach.host, reach.port, reach.is_secure), (host, port, is_secure), "{url}");
    }

    #[test]
    fn host_and_port_are_told_apart() {
        check("https://ward.example", "ward.example", "443", true);
        check("http://127.0.0.1:8080", "127.0.0.1", "8080", false);
        check("https://ward.example:8443/below", "ward.example", "8443", true);
        check("http://[::1]:8080", "[::1]", "8080", false);
        check("http://[::1]", "[::1]", "80", false);
    }

    #[test]
    fn every_configuration_holds_the_token_and_where_to_send() {
        for snippet in snippets("https://ward.example", "ward_ingest_x") {
            let text: String = snippet
                .code
                .lines
                .iter()
                .flat_map(|line| &line.spans)
                .map(|span| span.text.as_str())
                .collect();
            assert!(text.contains("ward_ingest_x"), "{}", snippet.name);
            assert!(text.contains("ward.example"), "{}", snippet.name);
        }
    }
}
