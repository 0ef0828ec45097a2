//! Strings of workbooks, which may be cut anywhere into records that continue each other.

use super::super::bytes::units;
use crate::format::zeros;

/// Bytes of a string without characters: its length and its flags, all zeros. Programs keep each string once, and some keep an
/// empty one twice.
const EMPTY: usize = 3;

/// Characters are UTF-16.
const WIDE: u8 = 1;
/// Phonetic data follow.
const PHONETIC: u8 = 4;
/// Runs of formatting follow.
const RICH: u8 = 8;

/// Reads through pieces.
pub(super) struct Reader<'a> {
    pieces: std::vec::IntoIter<&'a [u8]>,
    rest: &'a [u8],
    /// Flags of the last string.
    flags: u8,
    /// Characters that were zeros, several in a row, as a lost sector leaves them.
    pub(super) zeros: usize,
}

impl<'a> Reader<'a> {
    /// Over a record and those that continue it.
    pub(super) fn new(pieces: Vec<&'a [u8]>) -> Self {
        let mut pieces = pieces.into_iter();
        let rest = pieces.next().unwrap_or_default();
        Self { pieces, rest, flags: 0, zeros: 0 }
    }

    fn next_piece(&mut self) -> Option<()> {
        self.rest = self.pieces.next()?;
        Some(())
    }

    fn byte(&mut self) -> Option<u8> {
        while self.rest.is_empty() {
            self.next_piece()?;
        }
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    /// Two bytes.
    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from(self.u16()?) | u32::from(self.u16()?) << 16)
    }

    /// Passes over bytes.
    pub(super) fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > self.rest.len() {
            count -= self.rest.len();
            self.next_piece()?;
        }
        self.rest = &self.rest[count..];
        Some(())
    }

    /// A string whose length takes two bytes.
    pub(super) fn long_string(&mut self) -> Option<String> {
        self.long_with_zeros().map(zeros::passed_over_in)
    }

    /// A string whose length takes one byte, with the zeros inside of it.
    pub(super) fn short_with_zeros(&mut self) -> Option<String> {
        let count = usize::from(self.byte()?);
        self.with_zeros(count)
    }

    /// One whose length takes two bytes, with the zeros inside of it: for pieces of lines, which they are passed over in as a whole.
    pub(super) fn long_with_zeros(&mut self) -> Option<String> {
        let count = usize::from(self.u16()?);
        self.with_zeros(count)
    }

    /// Flags and `count` characters, without formatting; what there is of them.
    pub(super) fn string(&mut self, count: usize) -> Option<String> {
        self.with_zeros(count).map(zeros::passed_over_in)
    }

    fn with_zeros(&mut self, count: usize) -> Option<String> {
        let flags = self.byte()?;
        self.flags = flags;
        let runs = if flags & RICH == 0 { 0 } else { usize::from(self.u16()?) };
        let phonetic = if flags & PHONETIC == 0 { 0 } else { self.u32()? as usize };
        let text = self.characters(flags, count);
        // What cannot be passed over is missed by the next string, and this one is whole.
        let _ = self.skip((4 * runs).saturating_add(phonetic));
        Some(text)
    }

    /// Characters; where a record ends among them the next begins with flags of its own.
    fn characters(&mut self, mut flags: u8, count: usize) -> String {
        let mut left = count;
        // Of this string, in as many pieces as it is cut into.
        let mut all: Vec<u16> = Vec::new();
        while left > 0 {
            if self.rest.is_empty() {
                if self.next_piece().is_none() {
                    break;
                }
                flags = self.byte().unwrap_or_default();
            }
            let wide = flags & WIDE != 0;
            let width = if wide { 2 } else { 1 };
            let here = left.min(self.rest.len() / width);
            if here == 0 {
                self.rest = &[];
                continue;
            }
            let (bytes, rest) = self.rest.split_at(here * width);
            match wide {
                true => all.extend(units(bytes)),
                false => all.extend(bytes.iter().map(|byte| u16::from(*byte))),
            }
            self.rest = rest;
            left -= here;
        }
        self.zeros += zeros::among(&all);
        String::from_utf16_lossy(&all).trim_matches('\0').to_owned()
    }
}

/// The table of strings that cells share.
pub(super) struct Shared {
    /// The strings, with the zeros inside of them.
    pub(super) strings: Vec<String>,
    /// How many there should be.
    pub(super) promised: usize,
    /// Whether zeros stand for some of it.
    pub(super) zeroed: bool,
}

/// Reads the table of strings that cells share.
pub(super) fn shared(pieces: Vec<&[u8]>, limit: usize) -> Shared {
    let mut reader = Reader::new(pieces);
    let _ = reader.skip(4);
    let promised = reader.u32().unwrap_or_default() as usize;
    // Of empty strings that stand side by side: how many bytes they are.
    let (mut strings, mut bytes, mut empty, mut zeroed) = (Vec::new(), 0_usize, 0_usize, false);
    while strings.len() < promised && bytes < limit {
        let Some(string) = reader.long_with_zeros() else { break };
        bytes = bytes.saturating_add(string.len());
        empty = if string.is_empty() && reader.flags == 0 { empty + EMPTY } else { 0 };
        zeroed |= empty >= zeros::RAW;
        strings.push(string);
    }
    Shared { strings, promised, zeroed: zeroed || reader.zeros > 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_cut_in_the_middle_goes_on_in_the_width_of_the_next_record() {
        let first = [5, 0, 0, b'a', b'b'];
        let second = [1, b'c', 0, 0x3a, 0x67, b'd', 0];
        assert_eq!(Reader::new(vec![&first, &second]).long_string().expect("there"), "abc机d");
    }
}
