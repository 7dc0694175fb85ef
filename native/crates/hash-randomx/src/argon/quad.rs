//! Four 64-bit words that go through Argon2's mixing side by side.

/// # Safety
/// The methods may only be called where the processor has the implementation's instructions.
pub unsafe trait Quad: Copy {
    /// # Safety
    /// Four readable words.
    unsafe fn load(words: *const u64) -> Self;
    /// # Safety
    /// Four writable words.
    unsafe fn store(self, words: *mut u64);
    unsafe fn xor(self, other: Self) -> Self;
    /// a + b + 2 * low(a) * low(b): the multiplying addition that Argon2 puts into Blake2b's rounds.
    unsafe fn add_multiply(self, other: Self) -> Self;
    unsafe fn rotate_right_32(self) -> Self;
    unsafe fn rotate_right_24(self) -> Self;
    unsafe fn rotate_right_16(self) -> Self;
    unsafe fn rotate_right_63(self) -> Self;
    /// Word i takes the place of word i - 1, 2 or 3.
    unsafe fn turn_1(self) -> Self;
    unsafe fn turn_2(self) -> Self;
    unsafe fn turn_3(self) -> Self;
    /// The low halves of both, and the high halves. Done twice it changes nothing.
    unsafe fn regroup(self, other: Self) -> (Self, Self);
    /// Asks for a block of 1 KiB that will be read soon, if there is a way to.
    unsafe fn prefetch(block: *const u8);
}

// SAFETY: plain code, runs anywhere.
unsafe impl Quad for [u64; 4] {
    #[inline(always)]
    unsafe fn load(words: *const u64) -> Self {
        // SAFETY: four readable words, by contract; an array of words has their alignment.
        unsafe { words.cast::<Self>().read() }
    }

    #[inline(always)]
    unsafe fn store(self, words: *mut u64) {
        // SAFETY: four writable words, by contract.
        unsafe { words.cast::<Self>().write(self) }
    }

    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        core::array::from_fn(|i| self[i] ^ other[i])
    }

    #[inline(always)]
    unsafe fn add_multiply(self, other: Self) -> Self {
        let low = |word: u64| u64::from(word as u32);
        core::array::from_fn(|i| {
            let product = low(self[i]) * low(other[i]);
            self[i].wrapping_add(other[i]).wrapping_add(product << 1)
        })
    }

    #[inline(always)]
    unsafe fn rotate_right_32(self) -> Self {
        self.map(|word| word.rotate_right(32))
    }

    #[inline(always)]
    unsafe fn rotate_right_24(self) -> Self {
        self.map(|word| word.rotate_right(24))
    }

    #[inline(always)]
    unsafe fn rotate_right_16(self) -> Self {
        self.map(|word| word.rotate_right(16))
    }

    #[inline(always)]
    unsafe fn rotate_right_63(self) -> Self {
        self.map(|word| word.rotate_right(63))
    }

    #[inline(always)]
    unsafe fn turn_1(self) -> Self {
        [self[1], self[2], self[3], self[0]]
    }

    #[inline(always)]
    unsafe fn turn_2(self) -> Self {
        [self[2], self[3], self[0], self[1]]
    }

    #[inline(always)]
    unsafe fn turn_3(self) -> Self {
        [self[3], self[0], self[1], self[2]]
    }

    #[inline(always)]
    unsafe fn regroup(self, other: Self) -> (Self, Self) {
        ([self[0], self[1], other[0], other[1]], [self[2], self[3], other[2], other[3]])
    }

    #[inline(always)]
    unsafe fn prefetch(_block: *const u8) {
        // No portable way.
    }
}

