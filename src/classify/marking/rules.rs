//! The rules of the marking detector: `models/markings.toml`, read, refused where unsafe, and compiled.
//!
//! A rule is data; nothing here knows what any of them means. Patterns with Unicode `\b`, `\d`, `\w` or `\s` are refused
//! by name: beside Han text a Unicode word boundary is wrong, and it makes matching hundreds of times slower.

use anyhow::{Context, bail};
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::ast::{self, Ast, ClassSetItem};
use serde::Deserialize;

use super::trigger;
use crate::finding::Level;

/// The built-in rules.
pub const BUILT_IN: &str = include_str!("../../../models/markings.toml");

/// Where the built-in rules stand in the repository: what problems name.
pub const FILE: &str = "models/markings.toml";

/// Bytes that compiled sets may take.
const SET_BYTES: usize = 64 << 20;

/// What a rule's mark is; a few things in scoring depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A level.
    Level,
    /// A level with its term.
    #[serde(rename = "level+period")]
    LevelPeriod,
    /// A level with its caveats.
    Banner,
    /// A level of a scheme no longer in force.
    Legacy,
    /// A restriction beside a level.
    Caveat,
    /// Not evidence by itself: a working paper.
    Modifier,
    /// A company's mark.
    Corp,
    /// A form field.
    Label,
    /// Furniture of an official document.
    Layout,
    /// A copy number.
    Copyno,
    /// A statement of release.
    Release,
    /// A statement of declassification.
    Declass,
    /// A block of lines on authority or control.
    Block,
    /// A sentence that is itself the mark.
    Descriptor,
    /// A mark in front of a paragraph.
    Portion,
    /// A property in metadata.
    Metadata,
}

impl Kind {
    /// Whether hits are signals for others, never findings.
    pub fn is_signal(self) -> bool {
        matches!(self, Self::Layout | Self::Copyno | Self::Modifier)
    }

    /// Whether a full sentence is usual, so that it says nothing against the mark.
    pub fn is_sentence(self) -> bool {
        matches!(self, Self::Block | Self::Descriptor | Self::Release)
    }

    /// Whether it names a level, so that several of them on a line are an enumeration.
    pub fn names_level(self) -> bool {
        matches!(self, Self::Level | Self::LevelPeriod | Self::Banner | Self::Legacy)
    }
}

/// How much a rule's pattern says by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Strength {
    /// Hardly anything.
    S1,
    /// Something.
    S2,
    /// A lot.
    S3,
}

/// Where on a page a rule's mark is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Top of the page.
    Header,
    /// Bottom of the page.
    Footer,
    /// Block at the top left.
    TopLeft,
    /// Block at the top right.
    TopRight,
    /// Anywhere.
    Body,
    /// In a file's name; such rules never look at text.
    Path,
}

