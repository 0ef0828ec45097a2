//! The rules of the marking detector: `models/markings.toml`, read, refused where unsafe, and compiled.
//!
//! A rule is data; nothing here knows what any of them means. Patterns with Unicode `\b`, `\d`, `\w` or `\s` are refused
//! by name: beside Han text a Unicode word boundary is wrong, and it makes matching hundreds of times slower.

use super::super::pattern::SET_BYTES;
use super::super::site::{self, Placed, Site};
use super::schema::{CaveatSource, File, NegativeSource, Parts, RuleSource, ValueSource, VocabularySource};
pub use super::schema::{Kind, Need, Place, Strength};
use super::spelling::Spellings;
use super::trigger;
use crate::finding::Level;
use anyhow::{Context, bail};
use regex::{Regex, RegexSet, RegexSetBuilder};

/// The built-in rules.
pub const BUILT_IN: &str = include_str!("../../../models/markings.toml");

/// Where the built-in rules stand in the repository: what problems name.
pub const FILE: &str = "models/markings.toml";

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
    /// Whether it decides nothing, wherever it stands.
    pub for_people: bool,
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

/// What may stand beside a level: a control of dissemination, a compartment, a descriptor.
pub struct Caveat {
    /// Stable name.
    pub id: String,
    /// What is told of it, with `$1` for the first group of the pattern.
    pub shown: String,
    /// The pattern.
    pub regex: Regex,
    /// Texts that it finds.
    pub examples: Vec<String>,
    /// Texts that it must not find.
    pub counter_examples: Vec<String>,
}

/// Words that scoring needs.
pub struct Vocabulary {
    /// A form field's label, without what separates it from its value.
    pub label: Regex,
    /// A level at the beginning of a cell: one beside another is no value of a field.
    pub level: Regex,
    /// Labels of other fields that stand beside it on a form.
    pub field: Regex,
    /// The label of a message's subject at the beginning of a line, with what replies put before the subject itself.
    pub subject: Regex,
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
    /// What a condition says that stands beside a mark.
    pub notice: Regex,
    /// What a statement of declassification says if it is not about all of the document.
    pub partial: Regex,
    /// The beginning of a line that goes on with the statement above it.
    pub statement_goes_on: Regex,
    /// A line that says when an examination is sat.
    pub sitting: Regex,
    /// A sign of copyright with what follows it, which is no portion mark.
    pub copyright: Regex,
    /// What of a term may be told.
    pub told_term: Regex,
    /// Year, month and day of the rules: what was over then is over.
    pub as_of: (u32, u32, u32),
}

/// All rules, compiled.
pub struct Rules {
    /// The rules, in the order of the file, which breaks ties.
    pub rules: Vec<Rule>,
    /// What speaks against a mark.
    pub negatives: Vec<Negative>,
    /// What may stand beside a level.
    pub caveats: Vec<Caveat>,
    /// Words that scoring needs.
    pub vocabulary: Vocabulary,
    /// Finds, in raw text, each line that any rule could match.
    pub trigger: Regex,
    /// How levels are spelt, for recognized text.
    pub(super) spellings: Spellings,
    exact: RegexSet,
    of_exact: Vec<usize>,
    tolerant: RegexSet,
    of_tolerant: Vec<usize>,
    against: RegexSet,
    beside: RegexSet,
    /// Patterns of numbers of copies, with their places among the rules.
    copies: RegexSet,
    of_copies: Vec<usize>,
}

impl Rules {
    /// Reads and compiles the built-in rules.
    pub fn built_in() -> anyhow::Result<Self> {
        Self::parse(BUILT_IN).with_context(|| FILE.to_owned())
    }

    /// Compiles the built-in rules with those of the house laid over them.
    pub(in crate::classify) fn with(site: &Site) -> anyhow::Result<Self> {
        let mut file: File = toml::from_str(BUILT_IN).with_context(|| FILE.to_owned())?;
        site::lay_over(&mut file.rule, &site.markings, |rule| &rule.id, |id| site.disables(id));
        file.caveat.retain(|caveat| !site.disables(&caveat.id));
        site::lay_over(&mut file.negative, &site.negatives, |negative| &negative.id, |id| site.disables(id));
        // One by one first: what is wrong with all of them together names none.
        for Placed { rule, place } in &site.markings {
            let compiled = Rule::compile(rule.clone(), &file.part).and_then(|rule| trigger::words_of(&rule).map(drop));
            compiled.with_context(|| format!("{place}: rule {}", rule.id))?;
        }
        for Placed { rule, place } in &site.negatives {
            Negative::compile(rule.clone(), &file.part).with_context(|| place.clone())?;
        }
        Self::compile(file).with_context(|| FILE.to_owned())
    }

