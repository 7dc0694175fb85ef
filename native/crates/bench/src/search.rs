use otedama_contexts::Light;
use otedama_hash_api::{Algorithm, Family, HashError, Interrupt, NONCE_END, Puzzle, Solution};
use otedama_hash_registry::{self as registry, Source};
use otedama_primitives::{BlockHeader, Hash, U256};

use crate::{Clock, Options, ThreadRun, reference};

/// What a run is made of: pieces short beside its duration, solutions too rare to cost time but frequent
/// enough to be checked, the stretch of nonces that the reference searches too, so that lost solutions are
/// seen, and how many solutions are checked one by one.
struct Shape {
    piece: u64,
    target_zeros: u32,
    stretch: u64,
    checked: usize,
}

const fn shape(algorithm: Algorithm) -> Shape {
    match algorithm {
        Algorithm::Sha256d => Shape { piece: 1 << 14, target_zeros: 14, stretch: 1 << 16, checked: 200 },
        Algorithm::Scrypt => Shape { piece: 48, target_zeros: 3, stretch: 48, checked: 200 },
        Algorithm::Ethash | Algorithm::Etchash => {
            Shape { piece: 512, target_zeros: 5, stretch: 64, checked: 40 }
        }
        Algorithm::KawPow => Shape { piece: 64, target_zeros: 4, stretch: 32, checked: 20 },
        // The reference takes a fifth of a second a hash.
        Algorithm::RandomX | Algorithm::RandomXV2 => {
            Shape { piece: 16, target_zeros: 2, stretch: 4, checked: 4 }
        }
    }
}

fn puzzle(options: &Options, index: u32) -> Puzzle {
    match options.selection.algorithm.family() {
        Family::Header => {
            Puzzle::Header(BlockHeader::new(index, &[0x5a; 32], &[0xa5; 32], 1_700_000_000, 0x1d00_ffff, 0))
        }
        Family::Seal => Puzzle::Seal { header_hash: [index as u8; 32], block_number: options.block_number },
        Family::Blob => Puzzle::Blob { bytes: vec![index as u8; 76], nonce_offset: 39 },
    }
}

pub fn run_thread(
    options: &Options,
    source: &Source,
    index: u32,
    clock: &Clock,
) -> Result<ThreadRun, HashError> {
    let mut searcher = registry::searcher(options.selection, source, None);
    let shape = shape(options.selection.algorithm);
    let target = U256::MAX.shr(shape.target_zeros);
    let puzzle = puzzle(options, index);
    let mut solutions = Vec::new();
    let mut next = 0;
    let (hashes, elapsed) = clock.repeat(|| {
        // A thread that failed still meets the others at the start, or they would wait for it forever.
        let Ok(searcher) = &mut searcher else { return 0 };
        let nonces = next % NONCE_END..next % NONCE_END + shape.piece;
        let tried = searcher.search(&puzzle, &target, nonces, &Interrupt::never(), &mut solutions);
        next += tried;
        tried
    });
    searcher?;
    let check = Check { options, light: source.light(), puzzle, target };
    let covered = shape.stretch.min(next);
    let found: Vec<Solution> =
        solutions.iter().copied().take_while(|solution| solution.nonce < covered).collect();
    let mut checked = found == check.solutions(covered)?;
    for solution in solutions.iter().take(shape.checked) {
        checked &= check.solution(solution.nonce)? == Some(*solution);
    }
    Ok(ThreadRun { hashes, elapsed, checked })
}

/// What the reference finds.
struct Check<'a> {
    options: &'a Options,
    light: Option<&'a Light>,
    puzzle: Puzzle,
    target: U256,
}

impl Check<'_> {
    fn solutions(&self, end: u64) -> Result<Vec<Solution>, HashError> {
        (0..end).filter_map(|nonce| self.solution(nonce).transpose()).collect()
    }

    /// The nonce with its hash if it meets the target.
    fn solution(&self, nonce: u64) -> Result<Option<Solution>, HashError> {
        let algorithm = self.options.selection.algorithm;
        let proof = reference::hash(algorithm, self.light, &self.puzzle, nonce)?;
        let met = number(algorithm, &proof.hash) <= self.target;
        Ok(met.then_some(Solution { nonce, hash: proof.hash, mix: proof.mix }))
    }
}

/// The number that a hash of the algorithm is.
pub fn number(algorithm: Algorithm, hash: &Hash) -> U256 {
    match algorithm.family() {
        Family::Seal => U256::from_be_bytes(*hash),
        Family::Header | Family::Blob => U256::from_le_bytes(hash),
    }
}
