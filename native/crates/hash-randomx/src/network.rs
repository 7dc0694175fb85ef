//! Monero's rules around the hash.

use otedama_primitives::Hash;

/// Blocks that share a key, and how long a key is known before it is used.
const EPOCH_BLOCKS: u64 = 2048;
const EPOCH_LAG: u64 = 64;

/// Height of the block whose hash is the key for a block at `height`.
pub const fn seed_height(height: u64) -> u64 {
    height.saturating_sub(EPOCH_LAG + 1) & !(EPOCH_BLOCKS - 1)
}

/// Whether `hash`, as a little-endian number, times `difficulty` stays below 2^256.
pub fn meets_difficulty(hash: &Hash, difficulty: u128) -> bool {
    let factors = [difficulty as u64, (difficulty >> 64) as u64];
    let mut product = [0u64; 6];
    for (i, limb) in hash.as_chunks::<8>().0.iter().enumerate() {
        let mut carry = 0;
        for (j, factor) in factors.into_iter().enumerate() {
            let term = u128::from(u64::from_le_bytes(*limb)) * u128::from(factor);
            let sum = term + u128::from(product[i + j]) + carry;
            product[i + j] = sum as u64;
            carry = sum >> 64;
        }
        product[i + 2] = carry as u64;
    }
    product[4..] == [0, 0]
}
