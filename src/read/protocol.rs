//! What sweep and reader say to each other: length-prefixed `postcard` frames over a Unix socket, with the document's
//! descriptor passed along.
//!
//! Lengths are checked against a limit before memory is taken, since the far side may have been taken over by its input.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags,
    recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::lock::Held;
use super::prove::{Attempt, Targets};
use crate::config::{Layer, Settings};
use crate::document::{Kind, Opening, Page};
use crate::finding::Fault;

/// Sweep to reader.
#[derive(Debug, Serialize, Deserialize)]
pub enum Request {
    /// The first message: load everything, then put on these locks.
    Start(Box<Settings>, Vec<Layer>),
    /// Try every way out, towards these places.
    Prove(Targets),
    /// Read pages of the document whose descriptor comes along.
    Read(SliceRequest),
    /// Unpack what is inside of the document whose descriptor comes along.
    Unpack(MembersRequest),
}

impl Request {
    /// The caller's number for the content, and what its bytes are.
    pub(super) fn content(&self) -> Option<(i64, &Kind)> {
        match self {
            Self::Read(request) => Some((request.content, &request.kind)),
            Self::Unpack(request) => Some((request.content, &request.kind)),
            Self::Start(..) | Self::Prove(_) => None,
        }
    }
}

/// The members of one document from one on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MembersRequest {
    /// The caller's number for the content.
    pub content: i64,
    /// What the bytes are.
    pub kind: Kind,
    /// Number of the first member wanted, from 1.
    pub from: u32,
    /// Bytes that its members before that one unpacked to.
    pub unpacked: u64,
    /// Members, and their bytes, that were unpacked of the whole file, from all containers in it.
    pub below: (u64, u64),
    /// Members, and their bytes, that there is room for: a slice ends when either is used up.
    pub room: (u64, u64),
}

/// Pages `first..=last` of one document.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SliceRequest {
    /// The caller's number for the content: a document that is still open is read on.
    pub content: i64,
    /// What the bytes are.
    pub kind: Kind,
    /// First page, from 1.
    pub first: u32,
    /// Last page; `u32::MAX` is the document's last.
    pub last: u32,
}

/// Reader to sweep.
#[derive(Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Loaded, limited and locked; what it reads with, and what holds it.
    Ready(ReaderStamps, Vec<Held>),
    /// What came of every way out.
    Proof(Vec<Attempt>),
    /// It cannot work on this machine; the message names the package to install.
    CannotStart(String),
    /// The document is open.
    Opened(Opening),
    /// A page was read, perhaps with faults.
    Page(Box<Page>),
    /// A page could not be read.
    PageFault(Fault),
    /// The document cannot be opened.
    Failed(Fault),
    /// The slice is done.
    Done {
        /// CPU time inside the OCR engine, milliseconds.
        engine_ms: u64,
    },
    /// A member begins.
    Member {
        /// Its number, from 1.
        ordinal: u32,
        /// Its name in its container.
        name: String,
    },
    /// Bytes of the member that was begun last.
    Bytes(Vec<u8>),
    /// Its end, and why something of it is missing, if so.
    MemberEnd(Option<Fault>),
    /// A member that cannot be had.
    Unreadable {
        /// Its number, from 1.
        ordinal: u32,
        /// Its name in its container.
        name: String,
        /// Why.
        fault: Fault,
    },
    /// Not all members could be found.
    MembersFault(Fault),
    /// The slice is full; there are members from this number on.
    MembersMore(u32),
}

/// What a reader reads with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReaderStamps {
    /// Name, version and native parts of each format, in the order of the registry.
    pub formats: Vec<(String, String)>,
    /// Fingerprint of the OCR engine and its models.
    pub engine: String,
    /// Fingerprint of the languages that are tried where lines stay unread.
    pub other_languages: String,
}

/// One end of the socket.
#[derive(Debug)]
pub struct Channel {
    stream: UnixStream,
    max_bytes: usize,
    /// How long a message may take, from the wait for its first byte to its last.
    patience: Option<Duration>,
}

