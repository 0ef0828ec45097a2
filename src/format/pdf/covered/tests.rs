//! Geometry of what is hidden, and scans that pages show a part of.

use super::*;
use crate::config::Settings;
use crate::finding::FaultReason;
use crate::format::Document;
use crate::format::test_support::{open, pdf, settings};

fn rect(x: f32, y: f32, w: f32, h: f32) -> Rect {
    Rect { x, y, w, h }
}

#[test]
fn what_lies_beyond_a_window_is_told_in_parts() {
    let window = rect(0.0, 0.0, 100.0, 100.0);
    assert_eq!(beyond(&rect(10.0, 10.0, 50.0, 50.0), &window), []);
    assert_eq!(beyond(&rect(10.0, -20.0, 50.0, 50.0), &window), [rect(10.0, -20.0, 50.0, 20.0)]);
    assert_eq!(beyond(&rect(10.0, 200.0, 50.0, 50.0), &window), [rect(10.0, 200.0, 50.0, 50.0)]);
    assert_eq!(beyond(&rect(-5.0, 0.0, 110.0, 9.0), &window), [rect(-5.0, 0.0, 5.0, 9.0), rect(100.0, 0.0, 5.0, 9.0)]);
}

#[test]
fn a_hair_of_a_strip_lies_in_no_other_strip() {
    assert!(!reaches_into(&rect(0.0, 0.0, 300.0, 20.05), &rect(0.0, 20.0, 300.0, 20.0)));
    assert!(reaches_into(&rect(0.0, 0.0, 300.0, 1.0), &rect(20.0, 0.0, 200.0, 40.0)), "as thin as it is");
    assert!(!reaches_into(&rect(0.0, 0.0, 300.0, 20.0), &rect(0.0, 40.0, 300.0, 20.0)));
}

#[test]
fn changes_of_coordinates_follow_one_another() {
    let turn = Matrix([0.0, 1.0, -1.0, 0.0, 0.0, 0.0]);
    let moved = Matrix::shift(10.0, 20.0);
    assert_eq!(turn.then(&moved).point(1.0, 0.0), (10.0, 21.0));
    assert_eq!(moved.then(&turn).point(1.0, 0.0), (-20.0, 11.0));
}

/// A scan of 60 x 60 pixels: white, with a dark bar in the uppermost third, which begins six pixels below its top.
fn scan() -> Vec<u8> {
    let row = |y: u32| {
        if (6..18).contains(&y) { [[255; 6].as_slice(), &[20; 48], &[255; 6]].concat() } else { vec![255; 60] }
    };
    (0..60).flat_map(row).collect()
}

fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    [format!("<< {entries} /Length {} >>\nstream\n", data.len()).as_bytes(), data, b"\nendstream"].concat()
}

/// A page of 300 x 300 with pictures `I`, the scan, and `J`, a white one, and with these entries, contents and further objects
/// from 7 on.
fn page(entries: &str, content: &str, further: &[Vec<u8>]) -> Vec<u8> {
    let gray = "/Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceGray";
    let first = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] {entries} /Contents 4 0 R /Resources << /XObject \
            << /I 5 0 R /J 6 0 R /F 7 0 R >> >> >>"
        )
        .into_bytes(),
        stream("", content.as_bytes()),
        stream(&format!("{gray} /Width 60 /Height 60"), &scan()),
        stream(&format!("{gray} /Width 1 /Height 1"), b"\xff"),
    ];
    pdf(&[first.as_slice(), further].concat())
}

/// What the pages behind the first are called, and how bright the middle of the bar is on each.
fn behind(file: &[u8], settings: &Settings) -> Vec<(String, u8)> {
    let document = open(file, settings).expect("opens");
    assert_eq!(document.faults(), []);
    bars(document.as_ref())
}

fn bars(document: &dyn Document) -> Vec<(String, u8)> {
    (2..=document.page_count())
        .map(|number| {
            let mut page = document.page(number).expect("a page");
            assert!(page.layer().expect("a layer").text.is_blank());
            let image = page.render(600).expect("renders").expect("has pixels").to_luma8();
            (page.label().expect("a name"), image.get_pixel(image.width() / 2, image.height() / 5).0[0])
        })
        .collect()
}

const WHOLE: &str = "q 300 0 0 300 0 0 cm /I Do Q ";

/// An annotation of this kind over the bar, whose appearance is object 7.
fn note(kind: &str) -> String {
    format!("/Annots [<< /Type /Annot /Subtype /{kind} /F 4 /Rect [20 200 280 280] /AP << /N 7 0 R >> >>]")
}

