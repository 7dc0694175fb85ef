//! x86 SHA extensions. `sha256rnds2` does two rounds and takes its state as two registers: ABEF and CDGH,
//! most significant word first.

use core::arch::x86_64::*;

use crate::{Block, ROUND_CONSTANTS, State, unroll};

pub fn is_available() -> bool {
    is_x86_feature_detected!("sha") && is_x86_feature_detected!("ssse3") && is_x86_feature_detected!("sse4.1")
}

/// Four round constants, first in the lowest lane.
///
/// # Safety
/// SSE2, which is part of x86-64.
#[inline(always)]
pub unsafe fn round_constants(quad: usize) -> __m128i {
    // SAFETY: 4 * quad + 3 < 64 for the quads 0..16; the slice checks it.
    unsafe { _mm_loadu_si128(ROUND_CONSTANTS[4 * quad..4 * quad + 4].as_ptr().cast()) }
}

/// # Safety
/// SSE4.1 and SSSE3.
#[inline(always)]
pub unsafe fn load_state(state: &State) -> (__m128i, __m128i) {
    // SAFETY: both loads stay within the eight words; instructions are the caller's condition.
    unsafe {
        let dcba = _mm_loadu_si128(state.as_ptr().cast());
        let hgfe = _mm_loadu_si128(state[4..].as_ptr().cast());
        let cdab = _mm_shuffle_epi32::<0xb1>(dcba);
        let efgh = _mm_shuffle_epi32::<0x1b>(hgfe);
        (_mm_alignr_epi8::<8>(cdab, efgh), _mm_blend_epi16::<0xf0>(efgh, cdab))
    }
}

/// # Safety
/// SSE4.1 and SSSE3.
#[inline(always)]
pub unsafe fn store_state(abef: __m128i, cdgh: __m128i) -> State {
    let mut state = [0u32; 8];
    // SAFETY: both stores stay within the eight words; instructions are the caller's condition.
    unsafe {
        let feba = _mm_shuffle_epi32::<0x1b>(abef);
        let dchg = _mm_shuffle_epi32::<0xb1>(cdgh);
        _mm_storeu_si128(state.as_mut_ptr().cast(), _mm_blend_epi16::<0xf0>(feba, dchg));
        _mm_storeu_si128(state[4..].as_mut_ptr().cast(), _mm_alignr_epi8::<8>(dchg, feba));
    }
    state
}

/// The four schedule words after those in `m` (sixteen words, oldest first).
///
/// # Safety
/// SHA extensions and SSSE3.
#[inline(always)]
pub unsafe fn expand4(m: [__m128i; 4]) -> __m128i {
    // SAFETY: instructions are the caller's condition.
    unsafe {
        let w9 = _mm_alignr_epi8::<4>(m[3], m[2]);
        _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(m[0], m[1]), w9), m[3])
    }
}

/// Four rounds on `N` independent messages; `kw` are constants plus schedule words. Interleaving two messages
/// hides the latency of `sha256rnds2`, which is twice its issue interval.
///
/// # Safety
/// SHA extensions.
#[inline(always)]
pub unsafe fn rounds4<const N: usize>(abef: &mut [__m128i; N], cdgh: &mut [__m128i; N], kw: [__m128i; N]) {
    // SAFETY: instructions are the caller's condition.
    unsafe {
        for i in 0..N {
            cdgh[i] = _mm_sha256rnds2_epu32(cdgh[i], abef[i], kw[i]);
        }
        for i in 0..N {
            abef[i] = _mm_sha256rnds2_epu32(abef[i], cdgh[i], _mm_shuffle_epi32::<0x0e>(kw[i]));
        }
    }
}

/// Compresses block i into state i for N messages side by side.
///
/// # Safety
/// [`is_available`] returned true.
#[target_feature(enable = "sha,sse4.1,ssse3")]
pub unsafe fn compress<const N: usize>(states: &mut [State; N], blocks: &[Block; N]) {
    // SAFETY: the target features are enabled here; loads stay within the 64-byte blocks.
    unsafe {
        let big_endian = _mm_set_epi64x(0x0c0d_0e0f_0809_0a0b, 0x0405_0607_0001_0203);
        let mut abef = [_mm_setzero_si128(); N];
        let mut cdgh = abef;
        let mut m = [[_mm_setzero_si128(); 4]; N];
        for i in 0..N {
            (abef[i], cdgh[i]) = load_state(&states[i]);
            for (quad, word) in m[i].iter_mut().enumerate() {
                *word =
                    _mm_shuffle_epi8(_mm_loadu_si128(blocks[i].as_ptr().add(16 * quad).cast()), big_endian);
            }
        }
        let (start_abef, start_cdgh) = (abef, cdgh);
        unroll!(quad in [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15] {
            let mut kw = [round_constants(quad); N];
            for i in 0..N {
                if quad >= 4 {
                    m[i] = [m[i][1], m[i][2], m[i][3], expand4(m[i])];
                }
                kw[i] = _mm_add_epi32(kw[i], m[i][if quad < 4 { quad } else { 3 }]);
            }
            rounds4(&mut abef, &mut cdgh, kw);
        });
        for i in 0..N {
            states[i] =
                store_state(_mm_add_epi32(abef[i], start_abef[i]), _mm_add_epi32(cdgh[i], start_cdgh[i]));
        }
    }
}