/// What a document must contain for a rule to apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Need {
    /// Japanese kana: the same Han characters mean something else in Chinese.
    Kana,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    vocabulary: VocabularySource,
    rule: Vec<RuleSource>,
    negative: Vec<NegativeSource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VocabularySource {
    label: String,
    exam_term: String,
    exam_page: String,
    article: String,
    page_number: String,
    example: String,
    declassified: String,
    conditional: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleSource {
    id: String,
    jurisdiction: String,
    native: String,
    level: Level,
    rank: u8,
    kind: Kind,
    strength: Strength,
    zone: Place,
    regex: String,
    regex_ocr: Option<String>,
    needs: Option<Need>,
    #[serde(default)]
    ambiguous: bool,
    #[serde(default)]
    values: Vec<ValueSource>,
    examples: Vec<String>,
    #[serde(default)]
    counter_examples: Vec<String>,
    #[serde(rename = "notes")]
    _notes: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ValueSource {
    regex: String,
    level: Level,
    rank: u8,
    native: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NegativeSource {
    id: String,
    weight: f32,
    regex: String,
    examples: Vec<String>,
    #[serde(rename = "notes")]
    _notes: String,
    #[serde(rename = "verified")]
    _verified: bool,
}

/// A rule, compiled.
pub struct Rule {
    /// Stable name.
    pub id: String,
    /// Whose mark.
    pub jurisdiction: String,
    /// The level in its own words.
    pub native: String,
    /// Level of the mark.
    pub level: Level,
    /// Order inside the level.
    pub rank: u8,
    /// What the mark is.
    pub kind: Kind,
    /// What the pattern says by itself.
    pub strength: Strength,
    /// Where it is put.
    pub place: Place,
    /// The pattern.
    pub regex: Regex,
    /// The pattern for recognized text.
    pub regex_ocr: Option<Regex>,
    /// What the document must contain.
    pub needs: Option<Need>,
    /// Whether other schemes use the same word.
    pub ambiguous: bool,
    /// Levels that depend on what was matched; the first that matches holds.
    pub values: Vec<Value>,
    /// Texts that it finds.
    pub examples: Vec<String>,
    /// Texts that it must not find.
    pub counter_examples: Vec<String>,
}

/// A level that depends on what was matched.
pub struct Value {
    /// In the matched text.
    pub regex: Regex,
    /// The level then.
    pub level: Level,
    /// The rank then.
    pub rank: u8,
    /// The native word then.
    pub native: String,
}

/// A context that speaks against a mark.
pub struct Negative {
    /// Stable name.
    pub id: String,
    /// Points, below zero.
    pub weight: f32,
    /// The pattern.
    pub regex: Regex,
    /// Texts that it hits.
    pub examples: Vec<String>,
}

/// Words that scoring needs.
pub struct Vocabulary {
    /// A form field's label, without what separates it from its value.
    pub label: Regex,
    /// The term on an examination paper.
    pub exam_term: Regex,
    /// Words that make a page an examination paper.
    pub exam_page: Regex,
    /// The beginning of an article of a law.
    pub article: Regex,
    /// Page numbers: furniture, not letters of a line.
    pub page_number: Regex,
    /// "such as", at the end of what stands before a mark.
    pub example: Regex,
    /// A statement that the content is declassified.
    pub declassified: Regex,
    /// A statement that the content is released under a condition.
    pub conditional: Regex,
}

/// All rules, compiled.
pub struct Rules {
    /// The rules, in the order of the file, which breaks ties.
    pub rules: Vec<Rule>,
    /// What speaks against a mark.
    pub negatives: Vec<Negative>,
    /// Words that scoring needs.
    pub vocabulary: Vocabulary,
    /// Finds, in raw text, each line that any rule could match.
    pub trigger: Regex,
    exact: RegexSet,
    exact_rules: Vec<usize>,
    tolerant: RegexSet,
    tolerant_rules: Vec<usize>,
    against: RegexSet,
}

impl Rules {
    /// Reads and compiles the built-in rules.
    pub fn built_in() -> anyhow::Result<Self> {
        Self::parse(BUILT_IN).with_context(|| FILE.to_owned())
    }

    /// Reads and compiles rules.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let file: File = toml::from_str(text)?;
        if file.version != 1 {
            bail!("version {} of the rules is not known to this program; it knows version 1", file.version);
        }
        let mut names: Vec<&str> = file.rule.iter().map(|rule| rule.id.as_str()).collect();
        names.extend(file.negative.iter().map(|negative| negative.id.as_str()));
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            bail!("two rules are named {:?}", pair[0]);
        }
        let vocabulary = Vocabulary::compile(&file.vocabulary)?;
        let negatives: Vec<Negative> =
            file.negative.into_iter().map(Negative::compile).collect::<anyhow::Result<_>>()?;
        let rules: Vec<Rule> = file.rule.into_iter().map(Rule::compile).collect::<anyhow::Result<_>>()?;
        let exact_rules: Vec<usize> = (0..rules.len()).filter(|&at| rules[at].finds()).collect();
        let tolerant_rules: Vec<usize> =
            exact_rules.iter().copied().filter(|&at| rules[at].regex_ocr.is_some()).collect();
        let exact = set(exact_rules.iter().map(|&at| rules[at].regex.as_str()))?;
        let tolerant = set(tolerant_rules.iter().filter_map(|&at| rules[at].regex_ocr.as_ref()).map(Regex::as_str))?;
        let against = set(negatives.iter().map(|negative| negative.regex.as_str()))?;
        let trigger = trigger::build(exact_rules.iter().map(|&at| &rules[at]))?;
        Ok(Self { rules, negatives, vocabulary, trigger, exact, exact_rules, tolerant, tolerant_rules, against })
    }

    /// Rules whose pattern is somewhere in `text`.
    pub fn exact_hits(&self, text: &str) -> impl Iterator<Item = usize> {
        self.exact.matches(text).into_iter().map(|at| self.exact_rules[at])
    }

    /// Rules whose pattern for recognized text is somewhere in `text`.
    pub fn tolerant_hits(&self, text: &str) -> impl Iterator<Item = usize> {
        self.tolerant.matches(text).into_iter().map(|at| self.tolerant_rules[at])
    }

    /// Negative rows that hit `text`.
    pub fn negatives_in(&self, text: &str) -> impl Iterator<Item = usize> {
        self.against.matches(text).into_iter()
    }
}

impl Rule {
    /// Whether the rule looks at lines of text for findings of its own.
    fn finds(&self) -> bool {
        !self.kind.is_signal() && self.place != Place::Path && !(self.kind == Kind::Label && self.rank == 0)
    }

    /// Whether hits are signals for others only, or the rule does not look at text.
    pub fn is_signal(&self) -> bool {
        !self.finds()
    }

    fn compile(source: RuleSource) -> anyhow::Result<Self> {
        let name = source.id.clone();
        let compile = |key: &str, pattern: &str| pattern_of(pattern).with_context(|| format!("rule {name}: {key}"));
        let value = |value: ValueSource| -> anyhow::Result<Value> {
            let regex = compile("values.regex", &value.regex)?;
            Ok(Value { regex, level: value.level, rank: value.rank, native: value.native })
        };
        Ok(Self {
            regex: compile("regex", &source.regex)?,
            regex_ocr: source.regex_ocr.as_deref().map(|pattern| compile("regex_ocr", pattern)).transpose()?,
            values: source.values.into_iter().map(value).collect::<anyhow::Result<_>>()?,
            id: source.id,
            jurisdiction: source.jurisdiction,
            native: source.native,
            level: source.level,
            rank: source.rank,
            kind: source.kind,
            strength: source.strength,
            place: source.zone,
            needs: source.needs,
            ambiguous: source.ambiguous,
            examples: source.examples,
            counter_examples: source.counter_examples,
        })
    }
}

impl Negative {
    fn compile(source: NegativeSource) -> anyhow::Result<Self> {
        if source.weight >= 0.0 {
            bail!("negative {}: weight {} must be below zero", source.id, source.weight);
        }
        let regex = pattern_of(&source.regex).with_context(|| format!("negative {}: regex", source.id))?;
        Ok(Self { regex, id: source.id, weight: source.weight, examples: source.examples })
    }
}

impl Vocabulary {
    fn compile(source: &VocabularySource) -> anyhow::Result<Self> {
        let compile = |key: &str, pattern: &str| pattern_of(pattern).with_context(|| format!("vocabulary: {key}"));
        Ok(Self {
            label: compile("label", &source.label)?,
            exam_term: compile("exam_term", &source.exam_term)?,
            exam_page: compile("exam_page", &source.exam_page)?,
            article: compile("article", &source.article)?,
            page_number: compile("page_number", &source.page_number)?,
            example: compile("example", &source.example)?,
            declassified: compile("declassified", &source.declassified)?,
            conditional: compile("conditional", &source.conditional)?,
        })
    }
}

fn set<'a>(patterns: impl Iterator<Item = &'a str>) -> anyhow::Result<RegexSet> {
    Ok(RegexSetBuilder::new(patterns).size_limit(SET_BYTES).dfa_size_limit(SET_BYTES).build()?)
}

