//! Pages, the ways they hide text, and the files packed into them.

use super::*;
use crate::format::charset;
use crate::format::test_support::fixture;
use base64::prelude::{BASE64_STANDARD, Engine as _};

fn text(html: &str) -> String {
    read(html, false).text
}

/// Names and bytes of the files inside.
fn files(html: &str) -> Vec<(String, Vec<u8>)> {
    let page = read(html, false);
    assert_eq!(page.undecodable, 0, "{html}");
    page.files.into_iter().map(|file| (file.name, file.bytes)).collect()
}

#[test]
fn text_is_kept_and_scripts_and_styles_are_not() {
    let html = "<html><head><title>Plan &amp; cost</title><style>p{}</style><script>if (a<b) secret()</script></head>\
                <body><h1>Top</h1><p>One  two<b>three</b></p><img alt='a map' src=x><table><tr><td>1<td>2</table></body>";
    assert_eq!(text(html).trim(), "Plan & cost\nTop\nOne twothree\na map\n1\t2");
}

#[test]
fn in_xhtml_an_element_may_end_where_it_begins() {
    let page =
        "<html><head><title/><script src='a'/></head><body><p>one</p><![CDATA[two]]><textarea/>three</body></html>";
    assert_eq!(piece(page, true).text.split_whitespace().collect::<String>(), "onetwothree");
}

#[test]
fn hidden_elements_are_read() {
    assert_eq!(text("<p style='display:none'>内部资料</p>").trim(), "内部资料");
}

#[test]
fn what_a_line_goes_through_is_marked() {
    for (html, expected) in [
        ("<p><del>TOP <b>SECRET</b></del> new", "[struck out: TOP SECRET] new"),
        ("<p>a <s>机密</s><p>b", "a [struck out: 机密]\nb"),
        ("<strike>one<br>two</strike>three", "[struck out: one]\n[struck out: two]three"),
        (
            "<p><span style='text-decoration: Line-Through'>old <span>still</span></span> new",
            "[struck out: old still] new",
        ),
        ("<p><span>plain <span>too</span></span>", "plain too"),
        ("<p><ins>added</ins> <u>lined</u> <del></del>end", "added lined end"),
        ("</del></s></span>plain", "plain"),
    ] {
        assert_eq!(text(html).trim(), expected, "{html}");
    }
}

#[test]
fn comments_and_data_of_scripts_are_pages_of_their_own() {
    let html = "<!doctype html><?xml version='1.0'?><!-- 机密 --><!--[if mso]><p>layout</p><![endif]--><script type='application/ld+json'>\
                {\"note\": \"\\u7edd\\u5bc6\"}</script><script>var x = 1</script><p>shown";
    let settings = Settings::defaults();
    let document = crate::format::test_support::open(html.as_bytes(), &settings).expect("opens");
    let pages: Vec<_> = (1..=document.page_count())
        .map(|number| {
            let mut page = document.page(number).expect("there");
            (page.label(), page.layer().expect("text").text.content.trim().to_owned())
        })
        .collect();
    let named = |label: &str, text: &str| (Some(label.to_owned()), text.to_owned());
    let data = named("data of scripts", "{\"note\": \"\n绝密\n\"}");
    assert_eq!(pages, [(None, "shown".to_owned()), named("comments", "机密\nlayout"), data]);
}

/// Labels and texts of the pages of a document, and why it is not wholly read.
fn pages(html: &str) -> (Vec<(Option<String>, String)>, Vec<FaultReason>) {
    let settings = Settings::defaults();
    let document = crate::format::test_support::open(html.as_bytes(), &settings).expect("opens");
    let pages = crate::format::test_support::texts(document.as_ref());
    (pages, document.faults().into_iter().map(|fault| fault.reason).collect())
}

#[test]
fn what_a_conditional_comment_shows_is_read_unless_the_page_shows_it_too() {
    let html = "<!doctype html><html><body><p>shown to all</p><!--[if gte mso 9]><table><tr><td>TOP <b>SEC</b>RET</td></tr></table>\
                <p>shown to all</p><xml><o:x>96</o:x></xml><![endif]--><!--[if !mso]><!--><p>and this</p><!--<![endif]-->\
                <![if !supportLists]>x<![endif]><!--[if only they knew--></body></html>";
    let (pages, faults) = pages(html);
    assert_eq!(pages[0].1, "shown to all\nand this\nx\n");
    assert_eq!(pages[1], (Some("comments".to_owned()), "[if only they knew\nTOP SECRET\n".to_owned()));
    assert_eq!(faults, []);
    let deep = format!("<html><body>{}", "<!--[if mso]>".repeat(100_000));
    assert!(read(&deep, false).comments.len() < 2_000_000);
    let wordart = "<html><body><!--[if mso]><v:textpath string='TOP SECRET'/><![endif]-->";
    assert_eq!(read(wordart, false).comments, "TOP SECRET\n");
}

