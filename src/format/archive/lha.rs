//! LHA: every method of the library, names in the code page of the packer.

use std::io::{self, BufReader, Read};
use std::ops::ControlFlow;

use delharc::decode::DecoderAny;
use delharc::header::{CompressionMethod, LhaHeader};
use delharc::{LhaDecodeReader, LhaError};

use super::bytes::from;
use super::names::Names;
use super::out::{Out, damaged, fault_of, hidden, packed_by};
use super::{Container, Context, comment};
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::Source;

/// Types of the extended headers for the name and the folders.
const NAME: u8 = 1;
const FOLDERS: u8 = 2;

/// Names that are looked at before the first is decoded.
const SAMPLED: usize = 10_000;

/// Opens an LHA archive.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let (mut names, mut comments) = (Names::default(), Vec::new());
    let mut at = 0;
    for _ in 0..SAMPLED {
        let Ok(Some((header, end))) = header(&source, at) else { break };
        names.see(&raw_name(&header));
        comments.extend(header.parse_comment().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()));
        at = end.saturating_add(header.compressed_size);
    }
    let comments = comment("comments of members", comments.join("\n")).into_iter().collect();
    let names = names.settled();
    Ok(Container::new(comments, Vec::new(), context, move |out| hand_out(&source, &names, out)))
}

fn hand_out(source: &Source, names: &Names, out: &mut Out<'_>) -> Result<(), Fault> {
    let mut at = 0;
    while let Some((header, start)) = header(source, at).map_err(|error| fault_of(&error))? {
        at = start.saturating_add(header.compressed_size);
        if member(source, &header, start, names, out).is_break() {
            return Ok(());
        }
    }
    // One zero byte ends an archive.
    let first = crate::format::behind::skip_padding(source, at).map_err(|error| fault_of(&error))?;
    match source.size().saturating_sub(first) {
        0 => Ok(()),
        bytes => Err(hidden(bytes, "behind the archive")),
    }
}

fn member(source: &Source, header: &LhaHeader, start: u64, names: &Names, out: &mut Out<'_>) -> ControlFlow<()> {
    if header.is_directory() {
        return ControlFlow::Continue(());
    }
    let name = names.decode(&raw_name(header)).replace('\\', "/");
    let method = header.compression_method();
    let packed = BufReader::with_capacity(64 << 10, from(source, start));
    let decoder = match method {
        // A member cut short in the file ends too early for its unpacker too.
        Ok(CompressionMethod::Pm0 | CompressionMethod::Lz4 | CompressionMethod::Lh0)
            if header.original_size > header.compressed_size =>
        {
            return out.unreadable(&name, damaged("its size is wrong"));
        }
        Ok(_) => DecoderAny::new_from_header(header, packed),
        Err(_) => return out.unreadable(&name, packed_by(&String::from_utf8_lossy(&header.compression))),
    };
    if !decoder.is_supported() {
        return out.unreadable(&name, packed_by(&String::from_utf8_lossy(&header.compression)));
    }
    let mut reader = LhaDecodeReader::default();
    reader.begin_with_header_and_decoder(header.clone(), decoder);
    out.member(&name, Checked(reader))
}

/// The header at a place, and where what it heads begins; none at the end.
fn header(source: &Source, at: u64) -> io::Result<Option<(LhaHeader, u64)>> {
    let mut counted = Counted { inner: BufReader::with_capacity(4096, from(source, at)), count: 0 };
    match LhaHeader::read(&mut counted) {
        Ok(header) => Ok(header.map(|header| (header, at.saturating_add(counted.count)))),
        Err(LhaError::Io(error)) if error.raw_os_error().is_some() => Err(error),
        // Some archives just end.
        Err(_) if at >= source.size() => Ok(None),
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error.to_string())),
    }
}

/// The name as it stands, with `/` between folders.
fn raw_name(header: &LhaHeader) -> Vec<u8> {
    let (mut folders, mut name) = (Vec::new(), header.filename.to_vec());
    for extra in header.iter_extra() {
        match extra.split_first() {
            Some((&NAME, value)) => name = value.to_vec(),
            Some((&FOLDERS, value)) => {
                folders = value.iter().map(|byte| if *byte == 0xff { b'/' } else { *byte }).collect();
            }
            _ => {}
        }
    }
    if !folders.is_empty() && !folders.ends_with(b"/") {
        folders.push(b'/');
    }
    [folders, name].concat()
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    count: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.count = self.count.saturating_add(count as u64);
        Ok(count)
    }
}

/// A member whose check sum is looked at when it ends.
struct Checked(LhaDecodeReader<BufReader<Source>>);

impl Read for Checked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        if count == 0 && !buffer.is_empty() && !self.0.crc_is_ok() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "the check sum is wrong"));
        }
        Ok(count)
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "fixtures are small and made here")]
mod tests {
    use super::super::LHA;
    use super::super::test_support::held;

    /// A member that is stored, with a header of level 0.
    fn entry(method: &[u8], name: &[u8], data: &[u8]) -> Vec<u8> {
        let crc = data.iter().fold(0_u16, |crc, byte| {
            (0..8).fold(crc ^ u16::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xa001 } else { crc >> 1 })
        });
        let size = (data.len() as u32).to_le_bytes();
        let header = [method, &size, &size, &[0; 4], &[0x20, 0, name.len() as u8], name, &crc.to_le_bytes()].concat();
        let sum = header.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        [&[header.len() as u8, sum][..], &header, data].concat()
    }

    #[test]
    fn members_are_read_and_have_names_of_their_country() {
        let name = encoding_rs::SHIFT_JIS.encode("秘密の書類.txt").0.into_owned();
        let parts = [entry(b"-lh0-", &name, b"TOP SECRET"), entry(b"-lh9-", b"new.txt", b"?"), vec![0]];
        let archive = held(&LHA, &parts.concat(), &[]).expect("opens");
        assert_eq!(
            archive.list(),
            [("秘密の書類.txt", "TOP SECRET".to_owned()), ("new.txt", "unsupported".to_owned())]
        );
        assert_eq!(archive.faults, []);
        let mut changed = parts.concat();
        let place = memchr::memmem::find(&changed, b"TOP").expect("there");
        changed[place] ^= 1;
        assert_eq!(held(&LHA, &changed, &[]).expect("opens").list()[0].1, "damaged");
        let hidden = held(&LHA, &[parts.concat(), b"hidden".to_vec()].concat(), &[]).expect("opens");
        assert_eq!(hidden.faults.len(), 1);
    }
}
