//! [`Diagonals`] of one, two and four hashes in SSE2, AVX2 and AVX-512 vectors.

use core::arch::x86_64::*;

use crate::rounds_x86::{GROUPS_IN_STEP, double_round_avx2, double_round_avx512};
use crate::salsa::{Diagonals, Half, ROW, Turning, double_round};

/// The methods that only differ in the names of intrinsics, and whatever else is given.
macro_rules! diagonals {
    (
        $vector:ty, $hashes:literal, $load:ident, $store:ident, $add:ident, $xor:ident;
        $($rest:item)*
    ) => {
        // SAFETY: element-wise instructions and shuffles within 128 bits, which is one hash.
        unsafe impl Diagonals for $vector {
            const HASHES: usize = $hashes;
            type Words = [u32; $hashes];

            #[inline(always)]
            unsafe fn load(words: *const u32) -> Self {
                // SAFETY: the vector's words are valid there (trait), the load is unaligned.
                unsafe { $load(words.cast()) }
            }
            #[inline(always)]
            unsafe fn store(self, words: *mut u32) {
                // SAFETY: the vector's words are valid there (trait), the store is unaligned.
                unsafe { $store(words.cast(), self) }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn xor(self, other: Self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe { $xor(self, other) }
            }
            $($rest)*
        }
    };
}

diagonals! {
    __m128i, 1, _mm_loadu_si128, _mm_storeu_si128, _mm_add_epi32, _mm_xor_si128;

    const REREADS_ROWS: bool = false;

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
        // SAFETY: SSE2 is the caller's condition (trait).
        [unsafe { _mm_cvtsi128_si32(self) } as u32]
    }
    #[inline(always)]
    unsafe fn double_round<const GROUPS: usize>(groups: &mut [Half<Self>; GROUPS]) {
        // SAFETY: SSE2 is the caller's condition (trait).
        unsafe { double_round(groups) }
    }
}

// SAFETY: as above.
unsafe impl Turning for __m128i {
    #[inline(always)]
    unsafe fn xor_rotated<const L: i32, const R: i32>(self, sum: Self) -> Self {
        // SAFETY: SSE2 is the caller's condition (trait).
        unsafe { self.xor(_mm_slli_epi32::<L>(sum)).xor(_mm_srli_epi32::<R>(sum)) }
    }
    #[inline(always)]
    unsafe fn turn_up(self) -> Self {
        // SAFETY: SSE2 is the caller's condition (trait).
        unsafe { _mm_shuffle_epi32::<0b10_01_00_11>(self) }
    }
    #[inline(always)]
    unsafe fn turn_half(self) -> Self {
        // SAFETY: SSE2 is the caller's condition (trait).
        unsafe { _mm_shuffle_epi32::<0b01_00_11_10>(self) }
    }
    #[inline(always)]
    unsafe fn turn_down(self) -> Self {
        // SAFETY: SSE2 is the caller's condition (trait).
        unsafe { _mm_shuffle_epi32::<0b00_11_10_01>(self) }
    }
}

diagonals! {
    __m256i, 2, _mm256_loadu_si256, _mm256_storeu_si256, _mm256_add_epi32, _mm256_xor_si256;

    const REREADS_ROWS: bool = true;

    /// Whole vectors, so that the rows of the two hashes alternate every four words: bringing their halves
    /// together would cost more than reading two more cache lines does.
    #[inline(always)]
    unsafe fn write_rows(halves: [Half<Self>; 2], rows: *mut u32) {
        // SAFETY: two rows are two halves of two hashes, aligned (trait).
        unsafe { rows.cast::<[Half<Self>; 2]>().write(halves) }
    }
    #[inline(always)]
    unsafe fn read_rows(table: *const u32, [a, b]: [u32; 2]) -> [Half<Self>; 2] {
        // SAFETY: eight vectors were written at both offsets, aligned; the first hash has their lower halves.
        unsafe {
            let (a, b) = (table.add(a as usize), table.add(b as usize + 4));
            let mut halves = [[_mm256_setzero_si256(); 4]; 2];
            for (at, diagonal) in halves.as_flattened_mut().iter_mut().enumerate() {
                let lower = _mm256_castsi128_si256(_mm_load_si128(a.add(8 * at).cast()));
                *diagonal = _mm256_inserti128_si256::<1>(lower, _mm_load_si128(b.add(8 * at).cast()));
            }
            halves
        }
    }
    #[inline(always)]
    unsafe fn first_words(self) -> [u32; 2] {
        // SAFETY: AVX2 is the caller's condition (trait).
        unsafe {
            let upper = _mm256_extracti128_si256::<1>(self);
            [_mm256_castsi256_si128(self), upper].map(|half| _mm_cvtsi128_si32(half) as u32)
        }
    }
    #[inline(always)]
    unsafe fn double_round<const GROUPS: usize>(groups: &mut [Half<Self>; GROUPS]) {
        const { assert!(GROUPS == GROUPS_IN_STEP) };
        for groups in groups.as_chunks_mut().0 {
            // SAFETY: AVX2 is the caller's condition (trait).
            unsafe { double_round_avx2(groups) }
        }
    }
}

