//! XFA forms (ISO 32000-1, 12.7.8): XML in packets beside the pages, which viewers without XFA do not show.
//!
//! Kept is what a form says and what was filled in: captions, texts, choices, tips, data. Dropped are scripts and what is for
//! programs. Pictures in it are handed out.

use hayro_syntax::Pdf;
use hayro_syntax::object::{Array, Dict, Object, Stream};

use super::streams::{self, Flaw, Rules};
use super::tree;
use crate::finding::{Fault, FaultReason};
use crate::format::{charset, packed, xml};

/// What a form says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Form {
    /// Its text; empty if it is no XFA form.
    pub(super) text: String,
    /// The pictures in it.
    pub(super) pictures: Vec<packed::Packed>,
    /// Why not all of it was read.
    pub(super) damage: Option<Fault>,
}

/// Reads the form of a document.
pub(super) fn read(document: &Pdf, rules: Rules<'_>) -> Result<Form, Fault> {
    let root = tree::dictionary(document, document.xref().root_id());
    let form = root.and_then(|root| root.get::<Dict<'_>>("AcroForm"));
    let packets: Vec<Stream<'_>> = match form.and_then(|form| form.get::<Object<'_>>("XFA")) {
        None => return Ok(Form::default()),
        Some(Object::Stream(stream)) => vec![stream],
        Some(Object::Array(list)) => streams_of(&list),
        Some(_) => Vec::new(),
    };
    let (mut form, mut size) = (Form::default(), 0_u64);
    let mut xml = Vec::new();
    for packet in packets {
        let data = streams::data(&packet, rules).map_err(|flaw| match flaw {
            Flaw::Limit(fault) => fault,
            Flaw::Packed | Flaw::Picture => damaged("a part of it does not unpack to its end"),
        })?;
        size = size.saturating_add(data.len() as u64);
        if size > rules.limits.instruction_bytes {
            return Err(Fault::limit("instruction_bytes", rules.limits.instruction_bytes, "an XFA form"));
        }
        // Packets are pieces of one text, and may end anywhere.
        xml.extend(data);
    }
    let xml = charset::decode(&xml, None).text;
    let (text, why) = xml::text(&xml);
    form.text = text;
    form.pictures = packed::files(&xml);
    form.damage = why.map(|why| damaged(&why));
    Ok(form)
}

fn damaged(what: &str) -> Fault {
    Fault::whole(FaultReason::Damaged, format!("an XFA form, whose content is not on its pages: {what}"))
}

fn streams_of<'a>(list: &Array<'a>) -> Vec<Stream<'a>> {
    list.iter::<Object<'a>>().filter_map(Object::into_stream).collect()
}
