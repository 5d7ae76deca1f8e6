//! Zip archives without their directory: from a pipe, inside another archive, or cut off.
//!
//! Reads one member after the other by the headers before them. In: a byte source at a member
//! header. Out: each member's name and bytes. Knows stored and deflated members only.

use std::{
    io::{self, BufRead, Read},
    rc::Rc,
};

use flate2::{Crc, bufread::DeflateDecoder};

use crate::{
    cx::Halt,
    source::{Budget, Guarded},
};

const MEMBER: u32 = u32::from_le_bytes(*b"PK\x03\x04");
const DESCRIPTOR: u32 = u32::from_le_bytes(*b"PK\x07\x08");
/// Bytes of a member header after its signature.
const HEADER_BYTES: usize = 26;

/// What stands before a member.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) name: Vec<u8>,
    is_encrypted: bool,
    has_descriptor: bool,
    method: u16,
    crc: u32,
    packed_bytes: u64,
    is_zip64: bool,
}

/// Reads the next member header; `None` where the members end.
pub(crate) fn next_header(source: &mut dyn BufRead) -> io::Result<Option<Header>> {
    let mut signature = [0; 4];
    source.read_exact(&mut signature)?;
    if u32::from_le_bytes(signature) != MEMBER {
        return match signature {
            // A piece of an archive in pieces may begin with a mark of its own.
            [b'P', b'K', b'0', b'0'] | [b'P', b'K', 7, 8] => next_header(source),
            [b'P', b'K', ..] => Ok(None),
            _ => Err(invalid("no zip member where one should begin")),
        };
    }
    let mut fixed = [0; HEADER_BYTES];
    source.read_exact(&mut fixed)?;
    let short = |at: usize| u16::from_le_bytes([fixed[at], fixed[at + 1]]);
    let long = |at: usize| u32::from(short(at)) | u32::from(short(at + 2)) << 16;
    let mut name = vec![0; usize::from(short(22))];
    source.read_exact(&mut name)?;
    let mut extra = vec![0; usize::from(short(24))];
    source.read_exact(&mut extra)?;
    let zip64 = zip64_packed_bytes(&extra, long(18) == u32::MAX);
    Ok(Some(Header {
        name,
        is_encrypted: short(2) & 1 != 0,
        has_descriptor: short(2) & 8 != 0,
        method: short(4),
        crc: long(10),
        packed_bytes: zip64.flatten().unwrap_or(u64::from(long(14))),
        is_zip64: zip64.is_some(),
    }))
}

/// The size in the extra field of large members: outer `None` if there is no such field.
fn zip64_packed_bytes(mut extra: &[u8], has_size: bool) -> Option<Option<u64>> {
    while let [a, b, c, d, rest @ ..] = extra {
        let length = usize::from(u16::from_le_bytes([*c, *d]));
        let field = rest.get(..length)?;
        if [*a, *b] == [1, 0] {
            let at = if has_size { 8 } else { 0 };
            let size = field.get(at..at + 8).and_then(|b| b.try_into().ok());
            return Some(size.map(u64::from_le_bytes));
        }
        extra = &rest[length..];
    }
    None
}

impl Header {
    /// Why the member cannot be read, if so.
    pub(crate) fn obstacle(&self) -> Option<String> {
        match self.method {
            _ if self.is_encrypted => Some("encrypted: unpack it with its password first".into()),
            0 | 8 => None,
            method => Some(format!("compressed in a way ward does not read (method {method})")),
        }
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/")
    }

    /// Gives the member's bytes to `read`, then moves to the end of the member.
    ///
    /// Out: false if the checksum does not match; unread members are not checked.
    /// Errors: those of `read`; the source failed or the end cannot be found, so that no next
    /// member can be read.
    pub(crate) fn member(
        &self,
        source: &mut dyn BufRead,
        budget: &Rc<Budget>,
        read: impl FnOnce(&mut dyn Read) -> Result<(), Halt>,
    ) -> Result<bool, Halt> {
        if self.obstacle().is_some() || (self.method == 0 && self.has_descriptor) {
            self.pass(source)?;
            return Ok(true);
        }
        if self.has_descriptor {
            let mut body = Checked::new(Guarded::new(DeflateDecoder::new(&mut *source), budget));
            read(&mut body)?;
            // Only unpacking tells where the member ends.
            io::copy(&mut body, &mut io::sink())?;
            let found = body.crc.sum();
            return Ok(found == self.descriptor(source)?);
        }
        let mut packed = source.take(self.packed_bytes);
        let mut body: Checked<Box<dyn Read + '_>> = Checked::new(if self.method == 0 {
            Box::new(Guarded::new(&mut packed, budget))
        } else {
            Box::new(Guarded::new(DeflateDecoder::new(&mut packed), budget))
        });
        read(&mut body)?;
        let found = body.is_ended.then(|| body.crc.sum());
        drop(body);
        io::copy(&mut packed, &mut io::sink())?;
        if packed.limit() > 0 {
            return Err(Halt::Failed(io::ErrorKind::UnexpectedEof.into()));
        }
        Ok(found.is_none_or(|found| found == self.crc))
    }

    /// Moves past a member that is not read.
    fn pass(&self, source: &mut dyn BufRead) -> io::Result<()> {
        if self.has_descriptor {
            return Err(invalid("the end of the member before cannot be found"));
        }
        io::copy(&mut source.take(self.packed_bytes), &mut io::sink()).map(|_| ())
    }

    /// Reads checksum and sizes after a member; its signature may be missing.
    fn descriptor(&self, source: &mut dyn BufRead) -> io::Result<u32> {
        let mut word = [0; 4];
        source.read_exact(&mut word)?;
        if u32::from_le_bytes(word) == DESCRIPTOR {
            source.read_exact(&mut word)?;
        }
        let mut sizes = [0; 16];
        source.read_exact(&mut sizes[..if self.is_zip64 { 16 } else { 8 }])?;
        Ok(u32::from_le_bytes(word))
    }
}

/// Takes the checksum of what is read.
struct Checked<R> {
    inner: R,
    crc: Crc,
    is_ended: bool,
}

impl<R: Read> Checked<R> {
    fn new(inner: R) -> Self {
        Checked { inner, crc: Crc::new(), is_ended: false }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.is_ended |= n == 0 && !buf.is_empty();
        self.crc.update(&buf[..n]);
        Ok(n)
    }
}

fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