    /// Reads and compiles rules.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        Self::compile(toml::from_str(text)?)
    }

    fn compile(file: File) -> anyhow::Result<Self> {
        if file.version != 1 {
            bail!("version {} of the rules is not known to this program; it knows version 1", file.version);
        }
        let mut names: Vec<&str> = file.rule.iter().map(|rule| rule.id.as_str()).collect();
        names.extend(file.negative.iter().map(|negative| negative.id.as_str()));
        names.extend(file.caveat.iter().map(|caveat| caveat.id.as_str()));
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find_map(|pair| matches!(pair, [a, b] if a == b).then(|| pair.first())) {
            bail!("two rules are named {:?}", twice.copied().unwrap_or_default());
        }
        let parts = &file.part;
        let vocabulary = Vocabulary::compile(&file.vocabulary, parts)?;
        let negatives: Vec<Negative> =
            file.negative.into_iter().map(|one| Negative::compile(one, parts)).collect::<anyhow::Result<_>>()?;
        let rules: Vec<Rule> =
            file.rule.into_iter().map(|one| Rule::compile(one, parts)).collect::<anyhow::Result<_>>()?;
        let caveats: Vec<Caveat> =
            file.caveat.into_iter().map(|one| Caveat::compile(one, parts)).collect::<anyhow::Result<_>>()?;
        let of_exact: Vec<usize> = (0..rules.len()).filter(|&at| rules[at].finds()).collect();
        let of_tolerant: Vec<usize> = of_exact.iter().copied().filter(|&at| rules[at].regex_ocr.is_some()).collect();
        let exact = set(of_exact.iter().map(|&at| rules[at].regex.as_str()))?;
        let tolerant = set(of_tolerant.iter().filter_map(|&at| rules[at].regex_ocr.as_ref()).map(Regex::as_str))?;
        let against = set(negatives.iter().map(|negative| negative.regex.as_str()))?;
        let beside = set(caveats.iter().map(|caveat| caveat.regex.as_str()))?;
        let of_copies: Vec<usize> = (0..rules.len()).filter(|&at| rules[at].kind == Kind::Copyno).collect();
        let copies = set(of_copies.iter().map(|&at| rules[at].regex.as_str()))?;
        let trigger = trigger::build(of_exact.iter().map(|&at| &rules[at]), &vocabulary.subject)?;
        let spellings = Spellings::of(&rules);
        Ok(Self {
            rules,
            negatives,
            caveats,
            vocabulary,
            trigger,
            spellings,
            exact,
            of_exact,
            tolerant,
            of_tolerant,
            against,
            beside,
            copies,
            of_copies,
        })
    }

    /// Rules whose pattern is somewhere in `text`.
    pub fn exact_hits(&self, text: &str) -> impl Iterator<Item = usize> {
        self.exact.matches(text).into_iter().map(|at| self.of_exact[at])
    }

    /// Rules whose pattern for recognized text is somewhere in `text`.
    pub fn tolerant_hits(&self, text: &str) -> impl Iterator<Item = usize> {
        self.tolerant.matches(text).into_iter().map(|at| self.of_tolerant[at])
    }

    /// Caveats that are somewhere in `text`.
    pub(super) fn caveats_in(&self, text: &str) -> impl Iterator<Item = &Caveat> {
        self.beside.matches(text).into_iter().map(|at| &self.caveats[at])
    }

    /// Rules of numbers of copies that are somewhere in `text`.
    pub(super) fn copies_in(&self, text: &str) -> impl Iterator<Item = &Rule> {
        self.copies.matches(text).into_iter().map(|at| &self.rules[self.of_copies[at]])
    }

    /// Negative rows that hit `text`.
    pub fn negatives_in(&self, text: &str) -> impl Iterator<Item = usize> {
        self.against.matches(text).into_iter()
    }
}

