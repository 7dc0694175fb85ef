use otedama_hash_api::{Algorithm, HashError, Hit, NONCE_END};
use otedama_hash_registry as registry;
use otedama_primitives::{BlockHeader, U256};

use crate::{Clock, Options, ThreadRun, reference_hash};

/// Hits checked one by one after the run.
const CHECKED_HITS: usize = 200;

/// What a run is made of: pieces short beside its duration, hits too rare to cost time but frequent enough to
/// be checked, and the stretch of nonces that the reference searches too, so that lost hits are seen.
struct Shape {
    piece: u64,
    target_zeros: u32,
    stretch: u64,
}

const fn shape(algorithm: Algorithm) -> Shape {
    match algorithm {
        Algorithm::Sha256d => Shape { piece: 1 << 14, target_zeros: 14, stretch: 1 << 16 },
        Algorithm::Scrypt => Shape { piece: 48, target_zeros: 3, stretch: 48 },
    }
}

pub fn run_thread(options: &Options, index: u32, clock: &Clock) -> Result<ThreadRun, HashError> {
    let mut hasher = registry::create(options.algorithm, options.backend);
    let shape = shape(options.algorithm);
    let target = U256::MAX.shr(shape.target_zeros);
    let header = BlockHeader::new(index, &[0x5a; 32], &[0xa5; 32], 1_700_000_000, 0x1d00_ffff, 0);
    let mut hits = Vec::new();
    let mut next = 0;
    let (hashes, elapsed) = clock.repeat(|| {
        // A thread that failed still meets the others at the start, or they would wait for it forever.
        let Ok(hasher) = &mut hasher else { return 0 };
        let nonces = next % NONCE_END..next % NONCE_END + shape.piece;
        hasher.search(&header, &target, nonces, &mut hits);
        next += shape.piece;
        shape.piece
    });
    hasher?;
    let covered = shape.stretch.min(next);
    let expected = reference_hits(options.algorithm, &header, &target, covered);
    let found: Vec<Hit> = hits.iter().copied().take_while(|hit| u64::from(hit.nonce) < covered).collect();
    let correct = hits.iter().take(CHECKED_HITS).all(|hit| {
        let hash = reference_hash(options.algorithm, &header.with_nonce(hit.nonce));
        hash == hit.hash && U256::from_le_bytes(&hash) <= target
    });
    Ok(ThreadRun { hashes, elapsed, checked: correct && found == expected })
}

fn reference_hits(algorithm: Algorithm, header: &BlockHeader, target: &U256, end: u64) -> Vec<Hit> {
    (0..end as u32)
        .map(|nonce| Hit { nonce, hash: reference_hash(algorithm, &header.with_nonce(nonce)) })
        .filter(|hit| U256::from_le_bytes(&hit.hash) <= *target)
        .collect()
}
