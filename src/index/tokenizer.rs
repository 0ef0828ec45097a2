//! Words out of text, for the index and for queries.
//!
//! Scripts without blanks (Han, kana, Hangul, Thai and its neighbours) are cut into single characters and pairs, both at
//! the position of the first character; a query uses the pairs only, and the single character where it stands alone. No
//! dictionary: nothing is missed in the middle of a word, and one misread character spoils two pairs and no more. Words of
//! all other scripts, and digits, stay whole and end at punctuation: `S//NF` is two words on consecutive positions.
//!
//! Characters that are wrapped onto the next line or set with blanks between them (`机　密`) still form pairs; a blank
//! line, a tab, an indented new paragraph and every punctuation mark end a pair.
//!
//! Raise [`TOKENIZER_VERSION`] with any change here or in `fold.rs` that can change a word.

use std::iter::Peekable;

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};
use unicode_normalization::char::is_combining_mark;

use super::fold::{Folded, Folder};

/// Version of the rules by which text becomes words. An index with another one must be rebuilt.
pub const TOKENIZER_VERSION: u32 = 1;

/// Name under which the index knows this tokenizer.
pub(super) const TOKENIZER: &str = "misfile";

/// Bytes after which a word is cut; the rest is the next word. Long runs are base64 and the like: a query for one is cut
/// at the same places and finds it as a phrase.
const MAX_WORD_BYTES: usize = 128;

/// Bytes of one character with its marks; more marks are dropped.
const MAX_GRAM_BYTES: usize = 24;

/// Positions between the last word of a page (or name) and the first of the next, so that no phrase, not even one with a
/// free place in it, crosses the border.
const PAGE_GAP: usize = 64;

/// Blanks between two characters of one line that still belong together.
const MAX_BLANKS: u32 = 4;

/// What a folded character is to a word.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Gram,
    Mark,
    Blank,
    LineEnd,
    Nothing,
    Break,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' | '0'..='9' => Class::Word,
        '\u{4e00}'..='\u{9fff}' => Class::Gram,
        '\n' | '\u{85}' | '\u{2028}' => Class::LineEnd,
        '\r' => Class::Nothing,
        '\t' | '\u{b}' | '\u{c}' | '\u{2029}' => Class::Break,
        c if is_combining_mark(c) => Class::Mark,
        c if is_gram(c) => Class::Gram,
        c if c.is_alphanumeric() => Class::Word,
        c if c.is_whitespace() => Class::Blank,
        _ => Class::Break,
    }
}

/// Characters of scripts that are written without blanks between words.
fn is_gram(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3021}'..='\u{3029}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}'
        // Kana, Bopomofo, Hangul.
        | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{309f}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30ff}'
        | '\u{31f0}'..='\u{31ff}' | '\u{3105}'..='\u{312f}' | '\u{31a0}'..='\u{31bf}' | '\u{1100}'..='\u{11ff}'
        | '\u{3131}'..='\u{318e}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}')
        // Thai, Lao, Myanmar, Khmer: letters only, their digits are words.
        || (matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}') && c.is_alphabetic())
}

/// A word, or one character of a script without blanks.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Whether it is one character of a script without blanks.
    pub(super) gram: bool,
    /// Whether it forms a pair with the piece before it.
    pub(super) joined: bool,
}

/// What lies between a gram and the next one.
#[derive(Clone, Copy, Default)]
struct Gap {
    blanks: u32,
    line_ends: u32,
}

impl Gap {
    fn joins(self) -> bool {
        // After a line end two blanks are the indent of a new paragraph.
        self.line_ends <= 1 && self.blanks <= if self.line_ends == 0 { MAX_BLANKS } else { 1 }
    }
}

/// The pieces of a text, in order.
struct Pieces<'a> {
    chars: Peekable<Folder<'a>>,
    /// Set while nothing but blanks followed the last gram.
    gap: Option<Gap>,
}

impl<'a> Pieces<'a> {
    fn new(text: &'a str) -> Self {
        Self { chars: Folder::new(text).peekable(), gap: None }
    }