#[test]
fn all_of_a_picture_that_is_covered_cut_or_clipped_is_a_page_of_its_own() {
    let settings = settings();
    let box_form = stream("/Subtype /Form /BBox [0 0 260 80]", b"1 g 0 0 260 80 re f");
    let scan_form = stream("/Subtype /Form /BBox [0 0 300 190]", WHOLE.as_bytes());
    let cases = [
        ("a box", page("", &format!("{WHOLE} 0 g 20 200 260 80 re f"), &[])),
        ("a broad stroke", page("", &format!("{WHOLE} 80 w 20 240 m 280 240 l S"), &[])),
        ("another picture", page("", &format!("{WHOLE} q 260 0 0 80 20 200 cm /J Do Q"), &[])),
        ("a box in a form", page("", &format!("{WHOLE} q 1 0 0 1 20 200 cm /F Do Q"), std::slice::from_ref(&box_form))),
        ("a square", page(&note("Square"), WHOLE, std::slice::from_ref(&box_form))),
        ("a redaction that was not applied", page(&note("Redact"), WHOLE, &[box_form])),
        ("the page", page("/CropBox [0 0 300 190]", WHOLE, &[])),
        (
            "the page, turned",
            page("/CropBox [0 110 300 300] /Rotate 180", &format!("q -1 0 0 -1 300 300 cm {WHOLE} Q"), &[]),
        ),
        ("a place off the page", page("", "q 300 0 0 300 0 -400 cm /I Do Q", &[])),
        ("a clip path", page("", &format!("q 0 0 300 190 re W n {WHOLE} Q"), &[])),
        ("a form", page("", "/F Do", &[scan_form])),
    ];
    for (what, file) in cases {
        let found = behind(&file, &settings);
        let [(name, bar)] = found.as_slice() else { panic!("{what}: {found:?}") };
        assert!(name == "page 1, picture 1, whole" && *bar < 60, "{what}: {found:?}");
    }
}

#[test]
fn pictures_that_show_are_not_read_twice() {
    let settings = settings();
    let label = "<< /Subtype /Link /Rect [20 200 280 280] >>";
    let highlight = stream("/Subtype /Form /BBox [0 0 260 80]", b"1 1 0 rg 0 0 260 80 re f");
    let cases = [
        ("nothing else", page("", WHOLE, &[])),
        ("a hair is cut off", page("/CropBox [3 3 297 297]", WHOLE, &[])),
        ("a small label", page("", &format!("{WHOLE} 100 100 10 5 re f"), &[])),
        ("a box before it", page("", &format!("0 g 0 0 300 300 re f {WHOLE}"), &[])),
        ("a box beside it", page("", "q 100 0 0 100 0 0 cm /I Do Q 150 150 99 99 re f", &[])),
        ("a link", page(&format!("/Annots [{label}]"), WHOLE, &[])),
        ("a marker", page(&note("Highlight"), WHOLE, &[highlight])),
        ("strips", page("", "q 300 0 0 100 0 0 cm /I Do Q q 300 0 0 100 0 100 cm /I Do Q", &[])),
    ];
    for (what, file) in cases {
        assert_eq!(behind(&file, &settings), [], "{what}");
    }
    // Nothing is written where it is covered: there is nothing to read.
    let blank = page("", &format!("{WHOLE} 0 g 20 20 260 80 re f"), &[]);
    assert_eq!(behind(&blank, &settings), [("page 1, picture 1, whole".to_owned(), 255)]);
}

#[test]
fn strips_of_a_scan_are_put_together() {
    let settings = settings();
    let strips = "q 300 0 0 100 0 200 cm /I Do Q q 300 0 0 100 0 100 cm /J Do Q q 300 0 0 100 0 0 cm /I Do Q";
    let found = behind(&page("/CropBox [0 0 300 250]", strips, &[]), &settings);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn a_white_picture_over_strips_covers_them_even_where_its_edge_lies_on_a_border() {
    let settings = settings();
    // The bar is in the upper third of the second strip, whose top the patch shares.
    let strips = "q 300 0 0 100 0 200 cm /J Do Q q 300 0 0 100 0 100 cm /I Do Q q 300 0 0 100 0 0 cm /J Do Q";
    let found = behind(&page("", &format!("{strips} q 280 0 0 60 10 140 cm /J Do Q"), &[]), &settings);
    assert!(matches!(found.as_slice(), [(name, _)] if name == "page 1, picture 1, whole"), "{found:?}");
    let file = page("", &format!("{strips} q 280 0 0 60 10 140 cm /J Do Q"), &[]);
    let document = open(&file, &settings).expect("opens");
    let image = document.page(2).expect("a page").render(600).expect("renders").expect("has pixels").to_luma8();
    // It begins a third of the page from its top, and the bar a tenth of a strip below that.
    let bar = image.get_pixel(image.width() / 2, image.height() * 4 / 10).0[0];
    assert!(bar < 60, "{bar}");
}

#[test]
fn more_covered_pictures_than_the_limit_are_a_fault() {
    let mut settings = settings();
    settings.limits.covered_pictures = 1;
    let two = "q 100 0 0 100 0 0 cm /I Do Q q 100 0 0 100 150 150 cm /I Do Q 0 g 0 0 300 300 re f";
    let file = page("", two, &[]);
    let document = open(&file, &settings).expect("opens");
    let faults = document.faults();
    assert_eq!((faults.len(), faults[0].page, faults[0].reason), (1, Some(1), FaultReason::Limit));
    assert!(faults[0].detail.contains("limits.covered_pictures = 1"), "{faults:?}");
    assert_eq!(document.page_count(), 2);
}

#[test]
fn pictures_that_hide_nothing_but_paper_do_not_count_against_the_limit() {
    let mut settings = settings();
    settings.limits.covered_pictures = 1;
    let at = |x: u16, name: &str| format!("q 90 0 0 90 {x} 150 cm /{name} Do Q ");
    let three = at(0, "J") + &at(100, "I") + &at(200, "J") + "0 g 0 0 300 300 re f";
    let found = behind(&page("", &three, &[]), &settings);
    assert!(matches!(found.as_slice(), [(name, bar)] if name == "page 1, picture 1, whole" && *bar < 60), "{found:?}");
}

#[test]
fn so_many_pictures_of_a_document_are_looked_at_for_ink_and_more_are_a_fault_of_their_pages() {
    let mut settings = settings();
    settings.limits.covered_pictures = 1;
    let pages = 12;
    let kids = (0..pages).map(|number| format!("{} 0 R", 5 + number)).collect::<Vec<_>>().join(" ");
    let content = "q 90 0 0 90 0 150 cm /J Do Q q 90 0 0 90 200 150 cm /J Do Q 0 g 0 0 300 300 re f";
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 3 0 R /Resources << /XObject << /J 4 0 R >> >> >>";
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>").into_bytes(),
        stream("", content.as_bytes()),
        stream("/Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceGray /Width 1 /Height 1", b"\xff"),
    ];
    objects.extend((0..pages).map(|_| page.as_bytes().to_vec()));
    let file = pdf(&objects);
    let document = open(&file, &settings).expect("opens");
    let faults = document.faults();
    assert!(faults.iter().all(|fault| fault.detail.contains("limits.covered_pictures = 1")), "{faults:?}");
    let told: Vec<u32> = faults.iter().filter_map(|fault| fault.page).collect();
    // Two and a half million pixels are ten glances: of the two pictures of five pages.
    assert_eq!(told, (6..=12).collect::<Vec<_>>());
}

