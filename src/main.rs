//! The program: runs the command line and turns its end into an exit code.

use std::process::ExitCode;

use misfile::cli;
use misfile::error::Exit;

fn main() -> ExitCode {
    cli::withhold_panic_messages();
    match cli::run() {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            cli::complain(&error);
            ExitCode::from(Exit::of(&error).code())
        }
    }
}
