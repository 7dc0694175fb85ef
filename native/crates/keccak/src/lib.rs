//! Keccak with the padding of the original submission (not SHA-3's), as Ethash uses it, and the permutation
//! on 800 bits of KawPow.
//!
//! [`reference`] is the function as its authors write it; everything else is tested against it. The plain
//! functions hash one message; an [`Engine`] hashes many short messages of one length side by side; a [`Batch`]
//! does so inside of a kernel, a few rounds at a time.

// SIMD intrinsics: each block carries its proof.
#![allow(unsafe_code)]

mod batch;
mod engine;
pub mod lanes;
mod permutation;
pub mod reference;

pub use batch::Batch;
pub use engine::Engine;

use permutation::permute;

/// State of Keccak-f[1600]; the lane at column x and row y is word x + 5 y.
pub type State1600 = [u64; 25];
/// State of Keccak-f[800], in the same order.
pub type State800 = [u32; 25];

const ROUNDS_1600: usize = 24;
const ROUNDS_800: usize = 22;

pub fn keccak_f1600(state: &mut State1600) {
    // SAFETY: one lane is plain integer code.
    unsafe { permute(state, 0, ROUNDS_1600) }
}

pub fn keccak_f800(state: &mut State800) {
    // SAFETY: one lane is plain integer code.
    unsafe { permute(state, 0, ROUNDS_800) }
}

pub fn keccak256(message: &[u8]) -> [u8; 32] {
    words_to_bytes(&sponge::<4>(message))
}

pub fn keccak512(message: &[u8]) -> [u8; 64] {
    words_to_bytes(&sponge::<8>(message))
}

/// Words absorbed between permutations for a digest of `digest_words`: the capacity is twice the digest.
const fn rate_words(digest_words: usize) -> usize {
    25 - 2 * digest_words
}

/// The last bit of the padding, in the last word of the rate.
const PADDING_END: u64 = 1 << 63;

fn sponge<const DIGEST: usize>(message: &[u8]) -> [u64; DIGEST] {
    let rate = rate_words(DIGEST);
    let mut state = [0u64; 25];
    let mut blocks = message.chunks_exact(8 * rate);
    for block in &mut blocks {
        absorb(&mut state, block);
        keccak_f1600(&mut state);
    }
    let rest = blocks.remainder();
    let mut last = [0u8; 8 * rate_words(4)];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 1;
    absorb(&mut state, &last[..8 * rate]);
    state[rate - 1] ^= PADDING_END;
    keccak_f1600(&mut state);
    core::array::from_fn(|index| state[index])
}

fn absorb(state: &mut State1600, block: &[u8]) {
    for (word, bytes) in state.iter_mut().zip(block.as_chunks::<8>().0) {
        *word ^= u64::from_le_bytes(*bytes);
    }
}

fn words_to_bytes<const WORDS: usize, const BYTES: usize>(words: &[u64; WORDS]) -> [u8; BYTES] {
    let mut bytes = [0u8; BYTES];
    for (chunk, word) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(words) {
        *chunk = word.to_le_bytes();
    }
    bytes
}
