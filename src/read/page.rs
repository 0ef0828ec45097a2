//! One page: carries out what the gate decides, and merges the text layer with what was recognized.
//!
//! It wires format, gate and OCR; thresholds are the gate's and the engine's.

use image::DynamicImage;

use super::gate::{self, Plan, SampleLine};
use crate::config::Settings;
use crate::document::{GateAction, GateDecision, Ink, Origin, Page, PageSize, Rect, STRUCK_OUT, Text};
use crate::finding::{Fault, FaultReason};
use crate::format::{Document, PageSource};
use crate::ocr::{self, Exceeded, OcrEngine, OcrError, Recognition};

/// Height of A4 in points: `ocr.page_height` is meant for such a page.
const A4_POINTS: f32 = 842.0;
/// Pages with a longer side than this are no paper; they are rendered no finer than their pictures are stored.
const LARGEST_PAPER_POINTS: f32 = 2.0 * A4_POINTS;
/// Least length of the longer side worth rendering.
const LEAST_PIXELS: f32 = 800.0;

/// Reads page `number`. A fault in the result's list means that the page is not fully examined; what was read stays.
pub fn read(
    document: &dyn Document,
    number: u32,
    engine: &mut dyn OcrEngine,
    settings: &Settings,
) -> Result<Page, Fault> {
    let mut source = document.page(number)?;
    let layer = source.layer()?;
    let dpi = source.native_dpi();
    let longest = longest_pixels(source.size(), dpi, settings.ocr.page_height);
    let decided = gate::decide(source.as_mut(), &layer, &settings.gate, longest);
    let mut page = Page {
        number,
        size: source.size(),
        text: layer.text,
        gate: GateDecision::default(),
        ocr_confidence: None,
        ocr: false,
        layer_match: None,
        faults: layer.faults,
        label: source.label(),
        red_rule: None,
    };
    match decided {
        Ok(plan) => {
            let mut reader =
                PageReader { source: source.as_mut(), engine, settings, dpi, longest, confidences: Vec::new() };
            if let Err(fault) = reader.carry_out(plan, &mut page) {
                page.faults.push(fault);
            }
            page.ocr_confidence = reader.mean_confidence();
        }
        Err(fault) => page.faults.push(fault),
    }
    Ok(page)
}

/// Confidence of a reading that needs no second one.
const SURE: u8 = 70;
/// Parts with a shorter side than this, in pixels, are lines, not scans that somebody turned.
const LEAST_TURNED: u32 = 120;

struct PageReader<'a> {
    source: &'a mut dyn PageSource,
    engine: &'a mut dyn OcrEngine,
    settings: &'a Settings,
    /// Resolution of the page's pictures, where it is known.
    dpi: Option<f32>,
    /// Pixels of the longer side at which the page is read.
    longest: u32,
    /// Confidence of each reading, with the number of its words.
    confidences: Vec<(u8, usize)>,
}

