//! [`Diagonals`] of one hash in NEON vectors.

use core::arch::aarch64::*;

use crate::salsa::{Diagonals, Half, Turning, double_round};

// SAFETY: element-wise instructions and shuffles within a vector, which is one hash.
unsafe impl Diagonals for uint32x4_t {
    const HASHES: usize = 1;
    type Words = [u32; 1];
    const REREADS_ROWS: bool = false;

    #[inline(always)]
    unsafe fn load(words: *const u32) -> Self {
        // SAFETY: four words are valid there (trait).
        unsafe { vld1q_u32(words) }
    }
    #[inline(always)]
    unsafe fn store(self, words: *mut u32) {
        // SAFETY: four words are valid there (trait).
        unsafe { vst1q_u32(words, self) }
    }
    #[inline(always)]
    unsafe fn write_rows(halves: [Half<Self>; 2], rows: *mut u32) {
        // SAFETY: a row is two halves, aligned (trait).
        unsafe { rows.cast::<[Half<Self>; 2]>().write(halves) }
    }
    #[inline(always)]
    unsafe fn read_rows(table: *const u32, [offset]: [u32; 1]) -> [Half<Self>; 2] {
        // SAFETY: a row was written there, aligned (trait).
        unsafe { table.add(offset as usize).cast::<[Half<Self>; 2]>().read() }
    }
    #[inline(always)]
    unsafe fn first_words(self) -> [u32; 1] {
        // SAFETY: NEON is the caller's condition (trait).
        [unsafe { vgetq_lane_u32::<0>(self) }]
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
    unsafe fn double_round<const GROUPS: usize>(groups: &mut [Half<Self>; GROUPS]) {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { double_round(groups) }
    }
}

// SAFETY: as above.
unsafe impl Turning for uint32x4_t {
    #[inline(always)]
    unsafe fn xor_rotated<const L: i32, const R: i32>(self, sum: Self) -> Self {
        // Shift right and insert: one instruction less than two shifts and an or.
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { self.xor(vsriq_n_u32::<R>(vshlq_n_u32::<L>(sum), sum)) }
    }
    #[inline(always)]
    unsafe fn turn_up(self) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vextq_u32::<3>(self, self) }
    }
    #[inline(always)]
    unsafe fn turn_half(self) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vextq_u32::<2>(self, self) }
    }
    #[inline(always)]
    unsafe fn turn_down(self) -> Self {
        // SAFETY: NEON is the caller's condition (trait).
        unsafe { vextq_u32::<1>(self, self) }
    }
}
