//! The memory-hard part. Scratch memory is a table of 1024 steps, each with one 128-byte row per lane in
//! diagonal order, so that a step is written in one stretch and a row is read in two cache lines.

use crate::salsa::{DIAGONAL, Diagonals, ROW};
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

/// `GROUPS` independent vectors are worked on in turn: one alone would leave the processor waiting for it.
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn mix<V: Diagonals, const GROUPS: usize>(scratch: &mut Scratch, blocks: &mut [Block]) {
    let lanes = V::HASHES * GROUPS;
    assert!(blocks.len() == lanes && scratch.words() >= lanes * STEPS * ROW, "scratch fits the lanes");
    let table = scratch.as_mut_ptr();
    // SAFETY: every access below is to row `step * lanes + lane` with step < STEPS and lane < lanes, which the
    // assertion covers. Rows are 128-byte aligned and vectors start at multiples of four words within them.
    // The first loop writes all rows before the second reads them.
    unsafe {
        store_diagonals(table, blocks);
        let mut x = [[V::gather(table, zero_offsets::<V>()); 8]; GROUPS];
        for (group, x) in x.iter_mut().enumerate() {
            for (part, x) in x.iter_mut().enumerate() {
                let mut offsets = zero_offsets::<V>();
                for (hash, offset) in offsets.as_mut().iter_mut().enumerate() {
                    *offset = ((group * V::HASHES + hash) * ROW) as u32;
                }
                *x = V::gather(table.add(4 * part), offsets);
            }
        }
        for step in 0..STEPS {
            scatter_groups(&x, table.add(step * lanes * ROW));
            block_mix(&mut x);
        }
        for _ in 0..STEPS {
            for (group, x) in x.iter_mut().enumerate() {
                let mut offsets = x[4].first_words();
                for (hash, offset) in offsets.as_mut().iter_mut().enumerate() {
                    let step = *offset as usize % STEPS;
                    *offset = ((step * lanes + group * V::HASHES + hash) * ROW) as u32;
                }
                for (part, x) in x.iter_mut().enumerate() {
                    *x = x.xor(V::gather(table.add(4 * part), offsets));
                }
            }
            block_mix(&mut x);
        }
        scatter_groups(&x, table);
        load_diagonals(table, blocks);
    }
}

/// # Safety
/// The instruction set of `V` is available; `row` is valid for a row per lane.
#[inline(always)]
unsafe fn scatter_groups<V: Diagonals, const GROUPS: usize>(x: &[[V; 8]; GROUPS], row: *mut u32) {
    for (group, x) in x.iter().enumerate() {
        for (part, x) in x.iter().enumerate() {
            // SAFETY: rows of this group, at the vector's place in the row.
            unsafe { x.scatter(row.add(group * V::HASHES * ROW + 4 * part)) }
        }
    }
}

/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn block_mix<V: Diagonals, const GROUPS: usize>(x: &mut [[V; 8]; GROUPS]) {
    // SAFETY: the caller's condition is the same.
    unsafe {
        salsa20_8::<V, GROUPS, 0, 4>(x);
        salsa20_8::<V, GROUPS, 4, 0>(x);
    }
}

/// Salsa20/8 of half `HALF` xor the other half, added to itself, in place.
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn salsa20_8<V: Diagonals, const GROUPS: usize, const HALF: usize, const OTHER: usize>(
    x: &mut [[V; 8]; GROUPS],
) {
    // SAFETY: the caller's condition is the same.
    unsafe {
        let mut s = [[x[0][HALF]; 4]; GROUPS];
        for (x, s) in x.iter_mut().zip(&mut s) {
            for part in 0..4 {
                x[HALF + part] = x[HALF + part].xor(x[OTHER + part]);
                s[part] = x[HALF + part];
            }
        }
        for _ in 0..4 {
            half_round::<V, GROUPS, 1, 3>(&mut s);
            for s in &mut s {
                *s = [s[0], s[1].turn_up(), s[2].turn_half(), s[3].turn_down()];
            }
            half_round::<V, GROUPS, 3, 1>(&mut s);
            for s in &mut s {
                *s = [s[0], s[1].turn_down(), s[2].turn_half(), s[3].turn_up()];
            }
        }
        for (x, s) in x.iter_mut().zip(s) {
            for part in 0..4 {
                x[HALF + part] = x[HALF + part].add(s[part]);
            }
        }
    }
}

