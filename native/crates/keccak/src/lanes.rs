//! Vectors of 64-bit or 32-bit words, one independent state per lane, behind one trait, so that the
//! permutation is written once and compiled per instruction set.

#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

/// A vector of `COUNT` words of `BITS` bits.
///
/// # Safety
/// Implementations must treat lanes independently and agree with the integer of that width lane by lane.
/// Every method may only be called where the implementation's instruction set is available; kernels are
/// `#[inline(always)]` into functions with the matching `target_feature`, which is what makes the methods
/// compile to single instructions.
#[allow(clippy::missing_safety_doc, reason = "the one condition is stated on the trait")]
pub unsafe trait Lanes: Copy {
    const BITS: u32;
    const COUNT: usize;
    /// One word per lane.
    type Words: Copy + AsRef<[Self::Word]> + AsMut<[Self::Word]>;
    type Word: Copy;

    /// The low `BITS` bits in every lane.
    unsafe fn splat(word: u64) -> Self;
    unsafe fn load(words: &Self::Words) -> Self;
    unsafe fn store(self) -> Self::Words;
    unsafe fn xor(self, other: Self) -> Self;
    /// `self` ^ (!`b` & `c`).
    unsafe fn chi(self, b: Self, c: Self) -> Self;
    /// `count` is below `BITS` and known when compiled: it becomes part of the instruction.
    unsafe fn rotate_left(self, count: u32) -> Self;

    #[inline(always)]
    unsafe fn xor3(self, b: Self, c: Self) -> Self {
        // SAFETY: the caller's condition is the same.
        unsafe { self.xor(b).xor(c) }
    }
}

macro_rules! integer_lanes {
    ($word:ty) => {
        // SAFETY: plain integer code, available everywhere.
        unsafe impl Lanes for $word {
            const BITS: u32 = <$word>::BITS;
            const COUNT: usize = 1;
            type Words = [$word; 1];
            type Word = $word;

            #[inline(always)]
            unsafe fn splat(word: u64) -> Self {
                word as $word
            }
            #[inline(always)]
            unsafe fn load(words: &[$word; 1]) -> Self {
                words[0]
            }
            #[inline(always)]
            unsafe fn store(self) -> [$word; 1] {
                [self]
            }
            #[inline(always)]
            unsafe fn xor(self, other: Self) -> Self {
                self ^ other
            }
            #[inline(always)]
            unsafe fn chi(self, b: Self, c: Self) -> Self {
                self ^ (!b & c)
            }
            #[inline(always)]
            unsafe fn rotate_left(self, count: u32) -> Self {
                <$word>::rotate_left(self, count)
            }
        }
    };
}
integer_lanes!(u64);
integer_lanes!(u32);

/// Four 64-bit words.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub struct Avx2x64(__m256i);
/// Eight 32-bit words.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub struct Avx2x32(__m256i);
/// Four 64-bit words with the instructions of AVX-512.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub struct Avx512VlX64(__m256i);
/// Eight 64-bit words.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub struct Avx512x64(__m512i);
/// Sixteen 32-bit words.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub struct Avx512x32(__m512i);

/// `Lanes` for an x86 vector type: the names of the plain intrinsics differ, the rest is written out.
#[cfg(target_arch = "x86_64")]
macro_rules! x86_lanes {
    ($vector:ident, $word:ty, $signed:ty, $count:literal, $splat:ident, $load:ident, $store:ident, $xor:ident;
     $($rest:item)*) => {
        // SAFETY: element-wise instructions on lanes of the word's width.
        unsafe impl Lanes for $vector {
            const BITS: u32 = <$word>::BITS;
            const COUNT: usize = $count;
            type Words = [$word; $count];
            type Word = $word;

            #[inline(always)]
            unsafe fn splat(word: u64) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                Self(unsafe { $splat(word as $signed) })
            }
            #[inline(always)]
            unsafe fn load(words: &[$word; $count]) -> Self {
                // SAFETY: as above; the array has exactly the vector's size, the load is unaligned.
                Self(unsafe { $load(words.as_ptr().cast()) })
            }
            #[inline(always)]
            unsafe fn store(self) -> [$word; $count] {
                let mut words = [0; $count];
                // SAFETY: as above; the array has exactly the vector's size, the store is unaligned.
                unsafe { $store(words.as_mut_ptr().cast(), self.0) };
                words
            }
            #[inline(always)]
            unsafe fn xor(self, other: Self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                Self(unsafe { $xor(self.0, other.0) })
            }
            $($rest)*
        }
    };
}

