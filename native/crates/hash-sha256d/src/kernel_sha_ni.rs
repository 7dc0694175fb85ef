//! Search with the x86 SHA extensions, two nonces interleaved. Rounds come in pairs here, so the two before
//! the nonce are done once and the last two are left out.

use core::arch::x86_64::*;

use otedama_hash_api::NonceRange;
use otedama_sha256::sha_ni::{expand4, load_state, round_constants, rounds4};
use otedama_sha256::{INITIAL_STATE, unroll};

use crate::prepared::Prepared;

/// Independent nonces in flight: enough to keep the round unit busy, few enough for sixteen registers.
const STREAMS: usize = 2;

pub fn search(prepared: &Prepared, nonces: NonceRange, on_candidate: &mut dyn FnMut(u32)) {
    // SAFETY: the backend table offers this kernel only where the extension was detected.
    unsafe { run(prepared, nonces, on_candidate) }
}

#[target_feature(enable = "sha,sse4.1,ssse3")]
fn run(prepared: &Prepared, nonces: NonceRange, on_candidate: &mut dyn FnMut(u32)) {
    // SAFETY: the target features are enabled here.
    let (midstate, initial) = unsafe { (load_state(&prepared.midstate), load_state(&INITIAL_STATE)) };
    let [merkle, time, bits] = prepared.tail.map(|word| word as i32);
    // SAFETY: as above.
    let after_round_1 = unsafe {
        let kw = _mm_add_epi32(_mm_set_epi32(0, bits, time, merkle), round_constants(0));
        _mm_sha256rnds2_epu32(midstate.1, midstate.0, kw)
    };
    let mut base = nonces.start;
    while base < nonces.end {
        let mut words = [_mm_setzero_si128(); STREAMS];
        for (stream, word) in words.iter_mut().enumerate() {
            let nonce = (base as u32).wrapping_add(stream as u32).swap_bytes();
            *word = _mm_set_epi32(nonce as i32, bits, time, merkle);
        }
        // SAFETY: the target features are enabled here.
        let last = unsafe { last_words(midstate, after_round_1, initial, words) };
        for (stream, word) in last.into_iter().enumerate() {
            let nonce = base + stream as u64;
            if word & prepared.zero_mask == 0 && nonce < nonces.end {
                on_candidate(nonce as u32);
            }
        }
        base += STREAMS as u64;
    }
}

/// ABEF and CDGH.
type HalfStates = (__m128i, __m128i);

/// Word 7 of SHA256d for each stream's first four words of the second block.
///
/// # Safety
/// SHA extensions, SSE4.1, SSSE3.
#[inline(always)]
unsafe fn last_words(
    midstate: HalfStates,
    after_round_1: __m128i,
    initial: HalfStates,
    words: [__m128i; STREAMS],
) -> [u32; STREAMS] {
    // SAFETY: instructions are the caller's condition; the rest is safe code.
    unsafe {
        let padding = _mm_set_epi32(0, 0, 0, i32::MIN);
        let zero = _mm_setzero_si128();
        let header_bits = _mm_set_epi32(640, 0, 0, 0);
        let digest_bits = _mm_set_epi32(256, 0, 0, 0);

        // After rounds 0 and 1 the register that held CDGH holds the new ABEF and the old ABEF is CDGH.
        let mut abef = [midstate.0; STREAMS];
        let mut cdgh = [after_round_1; STREAMS];
        let constants = round_constants(0);
        for i in 0..STREAMS {
            let kw = _mm_shuffle_epi32::<0x0e>(_mm_add_epi32(words[i], constants));
            abef[i] = _mm_sha256rnds2_epu32(abef[i], cdgh[i], kw);
        }
        let mut m = words.map(|first| [first, padding, zero, header_bits]);
        schedule_rounds(&mut abef, &mut cdgh, &mut m);
        rounds4(&mut abef, &mut cdgh, m.map(|m| _mm_add_epi32(m[3], round_constants(15))));

        for i in 0..STREAMS {
            let abef = _mm_add_epi32(abef[i], midstate.0);
            let cdgh = _mm_add_epi32(cdgh[i], midstate.1);
            let feba = _mm_shuffle_epi32::<0x1b>(abef);
            let dchg = _mm_shuffle_epi32::<0xb1>(cdgh);
            let abcd = _mm_blend_epi16::<0xf0>(feba, dchg);
            let efgh = _mm_alignr_epi8::<8>(dchg, feba);
            m[i] = [abcd, efgh, padding, digest_bits];
        }
        abef = [initial.0; STREAMS];
        cdgh = [initial.1; STREAMS];
        rounds4(&mut abef, &mut cdgh, m.map(|m| _mm_add_epi32(m[0], round_constants(0))));
        schedule_rounds(&mut abef, &mut cdgh, &mut m);
        let mut last = [0u32; STREAMS];
        for i in 0..STREAMS {
            // Rounds 60 and 61: F of the result is e of round 60, which round 63 leaves in h.
            let kw = _mm_add_epi32(m[i][3], round_constants(15));
            let end = _mm_sha256rnds2_epu32(cdgh[i], abef[i], kw);
            last[i] = (_mm_cvtsi128_si32(end) as u32).wrapping_add(INITIAL_STATE[7]);
        }
        last
    }
}

/// Rounds 4 to 59, and the schedule up to the words of rounds 60 to 63.
///
/// # Safety
/// SHA extensions and SSSE3.
#[inline(always)]
unsafe fn schedule_rounds(
    abef: &mut [__m128i; STREAMS],
    cdgh: &mut [__m128i; STREAMS],
    m: &mut [[__m128i; 4]; STREAMS],
) {
    // SAFETY: instructions are the caller's condition.
    unsafe {
        unroll!(quad in [1 2 3] {
            rounds4(abef, cdgh, m.map(|m| _mm_add_epi32(m[quad], round_constants(quad))));
        });
        unroll!(quad in [4 5 6 7 8 9 10 11 12 13 14 15] {
            for m in m.iter_mut() {
                *m = [m[1], m[2], m[3], expand4(*m)];
            }
            if quad < 15 {
                rounds4(abef, cdgh, m.map(|m| _mm_add_epi32(m[3], round_constants(quad))));
            }
        });
    }
}
