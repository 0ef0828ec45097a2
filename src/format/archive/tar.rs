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
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::{Source, charset};

/// Bytes of a block.
const BLOCK: u64 = 512;

/// Bytes of a long name or of pax records that are read.
const RECORDS: u64 = 1 << 20;

/// Headers, and blocks that should be some, of which the comments are a page of the archive. Each may cost a seek, and opening must not
/// take long: those of the others are a document inside, behind all members.
const COMMENTED: u64 = 2000;

/// Names that are looked at before the first is decoded.
const SAMPLED: usize = 10_000;

/// Opens a tar.
pub(super) fn open<'a>(source: Source, _: &Kind, context: Context<'a>) -> Result<Container<'a>, Fault> {
    let label = label(&source).map_err(|error| fault_of(&error))?;
    let most = context.settings.limits.content_text_bytes;
    let said = said(Headers::of(&source), most);
    let comments =
        comment("label of the volume", label).into_iter().chain(comment("comments of members", lines(&said)));
    let comments = comments.collect();
    Ok(Container::new(comments, Vec::new(), context, move |out| hand_out(&source, &said, most, out)))
}

/// Hands out the members, and behind them the comments that were not said, of `most` bytes at most in all.
fn hand_out(source: &Source, said: &BTreeSet<Vec<u8>>, most: usize, out: &mut Out<'_>) -> Result<(), Fault> {
    let names = names(source);
    let mut headers = Headers { comments: Some(Comments::of(most)), ..Headers::of(source) };
    let end = loop {
        let file = match headers.next() {
            Ok(Some(file)) => file,
            Ok(None) => break Ok(()),
            Err(error) => break Err(fault_of(&error)),
        };
        let name = names.decode(&file.name);
        let taken: ControlFlow<()> = if file.sparse {
            out.unreadable(&name, packed_by("tar as a sparse file"))
        } else {
            out.member(&name, part(source, file.start, file.size))
        };
        if taken.is_break() {
            return Ok(());
        }
    };
    let comments = headers.comments.take().unwrap_or_default();
    let more = lines(comments.all.difference(said));
    if !more.trim().is_empty() && out.member("comments of members.txt", more.as_bytes()).is_break() {
        return Ok(());
    }
    if let Some(fault) = comments.fault
        && out.unreadable("comments of members", fault).is_break()
    {
        return Ok(());
    }
    end?;
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

/// The comments that pax keeps of the first files and of all that follow them, of `most` bytes at most in all. What is amiss with them or
/// the archive is told when its members are handed out.
fn said(headers: Headers<'_>, most: usize) -> BTreeSet<Vec<u8>> {
    let mut headers = Headers { comments: Some(Comments::of(most)), left: COMMENTED, ..headers };
    while let Ok(Some(_)) = headers.next() {}
    headers.comments.unwrap_or_default().all
}

/// Comments as text, a line each.
fn lines<'a>(comments: impl IntoIterator<Item = &'a Vec<u8>>) -> String {
    let lines = comments.into_iter().map(|comment| charset::decode(comment, None).text);
    lines.flat_map(|line| [line, "\n".to_owned()]).collect()
}

/// Comments that were met, each once.
#[derive(Default)]
struct Comments {
    all: BTreeSet<Vec<u8>>,
    /// How many bytes they are, and may be.
    bytes: usize,
    most: usize,
    /// Some are lost.
    fault: Option<Fault>,
}

impl Comments {
    fn of(most: usize) -> Self {
        Self { most, ..Self::default() }
    }

    fn keep(&mut self, comment: Vec<u8>) {
        if self.all.contains(&comment) {
            return;
        }
        let bytes = self.bytes.saturating_add(comment.len());
        if bytes > self.most {
            self.fault = Some(Fault::limit("content_text_bytes", self.most, "the text of comments"));
            return;
        }
        self.bytes = bytes;
        self.all.insert(comment);
    }
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
    /// Comments that were met, where they are looked for.
    comments: Option<Comments>,
    /// Blocks that are still looked at.
    left: u64,
}

impl<'a> Headers<'a> {
    fn of(source: &'a Source) -> Self {
        let (global, comments) = (Said::default(), None);
        Self { source, at: 0, strange: 0, global, continued: false, comments, left: u64::MAX }
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
                    let is_whole = pax(&records()?, &mut said);
                    self.keep(std::mem::take(&mut said.comments), is_whole, size);
                }
                b'g' => {
                    let is_whole = pax(&records()?, &mut self.global);
                    let comments = std::mem::take(&mut self.global.comments);
                    self.keep(comments, is_whole, size);
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

    /// Keeps the comments in records of so many bytes, if anybody wants them.
    fn keep(&mut self, comments: Vec<Vec<u8>>, is_whole: bool, size: u64) {
        let Some(kept) = &mut self.comments else { return };
        comments.into_iter().for_each(|comment| kept.keep(comment));
        if size > RECORDS {
            let detail = format!("what stands in one header of pax behind its first {RECORDS} bytes is not read");
            kept.fault = Some(Fault::whole(FaultReason::Limit, detail));
        } else if !is_whole {
            kept.fault = Some(damaged("records of pax are broken, and those behind them are not read"));
        }
    }

    /// The next header, and where what it heads begins.
    fn header(&mut self) -> io::Result<Option<(Vec<u8>, u64)>> {
        let mut reader = from(self.source, self.at);
        let mut block = Vec::new();
        loop {
            let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
            self.left = left;
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

/// Takes in pax records: `LENGTH KEY=VALUE\n`; false if there is something else among them.
fn pax(mut records: &[u8], said: &mut Said) -> bool {
    while let Some(blank) = records.iter().position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&records[..blank]).ok().and_then(|digits| digits.parse::<usize>().ok());
        let Some(record) = length.and_then(|length| records.get(blank + 1..length)) else {
            break;
        };
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
    // Programs fill up with zeros.
    records.iter().all(|byte| *byte == 0)
}

fn is_comment(key: &[u8]) -> bool {
    key.ends_with(b"comment") || key.starts_with(b"SCHILY.xattr.user.")
}

#[cfg(test)]
#[allow(clippy::large_stack_arrays, reason = "fixtures are small and made here")]
mod tests;
