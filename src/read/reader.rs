//! The reader process: loads engines and models, limits and locks itself, then reads slices of documents handed to it.
//!
//! It is the only process that touches hostile bytes and native libraries. It cannot open anything once it is ready. A
//! panic while reading is a fault of the page it happened on; anything worse kills the process, and the pool sees to it.

use std::cell::Cell;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, bail};

use super::protocol::{Channel, MembersRequest, ReaderStamps, Reply, Request, SliceRequest};
use super::{lock, page, prove, sandbox, unpack};
use crate::config::Settings;
use crate::document::{Kind, Opening, Page};
use crate::finding::{Fault, FaultReason};
use crate::format::{self, Document, FORMATS, Source};
use crate::ocr::{self, OcrEngine, Remembered, Timed};

/// Largest first message: the settings.
const START_BYTES: usize = 1 << 20;

/// Runs the reader until the sweep hangs up. The socket is standard input.
pub fn run() -> anyhow::Result<()> {
    sandbox::at_start().context("the reader cannot limit itself")?;
    // The default hook prints to standard error, and a panic message may quote document text.
    std::panic::set_hook(Box::new(|_| {}));
    let stream = UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned().context("the reader has no socket")?);
    let mut channel = Channel::new(stream, START_BYTES);
    let Request::Start(settings, layers) = channel.receive().context("no start message")? else {
        bail!("the first message must be Start");
    };
    channel.set_max_bytes(settings.limits.message_bytes);
    let started = load(&settings).and_then(|loaded| {
        sandbox::after_loading(&settings.limits)?;
        let held = lock::lock(&layers);
        match lock::missing(&settings.security.require, &held) {
            Some(missing) => bail!("a lock that security.require wants is missing: {missing}"),
            None => Ok((loaded, held)),
        }
    });
    let ((engine, loaded), held) = match started {
        Ok(started) => started,
        Err(error) => return Ok(channel.send(&Reply::CannotStart(format!("{error:#}")))?),
    };
    channel.send(&Reply::Ready(loaded, held))?;
    let (mut engine, spent) = Timed::new(Box::new(Remembered::new(engine)));
    serve(&mut channel, &mut engine, &spent, &settings)
}

/// Loads native libraries and models.
fn load(settings: &Settings) -> anyhow::Result<(Box<dyn OcrEngine>, ReaderStamps)> {
    FORMATS.iter().try_for_each(|format| format.prepare(settings))?;
    let engine = ocr::engine(settings)?;
    let (formats, other_languages) = (formats(settings)?, engine.fingerprint_of_others());
    let stamps = ReaderStamps { formats, engine: engine.fingerprint(), other_languages };
    Ok((engine, stamps))
}

/// What a reader started now reads with: found out without starting one. Fails, naming what to install, if one could not
/// work on this machine.
pub fn stamps(settings: &Settings) -> anyhow::Result<ReaderStamps> {
    Ok(ReaderStamps {
        formats: formats(settings)?,
        engine: ocr::fingerprint(&settings.ocr)?,
        other_languages: ocr::fingerprint_of_others(&settings.ocr)?,
    })
}

fn formats(settings: &Settings) -> anyhow::Result<Vec<(String, String)>> {
    FORMATS.iter().map(|format| Ok((format.name().to_owned(), format.stamp(settings)?))).collect()
}

/// The document that was read last: the next slice is probably another part of it.
struct Open<'a> {
    content: i64,
    /// Bytes of it.
    size: u64,
    document: Box<dyn Document + 'a>,
    opening: Opening,
}

