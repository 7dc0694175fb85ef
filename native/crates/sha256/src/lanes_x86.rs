//! [`Lanes`] of four, eight and sixteen words in SSE2, AVX2 and AVX-512 vectors.

use core::arch::{asm, x86_64::*};

use crate::lanes::Lanes;

/// `Lanes` for an x86 vector type: the names of the plain intrinsics differ, the rest is written out.
macro_rules! x86_lanes {
    (
        $vector:ty, $count:literal, $register:ident, $feature:literal,
        $splat:ident, $load:ident, $store:ident, $add:ident, $xor:ident, $and:ident;
        $($rest:item)*
    ) => {
        // SAFETY: element-wise instructions on 32-bit lanes.
        unsafe impl Lanes for $vector {
            const COUNT: usize = $count;
            type Words = [u32; $count];

            #[inline(always)]
            unsafe fn splat(word: u32) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe { $splat(word as i32) }
            }
            #[inline(always)]
            unsafe fn load(words: &[u32; $count]) -> Self {
                // SAFETY: as above; the array has exactly the vector's size, the load is unaligned.
                unsafe { $load(words.as_ptr().cast()) }
            }
            #[inline(always)]
            unsafe fn store(self) -> [u32; $count] {
                let mut words = [0; $count];
                // SAFETY: as above; the array has exactly the vector's size, the store is unaligned.
                unsafe { $store(words.as_mut_ptr().cast(), self) };
                words
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
            #[inline(always)]
            unsafe fn and(self, other: Self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe { $and(self, other) }
            }
            #[inline(always)]
            unsafe fn in_step(words: [Self; 3]) -> [Self; 3] {
                #[inline]
                #[target_feature(enable = $feature)]
                fn run([mut a, mut b, mut c]: [$vector; 3]) -> [$vector; 3] {
                    // SAFETY: no instruction, the operands stay as they are.
                    unsafe {
                        asm!("/* {0} {1} {2} */", inout($register) a, inout($register) b, inout($register) c,
                            options(pure, nomem, nostack, preserves_flags));
                    }
                    [a, b, c]
                }
                // Miri has no assembly.
                // SAFETY: the instruction set is the caller's condition (trait).
                if cfg!(miri) { words } else { unsafe { run(words) } }
            }
            $($rest)*
        }
    };
}

x86_lanes! {
    __m128i, 4, xmm_reg, "sse2",
    _mm_set1_epi32, _mm_loadu_si128, _mm_storeu_si128, _mm_add_epi32, _mm_xor_si128, _mm_and_si128;

    #[inline(always)]
    unsafe fn shift_right<const R: i32>(self) -> Self {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm_srli_epi32::<R>(self) }
    }
    #[inline(always)]
    unsafe fn rotate_right<const R: i32, const L: i32>(self) -> Self {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm_or_si128(_mm_srli_epi32::<R>(self), _mm_slli_epi32::<L>(self)) }
    }
    #[inline(always)]
    unsafe fn lanes_clear_of(self, mask: Self) -> u32 {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe {
            let clear = _mm_cmpeq_epi32(_mm_and_si128(self, mask), _mm_setzero_si128());
            _mm_movemask_ps(_mm_castsi128_ps(clear)) as u32
        }
    }
}

x86_lanes! {
    __m256i, 8, ymm_reg, "avx2",
    _mm256_set1_epi32, _mm256_loadu_si256, _mm256_storeu_si256, _mm256_add_epi32, _mm256_xor_si256,
    _mm256_and_si256;

    #[inline(always)]
    unsafe fn shift_right<const R: i32>(self) -> Self {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm256_srli_epi32::<R>(self) }
    }
    #[inline(always)]
    unsafe fn rotate_right<const R: i32, const L: i32>(self) -> Self {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm256_or_si256(_mm256_srli_epi32::<R>(self), _mm256_slli_epi32::<L>(self)) }
    }
    #[inline(always)]
    unsafe fn lanes_clear_of(self, mask: Self) -> u32 {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe {
            let clear = _mm256_cmpeq_epi32(_mm256_and_si256(self, mask), _mm256_setzero_si256());
            _mm256_movemask_ps(_mm256_castsi256_ps(clear)) as u32
        }
    }
}

// The 8-bit truth tables of three-input logic: bit (a << 2 | b << 1 | c) of the table is the result.
const XOR3: i32 = 0x96;
const CHOOSE: i32 = 0xca;
const MAJORITY: i32 = 0xe8;

x86_lanes! {
    __m512i, 16, zmm_reg, "avx512f",
    _mm512_set1_epi32, _mm512_loadu_si512, _mm512_storeu_si512, _mm512_add_epi32, _mm512_xor_si512,
    _mm512_and_si512;

    #[inline(always)]
    unsafe fn shift_right<const R: i32>(self) -> Self {
        // The immediate form wants another constant type; a constant count compiles to the same instruction.
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm512_srl_epi32(self, _mm_cvtsi32_si128(R)) }
    }
    #[inline(always)]
    unsafe fn rotate_right<const R: i32, const L: i32>(self) -> Self {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm512_ror_epi32::<R>(self) }
    }
    #[inline(always)]
    unsafe fn lanes_clear_of(self, mask: Self) -> u32 {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { u32::from(_mm512_testn_epi32_mask(self, mask)) }
    }
    #[inline(always)]
    unsafe fn xor3(self, b: Self, c: Self) -> Self {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm512_ternarylogic_epi32::<XOR3>(self, b, c) }
    }
    #[inline(always)]
    unsafe fn choose(self, f: Self, g: Self) -> Self {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm512_ternarylogic_epi32::<CHOOSE>(self, f, g) }
    }
    #[inline(always)]
    unsafe fn majority(self, b: Self, c: Self, _ab: Self, _bc: Self) -> Self {
        // SAFETY: the instruction set is the caller's condition (trait).
        unsafe { _mm512_ternarylogic_epi32::<MAJORITY>(self, b, c) }
    }
}
