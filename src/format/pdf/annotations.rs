//! Annotations and form fields of a page: their texts, which PDFium's text layer lacks. Files attached to them are handed out
//! with those of the document.
//!
//! What of them cannot be had is a fault of the page: too many, too much text, or one that does not load.

use super::pdfium::{
    PdfFormComboBoxField, PdfFormListBoxField, PdfFormTextField, PdfPage, PdfPageAnnotation,
    PdfPageAnnotationCommon as _, PdfPageAnnotationType, PdfPageObjectsCommon as _, PdfRect,
};
use crate::config::Limits;
use crate::finding::{Fault, FaultReason};

/// What the annotations of a page say.
pub(super) struct Annotations {
    /// Their texts and the values of fields, a line each.
    pub(super) text: String,
    /// How many draw something, or may.
    pub(super) opaque: u32,
    /// Where those lie, in the coordinates inside the page; none if they may lie anywhere.
    pub(super) places: Option<Vec<PdfRect>>,
    /// What was not read.
    pub(super) faults: Vec<Fault>,
}

/// Reads the annotations of page `number`; their texts up to `room` bytes, the rest of `limits.page_text_bytes`. `handed_out`
/// says that attached files are, all of them.
pub(super) fn read(page: &PdfPage<'_>, number: u32, room: usize, handed_out: bool, limits: &Limits) -> Annotations {
    let mut reading = Reading { room, handed_out, attached: 0, lost: 0, cut: false, read: Annotations::new() };
    let annotations = page.annotations();
    let count = annotations.len();
    for index in 0..count.min(limits.page_annotations) {
        match annotations.get(index) {
            Ok(annotation) => reading.annotation(&annotation),
            Err(_) => reading.lost += 1,
        }
    }
    reading.end(number, count, limits)
}

impl Annotations {
    fn new() -> Self {
        Self { text: String::new(), opaque: 0, places: Some(Vec::new()), faults: Vec::new() }
    }
}

struct Reading {
    read: Annotations,
    room: usize,
    handed_out: bool,
    attached: u32,
    lost: u32,
    /// Text was dropped at the limit.
    cut: bool,
}

impl Reading {
    fn annotation(&mut self, annotation: &PdfPageAnnotation<'_>) {
        let kind = annotation.annotation_type();
        self.attached += u32::from(kind == PdfPageAnnotationType::FileAttachment);
        self.note(annotation.contents());
        if let Some(field) = annotation.as_form_field() {
            let value = field
                .as_text_field()
                .and_then(PdfFormTextField::value)
                .or_else(|| field.as_combo_box_field().and_then(PdfFormComboBoxField::value))
                .or_else(|| field.as_list_box_field().and_then(PdfFormListBoxField::value));
            self.note(value);
        }
        let shows = match kind {
            PdfPageAnnotationType::Popup => false,
            PdfPageAnnotationType::Widget | PdfPageAnnotationType::XfaWidget => true,
            _ => annotation.objects().len() > 0,
        };
        if shows && !annotation.is_hidden() {
            self.read.opaque += 1;
            match (annotation.bounds(), &mut self.read.places) {
                (Ok(bounds), Some(places)) => places.push(bounds),
                (_, places) => *places = None,
            }
        }
    }

    /// Keeps a text, or as much of it as there is room for.
    fn note(&mut self, text: Option<String>) {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return };
        let room = self.room.saturating_sub(self.read.text.len() + 1);
        let kept = &text[..text.floor_char_boundary(room)];
        self.cut |= kept.len() < text.len();
        if !kept.is_empty() {
            self.read.text.push_str(kept);
            self.read.text.push('\n');
        }
    }

    /// Says what was not read.
    fn end(mut self, number: u32, count: usize, limits: &Limits) -> Annotations {
        let mut faults = Vec::new();
        if count > limits.page_annotations {
            let fault =
                Fault::limit("page_annotations", limits.page_annotations, format!("a page of {count} annotations"));
            faults.push(Fault { page: Some(number), ..fault });
        }
        if self.lost > 0 {
            let detail = format!("PDFium cannot load {} of {count} annotations", self.lost);
            faults.push(Fault::on_page(number, FaultReason::Damaged, detail));
        }
        // What was not looked at may draw something.
        if !faults.is_empty() {
            self.read.opaque = self.read.opaque.saturating_add(1);
            self.read.places = None;
        }
        if self.attached > 0 && !self.handed_out {
            let detail = format!("{} files attached to the page cannot be had", self.attached);
            faults.push(Fault::on_page(number, FaultReason::Attachment, detail));
        }
        if self.cut {
            let fault = Fault::limit("page_text_bytes", limits.page_text_bytes, "the text of a page's annotations");
            faults.push(Fault { page: Some(number), ..fault });
        }
        self.read.faults = faults;
        self.read
    }
}

