//! What the name of a document says, beside its content: a marking or a keyword in the name, and a kind that the content is not.
//!
//! A name is no text: it is short, out of context and easily wrong. So evidence in it is for people to look at and decides
//! nothing, unless the house gives its rule another confidence. It belongs to the location, because the same content may lie elsewhere under another name.

use std::cell::{OnceCell, RefCell};

use crate::classify::policy::{self, Policy};
use crate::classify::{self, Classifier, RuleInfo};
use crate::config::Settings;
use crate::document::{Kind, Location, Origin, Page};
use crate::finding::{Finding, Level, Signal};
use crate::script::is_han;

/// Raise it when other names say something.
const VERSION: u32 = 3;

/// What findings of kinds are the findings of.
pub const DETECTOR: &str = "name";

/// The detectors that look at names.
const DETECTORS: [&str; 2] = ["marking", "keyword"];

/// Confidence in evidence of a name: for people to look at.
const POSSIBLE: u8 = 65;

/// Confidence that a finding would need in a line of text.
const LEAST: u8 = 75;

/// Characters of a name that are looked at; file systems allow 255 bytes.
const LONGEST: usize = 1000;

/// Letters and digits of an ending: longer ones are words.
const LONGEST_ENDING: usize = 5;

/// Parts of a name that are looked at.
const PARTS: usize = 20;

/// The flag of every finding in a name.
const FLAG: &str = "name";

/// A family of kinds, and endings of names that promise one of them.
struct Family {
    name: &'static str,
    kinds: &'static [&'static str],
    endings: &'static [&'static str],
}

/// Families that are told apart. Text is in none: everything may be written as text, from old Excel sheets to mail.
const FAMILIES: &[Family] = &[
    Family {
        name: "an Office document",
        kinds: &[
            "doc",
            "docx",
            "fodf",
            "hwp",
            "hwpx",
            "iwork",
            "mpp",
            "odf",
            "odg",
            "odp",
            "ods",
            "odt",
            "ole",
            "ooxml-encrypted",
            "opc",
            "ppt",
            "pptx",
            "pub",
            "rtf",
            "sdc",
            "sdd",
            "sdw",
            "sxc",
            "sxd",
            "sxi",
            "sxw",
            "vsd",
            "vsdx",
            "works",
            "xls",
            "xlsb",
            "xlsx",
        ],
        endings: &[
            "doc", "docm", "docx", "dot", "dotx", "dps", "et", "hwp", "hwpx", "mpp", "odg", "odp", "ods", "odt", "pps",
            "ppsx", "ppt", "pptm", "pptx", "rtf", "vsd", "vsdx", "wps", "xls", "xlsb", "xlsm", "xlsx",
        ],
    },
    Family { name: "a page description", kinds: &["ofd", "pdf", "xps"], endings: &["ofd", "oxps", "pdf", "xps"] },
    Family {
        name: "a picture",
        kinds: &[
            "avif", "bmp", "dds", "dicom", "djvu", "emf", "gif", "heic", "ico", "jbig2", "jp2", "jpeg", "jxl", "pcx",
            "png", "pnm", "psd", "svg", "tga", "tiff", "webp", "wmf",
        ],
        endings: &[
            "avif", "bmp", "dcm", "emf", "gif", "heic", "heif", "ico", "jp2", "jpeg", "jpg", "jxl", "pcx", "png",
            "psd", "svg", "tga", "tif", "tiff", "webp", "wmf",
        ],
    },
    Family {
        name: "an archive",
        kinds: &[
            "7z", "ar", "arj", "bzip2", "cab", "cpio", "gzip", "iso", "lha", "lz4", "lzip", "lzma", "rar", "tar", "xz",
            "z", "zip", "zstd",
        ],
        endings: &[
            "7z", "arj", "bz2", "cab", "gz", "iso", "lzh", "rar", "tar", "tbz", "tgz", "txz", "xz", "zip", "zst",
        ],
    },
    Family {
        name: "sound or film",
        kinds: &["avi", "flac", "flv", "m4a", "mkv", "mov", "mp3", "mp4", "mpeg", "ogg", "wav", "wmv"],
        endings: &[
            "avi", "flac", "flv", "m4a", "mkv", "mov", "mp3", "mp4", "mpeg", "mpg", "ogg", "wav", "webm", "wma", "wmv",
        ],
    },
    Family {
        name: "a program",
        kinds: &["class", "elf", "macho", "pe", "wasm"],
        // No `com`: names end so that quote an address.
        endings: &["class", "dll", "exe", "scr", "so", "sys", "wasm"],
    },
    Family { name: "mail", kinds: &["msg", "pst"], endings: &["eml", "msg", "ost", "pst"] },
    Family { name: "a database", kinds: &["mdb", "sqlite"], endings: &["accdb", "mdb"] },
    Family { name: "sealed", kinds: &["random"], endings: &[] },
];

