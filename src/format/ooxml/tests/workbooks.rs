//! Workbooks of Excel.

use std::fmt::Write as _;

use super::*;

/// A workbook of sheets: name, state, XML inside the sheet; with relations of the first one, and parts.
fn workbook(sheets: &[(&str, &str, &str)], first: &[(&str, &str, &str)], parts: &[(&str, &str)]) -> Read {
    let mut list: Vec<(String, &str, String)> = vec![
        ("s".into(), "sharedStrings", "sharedStrings.xml".into()),
        ("t".into(), "styles", "styles.xml".into()),
        ("p".into(), "pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml".into()),
    ];
    let (mut names, mut files) = (String::new(), Vec::new());
    for (number, (name, state, inside)) in (1..).zip(sheets) {
        list.push((format!("r{number}"), "worksheet", format!("worksheets/sheet{number}.xml")));
        let _ = write!(names, "<sheet name='{name}' sheetId='{number}' state='{state}' r:id='r{number}'/>");
        files.push((format!("xl/worksheets/sheet{number}.xml"), format!("<worksheet {SPACES}>{inside}</worksheet>")));
    }
    let list: Vec<(&str, &str, &str)> =
        list.iter().map(|(id, kind, target)| (id.as_str(), *kind, target.as_str())).collect();
    let book = format!(
        "<workbook {SPACES}><sheets>{names}</sheets><definedNames><definedName name='rate'>0.07</definedName></definedNames></workbook>"
    );
    let (links, own) = (relations(&list), relations(first));
    let mut all = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", book.as_str()),
        ("xl/_rels/workbook.xml.rels", links.as_str()),
        ("xl/worksheets/_rels/sheet1.xml.rels", own.as_str()),
    ];
    all.extend(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    all.extend(parts);
    Read::of(&all)
}

const STRINGS: &str =
    "<sst><si><t>first</t></si><si><r><t>机</t></r><r><t>密</t></r><rPh><t>reading</t></rPh></si></sst>";
const STYLES: &str = "<styleSheet><numFmts><numFmt numFmtId='170' formatCode='yyyy-mm-dd'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>\
                      <cellXfs><xf numFmtId='0'/><xf numFmtId='170'/></cellXfs></styleSheet>";

#[test]
fn what_stands_above_names_and_is_no_pronunciation_is_read() {
    let strings = "<sst><si><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></si><si><t>x</t><rPh sb='0' eb='1'><t>機密</t></rPh></si></sst>";
    let cells = "<sheetData><row><c t='s'><v>0</v></c><c t='inlineStr'><is><t>in</t><rPh sb='0' eb='1'><t>TOP SECRET</t></rPh></is></c></row></sheetData>";
    let read = workbook(&[("Plan", "visible", cells)], &[], &[("xl/sharedStrings.xml", strings)]);
    assert_eq!(read.page("readings of names"), "機密\n");
    assert!(read.pages.iter().any(|(_, text)| text.contains("TOP SECRET")), "{:?}", read.pages);
    assert!(!read.pages.iter().any(|(_, text)| text.contains("トウキョウ")), "{:?}", read.pages);
}

#[test]
fn cells_of_every_kind_are_read_and_hidden_sheets_too() {
    let cells = "<sheetData><row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c></row>\
                 <row r='2'><c r='A2' t='inlineStr'><is><t>in</t><t>line</t></is></c><c r='B2' s='1'><v>45292</v></c><c><v>1.10105194912310E+17</v></c></row>\
                 <row r='3'><c r='A3' t='str'><f>A1&amp;B1</f><v>result</v></c><c r='B3'><f>SUM(A1)</f></c><c r='C3' t='b'><v>1</v></c><c r='D3' t='str'><f>X</f><v></v></c></row></sheetData>";
    let hidden = "<sheetData><row><c t='s'><v>1</v></c></row></sheetData>";
    let read = workbook(
        &[
            ("Budget", "visible", cells),
            ("Plan", "hidden", hidden),
            ("Deep", "veryHidden", hidden),
            ("空", "visible", ""),
        ],
        &[],
        &[("xl/sharedStrings.xml", STRINGS), ("xl/styles.xml", STYLES)],
    );
    let expected = "first\t机密\ninline\t2024-01-01\t110105194912310000\nresult\t=SUM(A1)\tTRUE";
    assert_eq!(read.page("sheet \"Budget\""), expected);
    assert_eq!(read.page("sheet \"Plan\", hidden"), "机密");
    assert_eq!(read.page("sheet \"Deep\", very hidden"), "机密");
    assert_eq!(read.page("names"), "sheet: Budget\nsheet: Plan\nsheet: Deep\nsheet: 空\nrate: 0.07");
    assert_eq!(read.faults, []);
}

