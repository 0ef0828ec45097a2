//! Every place where a person can put a marking in ODF, and what cannot be read.

use std::io::{Cursor, Write as _};

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};

use crate::finding::FaultReason;
use crate::format::test_support::{members, open, settings, texts};

/// A package whose first part names its type, not packed, as a reader of magic numbers wants it.
pub(in crate::format) fn typed(mimetype: &str, parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("mimetype", mimetype.as_bytes())].iter().chain(parts) {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        writer.start_file(*name, options).expect("begins");
        writer.write_all(bytes).expect("writes");
    }
    writer.finish().expect("ends").into_inner()
}

fn odf(kind: &str, content: &str, styles: &str, more: &[(&str, &[u8])]) -> Vec<u8> {
    let content = format!("<office:document-content>{content}</office:document-content>");
    let styles = format!("<office:document-styles>{styles}</office:document-styles>");
    let mut parts: Vec<(&str, &[u8])> = vec![("content.xml", content.as_bytes()), ("styles.xml", styles.as_bytes())];
    parts.extend_from_slice(more);
    typed(&format!("application/vnd.oasis.opendocument.{kind}"), &parts)
}

/// Labels and texts of the pages of a document without faults.
fn read(bytes: &[u8]) -> Vec<(String, String)> {
    let settings = settings();
    let document = open(bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let pages = texts(document.as_ref()).into_iter();
    pages.map(|(label, text)| (label.unwrap_or_default(), text)).collect()
}

fn expected(pages: &[(&str, &str)]) -> Vec<(String, String)> {
    pages.iter().map(|(label, text)| ((*label).to_owned(), (*text).to_owned())).collect()
}

#[test]
fn a_marking_is_found_in_every_place_of_a_text() {
    let styles = "<office:master-styles><style:master-page style:name=\"Standard\"><style:header><text:p>页眉机密</text:p></style:header>\
        <style:header-left><text:p>左页眉机密</text:p></style:header-left><style:footer><text:p>页脚机密 <text:page-number>1</text:page-number></text:p></style:footer></style:master-page>\
        <style:master-page style:name=\"First\" style:next-style-name=\"Standard\"><style:header-first><text:p>首页页眉机密</text:p></style:header-first></style:master-page>\
        <style:master-page style:name=\"Unused\"><style:footer><text:p>未用机密</text:p></style:footer></style:master-page></office:master-styles>";
    let content = "<office:automatic-styles><style:style style:name=\"P1\" style:family=\"paragraph\" style:master-page-name=\"First\"/>\
        <style:style style:name=\"P2\" style:family=\"paragraph\"><style:paragraph-properties fo:break-before=\"page\"/></style:style></office:automatic-styles>\
        <office:body><office:text><text:tracked-changes><text:changed-region text:id=\"c1\"><text:deletion><office:change-info><dc:creator>somebody</dc:creator></office:change-info>\
        <text:p>删除机密</text:p></text:deletion></text:changed-region></text:tracked-changes>\
        <text:p text:style-name=\"P1\">正文<text:s text:c=\"2\"/>机密<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>脚注机密</text:p></text:note-body></text:note>\
        <draw:frame><draw:text-box><text:p>文本框机密</text:p></draw:text-box><svg:title>替代机密</svg:title></draw:frame>之后</text:p>\
        <text:p>被<text:change text:change-id=\"c1\"/>改<office:annotation><dc:creator>甲</dc:creator><dc:date>2020</dc:date><text:p>批注机密</text:p></office:annotation></text:p>\
        <table:table><table:table-row><table:table-cell><text:p>一</text:p></table:table-cell><table:table-cell><text:p>二</text:p></table:table-cell></table:table-row></table:table>\
        <text:p>断<text:soft-page-break/>开</text:p><text:p text:style-name=\"P2\">第三页<text:hidden-text text:string-value=\"隐藏机密\"/></text:p></office:text></office:body>";
    let meta = "<office:document-meta><office:meta><dc:title>标题机密</dc:title><meta:generator>no</meta:generator><meta:user-defined meta:name=\"密级\">属性机密</meta:user-defined></office:meta></office:document-meta>";
    let chart = "<office:document-content><office:body><office:chart><chart:title><text:p>图表机密</text:p></chart:title></office:chart></office:body></office:document-content>";
    let more: &[(&str, &[u8])] = &[
        ("meta.xml", meta.as_bytes()),
        ("Object 1/content.xml", chart.as_bytes()),
        ("ObjectReplacements/Object 1", b"copy"),
        ("Object 2", b"an object"),
        ("Pictures/a.png", b"picture"),
        ("Thumbnails/thumbnail.png", b"small"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
    ];
    let bytes = odf("text", content, styles, more);
    let pages = [
        (
            "page 1",
            "首页页眉机密\n正文  机密1之后\n文本框机密\n替代机密\n被[deleted: 删除机密]改\n一\t二\n断\n脚注机密\n[comment: 甲:\n批注机密]",
        ),
        ("page 2", "左页眉机密\n开\n页脚机密"),
        ("page 3", "页眉机密\n第三页\n隐藏机密\n页脚机密"),
        ("page styles that are not used", "未用机密"),
        ("properties", "title: 标题机密\n密级: 属性机密"),
        ("object \"Object 1\"", "图表机密"),
    ];
    assert_eq!(read(&bytes), expected(&pages));
    let settings = settings();
    let members = members(open(&bytes, &settings).expect("opens").as_ref());
    assert_eq!(members.into_iter().map(|(name, _)| name).collect::<Vec<_>>(), ["Object 2", "Pictures/a.png"]);
}

#[test]
fn macros_are_pages() {
    let module = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE script:module PUBLIC \"-//OpenOffice.org//DTD OfficeDocument 1.0//EN\" \"module.dtd\">\n\
        <script:module xmlns:script=\"http://openoffice.org/2000/script\" script:name=\"Module1\" script:language=\"StarBasic\">REM  *****  BASIC  *****\n\
        &apos; 机密★10年\nMsgBox &quot;TOP SECRET&quot;\n</script:module>";
    let more: &[(&str, &[u8])] = &[
        ("Basic/script-lc.xml", b"<library:libraries/>"),
        ("Basic/Standard/script-lb.xml", b"<library:library/>"),
        ("Basic/Standard/Module1.xml", module.as_bytes()),
        ("Basic/Standard/other.xml", b"<other/>"),
        ("Basic/Standard/text.xml", b"TOP SECRET<module name='M'>x</module>"),
    ];
    let bytes = odf("text", "<office:body><office:text><text:p>x</text:p></office:text></office:body>", "", more);
    let pages = read(&bytes);
    let source = "REM  *****  BASIC  *****\n' 机密★10年\nMsgBox \"TOP SECRET\"\n";
    assert!(pages.contains(&("macros \"Module1\"".to_owned(), source.to_owned())), "{pages:?}");
    let settings = settings();
    let members = members(open(&bytes, &settings).expect("opens").as_ref());
    assert_eq!(
        members.into_iter().map(|(name, _)| name).collect::<Vec<_>>(),
        ["Basic/Standard/other.xml", "Basic/Standard/text.xml"]
    );
}

#[test]
fn comments_and_instructions_in_a_module_are_read_and_what_stands_behind_its_end_is_a_fault() {
    let read = |module: &str, most: Option<usize>| {
        let mut settings = settings();
        settings.limits.content_text_bytes = most.unwrap_or(settings.limits.content_text_bytes);
        let more: &[(&str, &[u8])] =
            &[("Basic/Standard/a.xml", module.as_bytes()), ("Basic/Standard/b.xml", module.as_bytes())];
        let bytes = odf("text", "<office:body><office:text><text:p>x</text:p></office:text></office:body>", "", more);
        let document = open(&bytes, &settings).expect("opens");
        let page = texts(&*document).into_iter().find(|page| page.0.as_deref() == Some("macros \"M\""));
        (page.map(|page| page.1).unwrap_or_default(), document.faults())
    };
    let module = "<m:module xmlns:m='x' m:name='M'>TOP SE<!-- 机密★10年 -->CRET</m:module>";
    let (text, faults) = read(&format!("<!--before-->{module}<!--behind-->"), None);
    assert_eq!((text.as_str(), faults.as_slice()), ("TOP SECRET\nbefore\n机密★10年\nbehind\n", [].as_slice()));
    let instructed = module.replace("<!-- 机密★10年 -->", "<?note 机密★10年 ?>");
    let (text, faults) = read(&format!("<?xml version='1.0'?><?TOP before?>{instructed}<?TOP behind?>"), None);
    assert_eq!(
        (text.as_str(), faults.as_slice()),
        ("TOP SECRET\nTOP before\nnote 机密★10年\nTOP behind\n", [].as_slice())
    );
    for behind in ["TOP SECRET", "<m:module xmlns:m='x' m:name='N'>SECRET</m:module>"] {
        let (text, faults) = read(&format!("{module}{behind}"), None);
        assert!(text.starts_with("TOP SECRET"), "{text}");
        assert!(!faults.is_empty() && faults.iter().all(|fault| fault.reason == FaultReason::Attachment), "{faults:?}");
    }
    // Each for itself is below the limit: the fault names it, and not the room that the first one left.
    let long = module.replace("CRET", &"x".repeat(3000));
    let (_, faults) = read(&long, Some(5000));
    let told =
        |fault: &crate::finding::Fault| fault.detail.contains("the text of macros") && fault.detail.contains("= 5000");
    assert!(faults.iter().any(told), "{faults:?}");
    assert!(faults.iter().all(|fault| fault.detail.contains("= 5000")), "{faults:?}");
}

#[test]
fn a_marking_is_found_in_every_place_of_a_workbook() {
    let styles = "<office:master-styles><style:master-page style:name=\"Default\"><style:header><style:region-left><text:p>页眉机密</text:p></style:region-left>\
        <text:p><text:sheet-name>???</text:sheet-name></text:p></style:header><style:footer><text:p>页脚机密</text:p></style:footer></style:master-page></office:master-styles>";
    let cell =
        |value: &str, text: &str| format!("<table:table-cell {value}><text:p>{text}</text:p></table:table-cell>");
    let content = format!(
        "<office:automatic-styles><style:style style:name=\"ta2\" style:family=\"table\"><style:table-properties table:display=\"false\"/></style:style></office:automatic-styles>\
         <office:body><office:spreadsheet><table:table table:name=\"预算\"><table:shapes><draw:rect><text:p>图形机密</text:p></draw:rect></table:shapes>\
         <table:table-row table:number-rows-repeated=\"1048576\">{}{}<table:table-cell><office:annotation><text:p>批注机密</text:p></office:annotation><text:p>多</text:p><text:p>行</text:p></table:table-cell>\
         <table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row><table:table-row><table:table-cell office:value-type=\"string\" office:string-value=\"无字机密\"/></table:table-row></table:table>\
         <table:table table:name=\"藏\" table:style-name=\"ta2\"><table:table-row>{}</table:table-row></table:table>\
         <table:named-expressions><table:named-expression table:name=\"n\" table:expression=\"&quot;名称机密&quot;\"/></table:named-expressions></office:spreadsheet></office:body>",
        cell("office:value-type=\"float\" office:value=\"110105194912310021\"", "1.1E+17"),
        cell(
            "office:value=\"1234.5\" table:formula=\"of:=IF([.A1]&gt;0;&quot;公式机密&quot;;&quot;&quot;)\"",
            "1,234.50"
        ),
        cell("table:number-columns-repeated=\"9\"", "隐藏机密")
    );
    let pages = [
        (
            "sheet \"预算\"",
            "页眉机密\n图形机密\n1.1E+17 110105194912310021\t1,234.50\t多 行\n无字机密\n[comment: 批注机密]\n页脚机密",
        ),
        ("sheet \"预算\", formulas", "公式机密\n"),
        ("sheet \"藏\" (hidden)", "页眉机密\n隐藏机密\n页脚机密"),
        ("names", "预算\n藏\n"),
        ("formulas", "名称机密\n"),
    ];
    assert_eq!(read(&odf("spreadsheet", &content, styles, &[])), expected(&pages));
}

#[test]
fn a_marking_is_found_in_every_place_of_slides() {
    let styles = "<office:master-styles><style:master-page style:name=\"M\"><draw:frame><draw:text-box><text:p>母版机密</text:p></draw:text-box></draw:frame></style:master-page></office:master-styles>";
    let content = "<office:automatic-styles><style:style style:name=\"dp1\" style:family=\"drawing-page\"><style:drawing-page-properties presentation:visibility=\"hidden\"/></style:style></office:automatic-styles>\
        <office:body><office:presentation><presentation:footer-decl presentation:name=\"f1\">页脚机密</presentation:footer-decl>\
        <draw:page draw:name=\"page1\" draw:master-page-name=\"M\" presentation:use-footer-name=\"f1\"><draw:frame><draw:text-box><text:p>幻灯片机密</text:p></draw:text-box></draw:frame>\
        <office:annotation><text:p>批注机密</text:p></office:annotation><presentation:notes><draw:frame><draw:text-box><text:p>备注机密</text:p></draw:text-box></draw:frame></presentation:notes></draw:page>\
        <draw:page draw:name=\"结论\" draw:style-name=\"dp1\"><draw:g><draw:custom-shape><text:p>隐藏机密</text:p></draw:custom-shape></draw:g></draw:page></office:presentation></office:body>";
    let pages = [
        ("slide 1", "幻灯片机密\n[comment: 批注机密]\n母版机密\n页脚机密"),
        ("slide 1, notes", "备注机密"),
        ("slide 2 \"结论\" (hidden)", "隐藏机密"),
        ("names", "结论\n"),
    ];
    assert_eq!(read(&odf("presentation", content, styles, &[])), expected(&pages));
}

#[test]
fn pages_of_a_long_sheet_are_called_by_the_cells_on_them() {
    let cell = "<table:table-cell><text:p>twenty letters of it</text:p></table:table-cell>";
    let row = format!(
        "<table:table-row><table:table-cell table:number-columns-repeated=\"2\"/>{cell}<table:table-cell/>{cell}</table:table-row>"
    );
    let blank = "<table:table-row table:number-rows-repeated=\"5\"><table:table-cell/></table:table-row>";
    let content = format!(
        "<office:body><office:spreadsheet><table:table table:name=\"A\">{}{blank}{}</table:table>\
         </office:spreadsheet></office:body>",
        row.repeat(10),
        row.repeat(10)
    );
    let mut settings = settings();
    settings.text.page_chars = 420;
    let file = odf("spreadsheet", &content, "", &[]);
    let document = open(&file, &settings).expect("opens");
    let labels: Vec<String> = texts(document.as_ref()).into_iter().filter_map(|page| page.0).collect();
    assert_eq!(labels[..2], ["sheet \"A\" C1:E10", "sheet \"A\" C16:E25"]);
}

#[test]
fn the_picture_that_a_program_made_of_a_table_is_furniture_and_any_other_is_not() {
    let names = |inside: &str, picture: &[u8]| {
        let content = format!(
            "<office:body><office:presentation><draw:page draw:name=\"page1\"><draw:frame>{inside}\
             <draw:image xlink:href=\"Pictures/TablePreview1.svm\"/></draw:frame></draw:page></office:presentation></office:body>"
        );
        let settings = settings();
        let file = odf("presentation", &content, "", &[("Pictures/TablePreview1.svm", picture)]);
        let document = open(&file, &settings).expect("opens");
        members(document.as_ref()).len()
    };
    let table = "<table:table><table:table-row><table:table-cell><text:p>机密</text:p></table:table-cell></table:table-row></table:table>";
    assert_eq!(names(table, b"VCLMTF\x01\0 and more"), 0);
    assert_eq!(names(table, b"\x89PNG\r\n\x1a\n and more"), 1);
    assert_eq!(names("", b"VCLMTF\x01\0 and more"), 1);
}

#[test]
fn what_stands_behind_the_end_of_a_flat_file_is_a_fault() {
    let flat = "<?xml version=\"1.0\"?><office:document office:mimetype=\"x\"><office:body><office:text><text:p>a plan</text:p>\
        </office:text></office:body></office:document>\n";
    let faults = |behind: &str| {
        let settings = settings();
        let document = open(format!("{flat}{behind}").as_bytes(), &settings).expect("opens");
        document.faults().into_iter().map(|fault| fault.reason).collect::<Vec<_>>()
    };
    assert_eq!(faults("<!-- made by a program -->\n"), []);
    assert_eq!(faults("TOP SECRET\n"), [FaultReason::Attachment]);
}

#[test]
fn one_flat_file_is_read_with_its_pictures() {
    let flat = "<?xml version=\"1.0\"?><office:document office:mimetype=\"x\"><office:meta><dc:subject>主题机密</dc:subject></office:meta>\
        <office:master-styles><style:master-page style:name=\"Standard\"><style:header><text:p>页眉机密</text:p></style:header></style:master-page></office:master-styles>\
        <office:body><office:text><text:p>正文<draw:frame><draw:image><office:binary-data>aGFsZiBhIGh1bmRyZWQgYnl0ZXMgb2YgYSBwaWN0dXJl</office:binary-data></draw:image></draw:frame></text:p>\
        <draw:frame><draw:object><office:document><office:body><office:chart><text:p>图表</text:p></office:chart></office:body></office:document></draw:object>\
        <draw:image><office:binary-data>YSBwaWN0dXJlIG9mIHRoZSBjaGFydCBiZXNpZGUgaXQ=</office:binary-data></draw:image></draw:frame></office:text></office:body></office:document>";
    let pages = [("", "页眉机密\n正文\n图表"), ("properties", "subject: 主题机密")];
    assert_eq!(read(flat.as_bytes()), expected(&pages));
    let settings = settings();
    let members = members(open(flat.as_bytes(), &settings).expect("opens").as_ref());
    assert_eq!(members, [("embedded 1".to_owned(), Ok(b"half a hundred bytes of a picture".to_vec()))]);
}

#[test]
fn formulas_and_the_forerunner_are_read() {
    let math = "<math><semantics><mrow><mi>机</mi><mo>=</mo><mi>密</mi></mrow><annotation>x over y</annotation></semantics></math>";
    let formula = typed(
        "application/vnd.oasis.opendocument.formula",
        &[("content.xml", math.as_bytes()), ("META-INF/manifest.xml", b"<a/>")],
    );
    assert_eq!(read(&formula), expected(&[("", "机 = 密 x over y")]));
    let old = "<office:document-content office:class=\"spreadsheet\"><office:body><table:table table:name=\"A\"><table:table-row><table:table-cell><text:p>旧机密</text:p></table:table-cell></table:table-row></table:table></office:body></office:document-content>";
    let old = typed("application/vnd.sun.xml.calc", &[("content.xml", old.as_bytes())]);
    assert_eq!(read(&old), expected(&[("sheet \"A\"", "旧机密"), ("names", "A\n")]));
}

#[test]
fn an_encrypted_document_is_encrypted_and_not_damaged() {
    let manifest = b"<manifest:manifest><manifest:file-entry manifest:full-path=\"content.xml\"><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let bytes = typed(
        "application/vnd.oasis.opendocument.text",
        &[("content.xml", b"\x01\x02"), ("META-INF/manifest.xml", manifest)],
    );
    assert_eq!(open(&bytes, &settings()).err().expect("locked").reason, FaultReason::Encrypted);
}

#[test]
fn what_is_missing_broken_or_too_large_is_a_fault() {
    let reason = |bytes: &[u8], limit: usize| {
        let mut settings = settings();
        settings.limits.content_text_bytes = limit;
        let document = open(bytes, &settings).expect("opens");
        document.faults().first().map(|fault| fault.reason)
    };
    let kind = "application/vnd.oasis.opendocument.text";
    assert_eq!(reason(&typed(kind, &[("styles.xml", b"<a/>")]), 1 << 20), Some(FaultReason::Damaged));
    assert_eq!(reason(&typed(kind, &[("content.xml", b"<a><b>")]), 1 << 20), Some(FaultReason::Damaged));
    // A header on each of many pages is more than all the XML.
    let styles = format!(
        "<style:master-page style:name=\"Standard\"><style:header><text:p>{}</text:p></style:header></style:master-page>",
        "x".repeat(1000)
    );
    let content = format!(
        "<office:body><office:text><text:p>{}</text:p></office:text></office:body>",
        "y<text:soft-page-break/>".repeat(1000)
    );
    assert_eq!(reason(&odf("text", &content, &styles, &[]), 100_000), Some(FaultReason::Limit));
    let deep = format!("<office:body><office:text>{}</office:text></office:body>", "<draw:frame>".repeat(3000));
    assert_eq!(reason(&odf("text", &deep, "", &[]), 1 << 20), Some(FaultReason::Damaged));
}

#[test]
fn embedded_documents_over_the_limit_are_a_fault_that_names_it() {
    let object = "<office:document-content><office:body><office:text><text:p>words</text:p></office:text></office:body></office:document-content>";
    let objects = ["Object 1/content.xml", "Object 2/content.xml"].map(|name| (name, object.as_bytes()));
    let bytes = odf("text", "<office:body><office:text/></office:body>", "", &objects);
    let over = |most: usize| {
        let mut settings = settings();
        settings.limits.embedded_objects = most;
        let faults = open(&bytes, &settings).expect("opens").faults();
        faults.iter().any(|fault| fault.detail.contains(&format!("limits.embedded_objects = {most}")))
    };
    assert!(over(1) && !over(2));
}

#[test]
fn pages_over_the_limit_are_a_fault() {
    let mut settings = settings();
    settings.limits.pages = 3;
    let breaks = "y<text:soft-page-break/>".repeat(10);
    let content = format!("<office:body><office:text><text:p>{breaks}</text:p></office:text></office:body>");
    let bytes = odf("text", &content, "", &[]);
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!((document.page_count(), document.faults()[0].reason), (3, FaultReason::Limit));
}

#[test]
fn pictures_are_handed_out_whatever_they_are_called_and_the_small_one_of_the_first_page_is_not() {
    let picture: &[u8] = b"GIF89a\x01\0\x01\0";
    let shown = ["Pictures/Thumbnails/a.png", "Configurations2/b.png", "Pictures/layout-cache", "Fonts/c.ttf"];
    let frame = |name: &&str| format!("<draw:frame><draw:image xlink:href=\"{name}\"/></draw:frame>");
    let frames = shown.iter().map(frame).collect::<Vec<_>>().concat();
    let content = format!("<office:body><office:text><text:p>text{frames}</text:p></office:text></office:body>");
    let mut more: Vec<(&str, &[u8])> = shown.iter().map(|name| (*name, picture)).collect();
    more.push(("Thumbnails/thumbnail.png", picture));
    let bytes = odf("text", &content, "", &more);
    let settings = settings();
    let document = open(&bytes, &settings).expect("opens");
    let names: Vec<String> = members(document.as_ref()).into_iter().map(|(name, _)| name).collect();
    assert_eq!((names, document.faults()), (shown.map(str::to_owned).to_vec(), vec![]));
}

#[test]
fn a_picture_that_is_missing_is_a_fault_and_one_that_lies_elsewhere_is_none() {
    for (place, faults) in
        [("Pictures/gone.png", 1), ("https://a.example/b.png", 0), ("./ObjectReplacements/Object 1", 0)]
    {
        let content = format!(
            "<office:body><office:text><text:p><draw:frame><draw:image xlink:href=\"{place}\"/></draw:frame></text:p></office:text></office:body>"
        );
        let bytes = odf("text", &content, "", &[]);
        let settings = settings();
        let found = open(&bytes, &settings).expect("opens").faults();
        assert_eq!(found.len(), faults, "{place}");
        assert!(found.iter().all(|fault| fault.reason == FaultReason::Damaged));
    }
}

#[test]
fn capitals_of_styles_words_of_lists_and_conditions_are_read() {
    let content = "<office:automatic-styles><style:style style:name=\"P1\" style:family=\"paragraph\"><style:text-properties fo:text-transform=\"uppercase\"/></style:style>\
        <style:style style:name=\"P2\" style:family=\"paragraph\" style:parent-style-name=\"P1\"/>\
        <style:style style:name=\"T1\" style:family=\"text\"><style:text-properties fo:text-transform=\"none\"/></style:style>\
        <style:style style:name=\"T2\" style:family=\"text\"><style:text-properties fo:font-variant=\"small-caps\"/></style:style>\
        <text:list-style style:name=\"L\"><text:list-level-style-number text:level=\"1\" style:num-prefix=\"Secret list \"/></text:list-style></office:automatic-styles>\
        <office:body><office:text><text:p text:style-name=\"P2\">top secret <text:span text:style-name=\"T1\">plain</text:span></text:p>\
        <text:p>small <text:span text:style-name=\"T2\">nato</text:span><text:conditional-text text:string-value-if-true=\"said if so\" text:string-value-if-false=\"\"/></text:p></office:text></office:body>";
    let pages = read(&odf("text", content, "", &[]));
    assert_eq!(pages, expected(&[("", "TOP SECRET plain\nsmall NATO\nsaid if so"), ("names", "Secret list\n")]));
}

#[test]
fn letters_that_are_drawn_are_put_on_paper_page_by_page() {
    use crate::format::outlines::drawing::tests::side_by_side;
    let path = "M0 0H100V20H20V40H100V60H20V80H100V100H0Z";
    let place = |number: u32| format!("svg:x=\"{}cm\" svg:y=\"1cm\" svg:width=\"1cm\" svg:height=\"1cm\"", number * 2);
    let drawn = |number| format!("<draw:path {} svg:viewBox=\"0 0 100 100\" svg:d=\"{path}\"/>", place(number));
    let own = |number| {
        format!(
            "<draw:custom-shape {}><draw:enhanced-geometry draw:type=\"non-primitive\" svg:viewBox=\"0 0 9 20\" draw:enhanced-path=\"M 0 0 L 9 0 9 9 3 9 3 12 9 12 9 20 0 20 Z N\"/></draw:custom-shape>",
            place(number)
        )
    };
    let cloud = "<draw:custom-shape><draw:enhanced-geometry draw:type=\"cloud\" draw:enhanced-path=\"M ?f1 0 L 9 0 9 9 3 9 3 12 9 12 9 20 0 20 Z N\"/></draw:custom-shape>";
    let page = |shapes: String| format!("<draw:page draw:name=\"x\">{shapes}</draw:page>");
    let pages = [
        page((0..10).map(drawn).collect()),
        page((0..12).map(own).collect()),
        page((0..3).map(drawn).collect()),
        page(cloud.repeat(30)),
    ];
    let content = format!("<office:body><office:drawing>{}</office:drawing></office:body>", pages.concat());
    let bytes = odf("graphics", &content, "", &[]);
    let settings = settings();
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults(), []);
    let found: Vec<(String, usize)> = members(document.as_ref())
        .into_iter()
        .map(|(name, picture)| (name, side_by_side(&picture.expect("drawn"))))
        .collect();
    assert_eq!(found, [("page 1, drawn shapes.png".to_owned(), 10), ("page 2, drawn shapes.png".to_owned(), 12)]);
    // In a text places count from paragraphs.
    let text: String = (0..10).map(|_| drawn(0)).collect();
    let bytes =
        odf("text", &format!("<office:body><office:text><text:p>{text}</text:p></office:text></office:body>"), "", &[]);
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(side_by_side(members(document.as_ref())[0].1.as_ref().expect("drawn")), 10);
}

#[test]
fn what_a_line_goes_through_is_marked() {
    let content = "<office:automatic-styles><style:style style:name=\"T1\" style:family=\"text\"><style:text-properties style:text-line-through-style=\"solid\"/></style:style>\
        <style:style style:name=\"T2\" style:family=\"text\"><style:text-properties style:text-line-through-style=\"none\"/></style:style></office:automatic-styles>\
        <office:body><office:text><text:p><text:span text:style-name=\"T1\">机密★10年</text:span> new</text:p>\
        <text:p><text:span text:style-name=\"T2\">plain</text:span></text:p></office:text></office:body>";
    let pages = read(&odf("text", content, "", &[]));
    assert_eq!(pages, expected(&[("", "[struck out: 机密★10年] new\nplain")]));
}
