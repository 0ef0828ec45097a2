//! One page for each way to hide a page, and for each way to be honest. The pages are PDFs under
//! `tests/fixtures/gate`, so these tests need `models/libpdfium.so`.

use std::fmt::Write as _;

use super::*;
use crate::format::test_support::{glyph_numbers, open, open_fixture, pdf, settings};

/// Pixels of a page that OCR wants.
const READING: u32 = 2200;

struct Seen {
    plan: Plan,
    layer: Layer,
    size: PageSize,
}

fn decide_page(name: &str, number: u32) -> Seen {
    let settings = settings();
    let document = open_fixture(&format!("gate/{name}.pdf"), &settings).expect("the fixture opens");
    let mut page = document.page(number).expect("the page opens");
    let layer = page.layer().expect("the layer is read");
    let plan = decide(&mut *page, &layer, &settings.gate, READING).expect("the page renders");
    Seen { plan, layer, size: page.size() }
}

fn number(plan: &Plan, name: &str) -> Option<f32> {
    plan.decision.numbers.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
}

#[test]
fn a_scan_is_read_whole_however_it_hides() {
    let pages = [
        ("scan_under_footer", 1),
        ("annex", 2),
        ("tiled", 1),
        ("mrc", 1),
        ("type3", 1),
        ("pattern", 1),
        ("in_form", 1),
    ];
    for (name, number) in pages {
        let Seen { plan, size, .. } = decide_page(name, number);
        match plan.decision.action {
            GateAction::OcrPage => {}
            GateAction::OcrUnexplained => {
                // The text of the scans begins 63 points from the left and 86 from the top, and is 230 points high.
                let all = plan.unexplained.iter().copied().reduce(|all, next| all.union(&next)).expect("regions");
                assert!(all.x < 70.0 && all.y < 95.0 && all.bottom() > 215.0, "{name}: {all:?} on {size:?}");
            }
            other => panic!("{name}: {other:?}: {:?}", plan.decision),
        }
    }
}

#[test]
fn ink_beside_typed_text_is_read_and_the_typed_text_is_not() {
    // Where the hidden part lies, in points from the top.
    for (name, top, bottom) in [("outlines", 236.0, 305.0), ("stamp", 698.0, 790.0), ("snippet", 214.0, 284.0)] {
        let Seen { plan, .. } = decide_page(name, 1);
        assert_eq!(plan.decision.action, GateAction::OcrUnexplained, "{name}: {:?}", plan.decision);
        for region in &plan.unexplained {
            assert!(region.y > top && region.bottom() < bottom, "{name}: {:?}", plan.unexplained);
        }
    }
}

#[test]
fn letters_of_straight_strokes_are_read() {
    let Seen { plan, layer, .. } = decide_page("strokes", 1);
    assert_eq!(plan.decision.action, GateAction::OcrUnexplained, "{:?} {:?}", plan.decision, layer.objects);
}

#[test]
fn only_the_places_of_pictures_are_rendered() {
    struct Watched<'a> {
        page: Box<dyn PageSource + 'a>,
        whole: u32,
        part: f32,
    }
    impl PageSource for Watched<'_> {
        fn size(&self) -> PageSize {
            self.page.size()
        }
        fn layer(&mut self) -> Result<Layer, Fault> {
            self.page.layer()
        }
        fn render(&mut self, longest: u32) -> Result<Option<image::DynamicImage>, Fault> {
            self.whole += 1;
            self.page.render(longest)
        }
        fn render_part(&mut self, longest: u32, part: &Rect) -> Result<Option<crate::format::Part>, Fault> {
            self.part += part.w * part.h;
            self.page.render_part(longest, part)
        }
    }
    let settings = settings();
    for (name, whole) in [("logo", false), ("snippet", false), ("turned", false), ("scan_under_footer", true)] {
        let document = open_fixture(&format!("gate/{name}.pdf"), &settings).expect("the fixture opens");
        let mut page = Watched { page: document.page(1).expect("the page opens"), whole: 0, part: 0.0 };
        let layer = page.layer().expect("the layer is read");
        let parts = decide(&mut page, &layer, &settings.gate, READING).expect("the page renders");
        assert_eq!(page.whole == 1, whole, "{name}: {:?}", layer.suspects);
        assert!(page.part < 0.25 * page.size().width * page.size().height, "{name}");
        // What is seen in the parts is what is seen on the whole page.
        let all =
            decide(&mut page, &Layer { suspects: None, ..layer }, &settings.gate, READING).expect("the page renders");
        assert_eq!((parts.decision.action, parts.unexplained), (all.decision.action, all.unexplained), "{name}");
    }
}

