//! Where files lie that are installed with the program: native libraries and models, which `make models` fetches.

use std::path::{Path, PathBuf};

/// The file `name`: as configured (a file, or a folder that holds it), beside the program, or in `models/` above it.
///
/// A configured place that does not hold it is `Err` with that place; `Ok(None)` means that it is nowhere.
pub(crate) fn find(name: &Path, configured: &Path) -> Result<Option<PathBuf>, PathBuf> {
    if !configured.as_os_str().is_empty() {
        let file = if configured.is_dir() { configured.join(name) } else { configured.to_owned() };
        return if file.is_file() { Ok(Some(file)) } else { Err(file) };
    }
    let Ok(program) = std::env::current_exe() else { return Ok(None) };
    let beside = program.parent().map(|folder| folder.join(name));
    let above = program.ancestors().skip(1).take(5).map(|folder| folder.join("models").join(name));
    Ok(beside.into_iter().chain(above).find(|file| file.is_file()))
}
