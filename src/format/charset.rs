//! From bytes of unknown encoding to text: byte order marks, UTF-16 without one, UTF-8, and detection for the rest.
//!
//! Never fails and never drops a line. The beginning does not decide for the whole: a content is cut into stretches of
//! wide (UTF-16) and narrow (everything else) text, and narrow ones are detected window by window ([`narrow`]). What no
//! encoding explains becomes U+FFFD and is counted, and so is what is no text at all: the reader makes both a fault. A
//! legacy encoding of one byte a character explains nearly all bytes, so a wrong guess among those cannot be seen.

mod narrow;
mod old;
mod wide;

use std::borrow::Cow;
use std::ops::Range;

use super::zeros;

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

pub(crate) use wide::without_bom as utf16_without_bom;

/// Bytes in which the declaration of the encoding is looked for; browsers look at 1024.
const CHARSET_REACH: usize = 4096;

/// Bytes, to the next line end, that are looked at together when it is asked whether they are text.
const BLOCK: usize = 4096;

/// Decoded text.
pub(crate) struct Decoded {
    /// The characters; NULs are dropped, line ends are `\n`.
    pub(crate) text: String,
    /// The encoding of the first stretch, and of most of the text unless it is mixed.
    pub(crate) encoding: &'static Encoding,
    /// Characters that could not be decoded.
    pub(crate) damaged: usize,
    /// Bytes that are no text but for their few letters, and where the first of them stands.
    pub(crate) binary: Option<(usize, usize)>,
    /// Zero bytes in long runs, as a lost sector or a cut of the power leaves them.
    pub(crate) zeroed: usize,
}

impl Decoded {
    fn binary(&mut self, at: usize, bytes: usize) {
        let (first, before) = self.binary.unwrap_or((at, 0));
        self.binary = Some((first, before + bytes));
    }
}

/// Decodes bytes. `declared` is what the document itself says about its encoding; the bytes may overrule it.
pub(crate) fn decode(bytes: &[u8], declared: Option<&'static Encoding>) -> Decoded {
    decode_any(Cow::Borrowed(bytes), declared)
}

/// The same of bytes that are not wanted any more: those of large documents would stand in memory beside their text, and
/// where they are UTF-8 they become the text.
pub(crate) fn decode_owned(bytes: Vec<u8>, declared: Option<&'static Encoding>) -> Decoded {
    decode_any(Cow::Owned(bytes), declared)
}

fn decode_any(bytes: Cow<'_, [u8]>, declared: Option<&'static Encoding>) -> Decoded {
    let zeroed = zeros::in_raw(&bytes);
    if let Some((text, damaged)) = wide::utf32(&bytes) {
        return Decoded { text: finish(text), encoding: UTF_8, damaged, binary: None, zeroed };
    }
    let mut decoded = Decoded { text: String::new(), encoding: UTF_8, damaged: 0, binary: None, zeroed };
    let stretches = stretches(&bytes);
    if matches!(stretches.as_slice(), [(None, _)]) && narrow::is_plain(&bytes) {
        for binary in binary_blocks(&bytes) {
            decoded.binary(binary.start, binary.len());
        }
        decoded.text = finish(String::from_utf8(bytes.into_owned()).expect("it was just found to be UTF-8"));
        return decoded;
    }
    for (index, (wide, range)) in stretches.into_iter().enumerate() {
        let piece = &bytes[range.clone()];
        let encoding = match wide {
            Some(encoding) => {
                decoded.damaged += wide::decode(piece, encoding, &mut decoded.text);
                encoding
            }
            None => {
                for binary in binary_blocks(piece) {
                    decoded.binary(range.start + binary.start, binary.len());
                }
                let (encoding, damaged) = narrow::decode(piece, declared, &mut decoded.text);
                decoded.damaged += damaged;
                encoding
            }
        };
        if index == 0 {
            decoded.encoding = encoding;
        }
    }
    decoded.text = finish(decoded.text);
    decoded
}

/// What a `meta` element or an XML declaration says about the encoding.
pub(crate) fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label(label(bytes)?.as_bytes()).map(Encoding::output_encoding)
}

/// What it calls the encoding, in small letters.
pub(crate) fn label(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(CHARSET_REACH)]).to_ascii_lowercase();
    let label = ["charset=", "encoding="].iter().find_map(|key| head.split_once(key))?.1;
    let label = label.trim_start_matches(['"', '\'', ' ']);
    let end = label.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c))).unwrap_or(label.len());
    label.get(..end).map(str::to_owned)
}

/// Whether an encoding writes some characters in more than one byte.
pub(crate) fn is_multi_byte(encoding: &'static Encoding) -> bool {
    [GB18030, GBK, BIG5, SHIFT_JIS, EUC_JP, EUC_KR, UTF_8, UTF_16LE, UTF_16BE].contains(&encoding)
}