/// A page of A4 with a typed line and this content before it.
fn page_with(content: &str) -> Vec<u8> {
    let content = format!("{content} BT /F1 14 Tf 72 30 Td (Received by the registry, page one of one) Tj ET");
    crate::format::test_support::pdf(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 << /Type /Font \
          /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
            .to_vec(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()).into_bytes(),
    ])
}

#[test]
fn a_scan_in_strips_as_thin_as_rules_is_read() {
    let settings = settings();
    let strips = |count: u16| {
        let strip = |n: u16| {
            // Letters of ink and paper across, a strip of 1.8 points each.
            let y = 700.0 - 1.8 * f32::from(n);
            format!("q 400 0 0 1.8 72 {y} cm BI /W 64 /H 1 /BPC 8 /CS /G /F /AHx ID {}> EI Q\n", "00ff".repeat(32))
        };
        let bytes = page_with(&(0..count).map(strip).collect::<String>());
        let document = open(&bytes, &settings).expect("opens");
        let mut page = document.page(1).expect("a page");
        let layer = page.layer().expect("a layer");
        let plan = decide(&mut *page, &layer, &settings.gate, READING).expect("renders");
        (layer.objects.images, plan.decision.action)
    };
    assert_eq!(strips(2), (0, GateAction::TrustLayer), "rules drawn as pictures");
    let (images, action) = strips(12);
    assert!(images == 12 && action != GateAction::TrustLayer, "{images} {action:?}");
}

#[test]
fn born_digital_pages_are_trusted() {
    for name in ["columns", "chinese", "table"] {
        let Seen { plan, layer, .. } = decide_page(name, 1);
        assert_eq!(plan.decision.action, GateAction::TrustLayer, "{name}: {:?}", plan.decision);
        assert!(plan.sample.is_empty(), "{name}");
        assert_eq!(number(&plan, "unexplained_ink"), None, "{name} needs no render: {:?}", layer.objects);
    }
    assert_eq!(decide_page("annex", 1).plan.decision.action, GateAction::TrustLayer);
    assert_eq!(decide_page("empty", 1).plan.decision.action, GateAction::Blank);
}

#[test]
fn a_logo_or_a_chart_never_sends_the_whole_page_to_ocr() {
    for name in ["logo", "chart", "turned"] {
        let Seen { plan, size, .. } = decide_page(name, 1);
        let read: f32 = plan.unexplained.iter().map(|region| region.w * region.h).sum();
        assert_ne!(plan.decision.action, GateAction::OcrPage, "{name}: {:?}", plan.decision);
        assert!(read < 0.15 * size.width * size.height, "{name}: {:?}", plan.unexplained);
    }
    assert_eq!(decide_page("chart", 1).plan.decision.action, GateAction::TrustLayer);
}

#[test]
fn boxes_of_a_turned_and_cropped_page_lie_where_its_ink_is() {
    let Seen { plan, layer, size, .. } = decide_page("turned", 1);
    assert!(size.width > size.height, "{size:?}");
    assert!(layer.text.words.len() > 100);
    assert_eq!(number(&plan, "inkless_words"), Some(0.0), "{:?}", plan.decision);
}

