//! Cases of one test: they share what takes a while to make in each process, the plans of the marts.

/// A test of several cases: every one is run, and those that failed are named at the end.
macro_rules! together {
    ($test:ident: $($case:ident),+ $(,)?) => {
        #[test]
        fn $test() {
            $crate::support::together::run(&[$((stringify!($case), $case as fn())),+]);
        }
    };
}

pub(crate) use together;

/// Runs every case, whatever becomes of the others.
#[track_caller]
pub(crate) fn run(cases: &[(&str, fn())]) {
    let has_failed = |(_, case): &&(&str, fn())| std::panic::catch_unwind(case).is_err();
    let failed: Vec<&str> = cases.iter().filter(has_failed).map(|(name, _)| *name).collect();
    assert!(failed.is_empty(), "these failed, as is said above: {failed:#?}");
}
