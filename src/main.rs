//! The `tminus` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    tminus::cli::main()
}
