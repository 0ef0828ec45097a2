//! What programs and styles of a page say: strings of JavaScript, and texts that a style puts on the page.
//!
//! Nothing is run. A string is kept if it is of words; strings that a `+` joins are one.

use std::collections::{BTreeSet, HashSet};

use crate::format::escapes;
use crate::format::json::is_words;

/// Letters and digits from which on a text of a style says something: an arrow or a picture of an icon font does not.
const LETTERS: usize = 2;

/// Bytes of a program that only sends the reader on to another page.
const REDIRECT: usize = 1000;

/// Signs behind which a stroke begins a pattern and divides nothing.
const BEFORE_PATTERN: &[u8] = b"(,=:[!&|?{};+-*%<>~^";

/// Words behind which it does so as well.
const WORDS_BEFORE_PATTERN: [&str; 4] = ["return", "typeof", "case", "in"];

/// Whether a program does no more than to lead to another page.
pub(super) fn only_leads_on(program: &str) -> bool {
    program.len() < REDIRECT && program.contains("location") && !program.contains("document.write")
}

/// The different strings of words in a program, in their order and without their escapes; of those with markup what `plain` makes
/// of them.
pub(in crate::format) fn strings(program: &str, plain: impl Fn(&str) -> String) -> Vec<String> {
    let mut reading = Reading { text: program, at: 0, before: None, templates: Vec::new() };
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    let mut keep = |said: &mut String| {
        let mut said = escapes::decode(std::mem::take(said));
        if said.contains('<') && said.contains('>') {
            said = plain(&said);
        }
        let said = said.trim();
        if is_words(said) && !seen.contains(said) {
            seen.insert(said.to_owned());
            found.push(said.to_owned());
        }
    };
    let (mut said, mut joins) = (String::new(), false);
    while let Some(token) = reading.token() {
        match token {
            Token::String(string) => {
                if !std::mem::take(&mut joins) {
                    keep(&mut said);
                }
                said.push_str(&string);
            }
            Token::Plus => joins = true,
            Token::Other => {
                joins = false;
                keep(&mut said);
            }
        }
    }
    keep(&mut said);
    found
}

/// A piece of a program, as far as strings are concerned.
enum Token {
    String(String),
    Plus,
    Other,
}

struct Reading<'a> {
    text: &'a str,
    at: usize,
    /// Where the last sign stands that is no blank.
    before: Option<usize>,
    /// For each template string that an expression interrupts, how many braces are open in the expression.
    templates: Vec<u32>,
}

impl Reading<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn token(&mut self) -> Option<Token> {
        loop {
            let byte = self.byte(self.at)?;
            let start = self.at;
            let token = match (byte, self.byte(self.at + 1)) {
                (b' ' | b'\t' | b'\r' | b'\n', _) => {
                    self.at += 1;
                    continue;
                }
                (b'/', Some(b'/')) => {
                    self.skip_to("\n");
                    continue;
                }
                (b'/', Some(b'*')) => {
                    self.at += 2;
                    self.skip_to("*/");
                    continue;
                }
                (b'/', _) if self.begins_pattern() => {
                    self.pattern();
                    Token::Other
                }
                (b'"' | b'\'', _) => {
                    self.at += 1;
                    Token::String(self.string(byte))
                }
                (b'`', _) => self.template(),
                (b'}', _) if self.templates.last() == Some(&0) => {
                    self.templates.pop();
                    self.template()
                }
                _ => {
                    self.at += 1;
                    if let Some(open) = self.templates.last_mut() {
                        match byte {
                            b'{' => *open = open.saturating_add(1),
                            b'}' => *open = open.saturating_sub(1),
                            _ => {}
                        }
                    }
                    if byte == b'+' { Token::Plus } else { Token::Other }
                }
            };
            self.before = Some(start);
            return Some(token);
        }
    }

    /// Goes on behind a mark, or to the end.
    fn skip_to(&mut self, mark: &str) {
        let found = memchr::memmem::find(&self.text.as_bytes()[self.at..], mark.as_bytes());
        self.at = found.map_or(self.text.len(), |found| self.at + found + mark.len());
    }

    fn begins_pattern(&self) -> bool {
        let Some(before) = self.before else { return true };
        let behind = || self.text.get(..=before).unwrap_or_default();
        self.byte(before).is_some_and(|byte| BEFORE_PATTERN.contains(&byte))
            || WORDS_BEFORE_PATTERN.iter().any(|word| behind().ends_with(word))
    }

    /// Skips a pattern, or the stroke alone if none ends on the line.
    fn pattern(&mut self) {
        let (mut at, mut class) = (self.at + 1, false);
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\n' => break,
                b'\\' => at += 1,
                b'[' => class = true,
                b']' => class = false,
                b'/' if !class => {
                    self.at = at + 1;
                    return;
                }
                _ => {}
            }
            at += 1;
        }
        self.at += 1;
    }

    /// A template string, or what of it stands before its next expression.
    fn template(&mut self) -> Token {
        self.at += 1;
        let string = self.string(b'`');
        if self.at >= 2 && self.text.as_bytes()[..self.at].ends_with(b"${") {
            self.templates.push(0);
        }
        Token::String(string)
    }

    /// A string up to its quote, to the end of the line, or in a template to an expression. What an escape with `u` means is
    /// found out when the string is whole.
    fn string(&mut self, quote: u8) -> String {
        let mut string = String::new();
        let mut characters = self.text[self.at..].char_indices().peekable();
        let mut end = self.text.len() - self.at;
        while let Some((at, c)) = characters.next() {
            match c {
                _ if c == char::from(quote) => {
                    end = at + 1;
                    break;
                }
                '\n' if quote != b'`' => {
                    end = at;
                    break;
                }
                '$' if quote == b'`' && characters.peek().is_some_and(|next| next.1 == '{') => {
                    end = at + 2;
                    break;
                }
                '\\' => match characters.next().map(|next| next.1) {
                    Some('n') => string.push('\n'),
                    Some('t' | 'r' | 'v' | 'f') => string.push(' '),
                    Some('\n' | '\r' | 'b') | None => {}
                    Some('x') => {
                        let digits: String = characters.by_ref().take(2).map(|next| next.1).collect();
                        string.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                    }
                    Some('u') if characters.peek().is_some_and(|next| next.1 == '{') => {
                        let digits = characters.by_ref().map(|next| next.1).skip(1).take(8).take_while(|c| *c != '}');
                        let digits: String = digits.collect();
                        string.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                    }
                    Some('u') => string.push_str("\\u"),
                    Some(other) => string.push(other),
                },
                _ => string.push(c),
            }
        }
        self.at += end;
        string
    }
}

