//! Which text a content is, if it is text at all: few control characters, and an encoding that fits.

use encoding_rs::Encoding;

use crate::format::{Dump, charset, packed};

/// Characters of the decoded head in which HTML, XML and header lines are looked for.
const SNIFF_BYTES: usize = 8192;

/// Header fields that only a mail message has which may hold more than the text that is seen. A Usenet post or a memo
/// without them is plain text and loses nothing as such.
const MAIL_FIELDS: &[&str] =
    &["received", "mime-version", "return-path", "delivered-to", "x-mailer", "content-transfer-encoding"];
/// XML vocabularies that hold pictures or other files inside; any other XML is read as the text it is.
const CONTAINERS: &[&str] = &["xdp:xdp", "pkg:package", "w:worddocument", "plist"];
/// Header fields that start a mail message along with one of the above.
const COMMON_FIELDS: &[&str] =
    &["from", "to", "subject", "date", "cc", "sender", "reply-to", "content-type", "message-id"];

/// The kind of text in `head`; none if it is not text. `cut` says that the content goes on behind the head.
pub(super) fn kind(head: &[u8], cut: bool) -> Option<&'static str> {
    if !is_text(head, cut) {
        // Binary values make a dump of a database look like no text.
        let dump = Dump::of(head).filter(|dump| is_text(&dump.rest, cut));
        return dump.map(|_| "text");
    }
    let sniffed = sniffed(head);
    let text = sniffed.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let lower = text.to_ascii_lowercase();
    let root = root(&lower).unwrap_or_default();
    Some(match () {
        () if lower.starts_with("{\\rtf") => "rtf",
        () if is_html(&lower) => "html",
        () if root == "office:document" => "fodf",
        () if root == "fictionbook" => "fb2",
        () if matches!(root, "svg" | "svg:svg") => "svg",
        () if CONTAINERS.contains(&root) => "xml",
        () if lower.starts_with("<?xml") => match () {
            () if lower.contains("<html") => "html",
            // A drawing inside other XML is not looked for.
            () if lower.contains("<svg") || CONTAINERS.iter().any(|name| lower.contains(&format!("<{name}"))) => "xml",
            () => "text",
        },
        () if lower.starts_with("begin:vcalendar") => "ics",
        () if lower.starts_with("begin:vcard") => "vcf",
        () if is_mbox(text) => "mbox",
        () if is_emlx(text) => "emlx",
        () if is_mail(text) || has_mime_parts(head) => "eml",
        () => "text",
    })
}

/// The text by which kinds are told: the beginning, and behind leading comments that are longer as much again.
fn sniffed(head: &[u8]) -> String {
    let decoded = |length: usize| charset::decode(&head[..head.len().min(length)], None).text;
    let begin = decoded(SNIFF_BYTES);
    let comment = |text: &str| text.trim_start().starts_with("<!--");
    let behind_declaration = |text: &str| text.split_once("?>").is_some_and(|(_, behind)| comment(behind));
    let is_led = begin.trim_start_matches('\u{feff}').trim_start();
    if !(comment(is_led) || is_led.starts_with("<?xml") && behind_declaration(is_led)) {
        return begin;
    }
    let mut text = decoded(head.len());
    // The declaration stays, and one comment: it says that this is markup.
    let mut from = if is_led.starts_with("<?xml") { text.find("?>").map_or(0, |end| end + 2) } else { 0 };
    let start = from + text[from..].find("<!--").unwrap_or_default();
    while let Some(end) = text[from..].trim_start_matches('\u{feff}').trim_start().strip_prefix("<!--") {
        let Some((_, behind)) = end.split_once("-->") else { break };
        from = text.len() - behind.len();
    }
    text.replace_range(start..from.max(start), "<!---->");
    text.truncate(text.floor_char_boundary(SNIFF_BYTES));
    text
}

