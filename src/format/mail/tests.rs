//! Messages written by hand: what people and their programs put where.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use crate::finding::FaultReason;
use crate::format::test_support::{members, open, settings, texts};

/// Pages, names and contents of files, and reasons of faults.
struct Seen {
    pages: Vec<(String, String)>,
    files: Vec<(String, Result<String, FaultReason>)>,
    faults: Vec<FaultReason>,
}

fn read(bytes: impl AsRef<[u8]>) -> Seen {
    let settings = settings();
    let document = open(bytes.as_ref(), &settings).expect("opens");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Seen {
        pages: texts(&*document).into_iter().map(|(label, text)| (label.unwrap_or_default(), text)).collect(),
        files: members(&*document)
            .into_iter()
            .map(|(name, bytes)| (name, bytes.map(text).map_err(|fault| fault.reason)))
            .collect(),
        faults: document.faults().into_iter().map(|fault| fault.reason).collect(),
    }
}

impl Seen {
    fn page(&self, label: &str) -> &str {
        self.pages.iter().find(|page| page.0 == label).map_or("", |page| page.1.as_str())
    }

    fn file(&self, name: &str) -> &str {
        let found = self.files.iter().find(|file| file.0 == name);
        found.unwrap_or_else(|| panic!("{name} of {:?}", self.files)).1.as_deref().expect("can be had")
    }
}

/// A message of several parts, each with its head.
fn mixed(kind: &str, parts: &[&str]) -> String {
    let parts: String = parts.iter().map(|part| format!("--sep\r\n{part}\r\n")).collect();
    format!(
        "MIME-Version: 1.0\r\nFrom: a@example.org\r\nSubject: a plan\r\nContent-Type: {kind}; boundary=\"sep\"\r\n\r\n\
         {parts}--sep--\r\n"
    )
}

#[test]
fn markings_are_found_wherever_people_put_them_in_a_message() {
    let packed = BASE64_STANDARD.encode("%PDF-1.4 in a file");
    let picture = BASE64_STANDARD.encode(b"\x89PNG\r\n\x1a\n inline");
    let inner = mixed(
        "multipart/mixed",
        &["Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0="],
    );
    let inner = inner.replace("sep", "inner-sep");
    let message = format!(
        "Received: from x\r\nFrom: =?gb2312?B?u/rD3A==?= <a@example.org>\r\nTo: b\r\nSubject: =?utf-8?B?57ud5a+G?= plan\r\n\
         X-Classification: SECRET//NOFORN\r\nmsip_labels: MSIP_Label_1_Name=Confidential;\r\nSensitivity: Private\r\n\
         MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=sep\r\n\r\nmarked in the preamble\r\n--sep\r\n\
         Content-Type: multipart/alternative; boundary=alt\r\n\r\n--alt\r\n\r\nmarked plainly\r\n--alt\r\n\
         Content-Type: text/html; charset=gb2312\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n--alt--\r\n--sep\r\n\
         Content-Type: application/pdf; name=\"=?gb2312?B?u/rD3A==?=.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Description: marked in a description\r\n\r\n{packed}\r\n--sep\r\nContent-Type: image/png\r\nX-Label: marked in a head\r\n\
         Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\n{picture}\r\n--sep\r\n\
         Content-Type: message/rfc822\r\n\r\n{inner}\r\n--sep\r\nContent-Type: text/plain; name=notes.txt\r\n\r\nin notes\r\n\
         --sep--\r\nmarked behind the end\r\n",
        BASE64_STANDARD.encode(encoding_rs::GBK.encode("<p>页面里的机密<!-- not shown --></p>").0)
    );
    let seen = read(message);
    let text = seen.page("message");
    let head = "From: 机密 <a@example.org>\nTo: b\nSubject: 绝密 plan\nX-Classification: SECRET//NOFORN\n\
                msip_labels: MSIP_Label_1_Name=Confidential;\nSensitivity: Private\n";
    assert_eq!(text, format!("{head}\nmarked plainly\n\n页面里的机密\n"));
    let around = seen.page("text around the parts");
    assert!(around.contains("in the preamble"), "{around}");
    assert!(seen.pages.iter().any(|page| page.1.contains("behind the end")));
    assert!(seen.page("heads of parts").contains("in a description"));
    assert!(seen.pages.iter().any(|page| page.1.contains("marked in a head")));
    assert_eq!(seen.file("机密.pdf"), "%PDF-1.4 in a file");
    assert!(seen.file("part-3.png").contains("inline"));
    assert!(seen.file("forwarded.eml").starts_with("MIME-Version"));
    assert_eq!(seen.file("notes.txt"), "in notes");
    assert_eq!(read(seen.file("forwarded.eml")).file("part-1.pdf"), "%PDF-");
    assert_eq!(seen.faults, []);
}

