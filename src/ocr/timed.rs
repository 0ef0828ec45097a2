//! An engine that counts the CPU time spent inside another: what OCR costs, without the rest of the sweep around it.

use std::cell::Cell;
use std::rc::Rc;

use image::DynamicImage;
use rustix::time::{ClockId, clock_gettime};

use super::{OcrEngine, OcrError, Recognition};

/// See the module.
pub struct Timed {
    engine: Box<dyn OcrEngine>,
    spent: Rc<Cell<u64>>,
}

impl Timed {
    /// Wraps an engine; the counter holds microseconds of CPU time.
    pub fn new(engine: Box<dyn OcrEngine>) -> (Self, Rc<Cell<u64>>) {
        let spent = Rc::new(Cell::new(0));
        (Self { engine, spent: Rc::clone(&spent) }, spent)
    }

    fn time<T>(&mut self, call: impl FnOnce(&mut dyn OcrEngine) -> T) -> T {
        let before = cpu_microseconds();
        let result = call(self.engine.as_mut());
        self.spent.set(self.spent.get() + cpu_microseconds().saturating_sub(before));
        result
    }
}

impl OcrEngine for Timed {
    fn fingerprint(&self) -> String {
        self.engine.fingerprint()
    }

    fn fingerprint_of_others(&self) -> String {
        self.engine.fingerprint_of_others()
    }

    fn read_page(&mut self, image: &DynamicImage, dpi: Option<f32>) -> Result<Recognition, OcrError> {
        self.time(|engine| engine.read_page(image, dpi))
    }

    fn read_region(&mut self, image: &DynamicImage) -> Result<Recognition, OcrError> {
        self.time(|engine| engine.read_region(image))
    }
}

fn cpu_microseconds() -> u64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    u64::try_from(now.tv_sec * 1_000_000 + now.tv_nsec / 1000).unwrap_or_default()
}
