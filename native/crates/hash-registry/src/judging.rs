use std::sync::Arc;

use otedama_contexts::{Full, FullKind, Light, LightKind, QUESTION, QUESTION_NONCE};
use otedama_dag::Engine;
use otedama_hash_api::{Algorithm, HashError, MixProof};
use otedama_hash_ethash as ethash;
use otedama_hash_kawpow as kawpow;
use otedama_hash_randomx as randomx;
use otedama_primitives::Hash;

use crate::{Selection, self_test, unavailable, variant};

/// A claimed proof of the Seal family, without its mix.
#[derive(Clone, Copy, Debug)]
pub struct SealShare {
    pub header_hash: Hash,
    pub block_number: u32,
    pub nonce: u64,
}

/// The true proofs, from the light cache; many at once are faster than one by one. RandomX's cache proves
/// nothing of the kind and leaves them as they are.
pub fn seal_proofs(light: &Light, shares: &[SealShare], proofs: &mut [MixProof]) {
    match &light.kind {
        LightKind::Ethash(cache) => {
            let shares: Vec<_> = shares.iter().map(|share| (share.header_hash, share.nonce)).collect();
            ethash::light_hash_many(cache, &Engine::fastest(), &shares, proofs);
        }
        LightKind::KawPow(context) => {
            let share = |share: &SealShare| kawpow::Share {
                header_hash: share.header_hash,
                height: share.block_number,
                nonce: share.nonce,
            };
            let shares: Vec<_> = shares.iter().map(share).collect();
            kawpow::light_hash_many(context, &shares, proofs);
        }
        LightKind::RandomX(_) => {}
    }
}

/// The final hash that a claimed mix leads to.
pub fn seal_final_hash(algorithm: Algorithm, share: &SealShare, mix: &Hash) -> Hash {
    match algorithm {
        Algorithm::KawPow => kawpow::final_hash(&share.header_hash, share.nonce, mix),
        _ => ethash::final_hash(&share.header_hash, share.nonce, mix),
    }
}

/// Has the kernels that judge from a light cache answer what the reference answers, once for each cache.
pub fn prove_light(selection: Selection, light: &Light) -> Result<(), HashError> {
    if light.is_proved() {
        return Ok(());
    }
    let Selection { algorithm, backend } = selection;
    let share = SealShare {
        header_hash: QUESTION,
        block_number: light.question_block(),
        nonce: u64::from(QUESTION_NONCE),
    };
    // More than one, so that every lane is at work.
    let mut proofs = [MixProof::default(); 16];
    seal_proofs(light, &[share; 16], &mut proofs);
    if proofs != [light.answer(algorithm)?; 16] {
        return Err(HashError::SelfTestFailed { algorithm, backend, case: "light verification" });
    }
    light.set_proved();
    Ok(())
}

/// Hashes blobs, one thread's.
#[derive(Debug)]
pub struct BlobHasher(randomx::Hasher);

impl BlobHasher {
    /// Hash i of blob i.
    pub fn hash_many(&mut self, blobs: &[&[u8]], hashes: &mut [Hash]) {
        self.0.hash_many(blobs, hashes);
    }
}

/// A hasher of the Blob family, from the dataset if there is one, that has given the right answer.
pub fn blob_hasher(
    selection: Selection,
    light: &Light,
    full: Option<&Full>,
) -> Result<BlobHasher, HashError> {
    let backend = randomx::Backend::from_name(selection.backend).ok_or_else(|| unavailable(selection))?;
    let variant = variant(selection.algorithm);
    let hasher = match (full.map(|full| &full.kind), &light.kind) {
        (Some(FullKind::RandomX(copies)), _) => {
            randomx::Hasher::new(Arc::clone(copies.near(None)), variant, backend)?
        }
        (None, LightKind::RandomX(cache)) => randomx::Hasher::new(Arc::clone(cache), variant, backend)?,
        _ => return Err(unavailable(selection)),
    };
    let mut hasher = BlobHasher(hasher);
    self_test::blob(selection, &mut hasher, light)?;
    Ok(hasher)
}
