//! What the items of a file are: pictures that are pages, what belongs to them, words, and what is not read.
//!
//! Passed over is only what belongs to a picture that is a page: coded tiles of a grid, thumbnails that are no larger than it, and
//! asides that hold no picture of their own (transparency, depth, the gain of HDR). Whatever else there is, is a page or a fault:
//! a reference alone hides nothing.

use heic_rs::meta::Meta;
use heic_rs::meta::iinf::ItemInfo;
use heic_rs::meta::iref::RefKind;
use heic_rs::props::simple::AuxKind;
use heic_rs::{metadata, props};

use crate::finding::{Fault, FaultReason};

/// How pictures are coded; those that are not read among them.
const CODINGS: &[&[u8; 4]] = &[
    b"hvc1", b"hev1", b"lhv1", b"av01", b"grid", b"iden", b"iovl", b"jpeg", b"j2k1", b"unci", b"avc1", b"vvc1", b"evc1",
];

/// A picture with a gain for displays that shine brighter: what it is made of are items of their own.
const TONE_MAP: &[u8; 4] = b"tmap";

/// The end of the names of gains for such displays, which are the picture itself in grey.
const GAIN: &str = ":hdrgainmap";

/// Kinds of items that are named in a fault; more are counted.
const NAMED: usize = 5;

/// The items of a file in their order of pages.
pub(super) struct Sorted {
    /// Numbers of the pictures that are pages, the shown one first.
    pub(super) numbers: Vec<u32>,
    /// What is not read.
    pub(super) faults: Vec<Fault>,
}

pub(super) fn sort(meta: &Meta<'_>) -> Sorted {
    let shown = meta.item(meta.primary).filter(|item| is_picture(item)).map(|item| item.id);
    let others = meta.items.iter().filter(|item| is_picture(item) && Some(item.id) != shown && !belongs(meta, item));
    let numbers: Vec<u32> = shown.into_iter().chain(others.map(|item| item.id)).collect();
    let mut faults = Vec::new();
    if shown.is_none() && !numbers.is_empty() && meta.item(meta.primary).is_none_or(|item| &item.item_type != TONE_MAP)
    {
        faults.push(Fault::whole(FaultReason::Damaged, "the picture that it shows first is missing"));
    }
    let mut unread: Vec<String> = meta.items.iter().filter_map(unread).collect();
    unread.sort_unstable();
    unread.dedup();
    if !unread.is_empty() {
        let more = unread.len().saturating_sub(NAMED);
        unread.truncate(NAMED);
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        let detail = format!("items of other kinds are not read: {}{more}", unread.join(", "));
        faults.push(Fault::whole(FaultReason::Unsupported, detail));
    }
    Sorted { numbers, faults }
}

fn is_picture(item: &ItemInfo<'_>) -> bool {
    CODINGS.contains(&&item.item_type)
}

/// Whether an item belongs to a picture that is a page, and shows nothing that this does not.
fn belongs(meta: &Meta<'_>, item: &ItemInfo<'_>) -> bool {
    let is_tile = !item.is_grid()
        && meta.refs.iter().any(|one| {
            let grid = meta.item(one.from).is_some_and(ItemInfo::is_grid);
            one.kind == RefKind::Dimg && one.from != item.id && grid && one.to.contains(&item.id)
        });
    is_tile || is_aside(meta, item)
}

/// Whether an item is a thumbnail or an aside of a picture that is none itself.
fn is_aside(meta: &Meta<'_>, item: &ItemInfo<'_>) -> bool {
    let stands = |number: &u32| {
        *number == meta.primary || !meta.refs.iter().any(|one| one.from == *number && is_beside(one.kind))
    };
    meta.refs.iter().filter(|one| one.from == item.id).any(|one| {
        let mut masters =
            one.to.iter().filter(|to| **to != item.id && meta.item(**to).is_some_and(is_picture) && stands(to));
        match one.kind {
            RefKind::Thmb => {
                pixels(meta, item.id).is_some_and(|own| masters.any(|master| pixels(meta, *master) >= Some(own)))
            }
            RefKind::Auxl => masters.next().is_some() && shows_nothing(meta, item.id),
            _ => false,
        }
    })
}

fn is_beside(kind: RefKind) -> bool {
    matches!(kind, RefKind::Thmb | RefKind::Auxl)
}

/// Pixels of a picture, if its file says so.
fn pixels(meta: &Meta<'_>, number: u32) -> Option<u64> {
    let size = props::gather(&meta.props, number).ok()?.ispe?;
    Some(u64::from(size.width) * u64::from(size.height))
}

/// Whether an aside is of a kind that is about the picture and none itself.
fn shows_nothing(meta: &Meta<'_>, number: u32) -> bool {
    let kind = props::gather(&meta.props, number).ok().and_then(|properties| properties.auxc);
    kind.is_some_and(|aside| aside.kind != AuxKind::Other || aside.urn.ends_with(GAIN))
}

/// What an item is called that is neither a picture nor words that are read.
fn unread(item: &ItemInfo<'_>) -> Option<String> {
    let known =
        is_picture(item) || matches!(&item.item_type, b"Exif" | TONE_MAP) || metadata::is_xmp(item.content_type);
    let name = || match item.content_type {
        Some(media) if &item.item_type == b"mime" => media.chars().take(40).collect(),
        _ => item.item_type.escape_ascii().to_string(),
    };
    (!known).then(name)
}
