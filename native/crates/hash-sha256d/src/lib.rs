//! SHA256d over block headers: search with the nonce-independent work done once, and batch hashing.
//!
//! A kernel computes only the last word of the hash, and that only as far as the zero bits the target demands;
//! what passes is hashed again by the reference and compared in full, so no shortcut can accept or lose a
//! share at the target's edge.

// SIMD kernels: each block carries its proof.
#![allow(unsafe_code)]

mod batch;
mod kernel;
#[cfg(target_arch = "x86_64")]
mod kernel_sha_ni;
mod prepared;

use otedama_hash_api::{Backend, HashError, Hit, NONCE_END, NonceRange, PowHasher};
use otedama_primitives::{BlockHeader, Hash, U256};
use otedama_sha256::{Engine, reference};

use prepared::Prepared;

/// Calls back with every nonce of the range whose hash may meet the target, in ascending order.
type SearchKernel = fn(&Prepared, NonceRange, &mut dyn FnMut(u32));

/// Fastest first, as measured on processors that have several of them.
pub const BACKENDS: &[Backend] = &[
    #[cfg(target_arch = "x86_64")]
    Backend {
        name: "avx512",
        is_available: || is_x86_feature_detected!("avx512f"),
        create: || create("avx512", kernel::avx512),
    },
    #[cfg(target_arch = "x86_64")]
    Backend {
        name: "sha-ni",
        is_available: otedama_sha256::sha_ni::is_available,
        create: || create("sha-ni", kernel_sha_ni::search),
    },
    #[cfg(target_arch = "x86_64")]
    Backend {
        name: "avx2",
        is_available: || is_x86_feature_detected!("avx2"),
        create: || create("avx2", kernel::avx2),
    },
    #[cfg(target_arch = "x86_64")]
    Backend { name: "sse2", is_available: || true, create: || create("sse2", kernel::sse2) },
    #[cfg(target_arch = "aarch64")]
    Backend {
        name: "armv8-sha2",
        is_available: otedama_sha256::armv8::is_available,
        create: || create("armv8-sha2", kernel::armv8),
    },
    #[cfg(target_arch = "aarch64")]
    Backend {
        name: "neon",
        is_available: || std::arch::is_aarch64_feature_detected!("neon"),
        create: || create("neon", kernel::neon),
    },
    Backend { name: "scalar", is_available: || true, create: || create("scalar", kernel::scalar) },
];

fn create(name: &'static str, kernel: SearchKernel) -> Result<Box<dyn PowHasher>, HashError> {
    let engine = Engine::available().into_iter().find(|engine| engine.name() == name);
    let engine = engine.expect("a backend's instruction set brings the engine of the same name");
    Ok(Box::new(Sha256dHasher { engine, kernel }))
}

struct Sha256dHasher {
    engine: Engine,
    kernel: SearchKernel,
}

impl PowHasher for Sha256dHasher {
    fn lanes(&self) -> usize {
        self.engine.lanes()
    }

    fn search(&mut self, header: &BlockHeader, target: &U256, nonces: NonceRange, hits: &mut Vec<Hit>) {
        assert!(nonces.end <= NONCE_END, "nonces have 32 bits");
        let prepared = Prepared::new(header, target);
        (self.kernel)(&prepared, nonces, &mut |nonce| {
            let hash = reference::sha256d(header.with_nonce(nonce).as_bytes());
            if U256::from_le_bytes(&hash) <= *target {
                hits.push(Hit { nonce, hash });
            }
        });
    }

    fn hash_headers(&mut self, headers: &[BlockHeader], hashes: &mut [Hash]) {
        batch::hash_headers(&self.engine, headers, hashes);
    }
}