/// Families (as promised, as found) that are no lie: a package is an archive, scanners call pictures documents, phones and the web
/// swap pictures and films, libraries and installers are packed.
const KINDRED: &[(&str, &str)] = &[
    ("an archive", "an Office document"),
    ("a page description", "a picture"),
    ("a picture", "sound or film"),
    ("sound or film", "a picture"),
    ("an archive", "a program"),
    ("mail", "an Office document"),
];

/// Kinds that carry what another family's ending promises: a damaged package of Office is a plain archive.
const PACKAGED: &[&str] = &["zip", "gzip"];

/// The rule of a name that promises another kind.
const OTHER_KIND: &str = "name.other_kind";
/// The rule of a document's name over bytes that look random.
const SEALED: &str = "name.sealed";

/// A name, the kind of its content, and what it said.
type Answer = (String, Option<Kind>, Vec<Finding>);

/// Says what names say.
pub struct Names<'a> {
    settings: &'a Settings,
    /// Loaded for the first name that is looked at: on most nights none is.
    classifier: OnceCell<Classifier>,
    policy: Policy,
    /// The last answer: a location is judged several times in a row.
    last: RefCell<Option<Answer>>,
}

/// What findings in names depend on besides the name.
pub fn stamp(settings: &Settings) -> String {
    format!("naming/{VERSION} {} {}", classify::stamp_of(settings, &DETECTORS), policy::stamp(settings))
}

/// The rules of names alone.
pub fn rules() -> Vec<RuleInfo> {
    let rule = |id: &str, name: &str| RuleInfo {
        id: id.to_owned(),
        whose: String::new(),
        name: name.to_owned(),
        level: Level::Internal,
    };
    vec![
        rule(OTHER_KIND, "a name that promises another kind of document than there is"),
        rule(SEALED, "random bytes under the name of a document"),
    ]
}

impl<'a> Names<'a> {
    /// With the rules of the settings.
    pub fn new(settings: &'a Settings) -> Self {
        Self { settings, classifier: OnceCell::new(), policy: Policy::of(settings), last: RefCell::new(None) }
    }

    /// What the name of a location says, given the kind of its content if there is one. Page 0 stands for the name.
    pub fn findings(&self, location: &Location, kind: Option<&Kind>) -> anyhow::Result<Vec<Finding>> {
        let whole = location.name();
        let name = whole.rsplit('/').next().unwrap_or_default();
        if let Some((last, of, findings)) = &*self.last.borrow()
            && last == name
            && of.as_ref() == kind
        {
            return Ok(findings.clone());
        }
        let mut findings = self.marks(name)?;
        findings.extend(kind.and_then(|kind| other_kind(name, kind.as_str())));
        self.policy.relevel(&mut findings);
        *self.last.borrow_mut() = Some((name.to_owned(), kind.cloned(), findings.clone()));
        Ok(findings)
    }

    /// Markings and keywords in a name.
    fn marks(&self, name: &str) -> anyhow::Result<Vec<Finding>> {
        let classifier = match self.classifier.get() {
            Some(classifier) => classifier,
            None => {
                let loaded = Classifier::of(self.settings, &DETECTORS)?;
                self.classifier.get_or_init(|| loaded)
            }
        };
        let mut found: Vec<Finding> = Vec::new();
        let stem = stem(name);
        for line in lines(stem).into_iter().chain(capitals(stem)) {
            let seen = classifier.classify(&[Page::plain(1, line.as_str())], &self.settings.limits).findings;
            let sure = seen.into_iter().filter(|finding| finding.confidence >= LEAST).map(of_name);
            found.extend(sure.filter(|one| !found.iter().any(|known| known.rule == one.rule)).collect::<Vec<_>>());
        }
        Ok(found)
    }
}

