//! How parts are packed for the way: base64, quoted-printable, uuencode. Everything is decoded as far as it goes, and what
//! is no part of the packing is given back as text.

use base64::Engine as _;

use crate::format::packed::LENIENT;

/// A packing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Transfer {
    /// None.
    Plain,
    Base64,
    QuotedPrintable,
    Uuencode,
    /// One that is not known.
    Unknown,
}

impl Transfer {
    /// What `Content-Transfer-Encoding` says.
    pub(super) fn of(value: &str) -> Self {
        let value = value.trim().trim_matches('"').to_ascii_lowercase();
        match value.split([';', ' ', '(']).next().unwrap_or_default() {
            "" | "7bit" | "8bit" | "7-bit" | "8-bit" | "binary" | "7bits" | "8bits" | "none" | "us-ascii" | "utf-8" => {
                Self::Plain
            }
            "base64" => Self::Base64,
            "quoted-printable" => Self::QuotedPrintable,
            "uuencode" | "x-uuencode" | "uue" | "x-uue" => Self::Uuencode,
            _ => Self::Unknown,
        }
    }

    /// Unpacks.
    pub(super) fn decode(self, bytes: &[u8]) -> Unpacked {
        match self {
            Self::Plain | Self::Unknown => Unpacked { bytes: bytes.to_vec(), ..Unpacked::default() },
            Self::Base64 => base64(bytes),
            Self::QuotedPrintable => Unpacked { bytes: quoted_printable(bytes), ..Unpacked::default() },
            Self::Uuencode => {
                let (text, blocks) = uuencoded(bytes);
                let stray = String::from_utf8_lossy(&text).into_owned();
                match blocks.into_iter().next() {
                    Some(block) => Unpacked { bytes: block.bytes, stray, damaged: !block.closed },
                    None => Unpacked { bytes: bytes.to_vec(), stray: String::new(), damaged: true },
                }
            }
        }
    }
}

/// What was packed.
#[derive(Debug, Default)]
pub(in crate::format) struct Unpacked {
    pub(in crate::format) bytes: Vec<u8>,
    /// Lines that are not of the packing, as a mailing list adds them.
    pub(super) stray: String,
    /// Something is missing.
    pub(super) damaged: bool,
}

/// Characters of a line of base64 that is not the last one; words are shorter.
const FULL: usize = 60;

/// A character of base64.
pub(in crate::format) fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Base64 in lines of any length. A line with other characters is text, unless it is mostly base64 with some bytes lost: then
/// it is damaged and both.
pub(in crate::format) fn base64(bytes: &[u8]) -> Unpacked {
    let mut unpacked = Unpacked { bytes: Vec::with_capacity(bytes.len() / 4 * 3), ..Unpacked::default() };
    let mut group: Vec<u8> = Vec::with_capacity(4096);
    // A line goes on with what the line before it began.
    let mut goes_on = true;
    let lines = bytes.split(|byte| *byte == b'\n').flat_map(|line| line.trim_ascii_end().split(|byte| *byte == b'\r'));
    for line in lines {
        let line = line.trim_ascii();
        if !line.iter().all(|byte| is_base64(*byte) || matches!(byte, b'=' | b' ' | b'\t')) || is_words(line) {
            let text = String::from_utf8_lossy(line);
            unpacked.stray.extend([text.as_ref(), "\n"]);
            let foreign = line.iter().filter(|byte| !is_base64(**byte)).count();
            let mostly_packed = !line.contains(&b' ') && foreign * 5 <= line.len();
            unpacked.damaged |= mostly_packed && (goes_on || line.len() >= FULL);
            if mostly_packed && goes_on {
                // Foreign characters are to be skipped (RFC 2045, 6.8).
                group.extend(line.iter().filter(|byte| is_base64(**byte)));
            } else {
                goes_on = false;
            }
            continue;
        }
        goes_on = !line.is_empty() || unpacked.bytes.is_empty() && group.is_empty() && unpacked.stray.trim().is_empty();
        for byte in line {
            match byte {
                b'=' => flush(&mut group, &mut unpacked),
                b' ' | b'\t' => {}
                _ => group.push(*byte),
            }
        }
        if group.len() >= 4096 {
            let whole = group.len() & !3;
            let rest = group.split_off(whole);
            flush(&mut group, &mut unpacked);
            group = rest;
        }
    }
    flush(&mut group, &mut unpacked);
    // It says that it is packed, and nothing of it is.
    unpacked.damaged |= unpacked.bytes.is_empty() && !unpacked.stray.trim().is_empty();
    unpacked
}

/// Whether a line of letters alone is prose: short words with blanks between them.
fn is_words(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.clone().count() >= 3 && words.all(|word| word.len() < 20)
}

/// Decodes what was gathered; a single character left over is a byte that was cut.
fn flush(group: &mut Vec<u8>, unpacked: &mut Unpacked) {
    if group.len() % 4 == 1 {
        group.pop();
        unpacked.damaged = true;
    }
    match LENIENT.decode(group.as_slice()) {
        Ok(bytes) => unpacked.bytes.extend(bytes),
        Err(_) => unpacked.damaged = true,
    }
    group.clear();
}