/// The texts that a style puts on the page, and into `attributes` the names of attributes of which it does so.
pub(in crate::format) fn texts_of_style(style: &str, attributes: &mut BTreeSet<String>) -> Vec<String> {
    let lower = style.to_ascii_lowercase();
    let (mut texts, mut at) = (Vec::new(), 0);
    while let Some(found) = lower[at..].find("content") {
        let start = at + found;
        at = start + "content".len();
        let is_part =
            lower[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '#'));
        let Some(value) = lower[at..].trim_start().strip_prefix(':').filter(|_| !is_part) else { continue };
        let value = &style[style.len() - value.len()..];
        let (text, length) = content(value, attributes);
        at = style.len() - value.len() + length;
        if text.chars().filter(|c| c.is_alphanumeric()).take(LETTERS).count() == LETTERS {
            texts.push(text);
        }
    }
    texts
}

/// The strings of one value, as one text, and how long the value is.
fn content(value: &str, attributes: &mut BTreeSet<String>) -> (String, usize) {
    let mut text = String::new();
    let mut characters = value.char_indices().peekable();
    let (mut quote, mut word) = (None, String::new());
    while let Some((at, c)) = characters.next() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) if c == '\\' => {
                let mut digits = String::new();
                while let Some((_, digit)) = characters.next_if(|next| next.1.is_ascii_hexdigit() && digits.len() < 6) {
                    digits.push(digit);
                }
                match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                    Some(meant) => {
                        text.push(meant);
                        characters.next_if(|next| next.1.is_whitespace());
                    }
                    None => text.extend(characters.next().map(|next| next.1).filter(|c| *c != '\n')),
                }
            }
            Some(_) => text.push(c),
            None => match c {
                '"' | '\'' => quote = Some(c),
                ';' | '}' => return (text, at),
                ')' => {
                    let name = word.rsplit_once("attr(").map(|(_, name)| name.trim().to_ascii_lowercase());
                    attributes.extend(name.filter(|name| !name.is_empty()));
                    word.clear();
                }
                _ => word.push(c),
            },
        }
    }
    (text, value.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_words_are_read_out_of_programs() {
        let cases: [(&str, &[&str]); 12] = [
            (r#"f("a",[{"x":[1,2],"name":"TOP SECRET plan"}])"#, &["TOP SECRET plan"]),
            ("document.write('机密')", &["机密"]),
            (r"x = '\u673a\u5bc6' + '\x61 \u{5bc6}'", &["机密a 密"]),
            ("x = 'TOP ' + \"SECRET\"; y = 'SECRET'", &["TOP SECRET", "SECRET"]),
            ("x = 'TOP \\\nSECRET'", &["TOP SECRET"]),
            ("// don't\nx = 'not for release' /* it's */", &["not for release"]),
            ("x = a.replace(/[\"'/]/g, '') ; y = 'for the board'", &["for the board"]),
            ("x = a / b; y = 'for the board' / 2", &["for the board"]),
            ("return /'/.test(x) ? 'yes it is' : 1", &["yes it is"]),
            ("x = `one ${a ? `two is ${'nested so'}` : {}} three four`", &["two is", "nested so", "three four"]),
            ("x = {it's a line\ny = 'after the line'}", &["s a line", "after the line"]),
            ("$('.a-b').on('click',function(){'use_strict'})", &[]),
        ];
        for (program, expected) in cases {
            assert_eq!(strings(program, str::to_owned), expected, "{program}");
        }
    }

    #[test]
    fn texts_of_styles_are_read() {
        let mut attributes = BTreeSet::new();
        let style = r#"a{justify-content:"no"} p::before{content: "TOP \53 ECRET"} i:after{CONTENT:"\f101"} q{content:attr(Data-x) "机密" }"#;
        assert_eq!(texts_of_style(style, &mut attributes), ["TOP SECRET", "机密"]);
        assert_eq!(attributes.into_iter().collect::<Vec<_>>(), ["data-x"]);
    }

    proptest::proptest! {
        #[test]
        fn no_program_or_style_makes_reading_panic(text in "([a/*\"'`${}\\\\xu0+ \n(;:]|content|机){0,60}") {
            strings(&text, str::to_owned);
            texts_of_style(&text, &mut BTreeSet::new());
        }
    }
}
