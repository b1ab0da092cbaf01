//! The program: arguments in, one command, an exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    yuebao::cli::main()
}
