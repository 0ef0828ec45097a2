//! 7z: every method the library unpacks, solid or not, encrypted ones with the passwords that are known.
//!
//! The memory that a dictionary may take is bounded before it is taken. One thread unpacks.

use std::io::{self, Read};
use std::ops::ControlFlow;

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Coder, EncoderMethod, Error, Password};

use super::bytes::{from, le64, read_at};
use super::out::{Out, damaged, encrypted, fault_of, hidden};
use super::{Container, Context};
use crate::document::{Kind, Remark};
use crate::finding::{Fault, FaultReason};
use crate::format::Source;
use crate::format::behind::skip_padding;

/// Share of a reader's address space that one dictionary may take.
const MEMORY_SHARE: u64 = 2;

/// Bytes of a member that a wrong password does not get through: what unpacks them finds nonsense, or their sum is another.
const HEAD: u64 = 64 << 10;

/// Bytes of the first header; the offsets in it count from its end.
const FIRST: u64 = 32;

/// Opens a 7z.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let end = end(&source).map_err(|error| fault_of(&error))?;
    if end > source.size() {
        let missing = end.saturating_sub(source.size());
        return Err(damaged(format!(
            "{missing} bytes are missing, the list of members among them: it was cut, or it is the first of several volumes"
        )));
    }
    let limit = context.settings.limits.reader_memory_mib.saturating_mul(1024) / MEMORY_SHARE;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let (archive, header_password) = list(&source, limit, context)?;
    let password = header_password.clone().unwrap_or_default();
    let mut opened = SevenZ { source, archive, password, opened: None, limit };
    let mut known = header_password.is_some();
    // One password for all blocks: to try each on each would take hours, as it is meant to.
    let sealed = (0..opened.archive.blocks.len()).find(|block| opened.is_encrypted(*block));
    opened.opened = sealed;
    if let Some(block) = sealed.filter(|block| !opened.opens(*block)) {
        known = context.passwords.iter().any(|password| {
            opened.password = Password::new(password);
            opened.opens(block)
        });
        if !known {
            opened.password = Password::empty();
        }
    }
    let behind = opened.source.size().saturating_sub(end);
    let end = end.min(opened.source.size());
    let first = skip_padding(&opened.source, end).map_err(|error| fault_of(&error))?;
    let faults = (first < opened.source.size()).then(|| hidden(behind, "behind the archive")).into_iter().collect();
    let mut container = Container::new(Vec::new(), faults, context, move |out| opened.hand_out(out));
    container.remarks.extend(known.then_some(Remark::KnownPassword));
    Ok(container)
}

/// Where the archive ends, by its first header.
fn end(source: &Source) -> io::Result<u64> {
    let first = read_at(source, 0, FIRST)?;
    let numbers = [12, 20].map(|at| le64(&first, at).unwrap_or(u64::MAX));
    Ok(FIRST.saturating_add(numbers[0]).saturating_add(numbers[1]))
}

/// The list of members, and the password if it is encrypted.
fn list(source: &Source, limit: usize, context: Context<'_>) -> Result<(Archive, Option<Password>), Fault> {
    let read = |password: &Password| Archive::read_with_memory_limit(&mut source.clone(), password, limit);
    let error = match read(&Password::empty()) {
        Ok(archive) => return Ok((archive, None)),
        Err(error) => error,
    };
    if !matches!(error, Error::PasswordRequired | Error::MaybeBadPassword(_)) {
        return Err(fault(&error));
    }
    for password in context.passwords.iter().map(Password::new) {
        if let Ok(archive) = read(&password) {
            return Ok((archive, Some(password)));
        }
    }
    Err(Fault::whole(FaultReason::Encrypted, "the list of members is encrypted, and no known password opens it"))
}

/// An open 7z.
struct SevenZ {
    source: Source,
    archive: Archive,
    password: Password,
    /// The block that the password is known to open: others may have another one.
    opened: Option<usize>,
    limit: usize,
}

