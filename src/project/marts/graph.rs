//! Marts among each other: what reads what, in which order, and what cannot be.

use std::collections::{BTreeMap, BTreeSet};

use super::Mart;
use crate::project::fault::Fault;
use crate::project::read::nearest;

/// Faults between marts: names twice, unknown tables, inputs that are not those declared, circles.
pub fn check(marts: &[Mart], tables: &BTreeSet<&str>) -> Vec<Fault> {
    let mut faults = Vec::new();
    let names: BTreeSet<&str> = marts.iter().map(|mart| mart.name.as_str()).collect();
    let known: BTreeSet<&str> = names.union(tables).copied().collect();
    let mut seen = BTreeMap::new();
    for mart in marts {
        if let Some(first) = seen.insert(mart.name.as_str(), mart) {
            let message = format!("mart `{}` is also in {}", mart.name, first.file.display());
            faults.push(Fault::new(&mart.file, message));
        }
        faults.extend(unknown(mart, &known));
        faults.extend(undeclared(mart));
    }
    let circular = circular(marts, tables);
    if let Some(first) = circular.first() {
        let path: Vec<&str> = circular.iter().map(|mart| mart.name.as_str()).collect();
        let message = format!("marts read each other in a circle: {}", path.join(" → "));
        faults.push(Fault::new(&first.file, message));
    }
    faults.sort();
    faults
}

/// The marts in an order in which each comes after those it reads; among equals, by name.
///
/// Marts in a circle (a fault that `check` finds) come last.
pub fn order(marts: &[Mart]) -> Vec<&Mart> {
    let mut waiting: BTreeMap<&str, &Mart> =
        marts.iter().map(|mart| (mart.name.as_str(), mart)).collect();
    let mut ordered = Vec::with_capacity(marts.len());
    while let Some(name) = next(&waiting) {
        ordered.extend(waiting.remove(name));
    }
    ordered.extend(waiting.into_values());
    ordered
}

/// The first of the waiting marts that waits for no other.
fn next<'a>(waiting: &BTreeMap<&'a str, &'a Mart>) -> Option<&'a str> {
    let is_ready = |mart: &Mart| {
        mart.reads.iter().all(|read| *read == mart.name || !waiting.contains_key(read.as_str()))
    };
    waiting.iter().find(|(_, mart)| is_ready(mart)).map(|(name, _)| *name)
}

fn unknown(mart: &Mart, known: &BTreeSet<&str>) -> Vec<Fault> {
    let names = mart.reads.iter().chain(&mart.inputs).map(String::as_str);
    let unknown: BTreeSet<&str> = names.filter(|name| !known.contains(name)).collect();
    let fault = |name: &str| {
        let others = known.iter().copied().filter(|other| *other != mart.name);
        let hint = nearest(name, others);
        let line = mart.sql.lines().position(|line| line.contains(name)).map(|index| index + 1);
        Fault { line, ..Fault::new(&mart.file, format!("there is no table `{name}`{hint}")) }
    };
    unknown.into_iter().map(fault).collect()
}

fn undeclared(mart: &Mart) -> Vec<Fault> {
    let declared: BTreeSet<&String> = mart.inputs.iter().collect();
    let real: BTreeSet<&String> = mart.reads.iter().collect();
    let missing = real.difference(&declared).map(|name| {
        Fault::new(&mart.file, format!("`{name}` is read but not declared under `inputs`"))
    });
    let idle = declared.difference(&real).map(|name| {
        Fault::new(&mart.file, format!("`{name}` is declared under `inputs` but never read"))
    });
    missing.chain(idle).collect()
}

/// One circle among the marts, its first mart again at the end; empty when there is none.
fn circular<'a>(marts: &'a [Mart], tables: &BTreeSet<&str>) -> Vec<&'a Mart> {
    let by_name: BTreeMap<&str, &Mart> =
        marts.iter().map(|mart| (mart.name.as_str(), mart)).collect();
    let mut stuck: BTreeMap<&str, &Mart> = by_name.clone();
    while let Some(name) = next(&stuck) {
        stuck.remove(name);
    }
    // A name that is also a table's means the table: such an edge closes no circle.
    let follow = |mart: &Mart| {
        let reads = mart.reads.iter().map(String::as_str);
        reads.filter(|read| !tables.contains(read)).find_map(|read| stuck.get(read).copied())
    };
    let mut path: Vec<&Mart> = Vec::new();
    let mut at = stuck.values().next().copied();
    while let Some(mart) = at {
        if let Some(start) = path.iter().position(|known| known.name == mart.name) {
            let mut circle = path.split_off(start);
            circle.push(mart);
            return circle;
        }
        path.push(mart);
        at = follow(mart);
    }
    Vec::new()
}