impl PageReader<'_> {
    fn carry_out(&mut self, plan: Plan, page: &mut Page) -> Result<(), Fault> {
        page.gate = plan.decision;
        if page.gate.action != GateAction::OcrPage && !plan.sample.is_empty() {
            self.confirm(&plan.sample, page)?;
        }
        let recognized = match page.gate.action {
            GateAction::TrustLayer | GateAction::Blank => return Ok(()),
            GateAction::OcrPage => self.whole(plan.picture, page)?,
            GateAction::OcrUnexplained => self.regions(&plan.unexplained, page)?,
        };
        page.text.append(&recognized);
        Ok(())
    }

    /// Reads the sampled lines and compares. If those that tell something do not match on the whole, the layer is a mismatch; if any
    /// does not, the page is read all the same, because what stands in its place is not in the layer.
    fn confirm(&mut self, sample: &[SampleLine], page: &mut Page) -> Result<(), Fault> {
        let least = self.settings.gate.sample_match;
        let mut read_lines = Vec::with_capacity(sample.len());
        for line in sample {
            read_lines.push(self.regions(&[line.bounds], page)?.content);
        }
        let telling = sample.iter().zip(&read_lines).filter(|(line, _)| line.tells);
        let (expected, seen): (Vec<&str>, Vec<&str>) =
            telling.map(|(line, read)| (line.expected.as_str(), read.as_str())).unzip();
        let share = (!expected.is_empty()).then(|| gate::layer_match(&expected.join("\n"), &seen.join("\n")));
        let astray = sample
            .iter()
            .zip(&read_lines)
            .filter(|(line, read)| gate::layer_match(&line.expected, read) < least)
            .count();
        page.layer_match = share;
        page.gate.numbers.extend(share.map(|share| ("layer_match".to_owned(), share)));
        #[expect(clippy::cast_precision_loss, reason = "a handful of lines")]
        page.gate.numbers.push(("lines_astray".to_owned(), astray as f32));
        let reason = match (share.is_some_and(|share| share < least), astray) {
            (true, _) => "the text layer does not match the pixels: both are kept",
            (false, 0) => return Ok(()),
            (false, _) => "some lines of the text layer do not match the pixels: both are kept",
        };
        page.gate.action = GateAction::OcrPage;
        reason.clone_into(&mut page.gate.reason);
        Ok(())
    }

    /// The whole page, which may have been rendered already.
    fn whole(&mut self, picture: Option<DynamicImage>, page: &mut Page) -> Result<Text, Fault> {
        let rendered = picture.map_or_else(|| self.source.render(self.longest), |picture| Ok(Some(picture)))?;
        let Some(image) = rendered else { return Ok(Text::default()) };
        page.ocr = true;
        let recognition = self.engine.read_page(&image, self.dpi).map_err(|error| fault(&error))?;
        page.faults.extend(faults(&recognition, self.settings.ocr.unread_share));
        page.red_rule = ocr::red_rule(&image);
        let scale = page_scale(image.width(), page.size);
        Ok(self.take(recognition, &image, |bounds| bounds.scaled(scale)))
    }

    /// Parts of the page, in page units, in the order given. Only they are rendered.
    fn regions(&mut self, places: &[Rect], page: &mut Page) -> Result<Text, Fault> {
        let mut text = Text::default();
        for place in places {
            let Some(part) = self.source.render_part(self.longest, place)? else { continue };
            page.ocr = true;
            let scale = page_scale(part.whole.0, page.size);
            let recognition = self.region(&part.image)?;
            page.faults.extend(faults(&recognition, self.settings.ocr.unread_share));
            #[expect(clippy::cast_precision_loss, reason = "pixels of a page are exact in f32")]
            let (left, top) = (part.pixels.x as f32, part.pixels.y as f32);
            let moved = |bounds: Rect| Rect { x: bounds.x + left, y: bounds.y + top, ..bounds }.scaled(scale);
            text.append(&self.take(recognition, &part.image, moved));
        }
        Ok(text)
    }

    /// A part of the page. One that reads badly as it stands may lie on its side or upside down: it is read again as a page
    /// of its own, and the surer reading counts.
    fn region(&mut self, image: &DynamicImage) -> Result<Recognition, Fault> {
        let settings = &self.settings.ocr;
        let plain = self.engine.read_region(image).map_err(|error| fault(&error))?;
        let confident = plain.confidence.is_some_and(|confidence| confidence >= SURE);
        let sure = confident && plain.unread <= settings.unread_share && plain.unread_stamps == 0;
        if sure || image.width().min(image.height()) < LEAST_TURNED {
            return Ok(plain);
        }
        let turned = self.engine.read_page(image, None).map_err(|error| fault(&error))?;
        // A single sign that was read surely is no better than a block that was read badly.
        let as_much = turned.text.content.len() * 2 >= plain.text.content.len();
        let (mut better, other) =
            if as_much && turned.confidence > plain.confidence { (turned, plain) } else { (plain, turned) };
        better.beyond.extend(other.beyond);
        better.unread_stamps = better.unread_stamps.min(other.unread_stamps);
        Ok(better)
    }

    /// Words with their colours, and their places moved to page units; those that are struck out in brackets that say so.
    fn take(&mut self, recognition: Recognition, image: &DynamicImage, place: impl Fn(Rect) -> Rect) -> Text {
        let Recognition { mut text, confidence, red_frames, .. } = recognition;
        self.confidences.extend(confidence.map(|confidence| (confidence, text.words.len())));
        let mut struck = Vec::with_capacity(text.words.len());
        for word in &mut text.words {
            word.ink = ocr::ink(image, &word.bounds);
            if word.ink == Ink::Plain && red_frames.iter().any(|frame| frame.contains(&word.bounds)) {
                word.ink = Ink::Framed;
            }
            struck.push(ocr::is_struck(image, &word.bounds));
            word.bounds = place(word.bounds);
            word.origin = Origin::Ocr;
        }
        if struck.contains(&true) { with_strokes(&text, &struck) } else { text }
    }

    /// Mean of the readings, by words.
    fn mean_confidence(&self) -> Option<u8> {
        let words: usize = self.confidences.iter().map(|(_, words)| words).sum();
        let sum: usize = self.confidences.iter().map(|(confidence, words)| usize::from(*confidence) * words).sum();
        u8::try_from(sum.checked_div(words)?).ok()
    }
}

