//! Pages that no viewer shows and the file carries: those of earlier revisions, which were saved over, those in no tree of pages,
//! templates.
//!
//! A revision is the file up to where it ended once (ISO 32000-2, 7.5.6). What is to be shown of it, or of the whole file, is
//! written behind it as one more revision, whose tree has these pages and no others.

use std::collections::HashSet;

use memchr::memmem;

use super::whole::{Number, Whole};
use crate::config::Limits;

/// The line behind the place of a table, and what begins that line.
const END: &[u8] = b"%%EOF";
const START: &[u8] = b"startxref";

/// Bytes before an end in which the place of its table stands: as many as usual readers search, for comments may stand between.
const REACH: usize = 1024;

/// A page: its object, or what it is to say instead of that.
type Page = (Number, Option<Vec<u8>>);

/// A document that has pages which nobody shows, and no others.
pub(super) struct Unseen {
    pub(super) bytes: Vec<u8>,
    /// What each page is called.
    pub(super) labels: Vec<String>,
}

/// What is found.
#[derive(Default)]
pub(super) struct Found {
    pub(super) documents: Vec<Unseen>,
    /// Pages that could not be put into a document.
    pub(super) lost: usize,
    /// There are more revisions than are looked at.
    pub(super) is_over: bool,
}

/// Whether a file was saved over, so that earlier revisions are in it.
pub(super) fn is_saved_over(bytes: &[u8]) -> bool {
    ends(bytes).len() > 1
}

/// Pages of a file that have something which its shown pages lack.
pub(super) fn find(bytes: &[u8], whole: &Whole<'_>, password: &str, limits: &Limits) -> Found {
    let mut found = Found::default();
    let mut known = HashSet::new();
    whole.learn(&mut known);
    let orphans = whole.orphans(&mut known);
    let label = |_| "page that is not shown".to_owned();
    found.take(bytes, &orphans, orphans.iter().map(label).collect());
    let appearances = whole.appearances();
    let labels = appearances.iter().map(|(page, _)| format!("annotations of page {page} that are not shown"));
    let pages: Vec<Page> = appearances.iter().map(|(_, page)| ((0, 0), Some(page.clone()))).collect();
    found.take(bytes, &pages, labels.collect());
    let ends = ends(bytes);
    let earlier = ends.len().saturating_sub(1);
    found.is_over = earlier > limits.revisions;
    // The last ones first: what is in them is told of them.
    for (number, end) in
        (1..).zip(ends.into_iter().take(earlier)).collect::<Vec<_>>().into_iter().rev().take(limits.revisions)
    {
        let Some(revision) = bytes.get(..end) else { continue };
        let pages = Whole::of(revision.to_vec(), password, limits).pages_with_more(&mut known);
        let label = |page: &u32| format!("earlier revision {number}, page {page}");
        let labels = pages.iter().map(|(_, page)| label(page)).collect();
        let pages: Vec<Page> = pages.into_iter().map(|(page, _)| (page, None)).collect();
        found.take(revision, &pages, labels);
    }
    found
}

impl Found {
    fn take(&mut self, bytes: &[u8], pages: &[Page], labels: Vec<String>) {
        if pages.is_empty() {
            return;
        }
        match with_pages(bytes, pages) {
            Some(bytes) => self.documents.push(Unseen { bytes, labels }),
            None => self.lost += pages.len(),
        }
    }
}

/// Where revisions end. An end inside of an attached PDF names the place of a table that is not there.
fn ends(bytes: &[u8]) -> Vec<usize> {
    let marks = memmem::find_iter(bytes, END).map(|at| at + END.len());
    marks.filter(|end| bytes.get(..*end).is_some_and(|revision| table(revision).is_some())).collect()
}

