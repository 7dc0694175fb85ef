//! The memory-hard part. Scratch memory is a table of 1024 steps, each with the 128-byte rows of all lanes.

use crate::salsa::{DIAGONAL, Diagonals, Half, MAX_HASHES, ROW};
use crate::scratch::Scratch;

/// The 128 bytes of a hash as little-endian words.
pub type Block = [u32; ROW];

const STEPS: usize = 1024;

/// Scratch memory of one lane.
pub const SCRATCH_BYTES: usize = STEPS * ROW * 4;

/// Mixes as many blocks as it has lanes.
#[derive(Clone, Copy)]
pub struct Kernel {
    pub lanes: usize,
    pub run: fn(&mut Scratch, &mut [Block]),
}

/// Works on `GROUPS` independent vectors in step.
///
/// A row holds the xor of both halves and the second half. The first salsa of a step works on that xor, and
/// reading a row in this form takes no more work than reading the halves themselves.
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn mix<V: Diagonals, const GROUPS: usize>(scratch: &mut Scratch, blocks: &mut [Block]) {
    let lanes = V::HASHES * GROUPS;
    assert!(blocks.len() == lanes && scratch.words() >= lanes * STEPS * ROW, "scratch fits the lanes");
    let table = scratch.as_mut_ptr();
    // SAFETY: every access is to row `step * lanes + lane` with step < STEPS and lane < lanes, which the assertion
    // covers, and rows are 128-byte aligned. The first loop writes all rows before the second reads them.
    unsafe {
        let [mut low, mut high] = load_blocks::<V, GROUPS>(blocks);
        for step in 0..STEPS {
            let rows = table.add(step * lanes * ROW);
            for (group, (low, high)) in low.iter_mut().zip(&high).enumerate() {
                xor(low, high);
                V::write_rows([*low, *high], rows.add(group * V::HASHES * ROW));
            }
            block_mix(&mut low, &mut high, V::REREADS_ROWS.then_some(rows));
        }
        for _ in 0..STEPS {
            for (group, (low, high)) in low.iter_mut().zip(&mut high).enumerate() {
                let mut offsets = high[0].first_words();
                for offset in offsets.as_mut() {
                    let step = *offset as usize % STEPS;
                    *offset = ((step * lanes + group * V::HASHES) * ROW) as u32;
                }
                let [row_xor, row_high] = V::read_rows(table, offsets);
                xor(low, high);
                xor(low, &row_xor);
                xor(high, &row_high);
            }
            block_mix(&mut low, &mut high, None);
        }
        store_blocks(&[low, high], blocks);
    }
}

/// `low` holds the xor of both halves when this begins and the first half when it ends. With `rows` both can be
/// read again there.
///
/// # Safety
/// The instruction set of `V` is available; `rows` are `GROUPS` pairs of halves with the values of `low` and `high`.
#[inline(always)]
unsafe fn block_mix<V: Diagonals, const GROUPS: usize>(
    low: &mut [Half<V>; GROUPS],
    high: &mut [Half<V>; GROUPS],
    rows: Option<*mut u32>,
) {
    // SAFETY: the caller's conditions are the same.
    unsafe {
        let mut mixed = *low;
        salsa20_8(&mut mixed);
        if let Some(rows) = rows {
            let rows = rows.cast::<[[Half<V>; 2]; GROUPS]>().read();
            for (group, halves) in rows.into_iter().enumerate() {
                [low[group], high[group]] = halves;
            }
        }
        add(low, &mixed);
        for (high, low) in high.iter_mut().zip(low) {
            xor(high, low);
        }
        mixed = *high;
        salsa20_8(&mut mixed);
        add(high, &mixed);
    }
}

/// The rounds without the addition of what they began with.
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn salsa20_8<V: Diagonals, const GROUPS: usize>(groups: &mut [Half<V>; GROUPS]) {
    // SAFETY: the caller's condition is the same.
    unsafe {
        V::double_round(groups);
        V::double_round(groups);
        V::double_round(groups);
        V::double_round(groups);
    }
}