/// Control characters that text does not have. NUL is not among them, because it also pads, nor are backspaces, with
/// which manual pages are printed bold.
pub(crate) fn is_control(byte: u8) -> bool {
    (byte < 0x20 && !matches!(byte, 0 | 8 | b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)) || byte == 0x7f
}

/// More control characters than text has: one per cent, but a lone one must not make a short note unreadable.
pub(crate) fn too_many(controls: usize, bytes: usize) -> bool {
    controls > 1 + bytes / 100
}

/// The stretches of a content, wide ones with their encoding.
fn stretches(bytes: &[u8]) -> Vec<(Option<&'static Encoding>, Range<usize>)> {
    let mut stretches = Vec::new();
    let mut at = 0;
    let mut next = wide::starts(bytes);
    while at < bytes.len() {
        let end = match next {
            Some(encoding) => at + wide::length(&bytes[at..], encoding),
            None => wide::find(&bytes[at..]).map_or(bytes.len(), |found| at + found),
        };
        stretches.push((next, at..end));
        // A wide stretch ends where narrow text, or wide text of the other order with its mark, begins.
        next = if next.is_some() { wide::marked(&bytes[end..]) } else { wide::starts(&bytes[end..]) };
        at = end;
    }
    stretches
}

/// The blocks of narrow bytes that are no text.
fn binary_blocks(bytes: &[u8]) -> Vec<Range<usize>> {
    let mut blocks = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let full = (start + BLOCK).min(bytes.len());
        let end = bytes[full..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |line| full + line + 1);
        let controls = bytes[start..end].iter().filter(|byte| is_control(**byte)).count();
        if too_many(controls, end - start) {
            blocks.push(start..end);
        }
        start = end;
    }
    blocks
}

