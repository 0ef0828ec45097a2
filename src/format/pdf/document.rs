//! An open PDF: its pages, and what of it is not on its pages.

mod unshown;

use std::cell::{OnceCell, RefCell};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::covered::Listed;
use super::fonts::Fonts;
use super::frame::Frame;
use super::page::OpenPage;
use super::pdfium::{
    PdfDocument, PdfFormType, PdfPage, PdfSecurityHandlerRevision, Pdfium, PdfiumError, PdfiumInternalError,
};
use super::whole::Whole;
use super::{attachments, library, repair};
use crate::config::passwords::Passwords;
use crate::config::{Limits, Settings};
use crate::document::Remark;
use crate::finding::{Fault, FaultReason};
use crate::format::packed::Packed;
use crate::format::text::TextPages;
use crate::format::{Document, Members, PageSource, Source, behind};
use crate::kind;
use unshown::{Unlayered, Unseen};

/// The last line of a revision (ISO 32000-1, 7.5.5).
const END: &[u8] = b"%%EOF";
/// Bytes that are searched at a time for it, from the end of the file.
const WINDOW: usize = 64 << 10;

/// Bytes in which the header is looked for, and those of the dictionary of an attachment.
const HEADER_REACH: usize = 1024;
const DICTIONARY: u64 = 1024;

/// Held while a document is opened.
static OPENING: Mutex<()> = Mutex::new(());

/// Passwords to try. A reader knows them before it is locked; whoever set them first is not overruled.
static KNOWN: OnceLock<Passwords> = OnceLock::new();

/// Makes passwords known to this process.
pub(super) fn know(passwords: Passwords) {
    let _ = KNOWN.set(passwords);
}

/// An open PDF.
pub(super) struct OpenPdf<'a> {
    document: PdfDocument<'a>,
    source: Source,
    settings: &'a Settings,
    limits: &'a Limits,
    fonts: RefCell<Fonts>,
    remarks: Vec<Remark>,
    /// Why it had to be put together again, and what kept that from being done to the end.
    damage: Vec<Fault>,
    /// The password that opened it, empty for most.
    password: String,
    /// As the second reader sees it, once it was asked.
    whole: OnceCell<Result<Whole<'a>, Fault>>,
    /// With every layer switched on, once it was asked for.
    unlayered: OnceCell<Unlayered<'a>>,
    /// With pages that no viewer shows, once they were asked for.
    unseen: OnceCell<Unseen<'a>>,
    /// Pictures that are larger than what its pages show of them, once they were asked for.
    covered: OnceCell<Listed>,
    /// What it says beside its pages, once it was asked for.
    beside: OnceCell<BesidePages>,
}

/// What a document says beside its pages.
struct BesidePages {
    pages: TextPages,
    pictures: bool,
    /// Its XFA form was read.
    form: bool,
}

impl<'a> OpenPdf<'a> {
    /// Opens a document; a password, damage or an unknown protection is a fault of the whole content.
    pub(super) fn open(source: Source, settings: &'a Settings) -> Result<Self, Fault> {
        let library = library::get().ok_or_else(|| Fault::whole(FaultReason::Unsupported, "PDFium was not loaded"))?;
        // PDFium keeps its last error in one place for all threads.
        let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
        let load = |password| library.load_pdf_from_reader(WholeReads(source.clone()), password);
        let mut opened = load(None).map(|document| (document, Remark::EmptyPassword));
        let mut password = String::new();
        for known in KNOWN.get().into_iter().flat_map(Passwords::iter) {
            if !matches!(opened, Err(PdfiumError::PdfiumLibraryInternalError(PdfiumInternalError::PasswordError))) {
                break;
            }
            opened = load(Some(known)).map(|document| (document, Remark::KnownPassword));
            known.clone_into(&mut password);
        }
        let (document, opened_by) = match opened {
            Ok((document, by)) if !document.pages().is_empty() => (document, by),
            Ok(_) => return Self::repaired(library, source, settings, no_page()),
            Err(error) => return Self::repaired(library, source, settings, open_fault(&error)),
        };
        // A revision that is newer than the wrapper is no number to it, but an encryption all the same.
        let revision = document.permissions().security_handler_revision();
        let open_to_all = matches!(revision, Ok(PdfSecurityHandlerRevision::Unprotected));
        let remarks = if open_to_all { Vec::new() } else { vec![opened_by] };
        let opened = Self::new(document, source, settings);
        Ok(Self { remarks, password, ..opened })
    }

