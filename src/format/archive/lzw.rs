//! The LZW of `compress` (.Z): codes of 9 to 16 bits in groups of eight, the first bytes of a group the lowest.

use std::io::{self, BufRead, Read};

/// The code that empties the table, in files that have one.
const CLEAR: usize = 256;

/// Unpacks a `.Z` file.
pub(super) struct Lzw<R> {
    input: R,
    table: Option<Table>,
    /// Characters of the last string, to be handed out from the end.
    pending: Vec<u8>,
}

struct Table {
    /// Codes may get as long as this, and there is a code to empty the table.
    most: u32,
    clears: bool,
    /// Of each code: the code of the string without its last character, and that character.
    entries: Vec<(u16, u8)>,
    bits: u32,
    last: Option<usize>,
    first: u8,
    group: Vec<u8>,
    /// Bits of the group that are used, and bits that it has.
    at: usize,
    end: usize,
}

impl<R: BufRead> Lzw<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, table: None, pending: Vec::new() }
    }

    pub(super) fn into_inner(self) -> R {
        self.input
    }

    fn header(&mut self) -> io::Result<Table> {
        let mut header = [0; 3];
        self.input.read_exact(&mut header)?;
        let most = u32::from(header[2] & 0x1f);
        if !header.starts_with(b"\x1f\x9d") || !(9..=16).contains(&most) {
            return Err(invalid("it is not packed by compress"));
        }
        let mut table = Table {
            most,
            clears: header[2] & 0x80 != 0,
            entries: Vec::with_capacity(1 << most),
            bits: 9,
            last: None,
            first: 0,
            group: Vec::new(),
            at: 0,
            end: 0,
        };
        table.empty();
        Ok(table)
    }
}

impl<R: BufRead> Read for Lzw<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut table = match self.table.take() {
            Some(table) => table,
            None => self.header()?,
        };
        let mut count = 0;
        while count < buffer.len() {
            let Some(byte) = self.pending.pop() else {
                let Some(code) = table.next_code(&mut self.input)? else { break };
                table.string(code, &mut self.pending)?;
                continue;
            };
            buffer[count] = byte;
            count += 1;
        }
        self.table = Some(table);
        Ok(count)
    }
}

impl Table {
    fn empty(&mut self) {
        self.entries.clear();
        self.entries.extend((0..=255).map(|byte| (0, byte)));
        if self.clears {
            self.entries.push((0, 0));
        }
        (self.bits, self.last) = (9, None);
        (self.at, self.end) = (0, 0);
    }

    /// The next code; none at the end.
    fn next_code(&mut self, input: &mut impl Read) -> io::Result<Option<usize>> {
        // A longer code begins a new group of eight.
        if self.entries.len() >= 1 << self.bits && self.bits < self.most {
            self.bits += 1;
            (self.at, self.end) = (0, 0);
        }
        let bits = self.bits as usize;
        if self.at + bits > self.end {
            self.group.clear();
            input.take(bits as u64).read_to_end(&mut self.group)?;
            (self.at, self.end) = (0, self.group.len() * 8);
            if bits > self.end {
                return Ok(None);
            }
        }
        let mut code = 0;
        for bit in 0..bits {
            let place = self.at + bit;
            code |= usize::from(self.group[place / 8] >> (place % 8) & 1) << bit;
        }
        self.at += bits;
        Ok(Some(code))
    }

    /// The string of a code, last character first.
    fn string(&mut self, code: usize, string: &mut Vec<u8>) -> io::Result<()> {
        if self.clears && code == CLEAR {
            self.empty();
            return Ok(());
        }
        let Some(last) = self.last else {
            self.first = u8::try_from(code).map_err(|_| invalid("its first code is no character"))?;
            string.push(self.first);
            self.last = Some(code);
            return Ok(());
        };
        let mut at = code;
        if code >= self.entries.len() {
            // The string that this very code makes: the last one, and its own first character.
            if code > self.entries.len() {
                return Err(invalid("a code that stands for nothing"));
            }
            string.push(self.first);
            at = last;
        }
        // Each code is made of a smaller one, so this ends.
        while at > 255 {
            let Some((before, byte)) = self.entries.get(at).copied() else { return Err(invalid("a broken table")) };
            string.push(byte);
            at = usize::from(before);
        }
        self.first = u8::try_from(at).unwrap_or_default();
        string.push(self.first);
        if self.entries.len() < 1 << self.most {
            self.entries.push((u16::try_from(last).unwrap_or_default(), self.first));
        }
        self.last = Some(code);
        Ok(())
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