#[cfg(target_arch = "x86_64")]
macro_rules! avx2_lanes {
    ($vector:ident, $word:ty, $signed:ty, $count:literal, $splat:ident, $left:ident, $right:ident) => {
        x86_lanes! {
            $vector, $word, $signed, $count, $splat, _mm256_loadu_si256, _mm256_storeu_si256, _mm256_xor_si256;

            #[inline(always)]
            unsafe fn chi(self, b: Self, c: Self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                Self(unsafe { _mm256_xor_si256(self.0, _mm256_andnot_si256(b.0, c.0)) })
            }
            #[inline(always)]
            unsafe fn rotate_left(self, count: u32) -> Self {
                // The immediate forms want the other count as a constant of its own; constant counts in a
                // register compile to the same instructions.
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe {
                    let left = $left(self.0, _mm_cvtsi32_si128(count as i32));
                    let right = $right(self.0, _mm_cvtsi32_si128((Self::BITS - count) as i32));
                    Self(_mm256_or_si256(left, right))
                }
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
avx2_lanes!(Avx2x64, u64, i64, 4, _mm256_set1_epi64x, _mm256_sll_epi64, _mm256_srl_epi64);
#[cfg(target_arch = "x86_64")]
avx2_lanes!(Avx2x32, u32, i32, 8, _mm256_set1_epi32, _mm256_sll_epi32, _mm256_srl_epi32);

// The 8-bit truth tables of three-input logic: bit (a << 2 | b << 1 | c) of the table is the result.
#[cfg(target_arch = "x86_64")]
const XOR3: i32 = 0x96;
#[cfg(target_arch = "x86_64")]
const CHI: i32 = 0xd2;

#[cfg(target_arch = "x86_64")]
macro_rules! avx512_lanes {
    ($vector:ident, $word:ty, $signed:ty, $count:literal, $splat:ident, $rotate:ident;
     $load:ident, $store:ident, $xor:ident, $ternary_logic:ident) => {
        x86_lanes! {
            $vector, $word, $signed, $count, $splat, $load, $store, $xor;

            #[inline(always)]
            unsafe fn chi(self, b: Self, c: Self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                Self(unsafe { $ternary_logic::<CHI>(self.0, b.0, c.0) })
            }
            #[inline(always)]
            unsafe fn rotate_left(self, count: u32) -> Self {
                // A constant count in every lane compiles to the immediate form.
                // SAFETY: the instruction set is the caller's condition (trait).
                Self(unsafe { $rotate(self.0, $splat(count as $signed)) })
            }
            #[inline(always)]
            unsafe fn xor3(self, b: Self, c: Self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                Self(unsafe { $ternary_logic::<XOR3>(self.0, b.0, c.0) })
            }
        }
    };
}
#[cfg(target_arch = "x86_64")]
avx512_lanes!(
    Avx512x64, u64, i64, 8, _mm512_set1_epi64, _mm512_rolv_epi64;
    _mm512_loadu_si512, _mm512_storeu_si512, _mm512_xor_si512, _mm512_ternarylogic_epi64
);
#[cfg(target_arch = "x86_64")]
avx512_lanes!(
    Avx512x32, u32, i32, 16, _mm512_set1_epi32, _mm512_rolv_epi32;
    _mm512_loadu_si512, _mm512_storeu_si512, _mm512_xor_si512, _mm512_ternarylogic_epi32
);
#[cfg(target_arch = "x86_64")]
avx512_lanes!(
    Avx512VlX64, u64, i64, 4, _mm256_set1_epi64x, _mm256_rolv_epi64;
    _mm256_loadu_si256, _mm256_storeu_si256, _mm256_xor_si256, _mm256_ternarylogic_epi64
);
