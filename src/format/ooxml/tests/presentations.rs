//! Presentations of `PowerPoint` and drawings of Visio.

use super::*;

/// A shape at a height, or where its layout says; with a kind of placeholder, or none.
fn shape(top: Option<u32>, placeholder: &str, text: &str) -> String {
    let placeholder =
        if placeholder.is_empty() { String::new() } else { format!("<p:nvPr><p:ph type='{placeholder}'/></p:nvPr>") };
    let place = top.map(|y| format!("<a:off x='0' y='{y}'/>")).unwrap_or_default();
    format!(
        "<p:sp>{placeholder}<p:spPr>{place}</p:spPr><p:txBody><a:p><a:r><a:t>{text}</a:t></a:r></a:p></p:txBody></p:sp>"
    )
}

fn slide(attributes: &str, shapes: &str) -> String {
    format!(
        "<p:sld {SPACES} {attributes}><p:cSld><p:spTree><p:grpSpPr><a:off x='0' y='0'/></p:grpSpPr>{shapes}</p:spTree></p:cSld></p:sld>"
    )
}

#[test]
fn slides_are_read_in_their_order_with_notes_comments_and_what_stands_behind_them() {
    let presentation = format!(
        "<p:presentation {SPACES}><p:sldIdLst><p:sldId id='256' r:id='r2'/><p:sldId id='257' r:id='r1'/><p:sldId id='9' r:id='gone'/></p:sldIdLst></p:presentation>"
    );
    let list = [
        ("r1", "slide", "slides/slide1.xml"),
        ("r2", "slide", "slides/slide2.xml"),
        ("r3", "slide", "slides/slide3.xml"),
        ("m", "slideMaster", "slideMasters/slideMaster1.xml"),
    ];
    let of_slide = [
        ("n", "notesSlide", "../notesSlides/notesSlide1.xml"),
        ("c", "comments", "../comments/comment1.xml"),
        ("l", "slideLayout", "../slideLayouts/slideLayout1.xml"),
        ("h", "chart", "../charts/chart1.xml"),
    ];
    let table = "<p:graphicFrame><p:xfrm><a:off x='0' y='3000000'/></p:xfrm><a:tbl><a:tr><a:tc><a:p><a:t>x</a:t></a:p></a:tc><a:tc><a:p><a:t>y</a:t></a:p></a:tc></a:tr></a:tbl></p:graphicFrame>";
    let first = slide(
        "",
        &[
            shape(None, "title", "A title").as_str(),
            &shape(Some(6_500_000), "", "at the foot"),
            &shape(Some(10), "", "机密"),
            table,
        ]
        .concat(),
    );
    let master = |text: &str, foot: &str| {
        slide(
            "",
            &[
                shape(None, "title", "Click to edit"),
                shape(Some(1), "", text),
                shape(None, "ftr", foot),
                shape(None, "sldNum", "7"),
            ]
            .concat(),
        )
    };
    let read = Read::of(&[
        ("[Content_Types].xml", "<Types/>"),
        ("ppt/presentation.xml", &presentation),
        ("ppt/_rels/presentation.xml.rels", &relations(&list)),
        ("ppt/slides/slide2.xml", &first),
        ("ppt/slides/_rels/slide2.xml.rels", &relations(&of_slide)),
        ("ppt/slides/slide1.xml", &slide("show='0'", &shape(None, "body", "hidden words"))),
        ("ppt/slides/slide3.xml", &slide("", &shape(None, "body", "not in the show"))),
        (
            "ppt/notesSlides/notesSlide1.xml",
            &slide("", &[shape(None, "hdr", "notes head"), shape(None, "body", "notes words")].concat()),
        ),
        ("ppt/comments/comment1.xml", "<p:cmLst><p:cm><p:text>a comment</p:text></p:cm></p:cmLst>"),
        ("ppt/slideLayouts/slideLayout1.xml", &master("layout banner", "")),
        ("ppt/slideMasters/slideMaster1.xml", &master("master banner", "foot of all")),
        ("ppt/charts/chart1.xml", "<c:chart xmlns:c='c'><c:cat><c:pt><c:v>Q1</c:v></c:pt></c:cat></c:chart>"),
        ("ppt/tags/tag1.xml", "<p:tagLst><p:tag name='A' val='tagged words'/></p:tagLst>"),
        ("ppt/media/image1.png", "picture"),
    ]);
    assert_eq!(read.page("slide 1"), "机密\nA title\nx\ty\nat the foot");
    assert_eq!(read.page("slide 1, notes"), "notes head\nnotes words");
    assert_eq!(read.page("slide 1, comments"), "a comment");
    assert_eq!(read.page("slide 1, chart"), "Q1");
    assert_eq!(read.page("slide 2, hidden"), "hidden words");
    assert_eq!(read.page("slide out of the show"), "not in the show");
    assert_eq!(read.page("slide layout"), "layout banner");
    assert_eq!(read.page("slide master"), "master banner\nfoot of all");
    assert_eq!(read.page("part ppt/tags/tag1.xml"), "tagged words");
    assert_eq!(read.members, ["ppt/media/image1.png"]);
    assert_eq!(read.faults.len(), 1, "slide 3 is missing: {:?}", read.faults);
}