    /// Fills `piece` with the next one; its buffer is used again. False at the end.
    fn next_into(&mut self, piece: &mut Piece) -> bool {
        while let Some(Folded { c, from, to }) = self.chars.next() {
            let class = class(c);
            match (class, &mut self.gap) {
                (Class::Word | Class::Gram, gap) => {
                    let gram = class == Class::Gram;
                    piece.joined = gram && gap.is_some_and(Gap::joins);
                    *gap = gram.then(Gap::default);
                    (piece.from, piece.to, piece.gram) = (from, to, gram);
                    piece.text.clear();
                    piece.text.push(c);
                    if gram {
                        self.take_marks(piece);
                    } else {
                        self.take_word(piece);
                    }
                    return true;
                }
                (Class::Blank, Some(gap)) => gap.blanks = gap.blanks.saturating_add(1),
                (Class::LineEnd, Some(gap)) => gap.line_ends = gap.line_ends.saturating_add(1),
                (Class::Break, gap) => *gap = None,
                (Class::Mark | Class::Nothing | Class::Blank | Class::LineEnd, _) => {}
            }
        }
        false
    }

    fn take_marks(&mut self, piece: &mut Piece) {
        while let Some(mark) = self.chars.next_if(|next| class(next.c) == Class::Mark) {
            if piece.text.len() + mark.c.len_utf8() <= MAX_GRAM_BYTES {
                piece.text.push(mark.c);
            }
            piece.to = mark.to;
        }
    }

    fn take_word(&mut self, piece: &mut Piece) {
        let fits = |next: &Folded, length: usize| {
            matches!(class(next.c), Class::Word | Class::Mark) && length + next.c.len_utf8() <= MAX_WORD_BYTES
        };
        while let Some(next) = self.chars.next_if(|next| fits(next, piece.text.len())) {
            piece.text.push(next.c);
            piece.to = next.to;
        }
    }
}

/// All pieces of a (short) text: what a query is made of.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let (mut source, mut piece, mut all) = (Pieces::new(text), Piece::default(), Vec::new());
    while source.next_into(&mut piece) {
        all.push(piece.clone());
    }
    all
}

/// The terms by which consecutive pieces are looked up, with their positions: pairs, lone characters, words.
pub(super) fn query_terms(pieces: &[Piece]) -> Vec<(usize, String)> {
    let mut terms = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        let next = pieces.get(at + 1).filter(|next| next.joined);
        let in_pair_before = piece.joined && at > 0;
        match next {
            Some(next) => terms.push((at, format!("{}{}", piece.text, next.text))),
            None if in_pair_before => {}
            None => terms.push((at, piece.text.clone())),
        }
    }
    terms
}

/// The tokenizer of the index: pieces, and the pairs of joined ones.
#[derive(Clone, Copy, Default)]
pub(super) struct GramTokenizer;

impl Tokenizer for GramTokenizer {
    type TokenStream<'a> = GramStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GramStream<'a> {
        GramStream::new(text)
    }
}

/// The stream of [`GramTokenizer`].
pub(super) struct GramStream<'a> {
    pieces: Pieces<'a>,
    current: Piece,
    previous: Piece,
    /// Position of the next piece.
    position: usize,
    /// The pair was given out, the piece itself still waits.
    single_waits: bool,
    token: Token,
}

impl<'a> GramStream<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            pieces: Pieces::new(text),
            current: Piece::default(),
            previous: Piece::default(),
            position: 0,
            single_waits: false,
            // The index begins the next value of a field this far behind the last word.
            token: Token { position_length: PAGE_GAP, ..Token::default() },
        }
    }

    fn give_single(&mut self) {
        self.token.text.clear();
        self.token.text.push_str(&self.current.text);
        (self.token.offset_from, self.token.offset_to) = (self.current.from, self.current.to);
        self.token.position = self.position;
        self.position += 1;
        self.single_waits = false;
    }

    fn give_pair(&mut self) {
        self.token.text.clear();
        self.token.text.push_str(&self.previous.text);
        self.token.text.push_str(&self.current.text);
        (self.token.offset_from, self.token.offset_to) = (self.previous.from, self.current.to);
        self.token.position = self.position.saturating_sub(1);
        self.single_waits = true;
    }
}

