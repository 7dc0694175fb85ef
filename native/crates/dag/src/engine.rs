//! Computes items of the dataset from a light cache, many side by side: each parent read depends on the one
//! before it, so a single item is nothing but waiting for memory.

use otedama_keccak::Engine as Keccak;

use crate::items::{Aligned, Item512, ItemVector, Modulus, fnv1, prefetch, to_u32_words, to_u64_words};

/// Items computed side by side: enough that the reads of all the others fill the wait for one's, while their
/// mixes stay in the first-level cache. More gain nothing.
pub const ITEMS_AT_ONCE: usize = 96;

/// The light cache as the mixing kernels read it.
#[derive(Clone, Copy, Debug)]
pub struct Parents<'a> {
    cache: &'a [Item512],
    /// Its divisor is the number of items in `cache`.
    modulus: Modulus,
    /// Parents of each item.
    count: u32,
}

impl<'a> Parents<'a> {
    pub fn new(cache: &'a [Item512], modulus: Modulus, count: u32) -> Self {
        assert_eq!(cache.len(), modulus.divisor() as usize, "remainders are positions in the cache");
        Self { cache, modulus, count }
    }

    #[inline(always)]
    fn get(&self, number: u32) -> &'a Item512 {
        // SAFETY: `Modulus::of` is below the divisor, which is the cache's length.
        unsafe { self.cache.get_unchecked(self.modulus.of(number) as usize) }
    }
}

/// Mixes the parents of item `indexes[i]` into `mixes[i]`: at most [`ITEMS_AT_ONCE`] of each, equally many.
type MixParents = unsafe fn(Parents<'_>, &[u32], &mut [Item512]);

/// A way to compute items that is known to run on this processor.
#[derive(Clone, Copy)]
pub struct Engine {
    name: &'static str,
    keccak: Keccak,
    mix_parents: MixParents,
}

impl core::fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Engine").field("name", &self.name).finish_non_exhaustive()
    }
}

/// An engine before it is known to run here.
struct Candidate {
    name: &'static str,
    /// The Keccak engine that it hashes with, which has to be available too.
    keccak: &'static str,
    is_available: fn() -> bool,
    mix_parents: MixParents,
}

/// Fastest first. On x86 the Keccak engine of the same name needs the same instructions.
const CANDIDATES: &[Candidate] = &[
    #[cfg(target_arch = "x86_64")]
    Candidate { name: "avx512", keccak: "avx512", is_available: || true, mix_parents: x86::avx512 },
    #[cfg(target_arch = "x86_64")]
    Candidate { name: "avx2", keccak: "avx2", is_available: || true, mix_parents: x86::avx2 },
    #[cfg(target_arch = "x86_64")]
    Candidate {
        name: "sse4.1",
        keccak: "scalar",
        is_available: || is_x86_feature_detected!("sse4.1"),
        mix_parents: x86::sse41,
    },
    #[cfg(target_arch = "aarch64")]
    Candidate { name: "neon", keccak: "scalar", is_available: || true, mix_parents: arm::neon },
    Candidate {
        name: "scalar",
        keccak: "scalar",
        is_available: || true,
        mix_parents: mix_parents::<Item512>,
    },
];

impl Engine {
    /// Every engine of this processor, fastest first.
    pub fn available() -> Vec<Self> {
        let candidates = CANDIDATES.iter().filter(|candidate| (candidate.is_available)());
        let engine = |&Candidate { name, keccak, mix_parents, .. }: &Candidate| {
            Some(Self { name, keccak: Keccak::named(keccak)?, mix_parents })
        };
        candidates.filter_map(engine).collect()
    }

    pub fn fastest() -> Self {
        Self::available()[0]
    }

    /// None when there is no such engine or this processor lacks its instructions.
    pub fn named(name: &str) -> Option<Self> {
        Self::available().into_iter().find(|engine| engine.name == name)
    }

