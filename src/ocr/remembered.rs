//! An engine that reads identical images once: copies of a document, letterheads, blank forms, blank backs of pages.
//!
//! It remembers within one reader process and for as long as that lives. What a reader knows is never kept beyond it: one
//! that its input has taken over could otherwise poison what others read.

use std::collections::VecDeque;

use image::DynamicImage;

use super::{OcrEngine, OcrError, Recognition};

/// Images that are remembered; the ones least recently seen go first.
const IMAGES: usize = 64;
/// Bytes of text that are remembered of one image; larger ones are read anew.
const TEXT_BYTES: usize = 64 << 10;

/// Words that are remembered of one image: each has a place.
const WORDS: usize = 8 << 10;

/// See the module.
pub struct Remembered {
    engine: Box<dyn OcrEngine>,
    /// By hash of the pixels and how they were asked for.
    seen: VecDeque<(blake3::Hash, Recognition)>,
}

impl Remembered {
    /// Wraps an engine.
    pub fn new(engine: Box<dyn OcrEngine>) -> Self {
        Self { engine, seen: VecDeque::new() }
    }

    fn once(
        &mut self,
        key: blake3::Hash,
        read: impl FnOnce(&mut dyn OcrEngine) -> Result<Recognition, OcrError>,
    ) -> Result<Recognition, OcrError> {
        if let Some(at) = self.seen.iter().position(|(known, _)| *known == key)
            && let Some(entry) = self.seen.remove(at)
        {
            self.seen.push_back(entry.clone());
            return Ok(entry.1);
        }
        let recognition = read(self.engine.as_mut())?;
        if recognition.text.content.len() <= TEXT_BYTES && recognition.text.words.len() <= WORDS {
            if self.seen.len() == IMAGES {
                self.seen.pop_front();
            }
            self.seen.push_back((key, recognition.clone()));
        }
        Ok(recognition)
    }
}

impl OcrEngine for Remembered {
    fn fingerprint(&self) -> String {
        self.engine.fingerprint()
    }

    fn fingerprint_of_others(&self) -> String {
        self.engine.fingerprint_of_others()
    }

    fn read_page(&mut self, image: &DynamicImage, dpi: Option<f32>) -> Result<Recognition, OcrError> {
        self.once(key(image, &format!("page {dpi:?}")), |engine| engine.read_page(image, dpi))
    }

    fn read_region(&mut self, image: &DynamicImage) -> Result<Recognition, OcrError> {
        self.once(key(image, "region"), |engine| engine.read_region(image))
    }
}

fn key(image: &DynamicImage, asked: &str) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{asked} {}x{} {:?};", image.width(), image.height(), image.color()).as_bytes());
    hasher.update(image.as_bytes());
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use image::{GrayImage, Luma};

    use super::*;

    struct Counting(Rc<Cell<usize>>);

    impl OcrEngine for Counting {
        fn fingerprint(&self) -> String {
            "counting".to_owned()
        }

        fn fingerprint_of_others(&self) -> String {
            String::new()
        }

        fn read_page(&mut self, _: &DynamicImage, _: Option<f32>) -> Result<Recognition, OcrError> {
            self.0.set(self.0.get() + 1);
            Ok(Recognition { language: self.0.get().to_string(), ..Recognition::default() })
        }

        fn read_region(&mut self, _: &DynamicImage) -> Result<Recognition, OcrError> {
            Err(OcrError::Failed("on purpose".to_owned()))
        }
    }

    fn image(value: u8) -> DynamicImage {
        GrayImage::from_pixel(4, 4, Luma([value])).into()
    }

    #[test]
    fn the_same_image_is_read_once_and_another_or_the_same_otherwise_anew() {
        let calls = Rc::new(Cell::new(0));
        let mut engine = Remembered::new(Box::new(Counting(Rc::clone(&calls))));
        let mut read = |value, dpi| engine.read_page(&image(value), dpi).expect("reads").language;
        assert_eq!([read(1, None), read(1, None), read(2, None), read(1, Some(300.0))], ["1", "1", "2", "3"]);
        assert!(engine.read_region(&image(1)).is_err());
        assert_eq!(calls.get(), 3);
    }

    #[test]
    fn only_so_many_images_are_remembered() {
        let calls = Rc::new(Cell::new(0));
        let mut engine = Remembered::new(Box::new(Counting(Rc::clone(&calls))));
        for value in (0..=u8::try_from(IMAGES).expect("few")).chain([0]) {
            engine.read_page(&image(value), None).expect("reads");
        }
        assert_eq!(calls.get(), IMAGES + 2);
        assert_eq!(engine.seen.len(), IMAGES);
    }
}
