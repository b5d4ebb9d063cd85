//! The command `upbeat`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(upbeat::cli::run())
}
