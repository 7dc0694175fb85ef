//! The mixing of a group of nonces, with the hashing around it done meanwhile.
//!
//! A nonce's next item is chosen and asked for as soon as its mix is known; until the loop comes back to it, the
//! others have their turn. Even so the memory sets the pace, and the processor would wait: it computes the seeds
//! of the group that follows and the final hashes of the group before, a few rounds of Keccak at a time, so
//! that there is no stretch without requests for memory under way.

use otedama_dag::items::{Aligned, ItemVector, prefetch, to_u32_words};
use otedama_dag::{Item512, Modulus};
use otedama_keccak::Batch;
use otedama_keccak::lanes::Lanes;

use crate::hash::{ACCESSES, Mix, Seed, item_number};

/// Nonces hashed side by side: their requests fill the memory's queues, their mixes fit the first-level cache.
pub const GROUP: usize = 64;

/// Three groups, each at its stage.
#[derive(Clone, Debug)]
pub struct Stages {
    /// Of the group that follows: in, what its seeds are digests of.
    pub seed_messages: [[u64; 5]; GROUP],
    /// Of the group that follows: out.
    pub next_seeds: [Seed; GROUP],
    /// Of this group: in.
    pub seeds: [Seed; GROUP],
    /// Of this group: out.
    pub mixes: Aligned<[Mix; GROUP]>,
    /// Of the group before: in, what its final hashes are digests of.
    pub final_messages: [[u64; 12]; GROUP],
    /// Of the group before: out.
    pub final_hashes: [[u64; 4]; GROUP],
}

impl Stages {
    pub const EMPTY: Self = Self {
        seed_messages: [[0; 5]; GROUP],
        next_seeds: [[0; 8]; GROUP],
        seeds: [[0; 8]; GROUP],
        mixes: Aligned([[[0; 16]; 2]; GROUP]),
        final_messages: [[0; 12]; GROUP],
        final_hashes: [[0; 4]; GROUP],
    };
}

/// Moves every group of `stages` through its stage.
pub type Kernel = unsafe fn(&[[Item512; 2]], Modulus, &mut Stages);

/// After every `SLOT` nonces it does `ROUNDS` rounds of hashing. A single round is best where the hashing needs
/// few instructions: it leaves room for requests after it in the processor's window. The narrower the vectors,
/// the more the saving and loading of the state between rounds costs.
///
/// # Safety
/// The instruction sets of `V` and `K` are available.
#[inline(always)]
pub unsafe fn run<V: ItemVector, K: Lanes<Word = u64>, const SLOT: usize, const ROUNDS: usize>(
    dataset: &[[Item512; 2]],
    modulus: Modulus,
    stages: &mut Stages,
) {
    const {
        let stretches = ACCESSES as usize * (GROUP / SLOT);
        assert!(GROUP.is_multiple_of(SLOT) && Batch::<K>::ROUNDS.is_multiple_of(ROUNDS));
        assert!(stretches * ROUNDS * K::COUNT >= 2 * GROUP * Batch::<K>::ROUNDS, "every hash gets done");
    }
    assert_eq!(dataset.len(), modulus.divisor() as usize, "remainders are positions in the dataset");
    let choose = |first_seed_word: u32, access: u32, mix: &Mix| {
        let index = modulus.of(item_number(first_seed_word, access, mix));
        // SAFETY: a remainder is below the divisor, which is the dataset's length.
        let item = unsafe { dataset.get_unchecked(index as usize) };
        prefetch(&raw const item[0]);
        prefetch(&raw const item[1]);
        item
    };
    let first_words = stages.seeds.map(|seed| seed[0] as u32);
    let mut next = [&dataset[0]; GROUP];
    for (((mix, seed), next), first_word) in
        stages.mixes.0.iter_mut().zip(&stages.seeds).zip(&mut next).zip(&first_words)
    {
        *mix = [to_u32_words(seed); 2];
        *next = choose(*first_word, 0, mix);
    }
    // SAFETY: the caller's condition is the same.
    let mut hashing = unsafe {
        Hashing::<K>::begin(
            (&stages.seed_messages, &mut stages.next_seeds),
            (&stages.final_messages, &mut stages.final_hashes),
        )
    };
    for access in 1..=ACCESSES {
        let slots = stages.mixes.0.chunks_exact_mut(SLOT).zip(next.chunks_exact_mut(SLOT));
        for ((mixes, next), first_words) in slots.zip(first_words.chunks_exact(SLOT)) {
            for ((mix, next), first_word) in mixes.iter_mut().zip(next).zip(first_words) {
                for (half, item) in mix.iter_mut().zip(*next) {
                    // SAFETY: the caller's condition is the same.
                    unsafe { V::load(half).fnv1(V::load(item)).store(half) }
                }
                if access < ACCESSES {
                    *next = choose(*first_word, access, mix);
                }
            }
            // SAFETY: the caller's condition is the same.
            unsafe { hashing.advance(ROUNDS) }
        }
    }
}

