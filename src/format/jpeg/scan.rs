//! One scan of a JPEG: its units in turn, their blocks, the codes of each block (T.81, annexes F and G).

use super::{Component, Frame, Result, Trouble};

const EARLY: Trouble = Trouble::Damage("the data of the JPEG end too early");
const LATE: Trouble = Trouble::Damage("data of the JPEG are left over");
const CODE: Trouble = Trouble::Damage("the data of the JPEG hold a code that is none");
const RANGE: Trouble = Trouble::Damage("the data of the JPEG hold a value that no picture has");
const TABLE: Trouble = Trouble::Damage("the JPEG lacks a table");

/// Codes of up to 16 bits, looked up by the next 16 bits.
pub(super) struct Huffman(Vec<Code>);

#[derive(Clone, Copy, Default)]
struct Code {
    /// Bits; 0 if there is no such code.
    length: u8,
    symbol: u8,
}

impl Huffman {
    /// A table from the number of codes of each length and their symbols; none if there are more codes than bits allow.
    pub(super) fn new(lengths: &[u8], symbols: &[u8]) -> Option<Self> {
        let mut codes = Vec::with_capacity(1 << 16);
        let mut symbols = symbols.iter();
        for (length, count) in (1_u8..=16).zip(lengths) {
            for symbol in symbols.by_ref().take(usize::from(*count)) {
                let end = codes.len() + (1 << (16 - length));
                if end > 1 << 16 {
                    return None;
                }
                codes.resize(end, Code { length, symbol: *symbol });
            }
        }
        codes.resize(1 << 16, Code::default());
        Some(Self(codes))
    }
}

/// What a scan is told by its header and by what stands before it.
pub(super) struct Scan<'a> {
    /// First and last coefficient of a block, in the order of the standard.
    pub(super) first: u8,
    pub(super) last: u8,
    /// Bits of the coefficients that came before, and that come after this scan.
    pub(super) high: u8,
    pub(super) low: u8,
    /// Units between two restart marks; 0 if there are none.
    pub(super) restart: u32,
    pub(super) dc: &'a [Option<Huffman>; 4],
    pub(super) ac: &'a [Option<Huffman>; 4],
    pub(super) steps: &'a [Option<u32>; 4],
}

/// A colour of a scan: its number in the frame, and its tables.
pub(super) type Part = (usize, usize, usize);

