//! The rounds with AES-NI.

use core::arch::x86_64::{
    __m128i, _MM_HINT_T0, _mm_aesdec_si128, _mm_aesenc_si128, _mm_loadu_si128, _mm_prefetch, _mm_storeu_si128,
};

use super::{Aes, Rounds, aes_of};

pub const AES: Aes = aes_of!("aes-ni", AesNi, "aes");

struct AesNi;

// SAFETY: each method needs AES-NI at most, which is what the trait asks its caller for.
unsafe impl Rounds for AesNi {
    type Block = __m128i;

    #[inline(always)]
    unsafe fn load(bytes: &[u8; 16]) -> __m128i {
        // SAFETY: 16 readable bytes.
        unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) }
    }

    #[inline(always)]
    unsafe fn store(block: __m128i, bytes: &mut [u8; 16]) {
        // SAFETY: 16 writable bytes.
        unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), block) }
    }

    #[inline(always)]
    unsafe fn encrypt(block: __m128i, key: __m128i) -> __m128i {
        // SAFETY: passed on to the caller.
        unsafe { _mm_aesenc_si128(block, key) }
    }

    #[inline(always)]
    unsafe fn decrypt(block: __m128i, key: __m128i) -> __m128i {
        // SAFETY: passed on to the caller.
        unsafe { _mm_aesdec_si128(block, key) }
    }

    #[inline(always)]
    unsafe fn prefetch(lines: &[u8], ahead: usize) {
        // SAFETY: a hint, it never faults, whatever the address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(lines.as_ptr().wrapping_add(ahead).cast()) }
    }
}