/// Quoted-printable; what breaks its rules is taken as it is.
pub(in crate::format) fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte != b'=' {
            out.push(byte);
            at += 1;
            continue;
        }
        let rest = &bytes[at + 1..];
        if let Some(value) = hex_pair(rest) {
            out.push(value);
            at += 3;
            continue;
        }
        // A soft line end: blanks may stand behind the sign.
        let blanks = rest.iter().take(1000).take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r')).count();
        match rest.get(blanks) {
            Some(b'\n') => at += blanks + 2,
            None => at = bytes.len(),
            Some(_) if blanks > 0 && rest[..blanks].ends_with(b"\r") => at += blanks + 1,
            Some(_) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// The byte that two hexadecimal digits are.
pub(in crate::format) fn hex_pair(digits: &[u8]) -> Option<u8> {
    let digit = |at: usize| digits.get(at).and_then(|digit| char::from(*digit).to_digit(16));
    u8::try_from(digit(0)? * 16 + digit(1)?).ok()
}

/// A file that was written into a text.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::format) struct Block {
    pub(in crate::format) name: String,
    pub(in crate::format) bytes: Vec<u8>,
    /// Its end is there.
    pub(in crate::format) closed: bool,
}

/// The files that are uuencoded in a text, and the text without them.
pub(in crate::format) fn uuencoded(text: &[u8]) -> (Vec<u8>, Vec<Block>) {
    let (mut rest, mut blocks) = (Vec::new(), Vec::new());
    let mut lines = text.split_inclusive(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let name = begin(line).filter(|_| lines.peek().is_some_and(|next| data(next).is_some()));
        let Some(name) = name else {
            rest.extend_from_slice(line);
            continue;
        };
        let mut block = Block { name, bytes: Vec::new(), closed: false };
        while let Some(bytes) = lines.peek().and_then(|line| data(line)) {
            block.bytes.extend(bytes);
            lines.next();
        }
        if lines.peek().is_some_and(|line| line.trim_ascii() == b"end") {
            block.closed = true;
            lines.next();
        }
        blocks.push(block);
    }
    (rest, blocks)
}

/// The name in `begin 644 name`.
fn begin(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(b"begin ")?.trim_ascii();
    let (mode, name) = rest.split_at_checked(rest.iter().position(|byte| *byte == b' ')?)?;
    let octal = (3..=4).contains(&mode.len()) && mode.iter().all(|digit| (b'0'..=b'7').contains(digit));
    octal.then(|| super::labels::decode(name.trim_ascii(), None).text)
}

/// The bytes of a line of uuencode; none if it is not one. Its end is a line of length zero.
fn data(line: &[u8]) -> Option<Vec<u8>> {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (first, packed) = line.split_first()?;
    let sextet = |byte: u8| (0x20..=0x60).contains(&byte).then(|| (byte - 0x20) & 0x3f);
    let length = usize::from(sextet(*first)?);
    let needed = length.div_ceil(3) * 4;
    // Blanks at the end were lost on the way; one more character is a check sum of old writers.
    if line == b"end" || packed.len() > needed + 1 || packed.len() + 4 < length.div_ceil(3) * 4 {
        return None;
    }
    let mut bytes = Vec::with_capacity(needed);
    for group in packed.chunks(4) {
        let mut word = [0_u8; 4];
        for (to, from) in word.iter_mut().zip(group) {
            *to = sextet(*from)?;
        }
        bytes.extend([word[0] << 2 | word[1] >> 4, word[1] << 4 | word[2] >> 2, word[2] << 6 | word[3]]);
    }
    bytes.resize(length, 0);
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_whatever_its_lines_are_like() {
        for packed in ["5py65a+G", "5py6\r\n5a+G\r\n", "5\np\ny\n65 a+G", "5py6\n\n5a+G==\n"] {
            assert_eq!(base64(packed.as_bytes()).bytes, "机密".as_bytes(), "{packed}");
        }
        let listed = base64(b"5py65a+G\n-- \nlist: unsubscribe here\nThis list is secret\n");
        assert_eq!(listed.bytes, "机密".as_bytes());
        assert_eq!(listed.stray, "--\nlist: unsubscribe here\nThis list is secret\n");
        assert!(!listed.damaged);
        assert!(base64(b"5py65a+Gx").damaged, "a byte was cut");
        let foreign = base64(b"5py65*a+G!\n");
        assert_eq!((foreign.bytes.as_slice(), foreign.damaged), ("机密".as_bytes(), true));
        assert_eq!(base64(b"\n\n5py65*a+G\n").bytes, "机密".as_bytes());
        assert!(base64(b"this is not packed at all, whatever the head says\n").damaged);
        assert_eq!(base64(b"5py65a+G\n\nhttp://example.org/list\n").bytes, "机密".as_bytes());
        assert_eq!(base64(b"YQ==YQ==").bytes, b"aa");
    }

    #[test]
    fn quoted_printable_keeps_what_breaks_its_rules() {
        assert_eq!(quoted_printable("=E6=9C=BA=\r\n=e5=af=86".as_bytes()), "机密".as_bytes());
        assert_eq!(quoted_printable(b"a=zz b= \nc ="), b"a=zz bc ");
    }

    #[test]
    fn files_written_into_a_text_are_found() {
        let text = b"see\nbegin 644 a.txt\n#0V%T\n`\nend\nand begin 644 nothing\n";
        let (rest, blocks) = uuencoded(text);
        assert_eq!(rest, b"see\nand begin 644 nothing\n");
        assert_eq!(blocks, [Block { name: "a.txt".to_owned(), bytes: b"Cat".to_vec(), closed: true }]);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_unpacking_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..300)) {
            for transfer in [Transfer::Base64, Transfer::QuotedPrintable, Transfer::Uuencode] {
                transfer.decode(&bytes);
            }
            uuencoded(&[b"begin 644 x\n".as_slice(), &bytes].concat());
        }
    }
}
