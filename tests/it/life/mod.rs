//! Simulated lives of a district: random rosters, figures and courses of reports from a seed, played
//! through the pipeline and compared cell by cell with a model that shares nothing with it.
//!
//! A failure names its seed. `YUEBAO_LIFE_SEED=7 cargo test --test it life::` plays that life alone
//! and tells what was sent; `YUEBAO_LIFE_SEEDS=10000` plays so many, `YUEBAO_LIFE_FROM` says from which.

mod basis;
mod chance;
mod compare;
mod course;
mod firms;
mod founding;
mod goals;
mod headline;
mod judge;
mod look;
mod months;
mod observe;
mod paper;
mod plan;
mod play;
mod share;
mod show;
mod status;
mod story;
mod tally;
mod targets;
mod together;
mod totals;
mod town;
mod works;
mod world;

use self::play::NOW;
use self::tally::Happening as H;
use self::tally::{Kinds, Tally};

/// What does not happen yet.
const LEFT_OUT: &[H] = &[];

/// Lives of the suite: of the first nine hundred those in which everything happens more than once at the
/// least cost.
const LIVES: [u64; TESTS] = [820, 25, 768];
/// The tests that share them.
const TESTS: usize = 3;
/// How often everything happens in them.
const SEEN_MIN: usize = 2;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

fn kinds() -> Kinds {
    Kinds::but(if number("YUEBAO_LIFE_ALL").is_some() { &[] } else { LEFT_OUT })
}

fn seeds() -> Vec<u64> {
    if let Some(seed) = number("YUEBAO_LIFE_SEED") {
        return vec![seed];
    }
    let from = number("YUEBAO_LIFE_FROM").unwrap_or(1);
    number("YUEBAO_LIFE_SEEDS").map_or(LIVES.to_vec(), |count| (from..from + count).collect())
}

/// Plays a share of the lives and fails with what differs.
fn play(share: usize) {
    let kinds = kinds();
    let mut failures = Vec::new();
    let seeds = seeds();
    for seed in seeds.iter().copied().skip(share).step_by(TESTS) {
        let story = story::live(seed, &kinds, NOW);
        let differences = play::play(&story);
        if differences.is_empty() {
            continue;
        }
        let again = format!("YUEBAO_LIFE_SEED={seed} cargo test --test it life::");
        let told = if seeds.len() == 1 { show::story(&story) } else { String::new() };
        failures.push(format!("{again}\n  {}\n{told}", differences.join("\n  ")));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn lives_of_the_first_share() {
    play(0);
}

#[test]
fn lives_of_the_second_share() {
    play(1);
}

#[test]
fn lives_of_the_third_share() {
    play(2);
}

/// What the suite's lives hold; nothing of it is rare.
#[test]
#[expect(clippy::print_stdout, reason = "how often everything happened is told with --nocapture")]
fn everything_happens_a_few_times() {
    let kinds = kinds();
    let mut tally = Tally::default();
    for seed in seeds() {
        let story = story::live(seed, &kinds, NOW);
        tally.add(&observe::observe(&story));
    }
    println!("{}", tally.shown());
    for kind in H::ALL.iter().filter(|kind| seeds().len() > 1 && kinds.has(**kind)) {
        assert!(tally.of(*kind) >= SEEN_MIN, "{kind:?} happens {} times", tally.of(*kind));
    }
}
