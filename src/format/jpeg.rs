//! Follows the data of a JPEG (ITU-T T.81) through every code, without making a pixel: whether each scan has just as many
//! blocks as the frame says, and nothing is left over.
//!
//! A decoder that meets damage shows what comes of it, grey or shifted blocks, and says nothing. But codes of different
//! lengths that are misread once are seldom read to the very end of a scan by chance, and so most damage shows here: a bit
//! that was flipped in a code, bytes that were zeroed or lost. A bit of a coefficient's value that was flipped does not.
//!
//! Arithmetic and lossless coding, which nobody writes and no decoder of ours reads, are not followed.

mod scan;

use scan::{Huffman, Scan};

/// What is wrong with a JPEG, in words; none if it can be followed to its end, or not at all.
pub(super) fn damage(data: &[u8]) -> Option<&'static str> {
    let mut reading = Reading::default();
    match reading.image(data) {
        Ok(()) | Err(Trouble::Unheard) => None,
        Err(Trouble::Damage(what)) => Some(what),
    }
}

/// Why a JPEG is followed no further.
#[derive(Debug)]
enum Trouble {
    /// It breaks a rule.
    Damage(&'static str),
    /// It is coded in a way that is not followed.
    Unheard,
}

type Result<T> = std::result::Result<T, Trouble>;

const SEGMENT: Trouble = Trouble::Damage("a segment of the JPEG is damaged");

/// Blocks of one JPEG that are followed, each of which may take eight bytes: 500 Mpixel in four colours.
const BLOCKS: u64 = 32 << 20;

/// A colour of the frame.
#[derive(Clone, Debug, Default)]
struct Component {
    id: u8,
    across: u32,
    down: u32,
    quantization: usize,
    /// Sides of the component in blocks, without those that only fill up a unit.
    blocks: (u32, u32),
    /// Blocks of a row as they are coded, with those that fill up.
    stride: u32,
    /// Of each block, which coefficients are known to be other than zero. Progressive coding needs it.
    nonzero: Vec<u64>,
    /// A scan brought its means.
    seen: bool,
}

#[derive(Debug)]
struct Frame {
    progressive: bool,
    precision: u8,
    components: Vec<Component>,
    /// Units of a scan of all colours.
    units: (u32, u32),
}

#[derive(Default)]
struct Reading {
    frame: Option<Frame>,
    dc: [Option<Huffman>; 4],
    ac: [Option<Huffman>; 4],
    /// The step of the mean of a block.
    steps: [Option<u32>; 4],
    restart: u32,
}

impl Reading {
    fn image(&mut self, data: &[u8]) -> Result<()> {
        let mut at = memchr::memmem::find(data, &[0xff, 0xd8]).ok_or(SEGMENT)? + 2;
        loop {
            // Whatever stands between segments is passed over, as decoders do.
            at += data.get(at..).and_then(|rest| memchr::memchr(0xff, rest)).ok_or(SEGMENT)?;
            at += data[at..].iter().take_while(|byte| **byte == 0xff).count();
            let mark = *data.get(at).ok_or(SEGMENT)?;
            at += 1;
            match mark {
                0xd9 => return self.end(),
                0 | 1 | 0xd0..=0xd8 => continue,
                _ => {}
            }
            let length = data.get(at..at + 2).ok_or(SEGMENT)?;
            let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
            let body = data.get(at + 2..at + length.max(2)).ok_or(SEGMENT)?;
            at += length.max(2);
            match mark {
                0xc0..=0xc2 => self.frame = Some(Frame::of(body, mark == 0xc2)?),
                0xc3 | 0xc5..=0xc7 | 0xc9..=0xcf => return Err(Trouble::Unheard),
                0xc4 => self.huffman(body)?,
                0xdb => self.quantization(body)?,
                0xdd => self.restart = u32::from(body.get(..2).map_or(0, |n| u16::from_be_bytes([n[0], n[1]]))),
                0xda => at += self.scan(body, &data[at..])?,
                _ => {}
            }
        }
    }

    /// At the end every colour must have come.
    fn end(&self) -> Result<()> {
        let frame = self.frame.as_ref().ok_or(SEGMENT)?;
        match frame.components.iter().all(|component| component.seen) {
            true => Ok(()),
            false => Err(Trouble::Damage("a colour of the JPEG is missing")),
        }
    }

