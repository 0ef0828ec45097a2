//! Normalisation of a line before any pattern sees it, with the way back to the bytes it came from.
//!
//! Full-width and compatibility characters become plain ones (NFKC), blanks between Han characters go, letter-spaced
//! capitals are joined, and a second copy folds the traditional characters of marks to simplified ones. Every byte of the
//! result knows the bytes of the page it stands for. Nothing here knows what a mark is.

mod fields;

use std::ops::Range;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::canonical_combining_class;

use crate::classify::unseen::is_unseen;
use crate::script::is_han;

/// Traditional characters of marks and their simplified forms; all take three bytes, so a fold keeps every offset.
const FOLD: (&str, &str) = ("絕機內資業級長個開傳閱術職數據對極務僅後", "绝机内资业级长个开传阅术职数据对极务仅后");

/// Latin letters, and the Greek and Cyrillic ones that look like them.
const LOOK_ALIKES: [(char, &str); 27] = [
    ('A', "ΑА"),
    ('B', "ΒВ"),
    ('C', "ϹС"),
    ('E', "ΕЕ"),
    ('H', "ΗН"),
    ('I', "ΙІӀ"),
    ('J', "Ј"),
    ('K', "ΚК"),
    ('M', "ΜМ"),
    ('N', "Ν"),
    ('O', "ΟО"),
    ('P', "ΡР"),
    ('S', "Ѕ"),
    ('T', "ΤТ"),
    ('X', "ΧХ"),
    ('Y', "ΥҮ"),
    ('Z', "Ζ"),
    ('a', "а"),
    ('c', "ϲс"),
    ('e', "е"),
    ('i', "і"),
    ('j', "ј"),
    ('o', "οо"),
    ('p', "р"),
    ('s', "ѕ"),
    ('x', "х"),
    ('y', "у"),
];

/// Words of marks of which all letters have look-alikes. Others are words of Russian or Greek: `СЕКРЕТНО` is a mark of its own.
const WHOLE: &[&str] = &["top", "nato", "cosmic"];

/// Blanks of at least this width separate fields of a line rather than characters of a word.
const FIELD_GAP: usize = 3;

/// A normalised line.
#[derive(Clone, Default)]
pub(super) struct Normal {
    /// The characters.
    pub(super) text: String,
    /// The same with traditional characters folded, where that differs.
    pub(super) folded: Option<String>,
    /// For each byte of `text`, the first byte it came from.
    from: Vec<u32>,
    /// For each byte of `text`, one past the last byte it came from.
    to: Vec<u32>,
    /// Offsets in `text` at which a field of the line begins (after a wide gap, a tab or a bar).
    pub(super) breaks: Vec<usize>,
    /// Offsets in `text` at which there was any blank, also one that went; not between spaced characters of one word.
    pub(super) seams: Vec<usize>,
    /// What labels in cells of their own say in the next: from the colon that was put in between to the end of that cell, which lie
    /// inside `text`, at edges of characters.
    fields: Vec<Range<usize>>,
    /// Whether the last token is one Han character: spaced characters of one word are no fields.
    lone_han: bool,
}

/// A character on its way, with the bytes it came from.
#[derive(Clone, Copy)]
struct Piece {
    char: char,
    from: u32,
    to: u32,
}

/// Characters without a blank among them, and the blank before them.
struct Token {
    /// Where they are among all characters that are no blanks.
    pieces: Range<usize>,
    gap: usize,
    /// Whether the boxes of the words stand far apart here.
    wide: bool,
}

impl Normal {
    /// Normalises `line`, which begins at byte `offset` of its page; `wide` lists bytes of the page (sorted) at which a
    /// word begins that stands far from the one before it.
    pub(super) fn new(line: &str, offset: u32, wide: &[u32]) -> Self {
        let mut pieces = compose(line, offset);
        let tokens = joined_capitals(&pieces_and_tokens(&mut pieces, wide), &pieces);
        let bytes = pieces.len() + tokens.len();
        let mut normal = Self {
            text: String::with_capacity(bytes),
            from: Vec::with_capacity(bytes),
            to: Vec::with_capacity(bytes),
            ..Self::default()
        };
        for token in &tokens {
            normal.push_token(token, &pieces[token.pieces.clone()]);
        }
        normal.folded = fold(&normal.text);
        normal
    }

