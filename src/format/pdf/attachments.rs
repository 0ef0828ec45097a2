//! Files attached to a PDF, as PDFium counts them: those that its list names. The second reader hands them out.

use super::pdfium::PdfDocument;

/// How many files the document's list of attachments names.
pub(super) fn count(document: &PdfDocument<'_>) -> usize {
    usize::from(document.attachments().len())
}
