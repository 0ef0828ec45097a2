//! What the items of a file are: pictures that are pages, what belongs to them, words, and what is not read.
//!
//! Passed over is only what belongs to a picture that is a page: coded tiles of a grid, its transparency, which is put on it, and
//! thumbnails, depths and gains of HDR that are small beside it by their own coding. Whatever else there is, is a page or a fault:
//! neither a reference nor a size that is only claimed hides anything.

use std::collections::BTreeSet;

use heic_rs::meta::Meta;
use heic_rs::meta::iinf::ItemInfo;
use heic_rs::meta::iref::RefKind;
use heic_rs::props::simple::AuxKind;
use heic_rs::{metadata, props};

use super::size::Sizes;
use crate::finding::{Fault, FaultReason};
use crate::format::stills::of_other_kinds;

/// How pictures are coded; those that are not read among them.
const CODINGS: &[&[u8; 4]] = &[
    b"hvc1", b"hev1", b"lhv1", b"av01", b"grid", b"iden", b"iovl", b"jpeg", b"j2k1", b"unci", b"avc1", b"vvc1", b"evc1",
];

/// A picture with a gain for displays that shine brighter: what it is made of are items of their own.
const TONE_MAP: &[u8; 4] = b"tmap";

/// The end of the names of gains for such displays, which are the picture itself in grey.
const GAIN: &str = ":hdrgainmap";

/// The longest side of a thumbnail.
const THUMBNAIL: u32 = 512;

/// The longest side of a depth: sensors of them have few pixels.
const DEPTH: u32 = 1024;

/// The longest side of a gain, which cameras write at half of the sides of the picture.
const GAIN_SIDE: u32 = 4096;

/// The items of a file in their order of pages.
pub(super) struct Sorted {
    /// Numbers of the pictures that are pages, the shown one first.
    pub(super) numbers: Vec<u32>,
    /// What is not read.
    pub(super) faults: Vec<Fault>,
}

pub(super) fn sort(meta: &Meta<'_>, bytes: &[u8]) -> Sorted {
    let sizes = Sizes::new(meta, bytes);
    let shown = meta.item(meta.primary).filter(|item| is_picture(item)).map(|item| item.id);
    let others =
        meta.items.iter().filter(|item| is_picture(item) && Some(item.id) != shown && !belongs(meta, &sizes, item));
    let numbers: Vec<u32> = shown.into_iter().chain(others.map(|item| item.id)).collect();
    let mut faults = Vec::new();
    if shown.is_none() && !numbers.is_empty() && meta.item(meta.primary).is_none_or(|item| &item.item_type != TONE_MAP)
    {
        faults.push(Fault::whole(FaultReason::Damaged, "the picture that it shows first is missing"));
    }
    let unread: BTreeSet<String> = meta.items.iter().filter_map(unread).collect();
    faults.extend(of_other_kinds("items", unread.into_iter().collect()));
    Sorted { numbers, faults }
}

fn is_picture(item: &ItemInfo<'_>) -> bool {
    CODINGS.contains(&&item.item_type)
}

/// Whether an item belongs to a picture that is a page, and shows nothing that this does not.
fn belongs(meta: &Meta<'_>, sizes: &Sizes<'_>, item: &ItemInfo<'_>) -> bool {
    is_tile(meta, item) || is_aside(meta, sizes, item)
}

/// Whether an item is a part of a picture in tiles.
fn is_tile(meta: &Meta<'_>, item: &ItemInfo<'_>) -> bool {
    !item.is_grid()
        && meta.refs.iter().any(|one| {
            let grid = meta.item(one.from).is_some_and(ItemInfo::is_grid);
            one.kind == RefKind::Dimg && one.from != item.id && grid && one.to.contains(&item.id)
        })
}

/// Whether an item is a thumbnail or an aside of a picture that is none itself.
fn is_aside(meta: &Meta<'_>, sizes: &Sizes<'_>, item: &ItemInfo<'_>) -> bool {
    let stands = |number: &u32| {
        *number == meta.primary || !meta.refs.iter().any(|one| one.from == *number && is_beside(one.kind))
    };
    meta.refs.iter().filter(|one| one.from == item.id).any(|one| {
        let mut masters =
            one.to.iter().filter(|to| **to != item.id && meta.item(**to).is_some_and(is_picture) && stands(to));
        let side = match one.kind {
            RefKind::Thmb => THUMBNAIL,
            RefKind::Auxl => match use_of(meta, item.id) {
                // Of a tile nobody puts it on the picture.
                Some(Use::Alpha) => {
                    return masters.any(|master| meta.item(*master).is_some_and(|item| !is_tile(meta, item)));
                }
                Some(Use::Small(side)) => side,
                None => return false,
            },
            _ => return false,
        };
        masters.any(|master| sizes.is_small(item.id, *master, side))
    })
}

fn is_beside(kind: RefKind) -> bool {
    matches!(kind, RefKind::Thmb | RefKind::Auxl)
}

/// What an aside is for.
enum Use {
    /// It is put on its picture.
    Alpha,
    /// It is about its picture, and no longer than this.
    Small(u32),
}

fn use_of(meta: &Meta<'_>, number: u32) -> Option<Use> {
    let aside = props::gather(&meta.props, number).ok()?.auxc?;
    match aside.kind {
        AuxKind::Alpha => Some(Use::Alpha),
        AuxKind::Depth => Some(Use::Small(DEPTH)),
        AuxKind::Other => aside.urn.ends_with(GAIN).then_some(Use::Small(GAIN_SIDE)),
    }
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