/// A text with brackets around its words that are struck out, those beside one another in one: as formats write what a line goes
/// through.
fn with_strokes(text: &Text, struck: &[bool]) -> Text {
    let mut marked = Text::default();
    let mut end = 0;
    let mut is_open = false;
    for (word, struck) in text.words.iter().zip(struck) {
        let (from, to) = (word.start as usize, word.end as usize);
        let between = text.content.get(end..from).unwrap_or_default();
        // A single sign is no word, and may be a dash.
        let words = text.content.get(from..to).unwrap_or_default();
        let struck = *struck && words.chars().filter(|char| char.is_alphanumeric()).count() >= 2;
        let mut separator = String::new();
        if is_open && (!struck || between.contains('\n')) {
            separator.push(']');
            is_open = false;
        }
        separator.push_str(between);
        if struck && !is_open {
            separator.push_str(STRUCK_OUT);
            is_open = true;
        }
        marked.push_word(&separator, words, word.bounds, word.confidence, word.origin);
        if let Some(last) = marked.words.last_mut() {
            last.ink = word.ink;
        }
        end = to;
    }
    if is_open {
        marked.content.push(']');
    }
    marked.content.push_str(text.content.get(end..).unwrap_or_default());
    marked
}

/// Pixels for the longer side of a page at OCR resolution.
fn longest_pixels(size: PageSize, native_dpi: Option<f32>, page_height: u32) -> u32 {
    #[expect(clippy::cast_precision_loss, reason = "a height in pixels is exact in f32")]
    let mut per_point = page_height as f32 / A4_POINTS;
    let longest = size.width.max(size.height);
    if let Some(dpi) = native_dpi.filter(|_| longest > LARGEST_PAPER_POINTS) {
        per_point = per_point.min((dpi / 72.0).max(1.0));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a positive range")]
    let pixels = (longest * per_point).clamp(LEAST_PIXELS, 60_000.0) as u32;
    pixels
}

/// Page units a pixel of a render of this width.
fn page_scale(width: u32, size: PageSize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "pixels of a page are exact in f32")]
    let width = width.max(1) as f32;
    size.width / width
}

/// The limits that were reached, and a fault if too much of what looks like text stayed unread.
fn faults(recognition: &Recognition, most: f32) -> Vec<Fault> {
    let beyond = recognition.beyond.iter().map(|Exceeded { limit, most, seen }| Fault::limit(limit, most, seen));
    let share = recognition.unread * 100.0;
    let detail = || format!("{share:.0} % of what looks like lines of text could not be read (ocr.unread_share)");
    let stamps = recognition.unread_stamps;
    let unread_stamp = || {
        let stamps = if stamps == 1 { "a stamp in colour".to_owned() } else { format!("{stamps} stamps in colour") };
        Fault::whole(FaultReason::UnreadRedStamp, format!("{stamps} could not be read: look at the page"))
    };
    let unread_head = || {
        let detail = "a line in large letters at the head or foot of the page could not be read: look at the page";
        Fault::whole(FaultReason::OcrFailed, detail.to_owned())
    };
    let unread_heads = recognition.unread <= most && recognition.unread_heads > 0;
    beyond
        .chain(unread_heads.then(unread_head))
        .chain((recognition.unread > most).then(|| Fault::whole(FaultReason::OcrFailed, detail())))
        .chain((stamps > 0).then(unread_stamp))
        .collect()
}