#[test]
fn a_layer_that_nobody_can_see_must_be_confirmed_by_pixels() {
    for name in ["layer_of_another_page", "true_layer", "white_on_white", "covered_redaction", "garbled"] {
        let Seen { plan, .. } = decide_page(name, 1);
        assert!(!plan.sample.is_empty(), "{name}: {:?}", plan.decision);
        assert!(plan.sample.len() <= settings().gate.sample_lines, "{name}");
        assert!(
            plan.sample.iter().all(|line| line.bounds.w > 10.0 && line.bounds.h > 5.0),
            "{name}: {:?}",
            plan.sample
        );
    }
    let redacted = decide_page("covered_redaction", 1);
    assert!(
        redacted.plan.sample.iter().all(|line| line.expected.contains("source") || line.expected.contains("coast"))
    );
    let white = decide_page("white_on_white", 1);
    assert!(white.plan.sample.iter().all(|line| !line.expected.contains("committee")));
}

#[test]
fn a_true_hidden_layer_explains_its_scan() {
    let Seen { plan, .. } = decide_page("true_layer", 1);
    assert_eq!(plan.decision.action, GateAction::TrustLayer, "{:?} {:?}", plan.decision, plan.unexplained);
}

#[test]
fn letters_without_a_meaning_are_read_from_their_ink() {
    let Seen { plan, layer, .. } = decide_page("unmapped", 1);
    assert!(layer.objects.unmapped_chars > 500, "{:?}", layer.objects);
    assert_eq!(plan.decision.action, GateAction::OcrPage, "{:?}", plan.decision);
}

#[test]
fn an_image_without_ink_is_blank_and_a_faint_one_is_read() {
    struct Flat(image::GrayImage);
    impl PageSource for Flat {
        fn size(&self) -> PageSize {
            PageSize { width: 2000.0, height: 3000.0 }
        }
        fn layer(&mut self) -> Result<Layer, Fault> {
            Ok(Layer::default())
        }
        fn render(&mut self, _: u32) -> Result<Option<image::DynamicImage>, Fault> {
            Ok(Some(self.0.clone().into()))
        }
    }
    let objects = crate::format::Objects { images: 1, ..Default::default() };
    let layer = Layer { objects, ..Layer::default() };
    let mut blank = Flat(image::GrayImage::from_pixel(2000, 3000, image::Luma([250])));
    assert_eq!(
        decide(&mut blank, &layer, &settings().gate, READING).expect("renders").decision.action,
        GateAction::Blank
    );
    for x in 0..60 {
        for y in 0..20 {
            blank.0.put_pixel(900 + x, 900 + y, image::Luma([225]));
        }
    }
    assert_eq!(
        decide(&mut blank, &layer, &settings().gate, READING).expect("renders").decision.action,
        GateAction::OcrPage
    );
}

#[test]
fn glyph_numbers_given_out_as_characters_explain_no_ink() {
    let settings = settings();
    let decide_bytes = |bytes: &[u8]| {
        let document = open(bytes, &settings).expect("opens");
        let mut page = document.page(1).expect("a page");
        let layer = page.layer().expect("a layer");
        let plan = decide(&mut *page, &layer, &settings.gate, READING).expect("renders");
        (layer, plan)
    };
    let (layer, plan) = decide_bytes(&glyph_numbers(true));
    assert!(layer.doubtful.is_empty(), "the font has a map");
    assert!(layer.objects.unmapped_chars == 0 && layer.text.content.contains('\u{1d442}'), "{:?}", layer.objects);
    assert_eq!(plan.decision.action, GateAction::TrustLayer, "{:?}", plan.decision);
    let (layer, plan) = decide_bytes(&glyph_numbers(false));
    assert!(!layer.doubtful.is_empty());
    assert_eq!(plan.decision.action, GateAction::OcrUnexplained, "{:?}", plan.decision);
    for region in &plan.unexplained {
        assert!(region.y > 310.0 && region.bottom() < 360.0, "only the second line: {:?}", plan.unexplained);
    }
}

#[test]
fn a_font_of_single_bytes_without_a_map_is_read_from_its_ink() {
    let settings = settings();
    let mut bytes = crate::format::test_support::fixture("gate/chinese.pdf");
    let at = bytes.windows(10).position(|part| part == b"/ToUnicode").expect("the font has a map");
    bytes[at + 9] = b'x';
    let document = open(&bytes, &settings).expect("opens");
    let mut page = document.page(1).expect("a page");
    let layer = page.layer().expect("a layer");
    let plan = decide(&mut *page, &layer, &settings.gate, READING).expect("renders");
    let reads = matches!(plan.decision.action, GateAction::OcrPage | GateAction::OcrUnexplained);
    assert!(reads, "{:?} {:?}", plan.decision, layer.objects);
}

