//! The program: arguments in, one command, an exit code out.

fn main() {}
