//! Files attached to a PDF: counted, and a fault until they are read.

use super::pdfium::PdfDocument;
use crate::finding::{Fault, FaultReason};

/// A fault if files are attached to the document.
pub(super) fn fault(document: &PdfDocument<'_>) -> Option<Fault> {
    let attachments = document.attachments().len();
    let noun = if attachments == 1 { "attachment is" } else { "attachments are" };
    (attachments > 0).then(|| Fault::whole(FaultReason::Attachment, format!("{attachments} {noun} not read yet")))
}
