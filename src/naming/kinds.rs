//! A name that promises another kind than the content is: families of kinds, and the endings that promise them.

use super::{DETECTOR, FLAG, POSSIBLE};
use crate::document::Origin;
use crate::finding::{DISGUISED, Finding, Level, Signal, Stated};

/// A family of kinds, and endings of names that promise one of them.
struct Family {
    name: &'static str,
    kinds: &'static [&'static str],
    endings: &'static [&'static str],
}

/// Families that are told apart. Text that is found is in none: everything may be written as text, from old Excel sheets to mail.
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
        kinds: &["class", "elf", "macho", "pe", "sfx", "wasm"],
        // No `com`: names end so that quote an address.
        endings: &["class", "dll", "exe", "scr", "so", "sys", "wasm"],
    },
    Family { name: "mail", kinds: &["msg", "pst"], endings: &["eml", "msg", "ost", "pst"] },
    Family { name: "a database", kinds: &["mdb", "sqlite", "sqlite-wal"], endings: &["accdb", "mdb"] },
    Family { name: "a table of text", kinds: &[], endings: &["csv", "tsv"] },
    Family { name: "plain text", kinds: &[], endings: &["log", "md", "txt"] },
    Family { name: "sealed", kinds: &["random"], endings: &[] },
];

/// Further volumes of split archives, which have no beginning of their own.
const VOLUMES: Family = Family { name: "a volume of an archive", kinds: &[], endings: &[] };

/// Families (as promised, as found) that are no lie: a package is an archive, scanners call pictures documents, phones and the web
/// swap pictures and films, libraries and installers are packed,
/// and tables are exported under either name.
const KINDRED: &[(&str, &str)] = &[
    ("an archive", "an Office document"),
    ("a page description", "a picture"),
    ("a picture", "sound or film"),
    ("sound or film", "a picture"),
    ("an archive", "a program"),
    ("a table of text", "an Office document"),
];

/// Families of which empty files are ordinary.
const TEXTS: &[&str] = &["plain text", "a table of text", "a program"];

/// Kinds (family as promised, kind as found) that carry what an ending promises: a damaged package is a plain archive, programs and
/// parts of them are packed, logs and tables are packed when they are put away.
const CARRIED: &[(&str, &str)] = &[
    ("an Office document", "zip"),
    ("a program", "zip"),
    ("a program", "gzip"),
    ("plain text", "gzip"),
    ("a table of text", "gzip"),
];

/// The same of single endings, where others of their family carry nothing.
const CARRIED_UNDER: &[(&str, &str)] = &[
    ("ofd", "zip"),
    ("oxps", "zip"),
    ("xps", "zip"),
    ("emf", "gzip"),
    ("svg", "gzip"),
    ("wmf", "gzip"),
    // Without its names a message is but a compound file.
    ("msg", "ole"),
];

/// The rule of a name that promises another kind.
pub(super) const OTHER_KIND: &str = "name.other_kind";
/// The rule of a document's name over bytes that look random.
pub(super) const SEALED: &str = "name.sealed";

/// The rule of the name of a further volume of a split archive, over bytes that begin like nothing.
pub(super) const VOLUME: &str = "name.volume";

/// The rule of a document's name over no bytes.
pub(super) const EMPTY: &str = "name.empty";

/// The finding of a name that promises another family of kinds than the content is of.
pub(super) fn other_kind(name: &str, kind: &str) -> Option<Finding> {
    let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
    let promised = if kind == "random" && is_of_volume(&ending) {
        &VOLUMES
    } else {
        FAMILIES.iter().find(|family| family.endings.contains(&ending.as_str()))?
    };
    let finding = |rule: &str, level: Level, native: &str, excerpt: String| Finding {
        detector: DETECTOR.to_owned(),
        rule: rule.to_owned(),
        page: 0,
        start: 0,
        end: 0,
        boxes: Vec::new(),
        level,
        rank: level.rank(),
        native: native.to_owned(),
        confidence: POSSIBLE,
        excerpt,
        origin: Origin::Layer,
        signals: vec![Signal { name: format!("the name promises {}", promised.name), points: f32::from(POSSIBLE) }],
        flags: [FLAG].into_iter().chain((rule == OTHER_KIND).then_some(DISGUISED)).map(str::to_owned).collect(),
        stated: Stated::default(),
    };
    if promised.name == VOLUMES.name {
        // Its bytes alone say nothing, and are unverified in any case: this is why.
        let excerpt = format!(".{ending}, and its bytes look random: one volume of an archive of several");
        return Some(finding(VOLUME, Level::Public, "one volume of several", excerpt));
    }
    if kind == "empty" {
        // Without a byte there is nothing that could lie where it must not; what people believe to have there is not there.
        let excerpt = format!(".{ending} in the name, and no bytes: a placeholder, or a copy that failed");
        return (!TEXTS.contains(&promised.name)).then(|| finding(EMPTY, Level::Public, "empty", excerpt));
    }
    let found = FAMILIES.iter().find(|family| family.kinds.contains(&kind))?;
    if kindred(promised, found, &ending, kind) {
        return None;
    }
    Some(if found.name == "sealed" {
        let excerpt = format!(".{ending}, and its bytes look random: possibly DRM-wrapped");
        finding(SEALED, Level::Internal, "possibly DRM-wrapped", excerpt)
    } else {
        let excerpt = format!(".{ending} in the name, and it is {} ({kind})", found.name);
        finding(OTHER_KIND, Level::Internal, "another kind than its name", excerpt)
    })
}

