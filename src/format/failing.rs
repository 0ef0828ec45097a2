//! For tests only (feature `failpoints`): documents that make a reader crash, hang, swell or panic.
//!
//! A document begins with `%MISFILE-FAIL`, then `pages N`, then orders: a page number (0: on opening) and `crash`, `hang`,
//! `spin`, `memory`, `panic`, `nap MS`, `burn MS` (of CPU time), or `text …`; or what a document would order that had taken its reader over: `write FILE`,
//! `connect PORT`, `kill` (the sweep), `garbage`, `giant` (a frame), `flood` (frames without end), `dribble` (a frame that
//! never ends), `ascend` (pages that the document does not have). A page number `*` is every page. `member NAME TEXT` on page 0 is a
//! document inside, and `member-crash NAME` one whose reader dies of it.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::ops::ControlFlow;
use std::time::Duration;

use image::DynamicImage;

use super::{Document, Format, Layer, Members, Objects, PageSource, Source};
use crate::config::Settings;
use crate::document::{Kind, PageSize, Text};
use crate::finding::{Fault, FaultReason};

/// First bytes of such a document.
pub(crate) const MAGIC: &[u8] = b"%MISFILE-FAIL\n";

/// See the module.
pub(super) struct Failing;

impl Format for Failing {
    fn name(&self) -> &'static str {
        "failing"
    }

    fn version(&self) -> u32 {
        1
    }

    fn kinds(&self) -> &'static [&'static str] {
        &["failing"]
    }

    fn open<'a>(&'a self, source: Source, _: &Kind, settings: &'a Settings) -> Result<Box<dyn Document + 'a>, Fault> {
        let damaged = |why: String| Fault::whole(FaultReason::Damaged, why);
        let bytes = source.head(settings.limits.content_text_bytes).map_err(|error| damaged(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
        let mut lines = text.lines().skip(1);
        let pages = lines.next().and_then(|line| line.strip_prefix("pages ")?.parse().ok());
        let pages = pages.ok_or_else(|| damaged("no page count".to_owned()))?;
        let orders: Vec<(u32, String)> = lines
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(page, order)| Some((if page == "*" { EVERY } else { page.parse().ok()? }, order.to_owned())))
            .collect();
        let document = Orders { pages, orders };
        document.obey(0);
        Ok(Box::new(document))
    }
}

/// The number of an order that is for every page.
const EVERY: u32 = u32::MAX;

/// `PageFault` of page 1: its length, its number among the replies, and the fault.
const FRAME: &[u8] = &[6, 0, 0, 0, 5, 1, 1, 1, 1, b'x'];

/// The same of another page below 128.
fn page_fault(page: u8) -> [u8; 10] {
    let mut frame = [0; 10];
    frame.copy_from_slice(FRAME);
    frame[6] = page;
    frame
}

fn milliseconds(words: &str) -> Duration {
    Duration::from_millis(words.parse().unwrap_or(0))
}

/// Writes to the sweep past the reader's own code: its standard input is the socket.
fn say(bytes: &[u8]) {
    let _ = rustix::io::write(std::io::stdin(), bytes);
}

fn connect(port: &str) -> std::io::Result<()> {
    let port = port.parse().map_err(std::io::Error::other)?;
    let socket = rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None)?;
    Ok(rustix::net::connect(socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, port))?)
}

fn kill_parent() -> rustix::io::Result<()> {
    let parent = rustix::process::getppid().ok_or(rustix::io::Errno::SRCH)?;
    rustix::process::kill_process(parent, rustix::process::Signal::KILL)
}

struct Orders {
    pages: u32,
    orders: Vec<(u32, String)>,
}

impl Orders {
    /// Does what is ordered for a page; returns its text.
    fn obey(&self, page: u32) -> String {
        let mut said = String::new();
        for (_, order) in self.orders.iter().filter(|(on, _)| *on == page || (*on == EVERY && page > 0)) {
            match order.split_once(' ').unwrap_or((order, "")) {
                ("crash", _) => std::process::abort(),
                ("hang", _) => loop {
                    std::thread::park();
                },
                ("spin", _) => loop {
                    std::hint::spin_loop();
                },
                ("nap", time) => std::thread::sleep(milliseconds(time)),
                ("burn", time) => {
                    let begun = std::time::Instant::now();
                    while begun.elapsed() < milliseconds(time) {
                        std::hint::spin_loop();
                    }
                }
                ("memory", _) => {
                    let mut hoard: Vec<Vec<u8>> = Vec::new();
                    loop {
                        hoard.push(vec![1; 64 << 20]);
                    }
                }
                // As bugs do that quote what they stumble over.
                ("panic", quoted) => panic!("as ordered: {quoted}"),
                // Whoever has taken a reader over does not care whether it worked.
                ("write", file) => drop(std::fs::write(file, "what was read")),
                ("connect", port) => drop(connect(port)),
                ("kill", _) => drop(kill_parent()),
                ("garbage", _) => say(&[0xFF; 64]),
                ("giant", _) => say(&u32::MAX.to_le_bytes()),
                ("flood", _) => loop {
                    // One page fault after another, in the form of a whole frame.
                    say(FRAME);
                },
                ("ascend", _) => (2..128).for_each(|page| say(&page_fault(page))),
                ("dribble", _) => {
                    say(&1_000_000_u32.to_le_bytes());
                    loop {
                        std::thread::sleep(Duration::from_millis(100));
                        say(&[0]);
                    }
                }
                ("text", text) => said.push_str(text),
                _ => {}
            }
        }
        said
    }
}

impl Document for Orders {
    fn page_count(&self) -> u32 {
        self.pages
    }

    fn page(&self, number: u32) -> Result<Box<dyn PageSource + '_>, Fault> {
        Ok(Box::new(Said(self.obey(number))))
    }

    fn has_members(&self) -> bool {
        self.orders.iter().any(|(page, order)| *page == 0 && order.starts_with("member"))
    }

    fn members(&self, out: &mut dyn Members) -> Result<(), Fault> {
        for (_, order) in &self.orders {
            let flow = match order.splitn(3, ' ').collect::<Vec<_>>()[..] {
                ["member", name, text] => out.member(name, &mut text.as_bytes()),
                ["member-crash", name] => out.member(name, &mut Abort),
                _ => ControlFlow::Continue(()),
            };
            if flow.is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Bytes that their reader dies of.
struct Abort;

impl std::io::Read for Abort {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        std::process::abort()
    }
}

struct Said(String);

impl PageSource for Said {
    fn size(&self) -> PageSize {
        PageSize::default()
    }

    fn layer(&mut self) -> Result<Layer, Fault> {
        let objects = Objects { text_only_format: true, ..Objects::default() };
        Ok(Layer { text: Text::plain(self.0.clone()), objects, ..Layer::default() })
    }

    fn render(&mut self, _: u32) -> Result<Option<DynamicImage>, Fault> {
        Ok(None)
    }
}