impl Rule {
    /// Whether the rule looks at lines of text for findings of its own.
    pub(super) fn finds(&self) -> bool {
        !self.kind.is_signal() && self.place != Place::Path && !(self.kind == Kind::Label && self.rank == 0)
    }

    /// Whether hits are signals for others only, or the rule does not look at text.
    pub fn is_signal(&self) -> bool {
        !self.finds()
    }

    fn compile(source: RuleSource, parts: &Parts) -> anyhow::Result<Self> {
        let name = source.id.clone();
        let compile = |key: &str, pattern: &str| parts.compile(pattern).with_context(|| format!("rule {name}: {key}"));
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
            rank: source.rank.unwrap_or_else(|| source.level.rank()),
            kind: source.kind,
            strength: source.strength,
            place: source.zone,
            needs: source.needs,
            ambiguous: source.ambiguous,
            for_people: source.for_people,
            examples: source.examples,
            counter_examples: source.counter_examples,
        })
    }
}

impl Negative {
    fn compile(source: NegativeSource, parts: &Parts) -> anyhow::Result<Self> {
        if source.weight >= 0.0 {
            bail!("negative {}: weight {} must be below zero", source.id, source.weight);
        }
        let regex = parts.compile(&source.regex).with_context(|| format!("negative {}: regex", source.id))?;
        Ok(Self { regex, id: source.id, weight: source.weight, examples: source.examples })
    }
}

impl Caveat {
    fn compile(source: CaveatSource, parts: &Parts) -> anyhow::Result<Self> {
        let regex = parts.compile(&source.regex).with_context(|| format!("caveat {}: regex", source.id))?;
        let CaveatSource { id, shown, examples, counter_examples, .. } = source;
        Ok(Self { id, shown, regex, examples, counter_examples })
    }
}

impl Vocabulary {
    fn compile(source: &VocabularySource, parts: &Parts) -> anyhow::Result<Self> {
        let compile = |key: &str, pattern: &str| parts.compile(pattern).with_context(|| format!("vocabulary: {key}"));
        Ok(Self {
            label: compile("label", &source.label)?,
            level: compile("level", &source.level)?,
            field: compile("field", &source.field)?,
            subject: compile("subject", &source.subject)?,
            exam_term: compile("exam_term", &source.exam_term)?,
            exam_page: compile("exam_page", &source.exam_page)?,
            article: compile("article", &source.article)?,
            page_number: compile("page_number", &source.page_number)?,
            example: compile("example", &source.example)?,
            declassified: compile("declassified", &source.declassified)?,
            conditional: compile("conditional", &source.conditional)?,
            notice: compile("notice", &source.notice)?,
            partial: compile("partial", &source.partial)?,
            statement_goes_on: compile("statement_goes_on", &source.statement_goes_on)?,
            sitting: compile("sitting", &source.sitting)?,
            copyright: compile("copyright", &source.copyright)?,
            told_term: compile("told_term", &source.told_term)?,
            as_of: source.as_of.into(),
        })
    }
}

fn set<'a>(patterns: impl Iterator<Item = &'a str>) -> anyhow::Result<RegexSet> {
    Ok(RegexSetBuilder::new(patterns).size_limit(SET_BYTES).dfa_size_limit(SET_BYTES).build()?)
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
    fn a_piece_stands_for_its_pattern_wherever_it_is_named_and_an_unknown_one_is_refused_by_the_name_of_the_rule() {
        let text = BUILT_IN.replacen("regex = '", "regex = 'A{dash}B{dash}?C|", 1);
        let rules = Rules::parse(&text).expect("compiles");
        let pattern = &rules.rules[0].regex;
        assert!(["A - BC", "A BC", "A—B C"].iter().all(|text| pattern.is_match(text)));
        assert!(!pattern.is_match("ABC"));
        assert!(rules.rules.iter().all(|rule| !rule.regex.as_str().contains("{dash}")));
        let error = BUILT_IN.replacen("regex = '", "regex = 'A{dahs}B|", 1);
        let error = format!("{:#}", Rules::parse(&error).err().expect("must be refused"));
        assert!(error.contains("cn.state.top.full: regex"), "{error}");
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
