//! From bytes of unknown encoding to text: byte order marks, UTF-16 without one, UTF-8, and detection for the rest.
//!
//! Never fails and never drops a line: bytes that no encoding explains become U+FFFD and are counted. Lines of different
//! encodings in one file (logs, concatenated notes) are decoded line by line.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes the detector is shown: it is sure long before.
const DETECT_BYTES: usize = 1 << 20;

/// Bytes in which the declaration of the encoding is looked for; browsers look at 1024.
const CHARSET_REACH: usize = 4096;

/// Decoded text.
pub(crate) struct Decoded {
    /// The characters; NULs are dropped, line ends are `\n`.
    pub(crate) text: String,
    /// The encoding of most of it.
    pub(crate) encoding: &'static Encoding,
    /// Characters that could not be decoded.
    pub(crate) damaged: usize,
}

/// Decodes bytes. `declared` is what the document itself says about its encoding; the bytes may overrule it.
pub(crate) fn decode(bytes: &[u8], declared: Option<&'static Encoding>) -> Decoded {
    if let Some(text) = utf32(bytes) {
        return finish(&text, UTF_8, 0);
    }
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        return decode_as(&bytes[length..], encoding);
    }
    if let Some(encoding) = utf16_without_bom(bytes) {
        return decode_as(bytes, encoding);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        // A U+FFFD that is written down was lost elsewhere; here nothing is.
        return finish(text, UTF_8, 0);
    }
    if let Some(encoding) = declared.filter(|encoding| *encoding != UTF_8) {
        let decoded = decode_as(bytes, encoding);
        if decoded.damaged <= 3 + decoded.text.len() / 1000 {
            return decoded;
        }
    }
    if is_mostly_utf8(bytes) { decode_lines(bytes) } else { decode_as(bytes, guess(bytes)) }
}

/// What a `meta` element or an XML declaration says about the encoding.
pub(crate) fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(CHARSET_REACH)]).to_ascii_lowercase();
    let label = ["charset=", "encoding="].iter().find_map(|key| head.split_once(key))?.1;
    let label = label.trim_start_matches(['"', '\'', ' ']);
    let end = label.find(|c: char| !(c.is_ascii_alphanumeric() || "-_:.".contains(c))).unwrap_or(label.len());
    Encoding::for_label(&label.as_bytes()[..end]).map(Encoding::output_encoding)
}

/// Whether an encoding writes some characters in more than one byte.
pub(crate) fn is_multi_byte(encoding: &'static Encoding) -> bool {
    [GB18030, GBK, BIG5, SHIFT_JIS, EUC_JP, EUC_KR, UTF_8, UTF_16LE, UTF_16BE].contains(&encoding)
}

/// UTF-16 without a byte order mark: NULs on one side of the pairs only, or pairs that are nearly all Han, kana, Hangul
/// and their punctuation.
pub(crate) fn utf16_without_bom(bytes: &[u8]) -> Option<&'static Encoding> {
    let sample = &bytes[..bytes.len().min(4096) & !1];
    let pairs = sample.len() / 2;
    if pairs < 2 || std::str::from_utf8(sample).is_ok_and(|text| !text.contains('\0')) {
        return None;
    }
    let nul = |side: usize| sample.chunks_exact(2).filter(|pair| pair[side] == 0).count();
    let (even, odd) = (nul(0), nul(1));
    let fits = |encoding: &'static Encoding| {
        let (text, errors) = encoding.decode_without_bom_handling(sample);
        let controls = text.chars().filter(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')).count();
        let known = text.chars().filter(|c| is_common_wide(*c)).count();
        (!errors || text.matches(char::REPLACEMENT_CHARACTER).count() <= 1)
            && controls * 50 <= pairs
            && known * 10 >= pairs * 9
    };
    if odd * 10 >= pairs * 3 && even * 50 <= pairs && fits(UTF_16LE) {
        return Some(UTF_16LE);
    }
    if even * 10 >= pairs * 3 && odd * 50 <= pairs && fits(UTF_16BE) {
        return Some(UTF_16BE);
    }
    // Without NULs to tell the sides apart, a handful of pairs proves nothing.
    if pairs < 8 {
        return None;
    }
    let candidates = [UTF_16LE, UTF_16BE];
    let mut fitting =
        candidates.into_iter().filter(|encoding| fits(encoding) && has_wide_punctuation(encoding, sample));
    fitting.next()
}

/// Characters that text in UTF-16 without a mark is made of.
fn is_common_wide(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{a0}'..='\u{24f}' | '\u{2010}'..='\u{203b}'
        | '\u{3000}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{ff00}'..='\u{ffef}')
}

