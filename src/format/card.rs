//! Calendars and address cards (`.ics`, `.vcf`): lines of fields, as text. Pictures and files written into them are
//! documents of their own.

use crate::config::Settings;
use crate::document::Kind;
use crate::finding::Fault;

use super::mail::message::{Content, Letter, Member, safe};
use super::mail::params::unescaped;
use super::mail::{labels, narrowed, transfer};
use super::text::{Part, TextPages, damage, read_bounded};
use super::{Document, Format, Source, charset, packed};

/// Reads calendars and cards.
pub(super) struct Card;

impl Format for Card {
    fn name(&self) -> &'static str {
        "card"
    }

    fn version(&self) -> u32 {
        4
    }

    fn has_pixels(&self) -> bool {
        false
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["ics", "vcf"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let (bytes, mut faults) = read_bounded(&source, settings)?;
        let decoded = charset::decode(&unfolded(&narrowed(bytes)), None);
        faults.extend(damage(&decoded));
        let (mut text, mut members) = (String::new(), Vec::new());
        let mut lines = decoded.text.lines();
        while let Some(line) = lines.next() {
            let Some(field) = Field::of(line) else {
                text.extend([line, "\n"]);
                continue;
            };
            let mut value = field.value.to_owned();
            if field.has("ENCODING", "QUOTED-PRINTABLE") {
                while value.ends_with('=') {
                    let Some(next) = lines.next() else { break };
                    value.truncate(value.len() - 1);
                    value.push_str(next.trim_start());
                }
            }
            let said = match field.file(&value, members.len() + 1) {
                Some(member) => {
                    let said = format!("({})", member.name);
                    members.push(member);
                    said
                }
                None => field.said(&value),
            };
            text.extend([field.name, ": ", &said, "\n"]);
        }
        faults.extend(packed::fault(&text));
        let held = |file: packed::Packed| Member { name: file.name, content: Content::Held(file.bytes) };
        members.extend(packed::files(&text).into_iter().map(held));
        let parts = vec![Part { label: None, text }];
        Ok(Box::new(Letter::new(TextPages::of_parts(parts, faults, settings), Vec::new(), members)))
    }
}

/// Lines without their folds, of which some cut characters in two.
fn unfolded(bytes: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let folded = matches!(line.first(), Some(b' ' | b'\t')) && !out.is_empty() && !line.trim_ascii().is_empty();
        if folded {
            let end = out.trim_ascii_end().len();
            // Only the line end goes, and not the blanks of the text before it.
            while out.len() > end && matches!(out.last(), Some(b'\n' | b'\r')) {
                out.pop();
            }
        }
        out.extend_from_slice(if folded { &line[1..] } else { line });
    }
    out
}

/// A field with its parameters.
struct Field<'a> {
    name: &'a str,
    params: Vec<(String, String)>,
    value: &'a str,
}

impl<'a> Field<'a> {
    fn of(line: &'a str) -> Option<Self> {
        let mut quoted = false;
        let colon = line.char_indices().find(|(_, c)| {
            quoted ^= *c == '"';
            *c == ':' && !quoted
        });
        let (head, value) = (&line[..colon?.0], &line[colon?.0 + 1..]);
        let mut pieces = head.split(';');
        let name = pieces.next().filter(|name| !name.is_empty() && !name.contains(char::is_whitespace))?;
        let pair = |piece: &str| match piece.split_once('=') {
            Some((name, value)) => (name.to_ascii_uppercase(), value.trim_matches('"').to_owned()),
            // Cards of version 2.1 leave the name out.
            None => match piece.to_ascii_uppercase().as_str() {
                "QUOTED-PRINTABLE" | "BASE64" => ("ENCODING".to_owned(), piece.to_owned()),
                _ => ("TYPE".to_owned(), piece.to_owned()),
            },
        };
        Some(Self { name, params: pieces.map(pair).collect(), value })
    }

    fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|param| param.0 == name).map(|param| param.1.as_str())
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.params.iter().any(|param| param.0 == name && param.1.eq_ignore_ascii_case(value))
    }

    /// The file that a value is.
    fn file(&self, value: &str, number: usize) -> Option<Member> {
        let in_address = value.trim().strip_prefix("data:").and_then(|rest| rest.split_once(','));
        let bytes = match in_address {
            Some((kind, packed)) if kind.ends_with(";base64") => transfer::base64(&unescaped(packed.as_bytes())).bytes,
            Some((_, text)) => unescaped(text.as_bytes()),
            None if self.has("ENCODING", "B") || self.has("ENCODING", "BASE64") => {
                transfer::base64(value.as_bytes()).bytes
            }
            None => return None,
        };
        let named = ["X-FILENAME", "FILENAME", "X-APPLE-FILENAME", "X-ORACLE-FILENAME"];
        let name = named.into_iter().find_map(|name| self.param(name)).map(str::to_owned);
        let ending = self.param("TYPE").or(self.param("FMTTYPE")).unwrap_or("bin").rsplit('/').next();
        let ending = ending.unwrap_or("bin").to_ascii_lowercase();
        let name = name.unwrap_or_else(|| format!("{}-{number}.{ending}", self.name.to_ascii_lowercase()));
        Some(Member { name: safe(&name), content: Content::Held(bytes) })
    }

    /// A value as people read it, and the parameters that are text too.
    fn said(&self, value: &str) -> String {
        let text = if self.has("ENCODING", "QUOTED-PRINTABLE") {
            labels::decode(&transfer::quoted_printable(value.as_bytes()), self.param("CHARSET")).text
        } else {
            value.to_owned()
        };
        let text = text.replace("\\n", "\n").replace("\\N", "\n").replace("\\,", ",").replace("\\;", ";");
        let names = self.params.iter().filter(|param| param.0 == "CN" || param.0 == "ALTREP" || param.0 == "X-TITLE");
        names.fold(text, |text, param| text + " (" + &param.1 + ")")
    }
}

#[cfg(test)]
mod tests {
    use crate::format::test_support::{members, open, settings, texts};
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;

    fn text(bytes: &[u8]) -> String {
        let settings = settings();
        texts(&*open(bytes, &settings).expect("opens")).remove(0).1
    }

    #[test]
    fn fields_are_read_however_they_are_written() {
        let card = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E6=9C=BA=\r\n=E5=AF=86;\r\n\
                    NOTE:one\\, two\\nthree\r\n  folded\r\nTITLE;ENCODING=QUOTED-PRINTABLE;CHARSET=GBK:=BB=FA=C3=DC\r\nEND:VCARD\r\n";
        let text = text(card.as_bytes());
        assert!(text.contains("N: 机密;\n") && text.contains("NOTE: one, two\nthree folded\n"), "{text}");
        assert!(text.contains("TITLE: 机密\n"), "{text}");
    }

    #[test]
    fn characters_cut_by_a_fold_are_whole_again() {
        let bytes = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:机密会议\r\nEND:VEVENT\r\n".as_bytes();
        let at = bytes.len() - 23;
        let folded = [&bytes[..at], b"\r\n ", &bytes[at..]].concat();
        assert!(text(&folded).contains("SUMMARY: 机密会议"));
    }

    #[test]
    fn pictures_and_files_are_documents() {
        let packed = BASE64_STANDARD.encode(b"\x89PNG\r\n\x1a\n a picture");
        let (first, rest) = packed.split_at(12);
        let card = format!(
            "BEGIN:VCALENDAR\r\nPHOTO;ENCODING=b;TYPE=PNG:{first}\r\n {rest}\r\n\
             ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=a.txt:5py65a+G\r\n\
             LOGO:data:image/png;base64,{packed}\r\nDESCRIPTION:marked\r\nEND:VCALENDAR\r\n"
        );
        let settings = settings();
        let document = open(card.as_bytes(), &settings).expect("opens");
        let files = members(&*document);
        let names: Vec<&str> = files.iter().map(|file| file.0.as_str()).collect();
        assert_eq!(names, ["photo-1.png", "a.txt", "logo-3.bin"]);
        assert!(files[0].1.as_deref().expect("there").ends_with(b"a picture"));
        assert_eq!(files[1].1.as_deref(), Ok("机密".as_bytes()));
        assert_eq!((document.faults(), files[2].1 == files[0].1), (vec![], true));
        let odd = format!(
            "BEGIN:VCARD\r\nX-OTHER:{}\r\nEND:VCARD\r\n",
            BASE64_STANDARD.encode("此件不得外传，请各部门遵照执行。".repeat(9))
        );
        let odd = open(odd.as_bytes(), &settings).expect("opens");
        assert_eq!(members(&*odd)[0].0, "base64-1.txt");
    }

    proptest::proptest! {
        #[test]
        fn no_card_makes_the_reader_panic(rest in "([A-Z]{1,5}|[:;=\"\\\\ ]|\r?\n ?|ENCODING=(B|BASE64|QUOTED-PRINTABLE)|data:|=[0-9A-F]{2}|\u{4e00}){0,60}") {
            text(format!("BEGIN:VCARD\r\nNOTE:x\r\n{rest}").as_bytes());
        }
    }
}
