use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use otedama_dag::{KAWPOW, LightCache};
use otedama_hash_api::{Algorithm, HashError, MixProof, Progress};
use otedama_hash_ethash as ethash;
use otedama_hash_kawpow as kawpow;
use otedama_hash_randomx as randomx;
use otedama_memory::PageReport;
use otedama_primitives::Hash;

use crate::Key;

/// What judging needs, and the right answers to one question for those who prove themselves before they work.
#[derive(Debug)]
pub struct Light {
    pub kind: LightKind,
    /// By variant for RandomX, the first one for the others.
    answers: [OnceLock<Answer>; 2],
    /// Whether the kernels that judge from this cache have answered right.
    proved: AtomicBool,
}

#[derive(Clone, Debug)]
pub enum LightKind {
    Ethash(Arc<LightCache>),
    KawPow(Arc<kawpow::Context>),
    RandomX(Arc<randomx::Cache>),
}

/// The question: a header hash of these bytes, or a blob of them with the nonce after the first four.
pub const QUESTION: Hash = *b"is this processor computing well";
pub const QUESTION_NONCE: u32 = 0x0bad_cafe;
pub const QUESTION_NONCE_OFFSET: usize = 4;

/// What the plain reference implementation answers.
pub type Answer = MixProof;

impl Light {
    pub(crate) fn build(key: Key, progress: &Progress) -> Result<Self, HashError> {
        let kind = match key {
            Key::Seed(seed) => LightKind::RandomX(randomx::Cache::build(seed, None, progress)?),
            Key::Epoch(epoch) => {
                let cache = Arc::new(LightCache::build(epoch, progress)?);
                if *epoch.rules() == KAWPOW {
                    LightKind::KawPow(Arc::new(kawpow::Context::new(cache)))
                } else {
                    LightKind::Ethash(cache)
                }
            }
        };
        Ok(Self { kind, answers: [OnceLock::new(), OnceLock::new()], proved: AtomicBool::new(false) })
    }

    /// The block number of the question: KawPow's program follows from it.
    pub fn question_block(&self) -> u32 {
        match &self.kind {
            LightKind::Ethash(cache) => cache.epoch().first_block() as u32,
            LightKind::KawPow(context) => context.cache().epoch().first_block() as u32,
            LightKind::RandomX(_) => 0,
        }
    }

    /// Computed once, by the slow reference: RandomX takes some tenths of a second.
    pub fn answer(&self, algorithm: Algorithm) -> Result<Answer, HashError> {
        let cell = &self.answers[usize::from(algorithm == Algorithm::RandomXV2)];
        if let Some(answer) = cell.get() {
            return Ok(*answer);
        }
        let answer = match &self.kind {
            LightKind::Ethash(_) | LightKind::KawPow(_) => {
                seal_reference(self, &QUESTION, self.question_block(), u64::from(QUESTION_NONCE))
            }
            LightKind::RandomX(_) => {
                let mut blob = QUESTION;
                blob[QUESTION_NONCE_OFFSET..][..4].copy_from_slice(&QUESTION_NONCE.to_le_bytes());
                MixProof { mix: [0; 32], hash: blob_reference(algorithm, self, &blob)? }
            }
        };
        Ok(*cell.get_or_init(|| answer))
    }

    pub fn is_proved(&self) -> bool {
        self.proved.load(Ordering::Relaxed)
    }

    pub fn set_proved(&self) {
        self.proved.store(true, Ordering::Relaxed);
    }

    /// What pages it lies on.
    pub fn pages(&self) -> &PageReport {
        match &self.kind {
            LightKind::Ethash(cache) => cache.region().had(),
            LightKind::KawPow(context) => context.cache().region().had(),
            LightKind::RandomX(cache) => cache.pages(),
        }
    }
}

/// A proof of the Ethash family by plain scalar code; zeros for RandomX, which has none.
pub fn seal_reference(light: &Light, header_hash: &Hash, block_number: u32, nonce: u64) -> MixProof {
    match &light.kind {
        LightKind::Ethash(cache) => ethash::reference::light_hash(cache, header_hash, nonce),
        LightKind::KawPow(context) => {
            kawpow::light_hash(&context.reference(), header_hash, block_number, nonce)
        }
        LightKind::RandomX(_) => MixProof::default(),
    }
}

/// A hash of RandomX by interpretation; zeros for the Ethash family, which hashes no blobs.
pub fn blob_reference(algorithm: Algorithm, light: &Light, blob: &[u8]) -> Result<Hash, HashError> {
    let LightKind::RandomX(cache) = &light.kind else { return Ok([0; 32]) };
    let variant = match algorithm {
        Algorithm::RandomXV2 => randomx::Variant::V2,
        _ => randomx::Variant::V1,
    };
    let backend = randomx::Backend::from_name("interpreter").expect("the interpreter runs everywhere");
    Ok(randomx::Hasher::new(Arc::clone(cache), variant, backend)?.hash(blob))
}
