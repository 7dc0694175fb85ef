//! Search on the full dataset.

use core::ops::Range;
use std::sync::Arc;

use otedama_dag::{Dataset, Engine, Item512, Modulus};
use otedama_hash_api::{Interrupt, MixHit, MixProof};
use otedama_primitives::{Hash, U256};

use crate::hash::{compress, final_message, seed_message, to_bytes};
use crate::kernel::{self, GROUP, Kernel, Stages};

/// A way to search, named by its instruction set.
#[derive(Clone, Copy)]
pub struct Backend {
    pub name: &'static str,
    kernel: Kernel,
}

impl core::fmt::Debug for Backend {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Backend").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Backend {
    pub fn is_available(&self) -> bool {
        self.engine().is_some()
    }

    /// The engine of the same name, which needs the same instructions.
    fn engine(&self) -> Option<Engine> {
        Engine::named(self.name)
    }
}

/// Fastest first.
pub const BACKENDS: &[Backend] = &[
    #[cfg(target_arch = "x86_64")]
    Backend { name: "avx512", kernel: kernel::x86::avx512 },
    #[cfg(target_arch = "x86_64")]
    Backend { name: "avx2", kernel: kernel::x86::avx2 },
    #[cfg(target_arch = "x86_64")]
    Backend { name: "sse4.1", kernel: kernel::x86::sse41 },
    #[cfg(target_arch = "aarch64")]
    Backend { name: "neon", kernel: kernel::arm::neon },
    Backend { name: "scalar", kernel: kernel::run::<Item512, u64, 8, 6> },
];

/// One thread's searcher.
#[derive(Debug)]
pub struct Searcher {
    dataset: Arc<Dataset>,
    modulus: Modulus,
    engine: Engine,
    backend: Backend,
    stages: Box<Stages>,
}

impl Searcher {
    /// Nonces that are hashed side by side: ranges of many times as many lose little at their ends.
    pub const NONCES_AT_ONCE: usize = GROUP;

    /// None where this processor cannot run the backend.
    pub fn new(dataset: Arc<Dataset>, backend: &Backend) -> Option<Self> {
        let engine = backend.engine()?;
        let modulus = Modulus::new(dataset.epoch().dataset_items());
        Some(Self { dataset, modulus, engine, backend: *backend, stages: Box::new(Stages::EMPTY) })
    }

    /// Appends every nonce of the range whose hash is at most `target`, in ascending order, and gives how many
    /// nonces from the start of the range were tried: all of them unless interrupted.
    pub fn search(
        &mut self,
        header_hash: &Hash,
        target: &U256,
        nonces: Range<u64>,
        interrupt: &Interrupt<'_>,
        hits: &mut Vec<MixHit>,
    ) -> u64 {
        let total = nonces.end.saturating_sub(nonces.start);
        let mut tried = 0;
        let mut pending: Option<Pending> = None;
        self.take_seed_messages(header_hash, nonces.start);
        self.engine.keccak().hash_words(&self.stages.seed_messages, &mut self.stages.next_seeds);
        while tried < total && !interrupt.is_raised() {
            // Groups are always whole; what of the last one lies beyond the range is not looked at.
            let first = nonces.start + tried;
            self.stages.seeds = self.stages.next_seeds;
            self.take_seed_messages(header_hash, first.wrapping_add(GROUP as u64));
            // SAFETY: `new` made sure that this processor has the backend's instructions.
            unsafe { (self.backend.kernel)(self.dataset.items(), self.modulus, &mut self.stages) }
            if let Some(pending) = pending {
                pending.collect(&self.stages.final_hashes, target, hits);
            }
            let count = (total - tried).min(GROUP as u64);
            pending = Some(self.take_final_messages(first, count as usize));
            tried += count;
        }
        if let Some(pending) = pending {
            let Stages { final_messages, final_hashes, .. } = &mut *self.stages;
            self.engine.keccak().hash_words(final_messages, final_hashes);
            pending.collect(final_hashes, target, hits);
        }
        tried
    }

    fn take_seed_messages(&mut self, header_hash: &Hash, first: u64) {
        for (message, offset) in self.stages.seed_messages.iter_mut().zip(0..) {
            *message = seed_message(header_hash, first.wrapping_add(offset));
        }
    }

    /// Of the group just mixed, of which the first `count` nonces are wanted.
    fn take_final_messages(&mut self, first: u64, count: usize) -> Pending {
        let Stages { seeds, mixes, final_messages, .. } = &mut *self.stages;
        let mix_hashes = mixes.0.each_ref().map(compress);
        for ((message, seed), mix_hash) in final_messages.iter_mut().zip(seeds).zip(&mix_hashes) {
            *message = final_message(seed, mix_hash);
        }
        Pending { first, count, mix_hashes }
    }
}

/// A group whose final hashes are being computed.
struct Pending {
    first: u64,
    count: usize,
    mix_hashes: [[u64; 4]; GROUP],
}

impl Pending {
    fn collect(&self, final_hashes: &[[u64; 4]; GROUP], target: &U256, hits: &mut Vec<MixHit>) {
        for ((hash, mix_hash), offset) in final_hashes.iter().zip(&self.mix_hashes).zip(0..).take(self.count)
        {
            let hash = to_bytes(hash);
            if U256::from_be_bytes(hash) <= *target {
                let proof = MixProof { mix: to_bytes(mix_hash), hash };
                hits.push(MixHit { nonce: self.first + offset, proof });
            }
        }
    }
}
