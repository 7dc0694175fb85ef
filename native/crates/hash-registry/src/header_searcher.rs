use std::time::Instant;

use otedama_hash_api::{Hit, Interrupt, NonceRange, PowHasher, Puzzle, Searcher, Solution};
use otedama_primitives::U256;

use crate::pace::Pace;

/// Searches headers in pieces short enough to take notice of new work between them.
pub struct HeaderSearcher {
    hasher: Box<dyn PowHasher>,
    pace: Pace,
    hits: Vec<Hit>,
}

impl HeaderSearcher {
    pub fn new(hasher: Box<dyn PowHasher>) -> Self {
        let pace = Pace::new(hasher.lanes());
        Self { hasher, pace, hits: Vec::new() }
    }
}

impl Searcher for HeaderSearcher {
    fn lanes(&self) -> usize {
        self.hasher.lanes()
    }

    fn search(
        &mut self,
        puzzle: &Puzzle,
        target: &U256,
        nonces: NonceRange,
        interrupt: &Interrupt<'_>,
        solutions: &mut Vec<Solution>,
    ) -> u64 {
        let Puzzle::Header(header) = puzzle else { panic!("only headers are hashed by this searcher") };
        let mut next = nonces.start;
        while next < nonces.end && self.hits.is_empty() && !interrupt.is_raised() {
            let end = nonces.end.min(next + self.pace.nonces());
            let start = Instant::now();
            self.hasher.search(header, target, next..end, &mut self.hits);
            self.pace.measured(end - next, start.elapsed());
            next = end;
        }
        let solution = |hit: Hit| Solution { nonce: u64::from(hit.nonce), hash: hit.hash, mix: [0; 32] };
        solutions.extend(self.hits.drain(..).map(solution));
        next - nonces.start
    }
}