#[test]
fn headers_comments_boxes_lists_and_pivot_data_are_read() {
    let sheet = "<sheetData><row><c><v>1</v></c></row></sheetData><dataValidations><dataValidation prompt='choose well'><formula1>\"秘密,内部\"</formula1>\
                 </dataValidation></dataValidations><hyperlinks><hyperlink ref='A1' tooltip='a tip'/></hyperlinks>\
                 <headerFooter><oddHeader>&amp;L&amp;\"Arial\"机密&amp;R&amp;P</oddHeader><oddFooter>&amp;Cfoot &amp;&amp; rest</oddFooter>\
                 <firstHeader>first head</firstHeader></headerFooter>";
    let list = [
        ("c", "comments", "../comments1.xml"),
        ("t", "threadedComment", "../threadedComments/threadedComment1.xml"),
        ("d", "drawing", "../drawings/drawing1.xml"),
        ("v", "vmlDrawing", "../drawings/vmlDrawing1.vml"),
    ];
    let links = relations(&[("c", "chart", "../charts/chart1.xml")]);
    let drawing = format!(
        "<xdr:wsDr {SPACES}><xdr:sp><xdr:cNvPr descr='alt words'/><xdr:txBody><a:p><a:r><a:t>box words</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:wsDr>"
    );
    let read = workbook(
        &[("A", "visible", sheet)],
        &list,
        &[
            (
                "xl/comments1.xml",
                "<comments><authors><author>Li</author></authors><commentList><comment ref='B2'><text><r><t>said </t></r><r><t>here</t></r></text></comment></commentList></comments>",
            ),
            (
                "xl/threadedComments/threadedComment1.xml",
                "<ThreadedComments><threadedComment ref='C3'><text>said in a thread</text></threadedComment></ThreadedComments>",
            ),
            ("xl/drawings/drawing1.xml", &drawing),
            ("xl/drawings/_rels/drawing1.xml.rels", &links),
            (
                "xl/charts/chart1.xml",
                "<c:chartSpace xmlns:c='c' xmlns:a='a'><a:p><a:t>chart title</a:t></a:p></c:chartSpace>",
            ),
            (
                "xl/drawings/vmlDrawing1.vml",
                "<xml><v:shape title='a button'><v:textbox><div>caption<br></div></v:textbox><x:Anchor>1, 2</x:Anchor></v:shape></xml>",
            ),
            (
                "xl/pivotCache/pivotCacheDefinition1.xml",
                "<p><cacheFields><cacheField name='Name'><sharedItems><s v='王小明'/></sharedItems></cacheField></cacheFields></p>",
            ),
            (
                "xl/connections.xml",
                "<connections><connection><dbPr connection='Password=hunter2'/></connection></connections>",
            ),
            ("xl/externalLinks/externalLink1.xml", "<a><sheetName val='Other'/><cell><v>copied</v></cell></a>"),
            ("xl/calcChain.xml", "<calcChain>nothing</calcChain>"),
            ("xl/printerSettings/printerSettings1.bin", "nothing"),
        ],
    );
    assert_eq!(read.page("sheet \"A\""), "机密\nfirst head\n1\nfoot & rest");
    assert_eq!(read.page("sheet \"A\", lists and tips"), "choose well\n秘密\t内部\na tip");
    assert_eq!(read.page("sheet \"A\", comments"), "Li\nB2\tsaid here");
    assert!(read.texts().contains(&"C3\tsaid in a thread"));
    assert_eq!(read.page("sheet \"A\", drawing"), "alt words\nbox words");
    assert_eq!(read.page("sheet \"A\", chart"), "chart title");
    assert!(read.texts().contains(&"a button\ncaption"), "{:?}", read.pages);
    assert_eq!(read.page("data of pivot tables"), "Name\t王小明");
    assert_eq!(read.page("part xl/connections.xml"), "Password=hunter2");
    assert_eq!(read.page("part xl/externalLinks/externalLink1.xml"), "Other\ncopied");
    assert_eq!((read.faults, read.members), (vec![], vec![]));
}

#[test]
fn long_sheets_are_cut_into_ranges_that_say_where_and_have_the_header_each() {
    let row = |n: u32| {
        format!("<row r='{n}'><c r='B{n}'><v>{n}</v></c><c r='AA{n}' t='str'><v>some words of a row</v></c></row>")
    };
    let rows: String = (1..=1000).map(row).collect();
    let sheet = format!("<sheetData>{rows}</sheetData><headerFooter><oddHeader>&amp;CTOP</oddHeader></headerFooter>");
    let read = workbook(&[("Long", "visible", &sheet)], &[], &[]);
    let labels: Vec<&str> = read.pages.iter().map(|(label, _)| label.as_str()).collect();
    assert!(labels[0].starts_with("sheet \"Long\" B1:AA") && labels[1].contains(" B2"), "{labels:?}");
    let mut ranges = read.pages.iter().filter(|(label, _)| label.starts_with("sheet"));
    assert!(ranges.clone().count() > 3 && ranges.clone().all(|(_, text)| text.starts_with("TOP\n")));
    assert!(ranges.next_back().expect("ranges").1.ends_with("1000\tsome words of a row"));
}