impl Channel {
    /// Wraps a socket; longer frames than `max_bytes` are refused on both sides.
    pub fn new(stream: UnixStream, max_bytes: usize) -> Self {
        Self { stream, max_bytes, patience: None }
    }

    /// Bounds how long each message may take in all: a far side that sends a byte now and then gains nothing.
    pub fn set_patience(&mut self, patience: Duration) -> io::Result<()> {
        self.patience = Some(patience);
        self.stream.set_write_timeout(Some(patience))
    }

    /// Changes the limit once the settings are known.
    pub fn set_max_bytes(&mut self, max_bytes: usize) {
        self.max_bytes = max_bytes;
    }

    /// Sends a message.
    pub fn send(&mut self, message: &impl Serialize) -> io::Result<()> {
        self.send_with(message, None)
    }

    /// Sends a message with a descriptor.
    pub fn send_with(&mut self, message: &impl Serialize, file: Option<&File>) -> io::Result<()> {
        let body = postcard::to_stdvec(message).map_err(invalid)?;
        if body.len() > self.max_bytes {
            return Err(invalid(format!(
                "a message of {} bytes is over limits.message_bytes = {}",
                body.len(),
                self.max_bytes
            )));
        }
        let length = u32::try_from(body.len()).map_err(invalid)?.to_le_bytes();
        match file {
            None => self.stream.write_all(&length)?,
            Some(file) => {
                let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
                let mut control = SendAncillaryBuffer::new(&mut space);
                let descriptors = [file.as_fd()];
                assert!(control.push(SendAncillaryMessage::ScmRights(&descriptors)), "the buffer has space for one");
                let sent = sendmsg(&self.stream, &[IoSlice::new(&length)], &mut control, SendFlags::NOSIGNAL)?;
                self.stream.write_all(&length[sent..])?;
            }
        }
        self.stream.write_all(&body)
    }

    /// Receives a message.
    pub fn receive<T: DeserializeOwned>(&mut self) -> io::Result<T> {
        let until = self.patience.map(|patience| Instant::now() + patience);
        let mut length = [0; 4];
        self.fill(&mut length, until)?;
        self.body(length, until)
    }