impl Scan<'_> {
    /// Follows the data to the next mark that ends them; returns where that stands.
    pub(super) fn follow(&self, frame: &mut Frame, parts: &[Part], data: &[u8]) -> Result<usize> {
        self.check(frame, parts)?;
        let mut state = State { bits: Bits::new(data), means: vec![0; parts.len()], run: 0 };
        let units = match parts {
            [(index, ..)] => frame.components[*index].blocks,
            _ => frame.units,
        };
        let total = units.0 * units.1;
        for unit in 0..total {
            if self.restart > 0 && unit > 0 && unit % self.restart == 0 {
                let number = u8::try_from((unit / self.restart - 1) % 8).expect("a remainder of eight");
                state.bits.restart(number)?;
                state.means.fill(0);
                state.run = 0;
            }
            let (x, y) = (unit % units.0, unit / units.0);
            for (turn, part) in parts.iter().enumerate() {
                let component = &mut frame.components[part.0];
                let (across, down) = if parts.len() == 1 { (1, 1) } else { (component.across, component.down) };
                for block in 0..across * down {
                    let place = ((y * down + block / across) * component.stride + x * across + block % across) as usize;
                    let precision = frame.precision;
                    match frame.progressive {
                        false => self.sequential(&mut state, turn, part, component, precision)?,
                        true => self.progressive(&mut state, turn, part, component, place, precision)?,
                    }
                }
            }
        }
        if state.run > 0 {
            return Err(LATE);
        }
        for part in parts {
            frame.components[part.0].seen |= self.first == 0;
        }
        state.bits.end()
    }

    fn check(&self, frame: &mut Frame, parts: &[Part]) -> Result<()> {
        let whole = !frame.progressive || self.first == 0;
        let sound = self.first <= self.last && self.last < 64 && self.low <= 13;
        if parts.is_empty() || !sound || (!whole && parts.len() > 1) || (frame.progressive && whole && self.last > 0) {
            return Err(super::SEGMENT);
        }
        for (index, dc, ac) in parts {
            let component = &mut frame.components[*index];
            let (needs_dc, needs_ac) = (!frame.progressive || (whole && self.high == 0), !frame.progressive || !whole);
            let there = |tables: &[Option<Huffman>; 4], number: usize| matches!(tables.get(number), Some(Some(_)));
            if (needs_dc && !there(self.dc, *dc)) || (needs_ac && !there(self.ac, *ac)) {
                return Err(TABLE);
            }
            let blocks = (component.stride * frame.units.1 * component.down) as usize;
            if frame.progressive && component.nonzero.is_empty() {
                component.nonzero = vec![0; blocks];
            }
        }
        Ok(())
    }

    /// The mean of a block, as a difference from the one before.
    fn mean(
        &self,
        state: &mut State<'_>,
        turn: usize,
        part: &Part,
        component: &Component,
        precision: u8,
    ) -> Result<()> {
        let table = self.dc[part.1].as_ref().ok_or(TABLE)?;
        let length = state.bits.code(table)?;
        if length > precision.saturating_add(3).min(16) {
            return Err(CODE);
        }
        state.means[turn] = state.means[turn].saturating_add(state.bits.value(length)?);
        let step = self.steps.get(component.quantization).copied().flatten().unwrap_or(1);
        // Eight times the largest sample, and as much again for rounding and for writers that overshoot (T.81, A.3.3).
        let most = (2_i64 << (precision + 2)) + i64::from(step);
        let mean = (i64::from(state.means[turn]) << self.low) * i64::from(step);
        if mean.abs() > most { Err(RANGE) } else { Ok(()) }
    }

    fn sequential(
        &self,
        state: &mut State<'_>,
        turn: usize,
        part: &Part,
        component: &Component,
        precision: u8,
    ) -> Result<()> {
        self.mean(state, turn, part, component, precision)?;
        let table = self.ac[part.2].as_ref().ok_or(TABLE)?;
        let mut at = 1;
        while at < 64 {
            let code = state.bits.code(table)?;
            let (zeros, length) = (code >> 4, code & 15);
            match (zeros, length) {
                (0, 0) => break,
                (15, 0) => at += 16,
                (_, 0) => return Err(CODE),
                _ => {
                    at += zeros + 1;
                    state.bits.skip(length)?;
                }
            }
            if at > 64 {
                return Err(CODE);
            }
        }
        Ok(())
    }

    fn progressive(
        &self,
        state: &mut State<'_>,
        turn: usize,
        part: &Part,
        component: &mut Component,
        place: usize,
        precision: u8,
    ) -> Result<()> {
        match (self.first, self.high) {
            (0, 0) => self.mean(state, turn, part, component, precision),
            (0, _) => state.bits.skip(1),
            (_, 0) => self.first_bits(state, part, component.nonzero.get_mut(place).ok_or(CODE)?),
            (_, _) => self.further_bits(state, part, component.nonzero.get_mut(place).ok_or(CODE)?),
        }
    }

    /// The first bits of some coefficients (T.81, G.1.2.2).
    fn first_bits(&self, state: &mut State<'_>, part: &Part, nonzero: &mut u64) -> Result<()> {
        if state.run > 0 {
            state.run -= 1;
            return Ok(());
        }
        let table = self.ac[part.2].as_ref().ok_or(TABLE)?;
        let mut at = self.first;
        while at <= self.last {
            let code = state.bits.code(table)?;
            let (zeros, length) = (code >> 4, code & 15);
            match (zeros, length) {
                (15, 0) => at += 16,
                (_, 0) => {
                    state.run = (1 << zeros) - 1 + state.bits.take(zeros)?;
                    return Ok(());
                }
                _ => {
                    at += zeros;
                    if at > self.last {
                        return Err(CODE);
                    }
                    state.bits.skip(length)?;
                    *nonzero |= 1 << at;
                    at += 1;
                }
            }
        }
        if at > self.last + 1 { Err(CODE) } else { Ok(()) }
    }

    /// One more bit of coefficients that are not zero, and the first bit of others (T.81, G.1.2.3).
    fn further_bits(&self, state: &mut State<'_>, part: &Part, nonzero: &mut u64) -> Result<()> {
        let table = self.ac[part.2].as_ref().ok_or(TABLE)?;
        let mut at = self.first;
        while state.run == 0 && at <= self.last {
            let code = state.bits.code(table)?;
            let (mut zeros, length) = (code >> 4, code & 15);
            match (zeros, length) {
                (15, 0) => {}
                (_, 0) => {
                    state.run = (1 << zeros) + state.bits.take(zeros)?;
                    break;
                }
                (_, 1) => state.bits.skip(1)?,
                _ => return Err(CODE),
            }
            while at <= self.last {
                if *nonzero >> at & 1 == 1 {
                    state.bits.skip(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if at > self.last {
                // Blanks may run to the end; a coefficient must have a place.
                return if length == 1 { Err(CODE) } else { Ok(()) };
            }
            *nonzero |= u64::from(length) << at;
            at += 1;
        }
        if state.run > 0 {
            let rest = (at..=self.last).filter(|at| *nonzero >> at & 1 == 1).count();
            for _ in 0..rest {
                state.bits.skip(1)?;
            }
            state.run -= 1;
        }
        Ok(())
    }
}

/// Where a scan stands.
struct State<'a> {
    bits: Bits<'a>,
    /// The last mean of each colour.
    means: Vec<i32>,
    /// Blocks to come that have nothing in this scan.
    run: u32,
}

/// The bits of a scan, up to the next mark.
struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    held: u64,
    count: u32,
    /// A mark, or the end of the data, was met.
    over: bool,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, held: 0, count: 0, over: false }
    }

    fn fill(&mut self) {
        while self.count <= 48 && !self.over {
            let byte = match self.data.get(self.at..) {
                Some([0xff, 0, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some([0xff, ..] | []) | None => {
                    self.over = true;
                    return;
                }
                Some([byte, ..]) => {
                    self.at += 1;
                    *byte
                }
            };
            self.held = self.held << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    /// The symbol of the next code.
    fn code(&mut self, table: &Huffman) -> Result<u8> {
        if self.count < 16 {
            self.fill();
        }
        let next = if self.count >= 16 { self.held >> (self.count - 16) } else { self.held << (16 - self.count) };
        let code = table.0[(next & 0xffff) as usize];
        match u32::from(code.length) {
            length if length > self.count => Err(EARLY),
            0 => Err(if self.count < 16 { EARLY } else { CODE }),
            length => {
                self.count -= length;
                Ok(code.symbol)
            }
        }
    }

    /// The next bits, at most 16, as a number.
    fn take(&mut self, length: u8) -> Result<u32> {
        let length = u32::from(length);
        if self.count < length {
            self.fill();
        }
        if self.count < length {
            return Err(EARLY);
        }
        self.count -= length;
        let value = self.held >> self.count & ((1 << length) - 1);
        Ok(u32::try_from(value).expect("at most 16 bits"))
    }

    fn skip(&mut self, length: u8) -> Result<()> {
        self.take(length).map(drop)
    }

    /// A signed number of so many bits (T.81, F.2.2.1).
    fn value(&mut self, length: u8) -> Result<i32> {
        let value = self.take(length)?.cast_signed();
        let least = if length == 0 { 0 } else { 1 << (length - 1) };
        Ok(if value < least { value - (1 << length) + 1 } else { value })
    }

    /// The restart mark of this number must stand here, behind no more than the bits that fill a byte.
    fn restart(&mut self, number: u8) -> Result<()> {
        let at = self.end()?;
        let marks = self.data[at..].iter().take_while(|byte| **byte == 0xff).count();
        if self.data.get(at + marks) != Some(&(0xd0 + number)) {
            return Err(EARLY);
        }
        *self = Self { at: at + marks + 1, ..Self::new(self.data) };
        Ok(())
    }

    /// No more than the bits that fill a byte may be left; returns where the mark stands.
    fn end(&mut self) -> Result<usize> {
        self.fill();
        if self.over && self.count < 8 { Ok(self.at) } else { Err(LATE) }
    }
}
