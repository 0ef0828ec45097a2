//! Codes of fields, of which only the addresses of links are kept.

/// The addresses in the code of a field, if it is a link.
pub(super) fn links(code: &str) -> String {
    let code = code.trim_start();
    if !code.get(..9).is_some_and(|name| name.eq_ignore_ascii_case("HYPERLINK")) {
        return String::new();
    }
    let quoted = code.split('"').skip(1).step_by(2).filter(|part| !part.is_empty());
    quoted.flat_map(|address| ["<", address, "> "]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_stay_and_other_codes_go() {
        assert_eq!(links(" HYPERLINK \"http://x/y\" \\o \"tip\" "), "<http://x/y> <tip> ");
        assert_eq!(links("PAGE \"x\""), "");
    }
}
