//! WARC, the archive of web crawlers: each record is a member. Of what a server sent the body is handed out, unless it
//! says that it was packed or cut for the way.

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
        let skipped = if value(&header, "content-type").is_some_and(|kind| kind.starts_with("application/http")) {
            body(source, start, size).map_err(|error| fault_of(&error))?
        } else {
            0
        };
        let name = value(&header, "warc-target-uri").or_else(|| value(&header, "warc-type")).unwrap_or_default();
        let bytes = part(source, start.saturating_add(skipped), size - skipped);
        if out.member(name.trim_matches(['<', '>']), bytes).is_break() {
            return Ok(());
        }
        at = start.saturating_add(size);
        at = at.saturating_add(line_ends(&read_at(source, at, 8).map_err(|error| fault_of(&error))?));
    }
    Ok(())
}

/// Bytes before the body of what a server sent.
fn body(source: &Source, start: u64, size: u64) -> std::io::Result<u64> {
    let head = read_at(source, start, size.min(HEADER))?;
    let Some((header, length)) = fields(&head) else { return Ok(0) };
    let packed = ["transfer-encoding", "content-encoding"]
        .iter()
        .any(|key| value(&header, key).is_some_and(|value| !value.eq_ignore_ascii_case("identity")));
    Ok(if packed || length >= size { 0 } else { length })
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
        ];
        let archive = held(&WARC, records.concat().as_bytes(), &[]).expect("opens");
        assert_eq!(archive.list()[0], ("warcinfo", "software: crawler".to_owned()));
        assert_eq!(archive.list()[1], ("http://a/b.html", "<p>TOP SECRET".to_owned()));
        assert!(archive.list()[2].1.starts_with("HTTP/1.1"));
        assert_eq!(archive.faults, []);
        let broken = held(&WARC, format!("{}more", records.concat()).as_bytes(), &[]).expect("opens");
        assert_eq!((broken.members.len(), broken.faults.len()), (3, 1));
    }
}
