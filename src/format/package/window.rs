//! A source read through a small buffer that can be cloned, so that each part is read by a reader of its own.

use std::io::{self, Read, Seek, SeekFrom};

use crate::format::Source;

/// Bytes that are read at once.
const BUFFER: usize = 8192;

/// A buffered source. Clones begin with an empty buffer.
pub(super) struct Window {
    source: Source,
    buffer: Vec<u8>,
    used: usize,
}

impl Window {
    /// A source from its start.
    pub(super) fn new(source: Source) -> Self {
        Self { source, buffer: Vec::new(), used: 0 }
    }

    fn left(&self) -> usize {
        self.buffer.len().saturating_sub(self.used)
    }
}

impl Clone for Window {
    fn clone(&self) -> Self {
        let mut source = self.source.clone();
        source.position = source.position.saturating_sub(self.left() as u64);
        Self::new(source)
    }
}

impl Read for Window {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left() == 0 {
            if into.len() >= BUFFER {
                return self.source.read(into);
            }
            self.buffer.resize(BUFFER, 0);
            let count = self.source.read(&mut self.buffer)?;
            self.buffer.truncate(count);
            self.used = 0;
        }
        let mut rest = self.buffer.get(self.used..).unwrap_or_default();
        let count = rest.read(into)?;
        self.used += count;
        Ok(count)
    }
}

impl Seek for Window {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let left = self.left() as u64;
        let to = match to {
            SeekFrom::Current(offset) => {
                let here = self.source.position.saturating_sub(left);
                let target = here.checked_add_signed(offset);
                SeekFrom::Start(
                    target.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "seek before the start"))?,
                )
            }
            other => other,
        };
        if let SeekFrom::Start(target) = to {
            // Within the buffer: nothing is read again.
            let start = self.source.position.saturating_sub(self.buffer.len() as u64);
            let inside = target.checked_sub(start).and_then(|at| usize::try_from(at).ok());
            if let Some(at) = inside.filter(|at| *at <= self.buffer.len()) {
                self.used = at;
                return Ok(target);
            }
        }
        self.buffer.clear();
        self.used = 0;
        self.source.seek(to)
    }
}
