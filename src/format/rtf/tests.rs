//! RTF with a marking in each place a person, or an attacker, could put one.

use crate::finding::FaultReason;
use crate::format::ole::object::packed;
use crate::format::test_support::{members, open, settings, texts};

/// The pages and the reasons of faults.
fn read(rtf: &[u8]) -> (Vec<(String, String)>, Vec<FaultReason>) {
    let settings = settings();
    let document = open(rtf, &settings).expect("opens");
    let pages = texts(&*document).into_iter().map(|(label, text)| (label.unwrap_or_default(), text)).collect();
    (pages, document.faults().into_iter().map(|fault| fault.reason).collect())
}

fn first(rtf: &[u8]) -> String {
    let (pages, faults) = read(rtf);
    assert_eq!(faults, []);
    pages[0].1.clone()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn chinese_is_read_in_the_code_page_of_its_font_whatever_the_document_says() {
    let lead = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 \'cb\'ce\'cc\'e5;}}";
    assert_eq!(first(format!(r"{lead}\f1\'bb\'fa\'c3\'dc\f0 caf\'e9\par}}").as_bytes()), "机密café\n");
    assert_eq!(first(br"{\rtf1\ansi\ansicpg936 \'bb\'fa\'c3\'dc}"), "机密\n");
    assert_eq!(first(br"{\rtf1\ansi\uc1\u26426?\u23494\'3f ok\uc2\u26426\'bb\'fa.}"), "机密 ok机.\n");
}

#[test]
fn a_marking_is_read_wherever_it_stands() {
    let rtf = br#"{\rtf1\ansi\ansicpg1252{\info{\title title SECRET}}{\*\userprops{\propname Label}\proptype30{\staticval top}}
{\headerf first SECRET}{\header head SECRET{\shp{\*\shpinst\shpleft0{\sp{\sn gtextUNICODE}{\sv CONFIDENTIAL}}}}}
{\footer foot SECRET}body{\footnote note SECRET}\par{\v hidden SECRET}{\deleted gone}
{\shp{\*\shpinst{\sp{\sn shapeType}{\sv 202}}{\shptxt box SECRET\par}}}
{\*\atnauthor Li}{\*\annotation{\*\atnref 1}comment SECRET}
{\field{\*\fldinst{ HYPERLINK "http://x/y" }}{\fldrslt link}}{\*\unknown nothing}\page second\par}"#;
    let (pages, faults) = read(rtf);
    assert_eq!(faults, []);
    assert_eq!(
        pages[0].1,
        "first SECRET\nhead SECRETCONFIDENTIAL\nbody\nhidden SECRET[deleted: gone]box SECRET\n<http://x/y> link\nfoot SECRET\n"
    );
    assert_eq!(pages[1].1, "head SECRETCONFIDENTIAL\nsecond\nfoot SECRET\n");
    let page = |label: &str| pages.iter().find(|page| page.0 == label).map_or("", |page| page.1.as_str());
    assert_eq!(page("footnotes"), "note SECRET\n");
    assert_eq!(page("comments"), "comment SECRET (Li)\n");
    assert_eq!(page("properties"), "title: title SECRET\nLabel: top\n");
}

