//! The steps of a hash around its memory accesses.

use otedama_dag::Item512;
use otedama_dag::items::{fnv1, to_u32_words};
use otedama_keccak::{Engine as Keccak, keccak256, keccak512};
use otedama_primitives::Hash;

/// Dataset items mixed into each hash.
pub const ACCESSES: u32 = 64;

/// The state that the dataset is mixed into: as large as one of its items.
pub type Mix = [Item512; 2];

/// Keccak-512 of the header hash and the nonce, as words.
pub type Seed = [u64; 8];

/// What the seed is the digest of: the nonce goes in least significant byte first.
pub fn seed_message(header_hash: &Hash, nonce: u64) -> [u64; 5] {
    let [a, b, c, d] = to_words(header_hash);
    [a, b, c, d, nonce]
}

fn to_words(hash: &Hash) -> [u64; 4] {
    core::array::from_fn(|i| u64::from_le_bytes(hash.as_chunks().0[i]))
}

pub fn to_bytes(words: &[u64; 4]) -> Hash {
    let mut bytes = [0; 32];
    for (chunk, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
        *chunk = word.to_le_bytes();
    }
    bytes
}

/// The dataset item that access number `access` reads, before it is reduced to the dataset's length.
#[inline(always)]
pub const fn item_number(first_seed_word: u32, access: u32, mix: &Mix) -> u32 {
    fnv1(access ^ first_seed_word, mix.as_flattened()[(access % 32) as usize])
}

/// The mix hash, as words: every four words of the mix become one.
pub fn compress(mix: &Mix) -> [u64; 4] {
    let quads = mix.as_flattened().as_chunks::<4>().0;
    let word = |i: usize| {
        let [a, b, c, d] = quads[i];
        u64::from(fnv1(fnv1(fnv1(a, b), c), d))
    };
    core::array::from_fn(|i| word(2 * i) | word(2 * i + 1) << 32)
}

/// What the final hash is the digest of.
pub fn final_message(seed: &Seed, mix_hash: &[u64; 4]) -> [u64; 12] {
    core::array::from_fn(|i| if i < 8 { seed[i] } else { mix_hash[i - 8] })
}

/// Hash i of message i as far as it needs no memory: its seed, and its mix, which is the seed twice.
pub fn begin(keccak: &Keccak, messages: &[[u64; 5]], seeds: &mut [Seed], mixes: &mut [Mix]) {
    keccak.hash_words(messages, seeds);
    for (mix, seed) in mixes.iter_mut().zip(seeds) {
        *mix = [to_u32_words(seed); 2];
    }
}

/// The final hash for a mix hash that is claimed: a cheap check before the expensive one of the claim itself.
pub fn final_hash(header_hash: &Hash, nonce: u64, mix_hash: &Hash) -> Hash {
    let mut message = [0; 96];
    let (seed, mix) = message.split_at_mut(64);
    let mut seed_input = [0; 40];
    seed_input[..32].copy_from_slice(header_hash);
    seed_input[32..].copy_from_slice(&nonce.to_le_bytes());
    seed.copy_from_slice(&keccak512(&seed_input));
    mix.copy_from_slice(mix_hash);
    keccak256(&message)
}