    fn new(document: PdfDocument<'a>, source: Source, settings: &'a Settings) -> Self {
        Self {
            document,
            source,
            settings,
            limits: &settings.limits,
            fonts: RefCell::default(),
            remarks: Vec::new(),
            damage: Vec::new(),
            password: String::new(),
            whole: OnceCell::new(),
            unlayered: OnceCell::new(),
            unseen: OnceCell::new(),
            covered: OnceCell::new(),
            beside: OnceCell::new(),
        }
    }

    /// Opens what can be put together again of a document that PDFium refuses because of `fault`, which stays a fault of the
    /// whole: what else it held is not known.
    fn repaired(library: &'a Pdfium, source: Source, settings: &'a Settings, fault: Fault) -> Result<Self, Fault> {
        let limit = settings.limits.repair_bytes;
        if fault.reason != FaultReason::Damaged {
            return Err(fault);
        }
        if source.size() > limit as u64 {
            let over = Fault::limit("repair_bytes", limit, "a PDF that is to be put together again");
            return Err(Fault { detail: format!("{}; {}", fault.detail, over.detail), ..over });
        }
        let bytes = Source::bytes(&source)
            .map_err(|error| Fault { detail: format!("{}; {error}", fault.detail), ..fault.clone() })?;
        if repair::is_encrypted(&bytes) {
            let detail = format!("{}; it is encrypted", fault.detail);
            return Err(Fault::whole(FaultReason::Encrypted, detail));
        }
        let Some(repaired) = repair::repaired(&bytes, limit) else { return Err(fault) };
        drop(bytes);
        match library.load_pdf_from_reader(Cursor::new(repaired.bytes), None) {
            Ok(document) if !document.pages().is_empty() => {
                let detail = format!("{}; the pages are those that could be found in it", fault.detail);
                let over = Fault::limit("repair_bytes", limit, "what a damaged PDF unpacks to");
                let damage = [Fault { detail, ..fault }].into_iter().chain(repaired.cut.then_some(over)).collect();
                let remarks = vec![Remark::Repaired];
                Ok(Self { remarks, damage, ..Self::new(document, source, settings) })
            }
            _ => Err(fault),
        }
    }

    /// The second reader's view of it. What had to be put together again is damaged in any case.
    fn whole(&self) -> Option<&Result<Whole<'a>, Fault>> {
        let open = || {
            let limit = self.limits.whole_bytes;
            if self.source.size() > limit {
                return Err(Fault::limit("whole_bytes", limit, "a PDF that is to be checked for damage"));
            }
            let bytes =
                Source::bytes(&self.source).map_err(|error| Fault::whole(FaultReason::Io, error.to_string()))?;
            Ok(Whole::of(bytes, &self.password, self.limits))
        };
        self.damage.is_empty().then(|| self.whole.get_or_init(open))
    }
}

impl OpenPdf<'_> {
    /// Pages that can be seen.
    fn drawn_pages(&self) -> u32 {
        u32::try_from(self.document.pages().len()).unwrap_or_default()
    }

    /// The second reader's view, if it has one.
    fn followed(&self) -> Option<&Whole<'_>> {
        self.whole()?.as_ref().ok()
    }

    /// What stands before the header, where viewers look for it, if it is anything known: text, or a page that hides the PDF.
    fn before(&self) -> Option<Packed> {
        let mut before = self.source.head(HEADER_REACH).ok()?;
        before.truncate(memchr::memmem::find(&before, b"%PDF-")?);
        let kind = kind::of_head(&before).filter(|_| before.iter().any(u8::is_ascii_alphanumeric))?;
        let ending = if kind == "text" { "txt" } else { kind };
        Some(Packed { name: format!("bytes before the header.{ending}"), bytes: before })
    }

    fn beside(&self) -> &BesidePages {
        self.beside.get_or_init(|| {
            let beside = self.followed().map(Whole::beside).unwrap_or_default();
            let pictures = !beside.pictures.is_empty();
            let pages = TextPages::of_parts(beside.parts, beside.faults, self.settings).holding(beside.pictures);
            BesidePages { pages, pictures, form: beside.form }
        })
    }

    /// Files that are attached and cannot be handed out: all of them if the second reader cannot follow the document.
    fn lost_attachments(&self) -> Option<Fault> {
        let listed = attachments::count(&self.document);
        let found = self.followed().and_then(Whole::attached).unwrap_or_default();
        let lost = listed.saturating_sub(found);
        let noun = if lost == 1 { "attachment cannot be had" } else { "attachments cannot be had" };
        (lost > 0).then(|| Fault::whole(FaultReason::Attachment, format!("{lost} {noun}")))
    }
}