#[test]
fn a_string_that_is_used_a_million_times_stays_within_the_limit() {
    let mut settings = Settings::defaults();
    settings.limits.content_text_bytes = 1_000_000;
    let long = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(30_000));
    let sheet =
        format!("<worksheet><sheetData>{}</sheetData></worksheet>", "<row><c t='s'><v>0</v></c></row>".repeat(10_000));
    let book = format!("<workbook {SPACES}><sheet name='a' r:id='r1'/></workbook>");
    let links = relations(&[("r1", "worksheet", "worksheets/sheet1.xml"), ("s", "sharedStrings", "sharedStrings.xml")]);
    let bytes = package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", links.as_bytes()),
        ("xl/sharedStrings.xml", long.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ]);
    let document = open(&bytes, &settings).expect("opens");
    assert_eq!(document.faults().len(), 1, "{:?}", document.faults());
    assert!(document.faults()[0].detail.contains("content_text_bytes = 1000000"));
}

#[test]
fn a_cell_without_its_string_is_damage() {
    let read = workbook(&[("a", "visible", "<sheetData><row><c t='s'><v>7</v></c></row></sheetData>")], &[], &[]);
    assert_eq!(read.faults.len(), 1);
}

/// A record of a binary workbook.
pub(super) fn record(kind: u16, bytes: &[u8]) -> Vec<u8> {
    let [low, high] = [kind & 0x7f, kind >> 7].map(|half| u8::try_from(half).expect("fits"));
    let kind = if high == 0 { vec![low] } else { vec![low | 0x80, high] };
    let length = [bytes.len() & 0x7f, bytes.len() >> 7].map(|half| u8::try_from(half).expect("fits"));
    [kind, vec![length[0] | 0x80, length[1]], bytes.to_vec()].concat()
}

pub(super) fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [&u32::try_from(units.len() / 2).expect("short").to_le_bytes(), units.as_slice()].concat()
}

#[test]
fn binary_workbooks_are_read_with_headers_and_comments() {
    let cell = |kind, column: u32, style: u32, value: &[u8]| {
        record(kind, &[&column.to_le_bytes()[..], &style.to_le_bytes(), value].concat())
    };
    let book = record(156, &[&[2, 0, 0, 0, 1, 0, 0, 0][..], &wide("r1"), &wide("Budget")].concat());
    let strings = record(19, &[&[0][..], &wide("shared 机密")].concat());
    let styles = [
        record(44, &[&170_u16.to_le_bytes()[..], &wide("yyyy-mm-dd")].concat()),
        record(617, &[]),
        record(47, &[0, 0, 0, 0]),
        record(47, &[&[0, 0][..], &170_u16.to_le_bytes()].concat()),
        record(618, &[]),
    ]
    .concat();
    let nothing = [255; 4];
    let head = [&[0, 0][..], &wide("&C绝密"), &nothing, &nothing, &wide("even foot"), &nothing, &nothing].concat();
    let sheet = [
        record(0, &0_u32.to_le_bytes()),
        cell(7, 0, 0, &0_u32.to_le_bytes()),
        cell(6, 1, 0, &wide("written")),
        record(0, &4_u32.to_le_bytes()),
        cell(2, 0, 1, &(45_292_u32 << 2 | 2).to_le_bytes()),
        cell(5, 2, 0, &1.5_f64.to_le_bytes()),
        record(479, &head),
        record(64, &[&[1, 2][..], &wide("choose well")].concat()),
    ]
    .concat();
    let (links, own) = (
        relations(&[
            ("r1", "worksheet", "worksheets/sheet1.bin"),
            ("a", "sharedStrings", "sharedStrings.bin"),
            ("b", "styles", "styles.bin"),
        ]),
        relations(&[("c", "comments", "../comments1.bin")]),
    );
    let read = Read::of_bytes(&package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", relations(&[("w", "officeDocument", "xl/workbook.bin")]).as_bytes()),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", links.as_bytes()),
        ("xl/sharedStrings.bin", &strings),
        ("xl/styles.bin", &styles),
        ("xl/worksheets/sheet1.bin", &sheet),
        ("xl/worksheets/_rels/sheet1.bin.rels", own.as_bytes()),
        ("xl/comments1.bin", &record(637, &[&[0][..], &wide("said in a comment")].concat())),
        ("xl/externalLinks/externalLink1.bin", &record(5, &wide("of another book"))),
        ("xl/embeddings/oleObject1.bin", b"object"),
        ("xl/vbaProject.bin", b"macros"),
    ]));
    assert_eq!(read.page("sheet \"Budget\", very hidden"), "绝密\nshared 机密\twritten\n2024-01-01\t1.5\neven foot");
    assert_eq!(read.page("sheet \"Budget\", very hidden, lists and tips"), "choose well");
    assert_eq!(read.page("sheet \"Budget\", very hidden, comments"), "said in a comment");
    assert_eq!(read.page("part xl/externalLinks/externalLink1.bin"), "of another book");
    assert_eq!(read.page("names"), "sheet: Budget");
    assert_eq!(read.members, ["xl/embeddings/oleObject1.bin", "xl/vbaProject.bin"]);
    assert_eq!(read.faults, []);
    let broken = [&sheet[..], &[0x80]].concat();
    let read = Read::of_bytes(&package(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("xl/workbook.bin", &book),
        ("xl/_rels/workbook.bin.rels", links.as_bytes()),
        ("xl/worksheets/sheet1.bin", &broken),
    ]));
    assert!(!read.faults.is_empty());
}

