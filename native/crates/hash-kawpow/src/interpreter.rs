//! Programs run instruction by instruction: the reference for generated code, the way of verification, which
//! needs few hashes of many programs, and of processors or systems that take no generated code.

use crate::mix::{Item, L1Cache, Mix, MixDigest, MixSeed, Row};
use crate::program::{ITEM_WORDS_PER_LANE, L1_WORDS, LANES, Math, Merge, Program, Source};

/// Fills, rounds and folds compiled for one instruction set.
#[derive(Clone, Copy)]
pub struct Interpreter {
    name: &'static str,
    fill: fn(&mut Mix, MixSeed),
    round: fn(&Program, &mut Mix, usize, &Item, &L1Cache),
    digest: fn(&Mix) -> MixDigest,
}

impl core::fmt::Debug for Interpreter {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Interpreter").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Interpreter {
    pub const SCALAR: Self = Self { name: "scalar", fill: Mix::fill, round: run_round, digest: Mix::digest };

    /// Every one that this processor can run, fastest first.
    pub fn available() -> Vec<Self> {
        let mut interpreters = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512cd") {
                interpreters.push(x86::AVX512);
            }
            if is_x86_feature_detected!("avx2") {
                interpreters.push(x86::AVX2);
            }
        }
        interpreters.push(Self::SCALAR);
        interpreters
    }

    pub fn fastest() -> Self {
        Self::available()[0]
    }

    pub fn fill(&self, mix: &mut Mix, seed: MixSeed) {
        (self.fill)(mix, seed);
    }

    pub fn round(&self, program: &Program, mix: &mut Mix, round: usize, item: &Item, l1: &L1Cache) {
        (self.round)(program, mix, round, item, l1);
    }

    pub fn digest(&self, mix: &Mix) -> MixDigest {
        (self.digest)(mix)
    }
}

/// All lanes go through an instruction together: none reads another's registers.
#[inline(always)]
fn run_round(program: &Program, mix: &mut Mix, round: usize, item: &Item, l1: &L1Cache) {
    for instruction in program.instructions() {
        let words = match instruction.source {
            Source::Cache { index } => mix.0[usize::from(index)].map(|word| l1.0[word as usize % L1_WORDS]),
            Source::Math { math, first, second } => {
                run_math(math, &mix.0[usize::from(first)], &mix.0[usize::from(second)])
            }
            Source::Item { word } => core::array::from_fn(|lane| {
                let group = (lane ^ round) % LANES;
                item.as_flattened()[group * ITEM_WORDS_PER_LANE + usize::from(word)]
            }),
        };
        run_merge(instruction.merge, &mut mix.0[usize::from(instruction.target)], &words);
    }
}

#[inline(always)]
fn run_math(math: Math, a: &Row, b: &Row) -> Row {
    match math {
        Math::Add => each(a, b, u32::wrapping_add),
        Math::Multiply => each(a, b, u32::wrapping_mul),
        Math::MultiplyHigh => each(a, b, |a, b| ((u64::from(a) * u64::from(b)) >> 32) as u32),
        Math::Minimum => each(a, b, u32::min),
        Math::RotateLeft => each(a, b, |a, b| a.rotate_left(b % 32)),
        Math::RotateRight => each(a, b, |a, b| a.rotate_right(b % 32)),
        Math::And => each(a, b, |a, b| a & b),
        Math::Or => each(a, b, |a, b| a | b),
        Math::Xor => each(a, b, |a, b| a ^ b),
        Math::LeadingZeros => each(a, b, |a, b| a.leading_zeros() + b.leading_zeros()),
        Math::SetBits => each(a, b, |a, b| a.count_ones() + b.count_ones()),
    }
}

#[inline(always)]
fn run_merge(merge: Merge, target: &mut Row, words: &Row) {
    *target = match merge {
        Merge::MultiplyAdd => each(target, words, |a, b| a.wrapping_mul(33).wrapping_add(b)),
        Merge::XorMultiply => each(target, words, |a, b| (a ^ b).wrapping_mul(33)),
        Merge::RotateXor { left } => each(target, words, |a, b| a.rotate_left(u32::from(left)) ^ b),
    };
}

#[inline(always)]
fn each(a: &Row, b: &Row, operation: impl Fn(u32, u32) -> u32) -> Row {
    let mut words = [0; LANES];
    for lane in 0..LANES {
        words[lane] = operation(a[lane], b[lane]);
    }
    words
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{Interpreter, Item, L1Cache, Mix, MixDigest, MixSeed, Program, run_round};

    /// The same code compiled for wider vectors.
    macro_rules! compiled_for {
        ($constant:ident, $name:literal, $features:literal) => {
            pub const $constant: Interpreter = Interpreter {
                name: $name,
                fill: |mix, seed| {
                    #[target_feature(enable = $features)]
                    fn fill(mix: &mut Mix, seed: MixSeed) {
                        mix.fill(seed);
                    }
                    // SAFETY: `Interpreter::available` lists this one only where the features were detected.
                    unsafe { fill(mix, seed) }
                },
                round: |program, mix, round, item, l1| {
                    #[target_feature(enable = $features)]
                    fn run(program: &Program, mix: &mut Mix, round: usize, item: &Item, l1: &L1Cache) {
                        run_round(program, mix, round, item, l1);
                    }
                    // SAFETY: as above.
                    unsafe { run(program, mix, round, item, l1) }
                },
                digest: |mix| {
                    #[target_feature(enable = $features)]
                    fn digest(mix: &Mix) -> MixDigest {
                        mix.digest()
                    }
                    // SAFETY: as above.
                    unsafe { digest(mix) }
                },
            };
        };
    }
    compiled_for!(AVX512, "avx512", "avx512f,avx512cd");
    compiled_for!(AVX2, "avx2", "avx2");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::{REGISTERS, ROUNDS};

    #[test]
    fn all_interpreters_agree() {
        let mut word = 7u32;
        let mut next = || {
            word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            word ^ word >> 13
        };
        let l1 = L1Cache(core::array::from_fn(|_| next()));
        for period in 0..100 {
            let program = Program::for_period(period);
            let seed = [next(), next()];
            let items: [Item; 4] =
                core::array::from_fn(|_| core::array::from_fn(|_| core::array::from_fn(|_| next())));
            let run = |interpreter: &Interpreter| {
                let mut mix = Mix([[u32::MAX; LANES]; REGISTERS]);
                interpreter.fill(&mut mix, seed);
                for round in 0..ROUNDS {
                    interpreter.round(&program, &mut mix, round, &items[round % items.len()], &l1);
                }
                (mix, interpreter.digest(&mix))
            };
            for interpreter in Interpreter::available() {
                assert!(run(&interpreter) == run(&Interpreter::SCALAR), "{interpreter:?}, period {period}");
            }
        }
    }
}
