//! Ctrl-C: the command says what stands and ends with 130.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use yuebao::files::lock::Lock;

use super::{code, published, yuebao};
use crate::daemon::harness::{holder, kill};

/// Interrupts a command that waits for the output; what it said then and its exit code.
fn interrupt(arguments: &[&str]) -> (Vec<String>, Option<i32>) {
    let scene = published();
    let lock = Lock::take(&scene.out(".lock"), &holder("test")).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_yuebao"))
        .arg("--project")
        .arg(scene.path(""))
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    said.find(|line| line.starts_with("waiting for `yuebao test`, process ")).expect("it waits");
    kill("INT", child.id());
    let ended = (said.collect(), child.wait().unwrap().code());
    drop(lock);
    // The next run goes on, and removes what a rehearsal left.
    assert_eq!(code(&yuebao(&scene, &["run"])), 0);
    ended
}

#[test]
fn ctrl_c_says_what_stands_and_ends_with_130() {
    let backfill = ["backfill", "publish", "--from", "2024-03", "--to", "2024-03"];
    let rehearsal = [&backfill[..], &["--dry-run"]].concat();
    let cases: [(&[&str], &str); 4] = [
        (&["run"], "interrupted: what was done stays, the next run goes on"),
        (&["demo"], "interrupted: what was done stays, `yuebao demo` goes on"),
        (&backfill, "interrupted: backfill 2 goes on with `yuebao backfill resume 2`"),
        (&rehearsal, "interrupted: nothing was changed"),
    ];
    for (arguments, words) in cases {
        assert_eq!(interrupt(arguments), (vec![words.to_owned()], Some(130)), "{arguments:?}");
    }
}