diagonals! {
    __m512i, 4, _mm512_loadu_si512, _mm512_storeu_si512, _mm512_add_epi32, _mm512_xor_si512;

    const REREADS_ROWS: bool = false;

    /// Each hash has a row of its own, two vectors long: reading one takes two cache lines instead of eight.
    #[inline(always)]
    unsafe fn write_rows(halves: [Half<Self>; 2], rows: *mut u32) {
        // SAFETY: four rows are two halves of four hashes, aligned (trait).
        unsafe {
            let [first, second] = [transpose(halves[0]), transpose(halves[1])];
            for (hash, row) in first.into_iter().zip(second).enumerate() {
                rows.add(hash * ROW).cast::<[Self; 2]>().write(row.into());
            }
        }
    }
    #[inline(always)]
    unsafe fn read_rows(table: *const u32, offsets: [u32; 4]) -> [Half<Self>; 2] {
        // SAFETY: four rows were written at each offset, aligned; hash i has row i of them.
        unsafe {
            let mut halves = [[_mm512_setzero_si512(); 4]; 2];
            for (hash, offset) in offsets.into_iter().enumerate() {
                let row = table.add(offset as usize + hash * ROW).cast::<[Self; 2]>().read();
                [halves[0][hash], halves[1][hash]] = row;
            }
            [transpose(halves[0]), transpose(halves[1])]
        }
    }
    #[inline(always)]
    unsafe fn first_words(self) -> [u32; 4] {
        // SAFETY: AVX-512 is the caller's condition (trait).
        unsafe {
            let parts = [
                _mm512_castsi512_si128(self),
                _mm512_extracti32x4_epi32::<1>(self),
                _mm512_extracti32x4_epi32::<2>(self),
                _mm512_extracti32x4_epi32::<3>(self),
            ];
            parts.map(|part| _mm_cvtsi128_si32(part) as u32)
        }
    }
    #[inline(always)]
    unsafe fn double_round<const GROUPS: usize>(groups: &mut [Half<Self>; GROUPS]) {
        const { assert!(GROUPS == GROUPS_IN_STEP) };
        for groups in groups.as_chunks_mut().0 {
            // SAFETY: AVX-512 is the caller's condition (trait).
            unsafe { double_round_avx512(groups) }
        }
    }
}

/// Exchanges rows and columns of a 4x4 matrix of 128-bit parts.
///
/// # Safety
/// AVX-512F.
#[inline(always)]
unsafe fn transpose([a, b, c, d]: Half<__m512i>) -> Half<__m512i> {
    // SAFETY: AVX-512 is the caller's condition.
    unsafe {
        let low_ab = _mm512_shuffle_i32x4::<0b01_00_01_00>(a, b);
        let high_ab = _mm512_shuffle_i32x4::<0b11_10_11_10>(a, b);
        let low_cd = _mm512_shuffle_i32x4::<0b01_00_01_00>(c, d);
        let high_cd = _mm512_shuffle_i32x4::<0b11_10_11_10>(c, d);
        [
            _mm512_shuffle_i32x4::<0b10_00_10_00>(low_ab, low_cd),
            _mm512_shuffle_i32x4::<0b11_01_11_01>(low_ab, low_cd),
            _mm512_shuffle_i32x4::<0b10_00_10_00>(high_ab, high_cd),
            _mm512_shuffle_i32x4::<0b11_01_11_01>(high_ab, high_cd),
        ]
    }
}
