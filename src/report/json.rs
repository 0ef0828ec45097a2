//! The stable machine form: one JSON object a line, sorted keys, `"v":1`, and a last line of type `summary`.
//!
//! `json` is the same objects in one array.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use base64::Engine;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Counts, Reporter};
use crate::catalog::{AsOf, FileRow, GoneRow};
use crate::decision::Decision;
use crate::document::{Page, Rect};
use crate::finding::{Coverage, Fault, Finding, Tries};

/// Raise it when a key changes its meaning or goes.
const VERSION: u8 = 1;

/// An object with sorted keys.
pub type Object = BTreeMap<&'static str, Value>;

/// Writes objects: one a line, or all of them in one array.
pub struct Objects {
    lines: bool,
    first: bool,
}

impl Objects {
    /// One object a line.
    pub fn lines() -> Self {
        Self { lines: true, first: true }
    }

    /// One JSON document.
    pub fn document() -> Self {
        Self { lines: false, first: true }
    }

    /// Writes one object.
    pub fn put(&mut self, object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
        if !self.lines {
            out.write_all(if self.first { b"[\n" } else { b",\n" })?;
            self.first = false;
        }
        serde_json::to_writer(&mut *out, object)?;
        if self.lines { out.write_all(b"\n") } else { Ok(()) }
    }

    /// Writes the last object and the end.
    pub fn end(&mut self, object: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
        self.put(object, out)?;
        out.write_all(if self.lines { b"" } else { b"\n]\n" })
    }
}

impl Reporter for Objects {
    fn file(&mut self, file: &FileRow, out: &mut dyn Write) -> io::Result<()> {
        self.put(&file_object(file), out)
    }

    fn gone(&mut self, gone: &GoneRow, out: &mut dyn Write) -> io::Result<()> {
        let mut object = typed("gone");
        path_fields(&mut object, &gone.path);
        object.insert("event", json!(gone.event));
        object.insert("sweep", json!(gone.sweep));
        object.insert("verdict_before", json!(gone.before));
        self.put(&object, out)
    }

    fn page(&mut self, path: &Path, page: &Page, out: &mut dyn Write) -> io::Result<()> {
        self.put(&page_object(path, page), out)
    }

    fn finish(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
        let mut object = typed("summary");
        object.insert("files", json!(counts.files));
        object.insert("gone", json!(counts.gone));
        object.insert("verdicts", json!(counts.verdicts));
        object.insert("decided", json!(counts.decided));
        object.insert("faults", json!(counts.faults));
        object.insert("pages", json!(counts.pages));
        object.insert("examined", json!(counts.examined));
        object.insert("ocr_pages", json!(counts.ocr_pages));
        date(&mut object, counts.as_of);
        object.insert("provenance", json!(counts.provenance));
        self.end(&object, out)
    }
}

/// Says of an answer what it is as old as.
pub fn date(object: &mut Object, as_of: Option<AsOf>) {
    object.insert("sweep", json!(as_of.map(|as_of| as_of.sweep)));
    object.insert("sweep_ended", json!(as_of.and_then(|as_of| as_of.ended)));
}

/// An object that says what it is.
pub fn typed(kind: &str) -> Object {
    Object::from([("type", json!(kind)), ("v", json!(VERSION))])
}

/// `path`, and `path_b64` if the path is not UTF-8.
pub fn path_fields(object: &mut Object, path: &Path) {
    object.insert("path", json!(path.to_string_lossy()));
    if let Some(exact) = exact_path(path) {
        object.insert("path_b64", json!(exact));
    }
}

/// The bytes of a path that is not UTF-8, in Base64; none if it is, and can be written as it is.
pub(super) fn exact_path(path: &Path) -> Option<String> {
    let exact = || base64::engine::general_purpose::STANDARD.encode(path.as_os_str().as_bytes());
    path.to_str().is_none().then(exact)
}

