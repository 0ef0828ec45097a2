//! tar: V7, ustar, GNU and pax. Files are members; folders, links and devices are none.
//!
//! Headers are read one by one, also behind the zeros that end an archive: archives are joined by writing one behind the
//! other. Sparse files are not put together. Of several volumes each is read by itself: the rest of a member that began in the one
//! before is a member, and what goes over the end of a volume is a fault.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::ops::ControlFlow;

use super::bytes::{from, part, read_at};
use super::names::Names;
use super::out::{Out, damaged, fault_of, one_of_several, packed_by};
use super::{Container, Context, comment};
use crate::config::Limits;
use crate::document::Kind;
use crate::finding::Fault;
use crate::format::{Source, charset};

/// Bytes of a block.
const BLOCK: u64 = 512;

/// Bytes of a long name or of pax records that are read.
const RECORDS: u64 = 1 << 20;

/// Names that are looked at before the first is decoded.
const SAMPLED: usize = 10_000;

/// Opens a tar.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let label = label(&source).map_err(|error| fault_of(&error))?;
    let (said, over) = said(&source, &context.settings.limits).map_err(|error| fault_of(&error))?;
    let comments = comment("label of the volume", label).into_iter().chain(comment("comments of members", said));
    let comments = comments.collect();
    Ok(Container::new(comments, over.into_iter().collect(), context, move |out| hand_out(&source, out)))
}

fn hand_out(source: &Source, out: &mut Out<'_>) -> Result<(), Fault> {
    let names = names(source);
    let mut headers = Headers::of(source);
    while let Some(file) = headers.next().map_err(|error| fault_of(&error))? {
        let name = names.decode(&file.name);
        let taken: ControlFlow<()> = if file.sparse {
            out.unreadable(&name, packed_by("tar as a sparse file"))
        } else {
            out.member(&name, part(source, file.start, file.size))
        };
        if taken.is_break() {
            return Ok(());
        }
    }
    match headers.strange {
        0 if headers.continued => Err(one_of_several()),
        0 => Ok(()),
        blocks => Err(damaged(format!("{blocks} blocks of 512 bytes are neither a header nor a part of a member"))),
    }
}

/// What a volume is called, in its first header.
fn label(source: &Source) -> io::Result<String> {
    let first = Headers::of(source).header()?.filter(|(header, _)| header[156] == b'V');
    Ok(first.map(|(header, _)| charset::decode(&name(&header), None).text).unwrap_or_default())
}

/// The comments that pax keeps of files and of all that follow, each once, a line each; and the fault if there are too many of them, or
/// of files.
fn said(source: &Source, limits: &Limits) -> io::Result<(String, Option<Fault>)> {
    let (mut headers, mut files) = (Headers::of(source), 0_u64);
    headers.comments = Some(BTreeSet::new());
    let mut over = None;
    while over.is_none() && headers.next()?.is_some() {
        files += 1;
        let bytes: usize = headers.comment_bytes;
        if files > limits.archive_entries {
            let seen = "the number of members, of which the comments are looked for,";
            over = Some(Fault::limit("archive_entries", limits.archive_entries, seen));
        } else if bytes > limits.content_text_bytes {
            over = Some(Fault::limit("content_text_bytes", limits.content_text_bytes, "the text of comments"));
        }
    }
    let comments = headers.comments.unwrap_or_default();
    let lines = comments.iter().map(|comment| charset::decode(comment, None).text);
    Ok((lines.flat_map(|line| [line, "\n".to_owned()]).collect(), over))
}

/// How names are written.
fn names(source: &Source) -> Names {
    let mut names = Names::default();
    let mut headers = Headers::of(source);
    for _ in 0..SAMPLED {
        let Ok(Some(file)) = headers.next() else { break };
        names.see(&file.name);
    }
    names.settled()
}

/// A file in the archive.
struct File {
    name: Vec<u8>,
    start: u64,
    size: u64,
    sparse: bool,
}

/// What the headers before a file say about it.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
    comments: Vec<Vec<u8>>,
}

/// Walks from header to header.
struct Headers<'a> {
    source: &'a Source,
    at: u64,
    /// Blocks that should be headers and are none.
    strange: u64,
    /// What pax says about all files that follow.
    global: Said,
    /// The rest of a member of another volume was met.
    continued: bool,
    /// Comments that were met, where they are looked for, and how many bytes they are.
    comments: Option<BTreeSet<Vec<u8>>>,
    comment_bytes: usize,
}

impl<'a> Headers<'a> {
    fn of(source: &'a Source) -> Self {
        Self { source, at: 0, strange: 0, global: Said::default(), continued: false, comments: None, comment_bytes: 0 }
    }