/// Whether an ending is that of a volume: `.002`, `.z01`, `.r00`.
fn is_of_volume(ending: &str) -> bool {
    let digits = ending.strip_prefix(['z', 'r', 'a', 'c']).map_or((ending, 3), |digits| (digits, 2));
    digits.0.len() >= digits.1 && digits.0.len() <= 5 && digits.0.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether what was found is no lie under the name.
fn kindred(promised: &Family, found: &Family, ending: &str, kind: &str) -> bool {
    promised.name == found.name
        || CARRIED.contains(&(promised.name, kind))
        || CARRIED_UNDER.contains(&(ending, kind))
        || KINDRED.contains(&(promised.name, found.name))
        // A system's own formats end in nothing that is known.
        || found.name == "a database" && promised.name != "a picture"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, kind: &'static str) -> Option<String> {
        other_kind(name, kind).map(|finding| finding.rule)
    }

    #[test]
    fn a_document_under_the_name_of_another_kind_is_a_finding() {
        for (name, kind) in [
            ("holiday.jpg", "docx"),
            ("report.pdf", "pe"),
            ("plan.xlsx", "jpeg"),
            ("song.mp3", "7z"),
            ("a.png", "pdf"),
            ("notes.txt", "jpeg"),
            ("setup.exe", "docx"),
            ("notes.txt", "docx"),
            ("holiday.jpg", "zip"),
            ("holiday.jpg", "gzip"),
            ("report.pdf", "zip"),
            ("song.mp3", "zip"),
            ("notes.txt", "zip"),
            ("plan.docx", "gzip"),
            ("letter.eml", "docx"),
            ("letter.msg", "xlsx"),
            ("letter.eml", "ole"),
        ] {
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
            ("table.csv", "xlsx"),
            ("app.log", "gzip"),
            ("table.csv", "gzip"),
            ("drawing.svg", "gzip"),
            ("page.xps", "zip"),
            ("setup.exe", "zip"),
            ("notes.txt", "text"),
            ("notes.txt", "html"),
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
    fn a_disguise_is_flagged_and_random_bytes_which_are_unverified_anyway_are_not() {
        let flags = |name, kind| other_kind(name, kind).expect("a finding").flags;
        assert!(flags("holiday.jpg", "docx").iter().any(|flag| flag == DISGUISED));
        assert!(flags("plan.docx", "random").iter().all(|flag| flag != DISGUISED));
    }

    #[test]
    fn random_bytes_under_the_name_of_a_volume_are_told_and_ask_nobody() {
        for name in ["backup.7z.002", "backup.zip.003", "backup.z01", "backup.r00", "backup.00012"] {
            let finding = other_kind(name, "random").expect("told");
            assert_eq!((finding.rule.as_str(), finding.level), (VOLUME, Level::Public), "{name}");
            assert!(!finding.is_pretence(), "{name}");
        }
        for name in ["cache.bin", "v1.02", "list.2026b", "key.z", "backup"] {
            assert!(other_kind(name, "random").is_none(), "{name}");
        }
        assert!(other_kind("notes.002", "text").is_none());
    }

    #[test]
    fn nothing_under_the_name_of_a_document_is_told_and_asks_nobody() {
        for name in ["plan.docx", "scan.pdf", "photo.jpg", "all.zip"] {
            let finding = other_kind(name, "empty").expect("told");
            assert_eq!((finding.rule.as_str(), finding.level), (EMPTY, Level::Public), "{name}");
            assert!(!finding.is_pretence(), "{name}");
        }
        for name in ["notes.txt", "app.log", "__init__.py", "README", ".keep"] {
            assert!(other_kind(name, "empty").is_none(), "{name}");
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
        assert!(TEXTS.iter().all(|name| known(name)));
        assert!(KINDRED.iter().all(|(promised, found)| known(promised) && known(found)));
        let ends = |ending: &&str| FAMILIES.iter().any(|family| family.endings.contains(ending));
        let kind = |kind: &str| crate::kind::names().any(|name| name == kind);
        assert!(CARRIED.iter().all(|(promised, found)| known(promised) && kind(found)));
        assert!(CARRIED_UNDER.iter().all(|(ending, found)| ends(ending) && kind(found)));
    }
}
