//! Paths as they are written, and the steps that they are made of.

/// A point, across and down.
pub(in crate::format) type Point = (f32, f32);

/// Handles of a curve that is a quarter of an ellipse, as a share of its sides.
const QUARTER: f32 = 0.5523;

/// A step of a path, in points of the drawing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::format) enum Step {
    /// The pen is put down.
    Move(Point),
    /// A line.
    Line(Point),
    /// A curve, by the two points that bend it and its end.
    Curve(Point, Point, Point),
    /// Back to where the pen was put down.
    Close,
}

impl Step {
    /// The same step elsewhere.
    pub(in crate::format) fn moved(self, place: impl Fn(Point) -> Point) -> Self {
        match self {
            Self::Move(to) => Self::Move(place(to)),
            Self::Line(to) => Self::Line(place(to)),
            Self::Curve(first, second, to) => Self::Curve(place(first), place(second), place(to)),
            Self::Close => Self::Close,
        }
    }
}

/// How the commands of a path are written, and how many numbers each takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::format) enum Syntax {
    /// `M S L Q B A C` of OFD.
    Ofd,
    /// `M L H V C S Q T A Z` of SVG and XPS, small letters for steps relative to the last point.
    Svg,
    /// `M L C Q X Y Z N` of shapes of OpenDocument.
    Odf,
    /// `m l c x e` of drawings of old Office, `t r v` for steps relative to the last point.
    Vml,
}

/// What a command draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Drawn {
    Move,
    Line,
    Across,
    Down,
    /// A curve with one point that bends it.
    Simple,
    /// The same, whose point is that of the curve before.
    SimpleOn,
    Curve,
    /// A curve that goes on as the one before ended.
    CurveOn,
    /// A part of an ellipse: the last two numbers are its end.
    Arc,
    /// A quarter of an ellipse that sets out along an axis.
    Quarter,
    Close,
}

impl Syntax {
    /// What a command draws, from how many numbers, and whether they count from the last point.
    fn of(self, letter: char) -> Option<(Drawn, usize, bool)> {
        let relative = match self {
            Self::Svg => letter.is_ascii_lowercase(),
            Self::Vml => matches!(letter, 't' | 'r' | 'v'),
            Self::Ofd | Self::Odf => false,
        };
        let letter = if self == Self::Svg { letter.to_ascii_uppercase() } else { letter };
        let (drawn, takes) = match (self, letter) {
            (Self::Vml, 'm' | 't') | (Self::Ofd, 'M' | 'S') | (Self::Svg | Self::Odf, 'M') => (Drawn::Move, 2),
            (Self::Vml, 'l' | 'r') | (Self::Ofd | Self::Svg | Self::Odf, 'L') => (Drawn::Line, 2),
            (Self::Svg, 'H') => (Drawn::Across, 1),
            (Self::Svg, 'V') => (Drawn::Down, 1),
            (Self::Svg | Self::Ofd | Self::Odf, 'Q') => (Drawn::Simple, 4),
            (Self::Svg, 'S') => (Drawn::CurveOn, 4),
            (Self::Svg, 'T') => (Drawn::SimpleOn, 2),
            (Self::Svg | Self::Odf, 'C') | (Self::Ofd, 'B') | (Self::Vml, 'c' | 'v') => (Drawn::Curve, 6),
            (Self::Svg | Self::Ofd, 'A') => (Drawn::Arc, 7),
            (Self::Odf, 'A' | 'B' | 'V' | 'W') => (Drawn::Arc, 8),
            (Self::Odf, 'X' | 'Y') => (Drawn::Quarter, 2),
            (Self::Svg | Self::Odf, 'Z') | (Self::Ofd, 'C') | (Self::Vml, 'x') => (Drawn::Close, 0),
            _ => return None,
        };
        Some((drawn, takes, relative))
    }
}

/// The steps of a path. An arc is told by its ends alone.
pub(in crate::format) fn steps(path: &str, syntax: Syntax) -> Vec<Step> {
    let mut pen = Pen::default();
    for Command { letter, numbers } in commands(path, syntax) {
        match syntax.of(letter) {
            None => {}
            Some((Drawn::Close, ..)) => {
                pen.steps.push(Step::Close);
                pen.at = pen.start;
            }
            Some((drawn, takes, relative)) => {
                for (index, given) in numbers.chunks_exact(takes).enumerate() {
                    // More numbers behind a move are lines.
                    let drawn = if drawn == Drawn::Move && index > 0 { Drawn::Line } else { drawn };
                    pen.draw(drawn, given, relative, (letter == 'Y') != (index % 2 == 1));
                }
            }
        }
    }
    pen.steps
}

/// What is drawn so far.
#[derive(Default)]
struct Pen {
    steps: Vec<Step>,
    at: Point,
    start: Point,
    /// The last point that bent a curve.
    bend: Option<Point>,
}