    /// Normalises characters that stand one below the other: there is no blank between them.
    pub(super) fn column(lines: &str, offset: u32) -> Self {
        let mut pieces = compose(lines, offset);
        pieces.retain(|piece| !piece.char.is_whitespace());
        let mut normal = Self::default();
        for piece in pieces {
            normal.push(piece);
        }
        normal.folded = fold(&normal.text);
        normal
    }

    /// The bytes of the page that `start..end` of the text came from.
    pub(super) fn source(&self, start: usize, end: usize) -> (u32, u32) {
        match (self.from.get(start), self.to.get(end.saturating_sub(1))) {
            (Some(&from), Some(&to)) if start < end => (from, to),
            _ => (0, 0),
        }
    }

    /// Where in the text stands what came from a byte of the page.
    pub(super) fn place(&self, byte: u32) -> usize {
        let at = self.from.partition_point(|from| *from < byte);
        self.text.ceil_char_boundary(at.min(self.text.len()))
    }

    /// The part between the first and the last letter or digit.
    pub(super) fn core(&self) -> (usize, usize) {
        let start = self.text.find(char::is_alphanumeric).unwrap_or(0);
        let last = self.text.char_indices().rfind(|(_, char)| char.is_alphanumeric());
        (start, last.map_or(start, |(at, char)| at + char.len_utf8()))
    }

    /// The field around `start..end`: what lies between the nearest wide gaps.
    pub(super) fn field(&self, start: usize, end: usize) -> (usize, usize) {
        let from = self.breaks.iter().copied().rfind(|&at| at <= start).unwrap_or(0);
        let to = self.breaks.iter().copied().find(|&at| at >= end).unwrap_or(self.text.len());
        (from, to)
    }

    /// Where what ends at `at` is parted from what follows: at once if no blank means anything there, or at the next field.
    pub(super) fn word_end(&self, at: usize) -> usize {
        let is_han = self.text[..at].chars().next_back().is_some_and(is_han);
        let ends = if is_han { &self.seams } else { &self.breaks };
        ends.iter().copied().find(|&end| end >= at).unwrap_or(self.text.len())
    }

    fn push_token(&mut self, token: &Token, pieces: &[Piece]) {
        let lone_han = matches!(pieces, [Piece { char, .. }] if is_han(*char));
        let before = self.text.chars().next_back();
        if let (Some(before), Some(first)) = (before, pieces.first()) {
            let spaced_han = lone_han && self.lone_han;
            if !spaced_han {
                self.seams.push(self.text.len());
            }
            if (token.gap >= FIELD_GAP || token.wide) && !spaced_han {
                self.breaks.push(self.text.len());
            }
            if token.gap > 0 && !(glues(before, first.char) || glues(first.char, before)) {
                let at = self.to.last().copied().unwrap_or_default();
                self.push(Piece { char: ' ', from: at, to: first.from });
            }
        }
        for &piece in pieces {
            self.push(piece);
            if is_bar(piece.char) {
                self.breaks.push(self.text.len());
            }
        }
        self.lone_han = lone_han;
    }

    fn push(&mut self, piece: Piece) {
        self.text.push(piece.char);
        self.from.resize(self.text.len(), piece.from);
        self.to.resize(self.text.len(), piece.to);
    }
}

/// What parts cells.
fn is_bar(char: char) -> bool {
    matches!(char, '|' | '¦' | '│')
}

/// Whether blanks between two characters mean nothing: Han characters, stars and digits.
pub(super) fn glues(a: char, b: char) -> bool {
    let stars = ['★', '☆'];
    (is_han(a) && (is_han(b) || stars.contains(&b) || b.is_ascii_digit())) || (stars.contains(&a) && b.is_ascii_digit())
}

