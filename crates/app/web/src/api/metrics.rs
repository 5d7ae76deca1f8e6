//! Figures for Prometheus: for this machine, and for whoever may manage the installation.

use std::net::IpAddr;

use access::{Access, Permission};
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};

use crate::{
    Settings,
    caller::From,
    failure::{Failure, Problem},
    sender::authorization,
};

/// The figures, in Prometheus' text form.
///
/// A program on the same machine needs no token, unless a proxy stands before Ward: then its
/// requests come from the same machine too. Others show an API token of somebody who may manage
/// the installation.
#[utoipa::path(get, path = "/metrics", tag = "health", responses(
    (status = 200, description = "the figures", body = String, content_type = "text/plain"),
    (status = 401, description = "no valid token", body = Problem, content_type = "application/problem+json"),
    (status = 403, description = "the token does not allow it", body = Problem, content_type = "application/problem+json")
), security((), ("token" = [])))]
pub(crate) async fn get(
    State(settings): State<Settings>,
    State(access): State<Access>,
    From(origin): From,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    if settings.trust_proxy || !is_this_machine(origin.address) {
        let header = authorization(&headers).ok_or_else(Failure::unauthorised)?;
        let caller = access.authenticate_program(header, settings.now()).await;
        let caller = caller.map_err(Failure::of)?;
        if !caller.may_everywhere(Permission::ManageInstallation) {
            return Err(Failure::forbidden(Permission::ManageInstallation.label()));
        }
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((kind, (settings.metrics)()).into_response())
}

fn is_this_machine(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