/// The place of the table that a revision ends with.
fn table(revision: &[u8]) -> Option<usize> {
    let tail = revision.get(revision.len().saturating_sub(REACH)..)?;
    let start = memmem::rfind(tail, START)?;
    let words = tail.get(start + START.len()..)?.strip_suffix(END)?;
    let mut lines = words.split(|byte| matches!(byte, b'\n' | b'\r')).map(without_comment);
    let number = lines.by_ref().find(|line| !line.is_empty())?;
    let place: usize = std::str::from_utf8(number).ok()?.parse().ok()?;
    if lines.any(|line| !line.is_empty()) {
        return None;
    }
    let at = revision.get(place..)?;
    // Some programs name the end of the line before it.
    let blanks = at.len() - at.trim_ascii_start().len();
    let at = at.get(blanks..)?;
    let digits = at.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let is_object = digits > 0 && at.get(digits) == Some(&b' ');
    (place > 0 && (at.starts_with(b"xref") || is_object)).then_some(place + blanks)
}

fn without_comment(line: &[u8]) -> &[u8] {
    let end = line.iter().position(|byte| *byte == b'%').unwrap_or(line.len());
    line[..end].trim_ascii()
}

/// The same file with one more revision, whose pages are these.
fn with_pages(bytes: &[u8], pages: &[Page]) -> Option<Vec<u8>> {
    let end = memmem::rfind(bytes, END)? + END.len();
    let bytes = bytes.get(..end)?;
    let place = table(bytes)?;
    let trailer = bytes.get(place..)?;
    let is_table = trailer.starts_with(b"xref");
    // Behind the lines of a table, or at the begin of the stream that is one.
    let entries = match is_table {
        true => trailer.get(memmem::rfind(trailer, b"trailer")?..)?,
        false => trailer.get(..memmem::find(trailer, b"stream").unwrap_or(trailer.len()))?,
    };
    let after = |key: &[u8]| memmem::find(entries, key).and_then(|at| entries.get(at + key.len()..));
    let digits = |text: &[u8]| -> Option<u32> {
        let text = text.trim_ascii_start();
        let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
        std::str::from_utf8(text.get(..length)?).ok()?.parse().ok()
    };
    let size = digits(after(b"/Size")?)?;
    let highest = pages.iter().map(|((number, _), _)| number.saturating_add(1)).fold(size, u32::max);
    let (catalog, tree) = (highest, highest.checked_add(1)?);
    let (mut objects, mut kids) = (Vec::new(), Vec::new());
    for ((number, generation), said) in pages {
        match said {
            None => kids.push(format!("{number} {generation} R")),
            Some(said) => {
                objects.push(said.clone());
                kids.push(format!("{} 0 R", tree.checked_add(u32::try_from(objects.len()).ok()?)?));
            }
        }
    }
    let node = format!("<< /Type /Pages /Count {} /Kids [{}] >>", pages.len(), kids.join(" ")).into_bytes();
    let root = format!("<< /Type /Catalog /Pages {tree} 0 R >>").into_bytes();
    objects.splice(0..0, [root, node]);
    let list = catalog.checked_add(u32::try_from(objects.len()).ok()?)?;
    // How it is encrypted, and the name that keys are made with, count for the whole file.
    let mut kept = Vec::new();
    if let Some(encryption) = after(b"/Encrypt") {
        let length = memmem::find(encryption, b"R")?;
        kept.extend([b" /Encrypt".as_slice(), encryption.get(..=length)?].concat());
    }
    if let Some(name) = after(b"/ID") {
        let length = memmem::find(name, b"]")?;
        kept.extend([b" /ID".as_slice(), name.get(..=length)?].concat());
    }
    let mut file = [bytes, b"\n"].concat();
    let mut places = Vec::new();
    for (number, object) in (catalog..).zip(&objects) {
        places.push(file.len());
        file.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
    }
    let list_at = file.len();
    let common = format!("/Root {catalog} 0 R /Prev {place}");
    if is_table {
        let lines: Vec<String> = places.iter().map(|at| format!("{at:010} 00000 n \n")).collect();
        let lines = format!("xref\n{catalog} {}\n{}", places.len(), lines.concat());
        file.extend(format!("{lines}trailer\n<< /Size {list} {common}").into_bytes());
        file.extend(kept);
        file.extend(b" >>\n");
    } else {
        let mut data = Vec::new();
        places.push(list_at);
        for at in &places {
            data.push(1);
            data.extend(u32::try_from(*at).ok()?.to_be_bytes());
            data.extend([0, 0]);
        }
        let head = format!(
            "{list} 0 obj\n<< /Type /XRef /Size {} /W [1 4 2] /Index [{catalog} {}] {common} /Length {}",
            list.checked_add(1)?,
            places.len(),
            data.len()
        );
        file.extend(head.into_bytes());
        file.extend(kept);
        file.extend([b" >>\nstream\n".as_slice(), &data, b"\nendstream\nendobj\n"].concat());
    }
    file.extend(format!("startxref\n{list_at}\n%%EOF\n").into_bytes());
    Some(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::FaultReason;
    use crate::format::test_support::{open, pdf, settings};

    const FONT: &str = "<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>";

    fn page(content: u32, kind: &str) -> Vec<u8> {
        format!("<< /Type /{kind} /Parent 2 0 R /MediaBox [0 0 300 300] /Contents {content} 0 R /Resources {FONT} >>")
            .into_bytes()
    }

    fn text(words: &str) -> Vec<u8> {
        let data = format!("BT /F 20 Tf 20 200 Td ({words}) Tj ET");
        format!("<< /Length {} >>\nstream\n{data}\nendstream", data.len()).into_bytes()
    }

    /// A document of one page, and these objects from number 5 on.
    fn made(words: &str, catalog: &str, more: &[Vec<u8>]) -> Vec<u8> {
        let mut objects = vec![
            format!("<< /Type /Catalog /Pages 2 0 R {catalog} >>").into_bytes(),
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
            page(4, "Page"),
            text(words),
        ];
        objects.extend_from_slice(more);
        pdf(&objects)
    }

    /// The same document after object `number` was saved over; as a table, or as a stream that is one.
    fn saved_over(file: &[u8], number: u32, object: &[u8], in_stream: bool) -> Vec<u8> {
        let before = table(&file[..file.len() - 1]).expect("a table");
        let mut file = file.to_vec();
        let at = file.len();
        file.extend([format!("{number} 0 obj\n").as_bytes(), object, b"\nendobj\n"].concat());
        let list = file.len();
        let tail = if in_stream {
            let data = [1_u8].into_iter().chain(u32::try_from(at).expect("short").to_be_bytes());
            let data: Vec<u8> = data.chain([1]).chain(u32::try_from(list).expect("short").to_be_bytes()).collect();
            let head = format!(
                "99 0 obj\n<< /Type /XRef /Size 100 /Root 1 0 R /W [1 4 0] /Index [{number} 1 99 1] /Prev {before} /Length 10 >>\nstream\n"
            );
            [head.as_bytes(), &data, b"\nendstream\nendobj\n"].concat()
        } else {
            format!("xref\n{number} 1\n{at:010} 00000 n \ntrailer << /Size 9 /Root 1 0 R /Prev {before} >>\n")
                .into_bytes()
        };
        file.extend(tail);
        file.extend(format!("startxref\n{list}\n%%EOF\n").into_bytes());
        file
    }

    fn pages(file: &[u8]) -> Vec<(Option<String>, String)> {
        let settings = settings();
        let document = open(file, &settings).expect("opens");
        assert_eq!(document.faults(), []);
        (1..=document.page_count())
            .map(|number| {
                let mut page = document.page(number).expect("a page");
                (page.label(), page.layer().expect("a layer").text.content.trim().to_owned())
            })
            .collect()
    }

    fn named(label: &str, text: &str) -> (Option<String>, String) {
        (Some(label.to_owned()), text.to_owned())
    }

    #[test]
    fn a_revision_ends_with_the_place_of_its_table_whatever_blanks_and_comments_stand_around_it() {
        let first = String::from_utf8(made("TOP SECRET", "", &[])).expect("ASCII");
        let (body, end) = first.rsplit_once("startxref").expect("an end");
        let place: usize = end.trim().strip_suffix("%%EOF").expect("an end").trim().parse().expect("a number");
        let long = "%".repeat(600);
        for end in [
            format!("startxref {place} \r\n%%EOF\n"),
            format!("startxref\n\n{place} % kept by the archive\n% {long}\n%%EOF\n"),
            // The line end before the table.
            format!("startxref\n{}\n%%EOF\n", place - 1),
        ] {
            let file = saved_over(format!("{body}{end}").as_bytes(), 4, &text("cleaned"), false);
            let expected = [(None, "cleaned".to_owned()), named("earlier revision 1, page 1", "TOP SECRET")];
            assert_eq!(pages(&file), expected, "{end}");
        }
        for end in [format!("startxref\n{place} 0\n%%EOF\n"), format!("startxref\n% {place}\n%%EOF\n")] {
            assert_eq!(table(format!("{body}{}", end.trim_end()).as_bytes()), None, "{end}");
        }
    }

    #[test]
    fn pages_of_earlier_revisions_that_were_saved_over_are_read() {
        let first = made("TOP SECRET", "", &[]);
        let second = saved_over(&first, 4, &text("cleaned"), false);
        let third = saved_over(&second, 4, &text("public"), false);
        let shown = (None, "public".to_owned());
        let expected = [
            shown.clone(),
            named("earlier revision 2, page 1", "cleaned"),
            named("earlier revision 1, page 1", "TOP SECRET"),
        ];
        assert_eq!(pages(&third), expected);
        // Nothing is gone where a revision only adds.
        assert_eq!(pages(&saved_over(&first, 5, &text("more"), false)), [(None, "TOP SECRET".to_owned())]);
        // The same again is nothing new.
        let back = saved_over(&second, 4, &text("TOP SECRET"), false);
        assert_eq!(pages(&back)[1..], [named("earlier revision 2, page 1", "cleaned")]);
    }

    #[test]
    fn pages_in_no_tree_and_templates_are_read() {
        let more = [text("TOP SECRET"), page(5, "Page"), text("A FORM"), page(7, "Template")];
        let file = made("public", "/Names << /Templates << /Names [(t) 8 0 R] >> >>", &more);
        let expected = [
            (None, "public".to_owned()),
            named("page that is not shown", "TOP SECRET"),
            named("page that is not shown", "A FORM"),
        ];
        assert_eq!(pages(&file), expected);
        let copy = made("public", "", &[text("public"), page(5, "Page")]);
        assert_eq!(pages(&copy), [(None, "public".to_owned())], "a copy shows nothing new");
    }

    #[test]
    fn a_revision_whose_table_is_a_stream_is_followed() {
        let first = saved_over(&made("public", "", &[]), 4, &text("TOP SECRET"), true);
        let found = with_pages(&first, &[((3, 0), None)]).expect("made");
        assert!(found.len() > first.len() && table(&found[..found.len() - 1]).is_some());
    }

    #[test]
    fn more_revisions_than_the_limit_are_a_fault() {
        let mut settings = settings();
        settings.limits.revisions = 1;
        let first = made("TOP SECRET", "", &[]);
        let third = saved_over(&saved_over(&first, 4, &text("one"), false), 4, &text("two"), false);
        let document = open(&third, &settings).expect("opens");
        let faults = document.faults();
        assert_eq!((faults.len(), faults[0].reason), (1, FaultReason::Limit));
        assert!(faults[0].detail.contains("limits.revisions = 1"), "{}", faults[0].detail);
        assert_eq!(document.page_count(), 2);
    }
}