/// Reads slices until the far end is closed.
fn serve(channel: &mut Channel, engine: &mut Timed, spent: &Cell<u64>, settings: &Settings) -> anyhow::Result<()> {
    let mut open = None;
    loop {
        let (request, file) = match channel.receive_with() {
            Ok(received) => received,
            Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error).context("cannot receive"),
        };
        let file = match (&request, file) {
            (Request::Read(_) | Request::Unpack(_), Some(file)) => file,
            (Request::Prove(targets), None) => {
                channel.send(&Reply::Proof(prove::attempt_all(targets)))?;
                continue;
            }
            _ => bail!("a slice needs a descriptor, and nothing else does"),
        };
        let (content, kind) = request.content().expect("a slice is of a content");
        sandbox::before_page();
        if open.as_ref().is_none_or(|open: &Open<'_>| open.content != content) {
            // Before the next one takes its memory.
            drop(open.take());
            let source = Source::new(file).context("the descriptor cannot be read")?;
            // Opening is behind the same wall as reading a page: a panic there is a fault of the document.
            let opened = catch_unwind(AssertUnwindSafe(|| open_document(settings, content, kind, source)));
            let panicked = || Err(Fault::whole(FaultReason::Crash, "the reader panicked while opening"));
            match opened.unwrap_or_else(|_| panicked()) {
                Ok(opened) => open = Some(opened),
                Err(fault) => channel.send(&Reply::Failed(fault))?,
            }
        }
        let well = match (&open, &request) {
            (Some(document), Request::Read(request)) => slice(channel, engine, settings, request, document)?,
            (Some(document), Request::Unpack(request)) => unpacked(channel, settings, request, document)?,
            _ => true,
        };
        if !well {
            // What a panic has left behind is not read on with.
            open = None;
        }
        let engine_ms = spent.take() / 1000;
        channel.send(&Reply::Done { engine_ms })?;
    }
}

fn open_document<'a>(settings: &'a Settings, content: i64, kind: &Kind, source: Source) -> Result<Open<'a>, Fault> {
    let Some(format) = format::for_kind(kind) else {
        return Err(Fault::whole(FaultReason::Unsupported, format!("no reader for kind {kind}")));
    };
    let size = source.size();
    let document = format.open(source, kind, settings)?;
    let (pages, mut faults) = (document.page_count(), document.faults());
    if pages > settings.limits.pages {
        faults.push(Fault::limit("pages", settings.limits.pages, format!("a document of {pages} pages")));
    }
    let opening = Opening { pages, faults, remarks: document.remarks(), members: document.has_members() };
    Ok(Open { content, size, document, opening })
}

/// Sends members of a document; false if its format panicked over them.
fn unpacked(
    channel: &mut Channel,
    settings: &Settings,
    request: &MembersRequest,
    open: &Open<'_>,
) -> std::io::Result<bool> {
    channel.send(&Reply::Opened(open.opening.clone()))?;
    sandbox::before_page();
    let members = || unpack::members(channel, &settings.limits, request, open.document.as_ref(), open.size);
    let Ok(sent) = catch_unwind(AssertUnwindSafe(members)) else {
        let detail = "the reader panicked over the documents inside it";
        channel.send(&Reply::MembersFault(Fault::whole(FaultReason::Crash, detail)))?;
        return Ok(false);
    };
    sent.map(|()| true)
}

/// Reads one slice and sends its pages as they are read; false if one of them panicked.
fn slice(
    channel: &mut Channel,
    engine: &mut dyn OcrEngine,
    settings: &Settings,
    request: &SliceRequest,
    open: &Open<'_>,
) -> std::io::Result<bool> {
    channel.send(&Reply::Opened(open.opening.clone()))?;
    let last = request.last.min(open.opening.pages).min(settings.limits.pages);
    let mut well = true;
    for number in request.first..=last {
        sandbox::before_page();
        let read = catch_unwind(AssertUnwindSafe(|| page::read(open.document.as_ref(), number, engine, settings)));
        well &= read.is_ok();
        let panicked = || Err(Fault::whole(FaultReason::Crash, "the reader panicked on this page"));
        match read.unwrap_or_else(|_| panicked()) {
            Ok(page) => send_page(channel, page, settings)?,
            Err(fault) => channel.send(&Reply::PageFault(Fault { page: Some(number), ..fault }))?,
        }
    }
    Ok(well)
}

/// Sends a page; one too large for a message is a fault that names the limit.
fn send_page(channel: &mut Channel, page: Page, settings: &Settings) -> std::io::Result<()> {
    let (number, bytes) = (page.number, page.text.content.len());
    match channel.send(&Reply::Page(Box::new(page))) {
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => {
            let fault = Fault::limit(
                "message_bytes",
                settings.limits.message_bytes,
                format!("a page with {bytes} bytes of text"),
            );
            channel.send(&Reply::PageFault(Fault { page: Some(number), ..fault }))
        }
        sent => sent,
    }
}
