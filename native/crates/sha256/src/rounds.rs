//! Rounds and message schedule over [`Lanes`], and the compression of one block per lane.

use crate::lanes::Lanes;
use crate::{Block, ROUND_CONSTANTS, State};

/// Repeats a block with a known index: the compiler's own unrolling stops short of bodies this large, and
/// arrays indexed by variables would live in memory instead of registers.
#[macro_export]
macro_rules! unroll {
    ($index:ident in [$($value:literal)*] $body:block) => {
        $({
            let $index: usize = $value;
            $body
        })*
    };
}

/// Working variables a..h, and b ^ c kept from the round before (see [`Lanes::majority`]).
#[derive(Clone, Copy)]
pub struct Working<V> {
    pub words: [V; 8],
    bc: V,
}

impl<V> core::fmt::Debug for Working<V> {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Working").finish_non_exhaustive()
    }
}

impl<V: Lanes> Working<V> {
    /// # Safety
    /// The instruction set of `V` is available; the same holds for every function of this module.
    #[inline(always)]
    pub unsafe fn new(words: [V; 8]) -> Self {
        // SAFETY: the caller's condition is the same.
        Self { words, bc: unsafe { words[1].xor(words[2]) } }
    }

    /// h + S1(e) + Ch(e,f,g) + `kw`: the part of a round that both halves need.
    ///
    /// # Safety
    /// As [`Working::new`].
    #[inline(always)]
    pub unsafe fn t1(&self, kw: V) -> V {
        let [_, _, _, _, e, f, g, h] = self.words;
        // SAFETY: the caller's condition is the same.
        unsafe {
            let s1 = e.rotate_right::<6, 26>().xor3(e.rotate_right::<11, 21>(), e.rotate_right::<25, 7>());
            h.add(kw).add(e.choose(f, g)).add(s1)
        }
    }

    /// One round with a word of the schedule.
    ///
    /// Left alone the compiler does most of the schedule ahead of the rounds, though neither has enough
    /// independent work to fill the processor. Holding them together brings 5 % on AVX2 and AVX-512.
    ///
    /// # Safety
    /// As [`Working::new`].
    #[inline(always)]
    pub unsafe fn scheduled_round(&mut self, constant: u32, word: &mut V) {
        // SAFETY: the caller's condition is the same.
        unsafe {
            let kw = V::splat(constant).add(*word);
            let [kw, held_word, e] = V::in_step([kw, *word, self.words[4]]);
            (*word, self.words[4]) = (held_word, e);
            self.round(kw);
        }
    }

    /// One round; `kw` is the round constant plus the schedule word.
    ///
    /// # Safety
    /// As [`Working::new`].
    #[inline(always)]
    pub unsafe fn round(&mut self, kw: V) {
        // SAFETY: the caller's condition is the same.
        unsafe {
            let t1 = self.t1(kw);
            let [a, b, c, d, e, f, g, _] = self.words;
            let s0 = a.rotate_right::<2, 30>().xor3(a.rotate_right::<13, 19>(), a.rotate_right::<22, 10>());
            let ab = a.xor(b);
            let t2 = s0.add(a.majority(b, c, ab, self.bc));
            self.bc = ab;
            self.words = [t1.add(t2), a, b, c, d.add(t1), e, f, g];
        }
    }
}

/// s0 of the message schedule.
///
/// # Safety
/// As [`Working::new`].
#[inline(always)]
pub unsafe fn small_sigma0<V: Lanes>(x: V) -> V {
    // SAFETY: the caller's condition is the same.
    unsafe { x.rotate_right::<7, 25>().xor3(x.rotate_right::<18, 14>(), x.shift_right::<3>()) }
}

/// s1 of the message schedule.
///
/// # Safety
/// As [`Working::new`].
#[inline(always)]
pub unsafe fn small_sigma1<V: Lanes>(x: V) -> V {
    // SAFETY: the caller's condition is the same.
    unsafe { x.rotate_right::<17, 15>().xor3(x.rotate_right::<19, 13>(), x.shift_right::<10>()) }
}

/// Replaces word `t - 16` of the ring by word `t`.
///
/// # Safety
/// As [`Working::new`].
#[inline(always)]
pub unsafe fn expand<V: Lanes>(w: &mut [V; 16], t: usize) {
    // SAFETY: the caller's condition is the same.
    unsafe {
        let sum = w[t % 16].add(small_sigma0(w[(t + 1) % 16])).add(w[(t + 9) % 16]);
        w[t % 16] = sum.add(small_sigma1(w[(t + 14) % 16]));
    }
}

/// Compresses block i into state i for each lane i; both slices have `V::COUNT` elements.
///
/// # Safety
/// As [`Working::new`].
#[inline(always)]
pub unsafe fn compress_lanes<V: Lanes>(states: &mut [State], blocks: &[Block]) {
    // SAFETY: the caller's condition is the same; the rest is safe code.
    unsafe {
        let mut w = [V::splat(0); 16];
        for (t, word) in w.iter_mut().enumerate() {
            let mut words = V::Words::default();
            for (lane, block) in words.as_mut().iter_mut().zip(blocks) {
                *lane = u32::from_be_bytes(block.as_chunks::<4>().0[t]);
            }
            *word = V::load(&words);
        }
        let mut start = [V::splat(0); 8];
        for (t, word) in start.iter_mut().enumerate() {
            let mut words = V::Words::default();
            for (lane, state) in words.as_mut().iter_mut().zip(&*states) {
                *lane = state[t];
            }
            *word = V::load(&words);
        }
        let mut working = Working::new(start);
        unroll!(t in [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15] {
            working.scheduled_round(ROUND_CONSTANTS[t], &mut w[t]);
        });
        for base in [16, 32, 48] {
            unroll!(t in [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15] {
                expand(&mut w, t);
                working.scheduled_round(ROUND_CONSTANTS[base + t], &mut w[t]);
            });
        }
        for (t, (from, to)) in start.into_iter().zip(working.words).enumerate() {
            for (word, state) in from.add(to).store().as_ref().iter().zip(&mut *states) {
                state[t] = *word;
            }
        }
    }
}
