//! The header of a Word document (FIB), and its characters: pieces of text in the order in which they are read.

use std::ops::Range;

use encoding_rs::Encoding;

use crate::config::Settings;
use crate::finding::{Fault, FaultReason};
use crate::format::codepage;

use super::super::bytes::{part, short, size, u16, utf16};
use super::deleted;

/// What the main stream of a document begins with: Word 97 and later (MS-DOC 2.5.2), Word 6 and 95, Word 2 and 1, and the Word 6 and
/// 95 of East Asia.
const MARKS: [u16; 8] = [0xa5ec, 0xa5dc, 0xa5db, 0xa59b, 0xa59c, 0xa697, 0xa698, 0xa699];

/// Where the header of Word 97 counts the characters of each story.
const COUNTS: usize = 76;

/// The same in Word 6 and 95.
const OLD_COUNTS: usize = 0x34;

/// Where the table of places of Word 97 begins.
const PLACES: usize = 154;

/// Bytes with which every header begins, in which no text can stand.
const BASE: usize = 32;

/// Stories that are read.
const STORIES: [Story; 7] =
    [Story::Main, Story::Footnotes, Story::Headers, Story::Comments, Story::Endnotes, Story::Boxes, Story::HeaderBoxes];

/// A piece begins with this byte in the list of pieces.
const PIECES: u8 = 2;

/// Commands before the pieces begin with this one.
const COMMANDS: u8 = 1;

/// A story: a text of its own, one after the other in the order of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Story {
    /// The body.
    Main,
    /// Footnotes.
    Footnotes,
    /// Headers and footers.
    Headers,
    /// Comments.
    Comments = 4,
    /// Endnotes.
    Endnotes,
    /// Text boxes.
    Boxes,
    /// Text boxes of headers.
    HeaderBoxes,
}

/// The header.
pub(super) struct Fib {
    /// Whether the document is encrypted.
    pub(super) encrypted: bool,
    /// The stream with the tables.
    pub(super) table: &'static str,
    /// Lengths of the stories, in characters.
    counts: [usize; 8],
    /// Word 6 or 95.
    old: bool,
    language: u16,
    header: Vec<u8>,
}

/// The characters of all stories.
pub(super) enum Characters {
    /// UTF-16, and which of them are deleted.
    Wide(Vec<u16>, Vec<Range<usize>>),
    /// Bytes in an encoding.
    Narrow(Vec<u8>, &'static Encoding),
}

/// A stretch of characters that stand together in the file.
struct Piece {
    at: usize,
    count: usize,
    wide: bool,
}

impl Fib {
    /// The header of a main stream.
    pub(super) fn of(main: &[u8]) -> Option<Self> {
        let version = u16(main, 2)?;
        let old = version < 0xc0;
        let flags = u16(main, 10)?;
        let start = if old { OLD_COUNTS } else { COUNTS };
        let mut counts = [0; 8];
        for (index, count) in counts.iter_mut().enumerate() {
            *count = size(main, start + 4 * index)?;
        }
        Some(Self {
            encrypted: flags & 0x100 != 0,
            table: if old {
                "WordDocument"
            } else if flags & 0x200 == 0 {
                "0Table"
            } else {
                "1Table"
            },
            counts,
            old,
            language: u16(main, 6)?,
            header: part(main, 0, 2048).to_vec(),
        })
    }

    /// Why it is not believed, though what it says is read: it does not begin like one, or counts no characters. The body of any
    /// document ends with a paragraph (MS-DOC 2.3.1).
    pub(super) fn damage(&self) -> Option<Fault> {
        let detail = match () {
            () if !u16(&self.header, 0).is_some_and(|mark| MARKS.contains(&mark)) => {
                "the header of the document does not begin like one of Word"
            }
            () if self.counts[Story::Main as usize] == 0 => "the header of the document counts no characters",
            () => return None,
        };
        Some(Fault::whole(FaultReason::Damaged, detail))
    }

    /// The characters of a story.
    pub(super) fn range(&self, story: Story) -> Range<usize> {
        let start: usize = self.counts[..story as usize].iter().fold(0, |sum, count| sum.saturating_add(*count));
        start..start.saturating_add(self.counts[story as usize])
    }

