//! Vectors that hold one diagonal of salsa's 4x4 matrix for each of several hashes.
//!
//! With the four diagonals in four vectors a column round needs no data movement, and turning three of them
//! makes it a row round. A 128-bit vector serves one hash, wider ones several side by side.

#[cfg(target_arch = "x86_64")]
use core::arch::{asm, x86_64::*};

/// Where diagonal order takes its words from: word i of a 16-word block is word `DIAGONAL[i]` of the standard.
pub const DIAGONAL: [usize; 16] = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

/// Words of one hash in a row of scratch memory: the whole 128-byte block.
pub const ROW: usize = 32;

/// # Safety
/// Implementations must treat hashes independently and stay within the words stated. Every method may only be
/// called where the implementation's instruction set is available; kernels are `#[inline(always)]` into
/// functions with that `target_feature`.
#[allow(clippy::missing_safety_doc, reason = "the conditions are stated on the trait and the exceptions")]
pub unsafe trait Diagonals: Copy {
    /// Hashes in a vector.
    const HASHES: usize;
    /// One word per hash.
    type Words: Copy + Default + AsMut<[u32]>;

    /// Four words of each hash, those of hash i at `base + offsets[i]`, which is valid and 16-byte aligned.
    unsafe fn gather(base: *const u32, offsets: Self::Words) -> Self;
    /// The inverse, hash i to `base + i * ROW`.
    unsafe fn scatter(self, base: *mut u32);
    /// The first word of each hash.
    unsafe fn first_words(self) -> Self::Words;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn xor(self, other: Self) -> Self;
    /// self ^ rotate_left(sum, L); `R` is 32 - `L`.
    unsafe fn xor_rotated<const L: i32, const R: i32>(self, sum: Self) -> Self;
    /// Word i of each hash becomes word i - 1, i + 2 or i + 1 (modulo 4).
    unsafe fn turn_up(self) -> Self;
    unsafe fn turn_half(self) -> Self;
    unsafe fn turn_down(self) -> Self;
    /// Returns both unchanged, but only after both are computed. Without it the compiler puts the work on one
    /// group after that on the other, too far apart for the processor to overlap them (measured: 15 % of the
    /// AVX-512 rate).
    unsafe fn in_step(a: Self, b: Self) -> (Self, Self);
}

// SAFETY: plain integer code; the memory conditions are the trait's.
unsafe impl Diagonals for [u32; 4] {
    const HASHES: usize = 1;
    type Words = [u32; 1];

    #[inline(always)]
    unsafe fn gather(base: *const u32, [offset]: [u32; 1]) -> Self {
        // SAFETY: four words are valid there (trait).
        unsafe { base.add(offset as usize).cast::<Self>().read() }
    }
    #[inline(always)]
    unsafe fn scatter(self, base: *mut u32) {
        // SAFETY: four words are valid there (trait).
        unsafe { base.cast::<Self>().write(self) }
    }
    #[inline(always)]
    unsafe fn first_words(self) -> [u32; 1] {
        [self[0]]
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        core::array::from_fn(|i| self[i].wrapping_add(other[i]))
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        core::array::from_fn(|i| self[i] ^ other[i])
    }
    #[inline(always)]
    unsafe fn xor_rotated<const L: i32, const R: i32>(self, sum: Self) -> Self {
        core::array::from_fn(|i| self[i] ^ sum[i].rotate_left(L as u32))
    }
    #[inline(always)]
    unsafe fn turn_up(self) -> Self {
        [self[3], self[0], self[1], self[2]]
    }
    #[inline(always)]
    unsafe fn turn_half(self) -> Self {
        [self[2], self[3], self[0], self[1]]
    }
    #[inline(always)]
    unsafe fn turn_down(self) -> Self {
        [self[1], self[2], self[3], self[0]]
    }
    #[inline(always)]
    unsafe fn in_step(a: Self, b: Self) -> (Self, Self) {
        (a, b)
    }
}

/// The arithmetic that only differs in the names of intrinsics, and whatever else is given.
#[cfg(target_arch = "x86_64")]
macro_rules! x86_diagonals {
    ($vector:ty, $register:ident, $feature:literal, $hashes:literal, $add:ident, $xor:ident, $shuffle:ident; $($rest:item)*) => {
        // SAFETY: element-wise instructions and shuffles within 128 bits, which is one hash.
        unsafe impl Diagonals for $vector {
            const HASHES: usize = $hashes;
            type Words = [u32; $hashes];

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
            #[inline(always)]
            unsafe fn turn_up(self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe { $shuffle::<0b10_01_00_11>(self) }
            }
            #[inline(always)]
            unsafe fn turn_half(self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe { $shuffle::<0b01_00_11_10>(self) }
            }
            #[inline(always)]
            unsafe fn turn_down(self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe { $shuffle::<0b00_11_10_01>(self) }
            }
            #[inline(always)]
            unsafe fn in_step(a: Self, b: Self) -> (Self, Self) {
                #[inline]
                #[target_feature(enable = $feature)]
                fn run(mut a: $vector, mut b: $vector) -> ($vector, $vector) {
                    // SAFETY: no instruction, the operands stay as they are.
                    unsafe {
                        asm!("/* {0} {1} */", inout($register) a, inout($register) b,
                            options(pure, nomem, nostack, preserves_flags));
                    }
                    (a, b)
                }
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe { run(a, b) }
            }
            $($rest)*
        }
    };
}

