//! How pages and findings are kept: postcard, pages compressed, with a version byte in front.

mod without_ink;

use std::io::Read;

use super::{CatalogError, Result};
use crate::document::{Page, Rect};
use crate::finding::Finding;

/// Raise it, and keep reading the old one, when the types change.
const PAGE_VERSION: u8 = 4;
/// Pages had no red rule.
const WITHOUT_RULE: u8 = 3;
/// Nor had they a label.
const WITHOUT_LABEL: u8 = 2;
/// Words had no colour.
const WITHOUT_INK: u8 = 1;

/// A page as bytes.
pub(super) fn pack_page(page: &Page, compression: i32) -> Result<Vec<u8>> {
    let mut page = page.clone();
    // Half a unit is finer than anybody can see, and short mantissas compress to a third.
    page.text.words.iter_mut().for_each(|word| word.bounds = coarse(word.bounds));
    let plain = postcard::to_stdvec(&page).map_err(failed)?;
    let mut body = vec![PAGE_VERSION];
    zstd::stream::copy_encode(plain.as_slice(), &mut body, compression).map_err(failed)?;
    Ok(body)
}

/// A page from bytes.
pub(super) fn unpack_page(body: &[u8]) -> Result<Page> {
    let known = &[PAGE_VERSION, WITHOUT_RULE, WITHOUT_LABEL, WITHOUT_INK];
    let Some((version, packed)) = body.split_first().filter(|(version, _)| known.contains(version)) else {
        return Err(CatalogError::Damaged("a page of unknown form".to_owned()));
    };
    let mut plain = Vec::new();
    let decoder = zstd::stream::Decoder::new(packed).map_err(damaged)?;
    decoder.take(1 << 30).read_to_end(&mut plain).map_err(damaged)?;
    if *version == WITHOUT_INK {
        return postcard::from_bytes(&plain).map(|page: without_ink::Page| page.into()).map_err(damaged);
    }
    // What was not there yet came last each time, and none is a zero.
    match *version {
        WITHOUT_LABEL => plain.extend([0, 0]),
        WITHOUT_RULE => plain.push(0),
        _ => {}
    }
    postcard::from_bytes(&plain).map_err(damaged)
}

/// A finding as bytes.
pub(super) fn pack_finding(finding: &Finding) -> Result<Vec<u8>> {
    postcard::to_stdvec(finding).map_err(failed)
}

/// A finding from bytes.
pub(super) fn unpack_finding(body: &[u8]) -> Result<Finding> {
    match postcard::from_bytes(body) {
        Err(postcard::Error::DeserializeUnexpectedEnd) => {
            // Of before anything was stated: it ends with its flags. Nothing stated is an empty list and twice none.
            postcard::from_bytes(&[body, &[0; 3]].concat()).map_err(damaged)
        }
        read => read.map_err(damaged),
    }
}

fn coarse(rect: Rect) -> Rect {
    let round = |value: f32| (value * 2.0).round() / 2.0;
    Rect { x: round(rect.x), y: round(rect.y), w: round(rect.w), h: round(rect.h) }
}

fn failed(error: impl std::fmt::Display) -> CatalogError {
    CatalogError::Other(error.to_string())
}

fn damaged(error: impl std::fmt::Display) -> CatalogError {
    CatalogError::Damaged(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Origin;
    use crate::finding::{Level, Stated};

    #[test]
    fn findings_and_pages_that_were_kept_before_are_read() {
        let mut finding = Finding {
            detector: "marking".to_owned(),
            rule: "us.s.banner".to_owned(),
            page: 1,
            start: 0,
            end: 14,
            boxes: Vec::new(),
            level: Level::Classified,
            rank: 60,
            native: "SECRET".to_owned(),
            confidence: 85,
            excerpt: "SECRET//••••••".to_owned(),
            origin: Origin::Layer,
            signals: Vec::new(),
            flags: vec!["expired".to_owned()],
            stated: Stated::default(),
        };
        let body = pack_finding(&finding).expect("packs");
        let (before, nothing) = body.split_at(body.len() - 3);
        assert_eq!(nothing, [0; 3]);
        assert_eq!(unpack_finding(before).expect("of before"), finding);
        finding.stated = Stated {
            caveats: vec!["NOFORN".to_owned()],
            copy_number: Some("3 of 10".to_owned()),
            term: Some("20301231".to_owned()),
        };
        assert_eq!(unpack_finding(&pack_finding(&finding).expect("packs")).expect("of today"), finding);
        assert!(unpack_finding(&body[..9]).is_err());

        let page = Page { label: Some("sheet".to_owned()), ..Page::plain(1, "zebra") };
        let plain = postcard::to_stdvec(&page).expect("packs");
        let kept = |version: u8, plain: &[u8]| {
            let mut body = vec![version];
            zstd::stream::copy_encode(plain, &mut body, 3).expect("compresses");
            unpack_page(&body)
        };
        assert_eq!(kept(WITHOUT_RULE, &plain[..plain.len() - 1]).expect("without a rule"), page);
        let unlabelled = Page::plain(1, "zebra");
        let plain = postcard::to_stdvec(&unlabelled).expect("packs");
        assert_eq!(kept(WITHOUT_LABEL, &plain[..plain.len() - 2]).expect("without a label"), unlabelled);
        assert!(kept(PAGE_VERSION + 1, &plain).is_err());
    }
}
