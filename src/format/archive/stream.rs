//! Single compressed files: gzip, bzip2, xz, lzma, zstd, lz4, lzip and compress. One member each, of all their streams
//! one after the other. What stands behind the last of them and is no padding is a fault.

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use super::bytes::{le32, read_at};
use super::lzw::Lzw;
use super::names::Names;
use super::out::{Out, hidden};
use super::{Container, Context, comment};
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::{Source, charset};

/// What the member is called if nothing says so.
const NAME: &str = "content";

/// Bytes of a gzip header that are looked at for the name and the comment.
const HEADER: u64 = 64 << 10;

/// Share of a reader's address space that one dictionary may take.
const MEMORY_SHARE: u64 = 2;

/// Magic numbers of frames that unpackers skip: the last digit is free.
const SKIPPED: u32 = 0x184d_2a50;

/// The skipped frame with the table of a file whose frames can be read in any order.
const SEEK_TABLE: u32 = 0x184d_2a5e;

/// Bytes of a skipped frame that hold a size and nothing else, as parallel packers write.
const SIZE_ONLY: u64 = 4;

type Buffered = BufReader<Source>;

/// Opens a compressed file.
pub(super) fn open<'a>(source: Source, kind: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let packing = Packing::of(kind.as_str());
    let header = if packing == Packing::Gzip { Header::of(&source) } else { Header::default() };
    let comments = comment("archive comment", header.comment).into_iter().collect();
    let name = if header.name.is_empty() { NAME.to_owned() } else { header.name };
    let memory = context.settings.limits.reader_memory_mib.saturating_mul(1024) / MEMORY_SHARE;
    let memory = u32::try_from(memory).unwrap_or(u32::MAX);
    Ok(Container::new(comments, Vec::new(), context, move |out| hand_out(&source, packing, memory, &name, out)))
}

fn hand_out(source: &Source, packing: Packing, memory: u32, name: &str, out: &mut Out<'_>) -> Result<(), Fault> {
    let left = Rc::new(Left::default());
    let streams = Streams {
        packing,
        memory,
        state: State::Between(BufReader::with_capacity(64 << 10, super::bytes::from(source, 0))),
        begun: false,
        left: Rc::clone(&left),
    };
    let _ = out.member(name, streams);
    match (left.behind.get(), left.skipped.get()) {
        (0, 0) => Ok(()),
        (0, bytes) => Err(hidden(bytes, "in frames that unpackers skip")),
        (bytes, _) => Err(hidden(bytes, "behind the compressed data")),
    }
}

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Zstd,
    Lz4,
    Lzip,
    Compress,
}

impl Packing {
    fn of(kind: &str) -> Self {
        match kind {
            "gzip" => Self::Gzip,
            "bzip2" => Self::Bzip2,
            "xz" => Self::Xz,
            "lzma" => Self::Lzma,
            "zstd" => Self::Zstd,
            "lz4" => Self::Lz4,
            "lzip" => Self::Lzip,
            _ => Self::Compress,
        }
    }

    /// What a further stream begins with; none where there can be only one.
    fn magic(self) -> &'static [u8] {
        match self {
            Self::Gzip => b"\x1f\x8b",
            Self::Bzip2 => b"BZh",
            Self::Xz => b"\xfd7zXZ\0",
            Self::Zstd => b"\x28\xb5\x2f\xfd",
            Self::Lz4 => b"\x04\x22\x4d\x18",
            Self::Lzma | Self::Lzip | Self::Compress => b"",
        }
    }

    /// An unpacker of one stream.
    fn unpacker(self, input: Buffered, memory: u32) -> io::Result<Box<dyn Unpacker>> {
        Ok(match self {
            Self::Gzip => Box::new(flate2::bufread::GzDecoder::new(input)),
            Self::Bzip2 => Box::new(bzip2::bufread::BzDecoder::new(input)),
            Self::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(input, false, memory)),
            Self::Lzma => Box::new(lzma_rust2::LzmaReader::new_mem_limit(input, memory, None)?),
            Self::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input)?.single_frame()),
            Self::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(Watched { input, ended: false })),
            Self::Lzip => Box::new(lzma_rust2::LzipReader::new(input)),
            Self::Compress => Box::new(Lzw::new(input)),
        })
    }
}

/// What was found in a file beside its streams: bytes behind the last of them, and in frames that are skipped.
#[derive(Default)]
struct Left {
    behind: Cell<u64>,
    skipped: Cell<u64>,
}

/// An unpacker that gives back its input when its stream has ended.
trait Unpacker: Read {
    /// The input, where the stream ended, and bytes that were read from it and not used.
    fn finish(self: Box<Self>) -> io::Result<(Buffered, Vec<u8>)>;
}

macro_rules! unpacker {
    ($type:ty, $this:ident => $finish:expr) => {
        impl Unpacker for $type {
            fn finish(self: Box<Self>) -> io::Result<(Buffered, Vec<u8>)> {
                let $this = *self;
                $finish
            }
        }
    };
}