    pub const fn name(&self) -> &'static str {
        self.name
    }

    pub const fn keccak(&self) -> &Keccak {
        &self.keccak
    }

    /// Item `indexes[i]` of the dataset into `items[i]`.
    pub fn compute(&self, parents: Parents<'_>, indexes: &[u32], items: &mut [Item512]) {
        assert_eq!(indexes.len(), items.len(), "one item for each index");
        for (indexes, items) in indexes.chunks(ITEMS_AT_ONCE).zip(items.chunks_mut(ITEMS_AT_ONCE)) {
            let mut scratch = Aligned([[0; 16]; ITEMS_AT_ONCE]);
            let mixes = &mut scratch.0[..items.len()];
            for (mix, index) in mixes.iter_mut().zip(indexes) {
                *mix = *parents.get(*index);
                mix[0] ^= index;
            }
            self.keccak512_in_place(mixes);
            // SAFETY: the engine is only handed out where its instruction set was detected.
            unsafe { (self.mix_parents)(parents, indexes, mixes) }
            self.keccak512_in_place(mixes);
            items.copy_from_slice(mixes);
        }
    }

    /// Keccak-512 of each of at most [`ITEMS_AT_ONCE`] items.
    fn keccak512_in_place(&self, items: &mut [Item512]) {
        let mut messages = [[0u64; 8]; ITEMS_AT_ONCE];
        let mut digests = [[0u64; 8]; ITEMS_AT_ONCE];
        let count = items.len();
        for (message, item) in messages.iter_mut().zip(&*items) {
            *message = to_u64_words(item);
        }
        self.keccak.hash_words(&messages[..count], &mut digests[..count]);
        for (item, digest) in items.iter_mut().zip(&digests) {
            *item = to_u32_words(digest);
        }
    }
}

/// # Safety
/// The instruction set of `V` is available.
#[inline(always)]
unsafe fn mix_parents<V: ItemVector>(parents: Parents<'_>, indexes: &[u32], mixes: &mut [Item512]) {
    // Each item's next parent is chosen and asked for as soon as its mix is known; by the time the loop comes
    // back to the item it has arrived.
    let mut next = [&parents.cache[0]; ITEMS_AT_ONCE];
    let choose = |index: u32, step: u32, mix: &Item512| {
        let parent = parents.get(fnv1(index ^ step, mix[step as usize % mix.len()]));
        prefetch(parent);
        parent
    };
    for ((next, index), mix) in next.iter_mut().zip(indexes).zip(&*mixes) {
        *next = choose(*index, 0, mix);
    }
    for step in 1..=parents.count {
        for ((next, index), mix) in next.iter_mut().zip(indexes).zip(&mut *mixes) {
            // SAFETY: the caller's condition is the same.
            unsafe { V::load(mix).fnv1(V::load(next)).store(mix) }
            // The last choice is not used; sparing it would cost the loop a condition.
            *next = choose(*index, step, mix);
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use core::arch::x86_64::{__m128i, __m256i};

    use super::{Parents, mix_parents};
    use crate::items::Item512;

    macro_rules! entry {
        ($name:ident, $vector:ty, $features:literal) => {
            #[target_feature(enable = $features)]
            pub fn $name(parents: Parents<'_>, indexes: &[u32], mixes: &mut [Item512]) {
                // SAFETY: the target features are enabled here.
                unsafe { mix_parents::<$vector>(parents, indexes, mixes) }
            }
        };
    }
    entry!(sse41, [__m128i; 4], "sse4.1");
    entry!(avx2, [__m256i; 2], "avx2");
    // The width of the vectors is the same: what differs is the engine's Keccak.
    entry!(avx512, [__m256i; 2], "avx512f,avx512vl");
}

#[cfg(target_arch = "aarch64")]
mod arm {
    use core::arch::aarch64::uint32x4_t;

    use super::{Parents, mix_parents};
    use crate::items::Item512;

    pub fn neon(parents: Parents<'_>, indexes: &[u32], mixes: &mut [Item512]) {
        // SAFETY: NEON is part of every 64-bit Arm processor that this target names.
        unsafe { mix_parents::<[uint32x4_t; 4]>(parents, indexes, mixes) }
    }
}