/// The four quarter rounds of a column round (`FIRST` 1, `LAST` 3) or, turned, of a row round (3 and 1).
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn half_round<V: Diagonals, const GROUPS: usize, const FIRST: usize, const LAST: usize>(
    s: &mut [[V; 4]; GROUPS],
) {
    // SAFETY: the caller's condition is the same.
    unsafe {
        for s in &mut *s {
            s[FIRST] = s[FIRST].xor_rotated::<7, 25>(s[0].add(s[LAST]));
        }
        keep_in_step(s, FIRST);
        for s in &mut *s {
            s[2] = s[2].xor_rotated::<9, 23>(s[FIRST].add(s[0]));
        }
        keep_in_step(s, 2);
        for s in &mut *s {
            s[LAST] = s[LAST].xor_rotated::<13, 19>(s[2].add(s[FIRST]));
        }
        keep_in_step(s, LAST);
        for s in &mut *s {
            s[0] = s[0].xor_rotated::<18, 14>(s[LAST].add(s[2]));
        }
        keep_in_step(s, 0);
    }
}

/// See [`Diagonals::in_step`].
///
/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn keep_in_step<V: Diagonals, const GROUPS: usize>(s: &mut [[V; 4]; GROUPS], part: usize) {
    for group in 1..GROUPS {
        // SAFETY: the caller's condition is the same.
        (s[group - 1][part], s[group][part]) = unsafe { V::in_step(s[group - 1][part], s[group][part]) };
    }
}

/// Writes the blocks to the rows of step 0.
///
/// # Safety
/// `table` is valid for a row per block.
unsafe fn store_diagonals(table: *mut u32, blocks: &[Block]) {
    for (lane, block) in blocks.iter().enumerate() {
        for (to, from) in diagonal_words() {
            // SAFETY: `to` is below ROW.
            unsafe { table.add(lane * ROW + to).write(block[from]) }
        }
    }
}

/// The inverse of [`store_diagonals`].
///
/// # Safety
/// The rows of step 0 were written.
unsafe fn load_diagonals(table: *const u32, blocks: &mut [Block]) {
    for (lane, block) in blocks.iter_mut().enumerate() {
        for (at, word) in diagonal_words() {
            // SAFETY: `at` is below ROW.
            block[word] = unsafe { table.add(lane * ROW + at).read() };
        }
    }
}

/// Pairs of (place in a row, word of the block) for both halves.
fn diagonal_words() -> impl Iterator<Item = (usize, usize)> {
    (0..ROW).map(|at| (at, at / 16 * 16 + DIAGONAL[at % 16]))
}

fn zero_offsets<V: Diagonals>() -> V::Words {
    V::Words::default()
}

pub const SCALAR: Kernel = Kernel {
    lanes: 1,
    // SAFETY: plain integer code needs no instruction set.
    run: |scratch, blocks| unsafe { mix::<[u32; 4], 1>(scratch, blocks) },
};

#[cfg(target_arch = "x86_64")]
macro_rules! x86_kernel {
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
x86_kernel!(SSE2, core::arch::x86_64::__m128i, 1 x 3, "sse2");
#[cfg(target_arch = "x86_64")]
x86_kernel!(AVX2, core::arch::x86_64::__m256i, 2 x 3, "avx2");
#[cfg(target_arch = "x86_64")]
x86_kernel!(AVX512, core::arch::x86_64::__m512i, 4 x 3, "avx512f");
