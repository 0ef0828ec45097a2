//! The files of the engine: found, read once, and hashed.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::super::OcrError;
use super::detect::Detector;
use super::network::Network;
use super::recognize::Recognizer;
use crate::config::OcrSettings;

/// ONNX Runtime's library.
const RUNTIME: &str = "libonnxruntime.so";
/// Finds lines, and takes few pictures for text: the gate.
const GATE: &str = "ppocr4-det.onnx";
/// Finds lines, also faint and small ones.
const LINES: &str = "ppocr6-det.onnx";
/// Reads lines, in integers of eight bits: more than twice as fast where the processor has sums of their products (VNNI), half as fast again
/// without (AVX2).
const READER_INT8: &str = "ppocr6-rec-int8.onnx";
/// Reads lines.
const READER: &str = "ppocr6-rec.onnx";

/// Scores below which a place is no text, by the gate and by the finder of lines.
const GATE_SCORE: f32 = 0.4;
const LINE_SCORE: f32 = 0.45;

/// The files' bytes: of the models, what is hashed is what is loaded.
pub(super) struct Models {
    runtime: PathBuf,
    /// Of the library; it is loaded by path, and must not be exchanged while the program starts.
    runtime_hash: String,
    gate: Vec<u8>,
    lines: Vec<u8>,
    reader: Vec<u8>,
    reader_name: &'static str,
}

impl Models {
    /// Reads every file; the first that is missing is named.
    pub(super) fn read(settings: &OcrSettings) -> Result<Self, OcrError> {
        let reader_name = reader_name();
        let read = |name: &str| {
            let path = find(settings, name)?;
            fs::read(&path).map_err(|error| OcrError::Failed(format!("{}: {error}", path.display())))
        };
        Ok(Self {
            runtime: find(settings, RUNTIME)?,
            runtime_hash: short_hash(&read(RUNTIME)?),
            gate: read(GATE)?,
            lines: read(LINES)?,
            reader: read(reader_name)?,
            reader_name,
        })
    }

    /// Whether models are there, or a folder is named where they should be. Half an installation is one, too: its engine says
    /// what is missing, and pages are not quietly read by another.
    pub(super) fn are_meant(settings: &OcrSettings) -> bool {
        let any = || [GATE, LINES, READER_INT8, READER].iter().any(|name| find(settings, name).is_ok());
        !settings.models.as_os_str().is_empty() || any()
    }

    /// Names and hashes of what reads.
    pub(super) fn fingerprint(&self) -> String {
        let parts = [(GATE, &self.gate), (LINES, &self.lines), (self.reader_name, &self.reader)];
        parts.iter().fold(format!("paddle onnxruntime:{}", self.runtime_hash), |all, (name, bytes)| {
            format!("{all} {}:{}", name.trim_end_matches(".onnx"), short_hash(bytes))
        })
    }

    /// The gate, the finder of lines and the reader.
    pub(super) fn load(&self) -> Result<(Detector, Detector, Recognizer), OcrError> {
        let network = |name: &str, bytes: &[u8]| Network::load(&self.runtime, name, bytes);
        Ok((
            Detector::new(network(GATE, &self.gate)?, GATE_SCORE),
            Detector::new(network(LINES, &self.lines)?, LINE_SCORE),
            Recognizer::new(network(self.reader_name, &self.reader)?)?,
        ))
    }
}

/// What `make models` brings, with SHA-256 of each file in the last column.
const PINNED: &str = include_str!("../../../models/ocr.lock");

/// Whether the bytes of a file are those that `make models` brings, on any processor.
fn is_pinned(lock: &str, name: &str, bytes: &[u8]) -> bool {
    let hash = Sha256::digest(bytes).iter().fold(String::new(), |mut hash, byte| {
        let _ = write!(hash, "{byte:02x}");
        hash
    });
    let rows = lock.lines().filter(|row| row.split_whitespace().next() == Some(name));
    rows.filter_map(|row| row.split_whitespace().last()).any(|pinned| pinned == hash)
}

/// The files of the engine that are not those that `make models` brings: damaged, or somebody's own.
pub(super) fn strange(settings: &OcrSettings) -> Result<Vec<&'static str>, OcrError> {
    let mut strange = Vec::new();
    for name in [RUNTIME, GATE, LINES, reader_name()] {
        let path = find(settings, name)?;
        let bytes = fs::read(&path).map_err(|error| OcrError::Failed(format!("{}: {error}", path.display())))?;
        if !is_pinned(PINNED, name, &bytes) {
            strange.push(name);
        }
    }
    Ok(strange)
}

fn short_hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex()[..16].to_owned()
}

/// Integers of eight bits are fast only where the processor has instructions for them.
fn reader_name() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    {
        if std::arch::is_x86_feature_detected!("avx2") { READER_INT8 } else { READER }
    }
    #[cfg(not(target_arch = "x86_64"))]
    READER
}

fn find(settings: &OcrSettings, name: &str) -> Result<PathBuf, OcrError> {
    let missing = |place: &str| {
        OcrError::MissingModel(format!(
            "the OCR engine \"paddle\" needs {name}{place}: run `make models`, or set ocr.models"
        ))
    };
    let configured = &settings.models;
    let file = if configured.as_os_str().is_empty() { PathBuf::new() } else { configured.join(name) };
    crate::installed::find(Path::new(name), &file)
        .map_err(|file| missing(&format!(", and there is no {}", file.display())))?
        .ok_or_else(|| missing(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_another_byte_is_not_the_pinned_one() {
        let lock = "a.onnx wheel 1 any 00 path ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n";
        assert!(is_pinned(lock, "a.onnx", b"abc"));
        assert!(!is_pinned(lock, "a.onnx", b"abd"));
        assert!(!is_pinned(lock, "b.onnx", b"abc"));
    }
}
