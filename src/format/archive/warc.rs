//! WARC, the archive of web crawlers: each record is a member. Of what a server sent the body is handed out, put together
//! if it was sent in chunks; one that was packed for the way is unpacked by who takes it.

use std::io::{self, BufRead as _, BufReader, Read};

use super::bytes::{part, read_at};
use super::out::{Out, damaged, fault_of};
use super::{Container, Context};
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::Source;

/// Longest header of a record, or of what a server sent, that is looked at.
const HEADER: u64 = 64 << 10;

/// Opens a WARC.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    Ok(Container::new(Vec::new(), Vec::new(), context, move |out| hand_out(&source, out)))
}

fn hand_out(source: &Source, out: &mut Out<'_>) -> Result<(), Fault> {
    let mut at = 0;
    while at < source.size() {
        let head = read_at(source, at, HEADER).map_err(|error| fault_of(&error))?;
        let broken = || damaged(format!("what stands at offset {at} is no record"));
        let (header, length) = fields(&head).filter(|_| head.starts_with(b"WARC/")).ok_or_else(broken)?;
        let size: u64 = value(&header, "content-length").and_then(|digits| digits.parse().ok()).ok_or_else(broken)?;
        let start = at.saturating_add(length);
        let name = value(&header, "warc-target-uri").or_else(|| value(&header, "warc-type")).unwrap_or_default();
        let name = name.trim_matches(['<', '>']);
        let answer = value(&header, "content-type").is_some_and(|kind| kind.starts_with("application/http"));
        let (skipped, chunked) =
            if answer { body(source, start, size).map_err(|error| fault_of(&error))? } else { (0, false) };
        let bytes = part(source, start.saturating_add(skipped), size.saturating_sub(skipped));
        let taken = match chunked {
            true => {
                let input = BufReader::with_capacity(64 << 10, bytes);
                out.member(name, Chunks { input, left: 0, first: true, ended: false })
            }
            false => out.member(name, bytes),
        };
        if taken.is_break() {
            return Ok(());
        }
        at = start.saturating_add(size);
        at = at.saturating_add(line_ends(&read_at(source, at, 8).map_err(|error| fault_of(&error))?));
    }
    Ok(())
}

/// Bytes before the body of what a server sent, and whether the body is in chunks.
fn body(source: &Source, start: u64, size: u64) -> io::Result<(u64, bool)> {
    let head = read_at(source, start, size.min(HEADER))?;
    // A request or an answer without a body is looked at as a whole.
    let Some((header, length)) = fields(&head).filter(|(_, length)| *length < size) else { return Ok((0, false)) };
    let chunked = value(&header, "transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked"));
    // Crawlers that put chunks together leave the field that says so.
    let line = head.get(usize::try_from(length).unwrap_or(usize::MAX)..).unwrap_or_default();
    Ok((length, chunked && chunk_size(line.split(|byte| *byte == b'\n').next().unwrap_or_default()).is_some()))
}

/// The size in the line before a chunk.
fn chunk_size(line: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(line.split(|byte| *byte == b';').next()?).ok()?;
    u64::from_str_radix(digits.trim(), 16).ok()
}

/// A body that was sent in chunks.
struct Chunks<R> {
    input: BufReader<R>,
    left: u64,
    first: bool,
    ended: bool,
}

impl<R: Read> Chunks<R> {
    /// The size of the next chunk.
    fn next(&mut self) -> io::Result<u64> {
        let mut line = Vec::new();
        if !std::mem::replace(&mut self.first, false) {
            self.line(&mut line)?;
        }
        line.clear();
        self.line(&mut line)?;
        chunk_size(&line).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a chunk has no size"))
    }

    fn line(&mut self, line: &mut Vec<u8>) -> io::Result<()> {
        (&mut self.input).take(HEADER).read_until(b'\n', line).map(|_| ())
    }
}

impl<R: Read> Read for Chunks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.ended {
            return Ok(0);
        }
        if self.left == 0 {
            self.left = self.next()?;
            if self.left == 0 {
                self.ended = true;
                return Ok(0);
            }
        }
        let count = (&mut self.input).take(self.left).read(buffer)?;
        if count == 0 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a chunk is cut"));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

/// The lines of a header, and how many bytes it takes with the empty line at its end.
fn fields(head: &[u8]) -> Option<(String, u64)> {
    let end = memchr::memmem::find(head, b"\r\n\r\n")?;
    Some((String::from_utf8_lossy(&head[..end]).into_owned(), end as u64 + 4))
}

/// The value of a field.
fn value<'h>(header: &'h str, key: &str) -> Option<&'h str> {
    let fields = header.lines().filter_map(|line| line.split_once(':'));
    fields.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case(key)).map(|(_, value)| value.trim())
}

/// Line ends at the beginning.
fn line_ends(bytes: &[u8]) -> u64 {
    bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count() as u64
}

#[cfg(test)]
mod tests {
    use super::super::WARC;
    use super::super::test_support::held;

    fn record(fields: &str, block: &str) -> String {
        format!("WARC/1.0\r\n{fields}\r\nContent-Length: {}\r\n\r\n{block}\r\n\r\n", block.len())
    }

    #[test]
    fn records_are_members_and_servers_answers_are_without_their_headers() {
        let http = "WARC-Type: response\r\nWARC-Target-URI: http://a/b.html\r\nContent-Type: application/http";
        let records = [
            record("WARC-Type: warcinfo", "software: crawler"),
            record(http, "HTTP/1.1 200 OK\r\nServer: x\r\n\r\n<p>TOP SECRET"),
            record(http, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n..."),
            record(
                http,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x\r\nTOP \r\n6\r\nSECRET\r\n0\r\n\r\n",
            ),
            record(http, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nTOP"),
        ];
        let archive = held(&WARC, records.concat().as_bytes(), &[]).expect("opens");
        assert_eq!(archive.list()[0], ("warcinfo", "software: crawler".to_owned()));
        assert_eq!(archive.list()[1], ("http://a/b.html", "<p>TOP SECRET".to_owned()));
        let said: Vec<_> = archive.list().into_iter().skip(2).map(|(_, said)| said).collect();
        assert_eq!(said, ["...", "TOP SECRET", "damaged"]);
        assert_eq!(archive.faults, []);
        let broken = held(&WARC, format!("{}more", records.concat()).as_bytes(), &[]).expect("opens");
        assert_eq!((broken.members.len(), broken.faults.len()), (5, 1));
    }
}
