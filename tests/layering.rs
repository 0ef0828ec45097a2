//! The architecture as a test: who may name whom. See `src/lib.rs`.

use std::path::{Path, PathBuf};

/// Every Rust file below a folder of `src`, with its text, without comments.
fn sources(below: &str) -> Vec<(PathBuf, String)> {
    fn collect(path: &Path, out: &mut Vec<(PathBuf, String)>) {
        if path.is_dir() {
            for entry in std::fs::read_dir(path).expect("folder") {
                collect(&entry.expect("entry").path(), out);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(path).expect("source");
            let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            out.push((path.to_owned(), code.join("\n")));
        }
    }
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(below), &mut files);
    assert!(!files.is_empty(), "src/{below} holds no source: this test looks at nothing");
    files
}

/// No file of the stage names any of these.
fn stage_does_not_name(stage: &str, forbidden: &[&str]) {
    for (path, text) in sources(stage) {
        for name in forbidden {
            assert!(!text.contains(name), "{} names {name}", path.display());
        }
    }
}

#[test]
fn nothing_flows_back() {
    let later = [
        "crate::classify",
        "crate::judge",
        "crate::catalog",
        "crate::index",
        "crate::report",
        "crate::sweep",
        "crate::cli",
    ];
    for stage in ["walk", "zone", "probe.rs", "kind.rs", "format", "ocr", "read"] {
        stage_does_not_name(stage, &later);
    }
    stage_does_not_name("classify", &["crate::judge", "crate::catalog", "crate::index", "crate::report", "crate::cli"]);
    stage_does_not_name("judge.rs", &["crate::catalog", "crate::index", "crate::report", "crate::cli"]);
    stage_does_not_name(
        "report",
        &["crate::read", "crate::format", "crate::ocr", "crate::probe", "crate::walk", "crate::sweep"],
    );
}

#[test]
fn a_format_does_not_know_ocr_and_an_engine_no_documents() {
    stage_does_not_name("format", &["crate::ocr", "crate::read"]);
    stage_does_not_name("ocr", &["crate::format", "crate::read", "crate::finding"]);
    stage_does_not_name("classify", &["crate::format", "crate::ocr", "crate::read"]);
}

#[test]
fn each_native_library_is_named_in_one_file() {
    for (library, file) in [("pdfium_render", "pdf.rs"), ("tesseract_rs", "library.rs"), ("use ort::", "network.rs")] {
        let naming: Vec<PathBuf> =
            sources("").into_iter().filter(|(_, text)| text.contains(library)).map(|(path, _)| path).collect();
        let inside = |path: &PathBuf| {
            path.ends_with(file) || path.components().any(|part| part.as_os_str() == file.trim_end_matches(".rs"))
        };
        assert!(!naming.is_empty() && naming.iter().all(inside), "{library} is named in {naming:?}");
    }
}

#[test]
fn every_source_file_says_what_it_is_for() {
    for (path, _) in sources("") {
        let text = std::fs::read_to_string(&path).expect("source");
        assert!(text.starts_with("//!"), "{} opens without //!", path.display());
    }
}