#[test]
fn words_in_formats_of_numbers_are_read_with_the_cells_that_show_them() {
    let styles = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='&quot;TOP SECRET&quot;'/>\
                  <numFmt numFmtId='165' formatCode='General;General;General;&quot;SECRET &quot;@'/>\
                  <numFmt numFmtId='166' formatCode='0&quot; in no cell&quot;'/></numFmts>\
                  <cellXfs><xf numFmtId='0'/><xf numFmtId='164'/><xf numFmtId='165'/><xf numFmtId='166'/></cellXfs>\
                  <dxfs><dxf><numFmt numFmtId='164' formatCode='&quot;under a condition&quot;'/></dxf></dxfs></styleSheet>";
    let cells = "<sheetData><row r='1'><c r='A1' s='1'><v>1</v></c></row>\
                 <row r='2'><c r='A2' s='2' t='s'><v>0</v></c><c r='B2' s='2' t='inlineStr'><is><t>plan</t></is></c><c r='C2' s='2'><v>7</v></c></row></sheetData>\
                 <conditionalFormatting sqref='A1'><cfRule type='containsText' text='looked for'><formula>NOT(ISERROR(SEARCH(\"found text\",A1)))</formula></cfRule></conditionalFormatting>";
    let read = workbook(
        &[("A", "visible", cells)],
        &[],
        &[("xl/styles.xml", styles), ("xl/sharedStrings.xml", "<sst><si><t>first</t></si></sst>")],
    );
    assert_eq!(read.page("sheet \"A\""), "TOP SECRET\t1\nSECRET first\tSECRET plan\t7");
    assert_eq!(read.page("words in formats of numbers"), "in no cell\nunder a condition");
    assert_eq!(read.page("sheet \"A\", lists and tips"), "looked for\nfound text");
    assert_eq!(read.faults, []);
}

#[test]
fn captions_and_items_of_controls_are_read() {
    let list = [
        ("q", "slicer", "../slicers/slicer1.xml"),
        ("c", "ctrlProp", "../ctrlProps/ctrlProp1.xml"),
        ("p", "pivotTable", "../pivotTables/pivotTable1.xml"),
        ("d", "drawing", "../drawings/drawing1.xml"),
    ];
    let links = relations(&[("c", "chart", "../charts/chart1.xml")]);
    let read = workbook(
        &[("A", "visible", "<sheetData/>")],
        &list,
        &[
            ("xl/slicers/slicer1.xml", "<slicers><slicer name='a' cache='c' caption='SECRETS'/></slicers>"),
            ("xl/ctrlProps/ctrlProp1.xml", "<formControlPr><itemLst><item val='choice'/></itemLst></formControlPr>"),
            (
                "xl/pivotTables/pivotTable1.xml",
                "<pivotTableDefinition dataCaption='Values' name='PivotTable1' note='a phrase of words' path='C:\\two words'><dataField name='sums'/></pivotTableDefinition>",
            ),
            ("xl/drawings/drawing1.xml", "<xdr:wsDr/>"),
            ("xl/drawings/_rels/drawing1.xml.rels", &links),
            (
                "xl/charts/chart1.xml",
                "<c:chartSpace><c:valAx><c:numFmt formatCode='0&quot; of secrets&quot;'/></c:valAx></c:chartSpace>",
            ),
        ],
    );
    assert_eq!(read.page("part xl/slicers/slicer1.xml"), "SECRETS");
    assert_eq!(read.page("part xl/ctrlProps/ctrlProp1.xml"), "choice");
    assert_eq!(read.page("part xl/pivotTables/pivotTable1.xml"), "Values\na phrase of words\nsums");
    assert_eq!(read.page("sheet \"A\", chart"), "of secrets");
}