#[test]
fn strips_of_one_row_are_put_together_and_more_of_them_than_are_looked_at_are_a_fault() {
    let settings = settings();
    let scan = |rows: u16| -> String {
        let height = 300.0 / f64::from(rows);
        let strip = |row| format!("q 300 0 0 {height:.5} 0 {:.5} cm /J Do Q ", 300.0 - height * f64::from(row + 1));
        (0..rows).map(strip).collect::<String>() + "1 g 0 0 300 14 re f"
    };
    let found = behind(&page("", &scan(3300), &[]), &settings);
    assert_eq!(found, [("page 1, picture 1, whole".to_owned(), 255)]);
    let file = page("", &scan(6600), &[]);
    let faults = open(&file, &settings).expect("opens").faults();
    assert!(
        matches!(&faults[..], [fault] if fault.reason == FaultReason::Limit && fault.page == Some(1)),
        "{faults:?}"
    );
}

#[test]
fn a_white_picture_in_thin_strips_covers_the_strips_below_it() {
    let settings = settings();
    let strips = |name: &str, rows: std::ops::Range<u16>, shift: f32| -> String {
        let strip = |row| format!("q 300 0 0 3 0 {} cm /{name} Do Q ", 3.0 * f32::from(row) + shift);
        rows.map(strip).collect()
    };
    for shift in [0.0, 1.5] {
        let found = behind(&page("", &(strips("I", 0..100, 0.0) + &strips("J", 50..60, shift)), &[]), &settings);
        assert!(matches!(found.as_slice(), [(name, _)] if name == "page 1, picture 1, whole"), "{shift}: {found:?}");
    }
    // One of them is as high as no line.
    assert_eq!(behind(&page("", &(strips("I", 0..100, 0.0) + &strips("J", 50..51, 0.0)), &[]), &settings), []);
}

#[test]
fn a_picture_among_the_instructions_is_a_fault_only_where_there_is_ink_in_what_is_hidden_of_it() {
    let blank = "ff".repeat(36);
    let marked = format!("{}{}{}", "ff".repeat(6), "ff00000000ff", "ff".repeat(24));
    let mut settings = settings();
    // Two and a half million pixels of glances: one of a picture as large as the page.
    settings.limits.covered_pictures = 1;
    for (digits, times, faults) in [(&blank, 1, 0), (&marked, 1, 1), (&blank, 2, 1)] {
        let picture = format!("BI /W 6 /H 6 /BPC 8 /CS /G /F /AHx ID {digits}> EI ");
        let content = format!(
            "q 0 0 300 100 re W n 300 0 0 300 0 0 cm {} Q",
            (0..times).map(|_| picture.as_str()).collect::<String>()
        );
        let file = String::from_utf8_lossy(&page("", &content, &[])).replace("/I 5 0 R /J 6 0 R", "");
        let document = open(file.as_bytes(), &settings).expect("opens");
        let layer = document.page(1).expect("there").layer().expect("read");
        let told = layer.faults.iter().filter(|fault| fault.reason == FaultReason::Unsupported).count();
        assert_eq!((layer.objects.images, told), (times, faults), "{digits}, {times} times: {:?}", layer.faults);
    }
}
