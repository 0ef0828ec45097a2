//! What the black-box tests share: a folder with a share and a data directory, and the program run on it.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// A temporary share with a configuration and a data directory beside it.
pub struct Site {
    pub dir: tempfile::TempDir,
}

/// What the program said and how it ended.
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Site {
    /// One zone, `shared`, ceiling 1, at `share/`; `settings` is added to the configuration.
    pub fn new(settings: &str) -> Self {
        let site = Self { dir: tempfile::tempdir().expect("temporary folder") };
        std::fs::create_dir(site.share()).expect("folder");
        let zone = "[[zone]]\nname = \"dept\"\npath = \"share\"\nexposure = \"shared\"\nceiling = 1\n";
        std::fs::write(site.config(), format!("{settings}\n{zone}")).expect("configuration");
        site
    }

    pub fn share(&self) -> PathBuf {
        self.dir.path().join("share")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("misfile.toml")
    }

    /// Writes a file into the share.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.share().join(name);
        std::fs::create_dir_all(path.parent().expect("below the share")).expect("folder");
        std::fs::write(&path, content).expect("file");
        path
    }

    /// The program with this site's configuration and data.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = misfile();
        command.arg("--config").arg(self.config()).arg("--data").arg(self.data()).args(arguments);
        command
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    /// Sweeps and returns the summary line.
    pub fn sweep(&self) -> Value {
        let run = self.run(&["sweep"]);
        assert!([0, 10, 11].contains(&run.code), "exit {}: {}", run.code, run.stderr);
        run.json().pop().expect("a summary")
    }

    /// Pages that the catalog holds, also of a sweep under way.
    pub fn pages_kept(&self) -> u32 {
        self.number("SELECT count(*) FROM page")
    }

    /// What a query of the catalog answers, also of a sweep under way; 0 if it cannot be asked yet.
    pub fn number(&self, query: &str) -> u32 {
        let catalog = rusqlite::Connection::open(self.data().join("catalog.sqlite"));
        catalog.and_then(|catalog| catalog.query_row(query, [], |row| row.get(0))).unwrap_or(0)
    }

    /// Every file known, by its path below the share; what lies elsewhere by its whole path.
    pub fn files(&self) -> std::collections::BTreeMap<String, Value> {
        let share = self.share().canonicalize().expect("there");
        let below = |file: &Value| {
            let path = PathBuf::from(file["path"].as_str().expect("a path"));
            path.strip_prefix(&share).unwrap_or(&path).display().to_string()
        };
        let files = self.run(&["findings", "--all"]).json().into_iter().filter(|object| object["type"] == "file");
        files.map(|file| (below(&file), file)).collect()
    }
}

/// All that catalog and index hold of a site, without what must differ between two runs: numbers of sweeps and of looks at a
/// file, and times.
pub fn state(site: &Site) -> String {
    let mut told = String::new();
    for (path, mut file) in site.files() {
        let object = file.as_object_mut().expect("an object");
        object.retain(|key, _| !["path", "since_sweep"].contains(&key.as_str()));
        for fault in object["coverage"]["faults"].as_array_mut().expect("faults") {
            let keep = |key: &str| !["attempts", "first_seen", "last_seen"].contains(&key);
            fault.as_object_mut().expect("an object").retain(|key, _| keep(key));
        }
        let _ = writeln!(told, "{path} {file}");
    }
    let catalog = rusqlite::Connection::open(site.data().join("catalog.sqlite")).expect("opens");
    let query = "SELECT hex(c.hash) || c.kind || c.state || c.read_with || c.classified_with || coalesce(c.pages, '')
        || coalesce(c.examined, '') || coalesce(p.number, ''), p.body
        FROM content c LEFT JOIN page p ON p.content = c.id AND p.generation = c.visible ORDER BY c.hash, p.number";
    let mut statement = catalog.prepare(query).expect("prepares");
    let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<Vec<u8>>>(1)?)));
    for row in rows.expect("answers") {
        let (content, page) = row.expect("a row");
        let _ = writeln!(told, "{content} {}", blake3::hash(&page.unwrap_or_default()));
    }
    for query in ["secret", "harmless", "机密", "level:>=2", "verdict:unverified"] {
        for mut hit in site.run(&["search", "--limit", "1000", "--no-snippets", query]).json() {
            hit.as_object_mut()
                .expect("an object")
                .retain(|key, _| !["score", "sweep", "sweep_ended"].contains(&key.as_str()));
            let _ = writeln!(told, "{query} {}", hit.to_string().replace(&site.dir.path().display().to_string(), ""));
        }
    }
    told
}

impl Run {
    /// The objects on standard output.
    pub fn json(&self) -> Vec<Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect("a JSON line")).collect()
    }
}

/// The program, with an environment of its own.
pub fn misfile() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_misfile"));
    command.env_remove("XDG_DATA_HOME");
    command
}

/// Runs a command to its end.
pub fn run(command: &mut Command) -> Run {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run { code: status.code().unwrap_or(-1), stdout: text(stdout), stderr: text(stderr) }
}

/// Waits until something is so, a minute at most.
pub fn wait_until(what: &str, is_so: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < std::time::Duration::from_secs(60), "never so: {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Copies a folder.
pub fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("folder");
    for entry in std::fs::read_dir(from).expect("folder") {
        let entry = entry.expect("entry");
        let target = to.join(entry.file_name());
        match entry.file_type().expect("type").is_dir() {
            true => copy_tree(&entry.path(), &target),
            false => drop(std::fs::copy(entry.path(), target).expect("copied")),
        }
    }
}
