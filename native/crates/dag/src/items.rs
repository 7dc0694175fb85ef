//! Vectors that hold 64 bytes of a cache, a dataset or a mix, and the one operation on them. Ethash mixes whole
//! items word by word, so an item is the vector: no lane ever needs another item's word.

#[cfg(target_arch = "aarch64")]
use core::arch::aarch64::*;
#[cfg(target_arch = "x86_64")]
use core::arch::x86_64::*;

/// 64 bytes as the words the algorithm counts in; in memory each word is little-endian only where the
/// processor is.
pub type Item512 = [u32; 16];

/// Starts at a cache line, so that no item in it lies across two.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Aligned<T>(pub T);

const FNV_PRIME: u32 = 0x0100_0193;

/// The FNV-1 step on one word.
#[inline(always)]
pub const fn fnv1(u: u32, v: u32) -> u32 {
    u.wrapping_mul(FNV_PRIME) ^ v
}

/// The same bytes as the 64-bit words that Keccak counts in.
#[inline(always)]
pub fn to_u64_words(item: &Item512) -> [u64; 8] {
    core::array::from_fn(|i| u64::from(item[2 * i]) | u64::from(item[2 * i + 1]) << 32)
}

#[inline(always)]
pub fn to_u32_words(words: &[u64; 8]) -> Item512 {
    core::array::from_fn(|i| (words[i / 2] >> (32 * (i % 2))) as u32)
}

/// The items as they lie in memory.
pub const fn as_bytes(items: &[Item512]) -> &[u8] {
    // SAFETY: words have no padding, and any byte may be looked at alone; the lifetime is the items'.
    unsafe { core::slice::from_raw_parts(items.as_ptr().cast(), size_of_val(items)) }
}

pub const fn as_bytes_mut(items: &mut [Item512]) -> &mut [u8] {
    // SAFETY: as for `as_bytes`; every bit pattern is a word, and the borrow is exclusive.
    unsafe { core::slice::from_raw_parts_mut(items.as_mut_ptr().cast(), size_of_val(items)) }
}

/// An [`Item512`] in registers.
///
/// # Safety
/// Implementations must agree with the one for [`Item512`] itself. Every method may only be called where the
/// implementation's instruction set is available; kernels are `#[inline(always)]` into functions with the
/// matching `target_feature`.
#[allow(clippy::missing_safety_doc, reason = "the one condition is stated on the trait")]
pub unsafe trait ItemVector: Copy {
    unsafe fn load(item: &Item512) -> Self;
    unsafe fn store(self, item: &mut Item512);
    /// [`fnv1`] of each word of `self` with that of `other`.
    unsafe fn fnv1(self, other: Self) -> Self;
}

// SAFETY: plain integer code, available everywhere.
unsafe impl ItemVector for Item512 {
    #[inline(always)]
    unsafe fn load(item: &Item512) -> Self {
        *item
    }
    #[inline(always)]
    unsafe fn store(self, item: &mut Item512) {
        *item = self;
    }
    #[inline(always)]
    unsafe fn fnv1(mut self, other: Self) -> Self {
        for (u, v) in self.iter_mut().zip(other) {
            *u = fnv1(*u, v);
        }
        self
    }
}