    /// Receives as many bytes as there is room, or fails when the time is over.
    fn fill(&mut self, mut room: &mut [u8], until: Option<Instant>) -> io::Result<()> {
        while !room.is_empty() {
            if let Some(until) = until {
                let left = until.saturating_duration_since(Instant::now());
                // To the system zero is no limit at all.
                let left = Some(left).filter(|left| !left.is_zero()).ok_or(io::ErrorKind::TimedOut)?;
                self.stream.set_read_timeout(Some(left))?;
            }
            match self.stream.read(room) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => room = &mut room[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Receives a message and the descriptor that came with it, if one did.
    pub fn receive_with<T: DeserializeOwned>(&mut self) -> io::Result<(T, Option<File>)> {
        let mut length = [0; 4];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let received =
            recvmsg(&self.stream, &mut [IoSliceMut::new(&mut length)], &mut control, RecvFlags::CMSG_CLOEXEC)?;
        if received.bytes == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let descriptor: Option<OwnedFd> = control
            .drain()
            .filter_map(|message| if let RecvAncillaryMessage::ScmRights(fds) = message { Some(fds) } else { None })
            .flatten()
            .next();
        self.fill(&mut length[received.bytes..], None)?;
        Ok((self.body(length, None)?, descriptor.map(File::from)))
    }

    fn body<T: DeserializeOwned>(&mut self, length: [u8; 4], until: Option<Instant>) -> io::Result<T> {
        let length = u32::from_le_bytes(length) as usize;
        if length > self.max_bytes {
            return Err(invalid(format!(
                "a message of {length} bytes is over limits.message_bytes = {}",
                self.max_bytes
            )));
        }
        let mut body = vec![0; length];
        self.fill(&mut body, until)?;
        postcard::from_bytes(&body).map_err(invalid)
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{GateDecision, Origin, PageSize, Rect, Text};
    use crate::finding::FaultReason;

    #[test]
    fn a_message_arrives_with_its_descriptor() {
        let (here, there) = UnixStream::pair().expect("sockets");
        let (mut here, mut there) = (Channel::new(here, 1 << 20), Channel::new(there, 1 << 20));
        let mut file = tempfile::tempfile().expect("file");
        file.write_all(b"content").expect("written");
        let request = SliceRequest { content: 1, kind: Kind::new("pdf"), first: 2, last: 9 };
        here.send_with(&Request::Read(request), Some(&file)).expect("sent");
        let (request, descriptor): (Request, _) = there.receive_with().expect("received");
        assert!(matches!(request, Request::Read(SliceRequest { first: 2, last: 9, .. })));
        let source = crate::format::Source::new(descriptor.expect("a descriptor")).expect("readable");
        assert_eq!(source.head(100).expect("bytes"), b"content");
    }

    #[test]
    fn a_length_over_the_limit_is_refused_before_memory_is_taken() {
        let (mut here, there) = UnixStream::pair().expect("sockets");
        let mut there = Channel::new(there, 1000);
        here.write_all(&u32::MAX.to_le_bytes()).expect("sent");
        let error = there.receive::<Reply>().expect_err("refused");
        assert!(error.to_string().contains("limits.message_bytes = 1000"));
    }

    #[test]
    fn a_message_that_comes_byte_by_byte_must_be_whole_in_time() {
        let (mut here, there) = UnixStream::pair().expect("sockets");
        let mut there = Channel::new(there, 1000);
        there.set_patience(Duration::from_millis(300)).expect("set");
        let dribble = std::thread::spawn(move || {
            for byte in 900_u32.to_le_bytes().into_iter().chain([0; 900]) {
                std::thread::sleep(Duration::from_millis(20));
                if here.write_all(&[byte]).is_err() {
                    return;
                }
            }
        });
        let error = there.receive::<Reply>().expect_err("too slow");
        assert!(matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock), "{error}");
        drop(there);
        dribble.join().expect("no panic");
    }

    #[test]
    fn garbage_from_a_reader_is_an_error_and_no_panic() {
        let (mut here, there) = UnixStream::pair().expect("sockets");
        here.write_all(&[3, 0, 0, 0, 0xFF, 0xFF, 0xFF]).expect("sent");
        assert!(Channel::new(there, 1000).receive::<Reply>().is_err());
    }

    /// A page of the kind that readers send.
    fn page(text: &str) -> Reply {
        let mut page = Page {
            number: 3,
            size: PageSize { width: 595.0, height: 842.0 },
            text: Text::plain(text),
            gate: GateDecision::default(),
            ocr_confidence: Some(90),
            ocr: true,
            layer_match: None,
            faults: vec![Fault::on_page(3, FaultReason::Limit, "over")],
            label: None,
            red_rule: None,
        };
        page.text.push_word(" ", "word", Rect::default(), 80, Origin::Ocr);
        Reply::Page(Box::new(page))
    }

    /// What a channel makes of some bytes: messages up to the first that is none.
    fn received(bytes: &[u8]) -> usize {
        let (mut here, there) = UnixStream::pair().expect("sockets");
        here.write_all(bytes).expect("they fit into the socket");
        drop(here);
        let mut there = Channel::new(there, 1 << 16);
        std::iter::from_fn(|| there.receive::<Reply>().ok()).count()
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_a_channel_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)) {
            received(&bytes);
        }

        #[test]
        fn frames_that_were_tampered_with_are_messages_or_errors(
            text in ".{0,200}", spoil in proptest::collection::vec((proptest::num::usize::ANY, proptest::num::u8::ANY), 0..6)
        ) {
            let body = postcard::to_stdvec(&page(&text)).expect("serializes");
            let length = u32::try_from(body.len()).expect("short").to_le_bytes();
            let whole = [length.as_slice(), &body].concat();
            let mut frames = [whole.clone(), whole].concat();
            proptest::prop_assert_eq!(received(&frames), 2);
            let size = frames.len();
            spoil.into_iter().for_each(|(at, byte)| frames[at % size] = byte);
            received(&frames);
        }
    }
}