#[test]
fn strings_of_programs_are_a_page_and_those_without_words_are_not() {
    let html = "<!doctype html><html><body><p>a page with a text of its own</p><script>document.write('<h1>TOP <i>SEC</i>RET</h1>');\
                a={'b':'c','level':'NOFORN'}; f(\"\\u673a\\u5bc6\")</script><p onclick=\"alert('for the board')\">x</p></body></html>";
    let (found, faults) = pages(html);
    let expected = (Some("strings of scripts".to_owned()), "TOP SECRET\nNOFORN\n机密\nfor the board\n".to_owned());
    assert_eq!((&found[1], faults), (&expected, vec![]));
    assert_eq!(piece(html, false).aside, expected.1);
}

#[test]
fn a_page_that_a_program_fills_is_a_fault_and_one_that_leads_on_is_none() {
    let faults = |body: &str| {
        pages(&format!("<!doctype html><html><head><title>a very long title of a page</title></head>{body}")).1
    };
    assert_eq!(
        faults("<body><div id=a></div><script>draw(a, [1, 2, 3])</script></body></html>"),
        [FaultReason::Unsupported]
    );
    assert_eq!(faults("<body><script>window.location = 'index.html'</script></body></html>"), []);
    assert_eq!(faults("<body><div id=a></div><script src='a.js'></script></body></html>"), []);
    assert_eq!(faults("<body><p>This page says quite enough.</p><script>count()</script></body></html>"), []);
}

#[test]
fn texts_that_styles_put_on_a_page_are_read() {
    let html = "<!doctype html><html><head><style>body::before{content:\"TOP SECRET\"} p::after{content:attr(data-x)}</style></head>\
                <body><p data-x='for the board' data-y='not shown'>x</p><select><optgroup label='LEVELS'><option label='机密'>a</select>";
    let (found, faults) = pages(html);
    assert_eq!(found[0].1, "x\nLEVELS\n机密 a\n");
    assert_eq!(found[1], (Some("texts of styles".to_owned()), "TOP SECRET\nfor the board\n".to_owned()));
    assert_eq!(faults, []);
}

#[test]
fn styles_and_programs_in_addresses_are_read() {
    let picture = fixture("rgb.png");
    let css = format!("a{{background:url(data:image/png;base64,{})}}", BASE64_STANDARD.encode(&picture));
    let program = BASE64_STANDARD.encode("var mark = 'TOP SECRET';");
    let html = format!(
        "<!doctype html><link rel=stylesheet href='data:text/css,body%3A%3Abefore%7Bcontent%3A%22TOP%20SECRET%22%7D .m{{text-transform:uppercase}}'>\
         <link href='data:text/css;base64,{}'><script src='data:text/javascript;base64,{program}'></script><body><p class=m>a page with words enough in it</p>",
        BASE64_STANDARD.encode(&css)
    );
    let (found, faults) = pages(&html);
    let named = |label: &str, text: &str| (Some(label.to_owned()), text.to_owned());
    let expected = [named("strings of scripts", "TOP SECRET\n"), named("texts of styles", "TOP SECRET\n")];
    assert_eq!(found[0].1.trim(), "A PAGE WITH WORDS ENOUGH IN IT");
    assert_eq!((&found[1..], faults.as_slice()), (expected.as_slice(), [].as_slice()));
    assert_eq!(files(&html), [("data-1.png".to_owned(), picture)]);
}

#[test]
fn style_sheets_in_addresses_of_one_another_are_followed_to_a_depth() {
    let deep = "data:text/css,url(".repeat(100_000);
    assert_eq!(read(&format!("<link href='{deep}'>"), false).undecodable, 1);
}

#[test]
fn an_encrypted_text_in_a_page_is_a_fault() {
    let line = "hQEMAYxzNzjhFKKr3g8qnHaO82odOdsdO2SHTekyIAywZqaMb8mc7qUj";
    let html = format!("<html><body><pre>see\n-----BEGIN PGP MESSAGE-----\n\n{line}\n{line}\n</pre></body></html>");
    assert_eq!(pages(&html).1, [FaultReason::Encrypted]);
}

