//! Elements that a style shows in capitals, whatever letters stand in them: as in other documents what is shown counts.
//!
//! Rules are known by the last name in their selector (`.mark`, `h1.top`, `#banner`), which stand in styles before the element or in its
//! own. What a rule further on takes back is not followed.

use html5ever::tokenizer::Tag;

/// Rules and names of one that are kept.
const RULES: usize = 1000;

/// Elements that end where the next of them begins, and elements without an end.
const UNCLOSED: &[&str] = &["dd", "dt", "li", "option", "p", "td", "th", "tr"];
const EMPTY: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// What is shown in capitals.
#[derive(Default)]
pub(super) struct Capitals {
    rules: Vec<Selector>,
    /// The element that is open and is shown so, and how many of its name are open.
    open: Option<(String, u32)>,
}

/// The last names of a selector: an element, classes (`.a`) and identifiers (`#a`), all of which an element must have.
struct Selector {
    element: String,
    names: Vec<String>,
}

impl Capitals {
    /// Whether what stands here is shown in capitals.
    pub(super) fn is_shown(&self) -> bool {
        self.open.is_some()
    }

    /// Takes in a style sheet.
    pub(super) fn learn(&mut self, style: &str) {
        let mut rest = style;
        while let Some((selectors, behind)) = rest.split_once('{') {
            let (rule, behind) = behind.split_once('}').unwrap_or((behind, ""));
            // Inside `@media` the first rule stands behind a second brace.
            let (selectors, rule) = rule.rsplit_once('{').unwrap_or((selectors, rule));
            rest = behind;
            if is_capital(rule) {
                let room = RULES.saturating_sub(self.rules.len());
                self.rules.extend(selectors.split(',').filter_map(selector).take(room));
            }
        }
    }

    /// Takes a tag of the page.
    pub(super) fn tag(&mut self, tag: &Tag, start: bool, is_closed: bool) {
        let name = &*tag.name;
        if let Some((open, count)) = self.open.as_mut().filter(|(open, _)| open == name) {
            let ends = !start || UNCLOSED.contains(&open.as_str());
            match ends {
                true => *count -= 1,
                false if !is_closed => *count = count.saturating_add(1),
                false => {}
            }
            if *count > 0 {
                return;
            }
            self.open = None;
        }
        if start && !is_closed && self.open.is_none() && !EMPTY.contains(&name) && self.applies(tag) {
            self.open = Some((name.to_owned(), 1));
        }
    }

    fn applies(&self, tag: &Tag) -> bool {
        let value = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            found.map(|attribute| attribute.value.as_ref()).unwrap_or_default()
        };
        let has = |name: &String| match name.split_at_checked(1) {
            Some(("#", id)) => value("id") == id,
            Some((_, class)) => value("class").split_ascii_whitespace().any(|one| one == class),
            None => false,
        };
        let fits =
            |rule: &Selector| (rule.element.is_empty() || rule.element == *tag.name) && rule.names.iter().all(has);
        is_capital(value("style")) || self.rules.iter().any(fits)
    }
}

/// Whether declarations show text in capitals, large or small.
fn is_capital(declarations: &str) -> bool {
    let lower = declarations.to_ascii_lowercase();
    lower.split(';').filter_map(|one| one.split_once(':')).any(|(property, value)| {
        let value = value.trim().trim_end_matches("!important").trim_end();
        match property.rsplit(['/', '{']).next().unwrap_or_default().trim() {
            "text-transform" => value == "uppercase",
            "font-variant" | "font-variant-caps" => value.contains("small-caps"),
            _ => false,
        }
    })
}

/// The last names of a selector; none of one for a state or a piece of an element, or for all of them.
fn selector(text: &str) -> Option<Selector> {
    // Comments may stand before it.
    let text = text.rsplit("*/").next().unwrap_or_default();
    let last =
        text.split(|c: char| c.is_whitespace() || matches!(c, '>' | '+' | '~')).rfind(|name| !name.is_empty())?;
    if last.contains([':', '[', '*', '@']) {
        return None;
    }
    let start = last.find(['.', '#']).unwrap_or(last.len());
    let (element, mut rest) = last.split_at(start);
    let mut names = Vec::new();
    while !rest.is_empty() && names.len() < RULES {
        let end = rest[1..].find(['.', '#']).map_or(rest.len(), |end| end + 1);
        names.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    (!element.is_empty() || !names.is_empty()).then(|| Selector { element: element.to_ascii_lowercase(), names })
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn what_a_style_shows_in_capitals_is_read_so() {
        for (html, expected) in [
            ("<p style='text-transform:uppercase'>top secret//noforn</p><p>b", "TOP SECRET//NOFORN\nb"),
            (
                "<style>.b{text-transform:uppercase}</style><div class='a b'>Top <b>Secret</b></div><p>b",
                "TOP SECRET\nb",
            ),
            (
                "<style>@media print { h1.x, #y { TEXT-TRANSFORM : Uppercase !important } }</style><h1>a</h1><h1 class=x>b</h1><i id=y>c</i>",
                "a\nB\nC",
            ),
            ("<div style='font-variant:small-caps'>Secret<div>inner</div>still</div>not", "SECRET\nINNER\nSTILL\nnot"),
            ("<p style='text-transform:uppercase'>one<p>two", "ONE\ntwo"),
            ("<ul><li style='text-transform: uppercase'>one<li>two</ul>", "ONE\ntwo"),
            ("<style>p:hover{text-transform:uppercase} p::before{text-transform:uppercase}</style><p>a", "a"),
            ("<p style='text-transform:none'>a<br style='text-transform:uppercase'>b", "a\nb"),
            (
                "<style>/* the mark */ .m{color:red;text-transform:uppercase} .n{color:red}</style><b class=m>a</b><b class=n>b</b>",
                "Ab",
            ),
        ] {
            assert_eq!(read(html, false).text.trim(), expected, "{html}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_style_makes_it_panic(html in "(<style>|</style>|[{}.#a:;,* ]{0,4}|text-transform:uppercase|<[a-z]{1,2} class=a>|机){0,30}") {
            read(&html, false);
        }
    }
}
