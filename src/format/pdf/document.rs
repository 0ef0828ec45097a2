//! An open PDF: its pages, and what of it is not on its pages.

use std::cell::RefCell;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use super::fonts::Fonts;
use super::frame::Frame;
use super::page::OpenPage;
use super::pdfium::{PdfDocument, PdfFormType, PdfiumError, PdfiumInternalError};
use super::{attachments, library};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::{Document, PageSource, Source, behind};

/// Held while a document is opened.
static OPENING: Mutex<()> = Mutex::new(());

/// An open PDF.
pub(super) struct OpenPdf<'a> {
    document: PdfDocument<'a>,
    source: Source,
    limits: &'a Limits,
    fonts: RefCell<Fonts>,
}

impl<'a> OpenPdf<'a> {
    /// Opens a document; a password, damage or an unknown protection is a fault of the whole content.
    pub(super) fn open(source: Source, limits: &'a Limits) -> Result<Self, Fault> {
        let library = library::get().ok_or_else(|| Fault::whole(FaultReason::Unsupported, "PDFium was not loaded"))?;
        // PDFium keeps its last error in one place for all threads.
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let document =
            library.load_pdf_from_reader(WholeReads(source.clone()), None).map_err(|error| open_fault(&error))?;
        Ok(Self { document, source, limits, fonts: RefCell::default() })
    }
}

impl Document for OpenPdf<'_> {
    fn page_count(&self) -> u32 {
        u32::try_from(self.document.pages().len()).unwrap_or_default()
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = attachments::fault(&self.document).into_iter().collect();
        faults.extend(behind::fault(&self.source, self.source.size()));
        if self.document.form().is_some_and(|form| form.form_type() == PdfFormType::XfaFull) {
            faults.push(Fault::whole(FaultReason::Unsupported, "an XFA form: its content is not on its pages"));
        }
        if self.page_count() == 0 {
            faults.push(Fault::whole(FaultReason::Damaged, "the PDF has no page that can be found"));
        }
        faults
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        let damaged = |error: &PdfiumError| {
            Fault::on_page(number, FaultReason::Damaged, format!("PDFium cannot load the page: {error:?}"))
        };
        let index = i32::try_from(number).unwrap_or(i32::MAX).saturating_sub(1).max(0);
        let page = self.document.pages().get(index).map_err(|error| damaged(&error))?;
        let frame = Frame::of(&page).map_err(|error| damaged(&error))?;
        Ok(Box::new(OpenPage::new(page, frame, number, self.limits, &self.fonts)))
    }
}

fn open_fault(error: &PdfiumError) -> Fault {
    match error {
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError) => {
            Fault::whole(FaultReason::Encrypted, "the PDF needs a password")
        }
        PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::SecurityError) => {
            Fault::whole(FaultReason::Encrypted, "the PDF is protected in a way that PDFium does not know")
        }
        PdfiumError::PdfiumLibraryInternalError(error) => {
            Fault::whole(FaultReason::Damaged, format!("PDFium cannot open it: {error:?}"))
        }
        error => Fault::whole(FaultReason::Damaged, format!("PDFium cannot open it: {error:?}")),
    }
}

/// PDFium takes any number of bytes for the whole block it asked for, so a short read must be continued here.
struct WholeReads(Source);

impl Read for WholeReads {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            match self.0.read(&mut buffer[filled..])? {
                0 => return Ok(0),
                count => filled += count,
            }
        }
        Ok(filled)
    }
}

impl Seek for WholeReads {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}
