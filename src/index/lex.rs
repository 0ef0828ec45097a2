//! The signs of the query language: words, quotes, fields, operators, parentheses, with their places.
//!
//! Parentheses and colons inside a word belong to it (`f(x)`, `http://…`); full-width quotes and colons are taken like
//! the others.

use super::filter::FieldHelp;
use super::query::QueryError;

/// A lexical unit, without its place.
pub(super) enum Lexeme {
    Open,
    Close,
    And,
    Or,
    Not,
    Term(Term),
}

/// A word or phrase, with its field.
pub(super) struct Term {
    pub(super) field: Option<&'static FieldHelp>,
    pub(super) value: String,
    pub(super) quoted: bool,
}

/// Cuts a query into words, phrases, fields, signs; each with its place, from 1.
pub(super) fn lex(chars: Vec<char>) -> Result<Vec<(usize, Lexeme)>, QueryError> {
    Lexer { chars, at: 0 }.run()
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
}

fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '＂')
}

impl Lexer {
    fn run(mut self) -> Result<Vec<(usize, Lexeme)>, QueryError> {
        let mut lexemes = Vec::new();
        while let Some(c) = self.peek(0) {
            let at = self.at + 1;
            match c {
                c if c.is_whitespace() => self.at += 1,
                '(' => {
                    self.at += 1;
                    lexemes.push((at, Lexeme::Open));
                }
                ')' => {
                    self.at += 1;
                    lexemes.push((at, Lexeme::Close));
                }
                '-' => {
                    self.at += 1;
                    // A dash by itself is punctuation.
                    if self.peek(0).is_some_and(|next| !next.is_whitespace()) {
                        lexemes.push((at, Lexeme::Not));
                    }
                }
                _ => lexemes.push((at, self.term()?)),
            }
        }
        Ok(lexemes)
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    /// A quoted or bare term, with its field if one is before the colon.
    fn term(&mut self) -> Result<Lexeme, QueryError> {
        let (start, mut value, mut field, mut inner) = (self.at, String::new(), None, 0_usize);
        while let Some(c) = self.peek(0) {
            match c {
                c if is_quote(c) && value.is_empty() => {
                    let value = self.quoted()?;
                    return Ok(Lexeme::Term(Term { field, value, quoted: true }));
                }
                c if c.is_whitespace() || is_quote(c) => break,
                '(' => inner += 1,
                ')' if inner == 0 => break,
                ')' => inner -= 1,
                ':' | '：' if field.is_none() && is_field_name(&value) && !self.is_address() => {
                    field = Some(field_named(&value, start)?);
                    value.clear();
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            value.push(c);
            self.at += 1;
        }
        if let Some(field) = field.filter(|_| value.is_empty()) {
            let what = format!("nothing follows `{}:`", field.name);
            return Err(QueryError::new(
                start + 1,
                what,
                format!("write it like `{}`, without a blank", field.example),
            ));
        }
        Ok(match (value.as_str(), field) {
            ("AND", None) => Lexeme::And,
            ("OR", None) => Lexeme::Or,
            ("NOT", None) => Lexeme::Not,
            _ => Lexeme::Term(Term { field, value, quoted: false }),
        })
    }

    /// `http://…` is an address, not a field.
    fn is_address(&self) -> bool {
        self.peek(1) == Some('/') && self.peek(2) == Some('/')
    }

    fn quoted(&mut self) -> Result<String, QueryError> {
        let start = self.at;
        self.at += 1;
        let length = self.chars[self.at..].iter().position(|&c| is_quote(c));
        let Some(length) = length else {
            return Err(QueryError::new(start + 1, "the quote is not closed", "put a quote at the end of the phrase"));
        };
        let value = self.chars[self.at..self.at + length].iter().collect();
        self.at += length + 1;
        match self.peek(0) {
            Some(sign @ ('~' | '*')) => {
                let what = format!("`{sign}` follows a phrase");
                Err(QueryError::new(self.at + 1, what, "it works on single words, without quotes"))
            }
            _ => Ok(value),
        }
    }
}

fn is_field_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
}

fn field_named(name: &str, start: usize) -> Result<&'static FieldHelp, QueryError> {
    FieldHelp::find(name).ok_or_else(|| {
        let advice = format!("the nearest is `{}`; put it in quotes to search for the text", FieldHelp::nearest(name));
        QueryError::new(start + 1, format!("no field is named `{name}`"), advice)
    })
}