unpacker!(flate2::bufread::GzDecoder<Buffered>, this => Ok((this.into_inner(), Vec::new())));
unpacker!(bzip2::bufread::BzDecoder<Buffered>, this => Ok((this.into_inner(), Vec::new())));
unpacker!(lzma_rust2::XzReader<Buffered>, this => Ok((this.into_inner(), Vec::new())));
unpacker!(lzma_rust2::LzmaReader<Buffered>, this => Ok(this.into_parts()));
unpacker!(zstd::stream::read::Decoder<'static, Buffered>, this => Ok((this.finish(), Vec::new())));
unpacker!(lzma_rust2::LzipReader<Buffered>, this => Ok(this.into_parts()));
unpacker!(Lzw<Buffered>, this => Ok((this.into_inner(), Vec::new())));
// Where an input ends within a frame, the library says that the frame ended.
unpacker!(lz4_flex::frame::FrameDecoder<Watched>, this => match this.into_inner() {
    Watched { ended: true, .. } => Err(io::ErrorKind::UnexpectedEof.into()),
    Watched { input, .. } => Ok((input, Vec::new())),
});

/// An input that notes when more was wanted of it than there is.
struct Watched {
    input: Buffered,
    ended: bool,
}

impl Read for Watched {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.ended |= count == 0 && !buffer.is_empty();
        Ok(count)
    }
}

/// All streams of a file, unpacked.
struct Streams {
    packing: Packing,
    memory: u32,
    state: State,
    begun: bool,
    left: Rc<Left>,
}

enum State {
    Between(Buffered),
    Within(Box<dyn Unpacker>),
    Ended,
}

impl Read for Streams {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        // Each round reads something, or begins or ends a stream, of which there are no more than bytes.
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Ended => return Ok(0),
                State::Between(input) => self.state = self.next(input)?,
                State::Within(mut unpacker) => {
                    let count = unpacker.read(buffer)?;
                    if count > 0 {
                        self.state = State::Within(unpacker);
                        return Ok(count);
                    }
                    let (input, unused) = unpacker.finish()?;
                    self.state = if unused.is_empty() { State::Between(input) } else { self.behind(&unused, input)? };
                }
            }
        }
    }
}

impl Streams {
    /// The next stream, behind padding and frames that are skipped.
    fn next(&mut self, mut input: Buffered) -> io::Result<State> {
        loop {
            if !self.begun && !self.is_skipped(&peek(&mut input, 4)?) {
                self.begun = true;
                return Ok(State::Within(self.packing.unpacker(input, self.memory)?));
            }
            let magic = self.packing.magic();
            let ahead = peek(&mut input, magic.len().max(4))?;
            if ahead.is_empty() {
                return Ok(State::Ended);
            }
            if !magic.is_empty() && ahead.starts_with(magic) {
                self.begun = true;
                return Ok(State::Within(self.packing.unpacker(input, self.memory)?));
            }
            if self.is_skipped(&ahead) {
                self.skip(&mut input)?;
            } else if ahead[0] == 0 {
                input.consume(1);
            } else {
                return self.behind(&[], input);
            }
        }
    }

    fn is_skipped(&self, ahead: &[u8]) -> bool {
        let frames = matches!(self.packing, Packing::Zstd | Packing::Lz4);
        frames && le32(ahead, 0).is_some_and(|magic| magic & !0xf == SKIPPED)
    }

    /// Skips a frame, and remembers if it held more than tables.
    fn skip(&self, input: &mut Buffered) -> io::Result<()> {
        let mut header = [0; 8];
        input.read_exact(&mut header)?;
        let size = u64::from(le32(&header, 4).unwrap_or_default());
        let skipped = io::copy(&mut input.take(size), &mut io::sink())?;
        if le32(&header, 0) != Some(SEEK_TABLE) && size > SIZE_ONLY {
            self.left.skipped.set(self.left.skipped.get().saturating_add(skipped));
        }
        Ok(())
    }

    /// Takes note of what stands behind the last stream; zeros are padding.
    fn behind(&self, unused: &[u8], input: Buffered) -> io::Result<State> {
        let mut rest = unused.chain(input);
        let (mut seen, mut block) = (0_u64, vec![0; 64 << 10]);
        loop {
            let count = rest.read(&mut block)?;
            if count == 0 {
                return Ok(State::Ended);
            }
            seen = seen.saturating_add(count as u64);
            if block[..count].iter().any(|byte| *byte != 0) {
                self.left.behind.set(seen);
            }
        }
    }
}

/// The next bytes of an input, at most `length`.
fn peek(input: &mut Buffered, length: usize) -> io::Result<Vec<u8>> {
    let ahead = input.fill_buf()?;
    if ahead.len() >= length || ahead.is_empty() {
        return Ok(ahead[..ahead.len().min(length)].to_vec());
    }
    // The buffer ends within the mark: what is in it is small, and the rest is read by position.
    let (held, rest) = (ahead.to_vec(), length - ahead.len());
    let mut more = Vec::new();
    input.get_ref().clone().take(rest as u64).read_to_end(&mut more)?;
    Ok([held, more].concat())
}

/// What the header of a gzip file says.
#[derive(Default)]
struct Header {
    name: String,
    comment: String,
}

impl Header {
    fn of(source: &Source) -> Self {
        let head = read_at(source, 0, HEADER).unwrap_or_default();
        Self::parse(&head).unwrap_or_default()
    }

    fn parse(head: &[u8]) -> Option<Self> {
        let flags = *head.get(3)?;
        let mut rest = head.get(10..)?;
        if flags & 4 != 0 {
            let extra = usize::from(super::bytes::le16(rest, 0)?);
            rest = rest.get(2 + extra..)?;
        }
        let mut text = |flag: u8| {
            if flags & flag == 0 {
                return Some(Vec::new());
            }
            let end = rest.iter().position(|byte| *byte == 0)?;
            let text = rest[..end].to_vec();
            rest = &rest[end + 1..];
            Some(text)
        };
        let (name, comment) = (text(8)?, text(16)?);
        let name = Names::of(std::iter::once(name.as_slice())).decode(&name);
        Some(Self { name, comment: charset::decode(&comment, None).text })
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::format_collect, reason = "fixtures are small and made here")]
mod tests;
