//! Builds again when the shipped project changes: it is embedded in the binary.

fn main() {
    println!("cargo::rerun-if-changed=jobs");
    println!("cargo::rerun-if-changed=seeds");
}
