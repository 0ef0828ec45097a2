//! Letters that somebody drew, or made outlines of.

use super::*;
use crate::finding::FaultReason;
use crate::format::outlines::drawing::tests::side_by_side;

/// The corners of an `E`, a hundred high and wide.
const LETTER: [(u32, u32); 12] = [
    (0, 0),
    (100, 0),
    (100, 20),
    (20, 20),
    (20, 40),
    (100, 40),
    (100, 60),
    (20, 60),
    (20, 80),
    (100, 80),
    (100, 100),
    (0, 100),
];

/// A shape that is a letter, at a place in what is around it.
fn letter(element: &str, across: u32) -> String {
    let points = LETTER.iter().enumerate().map(|(index, (x, y))| {
        let step = if index == 0 { "moveTo" } else { "lnTo" };
        format!("<a:{step}><a:pt x='{x}' y='{y}'/></a:{step}>")
    });
    let path: String = points.collect();
    format!(
        "<{element}><p:spPr><a:xfrm><a:off x='{across}' y='0'/><a:ext cx='90' cy='100'/></a:xfrm>\
         <a:custGeom><a:pathLst><a:path w='100' h='100'>{path}<a:close/></a:path></a:pathLst></a:custGeom></p:spPr></{element}>"
    )
}

fn letters(element: &str) -> String {
    (0..10).map(|number| letter(element, number * 120)).collect()
}

fn picture(bytes: &[u8], name: &str) -> Vec<u8> {
    let settings = Settings::defaults();
    let document = open(bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    assert!(document.has_members());
    let found = members(&*document);
    let found = found.into_iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name}"));
    found.1.expect("drawn")
}

fn presentation(shapes: &str) -> Vec<u8> {
    let presentation =
        format!("<p:presentation {SPACES}><p:sldIdLst><p:sldId id='1' r:id='r1'/></p:sldIdLst></p:presentation>");
    let slide = format!("<p:sld {SPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>");
    let parts = [
        ("[Content_Types].xml", "<Types/>"),
        ("ppt/presentation.xml", &presentation),
        ("ppt/_rels/presentation.xml.rels", &relations(&[("r1", "slide", "slides/slide1.xml")])),
        ("ppt/slides/slide1.xml", &slide),
    ];
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    package(&parts)
}

#[test]
fn letters_that_are_shapes_of_a_slide_are_put_on_paper_where_they_stand() {
    let name = "ppt/slides/slide1.xml, drawn shapes.png";
    assert_eq!(side_by_side(&picture(&presentation(&letters("p:sp")), name)), 10);
    // In a group that is turned round and mirrored they are as far from one another.
    let group = |change: &str| {
        format!(
            "<p:grpSp><p:grpSpPr><a:xfrm {change}><a:off x='5000' y='70'/><a:ext cx='12000' cy='1000'/><a:chOff x='0' y='0'/><a:chExt cx='1200' cy='100'/></a:xfrm></p:grpSpPr>{}</p:grpSp>",
            letters("p:sp")
        )
    };
    for change in ["", "rot='10800000'", "flipH='1'"] {
        assert_eq!(side_by_side(&picture(&presentation(&group(change)), name)), 10, "{change}");
    }
    let outside = format!("{}{}", letter("p:sp", 0), group(""));
    assert_eq!(side_by_side(&picture(&presentation(&outside), name)), 11);
}

#[test]
fn a_few_shapes_and_those_with_a_name_are_nothing() {
    let few: String = (0..5).map(|number| letter("p:sp", number * 120)).collect();
    let arrow = "<p:sp><p:spPr><a:prstGeom prst='rightArrow'/></p:spPr></p:sp>".repeat(50);
    let settings = Settings::defaults();
    for shapes in [few, arrow] {
        let bytes = presentation(&shapes);
        let document = open(&bytes, &settings).expect("opens");
        assert!(!document.has_members());
        assert_eq!(document.faults(), []);
    }
}