#[test]
fn pictures_and_objects_are_documents_inside_however_they_are_written() {
    let package = packed("secret.txt", b"TOP SECRET");
    let length = u32::try_from(package.len()).expect("short").to_le_bytes();
    let object = [&[1, 5, 0, 0, 2, 0, 0, 0, 8, 0, 0, 0], b"Package\0".as_slice(), &[0; 8], &length, &package].concat();
    let digits = hex(&object);
    let (one, two) = digits.split_at(33);
    let png = hex(b"\x89PNG\r\n\x1a\n");
    let lead = format!(
        r"{{\rtf1{{\*\shppict{{\pict{{\*\blipuid ffff}}\pngblip\picw1 {png}}}}}{{\nonshppict{{\pict\wmetafile8 00}}}}
{{\object\objemb{{\*\objdata {one}{{\par}} \tab
 {two}}}{{\result shown}}}}{{\pict\jpegblip\bin4 "
    );
    let rtf = [lead.as_bytes(), b"\xff\xd8\xff}", b"}}"].concat();
    let settings = settings();
    let document = open(&rtf, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let inside: Vec<_> = members(&*document).into_iter().map(|(name, bytes)| (name, bytes.expect("read"))).collect();
    let expected: [(&str, &[u8]); 3] =
        [("picture 1.png", b"\x89PNG\r\n\x1a\n"), ("secret.txt", b"TOP SECRET"), ("picture 3.jpg", b"\xff\xd8\xff}")];
    assert_eq!(inside, expected.map(|(name, bytes)| (name.to_owned(), bytes.to_vec())));
    assert!(texts(&*document)[0].1.contains("shown"));
}

#[test]
fn what_is_broken_is_read_with_a_fault() {
    for (rtf, expected) in [
        (r"{\rtf1 SECRET".to_owned(), "SECRET"),
        (r"{\rtf1 SECRET{\pict\bin99999 }}".to_owned(), "SECRET"),
        (format!(r"{{\rtf1 {}SECRET{}}}", "{".repeat(50_000), "}".repeat(50_000)), "SECRET"),
        (r"{\rtf1 SECRET} more".to_owned(), "SECRET"),
        (r"{\rtf1\ansi\ansicpg936 SECRET\u-10240?.}".to_owned(), "SECRET"),
    ] {
        let (pages, faults) = read(rtf.as_bytes());
        assert!(pages[0].1.contains(expected) && faults.contains(&FaultReason::Damaged), "{expected}");
    }
}

#[test]
fn a_document_over_the_limit_is_a_fault() {
    let mut settings = settings();
    settings.limits.whole_bytes = 10;
    assert_eq!(open(br"{\rtf1 long enough}", &settings).map(|_| ()).expect_err("over it").reason, FaultReason::Limit);
}

#[test]
fn capitals_lists_forms_and_fields_are_read() {
    let rtf = br#"{\rtf1\ansi{\*\listtable{\list{\listlevel{\leveltext\leveltemplateid7 \'0aList mark \'00;}{\levelnumbers\'01;}}{\listname nothing;}}}
{\caps top secret \caps0 plain}{\scaps nato}\par {\*\pn\pnlvlbody{\pntxtb Bullet words}}x\par
{\field{\*\fldinst FORMDROPDOWN {\*\formfield{\fftype2\ffres1{\*\ffname nothing}{\*\ffl Public}{\*\ffl SECRET}}}}{\fldrslt }}
{\field{\*\fldinst QUOTE "quoted words"}{\fldrslt }}\par}"#;
    let (pages, faults) = read(rtf);
    assert_eq!(faults, []);
    assert_eq!(pages[0].1, "TOP SECRET plainNATO\nx\nSECRET\n");
    let asides = "List mark\nBullet words\na list of this form offers to choose from: Public / SECRET\nquoted words\n";
    assert_eq!(pages[1], ("lists, forms and fields".to_owned(), asides.to_owned()));
}

#[test]
fn a_picture_for_old_programs_is_read_unless_it_is_the_one_before_it_once_more() {
    let settings = settings();
    let names = |rtf: &str| -> Vec<String> {
        let document = open(rtf.as_bytes(), &settings).expect("opens");
        assert_eq!(document.faults(), [], "{rtf}");
        members(&*document).into_iter().map(|member| member.0).collect()
    };
    let new = r"{\*\shppict{\pict\picwgoal900\pichgoal600\pngblip 89504e47}}";
    let old = r"{\nonshppict{\pict\picwgoal901\pichgoal600\wmetafile8 d7cdc69a}}";
    let other = r"{\nonshppict{\pict\picwgoal9000\pichgoal600\wmetafile8 d7cdc69a}}";
    let (png, wmf) = ("picture 1.png", "picture 2.wmf");
    for (body, expected) in [
        (format!("{new}\r\n{old}"), &[png] as &[_]),
        (format!("{new}{old}{old}"), &[png, wmf]),
        (format!("{new}{other}"), &[png, wmf]),
        (format!("{new} words {old}"), &[png, wmf]),
        (format!(r"{{\pict\pngblip 89504e47}}{old}"), &[png, wmf]),
        (format!(r"{{\*\shppict{{\pict\pngblip }}}}{old}"), &["picture 1.wmf"]),
        (old.to_owned(), &["picture 1.wmf"]),
    ] {
        assert_eq!(names(&format!("{{\\rtf1 {body}}}")), expected, "{body}");
    }
    let pictures = |word: &str, count: usize| {
        let all = r"{\pict\picwgoal900\pichgoal600\pngblip 89504e47}".repeat(count);
        format!("{{\\{word}{all}}}")
    };
    // A group of more pictures than are noted: the rest of the others is read.
    let many = format!(r"{{\rtf1 {}{}}}", pictures(r"*\shppict", 103), pictures("nonshppict", 103));
    assert_eq!(names(&many).len(), 106);
    let text = first(format!(r"{{\rtf1 {new}{{\nonshppict TOP SECRET{{\pict\wmetafile8 d7}}}}}}").as_bytes());
    assert_eq!(text, "TOP SECRET\n");
}

#[test]
fn many_groups_for_old_programs_behind_many_blanks_are_read_in_a_time_that_grows_with_their_length() {
    let new = r"{\*\shppict{\pict\picwgoal900\pichgoal600\pngblip 89504e47}}";
    let rtf = format!(r"{{\rtf1 {new}{}{}}}", " ".repeat(1_000_000), r"{\nonshppict}".repeat(100_000));
    let begun = std::time::Instant::now();
    read(rtf.as_bytes());
    assert!(begun.elapsed() < std::time::Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[test]
fn every_item_of_a_long_list_to_choose_from_is_read() {
    let items: String = (0..1500).map(|number| format!(r"{{\*\ffl item {number}}}")).collect();
    let rtf =
        format!(r"{{\rtf1{{\field{{\*\fldinst FORMDROPDOWN {{\*\formfield{{\fftype2{items}}}}}}}{{\fldrslt }}}}\par}}");
    let (pages, faults) = read(rtf.as_bytes());
    assert_eq!(faults, []);
    assert!(pages.iter().any(|page| page.1.contains("item 1499")), "{}", pages.len());
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(text in r"(\\(u|bin|'|pict|f|par|\*|header|objdata|sect|sv|page)-?[0-9]{0,5}|[{} a-f\\]){0,60}") {
        read(format!("{{\\rtf1{text}").as_bytes());
    }
}

#[test]
fn what_a_line_goes_through_is_marked() {
    let first = |rtf: &[u8]| read(rtf).0[0].1.clone();
    assert_eq!(first(br"{\rtf1\ansi {\strike TOP SECRET} new\par}"), "[struck out: TOP SECRET] new\n");
    assert_eq!(first(br"{\rtf1\ansi \striked1 old\strike0  new\par}"), "[struck out: old] new\n");
    assert_eq!(first(br"{\rtf1\ansi \strike old\plain  new\par}"), "[struck out: old] new\n");
    assert_eq!(first(br"{\rtf1\ansi {\strike one\par two}\par}"), "[struck out: one]\n[struck out: two]\n");
}

#[test]
fn zeros_in_place_of_text_are_a_fault_and_the_rest_is_read() {
    assert_eq!(first(b"{\\rtf1 one\0 two}"), "one two\n");
    assert_eq!(first(br"{\rtf1 TOP SEC\'00RET}"), "TOP SECRET\nTOP SEC RET\n");
    let (pages, faults) = read(&[b"{\\rtf1 one ".as_slice(), &[0; 64], b" two}"].concat());
    assert_eq!((pages[0].1.as_str(), faults.as_slice()), ("one  two\n", [FaultReason::Damaged].as_slice()));
}

#[test]
fn a_zero_does_not_cut_a_line_that_goes_on_in_another_font_or_is_struck_out() {
    let lead = r"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset134 \'cb\'ce\'cc\'e5;}}";
    for (body, expected) in [
        (r"TOP SEC\'00R\f1 ET//NOFORN", "TOP SECRET//NOFORN\nTOP SEC RET//NOFORN"),
        (r"\f1 TOP SEC\'00R\f0 ET//NOFORN", "TOP SECRET//NOFORN\nTOP SEC RET//NOFORN"),
        (r"TOP SEC\u0?RET\u26426?", "TOP SECRET机\nTOP SEC RET机"),
        (r"{\deleted old TOP SEC\'00RET} new", "[deleted: old TOP SECRET] new\n[deleted: old TOP SEC RET] new"),
        (r"{\strike TOP\'00}{\strike\b SECRET} new", "[struck out: TOPSECRET] new\n[struck out: TOP SECRET] new"),
        (r"TOP {\deleted\'00}{\strike\'00}SECRET", "TOP SECRET"),
        (r"{\footnote TOP SEC\'00R\f1 ET}x", "x"),
    ] {
        let (pages, faults) = read(format!("{lead}{body}\\par}}").as_bytes());
        assert_eq!(
            (pages[0].1.as_str(), faults.as_slice()),
            (format!("{expected}\n").as_str(), [].as_slice()),
            "{body}"
        );
        if body.contains("footnote") {
            assert_eq!(pages[1], ("footnotes".to_owned(), "TOP SECRET\nTOP SEC RET\n".to_owned()));
        }
    }
    let header = format!(r"{lead}{{\header SEC\'00R\f1 ET\par}}x\par}}");
    assert_eq!(first(header.as_bytes()), "SECRET\nSEC RET\nx\n");
    // What is captured holds zeros that are numbers, in every code page.
    let list = r"{\*\listtable{\list{\listlevel{\leveltext\f1\'0aList mark \'00-\'01;}}}}";
    let (pages, _) = read(format!("{lead}{list}x\\par}}").as_bytes());
    assert_eq!(pages[1].1, "List mark -\n");
}

#[test]
fn a_character_that_cannot_be_decoded_is_counted_once_whatever_zeros_are_beside_it() {
    let settings = settings();
    let document = open(br"{\rtf1\ansi\ansicpg936 a\u-10240?b\'00c\u-10240?.}", &settings).expect("opens");
    let details: Vec<String> = document.faults().into_iter().map(|fault| fault.detail).collect();
    assert_eq!(details, ["2 characters of the RTF cannot be decoded"]);
}