#[test]
fn a_hundred_thousand_nested_elements_are_read() {
    let html = format!("{}deep{}", "<div><b>".repeat(100_000), "</b></div>".repeat(100_000));
    assert_eq!(text(&html).trim(), "deep");
}

#[test]
fn the_declared_encoding_is_followed_unless_the_bytes_contradict_it() {
    let gbk = encoding_rs::GBK.encode("<meta charset=gb2312><p>机密").0;
    assert_eq!(charset::decode(&gbk, charset::declared(&gbk)).text, "<meta charset=gb2312><p>机密");
    let wrong = "<meta charset=gb2312><p>机密".as_bytes();
    assert_eq!(charset::decode(wrong, charset::declared(wrong)).text, "<meta charset=gb2312><p>机密");
}

#[test]
fn files_in_addresses_are_handed_out_wherever_they_stand() {
    let picture = fixture("rgb.png");
    let address = format!("data:image/png;base64,{}", BASE64_STANDARD.encode(&picture));
    let one = vec![("data-1.png".to_owned(), picture.clone())];
    for html in [
        format!("<img src='{address}'>"),
        format!("<img srcset='{address} 2x'>"),
        format!("<svg><image xlink:href=\"{}\"/></svg>", address.replace('+', "%2B")),
        format!("<p style=\"background:url({address}) no-repeat\">x</p>"),
        format!("<style>p {{ background: url('{address}') }}</style>"),
        format!("<p style=\"background:url({})\">x</p>", address.replace("data:", "DATA:")),
        format!("<img src='{}'>", address.replace("iVBOR", "iVB\nOR")),
    ] {
        assert_eq!(files(&html), one, "{html}");
    }
    let two = files(&format!("<style>a{{b:url({address})}} c{{d:url(\"{address}\")}}</style>"));
    assert_eq!(two.len(), 2);
    let script = format!("<script>var picture = \"{}\";</script>", BASE64_STANDARD.encode(&picture));
    assert_eq!(files(&script), [("base64-1.png".to_owned(), picture)]);
}

#[test]
fn documents_in_addresses_and_frames_are_handed_out() {
    let html = "<a href='data:text/plain;charset=utf-8,%E7%BB%9D%E5%AF%86 top'>x</a><iframe srcdoc='<p>机密</p>'></iframe>\
                <img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='><link href='data:text/css,p{}'>";
    let expected = [("data-1.txt", "绝密 top"), ("srcdoc-2.html", "<p>机密</p>")];
    assert_eq!(files(html), expected.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())));
}

#[test]
fn an_address_that_cannot_be_decoded_is_a_fault() {
    let page =
        format!("<!doctype html><html><body><img src='data:image/png;base64,{}'></body></html>", "*".repeat(400));
    let settings = Settings::defaults();
    let document = crate::format::test_support::open(page.as_bytes(), &settings).expect("opens");
    assert_eq!(document.faults()[0].reason, FaultReason::Attachment);
}

#[test]
fn a_file_packed_into_the_text_of_a_page_is_handed_out() {
    let packed = "5py65a+G5paH5Lu2".repeat(10);
    let lines: Vec<&str> = [&packed[..64], &packed[64..128], &packed[128..]].to_vec();
    for body in [format!("<pre>{}</pre>", lines.join("\n")), format!("<p>{}</p>", lines.join("<br>\n"))] {
        let html = format!("<!doctype html><html><body>{body}</body></html>");
        assert_eq!(files(&html), [("base64-1.txt".to_owned(), "机密文件".repeat(10).into_bytes())], "{body}");
    }
}

proptest::proptest! {
    #[test]
    fn no_html_makes_the_tokenizer_panic(html in "(<[a-z/!-]{0,6}|>|&[a-z#0-9]{0,4};?|[a-z\"'= ]{0,4}){0,40}") {
        read(&html, false);
        read(&html, true);
    }
}

#[test]
fn a_diagram_in_a_page_and_a_set_of_seven_bits_are_read() {
    let file = crate::format::diagram::tests::packed(&["TOP SECRET"]).replace('"', "\\&quot;");
    let page = format!("<div class='mxgraph' data-mxgraph='{{\"xml\":\"{file}\"}}'></div>");
    assert!(read(&page, false).data.contains("TOP SECRET\n"));
    let settings = crate::format::test_support::settings();
    let page = b"<!DOCTYPE html><html><head><meta charset=\"utf-7\"></head><body>+ft1bxg- x</body></html>";
    let document = crate::format::test_support::open(page, &settings).expect("opens");
    assert_eq!(crate::format::test_support::texts(document.as_ref())[0].1.trim(), "+ft1bxg- x\n绝密 x");
}
