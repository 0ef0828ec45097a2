//! Reads the query language (see [`super::query`]). Length, depth and number of clauses are bounded, every error says
//! where it is.

use super::lex::{Lexeme, Term, lex};
use super::query::{Clause, Node, Phrase, Place, QueryError, Words};
use super::tokenizer::{Piece, pieces, query_terms};

/// Characters of a query. A page of text is about as long; nobody types more.
const MAX_CHARS: usize = 2000;

/// Parentheses and negations inside one another.
const MAX_DEPTH: usize = 20;

/// Words, phrases and filters of a query.
const MAX_CLAUSES: usize = 200;

/// Characters of a Chinese run that is searched with one misread character: each of them is a phrase to look up.
const MAX_MISREAD_CHARS: usize = 16;

const EXAMPLES: &str = "write a word, a \"phrase\" or a filter such as zone:shared";

/// Reads a query.
pub(super) fn parse(text: &str) -> Result<Node, QueryError> {
    let chars: Vec<char> = text.chars().take(MAX_CHARS + 1).collect();
    if chars.len() > MAX_CHARS {
        return Err(QueryError::new(MAX_CHARS, format!("it is longer than {MAX_CHARS} characters"), "shorten it"));
    }
    let lexemes = lex(chars)?;
    let mut parser = Parser { end: text.chars().count() + 1, lexemes, next: 0, clauses: 0 };
    let node = parser.any_of(0)?;
    match parser.peek() {
        Some(_) => Err(QueryError::new(parser.at(), "`)` closes nothing", "remove it, or put it in quotes")),
        None => Ok(node),
    }
}

struct Parser {
    lexemes: Vec<(usize, Lexeme)>,
    next: usize,
    clauses: usize,
    /// The place behind the last character.
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Lexeme> {
        self.lexemes.get(self.next).map(|(_, lexeme)| lexeme)
    }

    fn at(&self) -> usize {
        self.lexemes.get(self.next).map_or(self.end, |(at, _)| *at)
    }

    /// Alternatives with `OR` between them.
    fn any_of(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut nodes = vec![self.all_of(depth)?];
        while matches!(self.peek(), Some(Lexeme::Or)) {
            self.next += 1;
            nodes.push(self.all_of(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Or(nodes) })
    }

    /// Parts that must all hold, with or without `AND` between them.
    fn all_of(&mut self, depth: usize) -> Result<Node, QueryError> {
        let mut nodes = Vec::new();
        let mut wanted = true;
        loop {
            match self.peek() {
                Some(Lexeme::And) if !wanted => {
                    self.next += 1;
                    wanted = true;
                }
                None | Some(Lexeme::And | Lexeme::Or | Lexeme::Close) => break,
                Some(_) => {
                    nodes.push(self.one(depth)?);
                    wanted = false;
                }
            }
        }
        if wanted {
            return Err(QueryError::new(self.at(), "something to search for is missing", EXAMPLES));
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::And(nodes) })
    }

    fn one(&mut self, depth: usize) -> Result<Node, QueryError> {
        let at = self.at();
        if depth > MAX_DEPTH {
            let what = format!("more than {MAX_DEPTH} parentheses or negations are inside one another");
            return Err(QueryError::new(at, what, "write it flatter"));
        }
        let lexeme = self.lexemes.get_mut(self.next).map(|(_, lexeme)| std::mem::replace(lexeme, Lexeme::And));
        self.next += 1;
        match lexeme {
            Some(Lexeme::Not) => self.one(depth + 1).map(|node| Node::Not(Box::new(node))),
            Some(Lexeme::Open) => {
                let node = self.any_of(depth + 1)?;
                if !matches!(self.peek(), Some(Lexeme::Close)) {
                    return Err(QueryError::new(at, "`(` is not closed", "write the missing `)`"));
                }
                self.next += 1;
                Ok(node)
            }
            Some(Lexeme::Term(term)) => self.term(&term, at),
            None | Some(Lexeme::And | Lexeme::Or | Lexeme::Close) => {
                Err(QueryError::new(at, "something to search for is missing", EXAMPLES))
            }
        }
    }

    fn term(&mut self, term: &Term, at: usize) -> Result<Node, QueryError> {
        self.clauses += 1;
        if self.clauses > MAX_CLAUSES {
            let what = format!("it has more than {MAX_CLAUSES} words and filters");
            return Err(QueryError::new(at, what, "split it into several queries"));
        }
        let place = match term.field {
            None => Place::Anywhere,
            Some(field) => match field.place() {
                Some(place) => place,
                None => return Ok(field.filter(&term.value, term.quoted, at)?.map_or(Node::All, Node::Filter)),
            },
        };
        words(term, at).map(|words| Node::Text(Clause { place, words }))
    }
}

