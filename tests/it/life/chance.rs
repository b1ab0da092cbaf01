//! Chance from a seed (splitmix64): the same seed gives the same life on every machine.

/// A source of numbers.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// The source of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5851_F42D_4C95_7F2D)
    }

    /// A source of its own for a part of a life, so that one part's numbers move no other's.
    pub(super) fn fork(&self, parts: &[i64]) -> Self {
        let mut fork = self.clone();
        for part in parts {
            fork.0 ^= u64::from_ne_bytes(part.to_ne_bytes()).wrapping_mul(0xD134_2543_DE82_EF95);
            fork.0 = fork.next();
        }
        fork
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u64::try_from(high - low).unwrap() + 1;
        low + i64::try_from(self.next() % span).unwrap()
    }

    /// True so many times in a hundred.
    pub(super) fn often(&mut self, percent: i64) -> bool {
        self.between(1, 100) <= percent
    }

    /// One of several.
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let last = i64::try_from(of.len()).unwrap() - 1;
        of[usize::try_from(self.between(0, last)).unwrap()].clone()
    }

    /// One of several by weights.
    pub(super) fn weighed<T: Clone>(&mut self, of: &[(i64, T)]) -> T {
        let mut left = self.between(1, of.iter().map(|(weight, _)| weight).sum());
        for (weight, one) in of {
            left -= weight;
            if left <= 0 {
                return one.clone();
            }
        }
        unreachable!("weights add up")
    }
}