impl Pen {
    fn draw(&mut self, drawn: Drawn, given: &[f32], relative: bool, down_first: bool) {
        let from = self.at;
        let base = if relative { from } else { (0.0, 0.0) };
        let point = |pair: usize| {
            let number = |at: usize| given.get(at).copied().unwrap_or_default();
            (base.0 + number(2 * pair), base.1 + number(2 * pair + 1))
        };
        let last = given.last().copied().unwrap_or_default();
        let goes_on = self.bend.take().map_or(from, |bend| (2.0 * from.0 - bend.0, 2.0 * from.1 - bend.1));
        let mut simple = |bend: Point, to: Point| {
            self.bend = Some(bend);
            let towards = |end: Point| (end.0 + (bend.0 - end.0) * 2.0 / 3.0, end.1 + (bend.1 - end.1) * 2.0 / 3.0);
            Step::Curve(towards(from), towards(to), to)
        };
        let step = match drawn {
            Drawn::Move => {
                self.start = point(0);
                Step::Move(point(0))
            }
            Drawn::Line => Step::Line(point(0)),
            Drawn::Across => Step::Line((base.0 + last, from.1)),
            Drawn::Down => Step::Line((from.0, base.1 + last)),
            Drawn::Simple => simple(point(0), point(1)),
            Drawn::SimpleOn => simple(goes_on, point(0)),
            Drawn::Curve | Drawn::CurveOn => {
                let (first, second, to) = match drawn {
                    Drawn::Curve => (point(0), point(1), point(2)),
                    _ => (goes_on, point(0), point(1)),
                };
                self.bend = Some(second);
                Step::Curve(first, second, to)
            }
            Drawn::Arc => {
                let before = given.len().checked_sub(2).and_then(|at| given.get(at)).copied().unwrap_or_default();
                let to = (base.0 + before, base.1 + last);
                Step::Curve(from, to, to)
            }
            Drawn::Quarter => {
                let to = point(0);
                let (across, down) = ((to.0 - from.0) * QUARTER, (to.1 - from.1) * QUARTER);
                match down_first {
                    true => Step::Curve((from.0, from.1 + down), (to.0 - across, to.1), to),
                    false => Step::Curve((from.0 + across, from.1), (to.0, to.1 - down), to),
                }
            }
            Drawn::Close => Step::Close,
        };
        match step {
            Step::Move(to) | Step::Line(to) | Step::Curve(_, _, to) => self.at = to,
            Step::Close => {}
        }
        self.steps.push(step);
    }
}

struct Command {
    letter: char,
    numbers: Vec<f32>,
}

/// The commands of a path; numbers need no blanks between them where a sign or a second point begins the next.
fn commands(path: &str, syntax: Syntax) -> impl Iterator<Item = Command> + '_ {
    // In drawings of old Office `e` is a command, and numbers are whole.
    let is_letter = move |c: char| c.is_ascii_alphabetic() && (syntax == Syntax::Vml || !matches!(c, 'e' | 'E'));
    let mut rest = path;
    std::iter::from_fn(move || {
        let start = rest.find(is_letter)?;
        let letter = rest.get(start..)?.chars().next()?;
        let after = rest.get(start + 1..)?;
        let end = after.find(is_letter).unwrap_or(after.len());
        let (own, next) = after.split_at(end);
        rest = next;
        let numbers = if syntax == Syntax::Vml { listed(own) } else { numbers(own) };
        Some(Command { letter, numbers })
    })
}

/// Numbers between commas and blanks; nothing between two commas is 0.
fn listed(text: &str) -> Vec<f32> {
    let number = |text: &str| text.trim().parse::<f32>().ok().filter(|number| number.is_finite());
    match text.trim() {
        "" => Vec::new(),
        text => text
            .split(',')
            .flat_map(|part| match part.trim() {
                "" => vec![0.0],
                part => part.split_whitespace().filter_map(number).collect(),
            })
            .collect(),
    }
}

/// The numbers of a text.
pub(in crate::format) fn numbers(text: &str) -> Vec<f32> {
    let mut numbers = Vec::new();
    let mut start = None;
    let (mut point, mut exponent) = (false, false);
    let mut take = |from: Option<usize>, to: usize| {
        let number = from.and_then(|from| text.get(from..to)).and_then(|number| number.parse().ok());
        numbers.extend(number.filter(|number: &f32| number.is_finite()));
    };
    for (at, c) in text.char_indices() {
        let after_exponent = exponent && at > 0 && matches!(text.as_bytes().get(at - 1), Some(b'e' | b'E'));
        let begins = match c {
            '+' | '-' => !after_exponent,
            '.' => point,
            _ => false,
        };
        let is_part = c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
        if begins || !is_part {
            take(start.take(), at);
            (point, exponent) = (false, false);
        }
        if is_part {
            start = start.or(Some(at));
            point |= c == '.';
            exponent |= matches!(c, 'e' | 'E');
        }
    }
    take(start, text.len());
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_need_no_blanks_between_them() {
        assert_eq!(numbers("1.5.5-2e-3,+4 x"), [1.5, 0.5, -0.002, 4.0]);
        assert_eq!(listed(",5,, 7 8"), [0.0, 5.0, 0.0, 7.0, 8.0]);
    }

    #[test]
    fn steps_count_from_where_they_are_said_to() {
        let square = [Step::Move((1.0, 1.0)), Step::Line((3.0, 1.0)), Step::Line((3.0, 3.0)), Step::Close];
        assert_eq!(steps("M1 1h2v2z", Syntax::Svg), square);
        assert_eq!(steps("M1 1L3 1 3 3Z N", Syntax::Odf), square);
        assert_eq!(steps("m1,1l3,1r,2xe", Syntax::Vml), square);
        assert_eq!(steps("M 1 1 L 3 1 L 3 3 C", Syntax::Ofd), square);
        // A close goes back to where the pen was put down.
        assert_eq!(steps("M1 1h2zm1 1", Syntax::Svg).last(), Some(&Step::Move((2.0, 2.0))));
        let smooth = steps("M0 0C0 1 1 2 2 2S4 3 4 4", Syntax::Svg);
        assert_eq!(smooth.last(), Some(&Step::Curve((3.0, 2.0), (4.0, 3.0), (4.0, 4.0))));
    }
}
