//! A request's body: plain, gzip, deflate or zstd, unpacked within a bound.

use std::io::{self, Read};

/// How a body is packed, as `Content-Encoding` spells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Deflate,
    /// RFC 8878.
    Zstd,
}

impl Encoding {
    /// Of the header's value; `None` for one Ward does not read.
    pub fn of(header: Option<&str>) -> Option<Self> {
        match header.map(|value| value.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Some(Self::Identity),
            Some("gzip" | "x-gzip") => Some(Self::Gzip),
            Some("deflate") => Some(Self::Deflate),
            Some("zstd") => Some(Self::Zstd),
            Some(_) => None,
        }
    }
}

/// Why a body cannot be used; nothing of it was accepted.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// More bytes than allowed, unpacked.
    #[error("the body unpacks to more than {most_bytes} bytes: send smaller batches")]
    TooLarge {
        /// The bound.
        most_bytes: usize,
    },
    /// It is not packed as its header says, or cut.
    #[error("the body cannot be unpacked as {encoding:?}: {source}")]
    Damaged {
        /// What the header said.
        encoding: Encoding,
        /// The cause.
        source: io::Error,
    },
}

/// Unpacks `body`. Errors: [`BodyError`].
pub fn unpack(body: Vec<u8>, encoding: Encoding, most_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let damaged = |source| BodyError::Damaged { encoding, source };
    match encoding {
        Encoding::Identity if body.len() > most_bytes => Err(BodyError::TooLarge { most_bytes }),
        Encoding::Identity => Ok(body),
        Encoding::Gzip => {
            bounded(flate2::read::MultiGzDecoder::new(&body[..]), encoding, most_bytes)
        }
        Encoding::Deflate => {
            bounded(flate2::read::ZlibDecoder::new(&body[..]), encoding, most_bytes)
        }
        Encoding::Zstd => {
            let decoder = zstd::stream::read::Decoder::new(&body[..]).map_err(damaged)?;
            bounded(decoder, encoding, most_bytes)
        }
    }
}

fn bounded(packed: impl Read, encoding: Encoding, most_bytes: usize) -> Result<Vec<u8>, BodyError> {
    let mut unpacked = Vec::new();
    let mut packed = packed.take(most_bytes as u64 + 1);
    packed.read_to_end(&mut unpacked).map_err(|source| BodyError::Damaged { encoding, source })?;
    match unpacked.len() > most_bytes {
        true => Err(BodyError::TooLarge { most_bytes }),
        false => Ok(unpacked),
    }
}