/// A file with its evidence.
fn file_object(file: &FileRow) -> Object {
    let mut object = typed("file");
    path_fields(&mut object, &file.location.shown());
    object.insert("zone", json!(file.zone));
    object.insert("kind", json!(file.kind_name()));
    object.insert("content", json!(file.content.map(|(_, hash)| hash.to_string())));
    object.insert("size", json!(file.size));
    object.insert("level", json!(file.level));
    object.insert("native", json!(file.natives));
    let suspected = file.suspected();
    object.insert("suspected_level", json!(suspected.map(|(level, _)| level)));
    object.insert("suspected_native", json!(suspected.map(|(_, native)| native)));
    object.insert("verdict", json!(file.verdict.as_str()));
    object.insert("decided_by", json!(file.decided_by));
    object.insert("coverage", coverage(&file.coverage));
    object.insert("findings", findings(file));
    object.insert("remarks", file.remarks.iter().map(|remark| remark.as_str()).collect());
    // Files that no sweep has seen (`inspect`) have come from nowhere.
    if file.since.sweep > 0 {
        object.insert("since_sweep", json!(file.since.sweep));
        object.insert("event", json!(file.since.event));
        let origin = file.since.origin.as_deref();
        object.insert("from", json!(origin.map(Path::to_string_lossy)));
        if let Some(exact) = origin.and_then(exact_path) {
            object.insert("from_b64", json!(exact));
        }
        object.insert("verdict_before", json!(file.since.before));
    }
    object
}

/// A page with its text: only for `inspect --text`.
fn page_object(path: &Path, page: &Page) -> Object {
    let mut object = typed("page");
    path_fields(&mut object, path);
    object.insert("page", json!(page.number));
    if let Some(label) = &page.label {
        object.insert("label", json!(label));
    }
    object.insert("origin", json!(page.origin()));
    object.insert("confidence", json!(page.ocr_confidence));
    object.insert("text", json!(page.text.content));
    object
}

fn coverage(coverage: &Coverage) -> Value {
    json!({
        "state": coverage.state().as_str(),
        "pages": coverage.pages,
        "examined": coverage.examined,
        "ocr_pages": coverage.ocr_pages,
        "faults": coverage.faults.iter().map(fault).collect::<Vec<_>>(),
    })
}

fn fault(fault: &Fault) -> Value {
    let mut object = json!({ "reason": fault.reason.as_str(), "page": fault.page, "detail": fault.detail });
    if let Some(Tries { attempts, first, last }) = fault.tries {
        object["attempts"] = json!(attempts);
        object["first_seen"] = json!(first);
        object["last_seen"] = json!(last);
    }
    object
}

/// A finding by itself, with its signals.
pub fn finding_object(one: &Finding) -> Object {
    let mut object = typed("finding");
    object.append(&mut finding_fields(one));
    let signals = one.signals.iter().map(|signal| json!({ "name": signal.name, "points": signal.points }));
    object.insert("signals", signals.collect());
    object
}

/// The findings of a file, with what their pages are called if that is more than a number, and what was decided on them.
fn findings(file: &FileRow) -> Value {
    let finding = |(index, one): (usize, &Finding)| {
        let mut object = finding_fields(one);
        if let Some(label) = file.labels.get(&one.page) {
            object.insert("label", json!(label));
        }
        if let Some(Decision { id, ruling, reason, by, expires, .. }) = file.decisions.get(&index) {
            let decision = json!({ "id": id, "ruling": ruling, "reason": reason, "by": by, "expires": expires });
            object.insert("decision", decision);
        }
        json!(object)
    };
    file.findings.iter().enumerate().map(finding).collect()
}

fn finding_fields(finding: &Finding) -> Object {
    let place = |rect: &Rect| json!([rect.x, rect.y, rect.w, rect.h]);
    Object::from([
        ("detector", json!(finding.detector)),
        ("rule", json!(finding.rule)),
        ("page", json!(finding.page)),
        ("level", json!(finding.level)),
        ("rank", json!(finding.rank)),
        ("native", json!(finding.native)),
        ("confidence", json!(finding.confidence)),
        ("excerpt", json!(finding.excerpt)),
        ("boxes", json!(finding.boxes.iter().map(place).collect::<Vec<_>>())),
        ("origin", json!(finding.origin.as_str())),
        ("flags", json!(finding.flags)),
        ("caveats", json!(finding.stated.caveats)),
        ("copy_number", json!(finding.stated.copy_number)),
        ("term", json!(finding.stated.term)),
    ])
}
