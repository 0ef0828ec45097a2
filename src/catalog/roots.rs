//! The roots of a sweep as text: a JSON list of paths.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{CatalogError, Result};

/// Before a path that is not UTF-8, which follows in Base64. Other paths begin with a slash.
const EXACT: &str = "base64:";

/// A list of roots as text.
pub fn roots_text<'a>(roots: impl Iterator<Item = &'a Path>) -> String {
    let exact = |root: &Path| format!("{EXACT}{}", STANDARD.encode(root.as_os_str().as_bytes()));
    let names: Vec<String> = roots.map(|root| root.to_str().map_or_else(|| exact(root), str::to_owned)).collect();
    serde_json::Value::from(names).to_string()
}

/// Reads it back.
pub fn parse_roots(text: &str) -> Result<Vec<PathBuf>> {
    let damaged = |error: &dyn std::fmt::Display| CatalogError::Damaged(format!("the roots of a sweep: {error}"));
    let names: Vec<String> = serde_json::from_str(text).map_err(|error| damaged(&error))?;
    let path = |name: String| match name.strip_prefix(EXACT) {
        None => Ok(PathBuf::from(name)),
        Some(exact) => {
            let bytes = STANDARD.decode(exact).map_err(|error| damaged(&error))?;
            Ok(PathBuf::from(OsString::from_vec(bytes)))
        }
    };
    names.into_iter().map(path).collect()
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn roots_survive_whatever_bytes_they_are_made_of() {
        let roots = [Path::new("/srv/共享"), Path::new(OsStr::from_bytes(b"/srv/\xb2\xe2 \"x\""))];
        assert_eq!(parse_roots(&roots_text(roots.into_iter())).expect("readable"), roots);
        assert!(parse_roots("[\"base64:?\"]").is_err() && parse_roots("x").is_err());
    }
}