impl TokenStream for GramStream<'_> {
    fn advance(&mut self) -> bool {
        if self.single_waits {
            self.give_single();
            return true;
        }
        std::mem::swap(&mut self.current, &mut self.previous);
        if !self.pieces.next_into(&mut self.current) {
            return false;
        }
        if self.current.joined {
            self.give_pair();
        } else {
            self.give_single();
        }
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indexed(text: &str) -> String {
        let (mut stream, mut shown) = (GramStream::new(text), Vec::new());
        while stream.advance() {
            let token = stream.token();
            assert!(text.is_char_boundary(token.offset_from) && text.is_char_boundary(token.offset_to));
            shown.push(format!("{}@{}", token.text, token.position));
        }
        shown.join(" ")
    }

    fn asked(text: &str) -> String {
        let shown = query_terms(&pieces(text)).into_iter().map(|(at, term)| format!("{term}@{at}"));
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn han_is_indexed_as_characters_and_pairs_at_the_same_position() {
        assert_eq!(indexed("国家秘密"), "国@0 国家@0 家@1 家秘@1 秘@2 秘密@2 密@3");
    }

    #[test]
    fn a_query_asks_for_pairs_and_for_a_lone_character_by_itself() {
        assert_eq!(asked("国家秘密"), "国家@0 家秘@1 秘密@2");
        assert_eq!(asked("密"), "密@0");
        assert_eq!(asked("第3页内"), "第@0 3@1 页内@2");
    }

    #[test]
    fn codes_mails_and_numbers_are_cut_at_punctuation_on_consecutive_positions() {
        assert_eq!(indexed("TOP SECRET//S//NF"), "top@0 secret@1 s@2 nf@3");
        assert_eq!(indexed("Form 10-K, a.b@example.org"), "form@0 10@1 k@2 a@3 b@4 example@5 org@6");
        assert_eq!(indexed("计划2026v2"), "计@0 计划@0 划@1 2026v2@2");
    }

    #[test]
    fn kana_and_hangul_follow_the_same_scheme() {
        assert_eq!(asked("ひらガナ"), "ひら@0 らガ@1 ガナ@2");
        assert_eq!(asked("기밀문서"), "기밀@0 밀문@1 문서@2");
    }

    #[test]
    fn letter_spacing_and_line_wraps_do_not_part_a_word() {
        assert_eq!(asked("机　密"), "机密@0");
        assert_eq!(asked("国家秘\r\n密"), "国家@0 家秘@1 秘密@2");
    }

    #[test]
    fn punctuation_tabs_blank_lines_and_new_paragraphs_part_words() {
        for text in ["国。家", "国\t家", "国\n\n家", "国\n　　家", "国、 家", "国★家", "国      家"]
        {
            assert_eq!(asked(text), "国@0 家@1", "{text:?}");
        }
    }

    #[test]
    fn endless_words_are_cut_and_still_found_as_a_phrase() {
        let terms = query_terms(&pieces(&"q".repeat(1000)));
        assert_eq!(terms.len(), 8);
        assert!(terms.iter().all(|(_, term)| term.len() <= MAX_WORD_BYTES));
    }

    #[test]
    fn any_text_is_cut_without_panic_and_with_true_offsets() {
        for text in ["", "\u{301}", "a\u{301}\u{301}", "\u{0}\u{1b}[31m", "ﷺ", "\u{e000}密\u{10ffff}", "ไทย ๑๒", "👩‍👧"]
        {
            indexed(text);
            asked(text);
        }
    }

    proptest::proptest! {
        #[test]
        fn a_query_for_a_text_asks_only_for_terms_that_the_index_has(text in "[国家秘密ab1 。\n\t\u{301}é]{0,40}") {
            let mut stream = GramStream::new(&text);
            let mut known = std::collections::HashSet::new();
            while stream.advance() {
                known.insert((stream.token().position, stream.token().text.clone()));
            }
            for term in query_terms(&pieces(&text)) {
                proptest::prop_assert!(known.contains(&term), "{term:?}");
            }
        }
    }
}
