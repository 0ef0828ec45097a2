//! How large pictures are: by their own coding, and by what their file says beside it (`ispe`), which is only a claim.

use std::cell::RefCell;
use std::collections::BTreeMap;

use heic_rs::meta::Meta;
use heic_rs::meta::iinf::ItemInfo;
use heic_rs::meta::iref::{RefKind, targets};
use heic_rs::props::hvcc::NAL_SPS;
use heic_rs::{grid, hevc, props};

/// Width and height.
type Sides = (u32, u32);

/// The least and the greatest that a picture may be, by all that is said of it.
#[derive(Clone, Copy)]
struct Reach {
    least: Sides,
    most: Sides,
}

/// Sizes of the pictures of a file, each found out once.
pub(super) struct Sizes<'a> {
    meta: &'a Meta<'a>,
    bytes: &'a [u8],
    known: RefCell<BTreeMap<u32, Option<Reach>>>,
}

impl<'a> Sizes<'a> {
    pub(super) fn new(meta: &'a Meta<'a>, bytes: &'a [u8]) -> Self {
        Self { meta, bytes, known: RefCell::default() }
    }

    /// Whether a picture has at most a quarter of the pixels of another one, and no side longer than `side`. Of unknown size
    /// is none.
    pub(super) fn is_small(&self, own: u32, beside: u32, side: u32) -> bool {
        let (Some(own), Some(beside)) = (self.reach(own), self.reach(beside)) else { return false };
        own.most.0.max(own.most.1) <= side && pixels(own.most).saturating_mul(4) <= pixels(beside.least)
    }

    fn reach(&self, number: u32) -> Option<Reach> {
        if let Some(known) = self.known.borrow().get(&number) {
            return *known;
        }
        let found = self.find(number);
        self.known.borrow_mut().insert(number, found);
        found
    }

    fn find(&self, number: u32) -> Option<Reach> {
        let told = props::gather(&self.meta.props, number).ok()?.ispe?;
        let coded = match self.meta.item(number)?.is_grid() {
            true => self.tiled(number)?,
            false => self.coded(number).map(|sides| Reach { least: sides, most: sides })?,
        };
        Some(Reach {
            least: (coded.least.0.min(told.width), coded.least.1.min(told.height)),
            most: (coded.most.0.max(told.width), coded.most.1.max(told.height)),
        })
    }

    /// Of tiles: at least what its plan shows of them, at most all that they hold.
    fn tiled(&self, number: u32) -> Option<Reach> {
        let plan = grid::parse(&self.meta.item_data(self.bytes, number).ok()?).ok()?;
        let tiles = targets(&self.meta.refs, number, RefKind::Dimg);
        let coded = tiles.iter().map(|tile| self.coded(*tile));
        let tile = coded.reduce(|one, other| Some(both(one?, other?)))??;
        let most = (plan.columns.saturating_mul(tile.0), plan.rows.saturating_mul(tile.1));
        Some(Reach { least: (plan.output_width, plan.output_height), most })
    }

    /// Of a picture that is coded as a whole: the largest that its headers allow.
    fn coded(&self, number: u32) -> Option<Sides> {
        let item = self.meta.item(number)?;
        match &item.item_type {
            b"av01" => av1(&self.meta.item_data(self.bytes, number).ok()?),
            _ if ItemInfo::is_hevc(item) => {
                let properties = props::gather(&self.meta.props, number).ok()?;
                let sets = properties.hvcc?.parameter_sets();
                let sequences = sets.iter().filter(|set| set.first().is_some_and(|head| head >> 1 & 0x3f == NAL_SPS));
                let sides = sequences.map(|set| hevc::probe(&[set]).ok().map(|said| (said.width, said.height)));
                sides.reduce(|one, other| Some(both(one?, other?)))?
            }
            _ => None,
        }
    }
}

fn pixels(sides: Sides) -> u64 {
    u64::from(sides.0) * u64::from(sides.1)
}

/// Sides that hold two pictures.
fn both(one: Sides, other: Sides) -> Sides {
    (one.0.max(other.0), one.1.max(other.1))
}

/// The largest that the sequence headers in the data of an AV1 picture allow.
fn av1(data: &[u8]) -> Option<Sides> {
    const SEQUENCE_HEADER: u8 = 1;
    let (mut rest, mut found) = (data, None);
    while let [head, behind @ ..] = rest {
        let (kind, extended, sized) = (head >> 3 & 15, head >> 2 & 1, head >> 1 & 1 == 1);
        let behind = behind.get(usize::from(extended)..)?;
        let (length, behind) = if sized { leb128(behind)? } else { (behind.len(), behind) };
        let (unit, next) = behind.split_at_checked(length)?;
        if kind == SEQUENCE_HEADER {
            let sides = sequence(unit)?;
            found = Some(found.map_or(sides, |known| both(known, sides)));
        }
        rest = next;
    }
    found
}

/// A length in groups of seven bits, and what stands behind it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().take(8).position(|byte| byte & 0x80 == 0)? + 1;
    let (groups, behind) = bytes.split_at(end);
    let value = groups.iter().rev().fold(0_u64, |value, group| value << 7 | u64::from(group & 0x7f));
    Some((usize::try_from(value).ok()?, behind))
}

/// The largest size of a frame by a sequence header (AV1 specification, 5.5.1). None of one with times of films.
fn sequence(unit: &[u8]) -> Option<Sides> {
    let mut bits = Bits { unit, at: 0 };
    bits.take(4)?;
    if bits.take(1)? == 1 {
        bits.take(5)?;
    } else {
        if bits.take(1)? == 1 {
            return None;
        }
        let delays = bits.take(1)? == 1;
        for _ in 0..=bits.take(5)? {
            bits.take(12)?;
            if bits.take(5)? > 7 {
                bits.take(1)?;
            }
            if delays && bits.take(1)? == 1 {
                bits.take(4)?;
            }
        }
    }
    let widths = (bits.take(4)? + 1, bits.take(4)? + 1);
    Some((bits.take(widths.0)? + 1, bits.take(widths.1)? + 1))
}

/// Bits, the highest first.
struct Bits<'b> {
    unit: &'b [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..count {
            let byte = self.unit.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use heic_rs::meta;

    use super::*;
    use crate::format::test_support::fixture;

    #[test]
    fn the_size_of_a_coded_picture_is_that_of_its_decoded_samples() {
        for name in ["rgb.avif", "alpha.avif", "rgb.heic", "grey.heic", "tile.heic"] {
            let file = fixture(name);
            let parsed = meta::parse(&file).expect("a fixture");
            let told = props::gather(&parsed.props, parsed.primary).expect("properties").ispe.expect("a size");
            assert_eq!(Sizes::new(&parsed, &file).coded(parsed.primary), Some((told.width, told.height)), "{name}");
        }
    }

    #[test]
    fn a_sequence_header_without_a_size_or_with_times_tells_none() {
        assert_eq!(sequence(&[0x18, 0]), None);
        assert_eq!(sequence(&[0b0000_0100, 0, 0, 0, 0, 0, 0, 0]), None);
        assert_eq!(av1(&[0x0a, 0x7f]), None);
        assert_eq!(av1(&[]), None);
    }
}
