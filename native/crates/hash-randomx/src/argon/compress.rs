//! Argon2's compression function: two blocks into one, through Blake2b-like rounds over the rows and then the
//! columns of a table of 8 by 8 pairs of words.
//!
//! Which block is needed next hangs on the first word of this one, and it is rarely in a cache: so that word is
//! finished first, and the block asked for while the others are computed: a tenth less time.

use core::ops::Range;

use super::quad::Quad;
#[cfg(target_arch = "x86_64")]
use super::quad::{Avx2, Avx512};
use super::window::Window;

const WORDS: usize = 128;
const QUADS: usize = WORDS / 4;

pub type Block = [u64; WORDS];

/// An implementation that is known to run on this processor.
#[derive(Clone, Copy)]
pub struct Compressor {
    name: &'static str,
    fill: fn(&mut [Block], u32, Range<usize>),
}

impl core::fmt::Debug for Compressor {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Compressor").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Compressor {
    /// Fastest first.
    pub fn available() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512vl") && is_x86_feature_detected!("avx2") {
                all.push(Self { name: "avx512", fill: avx512 });
            }
            if is_x86_feature_detected!("avx2") {
                all.push(Self { name: "avx2", fill: avx2 });
            }
        }
        all.push(Self { name: "portable", fill: portable });
        all
    }

    pub fn fastest() -> Self {
        Self::available()[0]
    }

    /// Computes the blocks `targets`, all of one quarter of `blocks`, in the given pass over them.
    pub fn fill(self, blocks: &mut [Block], pass: u32, targets: Range<usize>) {
        (self.fill)(blocks, pass, targets);
    }
}

fn portable(blocks: &mut [Block], pass: u32, targets: Range<usize>) {
    // SAFETY: plain code.
    unsafe { fill::<[u64; 4]>(blocks, pass, targets) }
}

#[cfg(target_arch = "x86_64")]
fn avx2(blocks: &mut [Block], pass: u32, targets: Range<usize>) {
    #[target_feature(enable = "avx2")]
    fn run(blocks: &mut [Block], pass: u32, targets: Range<usize>) {
        // SAFETY: the instructions are enabled here.
        unsafe { fill::<Avx2>(blocks, pass, targets) }
    }
    // SAFETY: `Compressor::available` lists this only where AVX2 was detected.
    unsafe { run(blocks, pass, targets) }
}

#[cfg(target_arch = "x86_64")]
fn avx512(blocks: &mut [Block], pass: u32, targets: Range<usize>) {
    #[target_feature(enable = "avx2,avx512f,avx512vl")]
    fn run(blocks: &mut [Block], pass: u32, targets: Range<usize>) {
        // SAFETY: the instructions are enabled here.
        unsafe { fill::<Avx512>(blocks, pass, targets) }
    }
    // SAFETY: `Compressor::available` lists this only where AVX-512VL was detected.
    unsafe { run(blocks, pass, targets) }
}

/// # Safety
/// As for the methods of [`Quad`]; the same holds for the functions below.
#[inline(always)]
unsafe fn fill<Q: Quad>(blocks: &mut [Block], pass: u32, targets: Range<usize>) {
    let window = Window::new(blocks.len(), pass, targets.start);
    let memory = blocks.as_ptr();
    for target in targets {
        let previous = target.checked_sub(1).unwrap_or(blocks.len() - 1);
        let reference = window.reference(blocks[previous][0], target);
        // Both inputs may be the same block, so they are borrowed apart from the target only.
        let (before, from_target) = blocks.split_at_mut(target);
        let Some((target_block, behind)) = from_target.split_first_mut() else { return };
        let at = |index: usize| if index < target { &before[index] } else { &behind[index - target - 1] };
        let prefetch_next = |first_word| {
            // A guess at the end of a quarter, where another window begins.
            let next = window.reference(first_word, target + 1);
            // SAFETY: instructions passed on to the caller.
            unsafe { Q::prefetch(memory.wrapping_add(next).cast()) }
        };
        // SAFETY: instructions passed on to the caller.
        unsafe { compress::<Q>([at(previous), at(reference)], target_block, pass != 0, prefetch_next) }
    }
}

/// The compression of the inputs into `target`, XORed with what was there if `with_old`. Tells `first_word` of
/// the result as soon as it is known.
#[inline(always)]
unsafe fn compress<Q: Quad>(
    inputs: [&Block; 2],
    target: &mut Block,
    with_old: bool,
    first_word: impl FnOnce(u64),
) {
    let [first, second] = inputs.map(|block| block.as_ptr());
    let out = target.as_mut_ptr();
    // SAFETY: instructions passed on to the caller; 32 quads are the 128 words of a block.
    unsafe {
        let mut state: [Q; QUADS] =
            core::array::from_fn(|i| Q::load(first.add(4 * i)).xor(Q::load(second.add(4 * i))));
        for (i, quad) in state.iter().enumerate() {
            let kept = if with_old { quad.xor(Q::load(out.add(4 * i))) } else { *quad };
            kept.store(out.add(4 * i));
        }
        for row in state.as_chunks_mut::<4>().0 {
            *row = permute(*row);
        }
        let finish = |quad: Q, i: usize| quad.xor(Q::load(out.add(4 * i))).store(out.add(4 * i));
        permute_columns(&mut state, 0);
        finish(state[0], 0);
        first_word(*out);
        for pair in 1..4 {
            permute_columns(&mut state, pair);
        }
        for (i, quad) in state.into_iter().enumerate().skip(1) {
            finish(quad, i);
        }
    }
}

/// The columns 2 * `pair` and its neighbour: a quad of each row holds a pair of words of both.
#[inline(always)]
unsafe fn permute_columns<Q: Quad>(state: &mut [Q; QUADS], pair: usize) {
    // SAFETY: passed on to the caller.
    unsafe {
        let rows =
            |pair_of_rows: usize| state[8 * pair_of_rows + pair].regroup(state[8 * pair_of_rows + 4 + pair]);
        let columns = [rows(0), rows(1), rows(2), rows(3)];
        let left = permute(columns.map(|(left, _)| left));
        let right = permute(columns.map(|(_, right)| right));
        for (i, (left, right)) in left.into_iter().zip(right).enumerate() {
            (state[8 * i + pair], state[8 * i + 4 + pair]) = left.regroup(right);
        }
    }
}

/// Blake2b's round on 16 words.
#[inline(always)]
unsafe fn permute<Q: Quad>(words: [Q; 4]) -> [Q; 4] {
    // SAFETY: passed on to the caller.
    unsafe {
        let [a, b, c, d] = mix(words);
        let [a, b, c, d] = mix([a, b.turn_1(), c.turn_2(), d.turn_3()]);
        [a, b.turn_3(), c.turn_2(), d.turn_1()]
    }
}

/// Four of Blake2b's G side by side.
#[inline(always)]
unsafe fn mix<Q: Quad>([a, b, c, d]: [Q; 4]) -> [Q; 4] {
    // SAFETY: passed on to the caller.
    unsafe {
        let a = a.add_multiply(b);
        let d = d.xor(a).rotate_right_32();
        let c = c.add_multiply(d);
        let b = b.xor(c).rotate_right_24();
        let a = a.add_multiply(b);
        let d = d.xor(a).rotate_right_16();
        let c = c.add_multiply(d);
        let b = b.xor(c).rotate_right_63();
        [a, b, c, d]
    }
}