/// Compiles a pattern, refusing what is wrong or slow beside Han text.
pub fn pattern_of(pattern: &str) -> anyhow::Result<Regex> {
    let tree = ast::parse::Parser::new().parse(pattern)?;
    ast::visit(&tree, PerlClasses)?;
    let hir = regex_syntax::Parser::new().parse(pattern)?;
    if hir.properties().look_set().contains_word_unicode() {
        bail!("a Unicode \\b is wrong beside Han text and very slow: write (?-u:\\b)");
    }
    Ok(RegexBuilder::new(pattern).size_limit(SET_BYTES).build()?)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unicode_boundary_or_class_is_refused_by_the_name_of_its_rule() {
        for (bad, hint) in [(r"\bSECRET", "(?-u:\\b)"), (r"\d{6}", "[0-9]"), (r"[\w.]+", "[A-Za-z0-9_]")] {
            let text = BUILT_IN.replacen("regex = '", &format!("regex = '{bad}|"), 1);
            let error = format!("{:#}", Rules::parse(&text).err().expect("must be refused"));
            assert!(error.contains("cn.state.top.full") && error.contains(hint), "{error}");
        }
    }

    #[test]
    fn all_rows_of_the_specification_are_there() {
        let rules = Rules::built_in().expect("the built-in rules compile");
        assert!(rules.rules.len() >= 177, "{} rules", rules.rules.len());
        assert!(rules.negatives.len() >= 15, "{} negatives", rules.negatives.len());
    }

    #[test]
    fn two_rules_of_one_name_are_refused() {
        let text = BUILT_IN.replacen("id = \"cn.state.top.bare\"", "id = \"cn.state.top.full\"", 1);
        assert!(Rules::parse(&text).err().expect("must be refused").to_string().contains("cn.state.top.full"));
    }
}
