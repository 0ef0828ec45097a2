//! The password of a workbook.

use crate::document::Remark;
use crate::finding::{Fault, FaultReason};

use super::super::bytes::u16;
use super::biff;

/// Opens an encrypted workbook in place, if a known password does; nothing is to be done to others.
pub(super) fn unlock(stream: &mut [u8]) -> Result<Option<Remark>, Fault> {
    let mut lead = biff::records(stream).take_while(|record| record.id != biff::SHEET).take(32);
    let locked = lead.find(|record| record.id == biff::FILE_PASS);
    let Some(method) = locked.map(|record| u16(record.body, 0)) else { return Ok(None) };
    let _ = method;
    Err(Fault::whole(FaultReason::Encrypted, "the workbook needs a password"))
}