    fn huffman(&mut self, mut body: &[u8]) -> Result<()> {
        while let Some((place, rest)) = body.split_first() {
            let (lengths, rest) = rest.split_at_checked(16).ok_or(SEGMENT)?;
            let count = lengths.iter().map(|count| usize::from(*count)).sum();
            let (symbols, rest) = rest.split_at_checked(count).ok_or(SEGMENT)?;
            let tables = if place >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            let table = tables.get_mut(usize::from(place & 15)).ok_or(SEGMENT)?;
            *table = Some(Huffman::new(lengths, symbols).ok_or(SEGMENT)?);
            body = rest;
        }
        Ok(())
    }

    fn quantization(&mut self, mut body: &[u8]) -> Result<()> {
        while let Some((place, rest)) = body.split_first() {
            let width = if place >> 4 == 0 { 1 } else { 2 };
            let (steps, rest) = rest.split_at_checked(64 * width).ok_or(SEGMENT)?;
            let first = steps[..width].iter().fold(0, |step, byte| step << 8 | u32::from(*byte));
            *self.steps.get_mut(usize::from(place & 15)).ok_or(SEGMENT)? = Some(first);
            body = rest;
        }
        Ok(())
    }

    /// Follows a scan; returns how many bytes of data it has.
    fn scan(&mut self, body: &[u8], data: &[u8]) -> Result<usize> {
        let frame = self.frame.as_mut().ok_or(SEGMENT)?;
        let count = usize::from(*body.first().ok_or(SEGMENT)?);
        let (chosen, spectrum) = body[1..].split_at_checked(2 * count).ok_or(SEGMENT)?;
        let &[first, last, bits, ..] = spectrum else { return Err(SEGMENT) };
        let mut parts = Vec::with_capacity(count);
        for pair in chosen.chunks_exact(2) {
            let index = frame.components.iter().position(|component| component.id == pair[0]).ok_or(SEGMENT)?;
            parts.push((index, usize::from(pair[1] >> 4), usize::from(pair[1] & 15)));
        }
        let (high, low) = (bits >> 4, bits & 15);
        let scan =
            Scan { first, last, high, low, restart: self.restart, dc: &self.dc, ac: &self.ac, steps: &self.steps };
        scan.follow(frame, &parts, data)
    }
}

impl Frame {
    fn of(body: &[u8], progressive: bool) -> Result<Self> {
        let &[precision, a, b, c, d, count, ref rest @ ..] = body else { return Err(SEGMENT) };
        let (height, width) = (u32::from(u16::from_be_bytes([a, b])), u32::from(u16::from_be_bytes([c, d])));
        if height == 0 {
            // It is told behind the first scan (T.81, B.2.5); no writer does that.
            return Err(Trouble::Unheard);
        }
        let mut components: Vec<Component> = rest
            .chunks_exact(3)
            .take(usize::from(count))
            .map(|part| Component {
                id: part[0],
                across: u32::from(part[1] >> 4),
                down: u32::from(part[1] & 15),
                quantization: usize::from(part[2]),
                ..Component::default()
            })
            .collect();
        let sound = |part: &Component| (1..=4).contains(&part.across) && (1..=4).contains(&part.down);
        if !matches!(precision, 8 | 12)
            || width == 0
            || components.len() != usize::from(count)
            || count == 0
            || !components.iter().all(sound)
        {
            return Err(SEGMENT);
        }
        let across = components.iter().map(|part| part.across).max().unwrap_or(1);
        let down = components.iter().map(|part| part.down).max().unwrap_or(1);
        let units = (width.div_ceil(8 * across), height.div_ceil(8 * down));
        let mut blocks = 0;
        for part in &mut components {
            let side = |length: u32, factor: u32, most: u32| (length * factor).div_ceil(most).div_ceil(8);
            part.blocks = (side(width, part.across, across), side(height, part.down, down));
            part.stride = units.0 * part.across;
            blocks += u64::from(part.stride) * u64::from(units.1 * part.down);
        }
        if blocks > BLOCKS {
            return Err(Trouble::Damage("the JPEG has more blocks than can be followed"));
        }
        Ok(Self { progressive, precision, components, units })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::fixture;

    const SOUND: [&str; 6] = ["rgb.jpg", "cmyk.jpg", "grey.jpg", "exif_turned.jpg", "progressive.jpg", "restarts.jpg"];

    /// Where the data of the first scan begin.
    fn first_scan(jpeg: &[u8]) -> usize {
        let at = memchr::memmem::find(jpeg, &[0xff, 0xda]).expect("it has a scan") + 2;
        at + usize::from(u16::from_be_bytes([jpeg[at], jpeg[at + 1]]))
    }

    /// A photograph of a page, from the sample share.
    fn photograph() -> Vec<u8> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/share/departments/ops/IMG_20250603.jpg");
        std::fs::read(path).expect("it belongs to the sample share")
    }