#[test]
fn two_characters_without_a_meaning_are_read() {
    let settings = settings();
    // Two glyphs of the second line alone, and nothing but them in doubt.
    let numbers = b"<000200030004000500060007000800090042004300440045004600470048>";
    let bytes = glyph_numbers(false);
    let at = bytes.windows(numbers.len()).position(|part| part == numbers).expect("the second line");
    let mut short = bytes;
    short[at..at + numbers.len()].copy_from_slice(format!("{:width$}", "<00020003>", width = numbers.len()).as_bytes());
    let document = open(&short, &settings).expect("opens");
    let mut page = document.page(1).expect("a page");
    let layer = page.layer().expect("a layer");
    let plan = decide(&mut *page, &layer, &settings.gate, READING).expect("renders");
    assert_eq!(plan.decision.action, GateAction::OcrUnexplained, "{:?}", plan.decision);
    assert!(plan.unexplained.iter().any(|region| region.y > 310.0 && region.bottom() < 360.0));
}

/// A page with a line of text, this content, and these resources; objects from 6 on are `further`.
fn drawn(content: &str, resources: &str, further: &[String]) -> Vec<u8> {
    let content = format!("BT /F1 12 Tf 72 700 Td (An ordinary line of text) Tj ET {content}");
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << {resources} \
            /Font << /F1 5 0 R /F2 6 0 R >> >> >>"
        ),
        stream("", &content),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman >>".to_owned(),
    ];
    objects.extend_from_slice(further);
    pdf(&objects.into_iter().map(String::into_bytes).collect::<Vec<_>>())
}

fn stream(entries: &str, data: &str) -> String {
    format!("<< {entries} /Length {} >>\nstream\n{data}\nendstream", data.len())
}

fn decide_drawn(file: &[u8]) -> Seen {
    let settings = settings();
    let document = open(file, &settings).expect("opens");
    let mut page = document.page(1).expect("the page opens");
    let layer = page.layer().expect("the layer is read");
    let plan = decide(&mut *page, &layer, &settings.gate, READING).expect("the page renders");
    Seen { plan, layer, size: page.size() }
}

/// Boxes that write ten times an H of seven by five squares.
fn letters(side: f32) -> String {
    let mut boxes = String::new();
    for letter in 0..10_u8 {
        for row in 0..7_u8 {
            let columns: &[u8] = if row == 3 { &[0, 1, 2, 3, 4] } else { &[0, 4] };
            for column in columns {
                let at = |n: u8| f32::from(n) * side;
                let _ = write!(boxes, "{} {} {side} {side} re ", 60.0 + at(6 * letter + column), 300.0 + at(row));
            }
        }
    }
    boxes
}

