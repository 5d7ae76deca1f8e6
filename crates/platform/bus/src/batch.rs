//! A batch: records of one sender, accepted together.

use std::{fmt, io};

use terms::{OdsCode, Timestamp, TokenId};

use crate::BusError;

/// A position in the log: the number of a batch, from 1 on, without a gap. 0 is before all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub i64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A batch to be written. It is packed where it is made, so that the writer only writes.
#[derive(Clone, Debug)]
pub struct NewBatch {
    pub(crate) organisation: OdsCode,
    pub(crate) source: TokenId,
    pub(crate) received_at: Timestamp,
    pub(crate) count: u32,
    pub(crate) raw_bytes: usize,
    pub(crate) packed: Vec<u8>,
}

/// zstd's fastest ordinary level: telemetry shrinks to about a tenth.
const LEVEL: i32 = 1;

impl NewBatch {
    /// Packs `records`: JSON objects, one a line, `count` of them.
    ///
    /// Costs about two milliseconds a megabyte; call it off the async threads when it is large.
    pub fn new(
        organisation: OdsCode,
        source: TokenId,
        received_at: Timestamp,
        records: &[u8],
        count: u32,
    ) -> Self {
        let packed = zstd::bulk::compress(records, LEVEL)
            .expect("memory to memory at a fixed level cannot fail");
        Self { organisation, source, received_at, count, raw_bytes: records.len(), packed }
    }

    /// How many bytes it takes in the log.
    pub fn packed_bytes(&self) -> usize {
        self.packed.len()
    }
}

/// A batch as it was accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its position.
    pub seq: Seq,
    /// Whose devices sent it.
    pub organisation: OdsCode,
    /// The token it was sent with.
    pub source: TokenId,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// How many records it has.
    pub count: u32,
    /// JSON objects, one a line.
    pub records: Vec<u8>,
}

/// A batch as it lies in the log. It is unpacked where its records are used, so that reading
/// ahead costs little.
#[derive(Clone, Debug)]
pub struct PackedBatch {
    /// Its position.
    pub seq: Seq,
    /// Whose devices sent it.
    pub organisation: OdsCode,
    /// The token it was sent with.
    pub source: TokenId,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// How many records it has.
    pub count: u32,
    pub(crate) raw_bytes: usize,
    pub(crate) packed: Vec<u8>,
}

impl PackedBatch {
    /// With its records unpacked: about a millisecond a megabyte.
    ///
    /// Errors: [`BusError::Damaged`].
    pub fn unpack(self) -> Result<Batch, BusError> {
        Ok(Batch {
            records: unpack(self.seq.0, &self.packed, self.raw_bytes)?,
            seq: self.seq,
            organisation: self.organisation,
            source: self.source,
            received_at: self.received_at,
            count: self.count,
        })
    }
}

/// Unpacks what [`NewBatch::new`] packed. Errors: [`BusError::Damaged`].
fn unpack(seq: i64, packed: &[u8], raw_bytes: usize) -> Result<Vec<u8>, BusError> {
    let damaged = |source| BusError::Damaged { seq, source };
    let records = zstd::bulk::decompress(packed, raw_bytes).map_err(damaged)?;
    match records.len() == raw_bytes {
        true => Ok(records),
        false => Err(damaged(io::Error::from(io::ErrorKind::UnexpectedEof))),
    }
}