#[test]
fn pages_and_masters_of_drawings_are_read() {
    let page = "<PageContents><Shapes><Shape><Section N='Property'><Row><Cell N='Value' V='owner Li'/></Row></Section>\
                <Section N='User'><Row><Cell N='Value' V='17'/></Row></Section><Text>机<cp IX='0'/>密 plan\n</Text></Shape></Shapes></PageContents>";
    let read = Read::of(&[
        ("[Content_Types].xml", "<Types/>"),
        ("visio/document.xml", "<VisioDocument/>"),
        (
            "visio/_rels/document.xml.rels",
            &relations(&[("p", "pages", "pages/pages.xml"), ("m", "masters", "masters/masters.xml")]),
        ),
        ("visio/pages/pages.xml", "<Pages><Page Name='Floor 1'><Rel r:id='r1'/></Page></Pages>"),
        ("visio/pages/_rels/pages.xml.rels", &relations(&[("r1", "page", "page1.xml")])),
        ("visio/pages/page1.xml", page),
        ("visio/masters/masters.xml", "<Masters><Master Name='Stamp'><Rel r:id='r1'/></Master></Masters>"),
        ("visio/masters/_rels/masters.xml.rels", &relations(&[("r1", "master", "master1.xml")])),
        ("visio/masters/master1.xml", "<MasterContents><Text>SECRET</Text></MasterContents>"),
        ("visio/comments.xml", "<Comments><CommentEntry>said here</CommentEntry></Comments>"),
    ]);
    assert_eq!(read.page("page \"Floor 1\""), "Floor 1\nowner Li\n机密 plan");
    assert_eq!(read.page("master \"Stamp\""), "Stamp\nSECRET");
    assert_eq!(read.page("part visio/comments.xml"), "said here");
    assert_eq!(read.faults, []);
}

/// A presentation of one slide, whose relations and further parts are these.
fn presentation(slide: &str, list: &[(&str, &str, &str)], parts: &[(&str, &str)]) -> Read {
    let main =
        format!("<p:presentation {SPACES}><p:sldIdLst><p:sldId id='256' r:id='r1'/></p:sldIdLst></p:presentation>");
    let (links, own) = (relations(&[("r1", "slide", "slides/slide1.xml")]), relations(list));
    let mut all = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("ppt/presentation.xml", main.as_str()),
        ("ppt/_rels/presentation.xml.rels", links.as_str()),
        ("ppt/slides/slide1.xml", slide),
        ("ppt/slides/_rels/slide1.xml.rels", own.as_str()),
    ];
    all.extend(parts);
    Read::of(&all)
}

#[test]
fn capitals_of_lists_and_masters_are_read_as_capitals_and_bullets_may_be_words() {
    let list = "<p:sp><p:txBody><a:lstStyle><a:lvl2pPr><a:defRPr cap='all'/></a:lvl2pPr></a:lstStyle>\
                <a:p><a:r><a:t>first level</a:t></a:r></a:p><a:p><a:pPr lvl='1'><a:buChar char='NATO'/></a:pPr><a:r><a:t>top secret</a:t></a:r></a:p>\
                <a:p><a:pPr lvl='1'/><a:r><a:rPr cap='none'/><a:t>taken back</a:t></a:r></a:p></p:txBody></p:sp>";
    let shapes = [shape(None, "title", "secret plan").as_str(), &shape(None, "body", "plain words"), list].concat();
    let master =
        slide("", "<p:txStyles><p:titleStyle><a:lvl1pPr><a:defRPr cap='all'/></a:lvl1pPr></p:titleStyle></p:txStyles>");
    let read = presentation(
        &slide("", &shapes),
        &[("l", "slideLayout", "../slideLayouts/slideLayout1.xml")],
        &[
            ("ppt/slideLayouts/slideLayout1.xml", &slide("", "")),
            (
                "ppt/slideLayouts/_rels/slideLayout1.xml.rels",
                &relations(&[("m", "slideMaster", "../slideMasters/slideMaster1.xml")]),
            ),
            ("ppt/slideMasters/slideMaster1.xml", &master),
        ],
    );
    assert_eq!(read.page("slide 1"), "SECRET PLAN\nplain words\nfirst level\nNATO\tTOP SECRET\ntaken back");
    assert_eq!(read.faults, []);
}

#[test]
fn of_diagrams_each_picture_is_read_that_says_more_than_the_data() {
    let text = |words: &str| format!("<a:p><a:r><a:t>{words}</a:t></a:r></a:p>");
    let data = format!("<dgm:dataModel {SPACES}><dgm:pt><dgm:t>{}</dgm:t></dgm:pt></dgm:dataModel>", text("one"));
    let drawing = format!("<dsp:drawing {SPACES}>{}{}</dsp:drawing>", text("one"), text("TOP SECRET"));
    let read = presentation(
        &slide("", ""),
        &[
            ("a", "diagramData", "../diagrams/data1.xml"),
            ("b", "diagramData", "../diagrams/data2.xml"),
            ("c", "diagramDrawing", "../diagrams/drawing2.xml"),
        ],
        &[
            ("ppt/diagrams/data1.xml", &data),
            ("ppt/diagrams/data2.xml", "<dgm:dataModel/>"),
            ("ppt/diagrams/drawing2.xml", &drawing),
        ],
    );
    assert_eq!(read.all("diagram"), "one\nTOP SECRET");
    assert_eq!(read.faults, []);
}
