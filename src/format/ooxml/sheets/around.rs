//! What is written around cells: headers and footers, comments, and the copies of data that tables were made from.

use super::super::gather::Gather;
use super::super::relations::{self, Relation, targets};
use super::is_binary;
use crate::format::package::xml::Node;

/// A header or footer without its codes: fonts, sizes, colours, page numbers. What stands left, in the middle and right is parted
/// by tabs.
pub(super) fn without_codes(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text.chars().peekable());
    while let Some(character) = rest.next() {
        if character != '&' {
            plain.push(character);
            continue;
        }
        match rest.next() {
            Some('&') => plain.push('&'),
            Some('L' | 'C' | 'R') => plain.push('\t'),
            Some('"') => while rest.next().is_some_and(|character| character != '"') {},
            // A colour is six digits, or a number of the theme's and a shade.
            Some('K') => (0..6).for_each(|_| {
                rest.next_if(|character| character.is_ascii_hexdigit() || matches!(character, '+' | '-'));
            }),
            Some(digit) if digit.is_ascii_digit() => while rest.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    let lines = plain.lines().map(|line| {
        let cells = line.split('\t').map(str::trim).filter(|cell| !cell.is_empty());
        cells.collect::<Vec<_>>().join("\t")
    });
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

/// Comments of either age, each on a line, with its cell.
pub(super) fn comments(gather: &mut Gather<'_>, part: &str) -> String {
    let mut flow = gather.flow();
    let most = gather.settings.limits.content_text_bytes;
    gather.xml(part, |xml| {
        while let Some(node) = xml.node()? {
            let mut text = false;
            match node {
                Node::Start(element) => match element.name() {
                    "comment" | "threadedComment" => {
                        flow.gap('\n');
                        flow.text(&element.attribute("ref").unwrap_or_default());
                        flow.gap('\t');
                    }
                    "t" => text = true,
                    // A threaded comment keeps its words in one element, an older one in runs inside of it.
                    _ => {}
                },
                Node::Text(text) => {
                    if !text.trim().is_empty() {
                        flow.text(&text);
                    }
                }
                Node::End(element) if element.name() == "author" => flow.gap('\n'),
                Node::End(_) => {}
            }
            if text {
                let text = xml.text(most)?;
                flow.text(&text);
            }
        }
        Ok(())
    });
    if flow.is_over() {
        gather.full();
    }
    flow.take()
}

/// The names of a table's columns where no row of the sheet shows them, and the words of its last row.
pub(super) fn columns(gather: &mut Gather<'_>, part: &str) -> String {
    let mut flow = gather.flow();
    let mut headless = false;
    gather.xml(part, |xml| {
        while let Some(node) = xml.node()? {
            let Node::Start(element) = node else { continue };
            match element.name() {
                "table" => headless = element.attribute("headerRowCount").is_some_and(|count| count == "0"),
                "tableColumn" => {
                    let name = element.attribute("name").filter(|_| headless);
                    for text in [name, element.attribute("totalsRowLabel")].into_iter().flatten() {
                        flow.line(&text);
                    }
                }
                _ => {}
            }
        }
        Ok(())
    });
    if flow.is_over() {
        gather.full();
    }
    flow.take()
}

/// Copies of data that pivot tables were made from: their strings, and numbers that are not in the sheets any more.
pub(super) fn read_caches(gather: &mut Gather<'_>, book: &[Relation]) {
    for part in targets(book, &["pivotCacheDefinition"]).map(str::to_owned).collect::<Vec<_>>() {
        let mut parts = vec![part.clone()];
        let relations = relations::of(gather, &part);
        parts.extend(targets(&relations, &["pivotCacheRecords"]).map(str::to_owned));
        let mut flow = gather.flow();
        for part in parts.iter().filter(|part| !is_binary(part)) {
            gather.xml(part, |xml| {
                while let Some(node) = xml.node()? {
                    match node {
                        Node::Start(element) => {
                            let attribute = match element.name() {
                                "s" | "n" | "d" => "v",
                                "cacheField" => "name",
                                _ => continue,
                            };
                            flow.text(&element.attribute(attribute).unwrap_or_default());
                            flow.gap('\t');
                        }
                        Node::End(element) if matches!(element.name(), "r" | "cacheField") => flow.gap('\n'),
                        _ => {}
                    }
                }
                Ok(())
            });
        }
        if flow.is_over() {
            gather.full();
        }
        gather.part(Some("data of pivot tables".to_owned()), flow.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_headers_are_no_text() {
        let cases = [
            ("&L&\"宋体,Bold\"&14机密&C&K00-024内部&R&P/&N", "机密\t内部\t/"),
            ("&CR&&D &D", "R&D"),
            ("&C&KFF0000SECRET&12&B Plan", "SECRET Plan"),
            ("&", ""),
        ];
        for (text, plain) in cases {
            assert_eq!(without_codes(text), plain);
        }
    }
}