/// The first element of XML in lower case, behind declarations and comments; none if it is no XML.
fn root(lower: &str) -> Option<&str> {
    let mut rest = lower;
    loop {
        rest = rest.trim_start();
        let skipped = match () {
            () if rest.starts_with("<!--") => rest.split_once("-->"),
            () if rest.starts_with("<?") => rest.split_once("?>"),
            () if rest.starts_with("<!doctype") => {
                let (declared, behind) = rest.split_once('>')?;
                if declared.contains('[') {
                    rest.split_once("]>").or(Some((declared, behind)))
                } else {
                    Some((declared, behind))
                }
            }
            () => break,
        };
        rest = skipped?.1;
    }
    let name = rest.strip_prefix('<')?;
    let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).unwrap_or(name.len());
    name.get(..end).filter(|name| name.starts_with(|c: char| c.is_alphabetic()))
}

fn is_html(lower: &str) -> bool {
    let starts =
        ["<!doctype html", "<html", "<head", "<body", "<!--", "<title", "<meta", "<table", "<div", "<p>", "<script"];
    let tags = ["<html", "<body", "<head>", "<!doctype html", "</p>", "</div>", "</table>", "<br"];
    starts.iter().any(|start| lower.starts_with(start)) && tags.iter().any(|tag| lower.contains(tag))
}

/// Field names of the header lines at the start of a message, in lower case; empty if there is none.
fn header_fields(text: &str) -> Vec<String> {
    let mut fields = Vec::new();
    for line in text.lines().take(100) {
        if line.is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) && !fields.is_empty() {
            continue;
        }
        let Some((name, _)) = line.split_once(':') else { break };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            break;
        }
        fields.push(name.to_ascii_lowercase());
    }
    fields
}

fn is_mail(text: &str) -> bool {
    let fields = header_fields(text);
    let count = |known: &[&str]| fields.iter().filter(|field| known.contains(&field.as_str())).count();
    count(MAIL_FIELDS) >= 1 && count(MAIL_FIELDS) + count(COMMON_FIELDS) >= 3
}

/// Lines that begin the parts of a message, wherever they stand, and header lines with encoded words: a message with a
/// damaged header is no plain text, because its attachments would count as read.
fn has_mime_parts(head: &[u8]) -> bool {
    head.split(|byte| *byte == b'\n').any(|line| {
        let line = String::from_utf8_lossy(&line[..line.len().min(1000)]).to_ascii_lowercase();
        let encoded = |value: &str| value.contains("=?") && (value.contains("?b?") || value.contains("?q?"));
        packed::is_message_line(&line)
            || line.split_once(':').is_some_and(|(field, value)| COMMON_FIELDS.contains(&field) && encoded(value))
    })
}

/// `From ` with a time, or with header lines after it.
fn is_mbox(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('\n') else { return false };
    let year = |word: &str| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit());
    let dated = || first.contains(':') && first.split_whitespace().count() >= 6 && first.split_whitespace().any(year);
    first.starts_with("From ") && (header_fields(rest).len() >= 2 || dated())
}

/// A length in digits, and a message after it.
fn is_emlx(text: &str) -> bool {
    let Some((first, rest)) = text.split_once('\n') else { return false };
    let length = first.trim();
    !length.is_empty()
        && length.len() < 12
        && length.bytes().all(|byte| byte.is_ascii_digit())
        && header_fields(rest).iter().filter(|field| COMMON_FIELDS.contains(&field.as_str())).count() >= 2
}

/// Whether bytes are text in some encoding. `cut` says that more follows, so that the last character may be cut in two.
fn is_text(head: &[u8], cut: bool) -> bool {
    if Encoding::for_bom(head).is_some() || charset::utf16_without_bom(head).is_some() {
        return true;
    }
    let control = |byte: &u8| *byte == 0 || charset::is_control(*byte);
    let controls = head.iter().filter(|byte| control(byte)).count();
    let high = head.iter().filter(|byte| **byte >= 0x80).count();
    if charset::too_many(controls, head.len()) {
        return false;
    }
    if high == 0 || is_utf8(head, cut) {
        return true;
    }
    let last_line = head.iter().rposition(|byte| *byte == b'\n').filter(|_| cut);
    let head = last_line.map_or(head, |end| &head[..end]);
    // Legacy encodings have no NUL, and decode with next to no errors; Latin has few high bytes at that.
    let decoded = charset::decode(head, None);
    let errors = decoded.damaged;
    controls <= head.len() / 200
        && errors <= 1 + decoded.text.chars().count() / 50
        && (charset::is_multi_byte(decoded.encoding) || high <= head.len() / 2 || errors + controls == 0)
}

