//! Texts in formulas of sheets, which a cell shows only under its condition: `=IF(A1>5,"for official use only","")`.

use std::collections::BTreeSet;

/// Letters and digits from which on a text says something: `""`, `", "` and `"0.0"` do not.
const LETTERS: usize = 2;

/// The different texts of all formulas of a sheet or a document.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    texts: BTreeSet<String>,
    bytes: usize,
}

impl Texts {
    /// Takes the texts of a formula as it is written.
    pub(super) fn of_formula(&mut self, formula: &str, most: usize) {
        let mut rest = formula;
        while let Some(at) = rest.find(['"', '\'']) {
            let is_text = rest.as_bytes().get(at) == Some(&b'"');
            let mut text = String::new();
            rest = &rest[at + 1..];
            // A name of a sheet stands in single quotes, and may hold double ones.
            let quote = if is_text { '"' } else { '\'' };
            while let Some(end) = rest.find(quote) {
                text.push_str(&rest[..end]);
                rest = &rest[end + 1..];
                // A doubled quote is one in the text.
                match rest.strip_prefix(quote) {
                    Some(behind) => rest = behind,
                    None => break,
                }
                text.push(quote);
            }
            if is_text {
                self.add(&text, most);
            }
        }
    }

    /// Takes one text. Once they come to more than `most` bytes, no more are taken.
    pub(super) fn add(&mut self, text: &str, most: usize) {
        let text = text.trim();
        let says = text.chars().filter(|c| c.is_alphanumeric()).take(LETTERS).count() == LETTERS;
        if !says || self.texts.contains(text) || self.bytes > most {
            return;
        }
        self.bytes = self.bytes.saturating_add(text.len());
        self.texts.insert(text.to_owned());
    }

    /// Whether there were more than `most` bytes.
    pub(super) fn is_over(&self, most: usize) -> bool {
        self.bytes > most
    }

    /// A line a text.
    pub(super) fn lines(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(formula: &str) -> Vec<String> {
        let mut texts = Texts::default();
        texts.of_formula(formula, 1000);
        texts.lines().map(str::to_owned).collect()
    }

    #[test]
    fn texts_of_a_formula_are_what_stands_in_double_quotes() {
        assert_eq!(texts(r#"IF('a "b" c'!A1>5,"机密","say ""no""")&", ""#), ["say \"no\"", "机密"]);
        assert_eq!(texts(r#"CONCATENATE("cut off"#), [""; 0]);
        assert_eq!(texts("SUM(A1:A9)"), [""; 0]);
    }

    #[test]
    fn texts_without_end_are_over_the_limit() {
        let mut texts = Texts::default();
        (0..100).for_each(|number| texts.add(&format!("text {number}"), 100));
        assert!(texts.is_over(100) && texts.lines().count() < 20);
    }
}
