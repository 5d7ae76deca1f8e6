//! `google.rpc.Status`: what an exporter is told when nothing of its request was kept, with when to
//! come again. Source: google/rpc/status.proto, code.proto and error_details.proto.

use std::time::Duration;

use prost::Message;
use serde_json::json;

/// Why nothing was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The request cannot be read.
    InvalidArgument = 3,
    /// Too much waits, or the disk is full.
    ResourceExhausted = 8,
    /// It is packed in a way that is not offered.
    Unimplemented = 12,
    /// Something of Ward's own failed.
    Internal = 13,
    /// Not now.
    Unavailable = 14,
    /// No valid token came with it.
    Unauthenticated = 16,
}

/// The message.
#[derive(Clone, PartialEq, Message)]
pub struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`.
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.RetryInfo`.
#[derive(Clone, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<Delay>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, Copy, PartialEq, Message)]
struct Delay {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl Status {
    /// Without details.
    pub fn new(code: Code, message: &str) -> Self {
        Self { code: code as i32, message: message.to_owned(), details: Vec::new() }
    }

    /// The same with when to come again.
    pub fn retry_after(mut self, after: Duration) -> Self {
        let delay = Delay {
            seconds: i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
            nanos: after.subsec_nanos() as i32,
        };
        let info = RetryInfo { retry_delay: Some(delay) };
        self.details.push(Any {
            type_url: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
            value: info.encode_to_vec(),
        });
        self
    }

    /// In protocol buffers.
    pub fn packed(&self) -> Vec<u8> {
        self.encode_to_vec()
    }

    /// In JSON, without details.
    pub fn written(&self) -> Vec<u8> {
        json!({ "code": self.code, "message": self.message }).to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_to_come_again_stands_where_exporters_look() {
        let status =
            Status::new(Code::ResourceExhausted, "busy").retry_after(Duration::from_secs(2));
        let expected = [
            &b"\x08\x08\x12\x04busy\x1a\x30\x0a\x28type.googleapis.com/google.rpc.RetryInfo"[..],
            b"\x12\x04\x0a\x02\x08\x02",
        ]
        .concat();
        assert_eq!(status.packed(), expected);
        assert_eq!(status.written(), br#"{"code":8,"message":"busy"}"#);
    }
}
