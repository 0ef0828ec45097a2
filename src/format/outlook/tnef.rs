//! `winmail.dat` (TNEF): a message of Outlook's in one attachment, as a list of attributes with properties in them.

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::{Fault, FaultReason};
use crate::format::text::read_bounded;
use crate::format::{Document, Format, Source};

use super::mapi::{Attachment, Item, Props, Value, is_wide, is_zeroed, tag};
use super::wide;

/// Attributes that are read, by type and number.
const FROM: u32 = 0x0000_8000;
const SUBJECT: u32 = 0x0001_8004;
const BODY: u32 = 0x0002_800c;
const DATA: u32 = 0x0006_800f;
const TITLE: u32 = 0x0001_8010;
const BEGINS: u32 = 0x0006_9002;
const PROPERTIES: u32 = 0x0006_9003;
const RECIPIENTS: u32 = 0x0006_9004;
const ATTACHMENT: u32 = 0x0006_9005;
const CODE_PAGE: u32 = 0x0006_9007;

/// Values of one property, and rows of recipients.
const MANY: usize = 10_000;

/// Reads `winmail.dat`.
pub(in crate::format) struct Tnef;

impl Format for Tnef {
    fn name(&self) -> &'static str {
        "tnef"
    }

    fn version(&self) -> u32 {
        6
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["tnef"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, faults) = read_bounded(&source, settings)?;
        let mut item = item(&bytes);
        item.faults.extend(faults);
        Ok(Box::new(item.letter(settings)))
    }
}

/// The message in a file.
fn item(bytes: &[u8]) -> Item {
    let mut item = Item::default();
    let mut file = Cut { bytes: bytes.get(6..).unwrap_or_default() };
    let broken = |what: &str| Fault::whole(FaultReason::Damaged, format!("{what} of winmail.dat is broken"));
    while !file.bytes.is_empty() {
        let Some((id, data, is_sound)) = attribute(&mut file) else {
            item.faults.push(broken("the list of attributes"));
            break;
        };
        let whole = match (id, item.attachments.last_mut()) {
            (CODE_PAGE, _) => {
                item.props.code_page = Cut { bytes: data }.long();
                true
            }
            (FROM | SUBJECT | BODY, _) => {
                let property = if id == SUBJECT { tag::SUBJECT } else { tag::BODY };
                let property = if id == FROM { 0x0042 } else { property };
                item.props.push(property, Value::Narrow(if id == FROM { triple(data) } else { ended(data).to_vec() }));
                true
            }
            (PROPERTIES, _) => properties(&mut Cut { bytes: data }, &mut item.props).is_some(),
            (RECIPIENTS, _) => recipients(data, &mut item).is_some(),
            (BEGINS, _) => {
                let props = Props { code_page: item.props.code_page, ..Props::default() };
                item.attachments.push(Attachment { props, ..Attachment::default() });
                true
            }
            (TITLE, Some(attachment)) => {
                attachment.props.push(tag::SHORT_NAME, Value::Narrow(ended(data).to_vec()));
                true
            }
            (DATA, Some(attachment)) => {
                attachment.props.push(tag::DATA, Value::Binary(data.to_vec()));
                true
            }
            (ATTACHMENT, Some(attachment)) => properties(&mut Cut { bytes: data }, &mut attachment.props).is_some(),
            _ => true,
        };
        if !whole || !is_sound {
            item.faults.push(broken("an attribute"));
        }
    }
    item.attachments.iter_mut().for_each(unwrapped);
    item
}

/// Number and data of the next attribute, and whether it is sound: of the message or of an attachment, its texts without zeros in
/// them, and with the check sum that it says.
fn attribute<'a>(file: &mut Cut<'a>) -> Option<(u32, &'a [u8], bool)> {
    let is_placed = matches!(file.take(1)?, [1 | 2]);
    let id = file.long()?;
    let length = usize::try_from(file.long()?).ok()?;
    let data = file.take(length)?;
    // The last one may lack it.
    let said = file.short();
    let sum = data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    let is_text = matches!(id, SUBJECT | BODY | TITLE);
    let is_sound = is_placed && said.is_none_or(|said| said == sum) && !(is_text && is_zeroed(data));
    Some((id, data, is_sound))
}