#[test]
fn letters_in_drawings_of_their_own_are_put_side_by_side_and_what_is_shown_twice_once() {
    let anchor = |shape: String| {
        format!(
            "<w:r><mc:AlternateContent><mc:Choice><w:drawing><wp:anchor>{shape}</wp:anchor></w:drawing></mc:Choice><mc:Fallback><v:shape path='m0,0l9,0,9,9,0,9,0,19,9,19e'/></mc:Fallback></mc:AlternateContent></w:r>"
        )
    };
    let body: String = (0..10).map(|_| anchor(letter("wps:wsp", 0))).collect();
    let main = format!("<w:document {SPACES}><w:body><w:p>{body}</w:p></w:body></w:document>");
    let bytes = package(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", main.as_bytes())]);
    assert_eq!(side_by_side(&picture(&bytes, "word/document.xml, drawn shapes.png")), 10);
}

#[test]
fn letters_that_only_the_second_way_to_show_a_thing_draws_are_put_on_paper() {
    let shape = letter("wps:wsp", 0);
    let anchor = format!(
        "<w:r><mc:AlternateContent><mc:Choice Requires='new'/><mc:Fallback><w:drawing><wp:anchor>{shape}</wp:anchor></w:drawing></mc:Fallback></mc:AlternateContent></w:r>"
    );
    let body = anchor.repeat(10);
    let main = format!("<w:document {SPACES}><w:body><w:p>{body}</w:p></w:body></w:document>");
    let bytes = package(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", main.as_bytes())]);
    assert_eq!(side_by_side(&picture(&bytes, "word/document.xml, drawn shapes.png")), 10);
}

#[test]
fn letters_that_are_drawn_in_the_older_way_are_a_fault() {
    let faults = |shapes: &str| {
        let main = format!(
            "<w:document {SPACES}><w:body><w:p><w:r><w:pict>{shapes}</w:pict></w:r></w:p></w:body></w:document>"
        );
        let read = Read::of(&[("[Content_Types].xml", "<Types/>"), ("word/document.xml", &main)]);
        read.faults.iter().map(|fault| fault.reason).collect::<Vec<_>>()
    };
    let letter = "<v:shape path='m0,0l9,0,9,9,0,9,0,19,9,19e'/>";
    assert_eq!(faults(&letter.repeat(9)), [FaultReason::Unsupported]);
    assert_eq!(faults(&letter.repeat(3)), []);
    assert_eq!(
        faults(
            &"<v:shapetype path='m@0,0l@1,0,9,9,0,9,0,19,9,19e'/><v:shape path='m,l,21600r21600,l21600,xe'/>"
                .repeat(20)
        ),
        []
    );
}

#[test]
fn what_a_pen_wrote_is_put_on_paper_and_many_strokes_are_a_fault() {
    let ink = |strokes: usize| {
        let trace = |number: usize| {
            let at = number * 40;
            format!(
                "<inkml:trace>{at} 0, {} 0, {} 20, {at} 20, {at} 40, {} 40</inkml:trace>",
                at + 20,
                at + 20,
                at + 20
            )
        };
        let traces: String = (0..strokes).map(trace).collect();
        format!("<inkml:ink xmlns:inkml='i'>{traces}</inkml:ink>")
    };
    let read = |strokes: usize| {
        let main = format!("<w:document {SPACES}><w:body><w:p><w:r><w:t>x</w:t></w:r></w:p></w:body></w:document>");
        Read::of(&[
            ("[Content_Types].xml", "<Types/>"),
            ("word/document.xml", &main),
            ("word/ink/ink1.xml", &ink(strokes)),
        ])
    };
    let many = read(12);
    assert_eq!(many.members, ["word/ink/ink1.xml, drawn shapes.png"]);
    assert_eq!(many.texts(), ["x"], "places are no text");
    assert_eq!(many.faults.iter().map(|fault| fault.reason).collect::<Vec<_>>(), [FaultReason::Unsupported]);
    let few = read(2);
    assert!(few.members.is_empty() && few.faults.is_empty());
}