/// NFKC, character by character with the marks that combine with it, so that the bytes stay known.
fn compose(line: &str, offset: u32) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(line.len());
    let mut chars = line.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let mut end = at + char.len_utf8();
        while let Some(&(_, next)) = chars.peek() {
            if next.is_ascii() || is_han(next) || !joins(next) {
                break;
            }
            chars.next();
            end += next.len_utf8();
        }
        let place = |bytes: usize| offset.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
        let (from, to) = (place(at), place(end));
        if char.is_ascii() && end == at + 1 {
            pieces.push(Piece { char, from, to });
        } else {
            let plain = |char| match char {
                // Hyphens of typesetters; NFKC makes the first of the second.
                '\u{2010}' | '\u{2011}' => '-',
                _ if is_star(char) => '★',
                _ => char,
            };
            pieces.extend(line[at..end].nfkc().map(|char| Piece { char: plain(char), from, to }));
        }
    }
    pieces.retain(|piece| !is_unseen(piece.char) && !is_line(piece.char));
    latin(&mut pieces);
    pieces
}

/// Lines under, over and through a letter, which plain text has in place of a style.
fn is_line(char: char) -> bool {
    matches!(char, '\u{305}' | '\u{320}' | '\u{331}'..='\u{333}' | '\u{335}'..='\u{338}' | '\u{33f}' | '\u{35f}')
}

/// The stars that keyboards and fonts offer in place of `★`, the open one left aside.
fn is_star(char: char) -> bool {
    matches!(char, '⋆' | '⍟' | '✩'..='✰' | '⭐'..='⭒' | '\u{1f31f}')
}

/// Letters of other scripts in a word of Latin ones become those that they look like, where all of the word is Latin then. So do those
/// of a whole word of marks on a line with Latin letters.
fn latin(pieces: &mut [Piece]) {
    if !pieces.iter().any(|piece| is_foreign(piece.char)) {
        return;
    }
    let is_latin = |piece: &Piece| piece.char.is_ascii_alphabetic();
    let on_latin_line = pieces.iter().any(is_latin);
    for word in pieces.chunk_by_mut(|a, b| a.char.is_alphabetic() && b.char.is_alphabetic()) {
        let looks = |piece: &Piece| if is_latin(piece) { Some(piece.char) } else { look_alike(piece.char) };
        let Some(plain) = word.iter().map(looks).collect::<Option<String>>() else { continue };
        let is_mark = on_latin_line && WHOLE.iter().any(|whole| whole.eq_ignore_ascii_case(&plain));
        if is_mark || word.iter().any(is_latin) {
            word.iter_mut().zip(plain.chars()).for_each(|(piece, char)| piece.char = char);
        }
    }
}

/// Greek and Cyrillic.
fn is_foreign(char: char) -> bool {
    matches!(char, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}')
}

/// The Latin letter that a Greek or Cyrillic one looks like.
fn look_alike(char: char) -> Option<char> {
    let (latin, _) = LOOK_ALIKES.iter().find(|(_, others)| others.contains(char))?;
    Some(*latin)
}

/// Combining marks and the later letters of a Korean syllable.
fn joins(char: char) -> bool {
    canonical_combining_class(char) != 0 || matches!(char, '\u{1160}'..='\u{11ff}')
}

/// Cuts at blanks, which are taken out. A tab is a wide gap; so is an ideographic blank beside another blank.
fn pieces_and_tokens(pieces: &mut Vec<Piece>, wide: &[u32]) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let (mut gap, mut open, mut kept) = (0_usize, false, 0);
    pieces.retain(|piece| {
        if piece.char.is_whitespace() || piece.char.is_control() {
            let bytes = (piece.to.saturating_sub(piece.from)) as usize;
            gap += if piece.char == '\t' { FIELD_GAP } else { bytes.clamp(1, 2) };
            open = false;
            return false;
        }
        let far = !wide.is_empty() && wide.binary_search(&piece.from).is_ok();
        if !open || far {
            tokens.push(Token { pieces: kept..kept, gap, wide: far });
            (gap, open) = (0, true);
        }
        kept += 1;
        if let Some(token) = tokens.last_mut() {
            token.pieces.end = kept;
        }
        true
    });
    tokens
}

