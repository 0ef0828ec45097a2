//! Passwords that the house knows, from `read.passwords_file`. They are never printed, logged or stored.

use std::fmt;
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, ensure};

use super::Settings;

/// Longest file that is read, bytes: many times what `limits.passwords` lets through.
const FILE_BYTES: u64 = 1 << 20;

/// The passwords, in the order of the file.
#[derive(Clone, Default)]
pub struct Passwords(Vec<String>);

impl Passwords {
    /// Reads the file that the settings name, one password a line; none is named: no passwords.
    pub fn of(settings: &Settings) -> anyhow::Result<Self> {
        let file = &settings.read.passwords_file;
        if file.as_os_str().is_empty() {
            return Ok(Self::default());
        }
        let shown = file.display();
        let metadata = std::fs::metadata(file).with_context(|| format!("{shown} cannot be read"))?;
        ensure!(metadata.is_file(), "{shown} is no file");
        let mode = metadata.mode() & 0o777;
        ensure!(mode.trailing_zeros() >= 6, "{shown} has mode {mode:o}, and others could read it: chmod 600");
        let (owner, own) = (metadata.uid(), rustix::process::geteuid().as_raw());
        ensure!(owner == own, "{shown} belongs to user {owner}, and not to the one who runs this ({own})");
        ensure!(metadata.len() <= FILE_BYTES, "{shown} has {} bytes; at most {FILE_BYTES} are read", metadata.len());
        // An error of decoding would quote the file.
        let text = std::fs::read(file).with_context(|| format!("{shown} cannot be read"))?;
        let text = String::from_utf8(text).ok().with_context(|| format!("{shown} is not UTF-8"))?;
        let passwords: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
        let (number, limit) = (passwords.len(), settings.limits.passwords);
        ensure!(number <= limit, "{shown} holds {number} passwords, over limits.passwords = {limit}; raise that key");
        Ok(Self(passwords))
    }

    /// What changes when the file does, without a trace of what it holds.
    pub fn stamp(settings: &Settings) -> String {
        let file = &settings.read.passwords_file;
        let stamp = |file: std::fs::Metadata| format!("{} {}.{}", file.len(), file.mtime(), file.mtime_nsec());
        std::fs::metadata(file).map_or_else(|_| "none".to_owned(), stamp)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passwords", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    use super::*;

    fn read(content: &[u8], mode: u32, limit: usize) -> anyhow::Result<Passwords> {
        let dir = tempfile::tempdir().expect("temporary folder");
        let file = dir.path().join("passwords");
        std::fs::write(&file, content).expect("file");
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).expect("mode");
        let mut settings = Settings::defaults();
        settings.read.passwords_file = file;
        settings.limits.passwords = limit;
        Passwords::of(&settings)
    }

    #[test]
    fn passwords_are_lines_and_never_shown() {
        let passwords = read("alpha\r\n\n 冬季 \n".as_bytes(), 0o600, 2).expect("good");
        assert_eq!(passwords.iter().collect::<Vec<_>>(), ["alpha", " 冬季 "]);
        assert_eq!(format!("{passwords:?}"), "2 passwords");
    }

    #[test]
    fn a_file_that_others_can_read_or_that_is_too_long_is_refused_without_a_word_of_it() {
        let refusal = |content: &[u8], mode, limit| format!("{:#}", read(content, mode, limit).expect_err("refused"));
        assert!(refusal(b"alpha\n", 0o640, 9).contains("chmod 600"));
        assert!(refusal(b"alpha\nbeta\n", 0o600, 1).contains("limits.passwords = 1"));
        let latin = refusal(b"alph\xE4\n", 0o600, 9);
        assert!(latin.contains("not UTF-8") && !latin.contains("alph"), "{latin}");
    }

    #[test]
    fn a_file_of_somebody_else_is_refused() {
        // Root gives one away; anybody else finds one that is root's and private.
        let own = tempfile::NamedTempFile::new().expect("temporary file");
        let given = std::os::unix::fs::chown(own.path(), Some(1), None).is_ok();
        let mut settings = Settings::defaults();
        settings.read.passwords_file = if given { own.path().to_owned() } else { "/proc/1/environ".into() };
        let refusal = Passwords::of(&settings).expect_err("refused").to_string();
        assert!(refusal.contains("belongs to user"), "{refusal}");
    }

    #[test]
    fn a_file_that_is_missing_is_named_with_its_key() {
        let text = "[read]\npasswords_file = 'nowhere'\n";
        let error = Settings::parse(text, "test.toml", Path::new("/srv")).expect_err("refused").to_string();
        assert!(error.starts_with("test.toml:2: read.passwords_file: /srv/nowhere"), "{error}");
    }
}