fn fault(error: &OcrError) -> Fault {
    Fault::whole(FaultReason::OcrFailed, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{open, pdf, settings};

    /// Reads nothing anywhere.
    struct Blind;

    impl OcrEngine for Blind {
        fn fingerprint(&self) -> String {
            "blind".to_owned()
        }

        fn fingerprint_of_others(&self) -> String {
            String::new()
        }

        fn read_page(&mut self, _: &DynamicImage, _: Option<f32>) -> Result<Recognition, OcrError> {
            Ok(Recognition::default())
        }

        fn read_region(&mut self, _: &DynamicImage) -> Result<Recognition, OcrError> {
            Ok(Recognition::default())
        }
    }

    #[test]
    fn a_head_in_large_print_that_was_not_read_is_a_fault_and_named_once() {
        let said = |unread: f32, unread_heads: usize| {
            let recognition = Recognition { unread, unread_heads, ..Recognition::default() };
            faults(&recognition, 0.1).into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
        };
        assert_eq!(said(0.01, 0), []);
        assert_eq!(said(0.01, 1), [FaultReason::OcrFailed]);
        assert_eq!(said(0.5, 1), [FaultReason::OcrFailed]);
    }

    /// A page with these lines in a font that is drawn by instructions.
    fn drawn_by_instructions(lines: &[&str]) -> Vec<u8> {
        let stream = |data: &str| format!("<< /Length {} >>\nstream\n{data}\nendstream", data.len());
        let lines = lines.iter().fold(String::new(), |lines, line| lines + "0 -40 Td (" + line + ") Tj ");
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>",
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>",
            &stream(&format!("BT /F 10 Tf 50 700 Td {lines} ET")),
            "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 60 90] /FontMatrix [.01 0 0 .01 0 0] /CharProcs << /zero 6 0 R \
                /two 6 0 R >> /Encoding << /Differences [48 /zero 50 /two] >> /FirstChar 48 /LastChar 50 \
                /Widths [60 60 60] /Resources << >> >>",
            &stream("60 0 d0 0 0 50 90 re f"),
        ];
        pdf(&objects.map(|object| object.as_bytes().to_vec()))
    }

    #[test]
    fn one_or_two_letters_that_are_misread_have_the_page_read_and_are_no_mismatch() {
        let settings = settings();
        let read_page = |lines: &[&str]| {
            let file = drawn_by_instructions(lines);
            let document = open(&file, &settings).expect("opens");
            read(document.as_ref(), 1, &mut Blind, &settings).expect("read")
        };
        for lines in [["0", "2", "0"].as_slice(), &["20"]] {
            let page = read_page(lines);
            assert_eq!((page.layer_match, page.gate.action), (None, GateAction::OcrPage), "{:?}", page.gate);
        }
        for lines in [["0202020202"].as_slice(), &["202"], &["20", "0202020202", "0"]] {
            let page = read_page(lines);
            assert_eq!((page.layer_match, page.gate.action), (Some(0.0), GateAction::OcrPage), "{:?}", page.gate);
        }
    }

    #[test]
    fn struck_words_beside_one_another_stand_in_one_bracket() {
        let mut text = Text::default();
        for (separator, word) in
            [("", "TOP"), (" ", "SECRET"), (" ", "plan"), ("\n", "--"), (" ", "old"), ("\n", "note")]
        {
            text.push_word(separator, word, Rect::default(), 90, Origin::Ocr);
        }
        let marked = with_strokes(&text, &[true, true, false, true, true, true]);
        assert_eq!(marked.content, "[struck out: TOP SECRET] plan\n-- [struck out: old]\n[struck out: note]");
        let words: Vec<&str> =
            marked.words.iter().map(|word| &marked.content[word.start as usize..word.end as usize]).collect();
        assert_eq!(words, ["TOP", "SECRET", "plan", "--", "old", "note"]);
        assert!(marked.is_sound());
    }

    #[test]
    fn paper_is_rendered_at_one_resolution_whatever_its_size() {
        let a4 = longest_pixels(PageSize { width: 595.0, height: 842.0 }, None, 2200);
        let a3 = longest_pixels(PageSize { width: 842.0, height: 1191.0 }, None, 2200);
        assert_eq!(a4, 2200);
        assert_eq!(a3, 3111);
    }

    #[test]
    fn a_scan_that_calls_its_pixels_points_is_not_blown_up() {
        let size = PageSize { width: 2480.0, height: 3508.0 };
        assert_eq!(longest_pixels(size, Some(72.0), 2200), 3508);
    }
}
