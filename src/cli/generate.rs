//! `misfile completions` and `misfile man`: made from the command line's own definition.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap_complete::Shell;

use crate::error::Exit;

#[derive(Debug, clap::Args)]
pub(super) struct CompletionArgs {
    /// The shell
    shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(super) struct ManArgs {
    /// Folder for the pages; made if it is not there
    folder: PathBuf,
}

pub(super) fn completions(args: &CompletionArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    // The generator panics where it cannot write, so it writes into memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "misfile", &mut script);
    out.write_all(&script)?;
    Ok(Exit::Clear)
}

pub(super) fn man(args: &ManArgs) -> anyhow::Result<Exit> {
    let folder = &args.folder;
    std::fs::create_dir_all(folder).with_context(|| format!("{}: cannot be made", folder.display()))?;
    clap_mangen::generate_to(super::command(), folder)
        .with_context(|| format!("{}: cannot be written", folder.display()))?;
    Ok(Exit::Clear)
}
