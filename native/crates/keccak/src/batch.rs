//! Messages hashed side by side, one to a lane, in steps of the caller's choice.

use crate::lanes::Lanes;
use crate::permutation::permute;
use crate::{PADDING_END, ROUNDS_800, ROUNDS_1600, State800, rate_words};

/// Hashes that can be left between two rounds: a kernel that waits for memory fills the wait with a few rounds
/// at a time of hashes it needs later.
///
/// Each message is one block with its padding: it is shorter than the function's rate, 17 words for Keccak-256
/// and 9 for Keccak-512. The digest's length names the function: 4 or 8 words.
#[derive(Clone, Copy)]
pub struct Batch<V> {
    state: [V; 25],
    rounds: usize,
}

impl<V> core::fmt::Debug for Batch<V> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Batch").field("rounds", &self.rounds).finish_non_exhaustive()
    }
}

impl<V: Lanes<Word = u64>> Batch<V> {
    /// Rounds until the digests are there.
    pub const ROUNDS: usize = ROUNDS_1600;

    /// Takes up to `V::COUNT` messages, words little-endian.
    ///
    /// # Safety
    /// The instruction set of `V` is available; the same holds for every function of this module.
    #[inline(always)]
    pub unsafe fn absorb<const MESSAGE: usize, const DIGEST: usize>(messages: &[[u64; MESSAGE]]) -> Self {
        const {
            assert!(DIGEST == 4 || DIGEST == 8, "Keccak-256 or Keccak-512");
            assert!(MESSAGE < rate_words(DIGEST), "one block with its padding");
        }
        // SAFETY: the caller's condition is the same.
        unsafe {
            let mut state = [V::splat(0); 25];
            for (index, vector) in state.iter_mut().enumerate().take(MESSAGE) {
                *vector = gather(messages, index);
            }
            state[MESSAGE] = V::splat(1);
            let last = rate_words(DIGEST) - 1;
            state[last] = state[last].xor(V::splat(PADDING_END));
            Self { state, rounds: 0 }
        }
    }

    /// Goes on by `count` rounds, to [`Self::ROUNDS`] in all.
    ///
    /// # Safety
    /// As [`Self::absorb`].
    #[inline(always)]
    pub unsafe fn advance(&mut self, count: usize) {
        // SAFETY: the caller's condition is the same.
        unsafe { permute(&mut self.state, self.rounds, count) }
        self.rounds += count;
    }

    pub const fn is_done(&self) -> bool {
        self.rounds == Self::ROUNDS
    }

    /// The digests, in the order of the messages, once all rounds are done.
    ///
    /// # Safety
    /// As [`Self::absorb`].
    #[inline(always)]
    pub unsafe fn squeeze<const DIGEST: usize>(&self, digests: &mut [[u64; DIGEST]]) {
        debug_assert!(self.is_done(), "the digests are not there yet");
        for (index, vector) in self.state.into_iter().enumerate().take(DIGEST) {
            // SAFETY: the caller's condition is the same.
            unsafe { scatter(vector, digests, index) }
        }
    }
}

/// Digest i of message i, any number of them.
///
/// # Safety
/// As [`Batch::absorb`].
#[inline(always)]
pub unsafe fn hash_words<V: Lanes<Word = u64>, const MESSAGE: usize, const DIGEST: usize>(
    messages: &[[u64; MESSAGE]],
    digests: &mut [[u64; DIGEST]],
) {
    for (messages, digests) in messages.chunks(V::COUNT).zip(digests.chunks_mut(V::COUNT)) {
        // SAFETY: the caller's condition is the same.
        unsafe {
            let mut batch = Batch::<V>::absorb::<MESSAGE, DIGEST>(messages);
            batch.advance(Batch::<V>::ROUNDS);
            batch.squeeze(digests);
        }
    }
}

/// Keccak-f[800] on any number of states.
///
/// # Safety
/// As [`Batch::absorb`].
#[inline(always)]
pub unsafe fn permute_f800<V: Lanes<Word = u32>>(states: &mut [State800]) {
    for states in states.chunks_mut(V::COUNT) {
        // SAFETY: the caller's condition is the same.
        unsafe {
            let mut vectors = [V::splat(0); 25];
            for (index, vector) in vectors.iter_mut().enumerate() {
                *vector = gather(states, index);
            }
            permute(&mut vectors, 0, ROUNDS_800);
            for (index, vector) in vectors.into_iter().enumerate() {
                scatter(vector, states, index);
            }
        }
    }
}

/// Word `index` of each item, zero in the lanes without an item.
///
/// # Safety
/// As [`Batch::absorb`].
#[inline(always)]
unsafe fn gather<V: Lanes, const WORDS: usize>(items: &[[V::Word; WORDS]], index: usize) -> V {
    // SAFETY: the caller's condition is the same.
    unsafe {
        let mut words = V::splat(0).store();
        for (word, item) in words.as_mut().iter_mut().zip(items) {
            *word = item[index];
        }
        V::load(&words)
    }
}

/// Writes a vector to word `index` of each item.
///
/// # Safety
/// As [`Batch::absorb`].
#[inline(always)]
unsafe fn scatter<V: Lanes, const WORDS: usize>(vector: V, items: &mut [[V::Word; WORDS]], index: usize) {
    // SAFETY: the caller's condition is the same.
    let words = unsafe { vector.store() };
    for (word, item) in words.as_ref().iter().zip(items) {
        item[index] = *word;
    }
}
