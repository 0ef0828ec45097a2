//! Pages of an open PDF that no viewer shows as it stands: with every layer switched on, of earlier revisions, and of no tree. Each is
//! opened in a document of its own and stands behind those that can be seen.

use std::io::Cursor;
use std::sync::PoisonError;

use super::{HEADER_REACH, OPENING, OpenPdf, open_page};
use crate::finding::{Fault, FaultReason};
use crate::format::Source;
use crate::format::pdf::covered::{self, Listed, Of};
use crate::format::pdf::page::OpenPage;
use crate::format::pdf::pdfium::PdfDocument;
use crate::format::pdf::uncovered::{Glances, Sheet, Uncovered};
use crate::format::pdf::whole::{Pictures, Whole};
use crate::format::pdf::{library, unlayered, unseen};

/// Pages that no viewer shows.
#[derive(Default)]
pub(super) struct Unseen<'a> {
    /// Documents of them alone, and what each page is called.
    pub(super) documents: Vec<(PdfDocument<'a>, Vec<String>)>,
    pub(super) faults: Vec<Fault>,
}

/// A document with every layer switched on.
#[derive(Default)]
pub(super) struct Unlayered<'a> {
    /// The pages, from 1, that look another way then.
    pub(super) pages: Vec<u32>,
    /// None if the layers cannot be switched on.
    pub(super) document: Option<PdfDocument<'a>>,
}

impl<'a> OpenPdf<'a> {
    /// Pages that can be seen, and those that can be seen with every layer switched on.
    pub(super) fn layered_pages(&self) -> u32 {
        let unlayered = self.unlayered();
        let more = if unlayered.document.is_some() { unlayered.pages.len() } else { 0 };
        self.drawn_pages().saturating_add(u32::try_from(more).unwrap_or(u32::MAX))
    }

    /// The same, and all of the pictures of which pages show a part.
    pub(super) fn shown_pages(&self) -> u32 {
        let covered = u32::try_from(self.covered().pictures.len()).unwrap_or(u32::MAX);
        self.unseen_pages().saturating_add(covered)
    }

    /// Pages that can be seen in any way, and those that nobody sees.
    pub(super) fn unseen_pages(&self) -> u32 {
        let unseen: usize = self.unseen().documents.iter().map(|(_, labels)| labels.len()).sum();
        self.layered_pages().saturating_add(u32::try_from(unseen).unwrap_or(u32::MAX))
    }

