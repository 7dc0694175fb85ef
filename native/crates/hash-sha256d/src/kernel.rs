//! One nonce per lane. The constants of the padding and everything that only depends on the words before the
//! nonce are written as plain values: the compiler folds the former and moves the latter out of the loop.

use otedama_hash_api::NonceRange;
use otedama_sha256::lanes::Lanes;
use otedama_sha256::rounds::{Working, expand};
use otedama_sha256::{INITIAL_STATE, ROUND_CONSTANTS, unroll};

use crate::prepared::Prepared;

/// A one bit after the message.
const PADDING: u32 = 0x8000_0000;
const HEADER_BITS: u32 = 640;
const DIGEST_BITS: u32 = 256;

/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn search_lanes<V: Lanes>(prepared: &Prepared, nonces: NonceRange, on_candidate: &mut dyn FnMut(u32)) {
    // SAFETY: the caller's condition is the same; the rest is safe code.
    unsafe {
        let mut offsets = V::Words::default();
        for (lane, offset) in offsets.as_mut().iter_mut().enumerate() {
            *offset = (lane as u32).swap_bytes();
        }
        let offsets = V::load(&offsets);
        let mask = V::splat(prepared.zero_mask);
        let lanes = V::COUNT as u64;
        let mut base = nonces.start - nonces.start % lanes;
        while base < nonces.end {
            // The group is aligned, so the lane number only touches bits of the nonce that are zero in `base`
            // and adding is the same before and after swapping bytes.
            let nonce_words = V::splat((base as u32).swap_bytes()).add(offsets);
            let mut candidates = last_word(prepared, nonce_words).lanes_clear_of(mask);
            while candidates != 0 {
                let nonce = base + u64::from(candidates.trailing_zeros());
                candidates &= candidates - 1;
                if nonces.contains(&nonce) {
                    on_candidate(nonce as u32);
                }
            }
            base += lanes;
        }
    }
}

/// Word 7 of SHA256d for each lane's nonce (given as the schedule word that it is).
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn last_word<V: Lanes>(prepared: &Prepared, nonce_words: V) -> V {
    // SAFETY: the caller's condition is the same; the rest is safe code.
    unsafe {
        let zero = V::splat(0);
        let mut w = [zero; 16];
        for (word, known) in w.iter_mut().zip(prepared.tail) {
            *word = V::splat(known);
        }
        w[3] = nonce_words;
        w[4] = V::splat(PADDING);
        w[15] = V::splat(HEADER_BITS);
        let mut working = Working::new(prepared.after_round_2.map(|word| V::splat(word)));
        unroll!(t in [3 4 5 6 7 8 9 10 11 12 13 14 15] {
            working.round(V::splat(ROUND_CONSTANTS[t]).add(w[t]));
        });
        unroll!(t in [
            16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
            40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63
        ] {
            expand(&mut w, t);
            working.scheduled_round(ROUND_CONSTANTS[t], &mut w[t % 16]);
        });

        let mut w = [zero; 16];
        for ((word, state), start) in w.iter_mut().zip(working.words).zip(prepared.midstate) {
            *word = state.add(V::splat(start));
        }
        w[8] = V::splat(PADDING);
        w[15] = V::splat(DIGEST_BITS);
        let mut working = Working::new(INITIAL_STATE.map(|word| V::splat(word)));
        unroll!(t in [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15] {
            working.round(V::splat(ROUND_CONSTANTS[t]).add(w[t]));
        });
        unroll!(t in [
            16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
            40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59
        ] {
            expand(&mut w, t);
            working.scheduled_round(ROUND_CONSTANTS[t], &mut w[t % 16]);
        });
        // The new e of round 60 is h after round 63: the last rounds only shift it there.
        expand(&mut w, 60);
        let e = working.words[3].add(working.t1(V::splat(ROUND_CONSTANTS[60]).add(w[60 % 16])));
        e.add(V::splat(INITIAL_STATE[7]))
    }
}

pub fn scalar(prepared: &Prepared, nonces: NonceRange, on_candidate: &mut dyn FnMut(u32)) {
    // SAFETY: one lane of plain integer code needs no instruction set.
    unsafe { search_lanes::<u32>(prepared, nonces, on_candidate) }
}

macro_rules! vector_kernel {
    ($name:ident, $vector:ty, $features:literal) => {
        pub fn $name(prepared: &Prepared, nonces: NonceRange, on_candidate: &mut dyn FnMut(u32)) {
            #[target_feature(enable = $features)]
            fn run(prepared: &Prepared, nonces: NonceRange, on_candidate: &mut dyn FnMut(u32)) {
                // SAFETY: the target feature is enabled here.
                unsafe { search_lanes::<$vector>(prepared, nonces, on_candidate) }
            }
            // SAFETY: the backend table offers this kernel only where the feature was detected.
            unsafe { run(prepared, nonces, on_candidate) }
        }
    };
}
#[cfg(target_arch = "x86_64")]
vector_kernel!(sse2, core::arch::x86_64::__m128i, "sse2");
#[cfg(target_arch = "x86_64")]
vector_kernel!(avx2, core::arch::x86_64::__m256i, "avx2");
#[cfg(target_arch = "x86_64")]
vector_kernel!(avx512, core::arch::x86_64::__m512i, "avx512f");
#[cfg(target_arch = "aarch64")]
vector_kernel!(neon, core::arch::aarch64::uint32x4_t, "neon");

/// Two nonces side by side with the SHA2 extension.
#[cfg(target_arch = "aarch64")]
pub fn armv8(prepared: &Prepared, nonces: NonceRange, on_candidate: &mut dyn FnMut(u32)) {
    use otedama_sha256::{armv8, closing_block, state_to_bytes};

    let mut tail = [0u8; 16];
    for (bytes, word) in tail.as_chunks_mut::<4>().0.iter_mut().zip(prepared.tail) {
        *bytes = word.to_be_bytes();
    }
    let mut base = nonces.start;
    while base < nonces.end {
        let blocks = [base, base + 1].map(|nonce| {
            tail[12..].copy_from_slice(&(nonce as u32).to_le_bytes());
            closing_block(&tail, u64::from(HEADER_BITS / 8))
        });
        let mut states = [prepared.midstate; 2];
        // SAFETY: the backend table offers this kernel only where the extension was detected.
        unsafe { armv8::compress(&mut states, &blocks) };
        let blocks = states.map(|state| closing_block(&state_to_bytes(&state), u64::from(DIGEST_BITS / 8)));
        states = [INITIAL_STATE; 2];
        // SAFETY: as above.
        unsafe { armv8::compress(&mut states, &blocks) };
        for (nonce, state) in [base, base + 1].into_iter().zip(states) {
            if state[7] & prepared.zero_mask == 0 && nonce < nonces.end {
                on_candidate(nonce as u32);
            }
        }
        base += 2;
    }
}
