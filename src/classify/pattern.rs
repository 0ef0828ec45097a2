//! Patterns of rules: compiled, and refused where a Unicode `\b`, `\d`, `\w` or `\s` makes them wrong or slow beside Han text.

use anyhow::bail;
use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{self, Ast, ClassSetItem};

/// Bytes that a compiled pattern, or a set of them, may take.
pub(super) const SET_BYTES: usize = 64 << 20;

/// Compiles a pattern of the program itself.
pub(super) fn constant(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern that a test compiles")
}

/// Compiles a pattern that is right and fast beside Han text.
pub(super) fn pattern_of(pattern: &str) -> anyhow::Result<Regex> {
    check(pattern)?;
    Ok(RegexBuilder::new(pattern).size_limit(SET_BYTES).build()?)
}

/// Refuses a pattern that is wrong or slow beside Han text.
pub(super) fn check(pattern: &str) -> anyhow::Result<()> {
    let tree = ast::parse::Parser::new().parse(pattern)?;
    ast::visit(&tree, PerlClasses)?;
    let hir = regex_syntax::Parser::new().parse(pattern)?;
    if hir.properties().look_set().contains_word_unicode() {
        bail!("a Unicode \\b is wrong beside Han text and very slow: write (?-u:\\b)");
    }
    Ok(())
}

/// Refuses `\d`, `\w` and `\s`.
struct PerlClasses;

impl ast::Visitor for PerlClasses {
    type Output = ();
    type Err = anyhow::Error;

    fn finish(self) -> anyhow::Result<()> {
        Ok(())
    }

    fn visit_pre(&mut self, tree: &Ast) -> anyhow::Result<()> {
        match tree {
            Ast::ClassPerl(_) => refuse_perl(),
            _ => Ok(()),
        }
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> anyhow::Result<()> {
        match item {
            ClassSetItem::Perl(_) => refuse_perl(),
            _ => Ok(()),
        }
    }
}

fn refuse_perl() -> anyhow::Result<()> {
    bail!("\\d, \\w and \\s stand for hundreds of Unicode characters: write [0-9], [A-Za-z0-9_] or [ \\t]")
}