/// Drops NULs and marks of byte order, makes line ends `\n`. In place: texts are large.
fn finish(text: String) -> String {
    if !text.contains(['\r', '\0', '\u{feff}']) {
        return text;
    }
    let mut bytes = text.into_bytes();
    let (mut from, mut to) = (0, 0);
    while let Some(first) = bytes.get(from).copied() {
        let (kept, length) = match &bytes[from..] {
            [b'\r', b'\n', ..] => (Some(b'\n'), 2),
            [b'\r', ..] => (Some(b'\n'), 1),
            [0, ..] => (None, 1),
            // U+FEFF: no other character has these bytes in it.
            [0xef, 0xbb, 0xbf, ..] => (None, 3),
            _ => (Some(first), 1),
        };
        if let Some(kept) = kept {
            bytes[to] = kept;
            to += 1;
        }
        from += length;
    }
    bytes.truncate(to);
    String::from_utf8(bytes).expect("whole characters were taken out")
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::WINDOWS_1252;

    fn text(bytes: &[u8]) -> String {
        decode(bytes, None).text
    }

    #[test]
    fn utf16_is_read_with_and_without_a_byte_order_mark() {
        for sample in ["Secret\nfile", "机密文件，不得外传。各部门：请传阅。", "密级: 机密\nLevel: secret"]
        {
            let little: Vec<u8> = sample.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let big: Vec<u8> = sample.encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(text(&little), sample);
            assert_eq!(text(&big), sample);
            assert_eq!(text(&[b"\xff\xfe", little.as_slice()].concat()), sample);
        }
    }

    #[test]
    fn legacy_chinese_is_detected_even_when_short() {
        assert_eq!(text(&GB18030.encode("机密文件").0), "机密文件");
        assert_eq!(text(&GB18030.encode("㐀 rare 机密").0), "㐀 rare 机密");
        assert_eq!(text(&BIG5.encode("機密文件，不得外傳").0), "機密文件，不得外傳");
    }

    /// An encoder of one stretch.
    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    #[test]
    fn whatever_begins_another_encoding_far_in_is_read() {
        let log = b"all is well here today\n".repeat(100_000);
        let latin = WINDOWS_1252.encode("Voilà, le café est prêt à être servi.\n").0.repeat(3000);
        let wide_log = wide(&"普通的中文文本，没有什么特别的地方。\n".repeat(500));
        let simple = "绝密文件，不得外传，请各部门遵照执行。\n";
        let traditional = "絕密文件，不得外傳，請各部門遵照執行。\n";
        let turned: Vec<u8> = simple.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let gb = |text: &str, times| GB18030.encode(text).0.repeat(times);
        let big5 = |text: &str, times| BIG5.encode(text).0.repeat(times);
        let cases: &[(&[u8], &[u8], &str)] = &[
            (&log, &gb(simple, 3), simple),
            (&log, &big5(traditional, 3), traditional),
            (&log, &wide(simple), simple),
            (&log, &turned, simple),
            (&log, &[b"\xff\xfe".as_slice(), &wide(simple)].concat(), simple),
            (&latin, &gb(simple, 1), simple),
            (&gb(simple, 3000), &big5(traditional, 300), traditional),
            (&wide_log, simple.as_bytes(), simple),
            (&wide_log, &gb(simple, 9), simple),
            (&wide_log, b"TOP SECRET: not to be given to anybody at all\n", "TOP SECRET: not to be given"),
            (&[b"\xff\xfe".as_slice(), &wide_log].concat(), &[b"\xfe\xff".as_slice(), &turned].concat(), simple),
        ];
        for (index, (before, after, expected)) in cases.iter().enumerate() {
            let decoded = decode(&[*before, *after].concat(), None);
            assert!(decoded.text.contains(expected), "case {index}");
            assert!(decoded.damaged <= 3, "case {index}: {} of {}", decoded.damaged, decoded.text.len());
        }
    }

    #[test]
    fn a_stray_byte_does_not_spoil_the_encoding_of_the_rest() {
        let note = GB18030.encode("机密文件\n关于某项目的通知\n请各部门遵照执行\n不得外传\n").0;
        let decoded = decode(&[&note, b"\xff\n".as_slice(), &note].concat(), None);
        assert!(decoded.text.starts_with("机密文件\n关于某项目的通知"));
        assert_eq!(decoded.damaged, 1);
    }

    #[test]
    fn broken_wide_characters_are_counted() {
        let text: Vec<u8> = "hello".chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
        let whole = [b"\xff\xfe\0\0".as_slice(), &text].concat();
        assert_eq!(decode(&whole, None).damaged, 0);
        assert_eq!(decode(&[&whole, [0xff; 8].as_slice()].concat(), None).damaged, 2);
        assert_eq!(decode(&[&whole, [0; 2].as_slice()].concat(), None).damaged, 1);
        assert_eq!(decode(b"\xff\xfeh\0e\0\0\xd8l\0l\0o\0", None).damaged, 1);
    }

    #[test]
    fn escape_sequences_of_japanese_mail_are_followed_and_unknown_ones_counted() {
        assert_eq!(text(b"\x1b$B5!L)\x1b(B\n"), "機密\n");
        assert_eq!(decode(b"\x1b$)A\x0e;zC\x0f\n", None).damaged, 1);
    }

    #[test]
    fn lines_of_different_encodings_in_one_file_are_all_read() {
        let mixed =
            ["会议纪要：第一行\n第二行也是\n".as_bytes(), &GB18030.encode("第三行是另一种编码\n第四行同样如此\n").0]
                .concat();
        assert_eq!(text(&mixed), "会议纪要：第一行\n第二行也是\n第三行是另一种编码\n第四行同样如此\n");
    }

    #[test]
    fn bytes_that_are_given_away_become_the_text_and_are_read_as_others_are() {
        let utf8 = "机密 all is well\n".repeat(100);
        let bytes = utf8.clone().into_bytes();
        let at = bytes.as_ptr();
        let decoded = decode_owned(bytes, None);
        assert_eq!((decoded.text.as_ptr(), decoded.text.as_str()), (at, utf8.as_str()), "no second copy is made");
        let foreign = GB18030.encode("机密文件，不得外传\r\n各部门：请传阅\n").0.repeat(9);
        let cases =
            [&b"a\r\nb\rc\r\r\n\0d\n"[..], b"\xef\xbb\xbfone\xef\xbb\xbf two", &foreign, b"\xff\xfea\0\n\0", b""];
        for bytes in cases {
            let (owned, borrowed) = (decode_owned(bytes.to_vec(), None), decode(bytes, None));
            assert_eq!((owned.text, owned.damaged, owned.binary), (borrowed.text, borrowed.damaged, borrowed.binary));
        }
        assert_eq!(text(cases[0]), "a\nb\nc\n\nd\n");
        assert_eq!(text(cases[1]), "one two");
    }

    #[test]
    fn nuls_and_broken_sequences_lose_nothing_else() {
        assert_eq!(text(b"top\0 secret\r\nline"), "top secret\nline");
        let decoded = decode(
            "机密\u{0}文件很多字在此处。".as_bytes().iter().copied().chain([0xff]).collect::<Vec<_>>().as_slice(),
            None,
        );
        assert!(decoded.text.starts_with("机密文件很多字"), "damage at the end leaves the start alone");
        assert_eq!(decoded.damaged, 1);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_decoding_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..600)) {
            decode(&bytes, None);
        }
    }
}