    /// Of 300 damages spread over the data, how many are found.
    fn found(spoil: impl Fn(&mut Vec<u8>, usize)) -> usize {
        let whole = photograph();
        let start = first_scan(&whole);
        let place = |number: usize| start + (whole.len() - start - 600) / 300 * number;
        let is_found = |at: &usize| {
            let mut spoiled = whole.clone();
            spoil(&mut spoiled, *at);
            damage(&spoiled).is_some()
        };
        (0..300).map(place).filter(is_found).count()
    }

    #[test]
    fn sound_jpegs_of_every_coding_can_be_followed_to_their_end() {
        for name in SOUND {
            assert_eq!(damage(&fixture(name)), None, "{name}");
        }
    }

    #[test]
    fn data_that_are_cut_anywhere_are_damage() {
        for name in SOUND {
            let whole = fixture(name);
            let start = first_scan(&whole);
            for at in start..whole.len() - 4 {
                let cut = [&whole[..at], b"\xff\xd9"].concat();
                // A progressive picture may end with any whole scan.
                assert!(damage(&cut).is_some() || name == "progressive.jpg", "{name}: cut at {at}");
            }
        }
    }

    #[test]
    fn damage_in_a_photograph_of_a_page_seldom_passes() {
        assert_eq!(damage(&photograph()), None);
        let zeroed = found(|bytes, at| bytes[at..at + 512].fill(0));
        let lost = found(|bytes, at| drop(bytes.drain(at..at + 512)));
        assert!(zeroed >= 297 && lost >= 297, "{zeroed} and {lost} of 300");
        // One byte less or other may spoil no more than a block, whose codes end where they should by chance.
        let (one_lost, flipped) = (found(|bytes, at| _ = bytes.remove(at)), found(|bytes, at| bytes[at] ^= 0x10));
        assert!(one_lost >= 150 && flipped >= 100, "{one_lost} and {flipped} of 300");
    }

    #[test]
    fn a_scan_that_is_missing_is_damage() {
        let whole = fixture("progressive.jpg");
        let start = first_scan(&whole);
        let next = start + memchr::memmem::find(&whole[start..], &[0xff, 0xc4]).expect("a table of the next scan");
        assert!(damage(&[&whole[..next], b"\xff\xd9"].concat()).is_none(), "the first scan has all means");
        assert!(damage(&[&whole[..start], b"\xff\xd9"].concat()).is_some(), "no scan has");
    }

    #[test]
    fn a_table_that_a_sequential_scan_lacks_is_damage_whatever_its_header_says() {
        let mut jpeg = fixture("rgb.jpg");
        let scan = memchr::memmem::find(&jpeg, &[0xff, 0xda]).expect("a scan");
        // Tables 5 and 5 for the first colour, and bits that only progressive coding knows.
        jpeg[scan + 6] = 0x55;
        let header = scan + 2 + usize::from(u16::from_be_bytes([jpeg[scan + 2], jpeg[scan + 3]]));
        jpeg[header - 1] = 0x10;
        assert_eq!(damage(&jpeg), Some("the JPEG lacks a table"));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            name in proptest::sample::select(SOUND.as_slice()),
            spoil in proptest::collection::vec((proptest::num::usize::ANY, proptest::num::u8::ANY), 0..20)
        ) {
            let mut bytes = fixture(name);
            for (at, byte) in spoil {
                let at = at % bytes.len();
                bytes[at] = byte;
            }
            damage(&bytes);
        }
    }
}