/// A text without the zero that ends it; what stands behind another one counts. In UTF-16 a zero byte at the end may be half of a character.
fn ended(text: &[u8]) -> &[u8] {
    text.strip_suffix(if is_wide(text) { b"\0\0".as_slice() } else { b"\0" }).unwrap_or(text)
}

/// The sender in the old attribute: lengths, a name and an address. All that is text in it.
fn triple(data: &[u8]) -> Vec<u8> {
    let texts = data.get(8..).unwrap_or_default().split(|byte| *byte == 0).filter(|text| !text.is_empty());
    texts.collect::<Vec<_>>().join(b" ".as_slice())
}

/// The rows of recipients.
fn recipients(data: &[u8], item: &mut Item) -> Option<()> {
    let mut rows = Cut { bytes: data };
    let count = rows.long()?;
    for _ in 0..usize::try_from(count).ok()?.min(MANY) {
        let mut props = Props { code_page: item.props.code_page, ..Props::default() };
        properties(&mut rows, &mut props)?;
        item.recipients.push(props);
    }
    // More than are read are a fault of the attribute.
    usize::try_from(count).is_ok_and(|count| count <= MANY).then_some(())
}

/// A message or an object lies behind the number of its interface.
fn unwrapped(attachment: &mut Attachment) {
    if attachment.props.number(tag::METHOD) == Some(5) {
        let tnef = attachment.props.binary(tag::DATA).filter(|bytes| bytes.starts_with(b"\x78\x9f\x3e\x22"));
        if let Some(bytes) = tnef {
            attachment.file = Some(Ok(bytes.to_vec()));
            attachment.ending = ".dat";
        }
    }
}

/// Reads a list of properties.
fn properties(list: &mut Cut<'_>, props: &mut Props) -> Option<()> {
    let count = list.long()?;
    for _ in 0..count {
        let kind = list.short()?;
        let id = list.short()?;
        if id >= 0x8000 {
            list.take(16)?;
            if list.long()? == 0 {
                list.take(4)?;
            } else {
                let name = list.sized()?;
                props.names.insert(id, wide(name).trim_matches('\0').to_owned());
            }
        }
        let base = kind & 0x0fff;
        let variable = matches!(base, 0x1e | 0x1f | 0x102 | 0x0d);
        let values = if kind & 0x1000 != 0 || variable { usize::try_from(list.long()?).ok()? } else { 1 };
        for _ in 0..values {
            let value = value(list, base)?;
            props.push(id, value);
        }
    }
    Some(())
}

/// A value of a type.
fn value(list: &mut Cut<'_>, kind: u16) -> Option<Value> {
    Some(match kind {
        0x1e => Value::Narrow(ended(list.sized()?).to_vec()),
        0x1f => Value::Text(wide(list.sized()?)),
        0x102 => Value::Binary(list.sized()?.to_vec()),
        // Sixteen bytes name the interface.
        0x0d => Value::Binary(list.sized()?.get(16..).unwrap_or_default().to_vec()),
        2 => {
            let bytes = list.take(4)?;
            Value::Number(i64::from(i16::from_le_bytes([bytes[0], bytes[1]])))
        }
        3 => Value::Number(i64::from(list.long()?.cast_signed())),
        0x40 => {
            let (low, high) = (u64::from(list.long()?), u64::from(list.long()?));
            Value::Time(high << 32 | low)
        }
        4 | 0x0a | 0x0b => list.take(4).map(|_| Value::Other)?,
        5 | 6 | 7 | 0x14 => list.take(8).map(|_| Value::Other)?,
        0x48 => list.take(16).map(|_| Value::Other)?,
        _ => return None,
    })
}