/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn add<V: Diagonals, const GROUPS: usize>(to: &mut [Half<V>; GROUPS], other: &[Half<V>; GROUPS]) {
    for (to, other) in to.as_flattened_mut().iter_mut().zip(other.as_flattened()) {
        // SAFETY: the caller's condition is the same.
        *to = unsafe { to.add(*other) };
    }
}

/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn xor<V: Diagonals>(to: &mut Half<V>, other: &Half<V>) {
    for (to, other) in to.iter_mut().zip(other) {
        // SAFETY: the caller's condition is the same.
        *to = unsafe { to.xor(*other) };
    }
}

/// The diagonals of the blocks' halves.
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn load_blocks<V: Diagonals, const GROUPS: usize>(blocks: &[Block]) -> [[Half<V>; GROUPS]; 2] {
    let mut words = [0u32; 4 * MAX_HASHES];
    // SAFETY: the words are as many as the widest vector has.
    let mut halves = [[[unsafe { V::load(words.as_ptr()) }; 4]; GROUPS]; 2];
    for (half, groups) in halves.iter_mut().enumerate() {
        for (diagonals, blocks) in groups.iter_mut().zip(blocks.chunks(V::HASHES)) {
            for (part, diagonal) in diagonals.iter_mut().enumerate() {
                for (words, block) in words.as_chunks_mut::<4>().0.iter_mut().zip(blocks) {
                    *words = core::array::from_fn(|at| block[16 * half + DIAGONAL[4 * part + at]]);
                }
                // SAFETY: as above.
                *diagonal = unsafe { V::load(words.as_ptr()) };
            }
        }
    }
    halves
}

/// The inverse of [`load_blocks`].
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn store_blocks<V: Diagonals, const GROUPS: usize>(
    halves: &[[Half<V>; GROUPS]; 2],
    blocks: &mut [Block],
) {
    let mut words = [0u32; 4 * MAX_HASHES];
    for (half, groups) in halves.iter().enumerate() {
        for (diagonals, blocks) in groups.iter().zip(blocks.chunks_mut(V::HASHES)) {
            for (part, diagonal) in diagonals.iter().enumerate() {
                // SAFETY: the words are as many as the widest vector has.
                unsafe { diagonal.store(words.as_mut_ptr()) };
                for (words, block) in words.as_chunks::<4>().0.iter().zip(&mut *blocks) {
                    for (at, word) in words.iter().enumerate() {
                        block[16 * half + DIAGONAL[4 * part + at]] = *word;
                    }
                }
            }
        }
    }
}

pub const SCALAR: Kernel = Kernel {
    lanes: 1,
    // SAFETY: plain integer code needs no instruction set.
    run: |scratch, blocks| unsafe { mix::<[u32; 4], 1>(scratch, blocks) },
};

macro_rules! vector_kernel {
    ($name:ident, $vector:ty, $hashes:literal x $groups:literal, $features:literal) => {
        pub const $name: Kernel = Kernel {
            lanes: $hashes * $groups,
            run: |scratch, blocks| {
                #[target_feature(enable = $features)]
                fn run(scratch: &mut Scratch, blocks: &mut [Block]) {
                    // SAFETY: the target feature is enabled here.
                    unsafe { mix::<$vector, $groups>(scratch, blocks) }
                }
                // SAFETY: the backend table offers this kernel only where the feature was detected.
                unsafe { run(scratch, blocks) }
            },
        };
    };
}
// Numbers of groups by measurement: more overlap against more scratch memory and, with 16 registers, spills.
#[cfg(target_arch = "x86_64")]
vector_kernel!(SSE2, core::arch::x86_64::__m128i, 1 x 3, "sse2");
#[cfg(target_arch = "x86_64")]
vector_kernel!(AVX2, core::arch::x86_64::__m256i, 2 x 3, "avx2");
#[cfg(target_arch = "x86_64")]
vector_kernel!(AVX512, core::arch::x86_64::__m512i, 4 x 3, "avx512f");
#[cfg(target_arch = "aarch64")]
vector_kernel!(NEON, core::arch::aarch64::uint32x4_t, 1 x 4, "neon");