/// A capital by itself, also beside strokes: `T//N`.
fn is_spaced(token: &[Piece]) -> bool {
    let mut capitals = token.split(|piece| piece.char == '/');
    match token {
        [piece] => piece.char.is_uppercase(),
        [first, .., last] if first.char != '/' && last.char != '/' => {
            capitals.all(|part| matches!(part, [] | [_]) && part.iter().all(|piece| piece.char.is_uppercase()))
        }
        _ => false,
    }
}

/// `S E C R E T` → `SECRET`, `T O P  S E C R E T` → `TOP SECRET`, `S E C R E T//N F` → `SECRET//NF`: in a run of single capitals the narrowest gap goes.
fn joined_capitals(tokens: &[Token], pieces: &[Piece]) -> Vec<Token> {
    let single = |token: &Token| is_spaced(&pieces[token.pieces.clone()]);
    let mut joined: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, others)) = rest.split_first() {
        let run = if single(first) {
            1 + others.iter().take_while(|token| single(token) && (1..=FIELD_GAP).contains(&token.gap)).count()
        } else {
            1
        };
        let (run, after) = rest.split_at(run);
        let narrowest = run.iter().skip(1).map(|token| token.gap).min().unwrap_or(0);
        let join = run.len() >= 3;
        for (index, token) in run.iter().enumerate() {
            match joined.last_mut() {
                Some(last) if join && index > 0 && token.gap == narrowest => last.pieces.end = token.pieces.end,
                _ if join && index > 0 => joined.push(Token { gap: 1, wide: false, pieces: token.pieces.clone() }),
                _ => joined.push(Token { pieces: token.pieces.clone(), ..*token }),
            }
        }
        rest = after;
    }
    joined
}

/// The simplified copy, if there is anything to fold.
pub(super) fn fold(text: &str) -> Option<String> {
    text.contains(|char| folded(char).is_some())
        .then(|| text.chars().map(|char| folded(char).unwrap_or(char)).collect())
}

/// The simplified form of a traditional character of marks.
fn folded(char: char) -> Option<char> {
    static FOLDED: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
        let mut pairs: Vec<(char, char)> = FOLD.0.chars().zip(FOLD.1.chars()).collect();
        pairs.sort_unstable();
        pairs
    });
    if !is_han(char) {
        return None;
    }
    FOLDED.binary_search_by_key(&char, |pair| pair.0).ok().map(|at| FOLDED[at].1)
}