/// Bytes from which pieces are cut.
struct Cut<'a> {
    bytes: &'a [u8],
}

impl<'a> Cut<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (piece, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(piece)
    }

    fn short(&mut self) -> Option<u16> {
        self.take(2).map(|two| u16::from_le_bytes([two[0], two[1]]))
    }

    fn long(&mut self) -> Option<u32> {
        self.take(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
    }

    /// Bytes with their length before them, filled up to four.
    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.long()?).ok()?;
        let bytes = self.take(length)?;
        let fill = (4 - length % 4) % 4;
        // The last value of a list may lack it.
        let _ = self.take(fill.min(self.bytes.len()));
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::test_support::{members, open, settings, texts};

    fn attribute(level: u8, id: u32, data: &[u8]) -> Vec<u8> {
        let length = u32::try_from(data.len()).expect("short").to_le_bytes();
        let sum = data.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
        [&[level], id.to_le_bytes().as_slice(), &length, data, &sum.to_le_bytes()].concat()
    }

    fn sized(bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(bytes.len()).expect("short").to_le_bytes();
        [length.as_slice(), bytes, &[0; 3][..(4 - bytes.len() % 4) % 4]].concat()
    }

    /// A property of text or bytes.
    fn property(id: u16, kind: u16, bytes: &[u8]) -> Vec<u8> {
        [kind.to_le_bytes().as_slice(), &id.to_le_bytes(), &1_u32.to_le_bytes(), &sized(bytes)].concat()
    }

    fn list(properties: &[Vec<u8>]) -> Vec<u8> {
        [u32::try_from(properties.len()).expect("few").to_le_bytes().to_vec(), properties.concat()].concat()
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    fn file(attributes: &[Vec<u8>]) -> Vec<u8> {
        [b"\x78\x9f\x3e\x22\x01\0".to_vec(), attributes.concat()].concat()
    }

    #[test]
    fn properties_and_attachments_are_read() {
        let gbk = encoding_rs::GBK.encode("机密主题\0").0;
        let name = utf16("msip_labels");
        let length = u32::try_from(name.len()).expect("short").to_le_bytes();
        let named = [
            &[0x1f, 0, 1, 0x80][..],
            &[7; 16],
            &1_u32.to_le_bytes(),
            &length,
            &name,
            &1_u32.to_le_bytes(),
            &sized(&utf16("Label=Secret")),
        ];
        let inner = file(&[attribute(1, SUBJECT, b"inner\0")]);
        let object = property(tag::DATA, 0x0d, &[[9_u8; 16].as_slice(), &inner].concat());
        let method = [&[3, 0, 5, 0x37][..], &5_u32.to_le_bytes()].concat();
        let bytes = file(&[
            attribute(1, CODE_PAGE, &[936_u32.to_le_bytes(), [0; 4]].concat()),
            attribute(1, SUBJECT, &gbk),
            attribute(1, PROPERTIES, &list(&[property(tag::BODY, 0x1f, &utf16("marked in the body")), named.concat()])),
            attribute(
                1,
                RECIPIENTS,
                &[1_u32.to_le_bytes().to_vec(), list(&[property(tag::DISPLAY_NAME, 0x1f, &utf16("Bo"))])].concat(),
            ),
            attribute(2, BEGINS, &[0; 14]),
            attribute(2, TITLE, b"A~1.TXT\0"),
            attribute(2, DATA, b"marked in a file"),
            attribute(2, ATTACHMENT, &list(&[property(tag::LONG_NAME, 0x1f, &utf16("a long name.txt"))])),
            attribute(2, BEGINS, &[0; 14]),
            attribute(2, ATTACHMENT, &list(&[object, method])),
        ]);
        let settings = settings();
        let document = open(&bytes, &settings).expect("opens");
        let text = texts(&*document).remove(0).1;
        for expected in ["机密主题", "marked in the body", "msip_labels: Label=Secret", "To: Bo"] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        let files = members(&*document);
        assert_eq!(files[0].0, "a long name.txt");
        assert_eq!(files[0].1.as_deref().expect("there"), b"marked in a file");
        assert_eq!((files[1].0.as_str(), files[1].1.as_deref()), ("attachment-2.dat", Ok(inner.as_slice())));
        assert_eq!(document.faults(), []);
        assert_eq!(open(&bytes[..bytes.len() - 9], &settings).expect("opens").faults()[0].reason, FaultReason::Damaged);
    }

    #[test]
    fn what_was_zeroed_or_changed_is_a_fault() {
        let bytes = file(&[
            attribute(1, SUBJECT, b"plan\0"),
            attribute(1, BODY, b"TOP SECRET, as everybody knows\0"),
            attribute(1, PROPERTIES, &list(&[property(0x1035, 0x1f, &utf16("another text"))])),
        ]);
        assert_eq!(item(&bytes).faults, []);
        let body = bytes.windows(3).position(|three| three == b"TOP").expect("there");
        // The body, the body with its check sum, the end of it, an attribute as a whole, and a bit.
        for zeroed in [body..body + 31, body..body + 33, body + 8..body + 33, body - 9..body + 33] {
            let mut zeros = bytes.clone();
            zeros[zeroed.clone()].fill(0);
            assert!(!item(&zeros).faults.is_empty(), "{zeroed:?}");
        }
        let mut changed = bytes.clone();
        changed[body] ^= 1;
        assert!(!item(&changed).faults.is_empty());
    }

    #[test]
    fn what_stands_behind_a_zero_is_read() {
        let bytes =
            file(&[attribute(1, SUBJECT, b"plan\0TOP SECRET\0"), attribute(1, BODY, b"one\r\nSEC\0RET\r\ntwo\0")]);
        let settings = settings();
        let document = open(&bytes, &settings).expect("opens");
        let text = texts(&*document).remove(0).1;
        for expected in ["Subject: planTOP SECRET\nplan TOP SECRET\n", "one\nSECRET\nSEC RET\ntwo\n"] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
        assert_eq!(document.faults(), []);
    }

    #[test]
    fn a_text_in_utf_16_where_a_narrow_one_should_be_keeps_its_last_character() {
        let settings = settings();
        let ended = |text: &str| utf16(text);
        let bare = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        let big = |text: &str| text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>();
        let (subject, name, said) = (
            "the plan is TOP SECRET",
            "plan of TOP SECRET",
            "marked in a body of more than fifty letters, behind which stands T一",
        );
        for written in [ended, bare, big] {
            let bytes = file(&[
                attribute(1, SUBJECT, &written(subject)),
                attribute(1, BODY, &written(said)),
                attribute(1, PROPERTIES, &list(&[property(0x0e04, 0x1e, &written("Bo and Li"))])),
                attribute(2, BEGINS, &[0; 14]),
                attribute(2, TITLE, &written(name)),
                attribute(2, DATA, b"x"),
            ]);
            let document = open(&bytes, &settings).expect("opens");
            assert_eq!(document.faults(), []);
            let text = texts(&*document).remove(0).1;
            assert_eq!(text, format!("To: Bo and Li\nSubject: {subject}\n\n{said}\n"));
            assert_eq!(members(&*document)[0].0, name);
        }
    }

    #[test]
    fn zeros_at_the_end_of_a_narrow_text_say_nothing() {
        let settings = settings();
        for end in ["", "\0", "\0\0", "\0\0\0"] {
            let text = |text: &str| format!("{text}{end}").into_bytes();
            let bytes = file(&[
                attribute(1, SUBJECT, &text("plan")),
                attribute(1, BODY, &text("aNb")),
                attribute(1, PROPERTIES, &list(&[property(0x0e04, 0x1e, &text("Bo"))])),
            ]);
            let document = open(&bytes, &settings).expect("opens");
            assert_eq!(document.faults(), [], "{end:?}");
            assert_eq!(texts(&*document).remove(0).1, "To: Bo\nSubject: plan\n\naNb\n", "{end:?}");
        }
    }

    #[test]
    fn a_zero_in_a_piece_of_a_line_does_not_cut_the_line() {
        let name = utf16("house\0label");
        let length = u32::try_from(name.len()).expect("short").to_le_bytes();
        let lead = [&[0x1f, 0, 1, 0x80][..], &[7; 16], &1_u32.to_le_bytes(), &length, &name, &1_u32.to_le_bytes()];
        let named = [lead.concat(), sized(&utf16("TOP SECRET"))].concat();
        let who =
            list(&[property(tag::DISPLAY_NAME, 0x1e, b"Bo\0Li\0"), property(tag::SMTP, 0x1f, &utf16("b@example.org"))]);
        let fields = "X-Old: a\r\nX-Classification: one two three four\0five\r\nX-Label: marked\r\n\r\n";
        let all = list(&[named, property(tag::HEADERS, 0x1f, &utf16(fields))]);
        let bytes = file(&[
            attribute(1, PROPERTIES, &all),
            attribute(1, RECIPIENTS, &[1_u32.to_le_bytes().to_vec(), who].concat()),
        ]);
        let settings = settings();
        let text = texts(&*open(&bytes, &settings).expect("opens")).remove(0).1;
        for expected in [
            "houselabel: TOP SECRET\nhouse label: TOP SECRET\n",
            "To: BoLi <b@example.org>\nTo: Bo Li <b@example.org>\n",
            "X-Classification: one two three fourfive\nX-Label: marked\nX-Classification: one two three four five\n",
        ] {
            assert!(text.contains(expected), "{expected} in {text}");
        }
    }

    #[test]
    fn a_zero_in_a_page_parts_words_and_not_its_markup() {
        let html = b"<html><p>a b c <b class='one two'>TOP\0SECRET</b> x</p><sp\0an class='x'>more</span></html>";
        let bytes = file(&[attribute(1, PROPERTIES, &list(&[property(tag::HTML, 0x102, html)]))]);
        let settings = settings();
        let text = texts(&*open(&bytes, &settings).expect("opens")).remove(0).1;
        assert!(text.contains("a b c TOPSECRET x\nmore\n"), "{text}");
        assert!(text.ends_with("\nb c TOP SECRET x\n\n") || text.ends_with("\na b c TOP SECRET x\n\n"), "{text}");
    }

    #[test]
    fn a_zero_in_a_narrow_text_parts_words_in_its_code_page_and_inside_of_a_character_none() {
        let gbk = encoding_rs::GBK.encode("甲\0乙说，机密").0.into_owned();
        let cut = [&gbk[..gbk.len() - 1], b"\0", &gbk[gbk.len() - 1..]].concat();
        let bytes = file(&[
            attribute(1, CODE_PAGE, &[936_u32.to_le_bytes(), [0; 4]].concat()),
            attribute(1, SUBJECT, &gbk),
            attribute(1, BODY, &cut),
        ]);
        let settings = settings();
        let document = open(&bytes, &settings).expect("opens");
        assert_eq!(document.faults(), []);
        assert_eq!(texts(&*document).remove(0).1, "Subject: 甲乙说，机密\n甲 乙说，机密\n\n甲乙说，机密\n");
    }

    #[test]
    fn more_recipients_than_are_read_are_a_fault() {
        let count = u32::try_from(MANY + 1).expect("fits").to_le_bytes();
        let bytes = file(&[attribute(1, RECIPIENTS, &[count.to_vec(), vec![0; 4 * (MANY + 1)]].concat())]);
        assert_eq!(item(&bytes).faults.len(), 1);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            item(&bytes);
            item(&file(&[attribute(1, PROPERTIES, &bytes), attribute(1, RECIPIENTS, &bytes)]));
        }
    }
}
