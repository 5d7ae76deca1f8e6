//! Pages, HTTP API, OpenAPI.