#[cfg(target_arch = "x86_64")]
x86_diagonals! {
    __m128i, xmm_reg, "sse2", 1, _mm_add_epi32, _mm_xor_si128, _mm_shuffle_epi32;

    #[inline(always)]
    unsafe fn gather(base: *const u32, [offset]: [u32; 1]) -> Self {
        // SAFETY: four aligned words are valid there (trait).
        unsafe { _mm_load_si128(base.add(offset as usize).cast()) }
    }
    #[inline(always)]
    unsafe fn scatter(self, base: *mut u32) {
        // SAFETY: four aligned words are valid there (trait).
        unsafe { _mm_store_si128(base.cast(), self) }
    }
    #[inline(always)]
    unsafe fn first_words(self) -> [u32; 1] {
        // SAFETY: SSE2 is the caller's condition (trait).
        [unsafe { _mm_cvtsi128_si32(self) } as u32]
    }
    #[inline(always)]
    unsafe fn xor_rotated<const L: i32, const R: i32>(self, sum: Self) -> Self {
        // SAFETY: SSE2 is the caller's condition (trait).
        unsafe { self.xor(_mm_slli_epi32::<L>(sum)).xor(_mm_srli_epi32::<R>(sum)) }
    }
}

#[cfg(target_arch = "x86_64")]
x86_diagonals! {
    __m256i, ymm_reg, "avx2", 2, _mm256_add_epi32, _mm256_xor_si256, _mm256_shuffle_epi32;

    #[inline(always)]
    unsafe fn gather(base: *const u32, [a, b]: [u32; 2]) -> Self {
        // SAFETY: four aligned words are valid at both offsets (trait).
        unsafe {
            let low = _mm_load_si128(base.add(a as usize).cast());
            let high = _mm_load_si128(base.add(b as usize).cast());
            _mm256_inserti128_si256::<1>(_mm256_castsi128_si256(low), high)
        }
    }
    #[inline(always)]
    unsafe fn scatter(self, base: *mut u32) {
        // SAFETY: four aligned words are valid in both rows (trait).
        unsafe {
            _mm_store_si128(base.cast(), _mm256_castsi256_si128(self));
            _mm_store_si128(base.add(ROW).cast(), _mm256_extracti128_si256::<1>(self));
        }
    }
    #[inline(always)]
    unsafe fn first_words(self) -> [u32; 2] {
        // SAFETY: AVX2 is the caller's condition (trait).
        unsafe {
            let high = _mm256_extracti128_si256::<1>(self);
            [_mm256_castsi256_si128(self), high].map(|half| _mm_cvtsi128_si32(half) as u32)
        }
    }
    #[inline(always)]
    unsafe fn xor_rotated<const L: i32, const R: i32>(self, sum: Self) -> Self {
        // SAFETY: AVX2 is the caller's condition (trait).
        unsafe { self.xor(_mm256_slli_epi32::<L>(sum)).xor(_mm256_srli_epi32::<R>(sum)) }
    }
}

#[cfg(target_arch = "x86_64")]
x86_diagonals! {
    __m512i, zmm_reg, "avx512f", 4, _mm512_add_epi32, _mm512_xor_si512, _mm512_shuffle_epi32;

    #[inline(always)]
    unsafe fn gather(base: *const u32, [a, b, c, d]: [u32; 4]) -> Self {
        // SAFETY: four aligned words are valid at all offsets (trait).
        unsafe {
            let first = _mm512_castsi128_si512(_mm_load_si128(base.add(a as usize).cast()));
            let two = _mm512_inserti32x4::<1>(first, _mm_load_si128(base.add(b as usize).cast()));
            let three = _mm512_inserti32x4::<2>(two, _mm_load_si128(base.add(c as usize).cast()));
            _mm512_inserti32x4::<3>(three, _mm_load_si128(base.add(d as usize).cast()))
        }
    }
    #[inline(always)]
    unsafe fn scatter(self, base: *mut u32) {
        // SAFETY: four aligned words are valid in all rows (trait).
        unsafe {
            _mm_store_si128(base.cast(), _mm512_castsi512_si128(self));
            _mm_store_si128(base.add(ROW).cast(), _mm512_extracti32x4_epi32::<1>(self));
            _mm_store_si128(base.add(2 * ROW).cast(), _mm512_extracti32x4_epi32::<2>(self));
            _mm_store_si128(base.add(3 * ROW).cast(), _mm512_extracti32x4_epi32::<3>(self));
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
    unsafe fn xor_rotated<const L: i32, const R: i32>(self, sum: Self) -> Self {
        // SAFETY: AVX-512 is the caller's condition (trait).
        unsafe { self.xor(_mm512_rol_epi32::<L>(sum)) }
    }
}