    /// A table of the document, by its number in Word 97.
    pub(super) fn place<'a>(&self, number: usize, table: &'a [u8]) -> &'a [u8] {
        if self.old {
            return &[];
        }
        let at = PLACES + 8 * number;
        part(table, size(&self.header, at).unwrap_or_default(), size(&self.header, at + 4).unwrap_or_default())
    }

    /// All characters. What is missing or over a limit is a fault.
    pub(super) fn characters(
        &self,
        main: &[u8],
        table: &[u8],
        settings: &Settings,
        faults: &mut Vec<Fault>,
    ) -> Characters {
        let limit = settings.limits.content_text_bytes;
        let promised = self.counts.iter().fold(0_usize, |sum, count| sum.saturating_add(*count));
        let page = codepage::of_language(self.language);
        let (mut wide, mut narrow, mut removed) = (Vec::new(), Vec::new(), Vec::new());
        let (deleted, sound) = if self.old { (Vec::new(), true) } else { deleted::ranges(main, self.place(12, table)) };
        if !sound {
            faults.push(Fault::whole(FaultReason::Damaged, "the table of formatting of the document is damaged"));
        }
        let mut room = limit;
        for piece in self.pieces(main, table, faults) {
            let count = piece.count.min(room);
            room -= count;
            if self.old {
                narrow.extend_from_slice(part(main, piece.at, count));
            } else {
                let bytes = part(main, piece.at, if piece.wide { count.saturating_mul(2) } else { count });
                let before = wide.len();
                if piece.wide {
                    wide.extend(bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])));
                } else {
                    // Each byte is a character that is counted, also a zero.
                    let text = codepage::encoding(1252).decode_without_bom_handling(bytes).0;
                    wide.extend(text.encode_utf16());
                }
                if removed.len() < deleted::MOST {
                    removed.extend(deleted::within(&deleted, piece.at, wide.len() - before, piece.wide, before));
                }
            }
        }
        if room == 0 {
            faults.push(Fault::limit("content_text_bytes", limit, "the text of the document"));
        } else if wide.len().max(narrow.len()) < promised {
            let (have, want) = (wide.len().max(narrow.len()), promised);
            let detail = format!("the document has {have} of {want} characters");
            faults.push(Fault::whole(FaultReason::Damaged, detail));
        }
        let zeros = if self.old { self.zeros(&narrow) } else { self.zeros(&wide) };
        if zeros > 0 {
            let detail = format!("{zeros} characters of the document were zeroed");
            faults.push(Fault::whole(FaultReason::Damaged, detail));
        }
        if self.old { Characters::Narrow(narrow, codepage::encoding(page)) } else { Characters::Wide(wide, removed) }
    }

    /// Characters of the stories that are zeros, as a lost sector leaves them: no program writes such characters. A single one
    /// in a header is the number of the page, as the oldest programs wrote it.
    fn zeros<C: Copy + Default + PartialEq>(&self, characters: &[C]) -> usize {
        let zeros = |story: &Story| -> usize {
            let range = self.range(*story);
            let end = range.end.min(characters.len());
            let least = if *story == Story::Headers { 2 } else { 1 };
            let runs = characters[range.start.min(end)..end].split(|character| *character != C::default());
            runs.map(<[C]>::len).filter(|run| *run >= least).sum()
        };
        STORIES.iter().map(zeros).sum()
    }

    /// The pieces, in the order of reading. Without a list of them there is one, which is so in Word 6 and 95 alone.
    fn pieces(&self, main: &[u8], table: &[u8], faults: &mut Vec<Fault>) -> Vec<Piece> {
        let list = if self.old {
            part(main, size(main, 0x160).unwrap_or_default(), size(main, 0x164).unwrap_or_default())
        } else {
            self.place(33, table)
        };
        let listed = self.listed(list);
        let is_sound = match &listed {
            Some((_, is_sound)) => *is_sound,
            None => self.old && list.is_empty(),
        };
        if !is_sound {
            faults
                .push(Fault::whole(FaultReason::Damaged, "the list of the pieces of text of the document is damaged"));
        }
        if let Some((pieces, _)) = listed {
            return pieces;
        }
        let start = size(main, 24).unwrap_or_default();
        let bytes = size(main, 28).unwrap_or_default().saturating_sub(start);
        vec![Piece { at: start, count: bytes, wide: false }]
    }

    /// The pieces of a list, and whether they follow each other and stand where text can.
    fn listed(&self, list: &[u8]) -> Option<(Vec<Piece>, bool)> {
        let mut at = 0;
        while *list.get(at)? == COMMANDS {
            at += 3 + short(list, at + 1)?;
        }
        (*list.get(at)? == PIECES).then_some(())?;
        let pieces = part(list, at + 5, size(list, at + 1)?);
        let count = pieces.len().checked_sub(4)? / 12;
        let piece = |index: usize| {
            let (start, end) = (size(pieces, 4 * index)?, size(pieces, 4 * index + 4)?);
            let place = size(pieces, 4 * (count + 1) + 8 * index + 2)?;
            let narrow = self.old || place & 0x4000_0000 != 0;
            let at = match (self.old, narrow) {
                (true, _) => place,
                (false, true) => (place & 0x3fff_ffff) / 2,
                (false, false) => place & 0x3fff_ffff,
            };
            Some(Piece { at, count: end.saturating_sub(start), wide: !narrow })
        };
        let follows = (0..count).all(|index| size(pieces, 4 * index) <= size(pieces, 4 * index + 4));
        let listed: Vec<Piece> = (0..count).map(piece).collect::<Option<_>>()?;
        let is_placed = |piece: &Piece| piece.count == 0 || piece.at >= BASE;
        let is_sound = follows && size(pieces, 0) == Some(0) && listed.iter().all(is_placed);
        Some((listed, is_sound))
    }

    /// Who wrote comments.
    pub(super) fn comment_authors(&self, table: &[u8]) -> String {
        let list = self.place(36, table);
        let (mut at, mut names) = (0, String::new());
        while let Some(length) = short(list, at) {
            names += &utf16(part(list, at + 2, 2 * length));
            names.push('\n');
            at += 2 + 2 * length;
        }
        names
    }

    /// The fault of pictures in documents of Word 6 and 95, which are not taken out.
    pub(super) fn old_pictures(characters: &Characters) -> Option<Fault> {
        let Characters::Narrow(bytes, _) = characters else { return None };
        let pictures = bytes.iter().filter(|byte| matches!(byte, 1 | 8)).count();
        let detail = format!("{pictures} pictures of a document of Word 6 or 95 are not read");
        (pictures > 0).then(|| Fault::whole(FaultReason::Attachment, detail))
    }
}
