//! The two Keccak-f[800] permutations around a mix: no padding bits, the rest of the state is filled with the
//! name of the algorithm, one letter to a word.

use otedama_hash_api::MixProof;
use otedama_keccak::{State800, keccak_f800};
use otedama_primitives::Hash;

use crate::mix::{MixDigest, MixSeed};

/// The first letter is the small one; the others are capitals.
const NAME: &[u8; 15] = b"rAVENCOINKAWPOW";

/// What the first permutation leaves of a header and nonce; the second starts from it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seed([u32; 8]);

impl Seed {
    pub fn new(header_hash: &Hash, nonce: u64) -> Self {
        let mut state = seed_state(header_hash, nonce);
        keccak_f800(&mut state);
        Self::from_state(&state)
    }

    pub fn from_state(state: &State800) -> Self {
        Self(core::array::from_fn(|index| state[index]))
    }

    pub fn mix_seed(&self) -> MixSeed {
        [self.0[0], self.0[1]]
    }

    /// The state whose permutation starts with the final hash.
    pub fn final_state(&self, mix: &MixDigest) -> State800 {
        let mut state = [0; 25];
        state[..8].copy_from_slice(&self.0);
        state[8..16].copy_from_slice(mix);
        fill_with_name(&mut state[16..]);
        state
    }

    pub fn proof(&self, mix: &MixDigest) -> MixProof {
        let mut state = self.final_state(mix);
        keccak_f800(&mut state);
        MixProof { mix: to_bytes(mix), hash: final_hash_of(&state) }
    }
}

/// The state whose permutation starts with the seed.
pub fn seed_state(header_hash: &Hash, nonce: u64) -> State800 {
    let mut state = [0; 25];
    state[..8].copy_from_slice(&to_words(header_hash));
    state[8] = nonce as u32;
    state[9] = (nonce >> 32) as u32;
    fill_with_name(&mut state[10..]);
    state
}

/// The final hash that a header, nonce and mix hash make, without a look at the dataset: where even this is
/// above the target, the share needs no verification.
pub fn final_hash(header_hash: &Hash, nonce: u64, mix: &Hash) -> Hash {
    Seed::new(header_hash, nonce).proof(&to_words(mix)).hash
}

pub fn final_hash_of(state: &State800) -> Hash {
    to_bytes(&core::array::from_fn(|index| state[index]))
}

fn fill_with_name(words: &mut [u32]) {
    for (word, letter) in words.iter_mut().zip(NAME) {
        *word = u32::from(*letter);
    }
}

fn to_words(hash: &Hash) -> [u32; 8] {
    let mut words = [0; 8];
    for (word, bytes) in words.iter_mut().zip(hash.as_chunks::<4>().0) {
        *word = u32::from_le_bytes(*bytes);
    }
    words
}

pub fn to_bytes(words: &[u32; 8]) -> Hash {
    let mut hash = [0; 32];
    for (bytes, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    hash
}