fn words(term: &Term, at: usize) -> Result<Words, QueryError> {
    let value = term.value.as_str();
    let stem = value.trim_end_matches('*');
    if !term.quoted && stem.len() < value.len() {
        return prefix(stem, at);
    }
    if !term.quoted && value.contains('*') {
        return Err(QueryError::new(at, "`*` stands inside a word", "it works at the end only, as in clou*"));
    }
    if let Some((stem, changes)) = value.rsplit_once('~').filter(|(stem, _)| !term.quoted && !stem.is_empty()) {
        match changes {
            "" | "1" => return fuzzy(stem, 1, at),
            "2" => return fuzzy(stem, 2, at),
            number if number.chars().all(|c| c.is_ascii_digit()) => {
                return Err(QueryError::new(at, format!("`~{number}` allows too many changes"), "use ~1 or ~2"));
            }
            _ => {}
        }
    }
    readable(value, at).map(|pieces| Words::Phrases(vec![query_terms(&pieces)]))
}

/// The pieces of some text; an error if it has none.
fn readable(text: &str, at: usize) -> Result<Vec<Piece>, QueryError> {
    let pieces = pieces(text);
    if pieces.is_empty() {
        return Err(QueryError::new(at, "no letter or digit is in it", "punctuation and symbols are not searched"));
    }
    Ok(pieces)
}

fn prefix(stem: &str, at: usize) -> Result<Words, QueryError> {
    let mut pieces = readable(stem, at)?;
    match pieces.as_mut_slice() {
        [only] if !only.gram && only.text.chars().count() >= 2 => Ok(Words::Prefix(std::mem::take(&mut only.text))),
        // Any character may follow a Chinese phrase anyway.
        [.., last] if last.gram => Ok(Words::Phrases(vec![query_terms(&pieces)])),
        [_] => Err(QueryError::new(at, "too little stands before `*`", "write at least two letters")),
        _ => Err(QueryError::new(at, "`*` follows more than one word", "it works on single words, as in clou*")),
    }
}

fn fuzzy(stem: &str, changes: u8, at: usize) -> Result<Words, QueryError> {
    let mut pieces = readable(stem, at)?;
    let too_short = |least: usize| {
        QueryError::new(
            at,
            "the word is too short to allow changes",
            format!("use a word of at least {least} characters"),
        )
    };
    if let [only] = pieces.as_mut_slice()
        && !only.gram
    {
        let least = usize::from(changes) + 2;
        let long_enough = only.text.chars().count() >= least;
        return if long_enough {
            Ok(Words::Fuzzy(std::mem::take(&mut only.text), changes))
        } else {
            Err(too_short(least))
        };
    }
    let one_run = pieces.iter().enumerate().all(|(index, piece)| piece.gram && (piece.joined || index == 0));
    match pieces.len() {
        _ if !one_run => Err(QueryError::new(at, "`~` follows more than one word", "it works on single words")),
        0..=2 => Err(too_short(3)),
        length if length > MAX_MISREAD_CHARS || changes > 1 => {
            let advice = format!("use ~1 on at most {MAX_MISREAD_CHARS} characters");
            Err(QueryError::new(at, "too many changes are possible here", advice))
        }
        length => Ok(Words::Phrases((0..length).map(|free| misread(&pieces, free)).collect())),
    }
}

