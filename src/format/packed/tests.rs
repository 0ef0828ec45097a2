//! Files packed as base64 or digits into texts: found whole wherever they stand and however they are folded.

use ::base64::Engine as _;
use ::base64::prelude::BASE64_STANDARD;

use super::*;

/// Lines of 76 characters.
fn lines(bytes: &[u8]) -> String {
    let packed = BASE64_STANDARD.encode(bytes);
    packed.as_bytes().chunks(76).map(String::from_utf8_lossy).fold(String::new(), |lines, line| lines + &line + "\n")
}

/// Bytes that are no kind of file.
fn noise(count: u32) -> Vec<u8> {
    (0..count).map(|n| (n.wrapping_mul(2_654_435_761) >> 13).to_le_bytes()[0]).collect()
}

#[test]
fn files_between_any_number_of_words_are_found() {
    let text = "此件不得外传，请各部门遵照执行。\n".repeat(10).into_bytes();
    for words in 0..6 {
        let words = "some words ".repeat(words);
        let packed = format!("{words}\n{}{words}\n{}{words}", lines(&text), lines(&text));
        assert_eq!(files(&packed).len(), 2, "{packed}");
    }
}

#[test]
fn a_pdf_behind_text_is_a_fault_and_talk_of_one_is_not() {
    assert!(fault("notes\nmore notes\n%PDF-1.4\n1 0 obj\n<< >>\nendobj\n").is_some());
    assert!(fault("1 0 obj\n<< >>\nendobj\ntrailer\n").is_some());
    assert!(fault("An object of a PDF ends with endobj; the header is %PDF-1.7.\n").is_none());
}

#[test]
fn a_file_packed_into_text_is_handed_out_whole() {
    let text = "此件不得外传，请各部门遵照执行。\n".repeat(10).into_bytes();
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(400)].concat();
    let cases = [
        (lines(&text), vec![("base64-1.txt", &text)]),
        (format!("see below\n\n{}and above\n", lines(&picture)), vec![("base64-1.png", &picture)]),
        (lines(&picture) + "\n" + &lines(&text), vec![("base64-1.png", &picture), ("base64-2.txt", &text)]),
        (format!("![a](data:image/png;base64,{})", BASE64_STANDARD.encode(&picture)), vec![("base64-1.png", &picture)]),
        (format!("{{\"image/png\": \"{}\"}}", BASE64_STANDARD.encode(&picture)), vec![("base64-1.png", &picture)]),
    ];
    for (packed, expected) in cases {
        let found: Vec<Packed> =
            expected.iter().map(|(name, bytes)| Packed { name: (*name).to_owned(), bytes: (*bytes).clone() }).collect();
        assert_eq!(files(&packed), found, "{packed}");
        assert!(fault(&packed).is_none(), "{packed}");
    }
}

#[test]
fn a_part_of_a_message_is_a_fault() {
    let part = "notes\n\nContent-Type: text/plain\nContent-Transfer-Encoding: Base64\n\n57ud5a+G\n";
    assert_eq!(fault(part).map(|fault| fault.reason), Some(FaultReason::Attachment));
}

#[test]
fn a_packed_file_is_found_however_its_lines_are_folded() {
    let picture = BASE64_STANDARD.encode([b"\x89PNG\r\n\x1a\n".as_slice(), &noise(400)].concat());
    let indented = |begin: &str, by: &str| {
        let (first, rest) = picture.split_at(74 - begin.len().min(50));
        let rest = rest.as_bytes().chunks(74).map(String::from_utf8_lossy);
        rest.fold(format!("{begin}{first}"), |lines, line| lines + by + &line) + "\r\n"
    };
    for packed in [
        indented("BEGIN:VEVENT\r\nATTACH;ENCODING=BASE64;VALUE=BINARY:", "\r\n "),
        indented("PHOTO;ENCODING=b;TYPE=PNG:", "\r\n\t"),
        indented("dn: cn=a\njpegPhoto:: ", "\n "),
        indented("picture: !!binary |\n  ", "\n  "),
        indented("<data>\n      ", "\n      ") + "    </data>",
        indented("see below\n\n", "\r\n"),
        picture.replace('+', "-").replace('/', "_"),
    ] {
        assert_eq!(files(&packed).len(), 1, "{packed}");
    }
}

#[test]
fn keys_and_hashes_and_long_words_are_no_files() {
    let key = format!(
        "-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n",
        lines(&[&[0x30, 0x82, 3, 1], noise(700).as_slice()].concat())
    );
    for text in [
        key,
        "deadbeef".repeat(60),
        "word\n".repeat(400),
        "A".repeat(500),
        "ACGT".repeat(100),
        "/".repeat(200),
        "-".repeat(200),
        "_".repeat(200),
    ] {
        assert!(files(&text).is_empty(), "{text}");
    }
}

