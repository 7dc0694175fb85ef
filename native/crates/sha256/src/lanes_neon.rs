//! [`Lanes`] of four words in NEON vectors.

use core::arch::{aarch64::*, asm};

use crate::lanes::Lanes;

// SAFETY: element-wise instructions on 32-bit lanes.
unsafe impl Lanes for uint32x4_t {
    const COUNT: usize = 4;
    type Words = [u32; 4];

    #[inline(always)]
    unsafe fn splat(word: u32) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vdupq_n_u32(word) }
    }
    #[inline(always)]
    unsafe fn load(words: &[u32; 4]) -> Self {
        // SAFETY: NEON is the caller's condition (trait); the array has exactly the vector's size.
        unsafe { vld1q_u32(words.as_ptr()) }
    }
    #[inline(always)]
    unsafe fn store(self) -> [u32; 4] {
        let mut words = [0; 4];
        // SAFETY: as for `load`.
        unsafe { vst1q_u32(words.as_mut_ptr(), self) };
        words
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vaddq_u32(self, other) }
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { veorq_u32(self, other) }
    }
    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vandq_u32(self, other) }
    }
    #[inline(always)]
    unsafe fn shift_right<const R: i32>(self) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vshrq_n_u32::<R>(self) }
    }
    #[inline(always)]
    unsafe fn rotate_right<const R: i32, const L: i32>(self) -> Self {
        // Shift right and insert: one instruction less than two shifts and an or.
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vsriq_n_u32::<R>(vshlq_n_u32::<L>(self), self) }
    }
    #[inline(always)]
    unsafe fn lanes_clear_of(self, mask: Self) -> u32 {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe {
            let clear = vmvnq_u32(vtstq_u32(self, mask));
            vaddvq_u32(vandq_u32(clear, vld1q_u32([1, 2, 4, 8].as_ptr())))
        }
    }
    #[inline(always)]
    unsafe fn in_step([mut a, mut b, mut c]: [Self; 3]) -> [Self; 3] {
        // SAFETY: no instruction, the operands stay as they are.
        unsafe {
            asm!("/* {0:v} {1:v} {2:v} */", inout(vreg) a, inout(vreg) b, inout(vreg) c,
                options(pure, nomem, nostack, preserves_flags));
        }
        [a, b, c]
    }
    #[inline(always)]
    unsafe fn choose(self, f: Self, g: Self) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vbslq_u32(self, f, g) }
    }
    #[inline(always)]
    unsafe fn majority(self, b: Self, c: Self, ab: Self, _bc: Self) -> Self {
        // Where a and b differ c decides, else b is what both are.
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vbslq_u32(ab, c, b) }
    }
}
