//! The parts of a name that may be a mark, as lines of text: what stands in brackets, between strokes, in capitals, or first in a
//! name that goes on with what kind of document it is.

use std::sync::LazyLock;

use regex::Regex;

use crate::script::is_han;

/// Parts of a name that are looked at.
const PARTS: usize = 20;

/// Endings of source code, whose names are those of modules: `Confidential.pm`.
const MODULES: [&str; 22] = [
    "c", "cc", "cpp", "cs", "css", "go", "h", "hpp", "java", "js", "jsx", "kt", "lua", "php", "pl", "pm", "py", "rb",
    "rs", "swift", "ts", "tsx",
];

/// A level before what kind of document it is: `机密方案`, `confidential drafts`. Documents about secrecy go on with other words:
/// `机密文件管理办法`, `confidential waste collection`.
static LEADING: LazyLock<Regex> = LazyLock::new(|| {
    let han = "^(绝密|机密)(?:[^文资档信数载性级计管法制]\\p{Han}{0,30})?(?:方案|报告|计划|规划|预案|纪要|清单|名单|图纸|总结|汇报|合同|简报)";
    let latin = "^((?:top |strictly |highly )?(?:secret|confidential))[ -](?:drafts?|files?|papers?|plans?|reports?|minutes|memos?|letters?|contracts?)";
    Regex::new(&format!("(?i)(?:{han}|{latin})(?:[ -]?(?:v?[0-9.]{{1,10}}|final))?$"))
        .expect("a constant pattern that a test compiles")
});

/// A level in any case that is all of a part: `plan - secret`.
static LEVEL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("^(?i:(?:top |nato |strictly |highly )?(?:secret|confidential)|(?:streng )?geheim|vertraulich)$")
        .expect("a constant pattern that a test compiles")
});

/// Every line to look at.
pub(super) fn of(stem: &str) -> Vec<String> {
    let mut lines = lines(stem);
    let plain = lines.first().cloned().unwrap_or_default();
    // Ordinary words as often: of the parts only the last, behind its stroke, may be in small letters.
    let last = lines.last().filter(|_| lines.len() > 1).map(|part| part.trim()).filter(|part| LEVEL.is_match(part));
    let small = last.map(str::to_uppercase);
    let leading = LEADING.captures(&plain).and_then(|found| found.get(1).or(found.get(2)));
    lines.extend(leading.map(|mark| mark.as_str().to_uppercase()).into_iter().chain(small));
    lines.extend(capitals(stem));
    lines
}

/// Whether it is the name of a module of source code: one word and its ending.
pub(super) fn is_module(name: &str) -> bool {
    let is_word = |stem: &str| stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte));
    let shouted = |stem: &str| stem.bytes().all(|byte| !byte.is_ascii_lowercase());
    match name.rsplit_once('.') {
        Some((stem, ending)) => {
            MODULES.iter().any(|module| ending.eq_ignore_ascii_case(module)) && is_word(stem) && !shouted(stem)
        }
        None => false,
    }
}

/// Han characters that stand one by one belong together: `机 密`.
fn close_up(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let lone = |word: &str| word.chars().count() == 1 && word.chars().all(is_han);
    let mut closed = String::with_capacity(name.len());
    for (at, word) in words.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        if before.is_some_and(|before| !(lone(before) && lone(word))) {
            closed.push(' ');
        }
        closed.push_str(word);
    }
    closed
}

/// Strokes that part a name, where blanks are around them: `Confidential - budget`.
const STROKES: &str = "-–—";

/// A name, and its parts, as lines of text: in brackets, between strokes with blanks around them, and in Chinese between blanks and
/// strokes alone, a mark stands for itself. In names of Latin letters blanks and strokes part words of a sentence.
fn lines(stem: &str) -> Vec<String> {
    let plain: String = stem.chars().take(super::LONGEST).map(|c| if c == '_' { ' ' } else { c }).collect();
    let plain = close_up(&plain);
    let characters: Vec<char> = plain.chars().collect();
    let mut parts = vec![String::new()];
    for (at, c) in characters.iter().enumerate() {
        let is_han = |at: usize| characters.get(at).is_some_and(|c| is_han(*c));
        let beside = is_han(at.wrapping_sub(1)) || is_han(at + 1);
        let blank = |at: usize| characters.get(at).is_some_and(|c| *c == ' ');
        let stroke = STROKES.contains(*c) && blank(at.wrapping_sub(1)) && blank(at + 1);
        let ends = stroke || "[](){}<>【】（）〔〕《》".contains(*c) || (beside && " -—·.".contains(*c));
        match (ends, parts.last_mut()) {
            (false, Some(part)) => part.push(*c),
            _ => parts.push(String::new()),
        }
    }
    let parts: Vec<String> = parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect();
    let several = parts.len() > 1 || parts.first().is_some_and(|part| *part != plain);
    [plain].into_iter().chain(parts.into_iter().filter(|_| several).take(PARTS)).collect()
}

/// Words in capitals that stand together among others that are not: `TOP_SECRET_plan`. Where all is in capitals none stand out.
fn capitals(stem: &str) -> Vec<String> {
    let shortened: String = stem.chars().take(super::LONGEST).collect();
    let words: Vec<&str> = shortened.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let shouted = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let mut runs: Vec<String> = Vec::new();
    for run in words.chunk_by(|one, other| shouted(one) == shouted(other)).filter(|run| shouted(&run[0])) {
        runs.push(run.join(" "));
    }
    let others = words.iter().any(|word| word.contains(char::is_lowercase));
    runs.truncate(if others || runs.len() == 1 { PARTS } else { 0 });
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_stand_one_by_one_belong_together() {
        assert_eq!(close_up("1 2 机 密"), "1 2 机密");
        assert_eq!(close_up("机密 纪要 a b"), "机密 纪要 a b");
    }

    #[test]
    fn a_level_leads_a_kind_of_document() {
        for name in ["机密方案", "绝密作战计划", "confidential drafts", "Secret plan v2", "top secret files"]
        {
            assert!(LEADING.is_match(name), "{name}");
        }
        for name in [
            "机密文件管理办法",
            "机密文件销毁方案",
            "机密计算方案",
            "机密性分析报告",
            "保密制度",
            "秘密花园计划",
            "secret store",
            "secret garden plan",
            "confidential waste collection",
            "confidential drafts policy",
        ] {
            assert!(!LEADING.is_match(name), "{name}");
        }
    }

    #[test]
    fn names_of_modules_are_no_marks() {
        assert!(["Confidential.pm", "secret_store.rs", "secret.py"].into_iter().all(is_module));
        assert!(!["Confidential.docx", "plan - secret.txt", "SECRET.C", "plan - secret.py"].into_iter().any(is_module));
    }
}
