//! scrypt(N=1024, r=1, p=1) over block headers: several hashes side by side, each in its own 128 KiB.
//!
//! A hash is cheap arithmetic between reads that depend on it, so the backends interleave independent hashes
//! until the arithmetic of one hides the latency of the others, and no further: much of the lanes' memory
//! together has to stay in the second-level cache of a core.

// SIMD kernels on raw scratch memory: each block carries its proof.
#![allow(unsafe_code)]

mod pbkdf2;
pub mod reference;
mod romix;
#[cfg(target_arch = "x86_64")]
mod rounds_x86;
mod salsa;
#[cfg(target_arch = "aarch64")]
mod salsa_neon;
#[cfg(target_arch = "x86_64")]
mod salsa_x86;
mod scratch;

use otedama_hash_api::{Backend, HashError, Hit, NONCE_END, NonceRange, PowHasher};
use otedama_primitives::{BlockHeader, Hash, U256};
use otedama_sha256::{Engine, INITIAL_STATE, State};

use pbkdf2::{Derivation, MAX_LANES};
use romix::{Block, Kernel};
use scratch::Scratch;

pub const BACKENDS: &[Backend] = &[
    #[cfg(target_arch = "x86_64")]
    Backend {
        name: "avx512",
        is_available: || is_x86_feature_detected!("avx512f"),
        create: || ScryptHasher::create(romix::AVX512),
    },
    #[cfg(target_arch = "x86_64")]
    Backend {
        name: "avx2",
        is_available: || is_x86_feature_detected!("avx2"),
        create: || ScryptHasher::create(romix::AVX2),
    },
    #[cfg(target_arch = "x86_64")]
    Backend { name: "sse2", is_available: || true, create: || ScryptHasher::create(romix::SSE2) },
    #[cfg(target_arch = "aarch64")]
    Backend {
        name: "neon",
        is_available: || std::arch::is_aarch64_feature_detected!("neon"),
        create: || ScryptHasher::create(romix::NEON),
    },
    Backend { name: "scalar", is_available: || true, create: || ScryptHasher::create(romix::SCALAR) },
];

struct ScryptHasher {
    kernel: Kernel,
    engine: Engine,
    scratch: Scratch,
}

impl ScryptHasher {
    fn create(kernel: Kernel) -> Result<Box<dyn PowHasher>, HashError> {
        let scratch = Scratch::allocate(kernel.lanes * romix::SCRATCH_BYTES)?;
        let mut engines = Engine::available().into_iter();
        let engine = engines.find(|engine| engine.lanes() <= kernel.lanes);
        Ok(Box::new(Self { kernel, engine: engine.expect("the scalar engine has one lane"), scratch }))
    }

    /// Hashes at most `lanes` headers given with the states after their first 64 bytes.
    fn hash_group(&mut self, headers: &[BlockHeader], midstates: &[State], hashes: &mut [Hash]) {
        let lanes = self.kernel.lanes;
        let mut blocks = [[0u32; 32]; MAX_LANES];
        let derivation = Derivation::start(&self.engine, headers, midstates, &mut blocks);
        // Idle lanes of a part-filled group run on zeros.
        (self.kernel.run)(&mut self.scratch, &mut blocks[..lanes]);
        derivation.finish(&self.engine, &blocks, hashes);
    }
}

impl PowHasher for ScryptHasher {
    fn lanes(&self) -> usize {
        self.kernel.lanes
    }

    fn search(&mut self, header: &BlockHeader, target: &U256, nonces: NonceRange, hits: &mut Vec<Hit>) {
        assert!(nonces.end <= NONCE_END, "nonces have 32 bits");
        let mut midstate = INITIAL_STATE;
        self.engine.compress(&mut midstate, header.first_block());
        let midstates = [midstate; MAX_LANES];
        let lanes = self.kernel.lanes as u64;
        let mut base = nonces.start;
        while base < nonces.end {
            let count = lanes.min(nonces.end - base) as usize;
            let headers: [BlockHeader; MAX_LANES] =
                core::array::from_fn(|lane| header.with_nonce((base as u32).wrapping_add(lane as u32)));
            let mut hashes = [[0u8; 32]; MAX_LANES];
            self.hash_group(&headers[..count], &midstates[..count], &mut hashes[..count]);
            for (header, hash) in headers.iter().zip(hashes).take(count) {
                if U256::from_le_bytes(&hash) <= *target {
                    hits.push(Hit { nonce: header.nonce(), hash });
                }
            }
            base += lanes;
        }
    }

    fn hash_headers(&mut self, headers: &[BlockHeader], hashes: &mut [Hash]) {
        assert_eq!(headers.len(), hashes.len(), "one hash for each header");
        let lanes = self.kernel.lanes;
        for (headers, hashes) in headers.chunks(lanes).zip(hashes.chunks_mut(lanes)) {
            let mut midstates = [INITIAL_STATE; MAX_LANES];
            let mut blocks = [[0u8; 64]; MAX_LANES];
            for (block, header) in blocks.iter_mut().zip(headers) {
                *block = *header.first_block();
            }
            let midstates = &mut midstates[..headers.len()];
            self.engine.compress_many(midstates, &blocks[..headers.len()]);
            self.hash_group(headers, midstates, hashes);
        }
    }
}

/// Copies a 128-byte block between SHA-256's words and salsa's, which read the same bytes the other way round.
fn swap_words(block: &Block) -> Block {
    block.map(u32::swap_bytes)
}
