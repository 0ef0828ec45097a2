//! How pages and findings are kept: postcard, pages compressed, with a version byte in front.

mod without_ink;

use std::io::Read;

use super::{CatalogError, Result};
use crate::document::{Page, Rect};
use crate::finding::Finding;

/// Raise it, and keep reading the old one, when the types change.
const PAGE_VERSION: u8 = 3;
/// Pages had no label.
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
    let Some((version @ (&PAGE_VERSION | &WITHOUT_LABEL | &WITHOUT_INK), packed)) = body.split_first() else {
        return Err(CatalogError::Damaged("a page of unknown form".to_owned()));
    };
    let mut plain = Vec::new();
    let decoder = zstd::stream::Decoder::new(packed).map_err(damaged)?;
    decoder.take(1 << 30).read_to_end(&mut plain).map_err(damaged)?;
    if *version == WITHOUT_INK {
        return postcard::from_bytes(&plain).map(|page: without_ink::Page| page.into()).map_err(damaged);
    }
    if *version == WITHOUT_LABEL {
        // The label came last, and none is a zero.
        plain.push(0);
    }
    postcard::from_bytes(&plain).map_err(damaged)
}

/// A finding as bytes.
pub(super) fn pack_finding(finding: &Finding) -> Result<Vec<u8>> {
    postcard::to_stdvec(finding).map_err(failed)
}

/// A finding from bytes.
pub(super) fn unpack_finding(body: &[u8]) -> Result<Finding> {
    postcard::from_bytes(body).map_err(damaged)
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
