//! Vectors of 32-bit words, one independent message per lane, behind one trait, so that each kernel is
//! written once and compiled per instruction set.

/// A vector of `COUNT` 32-bit words.
///
/// # Safety
/// Implementations must treat lanes independently and agree with the `u32` implementation lane by lane.
/// Every method may only be called where the implementation's instruction set is available; kernels are
/// `#[inline(always)]` into functions with the matching `target_feature`, which is what makes the methods
/// compile to single instructions.
#[allow(clippy::missing_safety_doc, reason = "the one condition is stated on the trait")]
pub unsafe trait Lanes: Copy {
    const COUNT: usize;
    /// One word per lane.
    type Words: Copy + AsRef<[u32]> + AsMut<[u32]> + Default;

    unsafe fn splat(word: u32) -> Self;
    unsafe fn load(words: &Self::Words) -> Self;
    unsafe fn store(self) -> Self::Words;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn xor(self, other: Self) -> Self;
    unsafe fn and(self, other: Self) -> Self;
    unsafe fn shift_right<const R: i32>(self) -> Self;
    /// `L` is 32 - `R`: a constant cannot be computed from another one here.
    unsafe fn rotate_right<const R: i32, const L: i32>(self) -> Self;
    /// Bit i is set when lane i has no bit in common with `mask`.
    unsafe fn lanes_clear_of(self, mask: Self) -> u32;
    /// Returns all unchanged, but only after all are computed: keeps the compiler from moving work on one of
    /// them far away from work on the others.
    unsafe fn in_step(words: [Self; 3]) -> [Self; 3];

    #[inline(always)]
    unsafe fn xor3(self, b: Self, c: Self) -> Self {
        // SAFETY: the caller's condition is the same.
        unsafe { self.xor(b).xor(c) }
    }

    /// Bits of `f` where `self` is one, of `g` where it is zero.
    #[inline(always)]
    unsafe fn choose(self, f: Self, g: Self) -> Self {
        // SAFETY: the caller's condition is the same.
        unsafe { f.xor(g).and(self).xor(g) }
    }

    /// Majority of `self`, `b`, `c`, given `ab` = self ^ b and `bc` = b ^ c. `ab` is `bc` of the next round:
    /// one operation less than the textbook form.
    #[inline(always)]
    unsafe fn majority(self, b: Self, _c: Self, ab: Self, bc: Self) -> Self {
        // SAFETY: the caller's condition is the same.
        unsafe { ab.and(bc).xor(b) }
    }
}

// SAFETY: plain integer code, available everywhere.
unsafe impl Lanes for u32 {
    const COUNT: usize = 1;
    type Words = [u32; 1];

    #[inline(always)]
    unsafe fn splat(word: u32) -> Self {
        word
    }
    #[inline(always)]
    unsafe fn load(words: &[u32; 1]) -> Self {
        words[0]
    }
    #[inline(always)]
    unsafe fn store(self) -> [u32; 1] {
        [self]
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    #[inline(always)]
    unsafe fn xor(self, other: Self) -> Self {
        self ^ other
    }
    #[inline(always)]
    unsafe fn and(self, other: Self) -> Self {
        self & other
    }
    #[inline(always)]
    unsafe fn shift_right<const R: i32>(self) -> Self {
        self >> R
    }
    #[inline(always)]
    unsafe fn rotate_right<const R: i32, const L: i32>(self) -> Self {
        u32::rotate_right(self, R as u32)
    }
    #[inline(always)]
    unsafe fn lanes_clear_of(self, mask: Self) -> u32 {
        u32::from(self & mask == 0)
    }
    #[inline(always)]
    unsafe fn in_step(words: [Self; 3]) -> [Self; 3] {
        words
    }
}