#[cfg(target_arch = "x86_64")]
pub use x86::{Avx2, Avx512};

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::{
        __m256i, _MM_HINT_T0, _mm_prefetch, _mm256_add_epi64, _mm256_loadu_si256, _mm256_mul_epu32,
        _mm256_or_si256, _mm256_permute2x128_si256, _mm256_permute4x64_epi64, _mm256_ror_epi64,
        _mm256_set_epi64x, _mm256_shuffle_epi8, _mm256_shuffle_epi32, _mm256_srli_epi64, _mm256_storeu_si256,
        _mm256_xor_si256,
    };

    use super::Quad;

    /// For `shuffle_epi8`: rotates each word right by whole bytes, 3 and 2 of them.
    const BY_3_BYTES: (i64, i64) = (0x0201_0007_0605_0403, 0x0a09_080f_0e0d_0c0b);
    const BY_2_BYTES: (i64, i64) = (0x0100_0706_0504_0302, 0x0908_0f0e_0d0c_0b0a);

    /// Quads in one register, with the given rotations.
    macro_rules! register_quad {
        (
            $(#[$about:meta])* $quad:ident,
            $rotate_32:expr, $rotate_24:expr, $rotate_16:expr, $rotate_63:expr
        ) => {
            $(#[$about])*
            #[derive(Clone, Copy)]
            pub struct $quad(__m256i);

            // SAFETY: each method needs the instruction set of the type's name, which is what the trait asks
            // its caller for; `load` and `store` touch four words.
            unsafe impl Quad for $quad {
                #[inline(always)]
                unsafe fn load(words: *const u64) -> Self {
                    // SAFETY: as above; the same holds for all methods.
                    Self(unsafe { _mm256_loadu_si256(words.cast()) })
                }

                #[inline(always)]
                unsafe fn store(self, words: *mut u64) {
                    // SAFETY: as above.
                    unsafe { _mm256_storeu_si256(words.cast(), self.0) }
                }

                #[inline(always)]
                unsafe fn xor(self, other: Self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { _mm256_xor_si256(self.0, other.0) })
                }

                #[inline(always)]
                unsafe fn add_multiply(self, other: Self) -> Self {
                    // SAFETY: as above.
                    unsafe {
                        let product = _mm256_mul_epu32(self.0, other.0);
                        let sum = _mm256_add_epi64(self.0, other.0);
                        Self(_mm256_add_epi64(sum, _mm256_add_epi64(product, product)))
                    }
                }

                #[inline(always)]
                unsafe fn rotate_right_32(self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $rotate_32(self.0) })
                }

                #[inline(always)]
                unsafe fn rotate_right_24(self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $rotate_24(self.0) })
                }

                #[inline(always)]
                unsafe fn rotate_right_16(self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $rotate_16(self.0) })
                }

                #[inline(always)]
                unsafe fn rotate_right_63(self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { $rotate_63(self.0) })
                }

                #[inline(always)]
                unsafe fn turn_1(self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { _mm256_permute4x64_epi64::<0b00_11_10_01>(self.0) })
                }

                #[inline(always)]
                unsafe fn turn_2(self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { _mm256_permute4x64_epi64::<0b01_00_11_10>(self.0) })
                }

                #[inline(always)]
                unsafe fn turn_3(self) -> Self {
                    // SAFETY: as above.
                    Self(unsafe { _mm256_permute4x64_epi64::<0b10_01_00_11>(self.0) })
                }

                #[inline(always)]
                unsafe fn regroup(self, other: Self) -> (Self, Self) {
                    // SAFETY: as above.
                    unsafe {
                        (
                            Self(_mm256_permute2x128_si256::<0x20>(self.0, other.0)),
                            Self(_mm256_permute2x128_si256::<0x31>(self.0, other.0)),
                        )
                    }
                }

                #[inline(always)]
                unsafe fn prefetch(block: *const u8) {
                    for line in 0..16 {
                        // SAFETY: a hint, valid for any address.
                        unsafe { _mm_prefetch::<_MM_HINT_T0>(block.wrapping_add(64 * line).cast()) }
                    }
                }
            }
        };
    }

    register_quad!(
        /// AVX2, rotations as shuffles where they are whole bytes.
        Avx2,
        |word| _mm256_shuffle_epi32::<0b10_11_00_01>(word),
        |word| _mm256_shuffle_epi8(word, _mm256_set_epi64x(BY_3_BYTES.1, BY_3_BYTES.0, BY_3_BYTES.1, BY_3_BYTES.0)),
        |word| _mm256_shuffle_epi8(word, _mm256_set_epi64x(BY_2_BYTES.1, BY_2_BYTES.0, BY_2_BYTES.1, BY_2_BYTES.0)),
        |word| _mm256_or_si256(_mm256_srli_epi64::<63>(word), _mm256_add_epi64(word, word))
    );
    register_quad!(
        /// AVX-512VL: rotations as instructions, and twice the registers.
        Avx512,
        |word| _mm256_ror_epi64::<32>(word),
        |word| _mm256_ror_epi64::<24>(word),
        |word| _mm256_ror_epi64::<16>(word),
        |word| _mm256_ror_epi64::<63>(word)
    );
}
