//! Elements that a style shows in capitals, whatever letters stand in them: as in other documents what is shown counts.
//!
//! Rules are known by the last name in their selector (`.mark`, `h1.top`, `#banner`), which stand in styles before the element or in its
//! own. What a rule further on takes back is not followed.

use std::collections::{BTreeSet, HashMap};

use html5ever::tokenizer::Tag;

/// Rules that are kept.
const RULES: usize = 1000;

/// Names of one that are asked for: one that has more shows elements in capitals that have these.
const NAMES: usize = 8;

/// Rules that ask for more than one name, of those with the same first one: beyond them the first one is enough. With this the work
/// for an element is bounded by how many names it has, however many rules there are.
const ALIKE: usize = 16;

/// Elements that end where the next of them begins, and elements without an end.
const UNCLOSED: &[&str] = &["dd", "dt", "li", "option", "p", "td", "th", "tr"];
const EMPTY: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// What is shown in capitals.
#[derive(Default)]
pub(super) struct Capitals {
    /// Numbers of names that rules ask for: elements, `.a` and `#a`.
    names: HashMap<String, u32>,
    /// What else an element must have that has a name; nothing if any rule asks for that name alone.
    rules: HashMap<u32, Vec<Vec<u32>>>,
    kept: usize,
    /// The element that is open and is shown so, and how many of its name are open.
    open: Option<(String, u32)>,
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
                selectors.split(',').filter_map(selector).for_each(|names| self.keep(&names));
            }
        }
    }

    /// Keeps a rule for elements that have all of some names.
    fn keep(&mut self, names: &[String]) {
        if self.kept >= RULES {
            return;
        }
        let mut numbers: Vec<u32> = Vec::new();
        for name in names {
            let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
            numbers.push(*self.names.entry(name.clone()).or_insert(next));
        }
        let Some((first, others)) = numbers.split_first() else { return };
        let alike = self.rules.entry(*first).or_default();
        let is_enough = alike.first().is_some_and(Vec::is_empty);
        if is_enough || alike.iter().any(|known| known == others) {
            return;
        }
        self.kept += 1;
        if others.is_empty() || alike.len() >= ALIKE {
            *alike = vec![Vec::new()];
        } else {
            alike.push(others.to_vec());
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
        if is_capital(value("style")) {
            return true;
        }
        if self.rules.is_empty() {
            return false;
        }
        let classes = value("class").split_ascii_whitespace().map(|class| format!(".{class}"));
        let all = classes.chain([format!("#{}", value("id")), (*tag.name).to_owned()]);
        let has: BTreeSet<u32> = all.filter_map(|name| self.names.get(&name).copied()).collect();
        let fits = |rule: &Vec<u32>| rule.iter().all(|name| has.contains(name));
        has.iter().filter_map(|name| self.rules.get(name)).flatten().any(fits)
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
fn selector(text: &str) -> Option<Vec<String>> {
    // Comments may stand before it.
    let text = text.rsplit("*/").next().unwrap_or_default();
    let last =
        text.split(|c: char| c.is_whitespace() || matches!(c, '>' | '+' | '~')).rfind(|name| !name.is_empty())?;
    if last.contains([':', '[', '*', '@']) {
        return None;
    }
    let start = last.find(['.', '#']).unwrap_or(last.len());
    let (element, mut rest) = last.split_at(start);
    let mut names: Vec<String> = Vec::new();
    names.extend((!element.is_empty()).then(|| element.to_ascii_lowercase()));
    while !rest.is_empty() && names.len() < NAMES {
        let end = rest[1..].find(['.', '#']).map_or(rest.len(), |end| end + 1);
        names.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    // The rarest names come first, by which rules are found: an element has one identifier, and many elements are of one kind.
    names.sort_by_key(|name| match name.as_bytes().first() {
        Some(b'#') => 0,
        Some(b'.') => 1,
        _ => 2,
    });
    (!names.is_empty()).then_some(names)
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

    #[test]
    fn many_rules_of_many_names_cost_no_more_than_the_page_is_long() {
        // A thousand rules that ask for a thousand classes each, and elements that have all of these but the last: without bounds a
        // hundred thousand million looks.
        let many = |count: usize, made: &dyn Fn(usize) -> String| (0..count).map(made).collect::<Vec<_>>().concat();
        let names = many(1000, &|number| format!(".n{number}"));
        let rules = many(1000, &|number| format!("{names}.k{number}{{text-transform:uppercase}}"));
        let classes = many(1000, &|number| format!(" n{number}"));
        let elements = format!("<i class='{classes}'>a</i>").repeat(300);
        let html = format!("<style>{rules}</style>{elements}<b class=n0>b</b>");
        let text = read(&html, false).text;
        // The first names are asked for, and who has them is taken to have the others.
        assert!(text.trim().starts_with("AA") && text.trim().ends_with("Ab"), "{}", text.len());
        // As many that begin alike: from one number on the first name is enough.
        let alike = many(900, &|number| format!(".m.k{number}{{text-transform:uppercase}}"));
        let few = read("<style>.m.k1{text-transform:uppercase}</style><b class=m>a</b><b class='k1 m'>a</b>", false);
        assert_eq!(few.text.trim(), "aA");
        let many = read(&format!("<style>{alike}</style><b class='m k899'>a</b><b class=n>b</b>"), false);
        assert_eq!(many.text.trim(), "Ab");
    }

    proptest::proptest! {
        #[test]
        fn no_style_makes_it_panic(html in "(<style>|</style>|[{}.#a:;,* ]{0,4}|text-transform:uppercase|<[a-z]{1,2} class=a>|机){0,30}") {
            read(&html, false);
        }
    }
}