#[cfg(test)]
mod tests {
    use crate::config::Settings;
    use crate::finding::FaultReason;
    use crate::format::Layer;
    use crate::format::test_support::{members, open, pdf, settings};

    const NOTE: &str = "<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents (the note) >>";

    /// The layer of an empty page with these annotations.
    fn layer(annotations: &str, settings: &Settings) -> Layer {
        let bytes = pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Annots [{annotations}] >>").into_bytes(),
        ]);
        let document = open(&bytes, settings).expect("opens");
        document.page(1).expect("a page").layer().expect("a layer")
    }

    #[test]
    fn notes_are_text_of_the_page() {
        let layer = layer(&format!("{NOTE} {NOTE}"), &settings());
        assert_eq!(layer.text.content, "the note\nthe note\n");
        assert!(layer.faults.is_empty(), "{:?}", layer.faults);
    }

    #[test]
    fn a_note_that_stands_in_an_object_of_its_own_is_read() {
        let bytes = pdf(&[
            b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Annots [{}] >>",
                NOTE.replace("(the note)", "4 0 R")
            )
            .into_bytes(),
            b"(the note)".to_vec(),
        ]);
        let settings = settings();
        let document = open(&bytes, &settings).expect("opens");
        let texts = (1..=document.page_count())
            .map(|number| document.page(number).expect("a page").layer().expect("a layer").text.content);
        assert_eq!(texts.filter(|text| text.contains("the note")).count(), 1);
    }

    #[test]
    fn notes_over_the_limit_are_cut_and_said_to_be() {
        let mut settings = settings();
        settings.limits.page_text_bytes = 12;
        let layer = layer(&format!("{NOTE} {NOTE}"), &settings);
        assert_eq!(layer.text.content, "the note\nth\n");
        assert_eq!((layer.faults[0].page, layer.faults[0].reason), (Some(1), FaultReason::Limit));
        assert!(layer.faults[0].detail.contains("page_text_bytes = 12"), "{:?}", layer.faults);
    }

    #[test]
    fn an_annotation_that_does_not_load_is_a_fault_and_makes_the_page_looked_at() {
        let layer = layer(&format!("{NOTE} 77 0 R 5"), &settings());
        assert_eq!((layer.faults.len(), layer.faults[0].reason), (1, FaultReason::Damaged), "{:?}", layer.faults);
        assert_eq!(layer.faults[0].detail, "PDFium cannot load 2 of 3 annotations");
        assert_eq!(layer.text.content, "the note\n");
        assert!(layer.objects.opaque > 0);
    }

    #[test]
    fn a_file_attached_to_a_page_is_handed_out() {
        let file = "<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS << /Type /Filespec /F (plan.txt) \
            /EF << /F 4 0 R >> >> >>";
        let link = "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] >> ";
        let mut settings = settings();
        settings.limits.page_annotations = 100;
        // One that stands behind the last annotation that is read is found as well.
        for annotations in [file.to_owned(), format!("{} {file}", link.repeat(100))] {
            let bytes = pdf(&[
                b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
                b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
                format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Annots [{annotations}] >>").into_bytes(),
                b"<< /Type /EmbeddedFile /Length 8 >>\nstream\nthe plan\nendstream".to_vec(),
            ]);
            let document = open(&bytes, &settings).expect("opens");
            assert!(document.has_members() && document.faults().is_empty(), "{:?}", document.faults());
            assert_eq!(members(document.as_ref()), [("plan.txt".to_owned(), Ok(b"the plan".to_vec()))]);
            let faults = document.page(1).expect("a page").layer().expect("a layer").faults;
            assert!(faults.iter().all(|fault| fault.reason == FaultReason::Limit), "{faults:?}");
        }
    }

    #[test]
    fn annotations_over_the_limit_are_a_fault() {
        let link = "<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] >> ";
        let mut settings = settings();
        settings.limits.page_annotations = 100;
        let many = layer(&link.repeat(101), &settings);
        assert_eq!((many.faults.len(), many.faults[0].reason), (1, FaultReason::Limit), "{:?}", many.faults);
        assert!(many.faults[0].detail.contains("limits.page_annotations = 100"), "{:?}", many.faults);
        assert!(many.objects.opaque > 0);
    }
}