/// Valid UTF-8, but for a character cut off at the end and one stray byte in a hundred.
fn is_utf8(head: &[u8], cut: bool) -> bool {
    let bad: usize = head.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    let ignored = if cut { 3 } else { 0 };
    bad <= ignored + head.len() / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_any_encoding_is_text() {
        let text = "机密文件，不得外传。秘密级文件的传阅范围";
        for label in ["gb18030", "big5", "shift_jis", "euc-kr", "utf-8"] {
            let encoding = Encoding::for_label(label.as_bytes()).expect("known");
            let source = if label == "euc-kr" { "대외비 문서입니다. 반출을 금지합니다." } else { text };
            let source =
                if label == "big5" { "機密文件，不得外傳。秘密級文件的傳閱範圍" } else { source };
            let source =
                if label == "shift_jis" { "これは秘密の文書です。持ち出し禁止。" } else { source };
            assert_eq!(kind(&encoding.encode(source).0, false), Some("text"), "{label}");
        }
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(kind(&wide, false), Some("text"));
        assert_eq!(kind(b"caf\xe9 au lait, d\xe9j\xe0 vu", false), Some("text"));
    }

    #[test]
    fn a_post_without_parts_is_text_and_a_message_with_parts_never_is() {
        let post = "Newsgroups: sci.crypt\nFrom: a\nSubject: b\nMessage-ID: <1>\nLines: 1\n\nhello";
        assert_eq!(kind(post.as_bytes(), false), Some("text"));
        let broken = "quite a broken header\n\nContent-Type: Multipart/mixed; boundary=x\n\n--x\n";
        assert_eq!(kind(broken.as_bytes(), false), Some("eml"));
    }

    #[test]
    fn xml_is_text_unless_it_holds_other_files() {
        assert_eq!(kind(b"<?xml version='1.0'?><feed><title>x</title></feed>", false), Some("text"));
        assert_eq!(kind(b"<?xml version='1.0'?><xdp:xdp xmlns:xdp='x'/>", false), Some("xml"));
        assert_eq!(kind(b"<?xml version='1.0'?><html><body><svg/></body></html>", false), Some("html"));
        assert_eq!(kind(b"<?xml version='1.0'?><book><svg/></book>", false), Some("xml"));
        assert_eq!(kind(b"<!-- drawn --><!DOCTYPE svg [<!ENTITY a 'b>'>]><svg/>", false), Some("svg"));
        assert_eq!(kind(b"<?xml version='1.0'?><office:document office:mimetype='x'/>", false), Some("fodf"));
        assert_eq!(kind(b"<?xml version='1.0'?><FictionBook xmlns='x'/>", false), Some("fb2"));
        assert_eq!(kind(b"<pkg:package xmlns:pkg='x'><pkg:part/></pkg:package>", false), Some("xml"));
    }

    #[test]
    fn a_long_comment_at_the_beginning_hides_no_kind() {
        let licence = format!("<!-- {} -->\n", "licence ".repeat(1200));
        let kind_of = |text: String| kind(text.as_bytes(), false);
        assert_eq!(kind_of(format!("{licence}{licence}<html><body><p>one</p></body></html>")), Some("html"));
        assert_eq!(kind_of(format!("<?xml version='1.0'?>\n{licence}<pkg:package/>")), Some("xml"));
        assert_eq!(kind_of(format!("{licence}<svg/>")), Some("svg"));
        assert_eq!(kind_of(licence.clone()), Some("text"));
        assert_eq!(kind_of(format!("{licence}one, two")), Some("text"));
        assert_eq!(kind_of(licence.replace("-->", "")), Some("text"));
    }

    #[test]
    fn bytes_full_of_control_characters_are_not_text() {
        let noise: Vec<u8> = (0..4000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect();
        assert_eq!(kind(&noise, false), None);
    }

    #[test]
    fn a_memo_with_from_and_to_lines_is_text_and_not_a_message() {
        assert_eq!(kind(b"From: the director\nTo: all\nSubject: parking\n\nHello", false), Some("text"));
        assert_eq!(kind(b"From me Mon Jan 1 10:00:00 2024\nFrom: a\nTo: b\n\nx", false), Some("mbox"));
    }
}
