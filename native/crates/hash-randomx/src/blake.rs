//! Blake2b as RandomX uses it: one-shot hashes and the generator of superscalar programs.

use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2b512, Digest};
use otedama_primitives::Hash;

use crate::parameters::MAX_KEY_BYTES;

pub fn hash_512(input: &[u8]) -> [u8; 64] {
    Blake2b512::digest(input).into()
}

/// Blake2b-256 of the parts in a row.
pub fn hash_256(parts: &[&[u8]]) -> Hash {
    let mut state = Blake2b::<U32>::new();
    for part in parts {
        state.update(part);
    }
    state.finalize().into()
}

/// BlakeGenerator (specification chapter 3.5): bytes of a state that is hashed when too few are left.
#[derive(Debug)]
pub struct BlakeGenerator {
    state: [u8; 64],
    used: usize,
}

impl BlakeGenerator {
    /// From a key of at most [`MAX_KEY_BYTES`] bytes; a longer one is cut.
    pub fn new(key: &[u8]) -> Self {
        let mut state = [0; 64];
        let length = key.len().min(MAX_KEY_BYTES);
        state[..length].copy_from_slice(&key[..length]);
        Self { state, used: 64 }
    }

    pub fn byte(&mut self) -> u8 {
        u8::from_le_bytes(self.take())
    }

    pub fn word(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        if self.used + N > self.state.len() {
            self.state = hash_512(&self.state);
            self.used = 0;
        }
        let taken = core::array::from_fn(|i| self.state[self.used + i]);
        self.used += N;
        taken
    }
}