#[test]
fn names_of_files_are_only_names() {
    let part = "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"../../etc/a.bin\"\r\n\r\nx";
    assert_eq!(read(mixed("multipart/mixed", &[part])).files[0].0, ".._.._etc_a.bin");
}

#[test]
fn a_page_that_repeats_the_plain_text_is_not_read_twice() {
    let parts = ["\r\nOne  two", "Content-Type: text/html\r\n\r\n<p>One</p><p>two</p>"];
    assert_eq!(read(mixed("multipart/alternative", &parts)).page("message").matches("two").count(), 1);
}

#[test]
fn what_is_sealed_is_encrypted_and_proofs_are_nothing() {
    let parts = [
        "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1",
        "Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nabc",
    ];
    let seen = read(mixed("multipart/encrypted; protocol=\"application/pgp-encrypted\"", &parts));
    assert_eq!(seen.files, [("encrypted.asc".to_owned(), Err(FaultReason::Encrypted))]);
    let parts = ["\r\nhello", "Content-Type: application/pgp-signature\r\n\r\n-----BEGIN PGP SIGNATURE-----\r\nabc"];
    let seen = read(mixed("multipart/signed", &parts));
    assert!(seen.files.is_empty() && seen.faults.is_empty() && seen.page("message").contains("hello"));
    let rights = "Content-Type: application/x-microsoft-rpmsg-message; name=message.rpmsg\r\n\r\nvery hidden";
    assert_eq!(read(mixed("multipart/mixed", &[rights])).files[0].1, Err(FaultReason::Encrypted));
}

#[test]
fn parts_that_lie_elsewhere_or_are_cut_are_faults() {
    let parts = ["Content-Type: message/external-body; access-type=URL\r\n\r\nContent-Type: image/png"];
    assert_eq!(read(mixed("multipart/mixed", &parts)).faults, [FaultReason::Attachment]);
    let whole = mixed("multipart/mixed", &["\r\none", "\r\ntwo words"]);
    let seen = read(&whole[..whole.len() - 14]);
    assert!(seen.page("message").contains("two"), "{:?}", seen.pages);
    assert_eq!(seen.faults, [FaultReason::Damaged]);
}

#[test]
fn reports_of_failed_delivery_are_read_with_the_message_in_them() {
    let parts = [
        "\r\nIt failed.",
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; marked\r\n\r\nAction: failed",
        "Content-Type: text/rfc822-headers\r\n\r\nSubject: =?utf-8?B?5py65a+G?=",
    ];
    let seen = read(mixed("multipart/report", &parts));
    let texts: Vec<&str> = seen.pages.iter().map(|page| page.1.as_str()).collect();
    assert!(texts[1].contains("dns; marked") && texts[1].contains("Action") && texts[2].contains("机密"), "{texts:?}");
}

#[test]
fn a_text_with_a_message_in_it_is_read_with_it() {
    let text = "Notes of mine.\n\nSubject: a\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhello\n--x--\n";
    let seen = read(text);
    assert_eq!(seen.pages[0].1.trim(), "Notes of mine.");
    assert_eq!(read(seen.file("message in the text.eml")).page("message"), "Subject: a\n\nhello\n");
    let noted = read("Sent yesterday\nSubject: =?utf-8?B?5py65a+G?=\n");
    assert!(noted.pages[0].1.contains("机密"), "{:?}", noted.pages);
}

