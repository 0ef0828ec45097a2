//! What was written with a pen (InkML): its strokes are put on paper, for OCR to read as far as it reads handwriting.

use crate::config::Limits;
use crate::finding::{Fault, FaultReason};
use crate::format::outlines::{Drawing, Point, Step, WRITING};

use super::gather::Gather;

/// What was written in a part.
#[derive(Default)]
pub(super) struct Ink {
    drawing: Drawing,
    /// The points of the stroke that is open.
    stroke: Option<String>,
}

impl Ink {
    pub(super) fn start(&mut self, element: &str) {
        if element == "trace" {
            self.stroke = Some(String::new());
        }
    }

    /// Takes the points of a stroke; false if a text is none.
    pub(super) fn takes(&mut self, text: &str) -> bool {
        let is_point = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-.,'\"!*?TF#".contains(c);
        match &mut self.stroke {
            Some(stroke) if text.chars().all(is_point) => {
                stroke.push_str(text);
                true
            }
            _ => false,
        }
    }

    pub(super) fn end(&mut self, element: &str, limits: &Limits) {
        if element == "trace"
            && let Some(points) = self.stroke.take()
        {
            self.drawing.add(stroke(&points), false, limits);
        }
    }

    /// Hands over what was written in a part.
    pub(super) fn tell(self, part: &str, gather: &mut Gather<'_>) {
        let letters = self.drawing.outlines.letters();
        if letters >= WRITING {
            let detail = format!("{letters} strokes of a pen may be handwriting, which is read as far as OCR reads it");
            gather.fault(Fault::whole(FaultReason::Unsupported, detail));
        }
        gather.drawing(part, self.drawing);
    }
}

/// The points of a stroke: between commas, across and down first. A number is where the pen is, behind `'` how far it went, and
/// behind `"` by how much more than before.
fn stroke(points: &str) -> Vec<Step> {
    let mut channels = [Channel::default(); 2];
    let mut steps = Vec::new();
    for point in points.split(',').filter(|point| !point.trim().is_empty()) {
        let mut rest = point;
        for channel in &mut channels {
            rest = channel.next(rest);
        }
        let at: Point = (channels[0].at, channels[1].at);
        steps.push(if steps.is_empty() { Step::Move(at) } else { Step::Line(at) });
    }
    steps
}

#[derive(Clone, Copy, Default)]
struct Channel {
    at: f32,
    speed: f32,
    way: Way,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Way {
    #[default]
    Place,
    Speed,
    Change,
}

impl Channel {
    /// Takes the next number of a point; what is behind it.
    fn next<'t>(&mut self, text: &'t str) -> &'t str {
        let mut text = text.trim_start();
        loop {
            self.way = match text.chars().next() {
                Some('!') => Way::Place,
                Some('\'') => Way::Speed,
                Some('"') => Way::Change,
                _ => break,
            };
            text = text[1..].trim_start();
        }
        let is_part = |(at, c): (usize, char)| c.is_ascii_digit() || c == '.' || (at == 0 && matches!(c, '-' | '+'));
        let end = text.char_indices().find(|part| !is_part(*part)).map_or(text.len(), |(at, _)| at);
        let (number, rest) = text.split_at(end);
        let Ok(number) = number.parse::<f32>() else { return text };
        match self.way {
            Way::Place => (self.speed, self.at) = (number - self.at, number),
            Way::Speed => {
                self.speed = number;
                self.at += number;
            }
            Way::Change => {
                self.speed += number;
                self.at += self.speed;
            }
        }
        rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_are_followed_by_places_ways_and_changes() {
        let places = [Step::Move((10.0, 20.0)), Step::Line((12.0, 19.0)), Step::Line((15.0, 17.0))];
        assert_eq!(stroke("10 20, 12 19, 15 17"), places);
        assert_eq!(stroke("10 20,'2'-1,3-2"), places);
        assert_eq!(stroke("10 20,'2'-1,\"1\"-1"), places);
        assert_eq!(stroke("10 20 5, 12 19 6, 15 17 T"), places);
    }
}