/// The phrase with any character at place `free`.
fn misread(pieces: &[Piece], free: usize) -> Phrase {
    let behind = query_terms(&pieces[free + 1..]).into_iter().map(|(at, term)| (at + free + 1, term));
    let mut phrase: Phrase = query_terms(&pieces[..free]).into_iter().chain(behind).collect();
    let first = phrase.first().map_or(0, |(at, _)| *at);
    for (at, _) in &mut phrase {
        *at -= first;
    }
    phrase
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(node: &Node) -> String {
        let list = |nodes: &[Node], sign: &str| nodes.iter().map(show).collect::<Vec<_>>().join(sign);
        match node {
            Node::All => "everything".to_owned(),
            Node::And(nodes) => format!("({})", list(nodes, " & ")),
            Node::Or(nodes) => format!("({})", list(nodes, " | ")),
            Node::Not(node) => format!("!{}", show(node)),
            Node::Filter(filter) => format!("{filter:?}"),
            Node::Text(clause) => match &clause.words {
                Words::Prefix(stem) => format!("{stem}*"),
                Words::Fuzzy(word, changes) => format!("{word}~{changes}"),
                Words::Phrases(phrases) => phrases.iter().map(phrase).collect::<Vec<_>>().join("/"),
            },
        }
    }

    fn phrase(phrase: &Phrase) -> String {
        phrase.iter().map(|(at, term)| format!("{term}@{at}")).collect::<Vec<_>>().join(",")
    }

    fn check(query: &str, expected: &str) {
        assert_eq!(parse(query).map(|node| show(&node)), Ok(expected.to_owned()), "{query}");
    }

    #[test]
    fn words_are_anded_and_or_binds_less() {
        check("a b OR c", "((a@0 & b@0) | c@0)");
        check("a AND (b OR -c)", "(a@0 & (b@0 | !c@0))");
        check("NOT a - b", "(!a@0 & b@0)");
    }

    #[test]
    fn phrases_and_codes_and_chinese_runs_are_phrases() {
        check("\"top secret\"", "top@0,secret@1");
        check("S//NF 10-K", "(s@0,nf@1 & 10@0,k@1)");
        check("国家秘密 “云盘”", "(国家@0,家秘@1,秘密@2 & 云盘@0)");
        check("http://a.example f(x)", "(http@0,a@1,example@2 & f@0,x@1)");
        check("(f(x))", "f@0,x@1");
    }

    #[test]
    fn changes_and_prefixes_are_read() {
        check("secrat~1 secrat~ secratt~2 clou*", "(secrat~1 & secrat~1 & secratt~2 & clou*)");
        check("国家秘~1", "家秘@0/国@0,秘@2/国家@0");
        check("国家*", "国家@0");
    }

    #[test]
    fn mistakes_are_named_with_their_place() {
        for (query, at, what) in [
            ("", 1, "missing"),
            ("   ", 4, "missing"),
            ("a OR", 5, "missing"),
            ("AND a", 1, "missing"),
            ("a AND OR b", 7, "missing"),
            ("()", 2, "missing"),
            ("(a", 1, "not closed"),
            ("a)", 2, "closes nothing"),
            ("x \"a", 3, "quote"),
            ("a zoen:b", 3, "no field is named `zoen`"),
            ("zone: b", 1, "nothing follows"),
            ("level:9", 1, "not a level"),
            ("verdict:bad", 1, "there is no \"bad\", only misfiled"),
            ("path:srv", 1, "begin with /"),
            ("mtime:yesterday", 1, "not a day"),
            ("a ★★", 3, "no letter or digit"),
            ("a*", 1, "too little"),
            ("a*b", 1, "inside a word"),
            ("ab~1", 1, "too short"),
            ("word~9", 1, "too many"),
            ("国家~1", 1, "too short"),
            ("国家秘密~2", 1, "too many"),
            ("\"a b\"~1", 6, "follows a phrase"),
        ] {
            let error = parse(query).err().unwrap_or_else(|| panic!("{query} must be refused"));
            assert!(error.at == at && error.what.contains(what), "{query}: {error}");
        }
        let error = parse("zoen:x").err().map(|error| error.to_string());
        assert_eq!(
            error.as_deref(),
            Some(
                "query, character 1: no field is named `zoen`; \
                 the nearest is `zone`; put it in quotes to search for the text"
            )
        );
    }

    #[test]
    fn length_depth_and_number_of_clauses_are_bounded() {
        assert!(parse(&"a".repeat(MAX_CHARS)).is_ok());
        assert!(parse(&"a".repeat(MAX_CHARS + 1)).is_err());
        assert!(parse(&format!("{}a{}", "(".repeat(20), ")".repeat(20))).is_ok());
        for opening in ["(", "-", "NOT "] {
            assert!(parse(&format!("{}a", opening.repeat(400))).is_err());
        }
        assert!(parse(&"a ".repeat(MAX_CLAUSES)).is_ok());
        assert!(parse(&"a ".repeat(MAX_CLAUSES + 1)).is_err());
    }

    proptest::proptest! {
        #[test]
        fn any_query_is_read_or_refused_without_panic(query in r#"([a国家():"~* 1z/.★]|OR|AND|NOT|-|zone:|size:>){0,40}|\PC{0,60}"#) {
            let _ = parse(&query);
        }
    }
}
