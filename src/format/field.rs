//! Codes of fields: the addresses of links, and the words that others have.

/// What stands before the items of a list to choose from, where all of them are told: a sentence, so that a level among them
/// is not taken for the mark of the document.
pub(super) const CHOICES: &str = "a list of this form offers to choose from:";

/// The addresses in the code of a field, if it is a link.
pub(super) fn links(code: &str) -> String {
    let code = code.trim_start();
    if !code.get(..9).is_some_and(|name| name.eq_ignore_ascii_case("HYPERLINK")) {
        return String::new();
    }
    let quoted = code.split('"').skip(1).step_by(2).filter(|part| !part.is_empty());
    quoted.flat_map(|address| ["<", address, "> "]).collect()
}

/// The texts in quotes of any other code, a line each: what a field shows when it is brought up to date, or under a
/// condition. How dates and numbers look is none.
pub(super) fn words(code: &str) -> String {
    if !links(code).is_empty() {
        return String::new();
    }
    let mut words = String::new();
    let mut before = "";
    for (at, piece) in code.split('"').enumerate() {
        let is_look = [r"\@", r"\#", r"\*"].iter().any(|switch| before.trim_end().ends_with(switch));
        if at % 2 == 1 && !is_look && piece.chars().filter(|c| c.is_alphanumeric()).count() > 1 {
            words.extend([piece.trim(), "\n"]);
        }
        before = piece;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_and_other_codes_go() {
        assert_eq!(links(" HYPERLINK \"http://x/y\" \\o \"tip\" "), "<http://x/y> <tip> ");
        assert_eq!(links("PAGE \"x\""), "");
        assert_eq!(words(" QUOTE \"TOP SECRET\" "), "TOP SECRET\n");
        assert_eq!(words(r#"IF 1 = 2 "secret plan" "" \* MERGEFORMAT"#), "secret plan\n");
        assert_eq!(words(r#"TIME \@ "dd MMMM""#), "");
        assert_eq!(words(" HYPERLINK \"http://x/y\" "), "");
    }
}