/// Bytes as even as those of a cipher.
fn even(count: u32) -> Vec<u8> {
    (0..count / 32).flat_map(|n| *blake3::hash(&n.to_le_bytes()).as_bytes()).collect()
}

#[test]
fn what_is_encrypted_inside_a_text_is_a_fault() {
    let packed = lines(&even(320));
    let salted = BASE64_STANDARD.encode([b"Salted__".as_slice(), &even(64)].concat());
    let hex = "62313365396662343061393464336163383838316666663261".repeat(2);
    for text in [
        format!("see below\n-----BEGIN PGP MESSAGE-----\nVersion: 1\n\n{packed}-----END PGP MESSAGE-----\n"),
        format!("> -----BEGIN PGP MESSAGE-----\n>\n> {}", packed.replace('\n', "\n> ")),
        format!("{{\"a\": \"-----BEGIN PGP MESSAGE-----\n\n{packed}\""),
        format!("-----BEGIN AGE ENCRYPTED FILE-----\n{packed}"),
        format!("password: {salted}\n"),
        format!("{}\n{}\n", &salted[..40], &salted[40..]),
        format!("$ANSIBLE_VAULT;1.1;AES256\n{hex}\n"),
        format!("key: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {hex}\n"),
    ] {
        assert_eq!(sealed(&text).map(|fault| fault.reason), Some(FaultReason::Encrypted), "{text}");
    }
    for text in [
        "The line -----BEGIN PGP MESSAGE----- stands before it.\nand more\n",
        "-----BEGIN PGP MESSAGE-----\nand so on\n",
        "if text.startswith('U2FsdGVkX1'):\n    return\n",
        "Files begin with $ANSIBLE_VAULT;1.1;AES256, then lines of digits.\n",
    ] {
        assert!(sealed(text).is_none(), "{text}");
    }
    let reason = |text: &str| sealed(text).map(|fault| fault.reason);
    assert_eq!(reason("=ybegin line=128 size=9 name=a\n"), Some(FaultReason::Attachment));
    assert_eq!(reason("(This file must be converted with BinHex 4.0)\n:abc\n"), Some(FaultReason::Attachment));
}

#[test]
fn long_base64_of_even_bytes_is_a_fault_and_keys_are_none() {
    let even = even(4096);
    let fault = |text: &str| files_and_more(text).1.map(|fault| fault.reason);
    assert_eq!(fault(&lines(&even)), Some(FaultReason::Encrypted));
    assert_eq!(fault(&format!("<diagram>{}</diagram>", BASE64_STANDARD.encode(&even))), Some(FaultReason::Encrypted));
    for text in [
        format!("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}-----END PGP PUBLIC KEY BLOCK-----\n", lines(&even)),
        lines(&[&[0x30, 0x82, 9, 1], even.as_slice()].concat()),
        lines(&even[..512]),
        lines(&(0_u32..2000).flat_map(u32::to_le_bytes).collect::<Vec<u8>>()),
        lines(&(0_u16..2000).flat_map(|n| (f64::from(n) / 7.0).to_le_bytes()).collect::<Vec<u8>>()),
    ] {
        assert_eq!(fault(&text), None, "{text}");
    }
}

#[test]
fn a_file_behind_quote_marks_is_handed_out() {
    let quoted = format!("> {}", lines("此件不得外传，请各部门遵照执行。".repeat(10).as_bytes()).replace('\n', "\n> "));
    assert_eq!(files(&quoted).len(), 1, "{quoted}");
}

/// Lines of a width.
fn folded(bytes: &[u8], width: usize) -> String {
    let packed = BASE64_STANDARD.encode(bytes);
    let lines: Vec<_> = packed.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
    lines.join("\n") + "\n"
}

#[test]
fn a_file_is_found_in_lines_of_any_usual_width_whatever_stands_above_and_below() {
    let text = ("机密★10年\n此件不得外传，请各部门遵照执行。\n".repeat(12) + "年").into_bytes();
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(1001)].concat();
    let mut above: Vec<String> = ["", "see below\n", "as agreed the picture of the plan is here\n", "photo png data "]
        .map(str::to_owned)
        .to_vec();
    for rule in ["-", "_", "/", "A", "_-", "-/"] {
        above.extend([rule.repeat(70) + "\n", format!("attached\n{}\n", rule.repeat(76)), rule.repeat(20) + "\n"]);
    }
    let hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    above.extend([format!("{hash}\n"), format!("sum {hash} of the file\n"), format!("{hash}\n{}\n", "_".repeat(70))]);
    let below = ["", "\n", "and so on\n", "____________\n"].map(str::to_owned).into_iter();
    let below: Vec<String> = below.chain(["-", "_", "/", "A"].map(|rule| rule.repeat(70) + "\nand so on\n")).collect();
    for bytes in [&text, &picture] {
        for width in [48, 57, 60, 64, 72, 76, 100_000] {
            for above in &above {
                for below in &below {
                    let whole = format!("{above}{}{below}", folded(bytes, width));
                    let found = files(&whole);
                    assert_eq!(found.len(), 1, "{width}: {whole}");
                    // A word before it may be three characters.
                    let at = memchr::memmem::find(&found[0].bytes, bytes).expect("all of it");
                    assert!(at == 0 || at == 3 && bytes == &text, "{width}: {whole}");
                    // A word or a rule behind a file that is one line is taken for its last one.
                    let rest = found[0].bytes.len() - at - bytes.len();
                    assert!(rest == 0 || width > 76 && rest <= 70, "{rest} at {width}: {whole}");
                }
            }
        }
    }
}