/// Blanks, line ends or ideographic punctuation at the rate of ordinary text: legacy bytes read as pairs have none.
fn has_wide_punctuation(encoding: &'static Encoding, sample: &[u8]) -> bool {
    let (text, _) = encoding.decode_without_bom_handling(sample);
    let marks = text.chars().filter(|c| matches!(c, '\n' | ' ' | '\u{3001}' | '\u{3002}' | '\u{ff0c}' | '\u{ff1a}'));
    marks.count() * 60 >= text.chars().count()
}

/// UTF-32 by its byte order mark; broken code points become U+FFFD.
fn utf32(bytes: &[u8]) -> Option<String> {
    let little = bytes.starts_with(&[0xff, 0xfe, 0, 0]);
    if !little && !bytes.starts_with(&[0, 0, 0xfe, 0xff]) {
        return None;
    }
    let number = |quad: &[u8]| {
        let quad = [quad[0], quad[1], quad[2], quad[3]];
        if little { u32::from_le_bytes(quad) } else { u32::from_be_bytes(quad) }
    };
    let point = |quad| char::from_u32(number(quad)).unwrap_or(char::REPLACEMENT_CHARACTER);
    Some(bytes[4..].chunks_exact(4).map(point).collect())
}

/// The detector's guess; GBK is read as its superset GB18030.
fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(&bytes[..bytes.len().min(DETECT_BYTES)], true);
    let encoding = detector.guess(None, Utf8Detection::Allow);
    if encoding == GBK { GB18030 } else { encoding }
}

/// Whether the lines beyond ASCII are UTF-8 in good part, so that the rest is damage or another encoding.
fn is_mostly_utf8(bytes: &[u8]) -> bool {
    let beyond = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_ascii());
    let (valid, all) = beyond.fold((0_usize, 0_usize), |(valid, all), line| {
        (valid + usize::from(std::str::from_utf8(line).is_ok()), all + 1)
    });
    if all > 1 {
        return valid * 10 >= all * 3;
    }
    // One line: UTF-8 if what is invalid is little beside the sequences that are valid.
    let (good, bad) = bytes.utf8_chunks().fold((0, 0), |(good, bad), chunk| {
        (good + chunk.valid().chars().filter(|c| !c.is_ascii()).count(), bad + usize::from(!chunk.invalid().is_empty()))
    });
    good >= 4 * bad
}

/// UTF-8 where a line is UTF-8, and what the detector makes of all other lines together where it is not.
fn decode_lines(bytes: &[u8]) -> Decoded {
    let is_other = |line: &&[u8]| std::str::from_utf8(line).is_err();
    let lines = || bytes.split_inclusive(|byte| *byte == b'\n');
    let others: Vec<u8> = lines().filter(is_other).take(4096).flatten().copied().collect();
    let other = guess(&others);
    let mut text = String::with_capacity(bytes.len());
    for line in lines() {
        match std::str::from_utf8(line) {
            Ok(line) => text.push_str(line),
            // A line that is UTF-8 but for a few bytes is damaged UTF-8 and not another encoding.
            Err(_) if is_damaged_utf8(line) => text.push_str(&String::from_utf8_lossy(line)),
            Err(_) => text.push_str(&other.decode_without_bom_handling(line).0),
        }
    }
    let damaged = text.matches(char::REPLACEMENT_CHARACTER).count();
    finish(&text, UTF_8, damaged)
}

fn is_damaged_utf8(line: &[u8]) -> bool {
    let (good, bad) = line.utf8_chunks().fold((0, 0), |(good, bad), chunk| {
        (good + chunk.valid().chars().filter(|c| !c.is_ascii()).count(), bad + usize::from(!chunk.invalid().is_empty()))
    });
    good >= 4 * bad
}

fn decode_as(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, errors) = encoding.decode_without_bom_handling(bytes);
    let damaged = if errors { text.matches(char::REPLACEMENT_CHARACTER).count() } else { 0 };
    finish(&text, encoding, damaged)
}

/// Drops NULs, makes line ends `\n`.
fn finish(text: &str, encoding: &'static Encoding, damaged: usize) -> Decoded {
    let text = if text.contains(['\r', '\0']) {
        text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
    } else {
        text.to_owned()
    };
    Decoded { text, encoding, damaged }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn lines_of_different_encodings_in_one_file_are_all_read() {
        let mixed =
            ["会议纪要：第一行\n第二行也是\n".as_bytes(), &GB18030.encode("第三行是另一种编码\n第四行同样如此\n").0]
                .concat();
        assert_eq!(text(&mixed), "会议纪要：第一行\n第二行也是\n第三行是另一种编码\n第四行同样如此\n");
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