/// `ItemVector` for an array of vectors that together have 64 bytes.
macro_rules! item_vector {
    ($vector:ty, $count:literal, $words:literal, $load:expr, $store:expr, $prime:expr, $multiply:ident, $xor:ident) => {
        // SAFETY: element-wise instructions on 32-bit words.
        unsafe impl ItemVector for [$vector; $count] {
            #[inline(always)]
            unsafe fn load(item: &Item512) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait); part i covers words
                // i * $words up to the next part's, within the item, and loads need no alignment.
                core::array::from_fn(|i| unsafe { $load(item.as_ptr().add(i * $words)) })
            }
            #[inline(always)]
            unsafe fn store(self, item: &mut Item512) {
                for (i, part) in self.into_iter().enumerate() {
                    // SAFETY: as for `load`.
                    unsafe { $store(item.as_mut_ptr().add(i * $words), part) }
                }
            }
            #[inline(always)]
            unsafe fn fnv1(self, other: Self) -> Self {
                // SAFETY: the instruction set is the caller's condition (trait).
                unsafe {
                    let prime = $prime;
                    core::array::from_fn(|i| $xor($multiply(self[i], prime), other[i]))
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
item_vector!(
    __m128i,
    4,
    4,
    |from: *const u32| _mm_loadu_si128(from.cast()),
    |to: *mut u32, part| _mm_storeu_si128(to.cast(), part),
    _mm_set1_epi32(FNV_PRIME as i32),
    _mm_mullo_epi32,
    _mm_xor_si128
);
// Also for processors with AVX-512: a load of 64 bytes from the second-level cache, where prefetches put the
// items, takes Zen 4 half as long again as two of 32, and wider arithmetic saves nothing while memory sets the
// pace.
#[cfg(target_arch = "x86_64")]
item_vector!(
    __m256i,
    2,
    8,
    |from: *const u32| _mm256_loadu_si256(from.cast()),
    |to: *mut u32, part| _mm256_storeu_si256(to.cast(), part),
    _mm256_set1_epi32(FNV_PRIME as i32),
    _mm256_mullo_epi32,
    _mm256_xor_si256
);
#[cfg(target_arch = "aarch64")]
item_vector!(
    uint32x4_t,
    4,
    4,
    |from: *const u32| vld1q_u32(from),
    |to: *mut u32, part| vst1q_u32(to, part),
    vdupq_n_u32(FNV_PRIME),
    vmulq_u32,
    veorq_u32
);

/// Asks for the cache line at an address; never faults, whatever the address.
///
/// The line is fetched to the second-level cache and no nearer: the first level has few buffers for lines on
/// their way (24 on Zen 4), and going round them doubles the rate of random reads from memory.
#[inline(always)]
pub fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint of SSE, which is part of x86-64; it reads nothing as far as the program can see.
    unsafe {
        _mm_prefetch::<_MM_HINT_T1>(address.cast());
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a hint without effect on registers, flags or memory.
    unsafe {
        core::arch::asm!("prfm pldl2keep, [{}]", in(reg) address, options(nostack, preserves_flags, readonly));
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    let _ = address;
}

/// Remainders by a number that stays the same, without division.
///
/// For 32-bit operands floor(2^64 / d) + 1 is a reciprocal precise enough to be exact (Lemire, Kaser and Kurz,
/// "Faster remainder by direct computation", 2019): 64 fraction bits cover 32 bits of each operand.
#[derive(Clone, Copy, Debug)]
pub struct Modulus {
    divisor: u32,
    reciprocal: u64,
}

impl Modulus {
    /// `divisor` is at least 2.
    pub const fn new(divisor: u32) -> Self {
        Self { divisor, reciprocal: u64::MAX / divisor as u64 + 1 }
    }

    pub const fn divisor(self) -> u32 {
        self.divisor
    }

    /// `value` modulo the divisor; always below it.
    #[inline(always)]
    pub const fn of(self, value: u32) -> u32 {
        let fraction = self.reciprocal.wrapping_mul(value as u64);
        ((fraction as u128 * self.divisor as u128) >> 64) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remainders_are_exact_at_the_edges() {
        for divisor in [2, 3, 262_139, 8_388_593, (1 << 31) - 1, u32::MAX] {
            let modulus = Modulus::new(divisor);
            let around = |value: u32| [value.wrapping_sub(1), value, value.wrapping_add(1)];
            let multiples = [0, 1, 2, u32::MAX / divisor / 2, u32::MAX / divisor];
            let values = multiples.into_iter().flat_map(|times| around(divisor.wrapping_mul(times)));
            for value in values.chain([u32::MAX, u32::MAX - 1, 1 << 31, 12_345_678]) {
                assert_eq!(modulus.of(value), value % divisor, "{value} mod {divisor}");
            }
        }
    }
}