impl SevenZ {
    fn hand_out(&self, out: &mut Out<'_>) -> Result<(), Fault> {
        for block in 0..self.archive.blocks.len() {
            if self.block(block, out).is_break() {
                return Ok(());
            }
        }
        // Empty files stand in no block.
        for (index, file) in self.archive.files.iter().enumerate() {
            let alone = self.archive.stream_map.file_block_index.get(index).is_none_or(Option::is_none);
            if alone && !file.is_directory() && out.member(file.name(), io::empty()).is_break() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn decoder<'s>(&'s self, block: usize, source: &'s mut Source) -> BlockDecoder<'s, Source> {
        BlockDecoder::new_with_memory_limit(1, self.limit, block, &self.archive, &self.password, source)
    }

    /// Hands out the members of a block. What is wrong in its packed bytes is wrong for all that follow.
    fn block(&self, block: usize, out: &mut Out<'_>) -> ControlFlow<()> {
        let mut source = from(&self.source, 0);
        let decoder = self.decoder(block, &mut source);
        let files = decoder.entries().iter().filter(|file| !file.is_directory());
        let files: Vec<(String, bool)> = files.map(|file| (name(file), file.size() > 0)).collect();
        let (mut handed, mut flow) = (0_usize, ControlFlow::Continue(()));
        let doubted = self.is_encrypted(block) && self.opened != Some(block);
        let mut closed = false;
        let ended = decoder.for_each_entries(&mut |file: &ArchiveEntry, bytes: &mut dyn Read| {
            if file.is_directory() {
                return Ok(true);
            }
            let mut failed = None;
            let mut watched = Failing { bytes, failed: &mut failed };
            handed += 1;
            let mut head = Vec::new();
            if doubted && handed == 1 && !self.is_sealed(block) {
                closed = watched.by_ref().take(HEAD).read_to_end(&mut head).is_err();
            }
            // A block that no password opens fails at its first byte.
            flow = match self.is_sealed(block) {
                true if file.size() > 0 => out.unreadable(&name(file), encrypted()),
                true => out.member(&name(file), io::empty()),
                false if closed => out.unreadable(&name(file), encrypted()),
                false => out.member(&name(file), head.as_slice().chain(watched)),
            };
            Ok(flow.is_continue() && failed.is_none())
        });
        // A member that was taken to its end and then found wrong was told by the error of its reader.
        let fault = match &ended {
            _ if closed => encrypted(),
            Err(error) => fault(error),
            Ok(_) => damaged("the packed bytes before it are damaged"),
        };
        for (name, full) in files.iter().skip(handed) {
            flow?;
            flow = if *full { out.unreadable(name, fault.clone()) } else { out.member(name, io::empty()) };
        }
        flow
    }

    /// Whether a block is encrypted and its password is not known.
    fn is_sealed(&self, block: usize) -> bool {
        self.password.is_empty() && self.is_encrypted(block)
    }

    fn is_encrypted(&self, block: usize) -> bool {
        let is_cipher = |coder: &Coder| coder.encoder_method_id() == EncoderMethod::ID_AES256_SHA256;
        self.archive.blocks.get(block).is_some_and(|block| block.coders.iter().any(is_cipher))
    }

    /// Whether the password opens a block: its first member is whole.
    fn opens(&self, block: usize) -> bool {
        let mut source = from(&self.source, 0);
        let mut whole = false;
        let _ = self.decoder(block, &mut source).for_each_entries(&mut |_: &ArchiveEntry, bytes: &mut dyn Read| {
            whole = io::copy(bytes, &mut io::sink()).is_ok_and(|size| size > 0);
            Ok(!whole)
        });
        whole
    }
}

/// The name of a member, with the separators that the format has.
fn name(file: &ArchiveEntry) -> String {
    file.name().replace('\\', "/")
}

/// Notes whether reading failed.
struct Failing<'b> {
    bytes: &'b mut dyn Read,
    failed: &'b mut Option<()>,
}

impl Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(buffer).inspect_err(|_| *self.failed = Some(()))
    }
}

/// What an error of the library is.
fn fault(error: &Error) -> Fault {
    let (reason, detail) = match error {
        Error::Io(error, _) if error.kind() == io::ErrorKind::OutOfMemory => (FaultReason::Memory, error.to_string()),
        Error::Io(error, _) => return fault_of(error),
        Error::PasswordRequired | Error::MaybeBadPassword(_) => return encrypted(),
        Error::MaxMemLimited { max_kb, actaul_kb } => (
            FaultReason::Memory,
            format!("its dictionary of {actaul_kb} KiB is over half of limits.reader_memory_mib, {max_kb} KiB"),
        ),
        Error::UnsupportedCompressionMethod(method) => (FaultReason::Unsupported, format!("packed by {method}")),
        Error::Unsupported(what) => (FaultReason::Unsupported, what.to_string()),
        Error::UnsupportedVersion { .. } | Error::ExternalUnsupported => {
            (FaultReason::Unsupported, "a 7z of another version".to_owned())
        }
        Error::Other(what) => (FaultReason::Damaged, what.to_string()),
        other => (FaultReason::Damaged, format!("{other:?}")),
    };
    Fault::whole(reason, detail)
}

#[cfg(test)]
mod tests;