    pub(super) fn unseen(&self) -> &Unseen<'a> {
        self.unseen.get_or_init(|| {
            let Some(whole) = self.followed() else { return Unseen::default() };
            let bytes = whole.bytes();
            let header = memchr::memmem::find(&bytes[..bytes.len().min(HEADER_REACH)], b"%PDF-").unwrap_or_default();
            let bytes = &bytes[header..];
            if !unseen::is_saved_over(bytes) && !whole.has_orphans() && whole.appearances().is_empty() {
                return Unseen::default();
            }
            let limit = self.limits.repair_bytes;
            if bytes.len() > limit {
                let over =
                    Fault::limit("repair_bytes", limit, "a PDF with earlier revisions or pages that are not shown");
                return Unseen { faults: vec![over], ..Unseen::default() };
            }
            let found = unseen::find(bytes, whole, &self.password, self.limits);
            let (mut all, mut lost) = (Unseen::default(), found.lost);
            let revisions = self.limits.revisions;
            all.faults.extend(found.is_over.then(|| Fault::limit("revisions", revisions, "the earlier revisions")));
            for unseen::Unseen { bytes, labels } in found.documents {
                let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
                let password = Some(self.password.as_str()).filter(|password| !password.is_empty());
                let document =
                    library::get().and_then(|library| library.load_pdf_from_reader(Cursor::new(bytes), password).ok());
                match document.filter(|document| usize::try_from(document.pages().len()) == Ok(labels.len())) {
                    Some(document) => all.documents.push((document, labels)),
                    None => lost += labels.len(),
                }
            }
            if lost > 0 {
                let detail = format!("{lost} pages of earlier revisions, or of no tree, cannot be read");
                all.faults.push(Fault::whole(FaultReason::Unsupported, detail));
            }
            all
        })
    }

    /// Page `number`, which nobody sees; none if it is no such page.
    pub(super) fn unseen_page(&self, number: u32) -> Option<Result<OpenPage<'_>, Fault>> {
        let mut index = number.checked_sub(self.layered_pages())?.checked_sub(1)? as usize;
        for (document, labels) in &self.unseen().documents {
            let Some(label) = labels.get(index) else {
                index -= labels.len();
                continue;
            };
            let own = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
            let page = open_page(document, own).map_err(|fault| Fault { page: Some(number), ..fault });
            return Some(page.map(|(page, frame)| {
                OpenPage::new(page, frame, number, self.limits, &self.fonts, None, true).called(label.clone())
            }));
        }
        None
    }

    /// Pictures that are larger than what pages show of them. Looks at every page that draws any.
    pub(super) fn covered(&self) -> &Listed {
        self.covered.get_or_init(|| {
            let mut listed = Listed::new(self.limits);
            for number in 1..=self.drawn_pages().min(self.limits.pages) {
                let Some(known) = self.pictures(number) else { continue };
                if let Ok((page, frame)) = open_page(&self.document, number) {
                    let found = covered::find(&page, &frame, &known, self.limits);
                    let sheet = Sheet::new(&self.document, page, number, self.limits);
                    listed.add(Of::Shown(number), &format!("page {number}"), found, &sheet, self.limits);
                }
            }
            for (index, (document, labels)) in self.unseen().documents.iter().enumerate() {
                for (number, label) in (1..).zip(labels) {
                    if let Ok((page, frame)) = open_page(document, number) {
                        let found = covered::find(&page, &frame, &Pictures::default(), self.limits);
                        let sheet = Sheet::new(document, page, number, self.limits);
                        listed.add(Of::Unseen(index, number), label, found, &sheet, self.limits);
                    }
                }
            }
            listed
        })
    }

    /// Whether there is ink in what a page does not show of the pictures among its instructions.
    pub(super) fn hides_inline_ink(&self, number: u32) -> bool {
        let Ok((page, frame)) = open_page(&self.document, number) else { return true };
        let (found, over) = covered::find(&page, &frame, &Pictures::default(), self.limits);
        let sheet = Sheet::new(&self.document, page, number, self.limits);
        // Readers are given time for each page.
        let mut glances = Glances::of(self.limits);
        over || found.iter().any(|picture| sheet.hides_ink(picture, &mut glances))
    }

    /// What is known of the pictures of a page; none if it draws none.
    pub(super) fn pictures(&self, number: u32) -> Option<Pictures> {
        match self.followed() {
            Some(whole) => whole.pictures(number),
            None => Some(Pictures::default()),
        }
    }

    /// Page `number`, which is all of a picture of which a page shows a part; none if it is no such page.
    pub(super) fn covered_page(&self, number: u32) -> Option<Result<Uncovered<'_, 'a>, Fault>> {
        let index = number.checked_sub(self.unseen_pages())?.checked_sub(1)?;
        let (of, picture, label) = self.covered().pictures.get(index as usize)?;
        let (document, own) = match *of {
            Of::Shown(own) => (&self.document, own),
            Of::Unseen(index, own) => (&self.unseen().documents.get(index)?.0, own),
        };
        let page = open_page(document, own).map_err(|fault| Fault { page: Some(number), ..fault });
        Some(page.map(|(page, _)| {
            let sheet = Sheet::new(document, page, number, self.limits);
            Uncovered { sheet, picture, label }
        }))
    }

    pub(super) fn unlayered(&self) -> &Unlayered<'a> {
        self.unlayered.get_or_init(|| {
            let (pages, switches) = self.followed().map(Whole::switched_off).unwrap_or_default();
            if pages.is_empty() {
                return Unlayered::default();
            }
            let bytes = Source::bytes(&self.source).ok();
            // A choice among layers may stand where its name cannot be seen, beside others.
            let is_on = |bytes: &Vec<u8>| {
                !switches.choices || Whole::of(bytes.clone(), &self.password, self.limits).switched_off().0.is_empty()
            };
            let switched = bytes.and_then(|bytes| unlayered::document(bytes, switches)).filter(is_on);
            let document = switched.and_then(|bytes| {
                let _one_at_a_time = OPENING.lock().unwrap_or_else(PoisonError::into_inner);
                let password = Some(self.password.as_str()).filter(|password| !password.is_empty());
                library::get()?.load_pdf_from_reader(Cursor::new(bytes), password).ok()
            });
            Unlayered {
                pages,
                document: document.filter(|document| document.pages().len() == self.document.pages().len()),
            }
        })
    }

    /// Page `number` with every layer switched on; none if it is no such page.
    pub(super) fn unlayered_page(&self, number: u32) -> Option<Result<OpenPage<'_>, Fault>> {
        let unlayered = self.unlayered();
        let index = number.checked_sub(self.drawn_pages())?.checked_sub(1)?;
        let original = *unlayered.pages.get(index as usize)?;
        let page =
            open_page(unlayered.document.as_ref()?, original).map_err(|fault| Fault { page: Some(number), ..fault });
        let label = format!("page {original}, all layers");
        Some(page.map(|(page, frame)| {
            OpenPage::new(page, frame, number, self.limits, &self.fonts, None, true).called(label)
        }))
    }
}