    /// The next file; none at the end.
    fn next(&mut self) -> io::Result<Option<File>> {
        let mut said = Said::default();
        while let Some((header, start)) = self.header()? {
            let kind = header[156];
            let size =
                if matches!(kind, b'1'..=b'6') { 0 } else { said.size.unwrap_or_else(|| number(&header[124..136])) };
            let end = start.saturating_add(size);
            self.at = end.saturating_add((BLOCK - end % BLOCK) % BLOCK);
            let records = || read_at(self.source, start, size.min(RECORDS));
            match kind {
                b'L' => said.name = Some(until_nul(&records()?).to_vec()),
                b'K' => {}
                b'V' if size == 0 => {}
                b'x' | b'X' => {
                    pax(&records()?, &mut said);
                    self.keep(std::mem::take(&mut said.comments));
                }
                b'g' => {
                    pax(&records()?, &mut self.global);
                    let comments = std::mem::take(&mut self.global.comments);
                    self.keep(comments);
                }
                b'1'..=b'6' => said = Said::default(),
                _ => {
                    self.continued |= kind == b'M';
                    let name = said.name.take().unwrap_or_else(|| name(&header));
                    // The oldest ones mark folders by their names alone.
                    if name.ends_with(b"/") && size == 0 {
                        said = Said::default();
                        continue;
                    }
                    let sparse = said.sparse || self.global.sparse || kind == b'S';
                    return Ok(Some(File { name, start, size, sparse }));
                }
            }
        }
        Ok(None)
    }

    /// Keeps comments, if anybody wants them.
    fn keep(&mut self, comments: Vec<Vec<u8>>) {
        let Some(kept) = &mut self.comments else { return };
        for comment in comments {
            let length = comment.len();
            if kept.insert(comment) {
                self.comment_bytes = self.comment_bytes.saturating_add(length);
            }
        }
    }

    /// The next header, and where what it heads begins.
    fn header(&mut self) -> io::Result<Option<(Vec<u8>, u64)>> {
        let mut reader = from(self.source, self.at);
        let mut block = Vec::new();
        loop {
            block.clear();
            reader.by_ref().take(BLOCK).read_to_end(&mut block)?;
            let start = self.at.saturating_add(block.len() as u64);
            if block.is_empty() {
                return Ok(None);
            }
            if block.len() as u64 == BLOCK && is_header(&block) {
                return Ok(Some((block, start)));
            }
            self.strange += u64::from(block.iter().any(|byte| *byte != 0));
            self.at = start;
        }
    }
}

/// Whether the check sum of a header is right, with signed bytes or without.
fn is_header(block: &[u8]) -> bool {
    if block[0] == 0 && block[148..156].iter().all(|byte| *byte == 0) {
        return false;
    }
    let outside = |index: &usize| !(148..156).contains(index);
    let bytes = || block.iter().enumerate().filter(|(index, _)| outside(index)).map(|(_, byte)| *byte);
    let plain: i64 = 256 + bytes().map(i64::from).sum::<i64>();
    let signed: i64 = 256 + bytes().map(|byte| i64::from(byte.cast_signed())).sum::<i64>();
    let said = i64::try_from(number(&block[148..156])).unwrap_or(-1);
    said == plain || said == signed
}

/// A number in octal digits, or in base 256 if its first bit says so.
fn number(field: &[u8]) -> u64 {
    if field.first().is_some_and(|byte| byte & 0x80 != 0) {
        return field.iter().enumerate().fold(0_u64, |value, (index, byte)| {
            value.saturating_mul(256).saturating_add(u64::from(if index == 0 { byte & 0x7f } else { *byte }))
        });
    }
    let digits =
        field.iter().skip_while(|byte| matches!(byte, b' ' | 0)).take_while(|byte| matches!(byte, b'0'..=b'7'));
    digits.fold(0_u64, |value, digit| value.saturating_mul(8).saturating_add(u64::from(digit - b'0')))
}

/// The name in a header, with the folders that ustar puts elsewhere.
fn name(header: &[u8]) -> Vec<u8> {
    let name = until_nul(&header[..100]);
    let prefix = until_nul(&header[345..500]);
    // GNU keeps times where ustar keeps folders.
    if &header[257..263] == b"ustar\0" && !prefix.is_empty() { [prefix, b"/", name].concat() } else { name.to_vec() }
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Takes in pax records: `LENGTH KEY=VALUE\n`.
fn pax(mut records: &[u8], said: &mut Said) {
    while let Some(blank) = records.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&records[..blank]).ok().and_then(|digits| digits.parse::<usize>().ok());
        let Some(record) = length.and_then(|length| records.get(blank + 1..length)) else { return };
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        if let Some(equals) = record.iter().position(|byte| *byte == b'=') {
            let value = &record[equals + 1..];
            match &record[..equals] {
                b"path" | b"GNU.sparse.name" => said.name = Some(value.to_vec()),
                b"size" => said.size = std::str::from_utf8(value).ok().and_then(|digits| digits.parse().ok()),
                // What somebody said of the file, also in its attributes.
                key if is_comment(key) && value.iter().any(|byte| byte.is_ascii_alphanumeric() || !byte.is_ascii()) => {
                    said.comments.push(value.to_vec());
                }
                key if key.starts_with(b"GNU.sparse.") => said.sparse = true,
                _ => {}
            }
        }
        records = &records[length.unwrap_or_default()..];
    }
}

fn is_comment(key: &[u8]) -> bool {
    key.ends_with(b"comment") || key.starts_with(b"SCHILY.xattr.user.")
}

#[cfg(test)]
#[allow(clippy::large_stack_arrays, reason = "fixtures are small and made here")]
mod tests;
