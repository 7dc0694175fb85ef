//! The memory fill of Argon2d (RFC 9106), version 0x13, with one lane: what the cache is made of. The
//! finalizer is not needed. Written here rather than taken from a crate because it has to fill memory that is
//! already there, report progress and end on demand.

mod compress;
mod quad;
mod window;

use blake2::{Blake2b512, Digest};
use otedama_hash_api::{HashError, Progress};

use crate::blake::hash_512;
use crate::parameters::{ARGON_BLOCK_BYTES, ARGON_BLOCKS, ARGON_ITERATIONS, ARGON_SALT};

pub use compress::{Block, Compressor};

/// Blocks between two looks at the caller's wish to stop: well under a millisecond, and whole steps of a
/// segment.
const STRIDE: usize = 512;

/// Fills all [`ARGON_BLOCKS`] from `key`. `progress` counts blocks, of [`TOTAL_BLOCKS`].
pub fn fill(
    blocks: &mut [Block],
    key: &[u8],
    compressor: Compressor,
    progress: &Progress,
) -> Result<(), HashError> {
    let start = start_hash(key);
    for (index, block) in blocks.iter_mut().enumerate().take(2) {
        *block = first_block(&start, index as u32);
    }
    for pass in 0..ARGON_ITERATIONS {
        for first in (0..ARGON_BLOCKS).step_by(STRIDE) {
            if progress.is_cancelled() {
                return Err(HashError::Cancelled);
            }
            let given = if pass == 0 && first == 0 { 2 } else { 0 };
            compressor.fill(blocks, pass, first + given..first + STRIDE);
            progress.add(STRIDE as u64);
        }
    }
    Ok(())
}

/// Blocks that [`fill`] goes through in all passes.
pub const TOTAL_BLOCKS: u64 = ARGON_ITERATIONS as u64 * ARGON_BLOCKS as u64;

/// H0 with an output length of zero and neither secret nor associated data.
fn start_hash(key: &[u8]) -> [u8; 64] {
    const VERSION: u32 = 0x13;
    const ARGON2D: u32 = 0;
    let mut state = Blake2b512::new();
    for number in [1, 0, ARGON_BLOCKS as u32, ARGON_ITERATIONS, VERSION, ARGON2D, key.len() as u32] {
        state.update(number.to_le_bytes());
    }
    state.update(key);
    state.update((ARGON_SALT.len() as u32).to_le_bytes());
    state.update(ARGON_SALT);
    state.update([0; 8]);
    state.finalize().into()
}

/// H' of the start hash, the block's number and the lane 0: a chain of hashes that give 32 bytes each, the
/// last one all of its 64.
fn first_block(start: &[u8; 64], index: u32) -> Block {
    let mut seed = Vec::with_capacity(76);
    seed.extend((ARGON_BLOCK_BYTES as u32).to_le_bytes());
    seed.extend(start);
    seed.extend(index.to_le_bytes());
    seed.extend([0; 4]);
    let mut bytes = [0; ARGON_BLOCK_BYTES];
    let mut link = hash_512(&seed);
    let last = ARGON_BLOCK_BYTES - 64;
    for piece in bytes[..last].as_chunks_mut::<32>().0 {
        piece.copy_from_slice(&link[..32]);
        link = hash_512(&link);
    }
    bytes[last..].copy_from_slice(&link);
    let mut block = [0; ARGON_BLOCK_BYTES / 8];
    for (word, chunk) in block.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*chunk);
    }
    block
}
