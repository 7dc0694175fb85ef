use std::time::Duration;

/// How long a thread may search before it looks for new work.
const PIECE: Duration = Duration::from_micros(500);

/// A piece never grows beyond this, however fast the clock claims the hasher is.
const MAX_PIECE: u64 = 1 << 20;

/// Sizes pieces of search by time: a fixed number of hashes would be too long for slow backends and too short
/// for fast ones.
#[derive(Clone, Copy)]
pub struct Pace {
    lanes: u64,
    nonces: u64,
}

impl Pace {
    pub fn new(lanes: usize) -> Self {
        let lanes = lanes as u64;
        Self { lanes, nonces: lanes }
    }

    pub const fn nonces(&self) -> u64 {
        self.nonces
    }

    /// Doubles or halves towards the wanted duration; always whole groups of lanes. A piece that the end of
    /// the range cut short says nothing about longer ones.
    pub fn measured(&mut self, tried: u64, took: Duration) {
        if took < PIECE / 2 && tried >= self.nonces {
            self.nonces = (self.nonces * 2).min(MAX_PIECE.next_multiple_of(self.lanes));
        } else if took > PIECE * 3 / 2 {
            self.nonces = (self.nonces / 2).next_multiple_of(self.lanes).max(self.lanes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settles_near_the_wanted_duration() {
        for (lanes, nanos_per_hash) in [(16, 30), (8, 40_000), (1, 200_000), (1, 900_000)] {
            let mut pace = Pace::new(lanes);
            for _ in 0..100 {
                pace.measured(pace.nonces(), Duration::from_nanos(pace.nonces() * nanos_per_hash));
            }
            let piece = Duration::from_nanos(pace.nonces() * nanos_per_hash);
            assert!(piece <= PIECE * 3 / 2 || pace.nonces() == lanes as u64, "{lanes} lanes: {piece:?}");
            assert!(piece >= PIECE / 4, "{lanes} lanes: {piece:?}");
            assert!(pace.nonces().is_multiple_of(lanes as u64));
        }
    }

    #[test]
    fn stays_bounded_when_the_clock_stands_still() {
        let mut pace = Pace::new(6);
        for _ in 0..100 {
            pace.measured(pace.nonces(), Duration::ZERO);
        }
        assert!(pace.nonces() <= MAX_PIECE + 6);
    }

    #[test]
    fn does_not_grow_by_pieces_cut_short() {
        let mut pace = Pace::new(16);
        for _ in 0..100 {
            pace.measured(15, Duration::ZERO);
        }
        assert_eq!(pace.nonces(), 16);
    }
}
