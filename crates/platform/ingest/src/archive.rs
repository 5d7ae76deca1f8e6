//! Members of zip archives. In: an archive. Out: each member read as a file of its own, called
//! `archive!member`. A member that cannot be read does not stop the others.

use std::{
    io::{BufRead, Read, Seek, SeekFrom},
    rc::Rc,
    sync::Arc,
};

use terms::Position;
use zip::{ZipArchive, result::ZipError};

use crate::{
    cx::{Cx, Halt},
    model::ProblemKind,
    read::{limit, read_source, report},
    source::{Budget, Guarded},
    walk::shown,
    zip_stream,
};

/// Reads an archive on disk by the directory at its end; without one, member by member.
pub(crate) fn read_zip_file<R: BufRead + Seek>(
    cx: &mut Cx<'_>,
    file: &Arc<str>,
    mut source: R,
    budget: &Rc<Budget>,
) -> Result<(), Halt> {
    let mut archive = match directory(&mut source) {
        Ok(archive) => archive,
        Err(reason) => {
            let reason = format!("{reason}: members read one by one");
            cx.damaged(file, Position::Whole, &reason, 0);
            source.seek(SeekFrom::Start(0))?;
            return read_zip_stream(cx, file, source, budget, 0);
        }
    };
    for index in 0..archive.len() {
        let name = archive.name_for_index(index).and_then(Result::ok).unwrap_or_default();
        let name = member_name(file, name.as_bytes());
        let member = match archive.by_index(index) {
            Ok(member) => member,
            Err(error) => {
                if !cx.is_excluded(&name) {
                    cx.skipped(ProblemKind::Unreadable, &name, &obstacle(&error));
                }
                continue;
            }
        };
        if !member.is_file() {
            continue;
        }
        read_member(cx, &name, &mut Guarded::new(member, budget), budget, 1)?;
    }
    Ok(())
}

/// The directory of an archive. Errors: why it does not lead to every member. Of members with one
/// name it leads to the last alone, which would hide the others.
fn directory<R: Read + Seek>(source: &mut R) -> Result<ZipArchive<&mut R>, String> {
    let archive = ZipArchive::new(source)
        .map_err(|error| format!("the zip directory cannot be read ({error})"))?;
    match archive.has_duplicate_names() {
        true => Err("several members have one name".to_owned()),
        false => Ok(archive),
    }
}

/// Reads an archive from a stream, member by member.
pub(crate) fn read_zip_stream(
    cx: &mut Cx<'_>,
    file: &Arc<str>,
    mut source: impl BufRead,
    budget: &Rc<Budget>,
    level: u8,
) -> Result<(), Halt> {
    while let Some(header) = zip_stream::next_header(&mut source)? {
        let name = member_name(file, &header.name);
        let obstacle = header.obstacle().filter(|_| !header.is_folder());
        if let Some(reason) = &obstacle
            && !cx.is_excluded(&name)
        {
            cx.skipped(ProblemKind::Unreadable, &name, reason);
        }
        let is_intact = header.member(&mut source, budget, |bytes| {
            if header.is_folder() {
                return Ok(());
            }
            read_member(cx, &name, bytes, budget, level + 1)
        })?;
        if !is_intact {
            cx.damaged(&name, Position::Whole, "the checksum of the member does not match", 0);
        }
    }
    Ok(())
}

/// Reads one member; only what stops the whole archive is an error.
fn read_member(
    cx: &mut Cx<'_>,
    name: &Arc<str>,
    bytes: &mut dyn Read,
    budget: &Rc<Budget>,
    level: u8,
) -> Result<(), Halt> {
    if cx.is_excluded(name) {
        return Ok(());
    }
    budget.take_member().map_err(std::io::Error::other)?;
    match read_source(cx, name, bytes, budget, level) {
        Err(Halt::Failed(error)) if limit(&error).is_none() => {
            report(cx, name, &error);
            Ok(())
        }
        outcome => outcome,
    }
}

fn member_name(file: &str, member: &[u8]) -> Arc<str> {
    shown(&format!("{file}!{}", String::from_utf8_lossy(member)))
}

fn obstacle(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "encrypted: unpack it with its password first".to_owned()
        }
        ZipError::CompressionMethodNotSupported(method) => {
            format!("compressed in a way ward does not read (method {method})")
        }
        error => format!("cannot be read: {error}"),
    }
}
