//! What the program is made of: nothing that could send anything anywhere, and nothing under a licence that we could not keep.
//!
//! `make deny` asks the same of everything that is locked, with what builds us; deny.toml says what is tolerated there,
//! and why. Here it is asked of the program alone (`cargo tree -e normal`), where nothing is tolerated, and offline.

use std::path::Path;
use std::process::Command;

/// Crates that connect, resolve names, encrypt for the wire, or run servers.
const BANNED: [&str; 27] = [
    "actix-rt",
    "async-std",
    "attohttpc",
    "curl",
    "curl-sys",
    "dns-lookup",
    "h2",
    "hickory-proto",
    "hickory-resolver",
    "hyper",
    "isahc",
    "minreq",
    "mio",
    "native-tls",
    "openssl",
    "openssl-sys",
    "quinn",
    "reqwest",
    "ring",
    "rustls",
    "smol",
    "socket2",
    "surf",
    "tokio",
    "trust-dns-resolver",
    "ureq",
    "webpki",
];

/// Licences that let us ship under ours; of alternatives one must be among them.
const LICENCES: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
    "CDLA-Permissive-2.0",
];

/// Every package of the program as it is built by default: name and version, and where it comes from if not from crates.io;
/// and its licence.
fn packages() -> Vec<(String, String)> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--locked", "-e", "normal", "--prefix", "none", "--format", "{p}|{l}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let tree = String::from_utf8(tree.stdout).expect("UTF-8");
    let line =
        |line: &str| line.split_once('|').map(|(package, licence)| (package.to_owned(), licence.replace(" (*)", "")));
    let packages: Vec<_> = tree.lines().filter_map(line).collect();
    assert!(packages.iter().any(|(package, _)| package.starts_with("rusqlite ")), "the tree is that of the program");
    packages
}

#[test]
fn no_crate_that_speaks_to_a_network_is_in_the_program() {
    for (package, _) in packages() {
        let name = package.split(' ').next().unwrap_or_default();
        assert!(!BANNED.contains(&name), "{package} is in the normal dependency tree");
    }
}

#[test]
fn every_crate_comes_from_the_registry_under_a_licence_that_we_know() {
    for (package, licence) in packages().iter().filter(|(package, _)| !package.starts_with("misfile ")) {
        // Of others Cargo shows the folder or the address.
        assert!(!package.contains("(/") && !package.contains("://"), "{package} does not come from crates.io");
        // `A OR B`, `A AND B`, `A/B`, with parentheses: one of the alternatives must be known in all its parts.
        let bare = licence.replace(['(', ')'], "").replace('/', " OR ");
        let known = bare.split(" OR ").any(|one| one.split(" AND ").all(|part| LICENCES.contains(&part.trim())));
        assert!(known, "{package}: {licence}");
    }
}

/// Names that a program or library takes from others.
fn imported(file: impl AsRef<std::ffi::OsStr>) -> Vec<String> {
    let symbols = Command::new("nm")
        .args(["-D", "--undefined-only"])
        .arg(file)
        .output()
        .expect("nm of binutils, which build-essential brings");
    assert!(symbols.status.success(), "{}", String::from_utf8_lossy(&symbols.stderr));
    let symbols = String::from_utf8(symbols.stdout).expect("UTF-8");
    symbols
        .lines()
        .filter_map(|line| line.split_whitespace().next_back())
        .map(|name| name.split('@').next().unwrap_or(name).to_owned())
        .collect()
}

/// Functions of the C library that resolve names, connect or serve.
const NETWORK: [&str; 17] = [
    "getaddrinfo",
    "getnameinfo",
    "gethostbyname",
    "gethostbyname_r",
    "gethostbyaddr",
    "res_init",
    "res_query",
    "__res_init",
    "__res_query",
    "socket",
    "connect",
    "bind",
    "listen",
    "accept",
    "accept4",
    "sendto",
    "sendmmsg",
];

#[test]
fn the_program_imports_no_resolver_and_nothing_that_connects() {
    let names = imported(env!("CARGO_BIN_EXE_misfile"));
    assert!(names.iter().any(|name| name == "recvmsg" || name == "recv"), "these are the symbols of the program");
    let network: Vec<&String> = names.iter().filter(|name| NETWORK.contains(&name.as_str())).collect();
    assert!(network.is_empty(), "{network:?}");
}

/// ONNX Runtime from 1.29 on holds a telemetry client that starts when the library is loaded.
#[test]
fn no_native_library_that_is_loaded_can_resolve_or_connect() {
    for library in ["libpdfium.so", "libonnxruntime.so"] {
        let names = imported(Path::new(env!("CARGO_MANIFEST_DIR")).join("models").join(library));
        assert!(names.iter().any(|name| name == "malloc"), "these are the symbols of {library}");
        let network: Vec<&String> = names.iter().filter(|name| NETWORK.contains(&name.as_str())).collect();
        assert!(network.is_empty(), "{library}: {network:?}");
    }
}

/// Calls by which a socket comes to lead somewhere, and the types of the standard library that do.
const OUTWARD: [&str; 8] =
    ["TcpStream", "UdpSocket", "TcpListener", "ToSocketAddrs", "connect(", "sendto(", "socket(", "bind("];

#[test]
fn nothing_calls_what_leads_outwards_but_the_proof_that_it_is_refused() {
    fn look(folder: &Path, naming: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("folder") {
            let path = entry.expect("entry").path();
            if path.is_dir() {
                look(&path, naming);
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("source");
            let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            if code.into_iter().any(|line| OUTWARD.iter().any(|call| line.contains(call))) {
                naming.push(path.file_name().expect("a file").to_string_lossy().into_owned());
            }
        }
    }
    let mut naming = Vec::new();
    look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut naming);
    naming.sort();
    // `failing.rs` is for tests: documents that order their reader to connect.
    assert_eq!(naming, ["failing.rs", "prove.rs"]);
}