/// A name without its ending. What stands behind a full stop and looks like none may be a mark: `v2.0（机密）`.
fn stem(name: &str) -> &str {
    let is_ending = |ending: &str| {
        (1..=LONGEST_ENDING).contains(&ending.len())
            && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
            && ending.bytes().any(|byte| byte.is_ascii_alphabetic())
    };
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && is_ending(ending) => stem,
        _ => name,
    }
}

/// Strokes that part a name, where blanks are around them: `Confidential - budget`.
const STROKES: &str = "-–—";

/// A name, and its parts, as lines of text: in brackets, between strokes with blanks around them, and in Chinese between blanks and
/// strokes alone, a mark stands for itself. In names of Latin letters blanks and strokes part words of a sentence.
fn lines(stem: &str) -> Vec<String> {
    let plain: String = stem.chars().take(LONGEST).map(|c| if c == '_' { ' ' } else { c }).collect();
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
    let shortened: String = stem.chars().take(LONGEST).collect();
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

/// A finding of a line as one of a name.
fn of_name(mut finding: Finding) -> Finding {
    let doubt = f32::from(POSSIBLE) - f32::from(finding.confidence);
    finding.signals.push(Signal { name: "in the name alone".to_owned(), points: doubt });
    finding.flags.push(FLAG.to_owned());
    Finding { page: 0, start: 0, end: 0, boxes: Vec::new(), confidence: finding.confidence.min(POSSIBLE), ..finding }
}

/// The finding of a name that promises another family of kinds than the content is of.
fn other_kind(name: &str, kind: &str) -> Option<Finding> {
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    let promised = FAMILIES.iter().find(|family| family.endings.contains(&ending.as_str()))?;
    let found = FAMILIES.iter().find(|family| family.kinds.contains(&kind))?;
    let kindred = promised.name == found.name
        || PACKAGED.contains(&kind)
        || KINDRED.contains(&(promised.name, found.name))
        // A system's own formats end in nothing that is known.
        || found.name == "a database" && promised.name != "a picture";
    if kindred {
        return None;
    }
    let sealed = found.name == "sealed";
    let native = if sealed { "possibly DRM-wrapped" } else { "another kind than its name" };
    let excerpt = match sealed {
        true => format!(".{ending}, and its bytes look random: possibly DRM-wrapped"),
        false => format!(".{ending} in the name, and it is {} ({kind})", found.name),
    };
    Some(Finding {
        detector: DETECTOR.to_owned(),
        rule: if sealed { SEALED } else { OTHER_KIND }.to_owned(),
        page: 0,
        start: 0,
        end: 0,
        boxes: Vec::new(),
        level: Level::Internal,
        rank: Level::Internal.rank(),
        native: native.to_owned(),
        confidence: POSSIBLE,
        excerpt,
        origin: Origin::Layer,
        signals: vec![Signal { name: format!("the name promises {}", promised.name), points: f32::from(POSSIBLE) }],
        flags: vec![FLAG.to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn said(name: &str, kind: &'static str) -> Vec<(String, u8, u32)> {
        let settings = Settings::defaults();
        let names = Names::new(&settings);
        let location = Location::file(Path::new("/share").join(name));
        let found = names.findings(&location, Some(&Kind::new(kind))).expect("the rules compile");
        found.into_iter().map(|one| (one.rule, one.confidence, one.page)).collect()
    }

    fn rule(name: &str, kind: &'static str) -> Option<String> {
        other_kind(name, kind).map(|finding| finding.rule)
    }

    #[test]
    fn a_document_under_the_name_of_another_kind_is_a_finding() {
        for (name, kind) in
            [("holiday.jpg", "docx"), ("report.pdf", "pe"), ("plan.xlsx", "jpeg"), ("song.mp3", "7z"), ("a.png", "pdf")]
        {
            assert_eq!(rule(name, kind).as_deref(), Some(OTHER_KIND), "{name} {kind}");
        }
        assert_eq!(rule("plan.docx", "random").as_deref(), Some(SEALED));
    }

    #[test]
    fn kindred_kinds_text_and_names_that_promise_nothing_are_none() {
        for (name, kind) in [
            ("letter.doc", "rtf"),
            ("letter.doc", "html"),
            ("list.xls", "xlsx"),
            ("list.xls", "text"),
            ("scan.pdf", "tiff"),
            ("photo.jpg", "heic"),
            ("photo.png", "jpeg"),
            ("clip.gif", "mp4"),
            ("plan.docx", "zip"),
            ("all.zip", "docx"),
            ("notes.txt", "docx"),
            ("core.dat", "pe"),
            ("README", "pdf"),
            ("cache.bin", "random"),
            ("mail.msg", "ole"),
            ("offer from example.com", "docx"),
        ] {
            assert_eq!(rule(name, kind), None, "{name} {kind}");
        }
    }

    #[test]
    fn a_marking_in_a_name_is_for_people_to_look_at() {
        assert_eq!(said("机密★10年 会议纪要.docx", "docx"), [("cn.state.secret.full".to_owned(), POSSIBLE, 0)]);
        for name in [
            "[机密]年度报告.docx",
            "年度报告（机密）.docx",
            "绝密 作战计划.docx",
            "会议纪要-秘密.docx",
            "会议纪要v2.0（机密）",
            "方案1.机密",
            "TOP_SECRET_plan.docx",
            "2026-05 SECRET briefing.docx",
            "budget_CONFIDENTIAL_v2.xlsx",
            "CONFIDENTIAL_2026.DOCX",
            "Confidential - budget.xlsx",
            "budget_-_strictly_confidential.xlsx",
            "annual plan – NATO SECRET.docx",
        ] {
            assert!(
                said(name, "docx").iter().all(|one| (one.1, one.2) == (POSSIBLE, 0)) && !said(name, "docx").is_empty(),
                "{name}"
            );
        }
        for name in [
            "会议纪要.docx",
            "会议纪要v2.0",
            "机密文件管理办法.docx",
            "秘密花园.docx",
            "Secret Santa list.docx",
            "the-secret-history.docx",
            "secret_santa.docx",
            "top-secret-recipe.docx",
            "Top Secret Recipe.docx",
            "TOP SECRET RECIPE.DOCX",
            "SECRET_GARDEN_TOUR.docx",
            "password_reset.docx",
            "AWS_SECRET_key.docx",
            "Confidentiality - agreement.docx",
            "confidential_waste_collection.docx",
        ] {
            assert_eq!(said(name, "docx"), [], "{name}");
        }
    }

    #[test]
    fn a_name_inside_a_container_is_its_last_part() {
        let settings = Settings::defaults();
        let names = Names::new(&settings);
        let inside = Location::file(Path::new("/share/all.zip")).inside("TOP SECRET//NOFORN/list.txt");
        assert_eq!(names.findings(&inside, None).expect("said"), []);
        // Words of a sentence of Latin letters are no mark.
        for (name, is_marked) in [
            ("[机密]年度报告.docx", true),
            ("[TOP SECRET] list.txt", true),
            ("TOP SECRET list.txt", true),
            ("TOP SECRET NOFORN list.txt", true),
            ("top secret recipes list.txt", false),
        ] {
            let inside = Location::file(Path::new("/share/all.zip")).inside(&format!("lists/{name}"));
            let found = names.findings(&inside, None).expect("said");
            let rules: Vec<&str> = found.iter().map(|one| one.rule.as_str()).collect();
            let alone = said(name, "text");
            assert_eq!(rules, alone.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), "{name}");
            assert_eq!(!rules.is_empty(), is_marked, "{name}");
        }
    }

    #[test]
    fn an_ending_is_a_few_letters_and_digits() {
        for (name, expected) in [
            ("plan.docx", "plan"),
            ("all.7z", "all"),
            ("a.tar.gz", "a.tar"),
            ("会议纪要v2.0（机密）", "会议纪要v2.0（机密）"),
            ("方案1.机密", "方案1.机密"),
            ("notes 2.0", "notes 2.0"),
            ("report.SECRET", "report.SECRET"),
            (".docx", ".docx"),
            ("plan.", "plan."),
            ("plan", "plan"),
        ] {
            assert_eq!(stem(name), expected);
        }
    }

    #[test]
    fn every_kind_of_a_family_is_one_and_stands_in_one_family() {
        let mut all: Vec<&str> = FAMILIES.iter().flat_map(|family| family.kinds.iter().copied()).collect();
        for kind in &all {
            assert!(crate::kind::names().any(|name| name == *kind), "{kind}");
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        let known = |name: &str| FAMILIES.iter().any(|family| family.name == name);
        assert!(KINDRED.iter().all(|(promised, found)| known(promised) && known(found)));
    }
}