impl Document for OpenPdf<'_> {
    fn page_count(&self) -> u32 {
        self.shown_pages().saturating_add(self.beside().pages.page_count())
    }

    fn faults(&self) -> Vec<Fault> {
        let mut faults: Vec<Fault> = self.lost_attachments().into_iter().collect();
        // An update that was cut short stands behind the end of the revision before it, which opens as if nothing were amiss.
        let end = end_of(&self.source).unwrap_or(None).unwrap_or(self.source.size());
        let is_attachment = |archive: Range<u64>| archive.end <= end && is_attached(&self.source, archive.start);
        faults.extend(behind::fault_unless(&self.source, end, is_attachment));
        faults.extend(self.beside().pages.faults());
        faults.extend(self.unseen().faults.iter().cloned());
        faults.extend(self.covered().faults.iter().cloned());
        let unlayered = self.unlayered();
        if unlayered.document.is_none() && !unlayered.pages.is_empty() {
            let detail =
                format!("{} pages have layers that are switched off and cannot be looked at", unlayered.pages.len());
            faults.push(Fault::whole(FaultReason::Unsupported, detail));
        }
        let is_form = self.document.form().is_some_and(|form| form.form_type() == PdfFormType::XfaFull);
        if is_form && !self.beside().form {
            faults.push(Fault::whole(FaultReason::Unsupported, "an XFA form: its content is not on its pages"));
        }
        match self.whole() {
            None => faults.extend(self.damage.iter().cloned()),
            Some(Err(fault)) => faults.push(fault.clone()),
            Some(Ok(whole)) => faults.extend(whole.faults(self.drawn_pages())),
        }
        faults
    }

    fn has_members(&self) -> bool {
        self.before().is_some()
            || self.beside().pictures
            || self.followed().and_then(Whole::attached).is_some_and(|count| count > 0)
    }

    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        if let Some(before) = self.before()
            && out.member(&before.name, &mut before.bytes.as_slice()).is_break()
        {
            return Ok(());
        }
        match self.followed().map(|whole| whole.hand_out(out)).transpose()? {
            Some(ControlFlow::Break(())) => Ok(()),
            _ => self.beside().pages.members(out),
        }
    }

    fn remarks(&self) -> Vec<Remark> {
        self.remarks.clone()
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        if let Some(page) = self.unlayered_page(number) {
            return Ok(Box::new(page?));
        }
        if let Some(page) = self.unseen_page(number) {
            return Ok(Box::new(page?));
        }
        if let Some(page) = self.covered_page(number) {
            return Ok(Box::new(page?));
        }
        // Counting what is covered looks at every page: whoever asks for one of those that can be seen does not pay for it.
        let is_behind = number > self.unseen_pages();
        let beside = is_behind.then(|| number.saturating_sub(self.shown_pages()));
        if let Some(beside) = beside.filter(|beside| *beside > 0) {
            return self.beside().pages.page(beside).map_err(|fault| Fault { page: Some(number), ..fault });
        }
        let made = self.whole().and_then(|whole| whole.as_ref().ok()?.page(number));
        if let Some(fault) = made.as_ref().filter(|made| made.bomb).and_then(|made| made.faults.last()) {
            return Err(fault.clone());
        }
        let (page, frame) = open_page(&self.document, number)?;
        let handed_out = self.followed().and_then(Whole::attached).is_some();
        let page = OpenPage::new(page, frame, number, self.limits, &self.fonts, made, handed_out);
        Ok(Box::new(match self.pictures(number) {
            None => page.without_pictures(move || self.hides_inline_ink(number)),
            Some(_) => page,
        }))
    }
}