/// The characters that fold to `char`.
pub(super) fn unfold(char: char) -> impl Iterator<Item = char> {
    FOLD.0.chars().zip(FOLD.1.chars()).filter(move |(_, to)| *to == char).map(|(from, _)| from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &str) {
        assert_eq!(Normal::new(line, 0, &[]).text, expected, "{line:?}");
    }

    #[test]
    fn blanks_between_han_characters_mean_nothing() {
        check("机 密 ★ 20 年", "机密★20年");
        check("绝　密", "绝密");
        check("机密 SECRET", "机密 SECRET");
        check("  内部资料   注意保存 ", "内部资料注意保存");
    }

    #[test]
    fn letter_spaced_capitals_are_joined_and_words_stay_apart() {
        check("S E C R E T", "SECRET");
        check("T O P  S E C R E T", "TOP SECRET");
        check("S  E  C  R  E  T", "SECRET");
        check("A B", "A B");
        check("PLAN A B and so on", "PLAN A B and so on");
    }

    #[test]
    fn full_width_roman_and_circled_characters_become_plain() {
        check("ＳＥＣＲＥＴ：Ⅱ급비밀㊙", "SECRET:II급비밀秘");
        check("TRE\u{300}S SECRET", "TRÈS SECRET");
        check("TOP\u{a0}\u{a0}SECRET", "TOP SECRET");
    }

    #[test]
    fn lines_under_over_and_through_letters_are_no_part_of_them() {
        for line in ['\u{332}', '\u{305}', '\u{336}', '\u{34f}', '\u{333}', '\u{338}'] {
            let drawn: String = "TOP SECRET 机密".chars().flat_map(|char| [char, line]).collect();
            check(&drawn, "TOP SECRET 机密");
        }
    }

    #[test]
    fn marks_of_direction_are_no_part_of_words() {
        check("OFFICIAL\u{2011}SENSITIVE", "OFFICIAL-SENSITIVE");
        check("TO\u{202a}P SEC\u{202c}RET\u{2066} 机\u{2069}密\u{202e}", "TOP SECRET 机密");
    }

    #[test]
    fn letters_of_other_scripts_in_a_latin_word_are_those_they_look_like() {
        check("TOP S\u{415}CR\u{415}T", "TOP SECRET");
        check("C\u{39f}NFIDENTI\u{391}L", "CONFIDENTIAL");
        check("ТОР SECRET//NOFORN", "TOP SECRET//NOFORN");
        check("COSMIC ΤΟΡ SECRET", "COSMIC TOP SECRET");
        check("ТОР SECRET — Россия", "TOP SECRET — Россия");
        for russian in [
            "СЕКРЕТНО",
            "СЕКРЕТНО / SECRET",
            "СОВ. СЕКРЕТНО / COPY 1",
            "Для служебного пользования",
            "ГОСТ P",
            "ТОР",
            "СОР ГОСТ P",
            "αβγx",
        ] {
            check(russian, russian);
        }
    }

    #[test]
    fn stars_of_any_keyboard_are_the_sign() {
        for star in ["⭐", "⭐\u{fe0f}", "✩", "✭", "⋆", "\u{1f31f}"] {
            check(&format!("机密{star}10年"), "机密★10年");
        }
        check("机密☆10年", "机密☆10年");
    }

    #[test]
    fn spaced_capitals_are_joined_across_strokes() {
        check("S E C R E T//N O F O R N", "SECRET//NOFORN");
        for other in ["I/O A1 B2", "either/or A B", "Y / N"] {
            check(other, other);
        }
    }

    #[test]
    fn characters_of_a_column_stand_without_blanks() {
        let normal = Normal::column("机\n密\n★\n1\n0\n年", 0);
        assert_eq!((normal.text.as_str(), normal.source(0, normal.text.len())), ("机密★10年", (0, 19)));
    }

    #[test]
    fn every_match_finds_its_way_back_to_the_page() {
        let line = "编号 7    密级：机 密 ★ 10 年";
        let normal = Normal::new(line, 100, &[]);
        let at = normal.text.find("机密★10年").expect("normalised");
        let (from, to) = normal.source(at, normal.text.len());
        assert_eq!(&line[from as usize - 100..to as usize - 100], "机 密 ★ 10 年");
    }

    #[test]
    fn wide_gaps_begin_a_field_and_spaced_characters_do_not() {
        let normal = Normal::new("紧急程度：加急    密级：机密", 0, &[]);
        assert_eq!(normal.breaks, [normal.text.find("密级").expect("kept")]);
        assert!(Normal::new("机    密", 0, &[]).breaks.is_empty());
        assert_eq!(Normal::new("a | b", 0, &[]).breaks, [3]);
        assert_eq!(Normal::new("SECRET 3", 0, &[7]).breaks, [6]);
    }

    #[test]
    fn traditional_characters_of_marks_fold_without_moving_bytes() {
        let normal = Normal::new("絕對機密", 0, &[]);
        assert_eq!(normal.folded.as_deref(), Some("绝对机密"));
        assert!(Normal::new("机密", 0, &[]).folded.is_none());
        assert!(FOLD.0.chars().zip(FOLD.1.chars()).all(|(a, b)| a.len_utf8() == b.len_utf8()));
    }
}