#[test]
fn letters_are_seen_whatever_draws_them() {
    let mask = "/ExtGState << /M << /SMask << /S /Luminosity /G 7 0 R >> >> >>";
    let group = stream(
        "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Group << /S /Transparency /CS /DeviceGray >>",
        &format!("1 g {} f", letters(7.0)),
    );
    let none = || "null".to_owned();
    let clipped = format!("q {} W n 50 290 500 80 re f Q", letters(7.0));
    let form = stream("/Type /XObject /Subtype /Form /BBox [0 0 612 792]", &clipped);
    let tiles = stream(
        "/PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 500 100] /XStep 500 /YStep 100 /Matrix [1 0 0 1 50 290] \
        /Resources << >>",
        &format!("1 0 0 1 -40 -290 cm {} f", letters(7.0)),
    );
    let dots = letters(7.0).replace("7 7 re", "m").split_inclusive('m').fold(String::new(), |dots, at| {
        let at = at.trim_end_matches('m').trim();
        if at.is_empty() { dots } else { dots + &format!("{at} m {at} l S ") }
    });
    let cases = [
        ("a box under a mask", drawn("/M gs 0 g 50 290 500 80 re f", mask, &[none(), group])),
        ("a box through letters", drawn(&clipped, "", &[])),
        ("a form with such a box", drawn("/X Do", "/XObject << /X 7 0 R >>", &[none(), form])),
        (
            "a stroke of a pattern",
            drawn("/Pattern CS /P SCN 80 w 50 330 m 550 330 l S", "/Pattern << /P 7 0 R >>", &[none(), tiles]),
        ),
        ("dots", drawn(&format!("1 J 6 w {dots}"), "", &[])),
        ("small squares", drawn(&format!("{} f", letters(2.0)), "", &[])),
    ];
    for (what, file) in cases {
        let plan = decide_drawn(&file).plan;
        assert!(matches!(plan.decision.action, GateAction::OcrUnexplained | GateAction::OcrPage), "{what}: {plan:?}");
    }
    // A box is a box.
    let plan = decide_drawn(&drawn("0 g 50 300 500 100 re f q 0 0 612 792 re W n 50 200 500 20 re f Q", "", &[])).plan;
    assert_eq!(plan.decision.action, GateAction::TrustLayer, "{plan:?}");
    assert_eq!(number(&plan, "unexplained_ink"), None, "it is not even looked at");
}

#[test]
fn glyphs_that_are_pictures_or_words_are_read_and_those_of_drawn_fonts_confirmed() {
    let font = |name: &str, matrix: &str| {
        format!(
            "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 60 10] /FontMatrix [{matrix}] /CharProcs << /{name} 7 0 R >> \
            /Encoding << /Differences [32 /space 97 /a] >> /FirstChar 32 /LastChar 97 /Widths [60 {}] /Resources << >> >>",
            "60 ".repeat(65)
        )
    };
    let glyph = stream("", &format!("60 0 d0 q 1 0 0 1 -60 -300 cm {} f Q", letters(1.0)));
    for (name, said) in [("a", "a"), ("space", " ")] {
        let file = drawn(
            &format!("BT /F2 200 Tf 50 300 Td ({said}) Tj ET"),
            "",
            &[font(name, ".03 0 0 .03 0 0"), glyph.clone()],
        );
        let plan = decide_drawn(&file).plan;
        assert_ne!(plan.decision.action, GateAction::TrustLayer, "{name}: {plan:?}");
    }
    let letter = stream("", "60 0 d0 0 0 50 90 re f");
    let file = drawn("BT /F2 .2 Tf 50 300 Td (aaaaaaaaa) Tj ET", "", &[font("a", "1 0 0 1 0 0"), letter]);
    let seen = decide_drawn(&file);
    assert!(seen.plan.sample.iter().any(|line| line.expected.contains("aaa")), "{:?}", seen.plan);
}

#[test]
fn a_map_that_lies_over_a_font_that_is_not_in_the_file_is_confirmed_and_one_that_does_not_is_believed() {
    let map = |entry: &str| {
        stream("", &format!("1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange {entry} endbfrange"))
    };
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>".to_owned();
    let page = |entry: &str| drawn("BT /F2 12 Tf 72 300 Td (TOP SECRET NOFORN) Tj ET", "", &[font.clone(), map(entry)]);
    let lies = decide_drawn(&page("<41> <5a> <0061>"));
    assert_eq!(lies.plan.sample.len(), 1, "{:?}", lies.layer.text.content);
    assert!(lies.plan.sample[0].expected.contains("secret"));
    let honest = decide_drawn(&page("<20> <7e> <0020>"));
    assert_eq!((honest.plan.sample.len(), honest.layer.unproven.len()), (0, 0));
}

#[test]
fn what_the_page_cuts_off_is_not_compared_with_pixels() {
    let file = drawn(
        "BT /F1 12 Tf 640 300 Td (A chart goes on here) Tj -57 50 Td (and is cut off here by the page) Tj ET",
        "",
        &[],
    );
    let seen = decide_drawn(&file);
    assert!(seen.layer.text.content.contains("A chart goes on here") && !seen.layer.hidden.is_empty());
    assert_eq!(seen.plan.sample, [], "{:?}", seen.layer.text.content);
}