/// Has PDFium open page `number`.
fn open_page<'d>(document: &'d PdfDocument<'_>, number: u32) -> Result<(PdfPage<'d>, Frame), Fault> {
    let damaged = |error: &PdfiumError| {
        Fault::on_page(number, FaultReason::Damaged, format!("PDFium cannot load the page: {error:?}"))
    };
    let index = i32::try_from(number).unwrap_or(i32::MAX).saturating_sub(1).max(0);
    let page = document.pages().get(index).map_err(|error| damaged(&error))?;
    let frame = Frame::of(&page).map_err(|error| damaged(&error))?;
    Ok((page, frame))
}

/// Whether an archive that begins at a place is an attachment that is not packed: those are handed out.
fn is_attached(source: &Source, place: u64) -> bool {
    let before = source.bytes_of(place.saturating_sub(DICTIONARY)..place).unwrap_or_default();
    let is_stream = before.ends_with(b"stream\n") || before.ends_with(b"stream\r\n");
    let dictionary = memchr::memmem::rfind(&before, b" obj").map(|start| &before[start..]);
    is_stream && dictionary.is_some_and(|dictionary| memchr::memmem::find(dictionary, b"/EmbeddedFile").is_some())
}

/// Where the last `%%EOF` ends; none if there is none, which PDFium forgives.
fn end_of(source: &Source) -> io::Result<Option<u64>> {
    let mut window = vec![0; WINDOW];
    let mut end = source.size();
    while end > 0 {
        let start = end.saturating_sub(WINDOW as u64);
        let length = usize::try_from(end - start).unwrap_or(WINDOW);
        let mut reader = source.clone();
        reader.seek(SeekFrom::Start(start))?;
        reader.read_exact(&mut window[..length])?;
        if let Some(place) = memchr::memmem::rfind(&window[..length], END) {
            return Ok(Some(start + (place + END.len()) as u64));
        }
        // The mark may lie across the border of two windows.
        end = if start == 0 { 0 } else { start + END.len() as u64 - 1 };
    }
    Ok(None)
}

fn no_page() -> Fault {
    Fault::whole(FaultReason::Damaged, "the PDF has no page that can be found")
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

#[cfg(test)]
mod tests {
    use crate::finding::FaultReason;
    use crate::format::test_support::{fixture, open, settings, source};

    #[test]
    fn an_update_that_was_cut_short_is_a_fault_of_the_revision_before_it() {
        let settings = settings();
        let whole = fixture("gate/columns.pdf");
        assert!(open(&whole, &settings).expect("opens").faults().is_empty());
        let padded = [whole.as_slice(), &[0; 999]].concat();
        assert!(open(&padded, &settings).expect("opens").faults().is_empty());
        let update = b"4 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 9 0 R >>\nendobj\n9 0 obj\n<< /Length 500 >>";
        let faults = open(&[whole.as_slice(), update].concat(), &settings).expect("opens").faults();
        assert!(matches!(&faults[..], [fault] if fault.reason == FaultReason::Attachment), "{faults:?}");
    }

    #[test]
    fn the_last_end_is_found_wherever_it_stands() {
        for behind in [0, 7, super::WINDOW - 9, super::WINDOW - 3, super::WINDOW, 3 * super::WINDOW] {
            let file = [b"%PDF-1.4 %%EOF ".as_slice(), &[b'x'; 99], b"%%EOF", &vec![b'y'; behind]].concat();
            let end = file.len() - behind;
            assert_eq!(super::end_of(&source(&file)).expect("reads"), Some(end as u64), "{behind}");
        }
        assert_eq!(super::end_of(&source(b"%PDF-1.4")).expect("reads"), None);
    }

    #[test]
    fn a_damaged_pdf_that_is_encrypted_is_said_to_be() {
        let cut = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer << /Root 1 0 R /Encrypt 2 0 R >>\n";
        let settings = settings();
        let fault = open(cut, &settings).map(|_| ()).expect_err("cut");
        assert_eq!(fault.reason, FaultReason::Encrypted, "{fault}");
    }

    #[test]
    fn a_damaged_pdf_over_the_limit_is_not_put_together_again() {
        let whole = fixture("gate/columns.pdf");
        let mut settings = settings();
        assert!(open(&whole[..whole.len() - 40], &settings).is_ok());
        settings.limits.repair_bytes = 99;
        let fault = open(&whole[..whole.len() - 40], &settings).map(|_| ()).expect_err("too large");
        assert_eq!(fault.reason, FaultReason::Limit);
        assert!(fault.detail.contains("limits.repair_bytes = 99"), "{fault}");
    }
}