/// Messages of fixed lengths and where their digests go.
type Digests<'a, const MESSAGE: usize, const DIGEST: usize> =
    (&'a [[u64; MESSAGE]; GROUP], &'a mut [[u64; DIGEST]; GROUP]);

/// Hashes `K::COUNT` messages at a time, seeds first.
struct Hashing<'a, K> {
    seeds: Digests<'a, 5, 8>,
    finals: Digests<'a, 12, 4>,
    batch: Batch<K>,
    /// Number of the first message in the batch, counted through seeds and finals.
    first: usize,
}

impl<'a, K: Lanes<Word = u64>> Hashing<'a, K> {
    /// # Safety
    /// The instruction set of `K` is available.
    #[inline(always)]
    unsafe fn begin(seeds: Digests<'a, 5, 8>, finals: Digests<'a, 12, 4>) -> Self {
        // SAFETY: the caller's condition is the same.
        let batch = unsafe { Batch::absorb::<5, 8>(&seeds.0[..K::COUNT]) };
        Self { seeds, finals, batch, first: 0 }
    }

    /// # Safety
    /// As [`Self::begin`].
    #[inline(always)]
    unsafe fn advance(&mut self, rounds: usize) {
        if self.first == 2 * GROUP {
            return;
        }
        // SAFETY: the caller's condition is the same.
        unsafe {
            self.batch.advance(rounds);
            if self.batch.is_done() {
                self.turn_over();
            }
        }
    }

    /// Puts away the digests that are done and takes in the next messages.
    ///
    /// # Safety
    /// As [`Self::begin`].
    #[inline(always)]
    unsafe fn turn_over(&mut self) {
        let done = self.first;
        self.first += K::COUNT;
        // SAFETY: the caller's condition is the same.
        unsafe {
            match done.checked_sub(GROUP) {
                None => self.batch.squeeze(&mut self.seeds.1[done..self.first]),
                Some(done) => self.batch.squeeze(&mut self.finals.1[done..done + K::COUNT]),
            }
            match self.first.checked_sub(GROUP) {
                None => self.batch = Batch::absorb::<5, 8>(&self.seeds.0[self.first..][..K::COUNT]),
                Some(first) if first < GROUP => {
                    self.batch = Batch::absorb::<12, 4>(&self.finals.0[first..][..K::COUNT]);
                }
                Some(_) => {}
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
pub mod x86 {
    use core::arch::x86_64::{__m128i, __m256i};

    use otedama_dag::{Item512, Modulus};
    use otedama_keccak::lanes::{Avx2x64, Avx512x64};

    use super::{Stages, run};

    macro_rules! kernel {
        ($name:ident, $vector:ty, $lanes:ty, $slot:literal, $rounds:literal, $features:literal) => {
            #[target_feature(enable = $features)]
            pub fn $name(dataset: &[[Item512; 2]], modulus: Modulus, stages: &mut Stages) {
                // SAFETY: the target features are enabled here.
                unsafe { run::<$vector, $lanes, $slot, $rounds>(dataset, modulus, stages) }
            }
        };
    }
    kernel!(sse41, [__m128i; 4], u64, 8, 6, "sse4.1");
    kernel!(avx2, [__m256i; 2], Avx2x64, 32, 8, "avx2");
    // Items in halves, hashing in full width: see the item vectors.
    kernel!(avx512, [__m256i; 2], Avx512x64, 8, 1, "avx512f,avx512vl");
}

#[cfg(target_arch = "aarch64")]
pub mod arm {
    use core::arch::aarch64::uint32x4_t;

    use otedama_dag::{Item512, Modulus};

    use super::{Stages, run};

    pub fn neon(dataset: &[[Item512; 2]], modulus: Modulus, stages: &mut Stages) {
        // SAFETY: NEON is part of every 64-bit Arm processor that this target names.
        unsafe { run::<[uint32x4_t; 4], u64, 8, 6>(dataset, modulus, stages) }
    }
}