#[test]
fn a_picture_in_an_address_leaves_the_page_a_file_too() {
    let html = format!("<p>hi</p><img src='data:image/png;base64,{}'>", "A".repeat(400));
    let seen = read(mixed("multipart/related", &[&format!("Content-Type: text/html\r\n\r\n{html}")]));
    assert!(seen.file("message.html").contains("data:image"));
}

#[test]
fn what_a_list_adds_to_a_packed_body_is_text() {
    let message = "From: a\nSubject: b\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\n5py65a+G\n\n____\nto leave the list, write us\n";
    let seen = read(message);
    assert!(seen.page("message").contains("机密") && seen.page("text around the parts").contains("leave the list"));
    assert_eq!(seen.faults, []);
}

#[test]
fn messages_in_wide_characters_or_with_old_line_ends_are_messages() {
    let message = "From: a\r\nSubject: 机密\r\nMIME-Version: 1.0\r\n\r\nhello\r\n";
    let wide: Vec<u8> = message.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [[b"\xff\xfe".as_slice(), &wide].concat(), message.replace("\r\n", "\r").into_bytes()] {
        assert_eq!(read(bytes).page("message"), "From: a\nSubject: 机密\n\nhello\n");
    }
}

#[test]
fn apples_files_of_a_message_are_read_with_their_properties() {
    let message = "From: a\nSubject: b\nMIME-Version: 1.0\n\nhello\n";
    let plist = "<?xml version=\"1.0\"?>\n<plist><dict><key>subject</key><string>marked</string></dict></plist>\n";
    let seen = read(format!("{}        \n{message}{plist}", message.len()));
    assert_eq!(seen.page("message"), "From: a\nSubject: b\n\nhello\n");
    assert!(seen.page("properties").contains("marked"));
    assert_eq!(seen.faults, []);
    let behind = "Subject: c\nFrom: d\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nVE9QIFNFQ1JFVA==\n";
    let seen = read(format!("{}        \n{message}{plist}{behind}", message.len()));
    assert_eq!(seen.faults, [FaultReason::Attachment]);
}

#[test]
fn every_message_of_a_box_is_a_document() {
    let text = "From a@b.c Mon Jan  1 10:00:00 2024\nSubject: =?utf-8?B?5py65a+G?=\nFrom: a\n\nFrom here on\n>From there\n>>From x\n\n\
                From d@e.f Mon Jan  1 10:00:00 2024\nSubject: a/b\nFrom: a\n\ntwo\n";
    let seen = read(text);
    let names: Vec<&str> = seen.files.iter().map(|file| file.0.as_str()).collect();
    assert_eq!(names, ["0001.eml", "0002.eml"]);
    assert!(seen.file(names[0]).ends_with("\nFrom here on\nFrom there\n>From x\n\n"));
    assert_eq!(seen.file(names[1]), "Subject: a/b\nFrom: a\n\ntwo\n");
    let list = seen.page("list of messages");
    assert!(list.contains("d@e.f") && list.contains("机密"), "{list}");
}

#[test]
fn a_box_of_foxmail_is_read() {
    let mark = "\x10\x10\x10\x10\x10\x10\x10\x11\x11\x11\x11\x11\x11S\r\n";
    let seen = read(format!("{mark}From: a\r\nSubject: one\r\n\r\nx\r\n{mark}From: a\r\nSubject: two\r\n\r\ny\r\n"));
    assert!(seen.file("0001.eml").ends_with("x\r\n") && seen.file("0002.eml").ends_with("y\r\n"));
}

proptest::proptest! {
    #[test]
    fn no_message_makes_the_reader_panic(rest in "(--sep(--)?|\r?\n|Content-(Type: (multipart/mixed|message/rfc822|text/html)|Transfer-Encoding: (base64|quoted-printable))|; ?(boundary=sep|charset=gbk)|[a-zA-Z+/= ]{1,12}|\u{4e00}){0,60}") {
        read(format!("From: a\nMIME-Version: 1.0\nSubject: b\nContent-Type: multipart/mixed; boundary=sep\n\n--sep\n{rest}"));
    }
}
