//! Vectors that hold one diagonal of salsa's 4x4 matrix for each of several hashes.
//!
//! With the four diagonals in four vectors a column round needs no data movement, and turning three of them
//! makes it a row round. A 128-bit vector serves one hash, wider ones several side by side.

/// Where diagonal order takes its words from: word i of a 16-word block is word `DIAGONAL[i]` of the standard.
pub const DIAGONAL: [usize; 16] = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

/// Words of one hash in a row of scratch memory: the whole 128-byte block.
pub const ROW: usize = 32;

/// Hashes in the widest vector.
pub const MAX_HASHES: usize = 4;

/// The diagonals of half a block.
pub type Half<V> = [V; 4];

/// # Safety
/// Implementations must treat hashes independently and stay within the words stated. Every method may only be
/// called where the implementation's instruction set is available; kernels are `#[inline(always)]` into
/// functions with that `target_feature`.
#[allow(clippy::missing_safety_doc, reason = "the conditions are stated on the trait and the exceptions")]
pub unsafe trait Diagonals: Copy {
    /// Hashes in a vector, at most [`MAX_HASHES`].
    const HASHES: usize;
    /// One word per hash.
    type Words: Copy + AsMut<[u32]>;
    /// Whether `write_rows` puts the halves into memory as they are, and reading them again there is cheaper
    /// than keeping them: with sixteen registers they would be stored a second time, to the stack.
    const REREADS_ROWS: bool;

    /// Four words of each hash, one hash after the other; all are valid.
    unsafe fn load(words: *const u32) -> Self;
    /// The inverse.
    unsafe fn store(self, words: *mut u32);
    /// Writes two halves to `rows`, which is valid for [`ROW`] words per hash and aligned to as many. In which
    /// order is a matter between this and `read_rows`.
    unsafe fn write_rows(halves: [Half<Self>; 2], rows: *mut u32);
    /// Halves whose hash i comes from what was written to `table + offsets[i]`.
    unsafe fn read_rows(table: *const u32, offsets: Self::Words) -> [Half<Self>; 2];
    /// The first word of each hash.
    unsafe fn first_words(self) -> Self::Words;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn xor(self, other: Self) -> Self;
    /// A column and a row round for each group. The groups advance together: one alone would leave the
    /// processor waiting for its own results.
    unsafe fn double_round<const GROUPS: usize>(groups: &mut [Half<Self>; GROUPS]);
}

/// What [`double_round`] is made of, where an implementation leaves the order of instructions to the compiler.
///
/// # Safety
/// As [`Diagonals`].
#[allow(clippy::missing_safety_doc, reason = "the condition is stated on the trait")]
pub unsafe trait Turning: Diagonals {
    /// self ^ rotate_left(sum, L); `R` is 32 - `L`.
    unsafe fn xor_rotated<const L: i32, const R: i32>(self, sum: Self) -> Self;
    /// Word i of each hash becomes word i - 1, i + 2 or i + 1 (modulo 4).
    unsafe fn turn_up(self) -> Self;
    unsafe fn turn_half(self) -> Self;
    unsafe fn turn_down(self) -> Self;
}

/// [`Diagonals::double_round`] in terms of [`Turning`].
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
pub unsafe fn double_round<V: Turning, const GROUPS: usize>(groups: &mut [Half<V>; GROUPS]) {
    // SAFETY: the caller's condition is the same.
    unsafe {
        quarter_rounds::<V, GROUPS, 1, 3>(groups);
        for [_, b, c, d] in &mut *groups {
            (*b, *c, *d) = (b.turn_up(), c.turn_half(), d.turn_down());
        }
        quarter_rounds::<V, GROUPS, 3, 1>(groups);
        for [_, b, c, d] in groups {
            (*b, *c, *d) = (b.turn_down(), c.turn_half(), d.turn_up());
        }
    }
}

/// The four quarter rounds of a column round (`FIRST` 1, `LAST` 3) or, turned, of a row round (3 and 1).
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn quarter_rounds<V: Turning, const GROUPS: usize, const FIRST: usize, const LAST: usize>(
    groups: &mut [Half<V>; GROUPS],
) {
    // SAFETY: the caller's condition is the same.
    unsafe {
        for s in &mut *groups {
            s[FIRST] = s[FIRST].xor_rotated::<7, 25>(s[0].add(s[LAST]));
        }
        for s in &mut *groups {
            s[2] = s[2].xor_rotated::<9, 23>(s[FIRST].add(s[0]));
        }
        for s in &mut *groups {
            s[LAST] = s[LAST].xor_rotated::<13, 19>(s[2].add(s[FIRST]));
        }
        for s in groups {
            s[0] = s[0].xor_rotated::<18, 14>(s[LAST].add(s[2]));
        }
    }
}

// SAFETY: plain integer code; the memory conditions are the trait's.
unsafe impl Diagonals for [u32; 4] {
    const HASHES: usize = 1;
    type Words = [u32; 1];
    const REREADS_ROWS: bool = false;

    #[inline(always)]
    unsafe fn load(words: *const u32) -> Self {
        // SAFETY: four words are valid there (trait).
        unsafe { words.cast::<Self>().read() }
    }
    #[inline(always)]
    unsafe fn store(self, words: *mut u32) {
        // SAFETY: four words are valid there (trait).
        unsafe { words.cast::<Self>().write(self) }
    }
    #[inline(always)]
    unsafe fn write_rows(halves: [Half<Self>; 2], rows: *mut u32) {
        // SAFETY: a row is two halves (trait).
        unsafe { rows.cast::<[Half<Self>; 2]>().write(halves) }
    }
    #[inline(always)]
    unsafe fn read_rows(table: *const u32, [offset]: [u32; 1]) -> [Half<Self>; 2] {
        // SAFETY: a row was written there (trait).
        unsafe { table.add(offset as usize).cast::<[Half<Self>; 2]>().read() }
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
    unsafe fn double_round<const GROUPS: usize>(groups: &mut [Half<Self>; GROUPS]) {
        // SAFETY: plain integer code.
        unsafe { double_round(groups) }
    }
}

// SAFETY: plain integer code.
unsafe impl Turning for [u32; 4] {
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
}