#[test]
fn files_that_follow_each_other_are_told_apart_and_a_file_keeps_its_zeros() {
    let text = "此件不得外传，请各部门遵照执行。\n".repeat(10).into_bytes();
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(400), &[0; 300], &noise(401), &[0xff; 301]].concat();
    for width in [48, 57, 64, 76, 100_000] {
        for between in ["", "-----\n", "________________________________________________________________________\n"] {
            let (one, other) = (folded(&picture, width).replace('=', ""), folded(&text, width));
            let found: Vec<Vec<u8>> =
                files(&format!("{one}{between}{other}")).into_iter().map(|file| file.bytes).collect();
            assert_eq!(found, [picture.clone(), text.clone()], "{width} {between}");
        }
    }
}

#[test]
fn a_file_is_found_right_below_other_base64_of_its_width_or_a_narrower_one() {
    let picture = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(1001)].concat();
    let key = |width: u32| BASE64_STANDARD.encode(even(64)).chars().cycle().take(width as usize).collect::<String>();
    for width in [48_u32, 64, 76] {
        let found = files(&format!("key {}\n{}", key(width), folded(&picture, width as usize)));
        assert_eq!(found.iter().map(|file| &file.bytes).collect::<Vec<_>>(), [&picture], "{width}");
    }
    // These bytes fill up their last characters, so nothing but the next line tells where they end.
    let text = "机密★10年，此件不得外传。".repeat(5).into_bytes()[..123].to_vec();
    let found = files(&format!("{}{}", folded(&text, 200), folded(&picture, 100_000)));
    assert_eq!(found.iter().map(|file| &file.bytes).collect::<Vec<_>>(), [&text, &picture]);
    // What a tar is stands behind 257 bytes, beyond a first line that is shorter because of what stands before it.
    let mut tar = noise(1024);
    tar[257..262].copy_from_slice(b"ustar");
    let packed = BASE64_STANDARD.encode(&tar);
    let found = files(&format!("{}\n{}\n", &packed[..200], &packed[200..]));
    assert_eq!(found.iter().map(|file| &file.bytes).collect::<Vec<_>>(), [&tar]);
}

#[test]
fn no_text_is_looked_at_more_than_a_few_times() {
    let letters = |count: usize| -> String {
        let letters = BASE64_STANDARD.encode(noise(u32::try_from(count).expect("short")));
        letters.trim_end_matches('=').to_owned()
    };
    let all = letters(300_000);
    // Lines of a width, of ever new widths, of two widths in turn, in pairs, between words and between rules.
    let cut = |widths: &dyn Fn(usize) -> usize, between: &str| {
        let (mut rest, mut text, mut index) = (all.as_str(), String::new(), 0);
        while !rest.is_empty() {
            let (line, behind) = rest.split_at(widths(index).min(rest.len()));
            text.extend([line, between]);
            (rest, index) = (behind, index + 1);
        }
        text
    };
    let texts = [
        all.clone(),
        cut(&|_| 76, "\n"),
        cut(&|_| 48, "\n"),
        cut(&|index| 48 + index % 50, "\n"),
        cut(&|index| 130 - index % 2, "\n"),
        cut(&|index| 48 + index / 2 % 2, "\n"),
        cut(&|index| 48 + index / 3 % 2, "\n"),
        cut(&|index| 60 + index / 3 % 2, " word "),
        cut(&|index| 48 + index % 3, " word two "),
        cut(&|_| 76, &format!("\n{}\n", "A".repeat(76))),
        cut(&|_| 76, &format!("\n{}\n", "0123456789abcdef".repeat(4))),
        cut(&|_| 76, ". "),
    ];
    for text in texts {
        let looked = base64::scan(&text).looked;
        assert!(looked <= 4 * text.len(), "{looked} of {}: {}", text.len(), &text[..200]);
    }
}

#[test]
fn a_packed_font_carries_nothing() {
    let font = [b"wOF2\0\x01\0\0".as_slice(), &noise(400)].concat();
    assert!(files(&format!("src: url(data:font/woff2;base64,{})", BASE64_STANDARD.encode(&font))).is_empty());
}
