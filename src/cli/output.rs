//! Standard output: buffered, and deaf to a reader who has seen enough.
//!
//! `misfile findings | head -1` closes the pipe early. That is no error and prints none; but the exit code is the
//! verdict's, so the verb goes on counting and what it writes is dropped. A verb whose work is dear (`inspect` reads
//! documents) asks [`Listener::gone`] and stops early instead.

use std::cell::Cell;
use std::io::{self, BufWriter, Write};
use std::rc::Rc;

/// Whether anybody still reads.
#[derive(Clone, Debug, Default)]
pub(super) struct Listener(Rc<Cell<bool>>);

impl Listener {
    /// Whether whoever read our output has closed it.
    pub(super) fn gone(&self) -> bool {
        self.0.get()
    }
}

/// See the module.
pub(super) struct Output<W: Write> {
    inner: BufWriter<W>,
    listener: Listener,
}

impl<W: Write> Output<W> {
    pub(super) fn new(inner: W, listener: Listener) -> Self {
        Self { inner: BufWriter::new(inner), listener }
    }

    /// `otherwise` if nobody listens any more; other errors say that they are about standard output.
    fn heard<T>(&self, result: io::Result<T>, otherwise: T) -> io::Result<T> {
        match result {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.listener.0.set(true);
                Ok(otherwise)
            }
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                Err(io::Error::new(error.kind(), format!("standard output cannot be written: {error}")))
            }
            result => result,
        }
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.listener.gone() {
            return Ok(bytes.len());
        }
        let written = self.inner.write(bytes);
        self.heard(written, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.listener.gone() {
            return Ok(());
        }
        let flushed = self.inner.flush();
        self.heard(flushed, ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes nothing, for one reason.
    struct Refusing(io::ErrorKind);

    impl Write for Refusing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_closed_pipe_is_noticed_and_is_no_error() {
        let listener = Listener::default();
        let mut out = Output::new(Refusing(io::ErrorKind::BrokenPipe), listener.clone());
        out.write_all(&vec![b'x'; 100_000]).expect("no error");
        out.flush().expect("no error");
        assert!(listener.gone());
    }

    #[test]
    fn a_full_disk_behind_standard_output_is_an_error_that_says_so() {
        let mut out = Output::new(Refusing(io::ErrorKind::StorageFull), Listener::default());
        let error = out.write_all(&vec![b'x'; 100_000]).expect_err("no space");
        assert!(error.to_string().starts_with("standard output cannot be written"), "{error}");
    }
}
