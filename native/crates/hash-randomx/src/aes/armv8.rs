//! The rounds with the ARMv8 cryptography extension, which adds the key before the other steps instead of
//! after them: the key there is zero and ours is XORed afterwards.

use core::arch::aarch64::{
    uint8x16_t, vaesdq_u8, vaeseq_u8, vaesimcq_u8, vaesmcq_u8, vdupq_n_u8, veorq_u8, vld1q_u8, vst1q_u8,
};

use super::{Aes, Rounds, aes_of};

pub const AES: Aes = aes_of!("armv8-aes", Armv8, "aes");

struct Armv8;

// SAFETY: each method needs the AES extension at most, which is what the trait asks its caller for.
unsafe impl Rounds for Armv8 {
    type Block = uint8x16_t;

    #[inline(always)]
    unsafe fn load(bytes: &[u8; 16]) -> uint8x16_t {
        // SAFETY: 16 readable bytes.
        unsafe { vld1q_u8(bytes.as_ptr()) }
    }

    #[inline(always)]
    unsafe fn store(block: uint8x16_t, bytes: &mut [u8; 16]) {
        // SAFETY: 16 writable bytes.
        unsafe { vst1q_u8(bytes.as_mut_ptr(), block) }
    }

    #[inline]
    #[target_feature(enable = "aes")]
    unsafe fn encrypt(block: uint8x16_t, key: uint8x16_t) -> uint8x16_t {
        veorq_u8(vaesmcq_u8(vaeseq_u8(block, vdupq_n_u8(0))), key)
    }

    #[inline]
    #[target_feature(enable = "aes")]
    unsafe fn decrypt(block: uint8x16_t, key: uint8x16_t) -> uint8x16_t {
        veorq_u8(vaesimcq_u8(vaesdq_u8(block, vdupq_n_u8(0))), key)
    }

    #[inline(always)]
    unsafe fn prefetch(_lines: &[u8], _ahead: usize) {
        // There is no stable hint; the hardware follows the two sequential streams by itself.
    }
}
